package storetest

import (
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/store"
)

var events = map[string]func(*testing.T, Harness){
	"pending events are found and settled":         settle,
	"settling leaves newer events and the rev":     settleSome,
	"settling again, or what is gone, is no error": settleAgain,
	"settling beside writers loses nothing":        settleRace,
	"the limit of unsealed documents":              unsealedLimit,
}

func settle(t *testing.T, h Harness) {
	c := collection(h)
	e := event("par_1")
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_0"}}))
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}, Weight: 4}, e))
	pending, err := h.Engine.Unsealed(t.Context(), "parcels", 10)
	must(t, err)
	if d := cmp.Diff([]store.Pending{{ID: "par_1", Events: []ledger.Event{e}}}, pending); d != "" {
		t.Errorf("Unsealed (-want +got):\n%s", d)
	}
	must(t, h.Engine.Settle(t.Context(), "parcels", []store.Settlement{{ID: "par_1", Events: []string{e.ID}}}))
	pending, err = h.Engine.Unsealed(t.Context(), "parcels", 10)
	must(t, err)
	if len(pending) != 0 {
		t.Errorf("Unsealed = %v, want none", pending)
	}
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	want := parcel{Meta: document.Meta{ID: "par_1", Rev: 1, Pending: []ledger.Event{}}, Weight: 4}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Get (-want +got):\n%s", d)
	}
	must(t, c.Delete(t.Context(), "par_1"))
}

func settleSome(t *testing.T, h Harness) {
	c := collection(h)
	first, second := event("par_1"), event("par_1")
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}}, first, second))
	must(t, h.Engine.Settle(t.Context(), "parcels", []store.Settlement{{ID: "par_1", Events: []string{first.ID}}}))
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	want := document.Meta{ID: "par_1", Rev: 1, Pending: []ledger.Event{second}, Unsealed: true}
	if d := cmp.Diff(want, got.Meta); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func settleAgain(t *testing.T, h Harness) {
	c := collection(h)
	e, other := event("par_1"), event("par_2")
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}}, e))
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_2"}}, other))
	done := []store.Settlement{{ID: "gone", Events: []string{"evt_x"}}, {ID: "par_1", Events: []string{e.ID, "evt_y"}}}
	must(t, h.Engine.Settle(t.Context(), "parcels", done))
	must(t, h.Engine.Settle(t.Context(), "parcels", done))
	pending, err := h.Engine.Unsealed(t.Context(), "parcels", 10)
	must(t, err)
	if d := cmp.Diff([]store.Pending{{ID: "par_2", Events: []ledger.Event{other}}}, pending); d != "" {
		t.Errorf("Unsealed (-want +got):\n%s", d)
	}
}

// settleRace is a drain beside writers: every event is handed out, and none is
// left, whatever order they meet in.
func settleRace(t *testing.T, h Harness) {
	const writers, rounds = 6, 12
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}}))
	sealed := map[string]bool{}
	stop := make(chan struct{})
	drained := make(chan error, 1)
	drain := func() error {
		pending, err := h.Engine.Unsealed(t.Context(), "parcels", 10)
		if err != nil {
			return err
		}
		var done []store.Settlement
		for _, p := range pending {
			s := store.Settlement{ID: p.ID}
			for _, e := range p.Events {
				sealed[e.ID] = true
				s.Events = append(s.Events, e.ID)
			}
			done = append(done, s)
		}
		return h.Engine.Settle(t.Context(), "parcels", done)
	}
	go func() {
		for {
			select {
			case <-stop:
				drained <- drain()
				return
			default:
				if err := drain(); err != nil {
					drained <- err
					return
				}
			}
		}
	}()
	errs := race(writers, func(int) error {
		for range rounds {
			_, err := c.Update(t.Context(), "par_1", func(p *parcel) ([]ledger.Event, error) {
				p.Weight++
				return []ledger.Event{event("par_1")}, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	close(stop)
	must(t, errors.Join(append(errs, <-drained)...))
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	if n := writers * rounds; got.Weight != n || got.Rev != int64(n+1) || len(sealed) != n || got.Unsealed {
		t.Errorf("weight %d, rev %d, %d events sealed, unsealed %v; want %d of each and none left",
			got.Weight, got.Rev, len(sealed), got.Unsealed, n)
	}
}

func unsealedLimit(t *testing.T, h Harness) {
	c := collection(h)
	for i := range 7 {
		id := fmt.Sprint("par_", i)
		must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: id}}, event(id)))
	}
	pending, err := h.Engine.Unsealed(t.Context(), "parcels", 3)
	must(t, err)
	if len(pending) != 3 {
		t.Errorf("%d documents, want 3", len(pending))
	}
}
