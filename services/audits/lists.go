package audits

import (
	"cmp"
	"context"
	"slices"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/fault"
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

// Mark is one thing on the calendar.
type Mark struct {
	Day       deadlines.Date
	Kind      string // audit, proposal, session, inquiry, comment, position, measure, undertaking
	Audit     string
	Reference string
	// Controller and Processor are the parties: org_….
	Controller, Processor string
	Item                  string // the thing in the audit; "" for the audit itself
	Side                  Side   // in which role the actor's organisation is in it; "" for the auditor
	Mine                  bool   // the actor's own side has to act
	Own                   bool   // the audit's own day, agreed or first proposed
	Stage                 Stage
	Rev                   int64 // of the audit, for subscribed calendars
}

// The bounds of one look at the calendar.
const (
	calendarDays   = 400
	calendarAudits = 200
)

// Calendar lists the days of the actor's audits and what is due in them, from
// a day up to another, which is not included: of both sides for staff, of the
// audits they may come into for auditors. It spans at most 400 days, and at
// most 200 audits a side; it shows no content.
func (s *Service) Calendar(ctx context.Context, by identity.Actor, from, until deadlines.Date) ([]Mark, error) {
	if from.IsZero() || until.IsZero() || !from.Before(until) || until.DaysSince(from) > calendarDays {
		return nil, fault.New(fault.Invalid, "Choose a period of at most %d days.", calendarDays)
	}
	if by.Is(identity.Auditor) && by.Account != "" {
		q := document.Query{Index: "auditor", Equal: []any{by.Account}, Limit: calendarAudits}
		return s.marks(ctx, by, "", from, until, q)
	}
	if !by.IsStaffOf(by.Organisation, identity.PrivacyOfficer, identity.Agent, identity.Admin) {
		return nil, ErrForbidden
	}
	var all []Mark
	for _, side := range []Side{AsController, AsProcessor} {
		org := by.Organisation
		marks, err := s.marks(ctx, by, side, from, until,
			document.Query{Index: string(side), Equal: []any{org, true}, Limit: calendarAudits},
			document.Query{Index: string(side) + "_day", Equal: []any{org}, From: from.String(), Until: until.String(), Limit: calendarAudits})
		if err != nil {
			return nil, err
		}
		all = append(all, marks...)
	}
	slices.SortStableFunc(all, func(a, b Mark) int {
		return cmp.Or(a.Day.Compare(b.Day), cmp.Compare(a.Reference, b.Reference))
	})
	return all, nil
}

// marks reads the audits of some ranges, each once, and what of them lies in the period.
func (s *Service) marks(ctx context.Context, by identity.Actor, side Side, from, until deadlines.Date, ranges ...document.Query) ([]Mark, error) {
	done := map[string]bool{}
	var all []Mark
	for _, q := range ranges {
		page, err := s.Audits.List(ctx, q)
		if err != nil {
			return nil, err
		}
		for i := range page.Rows {
			a := &page.Rows[i]
			seen := sight(by, a)
			if done[a.ID] || seen == Nothing {
				continue
			}
			done[a.ID] = true
			for _, m := range a.marks(s.stepFor(by, a).party, seen) {
				if m.Day.Before(from) || !m.Day.Before(until) {
					continue
				}
				m.Audit, m.Reference, m.Controller, m.Processor = a.ID, a.Reference, a.Controller, a.Processor
				m.Side, m.Stage, m.Rev = side, a.Stage, a.Rev
				all = append(all, m)
			}
		}
	}
	return all, nil
}

func (a *Audit) marks(party Party, seen Sight) []Mark {
	var all []Mark
	if day := a.shownDay(); !day.IsZero() && seen == Content {
		m := Mark{Day: day, Kind: "audit", Own: true}
		if a.On.IsZero() {
			m.Kind = "proposal"
		}
		if p := a.standing(); p != nil && a.On.IsZero() {
			m.Item, m.Mine = p.ID, p.From != party
		}
		all = append(all, m)
	}
	if p := a.standing(); p != nil && !a.On.IsZero() && a.Open && seen == Content {
		all = append(all, Mark{Day: p.Day, Kind: "proposal", Item: p.ID, Mine: p.From != party})
	}
	for _, v := range a.Sessions {
		if v.Dropped == nil && seen == Content && a.Open {
			all = append(all, Mark{Day: v.Day, Kind: "session", Item: v.ID})
		}
	}
	for _, o := range a.duties() {
		if seen == Content || seen == Asked && o.kind == "inquiry" || seen == Threshold && o.kind == "undertaking" {
			all = append(all, Mark{Day: o.due, Kind: o.kind, Item: o.id, Mine: slices.Contains(o.by, party)})
		}
	}
	return all
}

// MarksOf is what Calendar lists of one audit that Look returned.
func MarksOf(by identity.Actor, a Audit) []Mark {
	side := AsController
	party := a.partyOf(by.Organisation)
	switch {
	case stands(by, &a, TheAuditor):
		side, party = "", Controller
	case party == Processor:
		side = AsProcessor
	}
	all := a.marks(party, sight(by, &a))
	for i := range all {
		all[i].Audit, all[i].Reference, all[i].Controller, all[i].Processor = a.ID, a.Reference, a.Controller, a.Processor
		all[i].Side, all[i].Stage, all[i].Rev = side, a.Stage, a.Rev
	}
	slices.SortStableFunc(all, func(x, y Mark) int { return x.Day.Compare(y.Day) })
	return all
}
