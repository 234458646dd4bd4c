package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"strings"

	"inzage/services/document"
	"inzage/services/ledger"
)

// LinkPassword is the purpose of the link with which a forgotten password is
// replaced.
const LinkPassword = "password"

// ChangePassword replaces the password of by's own account. It needs a fresh
// factor and, where there is one, the old password; other sessions end.
func (s *Service) ChangePassword(ctx context.Context, by Actor, old, password, address string) (Entry, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Entry{}, err
	}
	if sess.Level != Full || s.now().Sub(sess.StrongAt) > StepUpAge {
		return Entry{}, ErrStepUp
	}
	if acc.Password != "" {
		ok, err := s.checkPassword(ctx, acc, "account:"+acc.ID, old, address)
		if err != nil {
			return Entry{}, err
		}
		if !ok {
			return Entry{}, s.refuse(ctx, ErrSignIn, s.refusal(by, acc, ProofPassword))
		}
	}
	after, err := s.setPassword(ctx, by, acc, password, func(*Account) error { return nil })
	if err != nil {
		return Entry{}, err
	}
	e, err := s.rise(ctx, sess, after, Full, ProofPassword)
	if err != nil {
		return Entry{}, err
	}
	return e, s.warn(ctx, after, fmt.Sprintf("%s-%d", after.ID, after.Epoch), "password_changed")
}

// ChoosePassword gives a data subject without any factor a first password, in
// a half session with a private link and a code; an authenticator app must
// follow before the session is full.
func (s *Service) ChoosePassword(ctx context.Context, by Actor, password string) (Entry, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Entry{}, err
	}
	if acc.Realm != Subjects || !mayEnrolFirst(sess, acc) {
		return Entry{}, ErrEnrol
	}
	after, err := s.setPassword(ctx, by, acc, password, func(a *Account) error {
		if !mayEnrolFirst(sess, *a) {
			return ErrEnrol
		}
		return nil
	})
	if err != nil {
		return Entry{}, err
	}
	return s.rise(ctx, sess, after, Half, ProofPassword)
}

// ForgotPassword sends a link for a new password, when the address has an
// account; otherwise a letter that says so. The caller cannot tell which.
func (s *Service) ForgotPassword(ctx context.Context, email, language, address string) error {
	if err := checkEmail("email", email); err != nil {
		return err
	}
	if err := s.maySend(ctx, s.emailHash(Staff, email), address); err != nil {
		return err
	}
	acc, err := s.findLogin(ctx, Credentials{Email: email})
	if err != nil {
		return err
	}
	l := Letter{Key: rand.Text(), To: strings.TrimSpace(email), Language: language, Template: "password_unknown"}
	if acc.ID == "" || acc.Password == "" || acc.Disabled {
		e := s.event(Actor{}, "password.forget", "unknown", ledger.Refused)
		if err := s.record(ctx, e); err != nil {
			return err
		}
		return s.post(ctx, l)
	}
	token, err := s.IssueLink(ctx, Actor{}, LinkRequest{Purpose: LinkPassword, Object: acc.ID, Account: acc.ID, Life: s.Limits.Reset})
	if err != nil {
		return err
	}
	l.Template, l.Language = "password", acc.Language
	l.Data = map[string]string{"link": s.link("/password/", token), "minutes": fmt.Sprint(int(s.Limits.Reset.Minutes()))}
	return s.post(ctx, l)
}

// ResetPassword replaces a forgotten password and uses the link up. It signs
// nobody in: the second factor is asked as always. All sessions end.
func (s *Service) ResetPassword(ctx context.Context, token, password string) error {
	l, err := s.OpenLink(ctx, LinkPassword, token)
	if err != nil {
		return err
	}
	acc, err := s.Accounts.Get(ctx, l.Account)
	if err != nil {
		return fmt.Errorf("read an account: %w", hide(err, ErrLink))
	}
	// A weak password is refused before the link is used up.
	if err := s.judge(ctx, acc, password); err != nil {
		return err
	}
	by := Actor{Account: acc.ID, Organisation: acc.Organisation, Roles: acc.Roles}
	if _, err := s.UseLink(ctx, by, LinkPassword, token); err != nil {
		return err
	}
	after, err := s.setPassword(ctx, by, acc, password, func(a *Account) error {
		if a.Disabled {
			return ErrLink
		}
		return nil
	})
	if err != nil {
		return err
	}
	if err := s.unlock(ctx, after); err != nil {
		return err
	}
	return s.warn(ctx, after, fmt.Sprintf("%s-%d", after.ID, after.Epoch), "password_changed")
}

// setPassword stores a new password when allow agrees, and ends all sessions.
func (s *Service) setPassword(ctx context.Context, by Actor, acc Account, password string, allow func(*Account) error) (Account, error) {
	if err := s.judge(ctx, acc, password); err != nil {
		return Account{}, err
	}
	hash, err := s.hasher.hash(ctx, password)
	if err != nil {
		return Account{}, err
	}
	after, err := s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		if err := allow(a); err != nil {
			return nil, err
		}
		a.Password = hash
		a.Epoch++
		return one(s.event(by, "password.change", a.ID, ledger.Done)), nil
	})
	if err != nil {
		return Account{}, fmt.Errorf("store a password: %w", err)
	}
	return after, nil
}

// judge refuses a password that is easy to guess for this person.
func (s *Service) judge(ctx context.Context, acc Account, password string) error {
	_, p, err := s.open(ctx, acc)
	if err != nil {
		return err
	}
	organisation, err := s.organisationName(ctx, acc.Organisation)
	if err != nil {
		return err
	}
	return checkPassword("password", password, s.Product, organisation, p.Name, p.Email)
}

// unlock lets a person sign in who has just proven to read their mail.
func (s *Service) unlock(ctx context.Context, acc Account) error {
	_, p, err := s.open(ctx, acc)
	if err != nil {
		return err
	}
	l := s.passwordLimit(s.emailHash(Staff, p.Email))
	_, err = s.Throttles.Touch(ctx, l.id(), func(t *Throttle) error {
		t.Attempts = nil
		return nil
	})
	if err != nil && !errors.Is(err, document.ErrNotFound) {
		return fmt.Errorf("unlock sign-in: %w", err)
	}
	return nil
}
