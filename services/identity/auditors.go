package identity

import (
	"context"
	"errors"
	"fmt"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
)

// InviteAuditor invites an external auditor for a controller or processor, and
// returns the id the auditor's account has or will have: the same for every
// organisation that invites the address, so that one account opens all its
// audits. An auditor who has an account already needs no link: the mail about the
// audit is enough. Somebody who works here as something else is invited to move.
// The caller cannot tell which of these it was.
func (s *Service) InviteAuditor(ctx context.Context, by Actor, in Invite) (account string, err error) {
	if by.Organisation == "" || !by.IsStaffOf(by.Organisation, PrivacyOfficer, Admin) {
		return "", ErrForbidden
	}
	in.Organisation, in.Roles = "", []Role{Auditor}
	if in.Language == "" {
		in.Language = "nl"
	}
	// Before anything is looked up: a refusal must not depend on whether the
	// address is known.
	if err := in.check(); err != nil {
		return "", err
	}
	gone := ""
	for range prospectTries {
		acc, err := s.findEmail(ctx, Staff, in.Email)
		switch {
		case err == nil && acc.Has(Auditor):
			return acc.ID, nil
		case err == nil:
			_, err = s.invite(ctx, by, in, "")
			return acc.ID, err
		case !errors.Is(err, document.ErrNotFound):
			return "", fmt.Errorf("find an auditor: %w", err)
		}
		if account, err = s.prospect(ctx, in.Email, gone); err != nil {
			return "", err
		}
		// There already: it was answered at this moment, which the next look tells,
		// or by a person who has another address now.
		there, err := s.exists(ctx, account)
		if err != nil {
			return "", err
		}
		if !there {
			if _, err = s.invite(ctx, by, in, account); fault.KindOf(err) != fault.Gone {
				return account, err
			}
		}
		gone = account
	}
	return "", document.ErrBusy
}

// prospectTries is how often an address is looked at anew that changes hands
// while it is invited.
const prospectTries = 5

// prospect is the account that the invitations of a new auditor at the address
// make: one, whoever asks at the same moment. gone is one that no longer can.
func (s *Service) prospect(ctx context.Context, email, gone string) (string, error) {
	fresh := Prospect{Account: ledger.NewID("acc"), Expires: s.now().Add(s.Limits.Invitation)}
	fresh.ID = "psp_" + s.emailHash(Staff, email)
	err := s.Prospects.Create(ctx, &fresh)
	if err == nil {
		return fresh.Account, nil
	}
	if !errors.Is(err, document.ErrTaken) {
		return "", fmt.Errorf("keep a prospect: %w", err)
	}
	p, err := s.Prospects.Touch(ctx, fresh.ID, func(p *Prospect) error {
		if p.Account == gone || !s.now().Before(p.Expires) {
			p.Account = fresh.Account
		}
		p.Expires = fresh.Expires
		return nil
	})
	if errors.Is(err, document.ErrNotFound) { // swept at this moment
		return s.prospect(ctx, email, gone)
	}
	if err != nil {
		return "", fmt.Errorf("read a prospect: %w", err)
	}
	return p.Account, nil
}

// siblings is how many of the newest invitations to one address are looked at.
const siblings = 50

// exists tells whether there is an account of that id.
func (s *Service) exists(ctx context.Context, account string) (bool, error) {
	_, err := s.Accounts.Get(ctx, account)
	if errors.Is(err, document.ErrNotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("read an account: %w", err)
	}
	return true, nil
}

// forgetInvited destroys what an ended invitation held of the invited person, unless
// their account, or another invitation that is still open, lives under the
// same key.
func (s *Service) forgetInvited(ctx context.Context, inv Invitation) error {
	there, err := s.exists(ctx, inv.Account)
	if err != nil || there {
		return err
	}
	page, err := s.Invitations.List(ctx, document.Query{Index: "email", Equal: []any{inv.Email}, Descending: true, Limit: siblings})
	if err != nil {
		return fmt.Errorf("list the invitations of an address: %w", err)
	}
	for _, other := range page.Rows {
		if other.ID != inv.ID && other.Account == inv.Account && other.State == InvitationOpen {
			return nil
		}
	}
	return s.Vault.Shred(ctx, inv.Account)
}
