// Package backup is the form of a copy of an installation: files in a folder or
// a ZIP, and a manifest of their SHA-256 that sha256sum can check, too.
//
// A backup has two parts that are kept apart. Content holds the documents, the
// ledger and the files, all personal data encrypted. Keys holds the wrapped key
// of each object: when an object is shredded its key is gone from every later
// copy of the keys, so with the newest keys an older copy of the content does
// not bring back what was destroyed. The key files of the installation itself
// are in neither.
package backup

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"

	"inzage/services/ledger"
)

// Part says which of the two a copy is.
type Part string

// The parts of a backup.
const (
	Content Part = "content"
	Keys    Part = "keys"
)

// manifestFile lists the other files: a first line that names the format and
// the part, a line for each file, and a last line with their number.
const manifestFile = "manifest.txt"

func (p Part) head() string { return "# inzage backup 1, " + string(p) }

func tail(n int) string { return fmt.Sprintf("# %d files", n) }

// Writer writes one part into an archive. Close completes it.
type Writer struct {
	to    ledger.Archive
	lines bytes.Buffer
	// Files and Bytes are what was added so far.
	Files int
	Bytes int64
}

// NewWriter begins a part.
func NewWriter(to ledger.Archive, part Part) *Writer {
	w := &Writer{to: to}
	w.lines.WriteString(part.head() + "\n")
	return w
}

// Add copies r into a file of that name: a path with slashes, never taken twice.
func (w *Writer) Add(name string, r io.Reader) error {
	into, err := w.to.Create(name)
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	h := sha256.New()
	n, err := io.Copy(io.MultiWriter(into, h), r)
	if err != nil {
		return fmt.Errorf("back up %s: %w", name, err)
	}
	fmt.Fprintf(&w.lines, "%s  %s\n", hex.EncodeToString(h.Sum(nil)), name)
	w.Files, w.Bytes = w.Files+1, w.Bytes+n
	return nil
}

// Close writes the manifest. The archive itself is closed by whoever opened it.
func (w *Writer) Close() error {
	w.lines.WriteString(tail(w.Files) + "\n")
	into, err := w.to.Create(manifestFile)
	if err == nil {
		_, err = into.Write(w.lines.Bytes())
	}
	if err != nil {
		return fmt.Errorf("write the manifest: %w", err)
	}
	return nil
}
