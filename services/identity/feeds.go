package identity

import (
	"context"
	"fmt"
	"slices"
	"time"

	"inzage/services/ledger"
)

// Feed is the private address at which a person's calendar can be read without
// signing in. Of the address only a keyed hash is kept.
type Feed struct {
	Token string    `json:"token"` // keyed hash; "" when there is none
	Made  time.Time `json:"made"`
	// Requests is whether it also tells when requests and help are due.
	Requests bool `json:"requests"`
}

// feedReads is how often one address may be read within the failure window;
// calendars ask a few times an hour at most.
const feedReads = 60

// followers may have a calendar of their own.
var followers = []Role{Agent, PrivacyOfficer, Admin, Auditor}

// MakeFeed gives by a new calendar address, to be shown once; an earlier one
// stops working. With requests it also tells staff when requests and help are
// due. It needs a fresh factor, because the address outlives the session.
func (s *Service) MakeFeed(ctx context.Context, by Actor, requests bool) (string, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return "", err
	}
	if sess.Level != Full || s.now().Sub(sess.StrongAt) > StepUpAge {
		return "", ErrStepUp
	}
	if !slices.ContainsFunc(followers, acc.Has) {
		return "", ErrForbidden
	}
	token, _ := newToken()
	_, err = s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		a.Feed = Feed{Token: s.feedHash(token), Made: s.now(), Requests: requests && !a.Has(Auditor)}
		return one(s.event(by, "feed.make", a.ID, ledger.Done)), nil
	})
	if err != nil {
		return "", fmt.Errorf("make a calendar address: %w", err)
	}
	return token, nil
}

// RevokeFeed ends by's calendar address at once. Without one it does nothing.
func (s *Service) RevokeFeed(ctx context.Context, by Actor) error {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return err
	}
	if sess.Level != Full {
		return ErrProveMore
	}
	_, err = s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		if a.Feed.Token == "" {
			return nil, nil
		}
		a.Feed = Feed{}
		return one(s.event(by, "feed.revoke", a.ID, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("revoke a calendar address: %w", err)
	}
	return nil
}

// ReadFeed turns a calendar address into the person whose calendar it is, with
// the roles and the organisation of this moment, and what they want in it. The actor may be used for
// nothing but reading the calendar: nobody has proven a factor. An address
// that is unknown, replaced or revoked, and one of somebody without access, is
// ErrNotFound; address is the network's, for the limits (ErrTooMany).
func (s *Service) ReadFeed(ctx context.Context, token, address string) (Actor, Feed, error) {
	guess, err := s.try(ctx, s.feedLimit("from:"+s.addressKey(address), s.Limits.AddressFailures))
	if err != nil {
		return Actor{}, Feed{}, err
	}
	if !guess.allowed {
		return Actor{}, Feed{}, ErrTooMany.After(guess.wait)
	}
	acc, err := s.Accounts.Find(ctx, "feed", s.feedHash(token))
	if err != nil {
		return Actor{}, Feed{}, fmt.Errorf("find a calendar address: %w", hide(err, ErrNotFound))
	}
	if acc.Disabled || !slices.ContainsFunc(followers, acc.Has) {
		return Actor{}, Feed{}, ErrNotFound
	}
	if err := s.forget(ctx, guess); err != nil {
		return Actor{}, Feed{}, err
	}
	read, err := s.try(ctx, s.feedLimit("of:"+acc.ID, feedReads))
	if err != nil {
		return Actor{}, Feed{}, err
	}
	if !read.allowed {
		return Actor{}, Feed{}, ErrTooMany.After(read.wait)
	}
	return Actor{Account: acc.ID, Organisation: acc.Organisation, Roles: slices.Clone(acc.Roles), Level: Full, Language: acc.Language}, acc.Feed, nil
}

func (s *Service) feedHash(token string) string { return s.Vault.Fingerprint("feed", token) }

func (s *Service) feedLimit(key string, most int) limit {
	return limit{key: "feed:" + key, max: most, window: s.Limits.FailureWindow, lock: s.Limits.FailureWindow}
}
