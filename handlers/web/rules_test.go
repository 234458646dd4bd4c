package web_test

import (
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"inzage/handlers"
	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/requests"
)

// TestPublishedRules reads the rules as a stranger does, and holds them against
// the tables that they are made of.
func TestPublishedRules(t *testing.T) {
	w := handlertest.New(t)
	c := w.Browser()
	p := c.Get("/docs/access").Want(t, 200)
	for id, n := range map[string]int{"requests": len(requests.Table()), "audits": len(audits.Table()), "limits": 24} {
		rows := p.Find("[data-testid=" + id + "] tbody tr")
		if rows.Length() != n {
			t.Errorf("%s has %d rows, want %d", id, rows.Length(), n)
		}
		rows.Find("th, td").Each(func(_ int, cell *goquery.Selection) {
			cell.Find(".note").Remove()
			if text := strings.TrimSpace(cell.Text()); text == "" || strings.Contains(text, "_") {
				t.Errorf("%s: %q is no sentence", id, text)
			}
		})
	}
	seen := map[string]bool{}
	for _, part := range []string{"pages", "calls", "silent"} {
		rows := c.Get("/docs/access/"+part).Want(t, 200).Find("[data-testid=" + part + "] tbody tr")
		rows.Each(func(_ int, row *goquery.Selection) {
			route := strings.TrimSpace(row.Find("th").Text())
			seen[route] = true
			if silent := strings.TrimSpace(row.Find("td").Last().Text()) == "geen"; part == "silent" && !silent {
				t.Errorf("%s leaves an entry, and is said to leave none", route)
			}
		})
	}
	for _, r := range handlers.Table() {
		if !seen[r.Name()] {
			t.Errorf("%s is not published", r.Name())
		}
	}
	c.Get("/docs/access/nowhere").Want(t, 404)
	if n := p.Find("a[href^='/docs/access/']").Length(); n != 3 {
		t.Errorf("%d tables of routes are linked, want 3", n)
	}
}
