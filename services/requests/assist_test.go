package requests_test

import (
	"context"
	"slices"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
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
