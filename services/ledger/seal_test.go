package ledger_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/document"
	"inzage/services/ledger"
)

func TestSealKeepsTheOrderOverBatches(t *testing.T) {
	for _, n := range []int{0, 1, 2, 999, 1000, 1001, 2000, 2501} {
		t.Run(fmt.Sprint(n, " events"), func(t *testing.T) {
			l := open(t, t.TempDir())
			events := eventsOf("req_1", n)
			must(t, l.Seal(t.Context(), events))
			if d := cmp.Diff(ids(events), sealed(t, l.Ledger)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			sound(t, l.Ledger)
		})
	}
}

func TestSealInPartsGivesTheSameTree(t *testing.T) {
	events := eventsOf("req_1", 300)
	var roots []string
	for _, step := range []int{1, 7, 64, 300} {
		l := open(t, t.TempDir())
		for part := range slices.Chunk(events, step) {
			must(t, l.Seal(t.Context(), part))
		}
		root, err := l.Root(t.Context(), 300)
		must(t, err)
		roots = append(roots, root.String())
	}
	if d := cmp.Diff(slices.Repeat(roots[:1], 4), roots); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestSealAgain(t *testing.T) {
	events := eventsOf("req_1", 2200)
	twice := append(slices.Clone(events), events[3], events[2100])
	for name, c := range map[string]struct{ first, then []ledger.Event }{
		"everything":              {events, events},
		"a part of a batch":       {events[:120], events},
		"scattered ones":          {[]ledger.Event{events[0], events[999], events[1000], events[2199]}, events},
		"in another order":        {events[600:], events},
		"twice in one call":       {nil, twice},
		"twice, and sealed again": {events[:2], twice},
	} {
		t.Run(name, func(t *testing.T) {
			ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
			defer cancel()
			l := open(t, t.TempDir())
			must(t, l.Seal(ctx, c.first))
			must(t, l.Seal(ctx, c.then))
			got := sealed(t, l.Ledger)
			if d := cmp.Diff(ids(c.first), got[:len(c.first)]); len(c.first) > 0 && d != "" {
				t.Errorf("the first (-want +got):\n%s", d)
			}
			want := slices.Sorted(slices.Values(ids(events)))
			if d := cmp.Diff(want, slices.Sorted(slices.Values(got))); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			sound(t, l.Ledger)
		})
	}
}

func TestSealRoundsTheTime(t *testing.T) {
	l := open(t, t.TempDir())
	e := eventOf("req_1", 0)
	e.At = time.Date(2026, 11, 21, 10, 0, 0, 123_999_999, time.FixedZone("CET", 3600))
	must(t, l.Seal(t.Context(), []ledger.Event{e}))
	got := all(t, l.Ledger)[0]
	if want := start.Add(123 * time.Millisecond); !got.Event.At.Equal(want) || got.Event.At.Location() != time.UTC {
		t.Errorf("At = %v, want %v", got.Event.At, want)
	}
	want := `{"id":"` + e.ID + `","at":"2026-11-21T09:00:00.123Z","actor":"acc_1","role":"agent","organisation":"org_1","action":"parcel.weigh",` +
		`"object":"req_1","outcome":"done","details":{"sign":"\u003c\"\\\u003eé","turn":"0"}}`
	if string(got.Data) != want {
		t.Errorf("Data = %s, want %s", got.Data, want)
	}
}

// TestSealersAtOnce lets several instances, some on a handle of their own as
// another process has, seal the same and different events at once.
func TestSealersAtOnce(t *testing.T) {
	const sealers, rounds, each = 6, 8, 17
	folder := t.TempDir()
	worlds := []*world{open(t, folder), open(t, folder)}
	shared := eventsOf("req_s", 90)
	var want []string
	own := make([][]ledger.Event, sealers)
	for s := range own {
		own[s] = eventsOf(fmt.Sprint("req_", s), rounds*each)
		want = append(want, ids(own[s])...)
	}
	want = append(want, ids(shared)...)
	var wg sync.WaitGroup
	errs := make([]error, sealers)
	for s := range sealers {
		wg.Go(func() {
			l := worlds[s%2].Ledger
			for part := range slices.Chunk(own[s], each) {
				if err := l.Seal(t.Context(), append(slices.Clone(part), shared...)); err != nil {
					errs[s] = err
					return
				}
			}
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
	l := worlds[0]
	if d := cmp.Diff(slices.Sorted(slices.Values(want)), slices.Sorted(slices.Values(sealed(t, l.Ledger)))); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for s := range sealers {
		history, err := l.History(t.Context(), fmt.Sprint("req_", s), -1, 1000)
		must(t, err)
		var got []string
		for _, e := range history {
			got = append(got, e.Event.ID)
		}
		if d := cmp.Diff(ids(own[s]), got); d != "" {
			t.Errorf("sealer %d (-want +got):\n%s", s, d)
		}
	}
	sound(t, l.Ledger)
}

func (w *world) file(t *testing.T, id string, events ...ledger.Event) {
	t.Helper()
	must(t, w.parcels.Create(t.Context(), &parcel{Meta: document.Meta{ID: id}}, events...))
}

func pending(t *testing.T, w *world) int {
	t.Helper()
	p, err := w.engine.Unsealed(t.Context(), "parcels", 500)
	must(t, err)
	return len(p)
}

func TestDrainMergesByTimeAndKeepsEachHistory(t *testing.T) {
	w := open(t, t.TempDir())
	at := func(object string, second int) ledger.Event { return eventOf(object, second) }
	// par_2's clock went back between its two events: they stay in their order.
	a1, a2, b1, b2, c1 := at("par_1", 1), at("par_1", 9), at("par_2", 5), at("par_2", 2), at("par_3", 4)
	w.file(t, "par_1", a1, a2)
	w.file(t, "par_2", b1, b2)
	w.file(t, "par_3", c1)
	n, err := w.Drain(t.Context(), w.engine)
	must(t, err)
	if n != 5 || pending(t, w) != 0 {
		t.Errorf("Drain = %d, %d left, want 5 and none", n, pending(t, w))
	}
	if d := cmp.Diff(ids([]ledger.Event{a1, c1, b1, b2, a2}), sealed(t, w.Ledger)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	if n, err := w.Drain(t.Context(), w.engine); n != 0 || err != nil {
		t.Errorf("Drain again = %d, %v", n, err)
	}
}

func TestDrainAllTakesEverythingThatIsPending(t *testing.T) {
	w := open(t, t.TempDir())
	const n = 1130
	for i := range n {
		w.file(t, fmt.Sprint("par_", i), eventOf(fmt.Sprint("par_", i), i))
	}
	must(t, w.DrainAll(t.Context(), w.engine))
	size, err := w.Size(t.Context())
	must(t, err)
	if size != n || pending(t, w) != 0 {
		t.Errorf("%d sealed, %d left; want %d and none", size, pending(t, w), n)
	}
}

// cut is a source, or a log, that loses its power at one step.
type cut struct {
	ledger.Source
	ledger.Log
	before, after string // the step it fails at, before or after doing it
}

var errPower = errors.New("the power is gone")

func (c *cut) Append(ctx context.Context, records []ledger.Record) (int, error) {
	if c.before == "append" {
		return 0, errPower
	}
	n, err := c.Log.Append(ctx, records)
	if c.after == "append" {
		return 0, errPower
	}
	return n, err
}

func (c *cut) Settle(ctx context.Context, kind string, s []ledger.Settlement) error {
	if c.before == "settle" {
		return errPower
	}
	err := c.Source.Settle(ctx, kind, s)
	if c.after == "settle" {
		return errPower
	}
	return err
}

func TestDrainAfterACrash(t *testing.T) {
	for name, c := range map[string]cut{
		"before sealing":              {before: "append"},
		"after sealing, not knowing":  {after: "append"},
		"between sealing and settle":  {before: "settle"},
		"after settling, not knowing": {after: "settle"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, t.TempDir())
			var want []string
			for i := range 110 {
				var events []ledger.Event
				for j := range 12 {
					events = append(events, eventOf("par", 12*i+j))
				}
				w.file(t, fmt.Sprint("par_", i), events...)
				want = append(want, ids(events)...)
			}
			c.Source, c.Log = w.engine, w.engine.Log()
			broken := &ledger.Ledger{Log: &c}
			if _, err := broken.Drain(t.Context(), &c); !errors.Is(err, errPower) {
				t.Fatalf("Drain = %v, want %v", err, errPower)
			}
			must(t, w.DrainAll(t.Context(), w.engine))
			if d := cmp.Diff(want, sealed(t, w.Ledger)); d != "" {
				t.Errorf("(-want +got):\n%s", d)
			}
			if pending(t, w) != 0 {
				t.Errorf("%d documents are left", pending(t, w))
			}
			sound(t, w.Ledger)
		})
	}
}

// TestDrainsAtOnce is two instances draining beside writers.
func TestDrainsAtOnce(t *testing.T) {
	const writers, each = 4, 60
	folder := t.TempDir()
	worlds := []*world{open(t, folder), open(t, folder)}
	stop := make(chan struct{})
	var draining, writing sync.WaitGroup
	errs := make([]error, 3+writers)
	for i := range 3 {
		draining.Go(func() {
			w := worlds[i%2]
			for {
				if _, err := w.Drain(t.Context(), w.engine); err != nil {
					errs[i] = err
					return
				}
				select {
				case <-stop:
					errs[i] = w.DrainAll(t.Context(), w.engine)
					return
				default:
				}
			}
		})
	}
	want := make([][]string, writers)
	for i := range writers {
		id := fmt.Sprint("par_", i)
		first := eventOf(id, 0)
		worlds[i%2].file(t, id, first)
		want[i] = append(want[i], first.ID)
		writing.Go(func() {
			for n := range each {
				e := eventOf(id, n)
				_, err := worlds[i%2].parcels.Update(t.Context(), id, func(p *parcel) ([]ledger.Event, error) {
					p.Weight++
					return []ledger.Event{e}, nil
				})
				if err != nil {
					errs[3+i] = err
					return
				}
				want[i] = append(want[i], e.ID)
			}
		})
	}
	writing.Wait()
	close(stop)
	draining.Wait()
	must(t, errors.Join(errs...))
	if n := pending(t, worlds[0]); n != 0 {
		t.Errorf("%d documents are left", n)
	}
	for i := range writers {
		history, err := worlds[0].History(t.Context(), fmt.Sprint("par_", i), -1, 1000)
		must(t, err)
		var got []string
		for _, e := range history {
			got = append(got, e.Event.ID)
		}
		if d := cmp.Diff(want[i], got); d != "" {
			t.Errorf("par_%d (-want +got):\n%s", i, d)
		}
	}
	if size, err := worlds[0].Size(t.Context()); err != nil || size != writers*(each+1) {
		t.Errorf("Size = %d, %v, want %d", size, err, writers*(each+1))
	}
	sound(t, worlds[0].Ledger)
}

// holed is a log that lacks one record.
type holed struct {
	ledger.Log
	hole int64
}

func (h holed) Read(ctx context.Context, from int64, limit int) ([]ledger.Record, error) {
	records, err := h.Log.Read(ctx, from, limit)
	return slices.DeleteFunc(records, func(r ledger.Record) bool { return r.Number == h.hole }), err
}

func TestAGapIsAnError(t *testing.T) {
	w := open(t, t.TempDir())
	must(t, w.Seal(t.Context(), eventsOf("req_1", 10)))
	l := &ledger.Ledger{Log: holed{w.engine.Log(), 4}}
	if _, err := l.Read(t.Context(), 0, 10); err == nil {
		t.Error("Read passed over a gap")
	}
	if got, err := l.Read(t.Context(), 5, 10); err != nil || len(got) != 5 {
		t.Errorf("Read behind the gap = %d, %v", len(got), err)
	}
}

// whole is a log on an engine that stores a batch whole or not at all.
type whole struct{ ledger.Log }

func (w whole) Append(ctx context.Context, records []ledger.Record) (int, error) {
	seen := map[string]bool{}
	for _, r := range records {
		if _, err := w.ByEvent(ctx, r.EventID); err == nil || seen[r.EventID] {
			return 0, &ledger.Taken{Number: r.Number, EventID: r.EventID, Event: true}
		}
		seen[r.EventID] = true
	}
	return w.Log.Append(ctx, records)
}

func TestSealOnAnEngineThatStoresABatchWhole(t *testing.T) {
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	defer cancel()
	w := open(t, t.TempDir())
	l := &ledger.Ledger{Log: whole{w.Log}}
	events := eventsOf("req_1", 12)
	must(t, l.Seal(ctx, events[3:5]))
	must(t, l.Seal(ctx, append(slices.Clone(events), events[0], events[11])))
	want := append(ids(events[3:5]), append(ids(events[:3]), ids(events[5:])...)...)
	if d := cmp.Diff(want, sealed(t, l)); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	sound(t, l)
}
