package api_test

import (
	"encoding/json"
	"io"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"inzage/handlers/handlertest"
)

// listed are the statuses of each operation, by "METHOD /path", as the document
// lists them: the same for every portal.
var listed struct {
	once sync.Once
	ops  map[string][]string
}

func operations(t *testing.T, w *handlertest.World) map[string][]string {
	t.Helper()
	listed.once.Do(func() {
		res, err := http.Get(w.BaseURL + "/api/v1/openapi.json")
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		var doc struct {
			Paths map[string]map[string]struct{ Responses map[string]any }
		}
		if err := json.NewDecoder(res.Body).Decode(&doc); err != nil {
			t.Fatal(err)
		}
		listed.ops = map[string][]string{}
		for path, at := range doc.Paths {
			for method, op := range at {
				for status := range op.Responses {
					key := strings.ToUpper(method) + " " + path
					listed.ops[key] = append(listed.ops[key], status)
				}
			}
		}
	})
	return listed.ops
}

// listedFor is the operation that a call meets and its statuses; "" for none.
func listedFor(ops map[string][]string, method, path string) (string, []string) {
	parts, best, literal := strings.Split(method+" "+path, "/"), "", -1
	for key := range ops {
		own := strings.Split(key, "/")
		same := 0
		for i := range own {
			switch {
			case len(own) != len(parts):
				same = -1
			case own[i] == parts[i]:
				same++
			case !strings.HasPrefix(own[i], "{"):
				same = -len(own)
			}
		}
		if same > literal {
			best, literal = key, same
		}
	}
	return best, ops[best]
}

// asListed holds every answer of every test here against the document.
func (c *caller) asListed(req *http.Request, status int) {
	c.t.Helper()
	path := strings.TrimPrefix(req.URL.Path, "/api/v1")
	if op, all := listedFor(operations(c.t, c.w), req.Method, path); op != "" && !slices.Contains(all, strconv.Itoa(status)) {
		c.t.Errorf("%s answered %d, which the document does not list: %v", op, status, all)
	}
}

// TestBrokenBodies: what is no JSON, or not all of it, is refused like any
// other wrong body, with a status that the document lists.
func TestBrokenBodies(t *testing.T) {
	w := handlertest.New(t)
	sent := 0
	for name, body := range map[string]string{
		"cut": `{"email":`, "nothing": "", "two": `{"email":"a","password":"b"} {}`, "a mark": "\ufeff{}", "NUL": "\x00", "deep": strings.Repeat("[", 100_000), "no number": `{"email":1e999999}`, "another encoding": "\xff\xfe{\x00}\x00",
	} {
		c := newCaller(t, w)
		req, err := http.NewRequestWithContext(t.Context(), "POST", w.BaseURL+"/api/v1/sessions", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		sent++
		if a := c.sent(req); a.status != 422 {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	for _, kind := range []string{"application/json; charset=utf-16", "application/json; charset=latin1", "text/plain", "application/x-www-form-urlencoded", "application/vnd.api+json"} {
		c := newCaller(t, w)
		req, err := http.NewRequestWithContext(t.Context(), "POST", w.BaseURL+"/api/v1/sessions", io.NopCloser(strings.NewReader(`{"email":"a","password":"b"}`)))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", kind)
		sent++
		c.sent(req).problem(t, 415, "unsupported_type")
		req, err = http.NewRequestWithContext(t.Context(), "POST", w.BaseURL+"/api/v1/sessions", strings.NewReader(`{"email":"a","password":"b"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json; charset=UTF-8")
		c.sent(req).problem(t, 401, "unauthenticated")
	}
	for body, want := range map[string]int{"": 404, "{}": 404, `{"email":"a"}`: 422, "[1]": 422, "x": 422} {
		c := newCaller(t, w)
		req, err := http.NewRequestWithContext(t.Context(), "POST", w.BaseURL+"/api/v1/filing/send", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		sent++
		if a := c.sent(req); (a.status == 422) != (want == 422) {
			t.Errorf("%q where none is taken: %d %s", body, a.status, a.raw)
		}
	}
	t.Logf("%d broken bodies and foreign kinds, all refused", sent)
}
