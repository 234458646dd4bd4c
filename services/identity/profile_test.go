package identity_test

import (
	"testing"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
)

func TestRenewRecovery(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	e := w.full(p)
	var codes []string
	w.recorded("renewing", func() {
		var err error
		codes, err = w.RenewRecovery(t.Context(), e.Actor)
		check(t, err)
	}, map[string]int{"factor.renew done": 1})
	if len(codes) != 10 || w.box.count("security") != 1 {
		t.Errorf("%d codes, %d letters", len(codes), w.box.count("security"))
	}
	_, err := w.ProveRecovery(t.Context(), w.half(p).Actor, p.Recovery[0])
	refused(t, "an old code", err, identity.ErrFactor)
	_, err = w.ProveRecovery(t.Context(), w.half(p).Actor, codes[0])
	check(t, err)
	w.clock.pass(identity.StepUpAge + time.Second)
	_, err = w.RenewRecovery(t.Context(), e.Actor)
	refused(t, "renewing without a fresh factor", err, identity.ErrStepUp)
}

func TestOpenTOTPShowsTheSame(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	e, other := w.full(p), w.full(p)
	setup, err := w.BeginTOTP(t.Context(), e.Actor)
	check(t, err)
	w.recorded("opening", func() {
		again, err := w.OpenTOTP(t.Context(), e.Actor, setup.Ceremony)
		check(t, err)
		if again.Secret != setup.Secret || again.URL != setup.URL {
			t.Errorf("opened: %q, begun: %q", again.URL, setup.URL)
		}
	}, nil)
	_, err = w.OpenTOTP(t.Context(), other.Actor, setup.Ceremony)
	refused(t, "another session's enrolment", err, identity.ErrCeremony)
	w.clock.pass(11 * time.Minute)
	_, err = w.OpenTOTP(t.Context(), e.Actor, setup.Ceremony)
	refused(t, "a late enrolment", err, identity.ErrCeremony)
}

func TestChangeProfile(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	e, half := w.full(p), w.half(p)
	check(t, w.ChangeProfile(t.Context(), e.Actor, " Petra de Wit ", "en"))
	acc, person, err := w.Me(t.Context(), e.Actor)
	check(t, err)
	if person.Name != "Petra de Wit" || person.Email != p.email || acc.Language != "en" {
		t.Errorf("the profile is %+v in %s", person, acc.Language)
	}
	refused(t, "a half session", w.ChangeProfile(t.Context(), half.Actor, "X", "nl"), identity.ErrProveMore)
	for _, bad := range [][2]string{{"", "nl"}, {"a\nb", "nl"}, {"X", "xx"}} {
		if err := w.ChangeProfile(t.Context(), e.Actor, bad[0], bad[1]); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q: %v", bad, err)
		}
	}
	refused(t, "no passkey of mine", w.RenamePasskey(t.Context(), e.Actor, "fac_X", "phone"), identity.ErrNotFound)
}

func TestWhoSeesColleagues(t *testing.T) {
	w := newWorld(t)
	admin, officer, operator := w.someone("Anna", identity.Admin), w.someone("Olga", identity.PrivacyOfficer), w.someone("Otto", identity.Operator)
	foreign := w.someoneAt(w.organisation("Bloemenhuis").ID, "Frits", identity.Admin)
	sees := func(who, whom person) bool {
		_, err := w.Colleague(t.Context(), w.full(who).Actor, whom.Account)
		if err != nil {
			refused(t, who.email, err, identity.ErrNotFound)
		}
		return err == nil
	}
	for _, c := range []struct {
		who, whom person
		want      bool
	}{
		{admin, officer, true}, {admin, admin, true}, {officer, admin, false}, {foreign, officer, false}, {foreign, admin, false},
		{operator, admin, true}, {operator, officer, false}, {operator, operator, true}, {admin, operator, false},
	} {
		if got := sees(c.who, c.whom); got != c.want {
			t.Errorf("%s sees %s: %v, want %v", c.who.email, c.whom.email, got, c.want)
		}
	}
	admins, err := w.Admins(t.Context(), w.full(operator).Actor, w.org.ID)
	check(t, err)
	if len(admins) != 1 || admins[0].Account != admin.Account {
		t.Errorf("the operator sees %+v", admins)
	}
	_, err = w.Admins(t.Context(), w.full(admin).Actor, w.org.ID)
	refused(t, "an admin asks for the operator's list", err, identity.ErrNotFound)
	_, err = w.OpenInvitations(t.Context(), w.full(foreign).Actor, w.org.ID)
	refused(t, "another's invitations", err, identity.ErrNotFound)
	_, err = w.OpenInvitations(t.Context(), w.full(officer).Actor, w.org.ID)
	refused(t, "an officer asks for invitations", err, identity.ErrNotFound)
}
