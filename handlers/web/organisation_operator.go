package web

import (
	"errors"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

func (h house) organisations(c *fiber.Ctx) error {
	rows, err := h.Identity.ListOrganisations(c.UserContext(), session.Actor(c), c.Query("after"), 50)
	if err != nil {
		return err
	}
	p, words := h.page(c, "Organisations"), h.speech(c)
	l := ui.Listing{Caption: p.T("Organisations"), TestID: "organisations", Keys: true, CSV: "/organisations.csv",
		Columns: []ui.Column{{Label: p.T("Name")}, {Label: p.T("Start page")}, {Label: p.T("Country")}, {Label: p.T("Here since")}},
		Empty:   ui.Empty{Title: p.T("There are no organisations yet"), Text: p.T("Add the first one, and invite its administrator."), Link: &ui.Link{Label: p.T("Add an organisation"), Href: "/organisations/new"}}}
	for _, o := range rows.Rows {
		l.Rows = append(l.Rows, ui.Row{Href: "/organisations/" + o.ID, Cells: []ui.Cell{{Text: o.Name}, {Text: "/o/" + o.Slug}, {Text: country(p.T, o.Country)}, {Text: inOneLine(words.ShortDate(o.Created))}}})
	}
	alarm, err := h.mailAlarm(c, p)
	if err != nil {
		return err
	}
	return respond.Page(c, fiber.StatusOK, pages.ListPage(p, pages.List{Alarm: alarm,
		Lead:    p.T("You look after the organisations in this portal and their first administrators. Their requests and audits are not shown to you."),
		Buttons: []ui.Button{{Label: p.T("Add an organisation"), Href: "/organisations/new"}}, Main: l, Paging: h.paging(c, "/organisations", rows.Next)}))
}

func (h house) organisationsCSV(c *fiber.Ctx) error {
	p := h.speech(c)
	table := [][]string{{p.T("Name"), p.T("Start page"), p.T("Country"), p.T("Language"), p.T("Here since")}}
	after := ""
	for len(table) <= mostInSheet {
		rows, err := h.Identity.ListOrganisations(c.UserContext(), session.Actor(c), after, 100)
		if err != nil {
			return err
		}
		for _, o := range rows.Rows {
			table = append(table, []string{o.Name, "/o/" + o.Slug, country(p.T, o.Country), o.Language, o.Created.In(amsterdam()).Format(time.DateOnly)})
		}
		if after = rows.Next; after == "" {
			break
		}
	}
	return sendSheet(c, "organisations.csv", table, "name", "start_page", "country", "language", "created_on")
}

func (h house) one(c *fiber.Ctx) error {
	ctx, by := c.UserContext(), session.Actor(c)
	o, err := h.Identity.Organisation(ctx, c.Params("id"))
	if err != nil {
		return err
	}
	admins, open, err := h.Identity.AdminsAndInvited(ctx, by, o.ID)
	if err != nil {
		return err
	}
	words, p := h.speech(c), h.page(c, "")
	p.Title = o.Name
	list := h.colleagues(words, admins)
	list.Caption = p.T("Administrators")
	list.Empty = ui.Empty{Title: p.T("It has no administrator yet"), Text: p.T("Invite one; from then on the organisation looks after its own people.")}
	v := pages.One{
		Back: ui.Link{Label: p.T("Organisations"), Href: "/organisations"},
		Facts: []ui.Fact{
			{Name: p.T("Start page"), Value: "/o/" + o.Slug, Href: "/o/" + o.Slug}, {Name: p.T("Country"), Value: country(p.T, o.Country)},
			{Name: p.T("Language of its pages"), Value: languageName(o.Language)}, {Name: p.T("Time zone"), Value: o.Zone}, {Name: p.T("Here since"), Value: words.Date(o.Created)},
		},
		Lists: []pages.Titled{{Title: p.T("Administrators"), List: list}}, Heading: p.T("What you can change"),
		Ways: []pages.Way{
			{Text: p.T("A first or another administrator gets an invitation by e-mail."), Button: ui.Button{Label: p.T("Invite an administrator"), Href: "/organisations/" + o.ID + "/invite", Look: ui.Secondary}},
			{Text: p.T("Another name, start page, country or language."), Button: ui.Button{Label: p.T("Change the organisation"), Href: "/organisations/" + o.ID + "/edit", Look: ui.Secondary}},
			{Text: p.T("How long it keeps the content of what has ended, and what goes when."), Button: ui.Button{Label: p.T("How long content is kept"), Href: "/organisations/" + o.ID + "/retention", Look: ui.Secondary}},
		},
	}
	if len(open) > 0 {
		pending := h.pending(words, open)
		for i := range pending.Rows {
			pending.Rows[i].Href += "?of=" + o.ID
		}
		v.Lists = append(v.Lists, pages.Titled{Title: p.T("Invited, not here yet"), List: pending})
	}
	return respond.Page(c, fiber.StatusOK, pages.OnePage(p, v))
}

func languageName(tag string) string {
	for _, o := range languageOptions() {
		if o.Value == tag {
			return o.Label
		}
	}
	return tag
}

func (h house) addForm(c *fiber.Ctx) error {
	return h.formPage(c, fiber.StatusOK, pages.Form{New: true, Country: "NL", Language: "nl", Zone: "Europe/Amsterdam"})
}

func (h house) formPage(c *fiber.Ctx, status int, v pages.Form) error {
	countries, err := identity.Countries()
	if err != nil {
		return err
	}
	title := "Add an organisation"
	if !v.New {
		title = "Change the organisation"
	}
	p := h.frame(c, title, v.Errors)
	for _, code := range countries {
		v.Countries = append(v.Countries, ui.Option{Value: code, Label: country(p.T, code)})
	}
	v.Action, v.Languages, v.Base = c.Path(), languageOptions(), h.BaseURL.String()+"/o/bakkerij"
	if v.Back.Href == "" {
		v.Back = h.peopleLink(c)
	}
	return respond.Page(c, status, pages.FormPage(p, v))
}

func (h house) typed(c *fiber.Ctx) identity.Organisation {
	return identity.Organisation{Name: c.FormValue("name"), Slug: c.FormValue("slug"), Country: c.FormValue("country"), Language: c.FormValue("language"), Zone: c.FormValue("zone")}
}

func formOf(o identity.Organisation) pages.Form {
	return pages.Form{Name: o.Name, Slug: o.Slug, Country: o.Country, Language: o.Language, Zone: o.Zone}
}

// slugErrors puts the refusal of a start page that is taken at its field.
func (h house) slugErrors(c *fiber.Ctx, err error) (ui.FieldErrors, bool) {
	if errors.Is(err, identity.ErrName) {
		return ui.FieldErrors{{Name: "name", Text: h.speech(c).T(identity.ErrName.Text)}}, true
	}
	if errors.Is(err, identity.ErrSlug) {
		return ui.FieldErrors{{Name: "slug", Text: h.speech(c).T(identity.ErrSlug.Text)}}, true
	}
	return h.refusals(c, err)
}

func (h house) add(c *fiber.Ctx) error {
	in := h.typed(c)
	o, err := h.Identity.CreateOrganisation(c.UserContext(), session.Actor(c), in)
	if errs, ok := h.slugErrors(c, err); ok {
		v := formOf(in)
		v.New, v.Errors = true, errs
		return h.formPage(c, fiber.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return h.done(c, "/organisations/"+o.ID, "organisation-added")
}

// ownOrOperated is an organisation that the reader may change.
func (h house) ownOrOperated(c *fiber.Ctx) (identity.Organisation, ui.Link, error) {
	by, id := session.Actor(c), c.Params("id")
	if !by.Is(identity.Operator) && by.Organisation != id {
		return identity.Organisation{}, ui.Link{}, identity.ErrNotFound
	}
	o, err := h.Identity.Organisation(c.UserContext(), id)
	if by.Is(identity.Operator) {
		return o, ui.Link{Label: o.Name, Href: "/organisations/" + id}, err
	}
	return o, h.peopleLink(c), err
}

func (h house) editForm(c *fiber.Ctx) error {
	o, back, err := h.ownOrOperated(c)
	if err != nil {
		return err
	}
	v := formOf(o)
	v.Back = back
	return h.formPage(c, fiber.StatusOK, v)
}

func (h house) edit(c *fiber.Ctx) error {
	_, back, err := h.ownOrOperated(c)
	if err != nil {
		return err
	}
	in := h.typed(c)
	_, err = h.Identity.ChangeOrganisation(c.UserContext(), session.Actor(c), c.Params("id"), in)
	if errs, ok := h.slugErrors(c, err); ok {
		v := formOf(in)
		v.Back, v.Errors = back, errs
		return h.formPage(c, fiber.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return h.done(c, back.Href, "saved")
}

// countryNames are the names of the countries in which there is an authority to
// complain to.
var countryNames = map[string]string{
	"AT": "Austria", "BE": "Belgium", "CZ": "Czechia", "DE": "Germany", "DK": "Denmark", "ES": "Spain", "FI": "Finland", "FR": "France",
	"IE": "Ireland", "IT": "Italy", "LU": "Luxembourg", "NL": "The Netherlands", "PL": "Poland", "PT": "Portugal", "SE": "Sweden",
}

// country names a country in the reader's language; one that has no name here
// is shown by its code.
func country(t func(string, ...any) string, code string) string {
	if name, ok := countryNames[code]; ok {
		return t(name)
	}
	return code
}
