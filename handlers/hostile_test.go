package handlers_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/identity"
)

// evil are texts that mean something somewhere: in HTML, scripts, queries,
// templates, headers, paths, spreadsheets.
var evil = []string{
	`"><script>alert(1)</script><img src=x onerror=alert(2)>`, `'; DROP TABLE requests; --`, `{"$gt":""}`, `{{7*7}}${7*7}%s%n%d`, "a\r\nBcc: evil@example.org\r\n\r\nx", "../../../etc/passwd",
	"=HYPERLINK(\"http://evil.example\")", "\x00\xff\xfe", "javascript:alert(1)", strings.Repeat("é", 20_000), "-1", "99999999999999999999", "2026-02-30", "[[[", "\u202e\u2028\u0007",
}

// busy is a portal with a request and an audit, and somebody of each kind signed in.
func busy(t *testing.T) (*handlertest.World, map[string]*handlertest.Client) {
	t.Helper()
	w := handlertest.New(t)
	_, entry := asked(t, w)
	a := w.Agree("mpg", w.Bakery, w.Florist)
	officer := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	plan := audits.Plan{Subject: "Beveiliging", Mode: audits.Remote, Notice: audits.NoticeText{Method: "Interviews", Auditor: "R. Jansen", Information: "Logboeken", Locations: "Vianen", Arguments: "Er is niets bekend."}}
	if _, err := w.Audits.Start(t.Context(), w.Actor(officer), "", a.ID, plan); err != nil {
		t.Fatal(err)
	}
	person := w.Browser()
	person.SetSession(entry.Token)
	return w, map[string]*handlertest.Client{
		"officer": w.SignIn(officer), "agent": w.SignIn(w.Hire("Joris Bakker", w.Partner, identity.Agent)), "admin": w.SignIn(w.Hire("Bram Visser", w.Bakery, identity.Admin)),
		"operator": w.SignIn(w.Hire("Olga Prins", identity.Organisation{Slug: "portal"}, identity.Operator)), "subject": person, "stranger": w.Browser(),
	}
}

// walk visits what the pages link to, at most limit pages, and hands each to look.
func walk(c *handlertest.Client, from []string, limit int, look func(string, handlertest.Page)) {
	seen := map[string]bool{}
	queue := slices.Clone(from)
	for len(queue) > 0 && len(seen) < limit {
		at := queue[0]
		if queue = queue[1:]; seen[at] || strings.Contains(at, "/files/") || strings.HasSuffix(at, ".pdf") {
			continue
		}
		seen[at] = true
		p := c.Get(at)
		if p.Location != "" {
			queue = append(queue, p.Location)
			continue
		}
		look(at, p)
		p.Find("main a[href^='/'], nav a[href^='/']").Each(func(_ int, s *goquery.Selection) {
			href, _, _ := strings.Cut(s.AttrOr("href", ""), "#")
			queue = append(queue, href)
		})
	}
}

// form is what a page would send.
type form struct {
	action string
	given  map[string]string // what the page itself fills in: hidden values, the first choice of each list
	typed  []string          // what people type or choose
	files  bool
}

func formsOf(at string, p handlertest.Page) []form {
	var all []form
	p.Find("form[method=post]").Each(func(_ int, s *goquery.Selection) {
		f := form{action: s.AttrOr("action", at), given: map[string]string{}, files: s.AttrOr("enctype", "") == "multipart/form-data"}
		s.Find("input, select, textarea").Each(func(_ int, field *goquery.Selection) {
			name, kind := field.AttrOr("name", ""), field.AttrOr("type", "")
			if name == "" || name == "csrf" || kind == "file" {
				return
			}
			if kind != "hidden" && !slices.Contains(f.typed, name) {
				f.typed = append(f.typed, name)
			}
			value := field.AttrOr("value", "")
			if field.Is("select") {
				value = field.Find("option").Last().AttrOr("value", "")
			}
			if _, ok := f.given[name]; !ok && (field.Is("select") || slices.Contains([]string{"hidden", "radio", "checkbox", "date"}, kind)) {
				f.given[name] = value
			}
		})
		all = append(all, f)
	})
	return all
}

// filled is the form with the text in every field that is typed; so that much
// of it is accepted, the choices are made as the page offers them, unless all is hostile.
func (f form) filled(text string, all bool) url.Values {
	values := url.Values{}
	for _, name := range f.typed {
		values.Set(name, text)
	}
	for name, value := range f.given {
		if !all || !slices.Contains(f.typed, name) {
			values.Set(name, value)
		}
	}
	return values
}

// TestHostileTextEverywhere finds every form that six kinds of people can reach,
// sends each with hostile text in every field, and then walks the pages again: no
// form breaks the portal, and nothing that was typed has become part of a page.
func TestHostileTextEverywhere(t *testing.T) {
	t.Parallel()
	w, people := busy(t)
	starts := []string{"/", "/queue", "/audits", "/account", "/people", "/agreements", "/organisations", "/mine", "/o/korenaar", "/sign-in", "/password/forgot", "/calendar", "/audits/new", "/requests/new", "/assists", "/file/rights"}
	sent, accepted, broken, pages := 0, 0, 0, 0
	// Who can end what the others are busy with comes after them.
	order := []string{"stranger", "officer", "agent", "subject", "admin", "operator"}
	found := map[string]map[string]form{}
	for _, who := range order {
		if who == "stranger" {
			people[who].Post("/o/korenaar/file", nil)
		}
		found[who] = map[string]form{}
		walk(people[who], starts, 150, func(at string, p handlertest.Page) {
			for _, f := range formsOf(at, p) {
				found[who][f.action+fmt.Sprint(f.typed)] = f
			}
		})
	}
	for _, who := range order {
		c := people[who]
		for _, key := range slices.Sorted(maps.Keys(found[who])) {
			f := found[who][key]
			if len(f.typed) == 0 || strings.Contains(f.action, "sign-out") || strings.Contains(f.action, "/sessions/") {
				continue
			}
			// Each form gets a third of the texts, the next form the next third.
			for i := range (len(evil) + 2) / 3 {
				text := evil[(3*i+sent)%len(evil)]
				values := f.filled(text, i%2 == 1)
				var p handlertest.Page
				if f.files {
					p = c.Upload(f.action, values, handlertest.Attachment{Field: "file", Name: strings.ToValidUTF8(text, "?"), Body: []byte(text)})
				} else {
					p = c.Post(f.action, values)
				}
				if p.Status < 400 {
					accepted++
				}
				if sent++; p.Status >= 500 {
					broken++
					t.Errorf("%s: POST %s with %.40q in %v: %d", who, f.action, text, f.typed, p.Status)
				}
			}
		}
	}
	for _, who := range order {
		walk(people[who], starts, 60, func(at string, p handlertest.Page) {
			pages++
			if n := p.Find("script:not([nonce]), [onerror], [onload], a[href^='javascript:' i], img[src=x]").Length(); n > 0 {
				t.Errorf("%s: %s: what was typed became part of the page %d times", who, at, n)
			}
		})
	}
	t.Logf("hostile text: %d forms sent, %d of them accepted, %d broke the portal; %d pages looked at afterwards", sent, accepted, broken, pages)
	if sent < 200 || accepted < 20 || pages < 60 {
		t.Errorf("only %d forms were sent, %d accepted, and %d pages seen", sent, accepted, pages)
	}
	if strings.Contains(w.Log.String(), "panic") {
		t.Error("the portal panicked")
	}
}

// TestHostileCalls sends every call of the API that takes a body what it does
// not expect: in each field that the document names, and as a body that is none.
func TestHostileCalls(t *testing.T) {
	t.Parallel()
	w, people := busy(t)
	doc := map[string]any{}
	if err := json.Unmarshal([]byte(w.Browser().Get("/api/v1/openapi.json").Body), &doc); err != nil {
		t.Fatal(err)
	}
	schemas := doc["components"].(map[string]any)["schemas"].(map[string]any)
	values := []string{`null`, `-1`, `1e400`, `9223372036854775808`, `[]`, `{}`, `true`, `""`, `{"$gt":""}`, strings.Repeat("[", 5000) + strings.Repeat("]", 5000)}
	for _, text := range evil {
		quoted, err := json.Marshal(text)
		if err != nil {
			t.Fatal(err)
		}
		values = append(values, string(quoted))
	}
	whole := []string{``, `{`, `[]`, `"x"`, `null`, `{"a":1}{"b":2}`, "\xef\xbb\xbf{}", "{\"a\":\"\xff\"}", `{"a":"\u0000"}`, `{"name":1,"name":2}`, strings.Repeat(" ", 1<<20) + "{}"}
	sent, broken, calls := 0, 0, 0
	for path, item := range doc["paths"].(map[string]any) {
		for method, op := range item.(map[string]any) {
			fields := fieldsOf(op.(map[string]any), schemas)
			if fields == nil || strings.HasSuffix(path, "/sessions/current") {
				continue
			}
			calls++
			bodies := slices.Clone(whole)
			for _, v := range values {
				bodies = append(bodies, "{"+strings.Join(each(fields, func(f string) string { return `"` + f + `":` + v }), ",")+"}")
			}
			at := documented.ReplaceAllString(path, "req_XXXXXXXXXXXXXXXXXXXXXXXXXX")
			for _, who := range []string{"officer", "stranger"} {
				for _, body := range bodies {
					status := call(t, people[who], strings.ToUpper(method), w.BaseURL+"/api/v1"+at, body)
					if sent++; status >= 500 {
						broken++
						t.Errorf("%s: %s %s with %.60q: %d", who, method, path, body, status)
					}
				}
			}
		}
	}
	t.Logf("hostile calls: %d sent to %d routes, %d broke the portal", sent, calls, broken)
	if sent < 500 {
		t.Errorf("only %d calls were sent", sent)
	}
}

func each(all []string, to func(string) string) []string {
	var out []string
	for _, x := range all {
		out = append(out, to(x))
	}
	return out
}

// fieldsOf names the fields of an operation's JSON body; nil when it takes none.
func fieldsOf(op, schemas map[string]any) []string {
	at := func(m any, keys ...string) any {
		for _, k := range keys {
			of, ok := m.(map[string]any)
			if !ok {
				return nil
			}
			m = of[k]
		}
		return m
	}
	schema := at(op, "requestBody", "content", "application/json", "schema")
	if ref, ok := at(schema, "$ref").(string); ok {
		schema = schemas[ref[strings.LastIndex(ref, "/")+1:]]
	}
	properties, ok := at(schema, "properties").(map[string]any)
	if !ok {
		return nil
	}
	return slices.Sorted(maps.Keys(properties))
}

func call(t *testing.T, c *handlertest.Client, method, address, body string) int {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), method, address, bytes.NewReader([]byte(body)))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := c.HTTP.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	_ = res.Body.Close() // only the status counts
	return res.StatusCode
}
