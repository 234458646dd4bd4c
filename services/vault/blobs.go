package vault

import (
	"context"
	"io"
)

// Blobs stores encrypted files whole, under the name object + "/" + file. Both
// parts are identifiers of our own making (letters, digits, "_" and "-"); an
// implementation refuses any other name. It never sees plain text.
//
// A name that is not there is a fault of kind NotFound; other errors mean unknown.
type Blobs interface {
	// Create begins a new blob. Nothing can be seen under the name before
	// Commit; a name that is taken is a fault of kind Conflict, here or at Commit.
	Create(ctx context.Context, name string) (BlobWriter, error)
	// Open reads a committed blob from its beginning. The caller closes it.
	Open(ctx context.Context, name string) (io.ReadCloser, error)
	// Delete removes a blob; removing what is not there is no error.
	Delete(ctx context.Context, name string) error
	// DeleteAll removes every blob whose name begins with prefix (an object and
	// "/"), and what was begun under it and never committed.
	DeleteAll(ctx context.Context, prefix string) error
}

// BlobWriter takes one blob. Exactly one of Commit and Abort ends it.
type BlobWriter interface {
	io.Writer
	// Commit makes the blob durable and visible, in one step. After an error
	// nothing is visible unless the error says unknown.
	Commit() error
	// Abort drops what was written. It is no error after a failed Commit.
	Abort() error
}
