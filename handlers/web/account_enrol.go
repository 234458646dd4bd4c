package web

import (
	"errors"
	"slices"
	"strings"

	"github.com/boombuler/barcode/qr"
	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	pages "inzage/views/pages/account"
	"inzage/views/ui"
)

// enrol offers the ways to set up a first second factor.
func (a account) enrol(c *fiber.Ctx) error {
	return a.enrolPage(c, fiber.StatusOK, nil)
}

func (a account) enrolPage(c *fiber.Ctx, status int, errs ui.FieldErrors) error {
	by := session.Actor(c)
	if by.Level == identity.Full {
		return c.Redirect("/account", fiber.StatusSeeOther)
	}
	next, err := a.Identity.Next(c.UserContext(), by)
	if err != nil {
		return err
	}
	if !slices.Contains(next, identity.NextEnrol) {
		return c.Redirect(with("/sign-in/factor", back(c, "")), fiber.StatusSeeOther)
	}
	acc, _, err := a.Identity.Me(c.UserContext(), by)
	if err != nil {
		return err
	}
	p := a.page(c, "Set up your second factor")
	p.Path = with("/sign-in/enrol", back(c, ""))
	p.Invalid = len(errs) > 0
	return respond.Page(c, status, pages.EnrolPage(p, pages.Enrol{
		Passkeys: a.Identity.PasskeysWork(), Password: acc.Password == "", To: back(c, ""), Errors: errs}))
}

// firstPassword is a data subject's: an authenticator app goes with a password.
func (a account) firstPassword(c *fiber.Ctx) error {
	e, err := a.Identity.ChoosePassword(c.UserContext(), session.Actor(c), c.FormValue("password"))
	if errs, ok := a.refusals(c, err); ok {
		return a.enrolPage(c, fiber.StatusUnprocessableEntity, errs)
	}
	if err != nil {
		return err
	}
	a.Cookies.Start(c, e.Token)
	return c.Redirect(with("/sign-in/enrol", back(c, "")), fiber.StatusSeeOther)
}

func (a account) beginApp(c *fiber.Ctx) error {
	setup, err := a.Identity.BeginTOTP(c.UserContext(), session.Actor(c))
	if err != nil {
		return err
	}
	to := "/account/authenticator?setup=" + setup.Ceremony
	if on := back(c, ""); on != "" {
		to = with("/account/authenticator", on) + "&setup=" + setup.Ceremony
	}
	return c.Redirect(to, fiber.StatusSeeOther)
}

// app shows an enrolment that has begun, or asks whether to begin one.
func (a account) app(c *fiber.Ctx) error {
	if c.Query("setup") != "" {
		return a.appPage(c, fiber.StatusOK, c.Query("setup"), nil)
	}
	by := session.Actor(c)
	if by.Level != identity.Full {
		return c.Redirect("/sign-in/enrol", fiber.StatusSeeOther)
	}
	if !by.Strong(a.Now()) {
		return identity.ErrStepUp
	}
	p := a.page(c, "Set up an authenticator app")
	return respond.Page(c, fiber.StatusOK, pages.SurePage(p, pages.Sure{
		Back: a.toAccount(c), Post: ui.Post{Action: "/account/authenticator"},
		Confirm: ui.Confirmation{
			Title: p.T("Bind a new app to your account"),
			Will: []string{
				p.T("We show a code that you scan with the app, and you type the first code that the app gives."),
				p.T("From then on only the new app works; one that you used before stops."),
				p.T("You get ten new recovery codes, and your other sessions end."),
			},
			Confirm: ui.Button{Label: p.T("Show the code to scan")}, Cancel: ui.Link{Label: p.T("Leave it as it is"), Href: "/account"},
		}}))
}

func (a account) appPage(c *fiber.Ctx, status int, ceremony string, errs ui.FieldErrors) error {
	by := session.Actor(c)
	setup, err := a.Identity.OpenTOTP(c.UserContext(), by, ceremony)
	if err != nil {
		return err
	}
	acc, _, err := a.Identity.Me(c.UserContext(), by)
	if err != nil {
		return err
	}
	code, err := qr.Encode(setup.URL, qr.M, qr.Auto)
	if err != nil {
		return err
	}
	p := a.page(c, "Set up an authenticator app")
	p.Invalid = len(errs) > 0
	if c.Method() != fiber.MethodGet {
		p.Path = "/account/authenticator?setup=" + setup.Ceremony
	}
	return respond.Page(c, status, pages.AppPage(p, pages.App{
		Ceremony: setup.Ceremony, QR: qrModules(code), Secret: keyGroups(setup.Secret), URL: setup.URL, To: back(c, ""),
		Replaces: acc.TOTP.ID != "" && !acc.TOTP.Off, Errors: errs}))
}

func (a account) confirmApp(c *fiber.Ctx) error {
	e, codes, err := a.Identity.ConfirmTOTP(c.UserContext(), session.Actor(c), c.FormValue("setup"), c.FormValue("code"))
	if errors.Is(err, identity.ErrFactor) {
		text := a.speech(c).T("This code is not right. Wait for the next one in the app, and check that the clock of your phone is right.")
		return a.appPage(c, fiber.StatusUnauthorized, c.FormValue("setup"), ui.FieldErrors{{Name: "code", Text: text}})
	}
	if err != nil {
		return err
	}
	a.Cookies.Start(c, e.Token)
	return a.codesPage(c, codes, e.CSRF, back(c, a.home(e.Actor)))
}

// codesPage shows recovery codes this once. csrf is the new session's.
func (a account) codesPage(c *fiber.Ctx, codes []string, csrf, to string) error {
	p := a.page(c, "Keep these recovery codes")
	p.CSRF, p.Sensitive = csrf, true
	p.Path = "/account" // the codes are not shown again in another language
	return respond.Page(c, fiber.StatusOK, pages.CodesPage(p, pages.Codes{Codes: codes, Next: ui.Button{Label: p.T("I have kept them, go on"), Href: to}}))
}

func (a account) beginPasskey(c *fiber.Ctx) error {
	ch, err := a.Identity.BeginPasskeyEnrolment(c.UserContext(), session.Actor(c))
	return a.challenge(c, ch, err)
}

func (a account) keepPasskey(c *fiber.Ctx) error {
	by := session.Actor(c)
	name := strings.TrimSpace(c.FormValue("name"))
	if name == "" {
		name = a.speech(c).T("Passkey of %s", a.speech(c).ShortDate(a.Now()))
	}
	e, err := a.Identity.FinishPasskeyEnrolment(c.UserContext(), by, c.FormValue("ceremony"), name, []byte(c.FormValue("credential")))
	if err != nil {
		return err
	}
	a.Cookies.Start(c, e.Token)
	if by.Level != identity.Full {
		return a.done(c, back(c, a.home(e.Actor)), "passkey-added")
	}
	return a.done(c, back(c, "/account"), "passkey-added")
}
