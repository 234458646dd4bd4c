package main

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestRotatedMasterKeyStillOpens turns the master key over twice: what was sealed
// before opens with the new file, what is sealed after does not with the old one.
func TestRotatedMasterKeyStillOpens(t *testing.T) {
	i := installed(t)
	path := filepath.Join(i.data, "keys", "master.json")
	old, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	opens := func(object string) bool {
		t.Helper()
		p := i.built()
		defer p.close()
		_, err := p.vault.Key(t.Context(), object)
		return err == nil
	}
	seal := func(object string) {
		t.Helper()
		p := i.built()
		defer p.close()
		if _, err := p.vault.Create(t.Context(), object); err != nil {
			t.Fatal(err)
		}
	}
	seal("req_first")
	for _, object := range []string{"req_second", "req_third"} {
		if out := i.done("key", "rotate"); !strings.Contains(out, path) {
			t.Errorf("rotate says %q, want the file", out)
		}
		seal(object)
	}
	if info, err := os.Stat(path); err != nil || info.Mode().Perm() != 0o600 {
		t.Errorf("the new file: %v, %v, want it for its owner alone", info.Mode(), err)
	}
	for _, object := range []string{"req_first", "req_second", "req_third"} {
		if !opens(object) {
			t.Errorf("%s does not open with the newest file", object)
		}
	}
	if err := os.WriteFile(path, old, 0o600); err != nil {
		t.Fatal(err)
	}
	if !opens("req_first") || opens("req_third") {
		t.Error("the old file opens what was made under the new key, or not its own")
	}
	for _, args := range [][]string{{"key"}, {"key", "turn"}, {"key", "rotate", "now"}} {
		if code, _, _ := i.run(args...); code != exitUsage {
			t.Errorf("%v: code = %d, want %d", args, code, exitUsage)
		}
	}
}
