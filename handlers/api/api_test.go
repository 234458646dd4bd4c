package api_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// caller is a program that calls the API.
type caller struct {
	t     *testing.T
	w     *handlertest.World
	http  *http.Client
	token string
	lower bool   // writes the scheme of the token in small letters
	key   string // of idempotency, for the next call
	// secret of the authenticator of who signed in.
	secret string
}

func newCaller(t *testing.T, w *handlertest.World) *caller {
	return &caller{t: t, w: w, http: w.Browser().HTTP}
}

func (c *caller) scheme() string {
	if c.lower {
		return "bearer "
	}
	return "Bearer "
}

// answer is what came back.
type answer struct {
	status int
	kind   string // content type
	header http.Header
	body   map[string]any
	raw    string
}

func (c *caller) do(method, path string, body any) answer {
	c.t.Helper()
	var b bytes.Buffer
	if body != nil {
		if err := json.NewEncoder(&b).Encode(body); err != nil {
			c.t.Fatal(err)
		}
	}
	req, err := http.NewRequestWithContext(c.t.Context(), method, c.w.BaseURL+"/api/v1"+path, &b)
	if err != nil {
		c.t.Fatal(err)
	}
	if body != nil {
		req.Header.Set("Content-Type", "application/json")
	}
	return c.sent(req)
}

func read(res *http.Response, raw []byte) answer {
	a := answer{status: res.StatusCode, kind: res.Header.Get("Content-Type"), header: res.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.body) // not every answer is an object
	return a
}

func (a answer) want(t *testing.T, status int) answer {
	t.Helper()
	if a.status != status {
		t.Fatalf("status = %d, want %d: %s", a.status, status, a.raw)
	}
	return a
}

// problem holds that a refusal is a problem document with the request's number.
func (a answer) problem(t *testing.T, status int, kind string) answer {
	t.Helper()
	a.want(t, status)
	if !strings.HasPrefix(a.kind, "application/problem+json") || a.body["request_id"] == "" || fmt.Sprint(a.body["kind"]) != kind {
		t.Fatalf("this is no problem document of kind %s: %s %s", kind, a.kind, a.raw)
	}
	if got := a.header.Get("WWW-Authenticate"); (got == "Bearer") != (status == 401) {
		t.Errorf("%d says WWW-Authenticate: %q", status, got)
	}
	return a
}

// signIn proves both factors.
func (c *caller) signIn(p handlertest.Person) *caller {
	c.t.Helper()
	half := c.do("POST", "/sessions", map[string]any{"email": p.Email, "password": p.Password}).want(c.t, 201)
	if half.body["level"] != "half" {
		c.t.Fatalf("after the password: %s", half.raw)
	}
	c.secret = p.Secret
	full := c.do("POST", "/sessions/totp", map[string]any{"code": c.w.Code(p)}).want(c.t, 200)
	if full.body["level"] != "full" {
		c.t.Fatalf("after the code: %s", full.raw)
	}
	return c
}

func TestSignInOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	officer := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	c := newCaller(t, w)
	c.do("GET", "/sessions/current", nil).problem(t, 401, "unauthenticated")
	c.do("POST", "/sessions", map[string]any{"email": officer.Email, "password": "niet-het-goede-woord"}).problem(t, 401, "unauthenticated")
	c.signIn(officer)
	me := c.do("GET", "/sessions/current", nil).want(t, 200)
	if me.body["account"] != officer.Account || me.body["level"] != "full" {
		t.Errorf("who am I: %s", me.raw)
	}
	c.do("DELETE", "/sessions/current", nil).want(t, 204)
	c.do("GET", "/sessions/current", nil).problem(t, 401, "unauthenticated")
}

func TestBodiesAreReadStrictly(t *testing.T) {
	w := handlertest.New(t)
	c := newCaller(t, w)
	for _, body := range []any{map[string]any{}, map[string]any{"email": 1, "password": "x"}, map[string]any{"email": "geheim@korenaar.example", "password": "x", "admin": true}, []any{1}, "x"} {
		a := c.do("POST", "/sessions", body).problem(t, 422, "invalid")
		if strings.Contains(a.raw, "geheim") {
			t.Errorf("the refusal repeats what was sent: %s", a.raw)
		}
	}
	const good = `{"email":"geheim@korenaar.example","password":"x"}`
	raw := func(body string) answer {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.BaseURL+"/api/v1/sessions", strings.NewReader(body))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		return c.sent(req)
	}
	for name, body := range map[string]string{
		"a name twice":            `{"email":"geheim@korenaar.example","email":"ander@korenaar.example","password":"x"}`,
		"a name twice, escaped":   `{"email":"geheim@korenaar.example","\u0065mail":"ander@korenaar.example","password":"x"}`,
		"a name in another case":  `{"EMAIL":"geheim@korenaar.example","password":"x"}`,
		"both cases of a name":    `{"email":"geheim@korenaar.example","Email":"ander@korenaar.example","password":"x"}`,
		"two values":              good + good,
		"something after it":      good + "x",
		"half of it":              good[:len(good)-1],
		"very deep":               `{"email":` + strings.Repeat("[", 1000) + strings.Repeat("]", 1000) + `,"password":"x"}`,
		"a name twice, far below": `{"email":"x","password":{"a":[{"b":1,"b":2}]}}`,
	} {
		if a := raw(body).problem(t, 422, "invalid"); strings.Contains(a.raw, "geheim") {
			t.Errorf("%s: the refusal repeats what was sent: %s", name, a.raw)
		}
	}
	raw(good).problem(t, 401, "unauthenticated") // the same, read in one way, is taken
	c.do("GET", "/nothing/here", nil).problem(t, 404, "<nil>")
}

func TestTheDocument(t *testing.T) {
	w := handlertest.New(t)
	doc := newCaller(t, w).do("GET", "/openapi.json", nil).want(t, 200)
	if !strings.HasPrefix(doc.body["openapi"].(string), "3.1") {
		t.Errorf("openapi = %v", doc.body["openapi"])
	}
}

func TestTokensOfMachines(t *testing.T) {
	w := handlertest.New(t)
	admin := w.Hire("Hendrik Mulder", w.Bakery, identity.Admin)
	person := newCaller(t, w).signIn(admin)
	wish := map[string]any{"name": "ERP", "roles": []string{"privacy_officer"}, "scopes": []string{"requests:read"}, "days": 30}
	made := person.do("POST", "/tokens", wish).want(t, 201)
	secret := made.body["secret"].(string)
	person.key = "erp"
	once := person.do("POST", "/tokens", wish).want(t, 201)
	if again := person.do("POST", "/tokens", wish).want(t, 201); once.str("secret") == "" || again.str("id") != once.str("id") || again.str("secret") != "" {
		t.Errorf("the same key made %s and %s", once.raw, again.raw)
	}
	person.key = ""
	machine := newCaller(t, w)
	machine.token = secret
	me := machine.do("GET", "/sessions/current", nil)
	me.problem(t, 403, "forbidden") // no scope opens a session's own routes
	if again := person.do("GET", "/tokens", nil).want(t, 200); strings.Contains(again.raw, secret) {
		t.Error("the token can be read again")
	}
	machine.lower = true
	machine.do("GET", "/requests", nil).want(t, 200)
	machine.lower = false
	machine.do("POST", "/tokens", wish).problem(t, 403, "forbidden")
	for name, forged := range map[string]string{
		"cut":     secret[:len(secret)-2],
		"unsafe":  "eyJhbGciOiJub25lIiwidHlwIjoiYXQrand0In0." + strings.Split(secret, ".")[1] + ".",
		"nothing": "x",
	} {
		machine.token = forged
		if a := machine.do("GET", "/openapi.json", nil); a.status != 401 {
			t.Errorf("%s: a forged token is answered with %d", name, a.status)
		}
	}
	machine.token = secret
	w.Pass(31 * 24 * time.Hour)
	machine.do("GET", "/openapi.json", nil).problem(t, 401, "unauthenticated")
	person.signIn(admin)
	made = person.do("POST", "/tokens", wish).want(t, 201)
	machine.token = made.body["secret"].(string)
	machine.do("GET", "/openapi.json", nil).want(t, 200)
	person.do("DELETE", "/tokens/"+made.body["id"].(string), nil).want(t, 204)
	machine.do("GET", "/openapi.json", nil).problem(t, 401, "unauthenticated")
	w.Pass(6 * time.Minute)
	person.do("POST", "/tokens", wish).problem(t, 403, "step_up")
	other := newCaller(t, w).signIn(w.Hire("Kwame Boateng", w.Florist, identity.Admin))
	other.do("DELETE", "/tokens/"+made.body["id"].(string), nil).problem(t, 404, "not_found")
	events := w.Events(made.body["id"].(string))
	if strings.Join(events, " ") != "token.issue token.revoke" {
		t.Errorf("events = %v", events)
	}
}
