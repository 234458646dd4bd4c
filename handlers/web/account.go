package web

import (
	"errors"
	"net/url"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/views/language"
	"inzage/views/ui"
)

// account are the pages on which people prove who they are, and look after the
// ways in which they do.
type account struct{ *Site }

func (s *Site) mountAccount(app routes) {
	a := account{s}
	// Public on purpose: the ways in. Each proves something before it opens anything.
	app.Get("/sign-in", a.signIn)
	app.Post("/sign-in", post(a.password))
	app.Post("/sign-in/passkey/begin", post(a.beginSignIn))
	app.Post("/sign-in/passkey", post(a.passkey))
	app.Post("/sign-out", post(a.signOut))
	app.Get("/password/forgot", a.forgot)
	app.Post("/password/forgot", post(a.forget))
	app.Get("/password/:token", a.reset)
	app.Post("/password/:token", post(a.choose))
	app.Get("/invitation/:token", a.invitation)
	app.Post("/invitation/:token", post(a.accept))
	app.Get("/enrol/:token", a.link)
	app.Post("/enrol/:token", post(a.useLink))

	// For a half session as well: what makes it full.
	app.Get("/sign-in/factor", a.factor)
	app.Post("/sign-in/factor", post(a.prove(atSignIn, a.code)))
	app.Post("/sign-in/factor/begin", post(a.beginProof))
	app.Post("/sign-in/factor/passkey", post(a.prove(atSignIn, a.credential)))
	app.Post("/sign-in/factor/recovery", post(a.prove(atSignIn, a.recovery)))
	app.Post("/sign-in/factor/password", post(a.prove(atSignIn, a.secret)))
	app.Get("/sign-in/enrol", a.enrol)
	app.Post("/sign-in/enrol/password", post(a.firstPassword))
	app.Get("/account/authenticator", a.app)
	app.Post("/account/authenticator", post(a.beginApp))
	app.Post("/account/authenticator/confirm", post(a.confirmApp))
	app.Post("/account/passkeys/begin", post(a.beginPasskey))
	app.Post("/account/passkeys", post(a.keepPasskey))

	app.Get("/account/confirm", a.confirm)
	app.Post("/account/confirm", post(a.prove(again, a.code)))
	app.Post("/account/confirm/passkey", post(a.prove(again, a.credential)))
	app.Post("/account/confirm/recovery", post(a.prove(again, a.recovery)))
	app.Get("/account", a.own)
	app.Post("/account/profile", post(a.profile))
	app.Get("/account/password", a.changeForm)
	app.Post("/account/password", post(a.change))
	app.Get("/account/recovery", a.renewForm)
	app.Post("/account/recovery", post(a.renew))
	app.Get("/account/passkeys/new", a.newPasskey)
	app.Get("/account/passkeys/:id", a.onePasskey)
	app.Post("/account/passkeys/:id", post(a.rename))
	app.Post("/account/passkeys/:id/remove", post(a.remove))
	app.Post("/account/sessions/end", post(a.endAll))
	app.Post("/account/sessions/:id/end", post(a.endOne))
	app.Post("/invitation/:token/join", post(a.join))
}

func (a account) address(c *fiber.Ctx) string {
	text, _ := c.Locals("address").(string)
	return text
}

// home is where a person begins who asked for nothing else.
func (a account) home(by identity.Actor) string {
	switch {
	case by.Is(identity.Operator):
		return "/organisations"
	case by.Is(identity.Agent), by.Is(identity.PrivacyOfficer), by.Is(identity.Admin):
		return "/queue"
	case by.Is(identity.Auditor):
		return "/audits"
	case by.Is(identity.Subject):
		return "/mine"
	}
	return "/account"
}

// arrive gives the browser the new session and leads on: to what is still
// missing, or to where the person wanted to be.
func (a account) arrive(c *fiber.Ctx, e identity.Entry) error {
	a.Cookies.Start(c, e.Token)
	to := back(c, "")
	if e.Session.Level == identity.Full {
		if to == "" {
			to = a.home(e.Actor)
		}
		return c.Redirect(to, fiber.StatusSeeOther)
	}
	next := "/sign-in/factor"
	if len(e.Next) == 1 && e.Next[0] == identity.NextEnrol {
		next = "/sign-in/enrol"
	}
	return c.Redirect(with(next, to), fiber.StatusSeeOther)
}

// with carries a place to return to, if there is one.
func with(path, to string) string {
	if to == "" {
		return path
	}
	return path + "?to=" + url.QueryEscape(to)
}

// leave ends the session that the browser brought, before it gets another: two
// sessions of one browser would leave one behind that nobody sees.
func (a account) leave(c *fiber.Ctx) error {
	if by := session.Actor(c); by.Session != "" {
		return a.Identity.SignOut(c.UserContext(), by)
	}
	return nil
}

func (a account) signOut(c *fiber.Ctx) error {
	if err := a.leave(c); err != nil {
		return err
	}
	a.Cookies.End(c)
	return a.done(c, "/sign-in", "signed-out")
}

// says translates the sentence of a refusal, and gives its status.
func (a account) says(c *fiber.Ctx, err error) (string, int) {
	var f *fault.Error
	if !errors.As(err, &f) {
		return "", fiber.StatusInternalServerError
	}
	return a.speech(c).T(f.Text, f.Args...), respond.Status(err)
}

// isOne tells whether err is one of the refusals.
func isOne(err error, of ...error) bool {
	for _, one := range of {
		if errors.Is(err, one) {
			return true
		}
	}
	return false
}

func languageOptions() []ui.Option {
	var all []ui.Option
	for _, l := range language.Supported() {
		all = append(all, ui.Option{Value: l.Tag, Label: l.Name})
	}
	return all
}
