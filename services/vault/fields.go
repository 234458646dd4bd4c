package vault

import (
	"encoding/base64"
	"encoding/json"
	"fmt"
)

// Seal encrypts plain for the named field.
func (k *key) Seal(field string, plain []byte) (Sealed, error) {
	c, err := k.fields.Encrypt(plain, bound(k.object, field))
	if err != nil {
		return "", fmt.Errorf("seal %s of %s: %w", field, k.object, err)
	}
	return Sealed(base64.RawStdEncoding.EncodeToString(c)), nil
}

// Open decrypts what Seal made for the same field of the same object. "" opens to nil.
func (k *key) Open(field string, s Sealed) ([]byte, error) {
	if s == "" {
		return nil, nil
	}
	c, err := base64.RawStdEncoding.DecodeString(string(s))
	if err != nil {
		return nil, fmt.Errorf("decode %s of %s: %w", field, k.object, err)
	}
	plain, err := k.fields.Decrypt(c, bound(k.object, field))
	if err != nil {
		return nil, fmt.Errorf("open %s of %s: %w", field, k.object, err)
	}
	return plain, nil
}

// SealJSON seals v as JSON for the named field.
func SealJSON[T any](k Key, field string, v T) (Sealed, error) {
	b, err := json.Marshal(v)
	if err != nil {
		return "", fmt.Errorf("encode %s: %w", field, err)
	}
	return k.Seal(field, b)
}

// OpenJSON opens what SealJSON made for the same field. "" opens to the zero value.
func OpenJSON[T any](k Key, field string, s Sealed) (T, error) {
	var v T
	b, err := k.Open(field, s)
	if err != nil || b == nil {
		return v, err
	}
	if err := json.Unmarshal(b, &v); err != nil {
		return v, fmt.Errorf("decode %s: %w", field, err)
	}
	return v, nil
}
