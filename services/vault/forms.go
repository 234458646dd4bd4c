package vault

import (
	"encoding/json"
	"fmt"
	"strings"
)

// Sealer seals the fields of one object and keeps the first error, so that a
// whole form is sealed before anybody has to look at it.
type Sealer struct {
	Key Key
	Err error
}

// Text seals words without their surrounding space; blank words are "".
func (z *Sealer) Text(field, plain string) Sealed {
	plain = strings.TrimSpace(plain)
	if z.Err != nil || plain == "" {
		return ""
	}
	s, err := z.Key.Seal(field, []byte(plain))
	if err != nil {
		z.Err = fmt.Errorf("seal %s: %w", field, err)
	}
	return s
}

// JSON seals a value as JSON.
func (z *Sealer) JSON(field string, v any) Sealed {
	data, err := json.Marshal(v)
	if err != nil && z.Err == nil {
		z.Err = fmt.Errorf("encode %s: %w", field, err)
	}
	return z.Text(field, string(data))
}

// Opener opens the fields of one object and keeps the first error.
type Opener struct {
	Key Key
	Err error
}

// Bytes opens a field; "" opens to nil.
func (o *Opener) Bytes(field string, s Sealed) []byte {
	if o.Err != nil || s == "" {
		return nil
	}
	plain, err := o.Key.Open(field, s)
	if err != nil {
		o.Err = fmt.Errorf("open %s: %w", field, err)
	}
	return plain
}

// Text opens words.
func (o *Opener) Text(field string, s Sealed) string { return string(o.Bytes(field, s)) }

// JSON opens what Sealer.JSON sealed into a value, which stays as it is for "".
func (o *Opener) JSON(field string, s Sealed, into any) {
	data := o.Bytes(field, s)
	if len(data) == 0 || o.Err != nil {
		return
	}
	if err := json.Unmarshal(data, into); err != nil {
		o.Err = fmt.Errorf("decode %s: %w", field, err)
	}
}
