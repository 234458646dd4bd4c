package vault_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inzage/services/vault"
	"inzage/services/vault/vaulttest"
)

func TestFingerprint(t *testing.T) {
	v, _ := open(t)
	other, _ := open(t)
	a := v.Fingerprint("email", "jan@example.nl")
	if a != v.Fingerprint("email", "jan@example.nl") {
		t.Error("the same value gives two fingerprints")
	}
	for name, b := range map[string]string{
		"another value":   v.Fingerprint("email", "jan@example.be"),
		"another purpose": v.Fingerprint("name", "jan@example.nl"),
		"a moved border":  v.Fingerprint("emailj", "an@example.nl"),
		"another master":  other.Fingerprint("email", "jan@example.nl"),
	} {
		if a == b {
			t.Errorf("%s gives the same fingerprint", name)
		}
	}
}

func TestMaster(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.json")
	if _, err := vault.OpenMaster(path); err == nil {
		t.Error("a missing file opens")
	}
	if err := vault.CreateMaster(path); err != nil {
		t.Fatal(err)
	}
	if err := vault.CreateMaster(path); err == nil {
		t.Error("an existing file is overwritten")
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		content []byte
		mode    os.FileMode
		opens   bool
	}{
		{"as made", good, 0o600, true},
		{"read-only", good, 0o400, true},
		{"readable by the group", good, 0o640, false},
		{"readable by the world", good, 0o604, false},
		{"empty", nil, 0o600, false},
		{"cut off", good[:len(good)/2], 0o600, false},
		{"not JSON", []byte("secret"), 0o600, false},
		{"another format", bytes.Replace(good, []byte("inzage-master-1"), []byte("inzage-master-9"), 1), 0o600, false},
		{"no keys", []byte(`{"format":"inzage-master-1","wrap":{},"fingerprint":{}}`), 0o600, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "master.json")
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := vault.OpenMaster(path)
			if (err == nil) != c.opens {
				t.Fatalf("OpenMaster = %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret")) {
				t.Errorf("the refusal is not one safe sentence: %v", err)
			}
		})
	}
}

func TestRotation(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "master.json")
	if err := vault.CreateMaster(path); err != nil {
		t.Fatal(err)
	}
	records := keys(t)
	with := func() *vault.Vault {
		m, err := vault.OpenMaster(path)
		if err != nil {
			t.Fatal(err)
		}
		return &vault.Vault{Keys: records, Blobs: vaulttest.Folder(t.TempDir()), Master: m, Now: now}
	}
	before := with()
	s, err := create(t, before, "req_a").Seal("f", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.RotateMaster(path); err != nil {
		t.Fatal(err)
	}
	after := with()
	k, err := after.Key(ctx, "req_a")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open("f", s); err != nil || string(got) != "x" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if before.Fingerprint("p", "v") != after.Fingerprint("p", "v") {
		t.Error("the fingerprints turned over with the wrapping key")
	}
	create(t, after, "req_b")
	if _, err := before.Key(ctx, "req_b"); err == nil {
		t.Error("the new object is wrapped under the old key")
	}
}
