// Package ledgertest gives tests the key that a ledger signs with.
package ledgertest

import (
	"path/filepath"
	"testing"

	"inzage/services/ledger"
)

// Key makes the key of a new log, in a folder that goes with the test.
func Key(t testing.TB) *ledger.Key {
	t.Helper()
	path := filepath.Join(t.TempDir(), "ledger.json")
	if err := ledger.CreateKey(path, "inzage.example"); err != nil {
		t.Fatal(err)
	}
	k, err := ledger.OpenKey(path)
	if err != nil {
		t.Fatal(err)
	}
	return k
}
