package deadlines

import (
	"time"

	"inzage/services/fault"
)

// The largest amounts that are counted; beyond them an input is a mistake.
const (
	maxDays        = 3650
	maxWeeks       = 520
	maxWorkingDays = 2600
	maxHours       = 87600
	maxYears       = 100
)

// TermFacts is what a term in days, weeks or working days follows from.
type TermFacts struct {
	From     time.Time // the event; its local day does not count
	Zone     *time.Location
	Calendar Calendar
}

// Term is the last day of a term.
type Term struct {
	Nominal Date      // before any roll-over
	Due     Date      // the last day; with a roll-over where the rule has one
	Safe    Date      // the last day on every reading
	Ends    time.Time // the exclusive end of Due, in the zone

	Readings []Reading // other dates than Due; never nil
	Basis    []Rule
	Rolled   []DayOff // the days over which the last day rolled
}

// Days counts n days under Regulation 1182/71: the day of the event is day 0,
// the last day rolls over (art. 3(4)), and a term of two days or more holds at
// least two working days (art. 3(5)). n is 1 to 3650, else fault.Invalid.
func Days(f TermFacts, n int) (Term, error) {
	if err := f.check("days", n, maxDays); err != nil {
		return Term{}, err
	}
	return f.regulated(DateOf(f.From, f.Zone).AddDays(n), n >= 2,
		Rule{"due", "The day of the event does not count; the term ends with the last of its days.", "Reg. 1182/71 art. 3(1) and 3(2)(b)"}), nil
}

// Weeks counts n weeks under Regulation 1182/71: the term ends on the same day
// of the week as the event (art. 3(2)(c)). n is 1 to 520, else fault.Invalid.
func Weeks(f TermFacts, n int) (Term, error) {
	if err := f.check("weeks", n, maxWeeks); err != nil {
		return Term{}, err
	}
	return f.regulated(DateOf(f.From, f.Zone).AddDays(7*n), true,
		Rule{"due", "The day of the event does not count; the term ends on the same day of the week.", "Reg. 1182/71 art. 3(2)(c); CJEU C-171/03 Toeters"}), nil
}

// WorkingDays counts n working days as contracts do: from the first working
// day after the event. n is 1 to 2600, else fault.Invalid.
func WorkingDays(f TermFacts, n int) (Term, error) {
	if err := f.check("working days", n, maxWorkingDays); err != nil {
		return Term{}, err
	}
	from := DateOf(f.From, f.Zone)
	due := f.Calendar.AddWorkingDays(from, n)
	t := Term{Nominal: due, Due: due, Safe: due, Ends: EndOf(due, f.Zone), Readings: []Reading{}}
	for _, cal := range f.Calendar.contested() {
		t.read(cal.AddWorkingDays(from, n), cal.reading.Reading, cal.reading.Source)
	}
	for _, r := range t.Readings {
		t.Safe = earlier(t.Safe, r.Due)
	}
	t.Basis = []Rule{{"due", "Working days are counted from the first working day after the event.", join(sourceContract, f.Calendar.Source())}}
	t.warn(f.Calendar, from)
	return t, nil
}

func (f TermFacts) check(unit string, n, most int) error {
	if f.Zone == nil {
		return fault.New(fault.Invalid, "Say in which time zone the term is counted.")
	}
	if f.From.IsZero() {
		return fault.New(fault.Invalid, "Say from which moment the term is counted.")
	}
	if n < 1 || n > most {
		return fault.New(fault.Invalid, "A number of %s is from 1 to %d.", unit, most)
	}
	return DateOf(f.From, f.Zone).within()
}

// regulated ends a term of days or weeks on its nominal last day or later.
func (f TermFacts) regulated(nominal Date, twoWorkingDays bool, counted Rule) Term {
	from := DateOf(f.From, f.Zone)
	last := func(c Calendar) Date {
		due := c.Roll(nominal)
		if twoWorkingDays {
			due = later(due, c.AddWorkingDays(from, 2))
		}
		return due
	}
	due, rolled := last(f.Calendar), f.Calendar.Roll(nominal)
	t := Term{Nominal: nominal, Due: due, Safe: nominal, Ends: EndOf(due, f.Zone),
		Readings: []Reading{}, Rolled: f.Calendar.daysOff(nominal)}
	t.Basis = []Rule{counted, f.Calendar.rolls(nominal).of("due")}
	if due != rolled {
		// The two working days are a guarantee in so many words, unlike the roll-over.
		t.Safe = due
		t.Basis = append(t.Basis, Rule{"due", "A term of two days or more holds at least two working days.", join("Reg. 1182/71 art. 3(5)", f.Calendar.Source())})
	}
	for _, cal := range f.Calendar.contested() {
		t.read(last(cal), cal.reading.Reading, cal.reading.Source)
	}
	t.warn(f.Calendar, from)
	return t
}

func (t *Term) read(due Date, label, source string) {
	if due != t.Due {
		t.Readings = append(t.Readings, Reading{label, due, source})
	}
}

func (t *Term) warn(c Calendar, from Date) {
	t.Basis = append(t.Basis, c.unknowns(from, t.Due)...)
}

// join puts sources in one line, leaving out an empty one.
func join(source, more string) string {
	if more == "" {
		return source
	}
	return source + "; " + more
}
