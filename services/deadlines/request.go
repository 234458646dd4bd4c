package deadlines

import (
	"slices"
	"time"

	"inzage/services/fault"
)

// EventType is what happened to a request that can move its clock.
type EventType string

// The events that a request's clock knows.
const (
	Asked        EventType = "asked"        // identity or clarification was asked of the person
	Insufficient EventType = "insufficient" // the person answered, and it was not enough
	Answered     EventType = "answered"     // the person answered
	Extended     EventType = "extended"     // the notice of extension, with its reasons, went out
)

// Event is one event with its instant.
type Event struct {
	Type EventType
	At   time.Time
	// UndueDelay marks an Asked that could have been asked earlier: it pauses
	// nothing (EDPB 01/2022 par. 159, "without undue delay").
	UndueDelay bool
}

// RequestFacts is what a request's dates follow from.
type RequestFacts struct {
	// Received is the earliest receipt by the controller or by anyone who
	// processes for it; not when somebody became aware (EDPB 01/2022 par. 159).
	Received time.Time
	Zone     *time.Location // of the controller's establishment
	Calendar Calendar
	Window   int // the agreement's own term in days; 0 when it has none
	// ExtendMonths is by how many further months an Extended extends: 1 or 2;
	// 0 means 2 (art. 12(3) GDPR).
	ExtendMonths int
	Events       []Event // in any order; they are taken by their instant
}

// Extension is how far the extension of a request is accepted.
type Extension int

// The outcomes of an extension.
const (
	NotExtended Extension = iota
	// ExtendedStatutory: the notice came after the unrolled last day of the
	// first month but by the rolled one. Only the statutory date moves.
	ExtendedStatutory
	ExtendedSafe // in time on every reading: safe and statutory move
)

// RequestDeadline is the dates of a request. Its JSON is that of
// `inzage deadline request`; what has no JSON name is for the clock ribbon.
//
// Nominal <= Statutory, Safe <= Nominal, and Due <= Safe always hold.
type RequestDeadline struct {
	Nominal   Date      `json:"nominal"`   // the day before any roll-over, no pause counted
	Statutory Date      `json:"statutory"` // with pauses, after roll-over
	Safe      Date      `json:"safe"`      // the law's without what is contested: no roll-over, no pause
	Due       Date      `json:"due"`       // the date that is enforced: the earlier of Safe and the window
	Ends      time.Time `json:"ends"`      // the exclusive end of Due, in the zone

	ExtensionNoticeStatutory Date `json:"extension_notice_statutory"`
	ExtensionNoticeSafe      Date `json:"extension_notice_safe"`
	RefusalNoticeStatutory   Date `json:"refusal_notice_statutory"`
	RefusalNoticeSafe        Date `json:"refusal_notice_safe"`

	Readings []Reading `json:"readings"` // other dates than Statutory; never nil
	Basis    []Rule    `json:"basis"`

	Received  Date      `json:"-"` // the local day of receipt
	Window    Date      `json:"-"` // the last day of the agreement's window; zero when it does not count
	Extension Extension `json:"-"`
	Paused    int       `json:"-"` // days that count as paused
	Waiting   bool      `json:"-"` // a question that pauses the clock is still unanswered
	Rolled    []DayOff  `json:"-"` // the days between the paused nominal day and Statutory
}

// Request counts the month of art. 12(3) GDPR and what pauses and extends it.
//
// The facts are refused (fault.Invalid) when the receipt, the zone or an amount
// is impossible, an event is unknown, or one lies before the receipt. Events
// without effect are not refused: an answer that nobody asked for, a second
// extension, a question after the statutory day count nothing, and Basis says so.
func Request(f RequestFacts) (RequestDeadline, error) {
	c, err := f.statutory()
	if err != nil {
		return RequestDeadline{}, err
	}
	first := c.received.AddMonths(1)
	d := RequestDeadline{
		Received:  c.received,
		Nominal:   c.received.AddMonths(c.months),
		Statutory: c.end(),
		Extension: c.extension,
		Paused:    c.paused,
		Waiting:   c.waiting,
		Rolled:    f.Calendar.daysOff(c.last()),

		ExtensionNoticeStatutory: f.Calendar.Roll(first),
		ExtensionNoticeSafe:      first,
		RefusalNoticeStatutory:   f.Calendar.Roll(first),
		RefusalNoticeSafe:        first,
	}
	d.Safe, d.Window, d.Due = f.enforced(c)
	d.Ends = EndOf(d.Due, f.Zone)
	d.Readings = f.readings(d.Statutory)
	d.Basis = f.basis(d, c)
	return d, nil
}

// Enforced is the Due and the Ends of Request without what explains them, for
// who only has to keep to them.
func Enforced(f RequestFacts) (due Date, ends time.Time, err error) {
	c, err := f.statutory()
	if err != nil {
		return Date{}, time.Time{}, err
	}
	_, _, due = f.enforced(c)
	return due, EndOf(due, f.Zone), nil
}

// statutory puts the events in order and walks them under the statutory reading.
func (f *RequestFacts) statutory() (clock, error) {
	if err := f.check(); err != nil {
		return clock{}, err
	}
	f.Events = slices.Clone(f.Events)
	slices.SortStableFunc(f.Events, func(a, b Event) int { return a.At.Compare(b.At) })
	return f.walk(reading{calendar: f.Calendar}), nil
}

// enforced is the safe date, the last day of the window (zero when it does not
// count), and the earlier of them.
func (f *RequestFacts) enforced(c clock) (safe, window, due Date) {
	safe = c.received.AddMonths(1)
	if c.extension == ExtendedSafe {
		safe = c.received.AddMonths(c.months)
	}
	// An extension that only some readings accept must not loosen what is
	// enforced, so the window goes on with it.
	if f.Window == 0 || c.extension == ExtendedSafe {
		return safe, Date{}, safe
	}
	window = c.received.AddDays(f.Window)
	return safe, window, earlier(safe, window)
}

func (f *RequestFacts) check() error {
	if f.Zone == nil {
		return fault.New(fault.Invalid, "Say in which time zone the controller is established.")
	}
	if f.Received.IsZero() {
		return fault.New(fault.Invalid, "Say when the request was received.")
	}
	if err := DateOf(f.Received, f.Zone).within(); err != nil {
		return err
	}
	if f.Window < 0 || f.Window > maxDays {
		return fault.New(fault.Invalid, "A window is from 1 to %d days, or none.", maxDays)
	}
	if f.ExtendMonths < 0 || f.ExtendMonths > 2 {
		return fault.New(fault.Invalid, "An extension is one or two further months.")
	}
	for _, e := range f.Events {
		if err := e.check(f.Received, f.Zone); err != nil {
			return err
		}
	}
	return nil
}

func (e Event) check(received time.Time, zone *time.Location) error {
	switch e.Type {
	case Asked, Insufficient, Answered, Extended:
	default:
		return fault.New(fault.Invalid, "There is no event %q; there are asked, insufficient, answered and extended.", string(e.Type))
	}
	if e.At.Before(received) {
		return fault.New(fault.Invalid, "The event %s lies before the receipt of the request.", string(e.Type))
	}
	return DateOf(e.At, zone).within()
}
