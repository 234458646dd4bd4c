package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestInitChecksBeforeItWrites: an address that the log or passkeys cannot be
// bound to leaves nothing behind, and the right one then works; a name outside
// ASCII is written as it goes over the wire.
func TestInitChecksBeforeItWrites(t *testing.T) {
	data := filepath.Join(t.TempDir(), "data")
	initAt := func(base string) (int, string, string) {
		var out, errs bytes.Buffer
		code := run(t.Context(), []string{"init"}, strings.NewReader(""), &out, &errs, []string{"INZAGE_DATA=" + data, "INZAGE_BASE_URL=" + base})
		return code, out.String(), errs.String()
	}
	code, _, errs := initAt("https://a+b.example")
	if code != 2 || !strings.Contains(errs, "INZAGE_BASE_URL") {
		t.Errorf("refused with %d: %s", code, errs)
	}
	if _, err := os.Stat(data); !os.IsNotExist(err) {
		t.Errorf("something was left behind: %v", err)
	}
	code, out, errs := initAt("https://bücher.example")
	if code != 0 || !strings.Contains(out, "https://xn--bcher-kva.example/") {
		t.Fatalf("the right address: %d, %s, %s", code, out, errs)
	}
	key, err := os.ReadFile(filepath.Join(data, "keys", "ledger.json"))
	if err != nil || !bytes.Contains(key, []byte(`xn--bcher-kva.example/ledger/`)) {
		t.Errorf("the log's name: %s, %v", key, err)
	}
}
