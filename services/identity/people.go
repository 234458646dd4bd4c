package identity

import (
	"context"
	"crypto/rand"
	"fmt"
	"slices"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
)

// Colleague is one line of an organisation's list of people.
type Colleague struct {
	Account  string
	Person   Person
	Roles    []Role
	Disabled bool
	Factors  []string // ProofTOTP, ProofPasskey: which are bound
	Created  time.Time
}

// People returns one page of the people of an organisation, the longest there
// first: for its own admins. It shows names, so reading it leaves an entry.
func (s *Service) People(ctx context.Context, by Actor, organisation, after string, limit int) (document.Page[Colleague], error) {
	if !by.IsStaffOf(organisation, Admin) {
		return document.Page[Colleague]{}, strangerOr(organisation != "" && by.Organisation == organisation)
	}
	if limit <= 0 || limit > 100 {
		limit = 50 // every line opens a key
	}
	page, err := s.Accounts.List(ctx, document.Query{Index: "people", Equal: []any{organisation}, After: after, Limit: limit})
	if err != nil {
		return document.Page[Colleague]{}, fmt.Errorf("list the people: %w", err)
	}
	out := document.Page[Colleague]{Next: page.Next, Rows: make([]Colleague, 0, len(page.Rows))}
	for _, acc := range page.Rows {
		_, p, err := s.open(ctx, acc)
		if err != nil {
			return document.Page[Colleague]{}, err
		}
		out.Rows = append(out.Rows, Colleague{
			Account: acc.ID, Person: p, Roles: acc.Roles, Disabled: acc.Disabled, Factors: acc.factors(), Created: acc.Created,
		})
	}
	_, err = s.Organisations.Update(ctx, organisation, func(*Organisation) ([]ledger.Event, error) {
		return one(s.event(by, "people.read", organisation, ledger.Done)), nil
	})
	if err != nil {
		return document.Page[Colleague]{}, fmt.Errorf("record the reading of people: %w", err)
	}
	return out, nil
}

func (a Account) factors() []string {
	var f []string
	if a.TOTP.ID != "" && !a.TOTP.Off {
		f = append(f, ProofTOTP)
	}
	if len(a.Passkeys) > 0 {
		f = append(f, ProofPasskey)
	}
	return f
}

// mayAdminister tells whether by may administer the account, and has proven it
// lately: an admin the people of the own organisation; the operator admins,
// operators and people without an organisation. Anybody else's is ErrNotFound.
func (s *Service) mayAdminister(ctx context.Context, by Actor, account string) error {
	acc, err := s.Accounts.Get(ctx, account)
	if err != nil {
		return fmt.Errorf("read an account: %w", hide(err, ErrNotFound))
	}
	return s.administers(by, acc)
}

func (s *Service) administers(by Actor, acc Account) error {
	operator := by.Is(Operator) && (acc.Organisation == "" || acc.Has(Admin))
	if !operator && !by.IsStaffOf(acc.Organisation, Admin) {
		return strangerOr(by.Level == Full && acc.Organisation != "" && by.Organisation == acc.Organisation)
	}
	if acc.ID == by.Account {
		return ErrSelf
	}
	if !by.Strong(s.now()) {
		return ErrStepUp
	}
	return nil
}

// ChangeRoles gives a person other roles. It ends their sessions at once; they
// sign in again with what they may now. It needs a fresh factor. Nobody
// changes the own roles, so that an organisation never loses its last admin by
// its own hand.
func (s *Service) ChangeRoles(ctx context.Context, by Actor, account string, roles []Role) error {
	if err := s.mayAdminister(ctx, by, account); err != nil {
		return err
	}
	after, err := s.Accounts.Update(ctx, account, func(a *Account) ([]ledger.Event, error) {
		if err := s.administers(by, *a); err != nil {
			return nil, err
		}
		if err := checkRoles(roles, a.Organisation); err != nil {
			return nil, err
		}
		was := a.Roles
		a.Roles, a.Operator = slices.Clone(roles), slices.Contains(roles, Operator)
		a.Epoch++
		return one(s.event(by, "role.change", a.ID, ledger.Done, "from", joinRoles(was), "to", joinRoles(roles))), nil
	})
	if err != nil {
		return fmt.Errorf("change roles: %w", err)
	}
	return s.warn(ctx, after, fmt.Sprintf("%s-%d", after.ID, after.Epoch), "roles_changed")
}

// Disable ends a person's access at once, and Enable gives it back.
func (s *Service) Disable(ctx context.Context, by Actor, account string) error {
	return s.setDisabled(ctx, by, account, true, "account.disable")
}

// Enable gives a disabled person access again, with the factors they had.
func (s *Service) Enable(ctx context.Context, by Actor, account string) error {
	return s.setDisabled(ctx, by, account, false, "account.enable")
}

func (s *Service) setDisabled(ctx context.Context, by Actor, account string, disabled bool, action string) error {
	if err := s.mayAdminister(ctx, by, account); err != nil {
		return err
	}
	_, err := s.Accounts.Update(ctx, account, func(a *Account) ([]ledger.Event, error) {
		if err := s.administers(by, *a); err != nil {
			return nil, err
		}
		if a.Email == "" {
			return nil, ErrNotFound // erased for good
		}
		if a.Disabled == disabled {
			return nil, nil
		}
		a.Disabled = disabled
		a.Feed = Feed{} // who comes back makes a new one
		a.Epoch++
		return one(s.event(by, action, a.ID, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("%s: %w", action, err)
	}
	return nil
}

// LinkEnrol is the purpose of the link with which a first factor is set up
// after a reset.
const LinkEnrol = "enrol"

// ResetFactors takes every factor of a person away, ends their sessions, and
// sends them a link for setting up a new one. The link does nothing without
// the password (for a data subject: without a request's link and code), and
// the password alone opens a half session only.
func (s *Service) ResetFactors(ctx context.Context, by Actor, account string) error {
	if err := s.mayAdminister(ctx, by, account); err != nil {
		return err
	}
	after, err := s.Accounts.Update(ctx, account, func(a *Account) ([]ledger.Event, error) {
		if err := s.administers(by, *a); err != nil {
			return nil, err
		}
		if a.Disabled {
			return nil, ErrNotFound
		}
		a.TOTP, a.Recovery, a.Passkeys, a.Feed = TOTP{}, nil, nil, Feed{}
		a.Epoch++
		return one(s.event(by, "factor.reset", a.ID, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("reset factors: %w", err)
	}
	// An earlier enrolment link must not outlive the reset that replaces it.
	if err := s.EndLinks(ctx, by, account); err != nil {
		return err
	}
	if after.Realm == Subjects {
		return s.warn(ctx, after, fmt.Sprintf("%s-%d", after.ID, after.Epoch), "factor_reset")
	}
	return s.sendEnrolment(ctx, by, after)
}

func (s *Service) sendEnrolment(ctx context.Context, by Actor, acc Account) error {
	token, err := s.IssueLink(ctx, by, LinkRequest{Purpose: LinkEnrol, Object: acc.ID, Account: acc.ID, Life: s.Limits.Enrolment})
	if err != nil {
		return err
	}
	_, p, err := s.open(ctx, acc)
	if err != nil {
		return err
	}
	return s.post(ctx, Letter{
		Key: rand.Text(), To: p.Email, Language: acc.Language, Template: "enrol",
		Data: map[string]string{"link": s.link("/enrol/", token), "hours": hours(s.Limits.Enrolment)},
	})
}

// UseEnrolmentLink adds the link that ResetFactors sent to a half session that
// was opened with the password of the same account: a first factor can be set
// up then. It uses the link up. Another person's link is ErrNotFound.
func (s *Service) UseEnrolmentLink(ctx context.Context, by Actor, token string) (Entry, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Entry{}, err
	}
	l, err := s.OpenLink(ctx, LinkEnrol, token)
	if err != nil {
		return Entry{}, err
	}
	if l.Account != acc.ID {
		return Entry{}, ErrNotFound
	}
	if acc.HasFactor() || !sess.proved(ProofPassword) {
		return Entry{}, ErrEnrol
	}
	if _, err := s.UseLink(ctx, by, LinkEnrol, token); err != nil {
		return Entry{}, err
	}
	return s.rise(ctx, sess, acc, sess.Level, ProofLink)
}

// The roles of staff, in the order they are shown.
var staffRoles = []Role{Agent, PrivacyOfficer, Admin, Auditor}

// checkRoles refuses roles that do not fit: staff roles need an organisation,
// operators have none and nothing beside it (they see no content).
func checkRoles(roles []Role, organisation string) error {
	var f fault.Form
	if len(roles) == 0 {
		f.Refuse("roles", "Choose at least one role.")
	}
	for i, r := range roles {
		switch {
		case slices.Contains(roles[:i], r):
			f.Refuse("roles", "Choose every role once.")
		case r == Operator && (organisation != "" || len(roles) > 1),
			r != Operator && !slices.Contains(staffRoles, r),
			organisation == "" && r != Operator && r != Auditor:
			f.Refuse("roles", "These roles do not go together, or do not fit this organisation.")
		}
	}
	return f.Err()
}

func joinRoles(roles []Role) string {
	out := ""
	for i, r := range roles {
		if i > 0 {
			out += " "
		}
		out += string(r)
	}
	return out
}

func hours(d time.Duration) string { return fmt.Sprintf("%d", int(d.Hours())) }
