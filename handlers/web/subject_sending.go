package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/services/identity"
	"inzage/services/mailaddress"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// sending says what became of the e-mail with a code, on the page at the given
// address. email is "" where it may not be shown, and cannot be changed.
func (s subject) sending(c *fiber.Ctx, f identity.Fate, email, at string) pages.Sending {
	p := s.speech(c)
	again := ui.Link{Label: p.T("Look again"), Href: at}
	switch {
	case f.Refused && email == "":
		return pages.Sending{Tone: ui.Danger, Title: p.T("The address was refused"),
			Text: p.T("The mail server of the address of this request does not take mail for it. Ask the organisation that has your request to change the address.")}
	case f.Refused:
		_, domain, _ := strings.Cut(mailaddress.Shown(email), "@")
		return pages.Sending{Tone: ui.Danger, Title: p.T("The address was refused"),
			Text: p.T("No mail is taken for this address at %s. Is it written right? Give another address below; the code goes there.", domain)}
	case f.GivenUp:
		return pages.Sending{Tone: ui.Danger, Title: p.T("There was trouble with mail"), Text: p.T("The code could not be sent in time. Ask for a new one.")}
	case f.Trouble && email == "":
		return pages.Sending{Tone: ui.Warn, Title: p.T("There is trouble with mail at the moment"), Links: []ui.Link{again}, Watch: at,
			Text: p.T("The code could not be sent yet. It is tried again all the time, and you can leave this page open.")}
	case f.Trouble:
		return pages.Sending{Tone: ui.Warn, Title: p.T("There is trouble with mail at the moment"), Links: []ui.Link{again}, Watch: at,
			Text: p.T("The code could not be sent yet. It is tried again all the time, and you can leave this page open. You can also give another address.")}
	case f.Waiting:
		return pages.Sending{Text: p.T("The code is being sent."), Links: []ui.Link{again}, Watch: at}
	}
	return pages.Sending{}
}
