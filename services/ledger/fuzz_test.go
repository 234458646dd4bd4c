package ledger_test

import (
	"slices"
	"strings"
	"testing"

	"golang.org/x/mod/sumdb/note"

	"inzage/services/ledger"
)

// FuzzCheckpoint: a signed note opens only when the log's own key signed this
// very text, and then it says what was signed.
func FuzzCheckpoint(f *testing.F) {
	w := open(f, f.TempDir())
	w.seal(f, 3)
	whole := w.checkpoint(f)
	keys := w.Key.Public()
	text := string(whole.Note)
	f.Add(whole.Note)
	f.Add([]byte(strings.Replace(text, "\n3\n", "\n2\n", 1)))
	f.Add([]byte(strings.Replace(text, "\n3\n", "\n03\n", 1)))
	f.Add([]byte(text + "\n— other+00000000 AAAA\n"))
	f.Add([]byte(text[:len(text)-3]))
	f.Add([]byte(strings.ReplaceAll(text, "\n", "\r\n")))
	f.Fuzz(func(t *testing.T, signed []byte) {
		got, err := keys.Open(signed)
		if err != nil {
			return
		}
		if got.Text() != whole.Text() {
			t.Errorf("a text that was never signed opens: %q", signed)
		}
	})
}

// FuzzKeys: a list of keys reads as exactly its lines, or not at all.
func FuzzKeys(f *testing.F) {
	w := open(f, f.TempDir())
	line := w.Key.Public().Lines()[0]
	f.Add(line)
	f.Add("# yesterday's\n" + line + "\n\n" + line)
	f.Add(line + "x")
	f.Add("inzage+0+AAAA")
	f.Fuzz(func(t *testing.T, text string) {
		keys, err := ledger.ParseKeys(text)
		if err != nil {
			return
		}
		for _, l := range keys.Lines() {
			if _, err := note.NewVerifier(l); err != nil || !strings.Contains(text, l) {
				t.Errorf("%q is taken for a key: %v", l, err)
			}
		}
		again, err := ledger.ParseKeys(keys.String())
		if err != nil || !slices.Equal(again.Lines(), keys.Lines()) {
			t.Errorf("written and read again: %v, %v", again.Lines(), err)
		}
	})
}
