package web

import (
	"context"
	"slices"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	"inzage/views/language"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

func (h house) person(c *fiber.Ctx) error {
	by := session.Actor(c)
	one, err := h.Identity.Colleague(c.UserContext(), by, c.Params("account"))
	if err != nil {
		return err
	}
	words, p := h.speech(c), h.page(c, "")
	p.Title, p.Sensitive = one.Person.Name, true
	v := pages.One{Back: h.peopleLink(c), Facts: h.personFacts(words, one), Heading: p.T("What you can change")}
	if one.Account == by.Account {
		v.Lead = p.T("This is you. Nobody changes their own roles or access; another administrator can.")
		return respond.Page(c, fiber.StatusOK, pages.OnePage(p, v))
	}
	at := "/people/" + one.Account
	if !slices.Contains(one.Roles, identity.Operator) {
		v.Ways = append(v.Ways, pages.Way{Text: p.T("Other tasks? Give other roles."), Button: ui.Button{Label: p.T("Change the roles"), Href: at + "/roles", Look: ui.Secondary}})
	}
	if one.Disabled {
		v.Ways = append(v.Ways, pages.Way{Text: p.T("Back again? The password and second factor of before still work."), Button: ui.Button{Label: p.T("Give access again"), Href: at + "/enable", Look: ui.Secondary}})
	} else {
		v.Ways = append(v.Ways,
			pages.Way{Text: p.T("Phone lost, and no recovery codes? Let the person set up a new second factor."), Button: ui.Button{Label: p.T("Reset the second factor"), Href: at + "/reset", Look: ui.Secondary}},
			pages.Way{Text: p.T("Left, or something wrong? End the access at once."), Button: ui.Button{Label: p.T("End the access"), Href: at + "/disable", Look: ui.Secondary}})
	}
	return respond.Page(c, fiber.StatusOK, pages.OnePage(p, v))
}

func (h house) personFacts(p *language.Printer, one identity.Colleague) []ui.Fact {
	factors, access := h.factors(p, one), h.access(p, one)
	return []ui.Fact{
		{Name: p.T("Name"), Value: one.Person.Name}, {Name: p.T("E-mail address"), Value: one.Person.Email},
		{Name: p.T("What this person may do"), Value: h.roles(p, one.Roles), TestID: "roles"},
		{Name: p.T("Second factor"), State: &factors}, {Name: p.T("Access"), State: &access, TestID: "access"},
		{Name: p.T("Here since"), Value: p.Date(one.Created)},
	}
}

func (h house) rolesForm(c *fiber.Ctx) error {
	one, err := h.Identity.Colleague(c.UserContext(), session.Actor(c), c.Params("account"))
	if err != nil {
		return err
	}
	return h.rolesPage(c, fiber.StatusOK, one, roleValues(one.Roles), nil)
}

func (h house) rolesPage(c *fiber.Ctx, status int, one identity.Colleague, chosen []string, errs ui.FieldErrors) error {
	p := h.frame(c, "Roles of %s", errs, one.Person.Name)
	back := ui.Link{Label: one.Person.Name, Href: "/people/" + one.Account}
	return respond.Page(c, status, pages.RolesPage(p, pages.Roles{
		Back: back, Action: c.Path(), Roles: chosen, Errors: errs,
		Facts:   []ui.Fact{{Name: p.T("Name"), Value: one.Person.Name}, {Name: p.T("Now"), Value: h.roles(h.speech(c), one.Roles)}},
		Offered: h.offered(h.speech(c), false, slices.Contains(one.Roles, identity.Auditor)),
		Confirm: ui.Confirmation{Title: p.T("Change the roles"), Will: []string{
			p.T("What the person may no longer do ends at once, also in pages that are open."),
			p.T("All sessions of this person end. After signing in again the new roles apply."),
			p.T("We tell the person by e-mail."),
		}, Confirm: ui.Button{Label: p.T("Give %s these roles", one.Person.Name)}, Cancel: ui.Link{Label: p.T("Leave it as it is"), Href: back.Href}},
	}))
}

func (h house) changeRoles(c *fiber.Ctx) error {
	by, id := session.Actor(c), c.Params("account")
	err := h.Identity.ChangeRoles(c.UserContext(), by, id, h.rolesOf(c))
	if errs, ok := h.refusals(c, err); ok {
		one, err := h.Identity.Colleague(c.UserContext(), by, id)
		if err != nil {
			return err
		}
		return h.rolesPage(c, fiber.StatusUnprocessableEntity, one, h.values(c, "roles"), errs)
	}
	if err != nil {
		return err
	}
	return h.done(c, "/people/"+id, "roles-changed")
}

// personAct is something that is done about a person after a second look.
type personAct struct {
	title, button, flash string
	grave                bool
	will                 []string // English sentences
	do                   func(s *identity.Service, ctx context.Context, by identity.Actor, account string) error
}

var personActs = map[string]personAct{
	"disable": {title: "End the access of %s", button: "End the access", flash: "person-disabled", grave: true, do: (*identity.Service).Disable, will: []string{
		"All sessions of this person end at once, and signing in no longer works.",
		"What the person did stays in the history, with the name.",
		"You can give access again later.",
	}},
	"enable": {title: "Give %s access again", button: "Give access again", flash: "person-enabled", do: (*identity.Service).Enable, will: []string{
		"The person can sign in again, with the password and second factor of before.",
		"The roles are the same as before.",
	}},
	"reset": {title: "Reset the second factor of %s", button: "Reset the second factor", flash: "factors-reset", grave: true, do: (*identity.Service).ResetFactors, will: []string{
		"The authenticator app, all passkeys and the recovery codes of this person stop working, and all sessions end.",
		"We send the person a link with which a new second factor is set up. It works once, for 24 hours, and only together with the password.",
		"Be sure that it was this person who asked: call back on a number that you know.",
	}},
}

// sure shows what will happen to whom.
func (h house) sure(name string, act personAct) fiber.Handler {
	return func(c *fiber.Ctx) error {
		by := session.Actor(c)
		one, err := h.Identity.Colleague(c.UserContext(), by, c.Params("account"))
		if err != nil {
			return err
		}
		if one.Account == by.Account {
			return identity.ErrSelf
		}
		p, words := h.page(c, act.title, one.Person.Name), h.speech(c)
		confirm := ui.Confirmation{Title: p.T(act.button), Facts: h.personFacts(words, one)[:3],
			Confirm: ui.Button{Label: p.T(act.button)}, Cancel: ui.Link{Label: p.T("Leave it as it is"), Href: "/people/" + one.Account}}
		if act.grave {
			confirm.Confirm.Look = ui.Grave
		}
		for _, w := range act.will {
			confirm.Will = append(confirm.Will, p.T(w))
		}
		return respond.Page(c, fiber.StatusOK, pages.SurePage(p, h.sureView(c, ui.Link{Label: one.Person.Name, Href: "/people/" + one.Account}, confirm)))
	}
}

func (h house) act(act personAct) fiber.Handler {
	return func(c *fiber.Ctx) error {
		id := c.Params("account")
		if err := act.do(h.Identity, c.UserContext(), session.Actor(c), id); err != nil {
			return err
		}
		return h.done(c, "/people/"+id, act.flash)
	}
}
