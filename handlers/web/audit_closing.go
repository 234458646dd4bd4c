package web

import (
	"strings"
	"time"

	"inzage/services/agreements"
	"inzage/services/audits"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

// closing is the closing report with where the ledger holds the end.
func (b *bench) closing() (audits.Closing, error) {
	id := b.c.Params("id")
	c, err := b.Audits.ClosingOf(b.ctx, b.by, id)
	if err != nil {
		return c, err
	}
	c.Ledger, err = audits.AnchorIn(b.ctx, b.Ledger, id, audits.Close, audits.Conclude, audits.Cancel)
	return c, err
}

// reportOf writes the closing report.
func (b *bench) reportOf() (*scribe, audits.Closing, error) {
	c, err := b.closing()
	if err != nil {
		return nil, c, err
	}
	w := &scribe{bench: b, terms: c.Terms, agreement: c.ID}
	w.Title = b.p.T("Closing report of audit %s", c.Reference)
	w.From, w.To = []string{c.Controller, b.p.T("the controller")}, []string{c.Processor, b.p.T("the processor")}
	signed := ""
	if !c.Agreement.SignedOn.IsZero() {
		signed = b.day(c.Agreement.SignedOn)
	}
	w.Facts = append(w.under(c.Reference, c.Agreement.Title, c.Agreement.Version, signed), w.outcome(c)...)
	w.reportCourse(c)
	w.reportAsked(c)
	w.reportAuditor(c)
	w.reportVisits(c)
	w.reportFindings(c)
	w.reportMeasures(c)
	w.reportCosts(c)
	w.reportNext(c)
	w.reportFiles(c)
	w.vouched(c.Ledger)
	return w, c, nil
}

func (w *scribe) outcome(c audits.Closing) []ui.Fact {
	f := ui.Fact{Name: w.p.T("How it ended"), TestID: "outcome", Note: c.CancelledBecause}
	switch c.Outcome {
	case audits.Audited:
		f.Value = w.p.T("Audited and closed")
	case audits.SettledOther:
		f.Value = w.p.T("Closed without an audit: reports or information settled the matter")
	case audits.BrokenOff:
		f.Value = w.p.T("Cancelled after it had begun")
	default:
		f.Value = w.p.T("Cancelled before it began")
	}
	facts := []ui.Fact{f}
	if c.NonCompliance {
		facts = append(facts, ui.Fact{Name: w.p.T("Non-compliance"), Value: w.p.T("A finding shows that the processor does not keep to the agreement or the law.")})
	}
	return facts
}

// when writes a moment, "" for none.
func (w *scribe) when(t *time.Time) string {
	if t == nil {
		return ""
	}
	return w.p.DateTime(*t)
}

func (w *scribe) reportCourse(c audits.Closing) {
	w.head(w.p.T("What was audited"))
	why := ui.Fact{Name: w.p.T("Why"), Value: w.p.T("A regular audit"), Note: c.Why}
	if c.ForCause {
		why.Value = w.p.T("For cause")
	}
	w.state(ui.Fact{Name: w.p.T("What it is about"), Value: c.Subject}, ui.Fact{Name: w.p.T("Where"), Value: w.mode(c.Mode)}, why)
	w.head(w.p.T("The course of the audit"))
	var steps []ui.Fact
	step := func(name, when string) {
		if when != "" {
			steps = append(steps, ui.Fact{Value: w.p.T("%s: %s", name, when)})
		}
	}
	k := c.Course
	step(w.p.T("Drafted"), w.when(&k.Drafted))
	step(w.p.T("Announced"), w.when(k.Announced))
	if !k.Day.IsZero() {
		step(w.p.T("Agreed day"), w.day(k.Day))
	}
	step(w.p.T("Begun"), w.when(k.Began))
	step(w.p.T("Findings shared"), w.when(k.Reported))
	step(w.p.T("The processor commented"), w.when(k.Commented))
	step(w.p.T("The joint review ended"), w.when(k.Reviewed))
	step(w.p.T("Costs settled"), w.when(k.Settled))
	step(w.p.T("Ended"), w.when(k.Ended))
	w.Blocks = append(w.Blocks, pages.Block{Kind: "list", Items: steps})
}

func (w *scribe) reportAsked(c audits.Closing) {
	if len(c.Inquiries) == 0 {
		return
	}
	w.head(w.p.T("What was asked, and the answers"))
	for _, q := range c.Inquiries {
		asked := ui.Fact{Name: w.asking(q.Kind), Value: q.Text, Note: w.p.T("Asked on %s, due %s.", w.p.Date(q.Asked), w.day(q.Due)), Chip: w.clause(agreements.TermCooperation, q.Clause)}
		if q.Haste != "" {
			asked.Note = stacked(asked.Note, w.p.T("Sooner than agreed, because: %s", q.Haste))
		}
		answer := ui.Fact{Name: w.p.T("Answer"), Value: w.p.T("There was no answer.")}
		switch {
		case q.Withdrawn != nil:
			answer.Value = w.p.T("The question was withdrawn on %s.", w.p.Date(*q.Withdrawn))
		case q.Answered != nil && q.None:
			answer.Value, answer.Note = w.p.T("There is nothing to give."), stacked(w.p.T("Answered on %s.", w.p.Date(*q.Answered)), q.Answer)
		case q.Answered != nil:
			answer.Value, answer.Note = orElse(q.Answer, w.p.T("Answered with files.")), w.p.T("Answered on %s.", w.p.Date(*q.Answered))
		}
		w.state(asked, answer, ui.Fact{Name: w.p.T("What the controller made of it"), Value: strings.Join(w.assessed(q.Assessment, q.Arguments), " ")})
	}
}

func (w *scribe) reportAuditor(c audits.Closing) {
	a := c.Auditor
	if a == nil {
		return
	}
	w.head(w.p.T("The auditor"))
	who := ui.Fact{Name: w.p.T("Name"), Value: a.Name, Chip: w.clause(agreements.TermAuditor, "")}
	if a.Own {
		who.Note = w.p.T("One of the controller's own people.")
	}
	w.state(who, ui.Fact{Name: w.p.T("Firm"), Value: a.Firm}, ui.Fact{Name: w.p.T("Number in the professional register"), Value: a.Register})
	signed := ui.Fact{Name: w.p.T("Confidentiality undertaking"), Value: w.p.T("Not signed"), Chip: w.clause(agreements.TermConfidentiality, "")}
	if s := a.Signed; s != nil {
		signed.Value = w.p.T("Signed by %s on %s", s.Name, w.p.DateTime(s.At))
		if s.Name == "" { // destroyed with the content
			signed.Value = w.p.T("Signed on %s", w.p.DateTime(s.At))
		}
		signed.Note = w.p.T("Version %d of the text, SHA-256 %s", s.Version, s.SHA256)
	}
	w.state(signed)
	if x := a.Objection; x != nil {
		w.state(ui.Fact{Name: w.p.T("Objection of the processor"), Value: x.Reason, Note: w.p.Date(x.At), Chip: w.clause(agreements.TermAuditor, x.Clause)},
			ui.Fact{Name: w.p.T("Answer of the controller"), Value: x.Answer})
	}
}

func (w *scribe) reportVisits(c audits.Closing) {
	var facts []ui.Fact
	for _, v := range c.Visits {
		f := ui.Fact{Name: w.day(v.Day), Value: w.mode(v.Mode), Note: stacked(stacked(v.Place, v.Purpose), v.Notes)}
		switch {
		case v.Dropped != nil:
			f.Value += ". " + w.p.T("It did not take place.")
		case v.Held != nil:
			f.Value += ". " + w.p.T("It took place.")
		}
		facts = append(facts, f)
	}
	if len(facts) > 0 {
		w.head(w.p.T("Visits and meetings"))
		w.state(facts...)
	}
}

func (b *bench) reportPage() error {
	w, _, err := b.reportOf()
	if err != nil {
		return err
	}
	return w.page("/audits/"+b.c.Params("id"), ui.Link{Label: b.p.T("As PDF, to keep"), Href: b.c.Path() + ".pdf"},
		ui.Link{Label: b.p.T("As JSON, for computers"), Href: b.c.Path() + ".json"})
}

func (b *bench) reportPDF() error {
	w, c, err := b.reportOf()
	if err != nil {
		return err
	}
	return w.pdf(b.p.T("closing-report") + "-" + c.Reference)
}

func (b *bench) reportJSON() error {
	c, err := b.closing()
	if err != nil {
		return err
	}
	return b.keepJSON(b.p.T("closing-report")+"-"+c.Reference, c)
}
