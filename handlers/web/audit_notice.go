package web

import (
	"slices"
	"strings"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/views/ui"
)

// noticeOf writes the notice as it was sent. What has changed since stands
// apart at its end.
func (b *bench) noticeOf() (*scribe, audits.Announcement, error) {
	n, err := b.Audits.NoticeOf(b.ctx, b.by, b.c.Params("id"))
	if err != nil {
		return nil, n, err
	}
	w := &scribe{bench: b, terms: n.Terms, agreement: n.Agreement, brief: true}
	w.Title = b.p.T("Notice of an audit")
	w.From, w.To = []string{n.Controller, b.p.T("the controller")}, []string{n.Processor, b.p.T("the processor")}
	signed := ""
	if !n.SignedOn.IsZero() {
		signed = b.day(n.SignedOn)
	}
	w.Facts = append([]ui.Fact{{Name: b.p.T("Sent"), Value: b.p.DateTime(n.Sent), TestID: "sent"}}, w.under(n.Reference, n.Terms.Title, n.Version, signed)...)
	w.say(b.p.T("With this notice %s announces an audit of %s under the agreement named above.", n.Controller, n.Processor))
	w.noticeWhat(n)
	w.noticeAsked(n)
	w.noticeStates(n)
	w.noticeAuditor(n)
	w.noticeDay(n)
	w.noticeClauses(n)
	at, err := audits.AnchorIn(b.ctx, b.Ledger, n.Audit, audits.Announce)
	if err != nil {
		return nil, n, err
	}
	w.vouched(at)
	w.noticeSince(n)
	w.Closing = []string{n.Controller}
	return w, n, nil
}

func (w *scribe) noticeWhat(n audits.Announcement) {
	w.head(w.p.T("What is audited, and why"))
	why := ui.Fact{Name: w.p.T("Why"), Value: w.p.T("A regular audit"), Note: n.Why}
	if n.Cause.ForCause {
		why.Value = w.p.T("For cause")
	}
	if y := n.Cause.BreachIndicated; y != nil && *y {
		why.Value += ". " + w.p.T("Something shows that the processor breaches its security duty or is about to.")
	}
	w.state(ui.Fact{Name: w.p.T("What it is about"), Value: n.Subject}, ui.Fact{Name: w.p.T("Where"), Value: w.mode(n.Mode)}, why)
	if k := len(n.Cause.Indications); k > 0 {
		w.say(w.p.T("The cause rests on %d entries in the record that the portal keeps of this processor.", k))
	}
}

// noticeAsked says what was asked before the notice, and what came of it.
func (w *scribe) noticeAsked(n audits.Announcement) {
	if len(n.Asked) == 0 {
		return
	}
	w.head(w.p.T("What was asked before"))
	var facts []ui.Fact
	for _, q := range n.Asked {
		words := []string{w.p.T("Asked on %s.", w.p.Date(q.At))}
		switch {
		case q.Answered == nil:
			words = append(words, w.p.T("Not answered when this notice was sent; the answer was due on %s.", w.day(q.Due)))
		case q.None:
			words = append(words, w.p.T("Answered on %s: there is nothing to give.", w.p.Date(*q.Answered)))
		default:
			words = append(words, w.p.T("Answered on %s.", w.p.Date(*q.Answered)))
		}
		words = append(words, w.assessed(q.Assessment, q.Arguments)...)
		facts = append(facts, ui.Fact{Name: w.asking(q.Kind), Value: strings.Join(words, " "), Chip: w.clause(agreements.TermPrecondition, "")})
	}
	w.state(facts...)
}

// assessed says what the controller made of reports, in the service's words.
func (w *scribe) assessed(as, arguments string) []string {
	var words []string
	switch as {
	case audits.Conclusive:
		words = append(words, w.p.T("The controller finds that this settles the matter."))
	case audits.Inconclusive:
		words = append(words, w.p.T("The controller finds that this leaves questions open."))
	}
	if arguments != "" {
		words = append(words, w.p.T("Why: %s", arguments))
	}
	return words
}

func (w *scribe) asking(k audits.Kind) string {
	switch k {
	case audits.ExistingReports:
		return w.p.T("Existing reports")
	case audits.SelfAssessment:
		return w.p.T("Self-assessment")
	case audits.Information:
		return w.p.T("Information")
	}
	return w.p.T("Question during the audit")
}

// noticeStates is what the agreement says the notice must state, and what it
// states besides. What must stand in it carries the clause.
func (w *scribe) noticeStates(n audits.Announcement) {
	w.head(w.p.T("What this notice states"))
	var facts []ui.Fact
	for _, part := range []struct{ key, name, text string }{
		{"method", w.p.T("How the audit is done"), n.Text.Method}, {"auditor", w.p.T("Who does the audit"), n.Text.Auditor},
		{"information", w.p.T("Which information is wanted"), n.Text.Information}, {"locations", w.p.T("At which locations"), n.Text.Locations},
		{"arguments", w.p.T("Why an own audit is justified"), n.Text.Arguments},
	} {
		f := ui.Fact{Name: part.name, Value: part.text}
		if slices.Contains(n.Must, part.key) {
			f.Name = w.p.T("%s (the agreement asks for this)", part.name)
			f.Chip, f.TestID = w.clause(agreements.TermNoticeContent, ""), "must-state"
		}
		facts = append(facts, f)
	}
	w.state(facts...)
	if len(n.Must) == 0 {
		w.state(ui.Fact{Name: w.p.T("What a notice must state"), Value: w.p.T("The agreement asks for nothing in particular in this notice."), Chip: w.clause(agreements.TermNoticeContent, "")})
	}
}

func (w *scribe) noticeAuditor(n audits.Announcement) {
	w.head(w.p.T("The auditor"))
	who := ui.Fact{Name: w.p.T("Name"), Value: n.Auditor.Name}
	if n.Own {
		who.Note = w.p.T("One of the controller's own people.")
	}
	w.state(who, ui.Fact{Name: w.p.T("Firm"), Value: n.Auditor.Firm}, ui.Fact{Name: w.p.T("Number in the professional register"), Value: n.Auditor.Register},
		ui.Fact{Name: w.p.T("What the agreement asks of the auditor"), Value: w.answered(n.Answer, "auditor"), Chip: w.clause(agreements.TermAuditor, "")},
		ui.Fact{Name: w.p.T("Duty of confidentiality"), Value: w.answered(n.Answer, "confidentiality"), Chip: w.clause(agreements.TermConfidentiality, "")})
}

// answered is what the engine answered on one rule.
func (w *scribe) answered(a audits.Answer, rule string) string {
	for _, l := range a.Lines {
		if l.Rule == rule {
			return w.lineWords(l)
		}
	}
	return ""
}

// lineWords are the reasons of a line, or what its clause says when there is none.
func (w *scribe) lineWords(l audits.Line) string {
	if len(l.Reasons) == 0 {
		return l.Chip.Says.In(w.p.Tag())
	}
	return strings.Join(w.sentences(l.Reasons), " ")
}

func (w *scribe) noticeDay(n audits.Announcement) {
	w.head(w.p.T("The day"))
	day := ui.Fact{Name: w.p.T("Proposed day"), Value: w.p.T("No day was proposed with this notice. The parties agree one.")}
	if !n.Wanted.IsZero() {
		day.Value, day.Note = w.day(n.Wanted), n.DayOff
	}
	first := ui.Fact{Name: w.p.T("First lawful day"), Value: w.p.T("No rule sets a first day."), Chip: w.clause(agreements.TermNotice, ""), TestID: "earliest"}
	if !n.Answer.Earliest.IsZero() {
		first.Value = w.day(n.Answer.Earliest)
		if roll := n.Answer.EarliestWorkingDay; roll != n.Answer.Earliest {
			first.Note = w.p.T("The first working day from then on is %s.", w.day(roll))
		}
	}
	w.state(day, first, ui.Fact{Name: w.p.T("How it was counted"), Value: w.counted(n)})
}

// counted says how the first day follows from the notice and the frequency.
func (w *scribe) counted(n audits.Announcement) string {
	words := []string{w.answered(n.Answer, "notice")}
	if t := n.Terms.Audit.Notice; t != nil && !(t.Period.IsZero() && t.ForCause.IsZero()) {
		words = append(words, w.p.T("The day of sending does not count; the whole period runs after it, and the audit comes after the last day of the period."))
	}
	if n.Terms.Audit.Frequency != nil {
		words = append(words, w.answered(n.Answer, "frequency"))
	}
	return strings.Join(words, " ")
}

// noticeClauses are all the rules as they stood, each with its clause in words.
func (w *scribe) noticeClauses(n audits.Announcement) {
	w.head(w.p.T("The clauses that apply"))
	var facts []ui.Fact
	for _, l := range n.Answer.Lines {
		chip := w.chip(l.Chip, n.Agreement)
		f := ui.Fact{Name: l.Chip.Name.In(w.p.Tag()), Value: w.lineWords(l), Note: chip.Does, Chip: chip, TestID: ruleFact + l.Rule}
		if len(l.Reasons) == 0 {
			f.Value, f.Note = chip.Does, ""
		}
		facts = append(facts, f)
	}
	w.state(facts...)
}

// noticeSince tells what is otherwise now than when the notice was sent.
func (w *scribe) noticeSince(n audits.Announcement) {
	var facts []ui.Fact
	if !n.On.IsZero() {
		facts = append(facts, ui.Fact{Name: w.p.T("Agreed day"), Value: w.day(n.On), TestID: "agreed-day"})
	}
	if n.NewAuditor {
		facts = append(facts, ui.Fact{Name: w.p.T("Auditor"), Value: w.p.T("What is known of the auditor has changed since. The page of the audit says who it is now.")})
	}
	if len(facts) > 0 {
		w.head(w.p.T("Since this notice was sent"))
		w.state(facts...)
	}
}

func (b *bench) noticePage() error {
	w, n, err := b.noticeOf()
	if err != nil {
		return err
	}
	return w.page("/audits/"+n.Audit, ui.Link{Label: b.p.T("As PDF, to keep"), Href: b.c.Path() + ".pdf"})
}

func (b *bench) noticePDF() error {
	w, n, err := b.noticeOf()
	if err != nil {
		return err
	}
	return w.pdf(b.p.T("notice") + "-" + n.Reference)
}
