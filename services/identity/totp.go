package identity

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/pquerna/otp"
	"github.com/pquerna/otp/hotp"
	"github.com/pquerna/otp/totp"

	"inzage/services/document"
	"inzage/services/ledger"
)

// period is the length of a TOTP step in seconds (RFC 6238).
const period = 30

// recoveryCodes is how many recovery codes come with an authenticator.
const recoveryCodes = 10

// qrSize is the width of the QR code in pixels.
const qrSize = 240

// Setup is what a person needs to bind an authenticator app. It is shown once.
type Setup struct {
	Ceremony string // names this enrolment when it is confirmed
	Secret   string // base32, for typing
	URL      string // otpauth://…
	PNG      []byte // the URL as a QR code
}

// BeginTOTP starts to bind an authenticator app. A full session needs a fresh
// second factor (ErrStepUp); a half one may only set up the account's first
// factor, with what mayEnrolFirst asks (ErrEnrol). Nothing changes until
// ConfirmTOTP.
func (s *Service) BeginTOTP(ctx context.Context, by Actor) (Setup, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Setup{}, err
	}
	if err := s.mayEnrol(sess, acc, ProofTOTP); err != nil {
		return Setup{}, err
	}
	key, person, err := s.open(ctx, acc)
	if err != nil {
		return Setup{}, err
	}
	secret, err := totp.Generate(totp.GenerateOpts{Issuer: s.Product, AccountName: person.Email, Period: period})
	if err != nil {
		return Setup{}, fmt.Errorf("make an authenticator secret: %w", err)
	}
	address := enrolment(s.Product, person.Email, secret.Secret())
	picture, err := drawn(address)
	if err != nil {
		return Setup{}, err
	}
	id := ledger.NewID("fac")
	sealed, err := key.Seal("totp:"+id, []byte(secret.Secret()))
	if err != nil {
		return Setup{}, err
	}
	c := Ceremony{
		Meta: document.Meta{ID: id}, Purpose: "totp.enrol", Account: acc.ID, Session: sess.ID,
		Secret: sealed, Expires: s.now().Add(s.Limits.CodeLife),
	}
	if err := s.Ceremonies.Create(ctx, &c); err != nil {
		return Setup{}, fmt.Errorf("begin an enrolment: %w", err)
	}
	return Setup{Ceremony: id, Secret: secret.Secret(), URL: address, PNG: picture}, nil
}

// ConfirmTOTP binds the authenticator after a first right code. It replaces an
// earlier one, ends the account's other sessions, makes the session full, and
// returns ten recovery codes to be shown once. A wrong code is ErrFactor and may
// be tried again; a late one is ErrCeremony.
func (s *Service) ConfirmTOTP(ctx context.Context, by Actor, ceremony, code string) (Entry, []string, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Entry{}, nil, err
	}
	c, err := s.ceremony(ctx, ceremony, "totp.enrol", sess.ID)
	if err != nil {
		return Entry{}, nil, err
	}
	secret, err := s.openSecret(ctx, acc, c.ID, TOTP{Secret: c.Secret})
	if err != nil {
		return Entry{}, nil, err
	}
	step, ok := matchStep(secret, code, s.now(), 0)
	if !ok {
		return Entry{}, nil, s.refuse(ctx, ErrFactor, s.event(by, "factor.refuse", acc.ID, ledger.Refused, "factor", ProofTOTP))
	}
	codes, hashes := s.newRecovery(acc.ID)
	after, err := s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		if err := s.mayEnrol(sess, *a, ProofTOTP); err != nil {
			return nil, err
		}
		if a.TOTP.ID == c.ID {
			return nil, ErrCeremony
		}
		a.TOTP = TOTP{ID: c.ID, Secret: c.Secret, Step: step, Created: s.now()}
		a.Recovery = hashes
		a.Epoch++
		return one(s.event(by, "factor.enrol", a.ID, ledger.Done, "factor", ProofTOTP, "id", c.ID)), nil
	})
	if err != nil {
		return Entry{}, nil, fmt.Errorf("bind an authenticator: %w", err)
	}
	_ = s.Ceremonies.Delete(ctx, c.ID) // it is bound; the sweep takes what stays
	e, err := s.rise(ctx, sess, after, Full, ProofTOTP)
	if err != nil {
		return Entry{}, nil, err
	}
	return e, codes, s.warn(ctx, after, c.ID, "factor_added")
}

// ProveTOTP checks a code of the authenticator: a half session with a proven
// password becomes full, a full one is strong again. Each code is accepted
// once, and none older than an accepted one; after ten wrong ones the
// authenticator is off until it is bound anew.
func (s *Service) ProveTOTP(ctx context.Context, by Actor, code string) (Entry, error) {
	return s.proveFactor(ctx, by, ProofTOTP, func(acc Account) (func(*Account) error, error) {
		secret, err := s.openSecret(ctx, acc, acc.TOTP.ID, acc.TOTP)
		if err != nil {
			return nil, err
		}
		return func(a *Account) error {
			step, ok := matchStep(secret, code, s.now(), a.TOTP.Step)
			if ok {
				a.TOTP.Step = step
				return nil
			}
			if _, known := matchStep(secret, code, s.now(), 0); known {
				return errReplay
			}
			return ErrFactor
		}, nil
	})
}

// ProveRecovery checks a recovery code instead of the authenticator's. It is
// used up, and the person is told by e-mail.
func (s *Service) ProveRecovery(ctx context.Context, by Actor, code string) (Entry, error) {
	e, err := s.proveFactor(ctx, by, ProofRecovery, func(acc Account) (func(*Account) error, error) {
		hash := s.recoveryHash(acc.ID, code)
		return func(a *Account) error {
			i := slices.IndexFunc(a.Recovery, func(h string) bool { return subtle.ConstantTimeCompare([]byte(h), []byte(hash)) == 1 })
			if i < 0 {
				return ErrFactor
			}
			a.Recovery = slices.Delete(slices.Clone(a.Recovery), i, i+1)
			return nil
		}, nil
	})
	if err != nil {
		return Entry{}, err
	}
	acc, err := s.Accounts.Get(ctx, by.Account)
	if err != nil {
		return Entry{}, fmt.Errorf("read the account: %w", err)
	}
	return e, s.warn(ctx, acc, ledger.NewID("ltr"), "recovery_used")
}

// proveFactor counts the attempt, lets check accept or refuse it within the
// account's own update, and raises the session.
func (s *Service) proveFactor(ctx context.Context, by Actor, proof string, prepare func(Account) (func(*Account) error, error)) (Entry, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Entry{}, err
	}
	if acc.TOTP.ID == "" {
		return Entry{}, ErrNoFactor
	}
	if sess.Level != Full && !sess.proved(ProofPassword) {
		return Entry{}, ErrProveMore
	}
	last, err := s.tryFactor(ctx, acc)
	if errors.Is(err, errShut) {
		return Entry{}, s.refuse(ctx, ErrFactor, s.refusal(by, acc, proof))
	}
	if err != nil {
		return Entry{}, err
	}
	check, err := prepare(acc)
	if err != nil {
		return Entry{}, err
	}
	after, err := s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		if a.TOTP.ID != acc.TOTP.ID || a.TOTP.Off || a.Epoch != acc.Epoch || a.Disabled {
			return nil, ErrSignedOut
		}
		if err := check(a); err != nil {
			return nil, err
		}
		a.TOTP.Failures = 0
		return one(s.event(by, "factor.prove", a.ID, ledger.Done, "factor", proof)), nil
	})
	if errors.Is(err, errReplay) {
		return Entry{}, s.replayed(ctx, by, acc, proof)
	}
	if errors.Is(err, ErrFactor) {
		return Entry{}, s.wrongFactor(ctx, by, acc, proof, last)
	}
	if err != nil {
		return Entry{}, fmt.Errorf("prove a factor: %w", err)
	}
	return s.rise(ctx, sess, after, Full, proof)
}

// tryFactor counts an attempt on the authenticator, or is errShut when none is
// left. last says that this one was the last that is allowed.
func (s *Service) tryFactor(ctx context.Context, acc Account) (last bool, err error) {
	after, err := s.Accounts.Touch(ctx, acc.ID, func(a *Account) error {
		if a.TOTP.ID != acc.TOTP.ID || a.TOTP.Off || a.TOTP.Failures >= s.Limits.FactorFailures {
			return errShut
		}
		a.TOTP.Failures++
		return nil
	})
	if errors.Is(err, errShut) {
		return false, errShut
	}
	if err != nil {
		return false, fmt.Errorf("count an attempt: %w", err)
	}
	return after.TOTP.Failures >= s.Limits.FactorFailures, nil
}

// errReplay is a code that was accepted before; it is answered as a wrong one.
var errReplay = errors.New("the code was accepted before")

// replayed refuses a code that was used before, but does not count it: it is
// no guess, and two clicks on one button must not switch a factor off.
func (s *Service) replayed(ctx context.Context, by Actor, acc Account, proof string) error {
	_, err := s.Accounts.Touch(ctx, acc.ID, func(a *Account) error {
		if a.TOTP.ID == acc.TOTP.ID && a.TOTP.Failures > 0 {
			a.TOTP.Failures--
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("take an attempt back: %w", err)
	}
	return s.refuse(ctx, ErrFactor, s.refusal(by, acc, proof))
}

// wrongFactor records a wrong code; the last one that is allowed switches the
// authenticator off.
func (s *Service) wrongFactor(ctx context.Context, by Actor, acc Account, proof string, last bool) error {
	if err := s.record(ctx, s.refusal(by, acc, proof)); err != nil {
		return err
	}
	if !last {
		return ErrFactor
	}
	off := false
	_, err := s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		// A right code that came at the same moment has cleared the count.
		off = a.TOTP.ID == acc.TOTP.ID && !a.TOTP.Off && a.TOTP.Failures >= s.Limits.FactorFailures
		if !off {
			return nil, nil
		}
		a.TOTP.Off = true
		return one(s.event(Actor{Account: ledger.SystemActor, Organisation: a.Organisation}, "factor.disable", a.ID, ledger.Done, "factor", ProofTOTP)), nil
	})
	if err != nil {
		return fmt.Errorf("switch an authenticator off: %w", err)
	}
	if !off {
		return ErrFactor
	}
	if err := s.warn(ctx, acc, acc.TOTP.ID, "factor_off"); err != nil {
		return err
	}
	return ErrFactor
}

// mayEnrol tells whether the session may bind a factor to the account.
func (s *Service) mayEnrol(sess Session, acc Account, proof string) error {
	if sess.Level == Full {
		if s.now().Sub(sess.StrongAt) > StepUpAge {
			return ErrStepUp
		}
		if proof == ProofTOTP && acc.Password == "" {
			return ErrProveMore // without one, a code could never be asked
		}
		return nil
	}
	if !mayEnrolFirst(sess, acc) {
		return ErrEnrol
	}
	if proof == ProofTOTP && !sess.proved(ProofPassword) {
		return ErrProveMore
	}
	return nil
}

// mayEnrolFirst tells whether a half session may set up the account's first
// factor: staff with a link that was sent for it and the password, a data
// subject with the request's private link and a code. Where a factor exists, it
// must be used, or reset by somebody who may.
func mayEnrolFirst(sess Session, acc Account) bool {
	if acc.HasFactor() {
		return false
	}
	if acc.Realm == Subjects {
		return sess.proved(ProofLink, ProofEmail)
	}
	return sess.proved(ProofLink, ProofPassword)
}

// matchStep finds the step, one either way of now, whose code this is and that
// is newer than the step accepted last.
func matchStep(secret, code string, now time.Time, last int64) (int64, bool) {
	code = strings.Join(strings.Fields(code), "")
	step := now.Unix() / period
	for _, candidate := range []int64{step - 1, step, step + 1} {
		if candidate <= last {
			continue
		}
		want, err := hotp.GenerateCodeCustom(secret, uint64(candidate), hotp.ValidateOpts{Digits: otp.DigitsSix, Algorithm: otp.AlgorithmSHA1})
		if err == nil && subtle.ConstantTimeCompare([]byte(want), []byte(code)) == 1 {
			return candidate, true
		}
	}
	return 0, false
}

func (s *Service) openSecret(ctx context.Context, acc Account, id string, t TOTP) (string, error) {
	key, err := s.Vault.Key(ctx, acc.ID)
	if err != nil {
		return "", fmt.Errorf("read the key of the account: %w", err)
	}
	secret, err := key.Open("totp:"+id, t.Secret)
	if err != nil {
		return "", err
	}
	return string(secret), nil
}

// newRecovery makes the recovery codes, 80 bits each, and their hashes.
func (s *Service) newRecovery(account string) (codes, hashes []string) {
	for range recoveryCodes {
		t := rand.Text()[:16]
		code := t[:4] + "-" + t[4:8] + "-" + t[8:12] + "-" + t[12:]
		codes = append(codes, code)
		hashes = append(hashes, s.recoveryHash(account, code))
	}
	return codes, hashes
}

func (s *Service) recoveryHash(account, code string) string {
	plain := strings.ToUpper(strings.NewReplacer("-", "", " ", "").Replace(code))
	return s.Vault.Fingerprint("recovery", account+":"+plain)
}
