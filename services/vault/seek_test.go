package vault_test

import (
	"bytes"
	"context"
	"io"
	"math/rand/v2"
	"os"
	"testing"

	"inzage/services/vault"
)

// A file is read on from every kind of place, and nothing before it is
// decrypted; what was changed behind that place ends in an error.
func TestSeek(t *testing.T) {
	v, blobs := open(t)
	create(t, v, "req_a")
	const first, each = 65_536 - 16 - 40, 65_536 - 16
	for _, size := range []int{1, first - 2, first - 1, first, 200_000, first + 2*each - 1} {
		b := make([]byte, size)
		for i := range b {
			b[i] = byte(rand.IntN(256))
		}
		put(t, v, "req_a", "fil_1", b)
		for _, at := range []int{0, 1, first - 3, first - 2, first - 1, first, first + 1, first + each - 1, first + each, size / 2, size - 1} {
			if at < 0 || at >= size {
				continue
			}
			r, err := v.OpenFile(t.Context(), "req_a", "fil_1")
			if err != nil {
				t.Fatal(err)
			}
			if _, err := r.Seek(int64(at), io.SeekStart); err != nil {
				t.Fatalf("%d bytes, to %d: %v", size, at, err)
			}
			got, err := io.ReadAll(r)
			if err != nil || !bytes.Equal(got, b[at:]) {
				t.Errorf("%d bytes from %d: %d of %d come, %v", size, at, len(got), size-at, err)
			}
			if err := r.Close(); err != nil {
				t.Error(err)
			}
		}
		if err := v.DeleteFile(t.Context(), "req_a", "fil_1"); err != nil {
			t.Fatal(err)
		}
	}

	put(t, v, "req_a", "fil_1", make([]byte, 5*each))
	path := blobs.Path("req_a/fil_1")
	whole, err := os.ReadFile(path)
	if err != nil {
		t.Fatal(err)
	}
	for name, damage := range map[string]func([]byte) []byte{
		"a changed byte": func(b []byte) []byte { b[4*65_536+9] ^= 1; return b },
		"segments exchanged": func(b []byte) []byte {
			return append(append(b[:3*65_536:3*65_536], b[4*65_536:5*65_536]...), b[3*65_536:]...)
		},
		"cut after a segment": func(b []byte) []byte { return b[:5*65_536] },
	} {
		if err := os.WriteFile(path, damage(bytes.Clone(whole)), 0o600); err != nil {
			t.Fatal(err)
		}
		r, err := v.OpenFile(t.Context(), "req_a", "fil_1")
		if err != nil {
			t.Fatal(err)
		}
		if _, err = r.Seek(3*each, io.SeekStart); err == nil {
			_, err = io.ReadAll(r)
		}
		if err == nil {
			t.Errorf("%s: nothing is noticed", name)
		}
		_ = r.Close()
	}
}

// counted counts what is read of the blobs beneath.
type counted struct {
	vault.Blobs
	read *int64
}

type countedBlob struct {
	io.ReadSeekCloser
	read *int64
}

func (b countedBlob) Read(p []byte) (int, error) {
	n, err := b.ReadSeekCloser.Read(p)
	*b.read += int64(n)
	return n, err
}

func (c counted) Open(ctx context.Context, name string) (io.ReadCloser, error) {
	r, err := c.Blobs.Open(ctx, name)
	if err != nil {
		return nil, err
	}
	return countedBlob{r.(io.ReadSeekCloser), c.read}, nil
}

// TestSeekSkips: to read on from the end takes a few segments, not all that
// stands before it.
func TestSeekSkips(t *testing.T) {
	v, _ := open(t)
	create(t, v, "req_a")
	const size, least = 64 << 20, 8 << 20
	if _, err := v.PutFile(t.Context(), "req_a", "fil_1", io.LimitReader(zeros{}, size), size, size); err != nil {
		t.Fatal(err)
	}
	var read int64
	v.Blobs = counted{v.Blobs, &read}
	r, err := v.OpenFile(t.Context(), "req_a", "fil_1")
	if err != nil {
		t.Fatal(err)
	}
	defer r.Close()
	if _, err := r.Seek(size-1000, io.SeekStart); err != nil {
		t.Fatal(err)
	}
	if n, err := io.Copy(io.Discard, r); err != nil || n != 1000 {
		t.Fatalf("read %d, %v", n, err)
	}
	if read == 0 || read > least {
		t.Errorf("%d bytes were read for the last thousand of %d", read, size)
	}
}
