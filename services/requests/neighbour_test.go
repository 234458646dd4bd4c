package requests_test

import (
	"context"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// TestAHostileNeighbourGainsNothing: what a stranger states about another
// organisation neither puts requests on its desk nor takes them from it.
func TestAHostileNeighbourGainsNothing(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	boss := w.Actor(w.Hire("Arie Kwaad", w.Online, identity.Admin))
	agent := w.Actor(w.Hire("Bram Kwaad", w.Online, identity.Agent))
	officer := w.Actor(w.Hire("Fleur Abbink", w.Florist, identity.PrivacyOfficer))
	source, err := agreements.PresetSource("mpg")
	if err != nil {
		t.Fatal(err)
	}
	var stated agreements.Agreement
	for _, in := range []agreements.Signing{{Controller: w.Florist.ID, Processor: w.Online.ID}, {Controller: w.Online.ID, Processor: w.Florist.ID}} {
		in.SignedOn, in.From, in.Source = "2026-01-01", "2026-01-01", string(source)
		a, err := w.Agreements.Sign(ctx, boss, ledger.NewID("agr"), in)
		if err != nil {
			t.Fatal(err)
		}
		if in.Controller == w.Florist.ID {
			stated = a
		}
	}
	// A letter of 45 days ago, overdue on arrival, for the florist's desk.
	late := requests.Entry{Filing: filing(w.Online.ID, w.Florist.ID, requests.Access), Channel: requests.Letter, Received: w.Now().Add(-45 * 24 * time.Hour)}
	r, err := w.Requests.Enter(ctx, agent, ledger.NewID("req"), late)
	if err == nil && r.Desk == w.Florist.ID {
		t.Errorf("a stranger put an overdue request on the desk: %s", r.State)
	}
	unknown := entered(t, w, agent, filing(w.Online.ID, "", requests.Access))
	if r, err := w.Requests.Direct(ctx, agent, unknown.ID, w.Florist.ID); err == nil && r.Desk == w.Florist.ID {
		t.Error("a stranger forwarded a request to the desk")
	}
	// What comes to the florist itself stays its own.
	own := entered(t, w, officer, filing(w.Florist.ID, "", requests.Access))
	if own.ArrivedAt != requests.Controller {
		t.Errorf("it arrived as at a %s", own.ArrivedAt)
	}
	if _, seen, err := w.Requests.Look(ctx, officer, own.ID); err != nil || seen != requests.Content {
		t.Errorf("the own officer sees %v: %v", seen, err)
	}
	// By its own word it is another matter.
	w.Both(stated, nil)
	if r, err := w.Requests.Direct(ctx, agent, unknown.ID, w.Florist.ID); err != nil || r.Desk != w.Florist.ID {
		t.Errorf("with an accepted agreement: %v", err)
	}
}
