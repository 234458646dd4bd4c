package main

import (
	"cmp"
	"context"
	"flag"
	"slices"
	"strconv"
	"strings"
	"time"

	"inzage/services/deadlines"
)

const deadlineHelp = `
inzage deadline request --received MOMENT [--window 30d|none] [--event TYPE=MOMENT ...] [--extend-months 1|2]
inzage deadline hours   --from MOMENT --hours N
inzage deadline days    --from MOMENT (--days N | --weeks N | --working-days N)
inzage deadline audit   [--announced MOMENT (--notice-days N | --notice-working-days N)]
                        [--last DATE --years N] [--for-cause] [--on DATE]

Counts a term and says by which rules. A MOMENT is written as
2026-03-02T10:00:00+01:00, a DATE as 2026-03-02. Events: asked, insufficient,
answered (identity or clarification), extended (the notice was sent).

Flags:`

// terms is the table of terms that `inzage deadline` counts: each declares its
// flags and gives back how to count once they are read.
var terms = []struct {
	name  string
	flags func(*flag.FlagSet) counter
}{
	{"request", requestFlags},
	{"hours", hoursFlags},
	{"days", daysFlags},
	{"audit", auditFlags},
}

// counter counts one term with the flags that were read.
type counter func(place) (answer, error)

// place is where a term is counted.
type place struct {
	zone     *time.Location
	calendar deadlines.Calendar
}

func runDeadline(_ context.Context, in invocation) error {
	fs := flags("deadline", in, deadlineHelp)
	zone := fs.String("zone", "Europe/Amsterdam", "time `zone` of the controller's establishment")
	country := fs.String("country", "NL", "holiday `set`: NL, BE or none")
	asJSON := fs.Bool("json", false, "print one JSON object")

	count, args := term(fs, in.Args)
	rest, err := parse(fs, args)
	if err != nil {
		return err
	}
	if count == nil {
		return usage("Say which term to count: request, hours, days or audit.")
	}
	if len(rest) > 0 {
		return usage("inzage deadline cannot use the word %q.", rest[0])
	}
	at, err := placeOf(*zone, *country)
	if err != nil {
		return err
	}
	a, err := count(at)
	if err != nil {
		return err
	}
	return a.write(in.Stdout, *asJSON)
}

// term takes the name of the term out of the arguments, wherever it stands,
// and declares its flags.
func term(fs *flag.FlagSet, args []string) (counter, []string) {
	for i, arg := range args {
		for _, t := range terms {
			if arg == t.name {
				fs.Init("deadline "+t.name, flag.ContinueOnError)
				return t.flags(fs), slices.Concat(args[:i], args[i+1:])
			}
		}
	}
	return nil, args
}

func placeOf(zone, country string) (place, error) {
	z, err := deadlines.Zone(zone)
	if err != nil {
		return place{}, err
	}
	c, err := deadlines.CalendarOf(country)
	return place{z, c}, err
}

func requestFlags(fs *flag.FlagSet) counter {
	var received, window, extend text
	window.value, extend.value = "30d", "2"
	var events eventList
	fs.Var(&received, "received", "`moment` of receipt, at the controller or earlier at the processor")
	fs.Var(&window, "window", "the agreement's own `term`: a number of days such as 30d, or none")
	fs.Var(&events, "event", "`TYPE=MOMENT`, once for each event")
	fs.Var(&extend, "extend-months", "further `months` of an extension: 1 or 2")
	return func(p place) (answer, error) {
		f := deadlines.RequestFacts{Zone: p.zone, Calendar: p.calendar}
		var err error
		if f.Received, err = instant("received", received); err != nil {
			return answer{}, err
		}
		if f.Window, err = windowDays(window.value); err != nil {
			return answer{}, err
		}
		if extend.value != "1" && extend.value != "2" {
			return answer{}, usage("The flag --extend-months is 1 or 2, not %q.", extend.value)
		}
		f.ExtendMonths = int(extend.value[0] - '0')
		if f.Events, err = events.read(); err != nil {
			return answer{}, err
		}
		d, err := deadlines.Request(f)
		if err != nil {
			return answer{}, err
		}
		return requestAnswer(d), nil
	}
}

// eventList keeps every --event as it was written; they are read after all flags.
type eventList []string

func (l *eventList) String() string { return strings.Join(*l, " ") }

// Repeated says that a request may have several events; see repeated.
func (l *eventList) Repeated() {}

// Set adds one event; flag.Value.
func (l *eventList) Set(s string) error {
	*l = append(*l, s)
	return nil
}

func (l eventList) read() ([]deadlines.Event, error) {
	events := make([]deadlines.Event, 0, len(l))
	for _, s := range l {
		name, moment, ok := strings.Cut(s, "=")
		if !ok {
			return nil, usage("The event %q is not written as TYPE=MOMENT.", s)
		}
		at, err := deadlines.ParseInstant(moment)
		if err != nil {
			return nil, err
		}
		events = append(events, deadlines.Event{Type: deadlines.EventType(name), At: at})
	}
	return events, nil
}

func windowDays(s string) (int, error) {
	if s == "none" {
		return 0, nil
	}
	days, ok := strings.CutSuffix(s, "d")
	if n, err := strconv.Atoi(days); ok && err == nil && n > 0 && digits(days) {
		return n, nil
	}
	return 0, usage("The flag --window is a number of days such as 30d, or none, not %q.", s)
}

func hoursFlags(fs *flag.FlagSet) counter {
	var from, hours text
	fs.Var(&from, "from", "`moment` from which the term is counted")
	fs.Var(&hours, "hours", "`number` of hours")
	return func(p place) (answer, error) {
		start, err := instant("from", from)
		if err != nil {
			return answer{}, err
		}
		if !hours.given {
			return answer{}, usage("Say how many hours with --hours.")
		}
		n, err := number("hours", hours)
		if err != nil {
			return answer{}, err
		}
		t, err := deadlines.Hours(deadlines.HoursFacts{From: start, Hours: n, Zone: p.zone})
		if err != nil {
			return answer{}, err
		}
		return hoursAnswer(t), nil
	}
}

func daysFlags(fs *flag.FlagSet) counter {
	units := []struct {
		name  string
		count func(deadlines.TermFacts, int) (deadlines.Term, error)
	}{
		{"days", deadlines.Days}, {"weeks", deadlines.Weeks}, {"working-days", deadlines.WorkingDays},
	}
	var from text
	amounts := make([]text, len(units))
	fs.Var(&from, "from", "`moment` from which the term is counted")
	for i, u := range units {
		fs.Var(&amounts[i], u.name, "`number` of "+strings.ReplaceAll(u.name, "-", " "))
	}
	return func(p place) (answer, error) {
		start, err := instant("from", from)
		if err != nil {
			return answer{}, err
		}
		chosen := -1
		for i := range units {
			if amounts[i].given && chosen >= 0 {
				return answer{}, usage("Give one of --days, --weeks and --working-days, not more.")
			}
			if amounts[i].given {
				chosen = i
			}
		}
		if chosen < 0 {
			return answer{}, usage("Say how long with --days, --weeks or --working-days.")
		}
		n, err := number(units[chosen].name, amounts[chosen])
		if err != nil {
			return answer{}, err
		}
		t, err := units[chosen].count(deadlines.TermFacts{From: start, Zone: p.zone, Calendar: p.calendar}, n)
		if err != nil {
			return answer{}, err
		}
		return daysAnswer(t), nil
	}
}

func auditFlags(fs *flag.FlagSet) counter {
	var announced, days, workingDays, last, years, on text
	fs.Var(&announced, "announced", "`moment` of the announcement")
	fs.Var(&days, "notice-days", "`number` of days of notice")
	fs.Var(&workingDays, "notice-working-days", "`number` of working days of notice")
	fs.Var(&last, "last", "`date` of the last audit")
	fs.Var(&years, "years", "`number` of years between audits")
	fs.Var(&on, "on", "planned `date` of the audit")
	cause := fs.Bool("for-cause", false, "an indication of non-compliance: the years do not count")
	return func(p place) (answer, error) {
		notice := days.given || workingDays.given
		switch {
		case announced.given && !notice:
			return answer{}, usage("Say how long the notice is with --notice-days or --notice-working-days.")
		case notice && !announced.given && !on.given:
			return answer{}, usage("A notice needs the day it was given, --announced, or the day of the audit, --on.")
		case last.given != years.given:
			return answer{}, usage("The flags --last and --years belong together.")
		case !notice && !last.given:
			return answer{}, usage("Give at least --announced with a notice, --on with a notice, or --last with --years.")
		}
		f := deadlines.AuditFacts{ForCause: *cause, Zone: p.zone, Calendar: p.calendar}
		if err := cmp.Or(
			optionalInstant("announced", announced, &f.Announced),
			optionalNumber("notice-days", days, &f.Notice.Days),
			optionalNumber("notice-working-days", workingDays, &f.Notice.WorkingDays),
			optionalDate(last, &f.Last),
			optionalNumber("years", years, &f.Years),
			optionalDate(on, &f.On),
		); err != nil {
			return answer{}, err
		}
		d, err := deadlines.Audit(f)
		if err != nil {
			return answer{}, err
		}
		return auditAnswer(d), nil
	}
}

func instant(name string, t text) (time.Time, error) {
	if !t.given {
		return time.Time{}, usage("Say the moment with --%s.", name)
	}
	return deadlines.ParseInstant(t.value)
}

func optionalInstant(name string, t text, into *time.Time) (err error) {
	if t.given {
		*into, err = instant(name, t)
	}
	return err
}

func optionalDate(t text, into *deadlines.Date) (err error) {
	if t.given {
		*into, err = deadlines.ParseDate(t.value)
	}
	return err
}

func optionalNumber(name string, t text, into *int) (err error) {
	if t.given {
		*into, err = number(name, t)
	}
	return err
}

// number reads a positive whole number; the engine knows the most that counts.
func number(name string, t text) (int, error) {
	n, err := strconv.Atoi(t.value)
	if err != nil || n < 1 || !digits(t.value) {
		return 0, usage("The flag --%s is a whole number from 1, not %q.", name, t.value)
	}
	return n, nil
}

func digits(s string) bool { return strings.Trim(s, "0123456789") == "" }
