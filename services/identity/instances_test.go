package identity_test

import (
	"fmt"
	"maps"
	"slices"
	"testing"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/store"
	"inzage/services/store/sqlite"
	"inzage/services/vault"
)

// beside is another instance of the service on the same store and with the same
// master key, as a second program or the same one after a restart.
func (w *world) beside() *identity.Service {
	w.t.Helper()
	e, err := sqlite.Open(w.t.Context(), w.folder)
	check(w.t, err)
	w.t.Cleanup(func() { _ = e.Close() })
	own := w.Vault.(*vault.Vault)
	d := identity.Deps{
		Organisations: store.Collection[identity.Organisation](e, kind(w.t, "organisations")),
		Accounts:      store.Collection[identity.Account](e, kind(w.t, "accounts")),
		Sessions:      store.Collection[identity.Session](e, kind(w.t, "sessions")),
		Invitations:   store.Collection[identity.Invitation](e, kind(w.t, "invitations")),
		Codes:         store.Collection[identity.Code](e, kind(w.t, "codes")),
		Ceremonies:    store.Collection[identity.Ceremony](e, kind(w.t, "ceremonies")),
		Claims:        store.Collection[identity.Claim](e, kind(w.t, "claims")),
		Throttles:     store.Collection[identity.Throttle](e, kind(w.t, "throttles")),
		Prospects:     store.Collection[identity.Prospect](e, kind(w.t, "prospects")),
		Vault:         &vault.Vault{Keys: store.Collection[vault.KeyRecord](e, vault.Kinds[0]), Blobs: own.Blobs, Master: own.Master, Now: w.clock.Now},
		Post:          w.box, Now: w.clock.Now, Origin: origin,
	}
	s, err := identity.New(d)
	check(w.t, err)
	check(w.t, e.Ping(w.t.Context()))
	return s
}

// TestInstancesCountTogether: what may happen five times, or once, may happen
// so often on all instances together, and a third that is started afterwards
// knows of it.
func TestInstancesCountTogether(t *testing.T) {
	w := newWorld(t)
	both := []*identity.Service{w.Service, w.beside()}
	p, q := w.someone("Petra", identity.Agent), w.someone("Quinten", identity.Agent)

	half := w.half(q)
	w.clock.pass(30 * time.Second)
	code := w.code(q.TOTP)
	n := thirty(t, func(i int) error {
		_, err := both[i%2].ProveTOTP(t.Context(), half.Actor, code)
		return err
	})
	if n[""] != 1 {
		t.Errorf("one code on two instances: %d of 30 went through, want 1", n[""])
	}

	n = thirty(t, func(i int) error {
		_, err := both[i%2].SignIn(t.Context(), identity.Credentials{Email: p.email, Password: "wrong", Address: fmt.Sprintf("192.0.2.%d", i)})
		return err
	})
	if n[fault.Unauthenticated] != 30 || w.tries("thr_password:") != 5 {
		t.Errorf("wrong passwords on two instances: %v, %d tried, want 5", n, w.tries("thr_password:"))
	}
	third := w.beside()
	if _, err := third.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: password, Address: "198.51.100.7"}); fault.KindOf(err) != fault.Unauthenticated {
		t.Errorf("the right password on an instance started after the lock: %v", err)
	}
	w.clock.pass(15 * time.Minute)
	if _, err := third.SignIn(t.Context(), identity.Credentials{Email: p.email, Password: password, Address: "198.51.100.7"}); err != nil {
		t.Errorf("the right password after the lock: %v", err)
	}
}

// TestRevokedEverywhereAtOnce: a session that one instance ends is nobody's on
// the other. A second is promised; here the very next question is refused, while
// the clock of both stands still.
func TestRevokedEverywhereAtOnce(t *testing.T) {
	w := newWorld(t)
	other := w.beside()
	p := w.someone("Petra", identity.Agent)
	admin := w.full(w.someone("Anna", identity.Admin)).Actor
	ended := 0
	for name, end := range map[string]func(identity.Entry) error{
		"signed out":   func(e identity.Entry) error { return w.SignOut(t.Context(), e.Actor) },
		"all ended":    func(e identity.Entry) error { return w.RevokeAll(t.Context(), e.Actor, e.Actor.Account) },
		"by the admin": func(e identity.Entry) error { return w.RevokeAll(t.Context(), admin, e.Actor.Account) },
	} {
		e := w.full(p)
		if _, _, err := other.Resume(t.Context(), e.Token); err != nil {
			t.Fatalf("%s: before: %v", name, err)
		}
		check(t, end(e))
		if _, _, err := other.Resume(t.Context(), e.Token); fault.KindOf(err) != fault.Unauthenticated {
			t.Errorf("%s: the other instance still knows the session: %v", name, err)
			continue
		}
		ended++
	}
	t.Logf("sessions: 3 let in, 3 ended on one instance, %d refused by the other at once", ended)
}

// TestSignInTakesAsLong: an unknown address and a locked account cost as much
// work as a wrong password. The least of several tries is compared: what the
// machine does beside it only adds. A busy machine is asked more often, up to 60
// times: a difference that is real stays.
func TestSignInTakesAsLong(t *testing.T) {
	w := newWorld(t)
	known, locked := w.someone("Petra", identity.Agent), w.someone("Lena", identity.Agent)
	least := map[string]time.Duration{}
	apart := func() bool {
		all := slices.Collect(maps.Values(least))
		return slices.Max(all) > 2*slices.Min(all)
	}
	rounds := 0
	for rounds < 9 || rounds < 60 && apart() {
		rounds++
		for range 5 {
			_, _ = w.SignIn(t.Context(), identity.Credentials{Email: locked.email, Password: "wrong", Address: address})
		}
		for name, email := range map[string]string{"wrong": known.email, "unknown": "nobody@example.nl", "locked": locked.email} {
			begin := time.Now()
			_, err := w.SignIn(t.Context(), identity.Credentials{Email: email, Password: "wrong", Address: fmt.Sprintf("192.0.2.%d", 10+rounds)})
			took := time.Since(begin)
			refused(t, name, err, identity.ErrSignIn)
			if least[name] == 0 || took < least[name] {
				least[name] = took
			}
		}
		w.clock.pass(4 * time.Minute) // or the known account would be locked, too
	}
	t.Logf("%d tries of each, all refused alike; the fastest: %v", rounds, least)
	if apart() {
		t.Errorf("the answers tell apart who is known: %v", least)
	}
}
