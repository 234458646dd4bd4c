package mail

import (
	"inzage/views/layout"
	"inzage/views/ui"
)

// letter is the head of the page.
func (n Notice) letter(p ui.Page) layout.Letter {
	l := layout.Letter{From: []string{n.From}, To: []string{n.To}, Facts: []ui.Fact{
		{Name: p.T("Date"), Value: n.Date, Lang: n.Lang},
		{Name: p.T("Reference"), Value: n.Reference},
	}}
	if n.Sent != "" {
		l.Facts = append(l.Facts, ui.Fact{Name: p.T("Sent"), Value: n.Sent})
	}
	if n.Seal != "" {
		l.Facts = append(l.Facts, ui.Fact{Name: p.T("Entry in the ledger"), Value: n.Seal})
	}
	if n.Back != "" {
		l.Back = &ui.Link{Label: p.T("Back to the request"), Href: n.Back}
	}
	return l
}
