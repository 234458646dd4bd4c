package ledger

import (
	"context"
	"fmt"
	"slices"
	"time"
)

// Pending is a document with events that are committed but not sealed yet.
type Pending struct {
	ID     string
	Events []Event
}

// Settlement names events of one document that are in the log by now.
type Settlement struct {
	ID     string
	Events []string // ids of events
}

// Source is where committed events wait to be sealed: the store.
type Source interface {
	Kinds() []string
	// Unsealed returns at most limit documents with pending events.
	Unsealed(ctx context.Context, kind string, limit int) ([]Pending, error)
	// Settle takes sealed events out of their documents; it may be repeated.
	Settle(ctx context.Context, kind string, sealed []Settlement) error
}

// Drain seals what is pending, one batch of each kind, in the order in which
// it happened, and returns how many events it sealed. Cut short anywhere, the
// next drain goes on: an event that is in the log already is only settled.
func (l *Ledger) Drain(ctx context.Context, from Source) (int, error) {
	type found struct {
		kind    string
		pending []Pending
	}
	var all []found
	var events []Event
	for _, kind := range from.Kinds() {
		pending, err := from.Unsealed(ctx, kind, batch)
		if err != nil {
			return 0, fmt.Errorf("find unsealed %s: %w", kind, err)
		}
		if len(pending) > 0 {
			all = append(all, found{kind, pending})
		}
		for _, p := range pending {
			events = append(events, p.Events...)
		}
	}
	slices.SortStableFunc(events, func(a, b Event) int { return a.At.Compare(b.At) })
	if err := l.Seal(ctx, events); err != nil {
		return 0, err
	}
	for _, f := range all {
		var sealed []Settlement
		for _, p := range f.pending {
			s := Settlement{ID: p.ID}
			for _, e := range p.Events {
				s.Events = append(s.Events, e.ID)
			}
			sealed = append(sealed, s)
		}
		if err := from.Settle(ctx, f.kind, sealed); err != nil {
			return 0, fmt.Errorf("settle %s: %w", f.kind, err)
		}
	}
	return len(events), nil
}

// Run calls step until the context ends: again at once while it finds work,
// else after the pause. Its errors go to report, and the next round tries again.
func Run(ctx context.Context, pause time.Duration, step func(context.Context) (int, error), report func(error)) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		n, err := step(ctx)
		if err != nil && ctx.Err() == nil {
			report(err)
		}
		wait := pause
		if n > 0 && err == nil {
			wait = 0
		}
		timer.Reset(wait)
	}
}
