package notify_test

import (
	"slices"
	"strings"
	"testing"

	"inzage/services/agreements"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/notify/mailer"
)

// TestBothSidesHearOfEveryStep: the administrators of both parties are mailed at
// each thing that one of them does about an agreement, in their language, and
// nobody else is.
func TestBothSidesHearOfEveryStep(t *testing.T) {
	w, ctx := newWorld(t), t.Context()
	boss := w.hire("baker", w.bakery, identity.Admin)
	host := w.hire("host", w.partner, identity.Admin)
	w.hire("stranger", w.online, identity.Admin)
	source, err := agreements.PresetSource("idea-online")
	must(t, err)
	id, g := ledger.NewID("agr"), w.Agreements
	turn := 0
	heard := func(what, words string, a agreements.Agreement, err error) {
		t.Helper()
		must(t, err)
		if a.Proposal != nil {
			turn = a.Proposal.Turn
		}
		w.send()
		for _, to := range []string{"baker", "host"} {
			all := w.mails(staffMail(to))
			if !slices.ContainsFunc(all, func(l mailer.Letter) bool { return strings.Contains(strings.Join(strings.Fields(l.Plain), " "), words) }) {
				t.Errorf("%s: %s hears nothing of %q in %d mails", what, to, words, len(all))
			}
		}
	}
	a, err := g.Sign(ctx, host, id, agreements.Signing{Controller: w.bakery.ID, Processor: w.partner.ID, SignedOn: "2026-01-02", From: "2026-01-02", Source: string(source)})
	heard("proposed", "stelt een verwerkersovereenkomst voor", a, err)
	a, err = g.Accept(ctx, boss, id, turn)
	heard("accepted", "Die geldt vanaf dinsdag 17 november 2026", a, err)
	a, err = g.Amend(ctx, boss, id, "2026-12-01", string(source))
	heard("terms proposed", "stelt nieuwe afspraken voor", a, err)
	a, err = g.Decline(ctx, host, id, turn)
	heard("declined", "heeft afgewezen wat was voorgesteld", a, err)
	a, err = g.Amend(ctx, boss, id, "2026-12-01", string(source))
	heard("terms proposed again", "stelt nieuwe afspraken voor", a, err)
	a, err = g.Accept(ctx, host, id, turn)
	heard("terms accepted", "Die gelden vanaf dinsdag 1 december 2026", a, err)
	a, err = g.End(ctx, host, id, "2026-12-31")
	heard("ending proposed", "als laatste dag van de overeenkomst tussen", a, err)
	a, err = g.Withdraw(ctx, host, id, turn)
	heard("withdrawn", "het eigen voorstel", a, err)
	a, err = g.End(ctx, host, id, "2026-12-31")
	heard("ending proposed again", "als laatste dag", a, err)
	a, err = g.Accept(ctx, boss, id, turn)
	heard("ending accepted", "heeft donderdag 31 december 2026 aangenomen", a, err)
	if n := len(w.mails(staffMail("host"))); n != 10 {
		t.Errorf("%d mails for ten steps", n)
	}
	for _, not := range []string{"stranger", "agent", "officer"} {
		if n := len(w.mails(staffMail(not))); n != 0 {
			t.Errorf("%s hears of it %d times", not, n)
		}
	}
}
