package requests

import (
	"encoding/json"
	"fmt"
	"strings"

	"inzage/services/vault"
)

// sealer seals fields under one request's key and keeps the first error.
type sealer struct {
	key vault.Key
	err error
}

func (z *sealer) text(field, plain string) vault.Sealed {
	plain = strings.TrimSpace(plain)
	if z.err != nil || plain == "" {
		return ""
	}
	s, err := z.key.Seal(field, []byte(plain))
	if err != nil {
		z.err = fmt.Errorf("seal %s: %w", field, err)
	}
	return s
}

func (z *sealer) json(field string, v any) vault.Sealed {
	data, err := json.Marshal(v)
	if err != nil && z.err == nil {
		z.err = fmt.Errorf("encode %s: %w", field, err)
	}
	return z.text(field, string(data))
}

func (o *opener) json(field string, s vault.Sealed, into any) {
	data := o.bytes(field, s)
	if len(data) == 0 || o.err != nil {
		return
	}
	if err := json.Unmarshal(data, into); err != nil {
		o.err = fmt.Errorf("decode %s: %w", field, err)
	}
}
