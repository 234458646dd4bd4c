package backup_test

import (
	"archive/zip"
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"testing"

	"inzage/services/backup"
)

const name = "store/inzage.db"

// written is a whole backup of one file, as a ZIP.
func written(f *testing.F, content string) []byte {
	f.Helper()
	var b bytes.Buffer
	z := &archive{zip.NewWriter(&b)}
	w := backup.NewWriter(z, backup.Content)
	if err := errors.Join(w.Add(name, bytes.NewReader([]byte(content))), w.Close(), z.Close()); err != nil {
		f.Fatal(err)
	}
	return b.Bytes()
}

// archive writes a ZIP without times, so that the same content has the same bytes.
type archive struct{ *zip.Writer }

func (a *archive) Create(name string) (io.Writer, error) {
	return a.CreateHeader(&zip.FileHeader{Name: name, Method: zip.Store})
}

// FuzzRestore: whatever somebody hands in as a backup, nothing is written
// outside the folder, and nothing is restored that its manifest does not vouch for.
func FuzzRestore(f *testing.F) {
	whole := written(f, "documents")
	f.Add(whole)
	f.Add(bytes.ReplaceAll(whole, []byte("documents"), []byte("Documents")))
	f.Add(bytes.ReplaceAll(whole, []byte(name), []byte("../../evil/a.db")))
	f.Add(whole[:len(whole)/2])
	f.Add([]byte("PK\x05\x06"))
	f.Fuzz(func(t *testing.T, data []byte) {
		folder := t.TempDir()
		path := filepath.Join(folder, "backup.zip")
		if err := os.WriteFile(path, data, 0o600); err != nil {
			t.Fatal(err)
		}
		into := filepath.Join(folder, "in", "to")
		c, err := backup.Open(path, backup.Content)
		var damage *backup.Damage
		if err != nil {
			if !errors.As(err, &damage) {
				t.Errorf("Open = %v, want damage", err)
			}
			return
		}
		defer c.Close()
		restored := c.Extract(into) == nil
		vouched(t, folder, into, data, restored)
	})
}

// vouched looks at every file that is there now.
func vouched(t *testing.T, folder, into string, data []byte, whole bool) {
	t.Helper()
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() || filepath.Base(path) == "backup.zip" {
			return err
		}
		if rel, rerr := filepath.Rel(into, path); rerr != nil || !filepath.IsLocal(rel) {
			t.Errorf("%s was written outside the folder", path)
		}
		content, err := os.ReadFile(path)
		sum := sha256.Sum256(content)
		// The manifest of a stored entry stands in the ZIP as it is.
		if whole && stored(data) && !bytes.Contains(data, []byte(hex.EncodeToString(sum[:]))) {
			t.Errorf("%s is not what the manifest vouches for", path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// stored tells whether no entry of the ZIP is compressed.
func stored(data []byte) bool {
	z, err := zip.NewReader(bytes.NewReader(data), int64(len(data)))
	if err != nil {
		return false
	}
	for _, f := range z.File {
		if f.Method != zip.Store {
			return false
		}
	}
	return true
}
