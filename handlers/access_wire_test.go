package handlers_test

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"

	"inzage/handlers/access"
	"inzage/handlers/api"
	"inzage/services/identity"
	"inzage/services/tokens"
)

// wire is the town as programs see it: its people with their sessions, machines
// with their tokens, and the document that says what calls are made of.
type wire struct {
	*town
	doc map[string]any
}

// answer is what came back of a call.
type answer struct {
	status int
	body   string
}

func newWire(t *testing.T) *wire {
	t.Helper()
	w := &wire{town: newTown(t)}
	if err := json.Unmarshal([]byte(w.call(w.who("stranger"), "", http.MethodGet, "/api/v1/openapi.json", nil).body), &w.doc); err != nil {
		t.Fatalf("the document: %v", err)
	}
	w.machine("machine/korenaar", "privacy_officer/korenaar", "admin/korenaar", identity.PrivacyOfficer)
	w.machine("machine/mpg", "agent/mpg", "admin/mpg", identity.Agent)
	w.machine("machine/"+w.Florist.Slug, "privacy_officer/"+w.Florist.Slug, "admin/"+w.Florist.Slug, identity.PrivacyOfficer)
	w.wires()
	return w
}

// machine makes the tokens of a machine that stands as somebody of its
// organisation does: one with all scopes, and for each scope one without it.
func (w *wire) machine(name, as, maker string, role identity.Role) {
	w.t.Helper()
	like := w.who(as)
	issue := func(scopes []string) (string, tokens.Token) {
		secret, made, err := w.API.Tokens.Issue(w.t.Context(), w.actor(maker), tokens.Wish{Name: name, Roles: []identity.Role{role}, Scopes: scopes, Days: 1})
		return must(w.t, secret, err), made
	}
	all, made := issue(api.Scopes())
	m := &somebody{Person: like.Person, name: name, place: like.place, stands: like.stands, tokens: map[string]string{}, accounts: map[string]string{}}
	lacking := &somebody{Person: like.Person, name: name + "/unscoped", place: like.place, stands: like.stands, unscoped: true, tokens: map[string]string{}, accounts: map[string]string{}}
	for _, scope := range append(api.Scopes(), "") {
		m.tokens[scope], m.accounts[scope] = all, made.ID
	}
	for _, scope := range api.Scopes() {
		secret, made := issue(slices.DeleteFunc(api.Scopes(), func(s string) bool { return s == scope }))
		lacking.tokens[scope], lacking.accounts[scope] = secret, made.ID
	}
	lacking.tokens[""], lacking.accounts[""] = all, made.ID
	w.people = append(w.people, m, lacking)
}

// wires fills in what calls name and pages do not.
func (w *wire) wires() {
	for at, page := range map[string]string{"/requests/:id": "/requests/:id", "/requests/:id/files/:file": "/requests/:id/files/:file", "/my/requests/:id": "/my/:id",
		"/my/requests/:id/files/:file": "/my/:id/files/:file", "/my/requests/:id/manifest": "/my/:id/files", "/my/requests/:id/answer.pdf": "/my/:id/files", "/my/requests/:id/answer.zip": "/my/:id/files", "/my/requests/:id/complaint.pdf": "/my/:id/complaint", "/assists/:id": "/assists/:id", "/assists/:id/files/:file": "/assists/:id/files/:file",
		"/audits/:id": "/audits/:id", "/audits/:id/files/:file": "/audits/:id/files/:file", "/audits/:id/closing-report": "/audits/:id/report", "/agreements/:id": "/agreements/:id",
		"/processors/:id/record": "/processors/:id/record", "/organisations/:organisation": "/organisations/:id", "/people/:account": "/people/:account",
		"/invitations/:id": "/people/invitations/:id", "/presets/:key": "/agreements/presets/:key", "/tokens/:id": "/tokens/:id"} {
		w.fill["/api/v1"+at] = w.fill[page]
	}
	signed, err := w.Ledger.Checkpoint(w.t.Context())
	must(w.t, signed, err)
	w.fill["/api/v1/ledger/entries/:number/proof"] = "1"
}

// call makes one call: in the session of somebody, or with the token of a machine.
func (w *town) call(s *somebody, token, method, path string, body []byte) answer {
	w.t.Helper()
	return w.send(s, token, method, path, body, "application/json")
}

func (w *town) send(s *somebody, token, method, path string, body []byte, kind string) answer {
	w.t.Helper()
	req, err := http.NewRequestWithContext(w.t.Context(), method, w.BaseURL+path, bytes.NewReader(body))
	must(w.t, req, err)
	if body != nil {
		req.Header.Set("Content-Type", kind)
	}
	if kind == octets {
		req.Header.Set("Content-Disposition", `attachment; filename="bijlage.txt"`)
	}
	client := http.DefaultClient
	if token != "" {
		req.Header.Set("Authorization", "Bearer "+token)
	} else {
		client = s.client.HTTP
	}
	res, err := client.Do(req)
	must(w.t, res, err)
	defer res.Body.Close()
	raw, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, string(must(w.t, raw, err))}
}

// named is a parameter as the router writes it.
var named = regexp.MustCompile(`:([a-z_]+)`)

const octets = "application/octet-stream"

// operation is what the document says of a row.
func (w *wire) operation(r access.Row) map[string]any {
	w.t.Helper()
	path := named.ReplaceAllString(strings.TrimPrefix(r.Path, api.Base), "{$1}")
	op, ok := at(w.doc, "paths", path, strings.ToLower(r.Method)).(map[string]any)
	if !ok {
		w.t.Fatalf("the document lacks %s", r.Name())
	}
	return op
}

// at is what stands in a document under names, or nil.
func at(v any, names ...string) any {
	for _, n := range names {
		m, _ := v.(map[string]any)
		v = m[n]
	}
	return v
}

// make writes the call of a row out: the address with the query that it needs,
// and a body as the document describes it, so that only who calls can be wrong.
func (w *wire) make(r access.Row) (path string, body []byte, kind string) {
	w.t.Helper()
	op := w.operation(r)
	path, kind = w.address(r.Path, ""), "application/json"
	params, _ := op["parameters"].([]any)
	joint := "?"
	for _, p := range params {
		name, _ := at(p, "name").(string)
		if at(p, "in") == "query" && at(p, "required") == true {
			format, _ := at(p, "schema", "format").(string)
			value, known := queries[strings.TrimSpace(name+" "+format)]
			if !known {
				w.t.Fatalf("%s wants %s", r.Name(), name)
			}
			path, joint = path+joint+name+"="+value, "&"
		}
	}
	switch {
	case at(op, "requestBody", "content", octets) != nil:
		return path, []byte("tekst\n"), octets
	case op["requestBody"] != nil:
		sent := w.example(at(op, "requestBody", "content", kind, "schema"))
		if r.Path == api.Base+"/audits" {
			sent.(map[string]any)["agreement"] = w.agreement.ID
		}
		raw, err := json.Marshal(sent)
		return path, must(w.t, raw, err), kind
	}
	return path, nil, kind
}

// queries are the parameters of addresses that must be there.
var queries = map[string]string{"right": "access", "from": "1", "to": "1", "of": "notice", "role": "agent", "from int64": "1", "days int64": "365", "to int64": "1", "on date": "2026-12-10", "from date": "2026-12-01", "until date": "2026-12-31"}

// example makes a value of a schema: what is required, each as it may be.
func (w *wire) example(schema any) any {
	w.t.Helper()
	if ref, ok := at(schema, "$ref").(string); ok {
		return w.example(at(w.doc, "components", "schemas", ref[strings.LastIndex(ref, "/")+1:]))
	}
	if values, ok := at(schema, "enum").([]any); ok {
		return values[0]
	}
	switch at(schema, "type") {
	case "object":
		made, required := map[string]any{}, at(schema, "required")
		names, _ := required.([]any)
		for _, n := range names {
			made[n.(string)] = w.example(at(schema, "properties", n.(string)))
		}
		return made
	case "array":
		if least, _ := at(schema, "minItems").(float64); least > 0 {
			return []any{w.example(at(schema, "items"))}
		}
		return []any{}
	case "integer", "number":
		return 1
	case "boolean":
		return true
	}
	if value, ok := formats[at(schema, "format")]; ok {
		return value
	}
	return "x"
}

var formats = map[any]string{"date": "2026-12-10", "date-time": "2026-12-10T10:00:00Z"}
