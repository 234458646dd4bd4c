package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/identity"
	"inzage/services/requests"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// home is the start page of the installation. It names no organisations: who
// works with whom is theirs to tell. Only the demo lists them.
func (s subject) home(c *fiber.Ctx) error {
	p := s.speech(c)
	v := pages.Home{
		Lead: p.T("Here you ask an organisation what it knows about you, and have it corrected or erased."),
		Lines: []string{
			p.T("Use the link on the website of the organisation that has your data, or the link in a letter from it. It leads to the page of that organisation in this portal."),
			p.T("Have you sent a request already? Then use the link in the e-mail that you got about it."),
		},
	}
	switch by := s.actor(c); {
	case s.signedIn(c):
		v.Buttons = append(v.Buttons, ui.Button{Label: p.T("To my requests"), Href: "/mine", Look: ui.Secondary})
	case by.Level == identity.Full:
		if items := s.places(c, by); len(items) > 0 {
			v.Buttons = append(v.Buttons, ui.Button{Label: items[0].Label, Href: items[0].Href, Look: ui.Secondary})
		}
	default:
		v.Buttons = append(v.Buttons, ui.Button{Label: p.T("I have a passkey or a password"), Href: "/sign-in", Look: ui.Secondary})
	}
	if s.Demo != nil {
		page, err := s.Identity.ListOrganisations(c.UserContext(), identity.System(), "", 100)
		if err != nil {
			return err
		}
		for _, o := range page.Rows {
			v.Organisations = append(v.Organisations, ui.Link{Label: o.Name, Href: "/o/" + o.Slug})
		}
	}
	return respond.Page(c, fiber.StatusOK, pages.HomePage(s.page(c, "Your data, your rights"), v))
}

// organisation finds the organisation of a start page.
func (s subject) organisation(c *fiber.Ctx) (identity.Organisation, error) {
	o, err := s.Identity.OrganisationAt(c.UserContext(), c.Params("slug"))
	if errors.Is(err, identity.ErrNotFound) {
		return o, requests.ErrNotFound
	}
	return o, err
}

// desk is the start page of one organisation.
func (s subject) desk(c *fiber.Ctx) error {
	org, err := s.organisation(c)
	if err != nil {
		return err
	}
	p := s.speech(c)
	page := s.page(c, "Ask %s about your data", org.Name)
	page.For, page.Home = org.Name, "/o/"+org.Slug
	v := pages.Desk{
		Name: org.Name, Start: ui.Post{Action: "/o/" + org.Slug + "/file"}, Button: p.T("Start a request to %s", org.Name),
		Lead:  p.T("Does %s have data about you? Then the law gives you six rights. Here you use them; %s answers you here as well.", org.Name, org.Name),
		Month: s.law(p, "12(3) GDPR"), Free: s.law(p, "12(5) GDPR"),
	}
	for _, r := range requests.Rights() {
		says, example := s.says(p, r)
		v.Rights = append(v.Rights, pages.Right{Title: s.asks(p, r), Says: says, Example: example, Chip: s.law(p, s.provision(r))})
	}
	if d, err := s.Requests.Drafts.Get(c.UserContext(), s.Cookies.Get(c, draftCookie)); err == nil && d.Organisation == org.ID && !d.Submitted {
		v.Going = "/file/rights"
	}
	serves, err := s.Agreements.Serves(c.UserContext(), org.ID, s.Now())
	if err != nil {
		return err
	}
	if serves {
		v.Work = p.T("%s also works for other organisations. They decide about the data that it keeps for them. Then we forward your request at once, tell you so, and you lose no time.", org.Name)
		v.Because = s.law(p, "28(3)(e) GDPR")
	}
	return respond.Page(c, fiber.StatusOK, pages.DeskPage(page, v))
}

// begin opens an empty form. Its id lives in a cookie only.
func (s subject) begin(c *fiber.Ctx) error {
	org, err := s.organisation(c)
	if err != nil {
		return err
	}
	d, err := s.Requests.StartDraft(c.UserContext(), requests.Filing{Organisation: org.ID, Language: s.speech(c).Tag()})
	if err != nil {
		return err
	}
	s.keepDraft(c, d.ID)
	return s.done(c, "/file/rights", "")
}
