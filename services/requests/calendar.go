package requests

import (
	"cmp"
	"context"
	"slices"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
)

// DueDay is a day on which the actor's organisation owes an answer.
type DueDay struct {
	Day       deadlines.Date
	Request   string // req_…; "" for help
	Assist    string // ast_…; "" for a request
	Reference string // of the request
	Right     Right  // of help
	For       string // org_… who asked for help
}

// calendarRows is how many rows are read at a time, DueMost how many of each
// kind one look at the calendar tells of.
const (
	calendarRows = 500
	DueMost      = 5000
)

// Due lists the days, from one up to another that is not included, on which
// open requests and help asked of the actor's organisation are due: two ranges
// of two indexes, at most DueMost of each, the first due first; more tells that
// there were more. It shows no personal data, so it leaves no entry.
func (s *Service) Due(ctx context.Context, by identity.Actor, from, until deadlines.Date) (due []DueDay, more bool, err error) {
	org := by.Organisation
	if !by.IsStaffOf(org, identity.Agent, identity.PrivacyOfficer, identity.Admin) {
		return nil, false, ErrForbidden
	}
	within := document.Query{Index: "queue", Equal: []any{org, true}, From: from.String(), Until: until.String(), Limit: calendarRows}
	due, more, err = gather(ctx, s.Requests, within, due, func(r Request) (string, DueDay) {
		return r.Order, DueDay{Request: r.ID, Reference: r.Reference}
	})
	if err != nil {
		return nil, false, err
	}
	if by.IsStaffOf(org, identity.Agent, identity.Admin) {
		within.Index = "processor"
		var help bool
		due, help, err = gather(ctx, s.Assists, within, due, func(a Assist) (string, DueDay) {
			return a.Due, DueDay{Assist: a.ID, Reference: a.Reference, Right: a.Right, For: a.Controller}
		})
		if err != nil {
			return nil, false, err
		}
		more = more || help
	}
	slices.SortStableFunc(due, func(a, b DueDay) int { return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Reference, b.Reference)) })
	return due, more, nil
}

// gather adds the days of a range, page by page, up to DueMost of them.
func gather[T any](ctx context.Context, from document.Collection[T], q document.Query, to []DueDay, of func(T) (string, DueDay)) ([]DueDay, bool, error) {
	for n := 0; ; {
		page, err := from.List(ctx, q)
		if err != nil {
			return nil, false, err
		}
		for _, row := range page.Rows {
			text, d := of(row)
			if d.Day, err = deadlines.ParseDate(text); err == nil {
				to = append(to, d)
			}
		}
		n += len(page.Rows)
		if q.After = page.Next; q.After == "" || n >= DueMost {
			return to, q.After != "", nil
		}
	}
}
