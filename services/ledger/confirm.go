package ledger

import (
	"context"
	"fmt"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"inzage/services/fault"
)

// Confirmation says what stands behind one entry: "entry 4,211 of 9,803,
// verified against the checkpoint of 21 November 2026, 10:42".
type Confirmation struct {
	Number int64     // counts from 0; for readers, add one
	Size   int64     // entries in the tree that was used
	Root   tlog.Hash // of that tree
	// At is when the checkpoint of that tree was signed; zero when the entry is
	// newer than every checkpoint and was held against the log itself.
	At time.Time
	// Verified is true when the bytes of the entry lead over Proof to Root.
	Verified bool
	Data     []byte // the exact bytes of the entry
	Leaf     tlog.Hash
	Proof    tlog.RecordProof
	Note     []byte // the signed checkpoint; nil when At is zero
}

// Confirm proves the entry against the newest signed checkpoint that covers it:
// the one kept in the store, else the mark. A number that the log does not have
// is a fault of kind NotFound.
func (l *Ledger) Confirm(ctx context.Context, number int64) (Confirmation, error) {
	c := Confirmation{Number: number}
	size, err := l.Size(ctx)
	if err != nil {
		return c, fmt.Errorf("confirm entry %d: %w", number, err)
	}
	if number < 0 || number >= size {
		return c, fault.New(fault.NotFound, "There is no such entry.")
	}
	records, err := l.records(ctx, number, 1)
	if err != nil {
		return c, fmt.Errorf("confirm entry %d: %w", number, err)
	}
	if len(records) == 0 {
		return c, fmt.Errorf("confirm entry %d: the log of %d entries lacks it", number, size)
	}
	c.Data, c.Leaf = records[0].Data, tlog.RecordHash(records[0].Data)
	if err := l.cover(ctx, &c, size); err != nil {
		return c, fmt.Errorf("confirm entry %d: %w", number, err)
	}
	if c.Size > size {
		return c, nil // a rollback: what was signed is not there to prove with
	}
	if c.Proof, err = l.Prove(ctx, number, c.Size); err != nil {
		return c, fmt.Errorf("confirm entry %d: %w", number, err)
	}
	c.Verified = tlog.CheckRecord(c.Proof, c.Size, c.Root, number, c.Leaf) == nil
	return c, nil
}

// cover finds the tree to hold the entry against.
func (l *Ledger) cover(ctx context.Context, c *Confirmation, size int64) error {
	s, err := l.newest(ctx)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return err
	}
	if (err != nil || s.Size <= c.Number) && l.Mark != nil {
		s, _ = l.Mark.seen()
	}
	if s.Size > c.Number {
		c.Size, c.Root, c.At, c.Note = s.Size, s.Root, s.At, s.Note
		return nil
	}
	c.Size = size
	c.Root, err = l.Root(ctx, size)
	return err
}
