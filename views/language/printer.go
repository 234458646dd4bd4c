package language

import (
	"strconv"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"github.com/bojanz/currency"
	"golang.org/x/text/message"
)

// Printer writes for one reader: in one language and one time zone. It may be
// used by many goroutines at once.
type Printer struct {
	tag  string
	zone *time.Location
	text *message.Printer
}

// Tag is the language, as in the lang attribute.
func (p *Printer) Tag() string { return p.tag }

// Location is the zone in which times are written.
func (p *Printer) Location() *time.Location { return p.zone }

// Zone is the zone in which times are written: "Europe/Amsterdam".
func (p *Printer) Zone() string { return p.zone.String() }

// T returns the sentence in the reader's language, or the English one when
// there is no translation. Whole numbers are grouped ("1.234"), so pass a year
// or a reference as a string. A time is written as a date, a duration in words.
//
// The key is always a sentence of ours. Words of others go into args.
func (p *Printer) T(key string, args ...any) string {
	for i, a := range args {
		switch v := a.(type) {
		case time.Time:
			args = replace(args, i, p.Date(v))
		case time.Duration:
			args = replace(args, i, p.Duration(v))
		}
	}
	return p.text.Sprintf(key, args...)
}

// replace leaves the caller's slice as it was.
func replace(args []any, i int, with any) []any {
	c := append([]any(nil), args...)
	c[i] = with
	return c
}

// Date writes the day out, in the printer's zone: "Thursday 17 December 2026".
func (p *Printer) Date(t time.Time) string {
	t = t.In(p.zone)
	return p.Day(t.Year(), t.Month(), t.Day())
}

// Day is Date for a day of the calendar, which has no zone.
func (p *Printer) Day(year int, month time.Month, day int) string {
	d := time.Date(year, month, day, 0, 0, 0, 0, time.UTC)
	return p.fill("{weekday} {day} {month} {year}", d)
}

// ShortDate writes the day without the weekday and with a short month:
// "17 Dec 2026". For tables, beside a full date elsewhere.
func (p *Printer) ShortDate(t time.Time) string {
	return p.fill("{day} {short month} {year}", t.In(p.zone))
}

// DayMonth writes "17 Dec", for marks on a line whose year is said beside it.
func (p *Printer) DayMonth(t time.Time) string {
	return p.fill("{day} {short month}", t.In(p.zone))
}

// DateTime writes the day out with the time and the zone's short name:
// "Thursday 17 December 2026 at 14:05 (CET)".
func (p *Printer) DateTime(t time.Time) string {
	t = t.In(p.zone)
	return p.T("%s at %s (%s)", p.Date(t), t.Format("15:04"), t.Format("MST"))
}

// Clock writes the time of day, without its zone: "14:05".
func (p *Printer) Clock(t time.Time) string { return t.In(p.zone).Format("15:04") }

func (p *Printer) fill(pattern string, t time.Time) string {
	return strings.NewReplacer(
		"{weekday}", p.T(t.Weekday().String()),
		"{day}", strconv.Itoa(t.Day()),
		"{month}", p.T(t.Month().String()),
		"{short month}", p.T(t.Format("Jan")),
		"{year}", strconv.Itoa(t.Year()),
	).Replace(p.T(pattern))
}

// Relative says how far away a deadline is, in whole days: "12 days left",
// "today", and for a negative number "3 days late".
func (p *Printer) Relative(days int) string {
	switch {
	case days == 0:
		return p.T("today")
	case days < 0:
		return p.T("%d days late", -days)
	}
	return p.T("%d days left", days)
}

// Ago says how long ago something was, in whole days: "today", "yesterday",
// "3 days ago".
func (p *Printer) Ago(days int) string {
	switch days {
	case 0:
		return p.T("today")
	case 1:
		return p.T("yesterday")
	}
	return p.T("%d days ago", days)
}

// Until says the words beside a clock: "12 days left, until Thursday 17
// December 2026", or "3 days late, it was due on …".
func (p *Printer) Until(days int, due string) string {
	if days < 0 {
		return p.T("%s, it was due on %s", p.Relative(days), due)
	}
	return p.T("%s, until %s", capital(p.Relative(days)), due)
}

// Duration writes a length of time in its largest fitting unit, rounded up so
// that nobody is told to come back too early: "15 minutes".
func (p *Printer) Duration(d time.Duration) string {
	up := func(unit time.Duration) int { return int((d + unit - 1) / unit) }
	switch {
	case d <= 90*time.Second:
		return p.T("%d seconds", up(time.Second))
	case d <= 90*time.Minute:
		return p.T("%d minutes", up(time.Minute))
	case d <= 47*time.Hour:
		return p.T("%d hours", up(time.Hour))
	}
	return p.T("%d days", up(24*time.Hour))
}

// Money writes an amount of integer cents (the currency's smallest unit).
// A code that is no currency is written as it is, after the number.
func (p *Printer) Money(cents int64, code string) string {
	amount, err := currency.NewAmountFromInt64(cents, code)
	if err != nil {
		return strconv.FormatInt(cents, 10) + " " + code
	}
	return currency.NewFormatter(currency.NewLocale(p.tag)).Format(amount)
}

// Bytes writes the size of a file in decimal units: "1.5 MB".
func (p *Printer) Bytes(n int64) string {
	if n < 1000 {
		return p.T("%d bytes", n)
	}
	value, unit := float64(n), ""
	for _, unit = range []string{"kB", "MB", "GB", "TB"} {
		value /= 1000
		if value < 999.5 {
			break
		}
	}
	if value >= 10 {
		return p.text.Sprintf("%.0f\u00a0%s", value, unit)
	}
	return p.text.Sprintf("%.1f\u00a0%s", value, unit)
}

// List joins words as one reads them: "access, erasure and objection".
func (p *Printer) List(words ...string) string {
	if len(words) < 2 {
		return strings.Join(words, "")
	}
	last := len(words) - 1
	return p.T("%s and %s", strings.Join(words[:last], ", "), words[last])
}

func capital(s string) string {
	first, size := utf8.DecodeRuneInString(s)
	if size == 0 {
		return s
	}
	return string(unicode.ToUpper(first)) + s[size:]
}
