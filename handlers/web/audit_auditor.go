package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
	"inzage/views/ui"
)

func (s auditing) mountAuditor(app *fiber.App, anyone fiber.Handler) {}

func auditorMoves() map[string]move { return map[string]move{} }

// auditorPart shows who does the audit, and how far they are let in.
func (b *bench) auditorPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	return nil, nil
}

// threshold is what the auditor sees who has not signed.
func (b *bench) threshold(o papers) error { return audits.ErrNotFound }
