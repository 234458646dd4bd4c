package ledger_test

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"inzage/services/ledger"
)

// tally counts what was tried and what was found, of one way to manipulate.
type tally struct {
	t             *testing.T
	name          string
	tried, missed int
}

// hold verifies one manipulated export. Only a flaw counts as found: trouble
// in reading is no verdict.
func (c *tally) hold(f files, terms ledger.Terms, what string) {
	c.t.Helper()
	c.tried++
	_, err := f.verify(c.t, terms)
	if _, found := errors.AsType[*ledger.Flaw](err); !found {
		c.missed++
		c.t.Errorf("%s: %s was not found: %v", c.name, what, err)
	}
}

func (c *tally) print() {
	if c.tried == 0 {
		c.t.Errorf("%s: nothing was tried", c.name)
	}
	c.t.Logf("%s: %d of %d found", c.name, c.tried-c.missed, c.tried)
}

// TestEveryBitOfAnExport flips every bit of every file of a whole, if small,
// export, one after the other.
func TestEveryBitOfAnExport(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 4)
	f, terms := exported(t, w), ledger.Terms{Keys: w.Key.Public()}
	if _, err := f.verify(t, terms); err != nil {
		t.Fatalf("the whole one: %v", err)
	}
	for _, name := range []string{"README.txt", "keys.txt", "checkpoint.txt", "entries.jsonl", "manifest.txt"} {
		c := tally{t: t, name: "a flipped bit in " + name}
		for i := range 8 * len(f[name]) {
			b := []byte(f[name])
			b[i/8] ^= 1 << (i % 8)
			c.hold(f.with(name, string(b)), terms, fmt.Sprintf("bit %d of byte %d", i%8, i/8))
		}
		c.print()
	}
}

// TestEveryPlaceOfAnEntry deletes, inserts, swaps, duplicates and cuts off at
// every place of a log: as it is, with the numbers mended, and, by somebody with
// the key, with every hash recomputed and everything signed again.
func TestEveryPlaceOfAnEntry(t *testing.T) {
	const n = 24
	w := open(t, t.TempDir())
	w.seal(t, n)
	kept := w.checkpoint(t)
	f := exported(t, w)
	keys := ledger.Terms{Keys: w.Key.Public()}
	since := ledger.Terms{Keys: w.Key.Public(), Since: kept.Note}
	if _, err := forged(t, w, f["README.txt"], f.lines()[:n]).verify(t, since); err != nil {
		t.Fatalf("an honest export made here: %v", err)
	}
	foreign := entryLine(0, eventOf("req_9", 1))
	for name, change := range map[string]func(lines []string, i, j int) []string{
		"deleted":    func(l []string, i, _ int) []string { return slices.Delete(l, i, i+1) },
		"inserted":   func(l []string, i, _ int) []string { return slices.Insert(l, i, foreign) },
		"duplicated": func(l []string, i, j int) []string { return slices.Insert(l, j, l[i]) },
		"swapped":    func(l []string, i, j int) []string { l[i], l[j] = l[j], l[i]; return l },
		"truncated":  func(l []string, i, _ int) []string { return l[:i] },
		"changed":    func(l []string, i, _ int) []string { l[i] = foreign; return l },
	} {
		plain, mended, resigned := tally{t: t, name: name}, tally{t: t, name: name + ", numbers mended"}, tally{t: t, name: name + ", hashes recomputed and signed again"}
		for i := range n {
			for j := i + 1; j < n; j++ {
				what := fmt.Sprintf("entry %d (and %d)", i, j)
				plain.hold(f.withLines(change(f.lines()[:n], i, j)), keys, what)
				mended.hold(f.withLines(renumbered(change(f.lines()[:n], i, j))), keys, what)
				resigned.hold(forged(t, w, f["README.txt"], renumbered(change(f.lines()[:n], i, j))), since, what)
			}
		}
		plain.print()
		mended.print()
		resigned.print()
	}
}

// TestEveryOlderCopy holds the export of every earlier state of the log against
// the checkpoint of the last: whoever put back an older store would hand it out.
func TestEveryOlderCopy(t *testing.T) {
	const n = 24
	w := open(t, t.TempDir())
	var older []files
	for range n {
		older = append(older, exported(t, w))
		w.seal(t, 1)
	}
	last := ledger.Terms{Keys: w.Key.Public(), Since: w.checkpoint(t).Note}
	c := tally{t: t, name: "an older copy of the whole store"}
	for size, f := range older {
		if _, err := f.verify(t, ledger.Terms{Keys: w.Key.Public()}); err != nil {
			t.Errorf("the copy of %d entries by itself: %v", size, err)
		}
		c.hold(f, last, fmt.Sprintf("the copy of %d entries", size))
	}
	c.print()
	if _, err := exported(t, w).verify(t, last); err != nil {
		t.Errorf("the newest: %v", err)
	}
}
