package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	"inzage/services/document"
	"inzage/services/ledger"
)

// log is the append-only table under the ledger. Triggers refuse to change or
// delete a record, so that a mistake in this program cannot.
type log struct{ file *file }

var _ ledger.Log = (*log)(nil)

const hashSize = 32

func createLog(t *tx) error {
	for _, text := range []string{
		`CREATE TABLE IF NOT EXISTS "log:records" (
			number INTEGER PRIMARY KEY,
			event TEXT NOT NULL UNIQUE,
			object TEXT NOT NULL,
			data BLOB NOT NULL,
			hashes BLOB NOT NULL)`,
		`CREATE INDEX IF NOT EXISTS "log:object" ON "log:records" (object, number)`,
		`CREATE TRIGGER IF NOT EXISTS "log:update" BEFORE UPDATE ON "log:records"
			BEGIN SELECT raise(ABORT, 'the log is append-only'); END`,
		`CREATE TRIGGER IF NOT EXISTS "log:delete" BEFORE DELETE ON "log:records"
			BEGIN SELECT raise(ABORT, 'the log is append-only'); END`,
	} {
		if err := t.once(text); err != nil {
			return fmt.Errorf("make the log: %w", err)
		}
	}
	return nil
}

const (
	logSize   = `SELECT coalesce(max(number) + 1, 0) FROM "log:records"`
	logInsert = `INSERT INTO "log:records" (number, event, object, data, hashes) VALUES (?, ?, ?, ?, ?)`
	logRead   = `SELECT number, event, object, data, hashes FROM "log:records"`
)

// Size is the number of records.
func (l *log) Size(ctx context.Context) (int64, error) {
	var n int64
	err := l.file.row(ctx, logSize).Scan(&n)
	return n, trouble(err)
}

// Append stores records in one transaction, and stops at the first that is
// taken; those before it are stored.
func (l *log) Append(ctx context.Context, records []ledger.Record) (int, error) {
	hashes, err := checkBatch(records)
	if err != nil || len(records) == 0 {
		return 0, err
	}
	// The outcome is handed over by a channel: when ctx ends first, the writer
	// may still be at work, and nobody listens.
	outcome := make(chan appended, 1)
	err = l.file.write(ctx, false, func(t *tx) error {
		n, err := appendAll(t, records, hashes)
		outcome <- appended{n, err}
		if isTrouble(err) {
			return err
		}
		return nil
	})
	if err != nil {
		return 0, trouble(err)
	}
	done := <-outcome
	return done.n, done.err
}

type appended struct {
	n   int
	err error
}

// checkBatch refuses a batch with a hole or a hash of another size.
func checkBatch(records []ledger.Record) ([][]byte, error) {
	hashes := make([][]byte, len(records))
	for i, r := range records {
		if want := records[0].Number + int64(i); r.Number != want {
			return nil, fmt.Errorf("append record %d where %d comes next: there would be a gap", r.Number, want)
		}
		var err error
		if hashes[i], err = joinHashes(r); err != nil {
			return nil, err
		}
	}
	return hashes, nil
}

func appendAll(t *tx, records []ledger.Record, hashes [][]byte) (int, error) {
	var size int64
	if err := t.row(logSize).Scan(&size); err != nil {
		return 0, err
	}
	if first := records[0]; first.Number < size {
		return 0, &ledger.Taken{Number: first.Number, EventID: first.EventID}
	} else if first.Number > size {
		return 0, fmt.Errorf("append record %d to a log of %d: there would be a gap", first.Number, size)
	}
	for i, r := range records {
		_, err := t.exec(logInsert, r.Number, r.EventID, r.Object, r.Data, hashes[i])
		if isTaken(err) {
			return i, &ledger.Taken{Number: r.Number, EventID: r.EventID, Event: true}
		}
		if err != nil {
			return i, err
		}
	}
	return len(records), nil
}

func joinHashes(r ledger.Record) ([]byte, error) {
	joined := []byte{}
	for _, h := range r.Hashes {
		if len(h) != hashSize {
			return nil, fmt.Errorf("append record %d: a hash has %d bytes", r.Number, len(h))
		}
		joined = append(joined, h...)
	}
	return joined, nil
}

// Read returns records from a number on.
func (l *log) Read(ctx context.Context, from int64, limit int) ([]ledger.Record, error) {
	return l.read(ctx, limit, logRead+" WHERE number >= ? ORDER BY number LIMIT ? + 0", from, limit)
}

// ByObject returns the records of one object above a number.
func (l *log) ByObject(ctx context.Context, object string, after int64, limit int) ([]ledger.Record, error) {
	return l.read(ctx, limit, logRead+" WHERE object = ? AND number > ? ORDER BY number LIMIT ? + 0", object, after, limit)
}

// ByEvent returns the record that sealed the event.
func (l *log) ByEvent(ctx context.Context, id string) (ledger.Record, error) {
	r, err := scanRecord(l.file.row(ctx, logRead+" WHERE event = ?", id))
	if errors.Is(err, sql.ErrNoRows) {
		return r, document.ErrNotFound
	}
	return r, trouble(err)
}

func (l *log) read(ctx context.Context, limit int, text string, args ...any) (out []ledger.Record, err error) {
	if limit < 1 || limit > 10_000 {
		return nil, fmt.Errorf("read the log: a limit of %d is outside 1 to 10000", limit)
	}
	rows, err := l.file.query(ctx, text, args...)
	if err != nil {
		return nil, trouble(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		r, err := scanRecord(rows)
		if err != nil {
			return nil, trouble(err)
		}
		out = append(out, r)
	}
	return out, trouble(rows.Err())
}

func scanRecord(row scanner) (ledger.Record, error) {
	var r ledger.Record
	var hashes []byte
	if err := row.Scan(&r.Number, &r.EventID, &r.Object, &r.Data, &hashes); err != nil {
		return r, err
	}
	for ; len(hashes) >= hashSize; hashes = hashes[hashSize:] {
		r.Hashes = append(r.Hashes, hashes[:hashSize:hashSize])
	}
	return r, nil
}
