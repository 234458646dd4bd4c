// Package vault keeps personal data: fields and files are encrypted under a
// key of their own per object (a request, an account, an audit), each wrapped
// under the master key. Destroying an object's key makes its content
// unreadable everywhere, backups included (crypto-shredding).
package vault

import (
	"context"
	"io"
)

// Sealed is an encrypted field as it is stored. It opens only with the key of
// its object and for the field it was sealed for.
type Sealed string

// Key seals and opens the fields of one object. It is for one call: never kept.
type Key interface {
	// Seal encrypts plain for the named field.
	Seal(field string, plain []byte) (Sealed, error)
	// Open decrypts what Seal made for the same field. "" opens to nil.
	Open(field string, s Sealed) ([]byte, error)
}

// FileInfo describes a stored file.
type FileInfo struct {
	Size   int64  // bytes before encryption
	SHA256 string // hex, of the bytes before encryption
}

// Keeper is what the domains ask of the vault.
type Keeper interface {
	// Create makes and stores the object's key; the second call is a no-op.
	Create(ctx context.Context, object string) (Key, error)
	// Key returns the object's key; a fault of kind Gone after Shred.
	Key(ctx context.Context, object string) (Key, error)
	// Shred destroys the object's key and removes its files. It is final and may be repeated.
	Shred(ctx context.Context, object string) error
	// Fingerprint is a keyed hash for look-ups by e-mail or name: the same value
	// for the same purpose gives the same hash; without the key nothing can be
	// learnt from it. The caller normalises the value.
	Fingerprint(purpose, value string) string
	// PutFile encrypts r into a new file of the object without buffering it in
	// memory. size is the announced length (-1 unknown): fewer or more bytes, or
	// more than limit, abort it and leave nothing behind.
	PutFile(ctx context.Context, object, file string, r io.Reader, size, limit int64) (FileInfo, error)
	// OpenFile decrypts a file of the object as a stream, that can go on from any
	// place without decrypting what stands before it.
	OpenFile(ctx context.Context, object, file string) (io.ReadSeekCloser, error)
	// DeleteFile removes one file; removing what is not there is no error.
	DeleteFile(ctx context.Context, object, file string) error
}
