package web

import (
	"inzage/services/agreements"
	"inzage/services/audits"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

// sideIn is a party by its name in the report.
func sideIn(c audits.Closing, p audits.Party) string {
	if p == audits.Processor {
		return c.Processor
	}
	return c.Controller
}

var bothParties = []audits.Party{audits.Controller, audits.Processor}

func (w *scribe) reportFindings(c audits.Closing) {
	w.head(w.p.T("Findings"))
	if c.Summary != "" || c.Comments != "" {
		w.state(ui.Fact{Name: w.p.T("Summary of the report"), Value: c.Summary}, ui.Fact{Name: w.p.T("Comments of the processor on the draft"), Value: c.Comments})
	}
	if len(c.Findings) == 0 {
		w.say(w.p.T("There are no findings in this report."))
		return
	}
	for _, f := range c.Findings {
		if f.Dropped != nil {
			w.say(w.p.T("Finding %d was withdrawn on %s.", f.Number, w.p.Date(*f.Dropped)))
			continue
		}
		title := w.p.T("Finding %d: %s", f.Number, f.Title)
		if f.Title == "" { // destroyed with the content
			title = w.p.T("Finding %d", f.Number)
		}
		w.head(title)
		grade := ui.Fact{Name: w.p.T("Grade"), Value: w.grade(f.Grade).Word, Note: w.p.T("On %s", f.Clause)}
		if f.NonCompliance {
			grade.Note = stacked(grade.Note, w.p.T("It shows that the processor does not keep to the agreement or the law."))
		}
		w.state(grade, ui.Fact{Name: w.p.T("What was found"), Value: f.Text}, ui.Fact{Name: w.p.T("Root cause"), Value: f.Root})
		w.state(w.positions(c, f)...)
	}
}

func (w *scribe) positions(c audits.Closing, f audits.ClosingFinding) []ui.Fact {
	var facts []ui.Fact
	for _, p := range bothParties {
		one := ui.Fact{Name: w.p.T("Position of %s", sideIn(c, p)), Value: w.p.T("No position was taken.")}
		if x, ok := f.Positions[p]; ok {
			one.Value, one.Note = w.view(x.View).Word, x.Text
		}
		facts = append(facts, one)
	}
	return facts
}

func (w *scribe) reportMeasures(c audits.Closing) {
	if len(c.Measures) == 0 {
		return
	}
	w.head(w.p.T("Measures"))
	for _, m := range c.Measures {
		owner := c.Controller
		switch m.Owner {
		case audits.OwnerProcessor:
			owner = c.Processor
		case audits.OwnerBoth:
			owner = w.p.List(c.Controller, c.Processor)
		}
		what := ui.Fact{Name: w.p.T("Measure"), Value: m.Text}
		if m.Finding > 0 {
			what.Name = w.p.T("Measure for finding %d", m.Finding)
		}
		facts := []ui.Fact{what, {Name: w.p.T("Carried out by"), Value: owner, Note: w.p.T("By %s", w.day(m.Due)), Chip: w.chip(agreements.Explain(w.terms, "audit.findings", ""), w.agreement)}}
		for _, p := range bothParties {
			if d, ok := m.Done[p]; ok {
				facts = append(facts, ui.Fact{Name: w.p.T("Done by %s", sideIn(c, p)), Value: orElse(d.Text, w.p.T("Done")), Note: w.p.DateTime(d.At)})
			}
		}
		w.state(append(facts, w.result(m))...)
	}
}

func (w *scribe) result(m audits.ClosingMeasure) ui.Fact {
	f := ui.Fact{Name: w.p.T("Result"), Value: w.p.T("It was not checked again.")}
	switch {
	case m.Dropped != nil:
		f.Value, f.Note = w.p.T("The measure was left out on %s.", w.p.Date(*m.Dropped)), m.Because
	case m.Result == audits.Effective:
		f.Value, f.Note = w.p.T("Checked again: it works."), m.Check
	case m.Result == audits.NotEffective:
		f.Value, f.Note = w.p.T("Checked again: it does not work yet."), m.Check
	}
	return f
}

func (w *scribe) reportCosts(c audits.Closing) {
	w.head(w.p.T("Costs"))
	if c.Costs == nil {
		w.say(w.p.T("No costs were stated in this audit."))
		return
	}
	g := pages.Grid{Caption: w.p.T("Costs"), Columns: []pages.GridColumn{{Label: w.p.T("What for"), Share: 4}, {Label: w.p.T("Made by"), Share: 3},
		{Label: w.p.T("Borne by"), Share: 3}, {Label: w.p.T("Amount"), Share: 2, Amount: true}}}
	for _, l := range c.Costs.Lines {
		bearer := pages.GridCell{Text: sideIn(c, l.Bearer), Chip: w.chip(l.Chip, w.agreement)}
		if l.Default {
			bearer.Note = w.ourDefault()
		}
		g.Rows = append(g.Rows, []pages.GridCell{{Text: l.For, Note: w.costKind(l.Kind)}, {Text: sideIn(c, l.MadeBy)}, bearer, {Text: w.p.Money(l.Cents, c.Costs.Currency)}})
	}
	w.Blocks = append(w.Blocks, pages.Block{Kind: "table", Grid: g})
	total := []ui.Fact{{Name: w.p.T("%s bears", c.Controller), Value: w.p.Money(c.Costs.ControllerBears, c.Costs.Currency)},
		{Name: w.p.T("%s bears", c.Processor), Value: w.p.Money(c.Costs.ProcessorBears, c.Costs.Currency)}}
	even := ui.Fact{Name: w.p.T("To make it even"), Value: w.payment("", "", 0, ""), Note: w.p.T("This follows from the lines above, each by its clause."), TestID: "settlement"}
	if s := c.Costs.Pays; s != nil {
		even.Value = w.payment(sideIn(c, s.From), sideIn(c, s.To), s.Cents, c.Costs.Currency)
	}
	w.state(append(total, even)...)
}

func (w *scribe) reportNext(c audits.Closing) {
	w.head(w.p.T("The next audit"))
	f := ui.Fact{Name: w.p.T("Next audit possible from"), Value: w.p.T("The agreement sets no limit on how often an audit may take place."), Chip: w.clause(agreements.TermFrequency, ""), TestID: "next-audit"}
	switch {
	case !c.Next.IsZero():
		f.Value = w.day(c.Next)
		f.Note = w.p.T("An audit for cause may come sooner.")
	case c.Outcome == audits.CalledOff, c.Outcome == audits.SettledOther:
		f.Value = w.p.T("This audit does not count for how often an audit may take place.")
	}
	w.state(f)
}

func (w *scribe) reportFiles(c audits.Closing) {
	if len(c.Files) == 0 {
		return
	}
	w.head(w.p.T("Files of this audit"))
	g := pages.Grid{Caption: w.p.T("Files of this audit"), Columns: []pages.GridColumn{{Label: w.p.T("Name"), Share: 5}, {Label: w.p.T("From"), Share: 3},
		{Label: w.p.T("Size"), Share: 2, Amount: true}}}
	for _, f := range c.Files {
		g.Rows = append(g.Rows, []pages.GridCell{{Text: f.Name, Note: "SHA-256 " + f.SHA256}, {Text: sideIn(c, f.From), Note: w.p.Date(f.At)}, {Text: w.p.Bytes(f.Size)}})
	}
	w.Blocks = append(w.Blocks, pages.Block{Kind: "table", Grid: g})
}
