package notify

import (
	"context"
	"fmt"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// agreementMails are what the administrators of both parties hear of an
// agreement, by what was done and to what.
var agreementMails = map[string]string{
	"sign/agreement": "agreement_proposed", "amend/version": "agreement_terms_proposed", "end/ending": "agreement_end_proposed",
	"accept/agreement": "agreement_accepted", "accept/version": "agreement_terms_accepted", "accept/ending": "agreement_end_accepted",
	"decline/agreement": "agreement_declined", "decline/version": "agreement_declined", "decline/ending": "agreement_declined",
	"withdraw/agreement": "agreement_withdrawn", "withdraw/version": "agreement_withdrawn", "withdraw/ending": "agreement_withdrawn",
	"ask/agreement": "agreement_ask", "confirm/agreement": "agreement_confirmed", "dispute/agreement": "agreement_disputed",
}

// ofAgreement writes to the administrators of both parties what one of them did
// about their agreement: also to those who did it, so that neither side misses
// what was done in its name.
func (s *Service) ofAgreement(ctx context.Context, e ledger.Entry, verb string) error {
	d := e.Event.Details
	kind, ok := agreementMails[verb+"/"+d["of"]]
	if !ok || verb != "ask" && e.Event.Actor == ledger.SystemActor {
		return nil // the portal plays both parties in made-up worlds: nobody did it
	}
	a, err := s.Agreements.Get(ctx, identity.System(), e.Event.Object)
	if err != nil {
		return err
	}
	if verb == "ask" && a.Standing != agreements.Unconfirmed {
		return nil // it was over, or both have answered since
	}
	names := map[string]string{}
	for _, id := range []string{a.Controller, a.Processor} {
		o, err := s.Requests.Directory.Organisation(ctx, id)
		if err != nil {
			return fmt.Errorf("name organisation %s: %w", id, err)
		}
		names[id] = o.Name
	}
	object := dayKey(s.Outbox.now())
	if _, err := s.Outbox.Vault.Create(ctx, object); err != nil {
		return fmt.Errorf("write about an agreement: %w", err)
	}
	for _, party := range []string{a.Controller, a.Processor} {
		all, err := s.staff(ctx, party, []identity.Role{identity.Admin})
		if err != nil {
			return err
		}
		for _, one := range all {
			w := &writer{texts: s.Outbox.Texts, language: one.language, zone: time.UTC, flags: map[string]bool{"owes": a.WaitsFor(party)},
				values: map[string]string{"controller": names[a.Controller], "processor": names[a.Processor], "actor": names[e.Event.Organisation]}}
			if day, err := deadlines.ParseDate(d["day"]); err == nil {
				w.values["force"] = w.calendar(day)
			}
			if err := s.mailTo(ctx, one, e.Event, s.Outbox.Links.Agreement(a.ID), w, Message{Kind: kind, Entry: e.Number, Object: object}); err != nil {
				return err
			}
		}
	}
	return nil
}
