package web

import (
	"github.com/gofiber/fiber/v2"

	"inzage/services/identity"
	"inzage/services/requests"
)

// Paper sends a document, a table for spreadsheets or a dossier as the pages
// do, to whom the API let in, by the name of its operation there. Parameters of
// the path and the query are called as those of the page. It returns the
// refusal and then has sent nothing.
func (s *Site) Paper(c *fiber.Ctx, by identity.Actor, operation string) error {
	c.Locals(forProgram{}, true)
	d := desk{staff: staff{s}, c: c, ctx: c.UserContext(), by: by, p: s.speech(c), names: map[string]string{}}
	b, h, own := bench{d}, house{s}, subject{s}
	send, ok := map[string]func() error{
		"print-notice": b.noticePDF, "print-undertaking": b.undertakingPDF, "print-closing-report": b.reportPDF, "export-statement": b.statementCSV,
		"export-record": b.recordCSV, "export-day": b.dayFile, "export-audits": b.listCSV, "take-audit-dossier": b.dossier,
		"take-request-dossier": d.dossier, "export-requests": d.queueCSV, "export-assists": d.assistsCSV,
		"export-people":        func() error { return h.peopleCSV(c) },
		"export-organisations": func() error { return h.organisationsCSV(c) },
		"export-agreements":    func() error { return h.agreementsCSV(c) },
		"print-answer":         func() error { return own.answerPDF(c) },
		"take-answer":          func() error { return own.answerZIP(c) },
		"print-complaint":      func() error { return own.complaintPDF(c) },
	}[operation]
	if !ok {
		return requests.ErrNotFound
	}
	return send()
}
