package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	"inzage/views/language"
	pages "inzage/views/pages/account"
	"inzage/views/ui"
)

func (a account) invitation(c *fiber.Ctx) error {
	o, err := a.Identity.OpenInvitation(c.UserContext(), c.Params("token"))
	if err != nil {
		return err
	}
	if o.Joined { // an auditor invited twice, who came in by the other mail
		to := a.home(identity.Actor{Roles: o.Roles, Level: identity.Full})
		if session.Actor(c).Level == identity.Full {
			return c.Redirect(to, fiber.StatusSeeOther)
		}
		return c.Redirect(with("/sign-in", to), fiber.StatusSeeOther)
	}
	if o.Known {
		return a.joinPage(c, o)
	}
	return a.invitationPage(c, fiber.StatusOK, o, pages.Invitation{Name: o.Person.Name, Email: o.Person.Email, Language: o.Language})
}

func (a account) invitationPage(c *fiber.Ctx, status int, o identity.Offer, v pages.Invitation) error {
	p := a.page(c, "")
	p.Title = a.invited(p, o)
	p.Invalid = len(v.Errors) > 0
	v.Action, v.First, v.Facts, v.Languages = c.Path(), o.First, a.offered(c, o), languageOptions()
	return respond.Page(c, status, pages.InvitationPage(p, v))
}

func (a account) invited(p ui.Page, o identity.Offer) string {
	if o.Organisation.Name == "" {
		return p.T("Welcome to Inzage")
	}
	return p.T("Welcome to %s", o.Organisation.Name)
}

// offered is what the invitation says.
func (a account) offered(c *fiber.Ctx, o identity.Offer) []ui.Fact {
	p := a.speech(c)
	var facts []ui.Fact
	if o.Organisation.Name != "" {
		facts = append(facts, ui.Fact{Name: p.T("Organisation"), Value: o.Organisation.Name})
	}
	facts = append(facts, ui.Fact{Name: p.T("What you may do"), Value: a.roles(p, o.Roles)})
	if !o.First {
		facts = append(facts, ui.Fact{Name: p.T("Your e-mail address"), Value: o.Person.Email, TestID: "email"})
	}
	return append(facts, ui.Fact{Name: p.T("This link works until"), Value: p.DateTime(o.Expires)})
}

// roles names roles as one reads them.
func (s *Site) roles(p *language.Printer, all []identity.Role) string {
	var names []string
	for _, r := range all {
		names = append(names, p.T(roleNames[r]))
	}
	return p.List(names...)
}

func (a account) accept(c *fiber.Ctx) error {
	token := c.Params("token")
	in := identity.Acceptance{Token: token, Name: c.FormValue("name"), Email: c.FormValue("email"), Password: c.FormValue("password"), Language: c.FormValue("language")}
	e, err := a.Identity.AcceptInvitation(c.UserContext(), in)
	if errs, ok := a.refusals(c, err); ok {
		o, err := a.Identity.OpenInvitation(c.UserContext(), token)
		if err != nil {
			return err
		}
		v := pages.Invitation{Name: in.Name, Email: in.Email, Language: in.Language, Errors: errs}
		if !o.First {
			v.Email = o.Person.Email
		}
		return a.invitationPage(c, fiber.StatusUnprocessableEntity, o, v)
	}
	if err != nil {
		return err
	}
	if err := a.leave(c); err != nil {
		return err
	}
	return a.arrive(c, e)
}

// joinPage is for an address that has an account already.
func (a account) joinPage(c *fiber.Ctx, o identity.Offer) error {
	by := session.Actor(c)
	p := a.page(c, "")
	p.Title = a.invited(p, o)
	v := pages.Join{Post: ui.Post{Action: c.Path() + "/join"}, Confirm: ui.Confirmation{
		Title: p.T("Join with the account you have"), Facts: a.offered(c, o),
		Will: []string{
			p.T("Your account moves: from now on you work here, with the roles above."),
			p.T("What you could see and do before ends at once."),
			p.T("You sign in again, with the password and second factor that you have."),
		},
		Confirm: ui.Button{Label: p.T("Move my account and join")}, Cancel: ui.Link{Label: p.T("Not now"), Href: "/"},
	}}
	switch {
	case by.Level != identity.Full:
		v.SignIn = with("/sign-in", c.Path())
	case !by.Strong(a.Now()):
		v.SignIn = with("/account/confirm", c.Path())
	}
	return respond.Page(c, fiber.StatusOK, pages.JoinPage(p, v))
}

func (a account) join(c *fiber.Ctx) error {
	if err := a.Identity.JoinInvitation(c.UserContext(), session.Actor(c), c.Params("token")); err != nil {
		return err
	}
	a.Cookies.End(c)
	return a.done(c, "/sign-in", "joined")
}

// link asks for the password that goes with an enrolment link.
func (a account) link(c *fiber.Ctx) error {
	if _, err := a.Identity.OpenLink(c.UserContext(), identity.LinkEnrol, c.Params("token")); err != nil {
		return err
	}
	return a.linkPage(c, fiber.StatusOK, pages.Link{})
}

func (a account) linkPage(c *fiber.Ctx, status int, v pages.Link) error {
	p := a.page(c, "Set up your second factor again")
	p.Invalid = status != fiber.StatusOK
	v.Action = c.Path()
	return respond.Page(c, status, pages.LinkPage(p, v))
}

func (a account) useLink(c *fiber.Ctx) error {
	token := c.Params("token")
	if _, err := a.Identity.OpenLink(c.UserContext(), identity.LinkEnrol, token); err != nil {
		return err
	}
	v := pages.Link{Email: c.FormValue("email"), Errors: a.missing(c, "email", "password")}
	if len(v.Errors) > 0 {
		return a.linkPage(c, fiber.StatusUnprocessableEntity, v)
	}
	half, err := a.Identity.SignIn(c.UserContext(), identity.Credentials{Email: v.Email, Password: c.FormValue("password"), Address: a.address(c)})
	if errors.Is(err, identity.ErrSignIn) {
		var status int
		v.Refused, status = a.says(c, err)
		return a.linkPage(c, status, v)
	}
	if err != nil {
		return err
	}
	e, err := a.Identity.UseEnrolmentLink(c.UserContext(), half.Actor, token)
	if err != nil {
		return errors.Join(err, a.Identity.SignOut(c.UserContext(), half.Actor))
	}
	if err := a.leave(c); err != nil {
		return err
	}
	return a.arrive(c, e)
}
