package ledger

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
)

func writeAndSync(f *os.File, b []byte) error {
	_, err := f.Write(b)
	if err = errors.Join(err, f.Sync(), f.Close()); err != nil {
		return fmt.Errorf("write %s: %w", f.Name(), err)
	}
	return nil
}

// syncFolder makes the name of a new file durable, not only its content.
func syncFolder(path string) error { return syncNames(filepath.Dir(path)) }

// syncNames makes the names in a folder durable.
func syncNames(folder string) error {
	d, err := os.Open(folder)
	if err != nil {
		return fmt.Errorf("open the folder %s: %w", folder, err)
	}
	if err := errors.Join(d.Sync(), d.Close()); err != nil {
		return fmt.Errorf("sync the folder %s: %w", folder, err)
	}
	return nil
}

// replaceFile puts a whole new file in the place of the old one: a crash
// leaves the one or the other. Only the owner can read it.
func replaceFile(path string, b []byte) error {
	f, err := os.CreateTemp(filepath.Dir(path), ".ledger-*") // mode 0600
	if err != nil {
		return fmt.Errorf("write %s: %w", path, err)
	}
	defer os.Remove(f.Name()) // gone already after the rename
	if err := writeAndSync(f, b); err != nil {
		return err
	}
	if err := os.Rename(f.Name(), path); err != nil {
		return fmt.Errorf("put the new %s in place: %w", path, err)
	}
	return syncFolder(path)
}
