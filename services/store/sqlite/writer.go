package sqlite

import (
	"context"
	"database/sql"
	"database/sql/driver"
	"errors"
	"fmt"
	"os"
	"runtime"
	"time"

	"inzage/services/document"
)

const (
	queueLength = 1024 // changes that may wait for the writer
	groupMost   = 512  // changes in one transaction

	scrubTime = 5 * time.Second // how long changes wait for readers, so that deleted keys leave the log
)

// change is one caller's change, to be committed with others.
type change struct {
	ctx   context.Context
	do    func(*tx) error
	whole bool // several statements, of which all or none: needs a savepoint, which costs a copy of every page
	err   error
	done  chan struct{}
}

// errClosed answers changes that come after Close.
var errClosed = errors.New("the store is closed")

// write hands a change to the writer and waits until it is durable.
//
// When ctx ends while the change is still queued, the writer drops it; when it
// ends later, write returns at once and the outcome is unknown to the caller.
func (f *file) write(ctx context.Context, whole bool, do func(*tx) error) error {
	c := &change{ctx: ctx, do: do, whole: whole, done: make(chan struct{})}
	if err := f.enqueue(c); err != nil {
		return err
	}
	select {
	case <-c.done:
		return c.err
	case <-ctx.Done():
		return fmt.Errorf("write, with unknown outcome: %w", ctx.Err())
	}
}

// writable tells whether changes can be kept. Only after trouble does it try
// one: a page that asks often must not cost a commit each time, and a portal
// that nobody writes to while it is not ready must become ready again.
func (f *file) writable(ctx context.Context) error {
	if !f.refusing.Load() {
		return nil
	}
	// A full disk may still take one small change and refuse the next.
	if err := room(f.path + "-room"); err != nil {
		return document.ErrBusy.Because(err)
	}
	return f.write(ctx, false, func(t *tx) error { return t.once("PRAGMA user_version = 0") })
}

// roomBytes is what must fit on the disk before a store that met trouble calls
// itself ready again.
const roomBytes = 1 << 20

// room fails when the disk does not take roomBytes more. Nothing stays of them.
func room(path string) error {
	err := os.WriteFile(path, make([]byte, roomBytes), 0o600)
	return errors.Join(err, os.Remove(path))
}

func (f *file) enqueue(c *change) error {
	f.closing.RLock()
	defer f.closing.RUnlock()
	if f.closed {
		return document.ErrBusy.Because(errClosed)
	}
	select {
	case f.queue <- c:
		return nil
	case <-c.ctx.Done():
		return document.ErrBusy.Because(fmt.Errorf("wait for the writer: %w", c.ctx.Err()))
	}
}

// run is the writer. It owns the writing connection, and opens a new one after
// trouble, so a disk that was full or a lock that was held needs no restart.
func (f *file) run() {
	defer close(f.done)
	w := &writer{file: f}
	defer w.drop()
	for first := range f.queue {
		w.commit(f.group(first))
	}
}

// group takes what has queued up behind first.
func (f *file) group(first *change) []*change {
	// Those who were just answered get the chance to queue up again first.
	runtime.Gosched()
	group := []*change{first}
	for len(group) < groupMost {
		select {
		case c, ok := <-f.queue:
			if !ok {
				return group
			}
			group = append(group, c)
		default:
			return group
		}
	}
	return group
}

// writer holds the connection of the one goroutine that writes.
type writer struct {
	file *file
	tx   *tx
}

// commit runs the changes in one transaction. A change that fails for a reason
// of its own fails alone; trouble with the file fails all of them, and nobody
// hears of success before the commit is durable.
func (w *writer) commit(group []*change) {
	// The context of one caller must not end the transaction of all.
	ctx := context.Background()
	live := group[:0:0]
	for _, c := range group {
		if err := c.ctx.Err(); err != nil {
			c.err = document.ErrBusy.Because(fmt.Errorf("dropped before it was written: %w", err))
			close(c.done)
			continue
		}
		live = append(live, c)
	}
	if len(live) == 0 {
		return
	}
	if err := w.transact(ctx, live); err != nil {
		w.drop()
		if isLocked(err) {
			// A lock that the kernel did not let go is held, for the whole
			// process, until the last connection to the file is closed.
			w.file.closeIdle()
		}
		w.file.refusing.Store(true)
		for _, c := range live {
			c.err = err
		}
	} else {
		w.file.refusing.Store(false)
		w.file.commits.Add(1)
		w.file.changes.Add(int64(len(live)))
	}
	for _, c := range live {
		close(c.done)
	}
}

// transact returns the trouble that befell the whole transaction, if any.
func (w *writer) transact(ctx context.Context, group []*change) error {
	if err := w.open(ctx); err != nil {
		return trouble(err)
	}
	if _, err := w.tx.exec("BEGIN IMMEDIATE"); err != nil {
		return trouble(err)
	}
	for _, c := range group {
		if c.err = w.one(c); isTrouble(c.err) {
			_, _ = w.tx.exec("ROLLBACK") // the connection is dropped anyway
			return trouble(c.err)
		}
	}
	if _, err := w.tx.exec("COMMIT"); err != nil {
		_, _ = w.tx.exec("ROLLBACK") // as above
		return document.ErrBusy.Because(fmt.Errorf("commit: %w", err))
	}
	if w.tx.scrub {
		w.tx.scrub = false
		return w.scrub()
	}
	return nil
}

func (w *writer) one(c *change) error {
	if !c.whole {
		return c.do(w.tx)
	}
	if _, err := w.tx.exec("SAVEPOINT one"); err != nil {
		return err
	}
	err := c.do(w.tx)
	if isTrouble(err) {
		return err
	}
	if err != nil {
		if _, undo := w.tx.exec("ROLLBACK TO one"); undo != nil {
			return undo
		}
	}
	if _, end := w.tx.exec("RELEASE one"); end != nil {
		return end
	}
	return err
}

// scrub empties the write-ahead log after something in a file that is kept apart
// was deleted or replaced: secure_delete overwrites the page, but its old image
// would stay in the log until it is written over.
func (w *writer) scrub() error {
	var busy, frames, moved int
	patience, cancel := context.WithTimeout(w.tx.ctx, scrubTime)
	defer cancel()
	for tries := 0; tries < 20 && patience.Err() == nil; tries++ {
		row := w.tx.conn.QueryRowContext(w.tx.ctx, "PRAGMA wal_checkpoint(TRUNCATE)")
		if err := row.Scan(&busy, &frames, &moved); err != nil {
			return trouble(err)
		}
		if busy == 0 {
			return nil
		}
	}
	// A reader holds on to the log. The deletion is durable; the next one scrubs.
	w.tx.scrub = true
	return nil
}

func (w *writer) open(ctx context.Context) error {
	if w.tx != nil {
		return nil
	}
	conn, err := w.file.writers.Conn(ctx)
	if err != nil {
		return err
	}
	// What was deleted before the trouble, or before a crash, may still stand in the log.
	w.tx = &tx{ctx: ctx, conn: conn, stmts: map[string]*sql.Stmt{}, apart: w.file.apart, scrub: w.file.apart}
	return nil
}

// drop throws the connection away; the next commit opens another.
func (w *writer) drop() {
	if w.tx == nil {
		return
	}
	for _, s := range w.tx.stmts {
		_ = s.Close() // the connection goes with it
	}
	_ = w.tx.conn.Raw(func(any) error { return driver.ErrBadConn })
	_ = w.tx.conn.Close() // reports the ErrBadConn of the line above
	w.tx = nil
}

// tx is the writer's connection with its prepared statements. It is used by
// the writer's goroutine only.
type tx struct {
	ctx   context.Context //nolint:containedctx // the writer's own, which never ends
	conn  *sql.Conn
	stmts map[string]*sql.Stmt
	apart bool
	scrub bool // something was deleted that must not be readable afterwards
}

func (t *tx) prepared(text string) (*sql.Stmt, error) {
	if s, ok := t.stmts[text]; ok {
		return s, nil
	}
	s, err := t.conn.PrepareContext(t.ctx, text)
	if err == nil {
		t.stmts[text] = s
	}
	return s, err
}

// exec runs a statement and returns how many rows it changed.
func (t *tx) exec(text string, args ...any) (int64, error) {
	s, err := t.prepared(text)
	if err != nil {
		return 0, err
	}
	res, err := s.ExecContext(t.ctx, args...)
	if err != nil {
		return 0, err
	}
	return res.RowsAffected()
}

// once runs a statement that is not worth keeping prepared.
func (t *tx) once(text string) error {
	_, err := t.conn.ExecContext(t.ctx, text)
	return err
}

// row reads one row inside the transaction.
func (t *tx) row(text string, args ...any) scanner {
	s, err := t.prepared(text)
	if err != nil {
		return failed{err}
	}
	return s.QueryRowContext(t.ctx, args...)
}
