package requests_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// operations do each action with input that is right, so that only role and
// state can refuse it.
func operations(w *handlertest.World) map[requests.Action]func(identity.Actor, requests.Request) error {
	s, ctx := w.Requests, context.Background()
	drop := func(_ requests.Request, err error) error { return err }
	return map[requests.Action]func(identity.Actor, requests.Request) error{
		requests.Triage:      func(by identity.Actor, r requests.Request) error { return drop(s.Direct(ctx, by, r.ID, w.Bakery.ID)) },
		requests.Acknowledge: func(by identity.Actor, r requests.Request) error { return drop(s.TakeUp(ctx, by, r.ID)) },
		requests.Assign:      func(by identity.Actor, r requests.Request) error { return drop(s.AssignTo(ctx, by, r.ID, "")) },
		requests.AddNote:     func(by identity.Actor, r requests.Request) error { return drop(s.Jot(ctx, by, r.ID, "Gebeld.")) },
		requests.Add: func(by identity.Actor, r requests.Request) error {
			return drop(s.AddTo(ctx, by, r.ID, "Nog iets.", nil))
		},
		requests.AskIdentity: func(by identity.Actor, r requests.Request) error {
			return drop(s.Ask(ctx, by, r.ID, "Er zijn twee klanten met deze naam.", "Uw klantnummer."))
		},
		requests.AnswerIdentity: func(by identity.Actor, r requests.Request) error { return drop(s.Reply(ctx, by, r.ID, "1234", nil)) },
		requests.SettleIdentity: func(by identity.Actor, r requests.Request) error { return drop(s.Settle(ctx, by, r.ID, true)) },
		requests.Extend: func(by identity.Actor, r requests.Request) error {
			return drop(s.Extend(ctx, by, r.ID, 2, []string{"complexity"}, "Er zijn veel opnamen."))
		},
		requests.AskAssist: func(by identity.Actor, r requests.Request) error {
			_, err := s.Seek(ctx, by, r.ID, ledger.NewID("ast"), requests.Help{Processor: w.Partner.ID, Right: requests.Erasure, Question: "Waar staat dit?"})
			return err
		},
		requests.Decide: func(by identity.Actor, r requests.Request) error {
			return drop(s.Decide(ctx, by, r.ID, requests.Verdict{Right: requests.Erasure, Outcome: requests.Denied, Ground: "cannot_identify",
				Reasons: "Wij vonden niets op deze naam.", ComplaintTold: true, CourtTold: true}))
		},
		requests.AddFile: func(by identity.Actor, r requests.Request) error {
			_, err := s.AddAnswerFile(ctx, by, r.ID, requests.Upload{Name: "a.txt", Size: -1, Body: strings.NewReader("a")})
			return err
		},
		requests.Deliver: func(by identity.Actor, r requests.Request) error { return drop(s.Release(ctx, by, r.ID)) },
		requests.DeliverOutside: func(by identity.Actor, r requests.Request) error {
			return drop(s.ReleaseOutside(ctx, by, r.ID, "post", "Aangetekend verzonden."))
		},
		requests.Renew:    func(by identity.Actor, r requests.Request) error { return drop(s.RenewRelease(ctx, by, r.ID)) },
		requests.Close:    func(by identity.Actor, r requests.Request) error { return drop(s.Finish(ctx, by, r.ID)) },
		requests.Withdraw: func(by identity.Actor, r requests.Request) error { return drop(s.Retract(ctx, by, r.ID)) },
		requests.Merge: func(by identity.Actor, r requests.Request) error {
			return drop(s.MergeInto(ctx, by, r.ID, "AAAA-BBBB-CCCC")) // right enough: only the reference is not
		},
		requests.Separate: func(by identity.Actor, r requests.Request) error {
			return drop(s.Separate(ctx, by, r.ID, "AAAA-BBBB-CCCC"))
		},
		requests.HandBack: func(by identity.Actor, r requests.Request) error {
			return drop(s.HandBack(ctx, by, r.ID, "Niet van ons."))
		},
		requests.ChangeAddress: func(by identity.Actor, r requests.Request) error {
			return drop(s.CorrectAddress(ctx, by, r.ID, ledger.NewID("m")+"@example.org"))
		},
		requests.Misdirect: func(by identity.Actor, r requests.Request) error {
			return drop(s.SendAstray(ctx, by, r.ID, "Uw bank."))
		},
	}
}

// shaped puts a stored request into a state, with what that state implies.
func shaped(t *testing.T, w *handlertest.World, id string, base requests.Request, state requests.State, action requests.Action) requests.Request {
	t.Helper()
	now := w.Now()
	r, err := w.Requests.Requests.Touch(context.Background(), id, func(r *requests.Request) error {
		meta := r.Meta
		*r = base
		r.Meta = meta
		r.State, r.Open, r.Closed = state, true, nil
		switch state {
		case requests.Identifying:
			r.Before = requests.Acknowledged
			r.Identity = []requests.IdentityQuestion{{Asked: now}}
		case requests.Decided, requests.Delivered, requests.Closed:
			r.Items = slices.Clone(r.Items)
			r.Items[0].Decision = &requests.Decision{Outcome: requests.Granted, At: now}
		case requests.Received:
			// At a processor: to be triaged, or its own to handle.
			r.Desk, r.Decides = w.Partner.ID, requests.Processor
			if action == requests.Triage {
				r.Decides, r.Controller, r.Agreement = "", "", ""
			}
		}
		if state == requests.Delivered || state == requests.Closed {
			r.Answer = &requests.Delivery{At: now, Until: now.Add(time.Hour)}
		}
		if state == requests.Closed || state == requests.Withdrawn || state == requests.Misdirected || state == requests.Merged {
			r.Open, r.Closed = false, &now
		}
		return nil
	})
	if err != nil {
		t.Fatalf("shape %s: %v", state, err)
	}
	return r
}

// TestTheTableIsAllThereIs tries every action in every state as everybody who
// could be meant by it. What the table allows is not refused for its role or
// state; what it does not allow is, and changes nothing.
func TestTheTableIsAllThereIs(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	base, subject := filed(t, w, filing(w.Partner.ID, w.Bakery.ID, requests.Erasure))
	stranger := subject
	stranger.Account = "acc_STRANGER"
	actors := map[string]identity.Actor{
		"subject":          subject,
		"other subject":    stranger,
		"officer":          w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)),
		"controller admin": w.Actor(w.Hire("Bram Visser", w.Bakery, identity.Admin)),
		"agent":            w.Actor(w.Hire("Joris Bakker", w.Partner, identity.Agent)),
		"foreign officer":  w.Actor(w.Hire("Noor Jansen", w.Florist, identity.PrivacyOfficer)),
		"operator":         {Account: "acc_OPERATOR", Roles: []identity.Role{identity.Operator}, Level: identity.Full, StrongAt: w.Now()},
		"nobody":           {},
	}
	relation := func(name string, r requests.Request) requests.Relation {
		switch {
		case name == "subject":
			return requests.TheSubject
		case name == "officer" && r.Desk == w.Bakery.ID, name == "agent" && r.Desk == w.Partner.ID:
			return requests.TheDesk
		case name == "controller admin" && r.Desk == w.Bakery.ID:
			return requests.TheDeskAdmin
		}
		return ""
	}
	states := []requests.State{requests.Unconfirmed, requests.Received, requests.Forwarded, requests.Acknowledged, requests.InProgress, requests.Identifying,
		requests.Decided, requests.Delivered, requests.Closed, requests.Withdrawn, requests.Misdirected, requests.Merged}
	rows := map[requests.Action]requests.Rule{}
	for _, row := range requests.Table() {
		rows[row.Action] = row
	}
	tried, allowed := 0, 0
	for action, do := range operations(w) {
		for _, state := range states {
			for name, by := range actors {
				r := shaped(t, w, base.ID, base, state, action)
				as := relation(name, r)
				may := slices.Contains(rows[action].By, as) && as != "" && slices.Contains(rows[action].From, state)
				err := do(by, r)
				after, gerr := w.Requests.Requests.Get(ctx, r.ID)
				if gerr != nil {
					t.Fatal(gerr)
				}
				tried++
				at := fmt.Sprintf("%s in %s by %s", action, state, name)
				kind := fault.KindOf(err)
				refused := kind == fault.Forbidden || kind == fault.NotFound || kind == fault.Conflict && err != nil && strings.Contains(err.Error(), "moved on")
				switch {
				case may && refused:
					t.Errorf("%s is refused: %v", at, err)
				case !may && err == nil:
					t.Errorf("%s is not refused", at)
				case !may && after.Rev != r.Rev:
					t.Errorf("%s was refused and yet changed the request", at)
				case may:
					allowed++
				}
			}
		}
	}
	t.Logf("%d tries, %d of them allowed", tried, allowed)
	if tried < 1500 || allowed < 60 {
		t.Errorf("only %d tries, %d allowed: the table was not walked", tried, allowed)
	}
}
