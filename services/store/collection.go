package store

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"reflect"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
)

// Collection puts the aggregate type T on an engine, under the kind.
//
// A kind that cannot be declared (an index over a field that T does not have,
// a duplicate under a new unique index, a store that is away) makes every call
// return that error; the engine's Ping reports it too, so that a program that
// pings before it serves does not start.
func Collection[T any, P document.Aggregate[T]](engine Engine, kind document.Kind) document.Collection[T] {
	t := reflect.TypeFor[T]()
	c := &collection[T, P]{engine: engine, kind: kind.Name, round: rounderOf(t)}
	c.schema, c.err = SchemaOf(kind, t)
	if c.err != nil {
		c.err = fmt.Errorf("declare %w", c.err)
		engine.Refuse(c.err)
		return c
	}
	ctx, cancel := context.WithTimeout(context.Background(), declareTime)
	defer cancel()
	if err := engine.Declare(ctx, c.schema); err != nil {
		c.err = fmt.Errorf("declare %s: %w", kind.Name, err)
		engine.Refuse(c.err)
	}
	return c
}

// declareTime leaves room for building an index over a large, existing kind.
const declareTime = 30 * time.Minute

// Limits of Query.Limit.
const (
	pageDefault = 50
	pageMost    = 500
	countMost   = 10_000
)

// attempts bounds how often an Update runs again after losing a race.
const attempts = 60

type collection[T any, P document.Aggregate[T]] struct {
	engine Engine
	kind   string
	schema Schema
	round  rounder
	queues queues
	err    error
}

func (c *collection[T, P]) Create(ctx context.Context, v *T, events ...ledger.Event) error {
	if c.err != nil {
		return c.err
	}
	h := P(v).Header()
	if h.ID == "" {
		return fmt.Errorf("create in %s: the document has no id", c.kind)
	}
	h.Rev, h.Pending = 1, nil
	raw, err := c.encode(v, 0, events)
	if err != nil {
		return err
	}
	return c.wrap("create", h.ID, c.engine.Insert(ctx, c.kind, raw))
}

func (c *collection[T, P]) Get(ctx context.Context, id string) (T, error) {
	v, _, err := c.get(ctx, id)
	return v, err
}

func (c *collection[T, P]) get(ctx context.Context, id string) (T, Raw, error) {
	var none T
	if c.err != nil {
		return none, Raw{}, c.err
	}
	raw, err := c.engine.Get(ctx, c.kind, id)
	if err != nil {
		return none, Raw{}, c.wrap("get", id, err)
	}
	v, err := c.decode(raw)
	return v, raw, err
}

func (c *collection[T, P]) Find(ctx context.Context, index string, equal ...any) (T, error) {
	var none T
	if c.err != nil {
		return none, c.err
	}
	ix, err := c.schema.Index(index)
	if err != nil {
		return none, err
	}
	if !ix.Unique || len(equal) != len(ix.Fields) {
		return none, fmt.Errorf("find in %s: index %q needs to be unique and takes %d values", c.kind, index, len(ix.Fields))
	}
	keys, err := keysOf(ix.Fields, equal)
	if err != nil {
		return none, fmt.Errorf("find in %s: %w", c.kind, err)
	}
	// Documents without a value are outside of the unique index: "" is nobody's.
	if ix.Exempt && keys[0] == "" {
		return none, document.ErrNotFound
	}
	raw, err := c.engine.Find(ctx, c.kind, index, keys)
	if err != nil {
		return none, c.wrap("find by", index, err)
	}
	return c.decode(raw)
}

// Update also keeps what is the store's own: whatever fn does to the id, the
// revision or the pending events is undone.
func (c *collection[T, P]) Update(ctx context.Context, id string, fn func(*T) ([]ledger.Event, error)) (T, error) {
	return c.swap(ctx, id, func(v *T) ([]ledger.Event, bool, error) {
		events, err := fn(v)
		return events, len(events) > 0, err
	})
}

// Touch stores what fn did without an event and without a new revision.
func (c *collection[T, P]) Touch(ctx context.Context, id string, fn func(*T) error) (T, error) {
	return c.swap(ctx, id, func(v *T) ([]ledger.Event, bool, error) {
		return nil, true, fn(v)
	})
}

// swap is compare-and-swap: fn changes what was read, and says whether that is
// to be stored. Who loses a race goes on in the queue of the document, behind
// those who lost before.
func (c *collection[T, P]) swap(ctx context.Context, id string, fn func(*T) ([]ledger.Event, bool, error)) (T, error) {
	var none T
	if !c.queues.busy(id) {
		v, err := c.trySwap(ctx, id, fn)
		if !errors.Is(err, ErrMoved) {
			return v, err
		}
	}
	leave, err := c.queues.join(ctx, id)
	if err != nil {
		return none, document.ErrBusy.Because(fmt.Errorf("update %s %s: wait for a turn: %w", c.kind, id, err))
	}
	defer leave()
	for attempt := range attempts {
		v, err := c.trySwap(ctx, id, fn)
		if !errors.Is(err, ErrMoved) {
			return v, err
		}
		if err := pause(ctx, attempt); err != nil {
			return none, document.ErrBusy.Because(fmt.Errorf("update %s %s: %w", c.kind, id, err))
		}
	}
	return none, document.ErrBusy.Because(fmt.Errorf("update %s %s: lost %d races", c.kind, id, attempts))
}

func (c *collection[T, P]) trySwap(ctx context.Context, id string, fn func(*T) ([]ledger.Event, bool, error)) (T, error) {
	var none T
	v, raw, err := c.get(ctx, id)
	if err != nil {
		return none, err
	}
	was := *P(&v).Header()
	events, changed, err := fn(&v)
	if err != nil {
		return none, err
	}
	if !changed {
		// fn may have changed v; what is returned is what is stored.
		return c.decode(raw)
	}
	h := P(&v).Header()
	*h = was
	if len(events) > 0 {
		h.Rev++
	}
	next, err := c.encode(&v, raw.Turn, events)
	if err != nil {
		return none, err
	}
	err = c.engine.Replace(ctx, c.kind, next)
	if errors.Is(err, ErrMoved) {
		return none, err
	}
	if err != nil {
		return none, c.wrap("update", id, err)
	}
	return v, nil
}

// pause waits a little longer after each lost race, at random, so that the
// losers do not meet again.
func pause(ctx context.Context, attempt int) error {
	most := min(time.Millisecond<<min(attempt, 6), 40*time.Millisecond)
	t := time.NewTimer(time.Duration(rand.Int64N(int64(most))))
	defer t.Stop()
	select {
	case <-ctx.Done():
		return ctx.Err()
	case <-t.C:
		return nil
	}
}

func (c *collection[T, P]) List(ctx context.Context, q document.Query) (document.Page[T], error) {
	var page document.Page[T]
	r, ix, err := c.rangeOf(q, pageMost)
	if err != nil {
		return page, err
	}
	order := ix.Fields[len(r.Equal):]
	if q.After != "" {
		if r.After, err = position(q.After, c.kind, r, order); err != nil {
			return page, err
		}
	}
	limit := r.Limit
	r.Limit++ // one more tells whether there is a next page
	raws, err := c.engine.Range(ctx, c.kind, r)
	if err != nil {
		return page, c.wrap("list by", q.Index, err)
	}
	if len(raws) > limit {
		raws = raws[:limit]
		if page.Next, err = c.next(r, raws[limit-1], order); err != nil {
			return page, err
		}
	}
	page.Rows = make([]T, len(raws))
	for i, raw := range raws {
		if page.Rows[i], err = c.decode(raw); err != nil {
			return document.Page[T]{}, err
		}
	}
	return page, nil
}

func (c *collection[T, P]) next(r Range, last Raw, order []Field) (string, error) {
	keys, err := KeysIn(last.JSON, order)
	if err != nil {
		return "", fmt.Errorf("list %s: %w", c.kind, err)
	}
	return cursor(c.kind, r, Position{Keys: keys, ID: last.ID})
}

func (c *collection[T, P]) Count(ctx context.Context, q document.Query) (int, error) {
	r, _, err := c.rangeOf(q, countMost)
	if err != nil {
		return 0, err
	}
	n, err := c.engine.Count(ctx, c.kind, r)
	return n, c.wrap("count by", q.Index, err)
}

func (c *collection[T, P]) Delete(ctx context.Context, id string) error {
	if c.err != nil {
		return c.err
	}
	return c.wrap("delete", id, c.engine.Delete(ctx, c.kind, id))
}

// rangeOf checks a query against the declared index. Its errors are mistakes
// of the caller, not of the reader.
func (c *collection[T, P]) rangeOf(q document.Query, most int) (Range, Index, error) {
	if c.err != nil {
		return Range{}, Index{}, c.err
	}
	ix, err := c.schema.Index(q.Index)
	if err != nil {
		return Range{}, ix, err
	}
	r := Range{Index: q.Index, Descending: q.Descending, Limit: q.Limit}
	if r.Limit == 0 {
		r.Limit = pageDefault
	}
	bounded := q.From != nil || q.Until != nil
	switch {
	case r.Limit < 1 || r.Limit > most:
		err = fmt.Errorf("a limit of %d is outside 1 to %d", q.Limit, most)
	case len(q.Equal) > len(ix.Fields):
		err = fmt.Errorf("%d values for %d fields", len(q.Equal), len(ix.Fields))
	case bounded && len(q.Equal) == len(ix.Fields):
		err = errors.New("no field is left to bound")
	case ix.Sparse && len(q.Equal) == 0:
		err = fmt.Errorf("a sparse index is asked for one %s", ix.Fields[0].Path)
	default:
		err = fillRange(&r, ix, q)
	}
	if err != nil {
		return r, ix, fmt.Errorf("list %s by %s: %w", c.kind, q.Index, err)
	}
	return r, ix, nil
}

func fillRange(r *Range, ix Index, q document.Query) (err error) {
	if r.Equal, err = keysOf(ix.Fields, q.Equal); err != nil {
		return err
	}
	if ix.Sparse && r.Equal[0] == ix.Fields[0].Zero() {
		return fmt.Errorf("a sparse index holds nothing whose %s is empty", ix.Fields[0].Path)
	}
	if q.From != nil {
		if r.From, err = ix.Fields[len(q.Equal)].Key(q.From); err != nil {
			return err
		}
	}
	if q.Until != nil {
		r.Until, err = ix.Fields[len(q.Equal)].Key(q.Until)
	}
	return err
}

func keysOf(fields []Field, values []any) ([]any, error) {
	keys := make([]any, len(values))
	for i, v := range values {
		k, err := fields[i].Key(v)
		if err != nil {
			return nil, err
		}
		keys[i] = k
	}
	return keys, nil
}

// encode rounds the times, appends the events and writes the document.
func (c *collection[T, P]) encode(v *T, turn int64, events []ledger.Event) (Raw, error) {
	h := P(v).Header()
	h.Pending = append(append(make([]ledger.Event, 0, len(h.Pending)+len(events)), h.Pending...), events...)
	h.Unsealed = len(h.Pending) > 0
	for _, e := range events {
		if e.ID == "" {
			return Raw{}, fmt.Errorf("store %s %s: event %q has no id", c.kind, h.ID, e.Action)
		}
	}
	if c.round != nil {
		c.round(reflect.ValueOf(v).Elem())
	}
	text, err := json.Marshal(v)
	if err != nil {
		return Raw{}, fmt.Errorf("store %s %s: %w", c.kind, h.ID, err)
	}
	return Raw{ID: h.ID, Turn: turn, Unsealed: h.Unsealed, JSON: text}, nil
}

func (c *collection[T, P]) decode(raw Raw) (T, error) {
	var v T
	if err := json.Unmarshal(raw.JSON, &v); err != nil {
		return v, fmt.Errorf("read %s %s: %w", c.kind, raw.ID, err)
	}
	return v, nil
}

// wrap says what was being done when something other than a refusal went wrong.
func (c *collection[T, P]) wrap(what, which string, err error) error {
	var refusal *fault.Error
	if err == nil || errors.As(err, &refusal) {
		return err
	}
	return fmt.Errorf("%s %s %s: %w", what, c.kind, which, err)
}
