package handlers_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"inzage/handlers/access"
	"inzage/handlers/handlertest"
	"inzage/handlers/web"
	"inzage/services/audits"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// try is one cell's request: a row with its address written out.
type try struct {
	access.Row
	path string
	by   []string // the relations that the tables allow; nil where the door alone decides
	now  bool     // of a deed: whether the state of the town's object allows it
}

// tries are all requests of a row: one, or one for each deed at its address.
func (w *town) tries(r access.Row) []try {
	if !strings.HasSuffix(r.Path, "/:deed") {
		return []try{{r, w.address(r.Path, ""), r.By, true}}
	}
	var all []try
	for deed, action := range web.Deeds(r.Of) {
		by, now := deedRow(r.Of, action)
		all = append(all, try{r, w.address(r.Path, deed), by, now})
	}
	return all
}

// deedRow is an action's row in the object's own table: the relations it
// allows, and whether it allows them in the state of the town's request (in
// progress) or audit (with a day agreed).
func deedRow(of access.Object, action string) (by []string, now bool) {
	for _, row := range requests.Table() {
		if of == access.Request && string(row.Action) == action {
			for _, as := range row.By {
				by = append(by, string(as))
			}
			now = slices.Contains(row.From, requests.InProgress)
		}
	}
	for _, row := range audits.Table() {
		if of == access.Audit && string(row.Action) == action {
			for _, as := range row.By {
				by = append(by, string(as))
			}
			now = slices.Contains(row.From, audits.DateAgreed)
		}
	}
	return by, now
}

// may tells what the tables say of a try by somebody.
func (x try) may(s *somebody) bool {
	switch {
	case x.Door == access.Open:
		return true
	case s.name == "stranger", x.Door == access.Inside && s.half:
		return false
	case len(x.Roles) > 0 && !slices.Contains(x.Roles, s.Roles[0]):
		return false
	case len(x.by) > 0:
		return slices.ContainsFunc(x.by, func(as string) bool { return slices.Contains(s.stands[x.Of], as) })
	}
	return true
}

func (x try) send(c *handlertest.Client) handlertest.Page {
	if x.Method == http.MethodGet {
		return c.Get(x.path)
	}
	if uploads[x.Path] {
		return c.Upload(x.path, url.Values{"text": {"Nog iets."}}, handlertest.Attachment{Field: "file", Name: "bijlage.txt", Body: []byte("tekst")})
	}
	return c.Post(x.path, url.Values{"rev": {"1"}})
}

// uploads are the routes whose form holds files.
var uploads = map[string]bool{"/my/:id/add": true, "/my/:id/answer": true, "/requests/:id/files": true, "/assists/:id/files": true, "/audits/:id/files/:of": true}

// refused tells whether an answer gives nothing: a page of trouble, or the way to sign in.
func refused(p handlertest.Page) bool {
	return slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound}, p.Status) ||
		p.Status == http.StatusSeeOther && (strings.HasPrefix(p.Location, "/sign-in") || strings.HasPrefix(p.Location, "/account/confirm"))
}

// TestMatrixOfPages asks for every page as everybody whom the tables do not
// let: each is refused, leaves one entry, and changes nothing.
func TestMatrixOfPages(t *testing.T) {
	w := newTown(t)
	size, sum := w.sealed(), w.sum()
	cells, turned, entries := 0, 0, 0
	for _, row := range access.Pages() {
		if row.Door == access.Open || row.Door == access.Here {
			continue
		}
		for _, x := range w.tries(row) {
			for _, s := range w.people {
				cells++
				if x.may(s) {
					continue
				}
				turned++
				p := x.send(s.client)
				found, next := w.since(size)
				size = next
				if !refused(p) {
					t.Errorf("%s %s as %s: %d %s, want a refusal", x.Method, x.path, s.name, p.Status, p.Location)
				}
				entries += w.oneRefusal(x, s, found)
				if now := w.sum(); now != sum {
					t.Errorf("%s as %s changed the store", x.Name(), s.name)
					sum = now
				}
			}
		}
	}
	t.Logf("%d cells: %d refused with %d entries", cells, turned, entries)
	if turned < 2000 {
		t.Errorf("only %d refusals were asked for", turned)
	}
}

// oneRefusal holds the entries of a refused try against what it must leave:
// none for a stranger, else one of the refusal.
func (w *town) oneRefusal(x try, s *somebody, found []ledger.Entry) int {
	w.t.Helper()
	var all []string
	n := 0
	for _, e := range found {
		all = append(all, fmt.Sprintf("%s %s", e.Event.Action, e.Event.Outcome))
		if e.Event.Outcome == ledger.Refused && e.Event.Actor == s.Account {
			n++
		}
	}
	want := 1
	if s.name == "stranger" {
		want = 0
	}
	if strings.HasPrefix(x.Path, "/audits/:id/costs") && len(found) == 2 && found[0].Event.Action == "audit.read" {
		found = found[1:] // the auditor may read the audit, but not its costs
	}
	if n != want || len(found) != want {
		w.t.Errorf("%s as %s left %v, want %d refusal", x.Name(), s.name, all, want)
	}
	return n
}
