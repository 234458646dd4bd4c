package web_test

import (
	"net/http"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/identity"
)

// TestTokensOnPages: an administrator makes a token, sees it once, and revokes
// it; the second press of the button makes none, and nobody else comes near.
func TestTokensOnPages(t *testing.T) {
	w := handlertest.New(t)
	admin := w.SignIn(w.Hire("Anna", w.Bakery, identity.Admin))
	has(t, admin.Get("/people").Want(t, http.StatusOK), "Tokens voor programma's")
	has(t, admin.Get("/tokens").Want(t, http.StatusOK), "Er zijn geen tokens")

	tokensForm := admin.Get("/tokens/new").Want(t, http.StatusOK)
	action, empty := filled(t, tokensForm, "token")
	if n, scopes := tokensForm.Find(`[name="roles"]`).Length(), tokensForm.Find(`[name="scopes"]`); n != 2 || scopes.Length() != len(w.Tokens.Scopes) {
		t.Errorf("%d roles and %d scopes are offered, want 2 and %d", n, scopes.Length(), len(w.Tokens.Scopes))
	}
	for _, s := range w.Tokens.Scopes {
		id := tokensForm.Find(`[name="scopes"][value="`+s+`"]`).AttrOr("id", "none")
		if strings.TrimSpace(tokensForm.Find(`label[for="`+id+`"]`).Text()) == "" {
			t.Errorf("nothing says what %s allows", s)
		}
	}
	empty.Set("days", "drie")
	page := admin.Post(action, empty).Want(t, http.StatusUnprocessableEntity)
	for _, field := range []string{"name", "roles", "scopes", "days"} {
		if page.Find(`[data-testid="error-`+field+`"]`).Length() == 0 {
			t.Errorf("%s is not asked for", field)
		}
	}
	if v, _ := page.Find(`[name="days"]`).Attr("value"); v != "drie" {
		t.Errorf("what was typed is lost: %q", v)
	}

	action, wish := filled(t, admin.Get("/tokens/new"), "token")
	wish.Set("name", "Zaaksysteem")
	wish["roles"], wish["scopes"] = []string{"privacy_officer"}, []string{"requests:read", "ledger:read"}
	made := admin.Post(action, wish).Want(t, http.StatusOK)
	secret := made.Find(`[data-testid="token-secret"]`).Text()
	by, scopes, err := w.Tokens.Check(t.Context(), secret)
	if err != nil || by.Organisation != w.Bakery.ID || strings.Join(scopes, " ") != "requests:read ledger:read" || !by.Is(identity.PrivacyOfficer) {
		t.Fatalf("the token on the page acts as %+v within %v, %v", by, scopes, err)
	}
	has(t, admin.Post(action, wish).Want(t, http.StatusConflict), "al gemaakt")
	list := admin.Get("/tokens").Want(t, http.StatusOK)
	has(t, list, "Zaaksysteem", "Verzoeken, hun bestanden en hun geschiedenis lezen", "In gebruik")
	if strings.Contains(list.Body, secret) || list.Find(`[data-testid="tokens"] tbody tr`).Length() != 1 {
		t.Errorf("the list shows the token, or not one row: %s", list.Words())
	}

	at := "/tokens/" + by.Account
	florist := w.SignIn(w.Hire("Frits", w.Florist, identity.Admin))
	florist.Get(at).Want(t, http.StatusNotFound)
	florist.Post(at+"/revoke", form()).Want(t, http.StatusNotFound)
	if _, _, err := w.Tokens.Check(t.Context(), secret); err != nil {
		t.Fatalf("somebody else revoked it: %v", err)
	}
	has(t, admin.Get(at).Want(t, http.StatusOK), "Trek dit token in", "Zaaksysteem")
	admin.Post(at+"/revoke", form()).Want(t, http.StatusSeeOther)
	if _, _, err := w.Tokens.Check(t.Context(), secret); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("a revoked token opens: %v", err)
	}
	ended := admin.Get(at).Want(t, http.StatusOK)
	has(t, ended, "Ingetrokken", "opent niets meer")
	if ended.Find("form[action$='/revoke']").Length() != 0 {
		t.Error("a revoked token can be revoked again")
	}
}
