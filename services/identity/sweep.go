package identity

import (
	"context"
	"errors"
	"fmt"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
)

// Sweep removes what has ended and is no evidence (codes, links, challenges,
// counters, sessions) and ends invitations that nobody answered, the invited
// person's data with them. It may be called at any time and by several at once.
func (s *Service) Sweep(ctx context.Context) error {
	return errors.Join(
		sweep(ctx, s, s.Codes), sweep(ctx, s, s.Ceremonies), sweep(ctx, s, s.Throttles), sweep(ctx, s, s.Prospects), sweep(ctx, s, s.Sessions),
		s.endInvitations(ctx),
	)
}

// sweep deletes the documents of one collection that have expired.
func sweep[T any, P document.Aggregate[T]](ctx context.Context, s *Service, c document.Collection[T]) error {
	q := document.Query{Index: "expires", Until: s.now(), Limit: 200}
	for {
		page, err := c.List(ctx, q)
		if err != nil {
			return fmt.Errorf("list what has expired: %w", err)
		}
		for _, row := range page.Rows {
			err := c.Delete(ctx, P(&row).Header().ID)
			// Gone already, or its history is not sealed yet: next time.
			if k := fault.KindOf(err); err != nil && k != fault.NotFound && k != fault.Conflict {
				return fmt.Errorf("remove what has expired: %w", err)
			}
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

func (s *Service) endInvitations(ctx context.Context) error {
	q := document.Query{Index: "state", Equal: []any{InvitationOpen}, Until: s.now(), Limit: 100}
	for {
		page, err := s.Invitations.List(ctx, q)
		if err != nil {
			return fmt.Errorf("list the invitations that expired: %w", err)
		}
		for _, inv := range page.Rows {
			if inv.ID == firstOperator {
				continue // Bootstrap renews it at the next start
			}
			_, err := s.Invitations.Update(ctx, inv.ID, func(x *Invitation) ([]ledger.Event, error) {
				if x.State != InvitationOpen {
					return nil, errShut
				}
				x.State, x.Person = InvitationEnded, ""
				return one(s.event(System(), "invitation.expire", x.ID, ledger.Done)), nil
			})
			if errors.Is(err, errShut) {
				continue
			}
			if err != nil {
				return fmt.Errorf("end an invitation: %w", err)
			}
			if err := s.forgetInvited(ctx, inv); err != nil {
				return err
			}
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}
