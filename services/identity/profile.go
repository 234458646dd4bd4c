package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// ChangeProfile changes the name and the language of by's own account. The
// address stays: it is what invitations and sign-in go by.
func (s *Service) ChangeProfile(ctx context.Context, by Actor, name, language string) error {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return err
	}
	if sess.Level != Full {
		return ErrProveMore
	}
	if name = strings.TrimSpace(name); !goodName(name) {
		return errInput.At("name", "Give your name, in at most 120 characters.")
	}
	if !knownLanguage(language) {
		return errInput.At("language", "Choose a language from the list.")
	}
	key, p, err := s.open(ctx, acc)
	if err != nil {
		return err
	}
	p.Name = name
	sealed, err := vault.SealJSON(key, personField, p)
	if err != nil {
		return err
	}
	_, err = s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		a.Person, a.Language = sealed, language
		return one(s.event(by, "account.change", a.ID, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("change an account: %w", err)
	}
	return nil
}

// RenamePasskey changes what by calls one of their passkeys, at most 40
// characters. Another's passkey is ErrNotFound.
func (s *Service) RenamePasskey(ctx context.Context, by Actor, passkey, name string) error {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return err
	}
	if sess.Level != Full {
		return ErrProveMore
	}
	if name = strings.TrimSpace(name); fault.Blank(name) || shorten(name, 40) != name {
		return errInput.At("name", "Give the passkey a name, in at most 40 characters.")
	}
	_, err = s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		i := slices.IndexFunc(a.Passkeys, func(p Passkey) bool { return p.ID == passkey })
		if i < 0 {
			return nil, ErrNotFound
		}
		a.Passkeys = slices.Clone(a.Passkeys)
		a.Passkeys[i].Name = name
		return one(s.event(by, "factor.rename", a.ID, ledger.Done, "factor", ProofPasskey, "id", passkey)), nil
	})
	if err != nil {
		return fmt.Errorf("rename a passkey: %w", err)
	}
	return nil
}

// RenewRecovery replaces the recovery codes by ten new ones, to be shown once;
// the old ones stop working. It needs a fresh factor and an authenticator
// (ErrNoFactor), and the person is told by e-mail.
func (s *Service) RenewRecovery(ctx context.Context, by Actor) ([]string, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return nil, err
	}
	if sess.Level != Full || s.now().Sub(sess.StrongAt) > StepUpAge {
		return nil, ErrStepUp
	}
	codes, hashes := s.newRecovery(acc.ID)
	after, err := s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		if a.TOTP.ID == "" {
			return nil, ErrNoFactor
		}
		a.Recovery = hashes
		return one(s.event(by, "factor.renew", a.ID, ledger.Done, "factor", ProofRecovery)), nil
	})
	if err != nil {
		return nil, fmt.Errorf("renew the recovery codes: %w", err)
	}
	return codes, s.warn(ctx, after, ledger.NewID("ltr"), "recovery_renewed")
}

// OpenTOTP shows an enrolment that BeginTOTP began in the same session once
// more, and changes nothing. A late or foreign one is ErrCeremony.
func (s *Service) OpenTOTP(ctx context.Context, by Actor, ceremony string) (Setup, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Setup{}, err
	}
	c, err := s.ceremony(ctx, ceremony, "totp.enrol", sess.ID)
	if err != nil {
		return Setup{}, err
	}
	secret, err := s.openSecret(ctx, acc, c.ID, TOTP{Secret: c.Secret})
	if err != nil {
		return Setup{}, err
	}
	_, person, err := s.open(ctx, acc)
	if err != nil {
		return Setup{}, err
	}
	return Setup{Ceremony: c.ID, Secret: secret, URL: enrolment(s.Product, person.Email, secret)}, nil
}

// PasskeysWork tells whether the portal has a domain name, without which
// browsers refuse passkeys.
func (s *Service) PasskeysWork() bool { return s.passkeys != nil }

// Colleague is one person whom by may administer. It shows a name, so reading
// it leaves an entry. Anybody else's is ErrNotFound.
func (s *Service) Colleague(ctx context.Context, by Actor, account string) (Colleague, error) {
	var found Account
	_, err := s.Accounts.Update(ctx, account, func(a *Account) ([]ledger.Event, error) {
		operator := by.Is(Operator) && (a.Organisation == "" || a.Has(Admin))
		if a.Realm != Staff || a.Email == "" || !operator && !by.IsStaffOf(a.Organisation, Admin) {
			return nil, ErrNotFound
		}
		found = *a
		return one(s.event(by, "person.read", a.ID, ledger.Done)), nil
	})
	if err != nil {
		return Colleague{}, fmt.Errorf("read a colleague: %w", hide(err, ErrNotFound))
	}
	return s.colleague(ctx, found)
}

func (s *Service) colleague(ctx context.Context, acc Account) (Colleague, error) {
	_, p, err := s.open(ctx, acc)
	if err != nil {
		return Colleague{}, err
	}
	return Colleague{Account: acc.ID, Person: p, Roles: acc.Roles, Disabled: acc.Disabled, Factors: acc.factors(), Created: acc.Created}, nil
}

// adminsAmong is how many of an organisation's people are looked through for
// its admins; the first ones are among the longest there.
const adminsAmong = 500

// Admins lists the admins of an organisation, or the operators for "": for the
// operator, who helps an organisation that has lost its last one. Reading it
// leaves an entry.
func (s *Service) Admins(ctx context.Context, by Actor, organisation string) ([]Colleague, error) {
	if !by.Is(Operator) {
		return nil, ErrNotFound
	}
	var all []Colleague
	q := document.Query{Index: "people", Equal: []any{organisation}, Limit: 100}
	if organisation == "" {
		q = document.Query{Index: "operators", Equal: []any{true}, Limit: 100}
	}
	for range adminsAmong / q.Limit {
		page, err := s.Accounts.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list the admins: %w", err)
		}
		for _, acc := range page.Rows {
			if !acc.Has(Admin) && !acc.Operator {
				continue
			}
			c, err := s.colleague(ctx, acc)
			if err != nil {
				return nil, err
			}
			all = append(all, c)
		}
		if q.After = page.Next; q.After == "" {
			break
		}
	}
	return all, s.readPeople(ctx, by, organisation)
}

func (s *Service) readPeople(ctx context.Context, by Actor, organisation string) error {
	if organisation == "" {
		_, err := s.Accounts.Update(ctx, by.Account, func(a *Account) ([]ledger.Event, error) {
			return one(s.event(by, "people.read", a.ID, ledger.Done)), nil
		})
		return err
	}
	_, err := s.Organisations.Update(ctx, organisation, func(*Organisation) ([]ledger.Event, error) {
		return one(s.event(by, "people.read", organisation, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("record the reading of people: %w", hide(err, ErrNotFound))
	}
	return nil
}

// Pending is an invitation that nobody has accepted yet.
type Pending struct {
	ID      string
	Person  Person
	Roles   []Role
	Sent    time.Time
	Expires time.Time
	Fate    Fate // of the letter with the link
}

// OpenInvitations lists the invitations into an organisation that can still be
// accepted, the newest first, at most 100: for whoever may withdraw them. It
// shows names and addresses, so reading it leaves an entry.
func (s *Service) OpenInvitations(ctx context.Context, by Actor, organisation string) ([]Pending, error) {
	open, err := s.openInvitations(ctx, by, organisation)
	if err != nil {
		return nil, err
	}
	return open, s.readPeople(ctx, by, organisation)
}

// PendingInvitation is one of OpenInvitations; ErrNotFound, which leaves no
// entry of a reading, when it is not among them.
func (s *Service) PendingInvitation(ctx context.Context, by Actor, organisation, id string) (Pending, error) {
	open, err := s.openInvitations(ctx, by, organisation)
	if err != nil {
		return Pending{}, err
	}
	i := slices.IndexFunc(open, func(p Pending) bool { return p.ID == id })
	if i < 0 {
		return Pending{}, ErrNotFound
	}
	return open[i], s.readPeople(ctx, by, organisation)
}

// PeopleAndInvited is People with the open invitations: one reading, one entry.
func (s *Service) PeopleAndInvited(ctx context.Context, by Actor, organisation, after string, limit int) (document.Page[Colleague], []Pending, error) {
	page, err := s.People(ctx, by, organisation, after, limit)
	if err != nil {
		return page, nil, err
	}
	open, err := s.openInvitations(ctx, by, organisation)
	return page, open, err
}

// AdminsAndInvited is Admins with the open invitations: one reading, one entry.
func (s *Service) AdminsAndInvited(ctx context.Context, by Actor, organisation string) ([]Colleague, []Pending, error) {
	admins, err := s.Admins(ctx, by, organisation)
	if err != nil {
		return nil, nil, err
	}
	open, err := s.openInvitations(ctx, by, organisation)
	return admins, open, err
}

func (s *Service) openInvitations(ctx context.Context, by Actor, organisation string) ([]Pending, error) {
	if !by.Is(Operator) && !by.IsStaffOf(organisation, Admin) {
		return nil, ErrNotFound
	}
	page, err := s.Invitations.List(ctx, document.Query{Index: "organisation", Equal: []any{organisation}, Descending: true, Limit: 100})
	if err != nil {
		return nil, fmt.Errorf("list the invitations: %w", err)
	}
	var open []Pending
	for _, inv := range page.Rows {
		if !invites(by, organisation, inv.Roles) || inv.State != InvitationOpen || !s.now().Before(inv.Expires) || inv.ID == firstOperator {
			continue
		}
		p, err := s.invited(ctx, inv)
		if err != nil {
			return nil, err
		}
		fate, err := s.fate(ctx, inv.ID, "invitation")
		if err != nil {
			return nil, err
		}
		open = append(open, Pending{ID: inv.ID, Person: p, Roles: inv.Roles, Sent: inv.Created, Expires: inv.Expires, Fate: fate})
	}
	return open, nil
}
