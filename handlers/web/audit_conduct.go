package web

import (
	"slices"
	"time"

	"github.com/a-h/templ"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

// conductPart shows the questions, the house rules and the visits, once the
// audit is that far.
func (b *bench) conductPart(page ui.Page, o papers, bad ui.FieldErrors) (templ.Component, error) {
	if o.sight != audits.Content {
		return nil, nil
	}
	names, err := b.Identity.Names(b.ctx, b.by, o.people())
	if err != nil {
		return nil, err
	}
	m := pages.Conduct{Questions: b.questions(o, names, bad), Rules: b.houseRules(o, names, bad), Visits: b.visits(o, names, bad)}
	can := audits.Possible(b.by, o.a)
	if stage := o.a.Stage; stage == audits.DateAgreed || stage == audits.UnderWay || stage == audits.Reported {
		m.QuestionsEmpty = b.p.T("Nothing was asked during this audit yet. Questions stand here, each with the day by which the processor answers.")
	}
	if stage := o.a.Stage; stage == audits.DateAgreed || stage == audits.UnderWay {
		m.VisitsEmpty = b.p.T("No visit or meeting is planned yet. Each stands here with its day and place, and later with its notes.")
	}
	if slices.Contains(can, audits.Ask) {
		m.Ask = ui.Link{Label: b.p.T("Ask the processor a question"), Href: o.path("/do/ask")}
	}
	if slices.Contains(can, audits.PlanSession) {
		m.Plan = ui.Link{Label: b.p.T("Plan a visit or meeting"), Href: o.path("/do/plan-visit")}
	}
	if len(m.Questions) == 0 && m.QuestionsEmpty == "" && m.Rules == nil && len(m.Visits) == 0 && m.VisitsEmpty == "" {
		return nil, nil
	}
	return pages.ConductPart(page, m), nil
}

// people are the accounts behind what was asked, read and planned.
func (o papers) people() []string {
	var all []string
	for _, q := range o.a.Inquiries {
		all = append(all, q.By, q.AnsweredBy)
	}
	if r := o.a.Rules; r != nil {
		all = append(all, r.By)
		for _, k := range r.Acknowledged {
			all = append(all, k.By)
		}
	}
	for _, v := range o.a.Sessions {
		all = append(all, v.By)
	}
	return all
}

// who names a person to the reader: colleagues and the auditor by name, people
// of the other side by their organisation.
func (b *bench) who(o papers, account string, party audits.Party, names map[string]string) string {
	switch {
	case names[account] != "":
		return names[account]
	case o.isAuditor(account):
		return orElse(o.story.Auditor.Name, b.p.T("The auditor"))
	}
	return b.side(o, party)
}

// isAuditor tells whether an account is that of the auditor, also of one whose
// invitation was withdrawn.
func (o papers) isAuditor(account string) bool {
	return account != "" && o.a.Auditor != nil && o.a.Auditor.Account == account
}

// owing is the chip of the rule that set a day: of the agreement, or of the
// law where the agreement is silent.
func (b *bench) owing(o papers, d audits.Duty) *ui.Clause {
	c := b.chip(agreements.Explain(o.rules.Terms, agreements.TermCooperation, d.Clause), o.a.Agreement)
	if !d.Agreed {
		c.Does += " " + b.p.T("It sets no number of days. The %d days are the portal's own choice.", audits.DefaultDays)
	}
	return c
}

func (b *bench) questions(o papers, names map[string]string, bad ui.FieldErrors) []pages.Question {
	var all []pages.Question
	for _, q := range slices.Backward(o.a.Inquiries) {
		if q.Kind != audits.Question {
			continue
		}
		one := pages.Question{ID: q.ID, Text: o.story.Items[q.ID].Text, State: b.inquiryState(q), Facts: b.questionFacts(o, q, names)}
		pending := q.Answered == nil && q.Withdrawn == nil
		mine := pending && b.party(o) == audits.Processor
		one.Files = b.attached(o, q.ID, b.p.T("Files for this answer"), mine, bad)
		if mine {
			one.Files.Empty = b.p.T("No files yet. What you add here goes to the controller and the auditor with your answer.")
		}
		if pending {
			one.Links = b.questionLinks(o, q)
		}
		if q.Answered != nil {
			one.Note = b.p.T("This answer was sent and cannot be changed any more.")
		}
		all = append(all, one)
	}
	return all
}

// questionLinks lead to what the reader can do with a question that waits. The
// auditor can take back only what the auditor asked.
func (b *bench) questionLinks(o papers, q audits.Inquiry) []ui.Link {
	var all []ui.Link
	if l, ok := b.link(o, "answer", q.ID); ok {
		all = append(all, l)
	}
	if l, ok := b.link(o, "withdraw-question", q.ID); ok && (!b.isAuditor() || q.By == b.by.Account) {
		all = append(all, l)
	}
	return all
}

// inquiryState says in a word how it stands with something asked.
func (b *bench) inquiryState(q audits.Inquiry) ui.State {
	switch {
	case q.Withdrawn != nil:
		return ui.State{Tone: ui.Neutral, Word: b.p.T("Withdrawn")}
	case q.Answered != nil && q.None:
		return ui.State{Tone: ui.Warn, Word: b.p.T("Nothing available")}
	case q.Answered != nil:
		return ui.State{Tone: ui.Good, Word: b.p.T("Answered")}
	case !b.Now().Before(q.Ends):
		return ui.State{Tone: ui.Danger, Word: b.p.T("Late")}
	}
	return ui.State{Tone: ui.Waiting, Word: b.p.T("Waits for an answer")}
}

func (b *bench) questionFacts(o papers, q audits.Inquiry, names map[string]string) []ui.Fact {
	said := o.story.Items[q.ID]
	facts := []ui.Fact{{Name: b.p.T("Asked"), Value: b.p.DateTime(q.At), Note: b.who(o, q.By, audits.Controller, names)}}
	due := ui.Fact{Name: b.p.T("Answer by"), Value: b.ending(q.Due, q.Ends, o.rules.Terms.TimeZone()), Chip: b.owing(o, q.Duty), TestID: "due"}
	if q.Answered == nil && q.Withdrawn == nil {
		due.Note = b.p.Relative(b.ahead(q.Due))
	}
	facts = append(facts, due)
	if said.Reason != "" {
		facts = append(facts, ui.Fact{Name: b.p.T("Why it is urgent"), Value: said.Reason, TestID: "haste"})
	}
	if q.Withdrawn != nil {
		facts = append(facts, ui.Fact{Name: b.p.T("Withdrawn"), Value: b.p.DateTime(*q.Withdrawn)})
	}
	if q.Answered == nil {
		return facts
	}
	when := ui.Fact{Name: b.p.T("Answered on"), Value: b.p.DateTime(*q.Answered), Note: b.who(o, q.AnsweredBy, audits.Processor, names)}
	if !q.Answered.Before(q.Ends) {
		when.Value = b.p.T("%s, after the day", when.Value)
		when.Chip = b.owing(o, q.Duty)
	}
	facts = append(facts, when)
	if said.Answer != "" {
		facts = append(facts, ui.Fact{Name: b.p.T("The answer"), Value: said.Answer, TestID: "answer"})
	}
	return facts
}

// ahead is the number of days until a day; negative when it has passed.
func (b *bench) ahead(day deadlines.Date) int {
	return day.DaysSince(deadlines.DateOf(b.Now(), b.zone()))
}

// houseRules shows the rules as they are now, and who has read which version.
func (b *bench) houseRules(o papers, names map[string]string, bad ui.FieldErrors) *pages.HouseRules {
	can := audits.Possible(b.by, o.a)
	writes := slices.Contains(can, audits.SetRules)
	r := o.a.Rules
	files := b.attached(o, "rules", b.p.T("Files with the house rules"), writes, bad)
	if r == nil && !writes && len(files.Files) == 0 {
		return nil
	}
	m := &pages.HouseRules{Title: b.p.T("House rules of %s", b.org(o.a.Processor)), Files: files}
	if slices.Contains(can, audits.Acknowledge) {
		m.Links = append(m.Links, ui.Link{Label: b.p.T("Read the house rules and say so"), Href: o.path("/do/read-rules")})
	}
	if writes {
		m.Links = append(m.Links, ui.Link{Label: b.p.T("Write the house rules"), Href: o.path("/do/house-rules")})
	}
	if r == nil {
		m.Empty = b.p.T("There are no house rules. If visitors have to keep to any, write them here; they read them before a visit is recorded.")
		return m
	}
	m.Text = o.story.Rules
	m.Facts = []ui.Fact{{Name: b.p.T("Version"), Value: b.p.T("%d", r.Version), TestID: "rules-version"},
		{Name: b.p.T("Written"), Value: b.p.DateTime(r.At), Note: b.who(o, r.By, audits.Processor, names)}}
	for _, k := range slices.Backward(r.Acknowledged) {
		e := ui.Entry{What: b.p.T("Read version %d", k.Version), Who: b.who(o, k.By, audits.Controller, names), When: b.p.DateTime(k.At), ISO: k.At.Format(time.RFC3339), Tone: ui.Good, TestID: "rules-read"}
		if k.Version != r.Version {
			e.What, e.Tone = b.p.T("Read version %d, which is no longer the current one", k.Version), ui.Neutral
		}
		m.Read = append(m.Read, e)
	}
	return m
}

// hasRead tells whether the reader has acknowledged the house rules as they are now.
func (b *bench) hasRead(r *audits.HouseRules) bool {
	return r == nil || slices.ContainsFunc(r.Acknowledged, func(k audits.Acknowledgment) bool { return k.By == b.by.Account && k.Version == r.Version })
}

func (b *bench) visits(o papers, names map[string]string, bad ui.FieldErrors) []pages.Visit {
	sessions := slices.Clone(o.a.Sessions)
	slices.SortStableFunc(sessions, func(x, y audits.Session) int { return x.Day.Compare(y.Day) })
	var all []pages.Visit
	for _, v := range sessions {
		said := o.story.Items[v.ID]
		one := pages.Visit{ID: v.ID, Title: b.day(v.Day), State: ui.State{Tone: ui.Info, Word: b.p.T("Planned")}}
		one.Facts = []ui.Fact{{Name: b.p.T("Where"), Value: b.mode(v.Mode), Note: said.Title}, {Name: b.p.T("What for"), Value: said.Text},
			{Name: b.p.T("Planned by"), Value: b.who(o, v.By, v.From, names), Note: b.p.DateTime(v.At)}}
		one.Files = b.attached(o, v.ID, b.p.T("Files of this visit or meeting: the programme, the minutes"), b.Audits.Takes(b.by, o.a, v.ID), bad)
		switch {
		case v.Held != nil:
			one.State = ui.State{Tone: ui.Good, Word: b.p.T("Held")}
			one.Facts = append(one.Facts, ui.Fact{Name: b.p.T("Recorded"), Value: b.p.DateTime(*v.Held)})
			if said.Answer != "" {
				one.Facts = append(one.Facts, ui.Fact{Name: b.p.T("Notes"), Value: said.Answer, TestID: "notes"})
			}
		case v.Dropped != nil:
			one.State = ui.State{Tone: ui.Neutral, Word: b.p.T("Cancelled")}
			one.Facts = append(one.Facts, ui.Fact{Name: b.p.T("Cancelled on"), Value: b.p.DateTime(*v.Dropped)})
		default:
			b.visitLinks(o, v, &one)
		}
		all = append(all, one)
	}
	return all
}

// visitLinks leads to what can be done with a planned visit. Where the house
// rules have not been read, it says so and leads to them.
func (b *bench) visitLinks(o papers, v audits.Session, one *pages.Visit) {
	if l, ok := b.link(o, "record-visit", v.ID); ok {
		switch {
		case b.ahead(v.Day) > 0:
			one.Why = b.p.T("You can record it from %s on.", b.day(v.Day))
		case !b.hasRead(o.a.Rules):
			one.Why, one.Chip = b.p.T("First read the house rules. Then you can record this visit."), b.cooperation(o)
			one.Links = append(one.Links, ui.Link{Label: b.p.T("Read the house rules and say so"), Href: o.path("/do/read-rules")})
		default:
			one.Links = append(one.Links, l)
		}
	}
	if l, ok := b.link(o, "cancel-visit", v.ID); ok {
		one.Links = append(one.Links, l)
	}
}

// cooperation is the chip of what the processor owes during an audit.
func (b *bench) cooperation(o papers) *ui.Clause {
	return b.chip(agreements.Explain(o.rules.Terms, agreements.TermCooperation, ""), o.a.Agreement)
}
