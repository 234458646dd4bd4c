package audits_test

import (
	"slices"
	"strings"
	"testing"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"

	"github.com/google/go-cmp/cmp"
)

// cost adds a line and has both sides accept it.
func (w *world) cost(by identity.Actor, id, kind string, cents int64) {
	w.t.Helper()
	ctx := w.t.Context()
	a := w.must(w.audits.StateCost(ctx, by, id, audits.CostText{Kind: kind, For: "Werk aan de audit", Cents: cents}))
	c := a.Costs[len(a.Costs)-1]
	w.must(w.audits.AgreeCost(ctx, w.controllerAdmin, id, c.ID, c.Cents, c.Bearer))
	w.must(w.audits.AgreeCost(ctx, w.agent, id, c.ID, c.Cents, c.Bearer))
}

// TestTheWholeWay takes an audit under each agreement from the draft to the
// settled costs: the first day its terms allow, who pays, and what comes next.
func TestTheWholeWay(t *testing.T) {
	type bill struct{ auditor, processor, travel string }
	tests := []struct {
		key        string
		on         string // announced on 17 November 2026
		due        string // of a question asked on that day, counted from it
		clause     string
		before     bill // bearer and clause of the auditor's fee, the processor's time, its travel
		after      bill // when a finding shows non-compliance
		settlement string
		next       string
	}{
		{"vcare", "2026-11-17", "14", "9.1", bill{"controller 9.4", "processor 9.4", "processor 9.4"}, bill{"controller 9.4", "processor 9.4", "processor 9.4"}, "", ""},
		{"inserve", "2026-11-18", "14", "4.3", bill{"controller 28(3)(h) GDPR", "processor 28(3)(h) GDPR", "processor 28(3)(h) GDPR"},
			bill{"processor 4.4", "processor 4.4", "processor 4.4"}, "processor to controller 250000", ""},
		{"qputer", "2026-12-18", "14", "5.5", bill{"controller 5.7", "controller 5.7", "controller 5.7"}, bill{"controller 5.7", "controller 5.7", "controller 5.7"},
			"controller to processor 95050", ""},
		{"idea-online", "2026-11-18", "14", "28(3)(h) GDPR", bill{"controller 4.5", "controller 4.5", "controller 4.5"}, bill{"controller 4.5", "controller 4.5", "controller 4.5"},
			"controller to processor 95050", ""},
		{"mpg", "2026-12-02", "14", "10.3", bill{"controller 10.5", "controller 10.5", "controller 10.5"}, bill{"controller 10.5", "controller 10.5", "controller 10.5"},
			"controller to processor 95050", "2027-12-03"},
		{"harbour-data", "2026-12-02", "5", "8.6", bill{"controller 8.9", "controller 8.7", "processor 28(3)(h) GDPR"},
			bill{"processor 8.8", "processor 8.8", "processor 28(3)(h) GDPR"}, "processor to controller 250000", ""},
	}
	for _, tt := range tests {
		t.Run(tt.key, func(t *testing.T) {
			w := newWorld(t, tt.key)
			ctx, s := t.Context(), w.audits
			a := w.reach(w.draft().ID, audits.DateAgreed)
			if a.On != day(t, tt.on) {
				t.Errorf("agreed on %s, want %s: the first lawful working day", a.On, tt.on)
			}
			if got := bearers(w.priced(a.ID)); got != tt.before {
				t.Errorf("bearers = %v, want %v", got, tt.before)
			}
			w.goTo(a.On)
			a = w.must(s.AskDuring(ctx, w.officer, a.ID, audits.Inquire{Text: "Stuur de logboeken van oktober."}))
			q := a.Inquiries[len(a.Inquiries)-1]
			if want := a.On.AddDays(int(q.Due.DaysSince(a.On))); q.Due != want || q.Clause != tt.clause || q.Due.DaysSince(a.On) != map[string]int{"5": 5, "14": 14}[tt.due] {
				t.Errorf("question due %s by %s, want %s days by %s", q.Due, q.Clause, tt.due, tt.clause)
			}
			w.must(s.AnswerInquiry(ctx, w.agent, a.ID, q.ID, audits.Supplied{None: true, Text: "Ouder dan de bewaartermijn."}))
			a = w.must(s.Commence(ctx, w.auditor, a.ID))
			a = w.must(s.Find(ctx, w.auditor, a.ID, audits.FindingText{Grade: audits.Major, Clause: "6.2", Title: "Geen MFA", Text: "Beheerders komen binnen zonder tweede factor.",
				Root: "Oude koppeling", NonCompliance: true}))
			if got := bearers(a); got != tt.after {
				t.Errorf("bearers after non-compliance = %v, want %v", got, tt.after)
			}
			flipped := slices.Contains(w.events(a.ID), "flip_costs")
			if flipped != (tt.before != tt.after) {
				t.Errorf("the flip left an event: %v, want %v", flipped, tt.before != tt.after)
			}
			for _, c := range a.Costs {
				if accepted := len(c.Views) > 0; accepted == flipped && c.Kind == agreements.AuditorFee {
					t.Errorf("line %s still accepted = %v after its bearer moved = %v", c.Kind, accepted, flipped)
				}
			}
			w.settled(a.ID, tt.settlement)
			a = w.must(s.Finish(ctx, w.officer, a.ID))
			if a.Stage != audits.Closed || a.Open || a.Outcome != audits.Audited || a.Next != day(t, tt.next) {
				t.Errorf("closed as %s %s, next %s, want closed, audited, %s", a.Stage, a.Outcome, a.Next, tt.next)
			}
			if _, seen, err := s.Look(ctx, w.auditor, a.ID); fault.KindOf(err) != fault.NotFound {
				t.Errorf("the auditor sees %v after closing, %v", seen, err)
			}
			c, err := s.ClosingOf(ctx, w.agent, a.ID)
			if err != nil || c.Processor != w.processor.Name || len(c.Findings) != 2 || c.Findings[0].Title != "Geen MFA" {
				t.Errorf("closing report = %+v, %v", c, err)
			}
		})
	}
}

// priced adds the usual three lines and has both sides accept them.
func (w *world) priced(id string) audits.Audit {
	w.cost(w.officer, id, agreements.AuditorFee, 250000)
	w.cost(w.agent, id, agreements.ProcessorTime, 80000)
	w.cost(w.agent, id, agreements.Travel, 15050)
	return w.get(id)
}

func bearers(a audits.Audit) (b struct{ auditor, processor, travel string }) {
	for i, to := range []*string{&b.auditor, &b.processor, &b.travel} {
		*to = string(a.Costs[i].Bearer) + " " + a.Costs[i].Clause
	}
	return b
}

// settled goes from under way to settled, with a measure that is checked twice.
func (w *world) settled(id, settlement string) {
	w.t.Helper()
	ctx, s := w.t.Context(), w.audits
	a := w.reach(id, audits.InReview)
	a = w.must(s.AgreeMeasure(ctx, w.agent, id, audits.MeasureText{Finding: a.Findings[0].ID, Owner: audits.OwnerProcessor, Text: "Tweede factor aanzetten", Due: w.today().AddDays(30)}))
	w.reach(id, audits.Improving)
	m := a.Measures[0].ID
	if err := only(s.SettleCosts(ctx, w.officer, id)); fault.KindOf(err) != fault.Conflict {
		w.t.Errorf("settle with an open measure = %v, want a conflict", err)
	}
	if err := only(s.CarryOut(ctx, w.officer, id, m, "Gedaan")); fault.KindOf(err) != fault.Conflict {
		w.t.Errorf("the controller carries out the processor's measure = %v, want a conflict", err)
	}
	w.must(s.CarryOut(ctx, w.agent, id, m, "Staat aan"))
	w.must(s.Recheck(ctx, w.auditor, id, m, audits.NotEffective, "Niet voor beheerders", w.today().AddDays(20)))
	w.must(s.CarryOut(ctx, w.agent, id, m, "Nu ook voor beheerders"))
	w.must(s.Recheck(ctx, w.officer, id, m, audits.Effective, "Gezien", deadlines.Date{}))
	for _, c := range w.get(id).Costs {
		w.must(s.AgreeCost(ctx, w.officer, id, c.ID, c.Cents, c.Bearer))
		w.must(s.AgreeCost(ctx, w.processorAdmin, id, c.ID, c.Cents, c.Bearer))
	}
	a = w.must(s.SettleCosts(ctx, w.agent, id))
	st, err := s.StatementOf(ctx, w.officer, a)
	if err != nil {
		w.t.Fatal(err)
	}
	got := ""
	if x := st.Settlement; x != nil {
		got = string(x.From) + " to " + string(x.To) + " " + cents(x.Cents)
	}
	if got != settlement {
		w.t.Errorf("settlement = %q, want %q", got, settlement)
	}
	if st.Shares[0].Pays != st.Shares[1].Receives || st.Shares[0].Receives != st.Shares[1].Pays || st.Shares[0].Bears+st.Shares[1].Bears != 345050 {
		w.t.Errorf("shares do not add up: %+v", st.Shares)
	}
}

func cents(n int64) string {
	var b []byte
	for ; n > 0; n /= 10 {
		b = append([]byte{byte('0' + n%10)}, b...)
	}
	return string(b)
}

// The history of an mpg audit holds every step once, in order, and no words.
func TestHistoryHoldsEveryStep(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.reach(w.draft().ID, audits.Closed)
	want := []string{"draft", "name_auditor", "ask_first", "supply", "assess", "announce", "invite", "sign", "propose", "accept", "begin",
		"find", "share", "comment", "review", "position", "position", "finish_review", "settle", "close"}
	if diff := cmp.Diff(want, w.events(a.ID)); diff != "" {
		t.Errorf("events (-want +got):\n%s", diff)
	}
	for _, e := range w.history(a.ID) {
		for k, v := range e.Details {
			if strings.ContainsAny(v, " @") {
				t.Errorf("%s carries words: %s=%q", e.Action, k, v)
			}
		}
	}
}

// What an officer or the processor wrote is nowhere in the stored document.
func TestWordsAreSealed(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.reach(w.draft().ID, audits.Closed)
	raw, err := w.engine.Get(t.Context(), "audits", a.ID)
	if err != nil {
		t.Fatal(err)
	}
	for _, word := range []string{"Jansen", "rik@", "back-ups", "hosting", "Logboek", "beheerders", "Interviews"} {
		if strings.Contains(string(raw.JSON), word) {
			t.Errorf("%q stands in the document", word)
		}
	}
}

// Conclusive reports close the matter without an audit.
func TestReportsInsteadOfAnAudit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "inserve")
	ctx, s := t.Context(), w.audits
	a := w.draft()
	a = w.must(s.AskBefore(ctx, w.officer, a.ID, audits.Inquire{Kind: audits.SelfAssessment, Text: "Beoordeel uzelf."}))
	q := a.Inquiries[0].ID
	if _, seen, err := s.Look(ctx, w.agent, a.ID); err != nil || seen != audits.Asked {
		t.Errorf("the processor sees %v, %v, want what it is asked", seen, err)
	}
	shown, err := s.Tell(ctx, w.agent, w.get(a.ID))
	if err != nil || shown.Subject != "" || shown.Items[q].Text != "Beoordeel uzelf." {
		t.Errorf("the processor reads %+v, %v", shown, err)
	}
	w.must(s.AnswerInquiry(ctx, w.agent, a.ID, q, audits.Supplied{Text: "Alles op orde, zie bijlage."}))
	w.refusedBy(a.ID, "alternatives", "4.5", func() error { return only(s.ConcludeWithout(ctx, w.officer, a.ID, q)) })
	w.must(s.AssessReports(ctx, w.officer, a.ID, q, audits.Conclusive, "Volledig en recent."))
	a = w.must(s.ConcludeWithout(ctx, w.officer, a.ID, q))
	if a.Stage != audits.Closed || a.Outcome != audits.SettledOther {
		t.Errorf("%s as %s, want closed on the alternative", a.Stage, a.Outcome)
	}
}

// Who accepts a line that meanwhile went to another bearer, accepts nothing.
func TestALineThatMovedIsNotAccepted(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "inserve")
	ctx, s := t.Context(), w.audits
	a := w.reach(w.draft().ID, audits.UnderWay)
	a = w.must(s.StateCost(ctx, w.officer, a.ID, audits.CostText{Kind: agreements.AuditorFee, For: "Auditor", Cents: 1000}))
	c := a.Costs[0]
	f := audits.FindingText{Grade: audits.Major, Clause: "6.2", Title: "T", Text: "T", Root: "T", NonCompliance: true}
	a = w.must(s.Find(ctx, w.officer, a.ID, f))
	if err := only(s.AgreeCost(ctx, w.agent, a.ID, c.ID, c.Cents, c.Bearer)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("accepted with the bearer of before: %v", err)
	}
	if err := only(s.RestateCost(ctx, w.agent, a.ID, audits.CostText{ID: c.ID, Kind: c.Kind, For: "x", Cents: 1})); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("the other side's line is changed: %v", err)
	}
	w.must(s.AgreeCost(ctx, w.agent, a.ID, c.ID, c.Cents, a.Costs[0].Bearer))
	w.must(s.ContestCost(ctx, w.officer, a.ID, c.ID, "Te veel uren"))
	a = w.must(s.Strike(ctx, w.officer, a.ID, a.Findings[0].ID))
	if got := a.Costs[0]; got.Bearer != audits.Controller || len(got.Views) != 0 || a.NonCompliance {
		t.Errorf("after the finding was dropped: %+v", got)
	}
}
