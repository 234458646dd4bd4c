package api

import (
	"context"
	"net/url"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/access"
	"inzage/handlers/session"
	"inzage/services/identity"
	"inzage/services/requests"
)

// Rows are the rows of all operations, made of what each declares.
func Rows() []access.Row {
	return Mount(fiber.New(), Deps{Cookies: session.Cookies{Origin: &url.URL{}}}, access.Guard{}).rows
}

// placed keeps the row of an operation and puts its guard in place.
func (a *API) placed(r route) route {
	r.row, r.guard = r.asRow(), a.guard
	a.rows = append(a.rows, r.row)
	return r
}

// asRow is the operation's row in the table of access.
func (r route) asRow() access.Row {
	row := access.Row{Method: r.Method, Path: colons.Replace(Base + r.Path), Door: access.Inside, Roles: r.Roles, Scope: r.Scope, Entry: r.Entry, Fresh: r.Fresh, By: r.By, Of: r.Of, Operation: r.ID}
	switch row.Entry {
	case silent:
		row.Entry = ""
	case "":
		row.Entry = access.Unstated
	}
	switch {
	case r.Half:
		row.Door = access.Begun
	case len(r.Roles) == 0:
		row.Door = access.Open
	}
	for beginning, of := range objects {
		if strings.HasPrefix(r.Path, beginning) {
			row.Of = of
		}
	}
	return row
}

// colons writes the parameters of a path as the router does.
var colons = strings.NewReplacer("{", ":", "}", "")

// objects say what the address of an operation names.
var objects = map[string]access.Object{
	"/requests/{": access.Request, "/my/requests/{": access.Request, "/links/": access.Link, "/assists/{": access.Assist, "/audits/{": access.Audit,
	"/agreements/{": access.Agreement, "/organisations/{": access.Organisation, "/people/{": access.Person,
	"/processors/{": access.Processor, "/invitations/{": access.Person, "/tokens/{": access.Organisation, "/sessions": access.Account, "/account": access.Account,
	"/password/": access.Link, "/invitations/open": access.Link, "/invitations/accept": access.Link, "/invitations/join": access.Link,
	"/calendar/address": access.Account, "/filing": access.Draft,
}

// silent is the Entry of an operation that leaves none, said in so many words:
// an empty one means that nobody thought of it, and is published as unstated.
const silent = "-"

// The relations to an object in which operations may be called, in the words of
// the tables of access, requests and audits.
var (
	bySubject    = []string{string(requests.TheSubject)}
	byDesk       = []string{string(requests.TheDesk)}
	bySeers      = []string{string(requests.TheDesk), string(requests.TheDeskAdmin), "party"}
	byHelp       = []string{"helper", "asker"}
	byHelper     = []string{"helper"}
	byAsker      = []string{"asker"}
	byParties    = []string{"controller", "processor"}
	byController = []string{"controller"}
	byKeeper     = []string{"admin", "operator"}
	byAdmin      = []string{"admin"}
	byOperator   = []string{"operator"}
)

// admits refuses who may not call the route at all; the refusal leaves its entry.
func (r route) admits(who call) error {
	return r.guard.Refused(who.fiber.UserContext(), r.row, who.actor, r.refusal(who))
}

func (r route) refusal(who call) error {
	if r.row.Door == access.Open {
		return nil
	}
	if who.actor.Account == "" || who.actor.Level != identity.Full && !r.Half {
		return identity.ErrSignedOut
	}
	if who.machine && (r.Scope == "" || !slices.Contains(who.scopes, r.Scope)) {
		return errScope
	}
	if err := r.row.Admits(who.actor, r.guard.Now()); err != nil {
		return identity.ErrForbidden // the operation is no secret: the document lists it with its roles
	}
	return nil
}

// after leaves the entry of a refusal behind the door that no service recorded.
func (r route) after(ctx context.Context, err error) error {
	return r.guard.After(ctx, r.row, callOf(ctx).actor, err)
}
