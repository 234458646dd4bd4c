package web

import (
	"bytes"
	"context"
	"encoding/json"
	"io"

	"inzage/handlers/respond"
	"inzage/services/audits"
	dossiers "inzage/services/dossier"
	auditPages "inzage/views/pages/audit"
	pages "inzage/views/pages/dossier"
	"inzage/views/ui"
)

// dossier hands out the whole file of an audit.
func (b *bench) dossier() error {
	f, err := b.Dossiers.OfAudit(b.ctx, b.by, b.c.Params("id"), b.withFiles())
	if err != nil {
		return err
	}
	s, documents, err := b.auditSheaf(f)
	if err != nil {
		return err
	}
	page, err := s.finish()
	if err != nil {
		return err
	}
	return respond.ZIP(b.c, b.Log, b.p.T("dossier")+"-"+f.Audit.Reference, "dossier", func(ctx context.Context, w io.Writer) error { return f.Write(ctx, w, page, documents) })
}

// auditSheaf is the readable page, with the documents beside it.
func (b *bench) auditSheaf(f dossiers.Audit) (*sheaf, []dossiers.Document, error) {
	c := f.Closing
	s := b.newSheaf(b.p.T("Dossier of audit %s", c.Reference), f.Base, f.JSON.Head)
	w := &scribe{bench: b, terms: c.Terms, agreement: c.ID}
	signed := ""
	if !c.Agreement.SignedOn.IsZero() {
		signed = b.day(c.Agreement.SignedOn)
	}
	s.Facts = append([]pages.Fact{{Name: b.p.T("Controller"), Value: c.Controller}, {Name: b.p.T("Processor"), Value: c.Processor}, {Name: b.p.T("Stage"), Value: b.stage(c.Stage).Word}},
		s.facts(w.under(c.Reference, c.Agreement.Title, c.Agreement.Version, signed))...)
	if c.Outcome != "" {
		s.Facts = append(s.Facts, s.facts(w.outcome(c))...)
	}
	w.written(f)
	s.blocks(w.Blocks)
	site := *b.Site
	site.Audits = b.Audits.Within(f.Dossier)
	within := *b
	within.Site = &site
	all, err := within.papersOf(f)
	if err != nil {
		return nil, nil, err
	}
	documents := s.papers(all)
	s.filed(f.JSON.Files)
	o := papers{a: f.Audit, sight: f.Sight, story: f.Story}
	o.rules.Terms = c.Terms
	story, err := b.history(o)
	if err != nil {
		return nil, nil, err
	}
	s.section(b.p.T("History"), s.told(b.p.T("What was done"), story.Done), s.told(b.p.T("Who looked, and what was refused"), story.Looked))
	s.proven(f.Ledgered)
	return s, documents, nil
}

// written writes what the audit says, as far as it has come and may be seen.
func (w *scribe) written(f dossiers.Audit) {
	c := f.Closing
	if f.Sight == audits.Content {
		w.reportCourse(c)
		w.reportNotice(f.JSON)
	}
	w.reportAsked(c)
	w.reportAuditor(c)
	w.reportDays(f.JSON.Days)
	w.reportVisits(c)
	if f.JSON.HouseRules != "" {
		w.head(w.p.T("House rules"))
		w.say(f.JSON.HouseRules)
	}
	if f.Sight == audits.Content && f.Audit.Report != nil {
		w.reportFindings(c)
		w.reportMeasures(c)
	}
	if c.Costs != nil {
		w.reportCosts(c)
	}
	if !f.Audit.Open && f.Sight == audits.Content {
		w.reportNext(c)
	}
}

func (w *scribe) reportNotice(f dossiers.AuditFile) {
	n := f.Notice
	if n == nil || *n == (dossiers.Announced{}) {
		return
	}
	w.head(w.p.T("What the notice states"))
	w.state(ui.Fact{Name: w.p.T("How it is done"), Value: n.Method}, ui.Fact{Name: w.p.T("Who does it"), Value: n.Auditor}, ui.Fact{Name: w.p.T("Information that is wanted"), Value: n.Information},
		ui.Fact{Name: w.p.T("Places"), Value: n.Locations}, ui.Fact{Name: w.p.T("Arguments"), Value: n.Arguments})
}

func (w *scribe) reportDays(days []dossiers.Day) {
	var facts []ui.Fact
	for _, d := range days {
		from := w.p.T("Proposed by the controller")
		if d.From == string(audits.Processor) {
			from = w.p.T("Proposed by the processor")
		}
		facts = append(facts, ui.Fact{Name: from, Value: w.day(d.Day), Note: stacked(w.p.DateTime(d.At), d.Reason)})
	}
	if len(facts) > 0 {
		w.head(w.p.T("Days that were proposed"))
		w.state(facts...)
	}
}

// blocks are the parts of a document as sections of the page.
func (s *sheaf) blocks(all []auditPages.Block) {
	title, parts := s.p.T("The audit"), []pages.Part(nil)
	for _, b := range all {
		switch b.Kind {
		case "heading":
			s.section(title, parts...)
			title, parts = b.Text, nil
		case "facts", "list":
			parts = append(parts, pages.Part{Facts: s.facts(b.Items)})
		case "table":
			parts = append(parts, pages.Part{Table: s.grid(b.Grid)})
		default:
			parts = append(parts, pages.Part{Text: []string{b.Text}})
		}
	}
	s.section(title, parts...)
}

func (s *sheaf) grid(g auditPages.Grid) *pages.Table {
	t := &pages.Table{Caption: g.Caption}
	for _, c := range g.Columns {
		t.Columns = append(t.Columns, c.Label)
	}
	for _, row := range g.Rows {
		var cells []pages.Fact
		for _, c := range row {
			cells = append(cells, pages.Fact{Value: c.Text, Note: c.Note, Rule: s.rule(c.Chip)})
		}
		t.Rows = append(t.Rows, cells)
	}
	return t
}

// papersOf are the documents that the portal makes of the audit. Once its
// content was destroyed there is none.
func (b *bench) papersOf(f dossiers.Audit) ([]paperOf, error) {
	if f.Audit.Shredded != nil || f.Sight != audits.Content {
		return nil, nil
	}
	var all []paperOf
	add := func(name string, w *scribe, err error) error {
		if err != nil {
			return err
		}
		body, err := w.onPDF()
		all = append(all, paperOf{place: "documents/" + name, title: w.Title, lang: w.Lang, body: body})
		return err
	}
	if f.Audit.Announced != nil {
		w, _, err := b.noticeOf()
		if err := add("notice.pdf", w, err); err != nil {
			return nil, err
		}
	}
	if u := f.Audit.Auditor; u != nil && u.Undertaken != nil {
		w, err := b.undertakingOf()
		if err := add("undertaking.pdf", w, err); err != nil {
			return nil, err
		}
	}
	if f.Audit.Open {
		return all, nil
	}
	w, c, err := b.reportOf()
	if err := add("closing-report.pdf", w, err); err != nil {
		return nil, err
	}
	var out bytes.Buffer
	lines := json.NewEncoder(&out)
	lines.SetIndent("", "  ")
	if err := lines.Encode(c); err != nil {
		return nil, err
	}
	return append(all, paperOf{place: "documents/closing-report.json", title: b.p.T("The closing report for machines"), body: out.Bytes()}), nil
}
