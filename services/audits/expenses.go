package audits

import (
	"context"
	"errors"
	"maps"
	"strconv"

	"inzage/services/agreements"
	"inzage/services/costs"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// CostText is one cost as its maker states it; the evidence are files of the line.
type CostText struct {
	ID       string // cst_…; makes it idempotent
	Kind     string // of agreements.CostKinds
	For      string
	Cents    int64
	Currency string // the agreement's when empty
}

// StateCost adds a line that the actor's side made. Its bearer follows from the
// agreement at once.
func (s *Service) StateCost(ctx context.Context, by identity.Actor, id string, in CostText) (Audit, error) {
	in.ID = ledger.ChosenID("cst", in.ID)
	return s.change(ctx, by, id, AddCost, func(st *step) (details, error) {
		if st.cost(in.ID) != nil {
			return nil, errSame
		}
		if len(st.Costs) >= mostCosts {
			return nil, fault.New(fault.Conflict, "There are %d lines of costs already. No more can be added to this audit.", mostCosts)
		}
		c := Cost{ID: in.ID, MadeBy: st.party, By: st.by.Account, At: st.now}
		if err := c.write(st, in); err != nil {
			return nil, err
		}
		st.Costs = append(st.Costs, c)
		return c.details(), nil
	})
}

// write fills in a line; whoever accepted or disputed it did so as it was.
func (c *Cost) write(st *step, in CostText) error {
	var f form
	if !f.named("for", in.For) {
		f.Refuse("for", "Say what this amount is for, in at most 200 characters.")
	}
	known := false
	for _, k := range agreements.CostKinds() {
		known = known || k == in.Kind
	}
	if !known {
		f.Refuse("kind", "Choose what kind of cost this is.")
	}
	if err := f.Err(); err != nil {
		return err
	}
	if in.Cents <= 0 || in.Currency != "" && in.Currency != st.terms.Money() {
		line := lineOf(st.terms, "costs", agreements.TermCosts)
		if in.Cents <= 0 {
			line.add(Refused, "An amount is more than zero. To take something back, change or remove the line it belongs to.")
		} else {
			line.add(Refused, "This agreement counts in %s, and one statement has one currency. Convert the amount first.", st.terms.Money())
		}
		return ruled(line)
	}
	c.Kind, c.Cents, c.Currency, c.For = in.Kind, in.Cents, st.terms.Money(), st.z.Text("for", in.For)
	c.Views, c.Bearer = map[Party]CostView{}, ""
	return nil
}

func (c *Cost) details() details {
	return details{"cost": c.ID, "kind": c.Kind, "made_by": string(c.MadeBy), "cents": strconv.FormatInt(c.Cents, 10), "currency": c.Currency}
}

// own is a line that the actor's own side made.
func (st *step) own(id string) (*Cost, error) {
	c := st.cost(id)
	switch {
	case c == nil:
		return nil, ErrNotFound
	case c.MadeBy != st.party:
		return nil, fault.New(fault.Forbidden, "The other side made this line. You can accept or dispute it.")
	}
	return c, nil
}

// RestateCost changes a line of the actor's own side; both sides look at it again.
func (s *Service) RestateCost(ctx context.Context, by identity.Actor, id string, in CostText) (Audit, error) {
	return s.change(ctx, by, id, ReviseCost, func(st *step) (details, error) {
		c, err := st.own(in.ID)
		if err != nil {
			return nil, err
		}
		if err := c.write(st, in); err != nil {
			return nil, err
		}
		return c.details(), nil
	})
}

// RemoveCost takes a line of the actor's own side out.
func (s *Service) RemoveCost(ctx context.Context, by identity.Actor, id, cost string) (Audit, error) {
	return s.change(ctx, by, id, DropCost, func(st *step) (details, error) {
		c, err := st.own(cost)
		if err != nil {
			return nil, err
		}
		d := c.details()
		var kept []Cost
		for _, x := range st.Costs {
			if x.ID != cost {
				kept = append(kept, x)
			}
		}
		st.Costs = kept
		return d, nil
	})
}

// AgreeCost accepts a line for the actor's side, as it stands with its bearer.
// bearer is who bore it as the actor saw it: when that has changed meanwhile,
// nothing is accepted.
func (s *Service) AgreeCost(ctx context.Context, by identity.Actor, id, cost string, cents int64, bearer Party) (Audit, error) {
	return s.change(ctx, by, id, AcceptCost, func(st *step) (details, error) {
		c := st.cost(cost)
		switch {
		case c == nil:
			return nil, ErrNotFound
		case c.Bearer != bearer || c.Cents != cents:
			return nil, fault.New(fault.Conflict, "This line has changed since you saw it. Look at it again first.")
		case c.Views[st.party].Accepts:
			return nil, errSame
		}
		c.view(st, CostView{Accepts: true, At: st.now, By: st.by.Account})
		return c.viewed(st.party), nil
	})
}

// ContestCost disputes a line for the actor's side, with a reason. It is in
// the way of settling until its maker changes it or the side accepts it.
func (s *Service) ContestCost(ctx context.Context, by identity.Actor, id, cost, reason string) (Audit, error) {
	return s.change(ctx, by, id, DisputeCost, func(st *step) (details, error) {
		c := st.cost(cost)
		if c == nil {
			return nil, ErrNotFound
		}
		var f form
		if !f.filled("reason", reason) {
			f.Refuse("reason", "Say what is wrong with this line.")
		}
		if err := f.Err(); err != nil {
			return nil, err
		}
		c.view(st, CostView{Reason: st.z.Text("reason", reason), At: st.now, By: st.by.Account})
		return c.viewed(st.party), nil
	})
}

// viewed is what the ledger keeps of a view: of whom, and of which bearer by
// which entry of the agreement.
func (c *Cost) viewed(by Party) details {
	d := details{"cost": c.ID, "party": string(by), "bearer": string(c.Bearer), "clause": c.Clause}
	if c.Entry != "" {
		d["entry"] = c.Entry
	}
	return d
}

func (c *Cost) view(st *step, v CostView) {
	views := maps.Clone(c.Views)
	views[st.party] = v
	c.Views = views
}

// divide allocates the lines anew after every step. When a finding moves lines
// to another bearer, that is an event of its own, and what was accepted of
// those lines no longer counts: it was another bearer that was accepted.
func (st *step) divide() error {
	st.NonCompliance = st.nonCompliant()
	if len(st.Costs) == 0 {
		st.Bill = nil
		return nil
	}
	statement, err := st.statement()
	if err != nil {
		return err
	}
	moved := details{}
	for i := range st.Costs {
		c, to := &st.Costs[i], statement.Lines[i]
		if c.Bearer != "" && c.Bearer != to.Bearer {
			moved = details{"to": string(to.Bearer), "clause": to.Clause, "lines": strconv.Itoa(count(moved["lines"]) + 1)}
			if entry := entryOf(to); entry != "" {
				moved["entry"] = entry
			}
			c.Views = map[Party]CostView{}
		}
		c.Bearer, c.Clause, c.Entry, c.Default, c.Reasonable = to.Bearer, to.Clause, entryOf(to), to.Default, to.Reasonable
	}
	if len(moved) > 0 {
		moved["action"], moved["non_compliance"] = string(FlipCosts), strconv.FormatBool(st.NonCompliance)
		st.more = append(st.more, moved)
	}
	st.Bill = &Bill{Currency: statement.Currency, ControllerBears: statement.ControllerBears, ProcessorBears: statement.ProcessorBears, Settlement: statement.Settlement}
	return nil
}

// FlipCosts is the portal's own event that costs went to another bearer.
const FlipCosts Action = "flip_costs"

func count(s string) int {
	n, _ := strconv.Atoi(s) // "" is none
	return n
}

// entryOf names the entry of the agreement that decides a line; "" for none.
func entryOf(a costs.Allocation) string {
	if a.Entry < 0 {
		return ""
	}
	return agreements.EntryPath(agreements.TermCosts, a.Entry)
}

// statement divides the lines as they stand with the findings that there are.
func (st *step) statement() (costs.Statement, error) { return st.divided(&st.NonCompliance) }

func (st *step) divided(nonCompliance *bool) (costs.Statement, error) {
	f := costs.Facts{Currency: st.terms.Money(), NonCompliance: nonCompliance}
	for _, c := range st.Costs {
		f.Lines = append(f.Lines, costs.Line{Kind: c.Kind, MadeBy: c.MadeBy, Cents: c.Cents, Currency: c.Currency})
	}
	statement, err := costs.Divide(st.terms, f)
	var refusal *fault.Error
	if errors.As(err, &refusal) { // a sum too large to count; the rest was refused before
		return statement, fault.New(fault.Invalid, "Some answers need another look.").At("cents", refusal.Text, refusal.Args...)
	}
	return statement, err
}

// SettleCosts settles: every measure is finished and both sides accept every line.
func (s *Service) SettleCosts(ctx context.Context, by identity.Actor, id string) (Audit, error) {
	return s.change(ctx, by, id, Settle, func(st *step) (details, error) {
		if err := st.measured(); err != nil {
			return nil, err
		}
		if err := st.costsAgreed(); err != nil {
			return nil, err
		}
		now := st.now
		st.Settled = &now
		d := details{"lines": strconv.Itoa(len(st.Costs))}
		if st.Bill != nil && st.Bill.Settlement != nil {
			d["from"], d["to"] = string(st.Bill.Settlement.From), string(st.Bill.Settlement.To)
			d["cents"], d["currency"] = strconv.FormatInt(st.Bill.Settlement.Cents, 10), st.Bill.Currency
		}
		return d, nil
	})
}

func (st *step) measured() error {
	line := lineOf(st.terms, "findings", termFindings)
	for _, m := range st.Measures {
		if !m.Finished() {
			line.add(Missing, "A measure is not finished yet; it is due on %s. Carry it out and check it first.", m.Due)
		}
	}
	if len(line.Reasons) > 0 {
		return ruled(line)
	}
	return nil
}

func (st *step) costsAgreed() error {
	line := lineOf(st.terms, "costs", agreements.TermCosts)
	for i, c := range st.Costs {
		for _, p := range []Party{Controller, Processor} {
			view, said := c.Views[p]
			switch {
			case view.Accepts:
			case said && p == Controller:
				line.add(Missing, "The controller disputes line %d (%s). Its maker can change or remove the line.", i+1, c.Clause)
			case said:
				line.add(Missing, "The processor disputes line %d (%s). Its maker can change or remove the line.", i+1, c.Clause)
			case p == Controller:
				line.add(Missing, "The controller has not accepted line %d yet (%s).", i+1, c.Clause)
			default:
				line.add(Missing, "The processor has not accepted line %d yet (%s).", i+1, c.Clause)
			}
		}
	}
	if len(line.Reasons) > 0 {
		return ruled(line)
	}
	return nil
}

// Finish closes the audit, settled or with nothing to settle. The auditor's
// access ends at once; the next lawful day is worked out and kept.
func (s *Service) Finish(ctx context.Context, by identity.Actor, id string) (Audit, error) {
	return s.change(ctx, by, id, Close, func(st *step) (details, error) {
		if st.Stage != Settled {
			if err := st.measured(); err != nil {
				return nil, err
			}
			if len(st.Costs) > 0 {
				line := lineOf(st.terms, "costs", agreements.TermCosts)
				line.add(Missing, "The costs are not settled yet. Both sides accept each line, then the costs can be settled.")
				return nil, ruled(line)
			}
		}
		next, err := st.next()
		if err != nil {
			return nil, err
		}
		st.Outcome, st.Next = Audited, next
		return details{"outcome": Audited, "next": next.String(), "non_compliance": strconv.FormatBool(st.NonCompliance)}, nil
	})
}

// next is the first day on which the frequency allows another audit under this
// agreement; zero when it sets no limit.
func (st *step) next() (deadlines.Date, error) {
	var f Facts
	if !st.Cause.ForCause {
		f.Earlier = append(f.Earlier, st.On)
	}
	for _, o := range st.others {
		if !o.ForCause {
			f.Earlier = append(f.Earlier, o.Day)
		}
	}
	if !st.Earlier.IsZero() {
		f.Earlier = append(f.Earlier, st.Earlier)
	}
	answer, err := Check(st.terms, f)
	if err != nil {
		return deadlines.Date{}, err
	}
	return at(answer.Lines, func(l Line) bool { return l.Rule == "frequency" }).Until, nil
}
