package deadlines

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/rickar/cal/v2"

	"inzage/config/holidays"
	"inzage/services/fault"
)

// Calendar knows the public holidays of one country. The zero Calendar knows
// none: only Saturdays and Sundays are free.
type Calendar struct {
	set     *holidays.Set
	reading *holidays.Contested // the contested reading that is followed, nil for none
	unnamed bool                // the holidays of the country are not known: see CalendarFor
}

// sets are the embedded holiday sets; they are read once and never changed.
var sets = sync.OnceValues(holidays.Load)

// CalendarOf finds the calendar of a country: "NL", "BE" or "none". Other keys
// are refused (fault.Invalid).
func CalendarOf(key string) (Calendar, error) {
	all, err := sets()
	if err != nil {
		return Calendar{}, fmt.Errorf("load the holiday sets: %w", err)
	}
	set, ok := all[key]
	if !ok {
		keys := slices.Sorted(maps.Keys(all))
		return Calendar{}, fault.New(fault.Invalid, "There is no holiday set %q; there are %s.", key, strings.Join(keys, ", "))
	}
	return Calendar{set: &set}, nil
}

// CalendarFor finds the calendar of a country for counting with what is known:
// where there is no holiday set of it, or no country is named, only Saturdays and
// Sundays are free, Known says so, and so does the basis of every term in which
// the holidays would count.
func CalendarFor(country string) Calendar {
	c, err := CalendarOf(country)
	if err != nil {
		return Calendar{unnamed: true}
	}
	return c
}

// Known tells whether it is known which days are public holidays; with "none"
// somebody chose that no day is.
func (c Calendar) Known() bool { return !c.unnamed }

// Country is the key of the holiday set, or empty when there is none.
func (c Calendar) Country() string {
	if c.set == nil {
		return ""
	}
	return c.set.Key
}

// Source is the law that designates the holidays, empty for the zero Calendar.
func (c Calendar) Source() string {
	if c.set == nil {
		return ""
	}
	return c.set.Source
}

// Holiday gives the name of the public holiday on that day, if it is one
// (Reg. 1182/71 art. 2(1)). Weekends are not named.
func (c Calendar) Holiday(d Date) (name string, ok bool) {
	if c.set == nil {
		return "", false
	}
	if name, ok := c.named(c.set.Days, d); ok {
		return name, true
	}
	if c.reading == nil {
		return "", false
	}
	return c.named(c.reading.Adds, d)
}

func (c Calendar) named(days []holidays.Day, d Date) (string, bool) {
	for _, day := range days {
		if !c.dropped(day.Name, d.Year) && occurs(day, d.Year) == d {
			return day.Name, true
		}
	}
	return "", false
}

func (c Calendar) dropped(name string, year int) bool {
	if c.reading == nil || c.reading.Drops.Name != name {
		return false
	}
	every := c.reading.Drops.ExceptEvery
	return every == 0 || year%every != 0
}

// occurs is the date of a holiday rule in a year, or the zero Date.
func occurs(day holidays.Day, year int) Date {
	if year < day.From || day.To != 0 && year > day.To {
		return Date{}
	}
	var on Date
	switch {
	case day.Date != "":
		on, _ = ParseDate(day.Date) // a test reads every date of the data
	case day.Easter != nil:
		on = easter(year).AddDays(*day.Easter)
	default:
		on = Date{year, time.Month(day.Month), day.Day}
	}
	if day.OnSunday != 0 && on.Weekday() == time.Sunday {
		on = on.AddDays(day.OnSunday)
	}
	return on
}

func easter(year int) Date {
	// The library answers with midnight in the zone of the machine, which a
	// clock change can push to 23:00 of the day before.
	y, m, d := cal.CalcEasterOffset(&cal.Holiday{}, year).Add(6 * time.Hour).Date()
	return Date{y, m, d}
}

// Working says that the day is no Saturday, no Sunday and no public holiday
// (Reg. 1182/71 art. 2(2)).
func (c Calendar) Working(d Date) bool { return c.free(d) == "" }

// free says why a day is no working day, or is empty.
func (c Calendar) free(d Date) string {
	if name, ok := c.Holiday(d); ok {
		return name
	}
	if day := d.Weekday(); day == time.Saturday || day == time.Sunday {
		return day.String()
	}
	return ""
}

// Roll is the day itself when it is a working day, else the next working day
// (Reg. 1182/71 art. 3(4)).
func (c Calendar) Roll(d Date) Date {
	for !c.Working(d) {
		d = d.AddDays(1)
	}
	return d
}

// AddWorkingDays is the n-th working day after d; d itself does not count.
func (c Calendar) AddWorkingDays(d Date, n int) Date {
	for ; n > 0; n-- {
		d = c.Roll(d.AddDays(1))
	}
	return d
}

// DayOff is a day over which a term rolled, and why.
type DayOff struct {
	Date Date
	Why  string // the name of the holiday, or "Saturday" or "Sunday"
}

// daysOff lists the days that Roll passes over from d.
func (c Calendar) daysOff(d Date) []DayOff {
	var off []DayOff
	for why := c.free(d); why != ""; why = c.free(d) {
		off = append(off, DayOff{d, why})
		d = d.AddDays(1)
	}
	return off
}

// contested are the calendars under the other readings of the same law.
func (c Calendar) contested() []Calendar {
	if c.set == nil {
		return nil
	}
	var others []Calendar
	for i := range c.set.Contested {
		others = append(others, Calendar{set: c.set, reading: &c.set.Contested[i]})
	}
	return others
}

// Contested names a working day that another reading of the law takes for a
// holiday, such as Good Friday.
func (c Calendar) Contested(d Date) (name string, ok bool) {
	if !c.Working(d) {
		return "", false
	}
	for _, other := range c.contested() {
		if name, ok := other.Holiday(d); ok {
			return name, true
		}
	}
	return "", false
}

// unknown says that a contested reading has days that are not known, for
// example not decreed yet, in a year between the two days.
func (c Calendar) unknown(from, to Date) bool {
	for _, other := range c.contested() {
		if k := other.reading.Known; k != (holidays.Years{}) && (from.Year < k.From || to.Year > k.To) {
			return true
		}
	}
	return false
}
