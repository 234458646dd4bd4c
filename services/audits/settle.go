package audits

import (
	"time"

	"inzage/services/deadlines"
)

// owed is something open that a party owes by a day: what is reminded of, and
// what the calendar shows.
type owed struct {
	kind     string // inquiry, comment, position, measure, undertaking
	id       string
	by       []Party // who owes it; none when it is the auditor
	due      deadlines.Date
	ends     time.Time
	reminded *[]string
}

// duties lists what is owed now.
func (a *Audit) duties() []owed {
	if !a.Open {
		return nil
	}
	var all []owed
	for i := range a.Inquiries {
		if q := &a.Inquiries[i]; q.pending() {
			all = append(all, owed{"inquiry", q.ID, []Party{Processor}, q.Due, q.Ends, &q.Reminded})
		}
	}
	switch r := a.Report; {
	case r == nil:
	case a.Stage == Reported && r.CommentedAt == nil:
		all = append(all, owed{"comment", a.ID, []Party{Processor}, r.Due, r.Ends, &r.Reminded})
	case a.Stage == InReview && a.waitsFor() != nil:
		all = append(all, owed{"position", a.ID, a.waitsFor(), r.Due, r.Ends, &r.Reminded})
	}
	for i := range a.Measures {
		m := &a.Measures[i]
		var who []Party
		for _, p := range []Party{Controller, Processor} {
			if m.Owes(p) {
				who = append(who, p)
			}
		}
		if m.Checkable() {
			who = []Party{Controller} // to check it again
		}
		if who != nil && a.Stage == Improving {
			all = append(all, owed{"measure", m.ID, who, m.Due, m.Ends, &m.Reminded})
		}
	}
	if u := a.Auditor; u != nil && a.Access != "" && u.Undertaken == nil && a.Stage == DateAgreed {
		// Before the day begins: without the signature nobody comes in.
		all = append(all, owed{"undertaking", u.ID, nil, a.On.AddDays(-1), startOf(a.On), &u.Reminded})
	}
	return all
}

// startOf is the beginning of a day in UTC: near enough for a reminder.
func startOf(d deadlines.Date) time.Time {
	return time.Date(d.Year, d.Month, d.Day, 0, 0, 0, 0, time.UTC)
}

// waitsFor are the parties that have not taken a position on every finding.
func (a *Audit) waitsFor() []Party {
	var who []Party
	for _, p := range []Party{Controller, Processor} {
		for _, f := range a.Findings {
			if _, said := f.Positions[p]; !said && f.Dropped == nil {
				who = append(who, p)
				break
			}
		}
	}
	return who
}

// settle derives what follows from the facts: open or not, who may come in,
// where it stands in lists and on the calendar, the next reminder, how long it
// is kept.
func (a *Audit) settle(g ground) {
	a.Open = a.Stage != Closed && a.Stage != Cancelled
	if !a.Open {
		a.Access = ""
		if a.Ended == nil {
			now := g.now
			a.Ended = &now
		}
	}
	if a.Listed == "" && (a.Announced != nil || len(a.Inquiries) > 0) {
		a.Listed = a.Processor
	}
	a.Told = a.telling()
	a.Day = a.Told.Day.String()
	a.Order, a.Remind = noDay, deadlines.Never
	if a.Open && a.Day != "" && a.Told.As != dayOff && a.Began == nil {
		a.Order = a.Day
	}
	for _, o := range a.duties() {
		if due := o.due.String(); due < a.Order {
			a.Order = due
		}
		if next := deadlines.NextReminder(o.ends, *o.reminded, g.now); next.Before(a.Remind) {
			a.Remind = next
		}
	}
	a.Kept, a.Touched = a.period(), g.now
	if a.Ended != nil {
		a.Order = a.Ended.UTC().Format(instant)
	}
}
