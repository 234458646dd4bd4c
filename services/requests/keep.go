package requests

import (
	"cmp"
	"context"
	"fmt"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// Keep is how long the content of an ended request is kept where neither its
// controller nor the portal chose a time: two years, after which a claim about
// the answer is no longer to be expected.
const Keep = 2 * 365 * 24 * time.Hour

// Keeps is how long the content of an ended request of the controller stays:
// as long as it chose, else as long as the portal keeps.
func (s *Service) Keeps(controller identity.Organisation) time.Duration {
	return controller.Keeps(cmp.Or(s.Limits.Keep, Keep))
}

// ShredEnded destroys the keys of requests that ended longer ago than their
// controller keeps them, at most limit, and returns how many. What stays are
// the bare facts: rights, dates, outcomes, organisations. The key goes first,
// so that a sweep that was cut short is finished by the next.
//
// Periods differ by controller only, so each is one range of the index, and
// another period needs no change of what it is about. Where the controller never
// became known nobody chose one: the portal's own holds.
func (s *Service) ShredEnded(ctx context.Context, limit int) (int, error) {
	n, err := s.shredOf(ctx, identity.Organisation{}, limit)
	if err != nil {
		return n, err
	}
	err = s.Directory.EachOrganisation(ctx, func(o identity.Organisation) error {
		if n >= limit {
			return nil // the next sweep goes on
		}
		gone, err := s.shredOf(ctx, o, limit-n)
		n += gone
		return err
	})
	return n, err
}

// shredOf destroys what one controller no longer keeps.
func (s *Service) shredOf(ctx context.Context, controller identity.Organisation, limit int) (int, error) {
	page, err := s.Requests.List(ctx, kept(controller.ID, s.now().Add(-s.Keeps(controller)), "", limit))
	if err != nil {
		return 0, fmt.Errorf("list ended requests: %w", err)
	}
	for _, r := range page.Rows {
		if err := s.shred(ctx, r); err != nil {
			return 0, fmt.Errorf("shred %s: %w", r.ID, err)
		}
	}
	return len(page.Rows), nil
}

// kept is the range of what a controller keeps and what ended before a time,
// the oldest first; the zero time is no bound.
func kept(controller string, before time.Time, after string, limit int) document.Query {
	q := document.Query{Index: "kept_by", Equal: []any{true, controller}, After: after, Limit: limit}
	if !before.IsZero() {
		q.Until = before
	}
	return q
}

// Ended is a request or audit that has ended and whose content is still kept.
// Nothing in it is personal data.
type Ended struct {
	ID, Reference string
	At            time.Time // when it ended
	Goes          time.Time // from when on its content is destroyed
}

// Ended lists what the content of is kept for a controller, what goes first at
// the beginning: for those who tend the organisation, see
// identity.Organisation.TendedBy. It shows no personal data, so it leaves no entry.
func (s *Service) Ended(ctx context.Context, by identity.Actor, controller identity.Organisation, after string, limit int) (document.Page[Ended], error) {
	if !controller.TendedBy(by) {
		return document.Page[Ended]{}, ErrNotFound
	}
	page, err := s.Requests.List(ctx, kept(controller.ID, time.Time{}, after, limit))
	if err != nil {
		return document.Page[Ended]{}, fmt.Errorf("list ended requests: %w", err)
	}
	out := document.Page[Ended]{Next: page.Next}
	for _, r := range page.Rows {
		out.Rows = append(out.Rows, Ended{r.ID, r.Reference, *r.Closed, r.Closed.Add(s.Keeps(controller))})
	}
	return out, nil
}

// CountEnded counts what is kept now and would go with a period, up to CountCap.
func (s *Service) CountEnded(ctx context.Context, by identity.Actor, controller identity.Organisation, period time.Duration) (int, error) {
	if !controller.TendedBy(by) {
		return 0, ErrNotFound
	}
	return s.Requests.Count(ctx, kept(controller.ID, s.now().Add(-period), "", CountCap))
}

func (s *Service) shred(ctx context.Context, r Request) error {
	if err := s.Vault.Shred(ctx, r.ID); err != nil {
		return err
	}
	now := s.now()
	if _, err := s.Requests.Update(ctx, r.ID, func(r *Request) ([]ledger.Event, error) {
		if _, err := allowed(identity.System(), r, Shred); err != nil || !r.Kept {
			return nil, err
		}
		r.bare(now)
		return []ledger.Event{s.event(identity.System(), "request."+string(Shred), r.ID, nil)}, nil
	}); err != nil {
		return err
	}
	return s.forget(ctx, r.Account)
}

// bare leaves the facts that say nothing about a person. The ciphertexts could
// not be opened any more; they go all the same, and so do the keyed hash of
// the address and the account, which could tell that two requests are one person's.
func (r *Request) bare(now time.Time) {
	r.Shredded, r.Kept, r.Remind = &now, false, deadlines.Never
	r.Claimed = ""
	r.Holder = Holder{}
	r.Account, r.MailHash, r.Person, r.About, r.LateReason, r.Misdirected = "", "", "", "", "", ""
	r.Attachments, r.Files, r.Additions, r.Notes, r.Identity, r.Leaving = nil, nil, nil, nil, nil, nil
	for i := range r.Items {
		r.Items[i].Asked = ""
		if d := r.Items[i].Decision; d != nil {
			d.Text = ""
		}
	}
	if r.Extension != nil {
		r.Extension.Reasons = ""
	}
	r.bareJoined()
	if r.Answer != nil {
		r.Answer.Downloads = nil
		if r.Answer.Outside != nil {
			r.Answer.Outside.Proof = ""
		}
	}
}

// forget erases the account of a data subject who has no request left.
func (s *Service) forget(ctx context.Context, account string) error {
	if account == "" {
		return nil
	}
	left, err := s.Requests.Count(ctx, document.Query{Index: "account", Equal: []any{account}, Limit: 1})
	if err != nil || left > 0 {
		return err
	}
	return s.Directory.Erase(ctx, identity.System(), account)
}
