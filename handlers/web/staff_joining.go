package web

import (
	"strings"

	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

func (d *desk) askMerge(o dossier) (pages.Sheet, error) {
	twice, err := d.Requests.Duplicates(d.ctx, d.by, o.r)
	if err != nil {
		return pages.Sheet{}, err
	}
	f := ui.Field{Name: "reference", Label: d.p.T("Reference of the request that goes on"), Size: "medium", Value: orElse(d.field("reference"), d.c.Query("reference")), Autocomplete: "off"}
	var known []string
	for _, t := range twice {
		known = append(known, t.Reference)
	}
	if len(known) > 0 {
		f.Hint = d.p.T("Open requests of this person about the same: %s", strings.Join(known, ", "))
		f.Value = orElse(f.Value, known[0])
	}
	one := ui.Field{Name: "one_person", Label: d.p.T("I state that both requests are of one person"), Value: d.field("one_person"), Optional: true,
		Hint: d.p.T("Needed where the addresses do not show it: a letter without e-mail, two addresses, or somebody who acts for others.")}
	why := ui.Field{Name: "reason", Label: d.p.T("How you know that it is one person"), Value: d.field("reason"), Optional: true,
		Hint: d.p.T("It is kept with both requests, encrypted, and the log notes that you stated it.")}
	return pages.Sheet{Title: d.p.T("Join with another request of this person"), Asks: []pages.Ask{{Kind: "text", Field: f}, {Kind: "checkbox", Field: one}, {Kind: "area", Field: why}},
		Confirm: ui.Confirmation{Title: d.p.T("One answer serves both"), Grave: true, Facts: d.goesTo(o, d.p.T("Under which request this one goes on, by when the answer comes, and whether that is late")),
			Will: []string{d.p.T("This request goes on under the other one. Its rights, words, files, notes and questions to processors go along."),
				d.joinedDue(o),
				d.p.T("A right that the other request lacks is added to it, and is decided there."),
				d.p.T("The answer goes to the person of the other request, by the ways that were proven there. Nobody reads through it what was sent from another address."),
				d.p.T("The two can be separated again until something is decided.")},
			Chip: d.law("12(3) GDPR"), Confirm: ui.Button{Label: d.p.T("Join the two and tell the person"), Look: ui.Grave, TestID: "do"}}}, nil
}

// joinedDue says what the joining does to the date.
func (d *desk) joinedDue(o dossier) string {
	if o.r.OverdueAt(d.Now()) {
		return d.p.T("This request is late: the answer was due by %s. What goes on is late from then on, and the person is told so.", d.day(o.clock.Due))
	}
	return d.p.T("What goes on runs from the earliest receipt of both, and gets no more time than this one: until %s.", d.day(o.clock.Due))
}

func (d *desk) doMerge(s *requests.Service, id string) (string, error) {
	_, err := s.Join(d.ctx, d.by, id, requests.Join{Reference: d.field("reference"), OnePerson: d.field("one_person") != "", Reason: d.field("reason")})
	return "request-merged", err
}

func (d *desk) askSeparate(o dossier) (pages.Sheet, error) {
	m := pages.Sheet{Title: d.p.T("Separate a joined request again")}
	f := ui.Field{Name: "reference", Label: d.p.T("Which one goes on by itself"), Value: orElse(d.field("reference"), d.c.Query("reference"))}
	for _, h := range o.r.Holds {
		if o.r.Separable(h) {
			f.Options = append(f.Options, ui.Option{Value: h.Reference, Label: h.Reference, Hint: d.heldWords(h)})
		}
	}
	if len(f.Options) == 0 {
		m.Note = d.p.T("Something was decided since the requests were joined. They can no longer be separated.")
		return m, nil
	}
	if len(f.Options) == 1 {
		f.Value = f.Options[0].Value
	}
	m.Asks = []pages.Ask{{Kind: "radio", Field: f}}
	m.Confirm = ui.Confirmation{Title: d.p.T("Each goes on by itself"), Facts: d.goesTo(o, d.p.T("That the requests are answered each by itself again, and by when")),
		Will: []string{d.p.T("The other request stands in the queue again as it was, with the clock of its own receipt."),
			d.p.T("What it brought is taken off this one: rights, words, files, and questions to processors.")},
		Confirm: d.button(d.p.T("Separate the two and tell the person"))}
	return m, nil
}

func (d *desk) doSeparate(s *requests.Service, id string) (string, error) {
	_, err := s.Separate(d.ctx, d.by, id, d.field("reference"))
	return "request-separated", err
}

func (d *desk) askHandBack(o dossier) (pages.Sheet, error) {
	processor := d.org(o.r.Processor)
	return pages.Sheet{Title: d.p.T("Hand request %s back to %s", o.r.Reference, processor), Lead: d.p.T("Only when another organisation decides about these data. When nobody knows the person, a refusal is the answer."),
		Asks: []pages.Ask{{Kind: "area", Field: ui.Field{Name: "reason", Label: d.p.T("Why it is not yours, and what you know about whose it is"), Value: d.field("reason"), Hint: d.p.T("%s reads this. The person does not.", processor)}}},
		Confirm: ui.Confirmation{Title: d.p.T("%s finds out again who decides", processor), Grave: true, Facts: d.goesTo(o, d.p.T("That your organisation does not decide, and that %s has the request again", processor)),
			Will: []string{d.p.T("The request leaves your queue, and you no longer see what is in it."), d.p.T("Open questions to processors are withdrawn."),
				d.p.T("The clock goes on from the first receipt: the answer stays due by %s.", d.day(o.clock.Due))},
			Chip: d.law("12(3) GDPR"), Confirm: ui.Button{Label: d.p.T("Hand it back and tell the person"), Look: ui.Grave, TestID: "do"}}}, nil
}

func (d *desk) doHandBack(s *requests.Service, id string) (string, error) {
	_, err := s.HandBack(d.ctx, d.by, id, d.field("reason"))
	return "request-handed-back", err
}

// heldWords tell of a joined request when it came, through which channel, and
// whether it was late.
func (d *desk) heldWords(h requests.Held) string {
	words := d.p.T("Received on %s (%s), joined on %s.", d.p.Date(h.Received), strings.ToLower(d.channel(h.Channel)), d.p.Date(h.At))
	if h.Late {
		words += " " + d.p.T("It was late then.")
	}
	if h.Stated {
		words += " " + d.p.T("Stated to be of one person.")
	}
	return words
}

// linked are the other half of a split filing, what was joined with the
// request, and what other controllers have of it.
func (d *desk) linked(o dossier) ([]pages.Linked, error) {
	others, err := d.Requests.Linked(d.ctx, d.by, o.r)
	if err != nil {
		return nil, err
	}
	var list []pages.Linked
	for _, x := range others {
		l := pages.Linked{Link: ui.Link{Label: x.Reference}, Rights: d.rights(x.Rights()), State: d.state(x.Request)}
		if x.Visible {
			l.Href = "/requests/" + x.ID
		}
		switch x.How {
		case "into":
			l.Why = d.p.T("This request goes on under it; the answer is due by %s.", d.dayOf(x.Due))
			if x.OverdueAt(d.Now()) {
				l.Why = d.p.T("This request goes on under it. It is late: the answer was due by %s.", d.dayOf(x.Due))
			}
		case "holds":
			l.Why = d.p.T("Goes on under this request.") + " " + d.heldWords(*x.Held)
		case "shared":
			l.Why = d.p.T("%s decides on the same for the data that it controls", d.org(x.Desk))
		default:
			l.Why = d.p.T("The other part of the same request; %s decides on it", d.org(x.Desk))
		}
		list = append(list, l)
	}
	return list, nil
}

// joinedSteps offers to separate what was joined, from either of the two.
func (d *desk) joinedSteps(o dossier, m *pages.Request) error {
	holder, reference := o.r, ""
	if o.r.State == requests.Merged && o.sight == requests.Content {
		var err error
		if holder, err = d.Requests.Requests.Get(d.ctx, o.r.MergedInto); err != nil {
			return err
		}
		reference = o.r.Reference
	}
	if requests.May(d.by, holder, requests.Separate) != nil {
		return nil
	}
	for _, h := range holder.Holds {
		if holder.Separable(h) && (reference == "" || h.Reference == reference) {
			m.More = append(m.More, pages.Step{Label: d.p.T("Separate from request %s again", orElse(map[bool]string{true: holder.Reference}[reference != ""], h.Reference)),
				Href: "/requests/" + holder.ID + "/do/separate?reference=" + h.Reference, TestID: "do-separate"})
		}
	}
	return nil
}

// joinedRule says from what the clock runs, when that is a joined request.
func (d *desk) joinedRule(o dossier) []pages.Basis {
	h := o.clock.From
	if h == nil {
		return nil
	}
	return []pages.Basis{{Text: d.p.T("It runs from the receipt of request %s, %s (%s), which was joined with this one.", h.Reference, d.p.Date(h.Received), strings.ToLower(d.channel(h.Channel))),
		Source: d.cited("12(3) GDPR"), Chips: d.provisions("12(3) GDPR")}}
}

// joinedContent adds what the joined requests carry to what stands on the page.
func (d *desk) joinedContent(o dossier, m *pages.Request) {
	lang := d.foreign(o.r.Language)
	for _, j := range o.story.Joined {
		facts := []ui.Fact{{Name: d.p.T("Person"), Value: j.Person.Name, Note: orElse(j.Person.Email, d.p.T("without an e-mail address"))}}
		for _, f := range []ui.Fact{{Name: d.p.T("Telephone"), Value: j.Person.Phone}, {Name: d.p.T("Known by"), Value: j.Person.Identifiers}, {Name: d.p.T("The organisation in their words"), Value: j.About},
			{Name: d.p.T("Why it was entered late"), Value: j.LateReason}, {Name: d.p.T("Why it is one person"), Value: j.Reason}, {Name: d.p.T("Why its term was extended"), Value: j.Extended}} {
			if f.Value != "" {
				facts = append(facts, f)
			}
		}
		if rep := j.Person.Representative; rep != nil {
			facts = append(facts, ui.Fact{Name: d.p.T("Represented by"), Value: rep.Name, Note: rep.Capacity})
		}
		m.Joined = append(m.Joined, pages.Joined{Reference: j.Reference, Says: d.heldWords(j.Held), Facts: facts})
		for _, a := range j.Said {
			m.Additions = append(m.Additions, ui.Fact{Name: d.p.T("%s, in request %s", d.p.DateTime(a.At), j.Reference), Value: orElse(a.Text, d.p.T("Files only; they stand among the files.")), Lang: lang})
		}
		for _, q := range j.Questions {
			one := d.question(q, lang)
			one.Title = d.p.T("%s, in request %s", one.Title, j.Reference)
			m.Questions = append(m.Questions, one)
		}
		for _, n := range j.Remarks {
			m.Notes = append(m.Notes, ui.Entry{What: d.p.T("In request %s", j.Reference), When: d.p.DateTime(n.At), Note: n.Text, TestID: "note"})
		}
	}
	for _, h := range o.story.Handed {
		m.Banners = append(m.Banners, pages.Banner{Tone: ui.Warn, Title: d.p.T("%s handed this request back on %s", d.org(h.Controller), d.p.Date(h.At)), Text: h.Why})
	}
}

// askedBeside are the words of joined requests about a right, beside the request's own.
func (d *desk) askedBeside(o dossier, i requests.Item, card *pages.Right) {
	for _, j := range o.story.Joined {
		if !j.Has(i.Right) {
			continue
		}
		if i.From == j.ID {
			card.Asked = append(card.Asked, ui.Fact{Name: d.p.T("Asked in"), Value: j.Reference})
			continue
		}
		a := j.Asked[i.Right]
		for _, f := range d.askedFacts(i.Right, a, d.foreign(o.r.Language)) {
			f.Name = d.p.T("%s, in request %s", f.Name, j.Reference)
			card.Asked = append(card.Asked, f)
		}
	}
}

// askedFacts are what was asked about one right, part by part.
func (d *desk) askedFacts(right requests.Right, a requests.Asked, lang string) []ui.Fact {
	var facts []ui.Fact
	for _, f := range []struct{ name, value string }{
		{d.asksFor(right), a.What}, {d.p.T("What it should become"), a.Into}, {d.p.T("Which period"), a.Period}, {d.p.T("Where the data should go"), a.To}, {d.p.T("Their situation"), a.Reason},
	} {
		if f.value != "" {
			facts = append(facts, ui.Fact{Name: f.name, Value: f.value, Lang: lang})
		}
	}
	return facts
}

// withdrawsAlso lists what ends along with a request that others go on under.
func (d *desk) withdrawsAlso(o dossier) []string {
	var all []string
	for _, h := range o.r.Holds {
		all = append(all, d.p.T("Request %s ends as well: %s.", h.Reference, strings.ToLower(d.rights(h.Rights()))))
	}
	if len(all) > 0 {
		all = append(all, d.p.T("Should one of them go on, then separate it first."))
	}
	return all
}
