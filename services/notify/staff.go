package notify

import (
	"context"
	"fmt"
	"slices"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// toStaff composes what an event about a request asks for at the desk.
func (s *Service) toStaff(ctx context.Context, c *cause, verb string) error {
	r := &c.r
	desk := []identity.Role{deskRole(r)}
	switch verb {
	case "confirm", "enter":
		// A request that is forwarded or handled has an entry of its own for that.
		if r.ArrivedAt == requests.Controller {
			return s.toDesk(ctx, c, "staff_new", r.Desk, desk)
		}
		if r.Controller == "" {
			return s.toDesk(ctx, c, "staff_triage", r.Desk, desk)
		}
	case "forward":
		return s.toDesk(ctx, c, "staff_new", r.Desk, desk)
	case "handle":
		if err := s.toDesk(ctx, c, "staff_new", r.Desk, desk); err != nil || c.ev.Details["tell_controller"] != "true" {
			return err
		}
		return s.toDesk(ctx, c, "staff_told", r.Controller, []identity.Role{identity.PrivacyOfficer})
	case "assign":
		if to := c.ev.Details["assignee"]; to != "" && to != c.ev.Actor {
			return s.toOne(ctx, c, "staff_assigned", to, desk)
		}
	case "hand_back":
		return s.handedBack(ctx, c)
	case "add":
		return s.toOne(ctx, c, "staff_added", r.Assignee, desk)
	case "answer_identity":
		return s.toOne(ctx, c, "staff_identity_answered", r.Assignee, desk)
	case "withdraw":
		if c.ev.Actor == r.Account {
			return s.toOne(ctx, c, "staff_withdrawn", r.Assignee, desk)
		}
	case "remind":
		switch {
		case !r.Open:
			return nil // answered since
		case c.ev.Details["days"] == "late":
			return s.toDesk(ctx, c, "staff_late", r.Desk, append(desk, identity.Admin))
		}
		return s.toDesk(ctx, c, "staff_reminder", r.Desk, desk)
	}
	return nil
}

// deskRole is the role that acts for the desk of the request.
func deskRole(r *requests.Request) identity.Role {
	if r.Desk == r.Processor {
		return identity.Agent
	}
	return identity.PrivacyOfficer
}

// ofFailure tells the desk that a notice did not reach the data subject.
func (s *Service) ofFailure(ctx context.Context, e ledger.Entry) error {
	r, err := s.Requests.Requests.Get(ctx, e.Event.Object)
	if err != nil {
		return err
	}
	c, err := s.gather(ctx, e, r)
	if err != nil {
		return err
	}
	return s.toOne(ctx, c, "staff_undelivered", r.Assignee, []identity.Role{deskRole(&r)})
}

// ofAssist composes what an event about a question to a processor asks for.
func (s *Service) ofAssist(ctx context.Context, e ledger.Entry, verb string) error {
	if !slices.Contains([]string{"ask", "answer", "cancel", "remind"}, verb) {
		return nil
	}
	a, err := s.Requests.Assists.Get(ctx, e.Event.Object)
	if err != nil {
		return err
	}
	r, err := s.Requests.Requests.Get(ctx, a.Request)
	if err != nil {
		return err
	}
	c, err := s.gather(ctx, e, r)
	if err != nil {
		return err
	}
	// Who is meant is said by the question, which may be older than the request's present desk.
	c.r.Controller, c.r.Processor = a.Controller, a.Processor
	o := assisted{s: s, c: c, a: a}
	agents, officers := []identity.Role{identity.Agent}, []identity.Role{identity.PrivacyOfficer}
	switch {
	case verb == "ask":
		return o.to(ctx, "staff_assist_asked", a.Processor, agents)
	case verb == "cancel":
		return o.to(ctx, "staff_assist_cancelled", a.Processor, agents)
	case verb == "answer":
		return o.to(ctx, "staff_assist_answered", a.Controller, officers)
	case !a.Open:
		return nil // answered since
	case e.Event.Details["days"] != "late":
		return o.to(ctx, "staff_assist_reminder", a.Processor, agents)
	}
	if err := o.to(ctx, "staff_assist_late", a.Processor, append(agents, identity.Admin)); err != nil {
		return err
	}
	return o.to(ctx, "staff_assist_late", a.Controller, append(officers, identity.Admin))
}

// assisted writes about one question to a processor.
type assisted struct {
	s *Service
	c *cause
	a requests.Assist
}

func (o assisted) to(ctx context.Context, kind, org string, roles []identity.Role) error {
	due, err := deadlines.ParseDate(o.a.Due)
	if err != nil {
		return err
	}
	all, err := o.s.staff(ctx, org, roles)
	if err != nil {
		return err
	}
	if kind == "staff_assist_answered" {
		all = onlyAssignee(all, o.c.r.Assignee)
	}
	for _, p := range all {
		err := o.s.toPerson(ctx, o.c, kind, p, o.s.Outbox.Links.Assist(o.a.ID), func(w *writer) {
			w.promiseUntil("assist_due", due, o.a.Ends)
			w.values["right"] = w.texts.Words.StaffRights[string(o.a.Right)].In(w.language)
			w.flags["outcome_"+o.c.ev.Details["outcome"]] = true
			w.flags["agent"] = org == o.a.Processor
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// person is a member of staff to be written to.
type person struct {
	account, email, language string
}

// staff lists the people of an organisation who hold one of the roles; its
// admins when nobody does, so that no message gets lost.
func (s *Service) staff(ctx context.Context, org string, roles []identity.Role) ([]person, error) {
	var fit, admins []person
	q := document.Query{Index: "people", Equal: []any{org}, Limit: 200}
	for org != "" {
		page, err := s.Accounts.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list the staff of %s: %w", org, err)
		}
		for _, a := range page.Rows {
			holds := slices.ContainsFunc(roles, a.Has)
			if a.Disabled || a.Realm != identity.Staff || !holds && !a.Has(identity.Admin) {
				continue
			}
			p, err := s.People.Person(ctx, a.ID)
			if passed(err) != nil {
				return nil, fmt.Errorf("open account %s: %w", a.ID, err)
			}
			if err != nil || p.Email == "" {
				continue
			}
			one := person{account: a.ID, email: p.Email, language: a.Language}
			if holds {
				fit = append(fit, one)
			} else {
				admins = append(admins, one)
			}
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	if len(fit) == 0 {
		return admins, nil
	}
	return fit, nil
}

// onlyAssignee keeps the person who has the request, or everybody when that
// person is not among them.
func onlyAssignee(all []person, assignee string) []person {
	for _, p := range all {
		if p.account == assignee {
			return []person{p}
		}
	}
	return all
}

func (s *Service) toOne(ctx context.Context, c *cause, kind, assignee string, roles []identity.Role) error {
	all, err := s.staff(ctx, c.r.Desk, roles)
	if err != nil {
		return err
	}
	return s.toAll(ctx, c, kind, onlyAssignee(all, assignee))
}

func (s *Service) toDesk(ctx context.Context, c *cause, kind, org string, roles []identity.Role) error {
	all, err := s.staff(ctx, org, roles)
	if err != nil {
		return err
	}
	return s.toAll(ctx, c, kind, all)
}

func (s *Service) toAll(ctx context.Context, c *cause, kind string, all []person) error {
	for _, p := range all {
		err := s.toPerson(ctx, c, kind, p, s.Outbox.Links.Request(c.r.ID), func(w *writer) {
			w.promiseMoment("days", c.ev.Details["days"], w.ends["due"])
			w.flags["last_day"] = c.ev.Details["days"] == "1"
		})
		if err != nil {
			return err
		}
	}
	return nil
}

func (s *Service) toPerson(ctx context.Context, c *cause, kind string, p person, link string, more func(*writer)) error {
	w, err := s.common(ctx, c, p.language, s.Outbox.Texts.Words.StaffRights)
	if err != nil {
		return err
	}
	if kind == "staff_new" || kind == "staff_triage" {
		// The sender of a notice to the subject is not the desk that gets the work.
		o, err := s.Requests.Directory.Organisation(ctx, c.r.Desk)
		if err != nil {
			return err
		}
		w.values["sender"] = o.Name
	}
	more(w)
	return s.mailTo(ctx, p, c.ev, link, w, Message{Kind: kind, Request: c.r.ID, Entry: c.entry, Object: c.r.ID})
}

// mailTo writes one e-mail to somebody who can sign in, and queues it. The
// event and the reader make its id, so that composing twice queues once.
func (s *Service) mailTo(ctx context.Context, p person, ev ledger.Event, link string, w *writer, m Message) error {
	return s.mailWith(ctx, p, ev, link, "", w, m)
}

// mailWith is mailTo with a signed note in the mail, and as a file with it.
func (s *Service) mailWith(ctx context.Context, p person, ev ledger.Event, link, note string, w *writer, m Message) error {
	n, err := s.text(m.Kind)
	if err != nil {
		return err
	}
	mail, err := w.mail(n)
	if err != nil {
		return err
	}
	mail.Link, mail.LinkNote, mail.Note = link, w.texts.Words.LinkNote.In(p.language), note
	m.ID = s.Outbox.id(ev.ID, m.Kind, p.account)
	return s.Outbox.put(ctx, m, p.email, mail)
}
