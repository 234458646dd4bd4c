package web

import (
	"bytes"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/views/layout"
	pages "inzage/views/pages/subject"
	"inzage/views/paper"
	"inzage/views/ui"
)

// missive is what a letter says, before it is a page or a document.
type missive struct {
	title string
	about string // the request's reference
	head  layout.Letter
	body  []pages.Block
}

// pdf sends a letter as a document to keep.
func (s subject) pdf(c *fiber.Ctx, l missive, name string) error {
	body, err := s.onPDF(c, l)
	if err != nil {
		return err
	}
	s.attachmentHeaders(c, "application/pdf", name+"-"+l.about+".pdf")
	return c.Send(body)
}

// onPDF is the letter as a document.
func (s subject) onPDF(c *fiber.Ctx, l missive) ([]byte, error) {
	p := s.speech(c)
	doc := paper.Letter{Title: l.title, Lang: p.Tag(), From: l.head.From, To: l.head.To,
		Facts: paperFacts(l.head.Facts), Closing: l.head.Closing, Page: p.T("Page {number} of {all}"), At: s.Now()}
	for _, b := range l.body {
		doc.Blocks = append(doc.Blocks, paperBlock(b))
	}
	var out bytes.Buffer
	if err := paper.Write(&out, doc); err != nil {
		return nil, err
	}
	return out.Bytes(), nil
}

// onPage shows a letter.
func (s subject) onPage(c *fiber.Ctx, l missive) error {
	page := s.page(c, "")
	page.Title, page.Sensitive = l.title, true
	return respond.Page(c, fiber.StatusOK, pages.LetterPage(page, pages.Letter{Head: l.head, Lang: s.speech(c).Tag(), Blocks: l.body}))
}

func paperBlock(b pages.Block) paper.Block {
	return paper.Block{Kind: b.Kind, Text: b.Text, Law: b.Law, Items: paperFacts(b.Items)}
}

func paperFacts(facts []ui.Fact) []paper.Fact {
	var all []paper.Fact
	for _, f := range facts {
		all = append(all, paper.Fact{Name: f.Name, Value: f.Value})
	}
	return all
}
