package audits_test

import (
	"encoding/json"
	"regexp"
	"slices"
	"strings"
	"testing"

	"inzage/services/audits"
	"inzage/services/fault"
)

// The notice stays what it was when it was sent: another auditor, another day
// and the day of another audit change nothing in it.
func TestTheNoticeStaysAsItWasSent(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx, s := t.Context(), w.audits
	a := w.reach(w.draft().ID, audits.Announced)
	before, err := s.NoticeOf(ctx, w.agent, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if before.Auditor.Name != "Rik Jansen" || before.Controller != w.controller.Name || before.Text.Method == "" || before.NewAuditor || !before.Sent.Equal(*a.Announced) {
		t.Errorf("the notice says %+v", before)
	}
	if before.Answer.Verdict == audits.Blocked || before.Answer.Earliest.String() != "2026-12-02" {
		t.Errorf("the notice was judged %s, earliest %s", before.Answer.Verdict, before.Answer.Earliest)
	}
	if !slices.Equal(before.Must, []string{"arguments"}) {
		t.Errorf("the notice must state %v, want the arguments of 10.2", before.Must)
	}
	yes := true
	w.must(s.AppointAuditor(ctx, w.officer, a.ID, audits.AuditorDetails{Person: audits.AuditorPerson{Name: "Ans Ander", Email: "ans@auditors.example"},
		Independent: &yes, ICTExpert: &yes, BoundToSecrecy: &yes}))
	a = w.must(s.ProposeDay(ctx, w.officer, a.ID, audits.DayProposal{Day: day(t, "2026-12-15")}))
	w.must(s.AcceptDay(ctx, w.agent, a.ID, a.Proposals[len(a.Proposals)-1].ID))
	after, err := s.NoticeOf(ctx, w.agent, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	if !after.NewAuditor || after.On != day(t, "2026-12-15") {
		t.Errorf("what changed since is not told: new auditor %v, agreed day %s", after.NewAuditor, after.On)
	}
	after.NewAuditor, after.On = before.NewAuditor, before.On
	was, _ := json.Marshal(before) // what no JSON can hold would fail the decoding below, too
	is, _ := json.Marshal(after)
	if string(was) != string(is) {
		t.Errorf("the notice changed after it was sent:\n%s\n%s", was, is)
	}
	if !slices.Contains(w.events(a.ID), "notice") {
		t.Errorf("no entry of the reading: %v", w.events(a.ID))
	}
}

// Before it is sent there is no notice, and nobody but the parties and the
// auditor who signed reads it afterwards.
func TestWhoReadsTheNotice(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.draft()
	if _, err := w.audits.NoticeOf(t.Context(), w.officer, a.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a notice that was not sent = %v", err)
	}
	w.reach(a.ID, audits.UnderWay)
	for name, by := range w.people() {
		_, err := w.audits.NoticeOf(t.Context(), by, a.ID)
		if may := slices.Contains(audits.Relations(), name); may != (err == nil) {
			t.Errorf("%s reads the notice: %v", name, err)
		}
	}
}

// A long run of letters without a space is ciphertext, or a hash.
var sealed = regexp.MustCompile(`[A-Za-z0-9+/]{40,}`)

// The closing report as JSON holds every word in the clear, and no account,
// address or ciphertext.
func TestTheClosingReportIsReadable(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "inserve")
	ctx, s := t.Context(), w.audits
	a := w.reach(w.draft().ID, audits.UnderWay)
	f := audits.FindingText{Grade: audits.Major, Clause: "6.2", Title: "Geen MFA", Text: "Beheerders zonder tweede factor.", Root: "Vergeten", NonCompliance: true}
	w.must(s.Find(ctx, w.officer, a.ID, f))
	w.priced(a.ID)
	w.settled(a.ID, "processor to controller 250000")
	w.must(s.Finish(ctx, w.officer, a.ID))
	c, err := s.ClosingOf(ctx, w.officer, a.ID)
	if err != nil {
		t.Fatal(err)
	}
	raw, err := json.Marshal(c)
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{`"schema":"inzage.audit.closing/1"`, "Geen MFA", "Tweede factor aanzetten", `"outcome":"audited"`, `"cents":250000`, "Rik Jansen"} {
		if !strings.Contains(string(raw), want) {
			t.Errorf("the report lacks %s: %s", want, raw)
		}
	}
	for _, never := range []string{"acc_", "fnd_", "rik@"} {
		if strings.Contains(string(raw), never) {
			t.Errorf("the report holds %s", never)
		}
	}
	for _, run := range sealed.FindAllString(string(raw), -1) {
		if run != c.Auditor.Signed.SHA256 {
			t.Errorf("this looks sealed: %s", run)
		}
	}
}

// An audit that was broken off has a closing report with its reason. What was
// struck before the draft report is in nobody's; what was not shared is not in
// the processor's.
func TestTheReportOfAnAuditBrokenOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx, s := t.Context(), w.audits
	a := w.reach(w.draft().ID, audits.UnderWay)
	for _, title := range []string{"Logboek", "Niet gebleken"} {
		a = w.must(s.Find(ctx, w.officer, a.ID, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: title, Text: "Zie bijlage."}))
	}
	w.must(s.Strike(ctx, w.officer, a.ID, a.Findings[1].ID))
	if _, err := s.ClosingOf(ctx, w.officer, a.ID); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the report of an open audit = %v, want a conflict", err)
	}
	w.must(s.CallOff(ctx, w.officer, a.ID, "De verwerker is overgenomen."))
	ours, err := s.ClosingOf(ctx, w.officer, a.ID)
	if err != nil || ours.Outcome != audits.BrokenOff || ours.CancelledBecause != "De verwerker is overgenomen." || len(ours.Findings) != 1 || ours.Findings[0].Title != "Logboek" || ours.Next != day(t, "2027-12-03") {
		t.Errorf("the controller's report = %+v, %v", ours, err)
	}
	theirs, err := s.ClosingOf(ctx, w.agent, a.ID)
	if err != nil || len(theirs.Findings) != 0 {
		t.Errorf("the processor's report holds %+v, %v", theirs.Findings, err)
	}
}
