package web

import (
	"slices"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	pages "inzage/views/pages/account"
	"inzage/views/ui"
)

// occasion is when a second factor is asked: to sign in, or once more.
type occasion struct {
	path, title string
	again       bool
}

var (
	atSignIn = occasion{"/sign-in/factor", "Your second factor", false}
	again    = occasion{"/account/confirm", "Confirm that it is you", true}
)

// factor asks for what makes a half session full.
func (a account) factor(c *fiber.Ctx) error {
	if by := session.Actor(c); by.Level == identity.Full {
		return c.Redirect(back(c, a.home(by)), fiber.StatusSeeOther)
	}
	return a.factorPage(c, atSignIn, fiber.StatusOK, "", "")
}

// confirm asks for a second factor again.
func (a account) confirm(c *fiber.Ctx) error {
	if session.Actor(c).Strong(a.Now()) {
		return c.Redirect(back(c, "/account"), fiber.StatusSeeOther)
	}
	return a.factorPage(c, again, fiber.StatusOK, "", "")
}

func (a account) factorPage(c *fiber.Ctx, o occasion, status int, field, text string) error {
	v, err := a.ways(c, o)
	if err != nil {
		return err
	}
	v.Action, v.Again, v.To = o.path, o.again, back(c, "")
	switch {
	case text != "" && field != "":
		v.Errors = ui.FieldErrors{{Name: field, Text: text}}
	default:
		v.Refused = text
	}
	p := a.page(c, o.title)
	p.Path = with(o.path, v.To)
	p.Invalid = status != fiber.StatusOK
	return respond.Page(c, status, pages.FactorPage(p, v))
}

// ways are the proofs that would do for this person now.
func (a account) ways(c *fiber.Ctx, o occasion) (pages.Factor, error) {
	by := session.Actor(c)
	v := pages.Factor{Subject: len(by.Roles) == 1 && by.Roles[0] == identity.Subject}
	if o.again {
		acc, _, err := a.Identity.Me(c.UserContext(), by)
		v.Passkey = len(acc.Passkeys) > 0 && a.Identity.PasskeysWork()
		v.App = acc.TOTP.ID != "" && !acc.TOTP.Off
		v.Recovery = v.App && len(acc.Recovery) > 0
		return v, err
	}
	next, err := a.Identity.Next(c.UserContext(), by)
	v.Passkey = slices.Contains(next, identity.ProofPasskey) && a.Identity.PasskeysWork()
	v.App = slices.Contains(next, identity.ProofTOTP)
	v.Recovery = slices.Contains(next, identity.ProofRecovery)
	v.Password = slices.Contains(next, identity.ProofPassword)
	v.Enrol = slices.Contains(next, identity.NextEnrol)
	return v, err
}

// proof tries one kind of proof; field is the input it came in.
type proof func(c *fiber.Ctx) (field string, e identity.Entry, err error)

// prove tries a proof. A wrong one is answered with the same page.
func (a account) prove(o occasion, try proof) fiber.Handler {
	return func(c *fiber.Ctx) error {
		if session.Actor(c).Level == identity.Anonymous {
			return identity.ErrSignedOut
		}
		field, e, err := try(c)
		if isOne(err, identity.ErrFactor, identity.ErrPasskey, identity.ErrSignIn, identity.ErrNoFactor, identity.ErrCeremony, identity.ErrNoPasskey, identity.ErrProveMore) {
			text, status := a.says(c, err)
			return a.factorPage(c, o, status, field, text)
		}
		if err != nil {
			return err
		}
		if o.again {
			a.Cookies.Start(c, e.Token)
			return c.Redirect(back(c, "/account"), fiber.StatusSeeOther)
		}
		return a.arrive(c, e)
	}
}

func (a account) code(c *fiber.Ctx) (string, identity.Entry, error) {
	e, err := a.Identity.ProveTOTP(c.UserContext(), session.Actor(c), c.FormValue("code"))
	return "code", e, err
}

func (a account) recovery(c *fiber.Ctx) (string, identity.Entry, error) {
	e, err := a.Identity.ProveRecovery(c.UserContext(), session.Actor(c), c.FormValue("recovery"))
	return "recovery", e, err
}

func (a account) secret(c *fiber.Ctx) (string, identity.Entry, error) {
	e, err := a.Identity.ProvePassword(c.UserContext(), session.Actor(c), c.FormValue("password"), a.address(c))
	return "password", e, err
}

func (a account) credential(c *fiber.Ctx) (string, identity.Entry, error) {
	e, err := a.Identity.FinishPasskeyProof(c.UserContext(), session.Actor(c), c.FormValue("ceremony"), []byte(c.FormValue("credential")))
	return "", e, err
}

func (a account) beginProof(c *fiber.Ctx) error {
	ch, err := a.Identity.BeginPasskeyProof(c.UserContext(), session.Actor(c))
	return a.challenge(c, ch, err)
}
