package requests

import (
	"context"
	"fmt"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
)

// ForwardDays is how many days after receipt a processor that still has to
// send a request on is late: our reading of "without undue delay", since a
// month has only thirty of them.
const ForwardDays = 3

// Lapse is something that a processor did late or not at all: identifiers and
// times only.
type Lapse struct {
	Assist bool   // help with a request; otherwise sending one on
	Object string // ast_… or req_…
	// Reference is that of the request.
	Reference string
	Due       time.Time
	Done      time.Time // zero when it did not come
}

// Lapses lists what a processor did late or not at all for a controller since
// a time: requests that it sent on late, help that came late or never. It looks
// at the newest 500 of each. Only for the portal's own packages: it checks no actor.
func (s *Service) Lapses(ctx context.Context, controller, processor string, since time.Time) ([]Lapse, error) {
	sent, err := s.Requests.List(ctx, document.Query{Index: "sent", Equal: []any{processor}, From: since, Descending: true, Limit: 500})
	if err != nil {
		return nil, fmt.Errorf("list what %s sent on: %w", processor, err)
	}
	var all []Lapse
	for _, r := range sent.Rows {
		// What others brought when they were joined, and the time that another
		// controller had it, say nothing about how this one was sent on.
		own := r.own()
		if r.Controller != controller || own.ReceivedByProcessor == nil || own.ReceivedByController == nil {
			continue
		}
		if due := own.ReceivedByProcessor.AddDate(0, 0, ForwardDays).Add(r.away()); own.ReceivedByController.After(due) {
			all = append(all, Lapse{Object: r.ID, Reference: r.Reference, Due: due, Done: *own.ReceivedByController})
		}
	}
	for _, open := range []bool{true, false} {
		q := document.Query{Index: "processor", Equal: []any{processor, open}, Limit: 500, Descending: !open}
		if !open {
			q.From = deadlines.DateOf(since, time.UTC).String()
		}
		page, err := s.Assists.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list the help of %s: %w", processor, err)
		}
		for _, a := range page.Rows {
			if a.Controller == controller && a.lapsed(s.now()) {
				l := Lapse{Assist: true, Object: a.ID, Reference: a.Reference, Due: a.Ends}
				if a.Answered != nil {
					l.Done = *a.Answered
				}
				all = append(all, l)
			}
		}
	}
	return all, nil
}

// lapsed tells whether help came late, or is late now. Help that nobody needed
// any more is neither.
func (a *Assist) lapsed(now time.Time) bool {
	if a.Outcome == Cancelled {
		return false
	}
	if a.Answered != nil {
		now = *a.Answered
	}
	return !now.Before(a.Ends)
}
