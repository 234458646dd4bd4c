package deadlines_test

import (
	"encoding/json"
	"maps"
	"os"
	"slices"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rickar/cal/v2"

	"inzage/config/holidays"
	"inzage/services/deadlines"
)

func calendar(t testing.TB, key string) deadlines.Calendar {
	t.Helper()
	c, err := deadlines.CalendarOf(key)
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func zone(t testing.TB, name string) *time.Location {
	t.Helper()
	z, err := deadlines.Zone(name)
	if err != nil {
		t.Fatal(err)
	}
	return z
}

func date(t testing.TB, s string) deadlines.Date {
	t.Helper()
	d, err := deadlines.ParseDate(s)
	if err != nil {
		t.Fatal(err)
	}
	return d
}

func at(t testing.TB, s string) time.Time {
	t.Helper()
	i, err := deadlines.ParseInstant(s)
	if err != nil {
		t.Fatal(err)
	}
	return i
}

// holidaysOf lists the holidays of a year; two on one day count once.
func holidaysOf(c deadlines.Calendar, year int) []string {
	var days []string
	for d := (deadlines.Date{Year: year, Month: 1, Day: 1}); d.Year == year; d = d.AddDays(1) {
		if _, ok := c.Holiday(d); ok {
			days = append(days, d.String())
		}
	}
	return days
}

func TestDutchHolidaysAreThoseOfTheAct(t *testing.T) {
	raw, err := os.ReadFile("testdata/holidays_nl.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		Days map[int][]string `json:"atw_3_1"`
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	if len(want.Days) != 7 {
		t.Fatalf("%d years, want 7", len(want.Days))
	}
	for _, year := range slices.Sorted(maps.Keys(want.Days)) {
		if diff := cmp.Diff(want.Days[year], holidaysOf(calendar(t, "NL"), year)); diff != "" {
			t.Errorf("%d (-want +got):\n%s", year, diff)
		}
	}
}

func TestTheContestedDutchDaysAreThoseOfTheAct(t *testing.T) {
	raw, err := os.ReadFile("testdata/holidays_nl.json")
	if err != nil {
		t.Fatal(err)
	}
	var want struct {
		GoodFridays []string `json:"atw_3_2"`
		Decreed     []string `json:"atw_3_3"`
	}
	if err := json.Unmarshal(raw, &want); err != nil {
		t.Fatal(err)
	}
	// A term of one working day that begins the day before ends on the day
	// itself, or later on the reading that takes it as a holiday.
	for label, days := range map[string][]string{
		"Good Friday counts as a holiday":                    want.GoodFridays,
		"The days equated by royal decree count as holidays": want.Decreed,
	} {
		if len(days) < 7 {
			t.Fatalf("%s: %d days", label, len(days))
		}
		for _, day := range days {
			term, err := deadlines.WorkingDays(deadlines.TermFacts{
				From: deadlines.EndOf(date(t, day).AddDays(-2), time.UTC), Zone: time.UTC, Calendar: calendar(t, "NL"),
			}, 1)
			if err != nil {
				t.Fatal(err)
			}
			labels := make([]string, 0, 1)
			for _, r := range term.Readings {
				labels = append(labels, r.Reading)
			}
			if !slices.Contains(labels, label) {
				t.Errorf("%s: readings = %v, want %q", day, labels, label)
			}
		}
	}
}

func TestHolidayRules(t *testing.T) {
	for _, c := range []struct {
		name, set, day string
		want           string // the name of the holiday, empty for none
	}{
		{"King's Day on a Monday", "NL", "2026-04-27", "King's Day"},
		{"King's Day moves off a Sunday", "NL", "2031-04-26", "King's Day"},
		{"and leaves the Sunday", "NL", "2031-04-27", ""},
		{"Queen's Day before 2014", "NL", "2013-04-30", "Queen's Day"},
		{"Queen's Day on a Sunday moved back", "NL", "2006-04-29", "Queen's Day"},
		{"Queen's Day on a Sunday moved on before 1980", "NL", "1978-05-01", "Queen's Day"},
		{"no King's Day before 2014", "NL", "2013-04-27", ""},
		{"no Queen's Day since 2014", "NL", "2014-04-30", ""},
		{"5 May outside a lustrum", "NL", "2026-05-05", "Liberation Day"},
		{"Good Friday is contested, so no holiday", "NL", "2026-04-03", ""},
		{"a decreed day is contested, so no holiday", "NL", "2026-05-15", ""},
		{"1 May in the Netherlands", "NL", "2026-05-01", ""},
		{"1 May in Belgium", "BE", "2026-05-01", "Labour Day"},
		{"26 December in Belgium", "BE", "2025-12-26", ""},
		{"Whit Monday in Belgium", "BE", "2026-05-25", "Whit Monday"},
		{"Christmas without a country", "none", "2026-12-25", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			got, ok := calendar(t, c.set).Holiday(date(t, c.day))
			if got != c.want || ok != (c.want != "") {
				t.Errorf("Holiday(%s) = %q, %v, want %q", c.day, got, ok, c.want)
			}
		})
	}
}

func TestEasterDoesNotDependOnTheMachine(t *testing.T) {
	// In the Azores the clock skips midnight on Easter Sunday 2024.
	machine := cal.DefaultLoc
	t.Cleanup(func() { cal.DefaultLoc = machine })
	cal.DefaultLoc = zone(t, "Atlantic/Azores")
	if name, _ := calendar(t, "NL").Holiday(date(t, "2024-04-01")); name != "Easter Monday" {
		t.Errorf("1 April 2024 is %q, want Easter Monday", name)
	}
}

func TestBelgiumHasTenHolidays(t *testing.T) {
	want := []string{"2026-01-01", "2026-04-06", "2026-05-01", "2026-05-14", "2026-05-25",
		"2026-07-21", "2026-08-15", "2026-11-01", "2026-11-11", "2026-12-25"}
	if diff := cmp.Diff(want, holidaysOf(calendar(t, "BE"), 2026)); diff != "" {
		t.Errorf("-want +got:\n%s", diff)
	}
}

func TestTheHolidayDataNameRealDays(t *testing.T) {
	sets, err := holidays.Load()
	if err != nil {
		t.Fatal(err)
	}
	if got := slices.Sorted(maps.Keys(sets)); !slices.Equal(got, []string{"BE", "NL", "none"}) {
		t.Errorf("sets = %v", got)
	}
	for key, set := range sets {
		days := set.Days
		for _, c := range set.Contested {
			days = append(slices.Clone(days), c.Adds...)
			if c.Reading == "" || c.Source == "" {
				t.Errorf("%s: a contested reading without words or source", key)
			}
			if c.Drops.Name != "" && !slices.ContainsFunc(set.Days, func(d holidays.Day) bool { return d.Name == c.Drops.Name }) {
				t.Errorf("%s drops %q, which it does not have", key, c.Drops.Name)
			}
		}
		for _, d := range days {
			ways := 0
			if d.Date != "" {
				ways++
				date(t, d.Date)
			}
			if d.Easter != nil {
				ways++
			}
			if d.Month != 0 {
				ways++
				if real := time.Date(2024, time.Month(d.Month), d.Day, 0, 0, 0, 0, time.UTC); int(real.Month()) != d.Month || real.Day() != d.Day {
					t.Errorf("%s: %s is no day of the year", key, d.Name)
				}
			}
			if ways != 1 || d.Name == "" {
				t.Errorf("%s: %+v must have a name and one way to find its day", key, d)
			}
		}
	}
}

func TestUnknownHolidaySetIsRefused(t *testing.T) {
	for _, key := range []string{"", "nl", "DE", "NONE"} {
		if _, err := deadlines.CalendarOf(key); err == nil {
			t.Errorf("CalendarOf(%q) is not refused", key)
		}
	}
}
