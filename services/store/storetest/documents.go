package storetest

import (
	"context"
	"errors"
	"fmt"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/store"
)

var documents = map[string]func(*testing.T, Harness){
	"what is created comes back equal":         roundTrip,
	"times come back in UTC milliseconds":      roundedTimes,
	"thirty creators of one id, one wins":      createRace,
	"thirty creators of one value, one wins":   uniqueRace,
	"a unique value is taken":                  uniqueTaken,
	"the empty value is not unique":            uniqueEmpty,
	"a unique value moves with its document":   uniqueMoves,
	"what is not there":                        absent,
	"a refusing change stores nothing":         refusingUpdate,
	"a change without events stores nothing":   silentUpdate,
	"a change keeps what is the store's own":   headerKept,
	"a touch stores without event or revision": touches,
	"an event without an id is refused":        eventWithoutID,
	"every increment of many writers counts":   increments,
	"writers of many documents do not mix":     manyDocuments,
	"delete, and not while events wait":        deletes,
	"an ended context changes nothing":         endedContext,
	"who waits in vain is told to come back":   waitingInVain,
	"a kind kept apart works the same":         apart,
	"a kind over a missing field is refused":   badKind,
	"an index can be added later":              addIndex,
	"a unique index over duplicates refuses":   addUnique,
	"everything is there after opening again":  reopen,
}

func roundTrip(t *testing.T, h Harness) {
	c := collection(h)
	sent := day.Add(time.Hour)
	v := parcel{
		Meta: document.Meta{ID: "par_1"}, Owner: "org_ö", Ref: "R<1>&\u2028\"", State: "open", Weight: 1<<40 + 1,
		Fragile: true, Due: day, Sent: &sent, Address: address{City: "’s-Hertogenbosch"},
		Notes:  []note{{At: day, Text: "2026-03-01T12:00:00Z"}, {Text: ""}},
		Labels: map[string]string{"$set": "a.b", "": "empty"},
	}
	e := event("par_1")
	must(t, c.Create(t.Context(), &v, e))
	want := v
	want.Rev, want.Pending, want.Unsealed = 1, []ledger.Event{e}, true
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Get (-want +got):\n%s", d)
	}
	found, err := c.Find(t.Context(), "ref", v.Ref)
	must(t, err)
	if d := cmp.Diff(want, found); d != "" {
		t.Errorf("Find (-want +got):\n%s", d)
	}
}

func roundedTimes(t *testing.T, h Harness) {
	c := collection(h)
	ams := time.FixedZone("Amsterdam", 3600)
	fine := time.Date(2026, 3, 1, 13, 0, 0, 123_456_789, ams)
	v := parcel{Meta: document.Meta{ID: "par_1"}, Due: fine, Sent: &fine, Notes: []note{{At: fine}}}
	e := event("par_1")
	e.At = fine
	must(t, c.Create(t.Context(), &v, e))
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	want := time.Date(2026, 3, 1, 12, 0, 0, 123_000_000, time.UTC)
	for name, at := range map[string]time.Time{
		"due": got.Due, "sent": *got.Sent, "note": got.Notes[0].At, "event": got.Pending[0].At, "the caller's own": v.Due,
	} {
		if at != want {
			t.Errorf("%s = %v, want %v", name, at, want)
		}
	}
}

func uniqueTaken(t *testing.T, h Harness) {
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}, Ref: "a"}))
	err := c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_2"}, Ref: "a"})
	if !errors.Is(err, document.ErrTaken) {
		t.Errorf("Create = %v, want %v", err, document.ErrTaken)
	}
	if _, err := c.Get(t.Context(), "par_2"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("Get = %v, want %v", err, document.ErrNotFound)
	}
}

func uniqueEmpty(t *testing.T, h Harness) {
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}}))
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_2"}}))
	if _, err := c.Find(t.Context(), "ref", ""); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("Find of the empty value = %v, want %v", err, document.ErrNotFound)
	}
}

func uniqueMoves(t *testing.T, h Harness) {
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}, Ref: "a"}))
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_2"}, Ref: "b"}))
	rename := func(id, ref string) error {
		_, err := c.Update(t.Context(), id, func(p *parcel) ([]ledger.Event, error) {
			p.Ref = ref
			return []ledger.Event{event(id)}, nil
		})
		return err
	}
	must(t, rename("par_1", "c"))
	must(t, rename("par_2", "a"))
	got, err := c.Find(t.Context(), "ref", "a")
	must(t, err)
	if got.ID != "par_2" {
		t.Errorf("Find = %s, want par_2", got.ID)
	}
	if _, err := c.Find(t.Context(), "ref", "b"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("Find of the old value = %v, want %v", err, document.ErrNotFound)
	}
	must(t, rename("par_1", "b"))
	h.skip(t, TakenByUpdate)
	if err := rename("par_1", "a"); !errors.Is(err, document.ErrTaken) {
		t.Errorf("taking a value by update = %v, want %v", err, document.ErrTaken)
	}
}

func absent(t *testing.T, h Harness) {
	c := collection(h)
	_, get := c.Get(t.Context(), "par_1")
	_, find := c.Find(t.Context(), "ref", "x")
	_, update := c.Update(t.Context(), "par_1", func(*parcel) ([]ledger.Event, error) {
		t.Error("fn was called")
		return nil, nil
	})
	for name, err := range map[string]error{
		"Get": get, "Find": find, "Update": update, "Delete": c.Delete(t.Context(), "par_1"),
	} {
		if !errors.Is(err, document.ErrNotFound) {
			t.Errorf("%s = %v, want %v", name, err, document.ErrNotFound)
		}
	}
}

func refusingUpdate(t *testing.T, h Harness) {
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}, Weight: 1}))
	no := fault.New(fault.Conflict, "No.")
	_, err := c.Update(t.Context(), "par_1", func(p *parcel) ([]ledger.Event, error) {
		p.Weight = 2
		return []ledger.Event{event("par_1")}, no
	})
	if !errors.Is(err, no) {
		t.Errorf("Update = %v, want %v", err, no)
	}
	unchanged(t, c)
}

func silentUpdate(t *testing.T, h Harness) {
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}, Weight: 1}))
	got, err := c.Update(t.Context(), "par_1", func(p *parcel) ([]ledger.Event, error) {
		p.Weight = 2
		return nil, nil
	})
	must(t, err)
	if got.Weight != 1 {
		t.Errorf("Update returned weight %d, want the stored 1", got.Weight)
	}
	unchanged(t, c)
}

func unchanged(t *testing.T, c document.Collection[parcel]) {
	t.Helper()
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	if got.Weight != 1 || got.Rev != 1 || len(got.Pending) != 0 || got.Unsealed {
		t.Errorf("stored is weight %d, rev %d, %d events", got.Weight, got.Rev, len(got.Pending))
	}
}

func headerKept(t *testing.T, h Harness) {
	c := collection(h)
	first, second := event("par_1"), event("par_1")
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1", Rev: 7}}, first))
	got, err := c.Update(t.Context(), "par_1", func(p *parcel) ([]ledger.Event, error) {
		p.Meta = document.Meta{ID: "par_2", Rev: 99}
		p.Weight = 5
		return []ledger.Event{second}, nil
	})
	must(t, err)
	want := parcel{Meta: document.Meta{ID: "par_1", Rev: 2, Pending: []ledger.Event{first, second}, Unsealed: true}, Weight: 5}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Update (-want +got):\n%s", d)
	}
	stored, err := c.Get(t.Context(), "par_1")
	must(t, err)
	if d := cmp.Diff(want, stored); d != "" {
		t.Errorf("Get (-want +got):\n%s", d)
	}
}

func touches(t *testing.T, h Harness) {
	c := collection(h)
	e := event("par_1")
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}}, e))
	errs := race(8, func(int) error {
		_, err := c.Touch(t.Context(), "par_1", func(p *parcel) error {
			p.Weight++
			p.Meta = document.Meta{}
			return nil
		})
		return err
	})
	must(t, errors.Join(errs...))
	no := fault.New(fault.Conflict, "No.")
	_, err := c.Touch(t.Context(), "par_1", func(p *parcel) error {
		p.Weight = 99
		return no
	})
	if !errors.Is(err, no) {
		t.Errorf("Touch = %v, want %v", err, no)
	}
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	want := parcel{Meta: document.Meta{ID: "par_1", Rev: 1, Pending: []ledger.Event{e}, Unsealed: true}, Weight: 8}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func eventWithoutID(t *testing.T, h Harness) {
	c := collection(h)
	if err := c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}}, ledger.Event{Action: "parcel.move"}); err == nil {
		t.Error("Create with an event without an id was accepted")
	}
	if _, err := c.Get(t.Context(), "par_1"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("Get = %v, want %v", err, document.ErrNotFound)
	}
}

func deletes(t *testing.T, h Harness) {
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}, Ref: "a"}))
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_2"}}, event("par_2")))
	must(t, c.Delete(t.Context(), "par_1"))
	if _, err := c.Get(t.Context(), "par_1"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("Get = %v, want %v", err, document.ErrNotFound)
	}
	if err := c.Delete(t.Context(), "par_2"); !errors.Is(err, store.ErrPending) {
		t.Errorf("Delete with pending events = %v, want %v", err, store.ErrPending)
	}
	_, err := c.Get(t.Context(), "par_2")
	must(t, err)
	// The id and the unique value are free again.
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}, Ref: "a"}))
}

func endedContext(t *testing.T, h Harness) {
	c := collection(h)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := c.Create(ctx, &parcel{Meta: document.Meta{ID: "par_1"}}); err == nil {
		t.Error("Create under an ended context was accepted")
	}
	if _, err := c.Get(t.Context(), "par_1"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("Get = %v, want %v", err, document.ErrNotFound)
	}
}

// key stands for a wrapped key.
type key struct {
	document.Meta
	Wrapped string `json:"wrapped"`
}

func apart(t *testing.T, h Harness) {
	c := store.Collection[key](h.Engine, document.Kind{Name: "vault_keys", Apart: "keys"})
	must(t, c.Create(t.Context(), &key{Meta: document.Meta{ID: "req_1"}, Wrapped: "w"}))
	got, err := c.Get(t.Context(), "req_1")
	must(t, err)
	if got.Wrapped != "w" {
		t.Errorf("Wrapped = %q, want w", got.Wrapped)
	}
	must(t, c.Delete(t.Context(), "req_1"))
	if _, err := c.Get(t.Context(), "req_1"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("Get = %v, want %v", err, document.ErrNotFound)
	}
}

func badKind(t *testing.T, h Harness) {
	must(t, h.Engine.Ping(t.Context()))
	for name, ix := range map[string]document.Index{
		"a field that is not there": {Name: "x", Fields: []string{"nothing"}},
		"unique and sparse":         {Name: "x", Fields: []string{"ref"}, Unique: true, Sparse: true},
	} {
		c := store.Collection[parcel](h.Engine, document.Kind{Name: "bad", Indexes: []document.Index{ix}})
		if _, err := c.Get(t.Context(), "par_1"); err == nil || fault.KindOf(err) != "" {
			t.Errorf("%s: Get = %v, want an error that is no refusal", name, err)
		}
	}
	if err := h.Engine.Ping(t.Context()); err == nil {
		t.Error("Ping does not report the kind that could not be declared")
	}
}

func addIndex(t *testing.T, h Harness) {
	old := parcels
	old.Indexes = parcels.Indexes[:1]
	before := store.Collection[parcel](h.Engine, old)
	for i := range 20 {
		must(t, before.Create(t.Context(), &parcel{Meta: document.Meta{ID: fmt.Sprintf("par_%02d", i)}, Weight: i % 3, Owner: "o"}))
	}
	after := collection(h)
	page, err := after.List(t.Context(), document.Query{Index: "owner_weight", Equal: []any{"o"}, From: 2})
	must(t, err)
	if len(page.Rows) != 6 {
		t.Errorf("%d rows over the new index, want 6", len(page.Rows))
	}
}

func addUnique(t *testing.T, h Harness) {
	old := parcels
	old.Indexes = nil
	before := store.Collection[parcel](h.Engine, old)
	must(t, before.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}, Ref: "same"}))
	must(t, before.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_2"}, Ref: "same"}))
	if _, err := collection(h).Get(t.Context(), "par_1"); err == nil {
		t.Error("a unique index over duplicates was accepted")
	}
}

func reopen(t *testing.T, h Harness) {
	c := collection(h)
	for i := range 10 {
		id := fmt.Sprint("par_", i)
		must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: id}, Owner: "o", Weight: i}, event(id)))
	}
	h.Engine = h.Reopen(t)
	page, err := collection(h).List(t.Context(), document.Query{Index: "owner_weight", Equal: []any{"o"}})
	must(t, err)
	if len(page.Rows) != 10 {
		t.Errorf("%d rows after opening again, want 10", len(page.Rows))
	}
	pending, err := h.Engine.Unsealed(t.Context(), "parcels", 100)
	must(t, err)
	if len(pending) != 10 {
		t.Errorf("%d documents with pending events, want 10", len(pending))
	}
}
