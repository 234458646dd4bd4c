package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"

	"inzage/handlers/web"
)

// demoFile marks a folder as the demo's, and keeps what signs its made-up
// people in: the store itself has only hashes.
const demoFile = "demo.json"

const demoFormat = "inzage-demo-1"

// demoFolder is the content of that file.
type demoFolder struct {
	Format   string            `json:"format"`
	Filled   bool              `json:"filled"`
	Accounts []web.DemoAccount `json:"accounts"`
}

// claimDemo makes the folder ready for the demo. A folder whose filling was cut
// short is emptied; one that holds anything but a demo is refused untouched.
func claimDemo(dir string) (demoFolder, error) {
	f, err := readDemo(dir)
	if err != nil || f.Filled {
		return f, err
	}
	if f.Format != "" {
		// Only what the demo made is removed.
		for _, name := range demoParts {
			if err := os.RemoveAll(filepath.Join(dir, name)); err != nil {
				return demoFolder{}, fmt.Errorf("empty the folder of a demo that was cut short: %w", err)
			}
		}
	}
	if err := private(dir); err != nil {
		return demoFolder{}, err
	}
	f = demoFolder{Format: demoFormat}
	return f, writeDemo(dir, f)
}

// demoParts are what the demo puts into its folder, apart from demoFile.
var demoParts = []string{"store", "files", "keys", "mail"}

func readDemo(dir string) (demoFolder, error) {
	raw, err := os.ReadFile(filepath.Join(dir, demoFile))
	if errors.Is(err, fs.ErrNotExist) {
		return demoFolder{}, unused(dir)
	}
	if err != nil {
		return demoFolder{}, fmt.Errorf("read the demo's folder: %w", err)
	}
	var f demoFolder
	if err := json.Unmarshal(raw, &f); err != nil || f.Format != demoFormat {
		return demoFolder{}, usage("The folder %s holds a demo that this version cannot read; choose another with INZAGE_DATA.", dir)
	}
	return f, nil
}

// unused refuses a folder in which something stands.
func unused(dir string) error {
	entries, err := os.ReadDir(dir)
	if errors.Is(err, fs.ErrNotExist) || err == nil && len(entries) == 0 {
		return nil
	}
	if err != nil {
		return fmt.Errorf("look into the folder %s: %w", dir, err)
	}
	return usage("The folder %s holds something that is not a demo; choose an empty one with INZAGE_DATA.", dir)
}

// writeDemo replaces the file whole, so that a cut leaves the old or the new one.
func writeDemo(dir string, f demoFolder) error {
	raw, err := json.MarshalIndent(f, "", "  ")
	if err != nil {
		return fmt.Errorf("write the demo's accounts: %w", err)
	}
	path := filepath.Join(dir, demoFile)
	if err := os.WriteFile(path+".new", append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("write the demo's accounts: %w", err)
	}
	if err := os.Rename(path+".new", path); err != nil {
		return fmt.Errorf("write the demo's accounts: %w", err)
	}
	return nil
}
