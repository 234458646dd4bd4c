package identity_test

import (
	"encoding/base64"
	"strings"
	"testing"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/identity/passkeytest"
)

// bound is a person with an authenticator app and a passkey.
func (w *world) bound(name string) (person, *passkeytest.Device, identity.Entry) {
	w.t.Helper()
	p := w.someone(name, identity.Agent)
	e, a := w.full(p), passkeytest.New(w.t, origin)
	c, err := w.BeginPasskeyEnrolment(w.t.Context(), e.Actor)
	check(w.t, err)
	e, err = w.FinishPasskeyEnrolment(w.t.Context(), e.Actor, c.Ceremony, "phone", a.Create(c.Options))
	check(w.t, err)
	a.Count++
	return p, a, e
}

func (w *world) challenge() identity.Challenge {
	w.t.Helper()
	c, err := w.BeginPasskeySignIn(w.t.Context())
	check(w.t, err)
	return c
}

func TestPasskey(t *testing.T) {
	w := newWorld(t)
	var p person
	var a *passkeytest.Device
	w.recorded("bind", func() { p, a, _ = w.bound("Petra") }, map[string]int{
		"account.create done": 1, "session.start done": 1, "factor.prove done": 1, "session.rise done": 1,
		"factor.enrol done": 1, "session.prove done": 1,
	})
	c := w.challenge()
	w.recorded("sign in", func() {
		e, err := w.FinishPasskeySignIn(t.Context(), c.Ceremony, a.Get(c.Options), address)
		check(t, err)
		if !e.Actor.Is(identity.Agent) || e.Actor.Account != p.Account || !w.live(e.Token) {
			t.Errorf("the passkey gives %+v", e.Actor)
		}
	}, map[string]int{"factor.prove done": 1, "session.start done": 1})
	acc, err := w.Accounts.Get(t.Context(), p.Account)
	check(t, err)
	if k := acc.Passkeys[0]; k.Count != 2 || k.Name != "phone" || strings.Contains(string(k.Credential), base64.RawURLEncoding.EncodeToString(a.ID)) {
		t.Errorf("the stored passkey is %+v", k)
	}
	half := w.half(p)
	prove, err := w.BeginPasskeyProof(t.Context(), half.Actor)
	check(t, err)
	a.Count++
	e, err := w.FinishPasskeyProof(t.Context(), half.Actor, prove.Ceremony, a.Get(prove.Options))
	check(t, err)
	if !e.Actor.Is(identity.Agent) || w.live(half.Token) {
		t.Errorf("the proof gives %+v", e.Actor)
	}
}

func TestPasskeyRefusals(t *testing.T) {
	w := newWorld(t)
	_, a, _ := w.bound("Petra")
	_, stranger, _ := w.bound("Quinten")
	cases := map[string]struct {
		change func(a *passkeytest.Device, c *identity.Challenge)
		want   error
	}{
		"without user verification":   {func(a *passkeytest.Device, _ *identity.Challenge) { a.Unverified = true }, identity.ErrPasskey},
		"from another origin":         {func(a *passkeytest.Device, _ *identity.Challenge) { a.Origin = "https://inzage.example.evil" }, identity.ErrPasskey},
		"from plain http":             {func(a *passkeytest.Device, _ *identity.Challenge) { a.Origin = "http://inzage.example" }, identity.ErrPasskey},
		"with a count that stands":    {func(a *passkeytest.Device, _ *identity.Challenge) { a.Count-- }, identity.ErrPasskey},
		"with another key":            {func(a *passkeytest.Device, _ *identity.Challenge) { a.Key = stranger.Key }, identity.ErrPasskey},
		"with another's handle":       {func(a *passkeytest.Device, _ *identity.Challenge) { a.Handle = stranger.Handle }, identity.ErrPasskey},
		"with an unknown handle":      {func(a *passkeytest.Device, _ *identity.Challenge) { a.Handle = []byte("acc_x") }, identity.ErrPasskey},
		"for another challenge":       {func(_ *passkeytest.Device, c *identity.Challenge) { c.Options = w.challenge().Options }, identity.ErrPasskey},
		"for an unknown ceremony":     {func(_ *passkeytest.Device, c *identity.Challenge) { c.Ceremony = "cer_x" }, identity.ErrCeremony},
		"after five minutes":          {func(*passkeytest.Device, *identity.Challenge) { w.clock.pass(5 * time.Minute) }, identity.ErrCeremony},
		"with nothing wrong, at last": {func(*passkeytest.Device, *identity.Challenge) {}, nil},
	}
	for name, x := range cases {
		c, b := w.challenge(), *a
		x.change(&b, &c)
		answer := b.Get(c.Options)
		want := map[string]int{"session.refuse refused": 1}
		if x.want == nil {
			a.Count++
			want = map[string]int{"factor.prove done": 1, "session.start done": 1}
		} else if x.want == identity.ErrCeremony {
			want = nil
		}
		w.recorded(name, func() {
			_, err := w.FinishPasskeySignIn(t.Context(), c.Ceremony, answer, address)
			if x.want == nil {
				check(t, err)
			} else {
				refused(t, name, err, x.want)
			}
		}, want)
	}
	for _, body := range []string{"", "{}", "null", "[]", `{"id":"x"}`, "\x00"} {
		c := w.challenge()
		_, err := w.FinishPasskeySignIn(t.Context(), c.Ceremony, []byte(body), address)
		refused(t, body, err, identity.ErrPasskey)
	}
}

func TestOneChallengeThirtyTimes(t *testing.T) {
	w := newWorld(t)
	_, a, _ := w.bound("Petra")
	c := w.challenge()
	answer := a.Get(c.Options)
	n := thirty(t, func(int) error {
		_, err := w.FinishPasskeySignIn(t.Context(), c.Ceremony, answer, address)
		return err
	})
	if n[""] != 1 || n[fault.Gone] != 29 {
		t.Errorf("answers: %v, want one success", n)
	}
}

func TestPasskeyOfAnotherSession(t *testing.T) {
	w := newWorld(t)
	p, a, e := w.bound("Petra")
	_, b, other := w.bound("Quinten")
	mine, err := w.BeginPasskeyProof(t.Context(), e.Actor)
	check(t, err)
	_, err = w.FinishPasskeyProof(t.Context(), other.Actor, mine.Ceremony, b.Get(mine.Options))
	refused(t, "another's ceremony", err, identity.ErrCeremony)
	_, err = w.FinishPasskeySignIn(t.Context(), mine.Ceremony, a.Get(mine.Options), address)
	refused(t, "a proof as a sign-in", err, identity.ErrCeremony)
	half := w.half(p)
	c, err := w.BeginPasskeyProof(t.Context(), half.Actor)
	check(t, err)
	_, err = w.FinishPasskeyProof(t.Context(), half.Actor, c.Ceremony, b.Get(c.Options))
	refused(t, "another's passkey", err, identity.ErrPasskey)
	_, err = w.BeginPasskeyEnrolment(t.Context(), half.Actor)
	refused(t, "binding one with a password alone", err, identity.ErrEnrol)
}

// TestPasskeyBoundTwice: what was bound to one account is bound to no other, nor
// to the same one again, also after it was removed.
func TestPasskeyBoundTwice(t *testing.T) {
	w := newWorld(t)
	_, a, e := w.bound("Petra")
	other := w.full(w.someone("Quinten", identity.Agent))
	again := func(what string, by identity.Actor) {
		t.Helper()
		c, err := w.BeginPasskeyEnrolment(t.Context(), by)
		check(t, err)
		copied := *a
		w.recorded(what, func() {
			_, err = w.FinishPasskeyEnrolment(t.Context(), by, c.Ceremony, "phone", copied.Create(c.Options))
			refused(t, what, err, identity.ErrPasskey)
		}, map[string]int{"factor.refuse refused": 1})
	}
	again("to another account", other.Actor)
	again("to the same account", e.Actor)
	acc, err := w.Accounts.Get(t.Context(), e.Actor.Account)
	check(t, err)
	check(t, w.RemovePasskey(t.Context(), e.Actor, acc.Passkeys[0].ID))
	again("after it was removed", other.Actor)
	c, err := w.BeginPasskeyEnrolment(t.Context(), other.Actor)
	check(t, err)
	_, err = w.FinishPasskeyEnrolment(t.Context(), other.Actor, c.Ceremony, "phone", passkeytest.New(t, origin).Create(c.Options))
	check(t, err)
}

func TestRemovePasskey(t *testing.T) {
	w := newWorld(t)
	p, a, e := w.bound("Petra")
	acc, err := w.Accounts.Get(t.Context(), p.Account)
	check(t, err)
	refused(t, "one that is not there", w.RemovePasskey(t.Context(), e.Actor, "fac_x"), identity.ErrNotFound)
	check(t, w.RemovePasskey(t.Context(), e.Actor, acc.Passkeys[0].ID))
	c := w.challenge()
	_, err = w.FinishPasskeySignIn(t.Context(), c.Ceremony, a.Get(c.Options), address)
	refused(t, "a removed passkey", err, identity.ErrPasskey)
}

func TestNoDomainName(t *testing.T) {
	w := newWorld(t, func(d *identity.Deps) { d.Origin = "http://127.0.0.1:8080" })
	_, err := w.BeginPasskeySignIn(t.Context())
	refused(t, "a passkey at an IP address", err, identity.ErrNoPasskey)
	_, err = w.FinishPasskeySignIn(t.Context(), "cer_x", nil, address)
	refused(t, "finishing there", err, identity.ErrNoPasskey)
	_, err = w.BeginPasskeyEnrolment(t.Context(), w.full(w.someone("Petra", identity.Agent)).Actor)
	refused(t, "binding there", err, identity.ErrNoPasskey)
}
