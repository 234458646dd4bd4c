package audits

import (
	"context"
	"slices"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

// Ruled is the cause of a refusal that follows from the agreement, or from the
// law where the agreement is silent: errors.As finds it.
type Ruled struct{ Lines []Line }

// Error names the first rule and its clause, for the log.
func (r *Ruled) Error() string { return "refused by " + r.Lines[0].Rule + " " + r.Lines[0].Clause }

// ruled makes one refusal of the lines that are in the way, each with its
// reasons, under the name of its rule.
func ruled(lines ...Line) *fault.Error {
	e := fault.New(fault.Conflict, "The agreement does not allow this now: see %s.", lines[0].Chip.Label.EN)
	if lines[0].Silent {
		e = fault.New(fault.Conflict, "This is not allowed now: see %s. The agreement is silent on it.", lines[0].Chip.Label.EN)
	}
	for _, l := range lines {
		for _, r := range l.Reasons {
			e = e.At(l.Rule, r.Text, r.Args...)
		}
	}
	return e.Because(&Ruled{Lines: lines})
}

// lineOf is an empty line for a term of the agreement, silent or not.
func lineOf(t agreements.Terms, name string, term agreements.TermName) Line {
	l := Line{Rule: name, Verdict: OK, Chip: agreements.Explain(t, term, "")}
	l.Silent = l.Chip.Silent
	l.Clause = agreements.SilentLaw(term)
	if !l.Silent {
		l.Clause = clauseOf(t, term)
	}
	return l
}

// clauseOf is the clause of a term that is not silent.
func clauseOf(t agreements.Terms, term agreements.TermName) string {
	for _, l := range agreements.Summary(t) {
		if l.Term == term {
			return l.Clause
		}
	}
	return ""
}

// The terms that the booking engine itself does not judge.
const (
	termAlternatives agreements.TermName = "audit.alternatives"
	termFindings     agreements.TermName = "audit.findings"
	termEnd          agreements.TermName = "end"
)

// facts is what the aggregate tells the booking engine.
func (a *Audit) facts(g ground, announced time.Time) Facts {
	f := Facts{Announced: announced, ForCause: a.Cause.ForCause, BreachIndicated: a.Cause.BreachIndicated,
		// Whether a part is stated is all that the engine asks, so it need not be opened.
		Notice: NoticeText{Method: string(a.Notice.Method), Auditor: string(a.Notice.Auditor), Information: string(a.Notice.Information),
			Locations: string(a.Notice.Locations), Arguments: string(a.Notice.Arguments)},
		Reports: a.reports(g)}
	if !announced.IsZero() {
		written := true // the portal's notice is a document
		f.Written = &written
	}
	if u := a.Auditor; u != nil {
		f.Auditor = AuditorFacts{Independent: u.Independent, RegisterEDP: u.RegisterEDP, ICTExpert: u.ICTExpert, BoundToSecrecy: u.BoundToSecrecy}
		if u.Competitor {
			independent := false
			f.Auditor.Independent = &independent
		}
		signed := u.Undertaken != nil
		f.Auditor.UndertakingSigned = &signed
	}
	return f
}

// reports says how far the inquiries before the audit have come. Where the
// agreement asks for existing reports only those count, otherwise any. An
// inquiry that was not answered in time counts as answered with nothing: the
// processor cannot hold up an audit by silence.
func (a *Audit) reports(g ground) Reports {
	reportsOnly := g.terms.Audit.Precondition != nil && slices.Contains(g.terms.Audit.Precondition.Needs, "reports_first")
	var last *Inquiry
	for i := range a.Inquiries {
		q := &a.Inquiries[i]
		if q.Kind == Question || q.Withdrawn != nil || reportsOnly && q.Kind != ExistingReports {
			continue
		}
		last = q
	}
	if last == nil {
		return Reports{}
	}
	asked, available := true, last.Answered != nil && !last.None
	r := Reports{Asked: &asked}
	if last.Answered != nil || !g.now.Before(last.Ends) {
		r.Available = &available
	}
	if available {
		r.Received, r.Assessment = &available, last.Assessment
	}
	return r
}

// judged is the engine's answer for a day (zero: none wanted) and a moment of
// the notice (zero: not announced).
func (a *Audit) judged(g ground, on deadlines.Date, announced time.Time) (Answer, error) {
	return Check(g.terms, a.weighed(g, on, announced))
}

// weighed is everything that the engine weighs, with the days of other audits.
func (a *Audit) weighed(g ground, on deadlines.Date, announced time.Time) Facts {
	f := a.facts(g, announced)
	f.On = on
	for _, s := range g.others {
		switch {
		case s.ForCause: // it does not count towards the frequency
		case on.IsZero() || !s.Day.After(on):
			f.Earlier = append(f.Earlier, s.Day)
		default:
			f.Planned = append(f.Planned, s.Day)
		}
	}
	if !a.Earlier.IsZero() {
		f.Earlier = append(f.Earlier, a.Earlier)
	}
	return f
}

// refuse turns the lines of an answer that are not ok, of the rules named, into
// one refusal.
func refuse(answer Answer, rules ...string) error {
	var bad []Line
	for _, l := range answer.Lines {
		if l.Verdict != OK && slices.Contains(rules, l.Rule) && !l.crowded { // crowds says that in its own words
			bad = append(bad, l)
		}
	}
	if len(bad) == 0 {
		return nil
	}
	return ruled(bad...)
}

// Rules that must be ok before the notice goes out; the undertaking comes later.
var beforeNotice = []string{"precondition", "notice", "notice_content", "frequency", "auditor"}

// beforeStart adds the undertaking.
var beforeStart = append([]string{"confidentiality"}, beforeNotice...)

// day refuses a day on which no audit can be: past, after the agreement, too
// early, one too many, or free without a reason why it must be then.
func (a *Audit) day(g ground, on deadlines.Date, announced time.Time, dayOff vault.Sealed) error {
	notice := lineOf(g.terms, "notice", agreements.TermNotice)
	answer, err := a.judged(g, on, announced)
	if err != nil {
		return err
	}
	first := answer.Earliest
	if first.Before(g.today) || first.IsZero() {
		first = g.today
	}
	if on.Before(g.today) {
		notice.add(Refused, "%s has passed. Choose a day from %s.", on, g.calendar.Roll(first))
		return ruled(notice)
	}
	if err := g.inForce(on); err != nil {
		return err
	}
	if err := refuse(answer, "notice", "frequency"); err != nil {
		return err
	}
	if !g.calendar.Working(on) && dayOff == "" {
		line := lineOf(g.terms, "cooperation", agreements.TermCooperation)
		line.add(Refused, "%s falls on a weekend or a public holiday. Choose %s, or say why the audit must be on this day.", on, g.calendar.Roll(on))
		return ruled(line)
	}
	return a.crowds(g, on)
}

// inForce refuses a day after the agreement has ended.
func (g ground) inForce(on deadlines.Date) error {
	if g.until.IsZero() || !on.After(g.until) {
		return nil
	}
	line := lineOf(g.terms, "in_force", termEnd)
	line.add(Refused, "The agreement ends on %s, so it gives no right to an audit on %s. Choose an earlier day, or use an agreement that is in force then.", g.until, on)
	return ruled(line)
}

// crowds refuses a day that would make a later audit, agreed already, one too many.
func (a *Audit) crowds(g ground, on deadlines.Date) error {
	for _, later := range g.others {
		if !later.Day.After(on) || later.ForCause || a.Cause.ForCause {
			continue
		}
		f := Facts{On: later.Day, Earlier: []deadlines.Date{on}}
		for _, s := range g.others {
			if s.Audit != later.Audit && !s.Day.After(later.Day) && !s.ForCause {
				f.Earlier = append(f.Earlier, s.Day)
			}
		}
		answer, err := Check(g.terms, f)
		if err != nil {
			return err
		}
		for _, l := range answer.Lines {
			if l.Rule == "frequency" && l.Verdict == TooEarly {
				l.Reasons = nil
				l.add(Refused, "Another audit is agreed for %s, which would then come too soon after %s. Move or cancel that one first.", later.Day, on)
				return ruled(l)
			}
		}
	}
	return nil
}

// Judgement is how an audit stands by its agreement now.
type Judgement struct {
	Answer
	Terms agreements.Terms
	Today deadlines.Date
	// Warnings do not stand in the way, such as a day that some take for a holiday.
	Warnings []Sentence
}

// Judge answers, line by line, whether the audit may go on: on the agreed day,
// or else the proposed or wanted one. Before the notice, it is judged as if it
// were announced now.
func (s *Service) Judge(ctx context.Context, by identity.Actor, a Audit) (Judgement, error) {
	if sight(by, &a) != Content {
		return Judgement{}, ErrNotFound
	}
	g, err := s.ground(ctx, &a)
	if err != nil {
		return Judgement{}, err
	}
	on := a.On
	if p := a.standing(); on.IsZero() && p != nil {
		on = p.Day
	} else if on.IsZero() {
		on = a.Wanted
	}
	return a.judgedOn(g, on)
}

// JudgeDay is Judge for another day than the audit's own, such as one that is
// proposed instead of it.
func (s *Service) JudgeDay(ctx context.Context, by identity.Actor, a Audit, on deadlines.Date) (Judgement, error) {
	if sight(by, &a) != Content {
		return Judgement{}, ErrNotFound
	}
	g, err := s.ground(ctx, &a)
	if err != nil {
		return Judgement{}, err
	}
	return a.judgedOn(g, on)
}

func (a *Audit) judgedOn(g ground, on deadlines.Date) (Judgement, error) {
	announced := g.now
	if a.Announced != nil {
		announced = *a.Announced
	}
	answer, err := a.judged(g, on, announced)
	return Judgement{Answer: answer, Terms: g.terms, Today: g.today, Warnings: g.warnings(on)}, err
}

// Outlook answers for an audit that is not drafted yet: which rules apply, and
// from which day it could be if it were announced now.
func (s *Service) Outlook(ctx context.Context, by identity.Actor, agreement string, on deadlines.Date) (Judgement, error) {
	applied, err := s.bookable(ctx, by, agreement)
	if err != nil {
		return Judgement{}, err
	}
	g, err := s.groundOf(ctx, applied, "")
	if err != nil {
		return Judgement{}, err
	}
	answer, err := (&Audit{}).judged(g, on, g.now)
	return Judgement{Answer: answer, Terms: g.terms, Today: g.today, Warnings: g.warnings(on)}, err
}

func (g ground) warnings(on deadlines.Date) []Sentence {
	if on.IsZero() {
		return nil
	}
	var w Line
	if _, ok := g.calendar.Contested(on); ok {
		w.add(OK, "Some take %s for a holiday. Ask whether the other side works on that day.", on)
	}
	if !g.calendar.Working(on) {
		w.add(OK, "%s falls on a weekend or a public holiday.", on)
	}
	if !g.calendar.Known() {
		w.add(OK, "The holidays of this country are not known; only weekends were counted.")
	}
	return w.Reasons
}
