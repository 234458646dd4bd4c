package agreements

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strings"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
)

// Shelf is a part of an organisation's agreements.
type Shelf string

// The shelves: what waits for the own side, what is or will be in force, what
// has ended, what was never agreed or not yet, and all of it.
const (
	Waiting   Shelf = "waiting"
	InForce   Shelf = "in_force"
	Ended     Shelf = "ended"
	NotAgreed Shelf = "not_agreed"
	All       Shelf = "all"
)

// Shelves lists them in the order of a page.
func Shelves() []Shelf { return []Shelf{InForce, Waiting, NotAgreed, Ended} }

// Of lists one shelf of the agreements of the actor's organisation in a role,
// one page of at most 500. What proposes or has ended never stands before what
// is in force, however much of it there is.
func (g *Registry) Of(ctx context.Context, by identity.Actor, shelf Shelf, role Party, after string, limit int) (document.Page[Agreement], error) {
	if by.Organisation == "" || !by.IsStaffOf(by.Organisation) {
		return document.Page[Agreement]{}, document.ErrNotFound
	}
	if err := g.Adopt(ctx); err != nil {
		return document.Page[Agreement]{}, err
	}
	q, err := g.shelf(by.Organisation, shelf, role)
	if err != nil {
		return document.Page[Agreement]{}, err
	}
	q.After, q.Limit = after, limit
	return g.Agreements.List(ctx, q)
}

// CountOf counts a shelf up to a limit.
func (g *Registry) CountOf(ctx context.Context, by identity.Actor, shelf Shelf, role Party, limit int) (int, error) {
	if by.Organisation == "" || !by.IsStaffOf(by.Organisation) {
		return 0, document.ErrNotFound
	}
	if err := g.Adopt(ctx); err != nil {
		return 0, err
	}
	q, err := g.shelf(by.Organisation, shelf, role)
	if err != nil {
		return 0, err
	}
	q.Limit = limit
	return g.Agreements.Count(ctx, q)
}

func (g *Registry) shelf(org string, shelf Shelf, role Party) (document.Query, error) {
	today, err := g.today()
	if err != nil {
		return document.Query{}, err
	}
	if role != Controller && role != Processor {
		return document.Query{}, fault.New(fault.Invalid, "There is no party %q; choose controller or processor.", string(role))
	}
	switch live := "live_" + string(role); shelf {
	case Waiting:
		return document.Query{Index: "ask_" + string(role), Equal: []any{org, true}, Descending: true}, nil
	case InForce:
		return document.Query{Index: live, Equal: []any{org, true}, From: today}, nil
	case Ended:
		return document.Query{Index: live, Equal: []any{org, true}, Until: today, Descending: true}, nil
	case NotAgreed:
		return document.Query{Index: live, Equal: []any{org, false}, Descending: true}, nil
	}
	return document.Query{Index: string(role), Equal: []any{org}, Descending: true}, nil
}

// BothRoles lists one shelf in either role, as one list: first as controller,
// then as processor. What it returns as next is also what it takes.
func (g *Registry) BothRoles(ctx context.Context, by identity.Actor, shelf Shelf, after string, limit int) (document.Page[Agreement], error) {
	role, cursor := Controller, after
	if rest, ok := strings.CutPrefix(after, "p."); ok {
		role, cursor = Processor, rest
	} else if rest, ok := strings.CutPrefix(after, "c."); ok {
		cursor = rest
	}
	page, err := g.Of(ctx, by, shelf, role, cursor, limit)
	if err != nil {
		return page, err
	}
	switch {
	case role == Processor && page.Next != "":
		page.Next = "p." + page.Next
	case role == Controller && page.Next != "":
		page.Next = "c." + page.Next
	case role == Controller && len(page.Rows) > 0:
		n, err := g.CountOf(ctx, by, shelf, Processor, 1)
		if err != nil {
			return page, err
		}
		if n > 0 {
			page.Next = "p."
		}
	case role == Controller:
		return g.BothRoles(ctx, by, shelf, "p.", limit)
	}
	return page, nil
}

// Partners tells whether two organisations have, or had, an agreement that both
// agreed to.
func (g *Registry) Partners(ctx context.Context, controller, processor string) (bool, error) {
	if err := g.Adopt(ctx); err != nil {
		return false, err
	}
	n, err := g.Agreements.Count(ctx, document.Query{Index: "live_pair", Equal: []any{controller, processor, true}, Limit: 1})
	return n > 0, err
}

// InForce tells whether the agreement is in force on the day of an instant.
func (a Agreement) InForce(at time.Time) (bool, error) {
	_, in, err := a.versionAt(at)
	return in, err
}

// each calls do with every agreement in force of a range, with its version;
// what has ended or was not agreed is left out by the query itself.
func (g *Registry) each(ctx context.Context, index string, equal []any, at time.Time, do func(Agreement, Version) (more bool, err error)) error {
	if err := g.Adopt(ctx); err != nil {
		return err
	}
	day, err := dayOf(at)
	if err != nil {
		return err
	}
	q := document.Query{Index: index, Equal: append(equal, true), From: day, Limit: 200}
	for {
		page, err := g.Agreements.List(ctx, q)
		if err != nil {
			return fmt.Errorf("list the agreements in force: %w", err)
		}
		for _, a := range page.Rows {
			v, in, err := a.versionAt(at)
			if err != nil {
				return err
			}
			if !in {
				continue // agreed, and to come
			}
			if more, err := do(a, v); err != nil || !more {
				return err
			}
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

// Parties are the organisations that have an agreement in force, in either
// role, each once, sorted by id.
func (g *Registry) Parties(ctx context.Context, at time.Time) ([]string, error) {
	parties := map[string]bool{}
	err := g.each(ctx, "live", nil, at, func(a Agreement, _ Version) (bool, error) {
		parties[a.Controller], parties[a.Processor] = true, true
		return true, nil
	})
	return slices.Sorted(maps.Keys(parties)), err
}

// PartnersOf are the organisations with whom one has an agreement in force,
// each once, sorted by id.
func (g *Registry) PartnersOf(ctx context.Context, org string, at time.Time) ([]string, error) {
	partners := map[string]bool{}
	for _, index := range []string{"live_controller", "live_processor"} {
		err := g.each(ctx, index, []any{org}, at, func(a Agreement, _ Version) (bool, error) {
			partners[a.Controller], partners[a.Processor] = true, true
			return true, nil
		})
		if err != nil {
			return nil, err
		}
	}
	delete(partners, org)
	return slices.Sorted(maps.Keys(partners)), nil
}

// Between returns the agreement in force between two organisations; of several
// the one that began last.
func (g *Registry) Between(ctx context.Context, controller, processor string, at time.Time) (Applied, error) {
	var found Agreement
	var version Version
	err := g.each(ctx, "live_pair", []any{controller, processor}, at, func(a Agreement, v Version) (bool, error) {
		if found.ID == "" || a.From > found.From || a.From == found.From && a.ID > found.ID {
			found, version = a, v
		}
		return true, nil
	})
	if err != nil {
		return Applied{}, err
	}
	if found.ID == "" {
		return Applied{}, errNone
	}
	return g.apply(found, version)
}

// Serves tells whether an organisation is the processor in an agreement in force.
func (g *Registry) Serves(ctx context.Context, processor string, at time.Time) (bool, error) {
	serves := false
	err := g.each(ctx, "live_processor", []any{processor}, at, func(Agreement, Version) (bool, error) {
		serves = true
		return false, nil
	})
	return serves, err
}

// OfProcessor lists the agreements in force of a processor, all of them.
func (g *Registry) OfProcessor(ctx context.Context, processor string, at time.Time) ([]Applied, error) {
	return g.applied(ctx, "live_processor", processor, at)
}

// OfController lists the agreements in force of a controller, all of them.
func (g *Registry) OfController(ctx context.Context, controller string, at time.Time) ([]Applied, error) {
	return g.applied(ctx, "live_controller", controller, at)
}

func (g *Registry) applied(ctx context.Context, index, org string, at time.Time) ([]Applied, error) {
	var in []Applied
	err := g.each(ctx, index, []any{org}, at, func(a Agreement, v Version) (bool, error) {
		one, err := g.apply(a, v)
		in = append(in, one)
		return true, err
	})
	if err != nil {
		return nil, err
	}
	// As they began, as before: the order does not tell who ends first.
	slices.SortStableFunc(in, func(a, b Applied) int { return strings.Compare(a.from+a.ID, b.from+b.ID) })
	return in, nil
}

// versionAt is the version in force on the local day of an instant. Which
// version that is has to be known before its own zone can be read, so the day
// is counted in the portal's default zone.
func (a Agreement) versionAt(at time.Time) (Version, bool, error) {
	day, err := dayOf(at)
	if err != nil {
		return Version{}, false, err
	}
	if !a.Live || day < a.From || (a.Until != "" && day > a.Until) {
		return Version{}, false, nil
	}
	for _, v := range slices.Backward(a.Versions) {
		waits := a.Standing != Agreed && v.From > a.Adopted // from before, and to come then
		if v.From <= day && !waits {
			return v, true, nil
		}
	}
	return Version{}, false, nil
}
