package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

func (s subject) mountProof(app routes) {
	app.Get("/file/prove", s.prove)
	app.Post("/file/prove", post(s.proved))
	app.Post("/file/prove/again", post(s.proveAgain))
	app.Post("/file/prove/address", post(s.proveElsewhere))
	app.Get("/file/done", s.filed)
}

// unproven is a request that waits for its code, with the person who filed it.
// Where there is none the answer is given already and the request has no id.
func (s subject) unproven(c *fiber.Ctx) (requests.Request, requests.Person, error) {
	r, person, err := s.Requests.Unproven(c.UserContext(), s.Cookies.Get(c, draftCookie))
	switch fault.KindOf(err) {
	case fault.Gone:
		// Not sent yet, or not there at all; the form's own page tells which.
		if _, _, derr := s.Requests.Draft(c.UserContext(), s.Cookies.Get(c, draftCookie)); derr == nil {
			return requests.Request{}, person, c.Redirect("/file/check", fiber.StatusSeeOther)
		}
		return requests.Request{}, person, s.noDraft(c, err)
	case fault.Conflict:
		return requests.Request{}, person, c.Redirect("/file/done", fiber.StatusSeeOther)
	}
	return r, person, err
}

func (s subject) codeRequest(c *fiber.Ctx, r requests.Request, email string) identity.CodeRequest {
	return identity.CodeRequest{Purpose: requests.ConfirmPurpose, Object: r.ID, Email: email, Language: s.speech(c).Tag(), Address: s.address(c)}
}

// counted takes a place for the code to an address before anything is made for it.
func (s subject) counted(c *fiber.Ctx, id string, place *identity.Admitted) func(string) error {
	return func(email string) (err error) {
		*place, err = s.Identity.AdmitCode(c.UserContext(), s.codeRequest(c, requests.Request{Meta: document.Meta{ID: id}}, email))
		return err
	}
}

func (s subject) sendCode(c *fiber.Ctx, id string, place identity.Admitted) error {
	r, person, err := s.Requests.Unproven(c.UserContext(), id)
	if err != nil {
		return err
	}
	return s.Identity.SendAdmitted(c.UserContext(), s.codeRequest(c, r, person.Email), place)
}

// prove asks for the code. It sends none: reading a page changes nothing.
func (s subject) prove(c *fiber.Ctx) error {
	r, person, err := s.unproven(c)
	if err != nil || r.ID == "" {
		return err
	}
	return s.showProve(c, r, person, fiber.StatusOK, nil)
}

func (s subject) showProve(c *fiber.Ctx, r requests.Request, person requests.Person, status int, errs ui.FieldErrors) error {
	p := s.speech(c)
	org, err := s.Identity.Organisation(c.UserContext(), r.Desk)
	if err != nil {
		return err
	}
	v := pages.Prove{
		Step: pages.Step{Errors: errs, Next: p.T("Confirm and send my request"), Inputs: []pages.Input{{Kind: pages.Code, Field: ui.Field{Name: "code", Label: p.T("The code from the e-mail"),
			Hint: p.T("Six digits. It works for %d minutes, and you can try three times.", int(s.Identity.Limits.CodeLife.Minutes())), Error: errs.For("code")}}}},
		Words: []string{p.T("We have sent a code to %s. With it you show that this is your address. Only then your request goes to %s.", person.Email, org.Name),
			p.T("You can leave this page open and come back to it.")},
		Post: ui.Post{Action: "/file/prove"}, Again: ui.Post{Action: "/file/prove/again"}, AgainIs: p.T("Send me a new code"),
		Other: &pages.Readdress{Title: p.T("Is the address wrong?"), Post: ui.Post{Action: "/file/prove/address"}, Button: p.T("Send the code to this address"),
			Field: ui.Field{Name: "email", Label: p.T("Your e-mail address"), Value: person.Email, Error: errs.For("email")}, Open: errs.For("email") != ""},
	}
	fate, err := s.Identity.CodeFate(c.UserContext(), s.codeRequest(c, r, person.Email))
	if err != nil {
		return err
	}
	v.Sent = s.sending(c, fate, person.Email, "/file/prove")
	if fate.Refused {
		v.Words, v.Other.Open = v.Words[1:], true
	} else if fate.Waiting || fate.GivenUp {
		v.Words[0] = p.T("A code goes to %s. With it you show that this is your address. Only then your request goes to %s.", person.Email, org.Name)
	}
	page := s.framed(c, org, "Confirm your e-mail address")
	page.Invalid = len(errs) > 0
	return respond.Page(c, status, pages.ProvePage(page, v))
}

// proved checks the code. With it the request is received, and the filer sees
// it in a session of their own.
func (s subject) proved(c *fiber.Ctx) error {
	r, person, err := s.unproven(c)
	if err != nil || r.ID == "" {
		return err
	}
	ctx := c.UserContext()
	proof, err := s.Identity.CheckCode(ctx, s.codeRequest(c, r, person.Email), c.FormValue("code"))
	if s.invalid(err) {
		errs, _ := s.errors(c, err, "code")
		return s.showProve(c, r, person, fiber.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	name := person.Name
	if person.Representative != nil {
		name = person.Representative.Name
	}
	entry, err := s.Identity.StartSubject(ctx, proof, name, r.Language)
	if err != nil {
		return err
	}
	if _, err := s.Requests.Confirm(ctx, entry.Actor, r.ID, proof); err != nil {
		return err
	}
	s.Cookies.Start(c, entry.Token)
	return s.done(c, "/file/done", "")
}

func (s subject) proveAgain(c *fiber.Ctx) error {
	r, person, err := s.unproven(c)
	if err != nil || r.ID == "" {
		return err
	}
	if err := s.Identity.SendCode(c.UserContext(), s.codeRequest(c, r, person.Email)); err != nil {
		return err
	}
	return s.done(c, "/file/prove", "code-sent")
}

// proveElsewhere takes another address from somebody who mistyped theirs.
func (s subject) proveElsewhere(c *fiber.Ctx) error {
	r, person, err := s.unproven(c)
	if err != nil || r.ID == "" {
		return err
	}
	email := strings.TrimSpace(c.FormValue("email"))
	var place identity.Admitted
	if err := s.Requests.ReaddressAdmitted(c.UserContext(), r.ID, email, s.counted(c, r.ID, &place)); err != nil {
		if errs, ok := s.refusals(c, err); ok {
			person.Email = email
			return s.showProve(c, r, person, fiber.StatusUnprocessableEntity, errs)
		}
		return err
	}
	if err := s.Identity.SendAdmitted(c.UserContext(), s.codeRequest(c, r, email), place); err != nil {
		return err
	}
	return s.done(c, "/file/prove", "code-sent")
}

// filed says that the request was sent, and what happens now.
func (s subject) filed(c *fiber.Ctx) error {
	p, id := s.speech(c), s.Cookies.Get(c, draftCookie)
	v := pages.Plain{Tone: ui.Good, Lead: p.T("Your request has been sent."), TestID: "filed",
		Lines: []string{p.T("You get an e-mail about it with a link to your own page. Keep it: with that link and a code you follow your request, on any device.")}}
	page := s.page(c, "Your request is on its way")
	if !s.signedIn(c) {
		v.Buttons = []ui.Button{{Label: p.T("To the start page"), Href: "/", Look: ui.Secondary}}
		return respond.Page(c, fiber.StatusOK, pages.PlainPage(page, v))
	}
	r, _, err := s.Requests.Look(c.UserContext(), s.actor(c), id)
	if fault.KindOf(err) == fault.NotFound {
		return c.Redirect("/mine", fiber.StatusSeeOther)
	}
	if err != nil {
		return err
	}
	clock, err := s.Requests.Clock(c.UserContext(), r)
	if err != nil {
		return err
	}
	who, err := s.parties(c, r)
	if err != nil {
		return err
	}
	v.Facts = []ui.Fact{
		{Name: p.T("Your reference"), Value: r.Reference, TestID: "reference"},
		{Name: p.T("Who has it now"), Value: who.desk},
		{Name: p.T("An answer comes by"), Value: p.Day(clock.Due.Year, clock.Due.Month, clock.Due.Day), Chip: s.law(p, "12(3) GDPR")},
	}
	v.List, v.Listed = p.T("What will happen next"), s.upcoming(p, r, who)
	v.Buttons = []ui.Button{{Label: p.T("See my request"), Href: "/my/" + r.ID}}
	return respond.Page(c, fiber.StatusOK, pages.PlainPage(page, v))
}
