package web

import (
	"inzage/services/fault"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// goesTo are the facts of what will be sent to the person, and how.
func (d *desk) goesTo(o dossier, what string) []ui.Fact {
	how := d.p.T("On their page, and an e-mail to %s announces it", o.story.Person.Email)
	if o.story.Person.Email == "" {
		how = d.p.T("There is no e-mail address: print the notice from the page of the request and post it")
	}
	return []ui.Fact{
		{Name: d.p.T("What is sent"), Value: what},
		{Name: d.p.T("To"), Value: o.person(), TestID: "goes-to"},
		{Name: d.p.T("How"), Value: how},
		{Name: d.p.T("In which language"), Value: d.languageName(o.r.Language)},
	}
}

func (d *desk) button(label string) ui.Button { return ui.Button{Label: label, TestID: "do"} }

func (d *desk) askTakeUp(o dossier) (pages.Sheet, error) {
	return pages.Sheet{Title: d.p.T("Take request %s up", o.r.Reference), Confirm: ui.Confirmation{
		Title: d.p.T("You take this request"),
		Facts: d.goesTo(o, d.p.T("That you are working on it, and that the answer comes by %s", d.day(o.clock.Due))),
		Will: []string{d.p.T("The request stands in your list from now on, unless a colleague has it already."),
			d.p.T("You can then decide on each right, ask who the person is, or ask a processor for help."),
			d.p.T("The clock goes on as it did: the answer is due by %s.", d.day(o.clock.Due))},
		Chip: d.law("12(3) GDPR"), Confirm: d.button(d.p.T("Take it up and tell the person"))}}, nil
}

func (d *desk) doTakeUp(s *requests.Service, id string) (string, error) {
	_, err := s.TakeUp(d.ctx, d.by, id)
	return "request-taken-up", err
}

func (d *desk) askAssign(o dossier) (pages.Sheet, error) {
	people, err := d.Identity.Colleagues(d.ctx, d.by, requests.WorkerAt(o.r))
	if err != nil {
		return pages.Sheet{}, err
	}
	f := ui.Field{Name: "colleague", Label: d.p.T("Who takes it"), Value: orElse(d.field("colleague"), o.r.Assignee)}
	for _, p := range people {
		label := p.Name
		if p.Account == d.by.Account {
			label = d.p.T("%s (you)", p.Name)
		}
		f.Options = append(f.Options, ui.Option{Value: p.Account, Label: label})
	}
	f.Options = append(f.Options, ui.Option{Value: "nobody", Label: d.p.T("Nobody: it goes back to the list of all")})
	return pages.Sheet{Title: d.p.T("Who takes request %s?", o.r.Reference), Asks: []pages.Ask{{Kind: "radio", Field: f}}, Confirm: ui.Confirmation{
		Title: d.p.T("Give it on"), Will: []string{d.p.T("It stands in the list of your colleague, who gets a message about it."), d.p.T("The person who asks does not notice anything.")},
		Confirm: d.button(d.p.T("Give the request to this colleague"))}}, nil
}

func (d *desk) doAssign(s *requests.Service, id string) (string, error) {
	to := d.field("colleague")
	if to == "nobody" {
		to = ""
	}
	_, err := s.AssignTo(d.ctx, d.by, id, to)
	return "request-assigned", err
}

func (d *desk) askNote(o dossier) (pages.Sheet, error) {
	return pages.Sheet{Title: d.p.T("Write a note with request %s", o.r.Reference),
		Asks: []pages.Ask{{Kind: "area", Field: ui.Field{Name: "note", Label: d.p.T("Note"), Value: d.field("note"), Hint: d.p.T("Write it so that the person may read it one day: a note can be part of what somebody asks to see.")}}},
		Confirm: ui.Confirmation{Title: d.p.T("Keep this note"), Will: []string{d.p.T("Your colleagues who answer requests see it. The person and the other party do not."), d.p.T("It cannot be changed afterwards, and is erased with the request.")},
			Confirm: d.button(d.p.T("Keep this note"))}}, nil
}

func (d *desk) doNote(s *requests.Service, id string) (string, error) {
	_, err := s.Jot(d.ctx, d.by, id, d.field("note"))
	return "request-noted", err
}

func (d *desk) askIdentity(o dossier) (pages.Sheet, error) {
	m := pages.Sheet{Title: d.p.T("Ask who the person is"), Lead: d.p.T("Only ask when there is a real reason to doubt. Somebody who wrote from a known address, or who signed in, has said enough."),
		Asks: []pages.Ask{
			{Kind: "area", Field: ui.Field{Name: "reason", Label: d.p.T("Why do you doubt who this is?"), Hint: d.p.T("The person reads this."), Value: d.field("reason"), Lang: o.r.Language}},
			{Kind: "area", Field: ui.Field{Name: "least", Label: d.p.T("What is the least that settles it?"), Value: d.field("least"), Lang: o.r.Language,
				Hint: d.p.T("For example a customer number, or the date of the last order. A copy of an identity document is seldom allowed.")}},
		},
		Confirm: ui.Confirmation{Title: d.p.T("This question goes to the person"), Facts: d.goesTo(o, d.p.T("Your question, with the reason, and that needless parts may be made unreadable")),
			Will: []string{d.p.T("The person answers on their page, where it is encrypted."), d.p.T("The law may let the clock stand meanwhile. This portal does not: the answer stays due by %s.", d.day(o.clock.Due))},
			Chip: d.law("12(6) GDPR"), Confirm: d.button(d.p.T("Send this question"))}}
	return m, nil
}

func (d *desk) doIdentity(s *requests.Service, id string) (string, error) {
	_, err := s.Ask(d.ctx, d.by, id, d.field("reason"), d.field("least"))
	return "request-asked", err
}

func (d *desk) askSettle(o dossier) (pages.Sheet, error) {
	m := pages.Sheet{Title: d.p.T("Is it clear who the person is?")}
	f := ui.Field{Name: "enough", Label: d.p.T("Your judgement"), Value: d.field("enough")}
	f.Options = append(f.Options, ui.Option{Value: "yes", Label: d.p.T("Yes, it is settled"), Hint: d.p.T("The request goes on where it was.")})
	if n := len(o.story.Questions); n > 0 {
		q := o.story.Questions[n-1]
		m.Typed = d.question(q, d.foreign(o.r.Language)).Facts
		if q.Asked.Replied != nil {
			f.Options = append(f.Options, ui.Option{Value: "no", Label: d.p.T("No, it is not enough"), Hint: d.p.T("The person is told, and you can ask again.")})
		} else {
			f.Options[0].Hint = d.p.T("There is no answer yet. Choose this when it was settled in another way.")
		}
	}
	m.Asks = []pages.Ask{{Kind: "radio", Field: f}}
	m.Confirm = ui.Confirmation{Title: d.p.T("The person hears your judgement"), Facts: d.goesTo(o, d.p.T("Whether their answer was enough")), Chip: d.law("12(6) GDPR"),
		Will:    []string{d.p.T("Delete copies of identity documents at once: write down only that you saw one."), d.p.T("The answer stays due by %s.", d.day(o.clock.Due))},
		Confirm: d.button(d.p.T("Record this judgement"))}
	return m, nil
}

func (d *desk) doSettle(s *requests.Service, id string) (string, error) {
	choice := d.field("enough")
	if choice != "yes" && choice != "no" {
		return "", fault.New(fault.Invalid, "Some answers need another look.").At("enough", "Choose whether it is clear now who the person is.")
	}
	_, err := s.Settle(d.ctx, d.by, id, choice == "yes")
	return "request-settled", err
}

func (d *desk) askExtend(o dossier) (pages.Sheet, error) {
	last := o.clock.ExtensionNoticeSafe
	m := pages.Sheet{Title: d.p.T("Extend the term of request %s", o.r.Reference), Lead: d.p.T("Only when it is needed, and only once. The notice must go out by %s.", d.day(last)), Chips: d.provisions("12(3) GDPR")}
	if o.clock.Today.After(last) {
		m.Lead, m.Note = "", d.p.T("The notice had to be sent by %s: within one month of receipt.", d.day(last))
		return m, nil
	}
	months := ui.Field{Name: "months", Label: d.p.T("How much longer"), Value: orElse(d.field("months"), "2")}
	for n, label := range []string{d.p.T("One extra month"), d.p.T("Two extra months")} {
		due, err := d.extendedDue(o, n+1)
		if err != nil {
			return m, err
		}
		months.Options = append(months.Options, ui.Option{Value: ui.Count(n + 1), Label: label, Hint: d.p.T("The answer is then due by %s.", due)})
	}
	m.Asks = []pages.Ask{{Kind: "radio", Field: months}, {Kind: "radio", Field: d.extensionGrounds()},
		{Kind: "area", Field: ui.Field{Name: "reasons", Label: d.p.T("The reasons, as the person will read them"), Value: d.field("reasons"), Lang: o.r.Language,
			Hint: d.p.T("Say what makes this request complex, or how many requests there are. The person reads this in %s.", d.languageName(o.r.Language))}}}
	m.Confirm = ui.Confirmation{Title: d.p.T("The person is told at once"), Facts: d.goesTo(o, d.p.T("That the term is extended, until when, and your reasons")),
		Will: []string{d.p.T("The new date counts from receipt: the months are added to %s.", d.day(o.clock.Received)),
			d.p.T("A refusal still has to be sent within the first month: by %s.", d.day(o.clock.RefusalNoticeSafe)), d.p.T("The term cannot be extended again.")},
		Chip: d.law("12(4) GDPR"), Grave: true, Confirm: d.button(d.p.T("Extend the term and tell the person"))}
	return m, nil
}

// extendedDue is the date that an extension by so many months would give.
func (d *desk) extendedDue(o dossier, months int) (string, error) {
	r := o.r
	r.Extension = &requests.Extension{At: d.Now(), Months: months}
	clock, err := d.Requests.Clock(d.ctx, r)
	return d.day(clock.Due), err
}

// extensionGrounds offers the grounds of the law. What people try first, and
// what the law does not accept, stands there with the reason.
func (d *desk) extensionGrounds() ui.Field {
	f := ui.Field{Name: "ground", Label: d.p.T("Ground"), Value: d.field("ground")}
	for _, g := range requests.ExtensionGrounds() {
		o := ui.Option{Value: g.ID, Off: !g.Valid}
		switch g.ID {
		case "complexity":
			o.Label, o.Hint = d.p.T("The request is complex"), d.p.T("Much work alone does not make a request complex (EDPB 01/2022 par. 163).")
		case "number":
			o.Label, o.Hint = d.p.T("There are many requests"), d.p.T("Of this person, or a short and exceptional flood. Not the usual number of a large organisation.")
		case "processor_slow":
			o.Label, o.Hint = d.p.T("The processor is slow"), d.p.T("No ground: you answer in time whatever your processor does (EDPB 07/2020).")
		case "staff":
			o.Label, o.Hint = d.p.T("There are too few people"), d.p.T("No ground: only the complexity or the number of the requests is (art. 12(3) GDPR).")
		}
		f.Options = append(f.Options, o)
	}
	return f
}

func (d *desk) doExtend(s *requests.Service, id string) (string, error) {
	months := map[string]int{"1": 1, "2": 2}[d.field("months")]
	var grounds []string
	if g := d.field("ground"); g != "" {
		grounds = []string{g}
	}
	_, err := s.Extend(d.ctx, d.by, id, months, grounds, d.field("reasons"))
	return "request-extended", err
}

func (d *desk) askMisdirect(o dossier) (pages.Sheet, error) {
	return pages.Sheet{Title: d.p.T("Tell the person to turn elsewhere"), Lead: d.p.T("Only when your organisation has nothing to do with this person at all. Look for them first: a refusal is something else."),
		Asks: []pages.Ask{{Kind: "area", Field: ui.Field{Name: "where", Label: d.p.T("Where the person can turn"), Value: d.field("where"), Lang: o.r.Language, Hint: d.p.T("The name and address of the organisation, or that you do not know.")}}},
		Confirm: ui.Confirmation{Title: d.p.T("This ends the request"), Grave: true, Facts: d.goesTo(o, d.p.T("That this is the wrong organisation, where to turn, and how to complain")),
			Will: []string{d.p.T("The request is closed here."), d.p.T("What was sent is kept for a while as proof, and then erased.")}, Chip: d.law("4(7) GDPR"),
			Confirm: ui.Button{Label: d.p.T("Send this and close the request"), Look: ui.Grave, TestID: "do"}}}, nil
}

func (d *desk) doMisdirect(s *requests.Service, id string) (string, error) {
	_, err := s.SendAstray(d.ctx, d.by, id, d.field("where"))
	return "request-astray", err
}

func (d *desk) askWithdraw(o dossier) (pages.Sheet, error) {
	return pages.Sheet{Title: d.p.T("Withdraw request %s for the person", o.r.Reference), Lead: d.p.T("Only when the person told you so, by letter, e-mail or telephone. Nobody may be talked into it."), Confirm: ui.Confirmation{
		Title: d.p.T("Nobody works on it any more"), Grave: true, Facts: d.goesTo(o, d.p.T("That the request was withdrawn, and that they can ask again at any time")),
		Will:    append(d.withdrawsAlso(o), d.p.T("Open questions to processors are withdrawn."), d.p.T("The person can file a new request at any time.")),
		Confirm: ui.Button{Label: d.p.T("Withdraw the request"), Look: ui.Grave, TestID: "do"}}}, nil
}

func (d *desk) doWithdraw(s *requests.Service, id string) (string, error) {
	_, err := s.Retract(d.ctx, d.by, id)
	return "request-withdrawn", err
}

func (d *desk) askClose(o dossier) (pages.Sheet, error) {
	return pages.Sheet{Title: d.p.T("Close request %s", o.r.Reference), Confirm: ui.Confirmation{
		Title: d.p.T("Everything is answered"), Facts: d.goesTo(o, d.p.T("That the request is closed, and how long it is kept")),
		Will:    []string{d.p.T("Downloads stay open until their day, and can be opened again."), d.p.T("The content is kept for a set time and then erased for good; the bare facts and the sealed history stay.")},
		Confirm: d.button(d.p.T("Close the request"))}}, nil
}

func (d *desk) doClose(s *requests.Service, id string) (string, error) {
	_, err := s.Finish(d.ctx, d.by, id)
	return "request-closed", err
}
