package identity

import (
	"context"
	"fmt"
	"sync/atomic"

	"github.com/alexedwards/argon2id"
	"golang.org/x/text/unicode/norm"
)

// hashCost is OWASP's first choice for argon2id: 19 MiB, two passes, one lane.
var hashCost = argon2id.Params{Memory: 19 * 1024, Iterations: 2, Parallelism: 1, SaltLength: 16, KeyLength: 32}

// hasher lets only a few password hashes run at once and a bounded number
// wait, so that a flood of sign-ins takes neither the memory nor the processor.
type hasher struct {
	slots   chan struct{}
	waiting atomic.Int64
	queue   int64
	dummy   string // of a password nobody has
}

func newHasher(atOnce, queue int) (*hasher, error) {
	token, _ := newToken()
	dummy, err := argon2id.CreateHash(token, &hashCost)
	if err != nil {
		return nil, fmt.Errorf("hash a password: %w", err)
	}
	return &hasher{slots: make(chan struct{}, atOnce), queue: int64(queue), dummy: dummy}, nil
}

// enter waits for a slot; the caller calls leave. A full queue is ErrBusy, and
// so is a wait that outlasts ctx.
func (h *hasher) enter(ctx context.Context) (leave func(), err error) {
	if h.waiting.Add(1) > h.queue+int64(cap(h.slots)) {
		h.waiting.Add(-1)
		return nil, ErrBusy.After(busyWait)
	}
	select {
	case h.slots <- struct{}{}:
		return func() { <-h.slots; h.waiting.Add(-1) }, nil
	case <-ctx.Done():
		h.waiting.Add(-1)
		return nil, ErrBusy.After(busyWait).Because(fmt.Errorf("wait for a password hash: %w", ctx.Err()))
	}
}

// matches compares in constant time; with hash "" it takes as long and is
// false. The caller holds a slot.
func (h *hasher) matches(password, hash string) (bool, error) {
	known := hash != ""
	if !known {
		hash = h.dummy
	}
	ok, err := argon2id.ComparePasswordAndHash(normalPassword(password), hash)
	if err != nil {
		return false, fmt.Errorf("compare a password: %w", err)
	}
	return ok && known, nil
}

// hash waits for a slot and hashes a new password.
func (h *hasher) hash(ctx context.Context, password string) (string, error) {
	leave, err := h.enter(ctx)
	if err != nil {
		return "", err
	}
	defer leave()
	hash, err := argon2id.CreateHash(normalPassword(password), &hashCost)
	if err != nil {
		return "", fmt.Errorf("hash a password: %w", err)
	}
	return hash, nil
}

// normalPassword makes the same text typed on different keyboards the same
// bytes (NIST SP 800-63B-4, 3.1.1.2).
func normalPassword(password string) string { return norm.NFKC.String(password) }
