package deadlines

import (
	"sync"
	"time"

	"inzage/services/fault"
)

// Zone finds a time zone by its IANA name, such as Europe/Amsterdam. Unknown
// names are refused (fault.Invalid), and so is the zone of the machine: a term
// may not depend on where it is computed.
func Zone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, fault.New(fault.Invalid, "%q is not a time zone; write for example Europe/Amsterdam.", name)
	}
	if zone, ok := zones.Load(name); ok {
		return zone.(*time.Location), nil
	}
	zone, err := time.LoadLocation(name)
	if err != nil {
		return nil, fault.New(fault.Invalid, "%q is not a time zone; write for example Europe/Amsterdam.", name).Because(err)
	}
	zones.Store(name, zone)
	return zone, nil
}

// zones keeps what was found, name to *time.Location: each page and each
// agreement asks for one, and reading it takes longer than using it.
var zones sync.Map

// EndOf is the exclusive end of a day: 24:00 local time, which is the first
// instant of the next day (Reg. 1182/71 art. 3(2)(b)-(c)).
func EndOf(d Date, zone *time.Location) time.Time {
	return wallClock(d.AddDays(1), time.Time{}, zone)
}

// wallClock is the instant at which the clock on the wall shows the date and
// the time of day. A time shown twice gives the first; a time that is skipped
// gives the instant at which a clock that was not put forward would show it.
func wallClock(d Date, clock time.Time, zone *time.Location) time.Time {
	h, m, s := clock.Clock()
	shown := time.Date(d.Year, d.Month, d.Day, h, m, s, clock.Nanosecond(), time.UTC)
	near := time.Date(d.Year, d.Month, d.Day, h, m, s, clock.Nanosecond(), zone)
	before := offset(near.Add(-24 * time.Hour))
	for _, o := range []time.Duration{before, offset(near)} {
		if t := shown.Add(-o).In(zone); offset(t) == o {
			return t
		}
	}
	return shown.Add(-before).In(zone)
}

func offset(t time.Time) time.Duration {
	_, seconds := t.Zone()
	return time.Duration(seconds) * time.Second
}
