package web

import (
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/config/decisions"
	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/ledger"
	"inzage/services/requests"
	"inzage/views/language"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// clockOf draws the deadline: receipt, what moved the request on, the day that
// counts, and other readings. A request that ended has no clock any more.
func (s subject) clockOf(p *language.Printer, v seen) *ui.Clock {
	if v.r.State == requests.Withdrawn || v.r.State == requests.Misdirected || v.r.State == requests.Merged || v.r.State == requests.Unconfirmed {
		return nil
	}
	c := &ui.Clock{Title: p.T("The answer to your request"), Chip: s.law(p, "12(3) GDPR"), TestID: "clock"}
	due := p.Day(v.clock.Due.Year, v.clock.Due.Month, v.clock.Due.Day)
	left := v.clock.Left()
	switch {
	case v.answered() != nil:
		c.Words, c.Tone = p.T("Answered on %s", p.Date(*v.answered())), ui.Good
		if !v.answered().Before(v.clock.Ends) {
			c.Tone = ui.Warn
		}
	case left < 0:
		c.Words, c.Tone = p.Until(left, due), ui.Danger
	case left <= 7:
		c.Words, c.Tone = p.Until(left, due), ui.Warn
	default:
		c.Words, c.Tone = p.Until(left, due), ui.Good
	}
	now := s.Now()
	c.Marks = append(s.events(p, v), ui.Mark{At: now, Kind: ui.Today, Label: p.T("Today"), Day: p.DayMonth(now), Date: p.Date(now)})
	enforced := s.day(p, v.clock.Due, ui.Enforced, p.T("The answer is due"), p.T("Answer due"), p.T("30 days after receipt, or one calendar month if that is earlier. Weekends and holidays do not move it."))
	if v.r.Extension != nil {
		enforced.Note = p.T("The time was extended by %d months.", v.r.Extension.Months)
	}
	enforced.Chip = s.law(p, "12(3) GDPR")
	c.Marks = append(c.Marks, enforced)
	if v.clock.Statutory != v.clock.Due {
		counted := p.T("Counted with weekends and holidays, and with the time that a question was open.")
		if v.clock.HolidaysUnknown {
			counted = p.T("Counted with weekends, and with the time that a question was open. The holidays of this country are not known.")
		}
		c.Marks = append(c.Marks, s.day(p, v.clock.Statutory, ui.Reading, p.T("The last day that the law allows"), p.T("By law"), counted))
	}
	return c
}

// answered is when the last decision was taken, nil while one is missing.
func (v seen) answered() *time.Time {
	var last *time.Time
	for _, i := range v.r.Items {
		if i.Decision == nil {
			return nil
		}
		if last == nil || i.Decision.At.After(*last) {
			last = &i.Decision.At
		}
	}
	return last
}

func (s subject) events(p *language.Printer, v seen) []ui.Mark {
	at := func(t time.Time, short, label string) ui.Mark {
		return ui.Mark{At: t, Kind: ui.Event, Short: short, Label: label, Day: p.DayMonth(t), Date: p.DateTime(t)}
	}
	var marks []ui.Mark
	if v.r.ReceivedByProcessor != nil {
		marks = append(marks, at(*v.r.ReceivedByProcessor, p.T("Received"), p.T("Received by %s", v.who.processor)))
	}
	if t := v.r.ReceivedByController; t != nil {
		if v.r.ReceivedByProcessor != nil {
			marks = append(marks, at(*t, p.T("Forwarded"), p.T("Forwarded to %s", v.who.controller)))
		} else {
			marks = append(marks, at(*t, p.T("Received"), p.T("Received by %s", v.who.controller)))
		}
	}
	if len(marks) == 0 {
		marks = append(marks, at(v.r.Received, p.T("Received"), p.T("Received by %s", v.who.desk)))
	} else {
		marks[0].Note = p.T("The clock runs from here.")
	}
	for _, q := range v.r.Identity {
		marks = append(marks, at(q.Asked, p.T("Question"), p.T("%s asked you a question", v.who.desk)))
		if q.Replied != nil {
			marks = append(marks, at(*q.Replied, p.T("You answered"), p.T("You answered the question")))
		}
	}
	if v.r.Extension != nil {
		marks = append(marks, at(v.r.Extension.At, p.T("Extended"), p.T("%s extended the time", v.who.desk)))
	}
	if t := v.answered(); t != nil {
		marks = append(marks, at(*t, p.T("Decided"), p.T("%s decided", v.who.desk)))
	}
	return marks
}

func (s subject) day(p *language.Printer, d deadlines.Date, kind ui.MarkKind, label, short, note string) ui.Mark {
	noon := time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) // this day in every zone of Europe
	return ui.Mark{At: noon, Kind: kind, Label: label, Short: short, Note: note, Day: p.DayMonth(noon), Date: p.Day(d.Year, d.Month, d.Day)}
}

// factsOf are the bare facts: reference, who, why there.
func (s subject) factsOf(c *fiber.Ctx, v seen) ([]ui.Fact, error) {
	p := s.speech(c)
	decides := ui.Fact{Name: p.T("Who decides"), Value: p.T("Not known yet"), TestID: "decides"}
	if v.r.Decides != "" {
		decides.Value = v.who.desk
		chip, err := s.routeChip(c, v)
		if err != nil {
			return nil, err
		}
		decides.Chip = chip
	}
	facts := []ui.Fact{
		{Name: p.T("Your reference"), Value: v.r.Reference, Note: p.T("Quote it when you call or write. It opens nothing by itself."), TestID: "reference"},
		{Name: p.T("Who has it now"), Value: v.who.desk},
		decides,
	}
	if h := v.clock.From; h != nil {
		facts = append(facts, ui.Fact{Name: p.T("From when the time runs"), Value: p.T("From %s: request %s came in then, and was joined with this one.", p.Date(h.Received), h.Reference), Chip: s.law(p, "12(3) GDPR"), TestID: "runs-from"})
	}
	if v.r.Extension != nil {
		facts = append(facts, ui.Fact{Name: p.T("Why it takes longer"), Value: v.story.Extension, Lang: v.r.Language, Chip: s.law(p, "12(3) GDPR")})
	}
	if rep := v.story.Person.Representative; rep != nil {
		facts = append(facts, ui.Fact{Name: p.T("For whom you ask"), Value: v.story.Person.Name})
	}
	if v.story.Outside != "" {
		facts = append(facts, ui.Fact{Name: p.T("How the answer reached you"), Value: v.story.Outside, Lang: v.r.Language})
	}
	return facts, nil
}

// routeChip is the rule that sent the request where it is.
func (s subject) routeChip(c *fiber.Ctx, v seen) (*ui.Clause, error) {
	p := s.speech(c)
	if v.r.Agreement == "" || v.r.ArrivedAt != requests.Processor || len(v.r.Items) == 0 {
		return s.law(p, "4(7) GDPR"), nil
	}
	a, err := s.Agreements.Applied(c.UserContext(), v.r.Agreement, v.r.AgreementVersion)
	if err != nil {
		return nil, err
	}
	route := agreements.Route(a.Terms, requests.Processor, v.r.Items[0].Right)
	return s.chip(p, agreements.ExplainRoute(a.Terms, route)), nil
}

// answerTo1 is one right: what was asked, and what was decided about it.
func (s subject) answerTo1(c *fiber.Ctx, v seen, item requests.Item) (pages.Answer, error) {
	p := s.speech(c)
	a := pages.Answer{ID: string(item.Right), Title: s.asks(p, item.Right), AskedIs: p.T("What you asked"), Asked: append(s.asked(p, item.Right, v.story.Asked[item.Right]), s.askedBeside(p, v, item)...)}
	if item.Decision == nil {
		a.State = ui.State{Tone: ui.Waiting, Word: p.T("No decision yet"), Code: "open"}
		if !v.r.Open {
			a.State = ui.State{Word: p.T("Not decided"), Code: "none"}
		}
		return a, nil
	}
	d, err := s.decisionOf(c, v, item)
	a.Decision, a.State = &d, s.outcome(p, item.Decision.Outcome)
	return a, err
}

func (s subject) outcome(p *language.Printer, o requests.Outcome) ui.State {
	switch o {
	case requests.Granted:
		return ui.State{Tone: ui.Good, Word: p.T("Granted"), Code: string(o)}
	case requests.Partly:
		return ui.State{Tone: ui.Warn, Word: p.T("Partly granted"), Code: string(o)}
	}
	return ui.State{Tone: ui.Danger, Word: p.T("Refused"), Code: string(o)}
}

// decisionOf says one decision in words: outcome, ground, reasons, and where
// to turn, which art. 12(4) GDPR makes part of every refusal.
func (s subject) decisionOf(c *fiber.Ctx, v seen, item requests.Item) (pages.Decision, error) {
	p, d, text := s.speech(c), item.Decision, v.story.Decisions[item.Right]
	out := pages.Decision{Reasons: text.Reasons, Lang: v.r.Language, ReasonsAre: p.T("What %s writes about it", v.who.desk), Recipients: text.Recipients,
		RecipientIs: p.T("Who is told of the change"), InfoIs: p.T("What %s does with your data", v.who.desk)}
	on := p.Date(d.At)
	switch d.Outcome {
	case requests.Granted:
		out.Words, out.Tone = p.T("On %s %s decided: yes.", on, v.who.desk), ui.Good
	case requests.Partly:
		out.Words, out.Tone = p.T("On %s %s decided: partly.", on, v.who.desk), ui.Warn
	default:
		out.Words, out.Tone = p.T("On %s %s decided: no.", on, v.who.desk), ui.Danger
	}
	catalogue := s.Requests.Catalogue
	if g, ok := catalogue.Ground(string(item.Right), d.Ground); ok {
		out.Ground, out.GroundIs = g.Text.In(p.Tag()), p.T("The ground")
		out.Chip = s.groundChip(p, v, g)
	}
	for _, i := range catalogue.Information {
		if said := text.Information[i.ID]; said != "" {
			out.Information = append(out.Information, ui.Fact{Name: i.Label.In(p.Tag()), Value: said, Lang: v.r.Language})
		}
	}
	if d.Outcome == requests.Granted {
		return out, nil
	}
	authority, err := s.Requests.Recourse(c.UserContext(), v.r)
	if err != nil {
		return out, err
	}
	out.RecourseIs = p.T("If you do not agree")
	out.Recourse = []string{p.T("You can complain to %s. That costs nothing.", authority.Name), authority.Court.In(p.Tag())}
	out.Address, out.Website = append([]string{authority.Name}, authority.Address...), authority.Website
	out.Chips = s.laws(p, "12(4) GDPR", "77 GDPR", "79 GDPR")
	return out, nil
}

func (s subject) groundChip(p *language.Printer, v seen, g decisions.Ground) *ui.Clause {
	return &ui.Clause{Label: s.label(p, g.Article), Title: g.Text.In(p.Tag()),
		Does: p.T("The law allows a refusal on fixed grounds only, and this is one of them. %s has to give its reasons in words, and to say where you can complain.", v.who.desk)}
}

// history tells the story of the request from the ledger, each line with its seal.
func (s subject) history(c *fiber.Ctx, v seen) ([]ui.Entry, error) {
	sealed, err := s.Ledger.History(c.UserContext(), v.r.ID, -1, 500)
	if err != nil {
		return nil, err
	}
	p, by := s.speech(c), s.actor(c)
	var all []ui.Entry
	for _, e := range sealed {
		if one, ok := s.entry(p, v, e.Event); ok && requests.Told(by, v.r, e.Event) {
			one.Seal = &ui.Proof{Number: shown(e.Number), Verify: proofsOf(v.r) + strconv.FormatInt(e.Number, 10), Words: []string{
				p.T("This line is entry %s of the portal's log. Each entry is bound to all before it, so a change would show.", shown(e.Number)),
				p.T("It holds no personal data: only who, what and when.")}}
			all = append(all, one)
		}
	}
	for _, ev := range v.r.Pending {
		if one, ok := s.entry(p, v, ev); ok && requests.Told(by, v.r, ev) {
			one.Seal = &ui.Proof{}
			all = append(all, one)
		}
	}
	return all, nil
}

// entry says one event in a sentence; what is no news to the reader is left out.
func (s subject) entry(p *language.Printer, v seen, ev ledger.Event) (ui.Entry, bool) {
	desk := v.who.desk
	words := map[string]string{
		"request.confirm": p.T("You sent your request"), "request.enter": p.T("%s put your request into the portal", desk),
		"request.forward": p.T("Your request was forwarded to %s", v.who.controller), "request.handle": p.T("%s answers your request itself", v.who.processor),
		"request.split": p.T("Your request was split: two organisations decide"), "request.part": p.T("This part was split off your request"),
		"request.triage": p.T("It was found out who decides"), "request.acknowledge": p.T("%s took up your request", desk),
		"request.ask_identity": p.T("%s asked you a question", desk), "request.answer_identity": p.T("You answered the question"),
		"request.settle_identity": p.T("%s looked at your answer", desk), "request.extend": p.T("%s extended the time", desk),
		"request.decide": p.T("%s decided", desk), "request.deliver": p.T("Your files were made ready"), "request.deliver_outside": p.T("The answer was delivered outside the portal"),
		"request.download": p.T("You downloaded a file"), "request.renew": p.T("The time to download was renewed"), "request.take_away": p.T("You took the answer as a document"),
		"request.add": p.T("You added something"), "request.withdraw": p.T("The request was withdrawn"), "request.close": p.T("%s closed the request", desk),
		"request.change_address": p.T("%s corrected your e-mail address", desk), "request.move_address": p.T("You changed your e-mail address"),
		"request.new_word": p.T("%s made a letter with a new word", desk), "request.admit": p.T("You filled in the word from the letter"),
		"request.misdirect": p.T("%s said that it is not the right place", desk), "request.merge": p.T("Your request goes on under another one"),
		"request.join": p.T("Another request was joined with this one"), "request.separate": p.T("A joined request was separated again"), "request.separated": p.T("Your request goes on by itself again"),
		"request.hand_back": p.T("An organisation that does not decide handed your request back"), "request.share": p.T("Several organisations decide, each on a request of its own"), "request.copy": p.T("Another organisation decides on the same"),
	}
	what, ok := words[ev.Action]
	if right := requests.Right(ev.Details["right"]); ok && ev.Action == "request.decide" {
		what += ": " + s.asks(p, right)
	}
	return ui.Entry{What: what, When: p.DateTime(ev.At), ISO: ev.At.Format(time.RFC3339)}, ok
}
