package audits

import (
	"inzage/services/deadlines"
)

// What calendars are told of an audit's own day.
const (
	dayProposed = "proposed" // or wanted, in a draft
	dayAgreed   = "agreed"
	dayOff      = "off" // cancelled, or taken back and not replaced
)

// Told is what calendars were last told of an audit's own day. A program that
// has it must hear when it falls away (RFC 5545 3.8.1.11, STATUS:CANCELLED) and
// in which order the versions of it came (3.8.7.4, SEQUENCE), whatever else
// changes in the audit.
type Told struct {
	Day     deadlines.Date `json:"day"`
	As      string         `json:"as"`
	Changes int            `json:"changes"` // of day or certainty, since it was first told
}

// telling is what calendars have to be told now.
func (a *Audit) telling() Told {
	now := Told{Day: a.lastDay(), As: dayProposed, Changes: a.Told.Changes}
	if !a.On.IsZero() {
		now.As = dayAgreed
	}
	switch {
	case now.Day.IsZero() && a.Told.Day.IsZero():
		return Told{}
	case now.Day.IsZero():
		now.Day, now.As = a.Told.Day, dayOff
	case !a.Open && a.Began == nil:
		now.As = dayOff
	}
	if now != a.Told && !a.Told.Day.IsZero() {
		now.Changes++
	}
	return now
}

// lastDay is the day as it was last agreed, else proposed, else wanted.
func (a *Audit) lastDay() deadlines.Date {
	switch p := a.standing(); {
	case !a.On.IsZero():
		return a.On
	case p != nil:
		return p.Day
	case a.Announced == nil:
		return a.Wanted
	}
	return deadlines.Date{}
}
