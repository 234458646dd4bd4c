package web

import (
	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
	"inzage/services/identity"
)

// AuditPaper sends a document of an audit, or a table for spreadsheets, as the
// pages do, to whom the API let in: the object is the "id" of the path. It
// returns the refusal and then has sent nothing.
func (s *Site) AuditPaper(c *fiber.Ctx, by identity.Actor, which string) error {
	send, ok := map[string]func(*bench) error{"notice.pdf": (*bench).noticePDF, "undertaking.pdf": (*bench).undertakingPDF, "closing-report.pdf": (*bench).reportPDF,
		"statement.csv": (*bench).statementCSV, "record.csv": (*bench).recordCSV, "day.ics": (*bench).dayFile}[which]
	if !ok {
		return audits.ErrNotFound
	}
	return send(&bench{desk{staff: staff{s}, c: c, ctx: c.UserContext(), by: by, p: s.speech(c), names: map[string]string{}}})
}
