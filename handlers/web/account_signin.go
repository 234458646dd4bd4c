package web

import (
	"errors"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	pages "inzage/views/pages/account"
	"inzage/views/ui"
)

func (a account) signIn(c *fiber.Ctx) error {
	switch by := session.Actor(c); by.Level {
	case identity.Full:
		return c.Redirect(back(c, a.home(by)), fiber.StatusSeeOther)
	case identity.Half:
		return c.Redirect(with("/sign-in/factor", back(c, "")), fiber.StatusSeeOther)
	}
	return a.signInPage(c, fiber.StatusOK, pages.SignIn{})
}

func (a account) signInPage(c *fiber.Ctx, status int, v pages.SignIn) error {
	v.To, v.Passkeys = back(c, ""), a.Identity.PasskeysWork()
	p := a.page(c, "Sign in")
	p.Path = with("/sign-in", v.To)
	p.Invalid = status != fiber.StatusOK
	return respond.Page(c, status, pages.SignInPage(p, v))
}

func (a account) password(c *fiber.Ctx) error {
	v := pages.SignIn{Email: c.FormValue("email"), Errors: a.missing(c, "email", "password")}
	if len(v.Errors) > 0 {
		return a.signInPage(c, fiber.StatusUnprocessableEntity, v)
	}
	e, err := a.Identity.SignIn(c.UserContext(), identity.Credentials{Email: v.Email, Password: c.FormValue("password"), Address: a.address(c)})
	if errors.Is(err, identity.ErrSignIn) {
		var status int
		v.Refused, status = a.says(c, err)
		return a.signInPage(c, status, v)
	}
	if err != nil {
		return err
	}
	if err := a.leave(c); err != nil {
		return err
	}
	return a.arrive(c, e)
}

// missing names the fields that were left empty.
func (a account) missing(c *fiber.Ctx, fields ...string) ui.FieldErrors {
	p := a.speech(c)
	text := map[string]string{
		"email": p.T("Fill in your e-mail address."), "password": p.T("Fill in your password."),
		"code": p.T("Fill in the code."), "recovery": p.T("Fill in a recovery code."), "old": p.T("Fill in your present password."),
	}
	var all ui.FieldErrors
	for _, f := range fields {
		if strings.TrimSpace(c.FormValue(f)) == "" {
			all = append(all, ui.FieldError{Name: f, Text: text[f]})
		}
	}
	return all
}

// challenge answers a script that is about to ask the device for a passkey.
func (a account) challenge(c *fiber.Ctx, ch identity.Challenge, err error) error {
	if err != nil {
		return err
	}
	return c.JSON(fiber.Map{"ceremony": ch.Ceremony, "options": ch.Options})
}

func (a account) beginSignIn(c *fiber.Ctx) error {
	ch, err := a.Identity.BeginPasskeySignIn(c.UserContext())
	return a.challenge(c, ch, err)
}

func (a account) passkey(c *fiber.Ctx) error {
	e, err := a.Identity.FinishPasskeySignIn(c.UserContext(), c.FormValue("ceremony"), []byte(c.FormValue("credential")), a.address(c))
	if isOne(err, identity.ErrPasskey, identity.ErrCeremony, identity.ErrNoPasskey) {
		text, status := a.says(c, err)
		return a.signInPage(c, status, pages.SignIn{Refused: text})
	}
	if err != nil {
		return err
	}
	if err := a.leave(c); err != nil {
		return err
	}
	return a.arrive(c, e)
}
