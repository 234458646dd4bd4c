package requests

import (
	"context"
	"fmt"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// Keep is how long the content of an ended request is kept: two years, after
// which a claim about the answer is no longer to be expected.
const Keep = 2 * 365 * 24 * time.Hour

// ShredEnded destroys the keys of requests that ended longer than the storage
// period ago, at most limit, and returns how many. What stays are the bare
// facts: rights, dates, outcomes, organisations. The key goes first, so that a
// sweep that was cut short is finished by the next.
func (s *Service) ShredEnded(ctx context.Context, limit int) (int, error) {
	keep := s.Limits.Keep
	if keep == 0 {
		keep = Keep
	}
	page, err := s.Requests.List(ctx, document.Query{Index: "kept", Equal: []any{true}, Until: s.now().Add(-keep), Limit: limit})
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
