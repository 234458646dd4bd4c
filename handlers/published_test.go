package handlers_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"inzage/handlers"
	"inzage/handlers/access"
	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/requests"
)

// TestPublishedAccess holds what the portal publishes against what it follows: each
// route once with the row of its guard, the whole tables, the limits that hold.
func TestPublishedAccess(t *testing.T) {
	w := handlertest.New(t)
	w.Identity.Limits.PasswordFailures = 7
	p := w.Browser().Get("/api/v1/access").Want(t, http.StatusOK)
	var ref access.Reference
	if err := json.Unmarshal([]byte(p.Body), &ref); err != nil {
		t.Fatal(err)
	}
	said := map[string]access.PublishedRoute{}
	for _, r := range ref.Routes {
		said[r.Route] = r
	}
	for _, row := range handlers.Table() {
		r, ok := said[row.Name()]
		if !ok || r.Door != row.Door || r.Object != row.Of || !slices.Equal(r.Roles, append(r.Roles[:0:0], row.Roles...)) || r.Entry != row.Entry {
			t.Errorf("%s is published as %+v, want %+v", row.Name(), r, row)
		}
		if slices.Contains(ref.Silent, row.Name()) != (row.Entry == "") {
			t.Errorf("%s leaves %q; it is among the silent: %v", row.Name(), row.Entry, slices.Contains(ref.Silent, row.Name()))
		}
	}
	if len(said) != len(handlers.Table()) || len(ref.Requests) != len(requests.Table()) || len(ref.Audits) != len(audits.Table()) {
		t.Errorf("%d routes, %d and %d steps are published", len(said), len(ref.Requests), len(ref.Audits))
	}
	for _, holds := range []access.Limit{{Name: "wrong passwords before sign-in is locked", Value: 7}, {Name: "page or call", Time: "30s"}, {Name: "upload, download or dossier", Time: "1m0s"},
		{Name: "header of a request", Time: "10s"}, {Name: "characters of a password, at least", Value: 12}, {Name: "download of an answer, until it is renewed", Time: "168h0m0s"},
		{Name: "form that is not sent", Time: "168h0m0s"}} {
		if !slices.Contains(ref.Limits, holds) {
			t.Errorf("the limits lack %v: %v", holds, ref.Limits)
		}
	}
}
