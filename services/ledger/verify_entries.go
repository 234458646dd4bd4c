package ledger

import (
	"bufio"
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"strconv"
	"time"
	"unicode/utf8"

	"golang.org/x/mod/sumdb/tlog"
)

// eventKey is a digest of an event's id.
type eventKey [16]byte

// walker is where the verifier is in the file of entries.
type walker struct {
	size        int64
	since       *Checkpoint
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
	w := walker{size: v.report.Checkpoint.Size, since: v.report.Since, seen: map[eventKey]int64{}}
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
			return w.flaw(err.Error())
		}
	}
	if err := w.end(v.report.Checkpoint.Root); err != nil {
		return err
	}
	v.report.First, v.report.Last = w.first, w.last
	return v.listed(d.digest(entriesFile))
}

// flaw is at the line being read.
func (w *walker) flaw(text string) *Flaw {
	return &Flaw{File: entriesFile, Line: w.tree.size + 1, Text: text}
}

func (w *walker) broken(err error) error {
	var flaw *Flaw
	switch {
	case errors.As(err, &flaw):
		return w.flaw(flaw.Text)
	case errors.Is(err, errCut):
		return w.flaw(errCut.Error())
	}
	if err = unreadable(entriesFile, err); errors.As(err, &flaw) {
		return w.flaw(flaw.Text)
	}
	return err
}

// end holds the number of entries and their root against the checkpoint.
func (w *walker) end(root tlog.Hash) error {
	if w.tree.size < w.size {
		return &Flaw{File: entriesFile, Line: w.tree.size, Text: fmt.Sprintf("the file ends after this line, but %d entries are signed: entry %d is the first that is missing", w.size, w.tree.size)}
	}
	if w.tree.root() != root {
		return &Flaw{File: entriesFile, Text: "the entries do not make the root that is signed in " + checkpointFile + ": at least one was changed, and its hash with it"}
	}
	return nil
}

// line reads one line of the file of entries.
func (w *walker) line(text []byte) error {
	number, leaf, data, err := parseLine(text, w.data)
	if err != nil {
		return err
	}
	w.data = data
	at := w.tree.size
	switch {
	case number > at:
		return fmt.Errorf("here comes entry %d, but entry %d was left out", number, at)
	case number < at:
		return fmt.Errorf("here comes entry %d again, or in the wrong place: entry %d is next", number, at)
	case at >= w.size:
		return fmt.Errorf("entry %d is one more than the %d that are signed", at, w.size)
	}
	hash := tlog.RecordHash(data)
	if hash != leaf {
		return fmt.Errorf("entry %d does not have the hash beside it: one of the two was changed", number)
	}
	e, err := canonicalEvent(data)
	if err != nil {
		return fmt.Errorf("entry %d: %w", number, err)
	}
	id := sha256.Sum256([]byte(e.ID))
	key := eventKey(id[:len(eventKey{})])
	if before, ok := w.seen[key]; ok {
		return fmt.Errorf("entry %d is of the event %s, which is entry %d already", number, e.ID, before)
	}
	w.seen[key] = number
	w.span(e)
	w.completed = w.tree.add(hash, w.completed)
	return nil
}

// earlier holds the root against the earlier checkpoint when its size is reached.
func (w *walker) earlier() error {
	if w.since == nil || w.tree.size != w.since.Size {
		return nil
	}
	if w.tree.root() != w.since.Root {
		return &Flaw{File: entriesFile, Text: fmt.Sprintf("the first %d entries are not those of the checkpoint of %s: history was rewritten", w.since.Size, w.since.At.Format(stamp))}
	}
	return nil
}

// parseLine reads a line as appendLine writes it, and nothing else. The data
// are unescaped into the buffer.
func parseLine(text, into []byte) (number int64, leaf tlog.Hash, data []byte, err error) {
	malformed := errors.New("it is not a line of entries")
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
		return 0, leaf, nil, errors.New("its hash is not written as it must be")
	}
	if hex.Encode(again[:], leaf[:]); !bytes.Equal(again[:], rest[:len(again)]) {
		return 0, leaf, nil, errors.New("its hash is not written as it must be")
	}
	if rest, ok = bytes.CutPrefix(rest[len(again):], []byte(lineData)); !ok {
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
				return nil, errors.New("its data have an escape that is not \\\" or \\\\")
			}
			b = text[i]
		} else if b == '"' || b < ' ' {
			return nil, errors.New("its data are not one JSON string")
		}
		into = append(into, b)
	}
	if !utf8.Valid(into) {
		return nil, errors.New("its data are not UTF-8")
	}
	return into, nil
}
