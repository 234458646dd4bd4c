package web

import (
	"github.com/a-h/templ"

	"inzage/views/ui"
)

func costMoves() map[string]move { return map[string]move{} }

// costsPart shows the statement of costs: who bears which line, and by which clause.
func (b *bench) costsPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	return nil, nil
}
