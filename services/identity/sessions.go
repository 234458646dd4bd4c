package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"inzage/services/document"
	"inzage/services/ledger"
)

// Entry is what a sign-in, or a step of one, gives: a new token for the
// cookie, and what is still missing before the session is full.
type Entry struct {
	Token   string // shown once; never stored or logged
	CSRF    string // the form token that belongs to Token
	Session Session
	Actor   Actor
	// Next are the proofs that would make the session full, each alone: ProofTOTP,
	// ProofRecovery, ProofPasskey; ProofPassword when it must come first; and
	// NextEnrol when a first factor can be set up now. Empty when full.
	Next []string
}

// NextEnrol says that the session may set up the account's first factor.
const NextEnrol = "enrol"

// Resume turns a token into who asks. Anything but a live session is
// ErrSignedOut. It reads the account every time, so that a disabled, moved or
// demoted person is out at once, and writes at most once a minute.
func (s *Service) Resume(ctx context.Context, token string) (Actor, Session, error) {
	if token == "" {
		return Actor{}, Session{}, ErrSignedOut
	}
	sess, err := s.Sessions.Find(ctx, "token", hashToken(token))
	if err != nil {
		return Actor{}, Session{}, fmt.Errorf("find the session: %w", hide(err, ErrSignedOut))
	}
	acc, err := s.Accounts.Get(ctx, sess.Account)
	if err != nil {
		return Actor{}, Session{}, fmt.Errorf("read the account of the session: %w", hide(err, ErrSignedOut))
	}
	if !s.live(sess, acc) {
		return Actor{}, Session{}, ErrSignedOut
	}
	if err := s.seen(ctx, sess); err != nil {
		return Actor{}, Session{}, err
	}
	return actorOf(sess, acc), sess, nil
}

// CSRF is the form token of a session. It changes with the session's token and
// is stored nowhere.
func (s *Service) CSRF(sess Session) string {
	return s.Vault.Fingerprint("csrf", sess.ID+":"+sess.Token)
}

func (s *Service) live(sess Session, acc Account) bool {
	now := s.now()
	return !sess.Ended && !acc.Disabled && sess.Epoch == acc.Epoch &&
		now.Before(sess.Expires) && now.Sub(sess.Seen) <= s.Limits.Idle
}

func actorOf(sess Session, acc Account) Actor {
	return Actor{
		Account: acc.ID, Organisation: acc.Organisation, Roles: slices.Clone(acc.Roles),
		Level: sess.Level, StrongAt: sess.StrongAt, Language: acc.Language, Session: sess.ID,
	}
}

// seen remembers that the session is in use: at most once a minute, and often
// enough that one in use never ends, however short the idle time is set.
func (s *Service) seen(ctx context.Context, sess Session) error {
	now := s.now()
	if now.Sub(sess.Seen) < min(time.Minute, s.Limits.Idle/10) {
		return nil
	}
	_, err := s.Sessions.Touch(ctx, sess.ID, func(x *Session) error {
		if x.Seen.Before(now) {
			x.Seen = now
		}
		return nil
	})
	if err != nil {
		return fmt.Errorf("remember the use of a session: %w", hide(err, ErrSignedOut))
	}
	return nil
}

// start opens a session for the account.
func (s *Service) start(ctx context.Context, acc Account, level Level, proved ...string) (Entry, error) {
	now := s.now()
	token, hash := newToken()
	sess := Session{
		Meta: document.Meta{ID: ledger.NewID("ses")}, Token: hash, Account: acc.ID, Level: level,
		Proved: proved, Epoch: acc.Epoch, Started: now, Seen: now, Expires: now.Add(s.life(acc, level)),
	}
	if level == Full {
		sess.StrongAt = now
	}
	by := actorOf(sess, acc)
	ev := s.event(by, "session.start", sess.ID, ledger.Done, "level", string(level), "proof", proved[len(proved)-1])
	if err := s.Sessions.Create(ctx, &sess, ev); err != nil {
		return Entry{}, fmt.Errorf("start a session: %w", err)
	}
	return s.entry(token, sess, acc), nil
}

func (s *Service) life(acc Account, level Level) time.Duration {
	if level == Full || acc.Realm == Subjects {
		return s.Limits.Absolute
	}
	return s.Limits.HalfLife
}

// rise adds a proof to a session and gives it a new token; the old one is over.
// acc is the account after the proof was accepted: its epoch becomes the
// session's, so that what ends all sessions can leave this one.
func (s *Service) rise(ctx context.Context, sess Session, acc Account, level Level, proof string) (Entry, error) {
	now := s.now()
	token, hash := newToken()
	after, err := s.Sessions.Update(ctx, sess.ID, func(x *Session) ([]ledger.Event, error) {
		// A session has one token at a time: two proofs at once cannot both rise.
		if x.Ended || x.Token != sess.Token {
			return nil, ErrSignedOut
		}
		action := "session.prove"
		if x.Level != Full && level == Full {
			action, x.Expires = "session.rise", now.Add(s.Limits.Absolute)
		}
		x.Token, x.Level, x.Epoch, x.Seen = hash, level, acc.Epoch, now
		if !slices.Contains(x.Proved, proof) {
			x.Proved = append(slices.Clone(x.Proved), proof)
		}
		if level == Full {
			x.StrongAt = now
		}
		return one(s.event(actorOf(*x, acc), action, x.ID, ledger.Done, "level", string(level), "proof", proof)), nil
	})
	if err != nil {
		return Entry{}, fmt.Errorf("raise the session: %w", hide(err, ErrSignedOut))
	}
	return s.entry(token, after, acc), nil
}

func (s *Service) entry(token string, sess Session, acc Account) Entry {
	return Entry{Token: token, CSRF: s.CSRF(sess), Session: sess, Actor: actorOf(sess, acc), Next: s.next(sess, acc)}
}

// Next says what would make the session of by full.
func (s *Service) Next(ctx context.Context, by Actor) ([]string, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return nil, err
	}
	return s.next(sess, acc), nil
}

func (s *Service) next(sess Session, acc Account) []string {
	if sess.Level == Full {
		return nil
	}
	var next []string
	if len(acc.Passkeys) > 0 {
		next = append(next, ProofPasskey)
	}
	if acc.TOTP.ID != "" && !acc.TOTP.Off {
		if sess.proved(ProofPassword) {
			next = append(next, ProofTOTP)
			if len(acc.Recovery) > 0 {
				next = append(next, ProofRecovery)
			}
		} else {
			next = append(next, ProofPassword)
		}
	}
	if mayEnrolFirst(sess, acc) {
		next = append(next, NextEnrol)
	}
	return next
}

// self reads the session and the account of by, and that both are still live.
func (s *Service) self(ctx context.Context, by Actor) (Session, Account, error) {
	if by.Session == "" {
		return Session{}, Account{}, ErrSignedOut
	}
	sess, err := s.Sessions.Get(ctx, by.Session)
	if err != nil {
		return Session{}, Account{}, fmt.Errorf("read the session: %w", hide(err, ErrSignedOut))
	}
	acc, err := s.Accounts.Get(ctx, sess.Account)
	if err != nil {
		return Session{}, Account{}, fmt.Errorf("read the account of the session: %w", hide(err, ErrSignedOut))
	}
	if acc.ID != by.Account || !s.live(sess, acc) {
		return Session{}, Account{}, ErrSignedOut
	}
	return sess, acc, nil
}

// SignOut ends the session of by, at once and everywhere. Repeating it is no error.
func (s *Service) SignOut(ctx context.Context, by Actor) error {
	return s.Revoke(ctx, by, by.Session)
}

// Revoke ends one session of by's own account; another's is ErrNotFound. To end
// another than the one that asks needs a fresh factor: whoever holds a stolen
// one must not shut its owner out (ASVS 7.5.2).
func (s *Service) Revoke(ctx context.Context, by Actor, session string) error {
	_, err := s.Sessions.Update(ctx, session, func(x *Session) ([]ledger.Event, error) {
		if by.Account == "" || x.Account != by.Account {
			return nil, ErrNotFound
		}
		if x.ID != by.Session && !by.Strong(s.now()) {
			return nil, ErrStepUp
		}
		if x.Ended {
			return nil, nil
		}
		x.Ended = true
		return one(s.event(by, "session.end", x.ID, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("end a session: %w", hide(err, ErrNotFound))
	}
	return nil
}

// RevokeAll ends every session of an account: of the own one, or of a person
// whom by may administer, with a fresh factor. It is one write, whatever the number.
func (s *Service) RevokeAll(ctx context.Context, by Actor, account string) error {
	if account != by.Account || by.Level != Full {
		if err := s.mayAdminister(ctx, by, account); err != nil {
			return err
		}
	}
	if !by.Strong(s.now()) {
		return ErrStepUp
	}
	_, err := s.Accounts.Update(ctx, account, func(a *Account) ([]ledger.Event, error) {
		a.Epoch++
		return one(s.event(by, "session.end_all", a.ID, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("end the sessions: %w", hide(err, ErrNotFound))
	}
	return nil
}

// OwnSessions lists the live sessions of by's account, the newest first, at
// most 50.
func (s *Service) OwnSessions(ctx context.Context, by Actor) ([]Session, error) {
	_, acc, err := s.self(ctx, by)
	if err != nil {
		return nil, err
	}
	page, err := s.Sessions.List(ctx, document.Query{Index: "account", Equal: []any{acc.ID}, Descending: true, Limit: 50})
	if err != nil {
		return nil, fmt.Errorf("list the sessions: %w", err)
	}
	return slices.DeleteFunc(page.Rows, func(x Session) bool { return !s.live(x, acc) }), nil
}
