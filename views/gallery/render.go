package gallery

import (
	"time"

	"github.com/a-h/templ"

	"inzage/views/language"
	"inzage/views/layout"
	"inzage/views/ui"
)

func first[A, B any](a A, _ B) A  { return a }
func second[A, B any](_ A, b B) B { return b }

// Pages gives every page of the gallery by its name.
func Pages(p *language.Printer) map[string]templ.Component {
	own := page(p, "Your request", "/r/abc?tab=1")
	own.For = "Bakkerij De Korenaar"
	own.Flash = &ui.Flash{Tone: ui.Good, Text: "Your answer was added to the request."}
	refused := page(p, "Your data and your question", "/file")
	refused.Invalid, refused.Demo, refused.For = true, true, "Bakkerij De Korenaar"
	letter := page(p, "Our decision on your request", "/letter")
	letter.Sensitive = true
	lost := page(p, "", "/nowhere")
	return map[string]templ.Component{
		"subject":  subject(p, own),
		"forms":    forms(p, refused),
		"queue":    queue(p, staff(p, "Requests", "/requests?view=mine")),
		"request":  request(p, staff(p, "Request K7QF-M2XD-9TRW", "/requests/1")),
		"messages": messages(p, page(p, "Messages and states", "/messages")),
		"letter":   decision(p, letter),
		"missing":  layout.Problem(lost, layout.Trouble{Status: 404}),
		"broken":   layout.Problem(lost, layout.Trouble{Status: 500, Number: "R-7F3K-22QD"}),
		"throttle": layout.Problem(lost, layout.Trouble{Status: 429, Retry: p.Duration(15 * time.Minute)}),
	}
}
