package ui

// Clause is the rule behind something that the portal computed: a date, a
// route, a cost, a refusal, a button that cannot be pressed.
type Clause struct {
	Label string // "mpg 8.1" or "art. 12(3) GDPR"
	Title string // what the clause is about
	Does  string // two sentences: what it makes the portal do
	Href  string // the terms, at this clause
}
