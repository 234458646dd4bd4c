package main

import (
	"bytes"
	"compress/gzip"
	"errors"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/cmd/inzage/browsertest"
	"inzage/services/ledger"
	"inzage/services/store/sqlite"
	"inzage/views/static"
)

// verifierFile is what the portal serves under the name, uncompressed.
func verifierFile(t *testing.T, name string) []byte {
	t.Helper()
	f, ok := static.Lookup(strings.TrimPrefix(static.Path(name), static.Prefix))
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	if f.Encoding == "" {
		return f.Body
	}
	r, err := gzip.NewReader(bytes.NewReader(f.Body))
	if err != nil {
		t.Fatal(err)
	}
	b, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// TestVerifierIsCurrent compiles cmd/verifier and holds it, byte for byte,
// against the one that is built into the portal. Another release of Go compiles
// other bytes; TestVerifyInTheBrowser then holds its verdicts against those of
// the source.
func TestVerifierIsCurrent(t *testing.T) {
	t.Parallel()
	script, err := os.ReadFile(filepath.Join(goroot(t), "lib", "wasm", "wasm_exec.js"))
	if err != nil {
		t.Fatal(err)
	}
	have := verifierFile(t, "verify.wasm")
	t.Logf("%d bytes, compressed %d", len(have), len(mustLookup(t, "verify.wasm").Body))
	if !bytes.Contains(have, []byte(runtime.Version())) {
		t.Logf("it was compiled by another release than %s; its verdicts are held against the source in the browser", runtime.Version())
		return
	}
	if !bytes.Equal(script, verifierFile(t, "wasm_exec.js")) {
		t.Error("wasm_exec.js is not that of this release of Go: run make generate")
	}
	out := filepath.Join(t.TempDir(), "verify.wasm")
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -buildid=", "-o", out, "inzage/cmd/verifier")
	build.Env = append(os.Environ(), "GOOS=js", "GOARCH=wasm", "GOFLAGS=")
	if b, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, b)
	}
	want, err := os.ReadFile(out)
	if err != nil {
		t.Fatal(err)
	}
	if !bytes.Equal(want, have) {
		t.Errorf("verify.wasm.gz is not made of the present source (%d bytes, want %d): run make generate", len(have), len(want))
	}
}

func mustLookup(t *testing.T, name string) static.File {
	t.Helper()
	f, ok := static.Lookup(strings.TrimPrefix(static.Path(name), static.Prefix))
	if !ok {
		t.Fatalf("there is no %s", name)
	}
	return f
}

func goroot(t *testing.T) string {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "env", "GOROOT").Output()
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(string(out))
}

// evidenceRoom is a portal whose exports are tried in the browser.
type evidenceRoom struct {
	*house
	t      *testing.T
	window *browsertest.Window
	dir    string
}

// TestVerifyInTheBrowser drops exports into the page: the verdict is that of
// the command, word for word, and once the page is there no request leaves the browser.
func TestVerifyInTheBrowser(t *testing.T) {
	t.Parallel()
	h, l := newHouse(t)
	h.serve(l, nil)
	r := evidenceRoom{house: h, t: t, dir: t.TempDir()}
	r.record(20)
	early := r.signed()
	r.record(15)
	good := r.export("good.zip", h.portal.ledger)
	rewritten := r.export("rewritten.zip", r.rewritten(40))
	party := r.partyExport()
	keys := browsertest.File{Name: "keys.txt", Body: []byte(h.portal.ledger.Key.Public().String())}

	r.window = h.window("an authority", "en", browsertest.Laptop)
	r.window.Open("/verify?lang=en")
	r.window.See("Check an export", "inzage ledger verify")
	before := r.window.Asked()
	cases := 0
	for name, c := range map[string]struct {
		export []byte
		since  *browsertest.File
		want   string
	}{
		"a good export":                                {good, nil, "Verified: the ledger"},
		"a good export since a checkpoint":             {good, &early, "nothing before it was rewritten"},
		"the export of a party":                        {party, &early, "17 of them yours and readable; the whole agrees with the checkpoint of "},
		"a flipped bit in the export of a party":       {flippedIn(party), &early, "Not verified."},
		"a flipped bit":                                {flippedIn(good), nil, "Not verified."},
		"cut short":                                    {good[:len(good)-700], nil, "Not verified."},
		"a rewritten log by itself":                    {rewritten, nil, "a ledger that was rewritten whole would not be noticed"},
		"a rewritten log since the earlier checkpoint": {rewritten, &early, "history was rewritten"},
	} {
		r.verdict(name, c.export, keys, c.since, c.want)
		cases++
	}
	if after := r.window.Asked(); !slices.Equal(before, afterOpening(after, len(before), cases, h.base)) {
		t.Errorf("requests beside those of opening the page: %q", after[len(before):])
	}
	r.proof(keys)
	t.Logf("%d verdicts are those of the command; the page sent nothing", cases)
}

// afterOpening leaves out what opening the page again for each case asks for:
// the page, its style, its scripts and the verifier, all by GET and from the portal.
func afterOpening(all []string, before, cases int, base string) []string {
	kept := slices.Clone(all[:before])
	pages := 0
	for _, one := range all[before:] {
		switch {
		case one == "GET "+base+"/verify?lang=en":
			pages++
		case strings.HasPrefix(one, "GET "+base+static.Prefix):
		default:
			kept = append(kept, one)
		}
	}
	if pages != cases {
		kept = append(kept, "the page was opened another number of times")
	}
	return kept
}

// verdict opens the page anew, gives it the files, and reads the verdict. From
// then on nothing at all may be asked for.
func (r evidenceRoom) verdict(name string, export []byte, keys browsertest.File, since *browsertest.File, want string) {
	w := r.window
	r.t.Helper()
	w.Open("/verify?lang=en")
	w.See("The export")
	there := len(w.Asked())
	w.Upload("Public keys that you trust", keys)
	terms := ledger.Terms{Keys: r.portal.ledger.Key.Public()}
	if since != nil {
		w.Upload("An earlier checkpoint", *since)
		terms.Since = since.Body
	}
	w.Upload("The export", browsertest.File{Name: "export.zip", Body: export})
	_, err := ledger.VerifyZIP(r.t.Context(), bytes.NewReader(export), int64(len(export)), terms)
	if flaw, ok := errors.AsType[*ledger.Flaw](err); ok {
		w.See("Not verified. The first fault: " + flaw.Error() + ".")
	} else if err != nil {
		r.t.Fatalf("%s: %v", name, err)
	} else {
		w.See("Verified: the ledger "+r.portal.ledger.Key.Origin(), "That key is among those that you gave.")
	}
	w.See(want)
	if asked := w.Asked()[there:]; len(asked) != 0 {
		r.t.Errorf("%s: the page asked for %q after the files were given", name, asked)
	}
}

// proof gives the page the proof of one entry, whole and changed.
func (r evidenceRoom) proof(keys browsertest.File) {
	w := r.window
	r.t.Helper()
	c, err := r.portal.ledger.Confirm(r.t.Context(), 7)
	if err != nil {
		r.t.Fatal(err)
	}
	w.Open("/verify?lang=en")
	w.See("The export")
	there := len(w.Asked())
	w.Upload("Public keys that you trust", keys)
	w.Upload("The export", browsertest.File{Name: "entry-8.tlog-proof", Body: []byte(c.File())})
	w.See("Verified: entry 8 is in the ledger "+r.portal.ledger.Key.Origin(), string(c.Data))
	w.Upload("The export", browsertest.File{Name: "entry-9.tlog-proof", Body: []byte(strings.Replace(c.File(), "index 7", "index 8", 1))})
	w.See("Not verified. The first fault: the entry is not in the tree of the checkpoint")
	if asked := w.Asked()[there:]; len(asked) != 0 {
		r.t.Errorf("the page asked for %q after it was given a proof", asked)
	}
}

// record seals entries.
func (r evidenceRoom) record(n int) {
	r.t.Helper()
	for i := range n {
		ev := ledger.Event{ID: ledger.NewID("evt"), At: r.now(), Actor: "acc_1", Action: "request.open", Object: "req_1", Outcome: ledger.Done}
		if i%2 == 1 {
			ev.Organisation = "org_1"
		}
		err := r.portal.journal.Record(r.t.Context(), ev)
		if err != nil {
			r.t.Fatal(err)
		}
	}
	if err := r.portal.ledger.DrainAll(r.t.Context(), r.portal.engine); err != nil {
		r.t.Fatal(err)
	}
}

func (r evidenceRoom) signed() browsertest.File {
	r.t.Helper()
	s, err := r.portal.ledger.Checkpoint(r.t.Context())
	if err != nil {
		r.t.Fatal(err)
	}
	return browsertest.File{Name: "checkpoint.txt", Body: s.Note}
}

// rewritten is another log of n entries by somebody who has the key.
func (r evidenceRoom) rewritten(n int) *ledger.Ledger {
	r.t.Helper()
	e, err := sqlite.Open(r.t.Context(), filepath.Join(r.dir, "rewritten"))
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = e.Close() }) // the folder goes with the test
	l := &ledger.Ledger{Log: e.Log(), Key: r.portal.ledger.Key, Now: time.Now}
	var events []ledger.Event
	for range n {
		events = append(events, ledger.Event{ID: ledger.NewID("evt"), At: r.now(), Actor: "acc_2", Action: "request.open", Object: "req_1", Outcome: ledger.Done})
	}
	if err := l.Seal(r.t.Context(), events); err != nil {
		r.t.Fatal(err)
	}
	return l
}

// partyExport is what org_1 may take away.
func (r evidenceRoom) partyExport() []byte {
	r.t.Helper()
	var b bytes.Buffer
	a := ledger.NewZIP(&b)
	_, err := r.portal.ledger.ExportOf(r.t.Context(), "org_1", a)
	if err := errors.Join(err, a.Close()); err != nil {
		r.t.Fatal(err)
	}
	return b.Bytes()
}

// flippedIn has one other bit in its middle.
func flippedIn(export []byte) []byte {
	b := bytes.Clone(export)
	b[len(b)/2] ^= 0x10
	return b
}

func (r evidenceRoom) export(name string, l *ledger.Ledger) []byte {
	r.t.Helper()
	path := filepath.Join(r.dir, name)
	err := ledger.WriteExport(path, func(a ledger.Archive) error {
		_, err := l.Export(r.t.Context(), a)
		return err
	})
	if err != nil {
		r.t.Fatal(err)
	}
	b, err := os.ReadFile(path)
	if err != nil {
		r.t.Fatal(err)
	}
	return b
}
