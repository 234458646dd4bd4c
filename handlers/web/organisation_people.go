package web

import (
	"strings"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	"inzage/views/language"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

// people lists the people of the own organisation.
func (h house) people(c *fiber.Ctx) error {
	by := session.Actor(c)
	rows, open, err := h.Identity.PeopleAndInvited(c.UserContext(), by, by.Organisation, c.Query("after"), 50)
	if err != nil {
		return err
	}
	p := h.page(c, "People")
	p.Sensitive = true
	v := pages.List{
		Lead: p.T("Everybody who works here in the name of your organisation, and what each may do."),
		Buttons: []ui.Button{
			{Label: p.T("Invite somebody"), Href: "/people/invite"},
			{Label: p.T("About the organisation"), Href: "/organisations/" + by.Organisation + "/edit", Look: ui.Secondary},
			{Label: p.T("How long content is kept"), Href: "/organisations/" + by.Organisation + "/retention", Look: ui.Secondary},
			{Label: p.T("Tokens of machines"), Href: "/tokens", Look: ui.Secondary},
		},
		Main: h.colleagues(h.speech(c), rows.Rows), Paging: h.paging(c, "/people", rows.Next),
	}
	v.Main.CSV = "/people.csv"
	if len(open) > 0 {
		v.Second, v.More = p.T("Invited, not here yet"), h.pending(h.speech(c), open)
	}
	return respond.Page(c, fiber.StatusOK, pages.ListPage(p, v))
}

func (h house) colleagues(p *language.Printer, all []identity.Colleague) ui.Listing {
	l := ui.Listing{Caption: p.T("People"), TestID: "people", Keys: true,
		Columns: []ui.Column{{Label: p.T("Name")}, {Label: p.T("Roles")}, {Label: p.T("Second factor")}, {Label: p.T("Access")}, {Label: p.T("Here since")}},
		Empty:   ui.Empty{Title: p.T("Nobody is here yet"), Text: p.T("Whoever accepts an invitation appears here.")}}
	for _, one := range all {
		factors, access := h.factors(p, one), h.access(p, one)
		row := ui.Row{Href: "/people/" + one.Account, Cells: []ui.Cell{
			{Text: one.Person.Name, Note: one.Person.Email}, {Text: h.roles(p, one.Roles)}, {State: &factors}, {State: &access}, {Text: inOneLine(p.ShortDate(one.Created))}}}
		if one.Disabled {
			row.Tone = ui.Danger
		}
		l.Rows = append(l.Rows, row)
	}
	return l
}

func (h house) pending(p *language.Printer, open []identity.Pending) ui.Listing {
	l := ui.Listing{Caption: p.T("Open invitations"), TestID: "invitations",
		Columns: []ui.Column{{Label: p.T("Name")}, {Label: p.T("Roles")}, {Label: p.T("Invited on")}, {Label: p.T("The link works until")}, {Label: p.T("The e-mail")}}}
	for _, inv := range open {
		l.Rows = append(l.Rows, ui.Row{Href: "/people/invitations/" + inv.ID, Cells: []ui.Cell{
			{Text: inv.Person.Name, Note: inv.Person.Email}, {Text: h.roles(p, inv.Roles)}, {Text: inOneLine(p.ShortDate(inv.Sent))}, {Text: inOneLine(p.ShortDate(inv.Expires))}, {State: fateOf(p, inv.Fate)}}})
	}
	return l
}

// fateOf is what became of the letter with an invitation; nil when nothing is known.
func fateOf(p *language.Printer, f identity.Fate) *ui.State {
	switch {
	case f.Refused:
		return &ui.State{Tone: ui.Danger, Word: p.T("Not delivered: address refused")}
	case f.GivenUp:
		return &ui.State{Tone: ui.Danger, Word: p.T("Could not be sent")}
	case f.Trouble:
		return &ui.State{Tone: ui.Danger, Word: p.T("Waits: trouble with mail")}
	case f.Waiting:
		return &ui.State{Word: p.T("Waits to be sent")}
	case f.At.IsZero():
		return &ui.State{Word: p.T("Sent or not: see the log")}
	}
	return &ui.State{Tone: ui.Good, Word: p.T("Handed to the mail server")}
}

// inOneLine keeps a short date together in a narrow column.
func inOneLine(text string) string { return strings.ReplaceAll(text, " ", "\u00a0") }

// mostInSheet bounds a list as CSV.
const mostInSheet = 2000

func (h house) peopleCSV(c *fiber.Ctx) error {
	by, p := session.Actor(c), h.speech(c)
	table := [][]string{{p.T("Name"), p.T("E-mail address"), p.T("What this person may do"), p.T("Second factor"), p.T("Access"), p.T("Here since")}}
	after := ""
	for len(table) <= mostInSheet {
		rows, err := h.Identity.People(c.UserContext(), by, by.Organisation, after, 100)
		if err != nil {
			return err
		}
		for _, one := range rows.Rows {
			table = append(table, []string{one.Person.Name, one.Person.Email, h.roles(p, one.Roles), h.factors(p, one).Word, h.access(p, one).Word, one.Created.In(amsterdam()).Format(time.DateOnly)})
		}
		if after = rows.Next; after == "" {
			break
		}
	}
	return sendSheet(c, "people.csv", table, "name", "email", "roles", "second_factor", "access", "created_on")
}

// inviting is where a person is invited into: the own organisation, or one of
// the operator's.
func (h house) inviting(c *fiber.Ctx) (identity.Organisation, ui.Link, error) {
	id, back := session.Actor(c).Organisation, h.peopleLink(c)
	if c.Params("id") != "" {
		id = c.Params("id")
	}
	o, err := h.Identity.Organisation(c.UserContext(), id)
	if c.Params("id") != "" {
		back = ui.Link{Label: o.Name, Href: "/organisations/" + id}
	}
	return o, back, err
}

func (h house) inviteForm(c *fiber.Ctx) error {
	o, back, err := h.inviting(c)
	if err != nil {
		return err
	}
	v := pages.Invite{Language: o.Language}
	if session.Actor(c).Is(identity.Operator) {
		v.Roles = []string{string(identity.Admin)}
	}
	return h.invitePage(c, fiber.StatusOK, o, back, v)
}

func (h house) invitePage(c *fiber.Ctx, status int, o identity.Organisation, back ui.Link, v pages.Invite) error {
	words := h.speech(c)
	v.Back, v.Action, v.Offered, v.Languages = back, c.Path(), h.offered(words, false, false), languageOptions()
	v.Will = []string{
		words.T("We send an e-mail with a link in the name of %s. The link works once, for seven days.", o.Name),
		words.T("The person chooses a password and sets up a second factor; only then is there access."),
		words.T("You see the invitation among the people until it is accepted, and can withdraw it."),
	}
	return respond.Page(c, status, pages.InvitePage(h.frame(c, "Invite somebody to %s", v.Errors, o.Name), v))
}

func (h house) invite(c *fiber.Ctx) error {
	o, back, err := h.inviting(c)
	if err != nil {
		return err
	}
	in := identity.Invite{Organisation: o.ID, Name: c.FormValue("name"), Email: c.FormValue("email"), Roles: h.rolesOf(c), Language: c.FormValue("language")}
	_, err = h.Identity.Invite(c.UserContext(), session.Actor(c), in)
	if errs, ok := h.refusals(c, err); ok {
		return h.invitePage(c, fiber.StatusUnprocessableEntity, o, back, pages.Invite{
			Name: in.Name, Email: in.Email, Roles: h.values(c, "roles"), Language: in.Language, Errors: errs})
	}
	if err != nil {
		return err
	}
	return h.done(c, back.Href, "invited")
}

// found is one open invitation that the reader may withdraw.
func (h house) found(c *fiber.Ctx) (identity.Pending, error) {
	by := session.Actor(c)
	org := by.Organisation
	if by.Is(identity.Operator) {
		org = c.Query("of")
	}
	return h.Identity.PendingInvitation(c.UserContext(), by, org, c.Params("id"))
}

func (h house) withdrawForm(c *fiber.Ctx) error {
	inv, err := h.found(c)
	if err != nil {
		return err
	}
	p, words := h.page(c, "Withdraw an invitation"), h.speech(c)
	return respond.Page(c, fiber.StatusOK, pages.SurePage(p, h.sureView(c, h.peopleLink(c), ui.Confirmation{
		Title: p.T("Withdraw the invitation of %s", inv.Person.Name),
		Facts: []ui.Fact{{Name: p.T("E-mail address"), Value: inv.Person.Email}, {Name: p.T("What this person may do"), Value: h.roles(words, inv.Roles)}, {Name: p.T("Invited on"), Value: words.Date(inv.Sent)}},
		Will:  []string{p.T("The link in the e-mail stops working at once. The person is not told."), p.T("What was known of the person here is erased.")},

		Confirm: ui.Button{Label: p.T("Withdraw the invitation"), Look: ui.Grave}, Cancel: ui.Link{Label: p.T("Leave it as it is"), Href: h.peopleLink(c).Href},
	})))
}

func (h house) withdraw(c *fiber.Ctx) error {
	if err := h.Identity.WithdrawInvitation(c.UserContext(), session.Actor(c), c.Params("id")); err != nil {
		return err
	}
	return h.done(c, h.peopleLink(c).Href, "withdrawn")
}
