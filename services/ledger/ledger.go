package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"golang.org/x/mod/sumdb/tlog"

	"inzage/services/fault"
)

// Entry is a sealed event: its place in the log and the exact bytes that were hashed.
type Entry struct {
	Number int64
	Event  Event
	Data   []byte
}

// Ledger seals events into the log and reads them back. The log is an RFC 6962
// Merkle tree from its first entry.
type Ledger struct {
	Log Log
}

// batch is how many events are sealed in one step at most.
const batch = 500

// Seal appends the events that are not in the log yet, in order. It is safe
// with several instances writing: who loses a number reads on and tries again.
func (l *Ledger) Seal(ctx context.Context, events []Event) error {
	for len(events) > 0 {
		n, err := l.append(ctx, events[:min(len(events), batch)])
		var taken *Taken
		switch {
		case errors.As(err, &taken):
			// Another instance sealed in between, or a crash came between sealing and
			// settling: what is in the log already is left out of the next try.
			if events, err = l.missing(ctx, events); err != nil {
				return fmt.Errorf("seal: %w", err)
			}
		case err != nil:
			return fmt.Errorf("seal: %w", err)
		default:
			events = events[n:]
		}
	}
	return nil
}

// missing are the events that the log does not have.
func (l *Ledger) missing(ctx context.Context, events []Event) ([]Event, error) {
	var kept []Event
	for _, e := range events {
		_, err := l.Log.ByEvent(ctx, e.ID)
		switch {
		case fault.KindOf(err) == fault.NotFound:
			kept = append(kept, e)
		case err != nil:
			return nil, err
		}
	}
	return kept, nil
}

func (l *Ledger) append(ctx context.Context, events []Event) (int, error) {
	size, err := l.Log.Size(ctx)
	if err != nil {
		return 0, err
	}
	fresh := &overlay{under: l.hashes(ctx), at: map[int64]tlog.Hash{}}
	records := make([]Record, 0, len(events))
	for i, e := range events {
		data, err := json.Marshal(e)
		if err != nil {
			return 0, fmt.Errorf("encode event %s: %w", e.ID, err)
		}
		number := size + int64(i)
		stored, err := tlog.StoredHashes(number, data, fresh)
		if err != nil {
			return 0, fmt.Errorf("hash record %d: %w", number, err)
		}
		fresh.add(number, stored)
		records = append(records, Record{Number: number, EventID: e.ID, Object: e.Object, Data: data, Hashes: raw(stored)})
	}
	return l.Log.Append(ctx, records)
}

func raw(hashes []tlog.Hash) [][]byte {
	var b [][]byte
	for _, h := range hashes {
		b = append(b, h[:])
	}
	return b
}

// Size is the number of sealed entries.
func (l *Ledger) Size(ctx context.Context) (int64, error) { return l.Log.Size(ctx) }

// Root is the Merkle root over the first size entries.
func (l *Ledger) Root(ctx context.Context, size int64) (tlog.Hash, error) {
	return tlog.TreeHash(size, l.hashes(ctx))
}

// Prove proves that the entry is in the tree of the first size entries.
func (l *Ledger) Prove(ctx context.Context, number, size int64) (tlog.RecordProof, error) {
	return tlog.ProveRecord(size, number, l.hashes(ctx))
}

// History returns the sealed entries of one object with numbers above after,
// in order, at most limit.
func (l *Ledger) History(ctx context.Context, object string, after int64, limit int) ([]Entry, error) {
	records, err := l.Log.ByObject(ctx, object, after, limit)
	if err != nil {
		return nil, fmt.Errorf("history of %s: %w", object, err)
	}
	return entries(records)
}

// Read returns entries from a number on, at most limit.
func (l *Ledger) Read(ctx context.Context, from int64, limit int) ([]Entry, error) {
	records, err := l.Log.Read(ctx, from, limit)
	if err != nil {
		return nil, fmt.Errorf("read from %d: %w", from, err)
	}
	return entries(records)
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

// hashes reads the stored Merkle hashes out of the records that hold them.
func (l *Ledger) hashes(ctx context.Context) tlog.HashReaderFunc {
	return func(indexes []int64) ([]tlog.Hash, error) {
		out := make([]tlog.Hash, 0, len(indexes))
		for _, ix := range indexes {
			level, n := tlog.SplitStoredHashIndex(ix)
			// The hash of the n-th full subtree of this level was stored by the
			// record that completed it.
			number := (n+1)<<level - 1
			records, err := l.Log.Read(ctx, number, 1)
			if err != nil {
				return nil, err
			}
			if len(records) != 1 || records[0].Number != number || len(records[0].Hashes) <= level || len(records[0].Hashes[level]) != tlog.HashSize {
				return nil, fmt.Errorf("the log lacks hash %d of record %d", level, number)
			}
			out = append(out, tlog.Hash(records[0].Hashes[level]))
		}
		return out, nil
	}
}

// overlay reads hashes of records that are not stored yet before those that are.
type overlay struct {
	under tlog.HashReader
	at    map[int64]tlog.Hash
}

func (o *overlay) add(number int64, stored []tlog.Hash) {
	first := tlog.StoredHashIndex(0, number)
	for i, h := range stored {
		o.at[first+int64(i)] = h
	}
}

// ReadHashes implements tlog.HashReader.
func (o *overlay) ReadHashes(indexes []int64) ([]tlog.Hash, error) {
	out := make([]tlog.Hash, len(indexes))
	var missing []int64
	for i, ix := range indexes {
		if h, ok := o.at[ix]; ok {
			out[i] = h
		} else {
			missing = append(missing, ix)
		}
	}
	if len(missing) == 0 {
		return out, nil
	}
	below, err := o.under.ReadHashes(missing)
	if err != nil {
		return nil, err
	}
	for i, ix := range indexes {
		if _, ok := o.at[ix]; !ok {
			out[i], below = below[0], below[1:]
			o.at[ix] = out[i]
		}
	}
	return out, nil
}
