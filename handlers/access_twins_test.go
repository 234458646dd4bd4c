package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/access"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// TestTwinsOfPages asks for every page as everybody whom the tables let: it is
// shown, and leaves the entry that its row names, or none. Who sees the facts of a
// request only, and not what is in it, leaves none.
func TestTwinsOfPages(t *testing.T) {
	w := newTown(t)
	size := w.sealed()
	shown, moved, absent, entries := 0, 0, 0, 0
	for _, row := range access.Pages() {
		if row.Method != http.MethodGet || row.Door == access.Open || row.Door == access.Here {
			continue
		}
		for _, x := range w.tries(row) {
			twins := 0
			for _, s := range w.people {
				if !x.may(s) {
					continue
				}
				twins++
				p := x.send(s.client)
				var found []ledger.Entry
				found, size = w.since(size)
				if late := p.Status == http.StatusConflict; strings.HasSuffix(x.Path, ":deed") && late == x.now {
					t.Errorf("%s as %s: %d, and the state allows it: %v", x.path, s.name, p.Status, x.now)
				}
				switch {
				case p.Status == http.StatusNotFound && lacking(x):
					absent++
				case p.Status == http.StatusConflict:
					moved++
				case x.Of == access.Account && x.Door == access.Begun && p.Status == http.StatusSeeOther:
					shown++ // on to the proof that is missing, or past it
				case refused(p) || p.Status >= http.StatusBadRequest && p.Status != http.StatusGone:
					t.Errorf("%s %s as %s: %d %s", x.Method, x.path, s.name, p.Status, p.Location)
				default:
					shown++
					entries += w.entryOf(x, s, p.Status, found)
				}
			}
			if twins == 0 {
				t.Errorf("nobody may %s %s", x.Method, x.path)
			}
		}
	}
	t.Logf("%d pages shown with %d entries, %d told that it cannot be done now, %d lack the thing that they are about", shown, entries, moved, absent)
	if shown < 400 || entries < 100 {
		t.Errorf("only %d pages and %d entries", shown, entries)
	}
}

// TestStaleFactor asks for every page that wants the second factor just now,
// five minutes and a second after it was proven, and again once it is fresh.
func TestStaleFactor(t *testing.T) {
	w := newTown(t)
	size, asked := w.sealed(), 0
	for _, row := range access.Pages() {
		if row.Fresh != access.AtDoor || row.Path == "/account/passkeys/new" || row.Path == "/account/passkeys/:id" {
			continue // passkeys need a domain name, which this town has not
		}
		for _, x := range w.tries(row) {
			for _, s := range w.people {
				if s.half || !x.may(s) {
					continue
				}
				asked++
				w.proven(s, w.Now().Add(-identity.StepUpAge-time.Second))
				p := x.send(s.client)
				var found []ledger.Entry
				if found, size = w.since(size); !strings.HasPrefix(p.Location, "/account/confirm?to=") {
					t.Errorf("%s as %s with an old factor: %d %s", x.Name(), s.name, p.Status, p.Location)
				}
				w.oneRefusal(x, s, found)
				w.proven(s, w.Now())
				if p = x.send(s.client); refused(p) {
					t.Errorf("%s as %s with a fresh factor: %d %s", x.Name(), s.name, p.Status, p.Location)
				}
				_, size = w.since(size)
			}
		}
	}
	t.Logf("%d pages asked for with an old factor, and again with a fresh one", asked)
	if asked < 20 {
		t.Errorf("only %d", asked)
	}
}

// lacking are pages about one thing that this town does not have: a passkey
// (they need a domain name), a checkpoint that was kept, and in its audit a cost, a visit, or a question
// before the notice that is still open.
func lacking(x try) bool {
	if x.Path == "/account/passkeys/:id" || x.Path == "/evidence/checkpoint.txt" {
		return true
	}
	deed, _, _ := strings.Cut(x.path[strings.LastIndex(x.path, "/")+1:], "?")
	return x.Of == access.Audit && slices.Contains([]string{"withdraw-inquiry", "supply", "remove-cost", "dispute-cost", "change-cost", "accept-cost", "cancel-visit"}, deed)
}

// entryOf holds the entries of a page that was shown against its row.
func (w *town) entryOf(x try, s *somebody, status int, found []ledger.Entry) int {
	w.t.Helper()
	var all []string
	for _, e := range found {
		all = append(all, e.Event.Action)
	}
	want := []string{}
	facts := x.Of == access.Request && !slices.Contains(s.stands[access.Request], "desk") && !slices.Contains(s.stands[access.Request], "subject")
	facts = facts && x.Entry != "request.dossier" // which leaves the house, whatever is in it
	if x.Entry != "" && !facts && status == http.StatusOK {
		want = append(want, x.Entry)
	}
	if strings.Join(all, " ") != strings.Join(want, " ") {
		w.t.Errorf("%s as %s left %v, want %v (%d)", x.Name(), s.name, all, want, status)
	}
	return len(found)
}

// sealed seals what is pending and returns the size of the ledger.
func (w *town) sealed() int64 {
	w.t.Helper()
	w.Drain()
	n, err := w.Ledger.Size(w.t.Context())
	return must(w.t, n, err)
}
