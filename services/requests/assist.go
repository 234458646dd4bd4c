package requests

import (
	"context"
	"errors"
	"time"

	"inzage/services/agreements"
	"inzage/services/costs"
	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Assist is what a controller asks of one of its processors for one right of a
// request: art. 28(3)(e) GDPR. Its texts and files are sealed under the
// request's key and go when the request goes.
type Assist struct {
	document.Meta
	Request   string `json:"request"`
	Reference string `json:"reference"`
	// Joined is the request that it was asked for, while that goes on under Request.
	Joined     string `json:"joined,omitempty"`
	Controller string `json:"controller"`
	Processor  string `json:"processor"`
	Agreement  string `json:"agreement"`
	Version    int    `json:"version"`
	Right      Right  `json:"right"`

	Question vault.Sealed `json:"question"`
	AskedAt  time.Time    `json:"asked_at"`
	// Due is YYYY-MM-DD: never later than the agreement allows, nor than leaves
	// the controller its buffer.
	Due  string    `json:"due"`
	Ends time.Time `json:"ends"`
	// DueClause is the rule that set Due, e.g. "3.6" or "28(3)(e) GDPR".
	DueClause string `json:"due_clause"`

	Outcome string       `json:"outcome"` // "", "found", "nothing_found", "exception", "cancelled"
	Reply   vault.Sealed `json:"reply"`
	Files   []File       `json:"files"`
	Costs   []costs.Line `json:"costs,omitempty"`
	// CostsFor says what each line of Costs is for: JSON of []string.
	CostsFor vault.Sealed     `json:"costs_for,omitempty"`
	Bill     *costs.Statement `json:"bill,omitempty"` // allocated by the agreement
	Answered *time.Time       `json:"answered,omitempty"`

	Open     bool      `json:"open"`
	Remind   time.Time `json:"remind"`
	Reminded []string  `json:"reminded"`
}

// AssistBuffer is how many days before the request's due date a processor's
// answer is wanted at the latest.
const AssistBuffer = 3

// The outcomes of an assist.
const (
	Found        = "found"
	NothingFound = "nothing_found"
	Exception    = "exception"
	Cancelled    = "cancelled"
)

// AssistLimit is the latest date for an assist and the rule that sets it.
type AssistLimit struct {
	Agreement agreements.Applied
	Latest    deadlines.Date
	// Ends is when Latest is over, or the moment on it at which hours are.
	Ends   time.Time
	Clause string
	// Unknown: working days were counted without knowing the holidays.
	Unknown   bool
	Silent    bool
	Costs     string // controller, chargeable or none
	CostsRule string // its clause
}

// Helpers lists the processors that a controller can ask for help with a
// request, each with the latest date its agreement and the clock leave.
func (s *Service) Helpers(ctx context.Context, by identity.Actor, r Request, right Right) ([]AssistLimit, error) {
	if !isDesk(by, &r) {
		return nil, ErrNotFound
	}
	all, err := s.Agreements.OfController(ctx, r.Desk, s.now())
	if err != nil {
		return nil, err
	}
	var limits []AssistLimit
	for _, a := range all {
		l, err := s.limit(ctx, &r, a, right)
		if err != nil {
			return nil, err
		}
		limits = append(limits, l)
	}
	return limits, nil
}

// limit is the earlier of the agreement's own limit and the due date less the
// buffer, but never a day that has passed.
func (s *Service) limit(ctx context.Context, r *Request, a agreements.Applied, right Right) (AssistLimit, error) {
	clock, err := s.reader(ctx, r)
	if err != nil {
		return AssistLimit{}, err
	}
	routing := agreements.Route(a.Terms, Controller, right)
	due, err := deadlines.ParseDate(r.Due)
	if err != nil {
		return AssistLimit{}, err
	}
	today := clock.day(s.now())
	l := AssistLimit{Agreement: a, Latest: due.AddDays(-AssistBuffer), Clause: "28(3)(e) GDPR", Silent: true,
		Costs: routing.AssistCosts, CostsRule: routing.CostsClause}
	l.Ends = deadlines.EndOf(l.Latest, clock.zone)
	// The agreement's own days are counted where it says, or else where its
	// controller is, which is where the request's clock is read.
	own, err := s.readerOf(ctx, a)
	if err != nil {
		return AssistLimit{}, err
	}
	last, ends, err := routing.AssistWithin.Ends(s.now(), own.zone, own.calendar)
	if err != nil {
		return AssistLimit{}, err
	}
	if !ends.IsZero() && ends.Before(l.Ends) {
		l.Latest, l.Ends, l.Clause, l.Silent = last, ends, routing.AssistClause, false
		l.Unknown = routing.AssistWithin.WorkingDays > 0 && !own.calendar.Known()
	}
	if l.Latest.Before(today) {
		l.Latest, l.Ends = today, deadlines.EndOf(today, clock.zone)
	}
	return l, nil
}

// ends is when a day that was chosen is over: never after the limit.
func (l AssistLimit) ends(day deadlines.Date, zone *time.Location) time.Time {
	if end := deadlines.EndOf(day, zone); end.Before(l.Ends) {
		return end.UTC()
	}
	return l.Ends.UTC()
}

// Request for help: what, for which right, by when.
type Help struct {
	Processor string
	Right     Right
	Question  string
	Due       deadlines.Date // the zero Date means: the latest possible
}

// Seek asks a processor for help. id makes it idempotent.
func (s *Service) Seek(ctx context.Context, by identity.Actor, request, id string, h Help) (Assist, error) {
	r, err := s.Requests.Get(ctx, request)
	if err != nil {
		return Assist{}, err
	}
	if _, err := allowed(by, &r, AskAssist); err != nil {
		return Assist{}, s.refused(ctx, by, "request.ask_assist", request, err)
	}
	if asked, err := s.Assists.Get(ctx, id); !isNotFound(err) {
		if err == nil && asked.Request != request {
			err = ErrNotFound
		}
		return asked, err // the second press of the same button
	}
	l, err := s.checkHelp(ctx, &r, h)
	if err != nil {
		return Assist{}, err
	}
	z, err := s.sealer(ctx, request)
	if err != nil {
		return Assist{}, err
	}
	if h.Due.IsZero() {
		h.Due = l.Latest
	}
	zone, err := s.zone(ctx, r.Desk)
	if err != nil {
		return Assist{}, err
	}
	a := Assist{Meta: document.Meta{ID: id}, Request: request, Reference: r.Reference, Controller: r.Desk, Processor: h.Processor, Right: h.Right,
		Agreement: l.Agreement.ID, Version: l.Agreement.Version, Question: z.Text("assist", h.Question), AskedAt: s.now(),
		Due: h.Due.String(), Ends: l.ends(h.Due, zone), DueClause: l.Clause, Open: true}
	a.Remind = deadlines.NextReminder(a.Ends, a.Reminded, s.now())
	if z.Err != nil {
		return Assist{}, z.Err
	}
	// The request first: if the task then cannot be stored, the desk sees that it
	// asked and asks again; the other order could leave help that nobody asked for.
	if _, err := s.change(ctx, by, request, AskAssist, func(*Request) (details, error) {
		return details{"assist": id, "processor": h.Processor, "right": string(h.Right), "due": a.Due}, nil
	}); err != nil {
		return Assist{}, err
	}
	err = s.Assists.Create(ctx, &a, s.event(by, "assist.ask", a.ID, details{"request": request, "processor": h.Processor, "right": string(h.Right), "due": a.Due, "clause": a.DueClause}))
	if errors.Is(err, document.ErrTaken) {
		return s.Assists.Get(ctx, id)
	}
	if err != nil {
		return Assist{}, err
	}
	return a, s.helped(ctx, a)
}

func (s *Service) checkHelp(ctx context.Context, r *Request, h Help) (AssistLimit, error) {
	var form fault.Form
	if !r.Has(h.Right) {
		form.Refuse("right", "Choose one of the rights of this request.")
	}
	if needText("question", h.Question, "x") != nil {
		form.Refuse("question", "Say what the processor should look for or do.")
	}
	a, err := s.Agreements.Between(ctx, r.Desk, h.Processor, s.now())
	if fault.KindOf(err) == fault.NotFound {
		form.Refuse("processor", "Choose a processor with which there is an agreement in force.")
		return AssistLimit{}, form.Err()
	}
	if err != nil {
		return AssistLimit{}, err
	}
	l, err := s.limit(ctx, r, a, h.Right)
	if err != nil {
		return AssistLimit{}, err
	}
	if !h.Due.IsZero() && h.Due.After(l.Latest) {
		form.Refuse("due", "This is too late. The latest day is %s.", l.Latest.String())
	}
	zone, err := s.zone(ctx, r.Desk)
	if err != nil {
		return AssistLimit{}, err
	}
	if !h.Due.IsZero() && h.Due.Before(deadlines.DateOf(s.now(), zone)) {
		form.Refuse("due", "This day has passed. Choose today or later.")
	}
	return l, form.Err()
}

// Task opens an assist for the processor that has to answer it or the
// controller that asked; anybody else finds nothing. The reading leaves an entry.
func (s *Service) Task(ctx context.Context, by identity.Actor, id string) (Assist, AssistText, error) {
	a, err := s.Assists.Get(ctx, id)
	if err != nil {
		return Assist{}, AssistText{}, s.missing(ctx, by, "assist.read", err)
	}
	if !mayAnswer(by, &a) && !mayAsk(by, &a) {
		return Assist{}, AssistText{}, s.refused(ctx, by, "assist.read", id, ErrNotFound)
	}
	if a.Outcome == Cancelled && !mayAsk(by, &a) {
		// Nobody needs the answer any more, so nobody needs to know about whom it was.
		return a, AssistText{}, nil
	}
	if err := s.Evidence.Record(ctx, s.event(by, "assist.read", id, details{"request": a.Request})); err != nil {
		return Assist{}, AssistText{}, document.ErrBusy.Because(err)
	}
	key, err := s.Vault.Key(ctx, a.Request)
	if err != nil {
		return Assist{}, AssistText{}, err
	}
	o := vault.Opener{Key: key}
	text := AssistText{Question: o.Text("assist", a.Question), Reply: o.Text("assist", a.Reply), Files: namedFiles(&o, a.Files)}
	o.JSON("costs_for", a.CostsFor, &text.CostsFor)
	if mayAnswer(by, &a) {
		r, err := s.Requests.Get(ctx, a.Request)
		if err != nil {
			return Assist{}, AssistText{}, err
		}
		o.JSON("person", r.Person, &text.Person)
	}
	return a, text, o.Err
}

// AssistText is the opened content of an assist. Person is who the processor
// has to look for; it sees nothing else of the request.
type AssistText struct {
	Question, Reply string
	Files           []NamedFile
	CostsFor        []string // in the order of Assist.Costs
	Person          Person
}

func mayAnswer(by identity.Actor, a *Assist) bool { return by.IsStaffOf(a.Processor, identity.Agent) }

// mayAsk is true for the desk that asked.
func mayAsk(by identity.Actor, a *Assist) bool {
	return by.IsStaffOf(a.Controller, identity.PrivacyOfficer, identity.Agent)
}

// helped lets the request know that help was asked, given or no longer
// needed. It is repeated from the log when it was cut short.
func (s *Service) helped(ctx context.Context, a Assist) error {
	return s.recount(ctx, a.Request, details{"assist": a.ID})
}

// recount derives again whether a request waits for help.
func (s *Service) recount(ctx context.Context, id string, d details) error {
	open, err := s.openAssists(ctx, id)
	if err != nil {
		return err
	}
	_, err = s.Requests.Update(ctx, id, func(r *Request) ([]ledger.Event, error) {
		waiting := r.Open && (open > 0 || r.State == Identifying && r.Identity[len(r.Identity)-1].Replied == nil)
		if r.Waiting == waiting {
			return nil, nil
		}
		r.Waiting = waiting
		action := "request.helped"
		if waiting {
			action = "request.wait"
		}
		return []ledger.Event{s.event(identity.System(), action, r.ID, d)}, nil
	})
	return err
}

func (s *Service) openAssists(ctx context.Context, request string) (int, error) {
	all, err := s.AssistsOf(ctx, request)
	open := 0
	for _, a := range all {
		if a.Open {
			open++
		}
	}
	return open, err
}

// AssistsOf lists the assists of a request, oldest first, at most 200.
func (s *Service) AssistsOf(ctx context.Context, request string) ([]Assist, error) {
	page, err := s.Assists.List(ctx, document.Query{Index: "request", Equal: []any{request}, Limit: 200})
	return page.Rows, err
}

// CancelHelp withdraws a question that was not answered yet.
func (s *Service) CancelHelp(ctx context.Context, by identity.Actor, id string) (Assist, error) {
	a, err := s.Assists.Get(ctx, id)
	if err != nil {
		return Assist{}, s.missing(ctx, by, "assist.cancel", err)
	}
	r, err := s.Requests.Get(ctx, a.Request)
	if err != nil {
		return Assist{}, err
	}
	if _, err := allowed(by, &r, CancelAssist); err != nil {
		return Assist{}, s.refused(ctx, by, "assist.cancel", id, err)
	}
	now := s.now()
	out, err := s.Assists.Update(ctx, id, func(a *Assist) ([]ledger.Event, error) {
		if !a.Open {
			return nil, errLocked
		}
		a.Outcome, a.Open, a.Answered, a.Remind = Cancelled, false, &now, deadlines.Never
		return []ledger.Event{s.event(by, "assist.cancel", a.ID, details{"request": a.Request})}, nil
	})
	if err != nil {
		return Assist{}, s.refused(ctx, by, "assist.cancel", id, err)
	}
	return out, s.helped(ctx, out)
}
