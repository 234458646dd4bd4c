package notify

import (
	"fmt"
	"time"

	"inzage/config/notices"
	"inzage/services/deadlines"
)

// promise fills in a day by which something is to be there, and remembers when
// it has passed: at the end of that day in the zone of the message.
func (w *writer) promise(name string, d deadlines.Date) {
	w.promiseMoment(name, w.calendar(d), time.Date(d.Year, d.Month, d.Day+1, 0, 0, 0, 0, w.zone))
}

// promiseMoment is promise for words that stop being true at an instant.
func (w *writer) promiseMoment(name, words string, end time.Time) {
	if w.ends == nil {
		w.ends = map[string]time.Time{}
	}
	w.values[name], w.ends[name] = words, end
}

// passing is what a text is when one of its days has passed.
type passing struct {
	passed bool
	name   string    // the value whose day passed first
	until  time.Time // when the text stops being true; zero when it never does
}

// judge looks at every day that a text promises. A day that nobody gave through
// promise is an error: no text may name one without knowing whether it lies ahead.
func (w *writer) judge(text string) (passing, error) {
	var p passing
	for _, m := range notices.Placeholder.FindAllStringSubmatch(text, -1) {
		name := m[1]
		if w.texts.Values[name].Ahead == "" {
			continue
		}
		end, ok := w.ends[name]
		if !ok {
			return p, fmt.Errorf("nobody said when {%s} has passed", name)
		}
		passed := !w.now.Before(end)
		if passed && (!p.passed || end.Before(w.ends[p.name])) {
			p.passed, p.name = true, name
		}
		if !passed && (p.until.IsZero() || end.Before(p.until)) {
			p.until = end
		}
	}
	if p.passed {
		w.note(p.name)
	} else if !p.until.IsZero() && (w.turns.IsZero() || p.until.Before(w.turns)) {
		w.turns = p.until
	}
	return p, nil
}

// note keeps that a day has passed by which there should have been an answer:
// the message then ends with what that means for its reader.
func (w *writer) note(name string) {
	if w.texts.Values[name].Ahead != notices.Answer {
		return
	}
	if w.overdue == "" || w.ends[name].Before(w.ends[w.overdue]) {
		w.overdue = name
		w.values["passed"] = w.values[name]
	}
}

// choose is the text to be used: the one for a day that has passed when it has.
func (w *writer) choose(text, late notices.Text, past bool) (notices.Text, error) {
	if past {
		return text, nil
	}
	p, err := w.judge(text.In(w.language))
	if err != nil || !p.passed {
		return text, err
	}
	if late == (notices.Text{}) {
		return text, fmt.Errorf("there are no words for {%s} that has passed", p.name)
	}
	return late, nil
}

// Turn is what a mail says from an instant on, when it leaves after that: a
// mail that waited must not promise a day that passed while it did.
type Turn struct {
	At      time.Time `json:"at"`
	Subject string    `json:"subject"`
	Lines   []string  `json:"lines"`
}

// drafted is a mail as it is kept until it leaves.
type drafted struct {
	Mail
	Turns []Turn `json:"turns,omitempty"` // the earliest first
}

// leaving is the mail as it is to be said at that moment.
func (d drafted) leaving(now time.Time) Mail {
	m := d.Mail
	for _, t := range d.Turns {
		if !now.Before(t.At) {
			m.Subject, m.Lines = t.Subject, t.Lines
		}
	}
	return m
}

// from is the writer as it writes at a later moment.
func (w *writer) from(at time.Time) *writer {
	later := *w
	later.now, later.turns, later.overdue = at, time.Time{}, ""
	later.values = map[string]string{}
	for k, v := range w.values {
		later.values[k] = v
	}
	return &later
}
