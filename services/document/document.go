// Package document says what the domains need of a store: collections of
// whole aggregates, each changed together with its events in one atomic step,
// and found over declared indexes only.
//
// The domain packages depend on this contract; services/store implements it.
package document

import (
	"context"

	"inzage/services/ledger"
)

// Meta is embedded in every stored aggregate.
type Meta struct {
	ID string `json:"_id"`
	// Rev counts the committed changes; an Update names the revision it read.
	Rev int64 `json:"rev"`
	// Pending are the events that are committed but not sealed yet.
	Pending []ledger.Event `json:"pending"`
	// Unsealed is true while Pending is not empty; the drain finds documents by it.
	Unsealed bool `json:"unsealed"`
}

// Header gives the store access to the embedded Meta.
func (m *Meta) Header() *Meta { return m }

// Aggregate is a pointer to a type that embeds Meta and is stored whole, as
// one document through its JSON tags. Times are UTC milliseconds; personal
// data are vault ciphertexts before they get here.
type Aggregate[T any] interface {
	*T
	Header() *Meta
}

// Index is a declared way to find documents. Each field is the JSON name of a
// top-level string, bool, integer or time field; dots reach into objects. A
// document's id always ends the index, so that every order is total.
type Index struct {
	Name   string
	Fields []string
	Unique bool // at most one document per value; documents whose only field is "" are exempt
	// Sparse leaves out the documents whose first field is empty ("", false, 0 or
	// no time), which saves their writing. Every query over the index has to fix
	// that field, to something. An index cannot be both.
	Sparse bool
}

// Kind describes one collection.
type Kind struct {
	Name    string // e.g. "requests"
	Indexes []Index
	// Apart names a store of its own for the kind, with its own, shorter-lived
	// backup: "keys" for wrapped keys, so that shredding reaches the backups too.
	// "" is the main store.
	Apart string
}

// Query is one bounded range of one index. Equal fixes the leading fields;
// From (inclusive) and Until (exclusive) bound the next field; the rows come in
// the order of that field, then id. nil bounds are open.
//
// Values are string, bool, int64 or time.Time, as in the document.
type Query struct {
	Index       string
	Equal       []any
	From, Until any
	Descending  bool
	After       string // the Next of the previous page; "" for the first
	Limit       int    // 1 to 500; 0 means 50
}

// Page is one page of a list. Next is "" on the last page. It is opaque and
// safe in a URL; a forged one yields a fault of kind Invalid.
type Page[T any] struct {
	Rows []T
	Next string
}

// Collection is what a domain may ask of the store. All errors but the faults
// named here mean *unknown*, not *not done*.
type Collection[T any] interface {
	// Create stores a new aggregate and its events in one atomic step. An id or
	// a unique value that is taken is a fault of kind Conflict (ErrTaken), so
	// creating is idempotent with a caller-made id.
	Create(ctx context.Context, v *T, events ...ledger.Event) error
	// Get returns a fault of kind NotFound when there is no such document.
	Get(ctx context.Context, id string) (T, error)
	// Find returns the one document with this value in a unique index, or NotFound.
	Find(ctx context.Context, index string, equal ...any) (T, error)
	// Update reads the aggregate, lets fn change it, and commits the changed
	// state with the events in one atomic step. It is compare-and-swap: fn is
	// pure and may run several times. When fn returns an error nothing is
	// changed and the error is passed through. When fn returns no events and
	// no error, nothing is stored.
	Update(ctx context.Context, id string, fn func(*T) ([]ledger.Event, error)) (T, error)
	// Touch is Update for what is no evidence and needs no event: cursors, times
	// last seen, counters of failures, attempts to send, half-done forms. It leaves Rev as it is.
	// A change that somebody may one day have to prove goes through Update.
	Touch(ctx context.Context, id string, fn func(*T) error) (T, error)
	// List returns one page of a declared index.
	List(ctx context.Context, q Query) (Page[T], error)
	// Count counts the rows of q up to q.Limit (which may be up to 10,000), ignoring After.
	Count(ctx context.Context, q Query) (int, error)
	// Delete removes a document for good. Only for what is not evidence:
	// drafts, sessions, codes, wrapped keys. A document with pending events is refused.
	Delete(ctx context.Context, id string) error
}
