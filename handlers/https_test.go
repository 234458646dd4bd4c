package handlers_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"inzage/handlers"
	"inzage/handlers/handlertest"
	"inzage/handlers/session"
	"inzage/services/identity"
)

// behindTLS is the portal as people use it: its base URL is https, and a proxy
// in front of it speaks TLS.
func behindTLS(t *testing.T, w *handlertest.World) func(*http.Request) *http.Response {
	t.Helper()
	base := &url.URL{Scheme: "https", Host: "inzage.example"}
	site, calls := *w.Site, w.API
	site.BaseURL = base
	site.Cookies = session.Cookies{Sessions: w.Identity, Hash: w.Vault, Origin: base}
	calls.Cookies = site.Cookies
	app := handlers.New(handlers.Deps{Site: &site, API: calls, Log: w.Site.Log, RequestTimeout: time.Minute, UploadTimeout: time.Minute, HSTS: true})
	return func(r *http.Request) *http.Response {
		t.Helper()
		res, err := app.Test(r, -1)
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = res.Body.Close() })
		return res
	}
}

// TestCookiesOverHTTPS: every cookie is bound to this host and path, kept from
// scripts, never sent in clear or by another site's form, and small.
func TestCookiesOverHTTPS(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	do := behindTLS(t, w)
	seen := map[string]bool{}
	look := func(res *http.Response) {
		t.Helper()
		for _, c := range res.Cookies() {
			seen[c.Name] = true
			if !strings.HasPrefix(c.Name, "__Host-") || !c.Secure || !c.HttpOnly || c.SameSite == http.SameSiteNoneMode || c.SameSite == http.SameSiteDefaultMode || c.Path != "/" || c.Domain != "" || len(c.Name)+len(c.Value) > 4096 {
				t.Errorf("cookie %s: %+v", c.Name, c)
			}
		}
	}
	get, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://inzage.example/sign-in", nil)
	if err != nil {
		t.Fatal(err)
	}
	res := do(get)
	look(res)
	if got := res.Header.Get("Strict-Transport-Security"); got != "max-age=63072000; includeSubDomains" {
		t.Errorf("Strict-Transport-Security = %q", got)
	}
	body := `{"email":"` + p.Email + `","password":"` + p.Password + `"}`
	post, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "https://inzage.example/api/v1/sessions", strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	post.Header.Set("Content-Type", "application/json")
	if res = do(post); res.StatusCode != http.StatusCreated {
		t.Fatalf("sign in: %d", res.StatusCode)
	}
	look(res)
	for _, at := range []string{"/?lang=en", "/nowhere?lang=" + strings.Repeat("e", 9000)} {
		get, err := http.NewRequestWithContext(t.Context(), http.MethodGet, "https://inzage.example"+at, nil)
		if err != nil {
			t.Fatal(err)
		}
		look(do(get))
	}
	if !seen["__Host-inzage"] || !seen["__Host-visit"] || !seen["__Host-lang"] {
		t.Errorf("cookies seen: %v", seen)
	}
}

// TestNobodyElseReads: no answer lets another origin read it, whatever it asks.
func TestNobodyElseReads(t *testing.T) {
	w := handlertest.New(t)
	c := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	sent := 0
	for _, method := range []string{http.MethodOptions, http.MethodGet, http.MethodPost, "TRACE", "PROPFIND"} {
		for _, path := range []string{"/", "/queue", "/api/v1/sessions/current", "/api/v1/openapi.json", "/sign-in"} {
			req, err := http.NewRequestWithContext(t.Context(), method, w.BaseURL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Origin", "https://evil.example")
			req.Header.Set("Access-Control-Request-Method", "POST")
			res, err := c.HTTP.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close() // only the head counts
			sent++
			for name := range res.Header {
				if strings.HasPrefix(name, "Access-Control-") {
					t.Errorf("%s %s: %s is sent", method, path, name)
				}
			}
			if method != http.MethodGet && res.StatusCode < 400 {
				t.Errorf("%s %s of another origin: %d", method, path, res.StatusCode)
			}
		}
	}
	t.Logf("calls of another origin: %d sent, none may be read", sent)
}
