package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"os"
	"path/filepath"
	"runtime"
	"sync"
	"sync/atomic"

	"modernc.org/sqlite"

	"inzage/services/document"
)

// file is one database file: a pool of readers and one writer.
type file struct {
	path    string
	apart   bool
	readers *sql.DB
	writers *sql.DB // one connection

	stmts sync.Map // SQL text to *sql.Stmt of the readers

	closing sync.RWMutex
	closed  bool
	queue   chan *change
	done    chan struct{}

	commits, changes atomic.Int64
	refusing         atomic.Bool // the last transaction met trouble
}

// pragmas are set by the DSN on every connection, busy_timeout first so that
// those after it wait for their locks. They are asserted after each opening,
// because a setting that is silently not taken costs acknowledged data.
//
// temp_store: nothing is written to temporary files outside the folder.
// secure_delete: deleted content is overwritten; see openFile.
var pragmas = []struct{ name, value, want string }{
	{"busy_timeout", "5000", "5000"},
	{"journal_mode", "WAL", "wal"},
	{"synchronous", "FULL", "2"},
	{"foreign_keys", "ON", "1"},
	{"temp_store", "MEMORY", "2"},
	{"cache_size", "-32768", "-32768"},
	{"journal_size_limit", "67108864", "67108864"},
	{"wal_autocheckpoint", "12000", "12000"},
}

func openFile(ctx context.Context, path string, apart bool) (*file, error) {
	// SQLite gives -wal and -shm the permissions of the file, so it is made first.
	h, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	if err := errors.Join(h.Chmod(0o600), h.Close()); err != nil {
		return nil, err
	}
	f := &file{path: path, apart: apart, queue: make(chan *change, queueLength), done: make(chan struct{})}
	f.writers = sql.OpenDB(connector{dsn: dsn(path, apart, false)})
	f.writers.SetMaxOpenConns(1)
	f.readers = sql.OpenDB(connector{dsn: dsn(path, apart, true)})
	f.readers.SetMaxOpenConns(readersMost())
	f.readers.SetMaxIdleConns(readersMost())
	// The writer is opened first: it is the one that may switch the file to WAL.
	for _, db := range []*sql.DB{f.writers, f.readers} {
		if err := db.PingContext(ctx); err != nil {
			return nil, errors.Join(trouble(err), f.writers.Close(), f.readers.Close())
		}
	}
	go f.run()
	return f, nil
}

func readersMost() int { return max(4, 2*runtime.GOMAXPROCS(0)) }

// closeIdle closes the readers that nobody is using; others are opened when needed.
func (f *file) closeIdle() {
	f.readers.SetMaxIdleConns(-1)
	f.readers.SetMaxIdleConns(readersMost())
}

// dsn carries every setting, because settings belong to a connection and the
// pool opens connections as it likes.
//
// A file that is kept apart holds what must be unreadable after deletion
// (wrapped keys), so freed pages are always overwritten there; elsewhere that
// is done where it costs no extra writing, as the content is encrypted.
func dsn(path string, apart, readOnly bool) string {
	q := url.Values{}
	for _, p := range pragmas {
		q.Add("_pragma", p.name+"("+p.value+")")
	}
	if apart {
		q.Add("_pragma", "secure_delete(ON)")
	} else {
		q.Add("_pragma", "secure_delete(FAST)")
	}
	q.Set("_defensive", "1")
	if readOnly {
		q.Set("_query_only", "1")
	}
	u := url.URL{Scheme: "file", Path: filepath.ToSlash(path), RawQuery: q.Encode()}
	return u.String()
}

// connector opens connections and refuses one that did not take its settings.
type connector struct{ dsn string }

func (c connector) Driver() driver.Driver { return &sqlite.Driver{} }

func (c connector) Connect(ctx context.Context) (driver.Conn, error) {
	conn, err := c.Driver().Open(c.dsn)
	if err != nil {
		return nil, err
	}
	for _, p := range pragmas {
		if err := assertPragma(ctx, conn, p.name, p.want); err != nil {
			return nil, errors.Join(err, conn.Close())
		}
	}
	return conn, nil
}

func assertPragma(ctx context.Context, conn driver.Conn, name, want string) error {
	q, ok := conn.(driver.QueryerContext)
	if !ok {
		return errors.New("the driver cannot be asked for its settings")
	}
	rows, err := q.QueryContext(ctx, "PRAGMA "+name, nil)
	if err != nil {
		return fmt.Errorf("read pragma %s: %w", name, err)
	}
	row := make([]driver.Value, len(rows.Columns()))
	err = rows.Next(row)
	if err := errors.Join(err, rows.Close()); err != nil {
		return fmt.Errorf("read pragma %s: %w", name, err)
	}
	if got := fmt.Sprint(row[0]); got != want {
		return fmt.Errorf("pragma %s is %s and must be %s", name, got, want)
	}
	return nil
}

// prepared returns a statement that is prepared once per reading connection.
func (f *file) prepared(ctx context.Context, text string) (*sql.Stmt, error) {
	f.closing.RLock()
	closed := f.closed
	f.closing.RUnlock()
	if closed {
		return nil, document.ErrBusy.Because(errClosed)
	}
	if s, ok := f.stmts.Load(text); ok {
		return s.(*sql.Stmt), nil
	}
	s, err := f.readers.PrepareContext(ctx, text)
	if err != nil {
		return nil, err
	}
	if first, loaded := f.stmts.LoadOrStore(text, s); loaded {
		return first.(*sql.Stmt), s.Close()
	}
	return s, nil
}

// query runs a prepared read. The caller closes the rows.
func (f *file) query(ctx context.Context, text string, args ...any) (*sql.Rows, error) {
	s, err := f.prepared(ctx, text)
	if err != nil {
		return nil, err
	}
	return s.QueryContext(ctx, args...)
}

// row runs a prepared read of one row.
func (f *file) row(ctx context.Context, text string, args ...any) scanner {
	s, err := f.prepared(ctx, text)
	if err != nil {
		return failed{err}
	}
	return s.QueryRowContext(ctx, args...)
}

type scanner interface{ Scan(dest ...any) error }

type failed struct{ err error }

func (f failed) Scan(...any) error { return f.err }

// backup refuses to write over a file.
func (f *file) backup(ctx context.Context, path string) error {
	if _, err := os.Stat(path); !errors.Is(err, fs.ErrNotExist) {
		return errors.Join(fmt.Errorf("back up to %s: %w", path, fs.ErrExist), err)
	}
	h, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("back up: %w", err)
	}
	defer func() { _ = h.Close() }() // it was only opened to be synced
	// VACUUM INTO takes an empty file, and copies from one read transaction.
	conn, err := connector{dsn: dsn(f.path, f.apart, false)}.Connect(ctx)
	if err != nil {
		return trouble(err)
	}
	defer func() { _ = conn.Close() }() // read-only use
	x, ok := conn.(driver.ExecerContext)
	if !ok {
		return errors.New("the driver cannot execute statements")
	}
	_, err = x.ExecContext(ctx, "VACUUM INTO ?", []driver.NamedValue{{Ordinal: 1, Value: path}})
	if err := errors.Join(err, h.Sync()); err != nil {
		return errors.Join(fmt.Errorf("back up to %s: %w", path, trouble(err)), os.Remove(path))
	}
	return nil
}

// close finishes the queue, then closes the connections.
func (f *file) close() error {
	f.closing.Lock()
	already := f.closed
	f.closed = true
	f.closing.Unlock()
	if already {
		return nil
	}
	close(f.queue)
	<-f.done
	f.stmts.Range(func(_, s any) bool {
		_ = s.(*sql.Stmt).Close() // the pool closes next
		return true
	})
	// Readers go first: the last connection to close tidies up the log, and it may write.
	return errors.Join(f.readers.Close(), f.writers.Close())
}
