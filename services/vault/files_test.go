package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/fault"
	"inzage/services/vault"
)

func put(t testing.TB, v *vault.Vault, object, file string, b []byte) vault.FileInfo {
	t.Helper()
	info, err := v.PutFile(t.Context(), object, file, bytes.NewReader(b), int64(len(b)), 1<<30)
	if err != nil {
		t.Fatal(err)
	}
	return info
}

func TestFiles(t *testing.T) {
	v, blobs := open(t)
	create(t, v, "req_a")
	for _, size := range []int{0, 1, 65_000, 65_536, 200_000} {
		b := bytes.Repeat([]byte("inzage!"), size/7+1)[:size]
		file := "fil_" + hex.EncodeToString([]byte{byte(size % 251)})
		info := put(t, v, "req_a", file, b)
		sum := sha256.Sum256(b)
		if d := cmp.Diff(vault.FileInfo{Size: int64(size), SHA256: hex.EncodeToString(sum[:])}, info); d != "" {
			t.Errorf("%d bytes: %s", size, d)
		}
		got, err := read(t, v, "req_a", file)
		if err != nil || !bytes.Equal(got, b) {
			t.Errorf("%d bytes come back as %d, %v", size, len(got), err)
		}
		raw, err := os.ReadFile(blobs.Path("req_a/" + file))
		if err != nil {
			t.Fatal(err)
		}
		if size > 7 && bytes.Contains(raw, []byte("inzage!")) {
			t.Errorf("%d bytes can be read in the blob", size)
		}
	}
}

func read(t testing.TB, v *vault.Vault, object, file string) ([]byte, error) {
	t.Helper()
	r, err := v.OpenFile(t.Context(), object, file)
	if err != nil {
		return nil, err
	}
	defer r.Close()
	return io.ReadAll(r)
}

func TestDamagedFiles(t *testing.T) {
	plain := bytes.Repeat([]byte("x"), 200_000)
	cases := map[string]func(b []byte) []byte{
		"cut in a segment":    func(b []byte) []byte { return b[:len(b)-10] },
		"cut at a segment":    func(b []byte) []byte { return b[:65_536] },
		"cut to the header":   func(b []byte) []byte { return b[:40] },
		"empty":               func([]byte) []byte { return nil },
		"changed at the end":  func(b []byte) []byte { b[len(b)-1] ^= 1; return b },
		"changed at the head": func(b []byte) []byte { b[50] ^= 1; return b },
		"longer":              func(b []byte) []byte { return append(b, 'x') },
	}
	for name, damage := range cases {
		t.Run(name, func(t *testing.T) {
			v, blobs := open(t)
			create(t, v, "req_a")
			put(t, v, "req_a", "fil_1", plain)
			path := blobs.Path("req_a/fil_1")
			b, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, damage(b), 0o600); err != nil {
				t.Fatal(err)
			}
			if got, err := read(t, v, "req_a", "fil_1"); err == nil {
				t.Errorf("it reads as %d bytes without an error", len(got))
			}
		})
	}
}

func TestSwappedFiles(t *testing.T) {
	v, blobs := open(t)
	create(t, v, "req_a")
	create(t, v, "req_b")
	put(t, v, "req_a", "fil_1", []byte("one"))
	put(t, v, "req_b", "fil_1", []byte("two"))
	b, err := os.ReadFile(blobs.Path("req_a/fil_1"))
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"req_a/fil_2", "req_b/fil_1"} {
		if err := os.WriteFile(blobs.Path(name), b, 0o600); err != nil {
			t.Fatal(err)
		}
		object, file, _ := strings.Cut(name, "/")
		if got, err := read(t, v, object, file); err == nil {
			t.Errorf("the blob of another file reads as %q under %s", got, name)
		}
	}
}

func TestRefusedUploads(t *testing.T) {
	broken := errors.New("connection reset")
	cases := []struct {
		name        string
		body        io.Reader
		size, limit int64
		want        error
	}{
		{"fewer bytes than announced", strings.NewReader("abc"), 5, 10, vault.ErrCutOff},
		{"more bytes than announced", strings.NewReader("abcdef"), 5, 10, vault.ErrCutOff},
		{"announced over the limit", strings.NewReader("abc"), 11, 10, vault.ErrTooLarge},
		{"longer than the limit", strings.NewReader("abcdefghijk"), -1, 10, vault.ErrTooLarge},
		{"a broken connection", io.MultiReader(strings.NewReader("abc"), failing{broken}), -1, 10, vault.ErrCutOff},
		{"refused by its reader", failing{fault.New(fault.UnsupportedType, "No.")}, -1, 10, fault.New(fault.UnsupportedType, "No.")},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			v, blobs := open(t)
			create(t, v, "req_a")
			_, err := v.PutFile(t.Context(), "req_a", "fil_1", c.body, c.size, c.limit)
			if !errors.Is(err, c.want) {
				t.Errorf("PutFile = %v, want %v", err, c.want)
			}
			if left := blobs.Names(t); len(left) != 0 {
				t.Errorf("left behind: %v", left)
			}
			put(t, v, "req_a", "fil_1", []byte("exactly10."))
		})
	}
	t.Run("a caller who has gone", func(t *testing.T) {
		v, blobs := open(t)
		create(t, v, "req_a")
		ctx, cancel := context.WithCancel(t.Context())
		body := io.MultiReader(strings.NewReader("abc"), after{cancel}, strings.NewReader("def"))
		if _, err := v.PutFile(ctx, "req_a", "fil_1", body, -1, 10); !errors.Is(err, vault.ErrCutOff) {
			t.Errorf("PutFile = %v, want ErrCutOff", err)
		}
		if left := blobs.Names(t); len(left) != 0 {
			t.Errorf("left behind: %v", left)
		}
	})
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

type after struct{ do func() }

func (a after) Read([]byte) (int, error) { a.do(); return 0, io.EOF }

func TestShredDuringUpload(t *testing.T) {
	v, blobs := open(t)
	create(t, v, "req_a")
	shred := after{func() {
		if err := v.Shred(t.Context(), "req_a"); err != nil {
			t.Error(err)
		}
	}}
	_, err := v.PutFile(t.Context(), "req_a", "fil_1", io.MultiReader(strings.NewReader("abc"), shred), -1, 10)
	if fault.KindOf(err) != fault.Gone {
		t.Errorf("PutFile = %v, want Gone", err)
	}
	if left := blobs.Names(t); len(left) != 0 {
		t.Errorf("left behind: %v", left)
	}
}

// TestFlatMemory streams 1 GiB (64 MiB with -short) both ways.
func TestFlatMemory(t *testing.T) {
	size := int64(1 << 30)
	if testing.Short() || raceEnabled {
		size = 64 << 20
	}
	v, _ := open(t)
	create(t, v, "req_a")
	w := watch(t)
	info, err := v.PutFile(t.Context(), "req_a", "fil_1", io.LimitReader(zeros{}, size), size, 2<<30)
	if err != nil || info.Size != size {
		t.Fatalf("PutFile = %v, %v", info, err)
	}
	r, err := v.OpenFile(t.Context(), "req_a", "fil_1")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	n, err := io.Copy(io.Discard, r)
	if err != nil || n != size {
		t.Fatalf("read %d bytes, %v", n, err)
	}
	if peak := w(); peak > 16<<20 {
		t.Errorf("%d MiB took %d MiB of heap", size>>20, peak>>20)
	} else {
		t.Logf("%d MiB took %d KiB of heap at most", size>>20, peak>>10)
	}
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// watch samples the heap until the returned function is called, which says how
// far it rose.
func watch(t *testing.T) func() uint64 {
	t.Helper()
	var m runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&m)
	start, peak := m.HeapInuse, m.HeapInuse
	stop, done := make(chan struct{}), make(chan struct{})
	go func() {
		defer close(done)
		tick := time.NewTicker(10 * time.Millisecond)
		defer tick.Stop()
		for {
			runtime.ReadMemStats(&m)
			peak = max(peak, m.HeapInuse)
			select {
			case <-stop:
				return
			case <-tick.C:
			}
		}
	}()
	return func() uint64 { close(stop); <-done; return peak - start }
}
