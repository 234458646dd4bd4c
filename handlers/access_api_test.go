package handlers_test

import (
	"fmt"
	"net/http"
	"slices"
	"testing"

	"inzage/handlers/access"
	"inzage/handlers/api"
	"inzage/services/ledger"
)

// asks makes the call of a row as somebody.
func (w *wire) asks(x try, s *somebody) answer {
	w.t.Helper()
	path, body, kind := w.make(x.Row)
	return w.send(s, s.tokens[x.Scope], x.Method, path, body, kind)
}

// account is who the ledger says that somebody is, calling this.
func (s *somebody) account(x try) string {
	if s.tokens != nil {
		return s.accounts[x.Scope]
	}
	return s.Account
}

// permits tells what the table says of a call by somebody, a machine too.
func (x try) permits(s *somebody) bool {
	if s.tokens != nil && x.Door != access.Open && (x.Scope == "" || s.unscoped) {
		return false
	}
	return x.may(s)
}

// declared is how the API answers somebody whom the table does not let: 401 to
// whoever has not proven who they are, 403 to another role or scope, and where
// only the relation lacks, 404 to strangers of the object, and to its parties
// 403 or 404 as far as they may know of what the address names.
func (x try) declared(s *somebody) []int {
	switch {
	case s.name == "stranger", x.Door == access.Inside && s.half:
		return []int{http.StatusUnauthorized}
	case s.tokens != nil && (x.Scope == "" || s.unscoped), len(x.Roles) > 0 && !slices.Contains(x.Roles, s.Roles[0]):
		return []int{http.StatusForbidden}
	case len(s.stands[x.Of]) > 0:
		return []int{http.StatusForbidden, http.StatusNotFound}
	}
	return []int{http.StatusNotFound}
}

// TestMatrixOfTheAPI makes every call as everybody whom the table does not let:
// each is refused as declared, leaves one entry, and changes nothing.
func TestMatrixOfTheAPI(t *testing.T) {
	w := newWire(t)
	size, sum := w.sealed(), w.sum()
	cells, turned, entries := 0, 0, 0
	for _, row := range api.Rows() {
		if row.Door == access.Open {
			continue
		}
		x := try{row, "", row.By, true}
		var refused []*somebody
		for _, s := range w.people {
			cells++
			if x.permits(s) {
				continue
			}
			turned++
			if a := w.asks(x, s); !slices.Contains(x.declared(s), a.status) {
				t.Errorf("%s as %s: %d %.200s, want %v", x.Name(), s.name, a.status, a.body, x.declared(s))
			}
			refused = append(refused, s)
		}
		var found []ledger.Entry
		found, size = w.since(size)
		entries += w.refusals(x, refused, found)
		if now := w.sum(); now != sum {
			t.Errorf("%s changed the store for somebody who was refused", x.Name())
			sum = now
		}
	}
	t.Logf("%d cells: %d refused with %d entries", cells, turned, entries)
	if turned < 2500 {
		t.Errorf("only %d refusals were asked for", turned)
	}
}

// refusals holds the entries of a row's refused calls against what they must
// leave: none for a stranger, else one of the refusal each, by the door under
// the route's name, or by the service.
func (w *wire) refusals(x try, refused []*somebody, found []ledger.Entry) int {
	w.t.Helper()
	want, got := map[string]int{}, map[string]int{}
	for _, s := range refused {
		if s.name == "stranger" {
			continue
		}
		atDoor := !slices.Contains(x.declared(s), http.StatusNotFound)
		want[fmt.Sprint(s.account(x), " at the door ", atDoor)]++
	}
	for _, e := range found {
		atDoor := e.Event.Action == access.RouteAction && e.Event.Details["reason"] != "not_found"
		if e.Event.Outcome != ledger.Refused || e.Event.Action == access.RouteAction && e.Event.Details["route"] != x.Name() {
			w.t.Errorf("%s left %s %s %v", x.Name(), e.Event.Action, e.Event.Outcome, e.Event.Details)
		}
		got[fmt.Sprint(e.Event.Actor, " at the door ", atDoor)]++
	}
	if fmt.Sprint(got) != fmt.Sprint(want) {
		w.t.Errorf("%s left refusals of\n%v, want\n%v", x.Name(), got, want)
	}
	return len(found)
}
