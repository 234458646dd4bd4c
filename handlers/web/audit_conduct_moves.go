package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/ledger"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// conductMoves are what is done while the audit is under way, besides findings.
func conductMoves() map[string]move {
	return map[string]move{
		"ask":               {action: audits.Ask, label: "Ask the processor a question", ask: (*bench).askQuestion, do: (*bench).doQuestion},
		"answer":            {action: audits.AnswerQuestion, label: "Answer this question", item: true, ask: (*bench).askAnswer, do: (*bench).doAnswer},
		"withdraw-question": {action: audits.WithdrawInquiry, label: "Withdraw this question", item: true, ask: (*bench).askWithdrawQuestion, do: (*bench).doWithdrawQuestion},
		"house-rules":       {action: audits.SetRules, label: "Write the house rules", ask: (*bench).askRules, do: (*bench).doRules},
		"read-rules":        {action: audits.Acknowledge, label: "Read the house rules and say so", ask: (*bench).askRead, do: (*bench).doRead},
		"plan-visit":        {action: audits.PlanSession, label: "Plan a visit or meeting", ask: (*bench).askPlan, do: (*bench).doPlan},
		"record-visit":      {action: audits.HoldSession, label: "Record this visit", item: true, ask: (*bench).askRecord, do: (*bench).doRecord},
		"cancel-visit":      {action: audits.DropSession, label: "Cancel this visit", item: true, ask: (*bench).askDrop, do: (*bench).doDrop},
	}
}

// typed is what was typed into a field, or what to start from on a fresh page.
func (b *bench) typed(name, fresh string) string {
	if b.c.Method() == fiber.MethodPost {
		return b.field(name)
	}
	return fresh
}

// newItem is the identifier of what a form adds, so that a second press of the
// button adds nothing.
func (b *bench) newItem(kind string) ui.Button {
	return ui.Button{Name: "new", Value: orElse(b.field("new"), ledger.NewID(kind))}
}

// dayField reads a day; zero when nothing was chosen.
func (b *bench) dayField(name string) (deadlines.Date, error) {
	text := b.field(name)
	if text == "" {
		return deadlines.Date{}, nil
	}
	day, err := deadlines.ParseDate(text)
	if err != nil {
		return day, fault.New(fault.Invalid, "Some answers need another look.").At(name, "Fill in a date as year, month and day.")
	}
	return day, nil
}

// question is the question that the address or the form names.
func (b *bench) question(o papers) (audits.Inquiry, error) {
	i := slices.IndexFunc(o.a.Inquiries, func(q audits.Inquiry) bool { return q.ID == b.item() && q.Kind == audits.Question })
	if i < 0 {
		return audits.Inquiry{}, audits.ErrNotFound
	}
	return o.a.Inquiries[i], nil
}

func (b *bench) askQuestion(o papers) (sheets.Sheet, error) {
	most, err := audits.TimeToSay(o.rules.Terms, b.Now())
	if err != nil {
		return sheets.Sheet{}, err
	}
	latest, agreed := most.Day, most.Agreed
	processor := b.org(o.a.Processor)
	m := sheets.Sheet{Title: b.p.T("Ask %s a question", processor), Lead: b.p.T("%s answers this question in the portal, in words or with files.", processor), Hidden: []ui.Button{b.newItem("inq")}}
	m.Typed = []ui.Fact{{Name: b.p.T("The answer is due by"), Value: b.ending(latest, most.Ends, o.rules.Terms.TimeZone()), TestID: "latest", Chip: b.owing(o, audits.Duty{Clause: "", Agreed: agreed})}}
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("What do you ask?"), Value: b.field("text"), MaxLength: 4000,
		Hint: b.p.T("Say which document or explanation you need, and about which period. Leave out personal data that the answer does not need.")}}}
	due := ui.Field{Name: "due", Label: b.p.T("By another day?"), Optional: true, Value: b.field("due"), Min: o.rules.Today.String(), Max: latest.String(),
		Hint: b.p.T("Leave it empty for %s. An earlier day needs a reason.", b.day(latest))}
	if !agreed {
		due.Max = o.rules.Today.AddMonths(12).String()
		due.Hint = b.p.T("Leave it empty for %s. You may give more time; an earlier day needs a reason.", b.day(latest))
	}
	if !agreed || o.rules.Terms.Audit.Cooperation.UrgentSooner {
		m.Asks = append(m.Asks, sheets.Ask{Kind: "date", Field: due}, sheets.Ask{Kind: "area", Field: ui.Field{Name: "haste", Label: b.p.T("Why is it urgent?"), Optional: true, Value: b.field("haste"), Rows: 3,
			Hint: b.p.T("Only for an earlier day. The processor reads this.")}})
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("The question goes to %s", processor), Facts: []ui.Fact{{Name: b.p.T("What is sent"), Value: b.p.T("Your question, its day and, if there is one, why it is urgent")}, {Name: b.p.T("To whom"), Value: processor}},
		Will: []string{b.p.T("%s gets a message that something is asked, and reads it here.", processor), b.p.T("The portal reminds %s before the day, and notes it when the day has passed.", processor),
			b.p.T("You can withdraw the question until it is answered.")}, Confirm: b.button(b.p.T("Send this question"))}
	return m, nil
}

func (b *bench) doQuestion(s *audits.Service, id string) (string, error) {
	due, err := b.dayField("due")
	if err != nil {
		return "", err
	}
	_, err = s.AskDuring(b.ctx, b.by, id, audits.Inquire{ID: b.field("new"), Text: b.field("text"), Due: due, Haste: b.field("haste")})
	return "audit-asked", err
}

// asked are the facts of a question on the page of a move.
func (b *bench) asked(o papers, q audits.Inquiry) []ui.Fact {
	said := o.story.Items[q.ID]
	facts := []ui.Fact{{Name: b.p.T("The question"), Value: said.Text, TestID: "question"}, {Name: b.p.T("Answer by"), Value: b.day(q.Due), Note: b.p.Relative(b.ahead(q.Due)), Chip: b.owing(o, q.Duty)}}
	if said.Reason != "" {
		facts = append(facts, ui.Fact{Name: b.p.T("Why it is urgent"), Value: said.Reason})
	}
	return facts
}

func (b *bench) askAnswer(o papers) (sheets.Sheet, error) {
	q, err := b.question(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Answer a question of the audit"), Typed: b.asked(o, q)}
	if q.Answered != nil || q.Withdrawn != nil {
		m.Note = b.p.T("This was answered already, or withdrawn. It can no longer be changed.")
		return m, nil
	}
	m.Lead = b.p.T("Your answer is locked as soon as you send it: nobody can change it any more, and no file can be added or taken out. Add the files first.")
	var files []string
	for _, f := range b.files(o, q.ID) {
		files = append(files, f.Name)
	}
	named := orElse(strings.Join(files, "\n"), b.p.T("None. You can add files at the question itself, on the page of the audit."))
	m.Typed = append(m.Typed, ui.Fact{Name: b.p.T("Files that go with it"), Value: named, TestID: "with-files"})
	none := ui.Field{Name: "none", Label: b.p.T("There is nothing available"), Value: b.field("none"), Optional: true, Hint: b.p.T("Then say above why there is nothing.")}
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("Your answer"), Optional: true, Value: b.field("text"), MaxLength: 4000, Hint: b.p.T("It may stay empty when the files say everything.")}},
		{Kind: "checkbox", Field: none}}
	m.Confirm = ui.Confirmation{Title: b.p.T("The answer goes to %s", b.org(o.a.Controller)), Grave: true,
		Facts: []ui.Fact{{Name: b.p.T("What is sent"), Value: b.p.T("Your words and the files named above")}, {Name: b.p.T("To whom"), Value: b.p.T("%s and the auditor", b.org(o.a.Controller))}},
		Will:  []string{b.p.T("The answer is locked with the time at which you sent it.")}, Chip: b.owing(o, q.Duty), Confirm: ui.Button{Label: b.p.T("Send and lock this answer"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (b *bench) doAnswer(s *audits.Service, id string) (string, error) {
	_, err := s.AnswerInquiry(b.ctx, b.by, id, b.field("item"), audits.Supplied{None: b.field("none") != "", Text: b.field("text")})
	return "audit-answered", err
}

func (b *bench) askWithdrawQuestion(o papers) (sheets.Sheet, error) {
	q, err := b.question(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Withdraw a question of the audit"), Typed: b.asked(o, q)}
	if q.Answered != nil || q.Withdrawn != nil {
		m.Note = b.p.T("This was answered already, or withdrawn. It can no longer be changed.")
		return m, nil
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("%s need not answer any more", b.org(o.a.Processor)), Grave: true,
		Will:    []string{b.p.T("The question stays on the page of the audit, marked as withdrawn."), b.p.T("You can ask again with a new question.")},
		Confirm: ui.Button{Label: b.p.T("Withdraw this question"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (b *bench) doWithdrawQuestion(s *audits.Service, id string) (string, error) {
	_, err := s.WithdrawQuestion(b.ctx, b.by, id, b.field("item"))
	return "audit-question-withdrawn", err
}

func (b *bench) askRules(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("House rules for visitors"), Lead: b.p.T("Write what visitors have to keep to: where to report, what to bring, what may not be photographed or connected.")}
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "text", Label: b.p.T("The house rules"), Value: b.typed("text", o.story.Rules), Rows: 12, MaxLength: 4000,
		Hint: b.p.T("Files that belong to them can be added on the page of the audit.")}}}
	will := []string{b.p.T("%s and the auditor see them at once.", b.org(o.a.Controller)), b.p.T("Whoever records a visit has read them first.")}
	if o.a.Rules != nil {
		will = append(will, b.p.T("This is a new version: those who have read the old one read it again."))
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("The rules are shown to the visitors"), Will: will, Chip: b.cooperation(o), Confirm: b.button(b.p.T("Keep these house rules"))}
	return m, nil
}

func (b *bench) doRules(s *audits.Service, id string) (string, error) {
	_, err := s.WriteRules(b.ctx, b.by, id, b.field("text"))
	return "rules-set", err
}

// askRead shows the rules in full; what is acknowledged is the version that
// was on the page.
func (b *bench) askRead(o papers) (sheets.Sheet, error) {
	m := sheets.Sheet{Title: b.p.T("House rules of %s", b.org(o.a.Processor))}
	r := o.a.Rules
	if r == nil || b.hasRead(r) {
		m.Note = b.p.T("There is nothing to read: you have read the house rules as they are now, or there are none.")
		return m, nil
	}
	version := strconv.Itoa(r.Version)
	m.Hidden = []ui.Button{{Name: "version", Value: version}}
	m.Typed = []ui.Fact{{Name: b.p.T("Version"), Value: version, Note: b.p.DateTime(r.At)}, {Name: b.p.T("The house rules"), Value: o.story.Rules, TestID: "rules-text"}}
	for _, f := range b.files(o, "rules") {
		m.Typed = append(m.Typed, ui.Fact{Name: b.p.T("Goes with it"), Value: f.Name, Href: f.Href})
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("You say that you have read them"), Will: []string{b.p.T("%s sees that you have read this version, and when.", b.org(o.a.Processor)),
		b.p.T("When the rules change, you read them again.")}, Chip: b.cooperation(o), Confirm: b.button(b.p.T("I have read these house rules"))}
	return m, nil
}

func (b *bench) doRead(s *audits.Service, id string) (string, error) {
	version, err := strconv.Atoi(b.field("version"))
	if err != nil {
		return "", audits.ErrNotFound
	}
	_, err = s.ReadRules(b.ctx, b.by, id, version)
	return "rules-read", err
}

// visit is the visit that the address or the form names.
func (b *bench) visit(o papers) (audits.Session, error) {
	i := slices.IndexFunc(o.a.Sessions, func(v audits.Session) bool { return v.ID == b.item() })
	if i < 0 {
		return audits.Session{}, audits.ErrNotFound
	}
	return o.a.Sessions[i], nil
}

func (b *bench) askPlan(o papers) (sheets.Sheet, error) {
	first := o.a.On
	if first.Before(o.rules.Today) {
		first = o.rules.Today
	}
	m := sheets.Sheet{Title: b.p.T("Plan a visit or meeting"), Hidden: []ui.Button{b.newItem("vis")}}
	m.Typed = []ui.Fact{{Name: b.p.T("The first day for it"), Value: b.day(first), Chip: b.chip(agreements.Explain(o.rules.Terms, agreements.TermNotice, ""), o.a.Agreement)}}
	m.Asks = []sheets.Ask{
		{Kind: "date", Field: ui.Field{Name: "day", Label: b.p.T("On which day?"), Value: b.field("day"), Min: first.String()}},
		{Kind: "radio", Field: ui.Field{Name: "mode", Label: b.p.T("How?"), Value: b.field("mode"), Options: []ui.Option{{Value: string(audits.OnSite), Label: b.mode(audits.OnSite)}, {Value: string(audits.Remote), Label: b.mode(audits.Remote)}}}},
		{Kind: "text", Field: ui.Field{Name: "place", Label: b.p.T("Where?"), Value: b.field("place"), MaxLength: 200, Hint: b.p.T("The address and room. At a distance: by which means; it may stay empty.")}},
		{Kind: "area", Field: ui.Field{Name: "purpose", Label: b.p.T("What is it for?"), Value: b.field("purpose"), Rows: 3, MaxLength: 4000, Hint: b.p.T("What you want to see, and whom you want to speak, by their function.")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("Both sides and the auditor see it"), Will: []string{b.p.T("It stands in the calendar of both sides and of the auditor."), b.p.T("Either side can cancel it until it is held.")},
		Confirm: b.button(b.p.T("Plan this"))}
	return m, nil
}

func (b *bench) doPlan(s *audits.Service, id string) (string, error) {
	day, err := b.dayField("day")
	if err != nil {
		return "", err
	}
	_, err = s.PlanVisit(b.ctx, b.by, id, audits.Visit{ID: b.field("new"), Day: day, Mode: audits.Mode(b.field("mode")), Place: b.field("place"), Purpose: b.field("purpose")})
	return "visit-planned", err
}

func (b *bench) visited(o papers, v audits.Session) []ui.Fact {
	said := o.story.Items[v.ID]
	return []ui.Fact{{Name: b.p.T("Day"), Value: b.day(v.Day)}, {Name: b.p.T("Where"), Value: b.mode(v.Mode), Note: said.Title}, {Name: b.p.T("What for"), Value: said.Text}}
}

func (b *bench) askRecord(o papers) (sheets.Sheet, error) {
	v, err := b.visit(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Record a visit or meeting"), Typed: b.visited(o, v)}
	switch {
	case v.Held != nil || v.Dropped != nil:
		m.Note = b.p.T("This visit was held or cancelled already.")
		return m, nil
	case b.ahead(v.Day) > 0:
		m.Note = b.p.T("You can record it from %s on.", b.day(v.Day))
		return m, nil
	case !b.hasRead(o.a.Rules):
		m.Lead = b.p.T("First read the house rules. Then you can record this visit.")
		m.Chips = []ui.Clause{*b.cooperation(o)}
	}
	m.Asks = []sheets.Ask{{Kind: "area", Field: ui.Field{Name: "notes", Label: b.p.T("Notes"), Optional: true, Value: b.field("notes"), Rows: 8, MaxLength: 4000,
		Hint: b.p.T("Both sides read them. Findings are written down on their own; leave out personal data that is not needed.")}}}
	m.Confirm = ui.Confirmation{Title: b.p.T("It is recorded as held"), Grave: true, Will: []string{b.p.T("%s sees your notes.", b.org(o.a.Processor)), b.p.T("The notes cannot be changed any more.")},
		Confirm: ui.Button{Label: b.p.T("Record that it was held"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (b *bench) doRecord(s *audits.Service, id string) (string, error) {
	_, err := s.RecordVisit(b.ctx, b.by, id, b.field("item"), b.field("notes"))
	return "visit-held", err
}

func (b *bench) askDrop(o papers) (sheets.Sheet, error) {
	v, err := b.visit(o)
	if err != nil {
		return sheets.Sheet{}, err
	}
	m := sheets.Sheet{Title: b.p.T("Cancel a visit or meeting"), Typed: b.visited(o, v)}
	if v.Held != nil || v.Dropped != nil {
		m.Note = b.p.T("This visit was held or cancelled already.")
		return m, nil
	}
	m.Confirm = ui.Confirmation{Title: b.p.T("It does not take place"), Grave: true, Will: []string{b.p.T("It disappears from the calendar of both sides and of the auditor."), b.p.T("You can plan another one.")},
		Confirm: ui.Button{Label: b.p.T("Cancel this visit"), Look: ui.Grave, TestID: "do"}}
	return m, nil
}

func (b *bench) doDrop(s *audits.Service, id string) (string, error) {
	_, err := s.CancelVisit(b.ctx, b.by, id, b.field("item"))
	return "visit-dropped", err
}
