package audits

import (
	"context"
	"maps"
	"slices"
	"strconv"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

var noDate deadlines.Date

// MeasureText is what is to be done about a finding.
type MeasureText struct {
	ID      string // msr_…; makes it idempotent
	Finding string // "" when it rests on no single one
	Owner   Owner
	Text    string
	Due     deadlines.Date
}

func (st *step) checkMeasure(in MeasureText) error {
	var f form
	if x := st.finding(in.Finding); in.Finding != "" && (x == nil || x.Dropped != nil) {
		f.Refuse("finding", "Choose a finding of this audit.")
	}
	if !slices.Contains([]Owner{OwnerController, OwnerProcessor, OwnerBoth}, in.Owner) {
		f.Refuse("owner", "Choose who carries it out: the controller, the processor or both.")
	}
	if !f.filled("text", in.Text) {
		f.Refuse("text", "Say what has to be done.")
	}
	if in.Due.Before(st.today) || in.Due.IsZero() {
		f.Refuse("due", "This day has passed. Choose today or later.")
	} else if in.Due.After(st.today.AddMonths(36)) {
		f.Refuse("due", "This is more than three years away. Choose an earlier day.")
	}
	return f.Err()
}

// AgreeMeasure adds a measure with its owner and the day by which it is done.
func (s *Service) AgreeMeasure(ctx context.Context, by identity.Actor, id string, in MeasureText) (Audit, error) {
	in.ID = ledger.ChosenID("msr", in.ID)
	return s.change(ctx, by, id, AddMeasure, func(st *step) (details, error) {
		if st.measure(in.ID) != nil {
			return nil, errSame
		}
		if err := st.checkMeasure(in); err != nil {
			return nil, err
		}
		if len(st.Measures) >= mostMeasures {
			return nil, fault.New(fault.Conflict, "There are %d measures already. No more can be added to this audit.", mostMeasures)
		}
		m := Measure{ID: in.ID, By: st.by.Account, At: st.now, Done: map[Party]Done{}}
		m.write(st, in)
		st.Measures = append(st.Measures, m)
		return m.details(), nil
	})
}

func (m *Measure) write(st *step, in MeasureText) {
	m.Finding, m.Owner, m.Text = in.Finding, in.Owner, st.z.Text("text", in.Text)
	m.Duty = st.duty(in.Due, lineOf(st.terms, "findings", termFindings).Clause, false)
}

func (m *Measure) details() details {
	return details{"measure": m.ID, "finding": m.Finding, "owner": string(m.Owner), "due": m.Due.String()}
}

// Checkable tells whether everybody who owed the measure has done it, and
// nobody has looked since.
func (m *Measure) Checkable() bool {
	return m.Dropped == nil && m.Result == "" && !m.Owes(Controller) && !m.Owes(Processor)
}

// ChangeMeasure changes what was agreed, until it is done.
func (s *Service) ChangeMeasure(ctx context.Context, by identity.Actor, id string, in MeasureText) (Audit, error) {
	return s.change(ctx, by, id, ReviseMeasure, func(st *step) (details, error) {
		m, err := st.unfinished(in.ID)
		if err != nil {
			return nil, err
		}
		if err := st.checkMeasure(in); err != nil {
			return nil, err
		}
		m.write(st, in)
		return m.details(), nil
	})
}

func (st *step) unfinished(id string) (*Measure, error) {
	m := st.measure(id)
	switch {
	case m == nil:
		return nil, ErrNotFound
	case m.Finished():
		return nil, fault.New(fault.Conflict, "This measure is finished. Add another one if more has to be done.")
	}
	return m, nil
}

// CarryOut records that the actor's side has done its part; the evidence are
// files of the measure.
func (s *Service) CarryOut(ctx context.Context, by identity.Actor, id, measure, text string) (Audit, error) {
	return s.change(ctx, by, id, ReportMeasure, func(st *step) (details, error) {
		m, err := st.unfinished(measure)
		if err != nil {
			return nil, err
		}
		if !m.Owner.Includes(st.party) {
			return nil, fault.New(fault.Conflict, "The other side carries out this measure.")
		}
		if !m.Owes(st.party) {
			return nil, errSame
		}
		var f form
		if !f.filled("text", text) {
			f.Refuse("text", "Say what was done.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		done := maps.Clone(m.Done)
		done[st.party] = Done{Text: st.z.Text("done", text), At: st.now, By: st.by.Account}
		m.Done, m.Result = done, ""
		return details{"measure": m.ID, "party": string(st.party), "late": strconv.FormatBool(!st.now.Before(m.Ends))}, nil
	})
}

// Recheck says whether a measure works. One that does not is owed again, by a
// new day.
func (s *Service) Recheck(ctx context.Context, by identity.Actor, id, measure, result, text string, due deadlines.Date) (Audit, error) {
	return s.change(ctx, by, id, CheckMeasure, func(st *step) (details, error) {
		m, err := st.unfinished(measure)
		if err != nil {
			return nil, err
		}
		if !m.Checkable() {
			return nil, fault.New(fault.Conflict, "This measure is not done yet. Wait until its owner says so.")
		}
		var f form
		if result != Effective && result != NotEffective {
			f.Refuse("result", "Choose whether the measure works.")
		}
		if !f.filled("text", text) {
			f.Refuse("text", "Say how it was checked and what was seen.")
		}
		if result == NotEffective && (due.IsZero() || due.Before(st.today)) {
			f.Refuse("due", "This day has passed. Choose today or later.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		now := st.now
		m.Result, m.Check, m.Checked = result, st.z.Text("check", text), &now
		d := details{"measure": m.ID, "result": result}
		if result == NotEffective {
			m.Done, m.Duty = map[Party]Done{}, st.duty(due, m.Clause, false)
			d["due"] = due.String()
		}
		return d, nil
	})
}

// MayLeaveOut tells whether a measure can be dropped under these terms.
func MayLeaveOut(t agreements.Terms) bool {
	return t.Audit.Findings == nil || t.Audit.Findings.MayBeLeftOut
}

// LeaveOut drops a measure, with a reason, unless the agreement says that
// measures are carried out.
func (s *Service) LeaveOut(ctx context.Context, by identity.Actor, id, measure, reason string) (Audit, error) {
	return s.change(ctx, by, id, DropMeasure, func(st *step) (details, error) {
		m, err := st.unfinished(measure)
		if err != nil {
			return nil, err
		}
		if !MayLeaveOut(st.terms) {
			line := lineOf(st.terms, "findings", termFindings)
			line.add(Refused, "The agreement has measures carried out by one party or both. Change its owner or its day instead.")
			return nil, ruled(line)
		}
		var f form
		if !f.filled("reason", reason) {
			f.Refuse("reason", "Say why the measure is left out.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		now := st.now
		m.Dropped, m.Why = &now, st.z.Text("reason", reason)
		return details{"measure": m.ID}, nil
	})
}
