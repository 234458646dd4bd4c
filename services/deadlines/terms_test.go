package deadlines_test

import (
	"encoding/json"
	"testing"
	"time"

	"inzage/services/deadlines"
	"inzage/services/fault"
)

func TestDatesThatDoNotExistAreRefused(t *testing.T) {
	for _, s := range []string{"", "2026-02-30", "2025-02-29", "2026-13-01", "2026-2-3", "26-02-03", "2026-02-03T00:00:00Z", " 2026-02-03", "0000-01-01", "1970-12-31", "3000-01-01"} {
		if d, err := deadlines.ParseDate(s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseDate(%q) = %v, %v, want a refusal", s, d, err)
		}
	}
}

func TestMomentsThatAreNoneAreRefused(t *testing.T) {
	for _, s := range []string{"", "2026-02-03", "2026-02-03T10:00:00", "2026-02-03 10:00:00Z", "2026-02-03T10:00Z", "2026-02-03T1:00:00Z",
		"2026-02-03T10:00:60Z", "2026-02-03T24:00:00Z", "2026-02-03T10:00:00+24:00", "2026-02-03T10:00:00,5Z", "2026-02-03T10:00:00+0100", "2026-04-31T10:00:00Z"} {
		if at, err := deadlines.ParseInstant(s); fault.KindOf(err) != fault.Invalid {
			t.Errorf("ParseInstant(%q) = %v, %v, want a refusal", s, at, err)
		}
	}
}

func TestMonthsClampToTheLastDay(t *testing.T) {
	for _, c := range []struct {
		from string
		n    int
		want string
	}{
		{"2026-01-31", 1, "2026-02-28"}, {"2028-01-31", 1, "2028-02-29"}, {"2026-02-28", 1, "2026-03-28"},
		{"2026-01-31", 3, "2026-04-30"}, {"2025-11-30", 3, "2026-02-28"}, {"2026-12-31", 2, "2027-02-28"},
		{"2024-02-29", 12, "2025-02-28"}, {"2026-03-31", -1, "2026-02-28"},
	} {
		if got := date(t, c.from).AddMonths(c.n); got.String() != c.want {
			t.Errorf("%s + %d months = %s, want %s", c.from, c.n, got, c.want)
		}
	}
}

func TestDateInJSON(t *testing.T) {
	var v struct{ A, B deadlines.Date }
	if err := json.Unmarshal([]byte(`{"A":"2026-02-03","B":null}`), &v); err != nil {
		t.Fatal(err)
	}
	if v.A != (deadlines.Date{Year: 2026, Month: 2, Day: 3}) || !v.B.IsZero() {
		t.Errorf("read %v, %v", v.A, v.B)
	}
	raw, err := json.Marshal(v)
	if err != nil || string(raw) != `{"A":"2026-02-03","B":null}` {
		t.Errorf("wrote %s, %v", raw, err)
	}
	for _, bad := range []string{`{"A":20260203}`, `{"A":"2026-02-30"}`, `{"A":{}}`, `{"A":true}`} {
		if err := json.Unmarshal([]byte(bad), &v); err == nil {
			t.Errorf("%s is read", bad)
		}
	}
}

func TestADayEndsWithTheFirstInstantOfTheNext(t *testing.T) {
	for _, c := range []struct{ name, zone, day, want string }{
		{"into summer time", "Europe/Amsterdam", "2026-03-28", "2026-03-29T00:00:00+01:00"},
		{"the day of 23 hours", "Europe/Amsterdam", "2026-03-29", "2026-03-30T00:00:00+02:00"},
		{"the day of 25 hours", "Europe/Amsterdam", "2026-10-25", "2026-10-26T00:00:00+01:00"},
		{"a zone that skips midnight", "Asia/Beirut", "2026-03-28", "2026-03-29T01:00:00+03:00"},
		{"a zone that skipped midnight, west", "America/Sao_Paulo", "2018-11-03", "2018-11-04T01:00:00-02:00"},
		{"a zone that shows midnight twice", "America/Havana", "2026-10-31", "2026-11-01T00:00:00-04:00"},
		{"a zone that went back to the day before", "America/Sao_Paulo", "2018-02-17", "2018-02-18T00:00:00-03:00"},
		{"a zone that skipped a day", "Pacific/Apia", "2011-12-29", "2011-12-31T00:00:00+14:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			if got := deadlines.EndOf(date(t, c.day), zone(t, c.zone)).Format(time.RFC3339); got != c.want {
				t.Errorf("EndOf(%s) = %s, want %s", c.day, got, c.want)
			}
		})
	}
}

func TestHoursOverClockChanges(t *testing.T) {
	for _, c := range []struct {
		name, from string
		hours      int
		due, safe  string
	}{
		{"spring: the wall clock is earlier", "2026-03-28T10:00:00+01:00", 24, "2026-03-29T11:00:00+02:00", "2026-03-29T10:00:00+02:00"},
		{"autumn: elapsed is earlier", "2026-10-24T10:00:00+02:00", 24, "2026-10-25T09:00:00+01:00", "2026-10-25T09:00:00+01:00"},
		{"to a time that is skipped", "2026-03-28T02:30:00+01:00", 24, "2026-03-29T03:30:00+02:00", "2026-03-29T03:30:00+02:00"},
		{"to a time shown twice", "2026-10-24T02:30:00+02:00", 24, "2026-10-25T02:30:00+02:00", "2026-10-25T02:30:00+02:00"},
		{"from the first of a time shown twice", "2026-10-25T02:30:00+02:00", 24, "2026-10-26T01:30:00+01:00", "2026-10-26T01:30:00+01:00"},
		{"parts of a second fall off", "2026-06-12T09:00:00.999+02:00", 1, "2026-06-12T10:00:00+02:00", "2026-06-12T10:00:00+02:00"},
	} {
		t.Run(c.name, func(t *testing.T) {
			h, err := deadlines.Hours(deadlines.HoursFacts{From: at(t, c.from), Hours: c.hours, Zone: zone(t, "Europe/Amsterdam")})
			if err != nil {
				t.Fatal(err)
			}
			if due, safe := h.Due.Format(time.RFC3339Nano), h.Safe.Format(time.RFC3339Nano); due != c.due || safe != c.safe {
				t.Errorf("due, safe = %s, %s, want %s, %s", due, safe, c.due, c.safe)
			}
		})
	}
}

func TestAmountsOutOfBoundsAreRefused(t *testing.T) {
	f := deadlines.TermFacts{From: at(t, "2026-06-12T09:00:00Z"), Zone: time.UTC}
	for name, count := range map[string]func(deadlines.TermFacts, int) (deadlines.Term, error){
		"days": deadlines.Days, "weeks": deadlines.Weeks, "working days": deadlines.WorkingDays,
	} {
		for _, n := range []int{-1, 0, 1 << 40} {
			if _, err := count(f, n); fault.KindOf(err) != fault.Invalid {
				t.Errorf("%d %s: %v, want a refusal", n, name, err)
			}
		}
		if _, err := count(deadlines.TermFacts{From: f.From}, 1); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%s without a zone: %v, want a refusal", name, err)
		}
	}
	for _, n := range []int{-1, 0, 1 << 40} {
		if _, err := deadlines.Hours(deadlines.HoursFacts{From: f.From, Hours: n, Zone: time.UTC}); fault.KindOf(err) != fault.Invalid {
			t.Errorf("%d hours: %v, want a refusal", n, err)
		}
	}
}

func TestDaysHoldTwoWorkingDays(t *testing.T) {
	nl := calendar(t, "NL")
	for day := date(t, "2025-01-01"); day.Year < 2029; day = day.AddDays(1) {
		f := deadlines.TermFacts{From: deadlines.EndOf(day.AddDays(-1), time.UTC), Zone: time.UTC, Calendar: nl}
		for n := 2; n <= 8; n++ {
			term, err := deadlines.Days(f, n)
			if err != nil {
				t.Fatal(err)
			}
			if !nl.Working(term.Due) || term.Due.Before(nl.AddWorkingDays(day, 2)) || term.Due.Before(term.Nominal) || term.Safe.After(term.Due) {
				t.Fatalf("%d days from %s: %s, nominal %s, safe %s", n, day, term.Due, term.Nominal, term.Safe)
			}
		}
	}
}

func TestTheLatestNoticeMirrorsTheEarliestAudit(t *testing.T) {
	nl := calendar(t, "NL")
	for day := date(t, "2026-03-01"); day.Before(date(t, "2026-07-01")); day = day.AddDays(1) {
		for _, notice := range []deadlines.Notice{{Days: 14}, {Days: 1}, {WorkingDays: 10}, {WorkingDays: 1}} {
			back, err := deadlines.Audit(deadlines.AuditFacts{On: day, Notice: notice, Zone: time.UTC, Calendar: nl})
			if err != nil {
				t.Fatal(err)
			}
			for late, want := range []bool{true, false} { // on that day it is in time, a day later it is not
				given := deadlines.EndOf(back.LatestNotice.AddDays(late-1), time.UTC)
				on, err := deadlines.Audit(deadlines.AuditFacts{Announced: given, Notice: notice, Zone: time.UTC, Calendar: nl})
				if err != nil {
					t.Fatal(err)
				}
				if inTime := !on.Earliest.After(day); inTime != want {
					t.Fatalf("%+v: announced %s allows %s for %s, want in time %v", notice, given, on.Earliest, day, want)
				}
			}
		}
	}
}

func TestAuditReadings(t *testing.T) {
	d, err := deadlines.Audit(deadlines.AuditFacts{Last: date(t, "2025-03-10"), Years: 1, Zone: time.UTC, Calendar: calendar(t, "NL")})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, r := range d.Readings {
		got[r.Reading] = r.Due.String()
	}
	if len(got) != 2 || got["The anniversary itself suffices"] != "2026-03-10" || got["Once in a calendar year"] != "2026-01-01" {
		t.Errorf("readings = %v", got)
	}
}

func TestZonesThatAreNoneAreRefused(t *testing.T) {
	for _, name := range []string{"", "Local", "Mars/Olympus", "../etc/passwd", "+01:00"} {
		if _, err := deadlines.Zone(name); fault.KindOf(err) != fault.Invalid {
			t.Errorf("Zone(%q) is not refused: %v", name, err)
		}
	}
}
