package audits_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"

	"github.com/google/go-cmp/cmp"
)

func TestListsAreByWhatIsDueFirst(t *testing.T) { everywhere(t, "inserve", listsAreByWhatIsDueFirst) }

func listsAreByWhatIsDueFirst(t *testing.T, w *world) {
	ctx, s := t.Context(), w.audits
	later := w.reach(w.draft().ID, audits.Announced)
	w.must(s.ProposeDay(ctx, w.officer, later.ID, audits.DayProposal{Day: deadlines.Date{Year: 2026, Month: 12, Day: 10}}))
	sooner := w.reach(w.draft().ID, audits.DateAgreed)
	ended := w.draft()
	w.must(s.CallOff(ctx, w.officer, ended.ID, "Niet nodig."))
	for side, by := range map[audits.Side]identity.Actor{audits.AsController: w.officer, audits.AsProcessor: w.agent} {
		page, err := s.List(ctx, by, side, true, "", 1)
		if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != sooner.ID || page.Next == "" {
			t.Fatalf("%s first page: %v, %v, want the sooner one", side, page.Rows, err)
		}
		page, err = s.List(ctx, by, side, true, page.Next, 1)
		if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != later.ID {
			t.Errorf("%s second page: %v, %v, want the later one", side, page.Rows, err)
		}
		if n, err := s.CountOpen(ctx, by, side); err != nil || n != 2 {
			t.Errorf("%s counts %d, %v, want 2", side, n, err)
		}
	}
	page, err := s.List(ctx, w.officer, audits.AsController, false, "", 10)
	if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != ended.ID {
		t.Errorf("ended: %v, %v", page.Rows, err)
	}
	for _, by := range []identity.Actor{w.stranger} {
		if page, err := s.List(ctx, by, audits.AsController, true, "", 10); err != nil || len(page.Rows) != 0 {
			t.Errorf("a stranger lists %d, %v", len(page.Rows), err)
		}
	}
}

func TestCalendarOfBothSides(t *testing.T) { everywhere(t, "mpg", calendarOfBothSides) }

func calendarOfBothSides(t *testing.T, w *world) {
	ctx, s := t.Context(), w.audits
	a := w.reach(w.draft().ID, audits.DateAgreed)
	w.must(s.AskDuring(ctx, w.officer, a.ID, audits.Inquire{Text: "Logboeken", Due: deadlines.Date{}}))
	w.must(s.ProposeDay(ctx, w.agent, a.ID, audits.DayProposal{Day: a.On.AddDays(2), Reason: "Vergadering"}))
	secret := w.draft()
	p := plan()
	p.Wanted, p.ForCause = a.On.AddDays(6), true
	w.must(s.ReviseDraft(ctx, w.officer, secret.ID, p))
	read := func(by identity.Actor) []string {
		t.Helper()
		marks, err := s.Calendar(ctx, by, w.today(), w.today().AddDays(60))
		if err != nil {
			t.Fatal(err)
		}
		var all []string
		for _, m := range marks {
			line := m.Day.String() + " " + m.Kind
			if m.Mine {
				line += " mine"
			}
			all = append(all, line)
		}
		slices.Sort(all)
		return all
	}
	want := []string{"2026-12-01 inquiry", "2026-12-02 audit", "2026-12-04 proposal mine", "2026-12-08 proposal"}
	if diff := cmp.Diff(want, read(w.officer)); diff != "" {
		t.Errorf("the controller (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"2026-12-01 inquiry mine", "2026-12-02 audit", "2026-12-04 proposal"}, read(w.agent)); diff != "" {
		t.Errorf("the processor (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"2026-12-01 inquiry", "2026-12-02 audit", "2026-12-04 proposal mine"}, read(w.auditor)); diff != "" {
		t.Errorf("the auditor (-want +got):\n%s", diff)
	}
	if got := read(w.stranger); len(got) != 0 {
		t.Errorf("a stranger sees %v", got)
	}
	if _, err := s.Calendar(ctx, w.officer, w.today(), w.today().AddDays(500)); fault.KindOf(err) != fault.Invalid {
		t.Errorf("500 days = %v, want invalid", err)
	}
}

// Reminders: 7, 3, 1 and late for a question of ten days; each once, whoever
// sweeps, and none for what was answered.
func TestRemindersAreRaisedOnce(t *testing.T) { everywhere(t, "vcare", remindersAreRaisedOnce) }

func remindersAreRaisedOnce(t *testing.T, w *world) {
	ctx, s := t.Context(), w.audits
	a := w.reach(w.draft().ID, audits.UnderWay)
	due := w.today().AddDays(10)
	a = w.must(s.AskDuring(ctx, w.officer, a.ID, audits.Inquire{Text: "Logboeken", Due: due, Haste: "Lek"}))
	answered := w.must(s.AskDuring(ctx, w.officer, a.ID, audits.Inquire{Text: "Beleid"}))
	w.must(s.AnswerInquiry(ctx, w.agent, a.ID, answered.Inquiries[len(answered.Inquiries)-1].ID, audits.Supplied{Text: "Hier."}))
	// A second one: when its turn comes, the first is not reminded of the past.
	other := w.must(s.AskDuring(ctx, w.officer, a.ID, audits.Inquire{Text: "Beleid", Due: due.AddDays(2), Haste: "Lek"}))
	first := a.Inquiries[len(a.Inquiries)-1].ID
	second := other.Inquiries[len(other.Inquiries)-1].ID
	for range 16 {
		for range 3 {
			if _, err := s.Remind(ctx, 100); err != nil {
				t.Fatal(err)
			}
		}
		w.goTo(w.today().AddDays(1))
	}
	var got []string
	for _, e := range w.history(a.ID) {
		if e.Action == "audit.remind" {
			got = append(got, map[string]string{first: "first", second: "second"}[e.Details["item"]]+" "+e.Details["days"]+" "+e.Details["by"])
		}
	}
	want := []string{"first 7 processor", "second 7 processor", "first 3 processor", "first 1 processor", "second 3 processor",
		"first late processor", "second 1 processor", "second late processor"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("reminders (-want +got):\n%s", diff)
	}
}

// The record holds what the portal saw: a request sent on late, help that did
// not come, a late answer, findings. It serves as the cause of an audit.
func TestTheRecordOfAProcessor(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "qputer")
	ctx, s := t.Context(), w.audits
	at := func(days int) *time.Time { x := w.Now().AddDate(0, 0, days); return &x }
	late := requests.Request{Controller: w.controller.ID, Processor: w.processor.ID, SentBy: w.processor.ID, Received: *at(-20), ReceivedByProcessor: at(-20), ReceivedByController: at(-10)}
	late.ID, late.Reference = ledger.NewID("req"), "L"
	prompt := late
	prompt.ID, prompt.Reference, prompt.ReceivedByController = ledger.NewID("req"), "P", at(-20)
	others := late
	others.ID, others.Reference, others.Controller = ledger.NewID("req"), "O", w.other.ID
	for _, r := range []requests.Request{late, prompt, others} {
		if err := w.requests.Requests.Create(ctx, &r); err != nil {
			t.Fatal(err)
		}
	}
	missed := requests.Assist{Controller: w.controller.ID, Processor: w.processor.ID, Open: true, Due: "2026-11-10", Ends: *at(-7)}
	missed.ID = ledger.NewID("ast")
	if err := w.requests.Assists.Create(ctx, &missed); err != nil {
		t.Fatal(err)
	}
	a := w.reach(w.draft().ID, audits.Reported)
	r, err := s.RecordOf(ctx, w.officer, w.processor.ID)
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, x := range r.Slips {
		got = append(got, x.Kind)
	}
	slices.Sort(got)
	if diff := cmp.Diff([]string{audits.LateForward, audits.MissedAssist}, got); diff != "" {
		t.Errorf("slips (-want +got):\n%s", diff)
	}
	if len(r.Findings) != 1 || r.Findings[0].Audit != a.ID || r.Findings[0].Grade != audits.Minor {
		t.Errorf("findings = %+v", r.Findings)
	}
	p := plan()
	p.Why, p.ForCause, p.Indications = "", true, []string{late.ID, missed.ID, r.Findings[0].Finding}
	b := w.must(s.Start(ctx, w.officer, "", w.agreement, p))
	if diff := cmp.Diff(p.Indications, b.Cause.Indications); diff != "" {
		t.Errorf("indications (-want +got):\n%s", diff)
	}
	p.Indications = []string{others.ID}
	if _, err := s.Start(ctx, w.officer, "", w.agreement, p); fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), "record") {
		t.Errorf("somebody else's request as a cause: %v", err)
	}
	if r, err := s.RecordOf(ctx, w.stranger, w.processor.ID); err != nil || len(r.Slips) != 1 || len(r.Findings) != 0 {
		t.Errorf("another controller sees %+v, %v, want only its own", r, err)
	}
	if _, err := s.RecordOf(ctx, w.agent, w.processor.ID); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("the processor reads the record: %v", err)
	}
}

// The outlook answers before anything is drafted, and counts agreed audits.
func TestOutlook(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	j, err := w.audits.Outlook(t.Context(), w.officer, w.agreement, deadlines.Date{})
	if err != nil || j.Earliest != day(t, "2026-12-02") || j.Verdict != audits.Conditional {
		t.Errorf("outlook = %s %s, %v", j.Earliest, j.Verdict, err)
	}
	a := w.reach(w.draft().ID, audits.DateAgreed)
	if j, err = w.audits.Outlook(t.Context(), w.officer, w.agreement, deadlines.Date{}); err != nil || j.Earliest != a.On.AddMonths(12).AddDays(1) {
		t.Errorf("outlook beside an audit on %s = %s, %v", a.On, j.Earliest, err)
	}
	if _, err := w.audits.Outlook(t.Context(), w.agent, w.agreement, deadlines.Date{}); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the processor has an outlook: %v", err)
	}
	holiday, err := w.audits.Outlook(t.Context(), w.officer, w.agreement, day(t, "2027-03-26"))
	if err != nil || len(holiday.Warnings) != 1 {
		t.Errorf("Good Friday warns %v, %v", holiday.Warnings, err)
	}
}
