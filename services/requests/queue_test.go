package requests_test

import (
	"context"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// entered is a request that staff of the organisation put in.
func entered(t *testing.T, w *handlertest.World, by identity.Actor, f requests.Filing) requests.Request {
	t.Helper()
	r, err := w.Requests.Enter(context.Background(), by, ledger.NewID("req"), requests.Entry{Filing: f, Channel: requests.Letter, Received: w.Now().Add(-time.Hour)})
	if err != nil {
		t.Fatalf("enter: %v", err)
	}
	return r
}

// counts are the numbers on the tabs.
func counts(t *testing.T, w *handlertest.World, by identity.Actor) map[requests.Tab]int {
	t.Helper()
	c, err := w.Requests.Counts(context.Background(), by, append(requests.Tabs(), requests.Sent)...)
	if err != nil {
		t.Fatalf("counts: %v", err)
	}
	return c
}

func TestNobodyOfStaffSeesAnUnprovenFiling(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	f := filing(w.Bakery.ID, "", requests.Access)
	d, err := w.Requests.StartDraft(ctx, f)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	r, err := w.Requests.SubmitDraft(ctx, d.ID)
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	if got := counts(t, w, officer)[requests.AllOpen]; got != 0 {
		t.Errorf("the queue counts %d unproven filings, want 0", got)
	}
	if _, _, err := w.Requests.Look(ctx, officer, r.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("look = %v, want not found", err)
	}
	proven, _ := filed(t, w, f)
	if _, seen, err := w.Requests.Look(ctx, officer, proven.ID); err != nil || seen != requests.Content {
		t.Errorf("look at a proven one = %v, %v; want its content", seen, err)
	}
	if got := counts(t, w, officer)[requests.AllOpen]; got != 1 {
		t.Errorf("the queue counts %d, want the proven one", got)
	}
}

func TestTabsCountWhatTheySay(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	agent := w.Actor(w.Hire("Joris Bakker", w.Partner, identity.Agent))
	r := entered(t, w, officer, filing(w.Bakery.ID, "", requests.Erasure))
	forwarded := entered(t, w, agent, filing(w.Partner.ID, w.Bakery.ID, requests.Access))
	want := func(when string, by identity.Actor, tab requests.Tab, n int) {
		t.Helper()
		if got := counts(t, w, by)[tab]; got != n {
			t.Errorf("%s: %s counts %d, want %d", when, tab, got, n)
		}
	}
	want("at first", officer, requests.AllOpen, 2)
	want("at first", officer, requests.Unassigned, 2)
	want("at first", agent, requests.AllOpen, 0)
	want("at first", agent, requests.Sent, 1)
	if _, err := w.Requests.TakeUp(ctx, officer, r.ID); err != nil {
		t.Fatalf("take up: %v", err)
	}
	want("taken up", officer, requests.Mine, 1)
	want("taken up", officer, requests.Unassigned, 1)
	if _, err := w.Requests.Seek(ctx, officer, r.ID, ledger.NewID("ast"), requests.Help{Processor: w.Partner.ID, Right: requests.Erasure, Question: "Wis alles."}); err != nil {
		t.Fatalf("seek: %v", err)
	}
	want("help asked", officer, requests.Waiting, 1)
	w.Pass(24 * 24 * time.Hour)
	want("six days before the end", officer, requests.DueSoon, 2)
	w.Pass(8 * 24 * time.Hour)
	want("after the end", officer, requests.Overdue, 2)
	want("after the end", officer, requests.DueSoon, 0)
	if _, err := w.Requests.Decide(ctx, officer, r.ID, requests.Verdict{Right: requests.Erasure, Outcome: requests.Granted}); err != nil {
		t.Fatalf("decide: %v", err)
	}
	want("one answered", officer, requests.Overdue, 1)
	want("one answered", officer, requests.AllOpen, 2)
	if _, err := w.Requests.Finish(ctx, officer, r.ID); err != nil {
		t.Fatalf("close: %v", err)
	}
	want("one closed", officer, requests.Done, 1)
	want("one closed", officer, requests.Waiting, 0)
	page, err := w.Requests.Queue(ctx, officer, requests.AllOpen, "", 10)
	if err != nil || len(page.Rows) != 1 || page.Rows[0].ID != forwarded.ID {
		t.Errorf("open = %v, %v; want the forwarded one only", page.Rows, err)
	}
}

func TestSettlingWithoutAReplyEndsTheWaiting(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	r := entered(t, w, officer, filing(w.Bakery.ID, "", requests.Access))
	if _, err := w.Requests.TakeUp(ctx, officer, r.ID); err != nil {
		t.Fatalf("take up: %v", err)
	}
	r, err := w.Requests.Ask(ctx, officer, r.ID, "Ander adres.", "Uw klantnummer.")
	if err != nil || !r.Waiting {
		t.Fatalf("ask: %v, waiting %t", err, r.Waiting)
	}
	if r, err = w.Requests.Settle(ctx, officer, r.ID, true); err != nil || r.Waiting || r.State != requests.Acknowledged {
		t.Errorf("settled: %v, waiting %t in %s; want to go on", err, r.Waiting, r.State)
	}
}

func TestNobodyWorksOnWhatIsNotTriaged(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	agent := w.Actor(w.Hire("Joris Bakker", w.Partner, identity.Agent))
	r := entered(t, w, agent, filing(w.Partner.ID, "", requests.Access))
	if _, err := w.Requests.TakeUp(ctx, agent, r.ID); fault.KindOf(err) != fault.Conflict {
		t.Errorf("take up before triage = %v, want a conflict", err)
	}
	r, err := w.Requests.Direct(ctx, agent, r.ID, w.Bakery.ID)
	if err != nil || r.Desk != w.Bakery.ID {
		t.Errorf("direct = %v at %s, want it at the controller", err, r.Desk)
	}
}

func TestTheOneWhoSawAnOldStateIsTold(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	r := entered(t, w, officer, filing(w.Bakery.ID, "", requests.Access))
	if _, err := w.Requests.Jot(ctx, officer, r.ID, "Gebeld."); err != nil {
		t.Fatalf("note: %v", err)
	}
	if _, err := w.Requests.At(r.Rev).TakeUp(ctx, officer, r.ID); fault.KindOf(err) != fault.Conflict {
		t.Errorf("take up at the old revision = %v, want a conflict", err)
	}
	if _, err := w.Requests.At(r.Rev+1).TakeUp(ctx, officer, r.ID); err != nil {
		t.Errorf("take up at the new revision: %v", err)
	}
}

func TestStrangersWithoutAnAddressAreNotMerged(t *testing.T) {
	w := handlertest.New(t)
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	f := filing(w.Bakery.ID, "", requests.Access)
	f.Person.Email = ""
	a, b := entered(t, w, officer, f), entered(t, w, officer, f)
	if _, err := w.Requests.MergeInto(context.Background(), officer, a.ID, b.Reference); fault.KindOf(err) != fault.Invalid {
		t.Errorf("merge = %v, want it refused", err)
	}
}
