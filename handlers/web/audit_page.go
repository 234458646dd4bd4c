package web

import (
	"slices"
	"time"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"
	pages "inzage/views/pages/audit"
	sheets "inzage/views/pages/staff"
	"inzage/views/ui"
)

// part is one section of an audit's page, in its own file; nil when the reader
// has nothing to see in it.
type part func(*bench, ui.Page, papers, ui.FieldErrors) (templ.Component, error)

// parts are the sections in the order in which they stand: what the stage is
// about comes first, what was settled before it last.
func parts(at audits.Stage) []part {
	asked, booked, auditor, days := (*bench).inquiriesPart, (*bench).bookingPart, (*bench).auditorPart, (*bench).datesPart
	visits, found, better, costs := (*bench).conductPart, (*bench).findingsPart, (*bench).measuresPart, (*bench).costsPart
	switch at {
	case audits.Draft, audits.Precondition:
		return []part{asked, booked, auditor, days, visits, found, better, costs}
	case audits.Announced, audits.DateAgreed:
		return []part{days, auditor, visits, booked, asked, costs, found, better}
	case audits.UnderWay:
		return []part{visits, found, days, auditor, costs, better, booked, asked}
	case audits.Reported, audits.InReview:
		return []part{found, better, visits, costs, days, auditor, booked, asked}
	case audits.Improving:
		return []part{better, costs, found, visits, days, auditor, booked, asked}
	}
	return []part{costs, found, better, visits, days, auditor, booked, asked}
}

// audit is the page of one audit. The auditor who has not signed yet sees the
// undertaking first, and nothing else.
func (b *bench) audit() error {
	o, err := b.open()
	if fault.KindOf(err) == fault.Gone {
		return b.bare(o)
	}
	if err != nil {
		return err
	}
	if o.sight == audits.Threshold {
		return b.threshold(o)
	}
	return b.showAudit(fiber.StatusOK, o, nil)
}

// bare shows what is left of an audit whose content was destroyed: that it
// was there, its days and its history.
func (b *bench) bare(o papers) error {
	page := b.frame("Audit %s", o.a.Reference)
	m := pages.Audit{Reference: o.a.Reference, State: b.stage(o.a.Stage), Stages: b.track(o), Clock: b.clock(o), Facts: b.facts(o)}
	m.Waiting = []sheets.Banner{{Tone: ui.Neutral, Title: b.p.T("The content of this audit was destroyed"),
		Text: b.p.T("Its storage period has ended. What stays are the bare facts: the days, the parties, the outcome and the history. What was written and the files cannot be read any more, by anybody.")}}
	var err error
	if m.Story, err = b.history(o); err != nil {
		return err
	}
	return b.show(fiber.StatusOK, pages.AuditPage(page, m))
}

// showAudit shows the page; bad are refused files.
func (b *bench) showAudit(status int, o papers, bad ui.FieldErrors) error {
	page := b.frame("Audit %s", o.a.Reference)
	page.Sensitive, page.Invalid = true, status >= 400
	m := pages.Audit{Reference: o.a.Reference, State: b.stage(o.a.Stage), Errors: bad, Stages: b.track(o), Facts: b.facts(o), Documents: b.documents(o)}
	m.Next, m.More = b.todo(o)
	m.Clock = b.clock(o)
	m.Waiting = b.waiting(o)
	for _, make := range parts(o.a.Stage) {
		section, err := make(b, page, o, bad)
		if err != nil {
			return err
		}
		if section != nil {
			m.Parts = append(m.Parts, section)
		}
	}
	var err error
	if m.Story, err = b.history(o); err != nil {
		return err
	}
	return b.show(status, pages.AuditPage(page, m))
}

// track shows how far the audit is.
func (b *bench) track(o papers) []ui.Stage {
	var all []ui.Stage
	reached := slices.Index(audits.Stages(), o.a.Stage)
	for n, s := range audits.Stages() {
		if s == audits.Cancelled || s == audits.Closed && o.a.Stage == audits.Cancelled {
			continue
		}
		if s == audits.Precondition && n < reached && !slices.ContainsFunc(o.a.Inquiries, func(q audits.Inquiry) bool { return q.Kind != audits.Question }) {
			continue // nothing was asked first
		}
		// What was passed over, as in an audit settled by reports, is not "done".
		done := n < reached && o.a.Stage != audits.Cancelled && (o.a.Outcome != audits.SettledOther || n <= 1) || s == audits.Closed && o.a.Stage == s
		all = append(all, ui.Stage{Label: b.stage(s).Word, Done: done, Now: s == o.a.Stage && s != audits.Closed})
	}
	if o.a.Stage == audits.Cancelled {
		all = append(all, ui.Stage{Label: b.stage(audits.Cancelled).Word, Now: true})
	}
	return all
}

// facts are what the audit is, at a glance.
func (b *bench) facts(o papers) []ui.Fact {
	a := o.a
	facts := []ui.Fact{{Name: b.p.T("Controller"), Value: b.org(a.Controller)}, {Name: b.p.T("Processor"), Value: b.org(a.Processor)}}
	if o.sight == audits.Content && o.story.Subject != "" {
		facts = append(facts, ui.Fact{Name: b.p.T("What it is about"), Value: o.story.Subject}, ui.Fact{Name: b.p.T("Where"), Value: b.mode(a.Mode)})
		why := b.p.T("A regular audit")
		if a.Cause.ForCause {
			why = b.p.T("For cause")
		}
		facts = append(facts, ui.Fact{Name: b.p.T("Why"), Value: why, Note: o.story.Why})
		terms := ui.Fact{Name: b.p.T("Agreement"), Value: o.rules.Terms.Title}
		facts = append(facts, terms)
	}
	if !a.On.IsZero() {
		facts = append(facts, ui.Fact{Name: b.p.T("Agreed day"), Value: b.day(a.On), TestID: "agreed-day"})
	}
	if a.Ended != nil {
		facts = append(facts, ui.Fact{Name: b.p.T("Ended"), Value: b.p.DateTime(*a.Ended), Note: o.story.CancelledAs})
	}
	if !a.Next.IsZero() {
		facts = append(facts, ui.Fact{Name: b.p.T("Next audit possible from"), Value: b.day(a.Next), Chip: b.ruleChip(o, "frequency"), TestID: "next-audit"})
	}
	return facts
}

// ruleChip is the chip of one line of the judgement; nil when there is none.
func (b *bench) ruleChip(o papers, rule string) *ui.Clause {
	for _, l := range o.rules.Lines {
		if l.Rule == rule {
			return b.chip(l.Chip, o.a.Agreement)
		}
	}
	return nil
}

// clock draws the audit from its beginning to what is due next.
func (b *bench) clock(o papers) ui.Clock {
	c := ui.Clock{Title: b.p.T("The days of this audit"), Tone: ui.Neutral, Words: b.p.T("Nothing is due now."), TestID: "clock"}
	at := func(t *time.Time, label string) {
		if t != nil {
			c.Marks = append(c.Marks, ui.Mark{At: *t, Kind: ui.Event, Label: label, Day: b.p.DayMonth(*t), Date: b.p.DateTime(*t)})
		}
	}
	if !o.a.Drafted.IsZero() {
		at(&o.a.Drafted, b.p.T("Drafted"))
	}
	at(o.a.Announced, b.p.T("Announced"))
	at(o.a.Began, b.p.T("Begun"))
	at(o.a.Settled, b.p.T("Costs settled"))
	at(o.a.Ended, b.p.T("Ended"))
	if !o.a.Open {
		c.Words = b.stage(o.a.Stage).Word
		return c
	}
	today := b.Now()
	c.Marks = append(c.Marks, ui.Mark{At: today, Kind: ui.Today, Label: b.p.T("Today"), Day: b.p.DayMonth(today), Date: b.p.Date(today)})
	due := false
	for _, m := range audits.MarksOf(b.by, o.a) {
		mark := b.markOf(m)
		if !due && m.Kind != "audit" && m.Kind != "session" {
			due, mark.Kind = true, ui.Enforced
			left := m.Day.DaysSince(deadlines.DateOf(b.Now(), b.zone()))
			c.Words, c.Tone = b.p.T("%s. %s", mark.Label, b.p.Until(left, b.day(m.Day))), urgency(left)
		}
		c.Marks = append(c.Marks, mark)
	}
	return c
}

func (b *bench) markOf(m audits.Mark) ui.Mark {
	noon := time.Date(m.Day.Year, m.Day.Month, m.Day.Day, 12, 0, 0, 0, b.zone())
	return ui.Mark{At: noon, Kind: ui.Planned, Label: b.markWord(m), Day: b.p.DayMonth(noon), Date: b.day(m.Day)}
}

// waiting says whose turn it is, and for what.
func (b *bench) waiting(o papers) []sheets.Banner {
	var all []sheets.Banner
	for _, m := range audits.MarksOf(b.by, o.a) {
		if !m.Mine || !o.a.Open || b.isAuditor() && !checks(o.a, m) {
			continue
		}
		if m.Kind == "proposal" {
			all = append(all, sheets.Banner{Tone: ui.Warn, Title: b.p.T("The other side proposes %s", b.day(m.Day)), Text: b.p.T("Accept this day, or propose another one."),
				Links: []ui.Link{{Label: b.p.T("Go to it"), Href: anchor(m.Item)}}})
			continue
		}
		all = append(all, sheets.Banner{Tone: ui.Warn, Title: b.markWord(m), Text: b.p.T("This waits for you, until %s.", b.day(m.Day)),
			Links: []ui.Link{{Label: b.p.T("Go to it"), Href: anchor(orElse(m.Item, "booking"))}}})
	}
	return all
}

// checks tells whether a day is about a measure that waits to be checked: the
// one thing with a day that the auditor may do in the controller's place.
func checks(a audits.Audit, m audits.Mark) bool {
	return slices.ContainsFunc(a.Measures, func(x audits.Measure) bool { return x.ID == m.Item && x.Checkable() })
}
