package identity_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
)

const other = "regen kaas fietsen 8"

func TestPasswordPolicy(t *testing.T) {
	w := newWorld(t)
	e := w.full(w.someone("Annelies", identity.Agent))
	for _, c := range []struct {
		name, password string
		ok             bool
	}{
		{"eleven characters", "kX9-vQ2-pL7", false},
		{"twelve characters", "kX9-vQ2-pL7m", true},
		{"128 characters", strings.Repeat("kX9-vQ2-pL7mWs4z", 8), true},
		{"129 characters", strings.Repeat("kX9-vQ2-pL7mWs4z", 8) + "x", false},
		{"a sentence", "blauwe stoel onder water", true},
		{"other scripts", "пароль-из-слов-и-мыслей", true},
		{"spaces and marks", "  ~~ kaas! <b> \"regen\" ~~  ", true},
		{"common", "password1234", false},
		{"common in Dutch", "wachtwoord123", false},
		{"digits in a row", "123456789012", false},
		{"one letter", "aaaaaaaaaaaaaaaa", false},
		{"the keyboard", "qwertyuiop[]", false},
		{"the product", "inzage-inzage-1", false},
		{"the organisation", "korenaar2026!", false},
		{"the own name", "annelies-12345", false},
		{"breached", "1qa2ws3ed4rf", false},
		{"breached, Russian on a Latin keyboard", "ghjcnjgfhjkm", false},
		{"breached, in another case", "Q1w2E3r4T5y6U7", false},
		{"breached, as it was drawn for somebody", "Hd764nW5d7E1vb1", false},
		{"a breached one, and more", "1qa2ws3ed4rf kaas", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			after, err := w.ChangePassword(t.Context(), e.Actor, password, c.password, address)
			if c.ok != (err == nil) || (err != nil && fault.KindOf(err) != fault.Invalid) {
				t.Fatalf("ChangePassword = %v", err)
			}
			if err != nil {
				return
			}
			back := c.password
			if e, err = w.ChangePassword(t.Context(), after.Actor, back, password, address); err != nil {
				t.Fatalf("it is not accepted afterwards: %v", err)
			}
		})
	}
}

func TestChangePassword(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	elsewhere, e := w.full(p), w.full(p)
	w.recorded("a wrong old one", func() {
		_, err := w.ChangePassword(t.Context(), e.Actor, "wrong", other, address)
		refused(t, "a wrong old one", err, identity.ErrSignIn)
	}, map[string]int{"session.refuse refused": 1})
	after, err := w.ChangePassword(t.Context(), e.Actor, password, other, address)
	check(t, err)
	if w.live(elsewhere.Token) || w.live(e.Token) || !w.live(after.Token) {
		t.Error("the change did not end the other sessions, or not keep this one")
	}
	if l := w.box.last(t, "security"); l.To != p.email || l.Data["what"] != "password_changed" {
		t.Errorf("the letter is %+v", l)
	}
	_, err = w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: password, Address: address})
	refused(t, "the old password", err, identity.ErrSignIn)
}

func TestForgottenPassword(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	live := w.full(p)
	check(t, w.ForgotPassword(t.Context(), "nobody@example.nl", "en", address))
	if l := w.box.last(t, "password_unknown"); l.To != "nobody@example.nl" || len(l.Data) != 0 {
		t.Errorf("the letter is %+v", l)
	}
	for range 5 {
		_, _ = w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: "wrong", Address: address})
	}
	check(t, w.ForgotPassword(t.Context(), p.email, "nl", address))
	token := w.linkToken("password")
	refused(t, "a weak one", w.ResetPassword(t.Context(), token, "welkom123456"), identity.ErrPassword)
	n := thirty(t, func(int) error { return w.ResetPassword(t.Context(), token, other) })
	if n[""] != 1 || n[fault.Gone]+n[fault.TooMany] != 29 {
		t.Errorf("answers: %v, want one success", n)
	}
	if w.live(live.Token) {
		t.Error("the old session lives on")
	}
	e, err := w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: other, Address: address})
	check(t, err) // the lock is off as well
	if e.Actor.Level != identity.Half {
		t.Errorf("a new password gives %q", e.Actor.Level)
	}
	check(t, w.ForgotPassword(t.Context(), p.email, "nl", address))
	late := w.linkToken("password")
	w.clock.pass(time.Hour)
	refused(t, "a link after an hour", w.ResetPassword(t.Context(), late, other), identity.ErrLink)
}

func TestForgottenPasswordIsThrottled(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	n := thirty(t, func(int) error { return w.ForgotPassword(t.Context(), p.email, "nl", address) })
	if n[""] != 5 || w.box.count("password") != 5 {
		t.Errorf("answers: %v with %d letters, want 5", n, w.box.count("password"))
	}
}

func TestSweep(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	old := w.full(p)
	w.challenge()
	_, _ = w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: "wrong", Address: address})
	w.clock.pass(13 * time.Hour)
	live := w.full(p)
	check(t, w.Sweep(t.Context()))
	if _, err := w.Sessions.Get(t.Context(), live.Session.ID); err != nil {
		t.Errorf("a live session was swept: %v", err)
	}
	page, err := w.Ceremonies.List(t.Context(), document.Query{Index: "expires"})
	if err != nil || len(page.Rows) != 0 {
		t.Errorf("%d old challenges are left, %v", len(page.Rows), err)
	}
	// Its events are not in the ledger yet, so it stays until they are.
	if _, err := w.Sessions.Get(t.Context(), old.Session.ID); errors.Is(err, document.ErrNotFound) {
		t.Error("a session was removed before its history was sealed")
	}
}
