package web

import (
	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"inzage/views/ui"
)

func (s auditing) mountBooking(app *fiber.App, party fiber.Handler) {}

func bookingMoves() map[string]move { return map[string]move{} }

// bookingPart shows, rule by rule, how the audit stands by its agreement.
func (b *bench) bookingPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	return nil, nil
}

// inquiriesPart shows what was asked of the processor, and what it answered.
func (b *bench) inquiriesPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	return nil, nil
}
