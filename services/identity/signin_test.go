package identity_test

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
)

func TestSignIn(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.PrivacyOfficer)
	var half, full identity.Entry
	w.recorded("password", func() { half = w.half(p) }, map[string]int{"session.start done": 1})
	if half.Actor.Level != identity.Half || half.Actor.Is(identity.PrivacyOfficer) || half.Actor.IsStaffOf(w.org.ID) {
		t.Errorf("a password alone gives %+v", half.Actor)
	}
	if got := fmt.Sprint(half.Next); got != "[totp recovery]" {
		t.Errorf("Next = %s", got)
	}
	w.recorded("code", func() {
		var err error
		full, err = w.ProveTOTP(t.Context(), half.Actor, w.code(p.TOTP))
		check(t, err)
	}, map[string]int{"factor.prove done": 1, "session.rise done": 1})
	if !full.Actor.IsStaffOf(w.org.ID, identity.PrivacyOfficer) || !full.Actor.Strong(w.clock.Now()) || full.Next != nil {
		t.Errorf("the full session is %+v", full.Actor)
	}
	if w.live(half.Token) || !w.live(full.Token) {
		t.Error("the rise in trust kept the token")
	}
	if half.CSRF == full.CSRF || w.CSRF(full.Session) != full.CSRF {
		t.Error("the form token does not follow the session's")
	}
	by, sess, err := w.Resume(t.Context(), full.Token)
	check(t, err)
	if by.Account != p.Account || by.Session != sess.ID || by.Organisation != w.org.ID {
		t.Errorf("Resume = %+v", by)
	}
}

func TestSignInAnswersAlike(t *testing.T) {
	w := newWorld(t)
	p, locked, gone := w.someone("Petra", identity.Agent), w.someone("Lena", identity.Agent), w.someone("Gijs", identity.Agent)
	admin := w.full(w.someone("Anna", identity.Admin)).Actor
	check(t, w.Disable(t.Context(), admin, gone.Account))
	for range 5 {
		_, _ = w.SignIn(t.Context(), identity.Credentials{Email: locked.email, Password: "wrong", Address: address})
	}
	for name, c := range map[string]identity.Credentials{
		"unknown":       {Email: "nobody@example.nl", Password: password},
		"wrong":         {Email: p.email, Password: password + "x"},
		"locked":        {Email: locked.email, Password: password},
		"disabled":      {Email: gone.email, Password: password},
		"another realm": {Email: p.email, Password: password, Realm: identity.Subjects},
		"no e-mail":     {Password: password},
		"no password":   {Email: p.email},
	} {
		c.Address = address
		w.recorded(name, func() {
			_, err := w.SignIn(t.Context(), c)
			refused(t, name, err, identity.ErrSignIn)
		}, map[string]int{"session.refuse refused": 1})
	}
	_, err := w.SignIn(t.Context(), identity.Credentials{Email: " PETRA@Example.NL ", Password: password, Address: address})
	check(t, err)
}

func TestFivePasswords(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	live := w.full(p)
	for i := range 4 {
		_, err := w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: "wrong", Address: address})
		refused(t, fmt.Sprintf("wrong %d", i), err, identity.ErrSignIn)
	}
	w.half(p) // four are forgiven by the right one
	n := thirty(t, func(int) error {
		_, err := w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: "wrong", Address: address})
		return err
	})
	if n[fault.Unauthenticated] != 30 {
		t.Fatalf("answers: %v", n)
	}
	if tries := w.tries("thr_password:"); tries != 5 {
		t.Errorf("%d passwords were tried, want 5", tries)
	}
	_, err := w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: password, Address: "198.51.100.7"})
	refused(t, "the right password while locked", err, identity.ErrSignIn)
	if !w.live(live.Token) {
		t.Error("failures of a stranger ended a live session")
	}
	w.clock.pass(15*time.Minute - time.Millisecond)
	_, err = w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: password, Address: address})
	refused(t, "a millisecond before the end of the lock", err, identity.ErrSignIn)
	w.clock.pass(time.Millisecond)
	w.half(p)
}

// tries is how many attempts are counted under the limits whose id begins so.
func (w *world) tries(prefix string) int {
	w.t.Helper()
	page, err := w.Throttles.List(w.t.Context(), document.Query{Index: "expires", Limit: 500})
	check(w.t, err)
	n := 0
	for _, x := range page.Rows {
		if strings.HasPrefix(x.ID, prefix) {
			n += len(x.Attempts)
		}
	}
	return n
}

func TestSlowFailuresDoNotLock(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	for range 12 {
		_, err := w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: "wrong", Address: address})
		refused(t, "wrong", err, identity.ErrSignIn)
		w.clock.pass(4 * time.Minute) // four in fifteen minutes
	}
	w.half(p)
}

func TestFailuresOfAnAddress(t *testing.T) {
	w := newWorld(t, func(d *identity.Deps) { d.Limits.AddressFailures = 8 })
	p := w.someone("Petra", identity.Agent)
	n := thirty(t, func(i int) error {
		_, err := w.SignIn(t.Context(), identity.Credentials{Email: fmt.Sprintf("p%d@example.nl", i), Password: "wrong", Address: address})
		return err
	})
	if n[fault.Unauthenticated] != 30 || w.tries("thr_address:") != 8 {
		t.Errorf("answers: %v, tried %d, want 8", n, w.tries("thr_address:"))
	}
	_, err := w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: password, Address: address})
	refused(t, "the right password from a locked address", err, identity.ErrSignIn)
	_, err = w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: password, Address: "198.51.100.7"})
	check(t, err)
}

func TestHashesQueue(t *testing.T) {
	w := newWorld(t, func(d *identity.Deps) { d.Limits.Hashing, d.Limits.HashingQueue = 1, 2 })
	p := w.someone("Petra", identity.Agent)
	n := thirty(t, func(int) error {
		_, err := w.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: password, Address: address})
		return err
	})
	if n[fault.TooMany] == 0 || n[""] == 0 {
		t.Errorf("answers: %v, want some TooMany and some success", n)
	}
	w.half(p) // the queue is empty again
}

func TestSessionTimes(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	t.Run("idle", func(t *testing.T) {
		e := w.full(p)
		w.clock.pass(time.Hour)
		if !w.live(e.Token) {
			t.Fatal("it ended before an hour was over")
		}
		w.clock.pass(time.Hour + time.Millisecond)
		if w.live(e.Token) {
			t.Error("it lives after an hour without use")
		}
	})
	t.Run("absolute", func(t *testing.T) {
		e := w.full(p)
		for range 23 {
			w.clock.pass(30 * time.Minute)
			if !w.live(e.Token) {
				t.Fatal("it ended early")
			}
		}
		w.clock.pass(30*time.Minute - time.Millisecond)
		if !w.live(e.Token) {
			t.Error("it ended before twelve hours")
		}
		w.clock.pass(time.Millisecond)
		if w.live(e.Token) {
			t.Error("it lives after twelve hours")
		}
	})
	t.Run("half", func(t *testing.T) {
		e := w.half(p)
		w.clock.pass(30 * time.Minute)
		if w.live(e.Token) {
			t.Error("a half session of staff lives after half an hour")
		}
	})
	t.Run("writes at most once a minute", func(t *testing.T) {
		e := w.full(p)
		seen := func() time.Time {
			_, s, err := w.Resume(t.Context(), e.Token)
			check(t, err)
			s, err = w.Sessions.Get(t.Context(), s.ID)
			check(t, err)
			return s.Seen
		}
		start := seen()
		w.clock.pass(59 * time.Second)
		if got := seen(); !got.Equal(start) {
			t.Error("it was written within a minute")
		}
		w.clock.pass(time.Second)
		w.recorded("use", func() {
			if got := seen(); !got.Equal(w.clock.Now()) {
				t.Errorf("seen at %v, want %v", got, w.clock.Now())
			}
		}, nil)
	})
}

// TestShortIdle: a session in use goes on, also when the operator lets one
// without use end after a minute.
func TestShortIdle(t *testing.T) {
	w := newWorld(t, func(d *identity.Deps) { d.Limits.Idle = time.Minute })
	e := w.full(w.someone("Petra", identity.Agent))
	for range 30 {
		w.clock.pass(7 * time.Second)
		if !w.live(e.Token) {
			t.Fatal("it ended while it was in use")
		}
	}
	w.clock.pass(time.Minute + time.Millisecond)
	if w.live(e.Token) {
		t.Error("it lives after a minute without use")
	}
}

// TestHashInVain: whose time is up before a password could be looked at is told
// to come back, and nothing else.
func TestHashInVain(t *testing.T) {
	w := newWorld(t, func(d *identity.Deps) { d.Limits.Hashing = 1 })
	leave, err := w.HoldHash(t.Context())
	check(t, err)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	_, err = w.HoldHash(ctx)
	refused(t, "a wait in vain", err, identity.ErrBusy)
	leave()
	w.half(w.someone("Petra", identity.Agent)) // nobody waits any more
}

func TestRevoke(t *testing.T) {
	w := newWorld(t)
	p, q := w.someone("Petra", identity.Agent), w.someone("Quinten", identity.Agent)
	a, b, c := w.full(p), w.full(p), w.full(q)
	refused(t, "another's session", w.Revoke(t.Context(), c.Actor, a.Session.ID), identity.ErrNotFound)
	refused(t, "nobody's", w.Revoke(t.Context(), identity.Actor{}, a.Session.ID), identity.ErrNotFound)
	w.recorded("sign out", func() { check(t, w.SignOut(t.Context(), a.Actor)) }, map[string]int{"session.end done": 1})
	w.recorded("again", func() { check(t, w.SignOut(t.Context(), a.Actor)) }, nil)
	if w.live(a.Token) || !w.live(b.Token) {
		t.Error("signing out ended the wrong session")
	}
	own, err := w.OwnSessions(t.Context(), b.Actor)
	if err != nil || len(own) != 1 || own[0].ID != b.Session.ID {
		t.Errorf("OwnSessions = %v, %v", own, err)
	}
	refused(t, "all of another", w.RevokeAll(t.Context(), c.Actor, p.Account), identity.ErrForbidden)
	d := w.full(p)
	w.clock.pass(identity.StepUpAge + time.Millisecond)
	refused(t, "another one without a fresh factor", w.Revoke(t.Context(), b.Actor, d.Session.ID), identity.ErrStepUp)
	refused(t, "all without a fresh factor", w.RevokeAll(t.Context(), b.Actor, p.Account), identity.ErrStepUp)
	if !w.live(d.Token) || !w.live(b.Token) {
		t.Error("a session ended without a fresh factor")
	}
	check(t, w.SignOut(t.Context(), d.Actor)) // its own end needs none
	b = w.full(p)
	w.recorded("all", func() { check(t, w.RevokeAll(t.Context(), b.Actor, p.Account)) }, map[string]int{"session.end_all done": 1})
	if w.live(b.Token) || !w.live(c.Token) {
		t.Error("ending all sessions ended the wrong ones")
	}
}

func TestAccessEndsAtOnce(t *testing.T) {
	w := newWorld(t)
	admin := w.someone("Anna", identity.Admin)
	for name, end := range map[string]func(by identity.Actor, account string) error{
		"Disabled": func(by identity.Actor, a string) error { return w.Disable(t.Context(), by, a) },
		"Demoted": func(by identity.Actor, a string) error {
			return w.ChangeRoles(t.Context(), by, a, []identity.Role{identity.Agent})
		},
		"Reset": func(by identity.Actor, a string) error { return w.ResetFactors(t.Context(), by, a) },
	} {
		p := w.someone(name, identity.PrivacyOfficer, identity.Admin)
		e, by := w.full(p), w.full(admin).Actor
		check(t, end(by, p.Account))
		if w.live(e.Token) {
			t.Errorf("%s: the session lives on", name)
		}
	}
}

func TestUnknownTokens(t *testing.T) {
	w := newWorld(t)
	e := w.full(w.someone("Petra", identity.Agent))
	for _, token := range []string{"", "x", e.Token + "x", e.Session.Token, e.Session.ID} {
		if _, _, err := w.Resume(t.Context(), token); !errors.Is(err, identity.ErrSignedOut) {
			t.Errorf("Resume(%q) = %v", token, err)
		}
	}
}

// TestNothingReadable looks for personal data and secrets in every byte of the
// store.
func TestNothingReadable(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Zebedeus", identity.Agent)
	e := w.full(p)
	check(t, w.SendCode(t.Context(), identity.CodeRequest{Purpose: "file", Object: "req_1", Email: "melchior@example.nl", Address: "203.0.113.77"}))
	secrets := []string{"Zebedeus", "zebedeus@", "melchior", p.TOTP, p.Recovery[0], strings.ReplaceAll(p.Recovery[0], "-", ""), e.Token, e.CSRF, password, "203.0.113.77", address}
	files := 0
	err := filepath.Walk(w.folder, func(path string, info os.FileInfo, err error) error {
		if err != nil || info.IsDir() {
			return err
		}
		files++
		b, err := os.ReadFile(path)
		for _, s := range secrets {
			if strings.Contains(string(b), s) {
				t.Errorf("%q can be read in %s", s, filepath.Base(path))
			}
		}
		return err
	})
	if err != nil || files < 2 {
		t.Fatalf("%d files, %v", files, err)
	}
}
