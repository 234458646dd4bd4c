package agreements

import "fmt"

// Period is a length of time with exactly one unit; the zero Period is none.
type Period struct {
	Hours       int `json:"hours,omitempty"`
	Days        int `json:"days,omitempty"`
	Weeks       int `json:"weeks,omitempty"`
	WorkingDays int `json:"working_days,omitempty"`
	Months      int `json:"months,omitempty"`
	Years       int `json:"years,omitempty"`
}

// IsZero reports whether there is no period.
func (p Period) IsZero() bool { return p == Period{} }

// CalendarDays returns the period as a number of calendar days when it is one
// (days, weeks, whole days of 24 hours); working days, months and years have no
// fixed number.
func (p Period) CalendarDays() (int, bool) {
	switch {
	case p.Days > 0:
		return p.Days, true
	case p.Weeks > 0:
		return 7 * p.Weeks, true
	case p.Hours > 0 && p.Hours%24 == 0:
		return p.Hours / 24, true
	}
	return 0, false
}

// Text names the period in English and Dutch: "2 weeks", "2 weken".
func (p Period) Text() Text {
	units := []struct {
		n                    int
		one, many, een, meer string
	}{
		{p.Hours, "hour", "hours", "uur", "uur"},
		{p.Days, "day", "days", "dag", "dagen"},
		{p.Weeks, "week", "weeks", "week", "weken"},
		{p.WorkingDays, "working day", "working days", "werkdag", "werkdagen"},
		{p.Months, "month", "months", "maand", "maanden"},
		{p.Years, "year", "years", "jaar", "jaar"},
	}
	for _, u := range units {
		switch {
		case u.n == 1:
			return Text{EN: "1 " + u.one, NL: "1 " + u.een}
		case u.n > 1:
			return Text{EN: fmt.Sprintf("%d %s", u.n, u.many), NL: fmt.Sprintf("%d %s", u.n, u.meer)}
		}
	}
	return Text{}
}

// String names the period in English.
func (p Period) String() string { return p.Text().EN }
