package requests

import (
	"context"
	"fmt"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

func isNotFound(err error) bool { return fault.KindOf(err) == fault.NotFound }

// Remind raises the reminders and escalations that have come due, at most
// limit of each kind, and returns how many. Each is raised once, whoever
// sweeps: the event goes with the mark that it was raised.
func (s *Service) Remind(ctx context.Context, limit int) (int, error) {
	now := s.now()
	page, err := s.Requests.List(ctx, document.Query{Index: "remind", Equal: []any{true}, Until: now.Add(time.Millisecond), Limit: limit})
	if err != nil {
		return 0, fmt.Errorf("list reminders: %w", err)
	}
	for _, r := range page.Rows {
		if r.State == Unconfirmed {
			if err := s.lapse(ctx, r.ID); err != nil {
				return 0, err
			}
			continue
		}
		if _, err := s.Requests.Update(ctx, r.ID, func(r *Request) ([]ledger.Event, error) {
			name := deadlines.DueReminder(r.Ends, r.Reminded, now)
			if !r.Open || name == "" || r.Remind.After(now) {
				return nil, nil
			}
			r.Reminded = append(r.Reminded, name)
			r.Remind = deadlines.NextReminder(r.Ends, r.Reminded, now)
			d := details{"days": name, "desk": r.Desk, "due": r.Due}
			if name == deadlines.Late {
				if r.LateTold {
					d["told"] = "true" // the person knows; only the desk is another
				}
				r.LateTold = true
			}
			return []ledger.Event{s.event(identity.System(), "request.remind", r.ID, d)}, nil
		}); err != nil {
			return 0, fmt.Errorf("remind of %s: %w", r.ID, err)
		}
	}
	assists, err := s.remindAssists(ctx, now, limit)
	return len(page.Rows) + assists, err
}

// lapse ends a filing whose e-mail address was never proven: what was typed is
// shredded, the bare fact that somebody started remains.
func (s *Service) lapse(ctx context.Context, id string) error {
	now := s.now()
	_, err := s.Requests.Update(ctx, id, func(r *Request) ([]ledger.Event, error) {
		if r.State != Unconfirmed || r.Remind.After(now) {
			return nil, nil
		}
		r.MailHash, r.Claimed = "", ""
		r.State, r.Open, r.Closed, r.Shredded, r.Remind = Withdrawn, false, &now, &now, deadlines.Never
		return []ledger.Event{s.event(identity.System(), "request.lapse", r.ID, nil)}, nil
	})
	if err != nil {
		return fmt.Errorf("lapse %s: %w", id, err)
	}
	return s.Vault.Shred(ctx, id)
}

func (s *Service) remindAssists(ctx context.Context, now time.Time, limit int) (int, error) {
	page, err := s.Assists.List(ctx, document.Query{Index: "remind", Equal: []any{true}, Until: now.Add(time.Millisecond), Limit: limit})
	if err != nil {
		return 0, fmt.Errorf("list assist reminders: %w", err)
	}
	for _, a := range page.Rows {
		if _, err := s.Assists.Update(ctx, a.ID, func(a *Assist) ([]ledger.Event, error) {
			name := deadlines.DueReminder(a.Ends, a.Reminded, now)
			if !a.Open || name == "" || a.Remind.After(now) {
				return nil, nil
			}
			a.Reminded = append(a.Reminded, name)
			a.Remind = deadlines.NextReminder(a.Ends, a.Reminded, now)
			return []ledger.Event{s.event(identity.System(), "assist.remind", a.ID, details{"days": name, "request": a.Request, "processor": a.Processor, "due": a.Due})}, nil
		}); err != nil {
			return 0, fmt.Errorf("remind of %s: %w", a.ID, err)
		}
	}
	return len(page.Rows), nil
}

// Mend finishes what a crash cut short, from the log: the second half of a
// split request, a request that does not know yet that help has come, help
// that nobody needs any more. It may be called again for the same entry.
func (s *Service) Mend(ctx context.Context, ev ledger.Event) error {
	switch ev.Action {
	case "request.split":
		r, err := s.Requests.Get(ctx, ev.Object)
		if err != nil {
			return err
		}
		_, err = s.finishDirect(ctx, r)
		return err
	case "request.share", "request.merge", "request.separate":
		return s.mendJoined(ctx, ev)
	case "assist.answer", "assist.cancel", "assist.ask":
		a, err := s.Assists.Get(ctx, ev.Object)
		if err != nil {
			return err
		}
		return s.helped(ctx, a)
	case "request.lapse":
		return s.Vault.Shred(ctx, ev.Object)
	case "request.withdraw", "request.misdirect", "request.close", "request.hand_back":
		return s.mendEnded(ctx, ev.Object)
	}
	return nil
}

// Expire removes drafts whose filer stayed away, with their keys and files;
// what became a request keeps its key. It returns how many drafts it removed.
func (s *Service) Expire(ctx context.Context, limit int) (int, error) {
	page, err := s.Drafts.List(ctx, document.Query{Index: "touched", Until: s.now().Add(-DraftLife), Limit: limit})
	if err != nil {
		return 0, fmt.Errorf("list old drafts: %w", err)
	}
	for _, d := range page.Rows {
		// A submission that was cut short left the request without the draft's mark.
		_, err := s.Requests.Get(ctx, d.ID)
		if err != nil && !isNotFound(err) {
			return 0, fmt.Errorf("look for the request of a draft: %w", err)
		}
		if err != nil {
			if err := s.Vault.Shred(ctx, d.ID); err != nil {
				return 0, fmt.Errorf("shred draft: %w", err)
			}
		}
		if err := s.Drafts.Delete(ctx, d.ID); err != nil && !isNotFound(err) {
			return 0, fmt.Errorf("delete draft: %w", err)
		}
	}
	return len(page.Rows), nil
}
