package requests_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// asked is a question of the bakery to the partner.
func asked(t *testing.T, w *handlertest.World) (requests.Assist, identity.Actor, identity.Actor) {
	t.Helper()
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	agent := w.Actor(w.Hire("Joris Bakker", w.Partner, identity.Agent))
	r := entered(t, w, officer, filing(w.Bakery.ID, "", requests.Access))
	if _, err := w.Requests.TakeUp(ctx, officer, r.ID); err != nil {
		t.Fatalf("take up: %v", err)
	}
	help := requests.Help{Processor: w.Partner.ID, Right: requests.Access, Question: "Welke bestellingen zijn er?"}
	a, err := w.Requests.Seek(ctx, officer, r.ID, ledger.NewID("ast"), help)
	if err != nil {
		t.Fatalf("seek: %v", err)
	}
	again, err := w.Requests.Seek(ctx, officer, r.ID, a.ID, help)
	if err != nil || again.ID != a.ID {
		t.Fatalf("seek again = %v, %v; want the same", again.ID, err)
	}
	return a, officer, agent
}

func TestAskingTwiceAsksOnce(t *testing.T) {
	w := handlertest.New(t)
	a, _, _ := asked(t, w)
	n := 0
	for _, action := range w.Events(a.Request) {
		if action == "request.ask_assist" {
			n++
		}
	}
	if n != 1 {
		t.Errorf("asked %d times, want once", n)
	}
}

func TestWithdrawnHelpShowsNobodyAnything(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	a, officer, agent := asked(t, w)
	f, err := w.Requests.AddAssistFile(ctx, agent, a.ID, requests.Upload{Name: "a.csv", Size: -1, Body: strings.NewReader("a,b\n1,2\n")})
	if err != nil {
		t.Fatalf("file: %v", err)
	}
	if _, text, err := w.Requests.Task(ctx, agent, a.ID); err != nil || text.Person.Name == "" {
		t.Fatalf("the agent sees %q, %v before", text.Person.Name, err)
	}
	if _, err := w.Requests.CancelHelp(ctx, officer, a.ID); err != nil {
		t.Fatalf("cancel: %v", err)
	}
	if _, text, err := w.Requests.Task(ctx, agent, a.ID); err != nil || text.Person.Name != "" || text.Question != "" {
		t.Errorf("the agent sees %q about %q, %v; want nothing", text.Question, text.Person.Name, err)
	}
	if _, _, err := w.Requests.ViewAssist(ctx, agent, a.ID, f.ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("the file = %v, want not found", err)
	}
	if _, err := w.Requests.CancelHelp(ctx, officer, a.ID); fault.KindOf(err) != fault.Conflict {
		t.Errorf("cancel twice = %v, want a conflict", err)
	}
	if got := w.Events(a.ID); !slices.Contains(got, "assist.cancel") || !slices.Contains(got, "assist.cancel refused") {
		t.Errorf("events = %v, want one cancel done and one refused", got)
	}
}

func TestCostsOfHelpFollowTheAgreement(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	a, officer, agent := asked(t, w)
	reply := requests.Reply{Outcome: requests.NothingFound, Costs: []requests.CostLine{{For: " ", Cents: 10}}}
	if _, err := w.Requests.Answer(ctx, agent, a.ID, reply); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a charge for nothing = %v, want it refused", err)
	}
	reply.Costs = []requests.CostLine{{For: "2 uur zoeken", Cents: 18050}}
	a, err := w.Requests.Answer(ctx, agent, a.ID, reply)
	if err != nil {
		t.Fatalf("answer: %v", err)
	}
	bill, err := w.Requests.Bill(ctx, a)
	if err != nil || len(bill.Lines) != 1 || bill.Lines[0].Bearer != requests.Controller || bill.Lines[0].Clause != "8.1" || bill.Currency != "EUR" {
		t.Errorf("bill = %+v, %v; want it on the controller by clause 8.1", bill, err)
	}
	if _, text, err := w.Requests.Task(ctx, officer, a.ID); err != nil || !slices.Equal(text.CostsFor, []string{"2 uur zoeken"}) {
		t.Errorf("costs for = %v, %v", text.CostsFor, err)
	}
}

// TestHelpWithinEveryUnit: the agreement's time for help is held, whatever its
// unit, and never reaches past the controller's own buffer.
func TestHelpWithinEveryUnit(t *testing.T) {
	ctx := context.Background()
	for _, tt := range []struct {
		unit, country string
		due, ends     string
		clause        string
		unknown       bool
	}{
		{"{hours: 36}", "NL", "2026-11-18", "2026-11-18T20:30:00Z", "4.1", false},
		{"{working_days: 10}", "NL", "2026-12-01", "2026-12-01T23:00:00Z", "4.1", false},
		{"{working_days: 10}", "DE", "2026-12-01", "2026-12-01T23:00:00Z", "4.1", true},
		{"{weeks: 1}", "NL", "2026-11-24", "2026-11-24T23:00:00Z", "4.1", false},
		{"{months: 2}", "NL", "2026-12-14", "2026-12-14T23:00:00Z", "28(3)(e) GDPR", false}, // the buffer before 17 December
	} {
		w := handlertest.New(t)
		other := w.Organisation("Vlinder BV", "vlinder")
		w.AgreeOn("key: vlinder\ntitle: Vlinder\nprocessor: {name: Vlinder}\ncountry: "+tt.country+"\nrequests:\n  assistance: {rights: [all], within: "+tt.unit+", clause: '4.1'}\n", w.Bakery, other)
		officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
		r := entered(t, w, officer, filing(w.Bakery.ID, "", requests.Access))
		if _, err := w.Requests.TakeUp(ctx, officer, r.ID); err != nil {
			t.Fatal(err)
		}
		limits, err := w.Requests.Helpers(ctx, officer, r, requests.Access)
		if err != nil {
			t.Fatal(err)
		}
		for _, l := range limits {
			if l.Agreement.Processor == other.ID && l.Unknown != tt.unknown {
				t.Errorf("%s in %s: holidays unknown %v", tt.unit, tt.country, l.Unknown)
			}
		}
		a, err := w.Requests.Seek(ctx, officer, r.ID, ledger.NewID("ast"), requests.Help{Processor: other.ID, Right: requests.Access, Question: "Wat is er?"})
		if err != nil {
			t.Fatalf("%s: %v", tt.unit, err)
		}
		if a.Due != tt.due || a.Ends.Format(time.RFC3339) != tt.ends || a.DueClause != tt.clause || !a.Remind.Before(a.Ends) && a.Remind != a.Ends {
			t.Errorf("%s: due %s until %s by %s, reminded %s; want %s until %s by %s (now %s, request due %s)", tt.unit, a.Due, a.Ends.Format(time.RFC3339), a.DueClause, a.Remind, tt.due, tt.ends, tt.clause, w.Now(), r.Due)
		}
		late := requests.Help{Processor: other.ID, Right: requests.Access, Question: "Wat nog?", Due: day(t, tt.due).AddDays(1)}
		if _, err := w.Requests.Seek(ctx, officer, r.ID, ledger.NewID("ast"), late); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s: a day after the limit = %v", tt.unit, err)
		}
	}
}

func day(t *testing.T, s string) deadlines.Date {
	t.Helper()
	d, err := deadlines.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}
