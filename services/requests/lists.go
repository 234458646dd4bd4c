package requests

import (
	"context"
	"fmt"
	"slices"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
)

// Tab is one way to look at the queue of a desk.
type Tab string

// The tabs of a queue. Each is one range of one index.
const (
	AllOpen    Tab = "open"
	Mine       Tab = "mine"
	DueSoon    Tab = "soon" // due within seven days, today included
	Overdue    Tab = "overdue"
	Waiting    Tab = "waiting"
	Unassigned Tab = "unassigned"
	Done       Tab = "done"
	Sent       Tab = "sent" // a processor's: forwarded to controllers, newest first
)

// Tabs lists the tabs of a queue in their order.
func Tabs() []Tab { return []Tab{AllOpen, Mine, DueSoon, Overdue, Waiting, Unassigned, Done} }

// CountCap is where counting stops: a count that reaches it means "at least so many".
const CountCap = 1000

// Queue lists one tab of the actor's organisation, the most urgent first. It
// shows no personal data, so it leaves no entry.
func (s *Service) Queue(ctx context.Context, by identity.Actor, tab Tab, after string, limit int) (document.Page[Request], error) {
	q, err := s.range_(ctx, by, tab)
	if err != nil {
		return document.Page[Request]{}, err
	}
	q.After, q.Limit = after, limit
	return s.Requests.List(ctx, q)
}

// Counts counts each tab up to CountCap.
func (s *Service) Counts(ctx context.Context, by identity.Actor, tabs ...Tab) (map[Tab]int, error) {
	counts := map[Tab]int{}
	for _, tab := range tabs {
		q, err := s.range_(ctx, by, tab)
		if err != nil {
			return nil, err
		}
		q.Limit = CountCap
		if counts[tab], err = s.Requests.Count(ctx, q); err != nil {
			return nil, err
		}
	}
	return counts, nil
}

// range_ is the tab as a range of an index.
func (s *Service) range_(ctx context.Context, by identity.Actor, tab Tab) (document.Query, error) {
	org := by.Organisation
	if !by.IsStaffOf(org, identity.Agent, identity.PrivacyOfficer, identity.Admin) {
		return document.Query{}, ErrForbidden
	}
	zone, err := s.zone(ctx, org)
	if err != nil {
		return document.Query{}, err
	}
	today := deadlines.DateOf(s.now(), zone)
	switch tab {
	case Mine:
		return document.Query{Index: "mine", Equal: []any{org, true, by.Account}}, nil
	case Unassigned:
		return document.Query{Index: "mine", Equal: []any{org, true, ""}}, nil
	case DueSoon:
		return document.Query{Index: "queue", Equal: []any{org, true}, From: today.String(), Until: today.AddDays(8).String()}, nil
	case Overdue:
		return document.Query{Index: "queue", Equal: []any{org, true}, Until: today.String()}, nil
	case Waiting:
		return document.Query{Index: "waiting", Equal: []any{org, true, true}}, nil
	case Done:
		return document.Query{Index: "queue", Equal: []any{org, false}, Descending: true}, nil
	case Sent:
		return document.Query{Index: "sent", Equal: []any{org}, Descending: true}, nil
	}
	return document.Query{Index: "queue", Equal: []any{org, true}}, nil
}

// OwnAssists lists the help that controllers asked of the actor's organisation.
func (s *Service) OwnAssists(ctx context.Context, by identity.Actor, open bool, after string, limit int) (document.Page[Assist], error) {
	if !by.IsStaffOf(by.Organisation, identity.Agent, identity.Admin) {
		return document.Page[Assist]{}, ErrForbidden
	}
	return s.Assists.List(ctx, document.Query{Index: "processor", Equal: []any{by.Organisation, open}, Descending: !open, After: after, Limit: limit})
}

// CountAssists counts the open assists of the actor's organisation up to CountCap.
func (s *Service) CountAssists(ctx context.Context, by identity.Actor) (int, error) {
	return s.Assists.Count(ctx, document.Query{Index: "processor", Equal: []any{by.Organisation, true}, Limit: CountCap})
}

// Search finds requests of the actor's organisation by reference or by the
// exact e-mail address of the data subject, newest first, at most fifty. That
// somebody looked leaves an entry, which does not say for whom.
func (s *Service) Search(ctx context.Context, by identity.Actor, text string) ([]Request, error) {
	if !by.IsStaffOf(by.Organisation, identity.Agent, identity.PrivacyOfficer) {
		return nil, s.refused(ctx, by, "request.search", unknownObject, ErrForbidden)
	}
	var found []Request
	mail := ValidEmail(NormalEmail(text))
	way := details{"by": "reference"}
	if mail {
		way = details{"by": "email"}
	}
	if err := s.Evidence.Record(ctx, s.event(by, "request.search", by.Organisation, way)); err != nil {
		return nil, document.ErrBusy.Because(fmt.Errorf("record a search: %w", err))
	}
	if mail {
		for _, hash := range s.mailHashes(text) {
			err := s.ofAddress(ctx, hash, func(r *Request) bool {
				// By e-mail only the desk may find: a processor must not learn from a
				// search whose requests it no longer holds.
				if sight(by, r) == Content && r.State != Unconfirmed {
					found = append(found, *r)
				}
				return len(found) < 50
			})
			if err != nil {
				return nil, err
			}
		}
		return found, nil
	}
	r, err := s.Requests.Find(ctx, "reference", NormalReference(text))
	if err == nil && sight(by, &r) != Nothing && r.State != Unconfirmed {
		found = append(found, r)
	}
	if err != nil && !isNotFound(err) {
		return nil, err
	}
	return found, nil
}

// ofAddress walks the requests of an address, the newest first, until more says
// that it is enough. What is passed over does not hide what comes after it.
func (s *Service) ofAddress(ctx context.Context, hash string, more func(*Request) bool) error {
	q := document.Query{Index: "email", Equal: []any{hash}, Descending: true, Limit: 200}
	for {
		page, err := s.Requests.List(ctx, q)
		if err != nil {
			return err
		}
		for i := range page.Rows {
			if !more(&page.Rows[i]) {
				return nil
			}
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

// OfAccount lists the requests of a data subject, newest first.
func (s *Service) OfAccount(ctx context.Context, by identity.Actor, after string) (document.Page[Request], error) {
	if by.Account == "" {
		return document.Page[Request]{}, ErrForbidden
	}
	page, err := s.Requests.List(ctx, document.Query{Index: "account", Equal: []any{by.Account}, Descending: true, After: after, Limit: 50})
	// Not what a mistyped address was once tied to.
	page.Rows = slices.DeleteFunc(page.Rows, func(r Request) bool { return !r.Held() })
	return page, err
}

// OverdueAt tells whether the enforced date has passed without an answer.
func (r *Request) OverdueAt(now time.Time) bool { return r.Owing() && !now.Before(r.Ends) }
