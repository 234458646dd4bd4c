package web

import (
	"slices"
	"strings"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// askTriage proposes controllers, each with what its agreement does with the
// request, and with a button of its own.
func (d *desk) askTriage(o dossier) (pages.Sheet, error) {
	m := pages.Sheet{Title: d.p.T("Which controller is request %s for?", o.r.Reference), Typed: d.clues(o)}
	all, err := d.Requests.Proposals(d.ctx, o.r, o.story.About)
	if err != nil {
		return m, err
	}
	if len(all) == 0 {
		m.Note = d.p.T("Your organisation has no agreement in force with any controller, so there is nobody to forward to.")
		return m, nil
	}
	m.Lead = d.p.T("The portal compares what the person wrote with the controllers you work for. You decide.")
	if len(all) > 1 {
		m.Asks = []pages.Ask{{Kind: "checkboxes", Field: d.alsoFor(all)}}
	}
	for n, proposal := range all {
		offer, err := d.offer(o, proposal, n)
		if err != nil {
			return m, err
		}
		m.Offers = append(m.Offers, offer)
	}
	return m, nil
}

// alsoFor asks for further controllers of the same data.
func (d *desk) alsoFor(all []requests.Proposal) ui.Field {
	f := ui.Field{Name: "others", Label: d.p.T("Do more of them decide about these data?"), Optional: true, Values: d.fields("others"),
		Hint: d.p.T("Each organisation that you tick here gets the request as one of its own, beside the one whose button you press. All name each other.")}
	for _, proposal := range all {
		f.Options = append(f.Options, ui.Option{Value: proposal.Controller, Label: d.org(proposal.Controller)})
	}
	return f
}

// clues are what the person wrote that may tell the controller.
func (d *desk) clues(o dossier) []ui.Fact {
	lang := d.foreign(o.r.Language)
	facts := []ui.Fact{{Name: d.p.T("The organisation in their words"), Value: orElse(o.story.About, d.p.T("The person did not name one.")), Lang: lang}}
	for _, h := range o.story.Handed {
		facts = append(facts, ui.Fact{Name: d.p.T("%s handed it back on %s", d.org(h.Controller), d.p.Date(h.At)), Value: h.Why})
	}
	if ids := o.story.Person.Identifiers; ids != "" {
		facts = append(facts, ui.Fact{Name: d.p.T("Known by"), Value: ids})
	}
	for _, i := range o.r.Items {
		facts = append(facts, ui.Fact{Name: d.right(i.Right), Value: o.story.Asked[i.Right].What, Lang: lang})
	}
	return facts
}

func (d *desk) offer(o dossier, proposal requests.Proposal, n int) (pages.Offer, error) {
	name := d.org(proposal.Controller)
	offer := pages.Offer{Title: name, TestID: "offer", Why: d.p.T("The person did not name this organisation. It is here because you have an agreement with it."),
		Button: ui.Button{Label: d.p.T("Forward to %s", name), Name: "controller", Value: proposal.Controller, Look: ui.Secondary, TestID: "forward"}}
	if proposal.Named {
		offer.State = &ui.State{Tone: ui.Good, Word: d.p.T("Named by the person")}
		offer.Why = d.p.T("The words of the person name this organisation.")
		if n == 0 {
			offer.Button.Look = ui.Primary
		}
	}
	a, err := d.Agreements.Between(d.ctx, proposal.Controller, o.r.Processor, d.Now())
	if err != nil {
		return offer, err
	}
	handled := 0
	for _, right := range o.r.Rights() {
		route := agreements.Route(a.Terms, agreements.Processor, right)
		f := ui.Fact{Name: d.right(right), Value: d.p.T("Goes to %s, which decides", name), Chip: d.chip(agreements.ExplainRoute(a.Terms, route), a.ID)}
		if route.Decides == agreements.Processor {
			handled++
			f.Value = d.p.T("Stays here: you handle it yourself")
		}
		offer.Facts = append(offer.Facts, f)
	}
	switch {
	case handled == len(o.r.Items):
		offer.Button.Label = d.p.T("Handle it here for %s", name)
	case handled > 0:
		offer.Button.Label = d.p.T("Split it: keep part here, forward the rest to %s", name)
	}
	return offer, nil
}

func (d *desk) doTriage(s *requests.Service, id string) (string, error) {
	first := d.field("controller")
	others := slices.DeleteFunc(d.fields("others"), func(c string) bool { return c == first })
	r, err := s.Direct(d.ctx, d.by, id, append([]string{first}, others...)...)
	if err == nil && len(others) > 0 {
		return "request-shared", nil
	}
	if err == nil && r.Decides == requests.Processor {
		return "request-kept", nil
	}
	return "request-forwarded", err
}

// helpRight is the right for which help is asked: from the address or the
// form, else the first that is not decided.
func (d *desk) helpRight(o dossier) requests.Right {
	for _, right := range []string{d.field("right"), d.c.Query("right")} {
		if o.r.Has(requests.Right(right)) {
			return requests.Right(right)
		}
	}
	for _, i := range o.r.Items {
		if i.Decision == nil {
			return i.Right
		}
	}
	return o.r.Items[0].Right
}

// askHelp offers the processors of the controller, each with the latest date
// and who pays.
func (d *desk) askHelp(o dossier) (pages.Sheet, error) {
	right := d.helpRight(o)
	m := pages.Sheet{Title: d.p.T("Ask a processor for help with %s", strings.ToLower(d.right(right)))}
	limits, err := d.Requests.Helpers(d.ctx, d.by, o.r, right)
	if err != nil {
		return m, err
	}
	if len(limits) == 0 {
		m.Note = d.p.T("Your organisation has no agreement in force with a processor.")
		return m, nil
	}
	if len(o.r.Items) > 1 {
		for _, i := range o.r.Items {
			m.Tabs = append(m.Tabs, ui.Tab{Label: d.right(i.Right), Href: o.path("/do/ask-help?right=" + string(i.Right)), Current: i.Right == right})
		}
	}
	who := ui.Field{Name: "processor", Label: d.p.T("Which processor"), Value: d.field("processor")}
	for _, l := range limits {
		who.Options = append(who.Options, d.helper(l, right))
	}
	if len(limits) == 1 && who.Value == "" {
		who.Value = limits[0].Agreement.Processor
	}
	id := d.field("assist")
	if !strings.HasPrefix(id, "ast_") {
		id = ledger.NewID("ast")
	}
	m.Hidden = []ui.Button{{Name: "right", Value: string(right)}, {Name: "assist", Value: id}}
	m.Asks = []pages.Ask{{Kind: "radio", Field: who},
		{Kind: "area", Field: ui.Field{Name: "question", Label: d.p.T("What should the processor look for or do?"), Value: d.field("question"), Hint: d.p.T("Say which data and which period. The processor sees this, and the name and identifiers of the person; nothing else of the request.")}},
		{Kind: "date", Field: ui.Field{Name: "due", Label: d.p.T("By when"), Optional: true, Value: d.field("due"), Min: o.clock.Today.String(), Max: o.clock.Due.String(), Hint: d.p.T("Leave it empty for the latest day that the processor may have.")}}}
	m.Confirm = ui.Confirmation{Title: d.p.T("The processor gets a task"), Facts: []ui.Fact{{Name: d.p.T("What is sent"), Value: d.p.T("Your question")}, {Name: d.p.T("About whom"), Value: o.person()}},
		Will: []string{d.p.T("The processor answers: found, nothing found, or something is in the way; with files and, where the agreement allows it, costs."),
			d.p.T("The request waits for it; the clock does not."), d.p.T("Waiting for a processor is no reason to answer late.")},
		Chip: d.law("28(3)(e) GDPR"), Confirm: d.button(d.p.T("Ask this processor"))}
	return m, nil
}

// helper is one processor that can be asked, with its date and who pays.
func (d *desk) helper(l requests.AssistLimit, right requests.Right) ui.Option {
	name := d.org(l.Agreement.Processor)
	o := ui.Option{Value: l.Agreement.Processor, Label: name, Hint: d.p.T("At the latest by %s. %s", d.ending(l.Latest, l.Ends, d.p.Zone()), d.charge(l.Costs, name))}
	term, clause := agreements.TermAssistance, l.Clause
	if l.Silent {
		clause = ""
	}
	chip := d.chip(agreements.Explain(l.Agreement.Terms, term, clause), l.Agreement.ID)
	if cost, ok := agreements.AssistanceCharge(l.Agreement.Terms, right); ok {
		paid := agreements.ExplainRule(l.Agreement.Terms, agreements.TermAssistanceCosts, cost.Term)
		chip.Does += " " + paid.Says.In(d.p.Tag())
	}
	o.Chip = chip
	return o
}

func (d *desk) doHelp(s *requests.Service, id string) (string, error) {
	h := requests.Help{Processor: d.field("processor"), Right: requests.Right(d.field("right")), Question: d.field("question")}
	if text := d.field("due"); text != "" {
		due, err := deadlines.ParseDate(text)
		if err != nil {
			return "", fault.New(fault.Invalid, "Some answers need another look.").At("due", "Fill in a date as year, month and day.")
		}
		h.Due = due
	}
	assist := d.field("assist")
	if !strings.HasPrefix(assist, "ast_") || len(assist) > 40 {
		return "", requests.ErrNotFound
	}
	_, err := s.Seek(d.ctx, d.by, id, assist, h)
	return "help-asked", err
}

// helpNamed is the help that the address or the form names, if it is of this request.
func (d *desk) helpNamed(request string) (requests.Assist, error) {
	all, err := d.Requests.AssistsOf(d.ctx, request)
	if err != nil {
		return requests.Assist{}, err
	}
	id := orElse(d.field("assist"), d.c.Query("assist"))
	i := slices.IndexFunc(all, func(a requests.Assist) bool { return a.ID == id })
	if i < 0 {
		return requests.Assist{}, requests.ErrNotFound
	}
	return all[i], nil
}

func (d *desk) askCancel(o dossier) (pages.Sheet, error) {
	a, err := d.helpNamed(o.r.ID)
	if err != nil {
		return pages.Sheet{}, err
	}
	name := d.org(a.Processor)
	m := pages.Sheet{Title: d.p.T("Withdraw the question to %s", name), Hidden: []ui.Button{{Name: "assist", Value: a.ID}}}
	if !a.Open {
		m.Note = d.p.T("This question was answered or withdrawn already.")
		return m, nil
	}
	m.Confirm = ui.Confirmation{Title: d.p.T("%s need not answer any more", name), Grave: true,
		Will:    []string{d.p.T("The processor no longer sees the question, or about whom it was."), d.p.T("You can ask again with a new question.")},
		Confirm: ui.Button{Label: d.p.T("Withdraw this question"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (d *desk) doCancel(s *requests.Service, id string) (string, error) {
	a, err := d.helpNamed(id)
	if err != nil {
		return "", err
	}
	_, err = s.CancelHelp(d.ctx, d.by, a.ID)
	return "help-cancelled", err
}
