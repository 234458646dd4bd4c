package api

import (
	"context"
	"errors"
	"net/http"

	"github.com/danielgtaylor/huma/v2"

	"inzage/handlers/access"
	"inzage/handlers/respond"
	"inzage/services/identity"
	"inzage/services/requests"
)

const mineTag = "Your own requests"

// The data subject's own routes let in who has proven the address, and no
// more: what gives data away asks for the second factor in the service.
func (a *API) mountMine() {
	mine := func(id, method, path, summary, entry string) route {
		r := route{ID: id, Method: method, Path: "/my/requests" + path, Summary: summary, Tag: mineTag, Roles: []identity.Role{identity.Subject}, Half: true, Entry: entry}
		if path != "" {
			r.By = bySubject
		}
		return r
	}
	handle(a, mine("list-my-requests", http.MethodGet, "", "Every request that you sent with your e-mail address, the newest first", silent), a.listMine)
	handle(a, mine("read-my-request", http.MethodGet, "/{id}", "Your request, what was said since, and its deadline", "request.read"), a.readMine)
	add := mine("add-to-my-request", http.MethodPost, "/{id}/additions", "Add something to your request", "request.add")
	add.Status = http.StatusCreated
	handle(a, add, a.addToMine)
	file := mine("add-my-file", http.MethodPost, "/{id}/files", "Add a file to your request", "request.add")
	file.Status, file.Takes, file.About = http.StatusCreated, true, aboutUpload
	handle(a, file, a.addMyFile)
	answer := mine("answer-identity", http.MethodPost, "/{id}/identity", "Answer the question who you are", "request.answer_identity")
	answer.About = "Add files first, and say so in the words. Send no more than is asked."
	handle(a, answer, a.answerIdentity)
	handle(a, mine("withdraw-my-request", http.MethodPost, "/{id}/withdraw", "Withdraw your request", "request.withdraw"), a.withdrawMine)
	a.mountAddress(mine)
	handle(a, mine("renew-my-files", http.MethodPost, "/{id}/renew", "Make your files available for another seven days", "request.renew"), a.renewMine)
	get := mine("download-my-file", http.MethodGet, "/{id}/files/{file}", "Download a file of the answer", "request.download")
	get.Half, get.Gives, get.Fresh = false, anyFile, access.AtDeed
	get.About = "Needs both factors, the second not older than five minutes. After seven days the answer is 410 until you renew."
	handle(a, get, a.downloadMine)
}

type mineIn struct {
	After string `query:"after" maxLength:"4096" doc:"The next of the page before"`
}

func (a *API) listMine(ctx context.Context, by identity.Actor, in *mineIn) (*requestsOut, error) {
	page, err := a.Requests.OfAccount(ctx, by, in.After)
	if err != nil {
		return nil, err
	}
	return &requestsOut{RequestPage{Requests: a.factsOf(by, page.Rows), Next: page.Next}}, nil
}

func (a *API) readMine(ctx context.Context, by identity.Actor, in *byID) (*readOut, error) {
	return a.read(ctx, by, in.ID)
}

// RequestAddition is something to add to a request.
type RequestAddition struct {
	Seen
	Text string `json:"text" maxLength:"10000"`
}

type additionIn struct {
	ID string `path:"id" maxLength:"64"`
	Idempotent
	Body RequestAddition
}

func (a *API) addToMine(ctx context.Context, by identity.Actor, in *additionIn) (*requestOut, error) {
	var after requests.Request
	_, err := a.only(ctx, by, in.Key, "add-to-my-request/"+in.ID, in.Body, func() (string, error) {
		var err error
		after, err = a.Requests.At(in.Body.Rev).AddTo(ctx, by, in.ID, in.Body.Text, nil)
		return in.ID, err
	})
	if err == nil && after.ID == "" {
		after, _, err = a.Requests.Find(ctx, by, in.ID)
	}
	if err != nil {
		return nil, err
	}
	return &requestOut{a.facts(by, after)}, nil
}

type myFileIn struct {
	ID string `path:"id" maxLength:"64"`
	NamedBody
}

// addMyFile makes a file an addition of its own. What does not become part of
// the request is not kept.
func (a *API) addMyFile(ctx context.Context, by identity.Actor, in *myFileIn) (*fileOut, error) {
	return a.receive(ctx, by, in.Key, "add-my-file/"+in.ID, func(u requests.Upload) (requests.File, error) {
		f, err := a.Requests.Receive(ctx, by, in.ID, u)
		if err != nil {
			return requests.File{}, err
		}
		if _, err = a.Requests.AddTo(ctx, by, in.ID, "", []requests.File{f}); err != nil {
			return requests.File{}, errors.Join(err, a.Requests.Discard(ctx, by, in.ID, []requests.File{f}))
		}
		return f, nil
	})
}

// IdentityReply answers an identity question.
type IdentityReply struct {
	Seen
	Reply string `json:"reply" maxLength:"10000"`
}

type identityReplyIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body IdentityReply
}

func (a *API) answerIdentity(ctx context.Context, by identity.Actor, in *identityReplyIn) (*requestOut, error) {
	r, err := a.Requests.At(in.Body.Rev).Reply(ctx, by, in.ID, in.Body.Reply, nil)
	if err != nil {
		return nil, err
	}
	return &requestOut{a.facts(by, r)}, nil
}

func (a *API) withdrawMine(ctx context.Context, by identity.Actor, in *onRequest[Seen]) (*requestOut, error) {
	r, err := a.Requests.At(in.Body.Rev).Retract(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	return &requestOut{a.facts(by, r)}, nil
}

func (a *API) renewMine(ctx context.Context, by identity.Actor, in *onRequest[Seen]) (*requestOut, error) {
	r, err := a.Requests.At(in.Body.Rev).RenewRelease(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	return &requestOut{a.facts(by, r)}, nil
}

func (a *API) downloadMine(ctx context.Context, by identity.Actor, in *fileIn) (*streamOut, error) {
	c := callOf(ctx).fiber
	f, body, err := a.Requests.FetchFrom(context.WithoutCancel(ctx), by, in.ID, in.File,
		func(f requests.NamedFile) (int64, error) { return storedOf(f).From(c) })
	if errors.Is(err, respond.ErrLook) {
		return &streamOut{Body: func(huma.Context) { _ = storedOf(f).Show(c) }}, nil
	}
	if err != nil {
		return nil, err
	}
	return give(ctx, f, body)
}
