// Package audits books audits of a processor by its controller: whether one is
// allowed under the agreement, from which day, and what is still missing.
package audits

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
)

// Facts is what is known about an audit that somebody wants to book. What is
// nil, zero or empty is unknown.
type Facts struct {
	Announced       time.Time      // the moment of the notice
	Written         *bool          // the notice is in writing
	On              deadlines.Date // the day that is wanted
	LastAudit       deadlines.Date // the day of the last audit
	ForCause        bool           // something points to non-compliance
	Notice          NoticeText     // what the notice states
	Reports         Reports        // earlier reports, or information, asked of the processor
	BreachIndicated *bool          // something shows that the security duty is or may be breached
	Auditor         AuditorFacts

	// Earlier are days of other audits, for agreements that allow more than one
	// in a period. An audit for cause does not count towards the frequency, as it
	// is not held up by it: it stands in neither list.
	Earlier []deadlines.Date
	// Planned are days after On on which an audit is agreed already, and which
	// another one before them would make too soon.
	Planned []deadlines.Date
}

// NoticeText is what the notice states, each in words; blank is not stated.
type NoticeText struct{ Method, Auditor, Information, Locations, Arguments string }

// Reports says how far the question for existing reports or information has come.
type Reports struct {
	Asked, Available, Received *bool
	Assessment                 string // Conclusive, Inconclusive or empty
}

// What the controller found in the reports it received.
const (
	Conclusive   = "conclusive"   // they settle whether the processor complies
	Inconclusive = "inconclusive" // they leave that open
)

// AuditorFacts is what is known about the auditor.
type AuditorFacts struct {
	Independent, RegisterEDP, ICTExpert, BoundToSecrecy *bool
	UndertakingSigned                                   *bool
}

// The verdicts on a booking.
const (
	Allowed     = "allowed"     // nothing is left
	Conditional = "conditional" // something is missing that can still be supplied
	TooEarly    = "too_early"   // only dates stand in the way; also of a line
	Blocked     = "blocked"     // a line is refused
)

// The verdicts on a line, besides TooEarly, from good to bad.
const (
	OK      = "ok"
	Missing = "missing" // unknown or not done; it can still be supplied
	Refused = "refused"
)

// Sentence is an English sentence that is also the key of its translation, and
// the values for its verbs: dates, periods (agreements.Period) and numbers.
type Sentence struct {
	Text string
	Args []any
}

// String fills in the values, in English.
func (s Sentence) String() string { return fmt.Sprintf(s.Text, s.Args...) }

// Line is the answer on one rule of the agreement.
type Line struct {
	Rule    string         `json:"rule"`
	Clause  string         `json:"clause"` // the law's when Silent, such as "28(3)(h) GDPR"
	Silent  bool           `json:"silent"`
	Verdict string         `json:"verdict"`
	Until   deadlines.Date `json:"until"` // the first day this rule allows; null when it sets none
	Says    string         `json:"says"`  // in English

	// Reasons are the sentences of Says. When there is none, Says is what the
	// chip says.
	Reasons []Sentence             `json:"-"`
	crowded bool                   // a later audit, agreed already, stands in the way
	Chip    agreements.Explanation `json:"-"`
}

// Answer says whether an audit may be booked. Lines always holds the same
// rules in the same order.
type Answer struct {
	Verdict  string         `json:"verdict"`
	Earliest deadlines.Date `json:"earliest"` // null when no rule sets a day, or a fact it needs is unknown
	Lines    []Line         `json:"lines"`

	EarliestWorkingDay deadlines.Date `json:"-"` // Earliest, or the next working day
	LatestNotice       deadlines.Date `json:"-"` // the last day to announce an audit on Facts.On
	HolidaysUnknown    bool           `json:"-"` // days were counted without knowing the holidays of the country
}

// rules is the order in which the lines of an answer stand.
var rules = [...]struct {
	name  string
	judge func(*booking) Line
}{
	{"precondition", (*booking).precondition},
	{"notice", (*booking).notice},
	{"notice_content", (*booking).noticeContent},
	{"frequency", (*booking).frequency},
	{"auditor", (*booking).auditor},
	{"confidentiality", (*booking).confidentiality},
	{"cooperation", (*booking).cooperation},
}

// Check judges a booking by the terms of its agreement, line by line. The worst
// line decides: refused, then missing, then too early.
//
// A rule the agreement is silent on is ok. Without a wanted day nothing is too
// early; Earliest says from when the audit is lawful. Facts that are no fact
// (an unknown assessment, a day outside the calendar) are refused with fault.Invalid.
func Check(t agreements.Terms, f Facts) (Answer, error) {
	if a := f.Reports.Assessment; a != "" && a != Conclusive && a != Inconclusive {
		return Answer{}, fault.New(fault.Invalid, "An assessment of reports is %q or %q, not %q.", Conclusive, Inconclusive, a)
	}
	b, err := newBooking(t, f)
	if err != nil {
		return Answer{}, err
	}
	answer := Answer{Earliest: b.earliest(), LatestNotice: b.latestNotice, HolidaysUnknown: !b.calendar.Known()}
	if !answer.Earliest.IsZero() {
		answer.EarliestWorkingDay = b.calendar.Roll(answer.Earliest)
	}
	worst := OK
	for _, rule := range rules {
		line := rule.judge(b)
		line.Rule = rule.name
		line.Chip = agreements.Explain(t, agreements.TermName("audit."+rule.name), line.Clause)
		if line.Clause == "" { // the agreement is silent
			line.Clause, line.Silent, line.Verdict = agreements.SilentLaw(line.Chip.Term), true, OK
		}
		line.Says = said(line)
		worst = worse(worst, line.Verdict)
		answer.Lines = append(answer.Lines, line)
	}
	answer.Verdict = map[string]string{OK: Allowed, TooEarly: TooEarly, Missing: Conditional, Refused: Blocked}[worst]
	return answer, nil
}

func said(l Line) string {
	if len(l.Reasons) == 0 {
		return l.Chip.Says.In("en")
	}
	var parts []string
	for _, r := range l.Reasons {
		parts = append(parts, r.String())
	}
	return strings.Join(parts, " ")
}

// worse is the graver of two verdicts on a line.
func worse(a, b string) string {
	grave := []string{OK, TooEarly, Missing, Refused}
	if slices.Index(grave, b) > slices.Index(grave, a) {
		return b
	}
	return a
}

// booking is a check under way: the terms, the facts and the days they give.
type booking struct {
	terms        agreements.Audit
	facts        Facts
	calendar     deadlines.Calendar
	period       agreements.Period // of the notice, for this audit
	byNotice     deadlines.Date    // zero when unknown or not set
	byFrequency  deadlines.Date
	crowded      deadlines.Date // the planned audit that would come too soon after the wanted day
	latestNotice deadlines.Date
}

func newBooking(t agreements.Terms, f Facts) (*booking, error) {
	zone, err := deadlines.Zone(t.TimeZone())
	if err != nil {
		return nil, err
	}
	calendar := deadlines.CalendarFor(t.Holidays())
	b := &booking{terms: t.Audit, facts: f, calendar: calendar}
	days := deadlines.AuditFacts{Announced: f.Announced, Last: f.LastAudit, On: f.On, Zone: zone, Calendar: calendar}
	if n := t.Audit.Notice; n != nil {
		b.period = n.Period
		if f.ForCause && !n.ForCause.IsZero() {
			b.period = n.ForCause
		}
		days.Notice.WorkingDays = b.period.WorkingDays
		days.Notice.Days, _ = b.period.CalendarDays()
	}
	counted, err := deadlines.Audit(days)
	if err != nil {
		return nil, err
	}
	b.byNotice, b.latestNotice = counted.ByNotice, counted.LatestNotice
	b.countNotice(zone)
	b.countFrequency()
	return b, nil
}

// countNotice fills in what deadlines.Audit does not count: a notice in months,
// and a notice that only has to come first.
func (b *booking) countNotice(zone *time.Location) {
	n, f := b.terms.Notice, b.facts
	if n == nil || f.Announced.IsZero() || n.Written && f.Written != nil && !*f.Written {
		b.byNotice = deadlines.Date{} // a notice in the wrong form is none
		return
	}
	announced := deadlines.DateOf(f.Announced, zone)
	switch {
	case b.period.Months > 0:
		b.byNotice = announced.AddMonths(b.period.Months).AddDays(1)
	case b.period.IsZero():
		b.byNotice = announced
	}
}

// countFrequency: the audit that would be one too many has to wait until the
// period has run in full since the one that made the limit; from the day after.
func (b *booking) countFrequency() {
	q := frequency{b.terms.Frequency}
	if q.Frequency == nil || b.facts.ForCause {
		return
	}
	var past []deadlines.Date
	for _, d := range append([]deadlines.Date{b.facts.LastAudit}, b.facts.Earlier...) {
		if !d.IsZero() {
			past = append(past, d)
		}
	}
	b.byFrequency = q.first(past)
	b.countPlanned(past)
}

// first is the first day after audits on these days on which the frequency
// allows another one; zero when they are too few to stand in the way.
func (q frequency) first(past []deadlines.Date) deadlines.Date {
	if len(past) < q.Times {
		return deadlines.Date{}
	}
	slices.SortFunc(past, func(x, y deadlines.Date) int { return y.Compare(x) })
	return past[q.Times-1].AddMonths(12*q.Per.Years + q.Per.Months).AddDays(1)
}

// countPlanned: a day on which the audit would make a planned one come too soon
// is none, so the first day lies after that one, and so on. Without a wanted day
// all audits have been counted already.
func (b *booking) countPlanned(past []deadlines.Date) {
	q, planned := frequency{b.terms.Frequency}, slices.SortedFunc(slices.Values(b.facts.Planned), deadlines.Date.Compare)
	on := b.facts.On
	for i, next := range planned {
		before := append(slices.Clone(past), on)
		if !on.Before(next) || !next.Before(q.first(before)) {
			past = append(past, next)
			continue
		}
		if b.crowded.IsZero() {
			b.crowded = next
		}
		past = append(past, next)
		on = q.first(slices.Clone(past))
		if i == len(planned)-1 || on.IsZero() {
			break
		}
	}
	if !b.crowded.IsZero() && on.After(b.byFrequency) {
		b.byFrequency = on
	}
}

// frequency counts the days of a term on how often there is an audit.
type frequency struct{ *agreements.Frequency }

// earliest is the first lawful day: the later of notice and frequency. Where
// the agreement asks for a notice that is not known, there is none yet.
func (b *booking) earliest() deadlines.Date {
	if b.terms.Notice != nil && b.byNotice.IsZero() {
		return deadlines.Date{}
	}
	if b.byNotice.IsZero() || !b.byFrequency.IsZero() && b.byFrequency.After(b.byNotice) {
		return b.byFrequency
	}
	return b.byNotice
}
