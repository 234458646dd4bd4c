package notify

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"inzage/services/evidence"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// ofCheckpoint writes a checkpoint to those who look after the evidence of the
// organisation that it goes to.
func (s *Service) ofCheckpoint(ctx context.Context, e ledger.Entry) error {
	d, err := s.Dispatches.Get(ctx, e.Event.Object)
	if err != nil {
		return err
	}
	all, err := s.keepers(ctx, d.To)
	if err != nil {
		return err
	}
	asker := ""
	if d.By != "" {
		o, err := s.Requests.Directory.Organisation(ctx, d.By)
		if err != nil {
			return fmt.Errorf("name organisation %s: %w", d.By, err)
		}
		asker = o.Name
	}
	object := dayKey(s.Outbox.now())
	if _, err := s.Outbox.Vault.Create(ctx, object); err != nil {
		return fmt.Errorf("write a checkpoint: %w", err)
	}
	for _, one := range all {
		w := &writer{texts: s.Outbox.Texts, language: one.language, zone: time.UTC, now: s.Outbox.now(), flags: map[string]bool{},
			values: map[string]string{"entries": strconv.FormatInt(d.Size, 10), "organisation": asker}}
		w.values["day"], w.values["signed"] = w.day(d.Signed), w.moment(d.Signed)
		kind := "checkpoint_daily"
		if d.By != "" {
			kind = "checkpoint_asked"
		}
		err := s.mailWith(ctx, one, e.Event, s.Outbox.Links.Evidence(), d.Note, w, Message{Kind: kind, Entry: e.Number, Object: object})
		if err != nil {
			return err
		}
	}
	return s.counted(ctx, d.ID, len(all))
}

// keepers are the administrators and privacy officers of an organisation; of
// one that has neither, the agents.
func (s *Service) keepers(ctx context.Context, org string) ([]person, error) {
	all, err := s.staff(ctx, org, []identity.Role{identity.Admin, identity.PrivacyOfficer})
	if err != nil || len(all) > 0 {
		return all, err
	}
	return s.staff(ctx, org, []identity.Role{identity.Agent})
}

// counted notes to how many people a checkpoint was written: what the page
// about it shows, and no evidence.
func (s *Service) counted(ctx context.Context, id string, people int) error {
	_, err := s.Dispatches.Touch(ctx, id, func(d *evidence.Dispatch) error {
		d.People = people
		return nil
	})
	if err != nil {
		return fmt.Errorf("note to how many people a checkpoint was written: %w", err)
	}
	return nil
}
