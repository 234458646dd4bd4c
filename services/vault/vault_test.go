package vault_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/store"
	"inzage/services/store/sqlite"
	"inzage/services/vault"
	"inzage/services/vault/vaulttest"
)

func now() time.Time { return time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC) }

func keys(t testing.TB) document.Collection[vault.KeyRecord] {
	t.Helper()
	e, err := sqlite.Open(t.Context(), t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	return store.Collection[vault.KeyRecord](e, vault.Kinds[0])
}

func open(t testing.TB) (*vault.Vault, vaulttest.Folder) {
	t.Helper()
	return vaulttest.New(t, keys(t), now)
}

func create(t testing.TB, v *vault.Vault, object string) vault.Key {
	t.Helper()
	k, err := v.Create(t.Context(), object)
	if err != nil {
		t.Fatal(err)
	}
	return k
}

func TestFields(t *testing.T) {
	v, _ := open(t)
	a, b := create(t, v, "req_a"), create(t, v, "req_b")
	s, err := a.Seal("name", []byte("Jan de Vries"))
	if err != nil {
		t.Fatal(err)
	}
	if strings.Contains(string(s), "Jan") {
		t.Fatal("the name can be read in the sealed field")
	}
	again, err := v.Key(t.Context(), "req_a")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := again.Open("name", s); err != nil || string(got) != "Jan de Vries" {
		t.Fatalf("Open = %q, %v", got, err)
	}
	if got, err := again.Open("name", ""); err != nil || got != nil {
		t.Fatalf("Open of nothing = %q, %v", got, err)
	}
	for name, open := range map[string]func() ([]byte, error){
		"another field":  func() ([]byte, error) { return a.Open("email", s) },
		"another object": func() ([]byte, error) { return b.Open("name", s) },
		"a changed byte": func() ([]byte, error) { return a.Open("name", flip(s)) },
		"a cut field":    func() ([]byte, error) { return a.Open("name", s[:len(s)/2]) },
		"no base64":      func() ([]byte, error) { return a.Open("name", "%%%") },
	} {
		if got, err := open(); err == nil {
			t.Errorf("%s opens to %q", name, got)
		}
	}
}

func flip(s vault.Sealed) vault.Sealed {
	b := []byte(s)
	if b[20]++; b[20] > 'z' || b[20] == '[' || b[20] == ':' {
		b[20] = 'a'
	}
	return vault.Sealed(b)
}

func TestJSON(t *testing.T) {
	type person struct{ Name, Email string }
	v, _ := open(t)
	k := create(t, v, "acc_a")
	want := person{"Jan", "jan@example.nl"}
	s, err := vault.SealJSON(k, "person", want)
	if err != nil {
		t.Fatal(err)
	}
	got, err := vault.OpenJSON[person](k, "person", s)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Error(d)
	}
	if _, err := vault.OpenJSON[person](k, "other", s); err == nil {
		t.Error("another field opens it")
	}
}

func TestCreateTwice(t *testing.T) {
	v, _ := open(t)
	var wg sync.WaitGroup
	sealed := make([]vault.Sealed, 30)
	for i := range sealed {
		wg.Go(func() {
			k, err := v.Create(t.Context(), "req_a")
			if err != nil {
				t.Error(err)
				return
			}
			if sealed[i], err = k.Seal("f", []byte("x")); err != nil {
				t.Error(err)
			}
		})
	}
	wg.Wait()
	k, err := v.Key(t.Context(), "req_a")
	if err != nil {
		t.Fatal(err)
	}
	for i, s := range sealed {
		if _, err := k.Open("f", s); err != nil {
			t.Fatalf("field %d was sealed under a key that was not kept: %v", i, err)
		}
	}
}

func TestShred(t *testing.T) {
	v, blobs := open(t)
	a, b := create(t, v, "req_a"), create(t, v, "req_b")
	sealed, err := a.Seal("name", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, v, "req_a", "fil_1", []byte("one"))
	put(t, v, "req_b", "fil_1", []byte("two"))
	for range 2 {
		if err := v.Shred(t.Context(), "req_a"); err != nil {
			t.Fatal(err)
		}
	}
	for name, call := range map[string]func() error{
		"key":    func() error { _, err := v.Key(t.Context(), "req_a"); return err },
		"create": func() error { _, err := v.Create(t.Context(), "req_a"); return err },
		"open":   func() error { _, err := v.OpenFile(t.Context(), "req_a", "fil_1"); return err },
		"put": func() error {
			_, err := v.PutFile(t.Context(), "req_a", "fil_2", strings.NewReader("x"), 1, 10)
			return err
		},
	} {
		if err := call(); fault.KindOf(err) != fault.Gone {
			t.Errorf("%s after Shred = %v, want Gone", name, err)
		}
	}
	if d := cmp.Diff([]string{"req_b/fil_1"}, blobs.Names(t)); d != "" {
		t.Error(d)
	}
	if _, err := v.Key(t.Context(), "req_never"); fault.KindOf(err) != fault.NotFound {
		t.Errorf("Key of what never was = %v, want NotFound", err)
	}
	if _, err := b.Open("name", sealed); err == nil {
		t.Error("another object's key opens the field")
	}
	rec, err := v.Keys.Get(t.Context(), "req_a")
	if err != nil {
		t.Fatal(err)
	}
	if rec.Fields != nil || rec.Files != nil || len(rec.Pending) != 1 || rec.Pending[0].Action != "key.destroy" {
		t.Errorf("the tombstone still holds %+v", rec)
	}
}

func TestShredWhatNeverWas(t *testing.T) {
	v, _ := open(t)
	if err := v.Shred(t.Context(), "req_a"); err != nil {
		t.Fatal(err)
	}
	if _, err := v.Create(t.Context(), "req_a"); fault.KindOf(err) != fault.Gone {
		t.Errorf("Create after Shred = %v, want Gone", err)
	}
}

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

func TestFingerprint(t *testing.T) {
	v, _ := open(t)
	other, _ := open(t)
	a := v.Fingerprint("email", "jan@example.nl")
	if a != v.Fingerprint("email", "jan@example.nl") {
		t.Error("the same value gives two fingerprints")
	}
	for name, b := range map[string]string{
		"another value":   v.Fingerprint("email", "jan@example.be"),
		"another purpose": v.Fingerprint("name", "jan@example.nl"),
		"a moved border":  v.Fingerprint("emailj", "an@example.nl"),
		"another master":  other.Fingerprint("email", "jan@example.nl"),
	} {
		if a == b {
			t.Errorf("%s gives the same fingerprint", name)
		}
	}
}

func TestMaster(t *testing.T) {
	path := filepath.Join(t.TempDir(), "master.json")
	if _, err := vault.OpenMaster(path); err == nil {
		t.Error("a missing file opens")
	}
	if err := vault.CreateMaster(path); err != nil {
		t.Fatal(err)
	}
	if err := vault.CreateMaster(path); err == nil {
		t.Error("an existing file is overwritten")
	}
	good, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	cases := []struct {
		name    string
		content []byte
		mode    os.FileMode
		opens   bool
	}{
		{"as made", good, 0o600, true},
		{"read-only", good, 0o400, true},
		{"readable by the group", good, 0o640, false},
		{"readable by the world", good, 0o604, false},
		{"empty", nil, 0o600, false},
		{"cut off", good[:len(good)/2], 0o600, false},
		{"not JSON", []byte("secret"), 0o600, false},
		{"another format", bytes.Replace(good, []byte("inzage-master-1"), []byte("inzage-master-9"), 1), 0o600, false},
		{"no keys", []byte(`{"format":"inzage-master-1","wrap":{},"fingerprint":{}}`), 0o600, false},
	}
	for _, c := range cases {
		t.Run(c.name, func(t *testing.T) {
			path := filepath.Join(t.TempDir(), "master.json")
			if err := os.WriteFile(path, c.content, 0o600); err != nil {
				t.Fatal(err)
			}
			if err := os.Chmod(path, c.mode); err != nil {
				t.Fatal(err)
			}
			_, err := vault.OpenMaster(path)
			if (err == nil) != c.opens {
				t.Fatalf("OpenMaster = %v", err)
			}
			if err != nil && (strings.Contains(err.Error(), "\n") || strings.Contains(err.Error(), "secret")) {
				t.Errorf("the refusal is not one safe sentence: %v", err)
			}
		})
	}
}

func TestRotation(t *testing.T) {
	ctx := t.Context()
	path := filepath.Join(t.TempDir(), "master.json")
	if err := vault.CreateMaster(path); err != nil {
		t.Fatal(err)
	}
	records := keys(t)
	with := func() *vault.Vault {
		m, err := vault.OpenMaster(path)
		if err != nil {
			t.Fatal(err)
		}
		return &vault.Vault{Keys: records, Blobs: vaulttest.Folder(t.TempDir()), Master: m, Now: now}
	}
	before := with()
	s, err := create(t, before, "req_a").Seal("f", []byte("x"))
	if err != nil {
		t.Fatal(err)
	}
	if err := vault.RotateMaster(path); err != nil {
		t.Fatal(err)
	}
	after := with()
	k, err := after.Key(ctx, "req_a")
	if err != nil {
		t.Fatal(err)
	}
	if got, err := k.Open("f", s); err != nil || string(got) != "x" {
		t.Errorf("Open = %q, %v", got, err)
	}
	if before.Fingerprint("p", "v") != after.Fingerprint("p", "v") {
		t.Error("the fingerprints turned over with the wrapping key")
	}
	create(t, after, "req_b")
	if _, err := before.Key(ctx, "req_b"); err == nil {
		t.Error("the new object is wrapped under the old key")
	}
}

func TestMovedKeyRecord(t *testing.T) {
	v, _ := open(t)
	create(t, v, "req_a")
	create(t, v, "req_b")
	a, err := v.Keys.Get(t.Context(), "req_a")
	if err != nil {
		t.Fatal(err)
	}
	_, err = v.Keys.Touch(t.Context(), "req_b", func(r *vault.KeyRecord) error {
		r.Fields, r.Files = a.Fields, a.Files
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := v.Key(t.Context(), "req_b"); err == nil {
		t.Error("the wrapped key of another object unwraps")
	}
}
