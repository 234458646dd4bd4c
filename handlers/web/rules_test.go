package web_test

import (
	"encoding/json"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"inzage/handlers"
	"inzage/handlers/access"
	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/requests"
)

// TestPublishedRules reads the rules as a stranger does, and holds them against
// the tables that they are made of.
// published are the names of the limits that the API tells of.
func published(t *testing.T, c *handlertest.Client) map[string]bool {
	t.Helper()
	var ref access.Reference
	if err := json.Unmarshal([]byte(c.Get("/api/v1/access").Want(t, 200).Body), &ref); err != nil {
		t.Fatal(err)
	}
	names := map[string]bool{}
	for _, l := range ref.Limits {
		names[l.Name] = true
	}
	return names
}

func TestPublishedRules(t *testing.T) {
	w := handlertest.New(t)
	c := w.Browser()
	p := c.Get("/docs/access").Want(t, 200)
	limits := published(t, c)
	for id, n := range map[string]int{"requests": len(requests.Table()), "audits": len(audits.Table()), "limits": len(limits)} {
		rows := p.Find("[data-testid=" + id + "] tbody tr")
		if rows.Length() != n {
			t.Errorf("%s has %d rows, want %d", id, rows.Length(), n)
		}
		rows.Find("th, td").Each(func(_ int, cell *goquery.Selection) {
			cell.Find(".note").Remove()
			if text := strings.TrimSpace(cell.Text()); text == "" || strings.Contains(text, "_") || limits[text] {
				t.Errorf("%s: %q is no sentence", id, text)
			}
		})
	}
	// The page says the numbers that the API says: no limit is nought or nothing.
	p.Find("[data-testid=limits] tbody tr").Each(func(_ int, row *goquery.Selection) {
		if value := strings.TrimSpace(row.Find("td").Last().Text()); value == "" || value == "0" || strings.HasPrefix(value, "0 ") || value == "0s" {
			t.Errorf("the limit %q is %q", strings.TrimSpace(row.Find("th").Text()), value)
		}
	})
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
