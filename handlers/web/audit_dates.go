package web

import (
	"github.com/a-h/templ"

	"inzage/views/ui"
)

func dateMoves() map[string]move { return map[string]move{} }

// datesPart shows the days that were proposed, and what became of each.
func (b *bench) datesPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	return nil, nil
}
