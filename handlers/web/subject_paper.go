package web

import (
	"bytes"

	"github.com/gofiber/fiber/v2"

	pages "inzage/views/pages/subject"
	"inzage/views/paper"
	"inzage/views/ui"
)

// letterPDF is the same answer as a document to keep.
func (s subject) letterPDF(c *fiber.Ctx) error {
	v, head, blocks, err := s.answerOf(c, "pdf")
	if err != nil {
		return s.strong(c, err)
	}
	p := s.speech(c)
	l := paper.Letter{Title: p.T("Answer to your request %s", v.r.Reference), Lang: p.Tag(), From: head.From, To: head.To,
		Facts: paperFacts(head.Facts), Closing: head.Closing, Page: p.T("Page {number} of {all}"), At: s.Now()}
	for _, b := range blocks {
		l.Blocks = append(l.Blocks, paperBlock(b))
	}
	var out bytes.Buffer
	if err := paper.Write(&out, l); err != nil {
		return err
	}
	s.attachmentHeaders(c, "application/pdf", p.T("answer")+"-"+v.r.Reference+".pdf")
	return c.Send(out.Bytes())
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
