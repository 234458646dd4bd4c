package web

import (
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/services/requests"
	"inzage/views/language"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// links shows the other half of a split filing, what the request goes on under
// and what goes on under it, and what other controllers decide.
func (s subject) links(c *fiber.Ctx, v seen, page *pages.Request) error {
	linked, err := s.Requests.Linked(c.UserContext(), s.actor(c), v.r)
	if err != nil {
		return err
	}
	p := s.speech(c)
	for _, o := range linked {
		who, err := s.parties(c, o.Request)
		if err != nil {
			return err
		}
		page.Linked = append(page.Linked, s.relative(p, o, who.desk))
	}
	page.LinkedIs = p.T("What belongs with this request")
	return nil
}

// relative says how another request belongs with this one. What another address
// proved is named, and not opened.
func (s subject) relative(p *language.Printer, o requests.Relative, desk string) pages.Relative {
	out := pages.Relative{Link: ui.Link{Label: o.Reference + " – " + s.rightsList(p, o.Request)}}
	if o.Visible {
		out.Href = "/my/" + o.ID
	}
	due := o.Due
	if day, err := time.Parse(time.DateOnly, o.Due); err == nil {
		due = p.Day(day.Year(), day.Month(), day.Day())
	}
	switch {
	case o.How == "into" && o.OverdueAt(s.Now()):
		out.Says = p.T("Your request goes on under this one. It is late: the answer was due by %s.", due)
	case o.How == "into" && o.Owing():
		out.Says = p.T("Your request goes on under this one. You get the answer by %s.", due)
	case o.How == "into":
		out.Says = p.T("Your request goes on under this one.")
	case o.How == "holds":
		out.Says = p.T("Received on %s. It goes on under this request, and is answered here.", p.Date(o.Held.Received))
	case o.How == "shared":
		out.Says = p.T("%s decides on the same for the data that it holds.", desk)
	default:
		out.Says = p.T("You asked for more than one thing, and two organisations decide. %s decides on this other part.", desk)
	}
	return out
}

// askedBeside are the words of joined requests about a right, beside its own.
func (s subject) askedBeside(p *language.Printer, v seen, item requests.Item) []ui.Fact {
	var facts []ui.Fact
	for _, j := range v.story.Joined {
		if !j.Has(item.Right) || item.From == j.ID {
			continue
		}
		for _, f := range s.asked(p, item.Right, j.Asked[item.Right]) {
			f.Name = p.T("%s, in request %s", f.Name, j.Reference)
			facts = append(facts, f)
		}
	}
	return facts
}

// joinedSince is what the data subject said in requests that were joined.
func joinedSince(p *language.Printer, v seen) []ui.Entry {
	var all []ui.Entry
	for _, j := range v.story.Joined {
		for _, a := range j.Said {
			all = append(all, ui.Entry{What: p.T("You added, in request %s", j.Reference), When: p.DateTime(a.At), ISO: a.At.Format(time.RFC3339), Note: a.Text, Lang: v.r.Language})
		}
	}
	return all
}

// withdrawsAlso says of each joined request whether it ends as well.
func (s subject) withdrawsAlso(p *language.Printer, v seen) []string {
	var all []string
	for _, h := range v.r.Holds {
		rights := s.rightsList(p, requests.Request{Items: h.Items})
		if h.Same {
			all = append(all, p.T("Your request %s ends as well: %s.", h.Reference, rights))
		} else {
			all = append(all, p.T("Request %s does not end: it goes on by itself.", h.Reference))
		}
	}
	return all
}
