package web

import (
	"errors"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/session"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
	"inzage/views/language"
	"inzage/views/ui"
)

func actorOf(c *fiber.Ctx) identity.Actor { return session.Actor(c) }

// refusalOf is the refusal in err's chain, nil when it is trouble of our own.
func refusalOf(err error) *fault.Error {
	var f *fault.Error
	if errors.As(err, &f) {
		return f
	}
	return nil
}

// asks names a right as the data subject asks for it.
func (s subject) asks(p *language.Printer, r requests.Right) string {
	switch r {
	case requests.Access:
		return p.T("See my data")
	case requests.Rectification:
		return p.T("Have data corrected or completed")
	case requests.Erasure:
		return p.T("Have data erased")
	case requests.Restriction:
		return p.T("Have data not used for a while")
	case requests.Portability:
		return p.T("Take my data with me")
	case requests.Objection:
		return p.T("Object to how my data are used")
	}
	return string(r)
}

// says explains a right in one sentence, with an example.
func (s subject) says(p *language.Printer, r requests.Right) (sentence, example string) {
	switch r {
	case requests.Access:
		return p.T("You get a copy of the data about you, and you hear what they are used for."), p.T("For example: all my payslips and the notes about my illness.")
	case requests.Rectification:
		return p.T("Data about you that are wrong or not complete are put right."), p.T("For example: my address is still the old one.")
	case requests.Erasure:
		return p.T("Data about you that are no longer needed are removed."), p.T("For example: erase the account that I closed last year.")
	case requests.Restriction:
		return p.T("The data stay where they are, but nobody uses them until a question is settled."), p.T("For example: we disagree about a bill; do not use my data until that is settled.")
	case requests.Portability:
		return p.T("You get the data that you gave yourself as a file that another organisation can read."), p.T("For example: my contacts and messages, for my new provider.")
	case requests.Objection:
		return p.T("You say that your data may not be used for something, because of your situation."), p.T("For example: no more advertising by mail.")
	}
	return "", ""
}

// provision is the id of the right's article among the laws that are explained.
func (s subject) provision(r requests.Right) string { return requests.Article(r) }

// state is where a request stands, in a word.
func (s subject) state(p *language.Printer, r requests.Request) ui.State {
	st := ui.State{Code: string(r.State)}
	switch r.State {
	case requests.Unconfirmed:
		st.Tone, st.Word = ui.Warn, p.T("Not sent yet")
	case requests.Received:
		st.Tone, st.Word = ui.Info, p.T("Received")
	case requests.Forwarded:
		st.Tone, st.Word = ui.Info, p.T("Forwarded")
	case requests.Acknowledged:
		st.Tone, st.Word = ui.Waiting, p.T("Taken up")
	case requests.InProgress:
		st.Tone, st.Word = ui.Waiting, p.T("Being answered")
	case requests.Identifying:
		st.Tone, st.Word = ui.Warn, p.T("Question for you")
	case requests.Decided:
		st.Tone, st.Word = ui.Good, p.T("Decided")
	case requests.Delivered:
		st.Tone, st.Word = ui.Good, p.T("Answer is ready")
	case requests.Closed:
		st.Tone, st.Word = ui.Neutral, p.T("Closed")
	case requests.Withdrawn:
		st.Tone, st.Word = ui.Neutral, p.T("Withdrawn")
	case requests.Misdirected:
		st.Tone, st.Word = ui.Neutral, p.T("Meant for somebody else")
	case requests.Merged:
		st.Tone, st.Word = ui.Neutral, p.T("Answered with another request")
	}
	if r.State == requests.Identifying && !r.Waiting {
		st.Tone, st.Word = ui.Waiting, p.T("Your answer is being looked at")
	}
	return st
}

// kind names a file's type.
func (s subject) kind(p *language.Printer, mediaType string) string {
	switch mediaType {
	case "application/pdf":
		return "PDF"
	case "application/json":
		return "JSON"
	case "text/csv":
		return "CSV"
	case "text/plain":
		return p.T("Text")
	case "application/zip", "application/gzip":
		return p.T("Archive")
	case "message/rfc822":
		return p.T("E-mail")
	}
	if len(mediaType) > 6 {
		switch mediaType[:6] {
		case "image/":
			return p.T("Picture")
		case "audio/":
			return p.T("Recording")
		case "video/":
			return p.T("Video")
		}
	}
	return p.T("File")
}

func (s subject) file(p *language.Printer, f requests.NamedFile) ui.File {
	return ui.File{Name: f.Name, Kind: s.kind(p, f.Type), Size: p.Bytes(f.Size)}
}

func (s subject) files(p *language.Printer, all []requests.NamedFile) []ui.File {
	var list []ui.File
	for _, f := range all {
		list = append(list, s.file(p, f))
	}
	return list
}
