// Package sqlite is the embedded engine: pure Go, no server, one folder. It is
// the default, for a portal on one machine.
//
// A kind is a table with the document as JSON text and a virtual generated
// column for every indexed field; the declared indexes lie over those columns.
// All changes of one database file go through one writer, which commits
// whatever has queued up while the last commit was in flight in one
// transaction; reads run beside it on a pool of their own.
//
// Several processes on one machine may have the folder open: the commands of
// the operator work beside a running portal. The folder must be on a local
// disk, because the write-ahead log needs shared memory.
package sqlite

import (
	"context"
	"errors"
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"sync"

	"inzage/services/ledger"
	"inzage/services/store"
)

// mainFile holds every kind that is not kept apart, and the ledger.
const mainFile = "inzage"

// Engine keeps documents in SQLite files. It is a store.Engine.
type Engine struct {
	folder string

	mu      sync.RWMutex
	files   map[string]*file
	kinds   map[string]*kind
	refused []error
}

var _ store.Engine = (*Engine)(nil)

// Open opens the folder, and makes it when it is not there: readable by its
// owner only (0700, files 0600). The caller closes the engine.
func Open(ctx context.Context, folder string) (*Engine, error) {
	folder, err := filepath.Abs(folder)
	if err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	if err := private(folder); err != nil {
		return nil, fmt.Errorf("open the store: %w", err)
	}
	e := &Engine{folder: folder, files: map[string]*file{}, kinds: map[string]*kind{}}
	f, err := e.file(ctx, mainFile)
	if err != nil {
		return nil, err
	}
	if err := f.write(ctx, true, createLog); err != nil {
		return nil, errors.Join(fmt.Errorf("open the store: %w", err), e.Close())
	}
	return e, nil
}

// private makes a folder that only its owner can enter.
func private(folder string) error {
	if err := os.MkdirAll(folder, 0o700); err != nil {
		return err
	}
	return os.Chmod(folder, 0o700)
}

// file opens a database file of the folder once.
func (e *Engine) file(ctx context.Context, name string) (*file, error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	if f, ok := e.files[name]; ok {
		return f, nil
	}
	f, err := openFile(ctx, filepath.Join(e.folder, name+".db"), name != mainFile)
	if err != nil {
		return nil, fmt.Errorf("open %s.db: %w", name, err)
	}
	e.files[name] = f
	return f, nil
}

func (e *Engine) main() *file {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return e.files[mainFile]
}

func (e *Engine) kind(name string) (*kind, error) {
	e.mu.RLock()
	defer e.mu.RUnlock()
	k, ok := e.kinds[name]
	if !ok {
		return nil, fmt.Errorf("the kind %q was not declared", name)
	}
	return k, nil
}

// Kinds are the names of the declared kinds, sorted.
func (e *Engine) Kinds() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	return slices.Sorted(maps.Keys(e.kinds))
}

// Refuse makes Ping report err.
func (e *Engine) Refuse(err error) {
	e.mu.Lock()
	defer e.mu.Unlock()
	e.refused = append(e.refused, err)
}

// Ping reads from every file, writes to one whose last change met trouble, and
// reports declarations that failed.
func (e *Engine) Ping(ctx context.Context) error {
	e.mu.RLock()
	files, err := slices.Collect(maps.Values(e.files)), errors.Join(e.refused...)
	e.mu.RUnlock()
	if err != nil {
		return err
	}
	for _, f := range files {
		var n int
		if err := f.row(ctx, "SELECT count(*) FROM (SELECT 1 FROM sqlite_schema LIMIT 1)").Scan(&n); err != nil {
			return fmt.Errorf("reach %s: %w", filepath.Base(f.path), trouble(err))
		}
		if err := f.writable(ctx); err != nil {
			return fmt.Errorf("write to %s: %w", filepath.Base(f.path), err)
		}
	}
	return nil
}

// Log is the store under the ledger, in the main file.
func (e *Engine) Log() ledger.Log { return &log{file: e.main()} }

// Stats are the commits of all files since Open, and the changes in them.
type Stats struct{ Commits, Changes int64 }

// Stats tells how well changes are grouped.
func (e *Engine) Stats() Stats {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var s Stats
	for _, f := range e.files {
		s.Commits += f.commits.Load()
		s.Changes += f.changes.Load()
	}
	return s
}

// Backup writes a consistent copy of one database to a new file, while the
// engine works on: the main one for "", else the one of that Apart name. Each
// has its own file, so that wrapped keys can have a backup with a shorter life.
func (e *Engine) Backup(ctx context.Context, apart, path string) error {
	if apart == "" {
		apart = mainFile
	}
	e.mu.RLock()
	f, ok := e.files[apart]
	e.mu.RUnlock()
	if !ok {
		return fmt.Errorf("there is no %s.db to back up", apart)
	}
	return f.backup(ctx, path)
}

// Apart names the databases that are open beside the main one, sorted.
func (e *Engine) Apart() []string {
	e.mu.RLock()
	defer e.mu.RUnlock()
	var names []string
	for name := range e.files {
		if name != mainFile {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return names
}

// Close finishes what is queued and closes the files.
func (e *Engine) Close() error {
	e.mu.Lock()
	defer e.mu.Unlock()
	var errs []error
	for _, f := range e.files {
		errs = append(errs, f.close())
	}
	return errors.Join(errs...)
}
