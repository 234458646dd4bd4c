package api

import (
	"context"
	"net/http"
	"time"

	"inzage/handlers/access"
	"inzage/services/identity"
)

const accountTag = "Your account"

// aboutEnrolment is who may bind a factor.
const aboutEnrolment = "A full session needs a second factor not older than five minutes; a half one may set up the first factor after an invitation, an enrolment link, or the code that goes with a private link."

func (a *API) mountAccount() {
	handle(a, route{ID: "read-account", Method: http.MethodGet, Path: "/account", Summary: "Your account, and the ways in which you prove that it is you", Tag: accountTag, Roles: anyRole, Entry: silent}, a.readAccount)
	handle(a, route{ID: "change-account", Method: http.MethodPut, Path: "/account", Summary: "Change your name and language", Tag: accountTag, Roles: anyRole,
		Entry: "account.change"}, a.changeAccount)
	handle(a, route{ID: "list-sessions", Method: http.MethodGet, Path: "/account/sessions", Summary: "Your sessions that live, the newest first", Tag: accountTag, Roles: anyRole,
		About: "At most fifty; one account can have no more that matter.", Entry: silent}, a.listSessions)
	handle(a, route{ID: "end-session", Method: http.MethodDelete, Path: "/account/sessions/{id}", Summary: "End one of your sessions at once", Tag: accountTag, Roles: anyRole, Status: http.StatusNoContent,
		Entry: "session.end", Fresh: access.AtDeed, About: "The one that calls ends with any factor."}, a.endSession)
	handle(a, route{ID: "end-sessions", Method: http.MethodDelete, Path: "/account/sessions", Summary: "End all your sessions at once, this one too", Tag: accountTag, Roles: anyRole, Status: http.StatusNoContent,
		Entry: "session.end_all", Fresh: access.AtDeed}, a.endSessions)
	handle(a, route{ID: "change-password", Method: http.MethodPut, Path: "/account/password", Summary: "Change your password", Tag: accountTag, Roles: anyRole,
		Entry: "password.change", Fresh: access.AtDeed, About: "Your other sessions end. Who has no password yet leaves out the old one."}, a.changePassword)
	a.mountAuthenticator()
	a.mountPasskeys()
}

// OwnAccount is an account as its owner sees it.
type OwnAccount struct {
	Account       string            `json:"account"`
	Name          string            `json:"name"`
	Email         string            `json:"email"`
	Organisation  string            `json:"organisation,omitempty" doc:"Its id"`
	Roles         []identity.Role   `json:"roles"`
	Language      string            `json:"language" enum:"nl,en"`
	Password      bool              `json:"password" doc:"There is one"`
	Authenticator *OwnAuthenticator `json:"authenticator,omitempty"` // absent without one
	Passkeys      []OwnPasskey      `json:"passkeys"`
}

// OwnAuthenticator is an authenticator app that is bound.
type OwnAuthenticator struct {
	Since    time.Time `json:"since"`
	Off      bool      `json:"off" doc:"After too many wrong codes; bind an app anew"`
	Recovery int       `json:"recovery" doc:"Recovery codes that are left"`
}

// OwnPasskey is a passkey that is bound.
type OwnPasskey struct {
	ID   string    `json:"id"`
	Name string    `json:"name"`
	Made time.Time `json:"made"`
	Used time.Time `json:"used"`
}

type accountOut struct{ Body OwnAccount }

func (a *API) readAccount(ctx context.Context, by identity.Actor, _ *nothing) (*accountOut, error) {
	acc, p, err := a.Identity.Me(ctx, by)
	if err != nil {
		return nil, err
	}
	out := OwnAccount{Account: acc.ID, Name: p.Name, Email: p.Email, Organisation: acc.Organisation, Roles: append([]identity.Role{}, acc.Roles...),
		Language: acc.Language, Password: acc.Password != "", Passkeys: []OwnPasskey{}}
	if acc.TOTP.ID != "" {
		out.Authenticator = &OwnAuthenticator{Since: acc.TOTP.Created, Off: acc.TOTP.Off, Recovery: len(acc.Recovery)}
	}
	for _, k := range acc.Passkeys {
		out.Passkeys = append(out.Passkeys, OwnPasskey{ID: k.ID, Name: k.Name, Made: k.Created, Used: k.Used})
	}
	return &accountOut{out}, nil
}

type profileIn struct {
	Body struct {
		Name     string `json:"name" maxLength:"120"`
		Language string `json:"language" enum:"nl,en"`
	}
}

func (a *API) changeAccount(ctx context.Context, by identity.Actor, in *profileIn) (*accountOut, error) {
	if err := a.Identity.ChangeProfile(ctx, by, in.Body.Name, in.Body.Language); err != nil {
		return nil, err
	}
	return a.readAccount(ctx, by, nil)
}

// OwnSession is one of the caller's sessions.
type OwnSession struct {
	ID      string    `json:"id"`
	Level   string    `json:"level" enum:"half,full"`
	Started time.Time `json:"started"`
	Seen    time.Time `json:"seen" doc:"Last used, to the minute"`
	Expires time.Time `json:"expires"`
	Current bool      `json:"current" doc:"The one that calls"`
}

type sessionsOut struct {
	Body struct {
		Sessions []OwnSession `json:"sessions"`
	}
}

func (a *API) listSessions(ctx context.Context, by identity.Actor, _ *nothing) (*sessionsOut, error) {
	all, err := a.Identity.OwnSessions(ctx, by)
	if err != nil {
		return nil, err
	}
	var out sessionsOut
	out.Body.Sessions = []OwnSession{}
	for _, s := range all {
		out.Body.Sessions = append(out.Body.Sessions, OwnSession{ID: s.ID, Level: levels[s.Level], Started: s.Started, Seen: s.Seen, Expires: s.Expires, Current: s.ID == by.Session})
	}
	return &out, nil
}

func (a *API) endSession(ctx context.Context, by identity.Actor, in *byID) (*done, error) {
	if in.ID == by.Session {
		return a.signOut(ctx, by, nil)
	}
	return nil, a.Identity.Revoke(ctx, by, in.ID)
}

func (a *API) endSessions(ctx context.Context, by identity.Actor, _ *nothing) (*done, error) {
	if err := a.Identity.RevokeAll(ctx, by, by.Account); err != nil {
		return nil, err
	}
	a.Cookies.End(callOf(ctx).fiber)
	return nil, nil
}

type changePasswordIn struct {
	Body struct {
		Old      string `json:"old,omitempty" maxLength:"512"`
		Password string `json:"password" maxLength:"512" doc:"12 to 128 characters, of any kind; none that is easy to guess"`
	}
}

func (a *API) changePassword(ctx context.Context, by identity.Actor, in *changePasswordIn) (*sessionOut, error) {
	e, err := a.Identity.ChangePassword(ctx, by, in.Body.Old, in.Body.Password, address(ctx))
	if err != nil {
		return nil, err
	}
	return a.entered(ctx, e), nil
}
