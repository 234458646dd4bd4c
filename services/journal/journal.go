// Package journal keeps what lies around the log: the events that change no
// state, refusals and reads, until they are sealed; the cursors of the followers
// who walk the sealed log; and its signed checkpoints.
package journal

import (
	"context"
	"fmt"
	"maps"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
)

// Line is one such event, a document until it is sealed.
type Line struct {
	document.Meta
	At time.Time `json:"at"`
}

// Cursor is how far a follower has come.
type Cursor struct {
	document.Meta
	Next int64 `json:"next"` // the number of the first entry it has not dealt with
}

// Kinds are the collections of this package.
var Kinds = []document.Kind{
	{Name: "journal", Indexes: []document.Index{{Name: "at", Fields: []string{"at"}}}},
	{Name: "cursors"},
	{Name: "checkpoints", Indexes: []document.Index{{Name: "newest", Fields: []string{"size", "at"}}}},
}

// Journal records events that change no state.
type Journal struct {
	Lines   document.Collection[Line]
	Cursors document.Collection[Cursor]
	Ledger  *ledger.Ledger
}

// Record stores the event durably; the drain seals it.
func (j *Journal) Record(ctx context.Context, ev ledger.Event) error {
	l := Line{At: ev.At}
	l.ID = ev.ID
	if err := j.Lines.Create(ctx, &l, ev); err != nil {
		return err
	}
	if ev.Outcome == ledger.Refused {
		note(ctx)
	}
	return nil
}

// Recorder keeps an event that changes no state. What cannot be recorded does
// not happen.
type Recorder interface {
	Record(ctx context.Context, ev ledger.Event) error
}

// Refused records that the event ev was refused with err, by role, by state or
// because the actor may not see the object, and passes the refusal on; input
// that was only wrong leaves no entry. When the entry cannot be written, the
// answer is ErrBusy: nothing happened.
func Refused(ctx context.Context, to Recorder, ev ledger.Event, err error) error {
	kind := fault.KindOf(err)
	if kind != fault.Forbidden && kind != fault.Conflict && kind != fault.NotFound && kind != fault.StepUp {
		return err
	}
	ev.Outcome = ledger.Refused
	details := map[string]string{"reason": string(kind)}
	maps.Copy(details, ev.Details)
	ev.Details = details
	if rerr := to.Record(ctx, ev); rerr != nil {
		return document.ErrBusy.Because(fmt.Errorf("record refusal: %w", rerr))
	}
	return err
}

// Tidy removes lines whose event was sealed, at most limit, and returns how many.
func (j *Journal) Tidy(ctx context.Context, limit int) (int, error) {
	page, err := j.Lines.List(ctx, document.Query{Index: "at", Limit: limit})
	if err != nil {
		return 0, fmt.Errorf("list journal: %w", err)
	}
	n := 0
	for _, l := range page.Rows {
		if l.Unsealed {
			continue
		}
		if err := j.Lines.Delete(ctx, l.ID); err != nil && fault.KindOf(err) != fault.NotFound {
			return n, fmt.Errorf("tidy journal: %w", err)
		}
		n++
	}
	return n, nil
}

// Follow hands the named follower the entries it has not seen, in order, at
// most limit, and returns how many. Its cursor moves after deal returned nil:
// deal may see an entry again after a crash or from another instance, so what
// it does is idempotent by the entry's event id.
func (j *Journal) Follow(ctx context.Context, name string, limit int, deal func(context.Context, ledger.Entry) error) (int, error) {
	c, err := j.cursor(ctx, name)
	if err != nil {
		return 0, err
	}
	entries, err := j.Ledger.Read(ctx, c.Next, limit)
	if err != nil {
		return 0, err
	}
	done := 0
	for _, e := range entries {
		if err = deal(ctx, e); err != nil {
			err = fmt.Errorf("follower %s at entry %d: %w", name, e.Number, err)
			break
		}
		done++
	}
	if done == 0 {
		return 0, err
	}
	next := entries[done-1].Number + 1
	_, merr := j.Cursors.Touch(ctx, name, func(c *Cursor) error {
		c.Next = max(c.Next, next)
		return nil
	})
	if err == nil {
		err = merr
	}
	return done, err
}

func (j *Journal) cursor(ctx context.Context, name string) (Cursor, error) {
	c, err := j.Cursors.Get(ctx, name)
	if fault.KindOf(err) != fault.NotFound {
		return c, err
	}
	c = Cursor{}
	c.ID = name
	if err := j.Cursors.Create(ctx, &c); err != nil && fault.KindOf(err) != fault.Conflict {
		return Cursor{}, err
	}
	return j.Cursors.Get(ctx, name)
}
