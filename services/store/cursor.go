package store

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"fmt"

	"inzage/services/document"
)

// A cursor is the position of the last row of a page, bound to the list it
// came from by a checksum over the index, its fixed values and its direction.
// It needs no secret, so that it works on every instance and after a restart:
// whoever builds one by hand gets another place in the same bounded range,
// because the range itself is always taken from the query.
const (
	cursorSum = 12   // bytes of the checksum
	cursorMax = 4096 // characters; ids and keys are short
)

func cursor(kind string, r Range, p Position) (string, error) {
	at, err := json.Marshal(append(append([]any(nil), p.Keys...), p.ID))
	if err != nil {
		return "", fmt.Errorf("make a cursor: %w", err)
	}
	sum, err := listSum(kind, r, at)
	if err != nil {
		return "", err
	}
	return base64.RawURLEncoding.EncodeToString(append(sum, at...)), nil
}

// position reads a cursor for the list of r, whose rows are ordered by fields.
func position(text, kind string, r Range, fields []Field) (*Position, error) {
	if len(text) > cursorMax {
		return nil, document.ErrCursor
	}
	raw, err := base64.RawURLEncoding.Strict().DecodeString(text)
	if err != nil || len(raw) <= cursorSum {
		return nil, document.ErrCursor
	}
	sum, err := listSum(kind, r, raw[cursorSum:])
	if err != nil {
		return nil, err
	}
	if !bytes.Equal(sum, raw[:cursorSum]) {
		return nil, document.ErrCursor
	}
	return decodePosition(raw[cursorSum:], fields)
}

func listSum(kind string, r Range, at []byte) ([]byte, error) {
	list, err := json.Marshal([]any{kind, r.Index, r.Equal, r.Descending})
	if err != nil {
		return nil, fmt.Errorf("make a cursor: %w", err)
	}
	sum := sha256.Sum256(append(append(list, 0), at...))
	return sum[:cursorSum], nil
}

func decodePosition(at []byte, fields []Field) (*Position, error) {
	var parts []json.RawMessage
	if err := json.Unmarshal(at, &parts); err != nil || len(parts) != len(fields)+1 {
		return nil, document.ErrCursor
	}
	p := &Position{}
	for i, f := range fields {
		k, ok := f.readKey(parts[i])
		if !ok {
			return nil, document.ErrCursor
		}
		p.Keys = append(p.Keys, k)
	}
	if err := json.Unmarshal(parts[len(fields)], &p.ID); err != nil || p.ID == "" {
		return nil, document.ErrCursor
	}
	return p, nil
}

func (f Field) readKey(raw json.RawMessage) (any, bool) {
	if f.Type == Int || f.Type == Bool {
		var n int64
		err := json.Unmarshal(raw, &n)
		return n, err == nil
	}
	var s string
	err := json.Unmarshal(raw, &s)
	return s, err == nil
}
