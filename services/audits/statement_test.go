package audits_test

import (
	"testing"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/fault"
	"inzage/services/identity"
)

// TestStatementExplainsItself: what a finding moved, who bears what beforehand,
// what is in the way of settling, and the next lawful day.
func TestStatementExplainsItself(t *testing.T) {
	w := newWorld(t, "inserve")
	ctx, s := t.Context(), w.audits
	id := w.reach(w.draft().ID, audits.UnderWay).ID
	w.must(s.StateCost(ctx, w.officer, id, audits.CostText{Kind: agreements.AuditorFee, For: "Twee dagen", Cents: 250_000}))
	a := w.must(s.StateCost(ctx, w.agent, id, audits.CostText{Kind: agreements.ProcessorTime, For: "Begeleiding", Cents: 80_000}))
	if st, err := s.StatementOf(ctx, w.officer, a); err != nil || len(st.Moves) != 0 {
		t.Fatalf("before a finding: %+v, %v", st.Moves, err)
	}
	a = w.must(s.Find(ctx, w.officer, id, audits.FindingText{Grade: audits.Minor, Clause: "4.1", Title: "Sleutels", Text: "Oude sleutels.", NonCompliance: true}))
	st, err := s.StatementOf(ctx, w.agent, a)
	if err != nil || len(st.Moves) != 1 || st.Moves[0].Line != 0 || st.Moves[0].Without.Bearer != audits.Controller || !st.Moves[0].Without.Default || st.Lines[0].Bearer != audits.Processor {
		t.Fatalf("moved %+v of %+v, %v", st.Moves, st.Lines, err)
	}
	bearings, err := s.BearingsOf(ctx, w.officer, a)
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range bearings {
		if k.Now.Kind == agreements.ProcessorTime {
			t.Error("the controller can state the processor's time")
		}
		if k.Now.Kind == agreements.Travel && (k.Now.Bearer != audits.Processor || k.Otherwise.Bearer != audits.Controller) {
			t.Errorf("travel is borne by %s, otherwise by %s", k.Now.Bearer, k.Otherwise.Bearer)
		}
	}
	left, err := s.Unsettled(ctx, w.officer, a)
	if err != nil || len(left) != 1 || len(left[0].Reasons) != 4 || left[0].Rule != "costs" {
		t.Errorf("in the way: %+v, %v", left, err)
	}
	if next, err := s.NextLawful(ctx, w.officer, a); err != nil || !next.IsZero() {
		t.Errorf("the next audit from %s, %v; inserve sets no limit", next, err)
	}
	for who, by := range map[string]identity.Actor{"auditor": w.auditor, "stranger": w.stranger} {
		_, statement := s.StatementOf(ctx, by, a)
		_, bearings := s.BearingsOf(ctx, by, a)
		_, left := s.Unsettled(ctx, by, a)
		_, next := s.NextLawful(ctx, by, a)
		for _, err := range []error{statement, bearings, left, next} {
			if fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s gets %v, want not found", who, err)
			}
		}
	}
}

func TestNextLawfulIsWhatClosingKeeps(t *testing.T) {
	w := newWorld(t, "mpg")
	a := w.reach(w.draft().ID, audits.Improving)
	next, err := w.audits.NextLawful(t.Context(), w.officer, a)
	if err != nil || next.IsZero() {
		t.Fatalf("next %s, %v", next, err)
	}
	if closed := w.must(w.audits.Finish(t.Context(), w.officer, a.ID)); closed.Next != next {
		t.Errorf("closing kept %s, foretold was %s", closed.Next, next)
	}
}

func TestAgreementsThatKnowACause(t *testing.T) {
	for key, want := range map[string]string{"vcare": "", "inserve": "", "idea-online": "", "qputer": "qputer 5.2", "mpg": "mpg 10.2", "harbour-data": "harbour-data 8.1"} {
		e, ok := audits.OfCause(terms(t, key))
		if ok != (want != "") || ok && e.Label.EN != want {
			t.Errorf("%s: %q, %v; want %q", key, e.Label.EN, ok, want)
		}
	}
}
