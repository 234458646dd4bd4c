// Package access is the portal's table of routes: for each page and call of the
// API who may come to it, how far they must have proven who they are, what
// decides there about the object that its address names, and the entry that it
// leaves in the ledger. The guards, the documentation and the tests are made of
// it. What may be done in which state is said by the tables of the requests and
// the audits, which a row refers to.
package access

import (
	"context"
	"fmt"
	"slices"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
)

// Door is how far somebody must have proven who they are.
type Door string

// The doors, from the widest.
const (
	Open   Door = "open"   // anybody
	Here   Door = "here"   // anybody at the machine of the portal itself; in the demo only
	Begun  Door = "begun"  // one factor: what makes a session full, and the data subject's own request
	Inside Door = "inside" // two factors, or a passkey with user verification
	Shut   Door = ""       // nobody: what a row does not say
)

// Object is what a route's address names, and so whose rule decides after the door.
type Object string

// The objects of the portal.
const (
	Nothing      Object = ""             // what is public, or a list that holds one's own only
	Draft        Object = "draft"        // the browser's own half-done form
	Link         Object = "link"         // whatever a secret in the address was made for
	Account      Object = "account"      // one's own account, sessions and factors
	Person       Object = "person"       // somebody of the own organisation
	Organisation Object = "organisation" // the own one; for operators each
	Agreement    Object = "agreement"    // of the own organisation with another
	Processor    Object = "processor"    // under an agreement with the own organisation
	Request      Object = "request"      // by the table of requests
	Assist       Object = "assist"       // a question for help with a request
	Audit        Object = "audit"        // by the table of audits
)

// Fresh is whether the second factor must have been proven within the last
// identity.StepUpAge.
type Fresh string

// When it must.
const (
	Anytime Fresh = ""
	AtDoor  Fresh = "door"    // asked for before the page is shown
	AtDeed  Fresh = "service" // checked by the service, with its own entry, because what is sent decides whether it must
)

// Row is one route.
type Row struct {
	Method, Path string
	Door         Door
	Roles        []identity.Role // one of these; none is any
	Of           Object
	// By are the relations to the object that may use the route, in the words of
	// its own table. None: the rule of a deed's own row there, or of the object.
	By    []string
	Fresh Fresh
	// Entry is the ledger's action that using the route leaves, "*" the action
	// of whichever deed is done; "" leaves none.
	Entry string
	// Scope is what a machine's token must hold; "" keeps machines out.
	Scope string
	// Operation is the name of a call of the API, or of the one that does what a
	// page does; "*" is that of whichever deed is done. A page without one says
	// why in Apart.
	Operation, Apart string
}

// Name is the route as the ledger and the documentation call it.
func (r Row) Name() string { return r.Method + " " + r.Path }

// Table is rows by their name.
type Table map[string]Row

// Of makes the table of rows. Where two rows name one route, nobody passes: one
// of them would be believed and the other followed.
func Of(rows []Row) Table {
	t := Table{}
	for _, r := range rows {
		if _, twice := t[r.Name()]; twice {
			r.Door = Shut
		}
		t[r.Name()] = r
	}
	return t
}

// Admits refuses who may not come to the route at all: Unauthenticated, StepUp,
// or NotFound for another role. The service decides again, on the object.
func (r Row) Admits(by identity.Actor, now time.Time) error {
	if r.Door == Open || r.Door == Here {
		return nil
	}
	if r.Door == Shut {
		return identity.ErrNotFound
	}
	if by.Account == "" || by.Level == identity.Anonymous {
		return identity.ErrSignedOut
	}
	if r.Door == Inside && by.Level != identity.Full {
		return errHalf
	}
	if len(r.Roles) > 0 && !slices.ContainsFunc(r.Roles, func(x identity.Role) bool { return slices.Contains(by.Roles, x) }) {
		return identity.ErrNotFound
	}
	if r.Fresh == AtDoor && by.Level == identity.Full && !by.Strong(now) {
		return identity.ErrStepUp
	}
	return nil
}

var errHalf = fault.New(fault.Unauthenticated, "Please sign in first.")

// Guard stands at the doors.
type Guard struct {
	Evidence journal.Recorder
	Now      func() time.Time
}

// Check refuses who may not come to the route, and leaves the entry of it.
func (g Guard) Check(ctx context.Context, r Row, by identity.Actor) error {
	return g.Refused(ctx, r, by, r.Admits(by, g.Now()))
}

// Watch is the middleware before the doors: After then knows whether a service
// recorded its refusal itself.
func Watch(c *fiber.Ctx) error {
	c.SetUserContext(journal.Watch(c.UserContext()))
	return c.Next()
}

// After leaves the entry of a refusal behind the door that no service recorded,
// and passes the refusal on: what was asked for belongs to somebody else, or
// does not exist.
func (g Guard) After(ctx context.Context, r Row, by identity.Actor, err error) error {
	if err == nil || by.Account == "" || journal.Noted(ctx) {
		return err
	}
	return journal.Refused(ctx, g.Evidence, g.event(r, by), err)
}

// RouteAction is the ledger's action of a refusal at a door.
const RouteAction = "route.use"

// Refused leaves the entry of a refusal at the door, and passes it on; nil stays
// nil. A stranger is asked to sign in and leaves none: whoever can reach the
// portal could otherwise fill the ledger. What cannot be recorded is ErrBusy.
func (g Guard) Refused(ctx context.Context, r Row, by identity.Actor, err error) error {
	if err == nil || by.Account == "" {
		return err
	}
	ev := g.event(r, by)
	ev.Details["reason"] = string(fault.KindOf(err))
	ev.Outcome = ledger.Refused
	if rerr := g.Evidence.Record(ctx, ev); rerr != nil {
		return document.ErrBusy.Because(fmt.Errorf("record refusal: %w", rerr))
	}
	return err
}

func (g Guard) event(r Row, by identity.Actor) ledger.Event {
	return by.Event(g.Now().UTC().Truncate(time.Millisecond), RouteAction, "portal", map[string]string{"route": r.Name()})
}
