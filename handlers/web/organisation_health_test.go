package web_test

import (
	"net/http"
	"path/filepath"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/store/sqlite"
)

// TestHealth: the operator sees with which keys the portal works and whether
// its ledger is what was signed, and sees it when it is not.
func TestHealth(t *testing.T) {
	w := handlertest.New(t)
	otto := w.SignIn(w.Hire("Otto", identity.Organisation{Slug: "portal"}, identity.Operator))
	officer := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	has(t, otto.Get("/health").Want(t, http.StatusOK), "Nog geen")
	path := filepath.Join(t.TempDir(), "ledger.json")
	if err := ledger.CreateKey(path, "inzage.example"); err != nil {
		t.Fatal(err)
	}
	w.Ledger.Key = keyOf(t, path)
	w.Drain()
	if _, err := w.Ledger.Checkpoint(t.Context()); err != nil {
		t.Fatal(err)
	}
	p := otto.Get("/health").Want(t, http.StatusOK)
	has(t, p, "Het logboek is wat ondertekend is", "Hoofdsleutel", "Het is de eerste")
	name, _, _ := strings.Cut(w.Ledger.Key.Public().Lines()[0], "+")
	if got := p.Find("[data-testid=ledger-key]").Text(); !strings.Contains(got, name+"+") {
		t.Errorf("the key is shown as %q", got)
	}

	if err := ledger.RotateKey(path); err != nil {
		t.Fatal(err)
	}
	w.Ledger.Key = keyOf(t, path)
	has(t, otto.Get("/health").Want(t, http.StatusOK), "Eerdere sleutels: 1", "Het logboek is wat ondertekend is")

	// A log that was emptied behind the portal's back.
	e, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	w.Ledger.Log = e.Log()
	has(t, otto.Get("/health").Want(t, http.StatusOK), "Het logboek is niet wat ondertekend is")
	has(t, officer.Get("/evidence").Want(t, http.StatusOK), "Vertrouw er niet op")
}

func keyOf(t *testing.T, path string) *ledger.Key {
	t.Helper()
	k, err := ledger.OpenKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
