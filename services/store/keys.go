package store

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"reflect"
	"strings"
	"time"
)

// timeKey is RFC 3339 without its "Z" and without trailing zeros of the
// fraction: the form encoding/json gives a time, less the Z, which is what
// makes times of different precision sort right by bytes ("…:00" < "…:00.5").
const timeKey = "2006-01-02T15:04:05.999"

// Zero is the key of a field that is absent or null.
func (f Field) Zero() any {
	switch f.Type {
	case Int, Bool:
		return int64(0)
	case Time:
		return time.Time{}.Format(timeKey)
	default:
		return ""
	}
}

// Least is a key that no other key of the field sorts before.
func (f Field) Least() any {
	if f.Type == Int || f.Type == Bool {
		return int64(math.MinInt64)
	}
	return ""
}

// Key makes the key of a value of the field: a string, bool, integer or
// time.Time, or a type made from one of the first three.
func (f Field) Key(v any) (any, error) {
	if t, ok := v.(time.Time); ok && f.Type == Time {
		return t.UTC().Truncate(time.Millisecond).Format(timeKey), nil
	}
	rv := reflect.ValueOf(v)
	switch {
	case f.Type == String && rv.Kind() == reflect.String:
		// encoding/json has done the same to what is stored.
		return strings.ToValidUTF8(rv.String(), "\uFFFD"), nil
	case f.Type == Int && rv.CanInt():
		return rv.Int(), nil
	case f.Type == Int && rv.CanUint() && rv.Uint() <= math.MaxInt64:
		return int64(rv.Uint()), nil
	case f.Type == Bool && rv.Kind() == reflect.Bool:
		if rv.Bool() {
			return int64(1), nil
		}
		return int64(0), nil
	}
	return nil, fmt.Errorf("%s takes a %s, not a %T", f.Path, f.Type, v)
}

// KeyIn makes the key that the field has in a stored document.
func (f Field) KeyIn(doc []byte) (any, error) {
	at := json.RawMessage(doc)
	for name := range strings.SplitSeq(f.Path, ".") {
		var object map[string]json.RawMessage
		if err := json.Unmarshal(at, &object); err != nil {
			return nil, fmt.Errorf("read %s: %w", f.Path, err)
		}
		at = object[name]
		if len(at) == 0 || bytes.Equal(at, []byte("null")) {
			return f.Zero(), nil
		}
	}
	return f.decode(at)
}

func (f Field) decode(at json.RawMessage) (any, error) {
	var err error
	switch f.Type {
	case Int:
		var n int64
		err = json.Unmarshal(at, &n)
		return n, err
	case Bool:
		var b bool
		if err = json.Unmarshal(at, &b); err != nil || !b {
			return int64(0), err
		}
		return int64(1), nil
	case Time:
		var t time.Time
		err = json.Unmarshal(at, &t)
		return t.UTC().Truncate(time.Millisecond).Format(timeKey), err
	default:
		var s string
		err = json.Unmarshal(at, &s)
		return s, err
	}
}

// KeysIn makes the keys of several fields of one document.
func KeysIn(doc []byte, fields []Field) ([]any, error) {
	keys := make([]any, len(fields))
	for i, f := range fields {
		k, err := f.KeyIn(doc)
		if err != nil {
			return nil, err
		}
		keys[i] = k
	}
	return keys, nil
}

// Compare orders two keys of one field.
func Compare(a, b any) int {
	switch x := a.(type) {
	case int64:
		y, _ := b.(int64)
		switch {
		case x < y:
			return -1
		case x > y:
			return 1
		}
		return 0
	case string:
		y, _ := b.(string)
		return strings.Compare(x, y)
	}
	return 0
}
