package audits

import (
	"context"
	"slices"
	"strconv"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// DefaultDays is how long the processor has where the agreement sets no number
// of days: our own default, and marked as such.
const DefaultDays = 14

// Inquire is something to ask the processor.
type Inquire struct {
	ID    string // inq_…; makes it idempotent
	Kind  Kind   // for AskBefore; AskDuring asks a Question
	Text  string
	Due   deadlines.Date // zero: the day the agreement gives
	Haste string         // why it has to be sooner than that
}

// AskBefore asks for existing reports, a self-assessment or information before
// an audit or in its place.
func (s *Service) AskBefore(ctx context.Context, by identity.Actor, id string, in Inquire) (Audit, error) {
	if err := s.Entitled(ctx, by, id, AskFirst); err != nil {
		return Audit{}, err
	}
	if !slices.Contains([]Kind{ExistingReports, SelfAssessment, Information}, in.Kind) {
		return Audit{}, fault.New(fault.Invalid, "Some answers need another look.").At("kind", "Choose: existing reports, a self-assessment, or information.")
	}
	return s.inquire(ctx, by, id, AskFirst, in)
}

// AskDuring asks the processor a question during the audit.
func (s *Service) AskDuring(ctx context.Context, by identity.Actor, id string, in Inquire) (Audit, error) {
	in.Kind = Question
	return s.inquire(ctx, by, id, Ask, in)
}

func (s *Service) inquire(ctx context.Context, by identity.Actor, id string, action Action, in Inquire) (Audit, error) {
	in.ID = ledger.ChosenID("inq", in.ID)
	return s.change(ctx, by, id, action, func(st *step) (details, error) {
		if st.inquiry(in.ID) != nil {
			return nil, errSame
		}
		if len(st.Inquiries) >= mostInquiries {
			return nil, fault.New(fault.Conflict, "There are %d questions already. No more can be asked in this audit.", mostInquiries)
		}
		if err := st.inForce(st.today); err != nil && st.Began == nil {
			return nil, err
		}
		var f form
		if !f.filled("text", in.Text) {
			f.Refuse("text", "Say what you ask for.")
		}
		f.filled("haste", in.Haste)
		if err := f.Err(); err != nil {
			return nil, err
		}
		duty, err := st.term(in.Due, in.Haste != "")
		if err != nil {
			return nil, err
		}
		st.Inquiries = append(st.Inquiries, Inquiry{ID: in.ID, Kind: in.Kind, Text: st.z.Text("text", in.Text), Haste: st.z.Text("haste", in.Haste),
			At: st.now, By: st.by.Account, Duty: duty})
		return duty.told(st.zone, details{"inquiry": in.ID, "kind": string(in.Kind), "clause": duty.Clause, "urgent": strconv.FormatBool(in.Haste != "")}), nil
	})
}

// term is by when the processor answers: within what the agreement says,
// sooner only with a reason and where the agreement lets it. Where it is
// silent our default applies, which the controller may stretch.
func (st *step) term(due deadlines.Date, urgent bool) (Duty, error) {
	line := lineOf(st.terms, "cooperation", agreements.TermCooperation)
	most, err := TimeToSay(st.terms, st.now)
	if err != nil {
		return Duty{}, err
	}
	limit, agreed := most.Day, most.Agreed
	if due.IsZero() {
		due = limit
	}
	switch {
	case due.Before(st.today):
		return Duty{}, fault.New(fault.Invalid, "Some answers need another look.").At("due", "This day has passed. Choose today or later.")
	case agreed && due.After(limit):
		line.add(Refused, "The processor answers by %s at the latest. Choose that day or an earlier one.", limit)
	case !agreed && due.After(st.today.AddMonths(12)):
		return Duty{}, fault.New(fault.Invalid, "Some answers need another look.").At("due", "This is more than a year away. Choose an earlier day.")
	case due.Before(limit) && !urgent:
		line.add(Missing, "This is sooner than %s. Say why it is urgent, or choose that day.", limit)
	case due.Before(limit) && agreed && !st.terms.Audit.Cooperation.UrgentSooner:
		line.add(Refused, "The agreement knows no shorter term for urgent questions. Choose %s.", limit)
	}
	if len(line.Reasons) > 0 {
		return Duty{}, ruled(line)
	}
	d := st.duty(due, line.Clause, agreed)
	if agreed && most.Ends.Before(d.Ends) { // hours that are over within the day
		d.Ends = most.Ends.UTC()
		d.Reminded = deadlines.PassedReminders(d.Ends, st.now)
	}
	return d, nil
}

// duty is due on a day, by a rule.
func (g ground) duty(due deadlines.Date, clause string, agreed bool) Duty {
	ends := deadlines.EndOf(due, g.zone).UTC()
	return Duty{Due: due, Ends: ends, Clause: clause, Agreed: agreed, Reminded: deadlines.PassedReminders(ends, g.now)}
}

// told adds to an event by when something is due, with the moment where that is
// before the day is over.
func (d Duty) told(zone *time.Location, to details) details {
	to["due"] = d.Due.String()
	if d.Ends.Before(deadlines.EndOf(d.Due, zone)) {
		to["ends"] = d.Ends.UTC().Format(time.RFC3339)
	}
	return to
}

// Supplied is the processor's answer; its files were added before with Attach.
type Supplied struct {
	None bool   // there is nothing to give; Text says why
	Text string // may be empty when there are files
}

// AnswerInquiry answers what was asked, and locks the answer.
func (s *Service) AnswerInquiry(ctx context.Context, by identity.Actor, id, inquiry string, in Supplied) (Audit, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Audit{}, err
	}
	action := Supply
	if q := a.inquiry(inquiry); q != nil && q.Kind == Question {
		action = AnswerQuestion
	}
	return s.change(ctx, by, id, action, func(st *step) (details, error) {
		q := st.inquiry(inquiry)
		switch {
		case q == nil:
			return nil, ErrNotFound
		case !q.pending():
			return nil, fault.New(fault.Conflict, "This was answered already, or withdrawn. It can no longer be changed.")
		}
		files := st.countFiles(inquiry)
		var f form
		switch told := f.filled("text", in.Text); {
		case in.None && files > 0:
			f.Refuse("none", "There are files with this answer. Remove them, or do not say that there is nothing.")
		case in.None && !told:
			f.Refuse("text", "Say why there is nothing to give.")
		case !in.None && !told && files == 0:
			f.Refuse("text", "Add a file or write the answer, or say that there is nothing.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		now := st.now
		q.Answered, q.AnsweredBy, q.None, q.Answer = &now, st.by.Account, in.None, st.z.Text("answer", in.Text)
		return details{"inquiry": q.ID, "kind": string(q.Kind), "none": strconv.FormatBool(in.None), "files": strconv.Itoa(files), "late": strconv.FormatBool(!now.Before(q.Ends))}, nil
	})
}

// AssessReports says whether what was supplied settles the matter. Inconclusive
// needs the arguments; where the notice has to state them and does not yet,
// they become part of it.
func (s *Service) AssessReports(ctx context.Context, by identity.Actor, id, inquiry, assessment, arguments string) (Audit, error) {
	return s.change(ctx, by, id, Assess, func(st *step) (details, error) {
		q := st.inquiry(inquiry)
		switch {
		case q == nil:
			return nil, ErrNotFound
		case q.Answered == nil || q.None:
			return nil, fault.New(fault.Conflict, "There is nothing to assess: the processor has supplied nothing.")
		}
		var f form
		if assessment != Conclusive && assessment != Inconclusive {
			f.Refuse("assessment", "Choose whether this settles the matter or not.")
		}
		if !f.filled("arguments", arguments) {
			f.Refuse("arguments", "Say why this does or does not settle the matter.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		now := st.now
		q.Assessment, q.Arguments, q.Assessed = assessment, st.z.Text("arguments", arguments), &now
		if assessment == Inconclusive && st.Notice.Arguments == "" {
			st.Notice.Arguments = q.Arguments
		}
		return details{"inquiry": q.ID, "kind": string(q.Kind), "assessment": assessment}, nil
	})
}

// ConcludeWithout closes the matter on what the processor supplied, without an audit.
func (s *Service) ConcludeWithout(ctx context.Context, by identity.Actor, id, inquiry string) (Audit, error) {
	return s.change(ctx, by, id, Conclude, func(st *step) (details, error) {
		q := st.inquiry(inquiry)
		if q == nil {
			return nil, ErrNotFound
		}
		if q.Assessment != Conclusive {
			line := lineOf(st.terms, "alternatives", termAlternatives)
			line.add(Missing, "Only what settles the matter can take the place of an audit. First assess it as conclusive, or announce the audit.")
			return nil, ruled(line)
		}
		st.Outcome = SettledOther
		return details{"inquiry": q.ID, "kind": string(q.Kind), "outcome": SettledOther}, nil
	})
}

// WithdrawQuestion withdraws an inquiry that was not answered yet.
func (s *Service) WithdrawQuestion(ctx context.Context, by identity.Actor, id, inquiry string) (Audit, error) {
	return s.change(ctx, by, id, WithdrawInquiry, func(st *step) (details, error) {
		q := st.inquiry(inquiry)
		switch {
		case q == nil:
			return nil, ErrNotFound
		case q.Withdrawn != nil:
			return nil, errSame
		case q.Answered != nil:
			return nil, fault.New(fault.Conflict, "This was answered already, or withdrawn. It can no longer be changed.")
		case stands(st.by, st.Audit, TheAuditor) && q.By != st.by.Account:
			return nil, ErrForbidden
		}
		now := st.now
		q.Withdrawn = &now
		return details{"inquiry": q.ID, "kind": string(q.Kind)}, nil
	})
}
