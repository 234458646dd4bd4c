package audits_test

import (
	"testing"

	"inzage/services/audits"
	"inzage/services/fault"
)

// TestHouseRulesWithOtherFilesAreReadAnew: who read the rules before a file was
// added to them, or taken out, has not read them as they are now.
func TestHouseRulesWithOtherFilesAreReadAnew(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "qputer")
	ctx, s := t.Context(), w.audits
	id := w.reach(w.draft().ID, audits.UnderWay).ID
	early, err := s.Attach(ctx, w.agent, id, "rules", upload("plattegrond.txt"))
	if err != nil || w.get(id).Rules != nil {
		t.Fatalf("a file before there are rules: %v, %+v", err, w.get(id).Rules)
	}
	w.must(s.WriteRules(ctx, w.agent, id, "Meld u bij de balie."))
	visit := w.must(s.PlanVisit(ctx, w.agent, id, audits.Visit{Day: w.today(), Mode: audits.Remote, Purpose: "Rondgang"})).Sessions[0].ID
	for version, change := range []func() error{
		func() error { return nil },
		func() error {
			_, err := s.Attach(ctx, w.agent, id, "rules", upload("huisregels.txt"))
			return err
		},
		func() error { return only(s.Detach(ctx, w.agent, id, early.ID)) },
	} {
		version++
		if err := change(); err != nil {
			t.Fatal(err)
		}
		if got := w.get(id).Rules; got.Version != version || len(got.Acknowledged) != version-1 {
			t.Fatalf("version %d, read %d times; want version %d, and who read the older ones", got.Version, len(got.Acknowledged), version)
		}
		w.refusedBy(id, "cooperation", "5.5", func() error { return only(s.RecordVisit(ctx, w.auditor, id, visit, "Gezien.")) })
		if err := only(s.ReadRules(ctx, w.auditor, id, version-1)); version > 1 && fault.KindOf(err) != fault.Conflict {
			t.Errorf("version %d was acknowledged when it was replaced: %v", version-1, err)
		}
		w.must(s.ReadRules(ctx, w.auditor, id, version))
	}
	w.must(s.RecordVisit(ctx, w.auditor, id, visit, "Gezien."))
}

// TestFilesOfAVisit: either side adds the programme and the minutes, both see
// them, each takes out its own, and a cancelled visit takes no more.
func TestFilesOfAVisit(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx, s := t.Context(), w.audits
	id := w.reach(w.draft().ID, audits.DateAgreed).ID
	planned := w.must(s.PlanVisit(ctx, w.agent, id, audits.Visit{Day: w.get(id).On, Mode: audits.Remote, Purpose: "Interview"})).Sessions[0].ID
	programme, err := s.Attach(ctx, w.agent, id, planned, upload("programma.txt"))
	if err != nil {
		t.Fatal(err)
	}
	if _, err := s.Attach(ctx, w.stranger, id, planned, upload("x.txt")); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a stranger adds a file: %v", err)
	}
	if err := only(s.Detach(ctx, w.officer, id, programme.ID)); fault.KindOf(err) != fault.Forbidden {
		t.Errorf("the controller takes out the processor's file: %v", err)
	}
	_, body, err := s.Open(ctx, w.officer, id, programme.ID)
	if err != nil {
		t.Fatal(err)
	}
	if err := body.Close(); err != nil {
		t.Error(err)
	}
	w.reach(id, audits.UnderWay)
	w.must(s.RecordVisit(ctx, w.officer, id, planned, "Besproken."))
	if _, err := s.Attach(ctx, w.officer, id, planned, upload("verslag.txt")); err != nil {
		t.Errorf("the minutes of a visit that was held: %v", err)
	}
	dropped := w.must(s.PlanVisit(ctx, w.officer, id, audits.Visit{Day: w.today(), Mode: audits.Remote, Purpose: "Nabespreking"})).Sessions[1].ID
	w.must(s.CancelVisit(ctx, w.officer, id, dropped))
	if _, err := s.Attach(ctx, w.officer, id, dropped, upload("x.txt")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a cancelled visit takes a file: %v", err)
	}
	w.reach(id, audits.Reported)
	if _, err := s.Attach(ctx, w.officer, id, planned, upload("x.txt")); fault.KindOf(err) != fault.Conflict {
		t.Errorf("a visit takes a file after the report was shared: %v", err)
	}
	if files := w.get(id).Files; len(files) < 2 || s.Takes(w.officer, w.get(id), planned) {
		t.Errorf("%d files; takes more: %t", len(files), s.Takes(w.officer, w.get(id), planned))
	}
}
