package web

import (
	"github.com/a-h/templ"

	"inzage/views/ui"
)

func conductMoves() map[string]move { return map[string]move{} }

// conductPart shows the questions, the house rules and the visits.
func (b *bench) conductPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	return nil, nil
}
