package agreements

import (
	"time"

	"inzage/services/deadlines"
)

// Ends is when the period is over, counted from a moment: its last day, and the
// exclusive end. The day of the moment does not count, and nothing rolls over,
// so that the end is never later than what was agreed. Hours run on from the
// moment itself and end within their last day; over a clock change the earlier
// of elapsed and wall clock counts. The zero period has no end.
func (p Period) Ends(from time.Time, zone *time.Location, calendar deadlines.Calendar) (last deadlines.Date, ends time.Time, err error) {
	day := deadlines.DateOf(from, zone)
	switch {
	case p.IsZero():
		return last, ends, nil
	case p.Hours > 0:
		counted, err := deadlines.Hours(deadlines.HoursFacts{From: from, Hours: p.Hours, Zone: zone})
		if err != nil {
			return last, ends, err
		}
		// An end at midnight belongs to the day that it ends.
		return deadlines.DateOf(counted.Safe.Add(-time.Nanosecond), zone), counted.Safe, nil
	case p.WorkingDays > 0:
		last = calendar.AddWorkingDays(day, p.WorkingDays)
	case p.Months+p.Years > 0:
		last = day.AddMonths(p.Months + 12*p.Years)
	default:
		last = day.AddDays(p.Days + 7*p.Weeks)
	}
	return last, deadlines.EndOf(last, zone), nil
}
