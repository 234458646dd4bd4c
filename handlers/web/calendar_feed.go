package web

import (
	"crypto/sha256"
	"encoding/base64"
	"strings"
	"time"
	"unicode"

	ics "github.com/arran4/golang-ical"
	"github.com/gofiber/fiber/v2"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/requests"
	"inzage/views/ui"
)

// What a feed covers: together less than one look at the calendar may span.
const (
	feedBack  = 90
	feedAhead = 310
)

// feed is a person's calendar for their own program. The address was made with
// both factors; who it belongs to, and what that person may see, is looked up
// at every reading.
func (s auditing) feed(c *fiber.Ctx) error {
	address, _ := c.Locals("address").(string)
	by, wants, err := s.Identity.ReadFeed(c.UserContext(), c.Params("token"), address)
	if err != nil {
		return err
	}
	d := &desk{staff: staff(s), c: c, ctx: c.UserContext(), by: by, names: map[string]string{},
		p: s.Languages.Printer(by.Language, s.zoneOf(c.UserContext(), by.Organisation))}
	today := deadlines.DateOf(s.Now(), d.zone())
	from, until := today.AddDays(-feedBack), today.AddDays(feedAhead)
	v := almanac{feed: true, made: wants.Made}
	if v.marks, err = s.Audits.Subscribed(c.UserContext(), by, from, until); err != nil {
		return err
	}
	dayOrder(v.marks)
	if wants.Requests {
		if v.due, v.more, err = s.Requests.Due(c.UserContext(), by, from, until); err != nil {
			return err
		}
	}
	return d.sendCalendar(v, "inzage.ics", true)
}

// almanac is what a calendar file holds.
type almanac struct {
	marks []audits.Mark
	due   []requests.DueDay
	more  bool      // more is due than due holds
	feed  bool      // a program reads it again and again
	made  time.Time // when its address was made
}

// dayFile is the day of one audit as a calendar entry, also when it fell away.
func (b *bench) dayFile() error {
	a, sight, err := b.Audits.Look(b.ctx, b.by, b.c.Params("id"))
	if err != nil {
		return err
	}
	m, ok := audits.DayOf(b.by, a)
	if sight != audits.Content || !ok {
		return audits.ErrNotFound
	}
	return b.sendCalendar(almanac{marks: []audits.Mark{m}}, fileOf(a), false)
}

func fileOf(a audits.Audit) string { return "audit-" + a.Reference + ".ics" }

// calendarFile is the calendar entry among the audit's documents; ok is false
// while there is no day.
func (b *bench) calendarFile(o papers) (ui.File, bool) {
	m, ok := audits.DayOf(b.by, o.a)
	if o.sight != audits.Content || !ok {
		return ui.File{}, false
	}
	if m.Off {
		return ui.File{Name: fileOf(o.a), Kind: b.p.T("Calendar entry: cancelled"), Note: b.day(m.Day), Href: o.path("/day.ics")}, true
	}
	return ui.File{Name: fileOf(o.a), Kind: b.p.T("Calendar entry"), Note: b.day(m.Day), Href: o.path("/day.ics")}, true
}

// sendCalendar answers with a calendar. A program that has the same already is
// told so.
func (d *desk) sendCalendar(v almanac, name string, inline bool) error {
	text := d.ical(v)
	tag := calendarTag(text)
	d.c.Set(fiber.HeaderETag, tag)
	// Kept by the reader's program only, and asked again each time: what was
	// revoked is gone at once.
	d.c.Set(fiber.HeaderCacheControl, "private, no-cache")
	if seen := d.c.Get(fiber.HeaderIfNoneMatch); seen == "*" || strings.Contains(seen, tag) {
		return d.c.SendStatus(fiber.StatusNotModified)
	}
	d.c.Set(fiber.HeaderContentType, "text/calendar; charset=utf-8")
	d.c.Set(fiber.HeaderContentSecurityPolicy, sandboxed)
	d.c.Set(fiber.HeaderContentDisposition, attachment(name))
	if inline {
		d.c.Set(fiber.HeaderContentDisposition, `inline; filename="`+name+`"`)
	}
	return d.c.SendString(text)
}

func calendarTag(text string) string {
	sum := sha256.Sum256([]byte(text))
	return `W/"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`
}

// ical writes a calendar (RFC 5545, with the names of RFC 7986): what the
// calendar page shows, and which days fell away. It has no METHOD: nobody is
// invited, and libical asks an ORGANIZER of whatever is published.
func (d *desk) ical(v almanac) string {
	cal := ics.NewCalendarFor("Inzage")
	cal.SetProductId("-//Inzage//Audits//" + strings.ToUpper(d.p.Tag()))
	if v.feed {
		cal.SetName(d.p.T("Inzage: audits"))
		cal.SetXWRCalName(d.p.T("Inzage: audits"))
		cal.SetRefreshInterval("PT1H")
		cal.SetXPublishedTTL("PT1H")
		d.about(cal, v)
	}
	for _, m := range v.marks {
		d.event(cal, m)
	}
	for _, x := range v.due {
		d.dueEvent(cal, x, v.made)
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

// about is the entry of the feed itself, a journal that no calendar shows. A
// calendar without any component is none (RFC 5545 3.6), and programs that
// synchronise take one that was emptied for a fault and keep what they had.
func (d *desk) about(cal *ics.Calendar, v almanac) {
	j := cal.AddJournal("inzage-" + v.made.UTC().Format("20060102T150405Z"))
	j.SetDtStampTime(v.made.UTC().Truncate(time.Second))
	j.SetAllDayStartAt(v.made.In(amsterdam()))
	j.SetSummary(d.p.T("Your calendar address was made"))
	text := d.BaseURL.JoinPath("calendar", "address").String()
	if v.more {
		text = d.p.T("More is due than the calendar holds (%d entries). The portal shows all of it.", requests.DueMost) + "\n" + text
	}
	j.SetDescription(text)
	j.SetClass(ics.ClassificationPrivate)
}

func (d *desk) event(cal *ics.Calendar, m audits.Mark) {
	page := d.BaseURL.JoinPath("audits", m.Audit).String()
	if !m.Own {
		page += anchor(m.Item)
	}
	e := d.wholeDay(cal, uid(m), m.Day, m.Touched, page)
	e.SetSequence(m.Changes)
	summary := d.p.T("%s: audit %s", d.markWord(m), m.Reference)
	e.SetStatus(ics.ObjectStatusConfirmed)
	switch {
	case m.Off:
		e.SetStatus(ics.ObjectStatusCancelled)
		summary = d.p.T("Cancelled: %s", summary)
	case m.Kind == "proposal":
		e.SetStatus(ics.ObjectStatusTentative)
	}
	e.SetSummary(oneLine(summary))
	e.SetDescription(oneLine(d.p.T("%s is audited by %s.", d.org(m.Processor), d.org(m.Controller))) + "\n" + page)
	// A deadline keeps nobody busy, nor does what fell away; the audit itself and a visit do.
	if m.Off || m.Kind != "audit" && m.Kind != "session" {
		e.SetTimeTransparency(ics.TransparencyTransparent)
	}
}

// dueEvent is the day on which a request, or help with one, is due: its
// reference and, of help, the organisation that asked.
func (d *desk) dueEvent(cal *ics.Calendar, x requests.DueDay, made time.Time) {
	name, page, text := x.Request, d.BaseURL.JoinPath("requests", x.Request).String(), d.p.T("Request due: %s", x.Reference)
	if x.Assist != "" {
		name, page, text = x.Assist, d.BaseURL.JoinPath("assists", x.Assist).String(), d.p.T("Help due: request %s", x.Reference)
	}
	e := d.wholeDay(cal, name+"-due", x.Day, made, page)
	e.SetSummary(oneLine(text))
	if x.For != "" {
		page = oneLine(d.p.T("Asked by %s.", d.org(x.For))) + "\n" + page
	}
	e.SetDescription(page)
	e.SetTimeTransparency(ics.TransparencyTransparent)
}

// wholeDay adds an entry. Without a METHOD its stamp is when it last changed
// (RFC 5545 3.8.7.2).
func (d *desk) wholeDay(cal *ics.Calendar, name string, day deadlines.Date, changed time.Time, page string) *ics.VEvent {
	e := cal.AddEvent(name)
	e.SetDtStampTime(changed.UTC().Truncate(time.Second))
	e.SetAllDayStartAt(noonOf(day))
	e.SetAllDayEndAt(noonOf(day.AddDays(1)))
	e.SetURL(page)
	e.SetClass(ics.ClassificationPrivate)
	return e
}

// uid is the name of an entry, the same at every reading and wherever the portal
// lives: an audit's own day keeps it from the first proposal to the last move.
func uid(m audits.Mark) string {
	switch {
	case m.Own:
		return m.Audit + "-day"
	case m.Item != "":
		return m.Audit + "-" + m.Kind + "-" + m.Item
	}
	return m.Audit + "-" + m.Kind
}

// oneLine leaves no character in a name that could begin a line of its own.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }), " ")
}
