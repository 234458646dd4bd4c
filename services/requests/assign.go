package requests

import (
	"context"
	"errors"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
)

// WorkerAt is the role of the people who work at the desk of the request.
func WorkerAt(r Request) identity.Role {
	if r.Desk == r.Processor {
		return identity.Agent
	}
	return identity.PrivacyOfficer
}

// AssignTo hands the request to somebody who can act at its desk; "" to nobody.
func (s *Service) AssignTo(ctx context.Context, by identity.Actor, id, account string) (Request, error) {
	desk, works := "", true
	r, err := s.Requests.Get(ctx, id)
	if err != nil && !errors.Is(err, document.ErrNotFound) {
		return Request{}, err
	}
	if err == nil && account != "" && May(by, r, Assign) == nil {
		desk = r.Desk
		if works, err = s.Directory.Works(ctx, account, r.Desk, WorkerAt(r)); err != nil {
			return Request{}, err
		}
	}
	return s.change(ctx, by, id, Assign, func(r *Request) (details, error) {
		if !works || account != "" && r.Desk != desk {
			return nil, fault.New(fault.Invalid, "Some answers need another look.").At("colleague", "Choose one of the people in the list.")
		}
		r.Assignee = account
		return details{"assignee": account}, nil
	})
}
