package identity

import (
	"context"
	"errors"
	"fmt"

	"inzage/services/document"
	"inzage/services/ledger"
)

// Credentials are what somebody signs in with.
type Credentials struct {
	Email    string
	Password string
	Address  string // the client's network address
	// Realm says which of two accounts with one address is meant; "" means the
	// staff account, and the subject's where there is none.
	Realm Realm
}

// SignIn checks a password and opens a half session: never more, whoever it
// is. An unknown address, a wrong password, a disabled and a locked account
// give the same answer (ErrSignIn) after the same work. A full queue of
// hashes is ErrBusy, of kind TooMany.
func (s *Service) SignIn(ctx context.Context, c Credentials) (Entry, error) {
	acc, err := s.findLogin(ctx, c)
	if err != nil {
		return Entry{}, err
	}
	ok, err := s.checkPassword(ctx, acc, s.emailHash(Staff, c.Email), c.Password, c.Address)
	if err != nil {
		return Entry{}, err
	}
	if !ok {
		return Entry{}, s.refuse(ctx, ErrSignIn, s.refusal(Actor{Organisation: acc.Organisation}, acc, ProofPassword))
	}
	return s.start(ctx, acc, Half, ProofPassword)
}

// ProvePassword adds the password to a half session that began otherwise: a
// subject's, with a link and a code.
func (s *Service) ProvePassword(ctx context.Context, by Actor, password, address string) (Entry, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Entry{}, err
	}
	ok, err := s.checkPassword(ctx, acc, "account:"+acc.ID, password, address)
	if err != nil {
		return Entry{}, err
	}
	if !ok {
		return Entry{}, s.refuse(ctx, ErrSignIn, s.refusal(by, acc, ProofPassword))
	}
	return s.rise(ctx, sess, acc, sess.Level, ProofPassword)
}

// checkPassword counts the attempt under the account and the address before it
// looks at the password. It does the same work whether the account exists, is
// locked, or neither.
func (s *Service) checkPassword(ctx context.Context, acc Account, key, password, address string) (bool, error) {
	leave, err := s.hasher.enter(ctx)
	if err != nil {
		return false, err
	}
	defer leave()
	place, origin, err := s.places(ctx, s.passwordLimit(key), s.addressLimit(address))
	if err != nil {
		return false, err
	}
	ok, err := s.hasher.matches(password, acc.Password)
	if err != nil {
		return false, err
	}
	if !place.allowed || !origin.allowed || !ok || acc.Disabled {
		return false, nil
	}
	if err := s.pass(ctx, place); err != nil {
		return false, err
	}
	// Signing in to one's own account does not clear what was tried on others.
	return true, s.forget(ctx, origin)
}

// places takes a place under both limits or under neither: a locked account
// does not use up its office's address, nor a locked address the account.
func (s *Service) places(ctx context.Context, account, address limit) (place, origin attempt, err error) {
	if place, err = s.try(ctx, account); err != nil || !place.allowed {
		return place, attempt{}, err
	}
	if origin, err = s.try(ctx, address); err != nil || origin.allowed {
		return place, origin, err
	}
	return attempt{}, origin, s.forget(ctx, place)
}

// findLogin returns the account, or the zero Account when there is none. It
// asks the same questions of the store in every case.
func (s *Service) findLogin(ctx context.Context, c Credentials) (Account, error) {
	var found Account
	for _, r := range []Realm{Subjects, Staff} {
		acc, err := s.findEmail(ctx, r, c.Email)
		if err != nil && !errors.Is(err, document.ErrNotFound) {
			return Account{}, fmt.Errorf("find an account: %w", err)
		}
		if err == nil && (c.Realm == "" || c.Realm == r) {
			found = acc
		}
	}
	return found, nil
}

// refusal is the event of a proof that was not accepted. It names the account
// it was tried on when there is one, never what was typed.
func (s *Service) refusal(by Actor, acc Account, proof string) ledger.Event {
	object := acc.ID
	if object == "" {
		object = "unknown"
	}
	return s.event(by, "session.refuse", object, ledger.Refused, "proof", proof)
}
