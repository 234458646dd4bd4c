package deadlines

import (
	"fmt"
	"regexp"
	"time"

	"inzage/services/fault"
)

// The years in which the engine counts. Regulation 1182/71 starts in 1971.
const (
	minYear = 1971
	maxYear = 2999
)

// Date is a day of the civil calendar without a time or a zone. The zero Date
// is no day at all: its text is empty and its JSON is null. Dates compare with ==.
type Date struct {
	Year  int
	Month time.Month
	Day   int
}

// DateOf is the local date of an instant in a zone.
func DateOf(t time.Time, zone *time.Location) Date {
	y, m, d := t.In(zone).Date()
	return Date{y, m, d}
}

// ParseDate reads YYYY-MM-DD. Days that do not exist, such as 30 February, are
// refused (fault.Invalid).
func ParseDate(s string) (Date, error) {
	t, err := time.Parse(time.DateOnly, s)
	if err != nil {
		return Date{}, fault.New(fault.Invalid, "%q is not a date; write it as YYYY-MM-DD.", s).Because(err)
	}
	d := DateOf(t, time.UTC)
	return d, d.within()
}

// ParseInstant reads a moment as RFC 3339 with its offset, for example
// 2026-03-02T10:00:00+01:00. Impossible dates and a missing offset are refused (fault.Invalid).
func ParseInstant(s string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil || !rfc3339.MatchString(s) {
		return time.Time{}, fault.New(fault.Invalid, "%q is not a moment; write it as 2026-03-02T10:00:00+01:00.", s).Because(err)
	}
	return t, nil
}

// rfc3339 is the shape of a moment: time.Parse lets a short hour, a comma and
// an offset of 24 hours pass.
var rfc3339 = regexp.MustCompile(`^[0-9-]{10}T[0-9]{2}:[0-9]{2}:[0-9]{2}(\.[0-9]+)?(Z|[+-]([01][0-9]|2[0-3]):[0-5][0-9])$`)

func (d Date) within() error {
	if d.Year < minYear || d.Year > maxYear {
		return fault.New(fault.Invalid, "The date %s lies outside the years %d to %d.", d, minYear, maxYear)
	}
	return nil
}

// IsZero says that there is no date.
func (d Date) IsZero() bool { return d == Date{} }

// String is YYYY-MM-DD, or empty for the zero Date.
func (d Date) String() string {
	if d.IsZero() {
		return ""
	}
	return fmt.Sprintf("%04d-%02d-%02d", d.Year, d.Month, d.Day)
}

// noon is a time on this day that no clock change can move to another day.
func (d Date) noon() time.Time { return time.Date(d.Year, d.Month, d.Day, 12, 0, 0, 0, time.UTC) }

// Weekday is the day of the week.
func (d Date) Weekday() time.Weekday { return d.noon().Weekday() }

// AddDays is the day n days later, or earlier when n is negative.
func (d Date) AddDays(n int) Date { return DateOf(d.noon().AddDate(0, 0, n), time.UTC) }

// AddMonths is the day with the same number n months later; when that month
// has no such day, its last day (Reg. 1182/71 art. 3(2)(c)).
func (d Date) AddMonths(n int) Date {
	first := Date{d.Year, d.Month, 1}.noon().AddDate(0, n, 0)
	last := first.AddDate(0, 1, -1).Day()
	return Date{first.Year(), first.Month(), min(d.Day, last)}
}

// AddYears is twelve times AddMonths: 29 February gives 28 February in a common year.
func (d Date) AddYears(n int) Date { return d.AddMonths(12 * n) }

// Compare is -1, 0 or 1 as d is before, on or after other.
func (d Date) Compare(other Date) int { return d.noon().Compare(other.noon()) }

// Before says that d is an earlier day than other.
func (d Date) Before(other Date) bool { return d.Compare(other) < 0 }

// After says that d is a later day than other.
func (d Date) After(other Date) bool { return d.Compare(other) > 0 }

// DaysSince is the number of days from other to d: zero on the same day.
func (d Date) DaysSince(other Date) int { return int(d.noon().Sub(other.noon()) / (24 * time.Hour)) }

// MarshalText writes YYYY-MM-DD, or nothing for the zero Date.
func (d Date) MarshalText() ([]byte, error) { return []byte(d.String()), nil }

// UnmarshalText reads what MarshalText writes.
func (d *Date) UnmarshalText(b []byte) error {
	if len(b) == 0 {
		*d = Date{}
		return nil
	}
	var err error
	*d, err = ParseDate(string(b))
	return err
}

// MarshalJSON writes "YYYY-MM-DD", or null for the zero Date.
func (d Date) MarshalJSON() ([]byte, error) {
	if d.IsZero() {
		return []byte("null"), nil
	}
	return []byte(`"` + d.String() + `"`), nil
}

// UnmarshalJSON reads what MarshalJSON writes.
func (d *Date) UnmarshalJSON(b []byte) error {
	switch {
	case string(b) == "null" || string(b) == `""`:
		*d = Date{}
		return nil
	case len(b) < 2 || b[0] != '"' || b[len(b)-1] != '"':
		return fault.New(fault.Invalid, "A date is a text: write it as \"YYYY-MM-DD\".")
	}
	return d.UnmarshalText(b[1 : len(b)-1])
}

func earlier(a, b Date) Date {
	if b.Before(a) {
		return b
	}
	return a
}

func later(a, b Date) Date {
	if b.After(a) {
		return b
	}
	return a
}
