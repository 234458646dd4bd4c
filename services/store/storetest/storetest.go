// Package storetest is what a store promises, as tests. Every engine runs the
// same named cases, also under contention.
package storetest

import (
	"errors"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/store"
	"inzage/services/vault"
)

// Harness is one empty store under test.
type Harness struct {
	Engine store.Engine
	Blobs  vault.Blobs
	// Large is the size of the largest file of the run in bytes; 0 means 96 MiB.
	Large int
	// Reopen closes the engine and opens another on the same data.
	Reopen func(t *testing.T) store.Engine
	// Unproven says what a run on this server cannot show; it is printed. An
	// example: a server whose single operations are only atomic because the
	// client sends one at a time.
	Unproven []string
	// Lacks names what the server cannot do, and why it is tested all the same.
	Lacks map[Ability]string
}

// Ability is something that every real server can and a stand-in may not.
type Ability string

// TakenByUpdate is telling a duplicate that an update makes from other errors.
const TakenByUpdate Ability = "a value taken by an update"

// skip passes over the rest of a case that the server cannot do.
func (h Harness) skip(t *testing.T, a Ability) {
	t.Helper()
	if why, ok := h.Lacks[a]; ok {
		t.Skipf("not proven on this server: %s: %s", a, why)
	}
}

// Run holds an engine to the contract. open is called once per case and gives
// an empty store, closed by t.Cleanup.
func Run(t *testing.T, open func(t *testing.T) Harness) {
	t.Helper()
	groups := []struct {
		name  string
		cases map[string]func(*testing.T, Harness)
	}{
		{"documents", documents},
		{"lists", lists},
		{"events", events},
		{"log", logs},
		{"blobs", blobs},
	}
	for _, g := range groups {
		t.Run(g.name, func(t *testing.T) {
			for name, run := range g.cases {
				t.Run(name, func(t *testing.T) {
					h := open(t)
					for _, u := range h.Unproven {
						t.Logf("not proven on this server: %s", u)
					}
					run(t, h)
				})
			}
		})
	}
}

// parcel is an aggregate with a field of every kind that can be indexed.
type parcel struct {
	document.Meta
	Owner   string            `json:"owner"`
	Ref     string            `json:"ref,omitempty"`
	State   state             `json:"state"`
	Weight  int               `json:"weight,omitempty"`
	Fragile bool              `json:"fragile"`
	Due     time.Time         `json:"due"`
	Sent    *time.Time        `json:"sent,omitempty"`
	Address address           `json:"address"`
	Notes   []note            `json:"notes"`
	Labels  map[string]string `json:"labels,omitempty"`
}

type state string

type address struct {
	City string `json:"city"`
}

type note struct {
	At   time.Time `json:"at"`
	Text string    `json:"text"`
}

var parcels = document.Kind{
	Name: "parcels",
	Indexes: []document.Index{
		{Name: "ref", Fields: []string{"ref"}, Unique: true},
		{Name: "owner_weight", Fields: []string{"owner", "weight"}},
		{Name: "owner_due", Fields: []string{"owner", "due"}},
		{Name: "owner_state_due", Fields: []string{"owner", "state", "due"}},
		{Name: "due", Fields: []string{"due"}},
		{Name: "sent", Fields: []string{"sent"}},
		{Name: "fragile", Fields: []string{"fragile"}},
		{Name: "city", Fields: []string{"address.city"}},
		{Name: "owned", Fields: []string{"owner", "weight", "due"}, Sparse: true},
		{Name: "broken", Fields: []string{"fragile", "due"}, Sparse: true},
		{Name: "shipped", Fields: []string{"sent", "weight"}, Sparse: true},
	},
}

func collection(h Harness) document.Collection[parcel] {
	return store.Collection[parcel](h.Engine, parcels)
}

func event(object string) ledger.Event {
	return ledger.Event{
		ID: ledger.NewID("evt"), At: day, Actor: "system", Action: "parcel.move",
		Object: object, Outcome: ledger.Done, Details: map[string]string{"to": "depot"},
	}
}

// day is a fixed moment in whole milliseconds.
var day = time.Date(2026, 3, 1, 12, 0, 0, 250_000_000, time.UTC)

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v (because of: %v)", err, errors.Unwrap(err))
	}
}
