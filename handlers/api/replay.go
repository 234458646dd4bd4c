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
}

// Kinds are the collections of this package.
var Kinds = []document.Kind{{Name: "replays", Indexes: []document.Index{{Name: "expires", Fields: []string{"expires"}}}}}

// remembered is how long an idempotency key is remembered.
const remembered = 7 * 24 * time.Hour

var errOtherBody = fault.New(fault.Invalid, "This idempotency key was used for something else. Use a new key.")

// idempotent is what every call that makes something may carry.
type idempotent struct {
	Key string `header:"Idempotency-Key" maxLength:"200" doc:"The same key with the same body makes the same thing once, also when it is sent many times; with another body it is refused"`
}

// once gives the id of what a call makes. With an idempotency key it follows
// from key, caller and route, so that the service, which makes each id once,
// makes it once; the same key with another body is refused.
func (a *API) once(ctx context.Context, by identity.Actor, key, route, kind string, body any) (string, error) {
	if key == "" {
		return ledger.NewID(kind), nil
	}
	raw, err := json.Marshal(body)
	if err != nil {
		return "", fmt.Errorf("hash a body: %w", err)
	}
	sum := sha256.Sum256(raw)
	derived := a.Vault.Fingerprint("idempotency", by.Account+"\x00"+route+"\x00"+key)
	r := Replay{Meta: document.Meta{ID: "rpl_" + derived}, Body: hex.EncodeToString(sum[:]), Expires: a.Now().UTC().Add(remembered)}
	if err := a.Replays.Create(ctx, &r); err != nil {
		if !errors.Is(err, document.ErrTaken) {
			return "", fmt.Errorf("remember an idempotency key: %w", err)
		}
		was, err := a.Replays.Get(ctx, r.ID)
		if err != nil {
			return "", fmt.Errorf("read an idempotency key: %w", err)
		}
		if was.Body != r.Body {
			return "", errOtherBody.At("Idempotency-Key", "This idempotency key was used for something else. Use a new key.")
		}
	}
	id := sha256.Sum256([]byte(derived))
	return kind + "_" + base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(id[:])[:26], nil
}
