package main

import (
	"os"
	"path/filepath"
	"slices"
	"testing"

	"inzage/cmd/inzage/browsertest"
	"inzage/handlers/web"
	"inzage/services/identity"
)

// TestScreenshots makes the pictures of the README with the product itself:
//
//	INZAGE_SCREENSHOTS=$PWD/.github go test ./cmd/inzage -run TestScreenshots
func TestScreenshots(t *testing.T) {
	dir := os.Getenv("INZAGE_SCREENSHOTS")
	if dir == "" {
		t.Skip("makes the pictures of the README; set INZAGE_SCREENSHOTS to a folder for them")
	}
	if err := os.MkdirAll(dir, 0o755); err != nil {
		t.Fatal(err)
	}
	h, l := newHouse(t)
	s := newShow(h.portal, demoFolder{})
	if err := s.fill(t.Context()); err != nil {
		t.Fatal(err)
	}
	h.serve(l, nil) // without the banner of the demo
	accounts := *s.accounts.Load()

	officer := h.enter(playing(accounts, identity.PrivacyOfficer)[0], "en")
	officer.Open("/queue")
	shoot(officer, filepath.Join(dir, "screenshot-queue"))
	subject := h.enter(playing(accounts, identity.Subject)[0], "en")
	subject.Open("/mine")
	subject.Press(subject.Text(`tr:has([data-state="delivered"]) .row-link`))
	shoot(subject, filepath.Join(dir, "screenshot-request"))
}

// playing are the accounts with a role.
func playing(all []web.DemoAccount, role identity.Role) []web.DemoAccount {
	return slices.DeleteFunc(slices.Clone(all), func(a web.DemoAccount) bool { return !slices.Contains(a.Roles, role) })
}

// shoot takes the page as it is on a laptop and on a phone. The README loads
// both, so neither may be large.
func shoot(w *browsertest.Window, path string) {
	w.Screenshot(path+".png", browsertest.Laptop, 200<<10)
	w.Screenshot(path+"-phone.png", browsertest.Phone, 200<<10)
}
