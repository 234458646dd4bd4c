package deadlines

import (
	"time"

	"inzage/services/fault"
)

// HoursFacts is what a term in hours follows from, such as the 72 hours of
// art. 33(1) GDPR or the 24 hours of an agreement.
type HoursFacts struct {
	From time.Time // the awareness from which the hours run
	// ProcessorAware is when the processor knew, where From is when it told
	// the controller; zero when nobody knew before From.
	ProcessorAware time.Time
	Hours          int
	Zone           *time.Location
}

// HoursTerm is the end of a term in hours. Its JSON is that of `inzage deadline hours`.
type HoursTerm struct {
	Due      time.Time        `json:"due"`  // elapsed hours after From, in the zone
	Safe     time.Time        `json:"safe"` // the earliest of elapsed and wall clock, from the earliest awareness
	Readings []InstantReading `json:"-"`    // other instants than Due; never nil
	Basis    []Rule           `json:"-"`
}

// InstantReading is another instant that can be defended.
type InstantReading struct {
	Reading string    `json:"reading"`
	Due     time.Time `json:"due"`
	Source  string    `json:"-"`
}

// Hours counts plain hours through weekends, holidays and clock changes; terms
// in hours do not roll over (Reg. 1182/71 art. 3(4)). Results are whole
// seconds. Hours is 1 to 87600, else fault.Invalid.
func Hours(f HoursFacts) (HoursTerm, error) {
	if err := f.check(); err != nil {
		return HoursTerm{}, err
	}
	from := f.From.Truncate(time.Second)
	first := from
	if !f.ProcessorAware.IsZero() && f.ProcessorAware.Before(from) {
		first = f.ProcessorAware.Truncate(time.Second)
	}
	due := f.elapsed(from)
	t := HoursTerm{Due: due, Safe: f.elapsed(first), Readings: []InstantReading{}}
	if wall := f.onTheWall(first); wall.Before(t.Safe) {
		t.Safe = wall
	}
	t.read(f.onTheWall(from), "Hours counted on the wall clock, over a clock change", "no source settles elapsed or wall clock")
	t.read(f.wholeHours(from), "The hour of the event does not count", "Reg. 1182/71 art. 3(1) taken literally")
	t.read(f.elapsed(first), "The controller knows as soon as its processor does", "art. 33(1)-(2) GDPR; EDPB 9/2022 says otherwise")
	t.Basis = []Rule{
		{"due", "Hours run on without a stop, through weekends and holidays, and do not roll over.", "Reg. 1182/71 art. 3(3) and 3(4)"},
		{"safe", "Over a clock change the earlier of elapsed hours and the wall clock counts, from the earliest awareness.", "no source settles this, so the earlier is safe"},
	}
	return t, nil
}

func (f HoursFacts) check() error {
	if f.Zone == nil {
		return fault.New(fault.Invalid, "Say in which time zone the term is counted.")
	}
	if f.From.IsZero() {
		return fault.New(fault.Invalid, "Say from which moment the term is counted.")
	}
	if f.Hours < 1 || f.Hours > maxHours {
		return fault.New(fault.Invalid, "A number of %s is from 1 to %d.", "hours", maxHours)
	}
	if !f.ProcessorAware.IsZero() {
		if err := DateOf(f.ProcessorAware, f.Zone).within(); err != nil {
			return err
		}
	}
	return DateOf(f.From, f.Zone).within()
}

func (f HoursFacts) elapsed(from time.Time) time.Time {
	return from.Add(time.Duration(f.Hours) * time.Hour).In(f.Zone)
}

// onTheWall is when the clock on the wall has been put N hours further.
func (f HoursFacts) onTheWall(from time.Time) time.Time {
	y, m, d := from.In(f.Zone).Date()
	h, min, s := from.In(f.Zone).Clock()
	shown := time.Date(y, m, d, h+f.Hours, min, s, 0, time.UTC)
	return wallClock(DateOf(shown, time.UTC), shown, f.Zone)
}

func (f HoursFacts) wholeHours(from time.Time) time.Time {
	_, min, s := from.In(f.Zone).Clock()
	begun := time.Duration(min)*time.Minute + time.Duration(s)*time.Second
	return f.elapsed(from.Add(time.Hour - begun))
}

func (t *HoursTerm) read(due time.Time, label, source string) {
	if !due.Equal(t.Due) {
		t.Readings = append(t.Readings, InstantReading{label, due, source})
	}
}
