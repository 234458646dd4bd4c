package web

import (
	"github.com/a-h/templ"

	"inzage/views/ui"
)

func findingMoves() map[string]move { return map[string]move{} }

// findingsPart shows the findings and the report, with each side's position.
func (b *bench) findingsPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	return nil, nil
}

// measuresPart shows what is done about the findings.
func (b *bench) measuresPart(page ui.Page, o papers, _ ui.FieldErrors) (templ.Component, error) {
	return nil, nil
}
