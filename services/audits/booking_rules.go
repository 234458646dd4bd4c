package audits

import (
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
)

// add records a reason and makes the line as bad as it.
func (l *Line) add(verdict, text string, args ...any) {
	if l.Verdict == "" {
		l.Verdict = OK
	}
	l.Verdict = worse(l.Verdict, verdict)
	l.Reasons = append(l.Reasons, Sentence{text, args})
}

func (b *booking) precondition() Line {
	p := b.terms.Precondition
	if p == nil {
		return Line{}
	}
	line := Line{Clause: p.Clause, Verdict: OK}
	if p.WaivedForCause && b.facts.ForCause {
		line.add(OK, "There is a cause for this audit, so nothing has to come before it.")
		return line
	}
	for _, need := range p.Needs {
		switch need {
		case "reports_first":
			b.reportsFirst(&line)
		case "information_first":
			b.informationFirst(&line)
		case "breach_indicated":
			b.breachIndicated(&line)
		}
	}
	return line
}

// reportsFirst: ask for existing reports; without any the audit is justified,
// with conclusive ones it is not, and otherwise the controller says why.
func (b *booking) reportsFirst(line *Line) {
	r := b.facts.Reports
	switch {
	case isFalse(r.Available) && isTrue(r.Asked):
		line.add(OK, "There are no earlier audit reports, so an own audit is justified.")
	case !isFalse(r.Available) && r.Assessment == Conclusive:
		line.add(Refused, "The existing reports settle the matter, so an own audit is not justified.")
	case !isTrue(r.Asked):
		line.add(Missing, "First ask the processor whether there are comparable audit reports.")
	case r.Available == nil:
		line.add(Missing, "Wait for the answer whether there are comparable audit reports.")
	case !isTrue(r.Received):
		line.add(Missing, "Ask for the existing audit reports and receive them.")
	case r.Assessment == "":
		line.add(Missing, "Assess the audit reports that were received.")
	case fault.Blank(b.facts.Notice.Arguments):
		line.add(Missing, "Give the arguments why the existing reports are not enough.")
	default:
		line.add(OK, "The existing reports leave questions open, and the controller says why an own audit is justified.")
	}
}

func (b *booking) informationFirst(line *Line) {
	r := b.facts.Reports
	switch {
	case !isTrue(r.Asked):
		line.add(Missing, "First ask the processor for information.")
	case isFalse(r.Available):
		line.add(OK, "The processor has no information to give.")
	case !isTrue(r.Received):
		line.add(Missing, "Wait for the information that was asked for.")
	default:
		line.add(OK, "The information that was asked for has been received.")
	}
}

func (b *booking) breachIndicated(line *Line) {
	switch {
	case b.facts.BreachIndicated == nil:
		line.add(Missing, "Ask for information first, and say whether that or anything else shows that the processor breaches its security duty or is about to.")
	case !*b.facts.BreachIndicated:
		line.add(Refused, "Nothing shows that the processor breaches its security duty or is about to.")
	default:
		line.add(OK, "Something shows that the processor breaches its security duty or is about to.")
	}
}

func (b *booking) notice() Line {
	n := b.terms.Notice
	if n == nil {
		return Line{}
	}
	line := Line{Clause: n.Clause, Verdict: OK, Until: b.byNotice}
	if b.facts.Announced.IsZero() {
		line.add(Missing, "The audit has not been announced yet.")
		if !b.latestNotice.IsZero() {
			line.add(Missing, "For an audit on %s the last day to announce it is %s.", b.facts.On, b.latestNotice)
		}
	}
	switch {
	case !n.Written || isTrue(b.facts.Written):
	case isFalse(b.facts.Written):
		line.add(Missing, "The notice must be in writing; give it again in writing.")
	default:
		line.add(Missing, "Say whether the notice is in writing; it must be.")
	}
	b.day(&line, b.byNotice)
	if len(line.Reasons) == 0 && b.period.IsZero() {
		line.add(OK, "The audit is announced beforehand; no number of days is agreed.")
	}
	if len(line.Reasons) == 0 {
		line.add(OK, "With a notice of %s the audit can begin from %s.", b.period, b.byNotice)
	}
	if !b.calendar.Known() && b.period.WorkingDays > 0 && !b.byNotice.IsZero() {
		line.add(OK, "The holidays of this country are not known; only weekends were counted.")
	}
	return line
}

// day adds that the wanted day comes before the first one allowed.
func (b *booking) day(line *Line, first deadlines.Date) {
	if !first.IsZero() && !b.facts.On.IsZero() && b.facts.On.Before(first) {
		line.add(TooEarly, "%s is too early; this is possible from %s.", b.facts.On, first)
	}
}

func (b *booking) noticeContent() Line {
	c := b.terms.NoticeContent
	if c == nil {
		return Line{}
	}
	line := Line{Clause: c.Clause, Verdict: OK}
	must := append([]string(nil), c.States...)
	if !isFalse(b.facts.Reports.Available) {
		must = append(must, c.WhenReportsExist...)
	}
	text := b.facts.Notice
	contents := []struct{ name, text, missing string }{
		{"method", text.Method, "The notice must state how the audit is done."},
		{"auditor", text.Auditor, "The notice must state who does the audit."},
		{"information", text.Information, "The notice must state which information is wanted."},
		{"locations", text.Locations, "The notice must state at which locations the audit takes place."},
		{"arguments", text.Arguments, "The notice must state why an own audit is justified."},
	}
	for _, part := range contents {
		if has(must, part.name) && fault.Blank(part.text) {
			line.add(Missing, part.missing)
		}
	}
	switch {
	case len(line.Reasons) > 0:
	case len(must) == 0:
		line.add(OK, "There are no earlier reports, so the notice needs no arguments.")
	default:
		line.add(OK, "The notice states what it must state.")
	}
	return line
}

func (b *booking) frequency() Line {
	q := b.terms.Frequency
	if q == nil {
		return Line{}
	}
	line := Line{Clause: q.Clause, Verdict: OK, Until: b.byFrequency}
	if !b.crowded.IsZero() {
		line.crowded = true
		line.add(TooEarly, "Another audit is agreed for %s, which would then come too soon after %s. Move or cancel that one first.", b.crowded, b.facts.On)
		line.add(TooEarly, "As it stands, another audit is possible from %s.", b.byFrequency)
	} else {
		b.day(&line, b.byFrequency)
	}
	switch {
	case len(line.Reasons) > 0:
	case b.facts.ForCause:
		line.add(OK, "There is a cause for this audit, so the limit on the number of audits does not hold it up.")
	case !b.byFrequency.IsZero():
		line.add(OK, "At most %d in %s: the next audit is possible from %s.", q.Times, q.Per, b.byFrequency)
	default:
		line.add(OK, "At most %d in %s: no earlier audit is known that stands in the way.", q.Times, q.Per)
	}
	return line
}

// qualification is one thing an auditor may have to be.
type qualification struct {
	known            *bool
	unknown, refusal string
}

func (f AuditorFacts) qualification(name string) qualification {
	return map[string]qualification{
		"independent":      {f.Independent, "Say whether the auditor is independent.", "The auditor is not independent."},
		"register_edp":     {f.RegisterEDP, "Say whether the auditor is a registered EDP auditor (RE).", "The auditor is not a registered EDP auditor (RE)."},
		"ict_expert":       {f.ICTExpert, "Say whether the auditor is an ICT expert.", "The auditor is not an ICT expert."},
		"bound_to_secrecy": {f.BoundToSecrecy, "Say whether the auditor is bound to secrecy.", "The auditor is not bound to secrecy."},
	}[name]
}

func (b *booking) auditor() Line {
	a := b.terms.Auditor
	if a == nil {
		return Line{}
	}
	line := Line{Clause: a.Clause, Verdict: OK}
	for _, name := range a.Qualifications {
		q := b.facts.Auditor.qualification(name)
		switch {
		case q.known == nil:
			line.add(Missing, q.unknown)
		case !*q.known:
			line.add(Refused, q.refusal)
		}
	}
	b.oneOf(&line, a.OneOf)
	switch {
	case len(line.Reasons) > 0:
	case len(a.Qualifications)+len(a.OneOf) == 0:
		line.add(OK, "The controller may do the audit itself or have someone do it.")
	default:
		line.add(OK, "The auditor is qualified.")
	}
	return line
}

// oneOf: one of these qualifications is enough; none left is a refusal.
func (b *booking) oneOf(line *Line, list []string) {
	open := false
	for _, name := range list {
		known := b.facts.Auditor.qualification(name).known
		if isTrue(known) {
			return
		}
		open = open || known == nil
	}
	switch {
	case len(list) == 0:
	case open:
		line.add(Missing, "Say which of the qualifications that are enough the auditor has.")
	default:
		line.add(Refused, "The auditor has none of the qualifications of which one is needed.")
	}
}

func (b *booking) confidentiality() Line {
	c := b.terms.Confidentiality
	if c == nil {
		return Line{}
	}
	line := Line{Clause: c.Clause, Verdict: OK}
	switch {
	case !c.Undertaking: // what the chip says is enough
	case isTrue(b.facts.Auditor.UndertakingSigned):
		line.add(OK, "The auditor has signed the confidentiality undertaking.")
	default:
		line.add(Missing, "The auditor must sign the confidentiality undertaking.")
	}
	return line
}

// cooperation is the processor's duty; nothing in a booking depends on it.
func (b *booking) cooperation() Line {
	if b.terms.Cooperation == nil {
		return Line{}
	}
	return Line{Clause: b.terms.Cooperation.Clause, Verdict: OK}
}

// Limit is the last day of something owed, and when it is over: the end of that
// day, or the moment on it at which hours are.
type Limit struct {
	Day    deadlines.Date
	Ends   time.Time
	Agreed bool // the agreement sets it
	// Unknown: working days were counted without knowing the holidays.
	Unknown bool
}

// InformationDue is by when the processor answers a question that is asked at a
// moment of an audit; not Agreed, and zero, where the agreement sets no time.
// Nothing rolls over: the earlier day is the safe one.
func InformationDue(t agreements.Terms, asked time.Time) (Limit, error) {
	if t.Audit.Cooperation == nil || t.Audit.Cooperation.Within.IsZero() {
		return Limit{}, nil
	}
	zone, err := deadlines.Zone(t.TimeZone())
	if err != nil {
		return Limit{}, err
	}
	calendar, p := deadlines.CalendarFor(t.Holidays()), t.Audit.Cooperation.Within
	day, ends, err := p.Ends(asked, zone, calendar)
	return Limit{Day: day, Ends: ends, Agreed: true, Unknown: p.WorkingDays > 0 && !calendar.Known()}, err
}

func isTrue(b *bool) bool  { return b != nil && *b }
func isFalse(b *bool) bool { return b != nil && !*b }

func has(list []string, name string) bool {
	for _, s := range list {
		if s == name {
			return true
		}
	}
	return false
}
