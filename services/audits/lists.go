package audits

import (
	"context"

	"inzage/services/document"
	"inzage/services/identity"
)

// Side is in which role an organisation looks at its audits.
type Side string

// The sides.
const (
	AsController Side = "controller"
	AsProcessor  Side = "processor"
)

// List lists the audits of the actor's organisation on one side, open or ended:
// the open ones by what is due first, the ended ones newest first. It shows no
// personal data, so it leaves no entry.
func (s *Service) List(ctx context.Context, by identity.Actor, side Side, open bool, after string, limit int) (document.Page[Audit], error) {
	if !by.IsStaffOf(by.Organisation, identity.PrivacyOfficer, identity.Agent, identity.Admin) {
		return document.Page[Audit]{}, ErrForbidden
	}
	q := document.Query{Index: "controller", Equal: []any{by.Organisation, open}, Descending: !open, After: after, Limit: limit}
	if side == AsProcessor {
		q.Index = "processor"
	}
	return s.page(ctx, by, q)
}

// ListOfAuditor lists the audits that the auditor may come into, by what is due
// first; before signing only the parties can be read from them.
func (s *Service) ListOfAuditor(ctx context.Context, by identity.Actor, after string, limit int) (document.Page[Audit], error) {
	if !by.Is(identity.Auditor) || by.Account == "" {
		return document.Page[Audit]{}, ErrForbidden
	}
	return s.page(ctx, by, document.Query{Index: "auditor", Equal: []any{by.Account}, After: after, Limit: limit})
}

// page lists, and keeps from each row what the actor may see.
func (s *Service) page(ctx context.Context, by identity.Actor, q document.Query) (document.Page[Audit], error) {
	page, err := s.Audits.List(ctx, q)
	if err != nil {
		return page, err
	}
	var seen []Audit
	for i := range page.Rows {
		a := &page.Rows[i]
		if as := sight(by, a); as != Nothing {
			seen = append(seen, a.shown(by, as))
		}
	}
	page.Rows = seen
	return page, nil
}

// CountCap is where counting stops: a count that reaches it means "at least so many".
const CountCap = 1000

// CountOpen counts the open audits of the actor's organisation on one side, up to CountCap.
func (s *Service) CountOpen(ctx context.Context, by identity.Actor, side Side) (int, error) {
	if !by.IsStaffOf(by.Organisation, identity.PrivacyOfficer, identity.Agent, identity.Admin) {
		return 0, ErrForbidden
	}
	index := "controller"
	if side == AsProcessor {
		index = "processor"
	}
	return s.Audits.Count(ctx, document.Query{Index: index, Equal: []any{by.Organisation, true}, Limit: CountCap})
}

// FindReference finds an audit by its reference, for who may see it.
func (s *Service) FindReference(ctx context.Context, by identity.Actor, reference string) (Audit, error) {
	a, err := s.Audits.Find(ctx, "reference", reference)
	if err != nil {
		return Audit{}, err
	}
	seen := sight(by, &a)
	if seen == Nothing {
		return Audit{}, ErrNotFound
	}
	return a.shown(by, seen), nil
}
