package deadlines

// reading is a way to read the law where it is contested. The zero reading,
// with its calendar, is the statutory one.
type reading struct {
	calendar    Calendar
	unrolled    bool // nothing rolls over, the last day of the extension notice included
	pause       pauseCount
	pausedMonth bool // a pause also stretches the month for the extension notice
}

// pauseCount is a way to count a pause.
type pauseCount int

const (
	betweenDates pauseCount = iota // the answer's date minus the asking date
	inclusive                      // both dates included (UK, clarification)
	never                          // art. 12(3) knows no pause
	untilEnough                    // an insufficient answer does not end it (EDPB Example 31)
	restarts                       // the month begins again at the answer (UK, identity)
)

// clock is a request's clock under one reading, after the events so far.
type clock struct {
	reading
	received  Date
	from      Date // the day from which the months are counted: received, unless restarted
	months    int
	paused    int
	waiting   bool
	asked     Date
	extension Extension
	notices   int // notices of extension seen
	void      int // events that counted nothing, by kind
}

// Kinds of events that counted nothing; they are bits of clock.void.
const (
	voidAsked     = 1 << iota // asked after the statutory day, or with undue delay
	voidReminder              // asked while a question was open
	voidAnswer                // answered while no question was open
	voidLate                  // notice of extension too late
	voidExtension             // a second notice of extension
)

// walk takes the events in order under one reading. f.Events are sorted.
func (f *RequestFacts) walk(r reading) clock {
	received := DateOf(f.Received, f.Zone)
	c := clock{reading: r, received: received, from: received, months: 1}
	for _, e := range f.Events {
		day := DateOf(e.At, f.Zone)
		switch e.Type {
		case Asked:
			c.ask(day, e.UndueDelay)
		case Insufficient:
			if c.pause != untilEnough {
				c.answer(day, false)
			}
		case Answered:
			c.answer(day, true)
		case Extended:
			c.extend(day, f.further())
		}
	}
	return c
}

func (f *RequestFacts) further() int {
	if f.ExtendMonths == 0 {
		return 2
	}
	return f.ExtendMonths
}

// last is the last day before it rolls, pauses counted.
func (c *clock) last() Date { return c.from.AddMonths(c.months).AddDays(c.paused) }

// end is the last day of the term as it stands.
func (c *clock) end() Date { return c.roll(c.last()) }

func (c *clock) roll(d Date) Date {
	if c.unrolled {
		return d
	}
	return c.calendar.Roll(d)
}

func (c *clock) ask(day Date, undue bool) {
	switch {
	case c.waiting:
		c.void |= voidReminder
	case undue || day.After(c.end()):
		c.void |= voidAsked
	default:
		c.waiting, c.asked = true, day
	}
}

func (c *clock) answer(day Date, enough bool) {
	if !c.waiting {
		c.void |= voidAnswer
		return
	}
	c.waiting = false
	switch c.pause {
	case never:
	case restarts:
		if enough {
			c.from = day
		}
	case inclusive:
		c.paused += day.DaysSince(c.asked) + 1
	default:
		c.paused += day.DaysSince(c.asked)
	}
}

// extend judges a notice of extension by the day it went out. The anchor stays
// the receipt: three months from it, not two from the first due date.
func (c *clock) extend(day Date, further int) {
	c.notices++
	if c.notices > 1 {
		c.void |= voidExtension
		return
	}
	month := c.from.AddMonths(1)
	if c.pausedMonth {
		month = month.AddDays(c.paused)
	}
	switch {
	case !day.After(c.received.AddMonths(1)):
		c.extension = ExtendedSafe
	case !day.After(c.roll(month)):
		c.extension = ExtendedStatutory
	default:
		c.void |= voidLate
		return
	}
	c.months += further
}
