package ledger

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"inzage/services/fault"
)

// batch is how many events are sealed in one step at most.
const batch = 1000

// Seal appends the events that are not in the log yet, in order. It is safe
// with several instances writing: who loses a number reads on and tries again.
// After an error some of the events may be in the log; sealing all of them
// again is right.
func (l *Ledger) Seal(ctx context.Context, events []Event) error {
	events = once(events)
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

// once leaves out events that are listed twice: the second could never be
// appended, and would be tried for ever.
func once(events []Event) []Event {
	seen := make(map[string]bool, len(events))
	kept := make([]Event, 0, len(events))
	for _, e := range events {
		if !seen[e.ID] {
			seen[e.ID] = true
			kept = append(kept, e)
		}
	}
	return kept
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
			return nil, fmt.Errorf("look for event %s: %w", e.ID, err)
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
		data, err := encode(e)
		if err != nil {
			return 0, err
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

// encode gives the one and only form in which an event is hashed: its JSON, the
// time in UTC at the millisecond that every store keeps.
func encode(e Event) ([]byte, error) {
	e.At = e.At.UTC().Truncate(time.Millisecond)
	data, err := json.Marshal(e)
	if err != nil {
		return nil, fmt.Errorf("encode event %s: %w", e.ID, err)
	}
	return data, nil
}

func raw(hashes []tlog.Hash) [][]byte {
	var b [][]byte
	for _, h := range hashes {
		b = append(b, h[:])
	}
	return b
}
