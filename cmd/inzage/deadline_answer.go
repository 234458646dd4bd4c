package main

import (
	"encoding/json"
	"fmt"
	"io"
	"strings"
	"time"

	"inzage/services/deadlines"
)

// answer is the outcome of a command, for a program and for a reader.
type answer struct {
	object any // what --json prints
	lines  []line
	basis  []deadlines.Rule
	other  []line // other readings
}

// line is one value with its name in words; key names it in the basis.
type line struct {
	key, label, value string
}

// write prints the JSON object, or every value with the rules it rests on.
func (a answer) write(w io.Writer, asJSON bool) error {
	if asJSON {
		enc := json.NewEncoder(w)
		enc.SetEscapeHTML(false)
		return enc.Encode(a.object)
	}
	_, err := io.WriteString(w, a.text())
	return err
}

func (a answer) text() string {
	var b strings.Builder
	for _, l := range a.lines {
		fmt.Fprintf(&b, "%-30s %s\n", l.label, l.value)
		for _, r := range a.basis {
			if r.Of == l.key {
				writeRule(&b, r)
			}
		}
	}
	notes := "\nNotes\n"
	for _, r := range a.basis {
		if r.Of == "" {
			b.WriteString(notes)
			writeRule(&b, r)
			notes = ""
		}
	}
	if len(a.other) > 0 {
		b.WriteString("\nOther dates that can be defended\n")
	}
	for _, l := range a.other {
		fmt.Fprintf(&b, "%s  %s\n    [%s]\n", l.value, l.label, l.key)
	}
	return b.String()
}

func writeRule(b *strings.Builder, r deadlines.Rule) {
	fmt.Fprintf(b, "    %s\n    [%s]\n", r.Rule, r.Source)
}

// day writes a date for a reader.
func day(d deadlines.Date) string {
	if d.IsZero() {
		return "does not follow from what was given"
	}
	return d.Weekday().String()[:3] + " " + d.String()
}

func moment(t time.Time) string { return t.Format(time.RFC3339) }

func requestAnswer(d deadlines.RequestDeadline) answer {
	return answer{
		object: d,
		basis:  d.Basis,
		other:  dateReadings(d.Readings),
		lines: []line{
			{"due", "Due (enforced)", day(d.Due)},
			{"ends", "Ends", moment(d.Ends)},
			{"safe", "Safe", day(d.Safe)},
			{"nominal", "Nominal", day(d.Nominal)},
			{"statutory", "Statutory", day(d.Statutory) + rolledOver(d.Rolled)},
			{"extension_notice_safe", "Extension notice, safe", day(d.ExtensionNoticeSafe)},
			{"extension_notice_statutory", "Extension notice, statutory", day(d.ExtensionNoticeStatutory)},
			{"refusal_notice_safe", "Refusal, safe", day(d.RefusalNoticeSafe)},
			{"refusal_notice_statutory", "Refusal, statutory", day(d.RefusalNoticeStatutory)},
		},
	}
}

// rolledOver names the days that a term passed over.
func rolledOver(days []deadlines.DayOff) string {
	if len(days) == 0 {
		return ""
	}
	names := make([]string, len(days))
	for i, d := range days {
		names[i] = d.Date.String() + " " + d.Why
	}
	return " (past " + strings.Join(names, ", ") + ")"
}

func dateReadings(readings []deadlines.Reading) []line {
	lines := make([]line, len(readings))
	for i, r := range readings {
		lines[i] = line{r.Source, r.Reading, day(r.Due)}
	}
	return lines
}

func hoursAnswer(t deadlines.HoursTerm) answer {
	a := answer{object: t, basis: t.Basis, lines: []line{
		{"due", "Due (elapsed hours)", moment(t.Due)},
		{"safe", "Safe", moment(t.Safe)},
	}}
	for _, r := range t.Readings {
		a.other = append(a.other, line{r.Source, r.Reading, moment(r.Due)})
	}
	return a
}

func daysAnswer(t deadlines.Term) answer {
	return answer{
		object: struct {
			Due deadlines.Date `json:"due"`
		}{t.Due},
		basis: t.Basis,
		other: dateReadings(t.Readings),
		lines: []line{{"due", "Due", day(t.Due) + rolledOver(t.Rolled) + ", until " + moment(t.Ends)}},
	}
}

func auditAnswer(d deadlines.AuditDays) answer {
	return answer{
		object: d,
		basis:  d.Basis,
		other:  dateReadings(d.Readings),
		lines: []line{
			{"earliest", "Earliest day", day(d.Earliest)},
			{"earliest_working_day", "Earliest working day", day(d.EarliestWorkingDay)},
			{"latest_notice", "Latest day for the notice", day(d.LatestNotice)},
		},
	}
}
