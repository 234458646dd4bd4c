package notify

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"inzage/services/identity"
	"inzage/services/requests"
)

// together fills in what is said when requests are joined, separated or handed
// back: the other request, and the clock of the one that is answered.
func (s *Service) together(ctx context.Context, c *cause, w *writer, kind string) error {
	answered, clock := c.r, c.clock
	if other := c.ev.Details["into"] + c.ev.Details["from"]; other != "" {
		o, err := s.Requests.Requests.Get(ctx, other)
		if err != nil {
			return fmt.Errorf("read the joined request: %w", err)
		}
		w.values["other_reference"] = o.Reference
		if kind == "merged" {
			answered = o
			if clock, err = s.Requests.Clock(ctx, o); err != nil {
				return fmt.Errorf("read the clock of %s: %w", o.ID, err)
			}
		}
	}
	w.flags["stated"] = c.ev.Details["person"] == "stated"
	w.values["other_rights"] = w.rights(answered.Rights(), w.texts.Words.Rights)
	return s.clockOf(ctx, c, w, clock)
}

// clockOf says from when a request runs and when the answer is due or was.
func (s *Service) clockOf(ctx context.Context, c *cause, w *writer, clock requests.Clock) error {
	w.values["other_received"] = w.calendar(clock.Received)
	w.promise("other_due", clock.Due)
	if by := c.ev.Details["controller"]; by != "" {
		o, err := s.Requests.Directory.Organisation(ctx, by)
		if err != nil {
			return fmt.Errorf("name organisation %s: %w", by, err)
		}
		w.values["handed_by"] = o.Name
	}
	return nil
}

// shared names the requests of other controllers on the same.
func (s *Service) shared(ctx context.Context, c *cause, w *writer) error {
	var others []string
	for _, x := range c.r.Shared {
		if x.ID == c.r.ID {
			continue
		}
		o, err := s.Requests.Directory.Organisation(ctx, x.Controller)
		if err != nil {
			return fmt.Errorf("name organisation %s: %w", x.Controller, err)
		}
		others = append(others, o.Name+" ("+x.Reference+")")
	}
	w.flags["shared"], w.values["others"] = len(others) > 0, w.join(slices.Clone(others))
	return nil
}

// handedBack tells the people at the processor that a request came back.
func (s *Service) handedBack(ctx context.Context, c *cause) error {
	all, err := s.staff(ctx, c.ev.Details["processor"], []identity.Role{identity.Agent}) // which has it again, wherever it is now
	if err != nil {
		return err
	}
	for _, p := range all {
		var failed error
		err = s.toPerson(ctx, c, "staff_handed_back", p, s.Outbox.Links.Request(c.r.ID), func(w *writer) { failed = s.clockOf(ctx, c, w, c.clock) })
		if err = errors.Join(failed, err); err != nil {
			return err
		}
	}
	return nil
}
