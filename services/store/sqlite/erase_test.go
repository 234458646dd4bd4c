package sqlite_test

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

// keyKind is kept apart: what is deleted from it must not be readable.
var keyKind = document.Kind{Name: "vault_keys", Apart: "keys"}

const wrappedKey, keptKey, eraseKeys = "WRAPPED-KEY-", "KEPT-KEY-", 12

// eraseThroughFaults makes and deletes keys and says what it was told, each until
// the store says that it is gone, and until its input ends. It goes on in the end
// until one more key was made, which stays.
func eraseThroughFaults(folder string) error {
	ctx, over := context.Background(), inputOver()
	e, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	c := store.Collection[filing](e, keyKind)
	tell := func(word, id string, err error) {
		if err != nil {
			word = "no"
		}
		fmt.Println(word, id, fault.KindOf(err))
	}
	n := 0
	for ; n < eraseKeys || !over(); n++ {
		v := newFiling(n)
		v.Sealed = strings.Repeat(wrappedKey+v.ID, 150) // more than the page of the key that stays
		tell("made", v.ID, c.Create(ctx, v))
		err := again(func() error {
			err := c.Delete(ctx, v.ID)
			if errors.Is(err, document.ErrNotFound) {
				err = nil // what was refused before was done, or never made
			}
			tell("gone", v.ID, err)
			return err
		})
		if err != nil {
			return err
		}
	}
	err = again(func() error {
		v := newFiling(n) // another one each time: what was refused may be there
		v.Sealed = keptKey
		n++
		err := c.Create(ctx, v)
		tell("made", v.ID, err)
		return err
	})
	if err != nil {
		return err
	}
	os.Exit(0) // as a crash would: closing would empty the log
	return nil
}

// again does something until it is not refused.
func again(do func() error) error {
	for refused := 1; ; refused++ {
		err := do()
		if err == nil {
			return nil
		}
		if refused > refusalsMost {
			return fmt.Errorf("the store refuses again and again: %w", err)
		}
	}
}

// TestTruncationFails lets the calls fail that empty the log of deleted keys:
// what was acknowledged holds, and the next change makes up for it, so that no
// deleted key can be read. A truncation that says it was done and was not cannot
// be noticed; there only what was acknowledged counts.
func TestTruncationFails(t *testing.T) {
	for name, inject := range map[string]string{
		"now and then":        "ftruncate:error=EIO:when=8+3",
		"some of them":        "ftruncate:error=EIO:when=8..10",
		"some have no effect": "ftruncate:retval=0:when=8..10",
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			folder := t.TempDir()
			told, trace := faulty(t, "erase through faults", folder, inject)
			failed, refused := strings.Count(trace, injected), erased(t, folder, told)
			key, kept := readable(t, folder)
			t.Logf("%d truncations failed, %d changes refused", failed, refused)
			lies := strings.Contains(inject, "retval")
			if failed == 0 || key && !lies || !kept {
				t.Errorf("%d truncations failed; a deleted key can be read: %t, the kept one: %t", failed, key, kept)
			}
		})
	}
}

// erased holds what the process was told against what is there, and returns
// how many changes were refused.
func erased(t *testing.T, folder, told string) (refused int) {
	t.Helper()
	c := store.Collection[filing](open(t, folder), keyKind)
	for line := range strings.Lines(told) {
		word, rest, _ := strings.Cut(strings.TrimSpace(line), " ")
		id, kind, _ := strings.Cut(rest, " ")
		v, err := c.Get(t.Context(), id)
		switch {
		case word == "no":
			if refused++; kind != string(fault.Unavailable) {
				t.Errorf("%s was refused as %q, want %s", id, kind, fault.Unavailable)
			}
		case word == "gone" && !errors.Is(err, document.ErrNotFound):
			t.Errorf("deleted %s: %v", id, err)
		case word == "made" && err == nil && v.Sealed != keptKey:
			t.Errorf("%s is there, and was deleted", id)
		}
	}
	return refused
}

// readable tells whether the bytes of the files hold a deleted key, and the one
// that was kept.
func readable(t *testing.T, folder string) (deleted, kept bool) {
	t.Helper()
	for _, file := range []string{"keys.db", "keys.db-wal"} {
		data, err := os.ReadFile(filepath.Join(folder, file))
		must(t, err)
		deleted = deleted || strings.Contains(string(data), wrappedKey)
		kept = kept || strings.Contains(string(data), keptKey)
	}
	return deleted, kept
}

// eraseAndCrash deletes a key while somebody reads, who holds on to the log,
// and ends without a word.
func eraseAndCrash(folder string) error {
	ctx := context.Background()
	e, err := sqlite.Open(ctx, folder)
	if err != nil {
		return err
	}
	c := store.Collection[filing](e, keyKind)
	v := newFiling(1)
	v.Sealed = strings.Repeat(wrappedKey, 1000)
	if err := c.Create(ctx, v); err != nil {
		return err
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(folder, "keys.db"))
	if err != nil {
		return err
	}
	tx, err := db.BeginTx(ctx, nil)
	if err != nil {
		return err
	}
	var n int
	if err := tx.QueryRowContext(ctx, `SELECT count(*) FROM sqlite_schema`).Scan(&n); err != nil {
		return err
	}
	if err := c.Delete(ctx, v.ID); err != nil {
		return err
	}
	os.Exit(0)
	return nil
}

// TestDeletedKeysLeaveTheLogAfterACrash: the log could not be emptied before the
// program ended, and the next start makes up for it with its first change.
func TestDeletedKeysLeaveTheLogAfterACrash(t *testing.T) {
	folder := t.TempDir()
	if out, err := process(t.Context(), "erase and crash", folder).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	if deleted, _ := readable(t, folder); !deleted {
		t.Fatal("the crash came too late: the log is empty")
	}
	v := newFiling(2)
	v.Sealed = keptKey
	must(t, store.Collection[filing](open(t, folder), keyKind).Create(t.Context(), v))
	if deleted, kept := readable(t, folder); deleted || !kept {
		t.Errorf("a deleted key can be read: %t, the kept one: %t", deleted, kept)
	}
}
