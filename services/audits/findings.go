package audits

import (
	"context"
	"slices"
	"strconv"
	"strings"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// FindingText is a finding as it is written down. Its evidence are files.
type FindingText struct {
	ID            string // fnd_…; makes it idempotent
	Grade         Grade
	Clause        string // of the agreement or the law
	Title         string
	Text          string
	Root          string // the root cause; needed for a major finding before the report is shared
	NonCompliance bool   // it shows that the processor does not keep to the agreement or the law
}

func (in FindingText) check() error {
	var f form
	if !slices.Contains([]Grade{Major, Minor, Observation, GoodPractice}, in.Grade) {
		f.Refuse("grade", "Choose a grade: major, minor, observation or good practice.")
	}
	if fault.Blank(in.Clause) || len(in.Clause) > 40 {
		f.Refuse("clause", "Name the clause of the agreement or the article of the law, such as 6.2 or 32 GDPR.")
	}
	if !f.named("title", in.Title) {
		f.Refuse("title", "Give the finding a title.")
	}
	if !f.filled("text", in.Text) {
		f.Refuse("text", "Describe what was found.")
	}
	f.filled("root", in.Root)
	if in.NonCompliance && in.Grade != Major && in.Grade != Minor {
		f.Refuse("non_compliance", "Only a major or minor finding can show non-compliance. Change the grade, or leave this open.")
	}
	return f.Err()
}

// Find writes down a finding. One that shows non-compliance moves the costs at
// once where the agreement says so.
func (s *Service) Find(ctx context.Context, by identity.Actor, id string, in FindingText) (Audit, error) {
	in.ID = ledger.ChosenID("fnd", in.ID)
	return s.change(ctx, by, id, AddFinding, func(st *step) (details, error) {
		if st.finding(in.ID) != nil {
			return nil, errSame
		}
		if err := in.check(); err != nil {
			return nil, err
		}
		if len(st.Findings) >= mostFindings {
			return nil, fault.New(fault.Conflict, "There are %d findings already. No more can be added to this audit.", mostFindings)
		}
		f := Finding{ID: in.ID, Number: len(st.Findings) + 1, By: st.by.Account, At: st.now, Positions: map[Party]Position{}}
		f.write(st, in)
		st.Findings = append(st.Findings, f)
		return f.details(), nil
	})
}

func (f *Finding) write(st *step, in FindingText) {
	f.Grade, f.Clause, f.NonCompliance = in.Grade, strings.TrimSpace(in.Clause), in.NonCompliance
	f.Title, f.Text, f.Root = st.z.Text("title", in.Title), st.z.Text("text", in.Text), st.z.Text("root", in.Root)
}

func (f *Finding) details() details {
	return details{"finding": f.ID, "grade": string(f.Grade), "non_compliance": strconv.FormatBool(f.NonCompliance)}
}

// Rewrite changes a finding. What the parties said of it before is dropped:
// they said it of another text.
func (s *Service) Rewrite(ctx context.Context, by identity.Actor, id string, in FindingText) (Audit, error) {
	return s.change(ctx, by, id, ReviseFinding, func(st *step) (details, error) {
		f := st.finding(in.ID)
		if f == nil || f.Dropped != nil {
			return nil, ErrNotFound
		}
		if err := in.check(); err != nil {
			return nil, err
		}
		f.write(st, in)
		now := st.now
		f.Revised, f.Positions = &now, map[Party]Position{}
		return f.details(), nil
	})
}

// Strike drops a finding; it stays in the history, and counts no more.
func (s *Service) Strike(ctx context.Context, by identity.Actor, id, finding string) (Audit, error) {
	return s.change(ctx, by, id, DropFinding, func(st *step) (details, error) {
		f := st.finding(finding)
		switch {
		case f == nil:
			return nil, ErrNotFound
		case f.Dropped != nil:
			return nil, errSame
		}
		now := st.now
		f.Dropped, f.DroppedBy = &now, st.by.Account
		return f.details(), nil
	})
}

// ShareReport gives the processor the draft report: the findings as they are,
// and a summary. It has as long to comment as for a question.
func (s *Service) ShareReport(ctx context.Context, by identity.Actor, id, summary string) (Audit, error) {
	return s.change(ctx, by, id, Share, func(st *step) (details, error) {
		var f form
		if !f.filled("summary", summary) {
			f.Refuse("summary", "Sum up what the audit shows.")
		}
		for _, x := range st.Findings {
			if x.Dropped == nil && x.Grade == Major && x.Root == "" {
				f.Refuse("findings", "Finding %d is major but names no root cause. Add it first.", x.Number)
			}
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		duty, err := st.term(noDate, false)
		if err != nil {
			return nil, err
		}
		st.Findings = slices.Clone(st.Findings)
		for i := range st.Findings {
			st.Findings[i].Withheld = st.Findings[i].Dropped != nil
		}
		st.Report = &Report{Summary: st.z.Text("summary", summary), Shared: st.now, By: st.by.Account, Duty: duty}
		return duty.told(st.zone, details{"findings": strconv.Itoa(st.standingFindings()), "clause": duty.Clause}), nil
	})
}

func (a *Audit) standingFindings() int {
	n := 0
	for _, f := range a.Findings {
		if f.Dropped == nil {
			n++
		}
	}
	return n
}

// CommentReport is what the processor says of the draft report; it is locked.
func (s *Service) CommentReport(ctx context.Context, by identity.Actor, id, comments string) (Audit, error) {
	return s.change(ctx, by, id, Comment, func(st *step) (details, error) {
		if st.Report == nil || st.Report.CommentedAt != nil {
			return nil, fault.New(fault.Conflict, "The comments were sent already. In the joint review you can say what you hold of each finding.")
		}
		var f form
		if !f.filled("comments", comments) {
			f.Refuse("comments", "Write your comments, or write that you have none.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		now := st.now
		st.Report.Comments, st.Report.CommentedAt, st.Report.CommentedBy = st.z.Text("comments", comments), &now, st.by.Account
		return details{"late": strconv.FormatBool(!now.Before(st.Report.Ends))}, nil
	})
}

// OpenReview opens the joint review: after the processor's comments, or when
// its time to comment is over.
func (s *Service) OpenReview(ctx context.Context, by identity.Actor, id string) (Audit, error) {
	return s.change(ctx, by, id, Review, func(st *step) (details, error) {
		if st.Report.Commentable(st.now) {
			line := lineOf(st.terms, "findings", termFindings)
			line.add(Missing, "The processor can comment on the draft report until %s. Wait for its comments or for that day.", st.Report.Due)
			return nil, ruled(line)
		}
		duty, err := st.term(noDate, false)
		if err != nil {
			return nil, err
		}
		commented := st.Report.CommentedAt != nil
		st.Report.Duty = duty // from here on: to take a position on the findings
		return duty.told(st.zone, details{"commented": strconv.FormatBool(commented)}), nil
	})
}

// Hold records what the actor's side holds of a finding; it may change it
// until the review ends.
func (s *Service) Hold(ctx context.Context, by identity.Actor, id, finding, view, text string) (Audit, error) {
	return s.change(ctx, by, id, TakePosition, func(st *step) (details, error) {
		x := st.finding(finding)
		if x == nil || x.Dropped != nil {
			return nil, ErrNotFound
		}
		var f form
		if !slices.Contains([]string{Agrees, AgreesPartly, Disputes}, view) {
			f.Refuse("view", "Choose: agreed, agreed in part, or disputed.")
		}
		if !f.filled("text", text) && view != Agrees {
			f.Refuse("text", "Say what you do not agree with, and why.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		positions := map[Party]Position{}
		for p, v := range x.Positions {
			positions[p] = v
		}
		positions[st.party] = Position{View: view, Text: st.z.Text("text", text), At: st.now, By: st.by.Account}
		x.Positions = positions
		return details{"finding": x.ID, "view": view, "party": string(st.party)}, nil
	})
}

// Unreviewed names, in a line of the agreement, the findings that keep the
// joint review from ending: where findings are assessed jointly, those that
// wait for a party that still has time. Without reasons it can end.
func (a *Audit) Unreviewed(t agreements.Terms, now time.Time) Line {
	line := lineOf(t, "findings", termFindings)
	if t.Audit.Findings == nil || t.Audit.Findings.Assessed != "jointly" || !now.Before(a.Report.Ends) {
		return line
	}
	for _, f := range a.Findings {
		if f.Dropped == nil && len(f.Positions) < 2 {
			line.add(Missing, "Finding %d still waits for the position of a party, until %s.", f.Number, a.Report.Due)
		}
	}
	return line
}

// TimeToSay is the last day for comments on a report that is shared now, for
// positions in a review that is opened now, or for an answer to a question:
// the agreement's, or else our default.
func TimeToSay(t agreements.Terms, now time.Time) (Limit, error) {
	l, err := InformationDue(t, now)
	if err != nil || l.Agreed {
		return l, err
	}
	zone, err := deadlines.Zone(t.TimeZone())
	if err != nil {
		return Limit{}, err
	}
	day := deadlines.DateOf(now, zone).AddDays(DefaultDays)
	return Limit{Day: day, Ends: deadlines.EndOf(day, zone)}, nil
}

// EndReview ends the joint review. Where the agreement has findings assessed
// jointly, each side has taken a position on each of them, or let its time pass.
func (s *Service) EndReview(ctx context.Context, by identity.Actor, id string) (Audit, error) {
	return s.change(ctx, by, id, FinishReview, func(st *step) (details, error) {
		if line := st.Unreviewed(st.terms, st.now); len(line.Reasons) > 0 {
			return nil, ruled(line)
		}
		now := st.now
		st.Report.Reviewed = &now
		return details{"findings": strconv.Itoa(st.standingFindings()), "non_compliance": strconv.FormatBool(st.nonCompliant())}, nil
	})
}
