package api

import (
	"context"
	"net/http"
	"time"

	"inzage/services/identity"
)

// Session is a session as its owner sees it. Its token is in the cookie only.
type Session struct {
	Level        string          `json:"level" doc:"half until the second factor is proven, then full" enum:"none,half,full"`
	Next         []string        `json:"next" doc:"The proofs that would make it full, each alone: totp, recovery, passkey"`
	Account      string          `json:"account"`
	Organisation string          `json:"organisation,omitempty"`
	Roles        []identity.Role `json:"roles"`
	CSRF         string          `json:"csrf" doc:"The token for forms of the pages"`
	Expires      time.Time       `json:"expires"`
}

type sessionOut struct{ Body Session }

type nothing struct{}

type done struct{}

const sessionTag = "Signing in"

func (a *API) mountSessions() {
	const tag = sessionTag
	handle(a, route{ID: "sign-in", Method: http.MethodPost, Path: "/sessions", Summary: "Sign in with a password; the second factor is still to come", Tag: tag, Status: http.StatusCreated, Entry: "session.start"}, a.signIn)
	handle(a, route{ID: "prove-totp", Method: http.MethodPost, Path: "/sessions/totp", Summary: "Prove the second factor with a code", Tag: tag, Half: true, Entry: "session.rise"}, a.proveTOTP)
	handle(a, route{ID: "prove-recovery", Method: http.MethodPost, Path: "/sessions/recovery", Summary: "Prove the second factor with a recovery code", Tag: tag, Half: true, Entry: "session.rise"}, a.proveRecovery)
	handle(a, route{ID: "who-am-i", Method: http.MethodGet, Path: "/sessions/current", Summary: "The session that calls", Tag: tag, Half: true, Entry: silent}, a.current)
	handle(a, route{ID: "sign-out", Method: http.MethodDelete, Path: "/sessions/current", Summary: "Sign out", Tag: tag, Half: true, Status: http.StatusNoContent, Entry: "session.end"}, a.signOut)
}

// entered puts the new token into the cookie and describes the session.
func (a *API) entered(ctx context.Context, e identity.Entry) *sessionOut {
	a.Cookies.Start(callOf(ctx).fiber, e.Token)
	return &sessionOut{describe(e.Actor, e.Session, e.Next, e.CSRF)}
}

// began is entered for a new session. It takes the place of the one that the
// caller brought, which would live on where nobody sees it.
func (a *API) began(ctx context.Context, by identity.Actor, e identity.Entry) (*sessionOut, error) {
	if by.Session != "" {
		if err := a.Identity.SignOut(ctx, by); err != nil {
			return nil, err
		}
	}
	return a.entered(ctx, e), nil
}

var levels = map[identity.Level]string{identity.Anonymous: "none", identity.Half: "half", identity.Full: "full"}

func describe(by identity.Actor, s identity.Session, next []string, csrf string) Session {
	return Session{Level: levels[by.Level], Next: append([]string{}, next...), Account: by.Account, Organisation: by.Organisation, Roles: append([]identity.Role{}, by.Roles...), CSRF: csrf, Expires: s.Expires}
}

type credentials struct {
	Body struct {
		Email    string `json:"email" maxLength:"254"`
		Password string `json:"password" maxLength:"512"`
	}
}

func (a *API) signIn(ctx context.Context, by identity.Actor, in *credentials) (*sessionOut, error) {
	e, err := a.Identity.SignIn(ctx, identity.Credentials{Email: in.Body.Email, Password: in.Body.Password, Address: address(ctx)})
	if err != nil {
		return nil, err
	}
	return a.began(ctx, by, e)
}

type codeIn struct {
	Body struct {
		Code string `json:"code" maxLength:"64"`
	}
}

func (a *API) proveTOTP(ctx context.Context, by identity.Actor, in *codeIn) (*sessionOut, error) {
	e, err := a.Identity.ProveTOTP(ctx, by, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return a.entered(ctx, e), nil
}

func (a *API) proveRecovery(ctx context.Context, by identity.Actor, in *codeIn) (*sessionOut, error) {
	e, err := a.Identity.ProveRecovery(ctx, by, in.Body.Code)
	if err != nil {
		return nil, err
	}
	return a.entered(ctx, e), nil
}

func (a *API) current(ctx context.Context, by identity.Actor, _ *nothing) (*sessionOut, error) {
	who := callOf(ctx)
	if who.machine {
		return &sessionOut{describe(by, identity.Session{}, nil, "")}, nil
	}
	next, err := a.Identity.Next(ctx, by)
	if err != nil {
		return nil, err
	}
	return &sessionOut{describe(by, who.session, next, a.Identity.CSRF(who.session))}, nil
}

func (a *API) signOut(ctx context.Context, by identity.Actor, _ *nothing) (*done, error) {
	if err := a.Identity.SignOut(ctx, by); err != nil {
		return nil, err
	}
	a.Cookies.End(callOf(ctx).fiber)
	return nil, nil
}
