package audits

import (
	"cmp"
	"context"
	"slices"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
)

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
	Off                   bool   // it fell away: only Subscribed and DayOf tell of it
	Stage                 Stage
	Rev                   int64     // of the audit
	Changes               int       // of this day, since calendars were first told of it
	Touched               time.Time // when the audit last changed
}

// The bounds of one look at the calendar.
const (
	calendarDays = 400
	calendarPage = 200 // audits read at a time
)

// Calendar lists the days of the actor's audits and what is due in them, from
// a day up to another, which is not included: of both sides for staff, of the
// audits they may come into for auditors. It spans at most 400 days; it shows
// no content.
func (s *Service) Calendar(ctx context.Context, by identity.Actor, from, until deadlines.Date) ([]Mark, error) {
	all, err := s.Subscribed(ctx, by, from, until)
	return slices.DeleteFunc(all, func(m Mark) bool { return m.Off }), err
}

// Subscribed is Calendar for a program that keeps what it has read: it also
// tells which days fell away.
func (s *Service) Subscribed(ctx context.Context, by identity.Actor, from, until deadlines.Date) ([]Mark, error) {
	if from.IsZero() || until.IsZero() || !from.Before(until) || until.DaysSince(from) > calendarDays {
		return nil, fault.New(fault.Invalid, "Choose a period of at most %d days.", calendarDays)
	}
	if by.Is(identity.Auditor) && by.Account != "" {
		q := document.Query{Index: "auditor", Equal: []any{by.Account}, Limit: calendarPage}
		return s.marks(ctx, by, "", from, until, q)
	}
	if !by.IsStaffOf(by.Organisation, identity.PrivacyOfficer, identity.Agent, identity.Admin) {
		return nil, ErrForbidden
	}
	var all []Mark
	for _, side := range []Side{AsController, AsProcessor} {
		org := by.Organisation
		marks, err := s.marks(ctx, by, side, from, until,
			document.Query{Index: string(side), Equal: []any{org, true}, Limit: calendarPage},
			document.Query{Index: string(side) + "_day", Equal: []any{org}, From: from.String(), Until: until.String(), Limit: calendarPage})
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

// marks reads the audits of some ranges whole, each audit once, and keeps what
// of them lies in the period.
func (s *Service) marks(ctx context.Context, by identity.Actor, side Side, from, until deadlines.Date, ranges ...document.Query) ([]Mark, error) {
	done := map[string]bool{}
	var all []Mark
	for _, q := range ranges {
		for {
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
				for _, m := range a.signed(side, a.marks(s.stepFor(by, a).party, seen)) {
					if !m.Day.Before(from) && m.Day.Before(until) {
						all = append(all, m)
					}
				}
			}
			if q.After = page.Next; q.After == "" {
				break
			}
		}
	}
	return all, nil
}

// signed says of each mark whose it is.
func (a *Audit) signed(side Side, marks []Mark) []Mark {
	for i := range marks {
		m := &marks[i]
		m.Audit, m.Reference, m.Controller, m.Processor = a.ID, a.Reference, a.Controller, a.Processor
		m.Side, m.Stage, m.Rev, m.Touched = side, a.Stage, a.Rev, a.Touched
	}
	return marks
}

func (a *Audit) marks(party Party, seen Sight) []Mark {
	var all []Mark
	if told := a.telling(); !told.Day.IsZero() && seen == Content {
		m := Mark{Day: told.Day, Kind: "audit", Own: true, Off: told.As == dayOff, Changes: told.Changes}
		if a.On.IsZero() {
			m.Kind = "proposal"
		}
		if p := a.standing(); p != nil && a.On.IsZero() && !m.Off {
			m.Item, m.Mine = p.ID, p.From != party
		}
		all = append(all, m)
	}
	if p := a.standing(); p != nil && !a.On.IsZero() && a.Open && seen == Content {
		all = append(all, Mark{Day: p.Day, Kind: "proposal", Item: p.ID, Mine: p.From != party})
	}
	for _, v := range a.Sessions {
		if seen != Content {
			break
		}
		m := Mark{Day: v.Day, Kind: "session", Item: v.ID, Off: v.Dropped != nil || !a.Open && v.Held == nil}
		if m.Off {
			m.Changes = 1
		}
		all = append(all, m)
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
	return slices.DeleteFunc(marksOf(by, a), func(m Mark) bool { return m.Off })
}

// DayOf is the mark of the audit's own day, agreed, proposed or fallen away,
// once the other side knows of it; ok is false when there never was one.
func DayOf(by identity.Actor, a Audit) (m Mark, ok bool) {
	all := marksOf(by, a)
	i := slices.IndexFunc(all, func(m Mark) bool { return m.Own && a.Announced != nil })
	if i < 0 {
		return Mark{}, false
	}
	return all[i], true
}

func marksOf(by identity.Actor, a Audit) []Mark {
	side := AsController
	party := a.partyOf(by.Organisation)
	switch {
	case stands(by, &a, TheAuditor):
		side, party = "", Controller
	case party == Processor:
		side = AsProcessor
	}
	all := a.signed(side, a.marks(party, sight(by, &a)))
	slices.SortStableFunc(all, func(x, y Mark) int { return x.Day.Compare(y.Day) })
	return all
}
