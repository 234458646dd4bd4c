package ledger_test

import (
	"crypto/ed25519"
	"encoding/base64"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/mod/sumdb/note"

	"inzage/services/fault"
	"inzage/services/ledger"
)

func (w *world) seal(t testing.TB, n int) {
	t.Helper()
	must(t, w.Seal(t.Context(), eventsOf("req_1", n)))
}

func (w *world) checkpoint(t testing.TB) ledger.Signed {
	t.Helper()
	s, err := w.Checkpoint(t.Context())
	must(t, err)
	return s
}

// TestCheckpointIsASignedNote reads a checkpoint by its written form alone.
func TestCheckpointIsASignedNote(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 11)
	w.clock.pass(1234567 * time.Microsecond)
	s := w.checkpoint(t)
	root := rootOf(leavesOf(t, w.Ledger))
	text, signature, ok := strings.Cut(string(s.Note), "\n\n")
	want := fmt.Sprintf("%s\n11\n%s\ntime 2026-11-21T09:00:01.234Z", w.Key.Origin(), base64.StdEncoding.EncodeToString(root[:]))
	if !ok || text != want {
		t.Errorf("text = %q, want %q", text, want)
	}
	blob, ok := strings.CutPrefix(signature, "— "+w.Key.Origin()+" ")
	raw, err := base64.StdEncoding.DecodeString(strings.TrimSuffix(blob, "\n"))
	if !ok || err != nil || len(raw) != 68 {
		t.Fatalf("signature = %q: %v", signature, err)
	}
	parts := strings.Split(w.Key.Public().Lines()[0], "+")
	key, err := base64.StdEncoding.DecodeString(strings.Join(parts[2:], "+"))
	must(t, err)
	if fmt.Sprintf("%x", raw[:4]) != parts[1] || !ed25519.Verify(key[1:], []byte(text+"\n"), raw[4:]) {
		t.Error("the signature does not hold")
	}
	if !strings.HasPrefix(w.Key.Origin(), "inzage.example/ledger/") {
		t.Errorf("Origin = %q", w.Key.Origin())
	}
}

func TestOpenACheckpoint(t *testing.T) {
	w, other := open(t, t.TempDir()), open(t, t.TempDir())
	w.seal(t, 3)
	s := w.checkpoint(t)
	keys := w.Key.Public()
	got, err := keys.Open(s.Note)
	must(t, err)
	if d := cmp.Diff(s, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	cosigned := string(s.Note) + "— witness.example " + base64.StdEncoding.EncodeToString(make([]byte, 68)) + "\n"
	if _, err := keys.Open([]byte(cosigned)); err != nil {
		t.Errorf("a checkpoint that a witness signed, too: %v", err)
	}
	for name, c := range map[string]struct {
		keys ledger.Keys
		text string
		want string
	}{
		"another log's keys":  {other.Key.Public(), string(s.Note), "not among the known keys"},
		"another size":        {keys, strings.Replace(string(s.Note), "\n3\n", "\n4\n", 1), "does not fit its text"},
		"no note":             {keys, "hello", "not a signed note"},
		"nothing":             {keys, "", "not a signed note"},
		"signed by none":      {keys, strings.Split(string(s.Note), "\n\n")[0] + "\n\n", "not a signed note"},
		"not a checkpoint":    {keys, sign(t, w, "hello\n"), "four lines"},
		"a size with a zero":  {keys, sign(t, w, strings.Replace(s.Text(), "\n3\n", "\n03\n", 1)), "not written as a checkpoint"},
		"a negative size":     {keys, sign(t, w, strings.Replace(s.Text(), "\n3\n", "\n-3\n", 1)), "number of entries"},
		"a short root":        {keys, sign(t, w, strings.Replace(s.Text(), s.Root.String(), "AAAA", 1)), "root"},
		"a time of day":       {keys, sign(t, w, strings.Replace(s.Text(), "time 2026", "time x", 1)), "time"},
		"in another's name":   {keys, sign(t, w, strings.Replace(s.Text(), w.Key.Origin(), "else.example", 1)), "signed in the name of"},
		"loose base64 at end": {keys, loosen(string(s.Note)), "base64"},
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := c.keys.Open([]byte(c.text)); err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("err = %v, want %q in it", err, c.want)
			}
		})
	}
}

// sign signs any text with the world's key, as whoever has the key file can.
func sign(t testing.TB, w *world, text string) string {
	t.Helper()
	b, err := os.ReadFile(filepath.Join(w.folder, "ledger.json"))
	must(t, err)
	_, rest, _ := strings.Cut(string(b), `"signer": "`)
	private, _, _ := strings.Cut(rest, `"`)
	s, err := note.NewSigner(private)
	must(t, err)
	signed, err := note.Sign(&note.Note{Text: text}, s)
	must(t, err)
	return string(signed)
}

// loosen changes the last letter of a signature in bits that mean nothing.
func loosen(signed string) string {
	const letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/"
	i := strings.LastIndex(signed, "=") - 1
	return signed[:i] + string(letters[strings.IndexByte(letters, signed[i])+1]) + signed[i+1:]
}

func TestCheckpointsAreKept(t *testing.T) {
	w := open(t, t.TempDir())
	if _, err := w.Newest(t.Context()); fault.KindOf(err) != fault.NotFound {
		t.Errorf("Newest of none = %v, want NotFound", err)
	}
	w.seal(t, 5)
	first := w.checkpoint(t)
	w.clock.pass(time.Minute)
	if again := w.checkpoint(t); again.At.Equal(first.At) || again.Root != first.Root {
		t.Errorf("again = %v, want a new time and the same root", again)
	}
	w.seal(t, 1)
	second := w.checkpoint(t)
	newest, err := w.Newest(t.Context())
	must(t, err)
	if d := cmp.Diff(second, newest); d != "" {
		t.Errorf("Newest (-want +got):\n%s", d)
	}
	page, err := w.kept.List(t.Context(), "", 10)
	must(t, err)
	if len(page.Rows) != 2 || page.Rows[0].Size != 6 || page.Rows[1].Size != 5 || page.Rows[1].Note != string(first.Note) {
		t.Errorf("kept = %v, want those of 6 and 5 entries", page.Rows)
	}
}

func TestDaily(t *testing.T) {
	folder := t.TempDir()
	w, other := open(t, folder), open(t, folder)
	daily := func(w *world, want int) {
		t.Helper()
		if n, err := w.Daily(t.Context()); n != want || err != nil {
			t.Errorf("Daily = %d, %v, want %d", n, err, want)
		}
	}
	daily(w, 0) // nothing to sign yet
	w.seal(t, 2)
	daily(w, 1)
	daily(w, 0)
	daily(other, 0)
	for _, w := range []*world{w, other} {
		w.clock.pass(15 * time.Hour)
	}
	daily(other, 1)
	daily(w, 0)
	page, err := w.kept.List(t.Context(), "", 10)
	must(t, err)
	var got []string
	for _, c := range page.Rows {
		got = append(got, c.ID)
	}
	if d := cmp.Diff([]string{"chk_2026-11-22", "chk_2026-11-21"}, got); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestKeyFiles(t *testing.T) {
	folder := t.TempDir()
	path := filepath.Join(folder, "ledger.json")
	if _, err := ledger.OpenKey(path); err == nil || !strings.Contains(err.Error(), "does not exist") {
		t.Errorf("OpenKey of nothing = %v", err)
	}
	must(t, ledger.CreateKey(path, "Inzage.Example:8443"))
	info, err := os.Stat(path)
	must(t, err)
	if info.Mode().Perm() != 0o600 {
		t.Errorf("mode = %v, want 0600", info.Mode())
	}
	if err := ledger.CreateKey(path, "x"); err == nil || !strings.Contains(err.Error(), "already exists") {
		t.Errorf("CreateKey over a key = %v", err)
	}
	whole, err := os.ReadFile(path)
	must(t, err)
	k, err := ledger.OpenKey(path)
	must(t, err)
	if !strings.HasPrefix(k.Origin(), "inzage.example:8443/ledger/") {
		t.Errorf("Origin = %q", k.Origin())
	}
	other := filepath.Join(folder, "other.json")
	must(t, ledger.CreateKey(other, "x"))
	foreign, err := ledger.OpenKey(other)
	must(t, err)
	for name, text := range map[string]string{
		"empty":             "",
		"another format":    strings.Replace(string(whole), "inzage-ledger-1", "inzage-master-1", 1),
		"cut":               string(whole[:len(whole)/2]),
		"no public key":     strings.Replace(string(whole), k.Public().Lines()[0], "", 1),
		"another's public":  strings.Replace(string(whole), k.Public().Lines()[0], foreign.Public().Lines()[0], 1),
		"no private key":    strings.Replace(string(whole), "PRIVATE+KEY", "", 1),
		"another one's too": strings.Replace(string(whole), `"`+k.Public().Lines()[0]+`"`, `"`+k.Public().Lines()[0]+`","`+foreign.Public().Lines()[0]+`"`, 1),
	} {
		must(t, os.WriteFile(path, []byte(text), 0o600))
		_, err := ledger.OpenKey(path)
		if err == nil || !strings.Contains(err.Error(), "not valid") || strings.Contains(err.Error(), "PRIVATE") {
			t.Errorf("%s: OpenKey = %v", name, err)
		}
	}
	must(t, os.WriteFile(path, whole, 0o600))
	for _, mode := range []os.FileMode{0o640, 0o604, 0o620} {
		must(t, os.Chmod(path, mode))
		if _, err := ledger.OpenKey(path); err == nil || !strings.Contains(err.Error(), "chmod 600") {
			t.Errorf("mode %v: OpenKey = %v", mode, err)
		}
	}
	if _, err := ledger.OpenKey(folder); err == nil || !strings.Contains(err.Error(), "not a regular file") {
		t.Errorf("OpenKey of a folder = %v", err)
	}
}

func TestRotationKeepsOldCheckpointsValid(t *testing.T) {
	w := open(t, t.TempDir())
	path := filepath.Join(w.folder, "ledger.json")
	w.seal(t, 4)
	old := w.checkpoint(t)
	must(t, ledger.RotateKey(path))
	rotated := open(t, w.folder)
	if rotated.Key.Origin() != w.Key.Origin() {
		t.Errorf("Origin = %q, want %q", rotated.Key.Origin(), w.Key.Origin())
	}
	must(t, rotated.Resume(t.Context()))
	rotated.seal(t, 1)
	fresh := rotated.checkpoint(t)
	if _, err := rotated.Key.Public().Open(old.Note); err != nil {
		t.Errorf("the old checkpoint: %v", err)
	}
	if _, err := w.Key.Public().Open(fresh.Note); err == nil {
		t.Error("the old keys open what the new key signed")
	}
	if got := rotated.Key.Public().Lines(); len(got) != 2 || got[1] != w.Key.Public().Lines()[0] {
		t.Errorf("keys = %v", got)
	}
	b, err := os.ReadFile(path)
	must(t, err)
	if n := strings.Count(string(b), "PRIVATE+KEY"); n != 1 {
		t.Errorf("%d private keys in the file, want the new one only", n)
	}
}

func TestParseKeys(t *testing.T) {
	w := open(t, t.TempDir())
	line := w.Key.Public().Lines()[0]
	k, err := ledger.ParseKeys("# ours\r\n\n" + line + "\r\n")
	must(t, err)
	if d := cmp.Diff([]string{line}, k.Lines()); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
	for _, text := range []string{"", "# none\n", line + "x", "a+b+c"} {
		if _, err := ledger.ParseKeys(text); err == nil {
			t.Errorf("ParseKeys(%q) = nil", text)
		}
	}
}

func TestWithoutAKeyNothingIsSigned(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 3)
	l := &ledger.Ledger{Log: w.Log}
	if _, err := l.Checkpoint(t.Context()); err == nil {
		t.Error("Checkpoint without a key")
	}
	c, err := l.Confirm(t.Context(), 2)
	must(t, err)
	if !c.Verified || !c.At.IsZero() || c.Size != 3 {
		t.Errorf("Confirm = %+v, want it verified against the log itself", c)
	}
}

func TestConfirm(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 10)
	s := w.checkpoint(t)
	w.clock.pass(time.Hour)
	w.seal(t, 3)
	_, err := w.KeepMark(t.Context())
	must(t, err)
	marked := w.clock.now()
	w.seal(t, 2)
	for name, c := range map[string]struct {
		number, size int64
		at           time.Time
	}{
		"under the kept checkpoint": {4, 10, s.At},
		"its last":                  {9, 10, s.At},
		"under the mark":            {10, 13, marked},
		"newer than both":           {13, 15, time.Time{}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := w.Confirm(t.Context(), c.number)
			must(t, err)
			leaves := leavesOf(t, w.Ledger)
			if !got.Verified || got.Number != c.number || got.Size != c.size || !got.At.Equal(c.at) ||
				sum(got.Root) != rootOf(leaves[:c.size]) || sum(got.Leaf) != leaves[c.number] {
				t.Errorf("Confirm = %+v, want %+v", got, c)
			}
			if d := cmp.Diff(hexes(pathOf(int(c.number), leaves[:c.size])), hexes(got.Proof)); d != "" {
				t.Errorf("Proof (-want +got):\n%s", d)
			}
		})
	}
	for _, n := range []int64{-1, 15, 1 << 40} {
		if _, err := w.Confirm(t.Context(), n); fault.KindOf(err) != fault.NotFound {
			t.Errorf("Confirm(%d) = %v, want NotFound", n, err)
		}
	}
}

func TestConfirmSeesAChangedEntry(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 10)
	w.checkpoint(t)
	w.tamper(t, `UPDATE "log:records" SET data = replace(data, 'parcel.weigh', 'parcel.paint') WHERE number = 4`)
	got, err := w.Confirm(t.Context(), 4)
	must(t, err)
	if got.Verified {
		t.Error("a changed entry was verified")
	}
	if got, err = w.Confirm(t.Context(), 5); err != nil || !got.Verified {
		t.Errorf("its neighbour = %+v, %v, want it verified", got, err)
	}
	// Changed with its own stored hash, it still does not lead to the signed root.
	w.tamper(t, `UPDATE "log:records" SET hashes = zeroblob(32) WHERE number = 6`)
	if got, err = w.Confirm(t.Context(), 7); err != nil || got.Verified {
		t.Errorf("beside a changed hash = %+v, %v, want it not verified", got, err)
	}
}

func TestResumeRecognisesARollback(t *testing.T) {
	for name, c := range map[string]struct {
		happens func(t *testing.T, w *world, old string)
		want    string // "" when the start must succeed
		where   string
	}{
		"nothing happened":       {func(*testing.T, *world, string) {}, "", ""},
		"an older copy":          {putBack, "has a checkpoint of", "the mark"},
		"an older copy, no mark": {func(t *testing.T, w *world, old string) { putBack(t, w, old); must(t, os.Remove(w.Mark.Path)) }, "", ""},
		"rewritten, no mark": {func(t *testing.T, w *world, _ string) {
			must(t, os.Remove(w.Mark.Path))
			w.tamper(t, `UPDATE "log:records" SET hashes = zeroblob(64) WHERE number = 9`)
		}, "are not those of the checkpoint", "the store"},
		"rewritten behind the kept checkpoint": {func(t *testing.T, w *world, _ string) {
			w.tamper(t, `UPDATE "log:records" SET hashes = zeroblob(32) WHERE number = 12`)
		}, "are not those of the checkpoint", "the mark"},
		"entries cut off, no mark": {func(t *testing.T, w *world, _ string) {
			must(t, os.Remove(w.Mark.Path))
			w.tamper(t, `DELETE FROM "log:records" WHERE number >= 9`)
		}, "has a checkpoint of", "the store"},
		"another log": {func(t *testing.T, w *world, _ string) {
			must(t, os.RemoveAll(filepath.Join(w.folder, "store")))
		}, "has a checkpoint of", "the mark"},
		"a mark of noise": {func(t *testing.T, w *world, _ string) {
			must(t, os.WriteFile(w.Mark.Path, []byte("noise"), 0o600))
		}, "cannot be believed", ""},
		"another key": {func(t *testing.T, w *world, _ string) {
			must(t, os.Remove(filepath.Join(w.folder, "ledger.json")))
			must(t, os.Remove(w.Mark.Path))
		}, "not among the known keys", ""},
	} {
		t.Run(name, func(t *testing.T) {
			w := open(t, t.TempDir())
			w.seal(t, 7)
			must(t, w.Resume(t.Context()))
			old := filepath.Join(t.TempDir(), "old.db")
			must(t, w.engine.Backup(t.Context(), "", old))
			w.seal(t, 3)
			w.checkpoint(t)
			w.seal(t, 3)
			_, err := w.KeepMark(t.Context())
			must(t, err)
			w.engine.Close()
			c.happens(t, w, old)
			err = open(t, w.folder).Resume(t.Context())
			if c.want == "" {
				must(t, err)
				return
			}
			if err == nil || !strings.Contains(err.Error(), c.want) || strings.Contains(err.Error(), "\n") {
				t.Fatalf("Resume = %v, want %q in it", err, c.want)
			}
			var r *ledger.Rollback
			if errors.As(err, &r) != (c.where != "") || (r != nil && !strings.HasPrefix(r.Where, c.where)) {
				t.Errorf("Resume = %+v, want a rollback seen by %q", err, c.where)
			}
			if _, again := open(t, w.folder).KeepMark(t.Context()); c.where == "the mark" && again == nil {
				t.Error("the mark was moved over the evidence")
			}
		})
	}
}

// putBack puts an older copy of the store in the place of the store.
func putBack(t *testing.T, w *world, old string) {
	t.Helper()
	store := filepath.Join(w.folder, "store")
	must(t, os.RemoveAll(store))
	must(t, os.Mkdir(store, 0o700))
	b, err := os.ReadFile(old)
	must(t, err)
	must(t, os.WriteFile(filepath.Join(store, "inzage.db"), b, 0o600))
}

func TestCheckpointAfterARollbackSignsNothing(t *testing.T) {
	w := open(t, t.TempDir())
	w.seal(t, 9)
	w.checkpoint(t)
	w.tamper(t, `DELETE FROM "log:records" WHERE number >= 6`)
	var r *ledger.Rollback
	if _, err := w.Checkpoint(t.Context()); !errors.As(err, &r) || r.Size != 6 || r.Seen.Size != 9 {
		t.Errorf("Checkpoint = %v, want a rollback from 9 to 6", err)
	}
	if _, err := w.KeepMark(t.Context()); !errors.As(err, &r) {
		t.Errorf("KeepMark = %v, want a rollback", err)
	}
	w.clock.pass(24 * time.Hour)
	if _, err := w.Daily(t.Context()); !errors.As(err, &r) {
		t.Errorf("Daily = %v, want a rollback", err)
	}
}

func TestTheMarkIsSharedByProcesses(t *testing.T) {
	folder := t.TempDir()
	a, b := open(t, folder), open(t, folder)
	a.seal(t, 5)
	b.checkpoint(t)
	a.seal(t, 1)
	_, err := a.KeepMark(t.Context())
	must(t, err)
	// b's own is of 5 entries, the file of 6: it is not set back.
	_, err = b.KeepMark(t.Context())
	must(t, err)
	text, err := os.ReadFile(filepath.Join(folder, "mark.txt"))
	must(t, err)
	s, err := a.Key.Public().Open(text)
	must(t, err)
	if s.Size != 6 {
		t.Errorf("the mark is at %d, want 6", s.Size)
	}
}
