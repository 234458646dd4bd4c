package backup

import (
	"archive/zip"
	"bufio"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"inzage/services/ledger"
)

// Damage says in one sentence what is wrong with a copy.
type Damage struct{ Text string }

func (d *Damage) Error() string { return d.Text }

func damaged(text string, args ...any) error { return &Damage{fmt.Sprintf(text, args...)} }

// Copy is a part of a backup that was opened to be restored.
type Copy struct {
	files fs.FS
	close func() error
	list  []file
}

// file is a line of the manifest.
type file struct{ name, sum string }

// Open opens a folder or a ZIP and reads its manifest. What is not that part of
// a backup, or has a file too many, is a *Damage.
func Open(path string, part Part) (*Copy, error) {
	info, err := os.Stat(path)
	if err != nil {
		return nil, fmt.Errorf("open the backup: %w", err)
	}
	c := &Copy{files: os.DirFS(path), close: func() error { return nil }}
	if info.IsDir() {
		return c, c.read(part)
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("open the backup: %w", err)
	}
	z, err := zip.NewReader(f, info.Size())
	if err != nil {
		return nil, errors.Join(damaged("%s is neither a folder nor a whole ZIP", path), f.Close())
	}
	c.files, c.close = z, f.Close
	err = c.read(part)
	if err == nil {
		err = c.exact(f, info.Size(), z)
	}
	if err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return c, nil
}

// Close closes the file behind the copy.
func (c *Copy) Close() error { return c.close() }

func (c *Copy) read(part Part) error {
	f, err := c.files.Open(manifestFile)
	if err != nil {
		return damaged("it has no %s, so it is no backup or not a whole one", manifestFile)
	}
	defer f.Close()
	lines := bufio.NewScanner(f)
	if !lines.Scan() || lines.Text() != part.head() {
		return damaged("its %s is not that of the %s of a backup", manifestFile, part)
	}
	listed := map[string]bool{manifestFile: true}
	for lines.Scan() {
		if lines.Text() == tail(len(c.list)) && !lines.Scan() {
			return c.complete(listed)
		}
		sum, name, ok := strings.Cut(lines.Text(), "  ")
		if !ok || len(sum) != hex.EncodedLen(sha256.Size) || !fs.ValidPath(name) || listed[name] {
			return damaged("line %d of its %s was changed", len(c.list)+2, manifestFile)
		}
		listed[name] = true
		c.list = append(c.list, file{name, sum})
	}
	return damaged("its %s is cut off", manifestFile)
}

// complete refuses a copy with a file that nothing vouches for.
func (c *Copy) complete(listed map[string]bool) error {
	return fs.WalkDir(c.files, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			return damaged("it cannot be read whole")
		}
		if !d.IsDir() && !listed[name] {
			return damaged("%s is in it, but not in its %s", name, manifestFile)
		}
		return nil
	})
}

func (c *Copy) exact(f io.ReaderAt, size int64, z *zip.Reader) error {
	names := make([]string, 0, len(c.list)+1)
	for _, f := range c.list {
		names = append(names, f.name)
	}
	if err := ledger.ExactZIP(f, size, z, append(names, manifestFile)); err != nil {
		return damaged("%s", err)
	}
	return nil
}

// Extract writes every file below the folder, readable by its owner only and
// durable, and holds each against the manifest. A file that is missing or is
// not what was backed up is a *Damage; what was written by then stays.
func (c *Copy) Extract(folder string) error {
	for _, f := range c.list {
		if err := c.extract(f, filepath.Join(folder, filepath.FromSlash(f.name))); err != nil {
			return err
		}
	}
	return nil
}

func (c *Copy) extract(f file, path string) error {
	from, err := c.files.Open(f.name)
	if errors.Is(err, fs.ErrNotExist) {
		return damaged("%s is missing", f.name)
	}
	if err != nil {
		return fmt.Errorf("restore %s: %w", f.name, err)
	}
	defer from.Close()
	if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
		return fmt.Errorf("restore %s: %w", f.name, err)
	}
	into, err := os.OpenFile(path, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return fmt.Errorf("restore %s: %w", f.name, err)
	}
	h := sha256.New()
	_, err = io.Copy(io.MultiWriter(into, h), from)
	if err := errors.Join(err, into.Sync(), into.Close()); err != nil {
		return fmt.Errorf("restore %s: %w", f.name, err)
	}
	if hex.EncodeToString(h.Sum(nil)) != f.sum {
		return damaged("%s is not what was backed up: its SHA-256 is another", f.name)
	}
	return nil
}
