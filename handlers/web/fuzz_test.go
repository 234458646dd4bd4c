package web

import (
	"encoding/csv"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf8"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/views/language"
)

// FuzzSheet: whatever people typed, the sheet has the rows and cells it was
// given, and none of them is a formula.
func FuzzSheet(f *testing.F) {
	for _, seed := range []string{"=1+1", "+31 6", "-2", "@SUM(A1)", "\t=x", "a\"b,c\r\nd", "|cmd", "%0A=1", "\ufeff=1", "'=1", "=HYPERLINK(\"http://evil.example\")"} {
		f.Add(seed, "Sanne")
	}
	f.Fuzz(func(t *testing.T, one, two string) {
		text, err := sheetOf([][]string{{one, two}, {two, one}})
		if err != nil {
			t.Fatal(err)
		}
		rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(string(text), "\ufeff"))).ReadAll()
		if err != nil {
			t.Fatalf("%q is no CSV: %v", text, err)
		}
		if one == "" && two == "" {
			return // empty lines are no rows to a reader
		}
		if len(rows) != 2 || len(rows[0]) != 2 || len(rows[1]) != 2 {
			t.Fatalf("rows = %q", rows)
		}
		for _, cell := range slices.Concat(rows[0], rows[1]) {
			if _, err := strconv.Atoi(cell); err != nil && cell != "" && strings.ContainsRune("=+-@\t\r\n|%", rune(cell[0])) {
				t.Errorf("%q is a formula", cell)
			}
		}
	})
}

// FuzzCalendar: whatever the names are, a calendar has its one event, and every
// line begins with a name that the writer knows.
func FuzzCalendar(f *testing.F) {
	languages, err := language.Load()
	if err != nil {
		f.Fatal(err)
	}
	for _, seed := range []string{"De Korenaar", "A\r\nBEGIN:VEVENT\r\nSUMMARY:evil", "A;B,C\\n", "\u2028X-EVIL:1", "é" + strings.Repeat("x", 200), "\x00\x7f", "END:VCALENDAR"} {
		f.Add(seed, seed, "AAAA-BBBB")
		f.Add("MijnPartnerGroep", seed, seed)
	}
	known := []string{"BEGIN", "END", "VERSION", "PRODID", "METHOD", "NAME", "X-WR-CALNAME", "REFRESH-INTERVAL;VALUE=DURATION", "REFRESH-INTERVAL", "X-PUBLISHED-TTL", "UID", "DTSTAMP", "SEQUENCE",
		"DTSTART;VALUE=DATE", "DTEND;VALUE=DATE", "SUMMARY", "DESCRIPTION", "URL", "CLASS", "STATUS", "TRANSP"}
	f.Fuzz(func(t *testing.T, controller, processor, reference string) {
		base, err := url.Parse("https://inzage.example")
		if err != nil {
			t.Fatal(err)
		}
		d := &desk{staff: staff{&Site{BaseURL: base, Now: func() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }}},
			p: languages.Printer("nl", time.UTC), names: map[string]string{"org_c": controller, "org_p": processor}}
		text := d.ical(almanac{marks: []audits.Mark{{Day: deadlines.Date{Year: 2026, Month: 12, Day: 1}, Kind: "audit", Audit: "aud_1", Reference: reference, Controller: "org_c", Processor: "org_p"}}})
		events := 0
		for line := range strings.SplitSeq(strings.TrimSuffix(text, "\r\n"), "\r\n") {
			if strings.ContainsAny(line, "\r\n") || len(line) > 75 {
				t.Errorf("a line of %d octets: %q", len(line), line)
			}
			if utf8.ValidString(controller) && utf8.ValidString(processor) && utf8.ValidString(reference) && !utf8.ValidString(line) {
				t.Errorf("a character is cut in two: %q", line)
			}
			if strings.HasPrefix(line, " ") {
				continue // goes on from the line before
			}
			name, _, _ := strings.Cut(line, ":")
			if !slices.Contains(known, name) {
				t.Errorf("a line that nobody wrote: %q", line)
			}
			if line == "BEGIN:VEVENT" {
				events++
			}
		}
		if events != 1 {
			t.Errorf("%d events, want 1", events)
		}
	})
}
