package handlers_test

import (
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers"
	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// public are the routes that somebody who is not signed in may use, by
// pattern. Everything else refuses them. A new public route is a new row here,
// with somebody's eyes on it.
var public = []string{
	"/", "/livez", "/readyz", "/static/:file", "/o/:slug",
	"/file", "/file/done", "/file/resume/:token",
	"/r/:reference/:token", "/r/:reference/:token/code",
	"/sign-in", "/password/forgot", "/password/:token", "/invitation/:token", "/enrol/:token",
	"/terms/:key", "/law", "/law/:id", "/verify", "/verify/keys.txt",
	"/docs/api", "/docs/api/:group", "/docs/api/try/:operation", "/docs/api/call/:operation", "/docs/access", "/docs/access/:part",
	"/feeds/:token.ics",
	"/schemas/:name",
	"/api/v1/presets", "/api/v1/presets/:key", "/api/v1/openapi.json", "/api/v1/openapi.yaml", "/api/v1/openapi-3.0.json", "/api/v1/openapi-3.0.yaml",
	"/api/v1/ledger/keys", // public keys, as on /verify
	"/api/v1/access",      // who may call what holds for everybody, and is known before signing in
}

var param = regexp.MustCompile(`:[a-z_]+`)

// documented is a parameter as the document writes it.
var documented = regexp.MustCompile(`\{[a-z_]+\}`)

// routes lists method and pattern of everything the app serves.
func routes(t *testing.T, w *handlertest.World) []fiber.Route {
	t.Helper()
	app := handlers.New(handlers.Deps{Site: w.Site, API: w.API, Log: w.Site.Log, RequestTimeout: time.Second, UploadTimeout: time.Second})
	var all []fiber.Route
	for _, r := range app.GetRoutes(true) {
		if r.Method != http.MethodHead {
			all = append(all, r)
		}
	}
	if len(all) < 60 {
		t.Fatalf("only %d routes: the app was not walked", len(all))
	}
	return all
}

func filled(pattern string) string {
	return param.ReplaceAllString(pattern, "xxxxxxxxxxxxxxxxxxxxxxxxxx")
}

// TestEveryRouteRefusesStrangers walks all routes without a session. A page
// that is not public answers with the sign-in page or as one that is not there.
func TestEveryRouteRefusesStrangers(t *testing.T) {
	w := handlertest.New(t)
	c := w.Browser()
	refused := 0
	for _, r := range routes(t, w) {
		if r.Method != http.MethodGet || slices.Contains(public, r.Path) {
			continue
		}
		p := c.Get(filled(r.Path))
		toSignIn := p.Status == http.StatusSeeOther && (strings.HasPrefix(p.Location, "/sign-in") || strings.HasPrefix(p.Location, "/account/confirm"))
		if !toSignIn && !slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone}, p.Status) {
			t.Errorf("GET %s answers a stranger with %d %s", r.Path, p.Status, p.Location)
		}
		refused++
	}
	t.Logf("%d pages refused a stranger", refused)
}

// TestEveryUnsafeRouteWantsTheFormToken posts to every route without the form
// token: as a stranger, and as an officer with both factors proven.
func TestEveryUnsafeRouteWantsTheFormToken(t *testing.T) {
	w := handlertest.New(t)
	officer := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer, identity.Agent, identity.Admin))
	stranger := w.Browser()
	stranger.Get("/")
	posts := 0
	for _, r := range routes(t, w) {
		if r.Method == http.MethodGet {
			continue
		}
		for who, c := range map[string]*handlertest.Client{"a stranger": stranger, "an officer": officer} {
			c.Token = "-"
			for kind, p := range map[string]handlertest.Page{"form": c.Post(filled(r.Path), url.Values{}), "upload": c.Upload(filled(r.Path), url.Values{})} {
				posts++
				if !slices.Contains([]int{http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusGone, http.StatusUnsupportedMediaType}, p.Status) {
					t.Errorf("%s %s as a %s by %s without a token: %d %s", r.Method, r.Path, kind, who, p.Status, p.Location)
				}
			}
			c.Token = "forged"
			if p := c.Post(filled(r.Path), url.Values{}); p.Status < 400 {
				t.Errorf("%s %s by %s with a forged token: %d", r.Method, r.Path, who, p.Status)
			}
		}
	}
	t.Logf("%d posts without a token were refused", posts)
}

// TestForeignOrigins refuses forms that another site sent, even with the right
// token; the same form from the portal's own page is taken.
func TestForeignOrigins(t *testing.T) {
	w := handlertest.New(t)
	c := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	send := func(name, value string) int {
		t.Helper()
		form := url.Values{"csrf": {c.FormToken()}, "name": {"Sanne de Vries"}, "language": {"nl"}}
		req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.BaseURL+"/account/profile", strings.NewReader(form.Encode()))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		req.Header.Set(name, value)
		res, err := c.HTTP.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close() // only the status counts
		return res.StatusCode
	}
	refused := 0
	foreign := [][2]string{{"Origin", "https://evil.example"}, {"Origin", "null"}, {"Sec-Fetch-Site", "cross-site"}, {"Sec-Fetch-Site", "same-site"}, {"Sec-Fetch-Site", "none"}}
	for _, header := range foreign {
		if got := send(header[0], header[1]); got != http.StatusForbidden {
			t.Errorf("%s: %s: %d, want 403", header[0], header[1], got)
			continue
		}
		refused++
	}
	own := 0
	for _, header := range [][2]string{{"Origin", w.BaseURL}, {"Sec-Fetch-Site", "same-origin"}} {
		if got := send(header[0], header[1]); got != http.StatusSeeOther {
			t.Errorf("the portal's own form, %s: %s: %d, want 303", header[0], header[1], got)
			continue
		}
		own++
	}
	t.Logf("forms of other sites: %d sent, %d refused; the portal's own: 2 sent, %d taken", len(foreign), refused, own)
}

// TestHeaders looks at what every answer carries.
func TestHeaders(t *testing.T) {
	w := handlertest.New(t)
	c := w.Browser()
	for _, path := range []string{"/", "/sign-in", "/nowhere", "/queue", "/o/korenaar"} {
		p := c.Get(path)
		for name, want := range map[string]string{
			"Content-Security-Policy": "frame-ancestors 'none'", "X-Content-Type-Options": "nosniff", "Referrer-Policy": "same-origin",
			"Cross-Origin-Opener-Policy": "same-origin", "Cross-Origin-Resource-Policy": "same-origin", "Cache-Control": "no-store",
		} {
			if got := p.Header.Get(name); !strings.Contains(got, want) {
				t.Errorf("%s: %s is %q, want %q in it", path, name, got, want)
			}
		}
		csp := p.Header.Get("Content-Security-Policy")
		if strings.Contains(csp, "unsafe") {
			t.Errorf("%s: the policy allows something unsafe: %s", path, csp)
		}
		for _, want := range []string{"default-src 'none'", "script-src 'nonce-", "object-src 'none'", "base-uri 'none'"} {
			if !strings.Contains(csp, want) {
				t.Errorf("%s: the policy lacks %s: %s", path, want, csp)
			}
		}
		if again := c.Get(path).Header.Get("Content-Security-Policy"); again == csp {
			t.Errorf("%s: two answers have one nonce", path)
		}
		if p.Header.Get("Server") != "" {
			t.Errorf("%s tells what serves it", path)
		}
	}
}

// TestBodies refuses what could be read wrongly, without a 5xx.
func TestBodies(t *testing.T) {
	w := handlertest.New(t)
	for name, c := range map[string]struct {
		header map[string]string
		body   string
		want   int
	}{
		"compressed":       {map[string]string{"Content-Type": "application/x-www-form-urlencoded", "Content-Encoding": "gzip"}, "x", http.StatusUnsupportedMediaType},
		"xml":              {map[string]string{"Content-Type": "application/xml"}, "<a/>", http.StatusUnsupportedMediaType},
		"too large":        {map[string]string{"Content-Type": "application/x-www-form-urlencoded"}, strings.Repeat("a", 1<<20+1), http.StatusRequestEntityTooLarge},
		"broken multipart": {map[string]string{"Content-Type": "multipart/form-data"}, "x", http.StatusUnsupportedMediaType},
	} {
		t.Run(name, func(t *testing.T) {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, w.BaseURL+"/sign-in", strings.NewReader(c.body))
			if err != nil {
				t.Fatal(err)
			}
			for k, v := range c.header {
				req.Header.Set(k, v)
			}
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close() // only the status counts
			if res.StatusCode != c.want {
				t.Errorf("status %d, want %d", res.StatusCode, c.want)
			}
		})
	}
}
