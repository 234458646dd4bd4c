package ledger_test

import (
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"inzage/services/ledger"
)

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
