package ledger

import (
	"context"
	"errors"
	"fmt"
	"time"

	"inzage/services/fault"
)

var errUnsigned = errors.New("the ledger was opened without a key, so it signs no checkpoints")

// Checkpoint signs what the log is now and keeps that: in the store, when the
// log has grown since the newest one there, and in the mark. It does not drain
// first. A *Rollback means that the log is not what was signed before; nothing
// is signed then.
func (l *Ledger) Checkpoint(ctx context.Context) (Signed, error) {
	s, err := l.now(ctx)
	if err != nil {
		return Signed{}, err
	}
	if err := l.advance(ctx, s); err != nil {
		return Signed{}, err
	}
	newest, err := l.newest(ctx)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Signed{}, err
	}
	if err == nil && newest.Size >= s.Size {
		return s, nil
	}
	return s, l.keep(ctx, NewID("chk"), s)
}

// Daily keeps one checkpoint for every day (UTC) on which the log has entries,
// whoever of several instances is first. It returns how many were tried: 0 when
// the day's was kept before.
func (l *Ledger) Daily(ctx context.Context) (int, error) {
	day := l.Now().UTC().Truncate(24 * time.Hour)
	newest, err := l.newest(ctx)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return 0, err
	}
	if err == nil && !newest.At.Before(day) {
		return 0, nil
	}
	s, err := l.now(ctx)
	if err != nil || s.Size == 0 {
		return 0, err
	}
	if err := l.advance(ctx, s); err != nil {
		return 0, err
	}
	return 1, l.keep(ctx, "chk_"+day.Format(time.DateOnly), s)
}

// Newest returns the newest checkpoint that was kept, its signature verified,
// or a fault of kind NotFound.
func (l *Ledger) Newest(ctx context.Context) (Signed, error) { return l.newest(ctx) }

func (l *Ledger) newest(ctx context.Context) (Signed, error) {
	if l.Checkpoints == nil || l.Key == nil {
		return Signed{}, fault.New(fault.NotFound, "There is no checkpoint yet.")
	}
	text, err := l.Checkpoints.Newest(ctx)
	if err != nil {
		return Signed{}, err
	}
	s, err := l.Key.public.Open(text)
	if err != nil {
		return Signed{}, fmt.Errorf("open the newest checkpoint in the store: %w", err)
	}
	return s, nil
}

// now signs what the log is at this moment, and keeps nothing.
func (l *Ledger) now(ctx context.Context) (Signed, error) {
	if l.Key == nil || l.Now == nil {
		return Signed{}, errUnsigned
	}
	size, err := l.Size(ctx)
	if err != nil {
		return Signed{}, fmt.Errorf("sign a checkpoint: %w", err)
	}
	root, err := l.Root(ctx, size)
	if err != nil {
		return Signed{}, fmt.Errorf("sign a checkpoint of %d entries: %w", size, err)
	}
	s := Signed{Checkpoint: Checkpoint{Origin: l.Key.Origin(), Size: size, Root: root, At: l.Now().UTC().Truncate(time.Millisecond)}}
	if s.Note, err = l.Key.sign(s.Text()); err != nil {
		return Signed{}, fmt.Errorf("sign a checkpoint of %d entries: %w", size, err)
	}
	return s, nil
}

func (l *Ledger) keep(ctx context.Context, id string, s Signed) error {
	if l.Checkpoints == nil {
		return nil
	}
	if err := l.Checkpoints.Keep(ctx, id, s); err != nil {
		return fmt.Errorf("keep the checkpoint of %d entries: %w", s.Size, err)
	}
	return nil
}
