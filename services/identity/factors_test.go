package identity_test

import (
	"bytes"
	"fmt"
	"image/png"
	"strings"
	"testing"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
)

func TestTOTPSteps(t *testing.T) {
	for _, c := range []struct {
		name  string
		steps []int // in the order they are tried
		want  []bool
	}{
		{"now", []int{0}, []bool{true}},
		{"one before", []int{-1}, []bool{true}},
		{"one after", []int{1}, []bool{true}},
		{"two before", []int{-2}, []bool{false}},
		{"two after", []int{2}, []bool{false}},
		{"the same again", []int{0, 0}, []bool{true, false}},
		{"an older one after a newer", []int{1, 0, -1}, []bool{true, false, false}},
		{"a newer one after an older", []int{-1, 0, 1}, []bool{true, true, true}},
	} {
		t.Run(c.name, func(t *testing.T) {
			w := newWorld(t)
			p := w.someone("Petra", identity.Agent)
			for i, step := range c.steps {
				e := w.half(p)
				want := map[string]int{"session.refuse refused": 1}
				if c.want[i] {
					want = map[string]int{"factor.prove done": 1, "session.rise done": 1}
				}
				w.recorded(c.name, func() {
					_, err := w.ProveTOTP(t.Context(), e.Actor, w.codeAt(p.TOTP, step))
					if c.want[i] {
						check(t, err)
					} else {
						refused(t, c.name, err, identity.ErrFactor)
					}
				}, want)
			}
		})
	}
}

func TestOneCodeThirtyTimes(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	entries := make([]identity.Entry, 30)
	for i := range entries {
		entries[i] = w.half(p)
	}
	code := w.code(p.TOTP)
	n := thirty(t, func(i int) error {
		_, err := w.ProveTOTP(t.Context(), entries[i].Actor, code)
		return err
	})
	if n[""] != 1 || n[fault.Unauthenticated] != 29 {
		t.Errorf("answers: %v, want one success", n)
	}
	w.full(p) // repeating a right code has not switched the factor off
}

func TestTenWrongFactors(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	live, e := w.full(p), w.half(p)
	for range 9 {
		_, err := w.ProveTOTP(t.Context(), e.Actor, "000000")
		refused(t, "wrong", err, identity.ErrFactor)
	}
	w.full(p) // nine are forgiven by a right one
	e = w.half(p)
	n := thirty(t, func(i int) error {
		if i%2 == 0 {
			_, err := w.ProveRecovery(t.Context(), e.Actor, "AAAA-AAAA-AAAA-AAAA")
			return err
		}
		_, err := w.ProveTOTP(t.Context(), e.Actor, "000000")
		return err
	})
	acc, err := w.Accounts.Get(t.Context(), p.Account)
	check(t, err)
	if n[fault.Unauthenticated] != 30 || acc.TOTP.Failures != 10 || !acc.TOTP.Off {
		t.Errorf("answers: %v, tried %d, off %t", n, acc.TOTP.Failures, acc.TOTP.Off)
	}
	if got := w.events()["factor.disable done"]; got != 1 || w.box.count("security") != 1 {
		t.Errorf("switched off %d times, told %d times", got, w.box.count("security"))
	}
	w.clock.pass(30 * time.Second)
	_, err = w.ProveTOTP(t.Context(), e.Actor, w.code(p.TOTP))
	refused(t, "the right code after it is off", err, identity.ErrFactor)
	_, err = w.ProveRecovery(t.Context(), e.Actor, p.Recovery[0])
	refused(t, "a recovery code after it is off", err, identity.ErrFactor)
	if !w.live(live.Token) {
		t.Error("a stranger's failures ended a live session")
	}
	w.clock.pass(24 * time.Hour)
	_, err = w.ProveTOTP(t.Context(), w.half(p).Actor, w.code(p.TOTP))
	refused(t, "a day later", err, identity.ErrFactor)
}

func TestRecovery(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	if len(p.Recovery) != 10 {
		t.Fatalf("%d recovery codes, want 10", len(p.Recovery))
	}
	entries := make([]identity.Entry, 30)
	for i := range entries {
		entries[i] = w.half(p)
	}
	n := thirty(t, func(i int) error {
		_, err := w.ProveRecovery(t.Context(), entries[i].Actor, p.Recovery[0])
		return err
	})
	if n[""] != 1 {
		t.Errorf("answers: %v, want one success", n)
	}
	if l := w.box.last(t, "security"); l.Data["what"] != "recovery_used" && l.Data["what"] != "factor_off" {
		t.Errorf("the letter says %q", l.Data["what"])
	}
	q := w.someone("Quinten", identity.Agent)
	typed := strings.ToLower(strings.ReplaceAll(q.Recovery[3], "-", " "))
	e, err := w.ProveRecovery(t.Context(), w.half(q).Actor, typed)
	check(t, err)
	if e.Actor.Level != identity.Full {
		t.Errorf("level %q", e.Actor.Level)
	}
	_, err = w.ProveRecovery(t.Context(), w.half(q).Actor, p.Recovery[1])
	refused(t, "another's recovery code", err, identity.ErrFactor)
}

func TestStepUp(t *testing.T) {
	w := newWorld(t)
	admin, p := w.someone("Anna", identity.Admin), w.someone("Petra", identity.Agent)
	e := w.full(admin)
	w.clock.pass(5*time.Minute + time.Second)
	for name, do := range map[string]func(by identity.Actor) error{
		"change roles": func(by identity.Actor) error {
			return w.ChangeRoles(t.Context(), by, p.Account, []identity.Role{identity.PrivacyOfficer})
		},
		"reset":   func(by identity.Actor) error { return w.ResetFactors(t.Context(), by, p.Account) },
		"disable": func(by identity.Actor) error { return w.Disable(t.Context(), by, p.Account) },
		"invite": func(by identity.Actor) error {
			_, err := w.Invite(t.Context(), by, identity.Invite{Organisation: w.org.ID, Name: "X", Email: "x@example.nl", Roles: []identity.Role{identity.Agent}})
			return err
		},
		"bind":   func(by identity.Actor) error { _, err := w.BeginTOTP(t.Context(), by); return err },
		"rename": func(by identity.Actor) error { return w.RemovePasskey(t.Context(), by, "fac_x") },
		"password": func(by identity.Actor) error {
			_, err := w.ChangePassword(t.Context(), by, password, "regen kaas fietsen 8", address)
			return err
		},
	} {
		w.recorded(name, func() { refused(t, name, do(e.Actor), identity.ErrStepUp) }, nil)
	}
	old := e.Token
	e, err := w.ProveTOTP(t.Context(), e.Actor, w.code(admin.TOTP))
	check(t, err)
	if w.live(old) || !w.live(e.Token) || !e.Actor.Strong(w.clock.Now()) {
		t.Error("the step-up did not give a new token and a fresh factor")
	}
	w.recorded("after step-up", func() {
		check(t, w.ChangeRoles(t.Context(), e.Actor, p.Account, []identity.Role{identity.PrivacyOfficer}))
	}, map[string]int{"role.change done": 1})
}

func TestRebindTOTP(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	other, e := w.full(p), w.full(p)
	setup, err := w.BeginTOTP(t.Context(), e.Actor)
	check(t, err)
	if img, err := png.Decode(bytes.NewReader(setup.PNG)); err != nil || img.Bounds().Dx() != 240 {
		t.Errorf("the QR code: %v", err)
	}
	if !strings.HasPrefix(setup.URL, "otpauth://totp/Inzage:petra@example.nl?") || !strings.Contains(setup.URL, "secret="+setup.Secret) {
		t.Errorf("URL = %s", setup.URL)
	}
	w.recorded("a wrong first code", func() {
		_, _, err := w.ConfirmTOTP(t.Context(), e.Actor, setup.Ceremony, "000000")
		refused(t, "a wrong first code", err, identity.ErrFactor)
	}, map[string]int{"factor.refuse refused": 1})
	_, _, err = w.ConfirmTOTP(t.Context(), other.Actor, setup.Ceremony, w.code(setup.Secret))
	refused(t, "from another session", err, identity.ErrCeremony)

	after, recovery, err := w.ConfirmTOTP(t.Context(), e.Actor, setup.Ceremony, w.code(setup.Secret))
	check(t, err)
	if len(recovery) != 10 || !w.live(after.Token) || w.live(other.Token) || w.live(e.Token) {
		t.Error("rebinding did not end the other sessions, or not keep this one")
	}
	_, _, err = w.ConfirmTOTP(t.Context(), after.Actor, setup.Ceremony, w.codeAt(setup.Secret, 1))
	refused(t, "confirming twice", err, identity.ErrCeremony)
	w.clock.pass(30 * time.Second)
	half := w.half(p)
	_, err = w.ProveTOTP(t.Context(), half.Actor, w.code(p.TOTP))
	refused(t, "the old authenticator", err, identity.ErrFactor)
	_, err = w.ProveRecovery(t.Context(), half.Actor, p.Recovery[0])
	refused(t, "an old recovery code", err, identity.ErrFactor)
	_, err = w.ProveTOTP(t.Context(), half.Actor, w.code(setup.Secret))
	check(t, err)
}

// TestPasswordAloneBindsNothing tries every way from a password to a factor.
func TestPasswordAloneBindsNothing(t *testing.T) {
	w := newWorld(t)
	p, admin := w.someone("Petra", identity.Agent), w.someone("Anna", identity.Admin)
	for _, state := range []string{"with a factor", "after a reset"} {
		if state == "after a reset" {
			check(t, w.ResetFactors(t.Context(), w.full(admin).Actor, p.Account))
		}
		e := w.half(p)
		_, err := w.BeginTOTP(t.Context(), e.Actor)
		refused(t, state+": authenticator", err, identity.ErrEnrol)
		_, err = w.BeginPasskeyEnrolment(t.Context(), e.Actor)
		refused(t, state+": passkey", err, identity.ErrEnrol)
		_, err = w.ChoosePassword(t.Context(), e.Actor, "regen kaas fietsen 8")
		refused(t, state+": password", err, identity.ErrEnrol)
		_, err = w.ChangePassword(t.Context(), e.Actor, password, "regen kaas fietsen 8", address)
		refused(t, state+": change", err, identity.ErrStepUp)
		if e2, err := w.ProvePassword(t.Context(), e.Actor, password, address); err != nil || e2.Actor.Level != identity.Half {
			t.Errorf("%s: the password again gives %v, %v", state, e2.Actor.Level, err)
		}
	}
}

func TestLostFactor(t *testing.T) {
	w := newWorld(t)
	p, q, admin := w.someone("Petra", identity.Agent), w.someone("Quinten", identity.Agent), w.someone("Anna", identity.Admin)
	live, by := w.full(p), w.full(admin).Actor
	w.recorded("reset", func() { check(t, w.ResetFactors(t.Context(), by, p.Account)) },
		map[string]int{"factor.reset done": 1, "link.issue done": 1})
	if w.live(live.Token) {
		t.Error("the session lives on")
	}
	first := w.linkToken("enrol")
	check(t, w.ResetFactors(t.Context(), by, p.Account))
	token := w.linkToken("enrol")
	if l := w.box.last(t, "enrol"); l.To != p.email {
		t.Errorf("the link went to %s", l.To)
	}
	e := w.half(p)
	if len(e.Next) != 0 {
		t.Errorf("a password alone leads to %v", e.Next)
	}
	_, err := w.UseEnrolmentLink(t.Context(), e.Actor, first)
	refused(t, "the link of the earlier reset", err, identity.ErrLink)
	_, err = w.UseEnrolmentLink(t.Context(), w.half(q).Actor, token)
	refused(t, "another's link", err, identity.ErrNotFound)
	_, err = w.UseEnrolmentLink(t.Context(), identity.Actor{}, token)
	refused(t, "without a password", err, identity.ErrSignedOut)

	e, err = w.UseEnrolmentLink(t.Context(), e.Actor, token)
	check(t, err)
	if fmt.Sprint(e.Next) != "[enrol]" || e.Actor.Level != identity.Half {
		t.Errorf("link and password give %v, %v", e.Actor.Level, e.Next)
	}
	_, err = w.UseEnrolmentLink(t.Context(), e.Actor, token)
	refused(t, "the link again", err, identity.ErrLink)
	setup, err := w.BeginTOTP(t.Context(), e.Actor)
	check(t, err)
	e, _, err = w.ConfirmTOTP(t.Context(), e.Actor, setup.Ceremony, w.code(setup.Secret))
	check(t, err)
	if !e.Actor.Is(identity.Agent) {
		t.Error("the session is not full with a new factor")
	}
}

// linkToken is the token in the link of the last letter of a template.
func (w *world) linkToken(template string) string {
	w.t.Helper()
	link := w.box.last(w.t, template).Data["link"]
	if !strings.HasPrefix(link, origin+"/") {
		w.t.Fatalf("the link is %q", link)
	}
	return link[strings.LastIndex(link, "/")+1:]
}
