package identity_test

import (
	"testing"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
)

func TestChangeKeep(t *testing.T) {
	w := newWorld(t)
	admin := w.full(w.someone("Anna", identity.Admin)).Actor
	set := func(by identity.Actor, was, days int64) error {
		_, err := w.ChangeKeep(t.Context(), by, w.org.ID, was, days)
		return err
	}
	refused(t, "an agent", set(w.full(w.someone("Petra", identity.Agent)).Actor, 0, 365), identity.ErrForbidden)
	stranger := admin
	stranger.Organisation = "org_other"
	refused(t, "another organisation's administrator", set(stranger, 0, 365), identity.ErrNotFound)
	for _, days := range []int64{-1, 1, identity.MinKeepDays - 1, identity.MaxKeepDays + 1} {
		if err := set(admin, 0, days); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d days: %v, want invalid", days, err)
		}
	}
	w.recorded("setting it", func() {
		check(t, set(admin, 0, identity.MinKeepDays))
		check(t, set(admin, 0, identity.MinKeepDays)) // pressed twice
	}, map[string]int{"organisation.keep done": 1})
	refused(t, "a stale page", set(admin, 0, 365), identity.ErrKeepMoved)
	check(t, set(admin, identity.MinKeepDays, identity.MaxKeepDays))
	check(t, set(admin, identity.MaxKeepDays, 0))
	o, err := w.Organisation(t.Context(), w.org.ID)
	check(t, err)
	if got := o.Keeps(time.Hour); got != time.Hour {
		t.Errorf("without a period of its own it keeps %s", got)
	}
	w.clock.pass(identity.StepUpAge + time.Second)
	refused(t, "an old factor", set(admin, 0, 365), identity.ErrStepUp)
}

func TestParseKeep(t *testing.T) {
	for text, want := range map[string]int64{"": 0, "  ": 0, "180": 180, " 365 ": 365, "+400": 400, "2557": 2557} {
		if days, err := identity.ParseKeep(text); err != nil || days != want {
			t.Errorf("%q is %d days, %v; want %d", text, days, err, want)
		}
	}
	for _, text := range []string{"0", "-1", "179", "2558", "veel", "365,5", "1e3", "0x100", "365 dagen", "99999999999999999999", "٣٦٥"} {
		if days, err := identity.ParseKeep(text); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%q is %d days, %v; want it refused", text, days, err)
		}
	}
}
