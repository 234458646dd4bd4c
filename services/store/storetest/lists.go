package storetest

import (
	"encoding/base64"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/document"
)

var lists = map[string]func(*testing.T, Harness){
	"pages are complete in both directions":    pages,
	"pages are stable while rows come in":      stablePages,
	"equal values and a range":                 ranges,
	"a range bounds the later pages too":       boundedPages,
	"times sort at milliseconds":               timeOrder,
	"strings sort by bytes, the empty first":   stringOrder,
	"integers sort by value":                   intOrder,
	"booleans":                                 boolOrder,
	"absent values are found as the zero":      zeroValues,
	"a nested field":                           nested,
	"an index with fields to spare":            spareFields,
	"a sparse index":                           sparse,
	"a sparse index follows the changes":       sparseChanges,
	"a sparse index is asked for something":    sparseQueries,
	"a count stops at its limit":               counts,
	"one owner never sees another's":           owners,
	"forged cursors are refused":               forgedCursors,
	"a query outside the declaration is wrong": badQueries,
}

// fill stores parcels in random order.
func fill(t *testing.T, c document.Collection[parcel], all []parcel) {
	t.Helper()
	for _, i := range rand.Perm(len(all)) {
		v := all[i]
		must(t, c.Create(t.Context(), &v))
	}
}

// walk follows the pages and returns the ids.
func walk(t *testing.T, c document.Collection[parcel], q document.Query) []string {
	t.Helper()
	var ids []string
	for range 1000 {
		page, err := c.List(t.Context(), q)
		must(t, err)
		if len(page.Rows) > q.Limit {
			t.Fatalf("%d rows on a page of %d", len(page.Rows), q.Limit)
		}
		for _, p := range page.Rows {
			ids = append(ids, p.ID)
		}
		if page.Next == "" {
			return ids
		}
		q.After = page.Next
	}
	t.Fatal("the pages do not end")
	return nil
}

func pages(t *testing.T, h Harness) {
	c := collection(h)
	var all []parcel
	var want []string
	for i := range 47 {
		id := fmt.Sprintf("par_%02d", i)
		all = append(all, parcel{Meta: document.Meta{ID: id}, Owner: "o", Weight: i / 5})
		want = append(want, id)
	}
	fill(t, c, all)
	back := slices.Clone(want)
	slices.Reverse(back)
	for _, limit := range []int{1, 7, 46, 47, 48, 500} {
		q := document.Query{Index: "owner_weight", Equal: []any{"o"}, Limit: limit}
		if d := cmp.Diff(want, walk(t, c, q)); d != "" {
			t.Errorf("pages of %d (-want +got):\n%s", limit, d)
		}
		q.Descending = true
		if d := cmp.Diff(back, walk(t, c, q)); d != "" {
			t.Errorf("pages of %d descending (-want +got):\n%s", limit, d)
		}
	}
	page, err := c.List(t.Context(), document.Query{Index: "owner_weight", Equal: []any{"o"}})
	must(t, err)
	if len(page.Rows) != 47 || page.Next != "" {
		t.Errorf("the default page has %d rows and next %q, want all 47", len(page.Rows), page.Next)
	}
}

func stablePages(t *testing.T, h Harness) {
	c := collection(h)
	var all []parcel
	for i := range 40 {
		all = append(all, parcel{Meta: document.Meta{ID: fmt.Sprintf("par_%02d", i)}, Owner: "o", Weight: i * 10})
	}
	fill(t, c, all)
	q := document.Query{Index: "owner_weight", Equal: []any{"o"}, Limit: 5}
	seen := map[string]int{}
	for n := 0; ; n++ {
		page, err := c.List(t.Context(), q)
		must(t, err)
		for _, p := range page.Rows {
			seen[p.ID]++
		}
		if page.Next == "" {
			break
		}
		q.After = page.Next
		// One row before the place of reading, one behind it.
		for i, w := range []int{n*50 - 5, n*50 + 105} {
			must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: fmt.Sprintf("new_%d_%d", n, i)}, Owner: "o", Weight: w}))
		}
	}
	for _, p := range all {
		if seen[p.ID] != 1 {
			t.Errorf("%s was on %d pages, want 1", p.ID, seen[p.ID])
		}
	}
	for id, n := range seen {
		if n != 1 {
			t.Errorf("%s was on %d pages", id, n)
		}
	}
}

func ranges(t *testing.T, h Harness) {
	c := collection(h)
	var all []parcel
	for i := range 20 {
		all = append(all, parcel{Meta: document.Meta{ID: fmt.Sprintf("par_%02d", i)}, Owner: "o", Weight: i})
	}
	fill(t, c, all)
	cases := []struct {
		name        string
		from, until any
		first, last int
		count       int
	}{
		{"open", nil, nil, 0, 19, 20},
		{"from is inclusive", 5, nil, 5, 19, 15},
		{"until is exclusive", nil, 5, 0, 4, 5},
		{"both", 5, 8, 5, 7, 3},
		{"int64 as well", int64(5), int64(8), 5, 7, 3},
		{"empty", 8, 8, 0, 0, 0},
		{"turned round", 9, 3, 0, 0, 0},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			for _, descending := range []bool{false, true} {
				q := document.Query{Index: "owner_weight", Equal: []any{"o"}, From: tc.from, Until: tc.until, Limit: 2, Descending: descending}
				ids := walk(t, c, q)
				if len(ids) != tc.count {
					t.Fatalf("descending %v: %d rows, want %d", descending, len(ids), tc.count)
				}
				if descending {
					slices.Reverse(ids)
				}
				if tc.count > 0 && (ids[0] != fmt.Sprintf("par_%02d", tc.first) || ids[len(ids)-1] != fmt.Sprintf("par_%02d", tc.last)) {
					t.Errorf("descending %v: from %s to %s, want %d to %d", descending, ids[0], ids[len(ids)-1], tc.first, tc.last)
				}
				q.Limit = 0
				n, err := c.Count(t.Context(), q)
				must(t, err)
				if n != tc.count {
					t.Errorf("Count = %d, want %d", n, tc.count)
				}
			}
		})
	}
}

// boundedPages moves the bound while paging, as a list "until now" does.
func boundedPages(t *testing.T, h Harness) {
	c := collection(h)
	var all []parcel
	for i := range 20 {
		all = append(all, parcel{Meta: document.Meta{ID: fmt.Sprintf("par_%02d", i)}, Owner: "o", Weight: i})
	}
	fill(t, c, all)
	q := document.Query{Index: "owner_weight", Equal: []any{"o"}, From: 0, Until: 10, Limit: 4}
	page, err := c.List(t.Context(), q)
	must(t, err)
	q.After, q.From, q.Until, q.Limit = page.Next, 6, 12, 10
	page, err = c.List(t.Context(), q)
	must(t, err)
	if len(page.Rows) != 6 || page.Rows[0].Weight != 6 {
		t.Errorf("%d rows, want 6 from weight 6 on", len(page.Rows))
	}
	q = document.Query{Index: "owner_weight", Equal: []any{"o"}, Until: 20, Limit: 4, Descending: true}
	page, err = c.List(t.Context(), q)
	must(t, err)
	q.After, q.From, q.Until, q.Limit = page.Next, 5, 10, 10
	page, err = c.List(t.Context(), q)
	must(t, err)
	if len(page.Rows) != 5 || page.Rows[0].Weight != 9 {
		t.Errorf("%d rows descending, want 5 from weight 9 down", len(page.Rows))
	}
}

func timeOrder(t *testing.T, h Harness) {
	c := collection(h)
	base := time.Date(2026, 3, 1, 12, 0, 0, 0, time.UTC)
	// In RFC 3339 these have three lengths, and ".5Z" sorts before "Z" by bytes.
	steps := []time.Duration{0, time.Millisecond, 12 * time.Millisecond, 120 * time.Millisecond,
		500 * time.Millisecond, 999 * time.Millisecond, time.Second, time.Minute, 24 * time.Hour, 365 * 24 * time.Hour}
	all := []parcel{{Meta: document.Meta{ID: "par_00"}, Owner: "o"}} // the zero time
	want := []string{"par_00"}
	for i, d := range steps {
		id := fmt.Sprintf("par_%02d", len(steps)-i)
		all = append(all, parcel{Meta: document.Meta{ID: id}, Owner: "o", Due: base.Add(d)})
		want = append(want, id)
	}
	fill(t, c, all)
	got := walk(t, c, document.Query{Index: "owner_due", Equal: []any{"o"}, Limit: 3})
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	got = walk(t, c, document.Query{Index: "due", From: base, Until: base.Add(500 * time.Millisecond), Limit: 3})
	if d := cmp.Diff(want[1:5], got); d != "" {
		t.Errorf("a range of half a second (-want +got):\n%s", d)
	}
	ams := time.FixedZone("Amsterdam", 3600)
	got = walk(t, c, document.Query{Index: "owner_due", Equal: []any{"o", base.Add(time.Millisecond + 999).In(ams)}, Limit: 3})
	if d := cmp.Diff(want[2:3], got); d != "" {
		t.Errorf("an equal time of another zone (-want +got):\n%s", d)
	}
}

func stringOrder(t *testing.T, h Harness) {
	c := collection(h)
	sorted := []string{"", " ", "A", "B", "a", "ab", "b", "é", "€", "\U0001F600"}
	var all []parcel
	var want []string
	for i, s := range sorted {
		id := fmt.Sprintf("par_%02d", len(sorted)-i)
		all = append(all, parcel{Meta: document.Meta{ID: id}, Address: address{City: s}})
		want = append(want, id)
	}
	fill(t, c, all)
	if d := cmp.Diff(want, walk(t, c, document.Query{Index: "city", Limit: 3})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	got := walk(t, c, document.Query{Index: "city", From: "a", Until: "c", Limit: 3})
	if d := cmp.Diff(want[4:7], got); d != "" {
		t.Errorf("a to c (-want +got):\n%s", d)
	}
}

func intOrder(t *testing.T, h Harness) {
	c := collection(h)
	sorted := []int{-1 << 53, -10, -9, 0, 9, 10, 100, 1 << 53}
	var all []parcel
	var want []string
	for i, n := range sorted {
		id := fmt.Sprintf("par_%02d", len(sorted)-i)
		all = append(all, parcel{Meta: document.Meta{ID: id}, Owner: "o", Weight: n})
		want = append(want, id)
	}
	fill(t, c, all)
	if d := cmp.Diff(want, walk(t, c, document.Query{Index: "owner_weight", Equal: []any{"o"}, Limit: 3})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func boolOrder(t *testing.T, h Harness) {
	c := collection(h)
	fill(t, c, []parcel{
		{Meta: document.Meta{ID: "par_1"}, Fragile: true},
		{Meta: document.Meta{ID: "par_2"}},
		{Meta: document.Meta{ID: "par_3"}, Fragile: true},
	})
	for _, tc := range []struct {
		q    document.Query
		want []string
	}{
		{document.Query{Index: "fragile", Equal: []any{true}, Limit: 1}, []string{"par_1", "par_3"}},
		{document.Query{Index: "fragile", Equal: []any{false}, Limit: 1}, []string{"par_2"}},
		{document.Query{Index: "fragile", Limit: 1}, []string{"par_2", "par_1", "par_3"}},
	} {
		if d := cmp.Diff(tc.want, walk(t, c, tc.q)); d != "" {
			t.Errorf("%v (-want +got):\n%s", tc.q.Equal, d)
		}
	}
}

func zeroValues(t *testing.T, h Harness) {
	c := collection(h)
	sent := day
	fill(t, c, []parcel{
		{Meta: document.Meta{ID: "par_1"}},
		{Meta: document.Meta{ID: "par_2"}, Weight: 3, Sent: &sent, Owner: "o"},
	})
	for _, q := range []document.Query{
		{Index: "sent", Equal: []any{time.Time{}}, Limit: 5},
		{Index: "sent", Until: day, Limit: 5},
		{Index: "owner_weight", Equal: []any{"", 0}, Limit: 5},
		{Index: "owner_due", Equal: []any{"", time.Time{}}, Limit: 5},
		{Index: "ref", Equal: []any{""}, Limit: 1},
	} {
		got := walk(t, c, q)
		if len(got) == 0 || got[0] != "par_1" {
			t.Errorf("%s %v = %v, want par_1 first", q.Index, q.Equal, got)
		}
	}
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	if got.Sent != nil {
		t.Errorf("Sent = %v, want nil", got.Sent)
	}
}

func nested(t *testing.T, h Harness) {
	c := collection(h)
	fill(t, c, []parcel{
		{Meta: document.Meta{ID: "par_1"}, Address: address{City: "Utrecht"}},
		{Meta: document.Meta{ID: "par_2"}, Address: address{City: "Assen"}},
	})
	if d := cmp.Diff([]string{"par_1"}, walk(t, c, document.Query{Index: "city", Equal: []any{"Utrecht"}, Limit: 5})); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// spareFields lists an index of three fields with one or none of them fixed.
func spareFields(t *testing.T, h Harness) {
	c := collection(h)
	var all []parcel
	var want []string
	for i := range 24 {
		id := fmt.Sprintf("par_%02d", i)
		all = append(all, parcel{Meta: document.Meta{ID: id}, Owner: fmt.Sprint("o", i/12), State: state(fmt.Sprint(i / 4 % 3)), Due: day.Add(time.Duration(i/2) * time.Hour)})
		want = append(want, id)
	}
	fill(t, c, all)
	for _, tc := range []struct {
		equal []any
		want  []string
	}{{nil, want}, {[]any{"o1"}, want[12:]}, {[]any{"o1", state("1")}, want[16:20]}} {
		for _, descending := range []bool{false, true} {
			q := document.Query{Index: "owner_state_due", Equal: tc.equal, Limit: 3, Descending: descending}
			got := walk(t, c, q)
			if descending {
				slices.Reverse(got)
			}
			if d := cmp.Diff(tc.want, got); d != "" {
				t.Errorf("%v descending %v (-want +got):\n%s", tc.equal, descending, d)
			}
		}
	}
}

func counts(t *testing.T, h Harness) {
	c := collection(h)
	for i := range 12 {
		must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: fmt.Sprint("par_", i)}, Owner: "o", Weight: i}))
	}
	for _, tc := range []struct{ limit, want int }{{10_000, 12}, {12, 12}, {5, 5}, {0, 12}} {
		n, err := c.Count(t.Context(), document.Query{Index: "owner_weight", Equal: []any{"o"}, Limit: tc.limit, After: "is ignored"})
		must(t, err)
		if n != tc.want {
			t.Errorf("Count up to %d = %d, want %d", tc.limit, n, tc.want)
		}
	}
}

func owners(t *testing.T, h Harness) {
	c := collection(h)
	for i := range 10 {
		must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: fmt.Sprint("par_", i)}, Owner: fmt.Sprint("org_", i%2), Weight: i}))
	}
	page, err := c.List(t.Context(), document.Query{Index: "owner_weight", Equal: []any{"org_1"}, Limit: 2})
	must(t, err)
	// A cursor of one owner's list is of no use in another's.
	_, err = c.List(t.Context(), document.Query{Index: "owner_weight", Equal: []any{"org_0"}, Limit: 2, After: page.Next})
	if !errors.Is(err, document.ErrCursor) {
		t.Errorf("a foreign cursor = %v, want %v", err, document.ErrCursor)
	}
	for _, id := range walk(t, c, document.Query{Index: "owner_weight", Equal: []any{"org_1"}, Limit: 2}) {
		p, err := c.Get(t.Context(), id)
		must(t, err)
		if p.Owner != "org_1" {
			t.Errorf("%s is owned by %s", id, p.Owner)
		}
	}
	if got := walk(t, c, document.Query{Index: "owner_weight", Equal: []any{""}, Limit: 2}); len(got) != 0 {
		t.Errorf("the empty owner lists %v", got)
	}
}

func forgedCursors(t *testing.T, h Harness) {
	c := collection(h)
	for i := range 5 {
		must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: fmt.Sprint("par_", i)}, Owner: "o", Due: day}))
	}
	q := document.Query{Index: "owner_due", Equal: []any{"o"}, Limit: 2}
	page, err := c.List(t.Context(), q)
	must(t, err)
	good, err := base64.RawURLEncoding.DecodeString(page.Next)
	must(t, err)
	changed := slices.Clone(good)
	changed[len(changed)-3] ^= 1
	encode := base64.RawURLEncoding.EncodeToString
	for name, forged := range map[string]string{
		"words":       "next page please",
		"a quote":     "' OR 1=1 --",
		"short":       page.Next[:8],
		"cut":         page.Next[:len(page.Next)-4],
		"longer":      page.Next + "AAAA",
		"changed":     encode(changed),
		"no checksum": encode([]byte(`["2026-03-01T12:00:00","par_1"]`)),
		"huge":        encode(make([]byte, 1<<20)),
	} {
		q.After = forged
		if _, err := c.List(t.Context(), q); !errors.Is(err, document.ErrCursor) {
			t.Errorf("%s: List = %v, want %v", name, err, document.ErrCursor)
		}
	}
	q.After, q.Descending = page.Next, true
	if _, err := c.List(t.Context(), q); !errors.Is(err, document.ErrCursor) {
		t.Errorf("in the other direction: List = %v, want %v", err, document.ErrCursor)
	}
}

func badQueries(t *testing.T, h Harness) {
	c := collection(h)
	for name, q := range map[string]document.Query{
		"no index":         {},
		"unknown index":    {Index: "nothing"},
		"negative limit":   {Index: "due", Limit: -1},
		"too many":         {Index: "due", Limit: 501},
		"too many values":  {Index: "due", Equal: []any{day, day}},
		"wrong type":       {Index: "due", Equal: []any{"2026-03-01"}},
		"wrong bound":      {Index: "owner_weight", Equal: []any{"o"}, From: "5"},
		"nothing to bound": {Index: "due", Equal: []any{day}, From: day},
		"an operator":      {Index: "ref", Equal: []any{map[string]any{"$ne": ""}}},
	} {
		if _, err := c.List(t.Context(), q); err == nil {
			t.Errorf("%s: List was accepted", name)
		}
	}
	if _, err := c.Find(t.Context(), "owner_due", "o", day); err == nil {
		t.Error("Find over an index that is not unique was accepted")
	}
	if _, err := c.Count(t.Context(), document.Query{Index: "due", Limit: 10_001}); err == nil {
		t.Error("Count up to 10,001 was accepted")
	}
}
