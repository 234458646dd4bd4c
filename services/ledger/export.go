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
	"slices"
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

// The first line of a manifest names the format of the export; the number
// changes with it.
const (
	manifestHead = "inzage ledger export 1"
	partyHead    = "inzage party export 1"
)

// page is how many records are read from the store at once.
const page = 1000

// Export writes everything that is sealed now, with a checkpoint of it, and
// returns that checkpoint. On the way it recomputes every hash: a *Damage says
// which record of the store is not what was sealed. Memory does not grow with
// the log. The caller closes the archive when there was no error.
func (l *Ledger) Export(ctx context.Context, to Archive) (Signed, error) {
	return l.export(ctx, to, nil)
}

// ExportOf is Export for an organisation: what it did, and what was refused to
// it, can be read; of every other entry only the hash is there. From that the
// root can be recomputed, but not what was hashed: an event's id alone has 128
// random bits.
func (l *Ledger) ExportOf(ctx context.Context, organisation string, to Archive) (Signed, error) {
	if organisation == "" { // the entries of subjects and of the portal belong to nobody
		return Signed{}, errors.New("export the entries of an organisation: it has no id")
	}
	return l.export(ctx, to, &Party{Organisation: organisation})
}

// export counts the party's own entries on the way.
func (l *Ledger) export(ctx context.Context, to Archive, party *Party) (Signed, error) {
	s, err := l.now(ctx)
	if err != nil {
		return s, err
	}
	m := manifest{origin: s.Origin, party: party}
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
			if line, err = party.appendLine(line[:0], r, leaf); err != nil {
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

// appendLine appends the line of a record: without its data when they are of
// another than the party.
func (p *Party) appendLine(line []byte, r Record, leaf tlog.Hash) ([]byte, error) {
	if p == nil {
		return appendLine(line, r.Number, leaf, r.Data)
	}
	e, err := canonicalEvent(r.Data)
	if err != nil {
		return nil, &Damage{r.Number, err.Error()}
	}
	if e.Organisation != p.Organisation {
		line = strconv.AppendInt(append(line, linePrefix...), r.Number, 10)
		return append(hex.AppendEncode(append(line, lineLeaf...), leaf[:]), lineEnd...), nil
	}
	p.Own++
	return appendLine(line, r.Number, leaf, r.Data)
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
	party  *Party // nil for the whole ledger
	files  []fileDigest
}

type fileDigest struct {
	name string
	size int64
	sum  [sha256.Size]byte
}

func (m *manifest) text() string {
	var b strings.Builder
	if m.party == nil {
		fmt.Fprintf(&b, "%s\n%s\n", manifestHead, m.origin)
	} else {
		fmt.Fprintf(&b, "%s\n%s\n%s %d\n", partyHead, m.origin, m.party.Organisation, m.party.Own)
	}
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
	if lines[0] != manifestHead && lines[0] != partyHead {
		return manifest{}, say(manifestLine, manifestHead, partyHead)
	}
	var m manifest
	if lines[0] == partyHead && len(lines) > 2 {
		m.party = &Party{}
		if _, err := fmt.Sscanf(lines[2], "%s %d", &m.party.Organisation, &m.party.Own); err != nil || m.party.Own < 0 {
			return m, say(manifestParty)
		}
		lines = slices.Delete(lines, 2, 3)
	}
	if len(lines) != len(exportFiles)+2 {
		return m, say(manifestList)
	}
	m.origin = lines[1]
	for _, line := range lines[2 : len(lines)-1] {
		var f fileDigest
		var sum []byte
		if _, err := fmt.Sscanf(line, "%s %d %x", &f.name, &f.size, &sum); err != nil || len(sum) != sha256.Size {
			return m, say(manifestList)
		}
		f.sum = [sha256.Size]byte(sum)
		m.files = append(m.files, f)
	}
	for i, f := range m.files {
		if f.name != exportFiles[i] {
			return m, say(manifestOrder)
		}
	}
	if m.text() != text {
		return m, say(manifestForm)
	}
	return m, nil
}
