// Package vaulttest makes vaults for tests: real keys, a folder of blobs.
package vaulttest

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/vault"
)

// New makes a vault with a fresh master key over the collection of keys. Its
// blobs are files in Folder.
func New(t testing.TB, keys document.Collection[vault.KeyRecord], now func() time.Time) (*vault.Vault, Folder) {
	t.Helper()
	path := filepath.Join(t.TempDir(), "master.json")
	if err := vault.CreateMaster(path); err != nil {
		t.Fatal(err)
	}
	m, err := vault.OpenMaster(path)
	if err != nil {
		t.Fatal(err)
	}
	blobs := Folder(t.TempDir())
	return &vault.Vault{Keys: keys, Blobs: blobs, Master: m, Now: now}, blobs
}

// Folder is a blob store in one folder, without durability.
type Folder string

// Create begins a blob as a temporary file beside the committed ones.
func (f Folder) Create(_ context.Context, name string) (vault.BlobWriter, error) {
	if _, err := os.Stat(f.path(name)); err == nil {
		return nil, document.ErrTaken
	}
	tmp, err := os.CreateTemp(string(f), "begun-*")
	if err != nil {
		return nil, err
	}
	return &writer{File: tmp, path: f.path(name)}, nil
}

// Open reads a committed blob.
func (f Folder) Open(_ context.Context, name string) (io.ReadCloser, error) {
	r, err := os.Open(f.path(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, document.ErrNotFound
	}
	return r, err
}

// Delete removes a blob.
func (f Folder) Delete(_ context.Context, name string) error {
	if err := os.Remove(f.path(name)); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	return nil
}

// DeleteAll removes the blobs of an object.
func (f Folder) DeleteAll(_ context.Context, prefix string) error {
	return os.RemoveAll(strings.TrimSuffix(f.path(prefix), "/"))
}

// Names are the files that are there, begun ones included.
func (f Folder) Names(t testing.TB) []string {
	t.Helper()
	var names []string
	err := filepath.WalkDir(string(f), func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			names = append(names, strings.TrimPrefix(path, string(f)+"/"))
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return names
}

// Path is where a blob is, for tests that damage it.
func (f Folder) Path(name string) string { return f.path(name) }

func (f Folder) path(name string) string { return filepath.Join(string(f), filepath.FromSlash(name)) }

type writer struct {
	*os.File
	path string
}

// Commit makes the blob visible.
func (w *writer) Commit() error {
	if err := w.Close(); err != nil {
		return err
	}
	if err := os.MkdirAll(filepath.Dir(w.path), 0o700); err != nil {
		return err
	}
	return os.Rename(w.Name(), w.path)
}

// Abort drops the blob.
func (w *writer) Abort() error {
	_ = w.Close() // closed already after a failed Commit
	return os.Remove(w.Name())
}
