package handlers_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"regexp"
	"strings"
	"testing"
	"time"

	"inzage/handlers"
	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/views/static"
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

// TestAPanicIsOneAnswer: what panics is answered with 500 and a number, the log
// has the place and not the value, and the next request is served.
func TestAPanicIsOneAnswer(t *testing.T) {
	w := handlertest.New(t)
	var log bytes.Buffer
	app := handlers.New(handlers.Deps{Site: w.Site, API: w.API, Log: slog.New(slog.NewJSONHandler(&log, nil)), RequestTimeout: time.Minute, UploadTimeout: time.Minute,
		Ready: func(context.Context) error { panic("Kanariewoord") }})
	answers := map[string]int{}
	for _, path := range []string{"/readyz", "/livez"} {
		req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, w.BaseURL+path, nil)
		if err != nil {
			t.Fatal(err)
		}
		res, err := app.Test(req, -1)
		if err != nil {
			t.Fatal(err)
		}
		body, err := io.ReadAll(res.Body)
		if err = errors.Join(err, res.Body.Close()); err != nil {
			t.Fatal(err)
		}
		if answers[path] = res.StatusCode; inside.Match(body) || strings.Contains(string(body), "Kanariewoord") {
			t.Errorf("%s shows %s", path, body)
		}
	}
	if answers["/readyz"] != http.StatusInternalServerError || answers["/livez"] != http.StatusOK {
		t.Errorf("answers: %v, want 500 for the panic and 200 after it", answers)
	}
	if text := log.String(); !strings.Contains(text, "leaks_test.go") || strings.Contains(text, "Kanariewoord") {
		t.Errorf("the log does not tell where, or tells too much: %s", text)
	}
}

// TestEveryAnswerSaysWhatItIs asks for every kind of content once: its type is
// that of the body, and text says in which characters.
func TestEveryAnswerSaysWhatItIs(t *testing.T) {
	_, people := busy(t)
	sent := 0
	for at, want := range map[string]string{
		"/": "text/html; charset=utf-8", "/nowhere": "text/html; charset=utf-8", "/livez": "text/plain; charset=utf-8", "/readyz": "application/json",
		"/queue.csv": "text/csv; charset=utf-8; header=present", "/verify/keys.txt": "text/plain; charset=utf-8",
		"/schemas/request-1.json": "application/schema+json", static.Path("app.js"): "text/javascript; charset=utf-8", static.Path("app.css"): "text/css; charset=utf-8",
		static.Path("icon.svg"): "image/svg+xml; charset=utf-8", "/api/v1/openapi.json": "application/openapi+json", "/api/v1/nowhere": "application/problem+json",
		"/api/v1/sessions/current": "application/json", "/api/v1/ledger/keys": "application/json",
	} {
		p := people["officer"].Get(at)
		sent++
		if got := p.Header.Get("Content-Type"); got != want {
			t.Errorf("GET %s: %d %q, want %q", at, p.Status, got, want)
		}
		if strings.Contains(want, "json") && !json.Valid([]byte(p.Body)) {
			t.Errorf("GET %s is no JSON: %.80s", at, p.Body)
		}
	}
	t.Logf("kinds of answers: %d asked for", sent)
}
