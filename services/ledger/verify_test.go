package ledger_test

import (
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inzage/services/ledger"
)

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
