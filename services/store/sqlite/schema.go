package sqlite

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"

	"inzage/services/store"
)

// kind is a declared kind in its file. Statements are built once per shape of query.
type kind struct {
	store.Schema
	file *file

	insert, get, replace, delete string
	texts                        sync.Map // shape to SQL text
}

// Declare makes the table and whatever columns and indexes are missing, and
// drops indexes that are not declared any more. Virtual columns take no room
// and no rewriting, so an index can be added to a file of any size.
func (e *Engine) Declare(ctx context.Context, s store.Schema) error {
	name := s.Apart
	if name == "" {
		name = mainFile
	}
	f, err := e.file(ctx, name)
	if err != nil {
		return err
	}
	if err := f.write(ctx, true, func(t *tx) error { return migrate(t, s) }); err != nil {
		return trouble(err)
	}
	e.mu.Lock()
	defer e.mu.Unlock()
	e.kinds[s.Kind] = newKind(s, f)
	return nil
}

func newKind(s store.Schema, f *file) *kind {
	t := quote(s.Kind)
	return &kind{
		Schema:  s,
		file:    f,
		insert:  "INSERT INTO " + t + " (id, turn, unsealed, doc) VALUES (?, 1, ?, ?)",
		get:     "SELECT id, turn, unsealed, doc FROM " + t + " WHERE id = ?",
		replace: "UPDATE " + t + " SET turn = turn + 1, unsealed = ?, doc = ? WHERE id = ? AND turn = ?",
		delete:  "DELETE FROM " + t + " WHERE id = ? AND unsealed = 0",
	}
}

func migrate(t *tx, s store.Schema) error {
	table := quote(s.Kind)
	base := []string{
		"CREATE TABLE IF NOT EXISTS " + table + ` (
			n INTEGER PRIMARY KEY,
			id TEXT NOT NULL UNIQUE,
			turn INTEGER NOT NULL,
			unsealed INTEGER NOT NULL,
			doc TEXT NOT NULL)`,
		"CREATE INDEX IF NOT EXISTS " + quote(s.Kind+":unsealed") + " ON " + table + " (n) WHERE unsealed = 1",
	}
	for _, text := range base {
		if err := t.once(text); err != nil {
			return fmt.Errorf("make the table: %w", err)
		}
	}
	if err := addColumns(t, s); err != nil {
		return err
	}
	return syncIndexes(t, s)
}

func addColumns(t *tx, s store.Schema) error {
	have, err := names(t, "SELECT name FROM pragma_table_xinfo(?)", s.Kind)
	if err != nil {
		return err
	}
	add := func(name, kind, expression string) error {
		if slices.Contains(have, name) {
			return nil
		}
		have = append(have, name)
		err := t.once(fmt.Sprintf("ALTER TABLE %s ADD COLUMN %s %s GENERATED ALWAYS AS (%s) VIRTUAL",
			quote(s.Kind), quote(name), kind, expression))
		if err != nil {
			return fmt.Errorf("add the column %s: %w", name, err)
		}
		return nil
	}
	for _, f := range s.Fields() {
		if err := add(column(f), affinity(f), expression(f)); err != nil {
			return err
		}
	}
	for _, ix := range s.Indexes {
		if ix.Exempt {
			c := column(ix.Fields[0])
			err = add("id-unless-"+c, "TEXT", fmt.Sprintf("CASE WHEN %s = '' THEN id ELSE '' END", quote(c)))
		} else if ix.Unique {
			err = add("nothing", "TEXT", "''")
		}
		if err != nil {
			return err
		}
	}
	return nil
}

// column names the column of a field; the type is part of it, so that a field
// that changes its type gets another column.
func column(f store.Field) string { return f.Path + ":" + string(f.Type) }

func affinity(f store.Field) string {
	if f.Type == store.Int || f.Type == store.Bool {
		return "INTEGER"
	}
	return "TEXT"
}

// expression is store.Field.KeyIn in SQL.
func expression(f store.Field) string {
	value := fmt.Sprintf("json_extract(doc, '$.%s')", f.Path)
	if f.Type == store.Time {
		value = "rtrim(" + value + ", 'Z')"
	}
	return "coalesce(" + value + ", " + zero(f) + ")"
}

// zero is store.Field.Zero in SQL.
func zero(f store.Field) string {
	if s, ok := f.Zero().(string); ok {
		return "'" + s + "'"
	}
	return "0"
}

// syncIndexes makes the indexes of the file those that are declared.
func syncIndexes(t *tx, s store.Schema) error {
	want := wantedIndexes(s)
	have, err := names(t, `SELECT name || char(0) || sql FROM sqlite_schema
		WHERE type = 'index' AND tbl_name = ? AND sql IS NOT NULL`, s.Kind)
	if err != nil {
		return err
	}
	for _, h := range have {
		name, text, _ := strings.Cut(h, "\x00")
		if name == s.Kind+":unsealed" || want[name] == text {
			delete(want, name)
			continue
		}
		if err := t.once("DROP INDEX " + quote(name)); err != nil {
			return fmt.Errorf("drop index %s: %w", name, err)
		}
	}
	for name, text := range want {
		if err := t.once(text); err != nil {
			return fmt.Errorf("make index %s: %w", name, err)
		}
	}
	return nil
}

// wantedIndexes maps the name of every index to its SQL. One index serves
// finding, listing and uniqueness: it ends with the column that tells equal
// rows apart.
func wantedIndexes(s store.Schema) map[string]string {
	want := map[string]string{}
	for _, ix := range s.Indexes {
		create := "CREATE INDEX"
		if ix.Unique {
			create = "CREATE UNIQUE INDEX"
		}
		name := listIndex(s.Kind, ix.Name)
		want[name] = fmt.Sprintf("%s %s ON %s (%s, %s)", create, quote(name), quote(s.Kind), columns(ix.Fields), last(ix))
		if ix.Sparse {
			want[name] += " WHERE " + present(ix.Fields[0])
		}
	}
	return want
}

// present is the condition of a sparse index. A query has to state it in the
// same words: SQLite does not see it in an equality with a parameter.
func present(f store.Field) string {
	return quote(column(f)) + " <> " + zero(f)
}

// last is the column that ends an index. In an index that is not unique it is
// the id. In a unique one it is the same for all rows, so that equal keys
// collide, except for documents without a value: they are told apart by id.
func last(ix store.Index) string {
	switch {
	case ix.Exempt:
		return quote("id-unless-" + column(ix.Fields[0]))
	case ix.Unique:
		return quote("nothing")
	}
	return "id"
}

// lastKey is the value that a row with these keys has in that column.
func lastKey(ix store.Index, keys []any, id string) string {
	if ix.Unique && (!ix.Exempt || keys[0] != "") {
		return ""
	}
	return id
}

func listIndex(kind, index string) string { return kind + ":list:" + index }

func columns(fields []store.Field) string {
	out := make([]string, len(fields))
	for i, f := range fields {
		out[i] = quote(column(f))
	}
	return strings.Join(out, ", ")
}

// quote makes an identifier. Names were checked to be plain words, joined by ours.
func quote(name string) string { return `"` + name + `"` }

// names reads a column of text inside the transaction.
func names(t *tx, text string, args ...any) (out []string, err error) {
	rows, err := t.conn.QueryContext(t.ctx, text, args...)
	if err != nil {
		return nil, err
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var s sql.NullString
		if err := rows.Scan(&s); err != nil {
			return nil, err
		}
		out = append(out, s.String)
	}
	return out, rows.Err()
}
