package agreements_test

import (
	"fmt"
	"testing"
	"time"

	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// TestOneSideAloneHasNoEffect: a stranger states an agreement in either role,
// and nothing of it works before the other side has accepted it.
func TestOneSideAloneHasNoEffect(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	for _, by := range []string{bakery, host} {
		_, err := w.Sign(ctx, w.admin(by, 0), ledger.NewID("agr"), w.signing(bakery, host, "2026-01-01"))
		must(t, err)
	}
	if n := w.version(); n != 0 {
		t.Errorf("version %d is in force by one hand", n)
	}
	serves, err := w.Serves(ctx, host, w.clock)
	must(t, err)
	parties, err := w.Parties(ctx, w.clock)
	must(t, err)
	partners, err := w.Partners(ctx, bakery, host)
	must(t, err)
	if serves || len(parties) > 0 || partners {
		t.Errorf("serves %v, parties %v, partners %v by one hand", serves, parties, partners)
	}
	for _, org := range []string{bakery, host} {
		as, err := w.OfController(ctx, org, w.clock)
		must(t, err)
		more, err := w.OfProcessor(ctx, org, w.clock)
		must(t, err)
		if len(as)+len(more) > 0 {
			t.Errorf("%s has agreements in force by one hand", org)
		}
	}
}

// TestNobodySignsForTwo: neither the operator nor the portal itself, and no
// third party, puts anything between two organisations.
func TestNobodySignsForTwo(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	in := w.signing(bakery, host, "2026-12-01")
	for name, by := range map[string]identity.Actor{"operator": {Account: "acc_OP", Roles: []identity.Role{identity.Operator}, Level: identity.Full},
		"portal": identity.System(), "stranger": w.admin(third, 0), "officer": {Account: "acc_PO", Organisation: bakery, Roles: []identity.Role{identity.PrivacyOfficer}, Level: identity.Full}} {
		_, err := w.Sign(ctx, by, ledger.NewID("agr"), in)
		refused(t, name, err, fault.Forbidden)
	}
}

// TestAcceptingNeedsTheOtherSide: its administrator, a fresh factor, and what was read.
func TestAcceptingNeedsTheOtherSide(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	a, err := w.Sign(ctx, w.admin(host, 0), ledger.NewID("agr"), w.signing(bakery, host, "2026-01-01"))
	must(t, err)
	officer := w.admin(bakery, 0)
	officer.Roles = []identity.Role{identity.PrivacyOfficer}
	for _, no := range []struct {
		name string
		by   identity.Actor
		turn int
		kind fault.Kind
	}{{"its own side", w.admin(host, 0), 1, fault.Forbidden}, {"a third", w.admin(third, 0), 1, fault.NotFound}, {"an officer", officer, 1, fault.Forbidden},
		{"an old factor", w.admin(bakery, 6*time.Minute), 1, fault.StepUp}, {"another proposal", w.admin(bakery, 0), 2, fault.Conflict}, {"the portal", identity.System(), 1, fault.Forbidden}} {
		_, err := w.Accept(ctx, no.by, a.ID, no.turn)
		refused(t, no.name, err, no.kind)
	}
	if w.version() != 0 {
		t.Fatal("a refused answer put it in force")
	}
	got, err := w.Accept(ctx, w.admin(bakery, 4*time.Minute), a.ID, 1)
	must(t, err)
	if got.From != "2026-11-21" || got.SignedOn != "2026-01-02" || w.version() != 1 {
		t.Errorf("in force from %s, signed on %s, version %d; it begins with its acceptance", got.From, got.SignedOn, w.version())
	}
	if _, err := w.Between(ctx, bakery, host, w.clock.AddDate(0, 0, -1)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("it was in force before both agreed: %v", err)
	}
	_, err = w.Accept(ctx, w.admin(bakery, 0), a.ID, 1)
	refused(t, "accepting twice", err, fault.Conflict)
}

// TestVersionsAreNeverFromThePast: not when proposed, not when accepted late, and
// none works by one hand.
func TestVersionsAreNeverFromThePast(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	a := w.agreed()
	_, err := w.Amend(ctx, w.admin(host, 0), a.ID, "2026-11-20", presetSource(t, "idea-online"))
	refused(t, "a version from yesterday", err, fault.Invalid)
	p, err := w.Amend(ctx, w.admin(host, 0), a.ID, "2026-11-22", presetSource(t, "idea-online"))
	must(t, err)
	w.clock = w.clock.AddDate(0, 0, 9)
	if w.version() != 1 {
		t.Error("a version is in force that the controller did not accept")
	}
	_, err = w.Amend(ctx, w.admin(bakery, 0), a.ID, "2026-12-22", presetSource(t, "mpg"))
	refused(t, "a second proposal", err, fault.Conflict)
	got, err := w.Accept(ctx, w.admin(bakery, 0), a.ID, p.Proposal.Turn)
	must(t, err)
	if v := got.Newest(); v.From != "2026-11-30" || v.Wanted != "2026-11-22" || w.version() != 2 {
		t.Errorf("version %d from %s, in force is %d", v.Number, v.From, w.version())
	}
	if before, err := w.Between(ctx, bakery, host, w.clock.AddDate(0, 0, -3)); err != nil || before.Version != 1 {
		t.Errorf("three days ago version %d applied: %v", before.Version, err)
	}
}

// TestAnEndingNeedsBoth: one side neither ends the agreement nor undoes an ending.
func TestAnEndingNeedsBoth(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	a := w.agreed()
	_, err := w.End(ctx, w.admin(bakery, 0), a.ID, "2026-11-20")
	refused(t, "an ending in the past", err, fault.Invalid)
	p, err := w.End(ctx, w.admin(bakery, 0), a.ID, "2026-11-30")
	must(t, err)
	if p.Until != "" {
		t.Error("one side set the last day")
	}
	_, err = w.Accept(ctx, w.admin(host, 0), a.ID, p.Proposal.Turn)
	must(t, err)
	p, err = w.End(ctx, w.admin(host, 0), a.ID, "2099-12-31")
	must(t, err)
	w.clock = w.clock.AddDate(0, 0, 10)
	if w.version() != 0 || p.Until != "2026-11-30" {
		t.Error("the ending was undone by one side")
	}
}

// TestDecliningAndWithdrawing leave everything as it was, and numbers are not used twice.
func TestDecliningAndWithdrawing(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	a := w.agreed()
	p, err := w.Amend(ctx, w.admin(host, 0), a.ID, "2026-11-21", presetSource(t, "idea-online"))
	must(t, err)
	_, err = w.Withdraw(ctx, w.admin(bakery, 0), a.ID, p.Proposal.Turn)
	refused(t, "withdrawing what is not one's own", err, fault.Forbidden)
	_, err = w.Decline(ctx, w.admin(bakery, time.Hour), a.ID, p.Proposal.Turn)
	must(t, err)
	p, err = w.Amend(ctx, w.admin(host, 0), a.ID, "2026-11-21", presetSource(t, "qputer"))
	must(t, err)
	if p.Proposal.Version.Number != 3 || p.Proposal.Turn != 3 {
		t.Errorf("version %d, turn %d: a number was used twice", p.Proposal.Version.Number, p.Proposal.Turn)
	}
	_, err = w.Withdraw(ctx, w.admin(host, 0), a.ID, p.Proposal.Turn)
	must(t, err)
	if w.version() != 1 {
		t.Error("what was declined or withdrawn is in force")
	}
	s, err := w.Sign(ctx, w.admin(third, 0), ledger.NewID("agr"), w.signing(third, host, "2026-11-21"))
	must(t, err)
	s, err = w.Decline(ctx, w.admin(host, 0), s.ID, 1)
	must(t, err)
	if s.Standing != agreements.Declined {
		t.Error(s.Standing)
	}
	_, err = w.Amend(ctx, w.admin(third, 0), s.ID, "2026-12-01", presetSource(t, "mpg"))
	refused(t, "amending what was declined", err, fault.Conflict)
}

// TestProposalsHaveAPace: a stranger cannot fill a list and a mailbox.
func TestProposalsHaveAPace(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	for n := range agreements.ProposalsADay + 1 {
		_, err := w.Sign(ctx, w.admin(third, 0), ledger.NewID("agr"), w.signing(bakery, third, "2026-12-01"))
		if n < agreements.ProposalsADay {
			must(t, err)
		} else {
			refused(t, "one more", err, fault.TooMany)
		}
	}
	w.clock = w.clock.Add(25 * time.Hour)
	_, err := w.Sign(ctx, w.admin(third, 0), ledger.NewID("agr"), w.signing(bakery, third, "2026-12-01"))
	must(t, err)
	a := w.agreed()
	var last error
	for range agreements.StepsADay {
		var p agreements.Agreement
		if p, last = w.End(ctx, w.admin(host, 0), a.ID, "2026-12-31"); last != nil {
			break
		}
		_, err := w.Withdraw(ctx, w.admin(host, 0), a.ID, p.Proposal.Turn)
		must(t, err)
	}
	refused(t, "proposing an ending again and again", last, fault.TooMany)
}

// TestNothingHidesWhatIsInForce: two hundred that ended and fifty to come, and as
// many that were only proposed.
func TestNothingHidesWhatIsInForce(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	put := func(n int, from, until, last string, standing agreements.Standing, other string) {
		for i := range n {
			a := agreements.Agreement{Meta: document.Meta{ID: ledger.NewID("agr")}, Controller: bakery, Processor: host, From: from, Until: until, Standing: standing, Live: standing == agreements.Agreed, Last: last,
				Versions: []agreements.Version{{Number: 1, From: from, Source: presetSource(t, "mpg")}}}
			if other != "" {
				a.Controller = fmt.Sprintf("%s%03d", other, i)
			}
			must(t, w.Agreements.Create(ctx, &a, w.admin(bakery, 0).Event(w.clock, "agreement.sign", a.ID, nil)))
		}
	}
	real := w.agreed()
	put(210, "2020-01-01", "2020-12-31", "2020-12-31", agreements.Agreed, "")
	put(60, "2027-01-01", "", "9999-12-31", agreements.Agreed, "")
	put(210, "2020-01-01", "", "2026-11-20", agreements.Proposed, "")
	put(230, "2026-01-01", "", "9999-12-31", agreements.Agreed, "org_CUSTOMER")
	if got, err := w.Between(ctx, bakery, host, w.clock); err != nil || got.ID != real.ID {
		t.Errorf("between: %s, %v", got.ID, err)
	}
	if all, err := w.OfProcessor(ctx, host, w.clock); err != nil || len(all) != 231 {
		t.Errorf("%d of the processor in force, want 231: %v", len(all), err)
	}
	if all, err := w.OfController(ctx, bakery, w.clock); err != nil || len(all) != 1 || all[0].ID != real.ID {
		t.Errorf("%d of the controller in force, want 1: %v", len(all), err)
	}
	seen, after := 0, ""
	for {
		page, err := w.BothRoles(ctx, w.admin(host, 0), agreements.InForce, after, 50)
		must(t, err)
		seen += len(page.Rows)
		if after = page.Next; after == "" {
			break
		}
	}
	if seen != 291 {
		t.Errorf("the list shows %d in force or to come, want 291", seen)
	}
}
