package web

import (
	"strings"
	"time"

	"github.com/a-h/templ"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/costs"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

const termFindings agreements.TermName = "audit.findings"

// findingsPart shows the report and the findings, with each side's position.
// The service keeps the findings from the processor until the report is shared.
func (b *bench) findingsPart(page ui.Page, o papers, bad ui.FieldErrors) (templ.Component, error) {
	if o.sight != audits.Content || o.a.Began == nil {
		return nil, nil
	}
	m := pages.Findings{ID: o.a.ID, Chip: b.termChip(o, termFindings), Lead: b.p.T("The findings are a draft of the controller and the auditor until the report is shared."),
		Empty: ui.Empty{Title: b.p.T("There are no findings yet"), Text: b.p.T("What the audit shows appears here, each finding with its grade, its clause and its evidence.")}}
	switch {
	case o.a.Report != nil:
		m.Lead = b.p.T("Both sides see every finding, and say what they hold of it in the joint review.")
		m.Empty = ui.Empty{Title: b.p.T("The report names no findings"), Text: b.p.T("The summary says what the audit shows. A finding that is added later appears here.")}
	case b.party(o) == audits.Processor:
		m.Lead = b.p.T("%s writes its findings down, and then shares them with you as a draft report.", b.org(o.a.Controller))
		m.Empty = ui.Empty{Title: b.p.T("Nothing is shared with you yet"), Text: b.p.T("The draft report with its findings appears here once it is shared. You then have time to comment on it.")}
	}
	m.Add, _ = b.link(o, "find", "")
	names, err := b.Identity.Names(b.ctx, b.by, o.authors())
	if err != nil {
		return nil, err
	}
	m.Report = b.report(o, names, bad)
	for _, f := range o.a.Findings {
		if f.Dropped != nil {
			m.Struck = append(m.Struck, b.struck(o, f, names))
		} else {
			m.List = append(m.List, b.finding(o, f, names, bad))
		}
	}
	return pages.FindingsSection(page, m), nil
}

// authors are the accounts behind the report and its findings.
func (o papers) authors() []string {
	var all []string
	for _, f := range o.a.Findings {
		all = append(all, f.By, f.DroppedBy)
	}
	if o.a.Report != nil {
		all = append(all, o.a.Report.By)
	}
	return all
}

func (b *bench) finding(o papers, f audits.Finding, names map[string]string, bad ui.FieldErrors) pages.Finding {
	said := o.story.Items[f.ID]
	m := pages.Finding{ID: f.ID, Title: b.findingName(o, f), Grade: b.grade(f.Grade), Evidence: b.folded(o, f.ID, b.p.T("Add evidence to finding %d", f.Number), bad)}
	m.Facts = []ui.Fact{{Name: b.p.T("Measured against"), Value: f.Clause, Chip: b.clauseChip(o, f.Clause)}, {Name: b.p.T("What was found"), Value: said.Text}}
	if said.Reason != "" {
		m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("Root cause"), Value: said.Reason})
	}
	if f.NonCompliance {
		m.Facts = append(m.Facts, ui.Fact{Name: b.p.T("Compliance"), State: &ui.State{Tone: ui.Danger, Word: b.p.T("Shows that the agreement or the law is not kept")}})
		m.Flips = b.flips(o)
	}
	written := ui.Fact{Name: b.p.T("Written down"), Value: b.p.T("On %s, by %s", b.p.Date(f.At), b.who(o, f.By, audits.Controller, names))}
	if f.Revised != nil {
		written.Note = b.p.T("Changed on %s", b.p.DateTime(*f.Revised))
	}
	m.Facts = append(m.Facts, written)
	b.stands(o, f, &m)
	for _, name := range []string{"position", "rewrite", "strike", "add-measure"} {
		if l, ok := b.link(o, name, f.ID); ok {
			m.Links = append(m.Links, l)
		}
	}
	return m
}

// stands puts both sides next to each other, from the review on, and says whose
// turn it is.
func (b *bench) stands(o papers, f audits.Finding, m *pages.Finding) {
	if o.a.Report == nil || o.a.Stage == audits.Reported {
		return
	}
	for _, p := range []audits.Party{audits.Controller, audits.Processor} {
		s := pages.Stand{Who: b.side(o, p), View: ui.State{Tone: ui.Neutral, Word: b.p.T("Has not said anything")}}
		if x, said := f.Positions[p]; said {
			s.View, s.Words, s.When = b.view(x.View), o.story.Items[f.ID].By[p], b.p.Date(x.At)
		} else if o.a.Stage == audits.InReview {
			s.View = ui.State{Tone: ui.Waiting, Word: b.p.T("Still to say")}
			m.Turn, m.TurnChip = append(m.Turn, b.turn(o, p)), b.owing(o, o.a.Report.Duty)
		}
		m.Stands = append(m.Stands, s)
	}
}

// folded is the evidence of one thing, with the form to add to it put away.
func (b *bench) folded(o papers, of, label string, bad ui.FieldErrors) pages.Attached {
	m := b.attached(o, of, label, b.Audits.Takes(b.by, o.a, of), bad)
	if m.Upload != nil {
		m.Upload.Folded = true
	}
	return m
}

// turn says that a side has to take a position, and by when.
func (b *bench) turn(o papers, p audits.Party) string {
	r := o.a.Report
	switch {
	case !b.Now().Before(r.Ends):
		return b.p.T("The time of %s to take a position was over on %s. It can still do so until the review ends.", b.side(o, p), b.day(r.Due))
	case p == b.party(o) && !b.isAuditor():
		return b.p.T("It is your turn, until %s.", b.day(r.Due))
	}
	return b.p.T("It is the turn of %s, until %s.", b.side(o, p), b.day(r.Due))
}

func (b *bench) struck(o papers, f audits.Finding, names map[string]string) ui.Entry {
	return ui.Entry{What: b.findingName(o, f), Who: b.who(o, f.DroppedBy, audits.Controller, names), When: b.p.DateTime(*f.Dropped), ISO: f.Dropped.Format(time.RFC3339),
		Note: o.story.Items[f.ID].Text, TestID: "struck"}
}

// flips says who bears the costs because of a finding of non-compliance; nil
// when the agreement divides them the same way in any case.
func (b *bench) flips(o papers) *pages.Flip {
	after, ok := costs.Flip(o.rules.Terms)
	if !ok {
		return nil
	}
	return &pages.Flip{Text: b.p.T("Because of this, %s now bears the costs of the audit.", b.side(o, after.Bearer)), Chip: b.chip(after.Chip, o.a.Agreement)}
}

func (b *bench) findingName(o papers, f audits.Finding) string {
	return b.p.T("%d. %s", f.Number, o.story.Items[f.ID].Title)
}

// termChip explains what the agreement, or else the law, says on a term.
func (b *bench) termChip(o papers, name agreements.TermName) *ui.Clause {
	return b.chip(agreements.Explain(o.rules.Terms, name, ""), o.a.Agreement)
}

// clauseChip explains a clause that somebody typed, when it is one of the
// agreement's terms or a provision that the portal knows; else nil.
func (b *bench) clauseChip(o papers, typed string) *ui.Clause {
	clause := strings.TrimSpace(strings.TrimPrefix(typed, o.rules.Terms.Key+" "))
	var chip *ui.Clause
	for _, l := range agreements.Summary(o.rules.Terms) {
		if l.Clause != clause || l.Silent {
			continue
		}
		c := b.chip(agreements.Explain(o.rules.Terms, l.Term, clause), o.a.Agreement)
		switch {
		case chip == nil:
			chip = c
		case chip.Title != c.Title: // one clause may be about several things
			chip.Title, chip.Does = chip.Title+" · "+c.Title, chip.Does+" "+c.Does
		}
	}
	if chip != nil {
		return chip
	}
	for _, word := range []string{"art. ", "article ", "artikel "} {
		if rest, ok := strings.CutPrefix(strings.ToLower(clause), word); ok {
			clause = clause[len(clause)-len(rest):]
		}
	}
	return b.law(strings.Replace(clause, "AVG", "GDPR", 1))
}

// grade names how grave a finding is.
func (b *bench) grade(g audits.Grade) ui.State {
	switch g {
	case audits.Major:
		return ui.State{Tone: ui.Danger, Word: b.p.T("Major finding"), Code: string(g)}
	case audits.Minor:
		return ui.State{Tone: ui.Warn, Word: b.p.T("Minor finding"), Code: string(g)}
	case audits.Observation:
		return ui.State{Tone: ui.Info, Word: b.p.T("Observation"), Code: string(g)}
	}
	return ui.State{Tone: ui.Good, Word: b.p.T("Good practice"), Code: string(g)}
}

// view names what a side holds of a finding.
func (b *bench) view(v string) ui.State {
	switch v {
	case audits.Agrees:
		return ui.State{Tone: ui.Good, Word: b.p.T("Agrees")}
	case audits.AgreesPartly:
		return ui.State{Tone: ui.Warn, Word: b.p.T("Agrees in part")}
	}
	return ui.State{Tone: ui.Danger, Word: b.p.T("Does not agree")}
}
