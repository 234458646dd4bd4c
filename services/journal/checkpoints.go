package journal

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inzage/services/document"
	"inzage/services/ledger"
)

// Checkpoint is a signed checkpoint of the log as it is kept.
type Checkpoint struct {
	document.Meta
	Size int64     `json:"size"`
	At   time.Time `json:"at"`
	Note string    `json:"note"` // the signed note, exactly
}

// Checkpoints keeps signed checkpoints. It is a ledger.Checkpoints.
type Checkpoints struct {
	Rows document.Collection[Checkpoint]
}

var _ ledger.Checkpoints = (*Checkpoints)(nil)

// Keep stores a checkpoint under an id; when the id is taken it does nothing.
func (k *Checkpoints) Keep(ctx context.Context, id string, s ledger.Signed) error {
	c := Checkpoint{Size: s.Size, At: s.At, Note: string(s.Note)}
	c.ID = id
	err := k.Rows.Create(ctx, &c)
	if errors.Is(err, document.ErrTaken) {
		return nil
	}
	return err
}

// Newest returns the note of the largest checkpoint, the latest of those, or a
// fault of kind NotFound.
func (k *Checkpoints) Newest(ctx context.Context) ([]byte, error) {
	page, err := k.List(ctx, "", 1)
	if err != nil {
		return nil, err
	}
	if len(page.Rows) == 0 {
		return nil, document.ErrNotFound
	}
	return []byte(page.Rows[0].Note), nil
}

// List returns a page of checkpoints, the newest first; after is the Next of
// the page before.
func (k *Checkpoints) List(ctx context.Context, after string, limit int) (document.Page[Checkpoint], error) {
	page, err := k.Rows.List(ctx, document.Query{Index: "newest", Descending: true, After: after, Limit: limit})
	if err != nil {
		return page, fmt.Errorf("list checkpoints: %w", err)
	}
	return page, nil
}
