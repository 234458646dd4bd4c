package sqlite

import (
	"context"
	"database/sql"
	"errors"

	"inzage/services/document"
	"inzage/services/store"
)

// Insert stores a new document.
func (e *Engine) Insert(ctx context.Context, kind string, doc store.Raw) error {
	k, err := e.kind(kind)
	if err != nil {
		return err
	}
	return trouble(k.file.write(ctx, false, func(t *tx) error {
		_, err := t.exec(k.insert, doc.ID, doc.Unsealed, string(doc.JSON))
		if isTaken(err) {
			return document.ErrTaken
		}
		return err
	}))
}

// Get returns one document.
func (e *Engine) Get(ctx context.Context, kind, id string) (store.Raw, error) {
	k, err := e.kind(kind)
	if err != nil {
		return store.Raw{}, err
	}
	return scan(k.file.row(ctx, k.get, id))
}

func scan(row scanner) (store.Raw, error) {
	var r store.Raw
	err := row.Scan(&r.ID, &r.Turn, &r.Unsealed, &r.JSON)
	if errors.Is(err, sql.ErrNoRows) {
		return r, document.ErrNotFound
	}
	return r, trouble(err)
}

// Find returns the one document with these keys in a unique index.
func (e *Engine) Find(ctx context.Context, kind, index string, equal []any) (store.Raw, error) {
	k, err := e.kind(kind)
	if err != nil {
		return store.Raw{}, err
	}
	text, args, err := k.rangeText(store.Range{Index: index, Equal: equal, Limit: 1}, false)
	if err != nil {
		return store.Raw{}, err
	}
	return scan(k.file.row(ctx, text, args...))
}

// Replace stores the document over the turn that was read.
func (e *Engine) Replace(ctx context.Context, kind string, doc store.Raw) error {
	k, err := e.kind(kind)
	if err != nil {
		return err
	}
	return trouble(k.file.write(ctx, false, func(t *tx) error {
		n, err := t.exec(k.replace, doc.Unsealed, string(doc.JSON), doc.ID, doc.Turn)
		t.scrub = t.scrub || t.apart && err == nil && n > 0 // a key gives way to its tombstone
		switch {
		case isTaken(err):
			return document.ErrTaken
		case err == nil && n == 0:
			return store.ErrMoved
		}
		return err
	}))
}

// Range returns at most r.Limit documents, in the order of the index.
func (e *Engine) Range(ctx context.Context, kind string, r store.Range) (out []store.Raw, err error) {
	k, err := e.kind(kind)
	if err != nil {
		return nil, err
	}
	text, args, err := k.rangeText(r, false)
	if err != nil {
		return nil, err
	}
	rows, err := k.file.query(ctx, text, args...)
	if err != nil {
		return nil, trouble(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		doc, err := scan(rows)
		if err != nil {
			return nil, err
		}
		out = append(out, doc)
	}
	return out, trouble(rows.Err())
}

// Count counts the rows of r, at most r.Limit.
func (e *Engine) Count(ctx context.Context, kind string, r store.Range) (int, error) {
	k, err := e.kind(kind)
	if err != nil {
		return 0, err
	}
	r.After = nil
	text, args, err := k.rangeText(r, true)
	if err != nil {
		return 0, err
	}
	var n int
	err = k.file.row(ctx, text, args...).Scan(&n)
	return n, trouble(err)
}

// Delete removes a document that has no pending events.
func (e *Engine) Delete(ctx context.Context, kind, id string) error {
	k, err := e.kind(kind)
	if err != nil {
		return err
	}
	return trouble(k.file.write(ctx, false, func(t *tx) error {
		n, err := t.exec(k.delete, id)
		if err != nil {
			return err
		}
		t.scrub = t.scrub || t.apart && n > 0
		if n > 0 {
			return nil
		}
		if _, err := scan(t.row(k.get, id)); err != nil {
			return err
		}
		return store.ErrPending
	}))
}
