package identity

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"inzage/services/document"
	"inzage/services/ledger"
)

// limit says how often something may be tried: max attempts within window shut
// the door for lock, counted from the last of them.
type limit struct {
	key    string
	max    int
	window time.Duration
	lock   time.Duration
}

func (s *Service) passwordLimit(key string) limit {
	return limit{key: "password:" + key, max: s.Limits.PasswordFailures, window: s.Limits.FailureWindow, lock: s.Limits.Lock}
}

func (s *Service) addressLimit(address string) limit {
	return limit{key: "address:" + s.addressKey(address), max: s.Limits.AddressFailures, window: s.Limits.FailureWindow, lock: s.Limits.Lock}
}

func (s *Service) sendLimit(emailHash string) limit {
	return limit{key: "send:" + emailHash, max: s.Limits.CodesSent, window: s.Limits.FailureWindow, lock: s.Limits.FailureWindow}
}

func (s *Service) askLimit(address string) limit {
	return limit{key: "ask:" + s.addressKey(address), max: s.Limits.AskedFrom, window: s.Limits.FailureWindow, lock: s.Limits.FailureWindow}
}

func (s *Service) fileLimit(address string) limit {
	return limit{key: "file:" + s.addressKey(address), max: s.Limits.FilesFrom, window: s.Limits.FailureWindow, lock: s.Limits.FailureWindow}
}

// MaySendFile counts a file that somebody who has proven nothing yet is about to
// send from a network address. Too many are TooMany.
func (s *Service) MaySendFile(ctx context.Context, address string) error {
	a, err := s.try(ctx, s.fileLimit(address))
	if err != nil {
		return err
	}
	if !a.allowed {
		return s.refuse(ctx, ErrTooMany.After(a.wait), s.event(Actor{}, "file.send", "unknown", ledger.Refused, "reason", "too_many"))
	}
	return nil
}

// attempt is a place under a limit that was taken before checking, so that
// many at once cannot all be let through and counted afterwards.
type attempt struct {
	limit   limit
	id      string
	allowed bool
	wait    time.Duration // until the door opens again, when it is shut
}

// try takes a place under the limit, or says that there is none left. The
// place counts as a failure until pass or forget.
func (s *Service) try(ctx context.Context, l limit) (attempt, error) {
	a := attempt{limit: l, id: ledger.NewID("try")}
	change := func(t *Throttle) error {
		now := s.now()
		if a.wait = l.shut(t.Attempts, now); a.wait > 0 {
			return errShut
		}
		// Older ones than the last max decide nothing.
		if keep := len(t.Attempts) - l.max + 1; keep > 0 {
			t.Attempts = slices.Clone(t.Attempts[keep:])
		}
		t.Attempts = append(t.Attempts, Try{ID: a.id, At: now})
		t.Expires = now.Add(l.window + l.lock)
		return nil
	}
	_, err := s.Throttles.Touch(ctx, l.id(), change)
	if errors.Is(err, document.ErrNotFound) {
		err = s.firstTry(ctx, l, change)
	}
	if errors.Is(err, errShut) {
		return a, nil
	}
	if err != nil {
		return attempt{}, fmt.Errorf("count an attempt: %w", err)
	}
	a.allowed = true
	return a, nil
}

// errShut stops the count; it is never shown.
var errShut = errors.New("no attempt is left")

func (s *Service) firstTry(ctx context.Context, l limit, change func(*Throttle) error) error {
	t := Throttle{Meta: document.Meta{ID: l.id()}}
	if err := change(&t); err != nil {
		return err
	}
	err := s.Throttles.Create(ctx, &t)
	if errors.Is(err, document.ErrTaken) {
		_, err = s.Throttles.Touch(ctx, l.id(), change)
	}
	return err
}

func (l limit) id() string { return "thr_" + l.key }

// shut says how long the door stays shut; 0 means it is open. tries are the
// oldest first.
func (l limit) shut(tries []Try, now time.Time) time.Duration {
	if len(tries) < l.max {
		return 0
	}
	newest, oldest := tries[len(tries)-1].At, tries[len(tries)-l.max].At
	if newest.Sub(oldest) >= l.window {
		return 0
	}
	return max(0, newest.Add(l.lock).Sub(now))
}

// pass takes the attempt back and lets nothing before it count any more.
func (s *Service) pass(ctx context.Context, a attempt) error {
	return s.withdraw(ctx, a, func(t *Throttle, i int) { t.Attempts = slices.Clone(t.Attempts[i+1:]) })
}

// forget takes back an attempt that was no failure.
func (s *Service) forget(ctx context.Context, a attempt) error {
	return s.withdraw(ctx, a, func(t *Throttle, i int) { t.Attempts = slices.Delete(slices.Clone(t.Attempts), i, i+1) })
}

func (s *Service) withdraw(ctx context.Context, a attempt, take func(t *Throttle, i int)) error {
	_, err := s.Throttles.Touch(ctx, a.limit.id(), func(t *Throttle) error {
		if i := slices.IndexFunc(t.Attempts, func(x Try) bool { return x.ID == a.id }); i >= 0 {
			take(t, i)
		}
		return nil
	})
	if err != nil && !errors.Is(err, document.ErrNotFound) { // swept: it counts no more
		return fmt.Errorf("take an attempt back: %w", err)
	}
	return nil
}

// record stores the event of a refusal, which changes nothing else.
func (s *Service) record(ctx context.Context, e ledger.Event) error {
	t := Throttle{Meta: document.Meta{ID: ledger.NewID("ref")}, Expires: s.now().Add(time.Hour)}
	if err := s.Throttles.Create(ctx, &t, e); err != nil {
		return fmt.Errorf("record %s: %w", e.Action, err)
	}
	return nil
}

// RecordRefusal records that by was refused an action on an object, for guards
// that refuse before a service is asked.
func (s *Service) RecordRefusal(ctx context.Context, by Actor, action, object string) error {
	return s.record(ctx, s.event(by, action, object, ledger.Refused))
}

// refuse records the refusal and returns it; when it cannot be recorded, that
// is the answer.
func (s *Service) refuse(ctx context.Context, refusal error, e ledger.Event) error {
	if err := s.record(ctx, e); err != nil {
		return err
	}
	return refusal
}
