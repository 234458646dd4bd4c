package agreements

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Explanation is what a clause chip shows: its label, and in two sentences
// what the clause or the law makes the portal do.
type Explanation struct {
	Term   TermName // empty for a provision of law
	Label  Text     // "mpg 8.1", "art. 28(3)(e) GDPR"
	Name   Text     // what it is about
	Says   Text
	Note   Text // where the reading is ours; may be empty
	Silent bool // the agreement says nothing; the label names the law
}

// Law explains a provision the portal cites, by its id such as "12(3) GDPR".
func Law(id string) (Explanation, bool) {
	p, ok := wordsOf().byLaw[id]
	return Explanation{Label: p.Label, Name: p.Title, Says: p.Says}, ok
}

// Laws lists the ids of the provisions that Law explains, in no order.
func Laws() []string {
	var ids []string
	for id := range wordsOf().byLaw {
		ids = append(ids, id)
	}
	return ids
}

// SilentLaw names the law that applies when the agreement is silent on a
// term, such as "28(3)(h) GDPR".
func SilentLaw(name TermName) string { return wordsOf().byTerm[name].Law }

// Explain says what a term makes the portal do. With a clause, only entries of
// that clause are meant. A clause that is the law's, or a silent term, is
// explained by the law. A list of routes or cost rules can have several entries
// of one clause: where they say different things, none of them is picked, and
// the explanation is the one that fits all. ExplainEntry is about one of them.
func Explain(t Terms, name TermName, clause string) Explanation {
	var found []Term
	for _, base := range termsOf(&t, name) {
		if clause == "" || base.Clause == clause {
			found = append(found, *base)
		}
	}
	if len(found) == 0 {
		return silence(t, name)
	}
	all := found[0]
	for _, other := range found[1:] {
		if other.Says != all.Says {
			all.Says = Text{}
		}
		if other.Note != all.Note {
			all.Note = Text{}
		}
	}
	return explained(t, name, all)
}

// ExplainEntry explains one entry of a term by its place in the agreement: of a
// list of routes or cost rules the n-th, of any other term 0. A place that the
// term does not have, such as -1, is silence.
func ExplainEntry(t Terms, name TermName, entry int) Explanation {
	list := termsOf(&t, name)
	if entry < 0 || entry >= len(list) {
		return silence(t, name)
	}
	return ExplainRule(t, name, *list[entry])
}

// ExplainRoute explains the entry, or the law, by which a request goes its way.
func ExplainRoute(t Terms, r Routing) Explanation { return ExplainEntry(t, r.Term, r.Entry) }

// EntryPath names one entry of a term as the file of the agreement does:
// "requests.at_processor[1]". It is kept where an entry is cited, because
// several can share a clause; EntryOf reads it.
func EntryPath(name TermName, entry int) string {
	return string(name) + "[" + strconv.Itoa(entry) + "]"
}

// EntryOf reads what EntryPath wrote.
func EntryOf(path string) (name TermName, entry int, ok bool) {
	base, rest, _ := strings.Cut(path, "[")
	entry, err := strconv.Atoi(strings.TrimSuffix(rest, "]"))
	_, known := holders[TermName(base)]
	return TermName(base), entry, err == nil && known && strings.HasSuffix(rest, "]")
}

// ExplainRule is Explain for one cost rule or arrival, whose clause may be
// shared with others.
func ExplainRule(t Terms, name TermName, base Term) Explanation {
	if base.Clause == "" {
		e := silence(t, name)
		if base.Says != (Text{}) {
			e.Says = base.Says
		}
		e.Note = base.Note
		return e
	}
	return explained(t, name, base)
}

func termsOf(t *Terms, name TermName) []*Term {
	if hold, ok := holders[name]; ok {
		_, list := hold(t)
		return list
	}
	return nil
}

func explained(t Terms, name TermName, base Term) Explanation {
	e := wordsOf().byTerm[name]
	says := base.Says
	if says == (Text{}) {
		says = e.Says
	}
	label := t.Key + " " + base.Clause
	return Explanation{
		Term:  name,
		Label: Text{EN: label, NL: label},
		Name:  e.Name,
		Says:  fill(says, t, name),
		Note:  fill(base.Note, t, name),
	}
}

func silence(t Terms, name TermName) Explanation {
	e := wordsOf().byTerm[name]
	law := wordsOf().byLaw[e.Law]
	return Explanation{Term: name, Label: law.Label, Name: e.Name, Says: fill(e.Silent, t, name), Silent: true}
}

// fill puts the values of the agreement into a text, so that a changed period
// never leaves an old number in a sentence.
func fill(text Text, t Terms, name TermName) Text {
	period := periodOf(t, name).Text()
	put := func(s, p string) string {
		return strings.NewReplacer("{processor}", t.Processor.Name, "{period}", p).Replace(s)
	}
	return Text{EN: put(text.EN, period.EN), NL: put(text.NL, period.NL)}
}

// periodOf is the one period of a term, if it has one.
func periodOf(t Terms, name TermName) Period {
	switch {
	case name == TermAssistance && t.Requests.Assistance != nil:
		return t.Requests.Assistance.Within
	case name == TermNotice && t.Audit.Notice != nil:
		return t.Audit.Notice.Period
	case name == TermFrequency && t.Audit.Frequency != nil:
		return t.Audit.Frequency.Per
	case name == TermCooperation && t.Audit.Cooperation != nil:
		return t.Audit.Cooperation.Within
	case name == "requests.complaints" && t.Requests.Complaints != nil:
		return t.Requests.Complaints.Within
	case name == "breach.notify" && t.Breach.Notify != nil:
		return t.Breach.Notify.Within
	case name == "breach.authority" && t.Breach.Authority != nil:
		return t.Breach.Authority.Within
	case name == "sub_processors.objection" && t.SubProcessors.Objection != nil:
		return t.SubProcessors.Objection.Within
	case name == "end" && t.End != nil:
		return t.End.After
	}
	return Period{}
}

// Line is one line of the readable summary of an agreement.
type Line struct {
	Section Text
	Term    TermName
	Name    Text
	Clause  string // the agreement's, or the law's when Silent
	Label   Text   // as on the chip
	Silent  bool
	Says    Text
	Note    Text
}

// Summary lists every term of the vocabulary in its order: what the agreement
// says, or that it is silent and what then applies. Routes and cost rules give
// one line each.
func Summary(t Terms) []Line {
	var lines []Line
	words := wordsOf()
	for _, e := range words.Terms {
		section, _, _ := strings.Cut(string(e.Term), ".")
		list := termsOf(&t, e.Term)
		line := func(x Explanation, clause string) Line {
			return Line{
				Section: words.Sections[section], Term: e.Term, Name: e.Name, Clause: clause,
				Label: x.Label, Silent: x.Silent, Says: x.Says, Note: x.Note,
			}
		}
		if len(list) == 0 {
			lines = append(lines, line(silence(t, e.Term), e.Law))
		}
		for _, base := range list {
			x := ExplainRule(t, e.Term, *base)
			clause := base.Clause
			if x.Silent {
				clause = e.Law
			}
			lines = append(lines, line(x, clause))
		}
	}
	return lines
}

// Silent lists the lines of the summary on which the agreement says nothing.
func Silent(t Terms) []Line {
	var lines []Line
	for _, l := range Summary(t) {
		if l.Silent {
			lines = append(lines, l)
		}
	}
	return lines
}

// Difference is one term on which two agreements, or two versions, differ.
type Difference struct {
	Section Text
	Term    TermName
	Name    Text
	A, B    []Line // the lines of either side; one silent line when it says nothing
	// SameRule: only clause numbers or wording differ, what the portal does is the same.
	SameRule bool
}

// Compare lists the terms on which a and b differ, in the order of the summary.
func Compare(a, b Terms) []Difference {
	linesA, linesB := byTerm(Summary(a)), byTerm(Summary(b))
	var list []Difference
	for _, e := range wordsOf().Terms {
		if asText(a, e.Term, false) == asText(b, e.Term, false) {
			continue
		}
		section, _, _ := strings.Cut(string(e.Term), ".")
		list = append(list, Difference{
			Section: wordsOf().Sections[section], Term: e.Term, Name: e.Name,
			A: linesA[e.Term], B: linesB[e.Term],
			SameRule: asText(a, e.Term, true) == asText(b, e.Term, true),
		})
	}
	return list
}

func byTerm(lines []Line) map[TermName][]Line {
	m := map[TermName][]Line{}
	for _, l := range lines {
		m[l.Term] = append(m[l.Term], l)
	}
	return m
}

// asText writes the values of a term for comparing; bare leaves out clauses
// and words.
func asText(t Terms, name TermName, bare bool) string {
	hold, ok := holders[name]
	if !ok {
		return ""
	}
	values, bases := hold(&t)
	if len(bases) == 0 {
		return ""
	}
	raw, err := json.Marshal(values)
	if err != nil || !bare {
		return string(raw)
	}
	var v any
	if err := json.Unmarshal(raw, &v); err != nil {
		return string(raw)
	}
	raw, err = json.Marshal(strip(v))
	if err != nil {
		return ""
	}
	return string(raw)
}

func strip(v any) any {
	switch x := v.(type) {
	case map[string]any:
		for _, k := range []string{"clause", "also", "says", "note"} {
			delete(x, k)
		}
		return x
	case []any:
		for i := range x {
			x[i] = strip(x[i])
		}
	}
	return v
}
