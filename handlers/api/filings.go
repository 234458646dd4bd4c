package api

import (
	"context"
	"errors"
	"net/http"
	"slices"
	"strings"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
)

// Filing is a half-done form of a data subject. Its id is the filer's secret:
// it is in a cookie only, the same as the pages use.
type Filing struct {
	Organisation string          `json:"organisation"`
	Controllers  []NamedParty    `json:"controllers" doc:"For whom the organisation processes: the choices for controller, beside itself"`
	Text         *FilingText     `json:"text,omitempty"` // absent once it was sent
	Files        []StoredFile    `json:"files"`
	Sent         bool            `json:"sent"`
	Errors       []respond.Field `json:"errors" doc:"What it cannot be sent without"`
}

// NamedParty is an organisation with its name.
type NamedParty struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

type filingOut struct{ Body Filing }

const filingTag = "Filing a request"

func (a *API) mountFilings() {
	public := func(id, method, path, summary, entry string, status int) route {
		return route{ID: id, Method: method, Path: path, Summary: summary, Tag: filingTag, Status: status, Entry: entry}
	}
	start := public("start-filing", http.MethodPost, "/filing", "Begin a form; its secret is set as a cookie", silent, http.StatusCreated)
	start.About = "Nobody needs an account to file. A form that is not sent is erased after seven days. It takes no idempotency key, because a form that was begun twice files nothing: sending one any number of times makes one request."
	handle(a, start, a.startFiling)
	handle(a, public("read-filing", http.MethodGet, "/filing", "The form as it is", silent, 0), a.readFiling)
	handle(a, public("fill-filing", http.MethodPut, "/filing", "Fill the form in, whole", silent, 0), a.fillFiling)
	file := public("add-filing-file", http.MethodPost, "/filing/files", "Add a file to the form", silent, http.StatusCreated)
	file.Takes, file.About = true, aboutUpload
	handle(a, file, a.addFilingFile)
	handle(a, public("remove-filing-file", http.MethodDelete, "/filing/files/{file}", "Take a file out of the form", silent, http.StatusNoContent), a.removeFilingFile)
	send := public("send-filing", http.MethodPost, "/filing/send", "Send the form; a code goes to the e-mail address", "request.file", http.StatusAccepted)
	send.About = "Nothing reaches anybody before the code is given back. Sending again makes nothing new and sends a new code."
	handle(a, send, a.sendFiling)
	handle(a, public("readdress-filing", http.MethodPut, "/filing/email", "Correct the e-mail address of a form that was sent; a code goes there", "request.readdress", http.StatusAccepted), a.readdressFiling)
	confirm := public("confirm-filing", http.MethodPost, "/filing/confirm", "Give the code back: the request is received, and you are signed in for it", "request.confirm", 0)
	confirm.About = "The session follows requests. Downloading personal data needs a second factor besides, which is set up on the page of the request."
	handle(a, confirm, a.confirmFiling)
	later := public("save-filing", http.MethodPost, "/filing/later", "Send the link with which the form goes on, on this device or another", "link.issue", http.StatusAccepted)
	later.About = "To the e-mail address that stands in the form."
	handle(a, later, a.saveFiling)
	handle(a, public("resume-filing", http.MethodPost, "/filing/resume", "Go on with a form by the link of the letter, which works once", "link.use", 0), a.resumeFiling)
	a.mountLinks()
}

type startIn struct {
	Body struct {
		Organisation string `json:"organisation" maxLength:"64" doc:"Its id, or the name of its start page"`
		Language     string `json:"language,omitempty" enum:"nl,en"`
	}
}

func (a *API) startFiling(ctx context.Context, _ identity.Actor, in *startIn) (*filingOut, error) {
	org, err := a.party(ctx, in.Body.Organisation)
	if err != nil {
		return nil, err
	}
	d, err := a.Requests.StartDraft(ctx, requests.Filing{Organisation: org.ID, Language: in.Body.Language})
	if err != nil {
		return nil, err
	}
	a.Cookies.Set(callOf(ctx).fiber, session.DraftCookie, d.ID, requests.DraftLife)
	return a.filing(ctx, d.ID)
}

// own is the id of the form that the caller fills in.
func (a *API) own(ctx context.Context) string {
	return a.Cookies.Get(callOf(ctx).fiber, session.DraftCookie)
}

func (a *API) readFiling(ctx context.Context, _ identity.Actor, _ *nothing) (*filingOut, error) {
	return a.filing(ctx, a.own(ctx))
}

func (a *API) filing(ctx context.Context, id string) (*filingOut, error) {
	d, f, err := a.Requests.Draft(ctx, id)
	if err != nil {
		return nil, err
	}
	out := Filing{Organisation: d.Organisation, Controllers: []NamedParty{}, Files: []StoredFile{}, Sent: d.Submitted, Errors: []respond.Field{}}
	if d.Submitted {
		return &filingOut{out}, nil
	}
	if out.Controllers, err = a.controllers(ctx, d.Organisation); err != nil {
		return nil, err
	}
	named, err := a.Requests.DraftFiles(ctx, d)
	if err != nil {
		return nil, err
	}
	text := textOf(f)
	out.Files, out.Text = storedFiles(named), &text
	var wrong *fault.Error
	if errors.As(f.Check(), &wrong) {
		for _, field := range wrong.Fields {
			out.Errors = append(out.Errors, respond.Field{Name: field.Name, Detail: (&fault.Error{Text: field.Text, Args: field.Args}).Error()})
		}
	}
	return &filingOut{out}, nil
}

func textOf(f requests.Filing) FilingText {
	t := FilingText{Controller: f.Controller, About: f.About, Items: []AskedItem{}, Person: filerOf(f.Person), Language: f.Language}
	for _, r := range f.Rights {
		t.Items = append(t.Items, askedItem(r, f.Asked[r]))
	}
	return t
}

// controllers are the organisations for which one processes, each once.
func (a *API) controllers(ctx context.Context, processor string) ([]NamedParty, error) {
	served, err := a.Agreements.OfProcessor(ctx, processor, a.Now())
	if err != nil {
		return nil, err
	}
	all := []NamedParty{}
	for _, one := range served {
		if slices.ContainsFunc(all, func(p NamedParty) bool { return p.ID == one.Controller }) {
			continue
		}
		o, err := a.Identity.Organisation(ctx, one.Controller)
		if err != nil {
			return nil, err
		}
		all = append(all, NamedParty{ID: o.ID, Name: o.Name})
	}
	return all, nil
}

type fillIn struct{ Body FilingText }

func (a *API) fillFiling(ctx context.Context, _ identity.Actor, in *fillIn) (*filingOut, error) {
	id := a.own(ctx)
	d, _, err := a.Requests.Draft(ctx, id)
	if err != nil {
		return nil, err
	}
	f := in.Body.filing(d.Organisation)
	f.Person.Email = strings.TrimSpace(f.Person.Email)
	if err := a.chosen(ctx, &f); err != nil {
		return nil, err
	}
	if err := a.Requests.SaveDraft(ctx, id, f); err != nil {
		return nil, err
	}
	return a.filing(ctx, id)
}

// chosen refuses a controller for which the organisation does not work.
func (a *API) chosen(ctx context.Context, f *requests.Filing) error {
	if f.Controller == "" || f.Controller == f.Organisation {
		return nil
	}
	_, err := a.Agreements.Between(ctx, f.Controller, f.Organisation, a.Now())
	if fault.KindOf(err) == fault.NotFound {
		return fault.New(fault.Invalid, "Some answers need another look.").At("controller", "Choose an organisation from the list, or say that you do not know.")
	}
	return err
}

type filingFileIn struct{ NamedBody }

func (a *API) addFilingFile(ctx context.Context, by identity.Actor, in *filingFileIn) (*fileOut, error) {
	id := a.own(ctx)
	return a.receive(ctx, by, in.Key, "add-filing-file/"+id, func(u requests.Upload) (requests.File, error) {
		if err := a.Identity.MaySendFile(ctx, address(ctx)); err != nil {
			return requests.File{}, err
		}
		return a.Requests.AttachToDraft(ctx, id, u)
	})
}

type filingFile struct {
	File string `path:"file" maxLength:"64"`
}

func (a *API) removeFilingFile(ctx context.Context, _ identity.Actor, in *filingFile) (*done, error) {
	id := a.own(ctx)
	d, _, err := a.Requests.Draft(ctx, id)
	if err != nil {
		return nil, err
	}
	if !slices.ContainsFunc(d.Files, func(f requests.File) bool { return f.ID == in.File }) {
		return nil, requests.ErrNotFound
	}
	return nil, a.Requests.DetachFromDraft(ctx, id, in.File)
}

func (a *API) sendFiling(ctx context.Context, _ identity.Actor, _ *nothing) (*done, error) {
	id := a.own(ctx)
	var place identity.Admitted
	r, err := a.Requests.SubmitAdmitted(ctx, id, a.counted(ctx, id, &place))
	if err != nil {
		return nil, err
	}
	return nil, a.sendCode(ctx, r.ID, place)
}

// counted takes a place for the code to an address before anything is made for it.
func (a *API) counted(ctx context.Context, id string, place *identity.Admitted) func(string) error {
	return func(email string) (err error) {
		*place, err = a.Identity.AdmitCode(ctx, identity.CodeRequest{Purpose: requests.ConfirmPurpose, Object: id, Email: email, Address: address(ctx)})
		return err
	}
}

// sendCode sends the code that proves the address of a form that was sent.
func (a *API) sendCode(ctx context.Context, id string, place identity.Admitted) error {
	r, p, err := a.Requests.Unproven(ctx, id)
	if err != nil {
		return err
	}
	return a.Identity.SendAdmitted(ctx, confirmation(ctx, r, p), place)
}

func confirmation(ctx context.Context, r requests.Request, p requests.Person) identity.CodeRequest {
	return identity.CodeRequest{Purpose: requests.ConfirmPurpose, Object: r.ID, Email: p.Email, Language: r.Language, Address: address(ctx)}
}

// address is the network address of the caller.
func address(ctx context.Context) string {
	at, _ := callOf(ctx).fiber.Locals("address").(string)
	return at
}

type readdressIn struct {
	Body struct {
		Email string `json:"email" maxLength:"254"`
	}
}

func (a *API) readdressFiling(ctx context.Context, _ identity.Actor, in *readdressIn) (*done, error) {
	id := a.own(ctx)
	var place identity.Admitted
	if err := a.Requests.ReaddressAdmitted(ctx, id, in.Body.Email, a.counted(ctx, id, &place)); err != nil {
		return nil, err
	}
	return nil, a.sendCode(ctx, id, place)
}

func (a *API) confirmFiling(ctx context.Context, _ identity.Actor, in *codeIn) (*requestOut, error) {
	r, p, err := a.Requests.Unproven(ctx, a.own(ctx))
	if err != nil {
		return nil, err
	}
	proof, err := a.Identity.CheckCode(ctx, confirmation(ctx, r, p), in.Body.Code)
	if err != nil {
		return nil, err
	}
	entry, err := a.Identity.StartSubject(ctx, proof, asks(p), r.Language)
	if err != nil {
		return nil, err
	}
	if r, err = a.Requests.Confirm(ctx, entry.Actor, r.ID, proof); err != nil {
		return nil, err
	}
	a.Cookies.Start(callOf(ctx).fiber, entry.Token)
	return &requestOut{a.facts(entry.Actor, r)}, nil
}

// asks is the name of whoever files: the person, or who acts for them.
func asks(p requests.Person) string {
	if p.Representative != nil {
		return p.Representative.Name
	}
	return p.Name
}
