package handlers_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"net/netip"
	"net/url"
	"strings"
	"testing"
	"time"

	"inzage/handlers"
	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// TestHeadersOfProxies: whoever writes them, headers about host and scheme turn
// up nowhere in an answer: every link is made from the configured address.
func TestHeadersOfProxies(t *testing.T) {
	w := handlertest.New(t)
	officer := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	const evil = "evil.example"
	sent := 0
	for _, name := range []string{"X-Forwarded-Host", "X-Forwarded-Proto", "X-Forwarded-Scheme", "X-Forwarded-Server", "Forwarded", "X-Original-URL", "X-Rewrite-URL", "X-Host", "Host"} {
		for _, path := range []string{"/", "/queue", "/sign-in", "/account", "/o/korenaar", "/nowhere", "/api/v1/openapi.json", "/password/forgot"} {
			req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.BaseURL+path, nil)
			if err != nil {
				t.Fatal(err)
			}
			value := evil
			if name == "Forwarded" {
				value = "for=127.0.0.1;host=" + evil + ";proto=https"
			}
			if req.Header.Set(name, value); name == "Host" {
				req.Host = evil
			}
			res, err := officer.HTTP.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			_ = res.Body.Close() // read to its end
			if err != nil {
				t.Fatal(err)
			}
			sent++
			if strings.Contains(string(body), evil) || strings.Contains(fmt.Sprint(res.Header), evil) {
				t.Errorf("%s in %s turns up in the answer to %s", evil, name, path)
			}
		}
	}
	t.Logf("headers of proxies: %d sent, none was believed", sent)
}

// TestNobodyEscapesAThrottleByAHeader: fifty codes for fifty people from one
// machine that writes another X-Forwarded-For each time meet the limit of its
// own address; behind a proxy that is trusted, each address has its own.
func TestNobodyEscapesAThrottleByAHeader(t *testing.T) {
	for name, c := range map[string]struct {
		trusted []netip.Prefix
		caught  bool
	}{
		"written by the client":      {nil, true},
		"written by a trusted proxy": {[]netip.Prefix{netip.MustParsePrefix("127.0.0.1/32")}, false},
		"another machine is trusted": {[]netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}, true},
	} {
		t.Run(name, func(t *testing.T) {
			w := handlertest.New(t)
			app := handlers.New(handlers.Deps{Site: w.Site, API: w.API, Log: w.Site.Log, RequestTimeout: time.Minute, UploadTimeout: time.Minute, TrustedProxies: c.trusted})
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			go func() { _ = app.Listener(l) }() // ends with the shutdown
			t.Cleanup(func() { _ = app.ShutdownWithTimeout(time.Second) })
			w.BaseURL = w.Site.BaseURL.String()
			sent, refused := 0, 0
			for i := range 60 {
				c := w.Browser()
				c.Get("/password/forgot")
				form := url.Values{"csrf": {c.FormToken()}, "email": {fmt.Sprintf("p%d@example.org", i)}}
				req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, "http://"+l.Addr().String()+"/password/forgot", strings.NewReader(form.Encode()))
				if err != nil {
					t.Fatal(err)
				}
				for _, k := range c.HTTP.Jar.Cookies(w.Site.BaseURL) {
					req.AddCookie(k)
				}
				req.Header.Set("Content-Type", "application/x-www-form-urlencoded")
				req.Header.Set("X-Forwarded-For", fmt.Sprintf("198.51.100.%d", i))
				res, err := http.DefaultTransport.RoundTrip(req)
				if err != nil {
					t.Fatal(err)
				}
				_ = res.Body.Close() // only the status counts
				sent++
				if res.StatusCode == http.StatusTooManyRequests {
					refused++
				} else if res.StatusCode >= 400 {
					t.Fatalf("ask for a new password: %d", res.StatusCode)
				}
			}
			t.Logf("%d sent, %d refused as too many", sent, refused)
			if (refused > 0) != c.caught {
				t.Errorf("%d of %d were refused, want some refused: %t", refused, sent, c.caught)
			}
		})
	}
}
