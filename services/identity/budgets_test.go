package identity_test

import (
	"fmt"
	"testing"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
)

// TestStrangersUseUpNobodysCodes: whatever others ask for to an address, the
// person who holds the private link of a request gets the codes for it, and
// another network gets its own.
func TestStrangersUseUpNobodysCodes(t *testing.T) {
	w := newWorld(t)
	sent, refusedOnes := 0, 0
	for i := range 60 {
		r := filing(fmt.Sprintf("req_%d", i))
		r.Address = fmt.Sprintf("203.0.113.%d", i)
		switch err := w.SendCode(t.Context(), r); fault.KindOf(err) {
		case "":
			check(t, err)
			sent++
		case fault.TooMany:
			refusedOnes++
		}
	}
	if sent != 5 || refusedOnes != 55 {
		t.Errorf("one network: %d sent, %d refused, want 5 and 55", sent, refusedOnes)
	}
	own := filing("req_own")
	own.Address = "198.51.100.7"
	check(t, w.SendCode(t.Context(), own))
	for i := range 60 { // many networks fill the mailbox's own bound
		r := filing("req_more")
		r.Address = fmt.Sprintf("2001:db8:%x::1", i)
		_ = w.SendCode(t.Context(), r) // counted below
	}
	if n := w.box.count("code"); n != 20 {
		t.Errorf("%d codes from everywhere, want 20", n)
	}
	link := filing("req_known")
	link.Purpose, link.Address = identity.LinkRequestPage, "203.0.113.1"
	for range 5 {
		check(t, w.SendCode(t.Context(), link))
	}
	if err := w.SendCode(t.Context(), link); fault.KindOf(err) != fault.TooMany {
		t.Errorf("a sixth code of one link: %v, want too many", err)
	}
	w.clock.pass(15 * time.Minute)
	check(t, w.SendCode(t.Context(), own))
}

// TestACodeIsCountedOnce: a place that was taken before is not taken again, one
// for another address is none, and a refusal uses up no other limit.
func TestACodeIsCountedOnce(t *testing.T) {
	w := newWorld(t)
	for range 5 {
		place, err := w.AdmitCode(t.Context(), filing("req_1"))
		check(t, err)
		check(t, w.SendAdmitted(t.Context(), filing("req_1"), place))
	}
	other := filing("req_1")
	other.Email = "balthasar@example.nl"
	place, err := w.AdmitCode(t.Context(), other)
	check(t, err)
	if err := w.SendAdmitted(t.Context(), filing("req_1"), place); fault.KindOf(err) != fault.TooMany {
		t.Errorf("a place for another address: %v, want too many", err)
	}
	for range 40 { // refused ones count for nothing else
		_ = w.SendCode(t.Context(), filing("req_1"))
	}
	check(t, w.SendAdmitted(t.Context(), other, place))
}

func TestNetwork(t *testing.T) {
	for in, want := range map[string]string{"203.0.113.9": "203.0.113.0/24", "::ffff:203.0.113.9": "203.0.113.0/24", "2001:db8:1:2::3": "2001:db8:1::/48",
		"fe80::1%eth0": "fe80::/48", "": "", "x": "x"} {
		if got := identity.Network(in); got != want {
			t.Errorf("Network(%q) = %q, want %q", in, got, want)
		}
	}
}
