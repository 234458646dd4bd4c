package web

import (
	"bytes"
	"context"
	"io"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	dossiers "inzage/services/dossier"
	"inzage/services/requests"
	pages "inzage/views/pages/dossier"
	"inzage/views/ui"
)

// answerZIP sends the whole answer as one package: a page to read, the letter,
// the files, and what they are for machines (art. 20(1) GDPR). The service wrote
// the entry before.
func (s subject) answerZIP(c *fiber.Ctx) error {
	r, story, err := s.Requests.TakePackage(c.UserContext(), s.actor(c), c.Params("id"))
	if err != nil {
		return err
	}
	l, err := s.answerIn(c, r, story)
	if err != nil {
		return err
	}
	letter, err := s.onPDF(c, l)
	if err != nil {
		return err
	}
	p := s.speech(c)
	who, err := s.parties(c, r)
	if err != nil {
		return err
	}
	a := dossiers.Answer{Request: r, Files: story.Files, Language: p.Tag(), Title: l.title, By: who.desk, PageTitle: p.T("The answer, to read and print"),
		Letter: dossiers.Document{Name: p.T("answer") + ".pdf", Body: letter}, LetterTitle: p.T("The answer as a document"),
		For: func(right requests.Right) string { return s.asks(p, right) }}
	page, err := s.packagePage(c, a, l)
	if err != nil {
		return err
	}
	return respond.ZIP(c, s.Log, p.T("answer")+"-"+r.Reference, "answer", func(ctx context.Context, w io.Writer) error {
		return s.Dossiers.WriteAnswer(ctx, w, a, page)
	})
}

// packagePage is the page that leads to everything in the package.
func (s subject) packagePage(c *fiber.Ctx, a dossiers.Answer, l missive) ([]byte, error) {
	p := s.speech(c)
	page := pages.Page{Lang: p.Tag(), Title: l.title, Contents: p.T("On this page"), Facts: onPage(l.head.Facts),
		Lead: []string{p.T("This is the whole answer of %s. Beside this page stand the letter, your data, and the same described for other programs (datapackage.json).", a.By)}}
	part := pages.Section{Title: p.T("The answer itself")}
	for _, b := range l.body {
		if b.Kind == "heading" {
			page.Sections = append(page.Sections, part)
			part = pages.Section{Title: b.Text}
			continue
		}
		text := b.Text
		if text != "" && b.Law != "" {
			text += " (" + b.Law + ")"
		}
		one := pages.Part{Facts: onPage(b.Items)}
		if text != "" {
			one.Text = []string{text}
		}
		part.Parts = append(part.Parts, one)
	}
	page.Sections = append(page.Sections, part)
	t := &pages.Table{Columns: []string{p.T("File"), p.T("Belongs to"), p.T("Size"), p.T("Fingerprint (SHA-256)")},
		Rows: [][]pages.Fact{{{Value: a.LetterTitle, Href: inZIP(a.Letter.Name)}, {}, {Value: p.Bytes(int64(len(a.Letter.Body)))}, {}}}}
	for _, f := range a.Placed() {
		of := pages.Fact{}
		if f.For != "" {
			of.Value = a.For(f.For)
		}
		t.Rows = append(t.Rows, []pages.Fact{{Value: f.Name, Href: inZIP(f.Place)}, of, {Value: p.Bytes(f.Size)}, {Value: f.SHA256, Exact: true}})
	}
	page.Sections = append(page.Sections, pages.Section{Title: p.T("Files"), Parts: []pages.Part{{Table: t}}})
	var out bytes.Buffer
	err := pages.Whole(page).Render(context.WithoutCancel(c.UserContext()), &out)
	return out.Bytes(), err
}

func onPage(facts []ui.Fact) []pages.Fact {
	var all []pages.Fact
	for _, f := range facts {
		all = append(all, pages.Fact{Name: f.Name, Value: f.Value})
	}
	return all
}
