package ledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// eventKey is a digest of an event's id, or the hash of an entry that cannot be read.
type eventKey [16]byte

// walker is where the verifier is in the file of entries.
type walker struct {
	size        int64
	since       *Checkpoint
	party       *Party // whose entries alone can be read; nil for all
	own         int64  // read so far
	tree        tree
	seen        map[eventKey]int64
	first, last time.Time
	data        []byte // buffers that are used again for every line
	completed   []tlog.Hash
}

func (w *walker) span(e Event) {
	if w.first.IsZero() || e.At.Before(w.first) {
		w.first = e.At
	}
	if e.At.After(w.last) {
		w.last = e.At
	}
}

// entries goes over the file of entries once: every line in its place, every
// hash its own, every event once, and the roots those that were signed.
func (v *verifier) entries(ctx context.Context) error {
	f, err := v.export.Open(entriesFile)
	if err != nil {
		return unreadable(entriesFile, err)
	}
	defer f.Close()
	d := &digester{sum: sha256.New()}
	in := bufio.NewReaderSize(io.TeeReader(f, d), 64<<10)
	w := walker{size: v.report.Checkpoint.Size, since: v.report.Since, party: v.report.Party, seen: map[eventKey]int64{}, data: []byte{}}
	var line []byte
	for {
		if w.tree.size%page == 0 && ctx.Err() != nil {
			return ctx.Err()
		}
		if err := w.earlier(); err != nil {
			return err
		}
		line, err = readLine(in, line)
		if errors.Is(err, io.EOF) {
			break
		}
		if err != nil {
			return w.broken(err)
		}
		if err := w.line(line); err != nil {
			return w.flaw(remark(err))
		}
	}
	if err := w.end(v.report.Checkpoint.Root); err != nil {
		return err
	}
	if w.party != nil && w.own != w.party.Own {
		return &Flaw{File: entriesFile, What: say(entriesOwn, w.own, w.party.Own)}
	}
	v.report.First, v.report.Last = w.first, w.last
	return v.listed(d.digest(entriesFile))
}

// flaw is at the line being read.
func (w *walker) flaw(what Remark) *Flaw {
	return &Flaw{File: entriesFile, Line: w.tree.size + 1, What: what}
}

func (w *walker) broken(err error) error {
	var flaw *Flaw
	switch {
	case errors.As(err, &flaw):
		return w.flaw(flaw.What)
	case errors.Is(err, errCut):
		return w.flaw(say(lineCut))
	}
	if err = unreadable(entriesFile, err); errors.As(err, &flaw) {
		return w.flaw(flaw.What)
	}
	return err
}

// end holds the number of entries and their root against the checkpoint.
func (w *walker) end(root tlog.Hash) error {
	if w.tree.size < w.size {
		return &Flaw{File: entriesFile, Line: w.tree.size, What: say(entriesEnd, w.size, w.tree.size)}
	}
	if w.tree.root() != root {
		return &Flaw{File: entriesFile, What: say(entriesRoot)}
	}
	return nil
}

// line reads one line of the file of entries.
func (w *walker) line(text []byte) error {
	number, leaf, data, err := parseLine(text, w.data)
	if err != nil {
		return err
	}
	if data != nil {
		w.data = data
	}
	at := w.tree.size
	switch {
	case number > at:
		return say(entryLeftOut, number, at)
	case number < at:
		return say(entryAgain, number, at)
	case at >= w.size:
		return say(entryTooMany, at, w.size)
	}
	if data == nil {
		return w.hidden(number, leaf)
	}
	return w.readable(number, leaf, data)
}

// readable is an entry with its data, whose hash must be theirs.
func (w *walker) readable(number int64, leaf tlog.Hash, data []byte) error {
	if tlog.RecordHash(data) != leaf {
		return say(entryOtherHash, number)
	}
	e, err := canonicalEvent(data)
	if err != nil {
		return say(entryOf, number, remark(err))
	}
	id := sha256.Sum256([]byte(e.ID))
	if before, ok := w.again(id[:], number); ok {
		return say(entryTwice, number, e.ID, before)
	}
	w.own++
	w.span(e)
	if w.party == nil {
		w.completed = w.tree.add(leaf, w.completed)
		return nil
	}
	if e.Organisation != w.party.Organisation {
		return say(entryForeign, number)
	}
	return w.hashed(number, leaf)
}

// hidden is an entry of which there is the hash alone, as of those of others
// in the export of a party.
func (w *walker) hidden(number int64, leaf tlog.Hash) error {
	if w.party == nil {
		return say(lineOther)
	}
	return w.hashed(number, leaf)
}

// hashed adds an entry of a party's export, in which one and the same entry
// cannot be known by its event.
func (w *walker) hashed(number int64, leaf tlog.Hash) error {
	if before, ok := w.again(leaf[:], number); ok {
		return say(entryCopied, number, before)
	}
	w.completed = w.tree.add(leaf, w.completed)
	return nil
}

// again tells which entry had the digest before; if none had, number has it now.
func (w *walker) again(digest []byte, number int64) (int64, bool) {
	key := eventKey(digest[:len(eventKey{})])
	before, ok := w.seen[key]
	if !ok {
		w.seen[key] = number
	}
	return before, ok
}

// earlier holds the root against the earlier checkpoint when its size is reached.
func (w *walker) earlier() error {
	if w.since == nil || w.tree.size != w.since.Size {
		return nil
	}
	if w.tree.root() != w.since.Root {
		return &Flaw{File: entriesFile, What: say(sinceRoot, w.since.Size, w.since.At.Format(stamp))}
	}
	return nil
}

// parseLine reads a line as appendLine writes it, and nothing else. The data
// are unescaped into the buffer, which is not nil; they are nil when there is the
// hash alone.
func parseLine(text, into []byte) (number int64, leaf tlog.Hash, data []byte, err error) {
	malformed := say(lineOther)
	rest, ok := bytes.CutPrefix(text, []byte(linePrefix))
	if !ok {
		return 0, leaf, nil, malformed
	}
	digits, rest, ok := bytes.Cut(rest, []byte(lineLeaf))
	if number, err = strconv.ParseInt(string(digits), 10, 64); !ok || err != nil || number < 0 || strconv.FormatInt(number, 10) != string(digits) {
		return 0, leaf, nil, malformed
	}
	if len(rest) < 2*tlog.HashSize {
		return 0, leaf, nil, malformed
	}
	var again [2 * tlog.HashSize]byte
	if _, err := hex.Decode(leaf[:], rest[:len(again)]); err != nil {
		return 0, leaf, nil, say(lineHash)
	}
	if hex.Encode(again[:], leaf[:]); !bytes.Equal(again[:], rest[:len(again)]) {
		return 0, leaf, nil, say(lineHash)
	}
	rest = rest[len(again):]
	if string(rest) == lineEnd {
		return number, leaf, nil, nil
	}
	if rest, ok = bytes.CutPrefix(rest, []byte(lineData)); !ok {
		return 0, leaf, nil, malformed
	}
	if rest, ok = bytes.CutSuffix(rest, []byte(lineEnd)); !ok {
		return 0, leaf, nil, malformed
	}
	data, err = unescape(rest, into)
	return number, leaf, data, err
}

func unescape(text, into []byte) ([]byte, error) {
	into = into[:0]
	for i := 0; i < len(text); i++ {
		b := text[i]
		if b == '\\' {
			if i++; i == len(text) || (text[i] != '"' && text[i] != '\\') {
				return nil, say(lineEscape)
			}
			b = text[i]
		} else if b == '"' || b < ' ' {
			return nil, say(lineString)
		}
		into = append(into, b)
	}
	if !utf8.Valid(into) {
		return nil, say(lineUTF8)
	}
	return into, nil
}
