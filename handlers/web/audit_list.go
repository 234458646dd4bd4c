package web

import (
	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
)

func (s auditing) mountLists(app *fiber.App, anyone fiber.Handler) {
	app.Get("/audits", anyone, s.at((*bench).list))
}

// list shows the audits of the reader's organisation.
func (b *bench) list() error { return audits.ErrNotFound }
