package ledger_test

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"inzage/services/ledger"
)

// exported makes an export in memory: the content of every file by its name.
func exported(t testing.TB, w *world) files {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export")
	must(t, ledger.WriteExport(path, func(a ledger.Archive) error {
		_, err := w.Export(t.Context(), a)
		return err
	}))
	return readFiles(t, path)
}

func readFiles(t testing.TB, path string) files {
	t.Helper()
	f := files{}
	list, err := os.ReadDir(path)
	must(t, err)
	for _, e := range list {
		b, err := os.ReadFile(filepath.Join(path, e.Name()))
		must(t, err)
		f[e.Name()] = string(b)
	}
	return f
}

type files map[string]string

func (f files) fs() fs.FS {
	m := fstest.MapFS{}
	for name, text := range f {
		m[name] = &fstest.MapFile{Data: []byte(text)}
	}
	return m
}

func (f files) verify(t testing.TB, terms ledger.Terms) (ledger.Report, error) {
	t.Helper()
	return ledger.Verify(t.Context(), f.fs(), terms)
}

// flawed asserts that the export is refused with a flaw that says want.
func (f files) flawed(t testing.TB, terms ledger.Terms, want string) {
	t.Helper()
	_, err := f.verify(t, terms)
	var flaw *ledger.Flaw
	if !errors.As(err, &flaw) || !strings.Contains(err.Error(), want) || strings.Contains(err.Error(), "\n") {
		t.Errorf("Verify = %v, want a flaw with %q in it", err, want)
	}
}

func (f files) lines() []string { return strings.SplitAfter(f["entries.jsonl"], "\n") }

func (f files) with(name, text string) files {
	g := maps.Clone(f)
	g[name] = text
	return g
}

func (f files) withLines(lines []string) files {
	return f.with("entries.jsonl", strings.Join(lines, ""))
}

func TestVerifyAcceptsWhatIsWhole(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 64, 999, 1000, 1001} {
		w := open(t, t.TempDir())
		w.seal(t, n)
		first := w.checkpoint(t)
		w.seal(t, 5)
		f := exported(t, w)
		for name, terms := range map[string]ledger.Terms{
			"by itself":                      {},
			"with the key":                   {Keys: w.Key.Public()},
			"since a checkpoint":             {Since: first.Note},
			"with key and checkpoint of now": {Keys: w.Key.Public(), Since: w.checkpoint(t).Note},
		} {
			r, err := f.verify(t, terms)
			if err != nil {
				t.Errorf("%d entries, %s: %v", n, name, err)
				continue
			}
			if r.Checkpoint.Size != int64(n+5) || r.OwnKeys != (len(terms.Keys.Lines()) == 0) || (r.Since != nil) != (terms.Since != nil) ||
				!r.First.Equal(start) || r.Last.Before(r.First) || !strings.HasPrefix(r.Key, w.Key.Origin()+"+") {
				t.Errorf("%d entries, %s: %+v", n, name, r)
			}
		}
	}
}

// TestTheWrittenFormatIsEnough verifies an export by README.txt alone: with
// encoding/json and the tests' own tree, and nothing of the product.
func TestTheWrittenFormatIsEnough(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 137)
	f := exported(t, w)
	var leaves []sum
	for i, line := range f.lines()[:137] {
		var l struct {
			Number int
			Leaf   string
			Data   string
		}
		must(t, json.Unmarshal([]byte(line), &l))
		h := leafOf([]byte(l.Data))
		if l.Number != i || l.Leaf != fmt.Sprintf("%x", h) {
			t.Fatalf("line %d = %q", i+1, line)
		}
		var e map[string]any
		must(t, json.Unmarshal([]byte(l.Data), &e))
		if e["action"] != "parcel.weigh" || e["object"] != "req_1" {
			t.Errorf("entry %d = %v", i, e)
		}
		leaves = append(leaves, h)
	}
	root := rootOf(leaves)
	if lines := strings.Split(f["checkpoint.txt"], "\n"); lines[1] != "137" || lines[2] != base64Of(root[:]) {
		t.Errorf("checkpoint = %q, want the root of the entries", lines)
	}
	for _, name := range []string{"README.txt", "keys.txt", "checkpoint.txt", "entries.jsonl"} {
		want := fmt.Sprintf("\n%s %d %x\n", name, len(f[name]), sha256.Sum256([]byte(f[name])))
		if !strings.Contains(f["manifest.txt"], want) {
			t.Errorf("manifest = %q, want %q in it", f["manifest.txt"], want)
		}
	}
	if len(f) != 5 || !strings.Contains(f["README.txt"], "RFC 6962") {
		t.Errorf("files = %v", slices.Sorted(maps.Keys(f)))
	}
}

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

// forged is a whole export made outside of the portal by somebody with the
// key: entries, recomputed hashes, and everything signed anew.
func forged(t testing.TB, w *world, readme string, lines []string) files {
	t.Helper()
	var leaves []sum
	for _, line := range lines {
		var l struct{ Data string }
		must(t, json.Unmarshal([]byte(line), &l))
		leaves = append(leaves, leafOf([]byte(l.Data)))
	}
	root := rootOf(leaves)
	f := files{"README.txt": readme, "keys.txt": strings.Join(w.Key.Public().Lines(), "\n") + "\n", "entries.jsonl": strings.Join(lines, "")}
	f["checkpoint.txt"] = sign(t, w, fmt.Sprintf("%s\n%d\n%s\ntime 2026-11-21T09:00:00.000Z\n", w.Key.Origin(), len(lines), base64Of(root[:])))
	return f.listed(t, w)
}

// listed signs the manifest anew.
func (f files) listed(t testing.TB, w *world) files {
	m := "inzage ledger export 1\n" + w.Key.Origin() + "\n"
	for _, name := range []string{"README.txt", "keys.txt", "checkpoint.txt", "entries.jsonl"} {
		m += fmt.Sprintf("%s %d %x\n", name, len(f[name]), sha256.Sum256([]byte(f[name])))
	}
	return f.with("manifest.txt", sign(t, w, m))
}

// TestForgersWithTheKey are those who can sign: what they write must still be
// a ledger, and go on from what was signed before.
func TestForgersWithTheKey(t *testing.T) {
	const n = 60
	w := open(t, t.TempDir())
	w.seal(t, n)
	kept := w.checkpoint(t)
	w.seal(t, 20)
	f := exported(t, w)
	lines := f.lines()[:n+20]
	readme := f["README.txt"]
	terms := ledger.Terms{Keys: w.Key.Public()}
	again := forged(t, w, readme, lines)
	if _, err := again.verify(t, ledger.Terms{Keys: w.Key.Public(), Since: kept.Note}); err != nil {
		t.Fatalf("an honest export made here: %v", err)
	}
	since := ledger.Terms{Keys: w.Key.Public(), Since: kept.Note}
	change := func(i int) []string { return replaced(lines, i, entryLine(i, eventOf("req_9", i))) }
	t.Run("rewritten before the checkpoint", func(t *testing.T) {
		for _, i := range []int{0, 17, n - 1} {
			rewritten := forged(t, w, readme, change(i))
			if _, err := rewritten.verify(t, terms); err != nil {
				t.Errorf("entry %d: without the checkpoint nobody can tell, but: %v", i, err)
			}
			rewritten.flawed(t, since, "the first 60 entries are not those of the checkpoint of 2026-11-21")
		}
	})
	t.Run("changed after the checkpoint", func(t *testing.T) {
		if _, err := forged(t, w, readme, change(n)).verify(t, since); err != nil {
			t.Errorf("what came after the checkpoint is not bound by it, but: %v", err)
		}
	})
	t.Run("one entry left out", func(t *testing.T) {
		forged(t, w, readme, renumbered(slices.Delete(slices.Clone(lines), 5, 6))).flawed(t, since, "history was rewritten")
	})
	t.Run("one entry put in", func(t *testing.T) {
		forged(t, w, readme, renumbered(slices.Insert(slices.Clone(lines), 5, entryLine(0, eventOf("req_9", 1))))).flawed(t, since, "history was rewritten")
	})
	t.Run("two entries swapped", func(t *testing.T) {
		l := slices.Clone(lines)
		l[3], l[44] = l[44], l[3]
		forged(t, w, readme, renumbered(l)).flawed(t, since, "history was rewritten")
	})
	t.Run("the end cut off", func(t *testing.T) {
		forged(t, w, readme, lines[:n-1]).flawed(t, since, "the export has 59 entries, but on 2026-11-21T09:00:00.000Z there were 60")
	})
	t.Run("an empty log", func(t *testing.T) { forged(t, w, readme, nil).flawed(t, since, "the export has 0 entries") })
	t.Run("an event twice", func(t *testing.T) {
		forged(t, w, readme, append(slices.Clone(lines), numbered(lines[3], n+20))).flawed(t, terms, "line 81: entry 80 is of the event")
	})
	t.Run("a swapped manifest", func(t *testing.T) {
		f.with("manifest.txt", f["checkpoint.txt"]).flawed(t, terms, "manifest.txt: its first line")
	})
	t.Run("a swapped checkpoint", func(t *testing.T) {
		f.with("checkpoint.txt", f["manifest.txt"]).flawed(t, terms, "checkpoint.txt: ")
	})
	t.Run("another valid checkpoint", func(t *testing.T) {
		f.with("checkpoint.txt", string(kept.Note)).flawed(t, terms, "checkpoint.txt: it is not the file that was signed")
	})
	t.Run("a manifest of other entries", func(t *testing.T) {
		for _, other := range []files{f.with("entries.jsonl", "x"), f.with("entries.jsonl", strings.Replace(f["entries.jsonl"], "acc_1", "acc_2", 1))} {
			other.listed(t, w).with("entries.jsonl", f["entries.jsonl"]).flawed(t, terms, "entries.jsonl: it ")
		}
	})
	t.Run("one more signature", func(t *testing.T) {
		f.with("manifest.txt", f["manifest.txt"]+"— witness.example "+base64Of(make([]byte, 68))+"\n").flawed(t, terms, "manifest.txt: it holds more")
	})
	t.Run("another version", func(t *testing.T) {
		f.with("manifest.txt", sign(t, w, "inzage ledger export 2\n")).flawed(t, terms, `manifest.txt: its first line is not "inzage ledger export 1"`)
	})
	for name, text := range map[string]string{
		"names in another order": "README.txt 1 DIGEST\ncheckpoint.txt 1 DIGEST\nkeys.txt 1 DIGEST\nentries.jsonl 1 DIGEST\n",
		"no list":                "",
		"a short digest":         "README.txt 1 00\nkeys.txt 1 00\ncheckpoint.txt 1 00\nentries.jsonl 1 00\n",
		"two spaces":             "README.txt  1 DIGEST\nkeys.txt 1 DIGEST\ncheckpoint.txt 1 DIGEST\nentries.jsonl 1 DIGEST\n",
	} {
		t.Run("a manifest with "+name, func(t *testing.T) {
			text = strings.ReplaceAll(text, "DIGEST", strings.Repeat("0", 64))
			f.with("manifest.txt", sign(t, w, "inzage ledger export 1\n"+w.Key.Origin()+"\n"+text)).flawed(t, terms, "manifest.txt: it ")
		})
	}
	t.Run("a manifest in another's name", func(t *testing.T) {
		_, list, _ := strings.Cut(strings.Split(f["manifest.txt"], "\n\n")[0], w.Key.Origin())
		f.with("manifest.txt", sign(t, w, "inzage ledger export 1\nelse.example"+list+"\n")).flawed(t, terms, "another log than its key")
	})
	odd := eventOf("req_9", 1)
	good, err := json.Marshal(odd)
	must(t, err)
	for name, c := range map[string]struct{ data, want string }{
		"no JSON":              {"hello", "its data are not an event"},
		"no object":            {"[]", "its data are not an event"},
		"an unknown field":     {`{"name":"Jansen",` + string(good[1:]), "its data are not an event"},
		"two values":           {string(good) + "{}", "its data are not an event"},
		"spaces":               {strings.Replace(string(good), `,"at"`, `, "at"`, 1), "its data are not written as the portal writes"},
		"another time zone":    {strings.Replace(string(good), `:01Z`, `:01+00:00`, 1), "its data are not written as the portal writes"},
		"microseconds":         {strings.Replace(string(good), `:01Z`, `:01.000001Z`, 1), "its data are not written as the portal writes"},
		"fields in disorder":   {`{"at":"2026-11-21T09:00:01Z","id":"evt_1","actor":"a","action":"b.c","object":"o","outcome":"done"}`, "its data are not written as the portal writes"},
		"a field twice":        {`{"id":"evt_0",` + string(good[1:]), "its data are not written as the portal writes"},
		"a field in capitals":  {strings.Replace(string(good), `"actor"`, `"Actor"`, 1), "its data are not written as the portal writes"},
		"no id":                {strings.Replace(string(good), odd.ID, "", 1), "its event has no id"},
		"free text of a field": {strings.Replace(string(good), `"outcome"`, `"note":"x","outcome"`, 1), "its data are not an event"},
	} {
		t.Run("data with "+name, func(t *testing.T) {
			forged(t, w, readme, replaced(lines, 7, rawLine(7, c.data))).flawed(t, terms, "entries.jsonl, line 8: entry 7: "+c.want)
		})
	}
	for name, c := range map[string]struct{ line, want string }{
		"a needless escape":     {strings.Replace(lines[7], "acc_1", `acc\u005f1`, 1), "escape"},
		"a number with a zero":  {strings.Replace(lines[7], `"number":7`, `"number":07`, 1), "not a line"},
		"a number with a sign":  {strings.Replace(lines[7], `"number":7`, `"number":-7`, 1), "not a line"},
		"a huge number":         {strings.Replace(lines[7], `"number":7`, `"number":99999999999999999999`, 1), "not a line"},
		"a space":               {strings.Replace(lines[7], `,"leaf"`, `, "leaf"`, 1), "not a line"},
		"no hash":               {`{"number":7,"leaf":"` + "\n", "not a line"},
		"another letter":        {strings.Replace(lines[7], `"leaf":"`, `"leaf":"g`, 1), "hash is not written"},
		"nothing behind it":     {lines[7][:len(`{"number":7,"leaf":"`)+64] + "\n", "not a line"},
		"no end":                {strings.TrimSuffix(lines[7], "\"}\n") + "\n", "not a line"},
		"an escape at the end":  {strings.Replace(lines[7], "\"}\n", "\\\"}\n", 1), "escape"},
		"a tab":                 {strings.Replace(lines[7], "acc_1", "acc\t1", 1), "one JSON string"},
		"a quotation mark":      {strings.Replace(lines[7], "acc_1", `acc"1`, 1), "one JSON string"},
		"a byte that is no one": {strings.Replace(lines[7], "acc_1", "acc\xff1", 1), "UTF-8"},
	} {
		t.Run("a line with "+name, func(t *testing.T) {
			f.withLines(replaced(lines, 7, c.line)).flawed(t, terms, "entries.jsonl, line 8: ")
			f.withLines(replaced(lines, 7, c.line)).flawed(t, terms, c.want)
		})
	}
}

func replaced(lines []string, i int, line string) []string {
	l := slices.Clone(lines)
	l[i] = line
	return l
}

// TestForgersWithoutTheKey make a false log with a key of their own.
func TestForgersWithoutTheKey(t *testing.T) {
	w, forger := open(t, t.TempDir()), open(t, t.TempDir())
	w.seal(t, 12)
	kept := w.checkpoint(t)
	f := exported(t, w)
	lines := replaced(f.lines()[:12], 5, entryLine(5, eventOf("req_9", 1)))
	fake := forged(t, forger, f["README.txt"], lines)
	r, err := fake.verify(t, ledger.Terms{})
	if err != nil || !r.OwnKeys {
		t.Errorf("by its own keys alone = %+v, %v, want it whole and said so", r, err)
	}
	fake.flawed(t, ledger.Terms{Keys: w.Key.Public()}, "not among the known keys")
	fake.flawed(t, ledger.Terms{Since: kept.Note}, "the earlier checkpoint cannot be used: it is signed with the key")
	fake.with("keys.txt", f["keys.txt"]).flawed(t, ledger.Terms{}, "manifest.txt: it is signed with the key")
	both, err := ledger.ParseKeys(f["keys.txt"] + fake["keys.txt"])
	must(t, err)
	fake.flawed(t, ledger.Terms{Keys: both, Since: kept.Note}, "the earlier checkpoint is of the log")
	fake.with("manifest.txt", f["manifest.txt"]).flawed(t, ledger.Terms{Keys: both}, "keys.txt: it is not the file that was signed")
	mixed := files(maps.Clone(fake)).with("checkpoint.txt", f["checkpoint.txt"]).listed(t, forger)
	mixed.flawed(t, ledger.Terms{Keys: both}, "checkpoint.txt: it is of the log")
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

func TestMissingAndForeignFiles(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 3)
	f := exported(t, w)
	for name := range f {
		g := maps.Clone(f)
		delete(g, name)
		g.flawed(t, ledger.Terms{Keys: w.Key.Public()}, name+": it is missing from the export")
		f.with(name, strings.Repeat("x", 2<<20)).flawed(t, ledger.Terms{Keys: w.Key.Public()}, name)
		f.with(name, "").flawed(t, ledger.Terms{Keys: w.Key.Public()}, name)
	}
	r, err := f.with("notes.txt", "mine").verify(t, ledger.Terms{})
	must(t, err)
	if d := cmp.Diff([]string{"notes.txt"}, r.Unlisted); d != "" {
		t.Errorf("Unlisted (-want +got):\n%s", d)
	}
}

func TestExportRefusesADamagedStore(t *testing.T) {
	for name, c := range map[string]struct{ statement, want string }{
		"changed data":       {`UPDATE "log:records" SET data = replace(data, 'parcel.weigh', 'parcel.paint') WHERE number = 4`, "entry 4 in the store is damaged: its data do not have the stored hash"},
		"a changed hash":     {`UPDATE "log:records" SET hashes = zeroblob(32) WHERE number = 6`, "entry 6 in the store is damaged: its data"},
		"a hash too many":    {`UPDATE "log:records" SET hashes = zeroblob(64) WHERE number = 6`, "entry 6 in the store is damaged: it stores another number"},
		"a changed object":   {`UPDATE "log:records" SET object = 'req_2' WHERE number = 3`, "entry 3 in the store is damaged: it is filed under another"},
		"a changed event id": {`UPDATE "log:records" SET event = 'evt_2' WHERE number = 3`, "entry 3 in the store is damaged: it is filed under another"},
		"a missing record":   {`DELETE FROM "log:records" WHERE number = 8`, "the log lacks entry 8"},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, t.TempDir())
			w.seal(t, 20)
			w.tamper(t, c.statement)
			path := filepath.Join(t.TempDir(), "export")
			err := ledger.WriteExport(path, func(a ledger.Archive) error {
				_, err := w.Export(t.Context(), a)
				return err
			})
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("Export = %v, want %q in it", err, c.want)
			}
			if list, err := os.ReadDir(filepath.Dir(path)); err != nil || len(list) != 0 {
				t.Errorf("%v is left of the export, %v", list, err)
			}
		})
	}
}

func TestWriteExport(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 25)
	folder := t.TempDir()
	export := func(a ledger.Archive) error { _, err := w.Export(t.Context(), a); return err }
	for _, name := range []string{"a", "b.zip", "c/"} {
		path := filepath.Join(folder, name)
		must(t, ledger.WriteExport(path, export))
		info, err := os.Stat(path)
		must(t, err)
		if info.IsDir() != !strings.HasSuffix(name, ".zip") || info.Mode().Perm()&0o077 != 0 {
			t.Errorf("%s: mode %v", name, info.Mode())
		}
		r, err := ledger.VerifyFile(t.Context(), path, ledger.Terms{Keys: w.Key.Public()})
		if err != nil || r.Checkpoint.Size != 25 || len(r.Unlisted) != 0 {
			t.Errorf("%s: %+v, %v", name, r, err)
		}
		if err := ledger.WriteExport(path, export); err == nil || !strings.Contains(err.Error(), "already") {
			t.Errorf("%s over what is there: %v", name, err)
		}
	}
	if _, err := ledger.VerifyFile(t.Context(), filepath.Join(folder, "none"), ledger.Terms{}); !errors.Is(err, fs.ErrNotExist) {
		t.Errorf("VerifyFile of nothing = %v", err)
	}
	text := filepath.Join(folder, "text")
	must(t, os.WriteFile(text, []byte("hello"), 0o600))
	var flaw *ledger.Flaw
	if _, err := ledger.VerifyFile(t.Context(), text, ledger.Terms{}); !errors.As(err, &flaw) {
		t.Errorf("VerifyFile of a text = %v", err)
	}
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

func FuzzVerify(f *testing.F) {
	w := open(f, f.TempDir())
	w.seal(f, 3)
	whole := exported(f, w)
	terms := ledger.Terms{Keys: w.Key.Public()}
	f.Add(whole["entries.jsonl"], whole["manifest.txt"], whole["checkpoint.txt"], whole["keys.txt"])
	f.Add("", "", "", "")
	f.Add(whole["entries.jsonl"]+"\n", whole["manifest.txt"], whole["checkpoint.txt"], whole["keys.txt"])
	f.Fuzz(func(t *testing.T, entries, manifest, checkpoint, keys string) {
		g := files{"README.txt": whole["README.txt"], "entries.jsonl": entries, "manifest.txt": manifest, "checkpoint.txt": checkpoint, "keys.txt": keys}
		_, err := g.verify(t, terms)
		var flaw *ledger.Flaw
		if changed := !maps.Equal(g, whole); changed != errors.As(err, &flaw) || (err == nil) == changed {
			t.Errorf("changed %v: Verify = %v", changed, err)
		}
		_, _ = g.verify(t, ledger.Terms{Since: []byte(checkpoint)})
	})
}

func TestVerifyEndsWithItsContext(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 3)
	f := exported(t, w)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := ledger.Verify(ctx, f.fs(), ledger.Terms{}); !errors.Is(err, ctx.Err()) {
		t.Errorf("Verify = %v, want %v", err, ctx.Err())
	}
}

func base64Of(b []byte) string { return base64.StdEncoding.EncodeToString(b) }
