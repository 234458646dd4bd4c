package identity_test

import (
	"testing"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
)

func TestFeed(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	e := w.full(p)
	var first, second string
	w.recorded("making", func() {
		var err error
		first, err = w.MakeFeed(t.Context(), e.Actor, false)
		check(t, err)
	}, map[string]int{"feed.make done": 1})
	by, _, err := w.ReadFeed(t.Context(), first, "192.0.2.1")
	check(t, err)
	if by.Account != e.Actor.Account || by.Organisation != e.Actor.Organisation || !by.Is(identity.Agent) || !by.StrongAt.IsZero() {
		t.Errorf("the address belongs to %+v", by)
	}
	acc, _, err := w.Me(t.Context(), e.Actor)
	check(t, err)
	if acc.Feed.Token == first || len(acc.Feed.Token) < 40 {
		t.Errorf("kept of the address: %q", acc.Feed.Token)
	}
	second, err = w.MakeFeed(t.Context(), e.Actor, false)
	check(t, err)
	_, _, err = w.ReadFeed(t.Context(), first, "192.0.2.1")
	refused(t, "a replaced address", err, identity.ErrNotFound)
	w.recorded("revoking twice", func() {
		check(t, w.RevokeFeed(t.Context(), e.Actor))
		check(t, w.RevokeFeed(t.Context(), e.Actor))
	}, map[string]int{"feed.revoke done": 1})
	_, _, err = w.ReadFeed(t.Context(), second, "192.0.2.1")
	refused(t, "a revoked address", err, identity.ErrNotFound)
	_, _, err = w.ReadFeed(t.Context(), "", "192.0.2.1")
	refused(t, "no address", err, identity.ErrNotFound)
}

func TestFeedNeedsFactorsAndARole(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	_, err := w.MakeFeed(t.Context(), w.half(p).Actor, false)
	refused(t, "half signed in", err, identity.ErrStepUp)
	e := w.full(p)
	w.clock.pass(identity.StepUpAge + time.Second)
	_, err = w.MakeFeed(t.Context(), e.Actor, false)
	refused(t, "without a fresh factor", err, identity.ErrStepUp)
}

func TestFeedIsThrottled(t *testing.T) {
	w := newWorld(t)
	p := w.someone("Petra", identity.Agent)
	token, err := w.MakeFeed(t.Context(), w.full(p).Actor, false)
	check(t, err)
	for range 30 {
		_, _, err = w.ReadFeed(t.Context(), "guess", "192.0.2.7")
		refused(t, "a guess", err, identity.ErrNotFound)
	}
	_, _, err = w.ReadFeed(t.Context(), token, "192.0.2.7")
	if fault.KindOf(err) != fault.TooMany {
		t.Errorf("after 30 guesses: %v", err)
	}
	for range 60 {
		_, _, err = w.ReadFeed(t.Context(), token, "192.0.2.8")
		check(t, err)
	}
	_, _, err = w.ReadFeed(t.Context(), token, "192.0.2.8")
	if fault.KindOf(err) != fault.TooMany {
		t.Errorf("after 60 reads: %v", err)
	}
	w.clock.pass(16 * time.Minute)
	_, _, err = w.ReadFeed(t.Context(), token, "192.0.2.8")
	check(t, err)
}
