// Package gallery shows every component with made-up values, to look at in a
// browser and to check in tests. It is no part of the portal.
package gallery

import (
	"time"

	"inzage/views/language"
	"inzage/views/ui"
)

func page(p *language.Printer, title, path string) ui.Page {
	return ui.Page{
		Lang: p.Tag(), T: p.T, Title: title, Path: path, Zone: p.Zone(),
		Nonce: "nonce", CSRF: "token",
	}
}

func staff(p *language.Printer, title, path string) ui.Page {
	pg := page(p, title, path)
	pg.User = &ui.User{Name: "Noor van der Meulen", Organisation: "Bakkerij De Korenaar", Roles: []string{"Privacy officer"}, Account: "/account", SignOut: "/sign-out"}
	pg.Nav = []ui.NavItem{
		{Label: "Requests", Href: "/requests", Current: true, Count: 7}, {Label: "Audits", Href: "/audits"},
		{Label: "Agreements", Href: "/agreements"}, {Label: "People", Href: "/people"}, {Label: "Ledger", Href: "/ledger"},
	}
	return pg
}

func day(month time.Month, d int) time.Time { return time.Date(2026, month, d, 12, 0, 0, 0, time.UTC) }

func gdpr(p *language.Printer) *ui.Clause {
	return &ui.Clause{
		Label: "art. 12(3) GDPR", Title: "The term for an answer", Href: "/law/12-3",
		Does: "The answer is due within one month of receipt. The portal counts the earlier of 30 days and the calendar month, and does not move the date over a weekend.",
	}
}

func mpg(*language.Printer) *ui.Clause {
	return &ui.Clause{
		Label: "mpg 8.1", Title: "Requests of data subjects", Href: "/agreements/mpg#8.1",
		Does: "The processor forwards a request to the controller without answering it. The portal therefore forwarded this one by itself, and told the person so.",
	}
}

// clock is a request on its way, with dates close together at the end.
func clock(p *language.Printer, today time.Time, days int, tone ui.Tone) ui.Clock {
	due := day(time.December, 17)
	mark := func(t time.Time, kind ui.MarkKind, short, label, note string, chip *ui.Clause) ui.Mark {
		return ui.Mark{At: t, Kind: kind, Short: short, Label: label, Note: note, Chip: chip, Day: p.DayMonth(t), Date: p.Date(t)}
	}
	return ui.Clock{
		Title: "The answer to this request", Words: p.Until(days, p.Date(due)), Tone: tone, Chip: gdpr(p),
		Marks: []ui.Mark{
			mark(day(time.November, 17), ui.Event, "Received", "Received at Loonstroom Salarisverwerking", "The clock runs from here, the earlier of both receipts.", nil),
			mark(day(time.November, 18), ui.Event, "Forwarded", "Forwarded to Bakkerij De Korenaar", "", mpg(p)),
			mark(day(time.November, 24), ui.Event, "Help asked", "Loonstroom asked to help", "", nil),
			mark(today, ui.Today, "Today", "Today", "", nil),
			mark(due, ui.Enforced, "Answer due", "The answer is due", "30 days after receipt; the calendar month ends on the same day.", gdpr(p)),
			mark(day(time.December, 18), ui.Reading, "Statutory", "Calendar month, rolled over", "Regulation 1182/71: a term that ends on a holiday ends on the next working day.", nil),
			mark(day(time.December, 21), ui.Reading, "Last reading", "Thirty days from identification", "", nil),
		},
	}
}

func fields() (all []ui.Field, errors ui.FieldErrors) {
	errors = ui.FieldErrors{{Name: "email", Text: "Fill in a complete e-mail address, like name@example.org."}, {Name: "right", Text: "Choose at least one thing that you want to ask."}}
	return []ui.Field{
		{Name: "name", Label: "Your name", Hint: "As the organisation knows you.", Value: `Noor "<b>O'Neil</b>" & co`, Autocomplete: "name"},
		{Name: "email", Label: "Your e-mail address", Hint: "We send a code to it, and later the answer's link.", Value: "noor@", Error: errors.For("email")},
		{Name: "what", Label: "What should be corrected, and into what?", Optional: true, Rows: 4, Value: "My address is wrong.\nIt should be Lindelaan 4."},
		{Name: "right", Label: "What do you want to ask?", Error: errors.For("right"), Values: []string{"access"}, Options: []ui.Option{
			{Value: "access", Label: "See which data they have about me", Hint: "For example: every payslip since 2021."},
			{Value: "rectification", Label: "Have something corrected", Hint: "For example: a wrong address."},
			{Value: "erasure", Label: "Have something erased", Off: true, Hint: "This organisation has to keep payroll records for seven years.", Chip: &ui.Clause{Label: "art. 17(3)(b) GDPR", Title: "Kept by law", Does: "Data that a law requires to be kept cannot be erased. The portal says so before you ask."}},
		}},
	}, errors
}
