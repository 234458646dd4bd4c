package audits_test

import (
	"errors"
	"testing"

	"inzage/services/audits"
)

// TestStruckFromTheDraftIsNotShared strikes one finding before the report is
// shared and one after it.
func TestStruckFromTheDraftIsNotShared(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	id := w.reach(w.draft().ID, audits.UnderWay).ID
	ctx, s := t.Context(), w.audits
	find := func(title string) string {
		a := w.must(s.Find(ctx, w.auditor, id, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: title, Text: "T"}))
		return a.Findings[len(a.Findings)-1].ID
	}
	early, late, stays := find("Toch niet"), find("Later geschrapt"), find("Blijft")
	struck := w.must(s.Strike(ctx, w.auditor, id, early))
	if by := struck.Findings[0].DroppedBy; by != w.auditor.Account {
		t.Errorf("struck by %q, want the auditor", by)
	}
	w.must(s.ShareReport(ctx, w.auditor, id, "Samenvatting"))
	w.must(s.Strike(ctx, w.officer, id, late))

	a, _, err := s.Look(ctx, w.agent, id)
	if err != nil {
		t.Fatal(err)
	}
	story, err := s.Tell(ctx, w.agent, a)
	if err != nil {
		t.Fatal(err)
	}
	if len(a.Findings) != 2 || a.Findings[0].ID != late || a.Findings[1].ID != stays {
		t.Errorf("the processor sees %+v, want the two that were shared", a.Findings)
	}
	if _, told := story.Items[early]; told {
		t.Error("the processor reads what was struck from the draft")
	}
	if a, _, err = s.Look(ctx, w.officer, id); err != nil || len(a.Findings) != 3 {
		t.Errorf("the officer sees %d findings, %v; want 3", len(a.Findings), err)
	}
}

// TestWhoMayAddEvidence asks beforehand what Attach would say.
func TestWhoMayAddEvidence(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.reach(w.draft().ID, audits.UnderWay)
	a = w.must(w.audits.Find(t.Context(), w.auditor, a.ID, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: "T", Text: "T"}))
	f := a.Findings[0].ID
	for _, c := range []struct {
		name string
		got  bool
		want bool
	}{
		{"auditor, finding", w.audits.Takes(w.auditor, a, f), true},
		{"officer, report", w.audits.Takes(w.officer, a, "report"), true},
		{"agent, finding", w.audits.Takes(w.agent, a, f), false},
		{"administrator, finding", w.audits.Takes(w.controllerAdmin, a, f), false},
		{"stranger, finding", w.audits.Takes(w.stranger, a, f), false},
		{"auditor, no such thing", w.audits.Takes(w.auditor, a, "fnd_none"), false},
	} {
		if c.got != c.want {
			t.Errorf("%s: Takes = %v, want %v", c.name, c.got, c.want)
		}
	}
	closed := w.reach(a.ID, audits.Closed)
	if w.audits.Takes(w.officer, closed, f) {
		t.Error("a closed audit still takes evidence")
	}
}

// TestReviewWaitsForPositions names the findings that wait, only where they are
// assessed jointly and only while there is time.
func TestReviewWaitsForPositions(t *testing.T) {
	for preset, want := range map[string]int{"mpg": 1, "inserve": 0} {
		t.Run(preset, func(t *testing.T) {
			w := newWorld(t, preset)
			a := w.reach(w.draft().ID, audits.InReview)
			j, err := w.audits.Judge(t.Context(), w.officer, a)
			if err != nil {
				t.Fatal(err)
			}
			if got := len(a.Unreviewed(j.Terms, w.Now()).Reasons); got != want {
				t.Errorf("%d findings wait, want %d", got, want)
			}
			if got := len(a.Unreviewed(j.Terms, a.Report.Ends).Reasons); got != 0 {
				t.Errorf("after the time %d findings wait, want none", got)
			}
			_, err = w.audits.EndReview(t.Context(), w.officer, a.ID)
			if ruled, _ := errors.AsType[*audits.Ruled](err); (ruled != nil) != (want > 0) {
				t.Errorf("EndReview = %v", err)
			}
		})
	}
}
