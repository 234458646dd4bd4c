// Package api is the JSON API: the same services as the pages, typed, with an
// OpenAPI document that is generated from the code that answers.
package api

import (
	"context"
	"log/slog"
	"strings"
	"time"

	"github.com/danielgtaylor/huma/v2"
	"github.com/danielgtaylor/huma/v2/adapters/humafiber"
	"github.com/gofiber/fiber/v2"

	"inzage/handlers/access"
	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/evidence"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
	"inzage/services/tokens"
	"inzage/services/vault"
)

// Base is where the API is.
const Base = "/api/v1"

// Deps is what the API is made of. All fields are needed.
type Deps struct {
	Identity   *identity.Service
	Requests   *requests.Service
	Audits     *audits.Service
	Agreements *agreements.Registry
	Notify     *notify.Service
	Ledger     *ledger.Ledger
	Evidence   *evidence.Service
	Tokens     *tokens.Service
	Vault      vault.Keeper
	Replays    document.Collection[Replay]
	Cookies    session.Cookies
	Papers     Papers      // handlers.New puts the pages in
	Pace       access.Pace // and the times that it gives
	Log        *slog.Logger
	Now        func() time.Time
}

// API is the mounted API.
type API struct {
	Deps
	huma  huma.API
	guard access.Guard
	rows  []access.Row
}

// Mount adds the API to the app, behind the same middleware as the pages.
func Mount(app *fiber.App, d Deps, guard access.Guard) *API {
	a := &API{Deps: d, guard: guard}
	app.Use(Base, a.identify, withBody)
	ours()
	a.huma = humafiber.NewV2WithGroup(app, app.Group(Base), a.document())
	a.mountSessions()
	a.mountEntrances()
	a.mountAccount()
	a.mountTokens()
	a.mountLedger()
	a.mountKeepers()
	a.mountRules()
	a.mountRequests()
	a.mountStory()
	a.mountAssists()
	a.mountAudits()
	a.mountFilings()
	a.mountMine()
	a.mountAgreements()
	a.mountOrganisations()
	a.mountRetention()
	a.mountHealth()
	a.mountPapers()
	return a
}

// call is who calls, and as what.
type call struct {
	actor   identity.Actor
	session identity.Session
	scopes  []string // of a token
	machine bool
	number  string
	fiber   *fiber.Ctx
}

type callKey struct{}

func callOf(ctx context.Context) call {
	c, _ := ctx.Value(callKey{}).(call)
	return c
}

// identify puts the caller in place: a token of a machine, or the session that
// the cookie middleware found. Both at once would leave open who acts.
func (a *API) identify(c *fiber.Ctx) error {
	who := call{actor: session.Actor(c), session: session.Session(c), number: respond.Number(c), fiber: c}
	// The scheme is written in any case: RFC 9110, 11.1.
	if scheme, signed, _ := strings.Cut(c.Get(fiber.HeaderAuthorization), " "); strings.EqualFold(scheme, "Bearer") {
		actor, scopes, err := a.Tokens.Check(c.UserContext(), signed)
		if err != nil {
			return err
		}
		who.actor, who.session, who.scopes, who.machine = actor, identity.Session{}, scopes, true
	}
	c.SetUserContext(context.WithValue(c.UserContext(), callKey{}, who))
	return c.Next()
}

// route is one operation of the API.
type route struct {
	ID, Method, Path, Summary, Tag string
	// Roles may call it, fully signed in; the service decides again on the object.
	// Empty: anybody, for signing in and for what is public.
	Roles []identity.Role
	// Half lets callers in whose second factor is still to come.
	Half bool
	// Scope is what a token needs for it; "" keeps machines out.
	Scope  string
	Status int // of success; 0 is 200
	// About says more than the summary.
	About string
	// Takes is true when the body is one file, as a stream. Gives is the media
	// type of an answer that is one file; anyFile when each has its own.
	Takes bool
	Gives string
	// Entry is the ledger's action that a success leaves, or silent; By and Fresh
	// are as in access.Row.
	Entry string
	By    []string
	Fresh access.Fresh
	// Of is what the body names, where the address names nothing.
	Of access.Object

	row   access.Row
	guard access.Guard
}

// All roles of people who are signed in.
var anyRole = []identity.Role{identity.Subject, identity.Agent, identity.PrivacyOfficer, identity.Admin, identity.Auditor, identity.Operator}

// handle adds an operation. do gets the caller as an argument: nothing below
// it looks into the context.
func handle[I, O any](a *API, r route, do func(ctx context.Context, by identity.Actor, in *I) (*O, error)) {
	r = a.placed(r)
	op := huma.Operation{OperationID: r.ID, Method: r.Method, Path: r.Path, Summary: r.Summary, Tags: []string{r.Tag}, DefaultStatus: r.Status,
		Errors: refusals(r), MaxBodyBytes: 1 << 20, Extensions: map[string]any{"x-roles": append([]identity.Role{}, r.Roles...)}}
	r.describe(&op)
	a.grouped(r.Tag)
	if r.Scope != "" {
		op.Extensions["x-scope"] = r.Scope
	}
	op.Security = []map[string][]string{} // nobody has to prove anything
	if len(r.Roles) > 0 || r.Half {
		op.Security = append(op.Security, map[string][]string{sessionScheme: {}})
		if r.Scope != "" {
			op.Security = append(op.Security, map[string][]string{tokenScheme: {}})
		}
	}
	// Before anything is read of the call: a stranger learns nothing of its form.
	op.Middlewares = huma.Middlewares{func(ctx huma.Context, next func(huma.Context)) {
		who := callOf(ctx.Context())
		err := r.admits(who)
		if err == nil && r.Takes != isFile(who.fiber) {
			err = errKind
		}
		if err == nil && ctx.Operation().RequestBody == nil && !isEmpty(who.fiber) {
			err = errContent
		}
		if err != nil {
			refusal := a.refuse(ctx.Context(), err)
			for name, values := range refusal.GetHeaders() { // huma sends those of handlers only
				ctx.SetHeader(name, values[0])
			}
			if werr := huma.WriteErr(a.huma, ctx, refusal.Status, "", refusal); werr != nil {
				a.Log.ErrorContext(ctx.Context(), "refusal not sent", "error", werr.Error())
			}
			return
		}
		next(ctx)
	}}
	huma.Register(a.huma, op, func(ctx context.Context, in *I) (*O, error) {
		out, err := do(ctx, callOf(ctx).actor, in)
		if err != nil {
			return nil, a.refuse(ctx, r.after(ctx, err))
		}
		return out, nil
	})
}

// Scopes are what tokens can be given, each once, sorted.
func Scopes() []string {
	return []string{"agreements:read", "audits:read", "audits:write", "ledger:read", "requests:read", "requests:write"}
}
