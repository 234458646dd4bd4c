package ledger_test

import (
	"encoding/base64"
	"errors"
	"strings"
	"testing"

	"inzage/services/ledger"
)

// fileOf is the proof file of an entry, which a checkpoint covers.
func fileOf(t *testing.T, w *world, number int64) string {
	t.Helper()
	c, err := w.Confirm(t.Context(), number)
	must(t, err)
	text := c.File()
	if text == "" {
		t.Fatalf("entry %d has no proof file: %+v", number, c)
	}
	return text
}

// TestProofFile writes the proof of every entry and reads each back, by
// OpenProof and by nothing but the format and RFC 6962.
func TestProofFile(t *testing.T) {
	const n = 21
	w := open(t, t.TempDir())
	w.seal(t, n)
	w.checkpoint(t)
	for number := range int64(n) {
		text := fileOf(t, w, number)
		p, err := ledger.OpenProof([]byte(text), w.Key.Public())
		must(t, err)
		if p.Number != number || p.Checkpoint.Size != n || p.Event.Object != "req_1" || leafOf(p.Data) != leafOf(recordAt(t, w, number)) {
			t.Errorf("entry %d: %+v", number, p)
		}
		head, note, _ := strings.Cut(text, "\n\n")
		lines := strings.Split(head, "\n")
		data, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(lines[1], "extra "))
		must(t, err)
		if got, root := climb(leafOf(data), number, n, lines[3:]), strings.Split(note, "\n")[2]; got != root {
			t.Errorf("entry %d leads to %s, signed is %s", number, got, root)
		}
	}
}

func recordAt(t *testing.T, w *world, number int64) []byte {
	t.Helper()
	records, err := w.Log.Read(t.Context(), number, 1)
	must(t, err)
	return records[0].Data
}

// climb is RFC 9162, 2.1.3.2, from a leaf to the root, in base64.
func climb(h sum, fn, size int64, path []string) string {
	sn := size - 1
	for _, line := range path {
		b, err := base64.StdEncoding.DecodeString(line)
		if err != nil {
			return err.Error()
		}
		p := sum(b)
		if fn&1 == 1 || fn == sn {
			h = nodeOf(p, h)
			for fn&1 == 0 && fn != 0 {
				fn, sn = fn>>1, sn>>1
			}
		} else {
			h = nodeOf(h, p)
		}
		fn, sn = fn>>1, sn>>1
	}
	return base64Of(h[:])
}

// TestEveryBitOfAProofFile flips every bit of proof files.
func TestEveryBitOfAProofFile(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 7)
	w.checkpoint(t)
	found, tried := 0, 0
	for _, number := range []int64{0, 4, 6} {
		text := fileOf(t, w, number)
		for i := range 8 * len(text) {
			b := []byte(text)
			b[i/8] ^= 1 << (i % 8)
			tried++
			_, err := ledger.OpenProof(b, w.Key.Public())
			if _, ok := errors.AsType[*ledger.Flaw](err); ok {
				found++
			} else {
				t.Errorf("entry %d, bit %d of byte %d: %v", number, i%8, i/8, err)
			}
		}
	}
	t.Logf("%d of %d flipped bits were found", found, tried)
}

func TestProofFileRefusals(t *testing.T) {
	w, other := open(t, t.TempDir()), open(t, t.TempDir())
	w.seal(t, 5)
	c, err := w.Confirm(t.Context(), 2)
	must(t, err)
	if c.File() != "" {
		t.Errorf("without a checkpoint there is a file: %q", c.File())
	}
	w.checkpoint(t)
	text := fileOf(t, w, 2)
	for name, bad := range map[string]struct{ text, want string }{
		"nothing":           {"", "not a proof"},
		"another format":    {strings.Replace(text, "@v1", "@v2", 1), "not a proof"},
		"another number":    {strings.Replace(text, "index 2", "index 3", 1), "not in the tree"},
		"a number too high": {strings.Replace(text, "index 2", "index 5", 1), "there is no entry 5"},
		"a negative number": {strings.Replace(text, "index 2", "index -2", 1), "there is no entry -2"},
		"a fingerprint gone": {strings.Replace(text, strings.Split(text, "\n")[3]+"\n", "", 1),
			"not in the tree"},
		"another entry": {strings.Replace(text, strings.Split(text, "\n")[1], strings.Split(fileOf(t, w, 3), "\n")[1], 1), "not in the tree"},
	} {
		_, err := ledger.OpenProof([]byte(bad.text), w.Key.Public())
		if err == nil || !strings.Contains(err.Error(), bad.want) {
			t.Errorf("%s: %v, want %q", name, err, bad.want)
		}
	}
	if _, err := ledger.OpenProof([]byte(text), other.Key.Public()); err == nil || !strings.Contains(err.Error(), "not among the known keys") {
		t.Errorf("with another's keys: %v", err)
	}
}
