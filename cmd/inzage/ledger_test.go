package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io/fs"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/config"
	"inzage/services/ledger"
)

// installation is a data folder after `inzage init`.
type installation struct {
	t    *testing.T
	data string
}

func installed(t *testing.T) installation {
	t.Helper()
	i := installation{t, filepath.Join(t.TempDir(), "data")}
	if code, out, errs := i.run("init"); code != 0 || !strings.Contains(out, filepath.Join("keys", "ledger.json")) {
		t.Fatalf("init: code = %d, stdout = %q, stderr = %q", code, out, errs)
	}
	return i
}

func (i installation) environ() []string {
	return []string{"INZAGE_DATA=" + i.data, "INZAGE_BASE_URL=https://inzage.example"}
}

func (i installation) run(args ...string) (code int, stdout, stderr string) {
	i.t.Helper()
	var out, errs bytes.Buffer
	code = run(i.t.Context(), args, strings.NewReader(""), &out, &errs, i.environ())
	return code, out.String(), errs.String()
}

// done asserts exit code 0 and returns what was printed.
func (i installation) done(args ...string) string {
	i.t.Helper()
	code, out, errs := i.run(args...)
	if code != 0 || errs != "" {
		i.t.Fatalf("%v: code = %d, stderr = %q", args, code, errs)
	}
	return out
}

// fails asserts exit code 1 and one line with want in it.
func (i installation) fails(want string, args ...string) {
	i.t.Helper()
	code, out, errs := i.run(args...)
	if code != 1 || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) {
		i.t.Errorf("%v: code = %d, stdout = %q, stderr = %q, want 1 and a line with %q", args, code, out, errs, want)
	}
}

// built is the portal on the data folder; the caller closes it.
func (i installation) built() *portal {
	i.t.Helper()
	cfg, err := config.Load(nil, i.environ())
	if err != nil {
		i.t.Fatal(err)
	}
	p, err := build(i.t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		i.t.Fatal(err)
	}
	return p
}

// record leaves events in the store, pending.
func (i installation) record(n int) {
	i.t.Helper()
	p := i.built()
	defer p.close()
	for range n {
		err := p.journal.Record(i.t.Context(), ledger.Event{ID: ledger.NewID("evt"), At: time.Now(), Actor: "acc_1", Role: "agent",
			Organisation: "org_1", Action: "request.open", Object: "req_1", Outcome: ledger.Done})
		if err != nil {
			i.t.Fatal(err)
		}
	}
}

func (i installation) path(name string) string { return filepath.Join(filepath.Dir(i.data), name) }

// keep writes a text beside the data folder and returns its path.
func (i installation) keep(name, text string) string {
	i.t.Helper()
	if err := os.WriteFile(i.path(name), []byte(text), 0o600); err != nil {
		i.t.Fatal(err)
	}
	return i.path(name)
}

func TestLedgerFromRecordToVerdict(t *testing.T) {
	i := installed(t)
	i.record(7)
	early := i.keep("early.txt", i.done("ledger", "checkpoint"))
	i.record(5)
	for _, name := range []string{"export", "export.zip"} {
		path := i.path(name)
		if out := i.done("ledger", "export", "--out", path); !strings.Contains(out, "entries with the root") {
			t.Errorf("export says %q", out)
		}
		out := i.done("ledger", "verify", path)
		if !strings.Contains(out, "Warning: that key came with the export itself") || !strings.Contains(out, "No earlier checkpoint was given") {
			t.Errorf("verify alone says %q", out)
		}
		key := filepath.Join(i.path("export"), "keys.txt")
		out = i.done("ledger", "verify", path, "--key", key, "--since", early)
		if strings.Contains(out, "Warning") || !strings.Contains(out, "That key is among those in "+key) || !strings.Contains(out, "are those of the checkpoint of") {
			t.Errorf("verify with both says %q", out)
		}
		i.fails("already", "ledger", "export", "--out", path)
	}
	list, err := os.ReadDir(i.path("export"))
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(fmt.Sprint(list), "entries") {
		t.Errorf("%v: no file has entries in its name", list)
	}
	entries, err := os.ReadFile(filepath.Join(i.path("export"), "entries.jsonl"))
	if err != nil {
		t.Fatal(err)
	}
	// The first operator's link is an event, too, so there are at least 12.
	if n := bytes.Count(entries, []byte("\n")); n < 12 || bytes.Count(entries, []byte(`request.open`)) != 12 {
		t.Errorf("%d entries, want the 12 pending ones among them", n)
	}
}

func TestLedgerVerifyNamesTheFault(t *testing.T) {
	i := installed(t)
	i.record(20)
	path := i.path("export")
	i.done("ledger", "export", "--out", path)
	later := i.keep("same.txt", i.done("ledger", "checkpoint"))
	i.done("ledger", "verify", path, "--since", later)
	i.record(1)
	later = i.keep("later.txt", i.done("ledger", "checkpoint"))
	i.fails("it is older, or entries were lost", "ledger", "verify", path, "--since", later)
	other := installed(t)
	other.done("ledger", "export", "--out", other.path("export"))
	i.fails("not among the known keys", "ledger", "verify", path, "--key", filepath.Join(other.path("export"), "keys.txt"))
	i.fails("the earlier checkpoint cannot be used", "ledger", "verify", path, "--since", i.keep("empty.txt", ""))
	file := filepath.Join(path, "entries.jsonl")
	entries, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.SplitAfter(string(entries), "\n")
	if err := os.WriteFile(file, []byte(strings.Join(append(lines[:4], lines[5:]...), "")), 0o600); err != nil {
		t.Fatal(err)
	}
	i.fails("Not verified: entries.jsonl, line 5: here comes entry 5, but entry 4 was left out.", "ledger", "verify", path)
}

// TestRotatedKeyStillVouches rotates twice: what each key signed still verifies
// with the newest list, and not with the list from before.
func TestRotatedKeyStillVouches(t *testing.T) {
	i := installed(t)
	i.record(3)
	early := []string{i.keep("first.txt", i.done("ledger", "checkpoint"))}
	i.done("ledger", "export", "--out", i.path("old"))
	for n, name := range []string{"second.txt", "third.txt"} {
		before := signers(t, i)
		if out := i.done("ledger", "rotate"); !strings.Contains(out, "The old key signed ") || !strings.Contains(out, signers(t, i)[1]) {
			t.Errorf("rotate says %q, want the new public key", out)
		}
		if after := signers(t, i); after[0] == before[0] || len(after) != n+3 || after[2] != before[1] {
			t.Errorf("the key file has %d keys, want a new one and the %d old public ones", len(after)-1, n+1)
		}
		i.record(2)
		early = append(early, i.keep(name, i.done("ledger", "checkpoint")))
	}
	i.done("ledger", "export", "--out", i.path("new"))
	newest := filepath.Join(i.path("new"), "keys.txt")
	for _, since := range early {
		i.done("ledger", "verify", i.path("new"), "--key", newest, "--since", since)
	}
	i.done("ledger", "verify", i.path("old"), "--key", newest)
	i.fails("not among the known keys", "ledger", "verify", i.path("new"), "--key", filepath.Join(i.path("old"), "keys.txt"))
}

// signers are what the key file signs with, and then its public keys.
func signers(t *testing.T, i installation) []string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(i.data, "keys", "ledger.json"))
	if err != nil {
		t.Fatal(err)
	}
	var f struct {
		Signer string   `json:"signer"`
		Keys   []string `json:"keys"`
	}
	if err := json.Unmarshal(b, &f); err != nil {
		t.Fatal(err)
	}
	return append([]string{f.Signer}, f.Keys...)
}

func TestLedgerVerifyNeedsNoPortal(t *testing.T) {
	i := installed(t)
	i.record(2)
	i.done("ledger", "export", "--out", i.path("export"))
	if err := os.RemoveAll(i.data); err != nil {
		t.Fatal(err)
	}
	i.done("ledger", "verify", i.path("export"))
	if _, err := os.Stat(i.data); err == nil {
		t.Error("verify made a data folder")
	}
}

func TestLedgerCommandLines(t *testing.T) {
	i := installed(t)
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"nothing":              {[]string{"ledger"}, "Say what to do with the ledger"},
		"something else":       {[]string{"ledger", "burn"}, "Say what to do with the ledger"},
		"export to nowhere":    {[]string{"ledger", "export"}, "--out PATH"},
		"verify nothing":       {[]string{"ledger", "verify"}, "Name the one export"},
		"verify two":           {[]string{"ledger", "verify", "a", "b"}, "Name the one export"},
		"an export not there":  {[]string{"ledger", "verify", "/nowhere/x"}, "There is no export"},
		"a key not there":      {[]string{"ledger", "verify", "x", "--key", "/nowhere/k"}, "cannot be read"},
		"a key that is none":   {[]string{"ledger", "verify", "x", "--key", i.keep("k", "hello\n")}, "no public keys"},
		"since not there":      {[]string{"ledger", "verify", "x", "--since", "/nowhere/c"}, "cannot be read"},
		"out for verify":       {[]string{"ledger", "verify", "x", "--out", "y"}, "--out belongs"},
		"key for a checkpoint": {[]string{"ledger", "checkpoint", "--key", "y"}, "belong to inzage ledger verify"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := i.run(c.args...)
			if code != 2 || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.want) {
				t.Errorf("code = %d, stdout = %q, stderr = %q, want 2 and %q", code, out, errs, c.want)
			}
		})
	}
}

// TestAnOlderStoreIsNotServed puts an older copy of the store in place of the
// newer one, as an operator with a backup might.
func TestAnOlderStoreIsNotServed(t *testing.T) {
	i := installed(t)
	i.record(3)
	i.done("ledger", "checkpoint")
	old := i.path("old")
	copyFolder(t, filepath.Join(i.data, "store"), old)
	i.record(4)
	later := i.keep("later.txt", i.done("ledger", "checkpoint"))
	if err := os.RemoveAll(filepath.Join(i.data, "store")); err != nil {
		t.Fatal(err)
	}
	copyFolder(t, old, filepath.Join(i.data, "store"))
	const want = "an older copy of the store was put back"
	i.fails(want, "serve", "--listen", "127.0.0.1:0")
	i.fails(want, "ledger", "checkpoint")
	// Evidence can be taken all the same, and shows it.
	code, _, errs := i.run("ledger", "export", "--out", i.path("export"))
	if code != 0 || !strings.Contains(errs, want) {
		t.Errorf("export: code = %d, stderr = %q, want it done with a warning", code, errs)
	}
	i.fails("it is older, or entries were lost", "ledger", "verify", i.path("export"), "--since", later)
	// Whoever means it goes on without the mark.
	if err := os.Remove(filepath.Join(i.data, "keys", "ledger-mark.txt")); err != nil {
		t.Fatal(err)
	}
	i.done("ledger", "checkpoint")
}

func TestServeNeedsTheLedgerKey(t *testing.T) {
	i := installed(t)
	key := filepath.Join(i.data, "keys", "ledger.json")
	if err := os.Chmod(key, 0o644); err != nil {
		t.Fatal(err)
	}
	i.fails("run chmod 600", "serve", "--listen", "127.0.0.1:0")
	if err := os.Remove(key); err != nil {
		t.Fatal(err)
	}
	i.fails("does not exist", "serve", "--listen", "127.0.0.1:0")
}

// TestLoopsMarkAndSign lets the loops run for a moment: what is sealed is
// marked, and the day has its checkpoint.
func TestLoopsMarkAndSign(t *testing.T) {
	i := installed(t)
	i.record(5)
	cfg, err := config.Load(nil, i.environ())
	if err != nil {
		t.Fatal(err)
	}
	p, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	if err := p.ledger.DrainAll(t.Context(), p.engine); err != nil {
		t.Fatal(err)
	}
	ctx, stop := context.WithTimeout(t.Context(), 5*time.Minute)
	defer stop()
	wait := p.loops(ctx)
	defer wait()
	defer stop()
	for tick := time.Tick(20 * time.Millisecond); ; {
		size, err := p.ledger.Size(ctx)
		text, merr := os.ReadFile(filepath.Join(i.data, "keys", "ledger-mark.txt"))
		s, serr := p.ledger.Newest(ctx)
		if err == nil && merr == nil && serr == nil && size >= 5 && s.Size >= 5 && strings.Contains(string(text), fmt.Sprintf("\n%d\n", size)) {
			return
		}
		select {
		case <-tick:
		case <-ctx.Done():
			t.Fatalf("of %d entries (%v) the mark is %q, the newest checkpoint has %d (%v)", size, err, text, s.Size, serr)
		}
	}
}

func copyFolder(t *testing.T, from, to string) {
	t.Helper()
	err := filepath.WalkDir(from, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(from, path)
		if err != nil {
			return err
		}
		if d.IsDir() {
			return os.MkdirAll(filepath.Join(to, rel), 0o700)
		}
		b, err := os.ReadFile(path)
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(to, rel), b, 0o600)
	})
	if err != nil {
		t.Fatal(err)
	}
}

// TestLedgerOfAParty verifies what one party may take away: whole, against an
// earlier checkpoint, and with an entry left out.
func TestLedgerOfAParty(t *testing.T) {
	i := installed(t)
	i.record(4)
	early := i.keep("early.txt", i.done("ledger", "checkpoint"))
	i.record(3)
	i.done("ledger", "checkpoint") // seals them
	path := i.path("party")
	p := i.built()
	var s ledger.Signed
	err := ledger.WriteExport(path, func(a ledger.Archive) (err error) {
		s, err = p.ledger.ExportOf(t.Context(), "org_1", a)
		return err
	})
	p.close()
	if err != nil {
		t.Fatal(err)
	}
	out := i.done("ledger", "verify", path, "--key", filepath.Join(path, "keys.txt"), "--since", early)
	for _, want := range []string{fmt.Sprintf("has %d entries, numbered without a gap, 7 of them yours (org_1) and readable; the whole agrees with the checkpoint of %s.", s.Size, s.At.Format(time.RFC3339)),
		"Of the entries of others there is the hash alone", "nothing before it was rewritten"} {
		if !strings.Contains(out, want) {
			t.Errorf("verify says %q, want %q in it", out, want)
		}
	}
	entries := filepath.Join(path, "entries.jsonl")
	text, err := os.ReadFile(entries)
	if err != nil {
		t.Fatal(err)
	}
	lines := bytes.SplitAfter(text, []byte("\n"))
	if err := os.WriteFile(entries, bytes.Join(append(lines[:2:2], lines[3:]...), nil), 0o600); err != nil {
		t.Fatal(err)
	}
	i.fails("Not verified: entries.jsonl, line 3: here comes entry 3, but entry 2 was left out.", "ledger", "verify", path)
}
