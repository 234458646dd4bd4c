package sqlite_test

import (
	"path/filepath"
	"testing"

	"inzage/services/store"
	"inzage/services/store/files"
	"inzage/services/store/sqlite"
	"inzage/services/store/storetest"
)

func open(t testing.TB, folder string) *sqlite.Engine {
	t.Helper()
	e, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := e.Close(); err != nil {
			t.Error(err)
		}
	})
	return e
}

func TestContract(t *testing.T) {
	storetest.Run(t, func(t *testing.T) storetest.Harness {
		folder := t.TempDir()
		e := open(t, folder)
		blobs, err := files.Open(filepath.Join(folder, "files"))
		if err != nil {
			t.Fatal(err)
		}
		return storetest.Harness{
			Engine: e,
			Blobs:  blobs,
			Reopen: func(t *testing.T) store.Engine {
				if err := e.Close(); err != nil {
					t.Fatal(err)
				}
				return open(t, folder)
			},
		}
	})
}
