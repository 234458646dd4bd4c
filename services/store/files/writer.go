package files

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// writer is one blob that was begun.
type writer struct {
	ctx    context.Context //nolint:containedctx // an upload ends with the request it came in
	file   *os.File        // nil once it ended
	path   string          // under begun/
	folder string          // of the object
	final  string          // the name in folder
	err    error           // of the first failed write
}

// errEnded answers calls after Commit or Abort.
var errEnded = errors.New("the file was committed or aborted before")

// Write appends to the blob. After an error nothing is left of it.
func (w *writer) Write(p []byte) (int, error) {
	if w.err != nil {
		return 0, w.err
	}
	if w.file == nil {
		return 0, errEnded
	}
	if err := w.ctx.Err(); err != nil {
		return 0, w.fail(err)
	}
	n, err := w.file.Write(p)
	if err != nil {
		return n, w.fail(err)
	}
	return n, nil
}

// fail drops the blob at once: room on a full disk is given back now, not when
// the caller gets to it.
func (w *writer) fail(err error) error {
	w.err = trouble(fmt.Errorf("write %s: %w", w.final, err))
	_ = w.Abort() // what cannot be removed now is swept at the next start
	return w.err
}

// Commit makes the blob durable, then visible, then its name durable.
func (w *writer) Commit() error {
	if w.err != nil {
		return w.err
	}
	if w.file == nil {
		return errEnded
	}
	if err := w.ctx.Err(); err != nil {
		return w.fail(err)
	}
	if err := w.file.Sync(); err != nil {
		return w.fail(err)
	}
	if err := w.show(); err != nil {
		return w.fail(err)
	}
	// It is committed: a leftover under begun/ is swept at the next start.
	_ = w.Abort()
	return nil
}

// show links the blob to its name. A link, unlike a rename, never replaces.
func (w *writer) show() error {
	final := filepath.Join(w.folder, w.final)
	if err := w.makeFolder(); err != nil {
		return err
	}
	err := os.Link(w.path, final)
	if errors.Is(err, fs.ErrExist) {
		return ErrTaken
	}
	if err != nil {
		return err
	}
	if err := syncDir(w.folder); err != nil {
		return errors.Join(err, remove(final))
	}
	return nil
}

func (w *writer) makeFolder() error {
	err := os.Mkdir(w.folder, 0o700)
	if errors.Is(err, fs.ErrExist) {
		return nil
	}
	if err != nil {
		return err
	}
	return syncDir(filepath.Dir(w.folder))
}

// Abort drops the blob. It may be repeated.
func (w *writer) Abort() error {
	if w.file == nil {
		return nil
	}
	err := errors.Join(remove(w.path), w.file.Close())
	w.file = nil
	return err
}
