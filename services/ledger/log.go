package ledger

import (
	"context"
	"fmt"
)

// Record is one entry of the log as a store keeps it. The store knows nothing
// of its meaning: Data are the exact bytes that were hashed, and come back
// byte for byte.
type Record struct {
	Number  int64    // 0, 1, 2 …; unique, and the order of the log
	EventID string   // unique: an event is sealed once, however often it is tried
	Object  string   // the aggregate whose history it belongs to
	Data    []byte   // the exact bytes of the entry
	Hashes  [][]byte // the Merkle hashes that this record stores, of 32 bytes each
}

// Log is the append-only store under the ledger. It has no update and no
// delete. Any number of writers may append beside each other: who loses a
// number is told so by a *Taken and tries again.
//
// Errors other than *Taken and the faults of package document mean *unknown*:
// the records may have been stored.
type Log interface {
	// Size is the number of records: one more than the last number.
	Size(ctx context.Context) (int64, error)
	// Append stores records with consecutive numbers, in order, and returns how
	// many of them were stored. The first number must be the size of the log:
	// a lower one is a *Taken, a higher one an error, so there is never a gap.
	// It stops at the first record that cannot be stored; some engines then
	// keep those before it, others none: the returned number says.
	Append(ctx context.Context, records []Record) (int, error)
	// Read returns the records from number from on, at most limit (1 to 10,000).
	Read(ctx context.Context, from int64, limit int) ([]Record, error)
	// ByObject returns the records of one object with numbers above after (-1
	// for the first page), in order, at most limit (1 to 10,000).
	ByObject(ctx context.Context, object string, after int64, limit int) ([]Record, error)
	// ByEvent returns the record that sealed the event, or a fault of kind NotFound.
	ByEvent(ctx context.Context, id string) (Record, error)
}

// Taken says that a record was not stored because its number or its event is
// in the log already.
type Taken struct {
	Number  int64
	EventID string
	// Event is true when the event is sealed already, in whatever record; false
	// when another writer has the number.
	Event bool
}

// Error says which of the two was taken.
func (t *Taken) Error() string {
	if t.Event {
		return fmt.Sprintf("event %s is in the log already", t.EventID)
	}
	return fmt.Sprintf("record %d is in the log already", t.Number)
}
