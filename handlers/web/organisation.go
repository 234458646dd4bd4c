package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/session"
	"inzage/services/identity"
	"inzage/views/language"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

// house are the pages about organisations, their people and their agreements.
type house struct{ *Site }

func (s *Site) mountOrganisation(app routes) {
	h := house{s}
	app.Get("/people", h.people)
	app.Get("/people.csv", h.peopleCSV)
	app.Get("/people/invite", h.inviteForm)
	app.Post("/people/invite", post(h.invite))
	app.Get("/people/invitations/:id", h.withdrawForm)
	app.Post("/people/invitations/:id", post(h.withdraw))
	app.Get("/people/:account", h.person)
	app.Get("/people/:account/roles", h.rolesForm)
	app.Post("/people/:account/roles", post(h.changeRoles))
	for name, act := range personActs {
		app.Get("/people/:account/"+name, h.sure(name, act))
		app.Post("/people/:account/"+name, post(h.act(act)))
	}

	app.Get("/organisations", h.organisations)
	app.Get("/organisations.csv", h.organisationsCSV)
	app.Get("/organisations/new", h.addForm)
	app.Post("/organisations/new", post(h.add))
	app.Get("/organisations/:id", h.one)
	app.Get("/organisations/:id/edit", h.editForm)
	app.Post("/organisations/:id/edit", post(h.edit))
	app.Get("/organisations/:id/retention", h.retention)
	app.Get("/organisations/:id/retention/change", h.keepForm)
	app.Post("/organisations/:id/retention/change", post(h.keep))
	app.Get("/organisations/:id/invite", h.inviteForm)
	app.Post("/organisations/:id/invite", post(h.invite))
	app.Get("/health", h.health)

	app.Get("/tokens", h.tokens)
	app.Get("/tokens/new", h.tokenForm)
	app.Post("/tokens/new", post(h.issueToken))
	app.Get("/tokens/:id", h.token)
	app.Post("/tokens/:id/revoke", post(h.revokeToken))

	app.Get("/agreements", h.agreements)
	app.Get("/agreements.csv", h.agreementsCSV)
	app.Get("/agreements/new", h.newForm)
	app.Post("/agreements/new", post(h.newStep))
	app.Get("/agreements/presets/:key", h.preset)
	app.Get("/agreements/:id", h.agreement)
	app.Get("/agreements/:id/compare", h.compare)
	app.Get("/agreements/:id/amend", h.amendForm)
	app.Post("/agreements/:id/amend", post(h.amendStep))
	app.Get("/agreements/:id/end", h.endForm)
	app.Post("/agreements/:id/end", post(h.end))
	app.Get("/agreements/:id/answer", h.answerForm)
	for name, deed := range answers {
		app.Post("/agreements/:id/"+name, post(h.answer(name, deed)))
	}

	// Public on purpose: what the law says is nobody's secret, and the notices
	// to data subjects cite it.
	app.Get("/law", h.laws)
	app.Get("/law/:id", h.law)
}

// values are all answers of one name in the form.
func (h house) values(c *fiber.Ctx, name string) []string {
	var all []string
	for _, v := range c.Request().PostArgs().PeekMulti(name) {
		all = append(all, string(v))
	}
	return all
}

func (h house) rolesOf(c *fiber.Ctx) []identity.Role {
	var all []identity.Role
	for _, v := range h.values(c, "roles") {
		all = append(all, identity.Role(v))
	}
	return all
}

func roleValues(roles []identity.Role) []string {
	var all []string
	for _, r := range roles {
		all = append(all, string(r))
	}
	return all
}

// offered are the roles that can be given here. Auditors are invited with an
// audit; whoever is one already keeps the choice.
func (h house) offered(p *language.Printer, operators, auditor bool) []ui.Option {
	if operators {
		return []ui.Option{{Value: string(identity.Operator), Label: p.T("Operator"), Hint: p.T("Adds organisations and their first administrators; sees no requests.")}}
	}
	all := []ui.Option{
		{Value: string(identity.Agent), Label: p.T("Agent"), Hint: p.T("For a processor: takes requests in, sends them on, and helps with them.")},
		{Value: string(identity.PrivacyOfficer), Label: p.T("Privacy officer"), Hint: p.T("For a controller: handles requests, decides on them and delivers the answer.")},
		{Value: string(identity.Admin), Label: p.T("Administrator"), Hint: p.T("Looks after people and agreements of the organisation.")},
	}
	if auditor {
		all = append(all, ui.Option{Value: string(identity.Auditor), Label: p.T("Auditor"), Hint: p.T("Sees one audit, after signing its confidentiality undertaking.")})
	}
	return all
}

// paging leads through a list by its cursor; there is a way on and a way back
// to the beginning.
func (h house) paging(c *fiber.Ctx, path, next string) ui.Paging {
	var g ui.Paging
	if c.Query("after") != "" {
		g.Newer = path
	}
	if next != "" {
		g.Older = path + "?after=" + next
	}
	return g
}

// names are the names of organisations, each looked up once.
func (h house) names(c *fiber.Ctx) func(id string) (string, error) {
	known := map[string]string{}
	return func(id string) (string, error) {
		if name, ok := known[id]; ok {
			return name, nil
		}
		o, err := h.Identity.Organisation(c.UserContext(), id)
		if err == nil {
			known[id] = o.Name
		}
		return o.Name, err
	}
}

// frame is the page of a form, marked when answers were refused.
func (h house) frame(c *fiber.Ctx, title string, errs ui.FieldErrors, args ...any) ui.Page {
	p := h.page(c, title, args...)
	p.Invalid = len(errs) > 0
	return p
}

// factors says which second factors a person has.
func (h house) factors(p *language.Printer, colleague identity.Colleague) ui.State {
	var all []string
	for _, f := range colleague.Factors {
		switch f {
		case identity.ProofTOTP:
			all = append(all, p.T("Authenticator app"))
		case identity.ProofPasskey:
			all = append(all, p.T("Passkey"))
		}
	}
	if len(all) == 0 {
		return ui.State{Tone: ui.Warn, Word: p.T("None yet"), Code: "none"}
	}
	return ui.State{Tone: ui.Good, Word: strings.Join(all, ", "), Code: "set"}
}

func (h house) access(p *language.Printer, colleague identity.Colleague) ui.State {
	if colleague.Disabled {
		return ui.State{Tone: ui.Danger, Word: p.T("No access"), Code: "disabled"}
	}
	return ui.State{Tone: ui.Good, Word: p.T("Has access"), Code: "active"}
}

// peopleLink leads back to the people: the own ones, or the operator's list.
func (h house) peopleLink(c *fiber.Ctx) ui.Link {
	p := h.speech(c)
	if session.Actor(c).Is(identity.Operator) {
		return ui.Link{Label: p.T("Organisations"), Href: "/organisations"}
	}
	return ui.Link{Label: p.T("People"), Href: "/people"}
}

func (h house) sureView(c *fiber.Ctx, back ui.Link, confirm ui.Confirmation) pages.Sure {
	return pages.Sure{Back: back, Post: ui.Post{Action: c.Path()}, Confirm: confirm}
}
