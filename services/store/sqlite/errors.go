package sqlite

import (
	"errors"

	"modernc.org/sqlite"
	sqlite3 "modernc.org/sqlite/lib"

	"inzage/services/document"
	"inzage/services/fault"
)

// isTrouble tells whether the file, the disk or the memory is to blame, not
// the change: then the whole transaction is lost.
func isTrouble(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() & 0xff {
	case sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED, sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR,
		sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_READONLY, sqlite3.SQLITE_NOMEM,
		sqlite3.SQLITE_PROTOCOL, sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB:
		return true
	}
	return false
}

// isLocked tells whether a lock was not given, or not let go.
func isLocked(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case sqlite3.SQLITE_IOERR_LOCK, sqlite3.SQLITE_IOERR_UNLOCK, sqlite3.SQLITE_IOERR_RDLOCK,
		sqlite3.SQLITE_IOERR_SHMLOCK, sqlite3.SQLITE_PROTOCOL:
		return true
	}
	return e.Code()&0xff == sqlite3.SQLITE_BUSY
}

// trouble turns trouble into document.ErrBusy with its cause, and leaves other
// errors as they are.
func trouble(err error) error {
	var refusal *fault.Error
	if err == nil || errors.As(err, &refusal) || !isTrouble(err) {
		return err
	}
	return document.ErrBusy.Because(err)
}

// isTaken tells whether a unique index or key refused the row.
func isTaken(err error) bool {
	var e *sqlite.Error
	if !errors.As(err, &e) {
		return false
	}
	switch e.Code() {
	case sqlite3.SQLITE_CONSTRAINT_UNIQUE, sqlite3.SQLITE_CONSTRAINT_PRIMARYKEY, sqlite3.SQLITE_CONSTRAINT_ROWID:
		return true
	}
	return false
}
