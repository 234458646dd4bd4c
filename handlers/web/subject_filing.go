package web

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

const draftCookie = session.DraftCookie

// maxKept bounds one text of a half-done form. What is longer is shown again
// but not kept.
const maxKept = 64 << 10

// The steps of the form; one "about" for each right comes between.
const (
	stepRights      = "rights"
	stepController  = "controller"
	stepAbout       = "about/"
	stepYou         = "you"
	stepBehalf      = "representative"
	stepAuthority   = "authority"
	stepAttachments = "attachments"
	stepCheck       = "check"
)

func (s subject) mountFiling(app routes) {
	app.Get("/file", func(c *fiber.Ctx) error { return c.Redirect("/file/rights", fiber.StatusSeeOther) })
	for _, step := range []string{stepRights, stepController, stepYou, stepBehalf} {
		app.Get("/file/"+step, s.ask(step, s.question))
		app.Post("/file/"+step, post(s.answerTo(step)))
	}
	app.Get("/file/about/:right", s.ask(stepAbout, s.question))
	app.Post("/file/about/:right", post(s.answerTo(stepAbout)))
	app.Get("/file/authority", s.ask(stepAuthority, s.question))
	app.Post("/file/authority", s.authorise)
	app.Get("/file/attachments", s.ask(stepAttachments, s.attachments))
	app.Post("/file/attachments", s.attach)
	app.Post("/file/attachments/remove", post(s.detach))
	app.Get("/file/check", s.ask(stepCheck, s.review))
	app.Post("/file/check", post(s.send))
	app.Post("/file/later", post(s.later))
	app.Get("/file/resume/:token", s.resume)
	app.Post("/file/resume/:token", post(s.resumed))
	s.mountProof(app)
}

// filing is a half-done form with what its pages need.
type filing struct {
	id     string
	draft  requests.Draft
	f      requests.Filing
	org    identity.Organisation
	served []identity.Organisation // for whom the organisation processes
	step   string
	then   string // "check" when the filer came from there
	errs   ui.FieldErrors
}

func (s subject) keepDraft(c *fiber.Ctx, id string) {
	s.Cookies.Set(c, draftCookie, id, requests.DraftLife)
}

// load reads the form that this browser is filling in.
func (s subject) load(c *fiber.Ctx, step string) (filing, error) {
	v := filing{id: s.Cookies.Get(c, draftCookie), step: step, then: s.then(c)}
	var err error
	if v.draft, v.f, err = s.Requests.Draft(c.UserContext(), v.id); err != nil {
		return v, err
	}
	if v.org, err = s.Identity.Organisation(c.UserContext(), v.draft.Organisation); err != nil {
		return v, err
	}
	if v.served, err = s.controllers(c, v.org); err != nil {
		return v, err
	}
	if step == stepAbout {
		v.step = stepAbout + c.Params("right")
	}
	if !v.draft.Submitted && !slices.Contains(v.steps(), v.step) {
		return v, requests.ErrNotFound
	}
	return v, nil
}

// then tells whether the filer came from the overview. A form with files is
// still a stream here; asking for a value would read it away.
func (s subject) then(c *fiber.Ctx) string {
	small := c.Method() == fiber.MethodPost && !strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm)
	if c.Query("then") == stepCheck || small && c.FormValue("then") == stepCheck {
		return stepCheck
	}
	return ""
}

// controllers are the organisations for which one processes, each once.
func (s subject) controllers(c *fiber.Ctx, org identity.Organisation) ([]identity.Organisation, error) {
	all, err := s.Agreements.OfProcessor(c.UserContext(), org.ID, s.Now())
	if err != nil {
		return nil, err
	}
	var list []identity.Organisation
	for _, a := range all {
		if slices.ContainsFunc(list, func(o identity.Organisation) bool { return o.ID == a.Controller }) {
			continue
		}
		o, err := s.Identity.Organisation(c.UserContext(), a.Controller)
		if err != nil {
			return nil, err
		}
		list = append(list, o)
	}
	slices.SortFunc(list, func(a, b identity.Organisation) int { return strings.Compare(a.Name, b.Name) })
	return list, nil
}

// steps are the pages of this form in their order.
func (v *filing) steps() []string {
	all := []string{stepRights}
	if len(v.served) > 0 {
		all = append(all, stepController)
	}
	for _, r := range requests.Rights() {
		if slices.Contains(v.f.Rights, r) {
			all = append(all, stepAbout+string(r))
		}
	}
	all = append(all, stepYou, stepBehalf)
	if v.f.Person.Representative != nil {
		all = append(all, stepAuthority)
	}
	return append(all, stepAttachments, stepCheck)
}

func (v *filing) before() string {
	all := v.steps()
	if i := slices.Index(all, v.step); i > 0 {
		return all[i-1]
	}
	return ""
}

// after is where the form goes on: to the next page or, for somebody who came
// to change one answer, to the first that still misses something.
func (v *filing) after() string {
	all := v.steps()
	if v.then == stepCheck {
		if missing := v.missing(); missing != "" {
			return "/file/" + missing + "?then=" + stepCheck
		}
		return "/file/" + stepCheck
	}
	i := slices.Index(all, v.step)
	return "/file/" + all[min(i+1, len(all)-1)]
}

// missing is the first step that a filing cannot be sent without.
func (v *filing) missing() string {
	owed := map[string]bool{}
	if len(v.served) > 0 && v.f.Controller == "" && !v.f.Unknown {
		owed[stepController] = true
	}
	if f := refusalOf(v.f.Check()); f != nil {
		for _, field := range f.Fields {
			step, _ := v.owner(field.Name)
			owed[step] = true
		}
	}
	for _, step := range v.steps() {
		if owed[step] {
			return step
		}
	}
	return ""
}

// owner tells on which page a field of the filing stands, and as what: on
// behalf of somebody else, the name asked first is the representative's.
func (v *filing) owner(field string) (step, name string) {
	switch field {
	case "rights":
		return stepRights, field
	case "about", "controller":
		return stepController, field
	case "representative_name":
		return stepYou, "name"
	case "representative_capacity":
		return stepAuthority, "capacity"
	case "name":
		if v.f.Person.Representative != nil {
			return stepAuthority, "subject_name"
		}
	}
	if right, _, ok := strings.Cut(field, "_"); ok && requests.Known(requests.Right(right)) {
		return stepAbout + right, field
	}
	return stepYou, field
}

// check gives the refused fields of the page that was just filled in.
func (s subject) check(c *fiber.Ctx, v *filing) ui.FieldErrors {
	p := s.speech(c)
	var errs ui.FieldErrors
	f := refusalOf(v.f.Check())
	if f == nil {
		return nil
	}
	for _, field := range f.Fields {
		step, name := v.owner(field.Name)
		if step != v.step {
			continue
		}
		text := p.T(field.Text, field.Args...)
		switch {
		case name == "name" && field.Name == "representative_name" && v.filer() == "":
			text = p.T("Fill in your name.")
		case name == "subject_name" && v.f.Person.Name == "":
			text = p.T("Fill in the name of the person whose data it is about.")
		}
		errs = append(errs, ui.FieldError{Name: name, Text: text})
	}
	return errs
}

// filer is the name of whoever fills the form in.
func (v *filing) filer() string {
	if r := v.f.Person.Representative; r != nil {
		return r.Name
	}
	return v.f.Person.Name
}

// ask shows a page of the form. A form that was sent goes on to its proof, and
// one that is not there any more says so.
func (s subject) ask(step string, show func(*fiber.Ctx, filing, int) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := s.load(c, step)
		if fault.KindOf(err) == fault.Gone {
			return s.noDraft(c, err)
		}
		if err != nil {
			return err
		}
		if v.draft.Submitted {
			return c.Redirect("/file/prove", fiber.StatusSeeOther)
		}
		if step == stepCheck {
			if missing := v.missing(); missing != "" {
				return c.Redirect("/file/"+missing+"?then="+stepCheck, fiber.StatusSeeOther)
			}
		}
		return show(c, v, fiber.StatusOK)
	}
}

// answerTo keeps what was typed on a page and goes on, or shows what is wrong.
func (s subject) answerTo(step string) fiber.Handler {
	return func(c *fiber.Ctx) error {
		v, err := s.load(c, step)
		if fault.KindOf(err) == fault.Gone {
			return s.noDraft(c, err)
		}
		if err != nil {
			return err
		}
		if v.draft.Submitted {
			return c.Redirect("/file/prove", fiber.StatusSeeOther)
		}
		v.errs = s.read(c, &v, func(name string) []string {
			var all []string
			for _, b := range c.Request().PostArgs().PeekMulti(name) {
				all = append(all, strings.ToValidUTF8(string(b), ""))
			}
			return all
		})
		return s.goOn(c, v, c.FormValue("do"))
	}
}

// goOn saves, and answers a page that was filled in.
func (s subject) goOn(c *fiber.Ctx, v filing, do string) error {
	tooLong := v.tooLong()
	if !tooLong {
		if err := s.Requests.SaveDraft(c.UserContext(), v.id, v.f); err != nil {
			if fault.KindOf(err) == fault.Gone {
				return s.noDraft(c, err)
			}
			return err
		}
	}
	if do == "back" && !tooLong {
		to := "/file/" + v.before()
		if v.then != "" {
			to = "/file/" + stepCheck
		}
		return s.done(c, to, "")
	}
	if v.errs = append(v.errs, s.check(c, &v)...); len(v.errs) > 0 {
		return s.question(c, v, fiber.StatusUnprocessableEntity)
	}
	return s.done(c, v.after(), "")
}

func (v *filing) tooLong() bool {
	p := v.f.Person
	all := []string{v.f.About, p.Name, p.Email, p.Phone, p.Identifiers}
	if p.Representative != nil {
		all = append(all, p.Representative.Name, p.Representative.Capacity)
	}
	for _, a := range v.f.Asked {
		all = append(all, a.What, a.Into, a.Period, a.To, a.Reason)
	}
	return slices.ContainsFunc(all, func(t string) bool { return len(t) > maxKept })
}

// noDraft answers a form that is not there: too old, or never begun here.
func (s subject) noDraft(c *fiber.Ctx, _ error) error {
	p := s.speech(c)
	return respond.Page(c, fiber.StatusGone, pages.PlainPage(s.page(c, "This form is no longer here"), pages.Plain{
		Lead: p.T("Forms that are not sent are erased after seven days."),
		Lines: []string{
			p.T("Perhaps you began on another device, or this browser does not keep cookies. Did you ask for a link by mail? Then open that link."),
			p.T("Otherwise start again at the page of the organisation; it takes a few minutes."),
		},
		Buttons: []ui.Button{{Label: p.T("To the start page"), Href: "/", Look: ui.Secondary}}, TestID: "no-draft",
	}))
}

// later sends the link with which the form goes on.
func (s subject) later(c *fiber.Ctx) error {
	v, err := s.load(c, stepRights)
	if fault.KindOf(err) == fault.Gone {
		return s.noDraft(c, err)
	}
	if err != nil {
		return err
	}
	if v.draft.Submitted || !requests.ValidEmail(strings.TrimSpace(v.f.Person.Email)) {
		return c.Redirect("/file/you", fiber.StatusSeeOther)
	}
	p := s.speech(c)
	err = s.Identity.SendResumeLink(c.UserContext(), identity.ResumeRequest{Draft: v.id, Email: strings.TrimSpace(v.f.Person.Email),
		Language: p.Tag(), Organisation: v.org.Name, Address: s.address(c), Life: v.left(s.Now())})
	if err != nil {
		return err
	}
	return respond.Page(c, fiber.StatusOK, pages.PlainPage(s.framed(c, v.org, "The link is on its way"), pages.Plain{
		Lead: p.T("We have sent it to %s.", v.f.Person.Email),
		Lines: []string{
			p.T("Everything that you filled in is kept for seven days. Your request has not been sent yet, so the 30 days have not begun."),
		},
		Buttons: []ui.Button{{Label: p.T("Go on now after all"), Href: "/file/" + v.first(), Look: ui.Secondary}}, TestID: "later-sent",
	}))
}

// left is how long the form is kept.
func (v *filing) left(now time.Time) time.Duration {
	return requests.DraftLife - max(0, now.Sub(v.draft.Touched))
}

// first is where somebody goes on who comes back to the form.
func (v *filing) first() string {
	if missing := v.missing(); missing != "" {
		return missing
	}
	return stepCheck
}

// resume shows what the link in the mail opens. It changes nothing.
func (s subject) resume(c *fiber.Ctx) error {
	if _, err := s.Identity.OpenLink(c.UserContext(), identity.LinkDraft, c.Params("token")); err != nil {
		return err
	}
	p := s.speech(c)
	return respond.Page(c, fiber.StatusOK, pages.PlainPage(s.page(c, "Go on with your request"), pages.Plain{
		Lead:    p.T("You began a request that has not been sent yet."),
		Lines:   []string{p.T("What you filled in opens on this device. Do not go on when this device is not yours.")},
		Post:    &ui.Post{Action: "/file/resume/" + url.PathEscape(c.Params("token"))},
		Buttons: []ui.Button{{Label: p.T("Go on where you stopped"), TestID: "resume"}},
	}))
}

func (s subject) resumed(c *fiber.Ctx) error {
	l, err := s.Identity.OpenLink(c.UserContext(), identity.LinkDraft, c.Params("token"))
	if err != nil {
		return err
	}
	if _, _, err := s.Requests.Draft(c.UserContext(), l.Object); err != nil {
		if fault.KindOf(err) == fault.Gone {
			return s.noDraft(c, err)
		}
		return err
	}
	if _, err := s.Identity.UseLink(c.UserContext(), session.Actor(c), identity.LinkDraft, c.Params("token")); err != nil {
		return err
	}
	s.keepDraft(c, l.Object)
	return s.done(c, "/file/"+stepCheck, "")
}

// framed is the page of an organisation's form.
func (s subject) framed(c *fiber.Ctx, org identity.Organisation, title string, args ...any) ui.Page {
	page := s.page(c, title, args...)
	page.For, page.Home, page.Sensitive = org.Name, "/o/"+org.Slug, true
	return page
}
