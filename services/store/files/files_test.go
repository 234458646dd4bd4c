package files_test

import (
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"testing"

	"inzage/services/store/files"
)

// child names the case that this binary plays as a process of its own.
const child = "INZAGE_TEST_FILES_CHILD"

func TestMain(m *testing.M) {
	if folder := os.Getenv(child); folder != "" {
		os.Exit(fill(folder))
	}
	os.Exit(m.Run())
}

func open(t *testing.T, folder string) *files.Files {
	t.Helper()
	f, err := files.Open(folder)
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func names(t *testing.T, folder string) []string {
	t.Helper()
	var out []string
	err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			out = append(out, path)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func TestOpenSweepsWhatWasAbandoned(t *testing.T) {
	folder := t.TempDir()
	f := open(t, folder)
	left := filepath.Join(folder, "begun", "req_1.fil_1.ABC")
	if err := os.WriteFile(left, []byte("half"), 0o600); err != nil {
		t.Fatal(err)
	}
	w, err := f.Create(t.Context(), "req_1/fil_2")
	if err != nil {
		t.Fatal(err)
	}
	open(t, folder) // another process starts while the upload runs
	if _, err := os.Stat(left); err == nil {
		t.Error("the abandoned file is still there")
	}
	if err := w.Commit(); err != nil {
		t.Errorf("the running upload was swept: %v", err)
	}
	if got := names(t, folder); len(got) != 1 {
		t.Errorf("the folder holds %v, want one file", got)
	}
}

func TestOnlyTheOwnerReads(t *testing.T) {
	folder := filepath.Join(t.TempDir(), "new")
	f := open(t, folder)
	w, err := f.Create(t.Context(), "req_1/fil_1")
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Commit(); err != nil {
		t.Fatal(err)
	}
	err = filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		info, err := d.Info()
		if err == nil && info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s has mode %v", path, info.Mode())
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestFullDisk limits the size of files in a process of its own.
func TestFullDisk(t *testing.T) {
	cmd := exec.CommandContext(t.Context(), os.Args[0])
	cmd.Env = append(os.Environ(), child+"="+t.TempDir())
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}
