package api_test

import (
	"encoding/json"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/identity/passkeytest"
)

// withPasskey is somebody who bound a passkey over the API.
func withPasskey(t *testing.T, w *handlertest.World, p handlertest.Person) (*caller, *passkeytest.Device) {
	t.Helper()
	c, d := newCaller(t, w).signIn(p), passkeytest.New(t, w.BaseURL)
	options := c.do("POST", "/account/passkeys/options", nil).want(t, 200)
	made := c.do("POST", "/account/passkeys", bodyOf{"ceremony": options.str("ceremony"), "name": "telefoon", "credential": json.RawMessage(d.Create([]byte(options.raw)))}).want(t, 201)
	if made.body["level"] != "full" {
		t.Fatalf("after binding: %s", made.raw)
	}
	d.Count++
	return c, d
}

// actor is the caller as the services see them.
func (c *caller) actor() identity.Actor {
	c.t.Helper()
	base, err := url.Parse(c.w.BaseURL)
	if err != nil {
		c.t.Fatal(err)
	}
	for _, k := range c.http.Jar.Cookies(base) {
		if k.Name == "inzage" {
			by, _, err := c.w.Identity.Resume(c.t.Context(), k.Value)
			if err != nil {
				c.t.Fatal(err)
			}
			return by
		}
	}
	c.t.Fatal("nobody is signed in")
	return identity.Actor{}
}

// signed is a device's answer to options.
func signed(d *passkeytest.Device, options answer) bodyOf {
	return bodyOf{"ceremony": options.str("ceremony"), "credential": json.RawMessage(d.Get([]byte(options.raw)))}
}

func TestPasskeysOverTheAPI(t *testing.T) {
	w := handlertest.NewAt(t, "localhost")
	sanne := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	_, d := withPasskey(t, w, sanne)
	c := newCaller(t, w)
	in := c.do("POST", "/sessions/passkey", signed(d, c.do("POST", "/sessions/passkey/options", nil).want(t, 200))).want(t, 201)
	if in.body["level"] != "full" || in.body["account"] != sanne.Account {
		t.Errorf("the passkey gives %s", in.raw)
	}
	c.do("GET", "/requests", nil).want(t, 200)

	d.Count++
	w.Pass(6 * time.Minute)
	options := c.do("POST", "/sessions/current/passkey/options", nil).want(t, 200)
	if options.str("publicKey", "allowCredentials", "0", "id") == "" {
		t.Errorf("the options name no passkey: %s", options.raw)
	}
	c.do("POST", "/account/recovery", nil).problem(t, 403, "step_up")
	c.do("POST", "/sessions/current/passkey", signed(d, options)).want(t, 200)
	c.do("POST", "/account/recovery", nil).want(t, 201)

	half := newCaller(t, w)
	half.do("POST", "/sessions", bodyOf{"email": sanne.Email, "password": sanne.Password}).want(t, 201)
	d.Count++
	if full := half.do("POST", "/sessions/current/passkey", signed(d, half.do("POST", "/sessions/current/passkey/options", nil).want(t, 200))).want(t, 200); full.body["level"] != "full" {
		t.Errorf("the proof gives %s", full.raw)
	}

	id := c.do("GET", "/account", nil).want(t, 200).str("passkeys", "0", "id")
	if renamed := c.do("PUT", "/account/passkeys/"+id, bodyOf{"name": "sleutel"}).want(t, 200); renamed.str("passkeys", "0", "name") != "sleutel" {
		t.Errorf("renamed: %s", renamed.raw)
	}
	c.do("DELETE", "/account/passkeys/"+id, nil).want(t, 204)
	c.do("DELETE", "/account/passkeys/"+id, nil).problem(t, 404, "not_found")
	d.Count++
	c.do("POST", "/sessions/passkey", signed(d, c.do("POST", "/sessions/passkey/options", nil))).problem(t, 401, "unauthenticated")
	events := w.Events(sanne.Account)
	for _, want := range []string{"factor.enrol", "factor.prove", "factor.rename", "factor.remove", "session.refuse refused"} {
		if !slices.Contains(events, want) {
			t.Errorf("%s left no entry: %v", want, events)
		}
	}
}

// TestPasskeyRefusals tries each wrong answer beside the right one, which works
// at the end: none of them used it up, and none opened a session.
func TestPasskeyRefusals(t *testing.T) {
	w := handlertest.NewAt(t, "localhost")
	_, d := withPasskey(t, w, w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	other, theirs := withPasskey(t, w, w.Hire("Kwame Boateng", w.Florist, identity.PrivacyOfficer))
	stranger := newCaller(t, w)
	fresh := func() answer { return stranger.do("POST", "/sessions/passkey/options", nil).want(t, 200) }
	unverified, elsewhere, forged := *d, *d, *d
	unverified.Unverified, elsewhere.Origin, forged.Key = true, "https://inzage.example.evil", theirs.Key
	late := signed(d, fresh())
	w.Pass(5 * time.Minute)
	proof := other.do("POST", "/sessions/current/passkey/options", nil).want(t, 200)
	exchanged := signed(d, fresh())
	exchanged["ceremony"] = fresh().str("ceremony")
	for name, x := range map[string]struct {
		body   bodyOf
		status int
		kind   string
	}{
		"without user verification":     {signed(&unverified, fresh()), 401, "unauthenticated"},
		"from another origin":           {signed(&elsewhere, fresh()), 401, "unauthenticated"},
		"with another key":              {signed(&forged, fresh()), 401, "unauthenticated"},
		"for another challenge":         {exchanged, 401, "unauthenticated"},
		"after five minutes":            {late, 410, "gone"},
		"for a proof of another's":      {signed(d, proof), 410, "gone"},
		"for an exchange that is not":   {bodyOf{"ceremony": "cer_x", "credential": signed(d, fresh())["credential"]}, 410, "gone"},
		"with no credential":            {bodyOf{"ceremony": "cer_x"}, 422, "invalid"},
		"with a field that is not ours": {bodyOf{"ceremony": "cer_x", "credential": signed(d, fresh())["credential"], "level": "full"}, 422, "invalid"},
	} {
		t.Run(name, func(t *testing.T) {
			stranger.t = t
			stranger.do("POST", "/sessions/passkey", x.body).problem(t, x.status, x.kind)
			stranger.do("GET", "/sessions/current", nil).problem(t, 401, "unauthenticated")
		})
	}
	stranger.t = t
	once := signed(d, fresh())
	stranger.do("POST", "/sessions/passkey", once).want(t, 201)
	newCaller(t, w).do("POST", "/sessions/passkey", once).problem(t, 410, "gone")

	// A challenge works in the session that asked for it only.
	d.Count++
	mine := stranger.do("POST", "/sessions/current/passkey/options", nil).want(t, 200)
	other.do("POST", "/sessions/current/passkey", signed(theirs, mine)).problem(t, 410, "gone")
	stranger.do("POST", "/sessions/current/passkey", signed(d, mine)).want(t, 200)
}

// TestBindingAPasskey asks for what binding one needs.
func TestBindingAPasskey(t *testing.T) {
	w := handlertest.NewAt(t, "localhost")
	sanne := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	half := newCaller(t, w)
	half.do("POST", "/account/passkeys/options", nil).problem(t, 401, "unauthenticated")
	half.do("POST", "/sessions", bodyOf{"email": sanne.Email, "password": sanne.Password}).want(t, 201)
	half.do("POST", "/account/passkeys/options", nil).problem(t, 403, "forbidden")

	c, d := newCaller(t, w).signIn(sanne), passkeytest.New(t, w.BaseURL)
	options := c.do("POST", "/account/passkeys/options", nil).want(t, 200)
	raw := d.Create([]byte(options.raw))
	later := strings.Replace(string(raw), `"type":"public-key"`, `"type":"public-key","said_by_a_later_browser":1`, 1)
	body := bodyOf{"ceremony": options.str("ceremony"), "credential": json.RawMessage(later)}
	c.key = "once"
	c.do("POST", "/account/passkeys", body).want(t, 201)
	if again := c.do("POST", "/account/passkeys", body).want(t, 201); again.body["level"] != "full" {
		t.Errorf("the same key again: %s", again.raw)
	}
	c.key = ""
	c.do("POST", "/account/passkeys", body).problem(t, 410, "gone")
	w.Pass(6 * time.Minute)
	c.do("POST", "/account/passkeys/options", nil).problem(t, 403, "step_up")
	if got := c.do("GET", "/account", nil).want(t, 200).list("passkeys"); len(got) != 1 {
		t.Errorf("bound: %v", got)
	}
}

// TestPasskeyOptionsAreWhole holds the options of the API against what the
// service made for the browser: no member is lost between them.
func TestPasskeyOptionsAreWhole(t *testing.T) {
	w := handlertest.NewAt(t, "localhost")
	c, _ := withPasskey(t, w, w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	me := c.actor()
	for path, begin := range map[string]func() (identity.Challenge, error){
		"/sessions/passkey/options":         func() (identity.Challenge, error) { return w.Identity.BeginPasskeySignIn(t.Context()) },
		"/sessions/current/passkey/options": func() (identity.Challenge, error) { return w.Identity.BeginPasskeyProof(t.Context(), me) },
		"/account/passkeys/options":         func() (identity.Challenge, error) { return w.Identity.BeginPasskeyEnrolment(t.Context(), me) },
	} {
		ch, err := begin()
		if err != nil {
			t.Fatal(err)
		}
		var want struct {
			PublicKey bodyOf `json:"publicKey"`
		}
		if err := json.Unmarshal(ch.Options, &want); err != nil {
			t.Fatal(err)
		}
		got := c.do("POST", path, nil).want(t, 200).body["publicKey"].(bodyOf)
		delete(want.PublicKey, "challenge")
		delete(got, "challenge")
		a, _ := json.Marshal(want.PublicKey)
		b, _ := json.Marshal(got)
		if string(a) != string(b) {
			t.Errorf("%s gives %s, want %s", path, b, a)
		}
	}
}
