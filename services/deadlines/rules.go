// Package deadlines counts the terms of the General Data Protection Regulation
// and of processing agreements: the answer to a request, hours after a breach,
// days, weeks and working days, and the earliest day of an audit. It is pure:
// the same facts give the same dates, and nothing is read or kept.
//
// Every result says by which rules it came about (Basis) and which other dates
// can be defended (Readings).
package deadlines

// Rule is one line of the reasons behind a result, in words and with its source.
// The sentence is the key of its translation.
type Rule struct {
	// Of names the value that the rule explains by its JSON name, such as
	// "statutory"; it is empty for a note on the whole.
	Of     string `json:"-"`
	Rule   string `json:"rule"`
	Source string `json:"source"`
}

// Reading is another date that can be defended. The label is a phrase without
// full stop and the key of its translation.
type Reading struct {
	Reading string `json:"reading"`
	Due     Date   `json:"due"`
	Source  string `json:"-"`
}

// The sources that more than one rule cites.
const (
	sourceMonth    = "Art. 12(3) GDPR; Reg. 1182/71 art. 3(1) and 3(2)(c); CJEU C-171/03 Toeters"
	sourceRoll     = "Reg. 1182/71 art. 3(4); EDPB 01/2022 par. 161"
	sourceExtend   = "Art. 12(3) GDPR; EDPB 01/2022 par. 162-164"
	sourcePause    = "EDPB 01/2022 par. 159"
	sourceContract = "agreement"
	sourceAudit    = "agreement; Decision (EU) 2021/915, clause 7.6(c)-(d)"
)

// The rules that requests, terms and audits share.
var (
	ruleRolled = Rule{"", "The last day is a Saturday, Sunday or public holiday, so the term runs until the end of the next working day.", sourceRoll}
	ruleStands = Rule{"", "The last day is a working day, so it does not move.", sourceRoll}

	ruleWeekday  = Rule{"", "The last day is no Saturday and no Sunday, so it does not move.", sourceRoll}
	ruleWeekends = Rule{"", "The holidays of this country are not known; only weekends were counted.", "Reg. 1182/71 art. 2"}

	ruleUnknown = Rule{"", "Not every year of this term has known days equated by royal decree, so a reading may be missing.", "Algemene termijnenwet art. 3(3)"}
)

func (r Rule) of(value string) Rule {
	r.Of = value
	return r
}

// unknowns say what is not known of the days between two: the holidays of the
// country, or days that are decreed year by year.
func (c Calendar) unknowns(from, to Date) []Rule {
	switch {
	case !c.Known():
		return []Rule{ruleWeekends}
	case c.unknown(from, to):
		return []Rule{ruleUnknown}
	}
	return nil
}

// rolls is the rule that explains the roll-over of a last day, with the law
// that names the holidays.
func (c Calendar) rolls(last Date) Rule {
	r := ruleStands
	if !c.Known() {
		r = ruleWeekday
	}
	if !c.Working(last) {
		r = ruleRolled
	}
	r.Source = join(r.Source, c.Source())
	return r
}
