package ledger

import (
	"context"
	"encoding/json"
	"fmt"
	"time"
)

// Entry is a sealed event: its place in the log and the exact bytes that were hashed.
type Entry struct {
	Number int64
	Event  Event
	Data   []byte
}

// Ledger seals events into the log, reads them back, and vouches for them with
// signed checkpoints. The log is an RFC 6962 Merkle tree from its first entry.
//
// Log alone is enough to seal, read and prove. Checkpoints need a Key, a place
// where they are kept, and the time; a Mark lets a rollback be recognised.
type Ledger struct {
	Log         Log
	Key         *Key
	Checkpoints Checkpoints
	Mark        *Mark
	Now         func() time.Time
}

// Size is the number of sealed entries.
func (l *Ledger) Size(ctx context.Context) (int64, error) { return l.Log.Size(ctx) }

// History returns the sealed entries of one object with numbers above after,
// in order, at most limit.
func (l *Ledger) History(ctx context.Context, object string, after int64, limit int) ([]Entry, error) {
	records, err := l.Log.ByObject(ctx, object, after, limit)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", object, err)
	}
	return entries(records)
}

// Read returns entries from a number on, at most limit. A number that is
// missing in between is an error: a log has no gaps.
func (l *Ledger) Read(ctx context.Context, from int64, limit int) ([]Entry, error) {
	records, err := l.records(ctx, from, limit)
	if err != nil {
		return nil, err
	}
	return entries(records)
}

// records reads from the log and refuses a gap, which only somebody who
// removed a record can have made.
func (l *Ledger) records(ctx context.Context, from int64, limit int) ([]Record, error) {
	records, err := l.Log.Read(ctx, from, limit)
	if err != nil {
		return nil, fmt.Errorf("read from %d: %w", from, err)
	}
	for i, r := range records {
		if want := from + int64(i); r.Number != want {
			return nil, fmt.Errorf("the log lacks entry %d: the next one is %d", want, r.Number)
		}
	}
	return records, nil
}

func entries(records []Record) ([]Entry, error) {
	all := make([]Entry, 0, len(records))
	for _, r := range records {
		e := Entry{Number: r.Number, Data: r.Data}
		if err := json.Unmarshal(r.Data, &e.Event); err != nil {
			return nil, fmt.Errorf("decode record %d: %w", r.Number, err)
		}
		all = append(all, e)
	}
	return all, nil
}
