package main

import (
	"bytes"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/config"
	"inzage/services/document"
)

// crowd counts what a second filling would double.
type crowd struct{ requests, accounts, mails int }

func census(t *testing.T, dir string) crowd {
	t.Helper()
	cfg, err := config.Load(nil, []string{"INZAGE_DATA=" + dir, "INZAGE_BASE_URL=http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	n, err := p.identity.Accounts.Count(t.Context(), document.Query{Index: "operators", Equal: []any{false}, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	mails, err := filepath.Glob(filepath.Join(dir, "mail", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	return crowd{len(everyRequest(t, p)), n, len(mails)}
}

func TestDemoFolder(t *testing.T) {
	t.Run("a filling that was cut short is begun anew", func(t *testing.T) {
		dir := t.TempDir()
		if _, err := claimDemo(dir); err != nil {
			t.Fatal(err)
		}
		half := filepath.Join(dir, "store", "inzage.db")
		if err := os.MkdirAll(filepath.Dir(half), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if f, err := claimDemo(dir); err != nil || f.Filled {
			t.Fatalf("claim = %+v, %v", f, err)
		}
		if _, err := os.Stat(half); !os.IsNotExist(err) {
			t.Error("the half store is still there")
		}
	})
	t.Run("a full one is left as it is", func(t *testing.T) {
		dir := t.TempDir()
		kept := filepath.Join(dir, "store")
		if err := os.Mkdir(kept, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := writeDemo(dir, demoFolder{Format: demoFormat, Filled: true}); err != nil {
			t.Fatal(err)
		}
		if f, err := claimDemo(dir); err != nil || !f.Filled {
			t.Fatalf("claim = %+v, %v", f, err)
		}
		if _, err := os.Stat(kept); err != nil {
			t.Error(err)
		}
	})
	for name, file := range map[string]string{"somebody's store": "store/inzage.db", "somebody's papers": "thesis.txt"} {
		t.Run(name+" is not touched", func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, complaint bytes.Buffer
			code := run(t.Context(), []string{"demo"}, strings.NewReader(""), &out, &complaint, []string{"INZAGE_DATA=" + dir, "INZAGE_LISTEN=127.0.0.1:0"})
			if code != exitUsage || strings.Count(complaint.String(), "\n") != 1 {
				t.Errorf("exit %d, %q; want one sentence", code, complaint.String())
			}
			if raw, err := os.ReadFile(path); err != nil || string(raw) != "mine" {
				t.Errorf("the file holds %q, %v", raw, err)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("the folder has %d entries, %v", len(entries), err)
			}
		})
	}
}

func TestDemoStaysOnThisMachine(t *testing.T) {
	for name, env := range map[string]string{
		"every address":      "INZAGE_LISTEN=0.0.0.0:0",
		"every IPv6 address": "INZAGE_LISTEN=[::]:0",
		"no host":            "INZAGE_LISTEN=:0",
		"another host":       "INZAGE_LISTEN=192.0.2.1:8080",
		"a public address":   "INZAGE_BASE_URL=https://inzage.example",
		"a shared store":     "INZAGE_STORE=mongodb://127.0.0.1",
		"a mail server":      "INZAGE_MAIL=smtp://127.0.0.1",
		"a key of its own":   "INZAGE_MASTER_KEY_FILE=/etc/inzage/master.json",
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new")
			var out, complaint bytes.Buffer
			code := run(t.Context(), []string{"demo"}, strings.NewReader(""), &out, &complaint, []string{"INZAGE_LISTEN=127.0.0.1:0", "INZAGE_DATA=" + dir, env})
			if code != exitUsage || strings.Count(complaint.String(), "\n") != 1 || out.Len() > 0 {
				t.Errorf("exit %d, %q, %q; want one sentence", code, complaint.String(), out.String())
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Error("a folder was made")
			}
		})
	}
}
