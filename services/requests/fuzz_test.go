package requests_test

import (
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/requests"
)

// FuzzStates lets people do things to one request in any order: each pair of
// bytes is an action and who tries it. Whatever succeeds is a row of the table
// and leaves its entry; whatever is refused changes nothing.
func FuzzStates(f *testing.F) {
	f.Add([]byte{1, 1, 6, 1, 7, 0, 8, 1, 10, 1, 15, 1})
	f.Add([]byte{0, 2, 1, 1, 9, 1, 13, 1, 14, 0, 16, 0, 17, 1})
	f.Add([]byte{16, 0, 1, 1, 3, 1, 4, 0})
	f.Add([]byte{2, 3, 3, 4, 5, 5, 17, 1, 10, 1})
	w, n := handlertest.New(f), 0 // of the process: making one takes far longer than a walk
	f.Fuzz(func(t *testing.T, walk []byte) {
		w.T = t
		w.Pass(time.Hour) // or one machine would ask for too many codes
		n++
		walkStates(t, w, fmt.Sprintf("fatima%d@example.org", n), walk)
	})
}

// TestRandomWalks is FuzzStates on one portal, with as many walks as a test of
// every change has time for. The walks are others at each run.
func TestRandomWalks(t *testing.T) {
	w := handlertest.New(t)
	walks, steps, done := 15, 0, 0
	for n := range walks {
		w.Pass(time.Hour) // or one machine would ask for too many codes
		walk := make([]byte, 40)
		for i := range walk {
			walk[i] = byte(rand.IntN(256))
		}
		s, d := walkStates(t, w, fmt.Sprintf("fatima%d@example.org", n), walk)
		if steps, done = steps+s, done+d; t.Failed() {
			t.Fatalf("the walk was %v", walk)
		}
	}
	t.Logf("%d walks of %d steps: %d done, %d refused", walks, steps, done, steps-done)
	if done == 0 || steps < 100 {
		t.Error("nothing was tried")
	}
}

// walkStates lets people do to one request what the walk says, and returns how
// many steps there were and how many were done.
func walkStates(t *testing.T, w *handlertest.World, email string, walk []byte) (steps, done int) {
	t.Helper()
	asks := filing(w.Partner.ID, w.Bakery.ID, requests.Erasure)
	asks.Person.Email = email
	r, subject := filed(t, w, asks)
	staff := func(org identity.Organisation, role identity.Role) identity.Actor {
		return identity.Actor{Account: "acc_" + string(role) + org.Slug, Organisation: org.ID, Roles: []identity.Role{role}, Level: identity.Full, StrongAt: w.Now(), Language: "nl"}
	}
	half := staff(w.Bakery, identity.PrivacyOfficer)
	half.Level = identity.Half
	// Twice, so that not most of what is tried is by strangers.
	people := []identity.Actor{subject, staff(w.Bakery, identity.PrivacyOfficer), subject, staff(w.Bakery, identity.PrivacyOfficer), staff(w.Partner, identity.Agent),
		staff(w.Bakery, identity.Admin), staff(w.Florist, identity.PrivacyOfficer), half, {}}
	do := operations(w)
	var actions []requests.Action
	for _, row := range requests.Table() {
		if do[row.Action] != nil {
			actions = append(actions, row.Action)
		}
	}
	for i := 0; i+1 < len(walk) && i < 40; i += 2 {
		action, by := actions[int(walk[i])%len(actions)], people[int(walk[i+1])%len(people)]
		before := len(w.Events(r.ID))
		err := do[action](by, r)
		after, gerr := w.Requests.Requests.Get(t.Context(), r.ID)
		if gerr != nil {
			t.Fatal(gerr)
		}
		if steps++; err == nil {
			done++
		}
		follows(t, w, action, by, r, after, before, err)
		r = after
		w.Pass(time.Second)
	}
	return steps, done
}

// follows holds one step against the table.
func follows(t *testing.T, w *handlertest.World, action requests.Action, by identity.Actor, was, is requests.Request, entries int, err error) {
	t.Helper()
	done := slices.DeleteFunc(w.Events(is.ID)[entries:], func(e string) bool { return strings.HasSuffix(e, " refused") })
	if err != nil {
		if is.Rev != was.Rev || len(done) > 0 {
			t.Errorf("%s in %s was refused (%v) and yet changed something: %v", action, was.State, err, done)
		}
		return
	}
	table := requests.Table()
	row := table[slices.IndexFunc(table, func(r requests.Rule) bool { return r.Action == action })]
	if !slices.Contains(row.From, was.State) || slices.Contains(by.Roles, identity.PrivacyOfficer) && by.Level != identity.Full {
		t.Errorf("%s is done in %s by %v", action, was.State, by)
	}
	if is.Rev != was.Rev && len(done) == 0 {
		t.Errorf("%s in %s changed the request and left no entry", action, was.State)
	}
	moves := []requests.State{row.To, was.State}
	switch action {
	case requests.Decide:
		moves = append(moves, requests.Decided)
	case requests.SettleIdentity:
		moves = []requests.State{was.Before}
	case requests.Triage:
		moves = append(moves, requests.Forwarded)
	}
	if !slices.Contains(moves, is.State) {
		t.Errorf("%s led from %s to %s", action, was.State, is.State)
	}
	if is.Open != (is.Closed == nil) {
		t.Errorf("%s: open %t, closed at %v", is.State, is.Open, is.Closed)
	}
}
