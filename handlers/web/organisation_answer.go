package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/agreements"
	"inzage/services/identity"
	"inzage/views/language"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

// standing says what waits, for whom, and what an administrator can do about it.
func (h house) standing(c *fiber.Ctx, a agreements.Agreement) (string, ui.Button, error) {
	by, p, name := session.Actor(c), h.speech(c), h.names(c)
	button := func(label string, mine bool) ui.Button {
		if !by.Is(identity.Admin) || !by.IsStaffOf(by.Organisation) {
			return ui.Button{}
		}
		look := ui.Secondary
		if mine {
			look = ui.Primary
		}
		return ui.Button{Label: label, Href: "/agreements/" + a.ID + "/answer", Look: look, TestID: "answer"}
	}
	if a.Standing == agreements.Unconfirmed {
		if a.WaitsFor(by.Organisation) {
			return p.T("One party put this agreement in, before both had to agree. It works as it did. Please say whether this is what both parties agreed."), button(p.T("Confirm or dispute it"), true), nil
		}
		return p.T("Your organisation has confirmed this agreement. The other party has not yet."), ui.Button{}, nil
	}
	o := a.Proposal
	if o == nil {
		return "", ui.Button{}, nil
	}
	who, err := name(o.Organisation)
	if err != nil {
		return "", ui.Button{}, err
	}
	says := map[string]string{
		agreements.TheAgreement: "%s proposed this agreement on %s. It has no effect until the other party has accepted it.",
		agreements.AVersion:     "%s proposed a new version of the terms on %s. Until the other party has accepted it, the terms stay as they are.",
		agreements.AnEnding:     "%s proposed a last day on %s. Until the other party has accepted it, the agreement goes on as it is.",
	}[o.Of]
	text := p.T(says, who, p.Date(o.At))
	if o.Organisation == by.Organisation {
		return text, button(p.T("Withdraw the proposal"), false), nil
	}
	return text, button(p.T("Read it and answer"), true), nil
}

// deedWords say what a side did about an agreement.
var deedWords = map[string]string{
	"sign":               "Proposed the agreement, from %s",
	"amend":              "Proposed new terms, from %s",
	"end":                "Proposed %s as the last day",
	"accept/agreement":   "Accepted the agreement, in force from %s",
	"accept/version":     "Accepted the new terms, in force from %s",
	"accept/ending":      "Accepted %s as the last day",
	"decline/agreement":  "Declined the agreement",
	"decline/version":    "Declined the new terms",
	"decline/ending":     "Declined the last day",
	"withdraw/agreement": "Withdrew the agreement",
	"withdraw/version":   "Withdrew the new terms",
	"withdraw/ending":    "Withdrew the last day",
	"ask":                "Asked both parties to confirm the agreement",
	"confirm":            "Confirmed the agreement",
	"dispute":            "Disputed the agreement; its last day was %s",
}

// history is what each side did about an agreement, the newest first.
func (h house) history(c *fiber.Ctx, a agreements.Agreement) (ui.Listing, error) {
	p, name := h.speech(c), h.names(c)
	l := ui.Listing{Caption: p.T("What each party did"), Title: true, TestID: "steps", Columns: []ui.Column{{Label: p.T("When")}, {Label: p.T("Who")}, {Label: p.T("What")}}}
	for i := len(a.Steps) - 1; i >= 0 && len(l.Rows) < 20; i-- {
		s := a.Steps[i]
		who := p.T("The portal")
		if s.Organisation != "" {
			var err error
			if who, err = name(s.Organisation); err != nil {
				return l, err
			}
		}
		l.Rows = append(l.Rows, ui.Row{Cells: []ui.Cell{{Text: p.DateTime(s.At)}, {Text: who}, {Text: h.deed(p, s)}}})
	}
	return l, nil
}

func (h house) deed(p *language.Printer, s agreements.Step) string {
	words, ok := deedWords[s.Deed+"/"+s.Of]
	if !ok {
		words = deedWords[s.Deed]
	}
	switch s.Deed {
	case "sign", "amend", "end", "accept", "dispute":
		return p.T(words, h.day(p, s.Day))
	}
	return p.T(words)
}

func (h house) answerForm(c *fiber.Ctx) error {
	by := session.Actor(c)
	a, err := h.Agreements.Get(c.UserContext(), by, c.Params("id"))
	if err != nil {
		return err
	}
	switch o := a.Proposal; {
	case a.Standing == agreements.Unconfirmed && a.WaitsFor(by.Organisation):
		return h.reviewPage(c, a)
	case o == nil:
		return c.Redirect("/agreements/"+a.ID, fiber.StatusSeeOther)
	case o.Organisation == by.Organisation:
		return h.withdrawPage(c, a)
	}
	return h.acceptPage(c, a)
}

// parties are the facts by which a reader knows whom it is about.
func (h house) parties(c *fiber.Ctx, a agreements.Agreement) ([]ui.Fact, error) {
	p := h.speech(c)
	var facts []ui.Fact
	for _, one := range []struct{ label, id string }{{"Controller", a.Controller}, {"Processor", a.Processor}} {
		o, err := h.Identity.Organisation(c.UserContext(), one.id)
		if err != nil {
			return nil, err
		}
		facts = append(facts, ui.Fact{Name: p.T(one.label), Value: o.Name, Note: p.T("Its start page is %s.", h.BaseURL.Host+"/o/"+o.Slug)})
	}
	return append(facts, ui.Fact{Name: p.T("Signed on"), Value: h.day(p, a.SignedOn)}), nil
}

// acceptPage shows what the other party proposes, and what follows from it.
func (h house) acceptPage(c *fiber.Ctx, a agreements.Agreement) error {
	words, o := h.speech(c), a.Proposal
	facts, err := h.parties(c, a)
	if err != nil {
		return err
	}
	p, at := h.page(c, "Answer what is proposed"), "/agreements/"+a.ID
	v := pages.Answer{Back: h.toAgreement(c, a), Action: at + "/accept", Turn: strconv.Itoa(o.Turn), Other: ui.Button{Label: p.T("Decline it"), Href: at + "/decline"}}
	v.Confirm = ui.Confirmation{Confirm: ui.Button{Label: p.T("Accept it"), TestID: "accept"}, Cancel: ui.Link{Label: p.T("Decide later"), Href: v.Back.Href}}
	from := func(day string) ui.Fact {
		return ui.Fact{Name: p.T("In force from"), Value: h.day(words, max(day, h.today())), Note: p.T("Or from the day on which you accept it, when that is later.")}
	}
	switch o.Of {
	case agreements.TheAgreement:
		applied, err := h.Agreements.Applied(c.UserContext(), a.ID, a.Versions[0].Number)
		if err != nil {
			return err
		}
		v.Sections, v.Silent = h.sections(words, applied.Terms), h.silent(words, applied.Terms)
		v.Confirm.Title = p.T("Accept “%s”", applied.Terms.Title)
		facts = append(facts, from(a.From))
		if a.Until != "" {
			facts = append(facts, ui.Fact{Name: p.T("In force until"), Value: h.day(words, a.Until)})
		}
		v.Confirm.Will = []string{p.T("From its first day the portal works by this agreement: it routes requests, counts days and divides costs as you read below."),
			p.T("From then on it can be changed or ended only by both parties.")}
	case agreements.AVersion:
		before, err := h.Agreements.Applied(c.UserContext(), a.ID, a.Newest().Number)
		if err != nil {
			return err
		}
		after, err := h.Agreements.Applied(c.UserContext(), a.ID, o.Version.Number)
		if err != nil {
			return err
		}
		v.Differences, v.Lead = h.differences(words, before.Terms, after.Terms)
		v.A, v.B = p.T("Version %s", strconv.Itoa(before.Version)), p.T("Version %s", strconv.Itoa(after.Version))
		v.Sections, v.Silent = h.sections(words, after.Terms), h.silent(words, after.Terms)
		v.Confirm.Title = p.T("Accept the new terms")
		facts = append(facts, from(o.Version.From))
		v.Confirm.Will = []string{p.T("What begins on or after that day is judged by the new version."), p.T("What has begun before goes on under the version it began with.")}
	case agreements.AnEnding:
		v.Confirm.Title = p.T("Accept the last day")
		facts = append(facts, ui.Fact{Name: p.T("Last day in force"), Value: h.day(words, max(o.Until, h.today())), Note: p.T("Or the day on which you accept it, when that is later.")})
		v.Confirm.Will = []string{p.T("Requests and audits that have begun go on under the agreement."),
			p.T("From the day after, the portal no longer sends new requests between these parties by itself; the law applies.")}
	}
	v.Confirm.Facts = facts
	v.Confirm.Will = append(v.Confirm.Will, p.T("Accepting asks for your second factor when the last time was more than five minutes ago. Administrators of both parties get an e-mail."))
	return respond.Page(c, fiber.StatusOK, pages.AnswerPage(p, v))
}

func (h house) withdrawPage(c *fiber.Ctx, a agreements.Agreement) error {
	facts, err := h.parties(c, a)
	if err != nil {
		return err
	}
	p := h.page(c, "Withdraw what you proposed")
	v := pages.Answer{Back: h.toAgreement(c, a), Action: "/agreements/" + a.ID + "/withdraw", Turn: strconv.Itoa(a.Proposal.Turn)}
	v.Confirm = ui.Confirmation{Title: p.T("Withdraw the proposal"), Facts: facts, Will: []string{p.T("The other party can no longer accept it, and gets an e-mail."), p.T("Nothing else changes. You can propose something anew.")},
		Confirm: ui.Button{Label: p.T("Withdraw the proposal")}, Cancel: ui.Link{Label: p.T("Leave it as it is"), Href: v.Back.Href}}
	return respond.Page(c, fiber.StatusOK, pages.AnswerPage(p, v))
}

// reviewPage asks whether an agreement from before is what both agreed.
func (h house) reviewPage(c *fiber.Ctx, a agreements.Agreement) error {
	words := h.speech(c)
	facts, err := h.parties(c, a)
	if err != nil {
		return err
	}
	applied, err := h.Agreements.Applied(c.UserContext(), a.ID, a.Newest().Number)
	if err != nil {
		return err
	}
	p := h.page(c, "Is this what was agreed?")
	v := pages.Answer{Back: h.toAgreement(c, a), Action: "/agreements/" + a.ID + "/confirm", Sections: h.sections(words, applied.Terms), Silent: h.silent(words, applied.Terms),
		Other: ui.Button{Label: p.T("Dispute it: this was not agreed"), Href: "/agreements/" + a.ID + "/dispute"}}
	v.Confirm = ui.Confirmation{Title: p.T("Confirm “%s”", applied.Terms.Title), Facts: append(facts, ui.Fact{Name: p.T("In force from"), Value: h.day(words, a.From)}),
		Will: []string{p.T("When both parties have confirmed it, it can be changed or ended only by both."), p.T("When you dispute it, it is out of force from today, for both parties."),
			p.T("Either asks for your second factor when the last time was more than five minutes ago. Administrators of both parties get an e-mail.")},
		Confirm: ui.Button{Label: p.T("Confirm it")}, Cancel: ui.Link{Label: p.T("Decide later"), Href: v.Back.Href}}
	return respond.Page(c, fiber.StatusOK, pages.AnswerPage(p, v))
}

// answers are what a party can do about what stands, each a form of the page.
var answers = map[string]func(g *agreements.Registry, c *fiber.Ctx, turn int) (agreements.Agreement, error){
	"accept": func(g *agreements.Registry, c *fiber.Ctx, turn int) (agreements.Agreement, error) {
		return g.Accept(c.UserContext(), session.Actor(c), c.Params("id"), turn)
	},
	"decline": func(g *agreements.Registry, c *fiber.Ctx, turn int) (agreements.Agreement, error) {
		return g.Decline(c.UserContext(), session.Actor(c), c.Params("id"), turn)
	},
	"withdraw": func(g *agreements.Registry, c *fiber.Ctx, turn int) (agreements.Agreement, error) {
		return g.Withdraw(c.UserContext(), session.Actor(c), c.Params("id"), turn)
	},
	"confirm": func(g *agreements.Registry, c *fiber.Ctx, _ int) (agreements.Agreement, error) {
		return g.Confirm(c.UserContext(), session.Actor(c), c.Params("id"))
	},
	"dispute": func(g *agreements.Registry, c *fiber.Ctx, _ int) (agreements.Agreement, error) {
		return g.Dispute(c.UserContext(), session.Actor(c), c.Params("id"))
	},
}

// answer does what a form of the page says.
func (h house) answer(name string, do func(*agreements.Registry, *fiber.Ctx, int) (agreements.Agreement, error)) fiber.Handler {
	return func(c *fiber.Ctx) error {
		turn, _ := strconv.Atoi(c.FormValue("turn")) // what is no number is no turn that waits
		if _, err := do(h.Agreements, c, turn); err != nil {
			return err
		}
		return h.done(c, "/agreements/"+c.Params("id"), "agreement-"+name)
	}
}
