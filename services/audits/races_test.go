package audits_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"

	"github.com/google/go-cmp/cmp"
)

// atOnce runs n calls together and counts those that were not refused; every
// refusal has to be of the kind.
func atOnce(t *testing.T, n int, kind fault.Kind, do func(i int) error) int {
	t.Helper()
	var wait sync.WaitGroup
	errs := make([]error, n)
	for i := range n {
		wait.Go(func() { errs[i] = do(i) })
	}
	wait.Wait()
	won := 0
	for _, err := range errs {
		switch {
		case err == nil:
			won++
		case fault.KindOf(err) != kind:
			t.Errorf("a loser hears %v, want a refusal of kind %s", err, kind)
		}
	}
	return won
}

// Both parties move the agreed day at once, many times: one proposal stands,
// the others hear which.
func TestBothMoveTheDayAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.reach(w.draft().ID, audits.DateAgreed)
	won := atOnce(t, 30, fault.Conflict, func(i int) error {
		by := []identity.Actor{w.officer, w.agent}[i%2]
		_, err := w.audits.ProposeDay(context.Background(), by, a.ID, audits.DayProposal{Day: a.On.AddDays(7 * (1 + i%3)), Reason: "Past beter."})
		return err
	})
	after := w.get(a.ID)
	if won != 1 || len(after.Proposals) != len(a.Proposals)+1 || after.On != a.On {
		t.Errorf("%d won, %d proposals, agreed %s; want one, one more, %s", won, len(after.Proposals), after.On, a.On)
	}
	last := after.Proposals[len(after.Proposals)-1]
	other, own := w.agent, w.officer
	if last.From == audits.Processor {
		other, own = w.officer, w.agent
	}
	w.refusedBy(a.ID, "cooperation", "10.3", func() error {
		return only(w.audits.ProposeDay(t.Context(), other, a.ID, audits.DayProposal{Day: a.On.AddDays(21), Reason: "Toch later."}))
	})
	if err := only(w.audits.AcceptDay(t.Context(), own, a.ID, last.ID)); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the own proposal is accepted: %v", err)
	}
	after = w.must(w.audits.AcceptDay(t.Context(), other, a.ID, last.ID))
	if after.On != last.Day {
		t.Errorf("moved to %s, want %s", after.On, last.Day)
	}
}

// Twelve audits under one agreement, all to be held within the same year:
// one gets its day.
func TestTwelveAuditsWithinTheYear(t *testing.T) { everywhere(t, "mpg", twelveAuditsWithinTheYear) }

func twelveAuditsWithinTheYear(t *testing.T, w *world) {
	var ids []audits.Audit
	for n := range 12 {
		if n%audits.NoticesADay == 0 {
			w.goTo(w.today().AddDays(1)) // so many are announced in a day
		}
		a := w.reach(w.draft().ID, audits.Announced)
		ids = append(ids, w.must(w.audits.ProposeDay(t.Context(), w.officer, a.ID, audits.DayProposal{Day: w.earliest(a)})))
	}
	won := atOnce(t, len(ids), fault.Conflict, func(i int) error {
		_, err := w.audits.AcceptDay(context.Background(), w.agent, ids[i].ID, ids[i].Proposals[0].ID)
		return err
	})
	agreed := 0
	for _, a := range ids {
		if !w.get(a.ID).On.IsZero() {
			agreed++
		}
	}
	if won != 1 || agreed != 1 {
		t.Errorf("%d won and %d have a day, want one", won, agreed)
	}
}

// Thirty presses of the same buttons: each thing is there once.
func TestThirtyPressesOfOneButton(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx := context.Background()
	id := ledger.NewID("aud")
	if won := atOnce(t, 30, "", func(int) error { return only(w.audits.Start(ctx, w.officer, id, w.agreement, plan())) }); won != 30 {
		t.Errorf("%d of 30 drafts answered, want the same one 30 times", won)
	}
	w.must(w.audits.AppointAuditor(ctx, w.officer, id, expert()))
	a := w.reach(id, audits.UnderWay)
	f := audits.FindingText{ID: ledger.NewID("fnd"), Grade: audits.Minor, Clause: "6.2", Title: "T", Text: "T"}
	c := audits.CostText{ID: ledger.NewID("cst"), Kind: "travel", For: "Trein", Cents: 100}
	q := audits.Inquire{ID: ledger.NewID("inq"), Text: "Wat?"}
	atOnce(t, 30, "", func(i int) error {
		switch i % 3 {
		case 0:
			return only(w.audits.Find(ctx, w.officer, id, f))
		case 1:
			return only(w.audits.StateCost(ctx, w.agent, id, c))
		}
		return only(w.audits.AskDuring(ctx, w.officer, id, q))
	})
	after := w.get(id)
	if len(after.Findings) != 1 || len(after.Costs) != 1 || len(after.Inquiries) != len(a.Inquiries)+1 {
		t.Errorf("%d findings, %d costs, %d inquiries, want one each", len(after.Findings), len(after.Costs), len(after.Inquiries)-len(a.Inquiries))
	}
	won := atOnce(t, 30, fault.Conflict, func(int) error {
		return only(w.audits.AnswerInquiry(ctx, w.agent, id, q.ID, audits.Supplied{Text: "Dit."}))
	})
	if won != 1 {
		t.Errorf("answered %d times, want once", won)
	}
}

func TestWhoSawAnOlderAuditIsTold(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	a := w.reach(w.draft().ID, audits.UnderWay)
	w.must(w.audits.WriteRules(t.Context(), w.agent, a.ID, "Meld u."))
	f := audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: "T", Text: "T"}
	if err := only(w.audits.At(a.Rev).Find(t.Context(), w.officer, a.ID, f)); !errors.Is(err, audits.ErrMoved) {
		t.Errorf("an older revision = %v, want ErrMoved", err)
	}
	w.must(w.audits.At(a.Rev+1).Find(t.Context(), w.officer, a.ID, f))
}

// brokenAudits fails the next Update after it took effect on nothing: what a
// crash between the two writes of an acceptance leaves behind.
type brokenAudits struct {
	document.Collection[audits.Audit]
	broken bool
}

var errPower = errors.New("the power went")

func (b *brokenAudits) Update(ctx context.Context, id string, fn func(*audits.Audit) ([]ledger.Event, error)) (audits.Audit, error) {
	if b.broken {
		return audits.Audit{}, errPower
	}
	return b.Collection.Update(ctx, id, fn)
}

// A day that was taken by an acceptance that never came is free again later;
// the days follow the audits when the log is walked.
func TestMendTheDays(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx := t.Context()
	a := w.reach(w.draft().ID, audits.Announced)
	b := w.reach(w.draft().ID, audits.Announced)
	// A crash between the two writes: the day is taken, the audit knows nothing.
	on := w.earliest(a)
	if _, err := w.audits.Slots.Touch(ctx, w.agreement, func(s *audits.Slots) error {
		s.Days = []audits.Slot{{Audit: a.ID, Day: on, At: w.Now()}}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	w.refusedBy(b.ID, "frequency", "10.2", func() error { return w.propose(b.ID, w.officer, on.AddDays(5)) })
	b = w.must(w.audits.ProposeDay(ctx, w.officer, b.ID, audits.DayProposal{Day: on.AddMonths(12).AddDays(1)}))
	w.goTo(w.today().AddDays(1))
	if _, err := w.audits.Slots.Touch(ctx, w.agreement, func(s *audits.Slots) error { s.Days[0].Day = on.AddDays(30); return nil }); err != nil {
		t.Fatal(err)
	}
	// The day that nobody holds stands in the way, is looked into, and freed.
	w.must(w.audits.AcceptDay(ctx, w.agent, b.ID, b.Proposals[0].ID))

	// An acceptance whose second write fails gives the day back.
	c := w.must(w.audits.ProposeDay(ctx, w.officer, a.ID, audits.DayProposal{Day: w.get(b.ID).On.AddMonths(12).AddDays(9)}))
	broken := &brokenAudits{Collection: w.audits.Audits, broken: true}
	failing := *w.audits
	failing.Audits = broken
	if err := only(failing.AcceptDay(ctx, w.agent, a.ID, c.Proposals[0].ID)); !errors.Is(err, errPower) {
		t.Fatalf("accept = %v, want the failure", err)
	}
	if days := w.days(); len(days) != 1 || days[0] != b.ID {
		t.Errorf("days of %v, want only %s", days, b.ID)
	}

	// The log says what was cancelled, however little came of it.
	if _, err := w.audits.Slots.Touch(ctx, w.agreement, func(s *audits.Slots) error { s.Days = nil; return nil }); err != nil {
		t.Fatal(err)
	}
	for _, ev := range w.history(b.ID) {
		if err := w.audits.Mend(ctx, ev); err != nil {
			t.Fatal(err)
		}
	}
	if diff := cmp.Diff([]string{b.ID}, w.days()); diff != "" {
		t.Errorf("days after mending (-want +got):\n%s", diff)
	}
	if err := w.audits.Mend(ctx, ledger.Event{Action: "audit.accept", Object: "aud_gone", Outcome: ledger.Done}); err != nil {
		t.Errorf("mending what is gone: %v", err)
	}
}

func (w *world) days() []string {
	w.t.Helper()
	s, err := w.audits.Slots.Get(w.t.Context(), w.agreement)
	if err != nil {
		w.t.Fatal(err)
	}
	var ids []string
	for _, d := range s.Days {
		ids = append(ids, d.Audit)
	}
	return ids
}
