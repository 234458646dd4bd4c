package audits_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/services/agreements"
	"inzage/services/attachment"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// upload is a small text file.
func upload(name string) attachment.Upload {
	return attachment.Upload{Name: name, Size: -1, Body: strings.NewReader("tijd,account\n10:00,beheer\n")}
}

// TestAgreementRefuses tries, under an agreement and in a stage, what that
// agreement does not allow; each refusal names its rule and clause.
func TestAgreementRefuses(t *testing.T) {
	const law = "28(3)(h) GDPR"
	tests := []struct {
		name, key    string
		stage        audits.Stage
		rule, clause string
		do           func(w *world, id string) error
	}{
		{"reports not asked", "mpg", audits.Draft, "precondition", "10.2", func(w *world, id string) error {
			return only(w.audits.SendNotice(w.t.Context(), w.officer, id))
		}},
		{"no indication of a breach", "qputer", audits.Draft, "precondition", "5.2", func(w *world, id string) error {
			return w.announceWith(id, func(p *audits.Plan) { p.BreachIndicated = no() })
		}},
		{"information not asked", "harbour-data", audits.Draft, "precondition", "8.1", func(w *world, id string) error {
			return only(w.audits.SendNotice(w.t.Context(), w.officer, id))
		}},
		{"notice without locations", "qputer", audits.Draft, "notice_content", "5.3", func(w *world, id string) error {
			return w.announceWith(id, func(p *audits.Plan) { p.Notice.Locations = "" })
		}},
		{"no auditor named", "mpg", audits.Precondition, "auditor", "10.1", func(w *world, id string) error {
			a := w.must(w.audits.Start(w.t.Context(), w.officer, "", w.agreement, plan()))
			return only(w.audits.SendNotice(w.t.Context(), w.officer, a.ID))
		}},
		{"auditor is no RE", "qputer", audits.Announced, "auditor", "5.2", func(w *world, id string) error {
			return w.appoint(id, func(a *audits.AuditorDetails) { a.RegisterEDP = no() })
		}},
		{"auditor is no ICT expert", "mpg", audits.Announced, "auditor", "10.1", func(w *world, id string) error {
			return w.appoint(id, func(a *audits.AuditorDetails) { a.ICTExpert = no() })
		}},
		{"auditor works for a competitor", "mpg", audits.Draft, "auditor", "10.1", func(w *world, id string) error {
			return w.appoint(id, func(a *audits.AuditorDetails) { a.Competitor = true })
		}},
		{"auditor works for a competitor, agreement silent on independence", "inserve", audits.Draft, "auditor", law, func(w *world, id string) error {
			return w.appoint(id, func(a *audits.AuditorDetails) { a.Competitor = true })
		}},
		{"wanted day in the past", "mpg", audits.Draft, "notice", "10.2", func(w *world, id string) error {
			return w.plan(id, func(p *audits.Plan) { p.Wanted = w.today().AddDays(-1) })
		}},
		{"wanted day before the notice allows", "qputer", audits.Draft, "notice", "5.3", func(w *world, id string) error {
			return w.plan(id, func(p *audits.Plan) { p.Wanted = w.today().AddDays(30) })
		}},
		{"proposed day in the past", "vcare", audits.Announced, "notice", "9.2", func(w *world, id string) error {
			return w.propose(id, w.officer, w.today().AddDays(-3))
		}},
		{"proposed day before the notice allows", "mpg", audits.Announced, "notice", "10.2", func(w *world, id string) error {
			return w.propose(id, w.agent, w.today().AddDays(14))
		}},
		{"proposed day on a public holiday", "mpg", audits.Announced, "cooperation", "10.3", func(w *world, id string) error {
			return w.propose(id, w.officer, deadlines.Date{Year: 2026, Month: 12, Day: 25})
		}},
		{"proposed day on a Saturday, agreement silent", "idea-online", audits.Announced, "cooperation", law, func(w *world, id string) error {
			return w.propose(id, w.officer, deadlines.Date{Year: 2026, Month: 12, Day: 5})
		}},
		{"ten working days' notice", "harbour-data", audits.Announced, "notice", "8.2", func(w *world, id string) error {
			return w.propose(id, w.officer, deadlines.Date{Year: 2026, Month: 12, Day: 1})
		}},
		{"second audit within the year", "mpg", audits.Draft, "frequency", "10.2", func(w *world, id string) error {
			return w.plan(id, func(p *audits.Plan) {
				p.Earlier, p.Wanted = deadlines.Date{Year: 2026, Month: 1, Day: 20}, deadlines.Date{Year: 2027, Month: 1, Day: 20}
			})
		}},
		{"begins before the agreed day", "mpg", audits.DateAgreed, "notice", "10.2", func(w *world, id string) error {
			return only(w.audits.Commence(w.t.Context(), w.officer, id))
		}},
		{"auditor has not signed", "mpg", audits.DateAgreed, "confidentiality", "10.1", func(w *world, id string) error {
			return w.unsigned(id)
		}},
		{"auditor has not signed, agreement silent", "inserve", audits.DateAgreed, "confidentiality", law, func(w *world, id string) error {
			return w.unsigned(id)
		}},
		{"objection where anyone may audit", "inserve", audits.Announced, "auditor", "4.3", func(w *world, id string) error {
			return only(w.audits.ObjectToAuditor(w.t.Context(), w.agent, id, audits.ObjectionOf{Ground: audits.NotIndependent, Reason: "Familie"}))
		}},
		{"objection not answered", "vcare", audits.DateAgreed, "auditor", "9.1", func(w *world, id string) error {
			w.must(w.audits.ObjectToAuditor(w.t.Context(), w.agent, id, audits.ObjectionOf{Ground: audits.NotIndependent, Reason: "Familie"}))
			w.goTo(w.get(id).On)
			return only(w.audits.Commence(w.t.Context(), w.officer, id))
		}},
		{"question due after two weeks", "mpg", audits.UnderWay, "cooperation", "10.3", func(w *world, id string) error {
			return w.ask(id, 15, "")
		}},
		{"question sooner without a reason", "mpg", audits.UnderWay, "cooperation", "10.3", func(w *world, id string) error {
			return w.ask(id, 3, "")
		}},
		{"urgent question where the agreement knows none", "harbour-data", audits.UnderWay, "cooperation", "8.6", func(w *world, id string) error {
			return w.ask(id, 2, "Er is een lek")
		}},
		{"session before the audit begins", "mpg", audits.DateAgreed, "notice", "10.2", func(w *world, id string) error {
			return only(w.audits.PlanVisit(w.t.Context(), w.agent, id, audits.Visit{Day: w.today().AddDays(1), Mode: audits.Remote, Purpose: "Interview"}))
		}},
		{"house rules not acknowledged", "qputer", audits.UnderWay, "cooperation", "5.5", func(w *world, id string) error {
			ctx := w.t.Context()
			a := w.must(w.audits.PlanVisit(ctx, w.agent, id, audits.Visit{Day: w.today(), Mode: audits.OnSite, Place: "Vianen", Purpose: "Rondgang"}))
			w.must(w.audits.WriteRules(ctx, w.agent, id, "Meld u bij de balie."))
			return only(w.audits.RecordVisit(ctx, w.auditor, id, a.Sessions[0].ID, ""))
		}},
		{"review before the comments", "mpg", audits.Reported, "findings", "10.4", func(w *world, id string) error {
			return only(w.audits.OpenReview(w.t.Context(), w.officer, id))
		}},
		{"review ends without positions", "qputer", audits.InReview, "findings", "5.6", func(w *world, id string) error {
			return only(w.audits.EndReview(w.t.Context(), w.officer, id))
		}},
		{"measure left out where it is carried out", "qputer", audits.InReview, "findings", "5.6", func(w *world, id string) error {
			a := w.must(w.audits.AgreeMeasure(w.t.Context(), w.agent, id, audits.MeasureText{Owner: audits.OwnerBoth, Text: "Log bewaren", Due: w.today().AddDays(9)}))
			return only(w.audits.LeaveOut(w.t.Context(), w.officer, id, a.Measures[0].ID, "Te duur"))
		}},
		{"negative cost", "mpg", audits.UnderWay, "costs", "10.5", func(w *world, id string) error {
			return only(w.audits.StateCost(w.t.Context(), w.agent, id, audits.CostText{Kind: agreements.Travel, For: "Trein", Cents: -100}))
		}},
		{"cost in another currency", "qputer", audits.UnderWay, "costs", "5.7", func(w *world, id string) error {
			return only(w.audits.StateCost(w.t.Context(), w.agent, id, audits.CostText{Kind: agreements.Travel, For: "Trein", Cents: 100, Currency: "USD"}))
		}},
		{"settled with a line nobody accepted", "mpg", audits.Improving, "costs", "10.5", func(w *world, id string) error {
			w.must(w.audits.StateCost(w.t.Context(), w.agent, id, audits.CostText{Kind: agreements.Travel, For: "Trein", Cents: 100}))
			return only(w.audits.SettleCosts(w.t.Context(), w.officer, id))
		}},
		{"closed before the costs are settled", "vcare", audits.Improving, "costs", "9.4", func(w *world, id string) error {
			w.must(w.audits.StateCost(w.t.Context(), w.agent, id, audits.CostText{Kind: agreements.Travel, For: "Trein", Cents: 100}))
			return only(w.audits.Finish(w.t.Context(), w.officer, id))
		}},
		{"finding after closing", "mpg", audits.Closed, "frequency", "10.2", func(w *world, id string) error {
			return only(w.audits.Find(w.t.Context(), w.officer, id, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: "Te laat", Text: "Nog iets."}))
		}},
		{"finding after closing, agreement silent", "vcare", audits.Closed, "frequency", law, func(w *world, id string) error {
			return only(w.audits.Find(w.t.Context(), w.officer, id, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: "Te laat", Text: "Nog iets."}))
		}},
	}
	for _, tt := range tests {
		t.Run(tt.key+" "+tt.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, tt.key)
			a := w.reach(w.draft().ID, tt.stage)
			err := tt.do(w, a.ID)
			w.ruledAs(err, tt.rule, tt.clause)
			object := a.ID
			if tt.name == "no auditor named" {
				return // that was another audit
			}
			if !slices.ContainsFunc(w.history(object), func(e ledger.Event) bool {
				return e.Outcome == ledger.Refused && e.Details["rule"] == tt.rule && e.Details["clause"] == tt.clause
			}) {
				t.Errorf("the refusal left no entry among %v", w.events(object))
			}
		})
	}
}

// ruledAs asserts the rule and the clause of a refusal, and that it says why
// and names the clause in its sentence.
func (w *world) ruledAs(err error, rule, clause string) {
	w.t.Helper()
	r, shown := ruledIn(err)
	if r == nil {
		w.t.Fatalf("error = %v, want a refusal by %s %s", err, rule, clause)
	}
	if r.Lines[0].Rule != rule || r.Lines[0].Clause != clause {
		w.t.Errorf("refused by %s %s, want %s %s: %v", r.Lines[0].Rule, r.Lines[0].Clause, rule, clause, err)
	}
	if text := err.Error(); strings.Contains(text, "%!") || !strings.Contains(text, clause) {
		w.t.Errorf("the sentence does not name %s: %s", clause, text)
	}
	if len(shown.Fields) == 0 && !strings.Contains(shown.Text, "book another audit") {
		w.t.Errorf("no way out in %v", err)
	}
}

// The first draft is held against what was audited before, just as a changed one.
func TestADraftOfASecondAuditWithinTheYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	first := w.reach(w.draft().ID, audits.Closed)
	again := plan()
	again.Wanted = first.Next.AddDays(-1)
	w.ruledAs(only(w.audits.Start(t.Context(), w.officer, "", w.agreement, again)), "frequency", "10.2")
	if h := w.history(w.agreement); len(h) == 0 || h[len(h)-1].Outcome != ledger.Refused || h[len(h)-1].Details["rule"] != "frequency" {
		t.Errorf("the refusal left no entry among %v", w.events(w.agreement))
	}
	again.Wanted = w.earliest(w.draft())
	if again.Wanted.Before(first.Next) {
		t.Fatalf("the earliest day of another audit is %s, before %s", again.Wanted, first.Next)
	}
	w.must(w.audits.Start(t.Context(), w.officer, "", w.agreement, again))
}

func (w *world) plan(id string, change func(*audits.Plan)) error {
	p := plan()
	change(&p)
	return only(w.audits.ReviseDraft(w.t.Context(), w.officer, id, p))
}

func (w *world) announceWith(id string, change func(*audits.Plan)) error {
	if err := w.plan(id, change); err != nil {
		w.t.Fatal(err)
	}
	return only(w.audits.SendNotice(w.t.Context(), w.officer, id))
}

func (w *world) appoint(id string, change func(*audits.AuditorDetails)) error {
	d := expert()
	change(&d)
	return only(w.audits.AppointAuditor(w.t.Context(), w.officer, id, d))
}

func (w *world) propose(id string, by identity.Actor, on deadlines.Date) error {
	return only(w.audits.ProposeDay(w.t.Context(), by, id, audits.DayProposal{Day: on}))
}

func (w *world) ask(id string, days int, haste string) error {
	return only(w.audits.AskDuring(w.t.Context(), w.officer, id, audits.Inquire{Text: "Stuur de logboeken.", Due: w.today().AddDays(days), Haste: haste}))
}

// unsigned names another auditor, who has not signed, on the day of the audit.
func (w *world) unsigned(id string) error {
	if err := w.appoint(id, func(a *audits.AuditorDetails) { a.Person.Email = "ander@auditors.example" }); err != nil {
		w.t.Fatal(err)
	}
	w.goTo(w.get(id).On)
	return only(w.audits.Commence(w.t.Context(), w.officer, id))
}

func TestUrgentQuestionWithAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.reach(w.draft().ID, audits.UnderWay)
	if err := w.ask(a.ID, 2, "Er is een lek"); err != nil {
		t.Errorf("refused: %v", err)
	}
}

func TestADayOffWithAReason(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.reach(w.draft().ID, audits.Announced)
	saturday := deadlines.Date{Year: 2026, Month: 12, Day: 12}
	w.must(w.audits.ProposeDay(t.Context(), w.officer, a.ID, audits.DayProposal{Day: saturday, DayOff: "Dan staat het systeem stil."}))
	a = w.must(w.audits.AcceptDay(t.Context(), w.agent, a.ID, w.get(a.ID).Proposals[0].ID))
	if a.On != saturday {
		t.Errorf("agreed on %s, want %s", a.On, saturday)
	}
}

func TestEndedAgreement(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx := t.Context()
	id := w.draft().ID
	admin := w.controllerAdmin
	w.both(w.registry.End(ctx, admin, w.agreement, "2026-12-10"))
	a := w.reach(id, audits.Announced)
	w.refusedBy(a.ID, "in_force", "11.4", func() error { return w.propose(a.ID, w.officer, deadlines.Date{Year: 2026, Month: 12, Day: 11}) })
	w.goTo(deadlines.Date{Year: 2026, Month: 12, Day: 11})
	_, err := w.audits.Start(ctx, w.officer, "", w.agreement, plan())
	w.ruledAs(err, "in_force", "11.4")
	if _, err := w.audits.Outlook(ctx, w.officer, w.agreement, deadlines.Date{}); err == nil {
		t.Error("an ended agreement still has an outlook")
	}
}

// The version in force when the audit was drafted judges it to the end.
func TestOldVersionStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx := t.Context()
	id := w.draft().ID
	softer := strings.Replace(source(t, "mpg"), "within: {weeks: 2}\n    urgent_sooner", "within: {weeks: 3}\n    urgent_sooner", 1)
	if softer == source(t, "mpg") {
		t.Fatal("the preset has no such line")
	}
	w.both(w.registry.Amend(ctx, w.controllerAdmin, w.agreement, "2026-11-18", softer))
	a := w.reach(id, audits.UnderWay)
	w.refusedBy(a.ID, "cooperation", "10.3", func() error { return w.ask(a.ID, 20, "") })
	b := w.must(w.audits.Start(ctx, w.officer, "", w.agreement, plan()))
	if a.Version != 1 || b.Version != 2 {
		t.Errorf("versions %d and %d, want 1 and 2", a.Version, b.Version)
	}
}

func TestAnAuditForCauseIsNotHeldUpByTheYear(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	p := plan()
	p.Earlier, p.ForCause, p.Wanted = deadlines.Date{Year: 2026, Month: 10, Day: 1}, true, deadlines.Date{Year: 2026, Month: 12, Day: 2}
	if _, err := w.audits.Start(t.Context(), w.officer, "", w.agreement, p); err != nil {
		t.Errorf("refused: %v", err)
	}
	p.Why = ""
	if _, err := w.audits.Start(t.Context(), w.officer, "", w.agreement, p); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a cause without words = %v, want invalid", err)
	}
}

// A processor that stays silent does not hold up the audit.
func TestSilenceIsNoReport(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx := t.Context()
	a := w.draft()
	a = w.must(w.audits.AskBefore(ctx, w.officer, a.ID, audits.Inquire{Kind: audits.ExistingReports, Text: "Welke rapporten?"}))
	w.refusedBy(a.ID, "precondition", "10.2", func() error { return only(w.audits.SendNotice(ctx, w.officer, a.ID)) })
	w.goTo(a.Inquiries[0].Due.AddDays(1))
	if _, err := w.audits.SendNotice(ctx, w.officer, a.ID); err != nil {
		t.Errorf("refused: %v", err)
	}
}

func TestConclusiveReportsBlockTheNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx := t.Context()
	a := w.reach(w.draft().ID, audits.Precondition)
	w.must(w.audits.AssessReports(ctx, w.officer, a.ID, a.Inquiries[0].ID, audits.Conclusive, "Alles staat erin."))
	w.refusedBy(a.ID, "precondition", "10.2", func() error { return only(w.audits.SendNotice(ctx, w.officer, a.ID)) })
}

// Files: each side its own, until the answer is locked; nobody sees a draft answer.
func TestFiles(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx, s := t.Context(), w.audits
	a := w.draft()
	a = w.must(s.AskBefore(ctx, w.officer, a.ID, audits.Inquire{Kind: audits.ExistingReports, Text: "Welke rapporten?"}))
	q := a.Inquiries[0].ID
	f, err := s.Attach(ctx, w.agent, a.ID, q, upload("logboek.csv"))
	if err != nil || f.Type != "text/csv" {
		t.Fatalf("attach = %+v, %v", f, err)
	}
	if _, _, err := s.Open(ctx, w.officer, a.ID, f.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the controller opens an answer that was not sent: %v", err)
	}
	if _, err := s.Attach(ctx, w.officer, a.ID, q, upload("x.txt")); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("the controller adds to the answer: %v", err)
	}
	if _, err := s.Attach(ctx, w.stranger, a.ID, q, upload("x.txt")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger adds a file: %v", err)
	}
	if _, err := s.Attach(ctx, w.agent, a.ID, q, attachment.Upload{Name: "a.exe", Size: -1, Body: strings.NewReader("MZ\x00")}); fault.KindOf(err) != fault.UnsupportedType {
		t.Errorf("a program is taken in: %v", err)
	}
	w.must(s.AnswerInquiry(ctx, w.agent, a.ID, q, audits.Supplied{}))
	if _, _, err := s.Open(ctx, w.stranger, a.ID, f.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("somebody from outside opens a file: %v", err)
	}
	named, body, err := s.Open(ctx, w.officer, a.ID, f.ID)
	if err != nil || named.Name != "logboek.csv" {
		t.Fatalf("open = %q, %v", named.Name, err)
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	if _, err := s.Detach(ctx, w.agent, a.ID, f.ID); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a file is taken out of a sent answer: %v", err)
	}
	if _, err := s.AnswerInquiry(ctx, w.agent, a.ID, q, audits.Supplied{Text: "Anders"}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("an answer is sent twice: %v", err)
	}
}

// The auditor: nothing before signing, everything but the costs after it,
// nothing at once when the invitation is withdrawn.
func TestTheAuditor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "qputer")
	ctx, s := t.Context(), w.audits
	a := w.reach(w.draft().ID, audits.Precondition)
	w.must(s.SendNotice(ctx, w.officer, a.ID))
	a = w.must(s.InviteAuditor(ctx, w.officer, a.ID))
	auditor := identity.Actor{Account: a.Access, Roles: []identity.Role{identity.Auditor}, Level: identity.Full, StrongAt: w.Now()}
	shown, seen, err := s.Look(ctx, auditor, a.ID)
	if err != nil || seen != audits.Threshold || shown.Auditor != nil || len(shown.Inquiries) > 0 || shown.Subject != "" {
		t.Errorf("before signing: %v %+v %v", seen, shown, err)
	}
	if _, err := s.Tell(ctx, auditor, shown); fault.KindOf(err) != fault.NotFound {
		t.Errorf("before signing the words are told: %v", err)
	}
	if _, err := s.AskDuring(ctx, auditor, a.ID, audits.Inquire{Text: "x"}); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("before signing the auditor asks: %v", err)
	}
	half := auditor
	half.Level = identity.Half
	if _, _, err := s.Look(ctx, half, a.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("with one factor the auditor sees the audit: %v", err)
	}
	text, err := s.Undertaking(ctx, auditor, shown, "nl")
	if err != nil || !strings.Contains(strings.Join(text.Lines, " "), w.controller.Name) {
		t.Fatalf("undertaking = %v, %v", text, err)
	}
	if _, err := s.SignUndertaking(ctx, auditor, a.ID, audits.Signature{Version: text.Version, Language: "nl"}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("signed without a name: %v", err)
	}
	signature := audits.Signature{Name: "Rik Jansen", Version: text.Version, Language: "nl", Agrees: true}
	stale := auditor
	stale.StrongAt = w.Now().Add(-time.Hour)
	if _, err := s.SignUndertaking(ctx, stale, a.ID, signature); fault.KindOf(err) != fault.StepUp {
		t.Errorf("signed with an old second factor: %v", err)
	}
	a = w.must(s.SignUndertaking(ctx, auditor, a.ID, signature))
	if u := a.Auditor.Undertaken; u == nil || !u.At.Equal(w.Now()) || u.By != auditor.Account || len(u.SHA256) != 64 {
		t.Errorf("signed as %+v", u)
	}
	if _, seen, err := s.Look(ctx, auditor, a.ID); err != nil || seen != audits.Content {
		t.Errorf("after signing: %v, %v", seen, err)
	}
	if _, err := s.StatementOf(ctx, auditor, w.get(a.ID)); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the auditor reads the costs: %v", err)
	}
	page, err := s.ListOfAuditor(ctx, auditor, "", 10)
	if err != nil || len(page.Rows) != 1 {
		t.Errorf("list of the auditor: %d, %v", len(page.Rows), err)
	}
	w.must(s.WithdrawAuditor(ctx, w.controllerAdmin, a.ID))
	if _, _, err := s.Look(ctx, auditor, a.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("after withdrawal the auditor looks: %v", err)
	}
	if page, err := s.ListOfAuditor(ctx, auditor, "", 10); err != nil || len(page.Rows) != 0 {
		t.Errorf("after withdrawal the list has %d, %v", len(page.Rows), err)
	}
}

func TestCancelling(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx, s := t.Context(), w.audits
	a := w.reach(w.draft().ID, audits.DateAgreed)
	on := a.On
	if _, err := s.CallOff(ctx, w.officer, a.ID, " "); fault.KindOf(err) != fault.Invalid {
		t.Errorf("cancelled without a reason: %v", err)
	}
	a = w.must(s.CallOff(ctx, w.officer, a.ID, "Het contract wordt herzien."))
	if a.Stage != audits.Cancelled || a.Open || a.Access != "" || a.Outcome != audits.CalledOff {
		t.Errorf("cancelled as %+v", a)
	}
	if m, ok := audits.DayOf(w.officer, a); !ok || !m.Off || m.Day != on || len(audits.MarksOf(w.officer, a)) != 0 {
		t.Errorf("its day stands in the calendar: %+v", m)
	}
	b := w.reach(w.draft().ID, audits.DateAgreed)
	if b.On != on {
		t.Errorf("the next audit is on %s, want the day that was given up, %s", b.On, on)
	}
	w.reach(b.ID, audits.UnderWay)
	b = w.must(s.CallOff(ctx, w.officer, b.ID, "Ruzie"))
	if b.Outcome != audits.BrokenOff {
		t.Errorf("outcome %s, want broken off", b.Outcome)
	}
	c := w.reach(w.draft().ID, audits.Announced)
	w.refusedBy(c.ID, "frequency", "10.2", func() error { return w.propose(c.ID, w.officer, b.On.AddDays(40)) })
}

// A file opens for who may see what it belongs to, and for nobody who knows
// only its id: not a stranger, nor an auditor who was shut out.
func TestFilesOfOthers(t *testing.T) {
	w := newWorld(t, "mpg")
	ctx, s := t.Context(), w.audits
	a := w.draft()
	f, err := s.Attach(ctx, w.officer, a.ID, "notice", upload("plan.txt"))
	if err != nil {
		t.Fatal(err)
	}
	w.reach(a.ID, audits.Announced)
	for _, by := range []identity.Actor{w.officer, w.agent, w.auditor} {
		_, body, err := s.Open(ctx, by, a.ID, f.ID)
		if err != nil {
			t.Fatalf("%v cannot open the file: %v", by.Roles, err)
		}
		if err := body.Close(); err != nil {
			t.Error(err)
		}
	}
	w.must(s.WithdrawAuditor(ctx, w.officer, a.ID))
	for name, by := range map[string]identity.Actor{"stranger": w.stranger, "auditor": w.auditor, "nobody": {}} {
		if _, _, err := s.Open(ctx, by, a.ID, f.ID); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%s opens the file: %v", name, err)
		}
	}
}
