package demo

import (
	"fmt"
	"strconv"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

// Moment is a time counted from another: from now for the start of a story,
// from the start for its steps. It is written as a period ("-3h", "+20m"), as
// a day and a time of day ("-21d 19:40"), or, for a start, as the number of
// days until the answer is due and a time of day ("due 1d 19:40").
type Moment struct {
	Period time.Duration // when Clock is empty
	Days   int
	Clock  string // HH:MM
	Due    bool   // Days counts back from the day the answer is due
}

// UnmarshalYAML reads one of the three forms.
func (m *Moment) UnmarshalYAML(n *yaml.Node) error {
	text := strings.TrimPrefix(n.Value, "+")
	*m = Moment{}
	rest, due := strings.CutPrefix(text, "due ")
	day, clock, ok := strings.Cut(rest, " ")
	if !ok && !due {
		d, err := time.ParseDuration(text)
		if err != nil {
			return fmt.Errorf("line %d: %q is not a moment", n.Line, n.Value)
		}
		m.Period = d
		return nil
	}
	days, err := strconv.Atoi(strings.TrimSuffix(day, "d"))
	if _, cerr := time.Parse("15:04", clock); err != nil || cerr != nil || !strings.HasSuffix(day, "d") {
		return fmt.Errorf("line %d: %q is not a moment", n.Line, n.Value)
	}
	m.Days, m.Clock, m.Due = days, clock, due
	return nil
}

// After is the moment counted from base, in the zone. Due is the caller's to
// resolve: it takes the day that On is then asked for.
func (m Moment) After(base time.Time, zone *time.Location) time.Time {
	if m.Clock == "" {
		return base.Add(m.Period)
	}
	return m.On(base.In(zone).AddDate(0, 0, m.Days), zone)
}

// On is the moment's time of day on the day of t.
func (m Moment) On(t time.Time, zone *time.Location) time.Time {
	clock, err := time.Parse("15:04", m.Clock)
	if err != nil {
		return t // a moment that was read has a time of day
	}
	year, month, day := t.In(zone).Date()
	return time.Date(year, month, day, clock.Hour(), clock.Minute(), 0, 0, zone)
}
