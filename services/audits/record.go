package audits

import (
	"context"
	"fmt"
	"slices"
	"time"

	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/identity"
)

// Slip is one thing that a processor did late or not at all in its help with
// requests: identifiers, dates and enumerated values only.
type Slip struct {
	Kind   string // LateForward, LateAssist, MissedAssist or LateInquiry
	Object string // the request, assist or audit
	// Reference is what people quote of it: the request's, or the audit's.
	Reference string
	Due       time.Time // the end of its time
	At        time.Time // when it was done; zero when not at all
	Days      int       // how many days late, those begun included
}

// The kinds of a slip.
const (
	LateForward  = "late_forward"  // a request that was sent on only after days
	LateAssist   = "late_assist"   // help that came after its day
	MissedAssist = "missed_assist" // help that did not come
	LateInquiry  = "late_inquiry"  // an answer in an audit that came late or not at all
)

// FoundBefore is a finding of an earlier audit of the processor by the same controller.
type FoundBefore struct {
	Audit, Reference, Finding string
	Grade                     Grade
	Clause                    string
	NonCompliance             bool
	At                        time.Time
	Open                      bool // a measure for it is not finished
}

// Record is what the portal knows of a processor toward one controller. It can
// serve as an indication for an audit for cause; it is no judgement.
type Record struct {
	Slips    []Slip
	Findings []FoundBefore
	Since    time.Time
}

// RecordYears is how far back the record goes.
const RecordYears = 3

// OfCause explains what the agreement makes of an audit for cause: its
// precondition, its notice or its frequency. ok is false when none of them
// knows one.
func OfCause(t agreements.Terms) (e agreements.Explanation, ok bool) {
	switch a := t.Audit; {
	case a.Precondition != nil && (a.Precondition.WaivedForCause || slices.Contains(a.Precondition.Needs, "breach_indicated")):
		return agreements.Explain(t, agreements.TermPrecondition, ""), true
	case a.Notice != nil && !a.Notice.ForCause.IsZero():
		return agreements.Explain(t, agreements.TermNotice, ""), true
	case a.Frequency != nil:
		return agreements.Explain(t, agreements.TermFrequency, ""), true
	}
	return agreements.Explanation{}, false
}

// holds tells whether the record has the object.
func (r Record) holds(object string) bool {
	return slices.ContainsFunc(r.Slips, func(s Slip) bool { return s.Object == object }) ||
		slices.ContainsFunc(r.Findings, func(f FoundBefore) bool { return f.Audit == object || f.Finding == object })
}

// RecordOf is the record of a processor toward the actor's own organisation.
// It holds no personal data, but is a dossier on a party, so reading it leaves an entry.
func (s *Service) RecordOf(ctx context.Context, by identity.Actor, processor string) (Record, error) {
	if !by.IsStaffOf(by.Organisation, identity.PrivacyOfficer, identity.Admin) {
		return Record{}, s.refused(ctx, by, "record", processor, ErrForbidden)
	}
	r, err := s.record(ctx, by.Organisation, processor)
	if err != nil {
		return Record{}, err
	}
	return r, s.read(ctx, by, "record", processor)
}

func (s *Service) record(ctx context.Context, controller, processor string) (Record, error) {
	r := Record{Since: s.now().AddDate(-RecordYears, 0, 0)}
	lapses, err := s.Conduct.Lapses(ctx, controller, processor, r.Since)
	if err != nil {
		return Record{}, fmt.Errorf("read what %s did late: %w", processor, err)
	}
	for _, l := range lapses {
		slip := Slip{Kind: LateForward, Object: l.Object, Reference: l.Reference, Due: l.Due, At: l.Done}
		if l.Assist {
			slip.Kind = LateAssist
		}
		if l.Assist && l.Done.IsZero() {
			slip.Kind = MissedAssist
		}
		r.Slips = append(r.Slips, slip.count(s.now()))
	}
	page, err := s.Audits.List(ctx, document.Query{Index: "between", Equal: []any{controller, processor}, From: r.Since, Descending: true, Limit: 50})
	if err != nil {
		return Record{}, fmt.Errorf("list earlier audits of %s: %w", processor, err)
	}
	for i := range page.Rows {
		page.Rows[i].recorded(&r, s.now())
	}
	return r, nil
}

// recorded adds what one audit says of the processor: findings once it has
// seen them, and answers that came late.
func (a *Audit) recorded(r *Record, now time.Time) {
	for _, f := range a.Findings {
		if f.Dropped != nil || a.Report == nil || f.Grade != Major && f.Grade != Minor {
			continue
		}
		open := slices.ContainsFunc(a.Measures, func(m Measure) bool { return m.Finding == f.ID && !m.Finished() })
		r.Findings = append(r.Findings, FoundBefore{Audit: a.ID, Reference: a.Reference, Finding: f.ID, Grade: f.Grade, Clause: f.Clause,
			NonCompliance: f.NonCompliance, At: f.At, Open: open})
	}
	for _, q := range a.Inquiries {
		slip := Slip{Kind: LateInquiry, Object: a.ID, Reference: a.Reference, Due: q.Ends}
		if q.Answered != nil {
			slip.At = *q.Answered
		}
		late := q.Answered != nil && !q.Answered.Before(q.Ends) || q.Answered == nil && a.Open && !now.Before(q.Ends)
		if late && q.Withdrawn == nil {
			r.Slips = append(r.Slips, slip.count(now))
		}
	}
}

// count fills in how many days late it is or was.
func (s Slip) count(now time.Time) Slip {
	if !s.At.IsZero() {
		now = s.At
	}
	s.Days = 1 + int(now.Sub(s.Due)/(24*time.Hour))
	return s
}
