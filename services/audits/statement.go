package audits

import (
	"context"
	"errors"

	"inzage/services/agreements"
	"inzage/services/costs"
	"inzage/services/deadlines"
	"inzage/services/identity"
)

// payer is a look at the audit by one of the two parties; the auditor has no
// part in who pays what.
func (s *Service) payer(ctx context.Context, by identity.Actor, a *Audit) (*step, error) {
	if sight(by, a) != Content || stands(by, a, TheAuditor) {
		return nil, s.refused(ctx, by, "costs", a.ID, ErrNotFound)
	}
	g, err := s.ground(ctx, a)
	if err != nil {
		return nil, err
	}
	st := s.stepFor(by, a)
	st.ground = g
	return st, nil
}

// PartyShare is the statement for one party: what it made, what it bears, and what
// it pays or receives to make that even.
type PartyShare struct {
	Party          Party
	Made, Bears    int64 // cents
	Pays, Receives int64
	ToAccept       []string // lines that the party has not accepted
	Disputed       []string // lines that the party disputes
}

// Statement is the costs of an audit as the agreement divides them.
type Statement struct {
	costs.Statement // the lines in the order of Audit.Costs, with their clauses explained
	Shares          [2]PartyShare
	Moves           []Move // the lines that a finding took to another bearer
	// Pending are the lines that another party would bear if the audit showed
	// non-compliance, by their number from 0, with how they would then stand: as
	// long as that is unknown, nobody can tell who bears them.
	Pending map[int]costs.Allocation
}

// Move is a line that another party bears because a finding shows
// non-compliance: its number from 0, and how it would stand without.
type Move struct {
	Line    int
	Without costs.Allocation
}

// StatementOf writes out the costs for the parties; the auditor has no part in it.
func (s *Service) StatementOf(ctx context.Context, by identity.Actor, a Audit) (Statement, error) {
	st, err := s.payer(ctx, by, &a)
	if err != nil {
		return Statement{}, err
	}
	divided, err := st.statement()
	if err != nil {
		return Statement{}, err
	}
	out := Statement{Statement: divided}
	if out.Pending, err = st.pending(); err != nil {
		return Statement{}, err
	}
	if out.Moves, err = st.moves(divided); err != nil {
		return Statement{}, err
	}
	for i, p := range []Party{Controller, Processor} {
		out.Shares[i] = a.share(p, divided)
	}
	return out, nil
}

// pending lists the lines whose bearer depends on what is not known yet.
func (st *step) pending() (map[int]costs.Allocation, error) {
	all := map[int]costs.Allocation{}
	known := st.compliance()
	if known != nil {
		return all, nil
	}
	divided, err := st.divided(known)
	if err != nil {
		return nil, err
	}
	for i, l := range divided.Lines {
		if l.Depends() && l.Bearer == "" {
			all[i] = *l.IfShown
		}
	}
	return all, nil
}

func (a *Audit) share(p Party, divided costs.Statement) PartyShare {
	share := PartyShare{Party: p}
	for i, l := range divided.Lines {
		if l.MadeBy == p {
			share.Made += l.Cents
		}
		if l.Bearer == p {
			share.Bears += l.Cents
		}
		view, said := a.Costs[i].Views[p]
		if !view.Accepts {
			share.ToAccept = append(share.ToAccept, a.Costs[i].ID)
		}
		if said && !view.Accepts {
			share.Disputed = append(share.Disputed, a.Costs[i].ID)
		}
	}
	if d := share.Bears - share.Made; d > 0 {
		share.Pays = d
	} else {
		share.Receives = -d
	}
	return share
}

// moves compares the division with that of an audit that shows nothing wrong.
func (st *step) moves(divided costs.Statement) ([]Move, error) {
	if !st.NonCompliance {
		return nil, nil
	}
	clean := *st.Audit
	clean.NonCompliance = false
	without, err := (&step{ground: st.ground, Audit: &clean}).statement()
	if err != nil {
		return nil, err
	}
	var all []Move
	for i, l := range without.Lines {
		if l.Bearer != divided.Lines[i].Bearer {
			all = append(all, Move{Line: i, Without: l})
		}
	}
	return all, nil
}

// Bearing says who bears costs of one kind: as the audit stands now, and what
// it would be if it showed, or did not show, non-compliance.
type Bearing struct {
	Now, Otherwise costs.Allocation
}

// BearingsOf lists for each kind that the actor's side can state who bears it,
// before anything is stated. Nobody states the working time of the other side.
func (s *Service) BearingsOf(ctx context.Context, by identity.Actor, a Audit) ([]Bearing, error) {
	st, err := s.payer(ctx, by, &a)
	if err != nil {
		return nil, err
	}
	var lines []costs.Line
	for _, k := range agreements.CostKinds() {
		if k == agreements.ProcessorTime && st.party == Controller || k == agreements.ControllerTime && st.party == Processor {
			continue
		}
		lines = append(lines, costs.Line{Kind: k, MadeBy: st.party})
	}
	otherwise := !a.NonCompliance
	now, err := costs.Divide(st.terms, costs.Facts{NonCompliance: &a.NonCompliance, Lines: lines})
	if err != nil {
		return nil, err
	}
	other, err := costs.Divide(st.terms, costs.Facts{NonCompliance: &otherwise, Lines: lines})
	if err != nil {
		return nil, err
	}
	all := make([]Bearing, len(lines))
	for i := range lines {
		all[i] = Bearing{Now: now.Lines[i], Otherwise: other.Lines[i]}
	}
	return all, nil
}

// Unsettled lists what keeps the costs from being settled, as the refusal of
// SettleCosts does; nothing when they can be.
func (s *Service) Unsettled(ctx context.Context, by identity.Actor, a Audit) ([]Line, error) {
	st, err := s.payer(ctx, by, &a)
	if err != nil {
		return nil, err
	}
	var all []Line
	for _, err := range []error{st.measured(), st.costsAgreed()} {
		var r *Ruled
		if errors.As(err, &r) {
			all = append(all, r.Lines...)
		}
	}
	return all, nil
}

// NextLawful is the first day on which another audit is allowed once this one
// has taken place; zero when the agreement sets no limit.
func (s *Service) NextLawful(ctx context.Context, by identity.Actor, a Audit) (deadlines.Date, error) {
	st, err := s.payer(ctx, by, &a)
	if err != nil {
		return deadlines.Date{}, err
	}
	return st.next()
}
