package agreements

import (
	"strconv"
	"time"

	"github.com/bojanz/currency"
)

// check finds what the shape of a file cannot show: words that contradict
// each other, dates that do not exist, rules that can never apply.
func check(t Terms, r *reader) []Problem {
	c := checker{reader: r}
	c.identity(t)
	c.arrivals(t.Requests)
	c.otherRights(t.Requests)
	c.audit(t.Audit)
	c.costs(t.Audit.Costs)
	return c.found
}

type checker struct {
	*reader
	found []Problem
}

func (c *checker) add(path []string, text string, args ...any) {
	c.found = append(c.found, c.at(path, text, args...))
}

// addLater adds a fault that earlier builds let pass, so that agreements have it
// which are in force.
func (c *checker) addLater(path []string, text string, args ...any) {
	c.add(path, text, args...)
	c.found[len(c.found)-1].later = true
}

func (c *checker) identity(t Terms) {
	if t.Zone != "" {
		if _, err := time.LoadLocation(t.Zone); err != nil || t.Zone == "Local" {
			c.add([]string{"zone"}, "%q is not a time zone; write for example Europe/Amsterdam.", t.Zone)
		}
	}
	if t.Currency != "" && !currency.IsValid(t.Currency) {
		c.add([]string{"currency"}, "%q is not a currency; write for example EUR.", t.Currency)
	}
	c.date([]string{"signed"}, t.Signed)
	if t.InForce == nil {
		return
	}
	from := c.date([]string{"in_force", "from"}, t.InForce.From)
	until := c.date([]string{"in_force", "until"}, t.InForce.Until)
	if !from.IsZero() && !until.IsZero() && until.Before(from) {
		c.add([]string{"in_force", "until"}, "The agreement ends before it begins.")
	}
}

func (c *checker) date(path []string, s string) time.Time {
	if s == "" {
		return time.Time{}
	}
	d, err := time.Parse(time.DateOnly, s)
	if err != nil {
		c.add(path, "%q is not a date that exists.", s)
	}
	return d
}

// arrivals: each right has one route.
func (c *checker) arrivals(q Requests) {
	first := map[Right]int{}
	for i, a := range q.AtProcessor {
		if a.Contradicts() {
			c.addLater([]string{"requests", "at_processor", strconv.Itoa(i), "decides"}, contradiction(a))
		}
		for j, right := range a.Rights {
			path := []string{"requests", "at_processor", strconv.Itoa(i), "rights", strconv.Itoa(j)}
			for _, one := range expand(right) {
				if k, seen := first[one]; seen {
					c.add(path, "The right %s is routed twice; the first is in entry %d.", one, k+1)
					continue
				}
				first[one] = i
			}
		}
	}
}

func contradiction(a Arrival) string {
	if a.Route == Forward {
		return "Who forwards a request does not decide on it: with \"route: forward\" the controller decides. Leave \"decides\" out, or write \"route: handle\"."
	}
	return "Who handles a request decides on it: with \"route: handle\" the processor decides. Leave \"decides\" out, or write \"route: forward\"."
}

// otherRights: a list that says "all" needs no other word.
func (c *checker) otherRights(q Requests) {
	if q.Assistance != nil {
		c.rights([]string{"requests", "assistance", "rights"}, q.Assistance.Rights)
	}
	if q.AssistanceCosts != nil {
		c.rights([]string{"requests", "assistance_costs", "rights"}, q.AssistanceCosts.Rights)
	}
}

func (c *checker) rights(path []string, rights []Right) {
	for i, right := range rights {
		if right == AllRights && len(rights) > 1 {
			c.add(with(path, strconv.Itoa(i)), "\"all\" stands alone; the other rights are in it.")
		}
	}
}

func (c *checker) audit(a Audit) {
	if n := a.NoticeContent; n != nil && len(n.States)+len(n.WhenReportsExist) == 0 {
		c.add([]string{"audit", "notice_content"}, "Say what the notice must state, or leave the term out.")
	}
	for _, p := range []struct {
		path []string
		Period
	}{
		{[]string{"audit", "notice", "period"}, noticeOf(a).Period},
		{[]string{"audit", "notice", "for_cause"}, noticeOf(a).ForCause},
	} {
		if p.Hours > 0 || p.Years > 0 {
			c.add(p.path, "The notice of an audit is counted in days, weeks, working_days or months.")
		}
		// What deadlines.Audit can count; nobody announces an audit ten years ahead.
		if days, _ := p.CalendarDays(); days > 3650 || p.WorkingDays > 2500 {
			c.add(p.path, "The notice of an audit is longer than ten years.")
		}
	}
	if f := a.Frequency; f != nil && f.Per.Years == 0 && f.Per.Months == 0 {
		c.add([]string{"audit", "frequency", "per"}, "The frequency is counted over years or months.")
	}
}

func noticeOf(a Audit) Notice {
	if a.Notice == nil {
		return Notice{}
	}
	return *a.Notice
}

// costs: every rule has a clause or is marked as ours, and can be reached.
func (c *checker) costs(rules []CostRule) {
	decides := deciding(rules)
	for i, rule := range rules {
		path := []string{"audit", "costs", strconv.Itoa(i)}
		if rule.Clause == "" && !rule.Default {
			c.add(path, "The clause is missing: every term names the clause it comes from, or is marked default: true.")
		}
		if len(rule.Kinds) > 1 {
			for j, k := range rule.Kinds {
				if k == AllKinds {
					c.add(append(path, "kinds", strconv.Itoa(j)), "\"all\" stands alone; the other kinds are in it.")
				}
			}
		}
		if !decides[i] {
			c.addLater(path, "This rule never applies: earlier rules take all its lines.")
		}
	}
}

// deciding are the places of the cost rules that decide at least one line.
func deciding(rules []CostRule) map[int]bool {
	found := map[int]bool{}
	for _, kind := range CostKinds() {
		for _, madeBy := range []Party{Controller, Processor} {
			for _, nc := range []bool{false, true} {
				found[Audit{Costs: rules}.CostRuleFor(kind, madeBy, nc)] = true
			}
		}
	}
	return found
}

// expand turns "all" into the six rights.
func expand(r Right) []Right {
	if r == AllRights {
		return Rights()
	}
	return []Right{r}
}

// names reports whether a list of rights covers one; an empty list covers all.
func names(list []Right, right Right) bool {
	for _, r := range list {
		if r == right || r == AllRights {
			return true
		}
	}
	return len(list) == 0
}
