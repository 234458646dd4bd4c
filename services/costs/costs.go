// Package costs divides the costs of an audit, or of help with a request, by
// the terms of the agreement. It is pure: lines in, a statement out. Money is
// integer cents in one currency, never floating point.
package costs

import (
	"math"
	"slices"

	"inzage/services/agreements"
	"inzage/services/fault"

	"github.com/bojanz/currency"
)

// Line is one cost: what for, made by whom, how many cents.
type Line struct {
	Kind     string           `json:"kind"`
	MadeBy   agreements.Party `json:"made_by"`
	Cents    int64            `json:"cents"`
	Currency string           `json:"currency,omitempty"` // that of the facts when empty
	// Right is what the help was for, with kind assist; empty for help in general.
	Right agreements.Right `json:"-"`
}

// Facts is what a division follows from.
type Facts struct {
	Currency string `json:"currency"` // ISO 4217; the agreement's when empty
	// NonCompliance: a finding shows it, or nothing does; nil is unknown, and then
	// the lines that depend on it are not decided.
	NonCompliance *bool  `json:"non_compliance"`
	Lines         []Line `json:"lines"`
}

// Allocation is one line with its one bearer. The clause is the agreement's,
// or names the law where the agreement is silent; Default then marks our reading.
type Allocation struct {
	Kind    string           `json:"kind"`
	MadeBy  agreements.Party `json:"made_by"`
	Cents   int64            `json:"cents"`
	Bearer  agreements.Party `json:"bearer"`
	Clause  string           `json:"clause"`
	Default bool             `json:"default"`

	// IfNot and IfShown are how the line stands when non-compliance is not shown and
	// when it is, as long as that is unknown and makes a difference; the line then
	// has no clause yet, and no bearer unless it is the same. Otherwise both are nil.
	IfNot   *Allocation `json:"-"`
	IfShown *Allocation `json:"-"`

	// Entry is the place in the agreement's list of cost rules, for a line of an
	// audit; -1 where no rule of the agreement decides it.
	Entry int `json:"-"`

	Reasonable bool                   `json:"-"` // only reasonable costs: either party may dispute that
	Chip       agreements.Explanation `json:"-"`
}

// Settlement is the one payment that settles a statement.
type Settlement struct {
	From  agreements.Party `json:"from"`
	To    agreements.Party `json:"to"`
	Cents int64            `json:"cents"`
}

// Statement is the division of all lines. ControllerBears and ProcessorBears
// add up to the sum of the lines; Settlement is nil when nobody owes anything.
type Statement struct {
	Lines           []Allocation `json:"lines"`
	ControllerBears int64        `json:"controller_bears"`
	ProcessorBears  int64        `json:"processor_bears"`
	Settlement      *Settlement  `json:"settlement"`

	Currency string `json:"-"`

	// IfNot and IfShown are the whole division in either case, while lines depend
	// on a non-compliance that is unknown; the sums then hold the decided lines
	// alone and nothing can be settled.
	IfNot   *Statement `json:"-"`
	IfShown *Statement `json:"-"`
}

// Depends tells whether it is unknown yet who bears the line, or by which clause.
func (a Allocation) Depends() bool { return a.IfShown != nil }

// Divide gives every line its bearer and nets the result: a line made by one
// party and borne by the other moves its cents to the maker.
//
// An unknown kind or party, a negative amount, a currency that is unknown or
// mixed, and a sum that is too large are refused with fault.Invalid.
func Divide(t agreements.Terms, f Facts) (Statement, error) {
	if f.NonCompliance != nil {
		return divide(t, f, *f.NonCompliance)
	}
	not, err := divide(t, f, false)
	if err != nil {
		return Statement{}, err
	}
	shown, err := divide(t, f, true)
	if err != nil {
		return Statement{}, err
	}
	return either(not, shown), nil
}

// either is the division while it is unknown which of two holds.
func either(not, shown Statement) Statement {
	s := not
	s.Lines = slices.Clone(not.Lines)
	for i := range s.Lines {
		a, b := not.Lines[i], shown.Lines[i]
		if a.Bearer == b.Bearer && a.Clause == b.Clause && a.Default == b.Default {
			continue
		}
		l := Allocation{Kind: a.Kind, MadeBy: a.MadeBy, Cents: a.Cents, Entry: -1, IfNot: &a, IfShown: &b}
		if a.Bearer == b.Bearer { // only the clause is unknown
			l.Bearer = a.Bearer
			s.Lines[i] = l
			continue
		}
		s.Lines[i] = l
		if a.Bearer == agreements.Controller {
			s.ControllerBears -= a.Cents
		} else {
			s.ProcessorBears -= a.Cents
		}
		s.IfNot, s.IfShown, s.Settlement = &not, &shown, nil
	}
	return s
}

// money is the one currency of a statement: the agreement's where it names one.
func money(t agreements.Terms, named string) (string, error) {
	switch {
	case named == "":
		return t.Money(), nil
	case !currency.IsValid(named):
		return "", fault.New(fault.Invalid, "%q is not a currency; write for example EUR.", named)
	case t.Currency != "" && named != t.Currency:
		return "", fault.New(fault.Invalid, "The amounts are in %s, but agreement %s counts in %s; convert them first.", named, t.Key, t.Currency)
	}
	return named, nil
}

func divide(t agreements.Terms, f Facts, nonCompliance bool) (Statement, error) {
	of, err := money(t, f.Currency)
	if err != nil {
		return Statement{}, err
	}
	s := Statement{Lines: []Allocation{}, Currency: of}
	var toProcessor, total int64
	for i, line := range f.Lines {
		if err := check(line, i+1, s.Currency); err != nil {
			return Statement{}, err
		}
		if line.Cents > math.MaxInt64-total {
			return Statement{}, fault.New(fault.Invalid, "The lines add up to more than can be counted; check line %d.", i+1)
		}
		total += line.Cents
		a := allocate(t, line, nonCompliance)
		s.Lines = append(s.Lines, a)
		if a.Bearer == agreements.Controller {
			s.ControllerBears += a.Cents
		} else {
			s.ProcessorBears += a.Cents
		}
		switch {
		case a.Bearer == a.MadeBy:
		case a.MadeBy == agreements.Processor:
			toProcessor += a.Cents
		default:
			toProcessor -= a.Cents
		}
	}
	s.Settlement = settle(toProcessor)
	return s, nil
}

// Flip is what a finding of non-compliance changes under these terms: the
// first kind of line that another party then bears. ok is false when it changes
// nothing.
func Flip(t agreements.Terms) (after Allocation, ok bool) {
	for _, kind := range agreements.CostKinds() {
		for _, maker := range []agreements.Party{agreements.Controller, agreements.Processor} {
			l := Line{Kind: kind, MadeBy: maker}
			after = allocate(t, l, true)
			if after.Bearer != allocate(t, l, false).Bearer {
				return after, true
			}
		}
	}
	return Allocation{}, false
}

func settle(toProcessor int64) *Settlement {
	switch {
	case toProcessor > 0:
		return &Settlement{From: agreements.Controller, To: agreements.Processor, Cents: toProcessor}
	case toProcessor < 0:
		return &Settlement{From: agreements.Processor, To: agreements.Controller, Cents: -toProcessor}
	}
	return nil
}

func check(l Line, number int, money string) error {
	known := l.Kind == agreements.AssistCost
	for _, k := range agreements.CostKinds() {
		known = known || k == l.Kind
	}
	switch {
	case !known:
		return fault.New(fault.Invalid, "Line %d has the kind %q, which is not known here.", number, l.Kind)
	case l.MadeBy != agreements.Controller && l.MadeBy != agreements.Processor:
		return fault.New(fault.Invalid, "Line %d must be made by the controller or the processor, not by %q.", number, l.MadeBy)
	case l.Cents < 0:
		return fault.New(fault.Invalid, "Line %d is a negative amount; leave it out or correct the line it takes back.", number)
	case l.Currency != "" && l.Currency != money:
		return fault.New(fault.Invalid, "Line %d is in %s, but the statement is in %s; one statement has one currency.", number, l.Currency, money)
	}
	return nil
}

// allocate finds the rule that decides. Where none does the agreement is
// silent, and so is the law: the maker bears the line, marked as a default.
func allocate(t agreements.Terms, l Line, nonCompliance bool) Allocation {
	a := Allocation{Kind: l.Kind, MadeBy: l.MadeBy, Cents: l.Cents, Entry: -1}
	if l.Kind == agreements.AssistCost {
		return assist(t, l, a)
	}
	a.Entry = t.Audit.CostRuleFor(l.Kind, l.MadeBy, nonCompliance)
	if a.Entry < 0 {
		return a.byDefault(t, agreements.TermCosts)
	}
	rule := t.Audit.Costs[a.Entry]
	a.Bearer, a.Clause, a.Default = rule.Bearer, rule.Clause, rule.Default
	if a.Bearer == agreements.Maker {
		a.Bearer = l.MadeBy
	}
	if a.Clause == "" {
		a.Clause = agreements.SilentLaw(agreements.TermCosts)
	}
	a.Reasonable = rule.Reasonable
	a.Chip = agreements.ExplainEntry(t, agreements.TermCosts, a.Entry)
	return a
}

// assist divides the costs of help with a request by the request's own clause,
// which is about the processor's costs only.
func assist(t agreements.Terms, l Line, a Allocation) Allocation {
	c, ok := agreements.AssistanceCharge(t, l.Right)
	if !ok || l.MadeBy != agreements.Processor {
		return a.byDefault(t, agreements.TermAssistanceCosts)
	}
	a.Bearer, a.Clause, a.Reasonable = agreements.Controller, c.Clause, c.Reasonable
	if c.Charge == agreements.NotCharged {
		a.Bearer = agreements.Processor
	}
	a.Chip = agreements.ExplainRule(t, agreements.TermAssistanceCosts, c.Term)
	return a
}

func (a Allocation) byDefault(t agreements.Terms, name agreements.TermName) Allocation {
	a.Bearer, a.Clause, a.Default = a.MadeBy, agreements.SilentLaw(name), true
	a.Chip = agreements.ExplainRule(t, name, agreements.Term{})
	return a
}
