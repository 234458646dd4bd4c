package vault

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/tink-crypto/tink-go/v2/aead"
	"github.com/tink-crypto/tink-go/v2/keyset"
	"github.com/tink-crypto/tink-go/v2/streamingaead/aesgcmhkdf"
	"github.com/tink-crypto/tink-go/v2/tink"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
)

// ErrGone is the answer for an object whose key was destroyed.
var ErrGone = fault.New(fault.Gone, "This content was destroyed when its storage period ended.")

// KeyRecord is an object's wrapped keys, or what is left after they were
// destroyed. It is stored apart from the content, so that the backups of the
// keys can have a shorter life than those of the content.
type KeyRecord struct {
	document.Meta           // the id is the object's
	Created       time.Time `json:"created"`
	Fields        []byte    `json:"fields,omitempty"` // AES-256-GCM keyset, wrapped
	Files         []byte    `json:"files,omitempty"`  // AES-256-GCM-HKDF streaming keyset, wrapped
	Destroyed     bool      `json:"destroyed"`
}

// Kinds are the collections of the vault.
var Kinds = []document.Kind{{
	Name:    "keys",
	Apart:   "keys",
	Indexes: []document.Index{{Name: "created", Fields: []string{"created"}}},
}}

// Vault is the Keeper over a collection of wrapped keys and a blob store. It
// keeps no state of its own: any number may run beside each other, and a key
// that one destroys is gone for all at once.
type Vault struct {
	Keys   document.Collection[KeyRecord]
	Blobs  Blobs
	Master *Master
	Now    func() time.Time
}

var _ Keeper = (*Vault)(nil)

// Create makes and stores the object's key. When the object has one already,
// that one is returned; after Shred it is a fault of kind Gone.
func (v *Vault) Create(ctx context.Context, object string) (Key, error) {
	k, rec, err := v.newKey(object)
	if err != nil {
		return nil, err
	}
	err = v.Keys.Create(ctx, &rec)
	if errors.Is(err, document.ErrTaken) {
		return v.Key(ctx, object)
	}
	if err != nil {
		return nil, fmt.Errorf("store the key of %s: %w", object, err)
	}
	return k, nil
}

// Key returns the object's key: a fault of kind Gone after Shred, NotFound
// when it never had one.
func (v *Vault) Key(ctx context.Context, object string) (Key, error) {
	rec, err := v.Keys.Get(ctx, object)
	if err != nil {
		return nil, fmt.Errorf("read the key of %s: %w", object, err)
	}
	return v.unwrap(object, rec)
}

// Check fails when the master key is not the one under which the newest keys
// were wrapped. With another one nothing could be read, and what came in would
// be lost as soon as the right one is put back. One broken record is no reason
// to stop, and a store without keys fits every master key.
func (v *Vault) Check(ctx context.Context) error {
	page, err := v.Keys.List(ctx, document.Query{Index: "created", Descending: true, Limit: 20})
	if err != nil {
		return fmt.Errorf("list the newest keys: %w", err)
	}
	var broken error
	for _, rec := range page.Rows {
		if rec.Destroyed {
			continue
		}
		if _, err := v.unwrap(rec.ID, rec); err == nil {
			return nil
		} else if broken == nil {
			broken = err
		}
	}
	if broken != nil {
		return fmt.Errorf("the master key is not the one of this store; put the right key file back: %w", broken)
	}
	return nil
}

// Shred replaces the object's key by a tombstone, then removes its files. An
// error may leave files behind that nobody can read; calling it again removes
// them. An object that never had a key cannot get one afterwards.
func (v *Vault) Shred(ctx context.Context, object string) error {
	_, err := v.Keys.Update(ctx, object, func(r *KeyRecord) ([]ledger.Event, error) {
		if r.Destroyed {
			return nil, nil
		}
		r.Fields, r.Files, r.Destroyed = nil, nil, true
		return []ledger.Event{v.destroyed(object)}, nil
	})
	if errors.Is(err, document.ErrNotFound) {
		err = v.bury(ctx, object)
	}
	if err != nil {
		return fmt.Errorf("destroy the key of %s: %w", object, err)
	}
	if err := v.Blobs.DeleteAll(ctx, object+"/"); err != nil {
		return fmt.Errorf("remove the files of %s: %w", object, err)
	}
	return nil
}

// Fingerprint is a keyed hash of value for one purpose.
func (v *Vault) Fingerprint(purpose, value string) string {
	return v.Master.Fingerprint(purpose, value)
}

// bury leaves a tombstone for an object that never had a key.
func (v *Vault) bury(ctx context.Context, object string) error {
	err := v.Keys.Create(ctx, &KeyRecord{
		Meta: document.Meta{ID: object}, Created: v.now(), Destroyed: true,
	}, v.destroyed(object))
	if errors.Is(err, document.ErrTaken) {
		// Somebody made the key, or the tombstone, in between.
		return v.Shred(ctx, object)
	}
	return err
}

func (v *Vault) destroyed(object string) ledger.Event {
	return ledger.Event{
		ID: ledger.NewID("evt"), At: v.now(), Actor: ledger.SystemActor,
		Action: "key.destroy", Object: object, Outcome: ledger.Done,
	}
}

func (v *Vault) now() time.Time { return v.Now().UTC().Truncate(time.Millisecond) }

// newKey makes a key for the object, and the record of it that is to be stored.
func (v *Vault) newKey(object string) (*key, KeyRecord, error) {
	rec := KeyRecord{Meta: document.Meta{ID: object}, Created: v.now()}
	fields, err := keyset.NewHandle(aead.AES256GCMKeyTemplate())
	if err != nil {
		return nil, rec, fmt.Errorf("make the field key of %s: %w", object, err)
	}
	files, err := newStreamKeyset()
	if err != nil {
		return nil, rec, fmt.Errorf("make the file key of %s: %w", object, err)
	}
	if rec.Fields, err = v.wrapped(fields, object, "fields"); err != nil {
		return nil, rec, err
	}
	if rec.Files, err = v.wrapped(files, object, "files"); err != nil {
		return nil, rec, err
	}
	k, err := keyOf(object, fields)
	return k, rec, err
}

// segment is how many bytes of a file are sealed at a time: large enough that
// the overhead of 16 bytes vanishes, small enough that many streams fit in memory.
const segment = 64 << 10

func newStreamKeyset() (*keyset.Handle, error) {
	p, err := aesgcmhkdf.NewParameters(aesgcmhkdf.ParametersOpts{
		KeySizeInBytes: 32, DerivedKeySizeInBytes: 32,
		HKDFHashType: aesgcmhkdf.SHA256, SegmentSizeInBytes: segment,
	})
	if err != nil {
		return nil, err
	}
	m := keyset.NewManager()
	id, err := m.AddNewKeyFromParameters(p)
	if err != nil {
		return nil, err
	}
	if err := m.SetPrimary(id); err != nil {
		return nil, err
	}
	return m.Handle()
}

func (v *Vault) wrapped(h *keyset.Handle, object, part string) ([]byte, error) {
	var b bytes.Buffer
	if err := h.WriteWithAssociatedData(keyset.NewBinaryWriter(&b), v.Master.wrap, bound(object, part)); err != nil {
		return nil, fmt.Errorf("wrap the %s key of %s: %w", part, object, err)
	}
	return b.Bytes(), nil
}

// unwrap opens the key for fields only: most content is read without its files.
func (v *Vault) unwrap(object string, rec KeyRecord) (*key, error) {
	if rec.Destroyed {
		return nil, ErrGone
	}
	fields, err := v.opened(rec.Fields, object, "fields")
	if err != nil {
		return nil, err
	}
	return keyOf(object, fields)
}

func keyOf(object string, fields *keyset.Handle) (*key, error) {
	a, err := aead.New(fields)
	if err != nil {
		return nil, fmt.Errorf("use the field key of %s: %w", object, err)
	}
	return &key{object: object, fields: a}, nil
}

func (v *Vault) opened(b []byte, object, part string) (*keyset.Handle, error) {
	h, err := keyset.ReadWithAssociatedData(keyset.NewBinaryReader(bytes.NewReader(b)), v.Master.wrap, bound(object, part))
	if err != nil {
		return nil, fmt.Errorf("unwrap the %s key of %s: %w", part, object, err)
	}
	return h, nil
}

// bound is the associated data that ties a ciphertext to its owner. Object ids
// hold no NUL, so the two parts cannot run into each other.
func bound(object, part string) []byte { return []byte(object + "\x00" + part) }

// key is the unwrapped key for the fields of one object.
type key struct {
	object string
	fields tink.AEAD
}
