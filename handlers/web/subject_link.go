package web

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// mountLink adds the private link of the mails. By itself it opens nothing.
func (s subject) mountLink(app routes) {
	app.Get("/r/:reference/:token", s.follow)
	app.Post("/r/:reference/:token", post(s.followCode))
	app.Get("/r/:reference/:token/code", s.followProve)
	app.Post("/r/:reference/:token/code", post(s.followed))
}

func (s subject) linked(c *fiber.Ctx) (requests.Request, requests.Person, error) {
	return s.Requests.Followed(c.UserContext(), c.Params("reference"), c.Params("token"))
}

func (s subject) linkPath(c *fiber.Ctx) string {
	return "/r/" + url.PathEscape(c.Params("reference")) + "/" + url.PathEscape(c.Params("token"))
}

// follow shows what the link leads to. Opening it changes nothing, because
// mail programs open links by themselves.
func (s subject) follow(c *fiber.Ctx) error {
	r, _, err := s.linked(c)
	if fault.KindOf(err) == fault.Gone {
		return s.erased(c)
	}
	if err != nil {
		return err
	}
	p := s.speech(c)
	v := pages.Plain{
		Lead:    p.T("This link leads to your request %s.", r.Reference),
		Lines:   []string{p.T("To be sure that it is you, we send a code to the e-mail address of the request.")},
		Post:    &ui.Post{Action: s.linkPath(c)},
		Buttons: []ui.Button{{Label: p.T("Send me the code"), TestID: "send-code"}},
		TestID:  "follow",
	}
	if by := s.actor(c); s.signedIn(c) && by.Account == r.Account {
		v.Buttons = append(v.Buttons, ui.Button{Label: p.T("Go on without a code"), Href: "/my/" + r.ID, Look: ui.Quiet})
	}
	return respond.Page(c, fiber.StatusOK, pages.PlainPage(s.page(c, "Your request"), v))
}

// erased says that the content of a request is no longer there.
func (s subject) erased(c *fiber.Ctx) error {
	p := s.speech(c)
	return respond.Page(c, fiber.StatusGone, pages.PlainPage(s.page(c, "This request has been erased"), pages.Plain{
		Lead:    p.T("Some time after a request is closed we destroy everything in it. That has happened here, so it can no longer be opened by anybody."),
		Lines:   []string{p.T("Do you want to ask something again? You can, at any time.")},
		Buttons: []ui.Button{{Label: p.T("To the start page"), Href: "/", Look: ui.Secondary}}, TestID: "erased",
	}))
}

func (s subject) followRequest(c *fiber.Ctx, r requests.Request, email string) identity.CodeRequest {
	return identity.CodeRequest{Purpose: identity.LinkRequestPage, Object: r.LinkOf(), Email: email, Language: s.speech(c).Tag(), Address: s.address(c)}
}

func (s subject) followCode(c *fiber.Ctx) error {
	r, person, err := s.linked(c)
	if fault.KindOf(err) == fault.Gone {
		return s.erased(c)
	}
	if err != nil {
		return err
	}
	if err := s.Identity.SendCode(c.UserContext(), s.followRequest(c, r, person.Email)); err != nil {
		return err
	}
	return s.done(c, s.linkPath(c)+"/code", "code-sent")
}

func (s subject) followProve(c *fiber.Ctx) error {
	r, person, err := s.linked(c)
	if fault.KindOf(err) == fault.Gone {
		return s.erased(c)
	}
	if err != nil {
		return err
	}
	return s.showFollow(c, r, person, fiber.StatusOK, nil)
}

func (s subject) showFollow(c *fiber.Ctx, r requests.Request, person requests.Person, status int, errs ui.FieldErrors) error {
	p := s.speech(c)
	v := pages.Prove{
		Step: pages.Step{Errors: errs, Next: p.T("Open my request"), Inputs: []pages.Input{{Kind: pages.Code, Field: ui.Field{Name: "code", Label: p.T("The code from the e-mail"),
			Hint: p.T("Six digits. It works for %d minutes, and you can try three times.", int(s.Identity.Limits.CodeLife.Minutes())), Error: errs.For("code")}}}},
		Words: []string{p.T("The code is on its way to the e-mail address of request %s.", r.Reference)},
		Post:  ui.Post{Action: s.linkPath(c) + "/code"}, Again: ui.Post{Action: s.linkPath(c)}, AgainIs: p.T("Send me a new code"),
	}
	if !r.Held() {
		v.Words = append(v.Words, p.T("The organisation typed this address itself. So we also ask for the word from the letter that it sent to you or gave to you."))
		v.Step.Inputs = append(v.Step.Inputs, pages.Input{Kind: pages.Text, Field: ui.Field{Name: "word", Label: p.T("The word from the letter"), Size: "medium", Autocomplete: "off",
			Hint: p.T("Ten letters and digits. After %d wrong words you need a letter with a new one.", requests.WordTries), Error: errs.For("word")}})
	}
	fate, err := s.Identity.CodeFate(c.UserContext(), s.followRequest(c, r, person.Email))
	if err != nil {
		return err
	}
	v.Sent = s.sending(c, fate, "", s.linkPath(c)+"/code")
	if fate.Refused || fate.GivenUp {
		v.Words = nil
	}
	page := s.page(c, "Fill in the code")
	page.Invalid = len(errs) > 0
	return respond.Page(c, status, pages.ProvePage(page, v))
}

// followed opens a half session with the link and the code together.
func (s subject) followed(c *fiber.Ctx) error {
	r, person, err := s.linked(c)
	if fault.KindOf(err) == fault.Gone {
		return s.erased(c)
	}
	if err != nil {
		return err
	}
	ctx := c.UserContext()
	proof, err := s.Identity.CheckCode(ctx, s.followRequest(c, r, person.Email), c.FormValue("code"))
	if s.invalid(err) {
		errs, _ := s.errors(c, err, "code")
		return s.showFollow(c, r, person, fiber.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	if r, err = s.Requests.Admit(ctx, r.ID, proof, c.FormValue("word")); s.invalid(err) {
		return s.showRefusedWord(c, r, person, err)
	}
	if err != nil {
		return err
	}
	name := person.Name
	if person.Representative != nil {
		name = person.Representative.Name
	}
	entry, err := s.Identity.StartFollower(ctx, proof, c.Params("token"), name, r.Language)
	if errors.Is(err, identity.ErrNotFound) {
		return requests.ErrNotFound
	}
	if err != nil {
		return err
	}
	if _, err := s.Requests.Adopt(ctx, entry.Actor, r.ID, proof); err != nil {
		return err
	}
	s.Cookies.Start(c, entry.Token)
	return s.done(c, "/my/"+r.ID, "")
}

// stranger answers somebody who asks for a page of a request and is not signed in.
func (s subject) stranger(c *fiber.Ctx, refusal error) error {
	if k := fault.KindOf(refusal); k != fault.Unauthenticated && k != fault.NotFound {
		return refusal
	}
	p := s.speech(c)
	return respond.Page(c, fiber.StatusUnauthorized, pages.PlainPage(s.page(c, "Open your request first"), pages.Plain{
		Lead:    p.T("Use the link in the e-mail that you got about your request. We then send you a code."),
		Lines:   []string{p.T("Have you set up a passkey or an authenticator app here? Then you can sign in with it as well.")},
		Buttons: []ui.Button{{Label: p.T("Sign in"), Href: "/sign-in?to=" + url.QueryEscape(c.Path()), Look: ui.Secondary}},
		TestID:  "stranger",
	}))
}
