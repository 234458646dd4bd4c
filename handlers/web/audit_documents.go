package web

import (
	"github.com/gofiber/fiber/v2"

	"inzage/views/ui"
)

func (s auditing) mountDocuments(app *fiber.App, anyone fiber.Handler) {}

// documents are what can be kept or printed of the audit.
func (b *bench) documents(o papers) []ui.File { return nil }
