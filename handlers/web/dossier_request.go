package web

import (
	"bytes"
	"context"
	"fmt"
	"io"
	"slices"

	"inzage/handlers/respond"
	dossiers "inzage/services/dossier"
	"inzage/services/notify"
	"inzage/services/requests"
	pages "inzage/views/pages/dossier"
	staffPages "inzage/views/pages/staff"
	"inzage/views/paper"
	"inzage/views/ui"
)

// dossier hands out the whole file of a request.
func (d *desk) dossier() error {
	f, err := d.Dossiers.OfRequest(d.ctx, d.by, d.c.Params("id"), d.withFiles())
	if err != nil {
		return err
	}
	s, documents, err := d.requestSheaf(f)
	if err != nil {
		return err
	}
	page, err := s.finish()
	if err != nil {
		return err
	}
	return respond.ZIP(d.c, d.Log, d.p.T("dossier")+"-"+f.Request.Reference, "dossier", func(ctx context.Context, w io.Writer) error { return f.Write(ctx, w, page, documents) })
}

// requestSheaf is the readable page, with the documents beside it.
func (d *desk) requestSheaf(f dossiers.Request) (*sheaf, []dossiers.Document, error) {
	o := dossierOf(f)
	m, err := d.whole(o)
	if err != nil {
		return nil, nil, err
	}
	s := d.newSheaf(d.p.T("Dossier of request %s", f.Request.Reference), f.Base, f.JSON.Head)
	s.Facts = append([]pages.Fact{{Name: d.p.T("State"), Value: m.State.Word}}, s.facts(m.Facts)...)
	s.clock(m)
	for _, r := range m.Rights {
		s.right(r)
	}
	s.section(d.p.T("What the person added"), pages.Part{Facts: s.facts(m.Additions)})
	s.questions(m.Questions)
	s.help(f.Helps)
	s.answered(f.JSON.Delivery)
	all, err := s.notices(f.Notices)
	if err != nil {
		return nil, nil, err
	}
	documents := s.papers(all)
	s.filed(f.JSON.Files)
	s.section(d.p.T("Internal notes"), pages.Part{Facts: noted(m.Notes)})
	s.section(d.p.T("History"), s.told(d.p.T("What was done"), m.Story.Done), s.told(d.p.T("Who looked, and what was refused"), m.Story.Looked))
	s.proven(f.Ledgered)
	return s, documents, nil
}

// dossierOf is the request as the pages of the desk know it.
func dossierOf(f dossiers.Request) dossier {
	o := dossier{r: f.Request, sight: f.Sight, story: f.Story, clock: f.Clock}
	if f.Request.Shredded != nil {
		o.erased, o.sight = true, requests.Facts
	}
	return o
}

func (s *sheaf) clock(m staffPages.Request) {
	part := pages.Part{Text: []string{m.Clock.Words}}
	marks := slices.Clone(m.Clock.Marks)
	slices.SortStableFunc(marks, func(a, b ui.Mark) int { return a.At.Compare(b.At) })
	for _, k := range marks {
		if k.Kind != ui.Today {
			part.Facts = append(part.Facts, pages.Fact{Name: k.Date, Value: k.Label, Note: k.Note, Rule: s.rule(k.Chip)})
		}
	}
	var basis []pages.Fact
	for _, b := range m.Basis {
		basis = append(basis, pages.Fact{Value: b.Text, Note: b.Source})
	}
	s.section(s.p.T("The clock"), part, pages.Part{Title: s.p.T("The rules behind these dates"), Facts: basis})
}

func (s *sheaf) right(r staffPages.Right) {
	title := r.Name
	if r.State.Word != "" {
		title += ": " + r.State.Word
	}
	asked := pages.Part{Title: s.p.T("What was asked"), Facts: s.facts(r.Asked)}
	if len(asked.Facts) == 0 {
		asked = pages.Part{Text: []string{s.p.T("What was asked and decided is not part of this dossier.")}}
	}
	if name := s.rule(r.Chip); name != "" {
		asked.Text = append(asked.Text, name)
	}
	var told []pages.Fact
	for _, rc := range r.Recipients {
		told = append(told, pages.Fact{Name: rc.Name, Value: rc.State.Word})
	}
	parts := []pages.Part{asked}
	for _, p := range []pages.Part{{Title: s.p.T("What was decided"), Facts: s.facts(r.Decided)}, {Title: s.p.T("What the person was told about the use of the data"), Facts: s.facts(r.Informed)},
		{Title: s.p.T("Who had to be told of the change"), Facts: told}} {
		if len(p.Facts) > 0 {
			parts = append(parts, p)
		}
	}
	s.section(title, parts...)
}

func (s *sheaf) questions(all []staffPages.Question) {
	var parts []pages.Part
	for _, q := range all {
		parts = append(parts, pages.Part{Title: q.Title + ": " + q.State.Word, Facts: s.facts(q.Facts)})
	}
	s.section(s.p.T("Who the person is"), parts...)
}

func (s *sheaf) help(all []requests.Helped) {
	var parts []pages.Part
	for _, h := range all {
		facts := []ui.Fact{{Name: s.p.T("Asked"), Value: h.Question, Note: s.p.T("Asked on %s, due %s.", s.p.Date(h.AskedAt), s.endingOf(h.Due, h.Ends)), Chip: s.helpRule(h.Assist)},
			{Name: s.p.T("Answer"), Value: h.Reply}}
		if h.Answered != nil {
			facts[1].Note = s.p.T("Answered on %s.", s.p.Date(*h.Answered))
		}
		parts = append(parts, pages.Part{Title: s.p.T("%s: %s", s.org(h.Processor), s.helpOutcome(h.Assist).Word), Facts: s.facts(facts)})
	}
	s.section(s.p.T("Help of processors"), parts...)
}

func (s *sheaf) answered(a *dossiers.Delivery) {
	if a == nil {
		return
	}
	facts := []pages.Fact{{Name: s.p.T("Delivered"), Value: s.p.DateTime(a.At), Note: a.Proof}}
	for _, at := range a.Downloads {
		facts = append(facts, pages.Fact{Name: s.p.T("Downloaded"), Value: s.p.DateTime(at)})
	}
	s.section(s.p.T("How the answer reached the person"), pages.Part{Facts: facts})
}

// isDecision names the notices that tell a decision.
var isDecision = []string{string(requests.Granted), string(requests.Partly), string(requests.Denied)}

// notices shows everything that was written to the person, and lays each out
// as a document.
func (s *sheaf) notices(all []notify.Opened) ([]paperOf, error) {
	var parts []pages.Part
	var docs []paperOf
	for i, n := range all {
		w := n.Writing
		part := pages.Part{Title: w.Title, Lang: s.foreign(n.Language), Facts: []pages.Fact{{Name: s.p.T("Sent"), Value: s.p.DateTime(n.At), Lang: s.p.Tag()}}, Text: []string{w.Greeting}}
		for _, b := range w.Blocks {
			part.Text = append(part.Text, wordsOf(b))
		}
		parts = append(parts, part)
		var out bytes.Buffer
		if err := paper.Write(&out, s.onLetter(n)); err != nil {
			return nil, err
		}
		folder := "notices"
		if slices.Contains(isDecision, n.Kind) {
			folder = "decisions"
		}
		// Kinds are words of our own.
		docs = append(docs, paperOf{place: fmt.Sprintf("%s/%02d-%s.pdf", folder, i+1, n.Kind), title: w.Title, lang: part.Lang, body: out.Bytes()})
	}
	s.section(s.p.T("What was written to the person"), parts...)
	return docs, nil
}

// wordsOf is a block of a notice as text.
func wordsOf(b notify.Block) string {
	text := b.Text
	for _, i := range b.Items {
		line := i.Text
		if i.Label != "" {
			line = i.Label + ": " + i.Text
		}
		text = stacked(text, line)
	}
	if b.Law != "" {
		text += " (" + b.Law + ")"
	}
	return text
}

// onLetter is a notice as a letter on paper, in its own language.
func (s *sheaf) onLetter(n notify.Opened) paper.Letter {
	w := n.Writing
	p := s.Languages.Printer(n.Language, amsterdam())
	l := paper.Letter{Title: w.Title, Name: w.Title + ", " + w.Reference + ", " + w.Date, Lang: n.Language, From: []string{w.From}, To: []string{w.To}, Page: p.T("Page {number} of {all}"), At: n.At,
		Facts: []paper.Fact{{Name: p.T("Date"), Value: w.Date}, {Name: p.T("Reference"), Value: w.Reference}}, Blocks: []paper.Block{{Text: w.Greeting}}, Closing: []string{w.From}}
	for _, b := range w.Blocks {
		block := paper.Block{Kind: b.Kind, Text: b.Text, Law: b.Law}
		for _, i := range b.Items {
			block.Items = append(block.Items, paper.Fact{Name: i.Label, Value: i.Text})
		}
		l.Blocks = append(l.Blocks, block)
	}
	return l
}

func noted(notes []ui.Entry) []pages.Fact {
	var facts []pages.Fact
	for _, n := range slices.Backward(notes) {
		facts = append(facts, pages.Fact{Name: n.When, Value: n.Note, Note: n.What})
	}
	return facts
}
