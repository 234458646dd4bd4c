package sqlite_test

import (
	"database/sql"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

// TestPlans runs every shape of query and asks SQLite how it reads them: over
// an index, in its order, and never by reading all rows or sorting them.
func TestPlans(t *testing.T) {
	folder := t.TempDir()
	e := open(t, folder)
	runShapes(t, e)
	db := raw(t, filepath.Join(folder, "inzage.db"))
	texts := e.ReadTexts()["inzage"]
	if len(texts) < 40 {
		t.Fatalf("only %d queries were prepared", len(texts))
	}
	for _, text := range texts {
		for _, line := range plan(t, db, text) {
			scan := strings.HasPrefix(line, "SCAN ") && !strings.HasPrefix(line, "SCAN (subquery") && !strings.Contains(line, "sqlite_schema")
			if scan || strings.Contains(line, "TEMP B-TREE") {
				t.Errorf("%s\n\tis read by %s", text, line)
			}
		}
	}
}

func runShapes(t *testing.T, e *sqlite.Engine) {
	t.Helper()
	c := store.Collection[filing](e, filings)
	for i := range 40 {
		v := newFiling(i)
		must(t, c.Create(t.Context(), v, filed(v.ID)))
	}
	for _, q := range []document.Query{
		{Index: "reference"}, {Index: "queue"}, {Index: "due"},
		{Index: "queue", Equal: []any{"org_1"}},
		{Index: "queue", Equal: []any{"org_1", "received"}},
		{Index: "queue", Equal: []any{"org_1", "received"}, From: start},
		{Index: "queue", Equal: []any{"org_1", "received"}, Until: start.Add(time.Hour)},
		{Index: "queue", Equal: []any{"org_1", "received"}, From: start, Until: start.Add(time.Hour)},
		{Index: "due", Equal: []any{"received", start}},
	} {
		for _, descending := range []bool{false, true} {
			q.Descending, q.Limit, q.After = descending, 2, ""
			page, err := c.List(t.Context(), q)
			must(t, err)
			if page.Next != "" {
				q.After = page.Next
				_, err = c.List(t.Context(), q)
				must(t, err)
			}
			_, err = c.Count(t.Context(), q)
			must(t, err)
		}
	}
	few := store.Collection[filing](e, sparse)
	must(t, few.Create(t.Context(), newFiling(1)))
	for _, q := range []document.Query{
		{Index: "queue", Equal: []any{"org_1"}}, {Index: "queue", Equal: []any{"org_1", "received"}},
		{Index: "queue", Equal: []any{"org_1", "received"}, From: start},
		{Index: "received", Equal: []any{start}},
	} {
		_, err := few.List(t.Context(), q)
		must(t, err)
		_, err = few.Count(t.Context(), q)
		must(t, err)
	}
	_, err := c.Find(t.Context(), "reference", "r_x")
	wantIs(t, err, document.ErrNotFound)
	_, err = c.Get(t.Context(), "req_x")
	wantIs(t, err, document.ErrNotFound)
	_, err = e.Unsealed(t.Context(), "filings", 10)
	must(t, err)
	l := e.Log()
	_, err = l.Append(t.Context(), []ledger.Record{{EventID: "evt_1", Object: "req_1", Data: []byte("x")}})
	must(t, err)
	for _, read := range []func() error{
		func() error { _, err := l.Size(t.Context()); return err },
		func() error { _, err := l.Read(t.Context(), 0, 10); return err },
		func() error { _, err := l.ByObject(t.Context(), "req_1", -1, 10); return err },
		func() error { _, err := l.ByEvent(t.Context(), "evt_1"); return err },
	} {
		must(t, read())
	}
}

var sparse = document.Kind{Name: "sparse", Indexes: []document.Index{
	{Name: "queue", Fields: []string{"controller", "state", "due"}, Sparse: true},
	{Name: "received", Fields: []string{"received"}, Sparse: true},
}}

// TestSparseIndexesHoldOnlyWhatIsThere also makes an index sparse that was whole before.
func TestSparseIndexesHoldOnlyWhatIsThere(t *testing.T) {
	folder := t.TempDir()
	e := open(t, folder)
	whole := sparse
	whole.Indexes = []document.Index{{Name: "queue", Fields: sparse.Indexes[0].Fields}}
	c := store.Collection[filing](e, whole)
	for i := range 6 {
		v := newFiling(i)
		if i%2 == 0 {
			v.Controller = ""
		}
		must(t, c.Create(t.Context(), v))
	}
	store.Collection[filing](e, sparse)
	db := raw(t, filepath.Join(folder, "inzage.db"))
	var text string
	must(t, db.QueryRowContext(t.Context(), "SELECT sql FROM sqlite_schema WHERE name = 'sparse:list:queue'").Scan(&text))
	if !strings.HasSuffix(text, ` WHERE "controller:string" <> ''`) {
		t.Errorf("the index is made by %s", text)
	}
	page, err := store.Collection[filing](e, sparse).List(t.Context(), document.Query{Index: "queue", Equal: []any{"org_1"}})
	must(t, err)
	if len(page.Rows) != 2 {
		t.Errorf("%d rows, want 2", len(page.Rows))
	}
}

func plan(t *testing.T, db *sql.DB, text string) (lines []string) {
	t.Helper()
	args := make([]any, strings.Count(text, "?"))
	for i := range args {
		args[i] = 1
	}
	rows, err := db.QueryContext(t.Context(), "EXPLAIN QUERY PLAN "+text, args...)
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var id, parent, unused int
		var line string
		must(t, rows.Scan(&id, &parent, &unused, &line))
		lines = append(lines, line)
	}
	must(t, rows.Err())
	return lines
}

// raw opens a database file without the engine.
func raw(t *testing.T, path string) *sql.DB {
	t.Helper()
	db, err := sql.Open("sqlite", path)
	must(t, err)
	t.Cleanup(func() { _ = db.Close() })
	return db
}

// TestIndexesFollowTheDeclaration also covers a field that changes its type.
func TestIndexesFollowTheDeclaration(t *testing.T) {
	folder := t.TempDir()
	e := open(t, folder)
	c := store.Collection[filing](e, filings)
	must(t, c.Create(t.Context(), newFiling(1)))
	fewer := document.Kind{Name: "filings", Indexes: []document.Index{
		{Name: "reference", Fields: []string{"reference"}},
		{Name: "queue", Fields: []string{"processor", "due"}},
	}}
	c = store.Collection[filing](e, fewer)
	page, err := c.List(t.Context(), document.Query{Index: "queue", Equal: []any{"org_p"}})
	must(t, err)
	if len(page.Rows) != 1 {
		t.Errorf("%d rows over the changed index, want 1", len(page.Rows))
	}
	var got []string
	rows, err := raw(t, filepath.Join(folder, "inzage.db")).QueryContext(t.Context(),
		"SELECT name FROM sqlite_schema WHERE type = 'index' AND tbl_name = 'filings' AND sql IS NOT NULL ORDER BY name")
	must(t, err)
	defer rows.Close()
	for rows.Next() {
		var name string
		must(t, rows.Scan(&name))
		got = append(got, name)
	}
	must(t, rows.Err())
	if want := "[filings:list:queue filings:list:reference filings:unsealed]"; fmt.Sprint(got) != want {
		t.Errorf("indexes %v, want %s", got, want)
	}
}

func TestOnlyTheOwnerReads(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new", "store")
	e := open(t, folder)
	keys := store.Collection[filing](e, document.Kind{Name: "vault_keys", Apart: "keys"})
	must(t, keys.Create(t.Context(), newFiling(1)))
	must(t, e.Backup(t.Context(), "", filepath.Join(folder, "copy")))
	seen := 0
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		seen++
		return err
	})
	must(t, err)
	if seen < 7 {
		t.Errorf("%d files seen, want two databases with their logs", seen)
	}
}

func TestFilesThatOthersCanReadAreClosed(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "inzage.db")
	must(t, os.WriteFile(path, nil, 0o644))
	open(t, folder)
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode %v, want 0600", info.Mode())
	}
}

func TestBackup(t *testing.T) {
	e := open(t, t.TempDir())
	c := store.Collection[filing](e, filings)
	keys := store.Collection[filing](e, document.Kind{Name: "vault_keys", Apart: "keys"})
	v, k := newFiling(1), newFiling(2)
	must(t, c.Create(t.Context(), v, filed(v.ID)))
	must(t, keys.Create(t.Context(), k))
	folder := t.TempDir()
	must(t, e.Backup(t.Context(), "", filepath.Join(folder, "inzage.db")))
	if err := e.Backup(t.Context(), "", filepath.Join(folder, "inzage.db")); err == nil {
		t.Error("a backup was written over another")
	}
	copied := open(t, folder)
	got, err := store.Collection[filing](copied, filings).Get(t.Context(), v.ID)
	must(t, err)
	if !got.Unsealed {
		t.Error("the copy lost the pending event")
	}
	// The keys are not in it: they have their own file and their own backup.
	_, err = store.Collection[filing](copied, document.Kind{Name: "vault_keys", Apart: "keys"}).Get(t.Context(), k.ID)
	wantIs(t, err, document.ErrNotFound)
	must(t, e.Backup(t.Context(), "keys", filepath.Join(t.TempDir(), "keys.db")))
	if err := e.Backup(t.Context(), "nothing", filepath.Join(folder, "x.db")); err == nil {
		t.Error("a backup of what is not there was accepted")
	}
}

// TestDeletedKeysAreNowhereInTheirFiles reads the bytes of keys.db and its log.
func TestDeletedKeysAreNowhereInTheirFiles(t *testing.T) {
	folder := t.TempDir()
	e := open(t, folder)
	c := store.Collection[filing](e, document.Kind{Name: "vault_keys", Apart: "keys"})
	gone, stays := newFiling(1), newFiling(2)
	gone.Sealed, stays.Sealed = "WRAPPED-KEY-THAT-GOES", "WRAPPED-KEY-THAT-STAYS"
	must(t, c.Create(t.Context(), gone))
	must(t, c.Create(t.Context(), stays))
	must(t, c.Delete(t.Context(), gone.ID))
	found := map[string]bool{}
	for _, name := range []string{"keys.db", "keys.db-wal"} {
		data, err := os.ReadFile(filepath.Join(folder, name))
		must(t, err)
		for _, text := range []string{gone.Sealed, stays.Sealed, gone.ID} {
			found[text] = found[text] || strings.Contains(string(data), text)
		}
	}
	if found[gone.Sealed] || found[gone.ID] {
		t.Error("the deleted key can still be read")
	}
	if !found[stays.Sealed] {
		t.Error("the test looks in the wrong place: the kept key was not found")
	}
}

func TestLogRefusesChanges(t *testing.T) {
	folder := t.TempDir()
	e := open(t, folder)
	_, err := e.Log().Append(t.Context(), []ledger.Record{{EventID: "evt_1", Object: "req_1", Data: []byte("x")}})
	must(t, err)
	db := raw(t, filepath.Join(folder, "inzage.db"))
	for _, text := range []string{`UPDATE "log:records" SET object = 'y'`, `DELETE FROM "log:records"`} {
		if _, err := db.ExecContext(t.Context(), text); err == nil || !strings.Contains(err.Error(), "append-only") {
			t.Errorf("%s: %v, want it refused", text, err)
		}
	}
}
