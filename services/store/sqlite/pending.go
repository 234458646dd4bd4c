package sqlite

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"

	"inzage/services/document"
	"inzage/services/store"
)

// Unsealed returns documents with pending events, in the order they were created.
func (e *Engine) Unsealed(ctx context.Context, kind string, limit int) (out []store.Pending, err error) {
	k, err := e.kind(kind)
	if err != nil {
		return nil, err
	}
	rows, err := k.file.query(ctx, fmt.Sprintf(
		"SELECT id, json_extract(doc, '$.pending') FROM %s INDEXED BY %s WHERE unsealed = 1 AND n > 0 ORDER BY n LIMIT ? + 0",
		quote(kind), quote(kind+":unsealed")), limit)
	if err != nil {
		return nil, trouble(err)
	}
	defer func() { err = errors.Join(err, rows.Close()) }()
	for rows.Next() {
		var p store.Pending
		var events []byte
		if err := rows.Scan(&p.ID, &events); err != nil {
			return nil, trouble(err)
		}
		if err := json.Unmarshal(events, &p.Events); err != nil {
			return nil, fmt.Errorf("read the pending events of %s: %w", p.ID, err)
		}
		out = append(out, p)
	}
	return out, trouble(rows.Err())
}

// Settle takes sealed events out of their documents, all in one transaction.
// Those before one that fails are settled.
func (e *Engine) Settle(ctx context.Context, kind string, sealed []store.Settlement) error {
	k, err := e.kind(kind)
	if err != nil {
		return err
	}
	return trouble(k.file.write(ctx, false, func(t *tx) error {
		for _, s := range sealed {
			if err := k.settle(t, s); err != nil {
				return err
			}
		}
		return nil
	}))
}

func (k *kind) settle(t *tx, s store.Settlement) error {
	raw, err := scan(t.row(k.get, s.ID))
	if errors.Is(err, document.ErrNotFound) {
		return nil
	}
	if err != nil {
		return err
	}
	next, changed, err := raw.Settle(s.Events)
	if err != nil || !changed {
		return err
	}
	_, err = t.exec(k.replace, next.Unsealed, string(next.JSON), next.ID, next.Turn)
	return err
}
