package ledger_test

import (
	"errors"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"inzage/services/ledger"
)

// exported makes an export in memory: the content of every file by its name.
func exported(t testing.TB, w *world) files {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export")
	must(t, ledger.WriteExport(path, func(a ledger.Archive) error {
		_, err := w.Export(t.Context(), a)
		return err
	}))
	return readFiles(t, path)
}

func readFiles(t testing.TB, path string) files {
	t.Helper()
	f := files{}
	list, err := os.ReadDir(path)
	must(t, err)
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(path, e.Name()))
		must(t, err)
		f[e.Name()] = string(b)
	}
	return f
}

type files map[string]string

func (f files) fs() fs.FS {
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func (f files) verify(t testing.TB, terms ledger.Terms) (ledger.Report, error) {
	t.Helper()
	return ledger.Verify(t.Context(), f.fs(), terms)
}

// flawed asserts that the export is refused with a flaw that says want.
func (f files) flawed(t testing.TB, terms ledger.Terms, want string) {
	t.Helper()
	_, err := f.verify(t, terms)
	var flaw *ledger.Flaw
	if !errors.As(err, &flaw) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("Verify = %v, want a flaw with %q in it", err, want)
	}
}

func (f files) lines() []string { return strings.SplitAfter(f["entries.jsonl"], "\n") }

func (f files) with(name, text string) files {
	g := maps.Clone(f)
	g[name] = text
	return g
}

func (f files) withLines(lines []string) files {
	return f.with("entries.jsonl", strings.Join(lines, ""))
}

func TestExportRefusesADamagedStore(t *testing.T) {
	for name, c := range map[string]struct{ statement, want string }{
		"changed data":       {`UPDATE "log:records" SET data = replace(data, 'parcel.weigh', 'parcel.paint') WHERE number = 4`, "entry 4 in the store is damaged: its data do not have the stored hash"},
		"a changed hash":     {`UPDATE "log:records" SET hashes = zeroblob(32) WHERE number = 6`, "entry 6 in the store is damaged: its data"},
		"a hash too many":    {`UPDATE "log:records" SET hashes = zeroblob(64) WHERE number = 6`, "entry 6 in the store is damaged: it stores another number"},
		"a changed object":   {`UPDATE "log:records" SET object = 'req_2' WHERE number = 3`, "entry 3 in the store is damaged: it is filed under another"},
		"a changed event id": {`UPDATE "log:records" SET event = 'evt_2' WHERE number = 3`, "entry 3 in the store is damaged: it is filed under another"},
		"a missing record":   {`DELETE FROM "log:records" WHERE number = 8`, "the log lacks entry 8"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, t.TempDir())
			w.seal(t, 20)
			w.tamper(t, c.statement)
			path := filepath.Join(t.TempDir(), "export")
			err := ledger.WriteExport(path, func(a ledger.Archive) error {
				_, err := w.Export(t.Context(), a)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Export = %v, want %q in it", err, c.want)
			}
			if list, err := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 0 {
				t.Errorf("%v is left of the export, %v", list, err)
			}
		})
	}
}

func TestWriteExport(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 25)
	folder := t.TempDir()
	export := func(a ledger.Archive) error { _, err := w.Export(t.Context(), a); return err }
	t.Chdir(folder)
	for _, path := range []string{
		filepath.Join(folder, "a"), filepath.Join(folder, "b.zip"), filepath.Join(folder, "c") + "/",
		"d", "./e", "f/", "../" + filepath.Base(folder) + "/g", "h.zip", "./i.zip",
	} {
		must(t, ledger.WriteExport(path, export))
		info, err := os.Stat(path)
		must(t, err)
		if info.IsDir() != !strings.HasSuffix(path, ".zip") || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v", path, info.Mode())
		}
		r, err := ledger.VerifyFile(t.Context(), path, ledger.Terms{Keys: w.Key.Public()})
		if err != nil || r.Checkpoint.Size != 25 || len(r.Unlisted) != 0 {
			t.Errorf("%s: %+v, %v", path, r, err)
		}
		if err := ledger.WriteExport(path, export); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("%s over what is there: %v", path, err)
		}
	}
	if _, err := ledger.VerifyFile(t.Context(), filepath.Join(folder, "none"), ledger.Terms{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("VerifyFile of nothing = %v", err)
	}
	text := filepath.Join(folder, "text")
	must(t, os.WriteFile(text, []byte("hello"), 0o600))
	var flaw *ledger.Flaw
	if _, err := ledger.VerifyFile(t.Context(), text, ledger.Terms{}); !errors.As(err, &flaw) {
		t.Errorf("VerifyFile of a text = %v", err)
	}
}
