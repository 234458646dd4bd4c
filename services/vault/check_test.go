package vault_test

import (
	"testing"

	"inzage/services/document"
	"inzage/services/vault/vaulttest"
)

func TestCheckKnowsItsMasterKey(t *testing.T) {
	stored := keys(t)
	right, _ := vaulttest.New(t, stored, now)
	wrong, _ := vaulttest.New(t, stored, now)
	if err := wrong.Check(t.Context()); err != nil {
		t.Errorf("a store without keys: %v", err)
	}
	create(t, right, "req_a")
	create(t, right, "req_b")
	if err := right.Shred(t.Context(), "req_b"); err != nil {
		t.Fatal(err)
	}
	if err := right.Check(t.Context()); err != nil {
		t.Errorf("its own master key: %v", err)
	}
	if err := wrong.Check(t.Context()); err == nil {
		t.Error("another master key is taken for its own")
	}
	broken, err := stored.Get(t.Context(), "req_a")
	if err != nil {
		t.Fatal(err)
	}
	broken.Meta, broken.Fields = document.Meta{ID: "req_c"}, []byte("broken")
	if err := stored.Create(t.Context(), &broken); err != nil {
		t.Fatal(err)
	}
	if err := right.Check(t.Context()); err != nil {
		t.Errorf("one broken record stops everything: %v", err)
	}
}
