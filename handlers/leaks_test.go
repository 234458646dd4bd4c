package handlers_test

import (
	"net/http"
	"regexp"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// inside is what an answer never shows: how the portal is built.
var inside = regexp.MustCompile(`(?i)goroutine \d|runtime error|\.go:\d|fasthttp|fiber|sqlite|mongo(db)?://|select .* from|go1\.\d|panic`)

// TestNothingOfTheInsideShows asks for what people who break in ask for first,
// as a stranger and as an officer: it is not there, and says nothing.
func TestNothingOfTheInsideShows(t *testing.T) {
	w := handlertest.New(t)
	officer := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer, identity.Admin))
	sent, absent := 0, 0
	for _, path := range []string{
		"/debug/pprof/", "/debug/pprof/heap", "/debug/vars", "/metrics", "/healthz", "/status", "/server-status", "/actuator", "/env", "/.env", "/.git/config", "/.well-known/security.txt",
		"/config.json", "/backup.zip", "/inzage.db", "/store/inzage.db", "/admin", "/phpmyadmin", "/swagger", "/docs", "/openapi.json", "/graphql", "/console", "/static/", "/static", "/static/..%2fapp.go",
		"/static/../handlers.go", "/static/%2e%2e/%2e%2e/etc/passwd", "/api", "/api/", "/api/v1", "/api/v1/", "/api/v1/debug", "/api/v2/requests", "/API/V1/openapi.json", "/QUEUE", "/queue/", "/livez/", "/%00", "/a%0d%0aX-Evil:1",
	} {
		for who, c := range map[string]*handlertest.Client{"a stranger": w.Browser(), "an officer": officer} {
			p := c.Get(path)
			sent++
			if p.Status == http.StatusNotFound || p.Status == http.StatusUnauthorized || p.Status == http.StatusBadRequest || p.Status == http.StatusSeeOther {
				absent++
			} else {
				t.Errorf("GET %s by %s: %d", path, who, p.Status)
			}
			if m := inside.FindString(p.Body); m != "" || p.Header.Get("X-Evil") != "" || p.Header.Get("X-Powered-By") != "" || p.Header.Get("Server") != "" {
				t.Errorf("GET %s by %s shows %q, headers %v", path, who, m, p.Header)
			}
		}
	}
	twin := officer.Get("/queue")
	t.Logf("inside: %d asked for, %d absent; what is there for the officer: %d", sent, absent, twin.Status)
	if twin.Status != http.StatusOK {
		t.Errorf("the officer's own page: %d", twin.Status)
	}
}

// TestAnErrorKeepsItsReason: the store breaks in the middle of a page; the
// reader is told a number, the log what happened.
func TestAnErrorKeepsItsReason(t *testing.T) {
	w := handlertest.New(t)
	officer := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	if err := w.Engine.Close(); err != nil {
		t.Fatal(err)
	}
	sent := 0
	for _, path := range []string{"/queue", "/agreements", "/account", "/api/v1/sessions/current"} {
		p := officer.Get(path)
		sent++
		if p.Status < 500 || inside.MatchString(p.Body) || strings.Contains(p.Body, "closed") {
			t.Errorf("GET %s without a store: %d %s", path, p.Status, p.Body)
		}
	}
	t.Logf("%d pages of a broken portal, none told why; the log has %d characters", sent, len(w.Log.String()))
	if !strings.Contains(w.Log.String(), "request failed") {
		t.Error("the log does not tell either")
	}
}
