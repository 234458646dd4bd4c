package web_test

import (
	"net/http"
	"strings"
	"testing"

	"inzage/handlers/api"
	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// TestReferenceShowsEveryCall walks the reference of the API, without a session.
func TestReferenceShowsEveryCall(t *testing.T) {
	w := handlertest.New(t)
	c := w.Browser()
	groups := c.Get("/docs/api?lang=nl").Want(t, http.StatusOK)
	if n := groups.Find("[data-testid=group]").Length(); n != len(api.Reference()) || n < 10 {
		t.Errorf("%d groups", n)
	}
	calls := 0
	for _, g := range api.Reference() {
		p := c.Get("/docs/api/"+g.Slug).Want(t, http.StatusOK)
		if n := p.Find("[data-testid=call]").Length(); n != len(g.Operations) || n == 0 {
			t.Errorf("%s: %d calls, want %d", g.Name, n, len(g.Operations))
		}
		for _, o := range g.Operations {
			calls++
			if !strings.Contains(p.Find("#"+o.ID).Text(), o.Path) {
				t.Errorf("%s does not show its path", o.ID)
			}
		}
	}
	if calls != len(api.Rows()) {
		t.Errorf("the reference has %d calls, the API %d", calls, len(api.Rows()))
	}
	p := c.Get("/docs/api/requests").Want(t, http.StatusOK)
	decide := p.Find("#decide-right")
	for _, want := range []string{"Medewerker", "requests:write", "outcome", "granted", "verplicht", "Decide on one right"} {
		if !strings.Contains(decide.Text(), want) {
			t.Errorf("%q is not said of a decision: %s", want, decide.Text())
		}
	}
	c.Get("/docs/api/nothing").Want(t, http.StatusNotFound)
	c.Get("/docs/api/try/decide-right").Want(t, http.StatusNotFound) // it writes
}

// TestTryingACall fills in the form of a call and follows it, as oneself.
func TestTryingACall(t *testing.T) {
	w := handlertest.New(t)
	stranger, officer := w.Browser(), w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	form := officer.Get("/docs/api/try/list-requests").Want(t, http.StatusOK)
	if form.Find("select[name=tab] option[value=overdue]").Length() != 1 || form.Find("input[name=limit]").Length() != 1 {
		t.Error("the form lacks a parameter")
	}
	for path, want := range map[string]string{
		"list-requests?tab=open&limit=&right=erasure": "/api/v1/requests?right=erasure&tab=open",
		"read-request?id=req_A%2F..%2F..%2Ftokens":    "/api/v1/requests/req_A%2F..%2F..%2Ftokens",
		"list-requests?tab=%0d%0aX-Evil:1":            "/api/v1/requests?tab=X-Evil%3A1",
	} {
		if p := officer.Get("/docs/api/call/"+path).Want(t, http.StatusSeeOther); p.Location != want {
			t.Errorf("%s leads to %q, want %q", path, p.Location, want)
		}
	}
	for _, path := range []string{"read-request", "read-request?id=%20", "read-request?id=.."} {
		p := officer.Get("/docs/api/call/"+path).Want(t, http.StatusUnprocessableEntity)
		if !strings.Contains(p.Text(), "Vul id in.") {
			t.Errorf("%s: the form does not say what is missing", path)
		}
	}
	officer.Get("/docs/api/call/decide-right?id=req_A").Want(t, http.StatusNotFound)
	answer := officer.Get("/api/v1/requests?tab=open").Want(t, http.StatusOK)
	if !strings.HasPrefix(answer.Header.Get("Content-Type"), "application/json") {
		t.Errorf("the call answers %s", answer.Header.Get("Content-Type"))
	}
	stranger.Get("/api/v1/requests?tab=open").Want(t, http.StatusUnauthorized)
	if p := stranger.Get("/docs/api/try/list-requests?lang=en").Want(t, http.StatusOK); !strings.Contains(p.Text(), "You are not signed in") {
		t.Error("a stranger is not told that the call will be refused")
	}
}
