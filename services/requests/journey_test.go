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

// filed is a confirmed request of a data subject, with the subject as actor.
func filed(t *testing.T, w *handlertest.World, f requests.Filing) (requests.Request, identity.Actor) {
	t.Helper()
	ctx := context.Background()
	d, err := w.Requests.StartDraft(ctx, f)
	if err != nil {
		t.Fatalf("start: %v", err)
	}
	if err := w.Requests.SaveDraft(ctx, d.ID, f); err != nil {
		t.Fatalf("save: %v", err)
	}
	r, err := w.Requests.SubmitDraft(ctx, d.ID)
	if err != nil {
		t.Fatalf("submit: %v", err)
	}
	ask := identity.CodeRequest{Purpose: requests.ConfirmPurpose, Object: r.ID, Email: f.Person.Email, Language: "nl", Address: "127.0.0.1"}
	if err := w.Identity.SendCode(ctx, ask); err != nil {
		t.Fatalf("send code: %v", err)
	}
	proof, err := w.Identity.CheckCode(ctx, ask, w.LastLetter(f.Person.Email, "").Data["code"])
	if err != nil {
		t.Fatalf("check code: %v", err)
	}
	entry, err := w.Identity.StartSubject(ctx, proof, f.Person.Name, "nl")
	if err != nil {
		t.Fatalf("start subject: %v", err)
	}
	r, err = w.Requests.Confirm(ctx, entry.Actor, r.ID, proof)
	if err != nil {
		t.Fatalf("confirm: %v", err)
	}
	return r, entry.Actor
}

func filing(org, controller string, rights ...requests.Right) requests.Filing {
	f := requests.Filing{Organisation: org, Controller: controller, Rights: rights, Asked: map[requests.Right]requests.Asked{}, Language: "nl",
		Person: requests.Person{Name: "Fatima el Amrani", Email: "fatima@example.org"}}
	for _, r := range rights {
		f.Asked[r] = requests.Asked{What: "Alles over mijn bestellingen.", Into: "Dorpsstraat 12"}
	}
	return f
}

func TestForwardedByTheAgreement(t *testing.T) {
	w := handlertest.New(t)
	r, _ := filed(t, w, filing(w.Partner.ID, w.Bakery.ID, requests.Access))
	if r.State != requests.Forwarded || r.Desk != w.Bakery.ID || r.Decides != requests.Controller {
		t.Errorf("state %s at desk %s decided by %s, want forwarded to the controller", r.State, r.Desk, r.Decides)
	}
	if r.ReceivedByProcessor == nil || r.ReceivedByController == nil {
		t.Error("both receipt times must be kept")
	}
	if r.Due != "2026-12-17" {
		t.Errorf("due = %s, want 2026-12-17: thirty days and the month end together", r.Due)
	}
	want := []string{"request.file", "request.confirm", "request.forward"}
	if got := w.Events(r.ID); !slices.Equal(got, want) {
		t.Errorf("events = %v, want %v", got, want)
	}
}

func TestSplitWhenRightsGoDifferentWays(t *testing.T) {
	for name, start := range engines {
		t.Run(name, func(t *testing.T) { split(t, start(t)) })
	}
}

func split(t *testing.T, w *handlertest.World) {
	t.Helper()
	ctx := context.Background()
	r, subject := filed(t, w, filing(w.Online.ID, w.Bakery.ID, requests.Access, requests.Erasure))
	if got := r.Rights(); !slices.Equal(got, []requests.Right{requests.Access}) || r.Decides != requests.Processor || r.Desk != w.Online.ID {
		t.Errorf("the first half has %v at %s, want access handled by the processor", got, r.Desk)
	}
	part, err := w.Requests.Requests.Get(ctx, r.SplitInto)
	if err != nil {
		t.Fatalf("second half: %v", err)
	}
	if got := part.Rights(); !slices.Equal(got, []requests.Right{requests.Erasure}) || part.State != requests.Forwarded || part.Desk != w.Bakery.ID {
		t.Errorf("the second half has %v, %s at %s, want erasure forwarded", got, part.State, part.Desk)
	}
	linked, err := w.Requests.Linked(ctx, subject, r)
	if err != nil || len(linked) != 1 || linked[0].ID != part.ID {
		t.Errorf("linked = %v, %v; want the other half", linked, err)
	}
	story, err := w.Requests.Tell(ctx, subject, part)
	if err != nil || story.Person.Name != "Fatima el Amrani" {
		t.Errorf("the second half opens to %q, %v", story.Person.Name, err)
	}
}

// engines are the stores that the same test runs on.
var engines = map[string]func(testing.TB) *handlertest.World{"SQLite": handlertest.New, "MongoDB": handlertest.NewOnMongo}

func TestTheWholeWay(t *testing.T) {
	for name, start := range engines {
		t.Run(name, func(t *testing.T) { wholeWay(t, start(t)) })
	}
}

func wholeWay(t *testing.T, w *handlertest.World) {
	t.Helper()
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	agent := w.Actor(w.Hire("Joris Bakker", w.Partner, identity.Agent))
	r, subject := filed(t, w, filing(w.Partner.ID, w.Bakery.ID, requests.Access))
	r, err := w.Requests.TakeUp(ctx, officer, r.ID)
	if err != nil || r.State != requests.Acknowledged {
		t.Fatalf("take up: %v (%s)", err, r.State)
	}
	a, err := w.Requests.Seek(ctx, officer, r.ID, ledger.NewID("ast"), requests.Help{Processor: w.Partner.ID, Right: requests.Access, Question: "Welke bestellingen staan er op dit adres?"})
	if err != nil {
		t.Fatalf("seek help: %v", err)
	}
	if a.Due != "2026-12-14" || a.DueClause != "28(3)(e) GDPR" {
		t.Errorf("help due %s by %s, want three days before the end by the law", a.Due, a.DueClause)
	}
	f, err := w.Requests.AddAssistFile(ctx, agent, a.ID, requests.Upload{Name: "bestellingen.json", Size: -1, Body: strings.NewReader(`[{"brood":1}]`)})
	if err != nil {
		t.Fatalf("assist file: %v", err)
	}
	if _, err := w.Requests.Answer(ctx, agent, a.ID, requests.Reply{Outcome: requests.Found, Text: "Zie bestand."}); err != nil {
		t.Fatalf("answer: %v", err)
	}
	if _, err := w.Requests.Answer(ctx, agent, a.ID, requests.Reply{Outcome: requests.NothingFound}); fault.KindOf(err) != fault.Conflict {
		t.Errorf("second answer = %v, want a conflict: it is locked", err)
	}
	if _, err := w.Requests.UseAssistFile(ctx, officer, a.ID, f.ID); err != nil {
		t.Fatalf("use file: %v", err)
	}
	verdict := requests.Verdict{Right: requests.Access, Outcome: requests.Granted, Information: map[string]string{}}
	if _, err := w.Requests.Decide(ctx, officer, r.ID, verdict); fault.KindOf(err) != fault.Invalid {
		t.Errorf("access without art. 15(1) = %v, want invalid", err)
	}
	for _, i := range w.Requests.Catalogue.Information {
		verdict.Information[i.ID] = "Voor uw bestelling."
	}
	r, err = w.Requests.Decide(ctx, officer, r.ID, verdict)
	if err != nil || r.State != requests.Decided {
		t.Fatalf("decide: %v (%s)", err, r.State)
	}
	officer.StrongAt = w.Now()
	if r, err = w.Requests.Release(ctx, officer, r.ID); err != nil || r.State != requests.Delivered {
		t.Fatalf("release: %v (%s)", err, r.State)
	}
	if _, _, err := w.Requests.Fetch(ctx, subject, r.ID, f.ID); fault.KindOf(err) != fault.StepUp {
		t.Errorf("download with one factor = %v, want step-up", err)
	}
	strong := subject
	strong.Level, strong.StrongAt = identity.Full, w.Now()
	named, body, err := w.Requests.Fetch(ctx, strong, r.ID, f.ID)
	if err != nil || named.Name != "bestellingen.json" {
		t.Fatalf("download: %q, %v", named.Name, err)
	}
	if err := body.Close(); err != nil {
		t.Errorf("close: %v", err)
	}
	if r, err = w.Requests.Finish(ctx, officer, r.ID); err != nil || r.State != requests.Closed || r.Open {
		t.Fatalf("close: %v (%s)", err, r.State)
	}
}
