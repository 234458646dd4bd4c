package web

import (
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// askAddress puts another e-mail address in the place of a wrong one.
func (d *desk) askAddress(o dossier) (pages.Sheet, error) {
	was := orElse(o.story.Person.Email, d.p.T("None"))
	return pages.Sheet{Title: d.p.T("Correct the e-mail address of request %s", o.r.Reference),
		Lead:  d.p.T("When it was mistyped, or when the person tells you another one. Be sure that it is the person who tells you."),
		Typed: []ui.Fact{{Name: d.p.T("The address now"), Value: was}},
		Asks: []pages.Ask{{Kind: "email", Field: ui.Field{Name: "email", Label: d.p.T("The right address"), Value: d.field("email"), Autocomplete: "off", Optional: true,
			Hint: d.p.T("Leave it empty when the person has none: then they get letters.")}}},
		Confirm: ui.Confirmation{Title: d.p.T("The earlier address is cut off at once"), Grave: true,
			Will: []string{d.p.T("Who reads its mail sees nothing of this request any more; links and codes that went there open nothing."),
				d.p.T("It gets one mail that says no more than that it is out of use."),
				d.p.T("The new address opens nothing until its holder has typed the word from a new letter. Print that letter from the page of the request, and post it or hand it over.")},
			Confirm: ui.Button{Label: d.p.T("Correct the address"), Look: ui.Grave, TestID: "do"}}}, nil
}

func (d *desk) doAddress(s *requests.Service, id string) (string, error) {
	_, err := s.CorrectAddress(d.ctx, d.by, id, d.field("email"))
	return "request-readdressed", err
}

// askWord makes a letter with a new word.
func (d *desk) askWord(o dossier) (pages.Sheet, error) {
	return pages.Sheet{Title: d.p.T("A letter with a new word for request %s", o.r.Reference),
		Lead: d.p.T("For when the letter did not arrive, or when too many wrong words were typed."), Confirm: ui.Confirmation{
			Title: d.p.T("The earlier word is of no use any more"),
			Will:  []string{d.p.T("The letter stands on the page of the request. Print it, and post it or hand it over; never send the word by e-mail.")},
			Chip:  d.law("12(6) GDPR"), Confirm: d.button(d.p.T("Make the letter"))}}, nil
}

func (d *desk) doWord(s *requests.Service, id string) (string, error) {
	_, err := s.RenewWord(d.ctx, d.by, id)
	return "request-word", err
}

// unheld says that the holder of the address has not shown to be the person.
func (d *desk) unheld(o dossier, m *pages.Request) {
	if o.r.MailHash == "" || o.r.Held() {
		return
	}
	b := pages.Banner{Tone: ui.Warn, Title: d.p.T("The e-mail address was typed by staff"),
		Text: d.p.T("Who reads its mail sees nothing yet, and is mailed nothing of the request. They need the word that stands in the letter: print the letter below, and post it or hand it over. Or ask who the person is, and settle it.")}
	if o.r.Holder.Tries >= requests.WordTries {
		b.Text = d.p.T("Too many wrong words were typed, so no word is looked at any more. Make a letter with a new word, or ask who the person is, and settle it.")
	}
	m.Banners = append(m.Banners, b)
}
