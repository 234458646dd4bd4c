package ledger_test

import (
	"bytes"
	"crypto/ed25519"
	"crypto/sha256"
	"encoding/base64"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"maps"
	"math/rand/v2"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"inzage/services/ledger"
)

// mingled seals n entries of two organisations and of a data subject, in turn,
// and returns those of org_1.
func mingled(t testing.TB, w *world, n int) []ledger.Event {
	t.Helper()
	var all, own []ledger.Event
	for i := range n {
		e := eventOf("req_1", i)
		switch i % 3 {
		case 0:
			own = append(own, e)
		case 1:
			e.Actor, e.Organisation, e.Object = "acc_2", "org_2", "req_2"
		case 2:
			e.Actor, e.Role, e.Organisation, e.Object = "subject:req_3", "", "", "req_3"
		}
		all = append(all, e)
	}
	must(t, w.Seal(t.Context(), all))
	return own
}

// partyExported is the export of org_1 in memory.
func partyExported(t testing.TB, w *world) files {
	t.Helper()
	path := filepath.Join(t.TempDir(), "export")
	must(t, ledger.WriteExport(path, func(a ledger.Archive) error {
		_, err := w.ExportOf(t.Context(), "org_1", a)
		return err
	}))
	return readFiles(t, path)
}

// TestPartyExportShowsNothingOfOthers looks for every word of the entries of
// others in all files of a party's export.
func TestPartyExportShowsNothingOfOthers(t *testing.T) {
	for _, n := range []int{0, 1, 2, 3, 50, 1003} {
		w := open(t, t.TempDir())
		own := mingled(t, w, n)
		f := partyExported(t, w)
		r, err := f.verify(t, ledger.Terms{Keys: w.Key.Public(), Since: w.checkpoint(t).Note})
		if err != nil || r.Party == nil || *r.Party != (ledger.Party{Organisation: "org_1", Own: int64(len(own))}) || r.Checkpoint.Size != int64(n) {
			t.Fatalf("%d entries: %+v, %v, want %d own", n, r, err, len(own))
		}
		text := strings.Join(slices.Collect(maps.Values(f)), "\n")
		hidden, shown := 0, 0
		for _, e := range all(t, w.Ledger) {
			if e.Event.Organisation == "org_1" {
				if !strings.Contains(text, e.Event.ID) {
					t.Errorf("entry %d is the party's own and cannot be read", e.Number)
				}
				shown++
				continue
			}
			for _, word := range []string{e.Event.ID, e.Event.Actor, e.Event.Object} {
				if strings.Contains(text, word) {
					t.Errorf("%q of entry %d is in the export of another", word, e.Number)
				}
			}
			hidden++
		}
		t.Logf("%d entries: %d own and readable, %d of others and none of their words in the export", n, shown, hidden)
	}
	if _, err := open(t, t.TempDir()).ExportOf(t.Context(), "", nil); err == nil {
		t.Error("the entries that belong to nobody can be exported")
	}
}

// TestTheWrittenPartyFormatIsEnough verifies a party's export by README.txt
// alone, signatures included, with nothing of the product.
func TestTheWrittenPartyFormatIsEnough(t *testing.T) {
	w := open(t, t.TempDir())
	own := mingled(t, w, 137)
	f := partyExported(t, w)
	var leaves []sum
	read := 0
	for i, line := range f.lines()[:137] {
		var l struct {
			Number int
			Leaf   string
			Data   *string
		}
		must(t, json.Unmarshal([]byte(line), &l))
		leaf, err := hex.DecodeString(l.Leaf)
		must(t, err)
		if l.Data != nil {
			h := leafOf([]byte(*l.Data))
			var e struct{ ID, Organisation string }
			must(t, json.Unmarshal([]byte(*l.Data), &e))
			if !bytes.Equal(leaf, h[:]) || e.Organisation != "org_1" || e.ID != own[read].ID {
				t.Errorf("line %d = %q", i+1, line)
			}
			read++
		}
		if l.Number != i || len(leaf) != sha256.Size {
			t.Fatalf("line %d = %q", i+1, line)
		}
		leaves = append(leaves, sum(leaf))
	}
	root := rootOf(leaves)
	checkpoint := strings.Split(opened(t, f["keys.txt"], f["checkpoint.txt"]), "\n")
	if checkpoint[1] != "137" || checkpoint[2] != base64Of(root[:]) || read != len(own) {
		t.Errorf("checkpoint = %q, %d of %d can be read", checkpoint, read, len(own))
	}
	want := "inzage party export 1\n" + w.Key.Origin() + "\norg_1 " + strconv.Itoa(len(own)) + "\n"
	for _, name := range []string{"README.txt", "keys.txt", "checkpoint.txt", "entries.jsonl"} {
		want += fmt.Sprintf("%s %d %x\n", name, len(f[name]), sha256.Sum256([]byte(f[name])))
	}
	if got := opened(t, f["keys.txt"], f["manifest.txt"]); got != want {
		t.Errorf("manifest = %q, want %q", got, want)
	}
	if !strings.Contains(f["README.txt"], "inzage party export 1") {
		t.Error("README.txt does not describe the export of a party")
	}
}

// opened checks the signature of a note as README.txt says and returns its text.
func opened(t *testing.T, keys, signed string) string {
	t.Helper()
	line := strings.Split(strings.TrimSpace(keys), "\n")[0]
	parts := strings.SplitN(line, "+", 3)
	key, err := base64.StdEncoding.DecodeString(parts[2])
	must(t, err)
	id := sha256.Sum256(append([]byte(parts[0]+"\n"), key...))
	text, signature, _ := strings.Cut(signed, "\n\n")
	text += "\n"
	_, encoded, _ := strings.Cut(strings.TrimSpace(strings.TrimPrefix(signature, "— ")), " ")
	raw, err := base64.StdEncoding.DecodeString(encoded)
	must(t, err)
	if parts[1] != hex.EncodeToString(id[:4]) || !bytes.Equal(raw[:4], id[:4]) || key[0] != 1 || !ed25519.Verify(key[1:], []byte(text), raw[4:]) {
		t.Errorf("%q is not signed with %q", text, line)
	}
	return text
}

// forgedParty is a party's export made outside of the portal by somebody with
// the key: the root of the hashes that are there, and everything signed anew.
func forgedParty(t testing.TB, w *world, readme string, lines []string, own int) files {
	t.Helper()
	var leaves []sum
	for _, line := range lines {
		var l struct{ Leaf string }
		must(t, json.Unmarshal([]byte(line), &l))
		leaf, err := hex.DecodeString(l.Leaf)
		must(t, err)
		leaves = append(leaves, sum(leaf))
	}
	root := rootOf(leaves)
	f := files{"README.txt": readme, "keys.txt": strings.Join(w.Key.Public().Lines(), "\n") + "\n", "entries.jsonl": strings.Join(lines, "")}
	f["checkpoint.txt"] = sign(t, w, fmt.Sprintf("%s\n%d\n%s\ntime 2026-11-21T09:00:00.000Z\n", w.Key.Origin(), len(lines), base64Of(root[:])))
	return f.partyListed(t, w, "org_1 "+strconv.Itoa(own))
}

// partyListed signs the manifest of a party anew.
func (f files) partyListed(t testing.TB, w *world, party string) files {
	_, list, _ := strings.Cut(f.listed(t, w)["manifest.txt"], w.Key.Origin()+"\n")
	list, _, _ = strings.Cut(list, "\n\n")
	return f.with("manifest.txt", sign(t, w, "inzage party export 1\n"+w.Key.Origin()+"\n"+party+"\n"+list+"\n"))
}

// hiddenLine is the line with its data left out.
func hiddenLine(line string) string {
	head, _, _ := strings.Cut(line, `","data":`)
	return strings.TrimSuffix(head, "\"}\n") + "\"}\n"
}

// owned counts the lines with data.
func owned(lines []string) int { return strings.Count(strings.Join(lines, ""), `","data":`) }

// TestEveryBitOfAPartyExport flips every bit of every file, one after the other.
func TestEveryBitOfAPartyExport(t *testing.T) {
	w := open(t, t.TempDir())
	mingled(t, w, 4)
	f, terms := partyExported(t, w), ledger.Terms{Keys: w.Key.Public()}
	if _, err := f.verify(t, terms); err != nil {
		t.Fatalf("the whole one: %v", err)
	}
	for _, name := range []string{"keys.txt", "checkpoint.txt", "entries.jsonl", "manifest.txt"} {
		c := tally{t: t, name: "a flipped bit in " + name + " of a party's export"}
		for i := range 8 * len(f[name]) {
			b := []byte(f[name])
			b[i/8] ^= 1 << (i % 8)
			c.hold(f.with(name, string(b)), terms, fmt.Sprintf("bit %d of byte %d", i%8, i/8))
		}
		c.print()
	}
	c := tally{t: t, name: "a flipped bit in README.txt of a party's export"}
	for i := range f["README.txt"] {
		b := []byte(f["README.txt"])
		b[i] ^= 1 << (i % 8)
		c.hold(f.with("README.txt", string(b)), terms, fmt.Sprintf("byte %d", i))
	}
	c.print()
}

// TestEveryPlaceOfAPartyEntry is TestEveryPlaceOfAnEntry for a party's export,
// where most entries are hashes alone: as it is, with the numbers mended, and by
// somebody with the key, everything recomputed and signed again.
func TestEveryPlaceOfAPartyEntry(t *testing.T) {
	const n = 15
	w := open(t, t.TempDir())
	mingled(t, w, n)
	kept := w.checkpoint(t)
	f := partyExported(t, w)
	keys := ledger.Terms{Keys: w.Key.Public()}
	since := ledger.Terms{Keys: w.Key.Public(), Since: kept.Note}
	lines := func() []string { return f.lines()[:n] }
	if _, err := forgedParty(t, w, f["README.txt"], lines(), owned(lines())).verify(t, since); err != nil {
		t.Fatalf("an honest export made here: %v", err)
	}
	foreign := entryLine(0, eventOf("req_9", 1))
	for name, change := range map[string]func(lines []string, i, j int) []string{
		"deleted":             func(l []string, i, _ int) []string { return slices.Delete(l, i, i+1) },
		"inserted":            func(l []string, i, _ int) []string { return slices.Insert(l, i, foreign) },
		"inserted, hash only": func(l []string, i, _ int) []string { return slices.Insert(l, i, hiddenLine(foreign)) },
		"duplicated":          func(l []string, i, j int) []string { return slices.Insert(l, j, l[i]) },
		"put over another":    func(l []string, i, j int) []string { l[j] = l[i]; return l },
		"swapped":             func(l []string, i, j int) []string { l[i], l[j] = l[j], l[i]; return l },
		"truncated":           func(l []string, i, _ int) []string { return l[:i] },
		"changed":             func(l []string, i, _ int) []string { l[i] = foreign; return l },
		"changed, hash only":  func(l []string, i, _ int) []string { l[i] = hiddenLine(foreign); return l },
	} {
		plain, mended, resigned := tally{t: t, name: name}, tally{t: t, name: name + ", numbers mended"}, tally{t: t, name: name + ", everything recomputed and signed again"}
		for i := range n {
			for j := i + 1; j < n; j++ {
				what := fmt.Sprintf("entry %d (and %d)", i, j)
				plain.hold(f.withLines(change(lines(), i, j)), keys, what)
				mended.hold(f.withLines(renumbered(change(lines(), i, j))), keys, what)
				again := renumbered(change(lines(), i, j))
				resigned.hold(forgedParty(t, w, f["README.txt"], again, owned(again)), since, what)
			}
		}
		plain.print()
		mended.print()
		resigned.print()
	}
}

// TestPartyForgersWithTheKey write what is no party's export, well signed.
func TestPartyForgersWithTheKey(t *testing.T) {
	const n = 30
	w := open(t, t.TempDir())
	own := len(mingled(t, w, n))
	f := partyExported(t, w)
	whole := exported(t, w)
	terms := ledger.Terms{Keys: w.Key.Public()}
	readme, lines := f["README.txt"], f.lines()[:n]
	forgedParty(t, w, readme, replaced(lines, 4, whole.lines()[4]), own+1).flawed(t, terms, "line 5: entry 4 can be read, but is not of the organisation")
	forgedParty(t, w, readme, replaced(lines, 6, hiddenLine(lines[6])), own).flawed(t, terms, fmt.Sprintf("entries.jsonl: %d entries can be read, but %d are signed", own-1, own))
	forgedParty(t, w, readme, replaced(lines, 8, numbered(lines[7], 8)), own).flawed(t, terms, "line 9: entry 8 has the hash of entry 7")
	forgedParty(t, w, readme, replaced(lines, 8, numbered(hiddenLine(lines[6]), 8)), own).flawed(t, terms, "line 9: entry 8 has the hash of entry 6")
	f.listed(t, w).flawed(t, terms, "entries.jsonl, line 2: it is not a line of entries")
	whole.partyListed(t, w, "org_1 "+strconv.Itoa(own)).flawed(t, terms, "line 2: entry 1 can be read, but is not of the organisation")
	f.partyListed(t, w, "org_2 "+strconv.Itoa(own)).flawed(t, terms, "line 1: entry 0 can be read, but is not of the organisation")
	for name, party := range map[string]string{"no number": "org_1", "a number below zero": "org_1 -1", "two spaces": "org_1  10", "a zero before": "org_1 010", "more": "org_1 10 x", "nothing": ""} {
		t.Run(name, func(t *testing.T) { f.partyListed(t, w, party).flawed(t, terms, "manifest.txt: it ") })
	}
	for i := range n - 1 { // an empty text is no entry that cannot be read
		forgedParty(t, w, readme, replaced(lines, i, strings.Replace(hiddenLine(lines[i]), `"}`, `","data":""}`, 1)), own).flawed(t, terms, "entries.jsonl, line "+strconv.Itoa(i+1)+": ")
	}
}

// TestTamperingWithThePartyZIP changes bytes of the ZIP that people download.
func TestTamperingWithThePartyZIP(t *testing.T) {
	w := open(t, t.TempDir())
	mingled(t, w, 10)
	var whole bytes.Buffer
	a := ledger.NewZIP(&whole)
	_, err := w.ExportOf(t.Context(), "org_1", a)
	must(t, err)
	must(t, a.Close())
	verify := func(b []byte) error {
		_, err := ledger.VerifyZIP(t.Context(), bytes.NewReader(b), int64(len(b)), ledger.Terms{Keys: w.Key.Public()})
		return err
	}
	must(t, verify(whole.Bytes()))
	random := rand.New(rand.NewPCG(7, 8)) //nolint:gosec // the same cases every run
	tried := 0
	for range 800 {
		b := bytes.Clone(whole.Bytes())
		i := random.IntN(len(b))
		b[i] ^= 1 << random.IntN(8)
		if verify(b) == nil {
			t.Errorf("a flipped bit in byte %d was not found", i)
		}
		tried++
	}
	for range 50 {
		if verify(whole.Bytes()[:random.IntN(whole.Len())]) == nil {
			t.Error("a cut was not found")
		}
		tried++
	}
	if verify(append(whole.Bytes(), 0)) == nil {
		t.Error("a byte behind it was not found")
	}
	t.Logf("%d changes, every one found", tried+1)
}
