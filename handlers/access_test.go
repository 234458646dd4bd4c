package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers"
	"inzage/handlers/access"
	"inzage/handlers/handlertest"
	"inzage/handlers/web"
)

// served lists what the app serves, pages and API, those of the demo too.
func served(t *testing.T, w *handlertest.World) map[string]fiber.Route {
	t.Helper()
	site := *w.Site
	site.Demo = &web.Demo{}
	app := handlers.New(handlers.Deps{Site: &site, API: w.API, Log: w.Site.Log, RequestTimeout: time.Second, UploadTimeout: time.Second})
	all := map[string]fiber.Route{}
	for _, r := range app.GetRoutes(true) {
		if r.Method != http.MethodHead {
			all[r.Method+" "+r.Path] = r
		}
	}
	return all
}

// related tells whether a row is about one object that people stand in a relation
// to. Where one address serves several deeds, the deed's own row says which.
func related(r access.Row) bool {
	own := []access.Object{access.Nothing, access.Draft, access.Link, access.Account}
	return r.Door != access.Open && !slices.Contains(own, r.Of) && strings.Contains(r.Path, ":") && !strings.HasSuffix(r.Path, "/:deed")
}

// TestTheTableHoldsEveryRoute fails on a route that the table of access lacks,
// on a row that leads nowhere, on a route with two rows, and on a row that leaves
// open who may use it or which entry that leaves.
func TestTheTableHoldsEveryRoute(t *testing.T) {
	w := handlertest.New(t)
	real, rows, seen := served(t, w), handlers.Table(), map[string]bool{}
	for _, r := range rows {
		if seen[r.Name()] {
			t.Errorf("%s has two rows", r.Name())
		}
		seen[r.Name()] = true
		if _, ok := real[r.Name()]; !ok {
			t.Errorf("the row %s leads nowhere", r.Name())
		}
		if r.Door == access.Shut {
			t.Errorf("the row %s names no door", r.Name())
		}
		if r.Entry == access.Unstated {
			t.Errorf("%s does not say which entry it leaves, nor that it leaves none", r.Name())
		}
		if related(r) && len(r.By) == 0 {
			t.Errorf("%s does not say how one stands to its %s", r.Name(), r.Of)
		}
		if (r.Door == access.Open || r.Door == access.Here) && len(r.Roles) > 0 {
			t.Errorf("%s is open and names roles", r.Name())
		}
	}
	for name := range real {
		if !seen[name] {
			t.Errorf("the table of access lacks %s", name)
		}
	}
	if len(rows) < 150 {
		t.Errorf("only %d rows", len(rows))
	}
	t.Logf("%d of %d routes have their row", len(real), len(rows))
}
