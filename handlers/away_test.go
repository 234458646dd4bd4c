package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// TestTheStoreGoesAway takes the store from under a running portal: pages say
// that nothing was changed and when to come back, nothing is shown as done,
// and /readyz tells the balancer.
func TestTheStoreGoesAway(t *testing.T) {
	w := handlertest.New(t)
	c := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	c.Get("/queue").Want(t, http.StatusOK)
	if err := w.Engine.Close(); err != nil {
		t.Fatal(err)
	}
	for _, path := range []string{"/queue", "/o/korenaar"} {
		p := c.Get(path)
		if p.Status != http.StatusServiceUnavailable || !strings.Contains(p.Words(), "niets veranderd") && !strings.Contains(p.Words(), "niets gewijzigd") {
			t.Errorf("%s without a store: %d %s", path, p.Status, p.Words())
		}
		if after := p.Header.Get("Retry-After"); after != "60" {
			t.Errorf("%s without a store: Retry-After %q, want the minute of the words", path, after)
		}
	}
	if p := c.Get("/readyz"); p.Status != http.StatusServiceUnavailable {
		t.Errorf("/readyz without a store: %d", p.Status)
	}
	if p := c.Get("/livez"); p.Status != http.StatusOK {
		t.Errorf("/livez without a store: %d", p.Status)
	}
}
