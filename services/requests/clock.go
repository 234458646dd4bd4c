package requests

import (
	"context"
	"fmt"
	"slices"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/identity"
)

// Window is the portal's own term: 30 days from receipt. Where 30 days and one
// calendar month differ, the earlier is enforced (art. 12(3) GDPR).
const Window = 30

// reader reads the clock of one request: in the zone and with the holidays of
// the organisation that decides.
type reader struct {
	zone     *time.Location
	calendar deadlines.Calendar
}

// reader returns the clock reader for the organisation that decides on the
// request, or that has it while nobody decides yet. An organisation among those
// that the caller has read already is not read again.
func (s *Service) reader(ctx context.Context, r *Request, known ...identity.Organisation) (reader, error) {
	legal := r.Controller
	if legal == "" || r.Decides == Processor {
		legal = r.Desk
	}
	for _, org := range known {
		if org.ID == legal {
			return readerFor(org.Zone, org.Country)
		}
	}
	org, err := s.Directory.Organisation(ctx, legal)
	if err != nil {
		return reader{}, err
	}
	return readerFor(org.Zone, org.Country)
}

// readerOf returns the reader that an agreement's zone and country give; what
// it does not say is that of its controller.
func (s *Service) readerOf(ctx context.Context, a agreements.Applied) (reader, error) {
	org, err := s.Directory.Organisation(ctx, a.Controller)
	if err != nil {
		return reader{}, err
	}
	terms := a.Terms.At(org.Country, org.Zone)
	return readerFor(terms.TimeZone(), terms.Holidays())
}

func readerFor(zone, country string) (reader, error) {
	if zone == "" {
		zone = "Europe/Amsterdam"
	}
	loc, err := deadlines.Zone(zone)
	if err != nil {
		return reader{}, fmt.Errorf("time zone of the organisation: %w", err)
	}
	// Without a holiday set no day is taken for a holiday, which can only make the
	// shown statutory date earlier; the basis of the clock says so.
	return reader{zone: loc, calendar: deadlines.CalendarFor(country)}, nil
}

// zone is the legal time zone of an organisation.
func (s *Service) zone(ctx context.Context, org string) (*time.Location, error) {
	o, err := s.Directory.Organisation(ctx, org)
	if err != nil {
		return nil, err
	}
	rd, err := readerFor(o.Zone, o.Country)
	return rd.zone, err
}

// day is the local date of an instant.
func (c reader) day(t time.Time) deadlines.Date { return deadlines.DateOf(t, c.zone) }

// facts are what the request's deadline follows from: of all that was joined,
// the one that has to be answered first. Facts that the engine refuses cannot
// arise here: all events come after receipt.
func (c reader) facts(r *Request) deadlines.RequestFacts {
	f, _ := c.first(r)
	return f
}

// factsOf are the facts of one receipt with what was asked and extended since.
func (c reader) factsOf(received time.Time, asked []IdentityQuestion, extended *Extension) deadlines.RequestFacts {
	f := deadlines.RequestFacts{Received: received, Zone: c.zone, Calendar: c.calendar, Window: Window}
	for _, q := range asked {
		f.Events = append(f.Events, deadlines.Event{Type: deadlines.Asked, At: q.Asked})
		switch {
		case q.Settled != nil && q.Enough:
			f.Events = append(f.Events, deadlines.Event{Type: deadlines.Answered, At: answeredAt(q)})
		case q.Settled != nil:
			f.Events = append(f.Events, deadlines.Event{Type: deadlines.Insufficient, At: answeredAt(q)})
		}
	}
	if extended != nil {
		f.ExtendMonths = extended.Months
		f.Events = append(f.Events, deadlines.Event{Type: deadlines.Extended, At: extended.At})
	}
	return f
}

// read computes the four values of the request's deadline, and what explains them.
func (c reader) read(r *Request) deadlines.RequestDeadline {
	d, err := deadlines.Request(c.facts(r))
	if err != nil {
		return deadlines.RequestDeadline{}
	}
	return d
}

// answeredAt is when the data subject answered, or when the desk let the
// question go without an answer.
func answeredAt(q IdentityQuestion) time.Time {
	if q.Replied != nil {
		return *q.Replied
	}
	return *q.Settled
}

// Clock is the deadline of a request with the zone it is counted in.
type Clock struct {
	deadlines.RequestDeadline
	Zone  *time.Location
	Today deadlines.Date
	// HolidaysUnknown: there is no holiday set of the country, so weekends alone
	// move the statutory date.
	HolidaysUnknown bool
	// From is the joined request whose date it is; nil when it is the request's own.
	From *Held
}

// Left is the number of days until the enforced date; negative when it has passed.
func (c Clock) Left() int { return c.Due.DaysSince(c.Today) }

// Clock computes the request's deadline now.
func (s *Service) Clock(ctx context.Context, r Request) (Clock, error) {
	rd, err := s.reader(ctx, &r)
	if err != nil {
		return Clock{}, err
	}
	_, from := rd.first(&r)
	return Clock{RequestDeadline: rd.read(&r), Zone: rd.zone, Today: rd.day(s.now()), HolidaysUnknown: !rd.calendar.Known(), From: from}, nil
}

// settle derives everything that follows from the request's facts: open or
// not, waiting or not, the enforced date, the next reminder.
func (r *Request) settle(c reader, now time.Time) {
	r.Open = !slices.Contains([]State{Closed, Withdrawn, Misdirected, Merged}, r.State)
	if !r.Open && r.Closed == nil {
		r.Closed = &now
	}
	if r.Open {
		r.Closed = nil
	}
	r.Kept = !r.Open && r.Shredded == nil
	if r.State == Identifying {
		last := r.Identity[len(r.Identity)-1]
		r.Waiting = last.Replied == nil
	} else if r.State != InProgress && r.State != Acknowledged {
		r.Waiting = false
	}
	due, ends, _ := deadlines.Enforced(c.facts(r)) // the errors of facts, which cannot arise
	r.Due, r.Ends = due.String(), ends.UTC()
	r.Remind = deadlines.Never
	if r.State == Unconfirmed {
		r.Remind = r.Entered.Add(DraftLife)
	} else if r.Owing() {
		r.Remind = deadlines.NextReminder(r.Ends, r.Reminded, now)
	}
	r.list()
}

// answered sorts after every date, so that what only has to be closed comes last.
const answered = "9999-12-31"

// list derives in whose queues the request stands, and where.
func (r *Request) list() {
	r.Listed, r.SentBy, r.Order = "", "", answered
	if r.arrived() {
		r.Listed = r.Desk
		if r.ArrivedAt == Processor && r.Desk != r.Processor {
			r.SentBy = r.Processor
		}
	}
	switch {
	case r.Closed != nil:
		r.Order = r.Closed.UTC().Format("2006-01-02T15:04:05.000Z")
	case r.Owing():
		r.Order = r.Due
	}
}

// arrived tells whether somebody has received the request: after the address
// of the filer was proven, or when staff entered it.
func (r *Request) arrived() bool {
	return r.ReceivedByProcessor != nil || r.ReceivedByController != nil
}

// Owing tells whether the data subject still has to get an answer: until
// everything is decided, and what was promised is delivered.
func (r *Request) Owing() bool {
	return r.Open && r.State != Delivered && (r.State != Decided || r.owesData())
}

// decider returns the organisation that decides on the request.
func (s *Service) decider(ctx context.Context, r *Request) (identity.Organisation, error) {
	return s.Directory.Organisation(ctx, r.Desk)
}
