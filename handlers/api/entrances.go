package api

import (
	"context"
	"errors"
	"net/http"
	"time"

	"inzage/handlers/access"
	"inzage/services/identity"
)

// mountEntrances are the ways in beside a password and a factor: what a secret
// of a letter opens, and what a first session still lacks. A secret stands in
// the body, never in an address, which logs keep.
func (a *API) mountEntrances() {
	handle(a, route{ID: "forgot-password", Method: http.MethodPost, Path: "/password/forgot", Summary: "Have a link sent with which a forgotten password is replaced", Tag: sessionTag, Status: http.StatusAccepted,
		Entry: "link.issue", About: "The answer is the same whether or not the address has an account."}, a.forgotPassword)
	handle(a, route{ID: "reset-password", Method: http.MethodPost, Path: "/password/reset", Summary: "Replace a forgotten password", Tag: sessionTag, Status: http.StatusNoContent,
		Entry: "password.change", About: "All sessions end, and nobody is signed in: the second factor is asked as always."}, a.resetPassword)
	handle(a, route{ID: "read-invitation", Method: http.MethodPost, Path: "/invitations/open", Summary: "What the invitation of a letter says", Tag: sessionTag,
		About: "It changes nothing.", Entry: silent}, a.readInvitation)
	handle(a, route{ID: "accept-invitation", Method: http.MethodPost, Path: "/invitations/accept", Summary: "Accept an invitation with a password of your own", Tag: sessionTag, Status: http.StatusCreated,
		Entry: "account.create", About: "The session is half, and can set up the first factor: with an authenticator app or a passkey."}, a.acceptInvitation)
	handle(a, route{ID: "join-invitation", Method: http.MethodPost, Path: "/invitations/join", Summary: "Join another organisation with the account that you have", Tag: sessionTag, Roles: staffed, Status: http.StatusNoContent,
		Entry: "account.move", Fresh: access.AtDeed, About: "What you could see and do before ends at once, and so do your sessions."}, a.joinInvitation)
	handle(a, route{ID: "use-enrolment-link", Method: http.MethodPost, Path: "/links/enrolment", Summary: "Sign in with the link for a new second factor", Tag: sessionTag, Status: http.StatusCreated,
		Entry: "session.start", About: "An administrator took the old one away. The session is half, and can set up a new one."}, a.useEnrolmentLink)
	handle(a, route{ID: "prove-password", Method: http.MethodPost, Path: "/sessions/password", Summary: "Add the password to a session that began with a private link", Tag: sessionTag, Half: true,
		Entry: "session.prove"}, a.provePassword)
	handle(a, route{ID: "choose-first-password", Method: http.MethodPost, Path: "/account/password", Summary: "Choose a first password, which goes with an authenticator app", Tag: accountTag, Half: true, Roles: []identity.Role{identity.Subject},
		Entry: "password.change", About: "For data subjects who have proven their address and have no factor yet."}, a.choosePassword)
}

// staffed are the roles of those who work for somebody, and can move.
var staffed = []identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin, identity.Auditor}

type forgotIn struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Language string `json:"language,omitempty" enum:"nl,en" doc:"Of the letter when there is no such account; nl when absent"`
	}
}

func (a *API) forgotPassword(ctx context.Context, _ identity.Actor, in *forgotIn) (*done, error) {
	return nil, a.Identity.ForgotPassword(ctx, in.Body.Email, in.Body.Language, address(ctx))
}

type secretPasswordIn struct {
	Body struct {
		Token    string `json:"token" maxLength:"200" doc:"The last part of the link"`
		Password string `json:"password" maxLength:"512" doc:"12 to 128 characters, of any kind; none that is easy to guess"`
	}
}

func (a *API) resetPassword(ctx context.Context, _ identity.Actor, in *secretPasswordIn) (*done, error) {
	return nil, a.Identity.ResetPassword(ctx, in.Body.Token, in.Body.Password)
}

type secretIn struct {
	Body struct {
		Token string `json:"token" maxLength:"200" doc:"The last part of the link"`
	}
}

// OfferedPlace is an invitation as the invited person sees it.
type OfferedPlace struct {
	Organisation string          `json:"organisation,omitempty" doc:"Its name"`
	Name         string          `json:"name"`
	Email        string          `json:"email"`
	Roles        []identity.Role `json:"roles"`
	Language     string          `json:"language" enum:"nl,en"`
	Expires      time.Time       `json:"expires"`
	First        bool            `json:"first" doc:"The first operator of a portal, who gives name and e-mail address"`
	Known        bool            `json:"known" doc:"The address has an account already: sign in with it and join"`
	Joined       bool            `json:"joined" doc:"This invitation was followed already: sign in"`
}

type offerOut struct{ Body OfferedPlace }

func (a *API) readInvitation(ctx context.Context, _ identity.Actor, in *secretIn) (*offerOut, error) {
	o, err := a.Identity.OpenInvitation(ctx, in.Body.Token)
	if err != nil {
		return nil, err
	}
	return &offerOut{OfferedPlace{Organisation: o.Organisation.Name, Name: o.Person.Name, Email: o.Person.Email, Roles: append([]identity.Role{}, o.Roles...),
		Language: o.Language, Expires: o.Expires, First: o.First, Known: o.Known, Joined: o.Joined}}, nil
}

type acceptIn struct {
	Body struct {
		Token    string `json:"token" maxLength:"200" doc:"The last part of the link"`
		Name     string `json:"name,omitempty" maxLength:"120" doc:"The invited name when absent"`
		Email    string `json:"email,omitempty" maxLength:"254" doc:"For the first operator only"`
		Password string `json:"password" maxLength:"512" doc:"12 to 128 characters, of any kind; none that is easy to guess"`
		Language string `json:"language,omitempty" enum:"nl,en" doc:"That of the invitation when absent"`
	}
}

func (a *API) acceptInvitation(ctx context.Context, by identity.Actor, in *acceptIn) (*sessionOut, error) {
	e, err := a.Identity.AcceptInvitation(ctx, identity.Acceptance(in.Body))
	if err != nil {
		return nil, err
	}
	return a.began(ctx, by, e)
}

func (a *API) joinInvitation(ctx context.Context, by identity.Actor, in *secretIn) (*done, error) {
	if err := a.Identity.JoinInvitation(ctx, by, in.Body.Token); err != nil {
		return nil, err
	}
	a.Cookies.End(callOf(ctx).fiber)
	return nil, nil
}

type enrolmentIn struct {
	Body struct {
		Token    string `json:"token" maxLength:"200" doc:"The last part of the link"`
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"512"`
	}
}

// useEnrolmentLink proves the password first; what does not come with a link
// that works leaves no session behind.
func (a *API) useEnrolmentLink(ctx context.Context, by identity.Actor, in *enrolmentIn) (*sessionOut, error) {
	if _, err := a.Identity.OpenLink(ctx, identity.LinkEnrol, in.Body.Token); err != nil {
		return nil, err
	}
	half, err := a.Identity.SignIn(ctx, identity.Credentials{Email: in.Body.Email, Password: in.Body.Password, Address: address(ctx)})
	if err != nil {
		return nil, err
	}
	e, err := a.Identity.UseEnrolmentLink(ctx, half.Actor, in.Body.Token)
	if err != nil {
		return nil, errors.Join(err, a.Identity.SignOut(ctx, half.Actor))
	}
	return a.began(ctx, by, e)
}

type passwordIn struct {
	Body struct {
		Password string `json:"password" maxLength:"512"`
	}
}

func (a *API) provePassword(ctx context.Context, by identity.Actor, in *passwordIn) (*sessionOut, error) {
	e, err := a.Identity.ProvePassword(ctx, by, in.Body.Password, address(ctx))
	if err != nil {
		return nil, err
	}
	return a.entered(ctx, e), nil
}

func (a *API) choosePassword(ctx context.Context, by identity.Actor, in *passwordIn) (*sessionOut, error) {
	e, err := a.Identity.ChoosePassword(ctx, by, in.Body.Password)
	if err != nil {
		return nil, err
	}
	return a.entered(ctx, e), nil
}
