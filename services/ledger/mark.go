package ledger

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"sync"

	"inzage/services/fault"
)

// Mark is a small file apart from the store that holds the newest signed
// checkpoint this machine has seen. When an older copy of the store is put
// back, the mark is ahead of it, and the portal does not start.
//
// Several processes may share the file. Two that write at once leave either's
// checkpoint; both are of the same log.
type Mark struct {
	Path string

	mu   sync.Mutex
	last Signed
}

// Rollback says that the log is not what was signed before.
type Rollback struct {
	Seen  Checkpoint // what was signed
	Where string     // where that was kept: "the mark FILE", "the store"
	File  string     // the mark's file; "" when it was kept elsewhere
	Size  int64      // what the log has now; at least Seen.Size when entries were changed
}

// Error tells the operator in one sentence what is wrong and how to mend it.
func (r *Rollback) Error() string {
	when := r.Seen.At.Format("2006-01-02 15:04:05 UTC")
	if r.Size < r.Seen.Size {
		return fmt.Sprintf("the ledger has %d entries, but %s has a checkpoint of %s with %d: an older copy of the store was put back; put back the newest one%s",
			r.Size, r.Where, when, r.Seen.Size, r.goOn())
	}
	return fmt.Sprintf("the first %d entries of the ledger are not those of the checkpoint of %s in %s: the store was changed or belongs to another portal; put back the right one",
		r.Seen.Size, when, r.Where)
}

// goOn is how to go on with the older copy on purpose. A store that contradicts
// itself is not gone on with.
func (r *Rollback) goOn() string {
	if r.File == "" {
		return ""
	}
	return ", or remove the file " + r.File + " to go on on purpose without what was lost"
}

// Resume is called once before the portal serves: it holds the log against the
// mark and against the newest checkpoint in the store, and refuses to go on
// with a *Rollback when the log contradicts one of them.
func (l *Ledger) Resume(ctx context.Context) error {
	newest, err := l.newest(ctx)
	switch {
	case fault.KindOf(err) == fault.NotFound:
	case err != nil:
		return err
	default:
		if err := l.Holds(ctx, newest.Checkpoint, "the store"); err != nil {
			return err
		}
	}
	_, err = l.KeepMark(ctx)
	return err
}

// Holds tells whether the log still is a continuation of what was signed:
// nil, a *Rollback, or trouble with the store.
func (l *Ledger) Holds(ctx context.Context, c Checkpoint, where string) error {
	size, err := l.Size(ctx)
	if err != nil {
		return fmt.Errorf("hold the log against a checkpoint: %w", err)
	}
	if size < c.Size {
		return &Rollback{Seen: c, Where: where, Size: size}
	}
	root, err := l.Root(ctx, c.Size)
	if err != nil {
		return fmt.Errorf("hold the log against a checkpoint: %w", err)
	}
	if root != c.Root {
		return &Rollback{Seen: c, Where: where, Size: size}
	}
	return nil
}

// KeepMark moves the mark up to what the log is now. It returns 0: there is
// nothing to do again at once.
func (l *Ledger) KeepMark(ctx context.Context) (int, error) {
	if l.Mark == nil {
		return 0, nil
	}
	size, err := l.Size(ctx)
	if err != nil {
		return 0, fmt.Errorf("move the mark: %w", err)
	}
	// An empty log is marked, too: nothing may be put before what comes next.
	if last, ok := l.Mark.seen(); ok && last.Size == size {
		return 0, nil
	}
	s, err := l.now(ctx)
	if err != nil {
		return 0, err
	}
	return 0, l.advance(ctx, s)
}

// advance holds the log against the mark and then moves it up to s.
func (l *Ledger) advance(ctx context.Context, s Signed) error {
	m := l.Mark
	if m == nil {
		return nil
	}
	m.mu.Lock()
	defer m.mu.Unlock()
	old, err := m.read(l.Key.public)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	if err == nil {
		err := l.Holds(ctx, old.Checkpoint, "the mark "+m.Path)
		if r, ok := errors.AsType[*Rollback](err); ok {
			r.File = m.Path
		}
		if err != nil {
			return err
		}
		if old.Size >= s.Size {
			m.last = old
			return nil
		}
	}
	if err := replaceFile(m.Path, s.Note); err != nil {
		return fmt.Errorf("move the mark: %w", err)
	}
	m.last = s
	return nil
}

// seen is the checkpoint in the mark as this process last saw it.
func (m *Mark) seen() (Signed, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.last, m.last.Note != nil
}

func (m *Mark) read(keys Keys) (Signed, error) {
	text, err := os.ReadFile(m.Path)
	if err != nil {
		return Signed{}, fmt.Errorf("read the mark: %w", err)
	}
	s, err := keys.Open(text)
	if err != nil {
		return Signed{}, fmt.Errorf("the mark %s cannot be believed: %w; put back the file or the ledger key from their copies", m.Path, err)
	}
	return s, nil
}

// NewestHeld is the newest checkpoint that was kept, and whether the ledger still
// begins with what it signed. Without one it is NotFound.
func (l *Ledger) NewestHeld(ctx context.Context) (s Signed, held bool, err error) {
	if s, err = l.Newest(ctx); err != nil {
		return s, false, err
	}
	err = l.Holds(ctx, s.Checkpoint, "the store")
	if _, rolled := errors.AsType[*Rollback](err); rolled {
		return s, false, nil
	}
	return s, err == nil, err
}
