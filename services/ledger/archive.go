package ledger

import (
	"archive/zip"
	"bytes"
	"errors"
	"fmt"
	"io"
	"os"
	"path"
	"path/filepath"
	"strings"
	"time"
)

// Archive takes the files of an export, one after the other.
type Archive interface {
	// Create begins the next file; the one before is complete by then.
	Create(name string) (io.Writer, error)
	// Close completes the last file and the archive.
	Close() error
}

// NewZIP is an archive in one stream. The caller closes w after it.
func NewZIP(w io.Writer) Archive { return zipArchive{zip.NewWriter(w)} }

// zipArchive leaves nothing in a ZIP to chance: no compression, no dates, no
// attributes. The verifier writes it again and compares every byte.
type zipArchive struct{ w *zip.Writer }

func (z zipArchive) Create(name string) (io.Writer, error) {
	return z.w.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store, Modified: time.Date(1980, 1, 1, 0, 0, 0, 0, time.UTC)})
}

func (z zipArchive) Close() error { return z.w.Close() }

// folder is an archive of files that only their owner can read.
type folder struct {
	path  string
	open  *os.File
	inner map[string]bool // folders that hold files, to be synced
}

// Create makes the folders in a name with slashes, too.
func (f *folder) Create(name string) (io.Writer, error) {
	if err := f.finish(); err != nil {
		return nil, err
	}
	at := filepath.Join(f.path, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(at), 0o700); err != nil {
		return nil, err
	}
	// Counted from the name, not from the path: "./ex" and "ex" are the same
	// folder in other words.
	for dir := path.Dir(name); dir != "."; dir = path.Dir(dir) {
		f.inner[filepath.Join(f.path, filepath.FromSlash(dir))] = true
	}
	file, err := os.OpenFile(at, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	f.open = file
	return file, err
}

func (f *folder) finish() error {
	if f.open == nil {
		return nil
	}
	err := errors.Join(f.open.Sync(), f.open.Close())
	f.open = nil
	return err
}

func (f *folder) Close() error {
	err := f.finish()
	f.inner[f.path] = true
	for dir := range f.inner {
		err = errors.Join(err, syncNames(dir))
	}
	return err
}

// WriteExport makes an archive at path, lets fill fill it, and puts it in its
// place when it is complete: a ZIP when the path ends in .zip, else a folder.
// Nothing may be at the path yet. After an error nothing is there either.
func WriteExport(path string, fill func(Archive) error) error {
	if _, err := os.Lstat(path); err == nil {
		return fmt.Errorf("there is something at %s already; choose another path", path)
	}
	partial, err := os.MkdirTemp(filepath.Dir(filepath.Clean(path)), ".export-*")
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	defer os.RemoveAll(partial) // gone already when it was renamed
	made := partial
	if strings.HasSuffix(path, ".zip") {
		made = filepath.Join(partial, "export.zip")
		err = fillZIP(made, fill)
	} else {
		a := &folder{path: partial, inner: map[string]bool{}}
		err = errors.Join(fill(a), a.Close())
	}
	if err != nil {
		return err
	}
	if err := os.Rename(made, path); err != nil {
		return fmt.Errorf("put %s in place: %w", path, err)
	}
	return syncFolder(filepath.Clean(path))
}

func fillZIP(path string, fill func(Archive) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("make %s: %w", path, err)
	}
	a := NewZIP(f)
	err = fill(a)
	if err == nil {
		err = a.Close()
	}
	return errors.Join(err, f.Sync(), f.Close())
}

var errDiffers = errors.New("the bytes differ")

// comparer is a writer that holds what is written against what is there.
type comparer struct {
	there io.Reader
	at    int64
	buf   []byte
}

func (c *comparer) Write(p []byte) (int, error) {
	if len(c.buf) < len(p) {
		c.buf = make([]byte, len(p))
	}
	n, err := io.ReadFull(c.there, c.buf[:len(p)])
	for i := range n {
		if c.buf[i] != p[i] {
			c.at += int64(i)
			return 0, errDiffers
		}
	}
	c.at += int64(n)
	if err != nil {
		return n, errDiffers // it ends early
	}
	return n, nil
}

// end tells whether nothing is left.
func (c *comparer) end() bool {
	var one [1]byte
	n, _ := io.ReadFull(c.there, one[:])
	return n == 0
}

// ExactZIP holds a ZIP against what NewZIP writes for its files of these names,
// in this order: a reader of ZIPs passes over many bytes that mean nothing to
// it, but a changed byte is a changed archive. The error names the first one.
func ExactZIP(raw io.ReaderAt, size int64, files *zip.Reader, names []string) error {
	c := &comparer{there: io.NewSectionReader(raw, 0, size)}
	err := rewrite(NewZIP(c), files, names)
	if err == nil && c.end() {
		return nil
	}
	if err == nil || errors.Is(err, errDiffers) {
		return say(zipDiffers, c.at)
	}
	return say(zipUnread)
}

func rewrite(to Archive, files *zip.Reader, names []string) error {
	for _, name := range names {
		from, err := files.Open(name)
		if err != nil {
			return err
		}
		into, err := to.Create(name)
		if err == nil {
			_, err = io.Copy(into, from)
		}
		if err := errors.Join(err, from.Close()); err != nil {
			return err
		}
	}
	return to.Close()
}

// isZIP tells whether a file begins as a ZIP does.
func isZIP(f io.ReaderAt) bool {
	var head [2]byte
	_, err := f.ReadAt(head[:], 0)
	return err == nil && bytes.Equal(head[:], []byte("PK"))
}
