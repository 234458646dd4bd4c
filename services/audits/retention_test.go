package audits_test

import (
	"testing"
	"time"

	"inzage/services/audits"
	"inzage/services/fault"
	"inzage/services/identity"
)

const aDay = 24 * time.Hour

// TestPeriodOfTheController: what ended goes by its own controller's period, and
// a period that changes holds for what had ended before.
func TestPeriodOfTheController(t *testing.T) { everywhere(t, "vcare", periodOfTheController) }

func periodOfTheController(t *testing.T, w *world) {
	ctx, s := t.Context(), w.audits
	first := w.draft()
	w.must(s.CallOff(ctx, w.officer, first.ID, "Niet nodig."))
	w.pass(100 * aDay)
	second := w.draft()
	w.must(s.CallOff(ctx, w.officer, second.ID, "Niet nodig."))
	w.keep(w.other, 0, identity.MinKeepDays) // another organisation's period is its own
	w.pass(81 * aDay)
	w.shredded(0)
	w.keep(w.controller, 0, identity.MinKeepDays)
	o, err := w.identity.Organisation(ctx, w.controller.ID)
	if err != nil {
		t.Fatal(err)
	}
	admin := w.staff(o, identity.Admin)
	if n, err := s.CountEnded(ctx, admin, o, s.Keeps(o)); n != 1 || err != nil {
		t.Errorf("%d would go, %v; want the first", n, err)
	}
	page, err := s.Ended(ctx, admin, o, "", 1)
	if err != nil || len(page.Rows) != 1 || page.Next == "" {
		t.Fatalf("first page = %+v, %v", page, err)
	}
	if x, ended := page.Rows[0], w.get(first.ID).Ended; x.ID != first.ID || x.Reference != first.Reference || !x.At.Equal(*ended) || !x.Goes.Equal(ended.Add(180*aDay)) {
		t.Errorf("first row = %+v, want what ended first", x)
	}
	if page, err = s.Ended(ctx, admin, o, page.Next, 1); err != nil || len(page.Rows) != 1 || page.Rows[0].ID != second.ID || page.Next != "" {
		t.Errorf("second page = %+v, %v", page, err)
	}
	w.shredded(1)
	if w.get(first.ID).Shredded == nil || w.get(second.ID).Shredded != nil {
		t.Error("not what ended longest ago went")
	}
	if page, err = s.Ended(ctx, admin, o, "", 10); err != nil || len(page.Rows) != 1 || page.Rows[0].ID != second.ID {
		t.Errorf("what is left = %+v, %v", page, err)
	}
	w.keep(o, identity.MinKeepDays, 1000)
	w.pass(audits.Keep)
	w.shredded(0)
	for _, by := range []identity.Actor{w.officer, w.agent, w.stranger} {
		if _, err := s.Ended(ctx, by, o, "", 10); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v sees what goes: %v", by.Roles, err)
		}
	}
}

// keep has an administrator set a storage period.
func (w *world) keep(o identity.Organisation, was, days int64) {
	w.t.Helper()
	if _, err := w.identity.ChangeKeep(w.t.Context(), w.staff(o, identity.Admin), o.ID, was, days); err != nil {
		w.t.Fatal(err)
	}
}
