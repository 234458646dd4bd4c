package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	pages "inzage/views/pages/account"
	"inzage/views/ui"
)

func (a account) forgot(c *fiber.Ctx) error {
	return a.forgotPage(c, fiber.StatusOK, pages.Forgot{})
}

func (a account) forgotPage(c *fiber.Ctx, status int, v pages.Forgot) error {
	p := a.page(c, "Choose a new password")
	p.Invalid = len(v.Errors) > 0
	return respond.Page(c, status, pages.ForgotPage(p, v))
}

// forget answers alike whether or not there is such an account.
func (a account) forget(c *fiber.Ctx) error {
	v := pages.Forgot{Email: c.FormValue("email")}
	err := a.Identity.ForgotPassword(c.UserContext(), v.Email, a.speech(c).Tag(), a.address(c))
	if errs, ok := a.refusals(c, err); ok {
		v.Errors = errs
		return a.forgotPage(c, fiber.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	v.Sent = true
	return a.forgotPage(c, fiber.StatusOK, v)
}

// reset shows the form behind the link. Opening it changes nothing, so a mail
// scanner may.
func (a account) reset(c *fiber.Ctx) error {
	if _, err := a.Identity.OpenLink(c.UserContext(), identity.LinkPassword, c.Params("token")); err != nil {
		return err
	}
	return a.resetPage(c, fiber.StatusOK, nil)
}

func (a account) resetPage(c *fiber.Ctx, status int, errs ui.FieldErrors) error {
	p := a.page(c, "Choose a new password")
	p.Invalid = len(errs) > 0
	return respond.Page(c, status, pages.ResetPage(p, pages.Reset{Action: c.Path(), Errors: errs}))
}

func (a account) choose(c *fiber.Ctx) error {
	err := a.Identity.ResetPassword(c.UserContext(), c.Params("token"), c.FormValue("password"))
	if errs, ok := a.refusals(c, err); ok {
		return a.resetPage(c, fiber.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	return a.done(c, "/sign-in", "password-changed")
}

func (a account) changeForm(c *fiber.Ctx) error { return a.changePage(c, fiber.StatusOK, nil) }

func (a account) changePage(c *fiber.Ctx, status int, errs ui.FieldErrors) error {
	acc, _, err := a.Identity.Me(c.UserContext(), session.Actor(c))
	if err != nil {
		return err
	}
	p := a.page(c, "Change your password")
	p.Invalid = len(errs) > 0
	return respond.Page(c, status, pages.ChangePage(p, pages.Change{Had: acc.Password != "", Errors: errs}))
}

func (a account) change(c *fiber.Ctx) error {
	e, err := a.Identity.ChangePassword(c.UserContext(), session.Actor(c), c.FormValue("old"), c.FormValue("password"), a.address(c))
	if errs, ok := a.refusals(c, err); ok {
		return a.changePage(c, fiber.StatusUnprocessableEntity, errs)
	}
	if errors.Is(err, identity.ErrSignIn) {
		text := a.speech(c).T("This is not your present password, or checking it is paused for 15 minutes after too many attempts.")
		return a.changePage(c, fiber.StatusUnauthorized, ui.FieldErrors{{Name: "old", Text: text}})
	}
	if err != nil {
		return err
	}
	a.Cookies.Start(c, e.Token)
	return a.done(c, "/account", "password-changed")
}
