package api

import (
	"context"
	"crypto/sha256"
	"encoding/base32"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// Replay remembers that somebody used an idempotency key, and for which body.
type Replay struct {
	document.Meta
	Body    string    `json:"body"` // SHA-256, hex
	Expires time.Time `json:"expires"`
	// Done is set, with the Result, when what only ran was finished.
	Done   bool   `json:"done"`
	Result string `json:"result"` // an id, or the facts of a file; never content
}

// Kinds are the collections of this package.
var Kinds = []document.Kind{{Name: "replays", Indexes: []document.Index{{Name: "expires", Fields: []string{"expires"}}}}}

// remembered is how long an idempotency key is remembered.
const remembered = 7 * 24 * time.Hour

// The refusals of idempotency keys.
var (
	errOtherBody = fault.New(fault.Invalid, "This idempotency key was used for something else. Use a new key.")
	errUnderWay  = fault.New(fault.Conflict, "A call with this idempotency key is under way, or was cut short. Look whether it was done; if not, use a new key.")
)

// Idempotent is what every call that makes something may carry.
type Idempotent struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key with the same body makes the same thing once, also when it is sent many times; with another body it is refused. Remembered for seven days"`
}

// once gives the id of what a call makes. With an idempotency key it follows
// from key, caller and route, so that the service, which makes each id once,
// makes it once; the same key with another body is refused.
func (a *API) once(ctx context.Context, by identity.Actor, key, route, kind string, body any) (string, error) {
	if key == "" {
		return ledger.NewID(kind), nil
	}
	r, _, err := a.remember(ctx, by, key, route, body)
	if err != nil {
		return "", err
	}
	id := sha256.Sum256([]byte(r.ID[len(replayPrefix):]))
	return kind + "_" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(id[:])[:26], nil
}

// only runs do at most once for an idempotency key, for what the services give
// an id of their own, and returns what it returned the first time. What was
// refused was not done, so that its key is free again; what was cut short
// leaves open whether it was done, so that its key stays used.
func (a *API) only(ctx context.Context, by identity.Actor, key, route string, body any, do func() (string, error)) (string, error) {
	if key == "" {
		return do()
	}
	r, first, err := a.remember(ctx, by, key, route, body)
	if err != nil {
		return "", err
	}
	if !first && !r.Done {
		return "", errUnderWay
	}
	if !first {
		return r.Result, nil
	}
	result, err := do()
	if err != nil {
		if fault.KindOf(err) != "" {
			err = errors.Join(err, a.Replays.Delete(ctx, r.ID))
		}
		return "", err
	}
	_, err = a.Replays.Touch(ctx, r.ID, func(r *Replay) error {
		r.Done, r.Result = true, result
		return nil
	})
	return result, err
}

const replayPrefix = "rpl_"

// remember keeps a key with its body; first is true for the one call that did.
func (a *API) remember(ctx context.Context, by identity.Actor, key, route string, body any) (r Replay, first bool, err error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return Replay{}, false, fmt.Errorf("hash a body: %w", err)
	}
	sum := sha256.Sum256(raw)
	r = Replay{Body: hex.EncodeToString(sum[:]), Expires: a.Now().UTC().Add(remembered)}
	r.ID = replayPrefix + a.Vault.Fingerprint("idempotency", by.Account+"\x00"+route+"\x00"+key)
	err = a.Replays.Create(ctx, &r)
	if err == nil {
		return r, true, nil
	}
	if !errors.Is(err, document.ErrTaken) {
		return Replay{}, false, fmt.Errorf("remember an idempotency key: %w", err)
	}
	was, err := a.Replays.Get(ctx, r.ID)
	if errors.Is(err, document.ErrNotFound) {
		return Replay{}, false, errUnderWay // refused, and forgotten, at this moment
	}
	if err != nil {
		return Replay{}, false, fmt.Errorf("read an idempotency key: %w", err)
	}
	if was.Body != r.Body {
		return Replay{}, false, errOtherBody.At("Idempotency-Key", "This idempotency key was used for something else. Use a new key.")
	}
	return was, false, nil
}

// Forget removes idempotency keys whose time is over, at most limit, and
// returns how many it looked at.
func Forget(ctx context.Context, replays document.Collection[Replay], now time.Time, limit int) (int, error) {
	page, err := replays.List(ctx, document.Query{Index: "expires", Until: now.UTC(), Limit: limit})
	if err != nil {
		return 0, fmt.Errorf("list old idempotency keys: %w", err)
	}
	for _, r := range page.Rows {
		if err := replays.Delete(ctx, r.ID); err != nil && !errors.Is(err, document.ErrNotFound) {
			return 0, fmt.Errorf("forget an idempotency key: %w", err)
		}
	}
	return len(page.Rows), nil
}
