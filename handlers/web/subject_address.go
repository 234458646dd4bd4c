package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// mountAddress adds the way to another e-mail address, which the person proves
// while they are signed in with the one before.
func (s subject) mountAddress(app routes) {
	app.Get("/my/:id/address", s.addressForm)
	app.Post("/my/:id/address", post(s.addressCode))
	app.Post("/my/:id/address/code", post(s.addressMoved))
}

func (s subject) moveRequest(c *fiber.Ctx, r requests.Request, email string) identity.CodeRequest {
	return identity.CodeRequest{Purpose: requests.MovePurpose, Object: r.LinkOf(), Email: strings.TrimSpace(email), Language: s.speech(c).Tag(), Address: s.address(c)}
}

func (s subject) addressForm(c *fiber.Ctx) error {
	v, err := s.allowed(c, requests.MoveAddress)
	if err != nil {
		return err
	}
	if _, err := s.Requests.CheckMove(c.UserContext(), s.actor(c), v.r.ID); err != nil {
		return s.strong(c, err)
	}
	return s.showAddress(c, v, fiber.StatusOK, nil)
}

func (s subject) showAddress(c *fiber.Ctx, v seen, status int, errs ui.FieldErrors) error {
	p, at := s.speech(c), "/my/"+v.r.ID
	return s.form(c, status, p.T("Use another e-mail address"), pages.Form{
		Lead: p.T("Now we write to %s about this request.", v.story.Person.Email), Errors: errs, Post: ui.Post{Action: at + "/address"},
		Inputs: []pages.Input{{Kind: pages.Email, Field: ui.Field{Name: "email", Label: p.T("Your new e-mail address"), Value: c.FormValue("email"), Autocomplete: "email", Error: errs.For("email")}}},
		Will: []string{p.T("We send a code to the new address. Nothing changes until you have filled it in."),
			p.T("From then on the earlier address opens nothing of this request. It gets one last mail about that.")},
		Buttons: []ui.Button{{Label: p.T("Send a code to this address"), TestID: "address"}, {Label: p.T("Back to your request"), Href: at, Look: ui.Quiet}},
	})
}

// addressCode sends the code and asks for it. The address goes along in the
// form, so that it stands in no address of a page.
func (s subject) addressCode(c *fiber.Ctx) error {
	v, err := s.allowed(c, requests.MoveAddress)
	if err != nil {
		return err
	}
	if _, err := s.Requests.CheckMove(c.UserContext(), s.actor(c), v.r.ID); err != nil {
		return s.strongTo(c, err, "/my/"+v.r.ID+"/address")
	}
	err = s.Identity.SendCode(c.UserContext(), s.moveRequest(c, v.r, c.FormValue("email")))
	if s.invalid(err) {
		errs, _ := s.errors(c, err, "email")
		return s.showAddress(c, v, fiber.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	return s.showAddressCode(c, v, fiber.StatusOK, nil)
}

func (s subject) showAddressCode(c *fiber.Ctx, v seen, status int, errs ui.FieldErrors) error {
	p, at := s.speech(c), "/my/"+v.r.ID
	email := strings.TrimSpace(c.FormValue("email"))
	return s.form(c, status, p.T("Fill in the code"), pages.Form{
		Lead: p.T("The code is on its way to %s.", email), Errors: errs, Post: ui.Post{Action: at + "/address/code"},
		Inputs: []pages.Input{{Kind: pages.Email, Field: ui.Field{Name: "email", Label: p.T("Your new e-mail address"), Value: email, Autocomplete: "email", Error: errs.For("email")}},
			{Kind: pages.Code, Field: ui.Field{Name: "code", Label: p.T("The code from the e-mail"),
				Hint: p.T("Six digits. It works for %d minutes, and you can try three times.", int(s.Identity.Limits.CodeLife.Minutes())), Error: errs.For("code")}}},
		Buttons: []ui.Button{{Label: p.T("Use this address from now on"), TestID: "moved"}, {Label: p.T("Keep the address as it is"), Href: at, Look: ui.Quiet}},
	})
}

// addressMoved puts the proven address in the place of the one before, and goes
// on with a session of its own.
func (s subject) addressMoved(c *fiber.Ctx) error {
	v, err := s.allowed(c, requests.MoveAddress)
	if err != nil {
		return err
	}
	ctx, by := c.UserContext(), s.actor(c)
	if _, err := s.Requests.CheckMove(ctx, by, v.r.ID); err != nil {
		return s.strongTo(c, err, "/my/"+v.r.ID+"/address")
	}
	proof, err := s.Identity.CheckCode(ctx, s.moveRequest(c, v.r, c.FormValue("email")), c.FormValue("code"))
	if err == nil {
		_, err = s.Requests.Move(ctx, by, v.r.ID, proof)
	}
	if s.invalid(err) {
		errs, _ := s.errors(c, err, "code")
		return s.showAddressCode(c, v, fiber.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	entry, err := s.Identity.StartSubject(ctx, proof, v.story.Person.Name, v.r.Language)
	if err != nil {
		return err
	}
	s.Cookies.Start(c, entry.Token)
	return s.done(c, "/my/"+v.r.ID, "address-moved")
}

// strongTo is strong for a form that was sent: the way back leads to its page.
func (s subject) strongTo(c *fiber.Ctx, err error, to string) error {
	if fault.KindOf(err) != fault.StepUp {
		return err
	}
	return c.Redirect("/my/"+c.Params("id")+"/identify?to="+to, fiber.StatusSeeOther)
}

// showRefusedWord is the form of the private link once more, after the code was
// right and the word was not: the code is used up.
func (s subject) showRefusedWord(c *fiber.Ctx, r requests.Request, person requests.Person, err error) error {
	errs, _ := s.errors(c, err, "word")
	return s.showFollow(c, r, person, respond.Status(err), errs)
}
