package storetest

import (
	"fmt"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/document"
	"inzage/services/ledger"
)

func sparse(t *testing.T, h Harness) {
	c := collection(h)
	var want []string
	for i := range 12 {
		p := parcel{Meta: document.Meta{ID: fmt.Sprintf("par_%02d", i)}, Weight: i / 3, Due: day}
		if i%2 == 0 {
			p.Owner, p.Fragile, p.Sent = "o", true, &day
			want = append(want, p.ID)
		}
		must(t, c.Create(t.Context(), &p))
	}
	for _, q := range []document.Query{
		{Index: "owned", Equal: []any{"o"}},
		{Index: "broken", Equal: []any{true}},
		{Index: "broken", Equal: []any{true, day}},
		{Index: "shipped", Equal: []any{day}},
		{Index: "owned", Equal: []any{"o"}, From: 0, Until: 4},
	} {
		q.Limit = 2
		if d := cmp.Diff(want, walk(t, c, q)); d != "" {
			t.Errorf("%s %v (-want +got):\n%s", q.Index, q.Equal, d)
		}
		q.Descending = true
		back := walk(t, c, q)
		slices.Reverse(back)
		if d := cmp.Diff(want, back); d != "" {
			t.Errorf("%s %v descending (-want +got):\n%s", q.Index, q.Equal, d)
		}
		q.Limit = 100
		if n, err := c.Count(t.Context(), q); err != nil || n != len(want) {
			t.Errorf("%s counts %d, %v, want %d", q.Index, n, err, len(want))
		}
	}
}

// sparseChanges moves a document into a sparse index and out of it.
func sparseChanges(t *testing.T, h Harness) {
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}}))
	for _, owner := range []string{"o", "p", "", "o"} {
		_, err := c.Update(t.Context(), "par_1", func(p *parcel) ([]ledger.Event, error) {
			p.Owner = owner
			return []ledger.Event{event(p.ID)}, nil
		})
		must(t, err)
		for _, asked := range []string{"o", "p"} {
			n, err := c.Count(t.Context(), document.Query{Index: "owned", Equal: []any{asked}})
			must(t, err)
			if (n == 1) != (asked == owner) {
				t.Errorf("owned by %q, and %d are found of %q", owner, n, asked)
			}
		}
	}
}

// sparseQueries: what a sparse index leaves out cannot be asked of it, on any
// engine, so that nobody takes an empty list for an answer.
func sparseQueries(t *testing.T, h Harness) {
	c := collection(h)
	for name, q := range map[string]document.Query{
		"no first field":  {Index: "owned"},
		"only bounds":     {Index: "shipped", From: day},
		"the empty text":  {Index: "owned", Equal: []any{""}},
		"false":           {Index: "broken", Equal: []any{false}},
		"no time":         {Index: "shipped", Equal: []any{time.Time{}}},
		"and a bound too": {Index: "owned", Equal: []any{""}, From: 1},
	} {
		if _, err := c.List(t.Context(), q); err == nil {
			t.Errorf("%s: List was accepted", name)
		}
		if _, err := c.Count(t.Context(), q); err == nil {
			t.Errorf("%s: Count was accepted", name)
		}
	}
}
