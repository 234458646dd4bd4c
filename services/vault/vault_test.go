package vault_test

import (
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
