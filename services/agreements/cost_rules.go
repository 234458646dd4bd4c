package agreements

import "slices"

// CostRuleFor is the place in the list of the rule that decides a line of this
// kind and maker, or -1 when the agreement is silent on it. The first rule that
// fits decides, with two limits on a rule that says "all":
//
//   - what the processor owes anyhow, its duty to demonstrate and its changes in
//     security, it leaves to a later rule that names them, unless it is itself
//     about one outcome of the audit only;
//   - it does not make the controller pay the processor's own change in security:
//     that follows from the audit and is no cost of it, and the processor owes it
//     anyhow (art. 32 GDPR), so an agreement that means it names it.
func (a Audit) CostRuleFor(kind string, madeBy Party, nonCompliance bool) int {
	for i, rule := range a.Costs {
		if !rule.fits(kind, madeBy, nonCompliance) {
			continue
		}
		if rule.names(kind) {
			return i
		}
		if kind == DutyToDemonstrate || kind == SecurityChange {
			if named := a.named(i+1, kind, madeBy, nonCompliance); named >= 0 && rule.unconditional() {
				return named
			}
		}
		if kind == SecurityChange && madeBy == Processor && rule.Bearer == Controller {
			continue
		}
		return i
	}
	return -1
}

// named is the first rule from a place on that names the kind and fits, or -1.
func (a Audit) named(from int, kind string, madeBy Party, nonCompliance bool) int {
	for i, rule := range a.Costs[from:] {
		if rule.names(kind) && rule.fits(kind, madeBy, nonCompliance) {
			return from + i
		}
	}
	return -1
}

func (r CostRule) names(kind string) bool { return slices.Contains(r.Kinds, kind) }

func (r CostRule) unconditional() bool { return r.When == "" || r.When == Always }

// fits reports whether the rule is about a line of this kind and maker.
func (r CostRule) fits(kind string, madeBy Party, nonCompliance bool) bool {
	if r.MadeBy != "" && r.MadeBy != madeBy {
		return false
	}
	if r.When == NonCompliance && !nonCompliance || r.When == Compliance && nonCompliance {
		return false
	}
	return r.names(kind) || r.names(AllKinds)
}
