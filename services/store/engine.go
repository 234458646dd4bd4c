// Package store keeps the portal's documents. It turns the contract of package
// document into what an engine can do: an Engine stores raw JSON documents and
// finds them over declared indexes; Collection puts a domain type on top.
//
// There are two engines, sqlite and mongo, with the same behaviour, which
// storetest holds them to.
package store

import (
	"context"
	"errors"

	"inzage/services/fault"
	"inzage/services/ledger"
)

// Raw is one document as an engine keeps it.
type Raw struct {
	ID string
	// Turn counts every write of the document, settling included. It is the
	// engine's own token for compare-and-swap and not the Rev of the aggregate:
	// settling events in the background must not look like a change to somebody
	// who is filling in a form.
	Turn int64
	// Unsealed is true while the document carries pending events.
	Unsealed bool
	JSON     []byte
}

// Range is one bounded part of an index, in the index's order. The values are
// keys: string or int64, made by Field.Key.
type Range struct {
	Index       string
	Equal       []any // fixes the leading fields
	From, Until any   // bound the next field: inclusive, exclusive; nil is open
	Descending  bool
	After       *Position // rows strictly beyond it in the order of the range
	Limit       int       // at least 1
}

// Position is a place in a range: the keys of the fields behind Equal, and the id.
type Position struct {
	Keys []any
	ID   string
}

// Pending and Settlement are the ledger's: what waits to be sealed, and what was.
type (
	Pending    = ledger.Pending
	Settlement = ledger.Settlement
)

// Engine stores documents of declared kinds. Every change is durable when the
// call returns nil. Refusals are the faults of package document; any other
// error means *unknown*. All methods may be called from many goroutines; a
// call whose context ends while its change is under way returns the context's
// error and leaves the outcome unknown.
type Engine interface {
	// Declare makes the kind known and its indexes ready, on an empty store and
	// on one that was filled under fewer or other indexes. It may be repeated.
	Declare(ctx context.Context, s Schema) error
	// Refuse makes Ping report err: a kind that cannot be used must be noticed
	// when the program starts, not when the first reader needs it.
	Refuse(err error)
	// Kinds are the names of the declared kinds, sorted.
	Kinds() []string

	// Insert stores a new document; document.ErrTaken when its id or a unique
	// key is taken.
	Insert(ctx context.Context, kind string, doc Raw) error
	// Get returns document.ErrNotFound when there is no such document.
	Get(ctx context.Context, kind, id string) (Raw, error)
	// Find returns the document with exactly these keys in a unique index, or
	// document.ErrNotFound.
	Find(ctx context.Context, kind, index string, equal []any) (Raw, error)
	// Replace stores the document over the one whose turn is doc.Turn and gives
	// it the next turn. ErrMoved when it has another turn by now, or is gone;
	// document.ErrTaken when a unique key belongs to another document.
	Replace(ctx context.Context, kind string, doc Raw) error
	// Range returns at most r.Limit documents.
	Range(ctx context.Context, kind string, r Range) ([]Raw, error)
	// Count counts the rows of r, at most r.Limit, and ignores r.After.
	Count(ctx context.Context, kind string, r Range) (int, error)
	// Delete removes a document for good: document.ErrNotFound when it is not
	// there, ErrPending while it carries events.
	Delete(ctx context.Context, kind, id string) error

	// Unsealed returns at most limit documents that carry pending events, those
	// that have waited longest first where the engine knows.
	Unsealed(ctx context.Context, kind string, limit int) ([]Pending, error)
	// Settle takes sealed events out of their documents. Documents and events
	// that are not there any more are passed over, so it may be repeated.
	Settle(ctx context.Context, kind string, sealed []Settlement) error

	// Log is the store under the ledger, beside the documents.
	Log() ledger.Log
	// Ping tells whether the store can be reached and every declaration held.
	Ping(ctx context.Context) error
	// Close ends the engine. Changes that were accepted before are finished.
	Close() error
}

// ErrMoved is how an engine says that a document was written in between.
var ErrMoved = errors.New("the document has moved on")

// ErrPending refuses to delete a document whose events are not in the ledger yet.
var ErrPending = fault.New(fault.Conflict, "This cannot be removed yet: its history is still being written. Please try again in a minute.")
