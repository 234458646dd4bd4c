package language_test

import (
	"strings"
	"sync"
	"testing"
	"testing/fstest"
	"time"
	_ "time/tzdata"

	"inzage/views/language"
)

func printer(t *testing.T, tag string) *language.Printer {
	t.Helper()
	languages, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	return languages.Printer(tag, zone)
}

func TestPrinter(t *testing.T) {
	// Late in the evening in UTC it is the next day in Amsterdam.
	late := time.Date(2026, 12, 16, 23, 30, 0, 0, time.UTC)
	summer := time.Date(2026, 3, 29, 12, 0, 0, 0, time.UTC)
	cases := []struct {
		name   string
		write  func(p *language.Printer) string
		en, nl string
	}{
		{"date in the zone", func(p *language.Printer) string { return p.Date(late) }, "Thursday 17 December 2026", "donderdag 17 december 2026"},
		{"day of the calendar", func(p *language.Printer) string { return p.Day(2028, 2, 29) }, "Tuesday 29 February 2028", "dinsdag 29 februari 2028"},
		{"short date", func(p *language.Printer) string { return p.ShortDate(summer) }, "29 Mar 2026", "29 mrt 2026"},
		{"day and month", func(p *language.Printer) string { return p.DayMonth(summer) }, "29 Mar", "29 mrt"},
		{"winter time", func(p *language.Printer) string { return p.DateTime(late) }, "Thursday 17 December 2026 at 00:30 (CET)", "donderdag 17 december 2026 om 00:30 uur (CET)"},
		{"summer time", func(p *language.Printer) string { return p.DateTime(summer) }, "Sunday 29 March 2026 at 14:00 (CEST)", "zondag 29 maart 2026 om 14:00 uur (CEST)"},
		{"many days left", func(p *language.Printer) string { return p.Relative(12) }, "12 days left", "nog 12 dagen"},
		{"one day left", func(p *language.Printer) string { return p.Relative(1) }, "1 day left", "nog 1 dag"},
		{"today", func(p *language.Printer) string { return p.Relative(0) }, "today", "vandaag"},
		{"one day late", func(p *language.Printer) string { return p.Relative(-1) }, "1 day late", "1 dag te laat"},
		{"three days late", func(p *language.Printer) string { return p.Relative(-3) }, "3 days late", "3 dagen te laat"},
		{"yesterday", func(p *language.Printer) string { return p.Ago(1) }, "yesterday", "gisteren"},
		{"until", func(p *language.Printer) string { return p.Until(12, p.Date(late)) }, "12 days left, until Thursday 17 December 2026", "Nog 12 dagen, tot en met donderdag 17 december 2026"},
		{"was due", func(p *language.Printer) string { return p.Until(-3, p.Date(late)) }, "3 days late, it was due on Thursday 17 December 2026", "3 dagen te laat, de uiterste dag was donderdag 17 december 2026"},
		{"wait in minutes", func(p *language.Printer) string { return p.Duration(14*time.Minute + time.Second) }, "15 minutes", "15 minuten"},
		{"wait in seconds", func(p *language.Printer) string { return p.Duration(time.Second) }, "1 second", "1 seconde"},
		{"wait in days", func(p *language.Printer) string { return p.Duration(7 * 24 * time.Hour) }, "7 days", "7 dagen"},
		{"money", func(p *language.Printer) string { return p.Money(137600, "EUR") }, "€1,376.00", "€\u00a01.376,00"},
		{"no currency", func(p *language.Printer) string { return p.Money(5, "?") }, "5 ?", "5 ?"},
		{"few bytes", func(p *language.Printer) string { return p.Bytes(1) }, "1 byte", "1 byte"},
		{"megabytes", func(p *language.Printer) string { return p.Bytes(1_500_000) }, "1.5\u00a0MB", "1,5\u00a0MB"},
		{"rounded up a unit", func(p *language.Printer) string { return p.Bytes(999_999) }, "1.0\u00a0MB", "1,0\u00a0MB"},
		{"list", func(p *language.Printer) string { return p.List("a", "b", "c") }, "a, b and c", "a, b en c"},
		{"list of one", func(p *language.Printer) string { return p.List("a") }, "a", "a"},
		{"unknown sentence", func(p *language.Printer) string { return p.T("No such sentence, %s.", "reader") }, "No such sentence, reader.", "No such sentence, reader."},
		{"hostile value", func(p *language.Printer) string { return p.T("%s and %s", "%d%s<b>", "x") }, "%d%s<b> and x", "%d%s<b> en x"},
		{"time as a value", func(p *language.Printer) string { return p.T("Try again in %s.", 2*time.Minute) }, "Try again in 2 minutes.", "Probeer het over 2 minuten opnieuw."},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			for tag, want := range map[string]string{"en": c.en, "nl": c.nl} {
				if got := c.write(printer(t, tag)); got != want {
					t.Errorf("%s: got %q, want %q", tag, got, want)
				}
			}
		})
	}
}

func TestMatch(t *testing.T) {
	languages, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	for header, want := range map[string]string{
		"":                            "nl",
		"nl-BE,nl;q=0.9":              "nl",
		"en-GB,en;q=0.8,nl;q=0.5":     "en",
		"fr-FR, en;q=0.7":             "en",
		"tr":                          "nl",
		"*":                           "nl",
		"<script>":                    "nl",
		strings.Repeat("fr-x-a,", 50): "nl",
	} {
		if got := languages.Match(header); got != want {
			t.Errorf("Match(%q) = %q, want %q", header, got, want)
		}
	}
}

func TestPrinterIsSharedByGoroutines(t *testing.T) {
	p := printer(t, "nl")
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() {
			for range 50 {
				if got := p.Relative(12); got != "nog 12 dagen" {
					t.Errorf("Relative = %q", got)
				}
			}
		})
	}
	all.Wait()
}

func TestLoadRefuses(t *testing.T) {
	cases := []struct {
		name  string
		files map[string]string
		want  string
	}{
		{"two translations of one sentence", map[string]string{"nl/a.yaml": `"Send": "Verzenden"`, "nl/b.yaml": `"Send": "Versturen"`}, "two different translations"},
		{"a value is missing", map[string]string{"nl/a.yaml": `"Sent to %s": "Verstuurd"`}, "prints 0 values"},
		{"a value too many", map[string]string{"nl/a.yaml": `"Sent": "Verstuurd aan %s"`}, "prints value 1"},
		{"another verb", map[string]string{"nl/a.yaml": `"Sent to %s": "Verstuurd aan %d"`}, "prints value 1"},
		{"half a plural", map[string]string{"nl/a.yaml": `"%d days": {one: "%d dag"}`}, "both one and other"},
		{"an empty translation", map[string]string{"nl/a.yaml": `"Send": ""`}, "empty"},
		{"no YAML", map[string]string{"nl/a.yaml": `"Send`}, "nl/a.yaml"},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			_, err := language.LoadFrom(folder(c.files))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("LoadFrom = %v, want an error with %q", err, c.want)
			}
		})
	}
}

func TestLoadAccepts(t *testing.T) {
	languages, err := language.LoadFrom(folder(map[string]string{
		"nl/a.yaml": "\"Send\": \"Versturen\"\n\"%s of %s\": \"%[2]s van %[1]s\"\n\"%d days\": {one: \"één dag\", other: \"%d dagen\"}\n\"%s has %d\": {count: 2, one: \"%s heeft er één\", other: \"%s heeft er %d\"}\n",
		"nl/b.yaml": `"Send": "Versturen"`,
	}))
	if err != nil {
		t.Fatal(err)
	}
	p := languages.Printer("nl", nil)
	for got, want := range map[string]string{
		p.T("Send"):                  "Versturen",
		p.T("%s of %s", "a", "b"):    "b van a",
		p.T("%d days", 1):            "één dag",
		p.T("%d days", 2):            "2 dagen",
		p.T("%s has %d", "Noor", 1):  "Noor heeft er één",
		p.T("%s has %d", "Noor", 12): "Noor heeft er 12",
	} {
		if got != want {
			t.Errorf("T = %q, want %q", got, want)
		}
	}
	if missing := languages.Missing("nl", []string{"Send", "Stop"}); len(missing) != 1 || missing[0] != "Stop" {
		t.Errorf("Missing = %v, want [Stop]", missing)
	}
}

func folder(files map[string]string) fstest.MapFS {
	out := fstest.MapFS{"en/none.yaml": {Data: []byte("{}")}}
	for name, body := range files {
		out[name] = &fstest.MapFile{Data: []byte(body)}
	}
	return out
}
