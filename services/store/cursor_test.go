package store

import (
	"reflect"
	"testing"
)

// FuzzCursor: a cursor that the store did not make for this list is refused,
// and one that it made leads to the place it was made for.
func FuzzCursor(f *testing.F) {
	fields := []Field{{Path: "due", Type: String}, {Path: "rank", Type: Int}}
	list := Range{Index: "due", Equal: []any{"org_1"}}
	at := Position{Keys: []any{"2026-12-17", int64(7)}, ID: "req_1"}
	made, err := cursor("requests", list, at)
	if err != nil {
		f.Fatal(err)
	}
	f.Add(made, "org_1")
	f.Add(made, "org_2")
	f.Add(made[:len(made)-1], "org_1")
	f.Add("AAAA", "")
	f.Add("", "")
	f.Fuzz(func(t *testing.T, text, organisation string) {
		asked := Range{Index: "due", Equal: []any{organisation}}
		p, err := position(text, "requests", asked, fields)
		if err != nil {
			return
		}
		if len(p.Keys) != len(fields) || p.ID == "" {
			t.Fatalf("position = %+v", p)
		}
		again, err := cursor("requests", asked, *p)
		if err != nil {
			t.Fatal(err)
		}
		if back, err := position(again, "requests", asked, fields); err != nil || !reflect.DeepEqual(back, p) {
			t.Errorf("position(cursor(p)) = %+v, %v, want %+v", back, err, p)
		}
		if text == made && organisation != "org_1" {
			t.Error("the cursor of another list is taken")
		}
	})
}
