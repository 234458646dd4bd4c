// Package files keeps encrypted files on the local disk, beside the SQLite
// engine. It is a vault.Blobs.
//
// A blob is written under "begun", synced, and then linked to its name, which
// shows it whole or not at all. What a crash left under "begun" is removed at
// the next Open; what another process is still writing is locked and stays.
package files

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/vault"
)

// Files is a folder of blobs: begun/ and blobs/<object>/<file>.
type Files struct{ begun, blobs string }

var _ vault.Blobs = (*Files)(nil)

// ErrTaken refuses a second blob of one name.
var ErrTaken = fault.New(fault.Conflict, "This file already exists.")

// Open uses the folder, and makes it when it is not there: readable by its
// owner only (0700, files 0600). It removes what was begun and abandoned.
func Open(folder string) (*Files, error) {
	f := &Files{begun: filepath.Join(folder, "begun"), blobs: filepath.Join(folder, "blobs")}
	for _, dir := range []string{folder, f.begun, f.blobs} {
		if err := errors.Join(os.MkdirAll(dir, 0o700), os.Chmod(dir, 0o700)); err != nil {
			return nil, fmt.Errorf("open the files: %w", err)
		}
	}
	if err := errors.Join(syncDir(filepath.Dir(folder)), syncDir(folder), f.sweep()); err != nil {
		return nil, fmt.Errorf("open the files: %w", err)
	}
	return f, nil
}

// sweep removes what was begun by a process that is gone: nobody holds its lock.
func (f *Files) sweep() error {
	entries, err := os.ReadDir(f.begun)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := sweepOne(filepath.Join(f.begun, e.Name())); err != nil {
			return err
		}
	}
	return nil
}

func sweepOne(path string) error {
	h, err := os.Open(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err != nil {
		return err
	}
	defer func() { _ = h.Close() }() // only read
	err = syscall.Flock(int(h.Fd()), syscall.LOCK_EX|syscall.LOCK_NB)
	if errors.Is(err, syscall.EWOULDBLOCK) {
		return nil
	}
	if err != nil {
		return err
	}
	return remove(path)
}

// The two parts of a name are identifiers of the portal's own making, so they
// can neither climb out of the folder nor be mistaken for each other.
var part = regexp.MustCompile(`^[A-Za-z0-9_-]{1,100}$`)

func split(name string) (object, file string, err error) {
	object, file, _ = strings.Cut(name, "/")
	if !part.MatchString(object) || !part.MatchString(file) {
		return "", "", fmt.Errorf("%q cannot name a file", name)
	}
	return object, file, nil
}

// Create begins a blob.
func (f *Files) Create(ctx context.Context, name string) (vault.BlobWriter, error) {
	object, file, err := split(name)
	if err != nil {
		return nil, err
	}
	if _, err := os.Lstat(filepath.Join(f.blobs, object, file)); err == nil {
		return nil, ErrTaken
	}
	path := filepath.Join(f.begun, object+"."+file+"."+rand.Text())
	h, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return nil, trouble(fmt.Errorf("begin %s: %w", name, err))
	}
	if err := syscall.Flock(int(h.Fd()), syscall.LOCK_EX|syscall.LOCK_NB); err != nil {
		return nil, errors.Join(fmt.Errorf("begin %s: %w", name, err), h.Close(), remove(path))
	}
	return &writer{ctx: ctx, file: h, path: path, folder: filepath.Join(f.blobs, object), final: file}, nil
}

// Open reads a committed blob.
func (f *Files) Open(_ context.Context, name string) (io.ReadCloser, error) {
	object, file, err := split(name)
	if err != nil {
		return nil, err
	}
	h, err := os.Open(filepath.Join(f.blobs, object, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, document.ErrNotFound
	}
	if err != nil {
		return nil, trouble(fmt.Errorf("open %s: %w", name, err))
	}
	return h, nil
}

// Each calls do with the name of every blob that is committed now, object by
// object, and ends at the first error. One that is deleted or committed
// meanwhile may or may not be among them.
func (f *Files) Each(ctx context.Context, do func(name string) error) error {
	objects, err := os.ReadDir(f.blobs)
	if err != nil {
		return trouble(fmt.Errorf("list the files: %w", err))
	}
	for _, object := range objects {
		names, err := os.ReadDir(filepath.Join(f.blobs, object.Name()))
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return trouble(fmt.Errorf("list the files of %s: %w", object.Name(), err))
		}
		for _, name := range names {
			if err := errors.Join(ctx.Err(), do(object.Name()+"/"+name.Name())); err != nil {
				return err
			}
		}
	}
	return nil
}

// Delete removes a blob for good.
func (f *Files) Delete(_ context.Context, name string) error {
	object, file, err := split(name)
	if err != nil {
		return err
	}
	folder := filepath.Join(f.blobs, object)
	err = os.Remove(filepath.Join(folder, file))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	if err == nil {
		err = syncDir(folder)
	}
	return trouble(err)
}

// DeleteAll removes the blobs of one object, and first what was begun under
// it: a writer that is not done yet finds its file gone when it commits.
func (f *Files) DeleteAll(_ context.Context, prefix string) error {
	object, rest, found := strings.Cut(prefix, "/")
	if !found || rest != "" || !part.MatchString(object) {
		return fmt.Errorf("%q cannot name the files of an object", prefix)
	}
	begun, err := os.ReadDir(f.begun)
	if err != nil {
		return trouble(fmt.Errorf("delete %s: %w", prefix, err))
	}
	for _, e := range begun {
		if strings.HasPrefix(e.Name(), object+".") {
			err = errors.Join(err, remove(filepath.Join(f.begun, e.Name())))
		}
	}
	err = errors.Join(err, syncDir(f.begun), os.RemoveAll(filepath.Join(f.blobs, object)), syncDir(f.blobs))
	if err != nil {
		return trouble(fmt.Errorf("delete %s: %w", prefix, err))
	}
	return nil
}

// remove is no error for what is gone already.
func remove(path string) error {
	if err := os.Remove(path); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// syncDir makes the names in a folder durable.
func syncDir(path string) error {
	h, err := os.Open(path)
	if err != nil {
		return err
	}
	return errors.Join(h.Sync(), h.Close())
}

// trouble turns a disk that is full or failing into document.ErrBusy with its cause.
func trouble(err error) error {
	for _, no := range []error{
		syscall.ENOSPC, syscall.EDQUOT, syscall.EIO, syscall.EROFS, syscall.EFBIG,
		syscall.EMFILE, syscall.ENFILE, syscall.ENOMEM, syscall.EACCES, syscall.ESTALE,
	} {
		if errors.Is(err, no) {
			return document.ErrBusy.Because(err)
		}
	}
	return err
}
