package web

import (
	"cmp"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
	"inzage/services/requests"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

func (s auditing) mountCalendar(app routes) {
	app.Get("/calendar", s.at((*bench).calendar))
	app.Get("/calendar/address", s.at((*bench).feedPage))
	app.Post("/calendar/address", post(s.at((*bench).makeFeed)))
	app.Post("/calendar/address/revoke", post(s.at((*bench).revokeFeed)))
	app.Get("/audits/:id/day.ics", s.at((*bench).dayFile))
	// The address is its own key: calendars cannot sign in.
	app.Get("/feeds/:token.ics", s.feed)
}

// listDays is how many days the calendar as a list spans.
const listDays = 91

// calendar shows a month, or the days of a quarter as a list.
func (b *bench) calendar() error {
	today := deadlines.DateOf(b.Now(), b.zone())
	if b.c.Query("view") == "list" {
		return b.calendarList(today)
	}
	first := deadlines.Date{Year: today.Year, Month: today.Month, Day: 1}
	if day, err := deadlines.ParseDate(b.c.Query("month") + "-01"); err == nil && within(day) {
		first = day
	}
	from := monday(first)
	until := monday(first.AddMonths(1).AddDays(6)) // the Monday on or after the next month's first
	days, err := b.days(today, from, until)
	if err != nil {
		return err
	}
	m := b.calendarFrame(false, today)
	m.Title = b.month(first)
	m.Before = ui.Link{Label: b.month(first.AddMonths(-1)), Href: monthPath(first.AddMonths(-1))}
	m.After = ui.Link{Label: b.month(first.AddMonths(1)), Href: monthPath(first.AddMonths(1))}
	for n, day := range days {
		day.Out = from.AddDays(n).Month != first.Month
		m.Count += len(day.Marks)
		if n%7 == 0 {
			m.Weeks = append(m.Weeks, nil)
		}
		m.Weeks[n/7] = append(m.Weeks[n/7], day)
	}
	for n := range 7 {
		m.Weekdays = append(m.Weekdays, b.p.T(from.AddDays(n).Weekday().String()))
	}
	page := b.frame("Calendar")
	page.Title = b.p.T("Calendar: %s", m.Title)
	return b.show(fiber.StatusOK, pages.CalendarPage(page, m))
}

func (b *bench) calendarList(today deadlines.Date) error {
	from := today
	if day, err := deadlines.ParseDate(b.c.Query("from")); err == nil && within(day) {
		from = day
	}
	days, err := b.days(today, from, from.AddDays(listDays))
	if err != nil {
		return err
	}
	m := b.calendarFrame(true, today)
	m.Title = b.p.T("From %s to %s", b.day(from), b.day(from.AddDays(listDays-1)))
	at := func(day deadlines.Date) string { return "/calendar?view=list&from=" + day.String() }
	m.Before = ui.Link{Label: b.p.T("The days before"), Href: at(from.AddDays(-listDays))}
	m.After = ui.Link{Label: b.p.T("The days after"), Href: at(from.AddDays(listDays))}
	for _, day := range days {
		if m.Count += len(day.Marks); len(day.Marks) > 0 {
			m.List = append(m.List, day)
		}
	}
	page := b.frame("Calendar")
	page.Title = b.p.T("Calendar: %s", m.Title)
	return b.show(fiber.StatusOK, pages.CalendarPage(page, m))
}

// calendarFrame is what the month and the list have in common.
func (b *bench) calendarFrame(list bool, today deadlines.Date) pages.Calendar {
	m := pages.Calendar{Tabs: []ui.Tab{{Label: b.p.T("Month"), Href: "/calendar", Current: !list}, {Label: b.p.T("List"), Href: "/calendar?view=list", Current: list}},
		Today:   ui.Link{Label: b.p.T("This month"), Href: monthPath(today)},
		Address: ui.Link{Label: b.p.T("Your audits in your own calendar"), Href: "/calendar/address"},
		Empty:   b.p.T("Nothing falls in these days. Days of audits, and the days on which something is due, appear here.")}
	if !b.holidays().Known() {
		m.Note = b.p.T("Public holidays are not marked here: those of your country are not known to the portal.")
		if b.isAuditor() {
			m.Note = b.p.T("Public holidays are not marked here: the portal does not know in which country you work.")
		}
	}
	if list {
		m.Today = ui.Link{Label: b.p.T("From today"), Href: "/calendar?view=list"}
	}
	return m
}

// within keeps the calendar to years in which there can be an audit; anything
// else in the address is read as today.
func within(day deadlines.Date) bool { return day.Year >= 2000 && day.Year < 2200 }

func monday(day deadlines.Date) deadlines.Date {
	return day.AddDays(-((int(day.Weekday()) + 6) % 7))
}

func monthPath(day deadlines.Date) string { return "/calendar?month=" + day.String()[:7] }

func (b *bench) month(day deadlines.Date) string {
	return b.p.T(day.Month.String()) + " " + strconv.Itoa(day.Year)
}

// days are all days from one up to another, with what falls on each: of audits
// for everybody, of requests and help for staff.
func (b *bench) days(today, from, until deadlines.Date) ([]pages.Day, error) {
	marks, err := b.Audits.Calendar(b.ctx, b.by, from, until)
	if err != nil {
		return nil, err
	}
	var due []requests.DueDay
	if !b.isAuditor() {
		// What lies beyond requests.DueMost is beyond what a day shows, too.
		if due, _, err = b.Requests.Due(b.ctx, b.by, from, until); err != nil {
			return nil, err
		}
	}
	holidays := b.holidays()
	var all []pages.Day
	for day := from; day.Before(until); day = day.AddDays(1) {
		v := pages.Day{Iso: day.String(), Number: strconv.Itoa(day.Day), Long: b.day(day), Today: day == today, Passed: day.Before(today), Free: !holidays.Working(day)}
		if name, ok := holidays.Holiday(day); ok {
			v.Holiday = b.p.T(name)
		} else if name, ok := holidays.Contested(day); ok {
			v.Holiday = b.p.T("%s, for some", b.p.T(name))
		}
		for _, m := range marks {
			if m.Day == day {
				v.Marks = append(v.Marks, b.dayMark(m, today))
			}
		}
		v.Marks = append(v.Marks, b.dueMarks(due, day)...)
		all = append(all, v)
	}
	return all, nil
}

// holidays are those of the reader's organisation; of an auditor's country
// nothing is known.
func (b *bench) holidays() deadlines.Calendar {
	if b.by.Organisation == "" {
		return deadlines.CalendarFor("")
	}
	o, err := b.Identity.Organisation(b.ctx, b.by.Organisation)
	if err != nil {
		return deadlines.CalendarFor("")
	}
	return deadlines.CalendarFor(o.Country)
}

// dayMark is something of an audit on a day.
func (b *bench) dayMark(m audits.Mark, today deadlines.Date) pages.DayMark {
	v := pages.DayMark{Label: b.markWord(m), Text: m.Reference, With: b.otherParty(m), Href: "/audits/" + m.Audit + anchor(m.Item), Kind: m.Kind}
	switch {
	case m.Mine && m.Day.Before(today):
		v.State = &ui.State{Tone: ui.Danger, Word: b.p.T("Late")}
	case m.Mine:
		v.State = &ui.State{Tone: ui.Warn, Word: b.p.T("For you to do")}
	}
	return v
}

// otherParty names the other party of an audit; for the auditor, both.
func (b *bench) otherParty(m audits.Mark) string {
	switch m.Side {
	case audits.AsController:
		return b.org(m.Processor)
	case audits.AsProcessor:
		return b.org(m.Controller)
	}
	return b.p.List(b.org(m.Controller), b.org(m.Processor))
}

// dayShows is how many requests a day of the calendar names one by one.
const dayShows = 8

// dueMarks are the requests and the help that are due on a day; of many the
// first are named, and the queue has all of them.
func (b *bench) dueMarks(due []requests.DueDay, day deadlines.Date) []pages.DayMark {
	var all []pages.DayMark
	more := 0
	for _, d := range due {
		switch {
		case d.Day != day:
		case len(all) == dayShows:
			more++
		default:
			all = append(all, b.dueMark(d))
		}
	}
	if more > 0 {
		all = append(all, pages.DayMark{Label: b.p.T("And %d more that are due", more), Href: "/requests", Kind: "more"})
	}
	return all
}

// dueMark is a request, or help, that is due on a day.
func (b *bench) dueMark(d requests.DueDay) pages.DayMark {
	if d.Assist != "" {
		return pages.DayMark{Label: b.p.T("Help due"), Text: d.Reference, With: b.org(d.For), Href: "/assists/" + d.Assist, Kind: "assist"}
	}
	return pages.DayMark{Label: b.p.T("Request due"), Text: d.Reference, Href: "/requests/" + d.Request, Kind: "request"}
}

// feedPage tells of the calendar address of the reader's own.
func (b *bench) feedPage() error {
	acc, _, err := b.Identity.Me(b.ctx, b.by)
	if err != nil {
		return err
	}
	return b.showFeed(acc, "")
}

func (b *bench) showFeed(acc identity.Account, address string) error {
	m := pages.Feed{Back: ui.Link{Label: b.p.T("Calendar"), Href: "/calendar"}, Address: address, Staff: !b.isAuditor(), Requests: acc.Feed.Requests}
	if acc.Feed.Token != "" {
		m.Made = b.p.T("You made your address on %s.", b.p.DateTime(acc.Feed.Made))
	}
	page := b.frame("Your audits in your own calendar")
	page.Path, page.Sensitive = "/calendar/address", true // the address is not shown again in another language
	return b.show(fiber.StatusOK, pages.FeedPage(page, m))
}

// makeFeed makes a new address and shows it, this once.
func (b *bench) makeFeed() error {
	token, err := b.Identity.MakeFeed(b.ctx, b.by, b.c.FormValue("requests") == "on")
	if err != nil {
		return err
	}
	acc, _, err := b.Identity.Me(b.ctx, b.by)
	if err != nil {
		return err
	}
	return b.showFeed(acc, b.BaseURL.JoinPath("feeds", token+".ics").String())
}

func (b *bench) revokeFeed() error {
	if err := b.Identity.RevokeFeed(b.ctx, b.by); err != nil {
		return err
	}
	return b.Site.done(b.c, "/calendar/address", "feed-revoked")
}

// dayOrder puts marks into the order in which a file lists them.
func dayOrder(marks []audits.Mark) {
	slices.SortStableFunc(marks, func(x, y audits.Mark) int {
		return cmp.Or(x.Day.Compare(y.Day), cmp.Compare(x.Reference, y.Reference), cmp.Compare(x.Kind, y.Kind), cmp.Compare(x.Item, y.Item))
	})
}

// noonOf is a moment on that day in every zone near ours.
func noonOf(day deadlines.Date) time.Time {
	return time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, time.UTC)
}
