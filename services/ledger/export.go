package ledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	_ "embed" // the description of the format goes into every export
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"hash"
	"io"
	"strconv"
	"strings"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

//go:embed export_format.txt
var exportFormat string

// The files of an export, in the order in which they are written.
const (
	readmeFile     = "README.txt"
	keysFile       = "keys.txt"
	checkpointFile = "checkpoint.txt"
	entriesFile    = "entries.jsonl"
	manifestFile   = "manifest.txt"
)

var exportFiles = [...]string{readmeFile, keysFile, checkpointFile, entriesFile, manifestFile}

// manifestHead names the format of an export; the number changes with it.
const manifestHead = "inzage ledger export 1"

// page is how many records are read from the store at once.
const page = 1000

// Export writes everything that is sealed now, with a checkpoint of it, and
// returns that checkpoint. On the way it recomputes every hash: a *Damage says
// which record of the store is not what was sealed. Memory does not grow with
// the log. The caller closes the archive when there was no error.
func (l *Ledger) Export(ctx context.Context, to Archive) (Signed, error) {
	s, err := l.now(ctx)
	if err != nil {
		return s, err
	}
	m := manifest{origin: s.Origin}
	for _, f := range []struct{ name, text string }{
		{readmeFile, exportFormat}, {keysFile, l.Key.public.String()}, {checkpointFile, string(s.Note)},
	} {
		err := m.write(to, f.name, func(w io.Writer) error {
			_, err := io.WriteString(w, f.text)
			return err
		})
		if err != nil {
			return s, err
		}
	}
	err = m.write(to, entriesFile, func(w io.Writer) error {
		var line []byte
		return l.walk(ctx, s.Checkpoint, func(r Record, leaf tlog.Hash) error {
			if line, err = appendLine(line[:0], r.Number, leaf, r.Data); err != nil {
				return err
			}
			_, err := w.Write(line)
			return err
		})
	})
	if err != nil {
		return s, err
	}
	signed, err := l.Key.sign(m.text())
	if err != nil {
		return s, fmt.Errorf("sign the manifest: %w", err)
	}
	w, err := to.Create(manifestFile)
	if err == nil {
		_, err = w.Write(signed)
	}
	if err != nil {
		return s, fmt.Errorf("write %s: %w", manifestFile, err)
	}
	return s, nil
}

// Damage says which record of the store is not what was sealed.
type Damage struct {
	Number int64
	Text   string
}

// Error names the entry.
func (d *Damage) Error() string {
	return fmt.Sprintf("entry %d in the store is damaged: %s", d.Number, d.Text)
}

// Check recomputes every hash of the first c.Size records and holds them
// against those stored and against the root; a *Damage names the first that differs.
func (l *Ledger) Check(ctx context.Context, c Checkpoint) error {
	return l.walk(ctx, c, func(Record, tlog.Hash) error { return nil })
}

func (l *Ledger) walk(ctx context.Context, c Checkpoint, visit func(Record, tlog.Hash) error) error {
	var t tree
	var completed []tlog.Hash
	for t.size < c.Size {
		records, err := l.records(ctx, t.size, int(min(page, c.Size-t.size)))
		if err != nil {
			return err
		}
		if len(records) == 0 {
			return &Damage{t.size, fmt.Sprintf("it is missing, though the log has %d entries", c.Size)}
		}
		for _, r := range records {
			leaf := tlog.RecordHash(r.Data)
			completed = t.add(leaf, completed)
			if err := sameRecord(r, completed); err != nil {
				return err
			}
			if err := visit(r, leaf); err != nil {
				return err
			}
		}
	}
	if t.root() != c.Root {
		return &Damage{c.Size - 1, "the root over the entries is not the one that is signed"}
	}
	return nil
}

// sameRecord holds what the store keeps beside the data against the data.
func sameRecord(r Record, completed []tlog.Hash) error {
	if len(r.Hashes) != len(completed) {
		return &Damage{r.Number, "it stores another number of hashes"}
	}
	for i, h := range completed {
		if !bytes.Equal(h[:], r.Hashes[i]) {
			return &Damage{r.Number, "its data do not have the stored hash"}
		}
	}
	// Somebody who moved a record to another object would hide it from a history.
	// Nearly always a look at the bytes is enough.
	if bytes.HasPrefix(r.Data, []byte(`{"id":"`+r.EventID+`",`)) && bytes.Contains(r.Data, []byte(`","object":"`+r.Object+`","outcome":"`)) {
		return nil
	}
	var e Event
	if json.Unmarshal(r.Data, &e) != nil || e.ID != r.EventID || e.Object != r.Object {
		return &Damage{r.Number, "it is filed under another event or object than its data name"}
	}
	return nil
}

// appendLine appends one line of the file of entries. Only the quotation mark
// and the backslash are escaped, so that there is one way to write a line.
func appendLine(line []byte, number int64, leaf tlog.Hash, data []byte) ([]byte, error) {
	line = append(line, linePrefix...)
	line = strconv.AppendInt(line, number, 10)
	line = append(line, lineLeaf...)
	line = hex.AppendEncode(line, leaf[:])
	line = append(line, lineData...)
	for _, b := range data {
		if b < ' ' {
			return nil, &Damage{number, "its data are not JSON as the portal writes it"}
		}
		if b == '"' || b == '\\' {
			line = append(line, '\\')
		}
		line = append(line, b)
	}
	if !utf8.Valid(data) {
		return nil, &Damage{number, "its data are not UTF-8"}
	}
	return append(line, lineEnd...), nil
}

const (
	linePrefix = `{"number":`
	lineLeaf   = `,"leaf":"`
	lineData   = `","data":"`
	lineEnd    = "\"}\n"
)

// manifest collects the digests of the files of an export.
type manifest struct {
	origin string
	files  []fileDigest
}

type fileDigest struct {
	name string
	size int64
	sum  [sha256.Size]byte
}

func (m *manifest) text() string {
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n%s\n", manifestHead, m.origin)
	for _, f := range m.files {
		fmt.Fprintf(&b, "%s %d %x\n", f.name, f.size, f.sum)
	}
	return b.String()
}

func (m *manifest) write(to Archive, name string, fill func(io.Writer) error) error {
	w, err := to.Create(name)
	if err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	d := &digester{sum: sha256.New()}
	buffered := bufio.NewWriterSize(io.MultiWriter(w, d), 64<<10)
	if err := fill(buffered); err != nil {
		return err
	}
	if err := buffered.Flush(); err != nil {
		return fmt.Errorf("write %s: %w", name, err)
	}
	m.files = append(m.files, d.digest(name))
	return nil
}

// digester counts and hashes what is written to it.
type digester struct {
	size int64
	sum  hash.Hash
}

func (d *digester) Write(p []byte) (int, error) {
	d.size += int64(len(p))
	return d.sum.Write(p)
}

func (d *digester) digest(name string) fileDigest {
	return fileDigest{name: name, size: d.size, sum: [sha256.Size]byte(d.sum.Sum(nil))}
}

// parseManifest reads the signed text of a manifest. There is one way to write it.
func parseManifest(text string) (manifest, error) {
	lines := strings.Split(text, "\n")
	if lines[0] != manifestHead {
		return manifest{}, fmt.Errorf("its first line is not %q", manifestHead)
	}
	if len(lines) != len(exportFiles)+2 {
		return manifest{}, errors.New("it does not list the files of an export")
	}
	m := manifest{origin: lines[1]}
	for _, line := range lines[2 : len(lines)-1] {
		var f fileDigest
		var sum []byte
		if _, err := fmt.Sscanf(line, "%s %d %x", &f.name, &f.size, &sum); err != nil || len(sum) != sha256.Size {
			return m, errors.New("it does not list the files of an export")
		}
		f.sum = [sha256.Size]byte(sum)
		m.files = append(m.files, f)
	}
	for i, f := range m.files {
		if f.name != exportFiles[i] {
			return m, errors.New("it does not list the files of an export in their order")
		}
	}
	if m.text() != text {
		return m, errors.New("it is not written as a manifest is")
	}
	return m, nil
}
