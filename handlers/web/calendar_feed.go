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
	"inzage/services/identity"
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
	by, err := s.Identity.ReadFeed(c.UserContext(), c.Params("token"), address)
	if err != nil {
		return err
	}
	d := &desk{staff: staff(s), c: c, ctx: c.UserContext(), by: by, p: s.Languages.Printer(by.Language, amsterdam()), names: map[string]string{}}
	today := deadlines.DateOf(s.Now(), amsterdam())
	marks, err := s.Audits.Calendar(c.UserContext(), by, today.AddDays(-feedBack), today.AddDays(feedAhead))
	if err != nil {
		return err
	}
	dayOrder(marks)
	return d.sendCalendar(marks, "inzage.ics", true)
}

// dayFile is the agreed or proposed day of one audit as a calendar entry.
func (b *bench) dayFile() error {
	a, sight, err := b.Audits.Look(b.ctx, b.by, b.c.Params("id"))
	if err != nil {
		return err
	}
	m, ok := dayOf(b.by, a)
	if sight != audits.Content || !ok {
		return audits.ErrNotFound
	}
	return b.sendCalendar([]audits.Mark{m}, fileOf(a), false)
}

// dayOf is the mark of the audit's own day, agreed or proposed.
func dayOf(by identity.Actor, a audits.Audit) (audits.Mark, bool) {
	for _, m := range audits.MarksOf(by, a) {
		if m.Own && a.Announced != nil {
			return m, true
		}
	}
	return audits.Mark{}, false
}

func fileOf(a audits.Audit) string { return "audit-" + a.Reference + ".ics" }

// calendarFile is the calendar entry among the audit's documents; ok is false
// while there is no day.
func (b *bench) calendarFile(o papers) (ui.File, bool) {
	m, ok := dayOf(b.by, o.a)
	if o.sight != audits.Content || !ok {
		return ui.File{}, false
	}
	return ui.File{Name: fileOf(o.a), Kind: b.p.T("Calendar entry"), Note: b.day(m.Day), Href: o.path("/day.ics")}, true
}

// sendCalendar answers with a calendar. A program that has the same already is
// told so: the tag leaves out when each copy was made.
func (d *desk) sendCalendar(marks []audits.Mark, name string, inline bool) error {
	text := d.ical(marks)
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
	h := sha256.New()
	for line := range strings.Lines(text) {
		if !strings.HasPrefix(line, "DTSTAMP") {
			_, _ = h.Write([]byte(line)) // a hash takes everything
		}
	}
	return `W/"` + base64.RawURLEncoding.EncodeToString(h.Sum(nil)[:16]) + `"`
}

// ical writes marks as a calendar (RFC 5545, with the names of RFC 7986): what
// the calendar page shows and nothing more.
func (d *desk) ical(marks []audits.Mark) string {
	cal := ics.NewCalendarFor("Inzage")
	cal.SetProductId("-//Inzage//Audits//" + strings.ToUpper(d.p.Tag()))
	cal.SetMethod(ics.MethodPublish)
	cal.SetName(d.p.T("Inzage: audits"))
	cal.SetXWRCalName(d.p.T("Inzage: audits"))
	cal.SetRefreshInterval("PT1H")
	cal.SetXPublishedTTL("PT1H")
	for _, m := range marks {
		d.event(cal, m)
	}
	return cal.Serialize(ics.WithNewLineWindows)
}

func (d *desk) event(cal *ics.Calendar, m audits.Mark) {
	e := cal.AddEvent(uid(m, d.BaseURL.Hostname()))
	e.SetDtStampTime(d.Now().UTC().Truncate(time.Second))
	e.SetSequence(int(m.Rev))
	e.SetAllDayStartAt(noonOf(m.Day))
	e.SetAllDayEndAt(noonOf(m.Day.AddDays(1)))
	e.SetSummary(oneLine(d.p.T("%s: audit %s", d.markWord(m), m.Reference)))
	page := d.BaseURL.JoinPath("audits", m.Audit).String()
	if !m.Own {
		page += anchor(m.Item)
	}
	e.SetDescription(oneLine(d.p.T("%s is audited by %s.", d.org(m.Processor), d.org(m.Controller))) + "\n" + page)
	e.SetURL(page)
	e.SetClass(ics.ClassificationPrivate)
	e.SetStatus(ics.ObjectStatusConfirmed)
	if m.Kind == "proposal" {
		e.SetStatus(ics.ObjectStatusTentative)
	}
	// A deadline keeps nobody busy; the audit itself and a visit do.
	if m.Kind != "audit" && m.Kind != "session" {
		e.SetTimeTransparency(ics.TransparencyTransparent)
	}
}

// uid is the name of an entry, the same at every reading: an audit's own day
// keeps it from the first proposal to the last move.
func uid(m audits.Mark, host string) string {
	of := m.Kind
	switch {
	case m.Own:
		of = "day"
	case m.Item != "":
		of += "-" + m.Item
	}
	return m.Audit + "-" + of + "@" + host
}

// oneLine leaves no character in a name that could begin a line of its own.
func oneLine(s string) string {
	return strings.Join(strings.FieldsFunc(s, func(r rune) bool { return unicode.IsControl(r) || r == '\u2028' || r == '\u2029' }), " ")
}
