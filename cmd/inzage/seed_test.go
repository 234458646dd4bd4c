package main

import (
	"bytes"
	"encoding/json"
	"io"
	"log/slog"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/config"
	"inzage/services/identity"
)

// seeded runs inzage seed on a folder, with more settings.
func seeded(t *testing.T, dir string, more ...string) (planted, int, string) {
	t.Helper()
	var out, complaint bytes.Buffer
	code := run(t.Context(), []string{"seed", "--json"}, strings.NewReader(""), &out, &complaint, append(more, "INZAGE_DATA="+dir))
	if code != exitDone {
		return planted{}, code, complaint.String() + out.String()
	}
	d := json.NewDecoder(&out)
	d.DisallowUnknownFields()
	var p planted
	if err := d.Decode(&p); err != nil {
		t.Fatalf("the answer is no JSON object: %v", err)
	}
	if _, err := d.Token(); err != io.EOF {
		t.Error("more than one JSON object was printed")
	}
	return p, code, complaint.String()
}

func TestSeed(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	got, code, complaint := seeded(t, dir)
	if code != exitDone {
		t.Fatalf("exit %d: %s", code, complaint)
	}
	kinds, roles, presets := map[string]int{}, map[string]int{}, map[string]int{}
	kindOf := map[string]string{"": "nobody's"}
	for _, o := range got.Organisations {
		kinds[o.Kind]++
		kindOf[o.ID] = o.Kind
	}
	for _, a := range got.Agreements {
		presets[a.Preset]++
		if kindOf[a.Controller] == "" || kindOf[a.Processor] == "" {
			t.Errorf("agreement %s names an unknown organisation", a.Preset)
		}
	}
	for _, a := range got.Accounts {
		roles[kindOf[a.Organisation]+" "+strings.Join(a.Roles, ",")]++
	}
	for what, n := range map[string]int{"controller": 2, "processor": 2, "auditor": 1} {
		if kinds[what] != n {
			t.Errorf("%d organisations are %s, want %d", kinds[what], what, n)
		}
	}
	for _, preset := range []string{"vcare", "inserve", "qputer", "idea-online", "mpg"} {
		if presets[preset] != 1 {
			t.Errorf("%d agreements are %s, want 1", presets[preset], preset)
		}
	}
	for role, n := range map[string]int{"processor agent": 2, "processor admin": 2, "controller privacy_officer": 2, "controller admin": 2,
		"auditor auditor": 2, "nobody's operator": 2, "nobody's subject": 4} {
		if roles[role] != n {
			t.Errorf("%d accounts are %s, want %d", roles[role], role, n)
		}
	}
	t.Run("everybody can sign in", func(t *testing.T) { signInAll(t, dir, got) })
	t.Run("a filled store is refused", func(t *testing.T) {
		_, code, complaint := seeded(t, dir)
		if code != exitUsage || strings.Count(complaint, "\n") != 1 || !strings.Contains(complaint, "not empty") {
			t.Errorf("exit %d, %q; want one sentence", code, complaint)
		}
	})
}

// TestSeedMongo: an empty database is filled as an empty folder is, keys
// included; from a second machine it is refused, and nothing of it changes.
func TestSeedMongo(t *testing.T) {
	store := "INZAGE_STORE=mongodb://" + newDatabase(t).address + "/?maxPoolSize=1"
	dir := filepath.Join(t.TempDir(), "new")
	got, code, complaint := seeded(t, dir, store)
	if code != exitDone || len(got.Accounts) != 16 {
		t.Fatalf("exit %d, %d accounts: %s", code, len(got.Accounts), complaint)
	}
	if _, code, complaint := seeded(t, filepath.Join(t.TempDir(), "second"), store); code == exitDone {
		t.Errorf("a second machine filled it again: %s", complaint)
	}
	signInAll(t, dir, got, store)
}

// signInAll signs everybody in with what was printed.
func signInAll(t *testing.T, dir string, seed planted, more ...string) {
	cfg, err := config.Load(nil, append(more, "INZAGE_DATA="+dir, "INZAGE_BASE_URL=http://127.0.0.1:8080"))
	if err != nil {
		t.Fatal(err)
	}
	p, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	passwords := map[string]bool{}
	for _, a := range seed.Accounts {
		passwords[a.Password] = true
		half, err := p.identity.SignIn(t.Context(), identity.Credentials{Email: a.Email, Password: a.Password, Address: "127.0.0.1"})
		if err != nil {
			t.Errorf("sign in as %s: %v", a.Key, err)
			continue
		}
		code, err := totp.GenerateCode(a.TOTPSecret, time.Now())
		if err != nil {
			t.Fatal(err)
		}
		full, err := p.identity.ProveTOTP(t.Context(), half.Actor, code)
		if err != nil || full.Actor.Level != identity.Full || full.Actor.Account != a.ID || full.Actor.Organisation != a.Organisation {
			t.Errorf("prove the factor of %s: %+v, %v", a.Key, full.Actor, err)
		}
	}
	if len(passwords) != len(seed.Accounts) {
		t.Error("two accounts have the same password")
	}
}
