package ledger_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"inzage/services/ledger"
)

// TestEveryFlippedBit flips every bit of every small file, and many of the
// file of entries; each must be found.
func TestEveryFlippedBit(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 40)
	f := exported(t, w)
	trusted := ledger.Terms{Keys: w.Key.Public()}
	random := rand.New(rand.NewPCG(1, 2))
	flips := 0
	for name, text := range f {
		for range min(len(text), 1500) {
			i := random.IntN(len(text))
			b := []byte(text)
			b[i] ^= 1 << random.IntN(8)
			for _, terms := range []ledger.Terms{trusted, {}} {
				if _, err := f.with(name, string(b)).verify(t, terms); err == nil {
					t.Fatalf("%s: byte %d from %q to %q was not found", name, i, text[i], b[i])
				}
			}
			flips++
		}
	}
	for _, name := range []string{"manifest.txt", "checkpoint.txt"} { // every bit of what is signed
		for i := range 8 * len(f[name]) {
			b := []byte(f[name])
			b[i/8] ^= 1 << (i % 8)
			if _, err := f.with(name, string(b)).verify(t, trusted); err == nil {
				t.Fatalf("%s: bit %d of byte %d was not found", name, i%8, i/8)
			}
		}
	}
	t.Logf("%d random flips, every one found", flips)
}

// TestTamperingWithEntries changes lines at random places; the flaw names the
// first line that is not right.
func TestTamperingWithEntries(t *testing.T) {
	const n = 120
	w := open(t, t.TempDir())
	w.seal(t, n)
	f := exported(t, w)
	terms := ledger.Terms{Keys: w.Key.Public()}
	random := rand.New(rand.NewPCG(3, 4))
	for name, c := range map[string]struct {
		change func(lines []string, i, j int) []string // i < j
		want   func(i, j int) string
	}{
		"a deleted entry": {
			func(l []string, i, _ int) []string { return slices.Delete(l, i, i+1) },
			func(i, _ int) string {
				return fmt.Sprintf("entries.jsonl, line %d: here comes entry %d, but entry %d was left out", i+1, i+1, i)
			},
		},
		"a repeated entry": {
			func(l []string, i, _ int) []string { return slices.Insert(l, i, l[i]) },
			func(i, _ int) string {
				return fmt.Sprintf("entries.jsonl, line %d: here comes entry %d again", i+2, i)
			},
		},
		"an entry put in again later": {
			func(l []string, i, j int) []string { return slices.Insert(l, j, l[i]) },
			func(i, j int) string {
				return fmt.Sprintf("entries.jsonl, line %d: here comes entry %d again", j+1, i)
			},
		},
		"two swapped entries": {
			func(l []string, i, j int) []string { l[i], l[j] = l[j], l[i]; return l },
			func(i, j int) string {
				return fmt.Sprintf("entries.jsonl, line %d: here comes entry %d, but", i+1, j)
			},
		},
		"two swapped entries with their numbers mended": {
			func(l []string, i, j int) []string { l[i], l[j] = numbered(l[j], i), numbered(l[i], j); return l },
			func(int, int) string { return "entries.jsonl: the entries do not make the root" },
		},
		"a copy over another": {
			func(l []string, i, j int) []string { l[j] = numbered(l[i], j); return l },
			func(i, j int) string {
				return fmt.Sprintf("line %d: entry %d is of the event", j+1, j)
			},
		},
		"a deleted entry with the numbers mended": {
			func(l []string, i, _ int) []string { return renumbered(slices.Delete(l, i, i+1)) },
			func(int, int) string {
				return fmt.Sprintf("line %d: the file ends after this line, but %d entries are signed", n-1, n)
			},
		},
		"a new entry with the numbers mended": {
			func(l []string, i, _ int) []string {
				return renumbered(slices.Insert(l, i, entryLine(0, eventOf("req_9", 1))))
			},
			func(int, int) string { return fmt.Sprintf("line %d: entry %d is one more than", n+1, n) },
		},
		"changed data": {
			func(l []string, i, _ int) []string {
				l[i] = strings.Replace(l[i], "acc_1", "acc_2", 1)
				return l
			},
			func(i, _ int) string { return fmt.Sprintf("line %d: entry %d does not have the hash", i+1, i) },
		},
		"changed data with its hash mended": {
			func(l []string, i, _ int) []string { l[i] = entryLine(i, eventOf("req_9", 1)); return l },
			func(int, int) string { return "entries.jsonl: the entries do not make the root" },
		},
		"an empty line": {
			func(l []string, i, _ int) []string { return slices.Insert(l, i, "\n") },
			func(i, _ int) string { return fmt.Sprintf("line %d: it is not a line of entries", i+1) },
		},
		"a space at the end of a line": {
			func(l []string, i, _ int) []string { l[i] = strings.TrimSuffix(l[i], "\n") + " \n"; return l },
			func(i, _ int) string { return fmt.Sprintf("line %d: it is not a line of entries", i+1) },
		},
		"a hash in capitals": {
			func(l []string, i, _ int) []string {
				at := strings.Index(l[i], `"leaf":"`) + len(`"leaf":"`)
				l[i] = l[i][:at] + strings.ToUpper(l[i][at:at+64]) + l[i][at+64:]
				return l
			},
			func(i, _ int) string { return fmt.Sprintf("line %d: its hash is not written", i+1) },
		},
		"a truncated tail": {
			func(l []string, i, _ int) []string { return l[:i+1] },
			func(i, _ int) string {
				return fmt.Sprintf("line %d: the file ends after this line, but %d entries are signed: entry %d is the first", i+1, n, i+1)
			},
		},
		"cut in the middle of a line": {
			func(l []string, i, _ int) []string { l[i] = l[i][:len(l[i])/2]; return l[:i+1] },
			func(i, _ int) string { return fmt.Sprintf("line %d: the file ends in the middle of a line", i+1) },
		},
		"without its last line break": {
			func(l []string, _, _ int) []string { l[n-1] = strings.TrimSuffix(l[n-1], "\n"); return l },
			func(int, int) string { return fmt.Sprintf("line %d: the file ends in the middle of a line", n) },
		},
		"an endless line": {
			func(l []string, i, _ int) []string { l[i] = strings.Repeat("x", 3<<20) + "\n"; return l },
			func(i, _ int) string { return fmt.Sprintf("line %d: the line is much longer", i+1) },
		},
	} {
		t.Run(name, func(t *testing.T) {
			for range 25 {
				i := random.IntN(n - 2)
				j := i + 1 + random.IntN(n-2-i)
				f.withLines(c.change(f.lines()[:n], i, j)).flawed(t, terms, c.want(i, j))
			}
		})
	}
}

// numbered is the line with another number.
func numbered(line string, n int) string {
	_, rest, _ := strings.Cut(line, ",")
	return `{"number":` + strconv.Itoa(n) + "," + rest
}

func renumbered(lines []string) []string {
	for i := range lines {
		lines[i] = numbered(lines[i], i)
	}
	return lines
}

// entryLine writes a line as README.txt says.
func entryLine(number int, e ledger.Event) string {
	data, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return rawLine(number, string(data))
}

func rawLine(number int, data string) string {
	text := strings.NewReplacer(`\`, `\\`, `"`, `\"`).Replace(data)
	return fmt.Sprintf("{\"number\":%d,\"leaf\":\"%x\",\"data\":\"%s\"}\n", number, leafOf([]byte(data)), text)
}

func replaced(lines []string, i int, line string) []string {
	l := slices.Clone(lines)
	l[i] = line
	return l
}

// TestAnOlderStoreIsSeenFromOutside puts the whole store back, the mark with it.
func TestAnOlderStoreIsSeenFromOutside(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 30)
	old := filepath.Join(t.TempDir(), "old.db")
	must(t, w.engine.Backup(t.Context(), "", old))
	w.seal(t, 10)
	later := w.checkpoint(t)
	w.engine.Close()
	putBack(t, w, old)
	must(t, os.Remove(w.Mark.Path))
	w = open(t, w.folder)
	terms := ledger.Terms{Keys: w.Key.Public(), Since: later.Note}
	exported(t, w).flawed(t, terms, "the export has 30 entries, but on 2026-11-21T09:00:00.000Z there were 40")
	// Grown again past the checkpoint, it is another history.
	w.seal(t, 15)
	exported(t, w).flawed(t, terms, "the first 40 entries are not those of the checkpoint")
}

// TestTamperingWithTheZIP changes bytes of a ZIP, those that readers of ZIPs
// pass over among them.
func TestTamperingWithTheZIP(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 10)
	folder := t.TempDir()
	path := filepath.Join(folder, "a.zip")
	must(t, ledger.WriteExport(path, func(a ledger.Archive) error { _, err := w.Export(t.Context(), a); return err }))
	whole, err := os.ReadFile(path)
	must(t, err)
	random := rand.New(rand.NewPCG(5, 6))
	try := func(name string, b []byte) {
		t.Helper()
		must(t, os.WriteFile(path, b, 0o600))
		var flaw *ledger.Flaw
		if _, err := ledger.VerifyFile(t.Context(), path, ledger.Terms{}); !errors.As(err, &flaw) {
			t.Fatalf("%s: Verify = %v, want a flaw", name, err)
		}
	}
	flipped := func(i int) []byte {
		b := bytes.Clone(whole)
		b[i] ^= 1 << random.IntN(8)
		return b
	}
	for range 600 {
		i := random.IntN(len(whole))
		try(fmt.Sprint("byte ", i), flipped(i))
	}
	for i := bytes.Index(whole, []byte("PK\x01\x02")); i < len(whole); i++ { // the directory at the end
		try(fmt.Sprint("byte ", i), flipped(i))
	}
	try("something behind it", append(bytes.Clone(whole), 0))
	try("something before it", append([]byte{0}, whole...))
	for range 50 {
		try("cut", whole[:random.IntN(len(whole))])
	}
	must(t, os.WriteFile(path, whole, 0o600))
	if _, err := ledger.VerifyFile(t.Context(), path, ledger.Terms{}); err != nil {
		t.Errorf("the whole one = %v", err)
	}
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
