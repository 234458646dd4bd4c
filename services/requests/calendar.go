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

// calendarRows bounds what one look at the calendar reads of each kind.
const calendarRows = 200

// Due lists the days, from one up to another that is not included, on which
// open requests and help asked of the actor's organisation are due: two ranges
// of two indexes, at most 200 rows each. It shows no personal data, so it
// leaves no entry.
func (s *Service) Due(ctx context.Context, by identity.Actor, from, until deadlines.Date) ([]DueDay, error) {
	org := by.Organisation
	if !by.IsStaffOf(org, identity.Agent, identity.PrivacyOfficer, identity.Admin) {
		return nil, ErrForbidden
	}
	var all []DueDay
	within := document.Query{Index: "queue", Equal: []any{org, true}, From: from.String(), Until: until.String(), Limit: calendarRows}
	owed, err := s.Requests.List(ctx, within)
	if err != nil {
		return nil, err
	}
	for _, r := range owed.Rows {
		if day, err := deadlines.ParseDate(r.Order); err == nil {
			all = append(all, DueDay{Day: day, Request: r.ID, Reference: r.Reference})
		}
	}
	if by.IsStaffOf(org, identity.Agent, identity.Admin) {
		within.Index = "processor"
		asked, err := s.Assists.List(ctx, within)
		if err != nil {
			return nil, err
		}
		for _, a := range asked.Rows {
			if day, err := deadlines.ParseDate(a.Due); err == nil {
				all = append(all, DueDay{Day: day, Assist: a.ID, Reference: a.Reference, Right: a.Right, For: a.Controller})
			}
		}
	}
	slices.SortStableFunc(all, func(a, b DueDay) int { return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Reference, b.Reference)) })
	return all, nil
}
