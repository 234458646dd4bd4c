package storetest

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"runtime"
	"testing"

	"inzage/services/document"
	"inzage/services/fault"
)

var blobs = map[string]func(*testing.T, Harness){
	"committed files come back byte for byte":   blobRoundTrip,
	"nothing is seen before the commit":         blobInvisible,
	"an aborted file leaves nothing":            blobAbort,
	"of thirty writers of one name one wins":    blobRace,
	"a name is taken":                           blobTaken,
	"delete one, and what is not there":         blobDelete,
	"delete all of one object":                  blobDeleteAll,
	"what is begun does not outlive delete all": blobDeleteBegun,
	"an ended request commits nothing":          blobContext,
	"names that are refused":                    blobNames,
	"a large file needs no memory":              blobLarge,
}

func put(t *testing.T, h Harness, name string, data []byte) {
	t.Helper()
	w, err := h.Blobs.Create(t.Context(), name)
	must(t, err)
	for part := data; len(part) > 0; {
		n := min(len(part), 10_000)
		written, err := w.Write(part[:n])
		if err != nil || written != n {
			t.Fatalf("Write = %d, %v, want %d", written, err, n)
		}
		part = part[n:]
	}
	must(t, w.Commit())
}

func read(t *testing.T, h Harness, name string) []byte {
	t.Helper()
	r, err := h.Blobs.Open(t.Context(), name)
	must(t, err)
	data, err := io.ReadAll(r)
	must(t, errors.Join(err, r.Close()))
	return data
}

func wantAbsent(t *testing.T, h Harness, name string) {
	t.Helper()
	r, err := h.Blobs.Open(t.Context(), name)
	if err == nil {
		_ = r.Close()
	}
	if !errors.Is(err, document.ErrNotFound) {
		t.Errorf("Open of %s = %v, want %v", name, err, document.ErrNotFound)
	}
}

func blobRoundTrip(t *testing.T, h Harness) {
	for i, size := range []int{0, 1, 9_999, 1 << 20, 1<<20 + 1, 3 << 20} {
		data := bytes.Repeat([]byte{0, 0xff, '\n', byte(i)}, size/4+1)[:size]
		name := fmt.Sprint("req_1/fil_", i)
		put(t, h, name, data)
		if got := read(t, h, name); !bytes.Equal(got, data) {
			t.Errorf("a file of %d bytes came back different, with %d bytes", size, len(got))
		}
	}
}

func blobInvisible(t *testing.T, h Harness) {
	w, err := h.Blobs.Create(t.Context(), "req_1/fil_1")
	must(t, err)
	_, err = w.Write([]byte("half"))
	must(t, err)
	wantAbsent(t, h, "req_1/fil_1")
	must(t, w.Commit())
	if got := read(t, h, "req_1/fil_1"); string(got) != "half" {
		t.Errorf("read %q", got)
	}
	if err := w.Commit(); err == nil {
		t.Error("the second Commit was accepted")
	}
	if _, err := w.Write([]byte("more")); err == nil {
		t.Error("Write after Commit was accepted")
	}
	must(t, w.Abort())
	if got := read(t, h, "req_1/fil_1"); string(got) != "half" {
		t.Errorf("read %q after a late Abort", got)
	}
}

func blobAbort(t *testing.T, h Harness) {
	w, err := h.Blobs.Create(t.Context(), "req_1/fil_1")
	must(t, err)
	_, err = w.Write(make([]byte, 3<<20))
	must(t, err)
	must(t, w.Abort())
	must(t, w.Abort())
	wantAbsent(t, h, "req_1/fil_1")
	if err := w.Commit(); err == nil {
		t.Error("Commit after Abort was accepted")
	}
	wantAbsent(t, h, "req_1/fil_1")
	put(t, h, "req_1/fil_1", []byte("second try"))
}

func blobRace(t *testing.T, h Harness) {
	errs := race(30, func(i int) error {
		w, err := h.Blobs.Create(t.Context(), "req_1/fil_1")
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(w, "%d", i); err != nil {
			return errors.Join(err, w.Abort())
		}
		return w.Commit()
	})
	won := -1
	for i, err := range errs {
		switch {
		case err == nil && won >= 0:
			t.Errorf("writers %d and %d both won", won, i)
		case err == nil:
			won = i
		case fault.KindOf(err) != fault.Conflict:
			t.Errorf("writer %d: %v, want a conflict", i, err)
		}
	}
	if got := string(read(t, h, "req_1/fil_1")); got != fmt.Sprint(won) {
		t.Errorf("stored is the file of writer %s, winner is %d", got, won)
	}
}

func blobTaken(t *testing.T, h Harness) {
	put(t, h, "req_1/fil_1", []byte("first"))
	w, err := h.Blobs.Create(t.Context(), "req_1/fil_1")
	if err == nil {
		err = w.Commit()
	}
	if fault.KindOf(err) != fault.Conflict {
		t.Errorf("a taken name = %v, want a conflict", err)
	}
	if got := read(t, h, "req_1/fil_1"); string(got) != "first" {
		t.Errorf("read %q, want the first", got)
	}
}

func blobDelete(t *testing.T, h Harness) {
	put(t, h, "req_1/fil_1", []byte("x"))
	put(t, h, "req_1/fil_2", []byte("y"))
	must(t, h.Blobs.Delete(t.Context(), "req_1/fil_1"))
	must(t, h.Blobs.Delete(t.Context(), "req_1/fil_1"))
	wantAbsent(t, h, "req_1/fil_1")
	if got := read(t, h, "req_1/fil_2"); string(got) != "y" {
		t.Errorf("read %q", got)
	}
	put(t, h, "req_1/fil_1", []byte("again"))
}

func blobDeleteAll(t *testing.T, h Harness) {
	for _, name := range []string{"req_1/fil_1", "req_1/fil_2", "req_12/fil_1"} {
		put(t, h, name, []byte(name))
	}
	must(t, h.Blobs.DeleteAll(t.Context(), "req_1/"))
	must(t, h.Blobs.DeleteAll(t.Context(), "req_1/"))
	wantAbsent(t, h, "req_1/fil_1")
	wantAbsent(t, h, "req_1/fil_2")
	if got := read(t, h, "req_12/fil_1"); string(got) != "req_12/fil_1" {
		t.Errorf("the other object's file reads %q", got)
	}
	for _, prefix := range []string{"", "/", "req_1", "req_12/f", "../"} {
		if err := h.Blobs.DeleteAll(t.Context(), prefix); err == nil {
			t.Errorf("DeleteAll of %q was accepted", prefix)
		}
	}
}

func blobDeleteBegun(t *testing.T, h Harness) {
	w, err := h.Blobs.Create(t.Context(), "req_1/fil_1")
	must(t, err)
	_, err = w.Write(make([]byte, 2<<20))
	must(t, err)
	must(t, h.Blobs.DeleteAll(t.Context(), "req_1/"))
	if err := w.Commit(); err == nil {
		t.Error("Commit after DeleteAll was accepted")
	}
	wantAbsent(t, h, "req_1/fil_1")
}

func blobContext(t *testing.T, h Harness) {
	ctx, cancel := context.WithCancel(t.Context())
	w, err := h.Blobs.Create(ctx, "req_1/fil_1")
	must(t, err)
	_, err = w.Write([]byte("half of it"))
	must(t, err)
	cancel()
	if err := w.Commit(); err == nil {
		t.Error("Commit under an ended context was accepted")
	}
	must(t, w.Abort())
	wantAbsent(t, h, "req_1/fil_1")
}

func blobNames(t *testing.T, h Harness) {
	for _, name := range []string{"", "a", "/", "a/", "/b", "../b", "a/..", "a/b/c", "a/b.c", "a b/c", "a/\x00", "é/b", "a\\b/c", "$ne/x"} {
		if _, err := h.Blobs.Create(t.Context(), name); err == nil {
			t.Errorf("Create of %q was accepted", name)
		}
		if _, err := h.Blobs.Open(t.Context(), name); err == nil {
			t.Errorf("Open of %q was accepted", name)
		}
		if err := h.Blobs.Delete(t.Context(), name); err == nil {
			t.Errorf("Delete of %q was accepted", name)
		}
	}
}

// blobLarge streams a file and watches the heap. GridFS keeps a buffer of
// 16 MiB per upload in the driver, hence the allowance.
func blobLarge(t *testing.T, h Harness) {
	const allowed = 56 << 20
	size := h.Large
	if size == 0 {
		size = 96 << 20
	}
	runtime.GC()
	var before, now runtime.MemStats
	runtime.ReadMemStats(&before)
	w, err := h.Blobs.Create(t.Context(), "req_1/fil_1")
	must(t, err)
	part := bytes.Repeat([]byte("0123456789abcdef"), 64<<10/16)
	sum := sha256.New()
	var most uint64
	for i := 0; i < size; i += len(part) {
		part[0] = byte(i >> 16)
		sum.Write(part)
		_, err := w.Write(part)
		must(t, err)
		if i%(8<<20) == 0 {
			runtime.GC() // what is live counts, not what waits to be collected
			runtime.ReadMemStats(&now)
			most = max(most, now.HeapAlloc)
		}
	}
	must(t, w.Commit())
	r, err := h.Blobs.Open(t.Context(), "req_1/fil_1")
	must(t, err)
	back := sha256.New()
	n, err := io.Copy(back, r)
	must(t, errors.Join(err, r.Close()))
	runtime.GC()
	runtime.ReadMemStats(&now)
	most = max(most, now.HeapAlloc)
	if n != int64(size) || !bytes.Equal(sum.Sum(nil), back.Sum(nil)) {
		t.Errorf("read %d bytes with digest %s", n, hex.EncodeToString(back.Sum(nil)))
	}
	if grown := int64(most) - int64(before.HeapAlloc); grown > allowed {
		t.Errorf("the heap grew by %d MiB for a file of %d MiB", grown>>20, size>>20)
	}
}
