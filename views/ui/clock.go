package ui

import (
	"fmt"
	"slices"
	"time"
	"unicode/utf8"
)

// MarkKind says what a date on the clock is.
type MarkKind string

// The kinds of marks. What happened stands above the line, what must happen
// below it.
const (
	Event    MarkKind = "event"    // something that happened
	Today    MarkKind = "today"    // the reader's day
	Enforced MarkKind = "enforced" // the date that the portal holds people to
	Reading  MarkKind = "reading"  // the statutory date and other readings
	Planned  MarkKind = "planned"  // something agreed that lies ahead
)

// Mark is one date on the clock.
type Mark struct {
	At    time.Time // only its place on the line is computed from it
	Kind  MarkKind
	Label string // in the list: "Received at Bakkerij De Korenaar"
	Short string // on the line, up to some 16 letters; empty means Label
	Day   string // on the line: "17 Dec"
	Date  string // in the list, written out
	Note  string // the rule in a sentence
	Chip  *Clause
}

// Clock is one deadline from receipt to its end, with all that is on the way.
type Clock struct {
	Title  string // names the clock: "Answer to your request"
	Words  string // "12 days left, until Thursday 17 December 2026"
	Tone   Tone   // Good, Warn near the end, Danger when late
	Chip   *Clause
	Marks  []Mark // in any order
	TestID string
}

// Plot is where everything on the line stands. Places along the line are
// thousandths of its length, so that the line may be stretched; heights are
// pixels.
type Plot struct {
	Height  int
	Line    int // height of the line itself
	Spent   int // where the spent part of the line ends
	Due     int // where the enforced date stands; 1000 when there is none
	Late    bool
	Weeks   []int
	Marks   []PlacedMark
	Labels  bool
	Minimum int // the width from which no two marks touch
}

// PlacedMark is a mark with its place.
type PlacedMark struct {
	Mark
	Number int // in the order of time, from 1; the same in the list
	Place  int // 0..1000
	Up     bool
	Lane   int  // 0 is nearest to the line
	Left   bool // the words stand left of the mark
	Y      int  // of the badge's middle
	Text   string
	wide   int // pixels of the words
}

// Sizes of what is drawn, in pixels; components.css has the same.
const (
	badge    = 11 // half a badge
	gap      = 5  // between a badge and its words
	lane     = 28 // height of one lane
	lift     = 24 // from the line to the middle of the first lane
	letter   = 7  // a letter of the words, on the wide side
	compact  = 250
	labelled = 600
)

// Layout places the marks of a clock on a line of at least width pixels, with
// words beside the marks or with numbers only, so that nothing touches.
// It gives the same plot for the same clock.
func Layout(c Clock, width int, words bool) Plot {
	marks := numbered(c.Marks)
	p := Plot{Due: 1000, Labels: words, Minimum: width}
	if len(marks) == 0 {
		return p
	}
	first, last := marks[0].At, marks[len(marks)-1].At
	place := func(t time.Time) int { return thousandths(first, last, t) }
	for i := range marks {
		marks[i].Place = place(marks[i].At)
		if words {
			marks[i].Text = marks[i].words()
			marks[i].wide = gap + letter*utf8.RuneCountInString(marks[i].Text)
		}
		switch marks[i].Kind {
		case Today:
			p.Spent = marks[i].Place
		case Enforced:
			p.Due = marks[i].Place
		}
	}
	p.Late = p.Spent > p.Due
	up, down := arrange(marks, true, width), arrange(marks, false, width)
	p.Line = lift + up*lane - lane/2
	p.Height = p.Line + lift + down*lane - lane/2
	for i, m := range marks {
		offset := lift + m.Lane*lane
		if m.Up {
			offset = -offset
		}
		marks[i].Y = p.Line + offset
	}
	p.Marks, p.Weeks = marks, weeks(first, last, place)
	return p
}

// numbered sorts the marks by time and counts them.
func numbered(marks []Mark) []PlacedMark {
	sorted := slices.Clone(marks)
	slices.SortStableFunc(sorted, func(a, b Mark) int { return a.At.Compare(b.At) })
	placed := make([]PlacedMark, len(sorted))
	for i, m := range sorted {
		placed[i] = PlacedMark{Mark: m, Number: i + 1, Up: m.Kind == Event || m.Kind == Today || m.Kind == Planned}
	}
	return placed
}

func thousandths(first, last, t time.Time) int {
	span := last.Sub(first)
	if span <= 0 {
		return 500
	}
	// Not in nanoseconds: a thousand times 107 days of them is more than an int64 holds.
	return int(1000 * t.Sub(first).Milliseconds() / max(span.Milliseconds(), 1))
}

// weeks gives a faint tick for every seventh day, as long as they can be told
// apart.
func weeks(first, last time.Time, place func(time.Time) int) []int {
	const most = 26
	var ticks []int
	for t := first.AddDate(0, 0, 7); t.Before(last) && len(ticks) <= most; t = t.AddDate(0, 0, 7) {
		ticks = append(ticks, place(t))
	}
	if len(ticks) > most {
		return nil
	}
	return ticks
}

func (m Mark) words() string {
	text := m.Short
	if text == "" {
		text = m.Label
	}
	if m.Day != "" {
		text += " · " + m.Day
	}
	return text
}

// arrange gives every mark on one side of the line its lane and returns the
// number of lanes. It tries the marks from either end and keeps the cheaper
// picture: words that stand left of their marks stack best from the left.
func arrange(marks []PlacedMark, up bool, width int) int {
	var side []*PlacedMark
	for i := range marks {
		if marks[i].Up == up {
			side = append(side, &marks[i])
		}
	}
	forth := stack(side, width)
	kept := make([]PlacedMark, len(side))
	for i, m := range side {
		kept[i] = *m
	}
	slices.Reverse(side)
	if back := stack(side, width); back <= forth {
		return lanes(side)
	}
	slices.Reverse(side)
	for i, m := range side {
		*m = kept[i]
	}
	return lanes(side)
}

func lanes(side []*PlacedMark) int {
	n := 0
	for _, m := range side {
		n = max(n, m.Lane+1)
	}
	return n
}

// stack places the marks one after the other, each where it costs least and
// touches none of those before it, and returns what that costs together.
func stack(side []*PlacedMark, width int) (sum int) {
	for i, m := range side {
		done, best := side[:i], -1
		for l := 0; l <= i; l++ {
			for _, left := range []bool{false, true} {
				try := *m
				try.Lane, try.Left = l, left
				cost, fits := try.cost(done, width)
				if fits && (best < 0 || cost < best) {
					best, m.Lane, m.Left = cost, l, left
				}
			}
		}
		if best < 0 { // longer than the line itself: a lane of its own
			best, m.Lane, m.Left = 1000, lanes(done), m.Place > 500
		}
		sum += best
	}
	return sum
}

// cost says how bad a place is: far from the line, or with a stem through the
// words of another. The enforced date is kept near the line.
func (m *PlacedMark) cost(others []*PlacedMark, width int) (cost int, fits bool) {
	from, to := m.extent(width)
	if m.wide > 0 && (from < -badge || to > width+badge) {
		return 0, false
	}
	cost = 10 * m.Lane
	if m.Kind == Enforced {
		cost = 40 * m.Lane
	}
	if m.Left {
		cost++
	}
	for _, o := range others {
		oFrom, oTo := o.extent(width)
		x, ox := m.Place*width/1000, o.Place*width/1000
		switch {
		case o.Lane == m.Lane && from <= oTo && oFrom <= to:
			return 0, false
		case o.Lane < m.Lane && oFrom <= x && x <= oTo, m.Lane < o.Lane && from <= ox && ox <= to:
			cost += 25
		}
	}
	return cost, true
}

// extent gives the pixels that a mark and its words take on a line of a width.
func (m *PlacedMark) extent(width int) (from, to int) {
	x := m.Place * width / 1000
	if m.Left {
		return x - badge - m.wide, x + badge
	}
	return x - badge, x + badge + m.wide
}

// percent writes a place as SVG does.
func percent(place int) string { return fmt.Sprintf("%d.%d%%", place/10, place%10) }

// y writes a height, moved by some pixels.
func y(height, by int) string { return itoa(height + by) }

// stem is where the stem of a mark ends at its badge.
func (m PlacedMark) stem() string {
	if m.Up {
		return itoa(m.Y + badge)
	}
	return itoa(m.Y - badge)
}

func (m PlacedMark) anchor() string {
	if m.Left {
		return "end"
	}
	return "start"
}

// textShift moves the words off the badge.
func (m PlacedMark) textShift() string {
	if m.Left {
		return itoa(-badge - gap)
	}
	return itoa(badge + gap)
}
