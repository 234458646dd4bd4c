package handlers_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// TestEveryRouteWantsTheSecondFactor walks all routes with nothing but the
// password proven, beside the same person with both: what the full session is
// shown, the half one is not.
func TestEveryRouteWantsTheSecondFactor(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer, identity.Agent, identity.Admin)
	full := w.SignIn(p)
	entry, err := w.Identity.SignIn(t.Context(), identity.Credentials{Email: p.Email, Password: p.Password, Address: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	half := w.Browser()
	half.SetSession(entry.Token)
	sent, refused, twins := 0, 0, 0
	for _, r := range routes(t, w) {
		if r.Method != http.MethodGet || slices.Contains(public, r.Path) {
			continue
		}
		sent++
		a, b := full.Get(filled(r.Path)), half.Get(filled(r.Path))
		if a.Status == http.StatusOK {
			twins++
		}
		if b.Status == http.StatusOK && !mayHalf(r, b) {
			t.Errorf("GET %s is shown to somebody without the second factor", r.Path)
			continue
		}
		refused++
	}
	t.Logf("half sessions: %d sent, %d refused; the full session was shown %d of the same", sent, refused, twins)
	if sent < 50 || twins < 10 {
		t.Errorf("only %d routes tried, %d shown to the full session", sent, twins)
	}
}

// mayHalf are the answers between the password and the second factor: the ways
// to prove it, and what the half session itself is.
func mayHalf(r fiber.Route, p handlertest.Page) bool {
	return strings.HasPrefix(r.Path, "/sign-in/") || r.Path == "/api/v1/sessions/current" && strings.Contains(p.Body, `"level":"half"`)
}
