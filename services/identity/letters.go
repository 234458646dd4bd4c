package identity

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inzage/services/document"
	"inzage/services/mailaddress"
)

// Fate is what became of a letter. The zero Fate is of one that nothing is
// known of.
type Fate struct {
	Waiting bool // it is on its way to the mail server
	Trouble bool // it waits because mail is in trouble
	Refused bool // the address was refused, for good
	GivenUp bool // it could not be handed over while it was of use
	At      time.Time
}

// Tracer is a Postman that tells what became of a letter.
type Tracer interface {
	Fate(ctx context.Context, key, template string) (Fate, error)
}

// Reaches refuses an address that the portal's mail server does not take: one
// outside ASCII before the @, at a server that said so when it was greeted.
func (s *Service) Reaches(ctx context.Context, email string) error {
	t, ok := s.Post.(interface {
		Takes(ctx context.Context, address string) (bool, error)
	})
	if !ok || !mailaddress.NeedsUTF8(email) {
		return nil
	}
	takes, err := t.Takes(ctx, email)
	if err == nil && !takes {
		return errInput.At("email", "Mail cannot be sent from here to an address with letters outside a to z before the @. Fill in another address.")
	}
	return err
}

// fate is what became of a letter, as far as the postman can tell.
func (s *Service) fate(ctx context.Context, key, template string) (Fate, error) {
	t, ok := s.Post.(Tracer)
	if !ok {
		return Fate{}, nil
	}
	return t.Fate(ctx, key, template)
}

// CodeFate is what became of the letter with the newest code for this purpose,
// object and address.
func (s *Service) CodeFate(ctx context.Context, r CodeRequest) (Fate, error) {
	c, err := s.Codes.Get(ctx, s.codeID(r, s.emailHash(Subjects, r.Email)))
	if errors.Is(err, document.ErrNotFound) {
		return Fate{}, nil
	}
	if err != nil {
		return Fate{}, fmt.Errorf("read a code: %w", err)
	}
	return s.fate(ctx, c.Turn, "code")
}

// emailHashes are all that may be stored of an address: what is stored now
// first, then what was before domains were compared as the DNS has them.
func (s *Service) emailHashes(r Realm, address string) []string {
	var all []string
	for _, form := range mailaddress.Forms(address) {
		all = append(all, s.Vault.Fingerprint("email:"+string(r), form))
	}
	return all
}

// findEmail finds the account of an address, however its domain is written.
func (s *Service) findEmail(ctx context.Context, r Realm, address string) (Account, error) {
	err := error(document.ErrNotFound)
	for _, hash := range s.emailHashes(r, address) {
		var acc Account
		if acc, err = s.Accounts.Find(ctx, "email", hash); err == nil || !errors.Is(err, document.ErrNotFound) {
			return acc, err
		}
	}
	return Account{}, err
}
