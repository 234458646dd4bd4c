package main

import (
	"bytes"
	"encoding/base64"
	"fmt"
	"io"
	"io/fs"
	"log/slog"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inzage/config"
	"inzage/services/fault"
	"inzage/services/vault"
)

// sibling is another, empty data folder with the key files of this one, and
// with its mark when that is asked for.
func (i installation) sibling(name string, mark bool) installation {
	i.t.Helper()
	s := installation{i.t, i.path(name)}
	copyFolder(i.t, filepath.Join(i.data, "keys"), filepath.Join(s.data, "keys"))
	if !mark {
		if err := os.Remove(markPath(s.data)); err != nil {
			i.t.Fatal(err)
		}
	}
	return s
}

// open opens the store in this process; done closes it.
func (i installation) open() (p *portal, done func()) {
	i.t.Helper()
	cfg, err := config.Load(nil, i.environ())
	if err != nil {
		i.t.Fatal(err)
	}
	p, err = open(i.t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		i.t.Fatal(err)
	}
	return p, func() {
		if err := p.close(); err != nil {
			i.t.Error(err)
		}
	}
}

// TestBackupWhileFiling takes a backup of a portal that is being filed at, and
// puts it back elsewhere: what was acknowledged before is there, once. The filers
// file one request after the other until the backup is made.
func TestBackupWhileFiling(t *testing.T) {
	const filers, before = 12, 20
	p := newProgram(t, "INZAGE_TRUSTED_PROXIES=127.0.0.1/32", unhurried)
	controller := ""
	prepared(t, p, func(o *portal) {
		partners(t, o)
		org, err := o.identity.OrganisationAt(t.Context(), "korenaar")
		if err != nil {
			t.Fatal(err)
		}
		controller = org.ID
	})
	p.start()
	acknowledged, made := make(chan *visitor, before), make(chan struct{})
	var filing sync.WaitGroup
	var begun, ended atomic.Int64
	for range filers {
		filing.Go(func() {
			for {
				v, err := newVisitor("http://"+p.address, int(begun.Add(1)))
				if err == nil {
					err = v.file(controller)
				}
				if err != nil {
					t.Errorf("file: %v", err)
				}
				ended.Add(1)
				select {
				case acknowledged <- v:
				default: // enough are known
				}
				select {
				case <-made:
					return
				default:
				}
			}
		})
	}
	var early []*visitor
	for range before {
		early = append(early, <-acknowledged)
	}
	since := ended.Load()
	path := filepath.Join(t.TempDir(), "backup.zip")
	out, errs, code := p.run("backup", path)
	close(made)
	t.Logf("backed up after %d filings; %d ended meanwhile, and %d were under way at its end", since, ended.Load()-since, begun.Load()-ended.Load())
	filing.Wait()
	if code != 0 || errs != "" || !strings.Contains(out, "keep it apart") {
		t.Fatalf("backup: code = %d, stdout = %q, stderr = %q", code, out, errs)
	}
	p.stop()

	q := newProgram(t, "INZAGE_TRUSTED_PROXIES=127.0.0.1/32")
	copyFolder(t, filepath.Join(p.data, "keys"), filepath.Join(q.data, "keys"))
	if err := os.Remove(markPath(q.data)); err != nil {
		t.Fatal(err)
	}
	if out, errs, code := q.run("restore", path); code != 0 || errs != "" {
		t.Fatalf("restore: code = %d, stdout = %q, stderr = %q", code, out, errs)
	}
	q.start()
	for _, v := range early {
		v.base = "http://" + q.address // the cookies are of the host
		if _, doc, err := v.token("/file/prove"); err != nil {
			t.Errorf("a filing acknowledged before the backup is not in it: %v (%s)", err, doc.Find("h1").Text())
		}
	}
	q.stop()
	export := filepath.Join(t.TempDir(), "export")
	for _, args := range [][]string{{"ledger", "export", "--out", export}, {"ledger", "verify", export}} {
		if out, errs, code := q.run(args...); code != 0 || errs != "" {
			t.Errorf("%v: code = %d, stdout = %q, stderr = %q", args, code, out, errs)
		}
	}
}

// run runs a command beside the program, on its settings.
func (p *program) run(args ...string) (stdout, stderr string, code int) {
	p.t.Helper()
	var out, errs bytes.Buffer
	code = run(p.t.Context(), args, strings.NewReader(""), &out, &errs, p.env)
	return out.String(), errs.String(), code
}

// TestRestoreIsWholeOrNothing flips a byte of a backup, anywhere, takes a file
// away, and adds one: nothing is restored then. Whole, it is.
func TestRestoreIsWholeOrNothing(t *testing.T) {
	i := installed(t)
	i.record(20)
	seal(t, i, "req_1", "a photo of a passport")
	for _, name := range []string{"folder", "file.zip"} {
		t.Run(name, func(t *testing.T) {
			i := installation{t, i.data}
			i.done("backup", i.path(name), "--keys", i.path("keys-"+name))
			fresh := i.sibling("restored-"+name, false)
			restore := []string{"restore", i.path(name), "--keys", i.path("keys-" + name)}
			flipped := 0
			for _, file := range append(filesUnder(t, i.path(name)), filesUnder(t, i.path("keys-"+name))...) {
				for range 12 {
					undo := flip(t, file)
					fresh.refused("Nothing was restored: ", restore...)
					undo()
					flipped++
				}
			}
			t.Logf("%d of %d flipped bytes were found", flipped, flipped)
			if name == "folder" {
				extra := i.keep(filepath.Join(name, "store", "more.db"), "more")
				fresh.refused("store/more.db is in it, but not in its manifest.txt", restore...)
				if err := os.Rename(extra, i.path("more.db")); err != nil {
					t.Fatal(err)
				}
				if err := os.Rename(filepath.Join(i.path(name), storeName), i.path("taken.db")); err != nil {
					t.Fatal(err)
				}
				fresh.refused("store/inzage.db is missing", restore...)
				if err := os.Rename(i.path("taken.db"), filepath.Join(i.path(name), storeName)); err != nil {
					t.Fatal(err)
				}
			}
			fresh.done(restore...)
			fresh.refused("is not empty", restore...)
			if got, err := unseal(t, fresh, "req_1"); got != "a photo of a passport" {
				t.Errorf("restored: %q, %v", got, err)
			}
		})
	}
}

// refused asserts that the command ends without 0, with one line that holds
// want, and leaves the data folder as it was.
func (i installation) refused(want string, args ...string) {
	i.t.Helper()
	before := fmt.Sprint(filesUnder(i.t, i.data))
	code, out, errs := i.run(args...)
	if code == 0 || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, want) {
		i.t.Errorf("%v: code = %d, stdout = %q, stderr = %q, want a refusal with %q", args, code, out, errs, want)
	}
	if after := fmt.Sprint(filesUnder(i.t, i.data)); after != before {
		i.t.Errorf("%v left %v in the data folder, which had %v", args, after, before)
	}
}

// flip changes a bit of the file somewhere; undo changes it back.
func flip(t *testing.T, file string) (undo func()) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	at, bit := rand.IntN(len(b)), byte(1)<<rand.IntN(8)
	write := func() {
		b[at] ^= bit
		if err := os.WriteFile(file, b, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	write()
	return write
}

// filesUnder are the files below the path, or the path itself when it is one.
func filesUnder(t *testing.T, path string) []string {
	t.Helper()
	var all []string
	err := filepath.WalkDir(path, func(name string, d fs.DirEntry, err error) error {
		if err == nil && !d.IsDir() {
			all = append(all, name)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return all
}

// seal keeps text as a file of the object, with a key of its own.
func seal(t *testing.T, i installation, object, text string) {
	t.Helper()
	p, done := i.open()
	defer done()
	if _, err := p.vault.Create(t.Context(), object); err != nil {
		t.Fatal(err)
	}
	if _, err := p.vault.PutFile(t.Context(), object, "photo", strings.NewReader(text), int64(len(text)), 1<<20); err != nil {
		t.Fatal(err)
	}
}

// unseal reads what seal kept.
func unseal(t *testing.T, i installation, object string) (string, error) {
	t.Helper()
	p, done := i.open()
	defer done()
	r, err := p.vault.OpenFile(t.Context(), object, "photo")
	if err != nil {
		return "", err
	}
	defer r.Close()
	b, err := io.ReadAll(r)
	return string(b), err
}

// TestAnOlderBackupIsRecognised puts an older backup back beside a mark that
// has seen more: it is not served, until somebody means it.
func TestAnOlderBackupIsRecognised(t *testing.T) {
	i := installed(t)
	i.record(3)
	i.done("backup", i.path("older"))
	i.record(4)
	i.done("backup", i.path("newer"))

	back := i.sibling("back", true)
	mark := markPath(back.data)
	code, out, errs := back.run("restore", i.path("older"))
	if code != 0 || !strings.Contains(out, "was restored to") || !strings.HasPrefix(errs, "The portal will not start yet: the ledger has ") {
		t.Errorf("restore: code = %d, stdout = %q, stderr = %q, want it done with a warning", code, out, errs)
	}
	const want = "an older copy of the store was put back; put back the newest one, or remove the file "
	back.fails(want+mark+" to go on on purpose without what was lost", "serve", "--listen", "127.0.0.1:0")
	if err := os.Remove(mark); err != nil {
		t.Fatal(err)
	}
	back.done("ledger", "checkpoint")
	// Even then whoever holds the later checkpoint can tell.
	back.done("ledger", "export", "--out", back.path("rolled-back"))
	back.fails("it is older, or entries were lost", "ledger", "verify", back.path("rolled-back"), "--since", filepath.Join(i.path("newer"), "checkpoint.txt"))

	newest := i.sibling("newest", true)
	newest.done("restore", i.path("newer"))
	newest.done("ledger", "checkpoint")
}

// TestWhatWasShreddedStaysGone looks for the bytes of a shredded object in a
// backup made after it was destroyed, and puts an older one back with the
// newest keys.
func TestWhatWasShreddedStaysGone(t *testing.T) {
	i := installed(t)
	seal(t, i, "req_gone", "what is to be forgotten")
	seal(t, i, "req_kept", "what stays")
	p, done := i.open()
	canaries := canariesOf(t, p, "req_gone")
	kept := canariesOf(t, p, "req_kept")
	done()
	i.done("backup", i.path("before"))
	p, done = i.open()
	if err := p.vault.Shred(t.Context(), "req_gone"); err != nil {
		t.Fatal(err)
	}
	done()
	i.done("backup", i.path("after"))
	for name, c := range canaries {
		if n := found(t, i, c, "before", "before.keys"); n == 0 {
			t.Errorf("%s is not in the backup made before: the search finds nothing", name)
		}
		if n := found(t, i, c, "after", "after.keys"); n != 0 {
			t.Errorf("%s is in %d files of the backup made after it was shredded", name, n)
		}
	}
	for name, c := range kept {
		if found(t, i, c, "after", "after.keys") == 0 {
			t.Errorf("%s of the object that stays is not in the backup", name)
		}
	}
	back := i.sibling("back", false)
	back.done("restore", i.path("before"), "--keys", i.path("after.keys"))
	if got, err := unseal(t, back, "req_kept"); got != "what stays" {
		t.Errorf("what stays reads %q, %v", got, err)
	}
	if got, err := unseal(t, back, "req_gone"); fault.KindOf(err) != fault.Gone {
		t.Errorf("what was shredded reads %q, %v from an older backup with the newest keys, want gone", got, err)
	}
}

// canariesOf are the bytes of an object's wrapped keys and of its encrypted
// file, as they are stored.
func canariesOf(t *testing.T, p *portal, object string) map[string][]byte {
	t.Helper()
	rec, err := on[vault.KeyRecord](p.engine, vault.Kinds, "keys").Get(t.Context(), object)
	if err != nil {
		t.Fatal(err)
	}
	r, err := p.blobs.Open(t.Context(), object+"/photo")
	if err != nil {
		t.Fatal(err)
	}
	blob, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return map[string][]byte{"the key of its fields": []byte(base64.StdEncoding.EncodeToString(rec.Fields)),
		"the key of its files": []byte(base64.StdEncoding.EncodeToString(rec.Files)), "its file": blob}
}

// found counts the files that hold the bytes.
func found(t *testing.T, i installation, bytesOf []byte, names ...string) int {
	t.Helper()
	n := 0
	for _, name := range names {
		for _, file := range filesUnder(t, i.path(name)) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if bytes.Contains(b, bytesOf) {
				n++
			}
		}
	}
	return n
}

func TestBackupHoldsNoKeyFile(t *testing.T) {
	i := installed(t)
	i.done("backup", i.path("copy"))
	for _, name := range []string{"master.json", "ledger.json"} {
		b, err := os.ReadFile(filepath.Join(i.data, "keys", name))
		if err != nil {
			t.Fatal(err)
		}
		for _, secret := range strings.Split(string(b), `"`) {
			if len(secret) > 40 && found(t, i, []byte(secret), "copy", "copy.keys") != 0 {
				// A public key may be there; it has no secret in it.
				if !strings.Contains(name, "ledger") || strings.HasPrefix(secret, "PRIVATE") {
					t.Errorf("the backup holds what is in %s", name)
				}
			}
		}
	}
}

func TestBackupCommandLines(t *testing.T) {
	i := installed(t)
	taken := i.keep("taken", "")
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"nowhere":              {[]string{"backup"}, "Name the one folder or ZIP: inzage backup PATH."},
		"two places":           {[]string{"backup", "a", "b"}, "Name the one folder or ZIP"},
		"over a file":          {[]string{"backup", taken}, "There is something at"},
		"keys over a file":     {[]string{"backup", i.path("free"), "--keys", taken}, "There is something at"},
		"MongoDB":              {[]string{"backup", i.path("free"), "--store", "mongodb://127.0.0.1/inzage"}, "take its backup with mongodump"},
		"restore to MongoDB":   {[]string{"restore", taken, "--store", "mongodb://127.0.0.1/inzage"}, "put it back with mongorestore"},
		"restore over a one":   {[]string{"restore", i.path("free")}, "is not empty, there is"},
		"restore from nothing": {[]string{"restore", i.path("free"), "--data", i.path("empty")}, "no such file"},
	} {
		t.Run(name, func(t *testing.T) {
			code, out, errs := i.run(c.args...)
			if code != 2 || out != "" || strings.Count(errs, "\n") != 1 || !strings.Contains(errs, c.want) {
				t.Errorf("code = %d, stdout = %q, stderr = %q, want 2 and %q", code, out, errs, c.want)
			}
		})
	}
}
