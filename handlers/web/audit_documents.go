package web

import (
	"bytes"
	"encoding/json"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/services/agreements"
	"inzage/services/audits"
	pages "inzage/views/pages/audit"
	"inzage/views/paper"
	"inzage/views/ui"
)

func (s auditing) mountDocuments(app routes) {
	app.Get("/audits/:id/notice", s.at((*bench).noticePage))
	app.Get("/audits/:id/notice.pdf", s.at((*bench).noticePDF))
	app.Get("/audits/:id/report", s.at((*bench).reportPage))
	app.Get("/audits/:id/report.pdf", s.at((*bench).reportPDF))
	app.Get("/audits/:id/report.json", s.at((*bench).reportJSON))
	app.Get("/audits/:id/undertaking", s.at((*bench).undertakingPage))
	app.Get("/audits/:id/undertaking.pdf", s.at((*bench).undertakingPDF))
}

// documents are what can be kept or printed of the audit: what exists now, for
// this reader.
func (b *bench) documents(o papers) []ui.File {
	if o.sight != audits.Content {
		return nil
	}
	var all []ui.File
	// The names differ: who hears the links alone can tell them apart.
	paged := func(name, path string) {
		all = append(all, ui.File{Name: name, Kind: b.p.T("Page to read or print"), Href: o.path(path)},
			ui.File{Name: name + " (PDF)", Kind: b.p.T("To keep or to send on"), Href: o.path(path + ".pdf")})
	}
	if o.a.Announced != nil {
		paged(b.p.T("The notice of this audit"), "/notice")
	}
	if entry, ok := b.calendarFile(o); ok {
		all = append(all, entry)
	}
	if u := o.a.Auditor; u != nil && u.Undertaken != nil {
		paged(b.p.T("The confidentiality undertaking as it was signed"), "/undertaking")
	}
	if len(o.a.Costs) > 0 { // which the auditor is never shown
		all = append(all, ui.File{Name: b.p.T("The statement of costs"), Kind: b.p.T("Page to read or print"), Href: o.path("/costs")})
	}
	if !o.a.Open && !b.isAuditor() {
		paged(b.p.T("The closing report"), "/report")
		all = append(all, ui.File{Name: b.p.T("The closing report") + " (JSON)", Kind: b.p.T("For computers"), Href: o.path("/report.json")})
	}
	if audits.MayTakeDossier(b.by, o.a) {
		name := b.p.T("The whole file, for an authority")
		all = append(all, ui.File{Name: name, Kind: b.p.T("ZIP, with all files"), Href: o.path("/dossier")}, ui.File{Name: name, Kind: b.p.T("ZIP, files listed only"), Href: o.path("/dossier?files=list")})
	}
	return all
}

// scribe writes documents: what they say is the same on the page and as PDF.
type scribe struct {
	*bench
	terms     agreements.Terms
	agreement string // agr_…
	brief     bool   // on paper the clauses have a part of their own
	pages.Document
}

func (w *scribe) say(text string) { w.Blocks = append(w.Blocks, pages.Block{Text: text}) }

// head begins a part of the document.
func (w *scribe) head(title string) {
	w.Blocks = append(w.Blocks, pages.Block{Kind: "heading", Text: title})
}

// state adds the facts that have a value.
func (w *scribe) state(facts ...ui.Fact) {
	var some []ui.Fact
	for _, f := range facts {
		if f.Value != "" {
			some = append(some, f)
		}
	}
	if len(some) > 0 {
		w.Blocks = append(w.Blocks, pages.Block{Kind: "facts", Items: some})
	}
}

// clause is the chip of a clause that the audit stands under.
func (w *scribe) clause(term agreements.TermName, clause string) *ui.Clause {
	return w.chip(agreements.Explain(w.terms, term, clause), w.agreement)
}

// under is the heading facts that every document of an audit begins with.
func (w *scribe) under(reference, title string, version int, signed string) []ui.Fact {
	f := ui.Fact{Name: w.p.T("Agreement"), Value: w.p.T("%s, version %d", title, version)}
	if signed != "" {
		f.Value = w.p.T("%s, version %d, signed on %s", title, version, signed)
	}
	return []ui.Fact{{Name: w.p.T("Reference"), Value: reference}, f}
}

// sheet shows the document as a page.
func (w *scribe) page(path string, forms ...ui.Link) error {
	page := w.frame("")
	page.Title, page.Sensitive = w.Title, true
	w.Back = ui.Link{Label: w.p.T("Back to the audit"), Href: path}
	w.Forms = forms
	return w.show(fiber.StatusOK, pages.DocumentPage(page, w.Document))
}

// pdf sends the document as PDF, to be kept.
func (w *scribe) pdf(name string) error {
	body, err := w.onPDF()
	if err != nil {
		return err
	}
	return w.keep("application/pdf", name+".pdf", body)
}

// named is the title with the reference, so that no two audits have documents
// of one name.
func (w *scribe) named() string {
	for _, f := range w.Facts {
		if f.Name == w.p.T("Reference") && !strings.Contains(w.Title, f.Value) {
			return w.Title + ", " + f.Value
		}
	}
	return w.Title
}

// onPDF is the document as PDF.
func (w *scribe) onPDF() ([]byte, error) {
	told := map[string]bool{}
	l := paper.Letter{Title: w.Title, Name: w.named(), Lang: orElse(w.Lang, w.p.Tag()), From: w.From, To: w.To, Facts: w.onPaper(w.Facts, told), Closing: w.Closing,
		Page: w.p.T("Page {number} of {all}"), At: w.Now()}
	for _, b := range w.Blocks {
		block := paper.Block{Kind: b.Kind, Text: b.Text, Items: w.onPaper(b.Items, told)}
		for _, c := range b.Grid.Columns {
			block.Grid.Columns = append(block.Grid.Columns, paper.Column(c))
		}
		for _, row := range b.Grid.Rows {
			var cells []string
			for _, c := range row {
				cells = append(cells, paperCell(c))
			}
			block.Grid.Rows = append(block.Grid.Rows, cells)
		}
		l.Blocks = append(l.Blocks, block)
		if rules := gridRules(b.Grid, told); len(rules) > 0 {
			l.Blocks = append(l.Blocks, paper.Block{Kind: paper.List, Items: rules})
		}
	}
	var out bytes.Buffer
	if err := paper.Write(&out, l); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// keep sends a file that a browser keeps instead of showing it, powerless if
// it is shown after all.
func (b *bench) keep(mediaType, name string, body []byte) error {
	b.c.Set(fiber.HeaderContentType, mediaType)
	b.c.Set(fiber.HeaderContentDisposition, attachment(name))
	b.c.Set(fiber.HeaderContentSecurityPolicy, sandboxed)
	return b.c.Send(body)
}

func (b *bench) keepJSON(name string, v any) error {
	body, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		return err
	}
	return b.keep("application/json", name+".json", body)
}

// ruleFact marks the facts that say what a clause makes the portal do.
const ruleFact = "rule-"

// onPaper are facts on paper, where a chip cannot be opened: its words stand
// under the value, the first time that the clause comes up.
func (w *scribe) onPaper(facts []ui.Fact, told map[string]bool) []paper.Fact {
	var all []paper.Fact
	for _, f := range facts {
		note := f.Note
		switch c := f.Chip; {
		case c == nil:
		case strings.HasPrefix(f.TestID, ruleFact): // says its clause itself
			note = strings.TrimSuffix(c.Label+": "+f.Note, ": ")
		case w.brief, told[c.Label+c.Does]:
			note = stacked(note, c.Label)
		default:
			told[c.Label+c.Does] = true
			note = stacked(note, c.Label+": "+c.Does)
		}
		all = append(all, paper.Fact{Name: f.Name, Value: f.Value, Note: note})
	}
	return all
}

// gridRules are the words of the clauses that a table names, once each.
func gridRules(g pages.Grid, told map[string]bool) []paper.Fact {
	var all []paper.Fact
	for _, row := range g.Rows {
		for _, cell := range row {
			if c := cell.Chip; c != nil && !told[c.Label+c.Does] {
				told[c.Label+c.Does] = true
				all = append(all, paper.Fact{Value: c.Label + ": " + c.Does})
			}
		}
	}
	return all
}

func paperCell(c pages.GridCell) string {
	text := stacked(c.Text, c.Note)
	if c.Chip != nil {
		text = stacked(text, c.Chip.Label)
	}
	return text
}

// stacked are two texts on lines of their own, of which either may be empty.
func stacked(a, b string) string {
	if a == "" || b == "" {
		return a + b
	}
	return a + "\n" + b
}

// undertakingOf writes the undertaking as it was signed, in the language in
// which it was.
func (b *bench) undertakingOf() (*scribe, error) {
	o, err := b.open()
	if err != nil {
		return nil, err
	}
	if o.sight != audits.Content || o.a.Auditor == nil || o.a.Auditor.Undertaken == nil {
		return nil, audits.ErrNotFound
	}
	text, err := b.Audits.Undertaking(b.ctx, b.by, o.a, b.p.Tag())
	if err != nil {
		return nil, err
	}
	u := o.a.Auditor.Undertaken
	w := &scribe{bench: b, terms: o.rules.Terms, agreement: o.a.Agreement}
	w.Title = b.p.T("Confidentiality undertaking for audit %s", o.a.Reference)
	if len(text.Lines) > 0 {
		w.Title, text.Lines = text.Lines[0], text.Lines[1:]
	}
	w.From, w.To = []string{o.story.SignedAs}, []string{b.org(o.a.Controller), b.org(o.a.Processor)}
	w.Facts = append(w.under(o.a.Reference, o.rules.Terms.Title, o.a.Version, ""),
		ui.Fact{Name: b.p.T("Signed"), Value: b.p.DateTime(u.At), Chip: w.clause(agreements.TermConfidentiality, "")})
	if text.Language != b.p.Tag() {
		w.Lang = text.Language
	}
	for _, line := range text.Lines {
		w.say(line)
	}
	w.state(ui.Fact{Name: b.p.T("Signed as"), Value: o.story.SignedAs}, ui.Fact{Name: b.p.T("Version of the text"), Value: b.p.T("%d", u.Version)},
		ui.Fact{Name: b.p.T("Fingerprint of the text (SHA-256)"), Value: u.SHA256})
	return w, nil
}

func (b *bench) undertakingPage() error {
	w, err := b.undertakingOf()
	if err != nil {
		return err
	}
	return w.page("/audits/"+b.c.Params("id"), ui.Link{Label: b.p.T("As PDF, to keep"), Href: b.c.Path() + ".pdf"})
}

func (b *bench) undertakingPDF() error {
	w, err := b.undertakingOf()
	if err != nil {
		return err
	}
	return w.pdf(b.p.T("undertaking"))
}
