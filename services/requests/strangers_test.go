package requests_test

import (
	"context"
	"maps"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
)

// Each way to a request by its id, for somebody who has no business with it.
func TestAStrangerLearnsNothing(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	stranger := w.Actor(w.Hire("Fleur Abbink", w.Florist, identity.PrivacyOfficer))
	s := w.Requests
	ways := map[string]func(by identity.Actor, id string) error{
		"request.read":        func(by identity.Actor, id string) error { _, _, err := s.Look(ctx, by, id); return err },
		"request.acknowledge": func(by identity.Actor, id string) error { _, err := s.TakeUp(ctx, by, id); return err },
		"request.note":        func(by identity.Actor, id string) error { _, err := s.Jot(ctx, by, id, "Gebeld."); return err },
		"request.ask_identity": func(by identity.Actor, id string) error {
			_, err := s.Ask(ctx, by, id, "Twijfel.", "Uw nummer.")
			return err
		},
		"request.extend": func(by identity.Actor, id string) error {
			_, err := s.Extend(ctx, by, id, 2, []string{"complexity"}, "Veel.")
			return err
		},
		"request.deliver_outside": func(by identity.Actor, id string) error {
			_, err := s.ReleaseOutside(ctx, by, id, "post", "3SABC")
			return err
		},
		"request.add": func(by identity.Actor, id string) error { _, err := s.AddTo(ctx, by, id, "Nog iets.", nil); return err },
		"request.answer_identity": func(by identity.Actor, id string) error {
			_, err := s.Reply(ctx, by, id, "Ik ben het.", nil)
			return err
		},
		"request.decide": func(by identity.Actor, id string) error {
			_, err := s.Decide(ctx, by, id, requests.Verdict{Right: requests.Erasure, Outcome: requests.Granted, Reasons: "Gewist."})
			return err
		},
	}
	kept := entered(t, w, officer, filing(w.Bakery.ID, "", requests.Erasure))
	erased := entered(t, w, officer, filing(w.Bakery.ID, "", requests.Erasure))
	if err := w.Vault.Shred(ctx, erased.ID); err != nil {
		t.Fatalf("destroy the key: %v", err)
	}
	for action, do := range ways {
		for name, id := range map[string]string{"foreign": kept.ID, "foreign and erased": erased.ID, "absent": "req_JANSEN"} {
			if err := do(stranger, id); fault.KindOf(err) != fault.NotFound {
				t.Errorf("%s, %s = %v, want not found", action, name, err)
			}
		}
	}
	// One entry for each attempt; what was typed as an id stands nowhere.
	for name, got := range map[string][]string{kept.ID: w.Events(kept.ID), "unknown": w.Events("unknown")} {
		left := maps.Clone(ways)
		for _, a := range got {
			for action := range ways {
				if a == action+" refused" {
					delete(left, action)
				}
			}
		}
		if len(left) > 0 {
			t.Errorf("entries of %s are %v; missing %d", name, got, len(left))
		}
	}
	if n := len(w.Events("req_JANSEN")); n != 0 {
		t.Errorf("%d entries name an id that somebody made up", n)
	}
	if _, _, err := s.Look(ctx, officer, kept.ID); err != nil {
		t.Errorf("the officer reads it: %v", err)
	}
}
