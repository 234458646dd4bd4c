package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"inzage/handlers/access"
	"inzage/handlers/api"
	"inzage/services/ledger"
)

// TestTwinsOfTheAPI makes every reading call as everybody whom the table lets:
// it is answered, and leaves the entry that its row names, or none. Who sees the
// facts of a request only, and not what is in it, leaves none.
func TestTwinsOfTheAPI(t *testing.T) {
	w := newWire(t)
	size := w.sealed()
	shown, entries := 0, 0
	for _, row := range api.Rows() {
		if row.Method != http.MethodGet {
			continue
		}
		x, twins := try{row, "", row.By, true}, 0
		for _, s := range w.people {
			if !x.permits(s) || row.Door == access.Open && s.name != "stranger" || personal(x, s) {
				continue
			}
			a := w.asks(x, s)
			var found []ledger.Entry
			found, size = w.since(size)
			if noForm := row.Of == access.Draft && a.status == http.StatusGone; a.status != http.StatusOK && !noForm {
				t.Errorf("%s as %s: %d %.200s", x.Name(), s.name, a.status, a.body)
				continue
			}
			twins, shown = twins+1, shown+1
			entries += w.entryOfCall(x, s, found)
		}
		if twins == 0 {
			t.Errorf("nobody may %s", x.Name())
		}
	}
	t.Logf("%d calls answered with %d entries", shown, entries)
	if shown < 200 || entries < 80 {
		t.Errorf("only %d answers and %d entries", shown, entries)
	}
}

// personal are calls that a row opens to a role, and a service to persons only.
func personal(x try, s *somebody) bool { return s.tokens != nil && x.Fresh == access.AtDeed }

// entryOfCall holds the entries of a call that was answered against its row.
func (w *wire) entryOfCall(x try, s *somebody, found []ledger.Entry) int {
	w.t.Helper()
	var all []string
	for _, e := range found {
		all = append(all, e.Event.Action+" by "+e.Event.Actor)
	}
	want := []string{}
	facts := x.Of == access.Request && !slices.Contains(s.stands[access.Request], "desk") && !slices.Contains(s.stands[access.Request], "subject")
	facts = facts && x.Entry != "request.dossier" // which leaves the house, whatever is in it
	if x.Entry != "" && !facts {
		want = append(want, x.Entry+" by "+s.account(x))
	}
	if strings.Join(all, " ") != strings.Join(want, " ") {
		w.t.Errorf("%s as %s left %v, want %v", x.Name(), s.name, all, want)
	}
	return len(found)
}
