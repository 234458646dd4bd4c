package identity

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"inzage/services/document"
)

// Colleagues returns the names of the people who work for the actor's own
// organisation with one of the roles, in the order of their names. A
// colleague's name at work is shown wherever they act, so reading it leaves no
// entry; addresses and factors are for admins, in People.
func (s *Service) Colleagues(ctx context.Context, by Actor, roles ...Role) ([]Named, error) {
	if by.Organisation == "" || !by.IsStaffOf(by.Organisation) {
		return nil, ErrNotFound
	}
	var all []Named
	q := document.Query{Index: "people", Equal: []any{by.Organisation}, Limit: 200}
	for {
		page, err := s.Accounts.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list colleagues: %w", err)
		}
		for _, acc := range page.Rows {
			if !worksAt(acc, by.Organisation, roles) {
				continue
			}
			_, p, err := s.open(ctx, acc)
			if err != nil {
				return nil, err
			}
			all = append(all, Named{Account: acc.ID, Name: p.Name})
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	slices.SortFunc(all, func(a, b Named) int { return cmp.Compare(strings.ToLower(a.Name), strings.ToLower(b.Name)) })
	return all, nil
}

// Works tells whether an account can act for the organisation in one of the
// roles now. Nobody that there is not, and nobody who was disabled, can.
func (s *Service) Works(ctx context.Context, account, organisation string, roles ...Role) (bool, error) {
	if !strings.HasPrefix(account, "acc_") {
		return false, nil
	}
	acc, err := s.Accounts.Get(ctx, account)
	if errors.Is(err, document.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read a colleague: %w", err)
	}
	return worksAt(acc, organisation, roles), nil
}

func worksAt(acc Account, organisation string, roles []Role) bool {
	return organisation != "" && acc.Organisation == organisation && acc.Realm == Staff && !acc.Disabled && acc.Email != "" && slices.ContainsFunc(roles, acc.Has)
}

// Named is an account with the name of its person.
type Named struct{ Account, Name string }

// Names opens the names behind accounts of the actor's own organisation. Those
// of others, and of people whose data were erased, are left out.
func (s *Service) Names(ctx context.Context, by Actor, accounts []string) (map[string]string, error) {
	names := map[string]string{}
	if by.Organisation == "" || !by.IsStaffOf(by.Organisation) {
		return names, nil
	}
	for _, id := range accounts {
		if _, done := names[id]; done || !strings.HasPrefix(id, "acc_") {
			continue
		}
		acc, err := s.Accounts.Get(ctx, id)
		if errors.Is(err, document.ErrNotFound) || err == nil && (acc.Organisation != by.Organisation || acc.Email == "") {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("read a colleague: %w", err)
		}
		_, p, err := s.open(ctx, acc)
		if err != nil {
			return nil, err
		}
		names[id] = p.Name
	}
	return names, nil
}
