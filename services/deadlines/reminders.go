package deadlines

import (
	"slices"
	"time"
)

// Never stands for "no reminder any more"; it sorts after every real time.
var Never = time.Date(9999, 1, 1, 0, 0, 0, 0, time.UTC)

// Late names the escalation when the end has passed.
const Late = "late"

// reminders are the days before an end at which those who owe something are
// reminded, and the escalation when it has passed.
var reminders = [...]struct {
	name string
	days int
}{{"14", 14}, {"7", 7}, {"3", 3}, {"1", 1}, {Late, 0}}

// NextReminder is when the next reminder of an end that was not raised yet is
// due, Never when there is none. What was skipped because time ran past it is
// not made up for: only the latest counts.
func NextReminder(ends time.Time, raised []string, now time.Time) time.Time {
	for _, m := range reminders {
		at := ends.AddDate(0, 0, -m.days)
		if !slices.Contains(raised, m.name) && (at.After(now) || m.name == Late) {
			return at
		}
	}
	return Never
}

// DueReminder names the reminder that has come: "14", "7", "3", "1" or Late;
// "" when none has.
func DueReminder(ends time.Time, raised []string, now time.Time) string {
	name := ""
	for _, m := range reminders {
		if !ends.AddDate(0, 0, -m.days).After(now) && !slices.Contains(raised, m.name) {
			name = m.name
		}
	}
	return name
}

// PassedReminders lists the reminders of an end whose moment has come. Who
// starts to owe something with these raised is not reminded of the past.
func PassedReminders(ends, now time.Time) []string {
	names := []string{}
	for _, m := range reminders {
		if !ends.AddDate(0, 0, -m.days).After(now) {
			names = append(names, m.name)
		}
	}
	return names
}
