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
// it happened, and returns how many pending events it dealt with. Cut short
// anywhere, the next drain goes on: an event that is in the log already is only
// settled.
func (l *Ledger) Drain(ctx context.Context, from Source) (int, error) {
	type found struct {
		kind    string
		pending []Pending
	}
	var all []found
	var documents []Pending
	for _, kind := range from.Kinds() {
		pending, err := from.Unsealed(ctx, kind, batch)
		if err != nil {
			return 0, fmt.Errorf("find unsealed %s: %w", kind, err)
		}
		if len(pending) > 0 {
			all = append(all, found{kind, pending})
			documents = append(documents, pending...)
		}
	}
	events := inOrder(documents)
	if err := l.Seal(ctx, events); err != nil {
		return 0, err
	}
	for _, f := range all {
		if err := from.Settle(ctx, f.kind, settlements(f.pending)); err != nil {
			return 0, fmt.Errorf("settle %s: %w", f.kind, err)
		}
	}
	return len(events), nil
}

// DrainAll drains until everything is sealed that was pending when it began.
func (l *Ledger) DrainAll(ctx context.Context, from Source) error {
	for {
		n, err := l.Drain(ctx, from)
		// A round of less than a batch has seen the end of every kind; what comes
		// in meanwhile must not keep it going for ever.
		if err != nil || n < batch {
			return err
		}
	}
}

// inOrder merges the events of all documents by time. Those of one document
// stay in the order in which they were committed, also when the clocks of two
// machines disagree about it.
func inOrder(documents []Pending) []Event {
	type timed struct {
		at time.Time
		e  Event
	}
	var all []timed
	for _, d := range documents {
		var latest time.Time
		for _, e := range d.Events {
			if e.At.After(latest) {
				latest = e.At
			}
			all = append(all, timed{latest, e})
		}
	}
	slices.SortStableFunc(all, func(a, b timed) int { return a.at.Compare(b.at) })
	events := make([]Event, len(all))
	for i, t := range all {
		events[i] = t.e
	}
	return events
}

func settlements(pending []Pending) []Settlement {
	sealed := make([]Settlement, len(pending))
	for i, p := range pending {
		sealed[i].ID = p.ID
		for _, e := range p.Events {
			sealed[i].Events = append(sealed[i].Events, e.ID)
		}
	}
	return sealed
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
