package ledger

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"strconv"
	"strings"
	"time"

	"golang.org/x/mod/sumdb/note"
	"golang.org/x/mod/sumdb/tlog"
)

// Checkpoint says what the log was at one moment: its first Size entries make
// the Merkle root Root. Signed, it binds whoever runs the log: no later state
// may contradict it.
type Checkpoint struct {
	Origin string // the name of the log
	Size   int64
	Root   tlog.Hash
	At     time.Time // when it was signed: UTC, milliseconds
}

// timeLine begins the extension line that holds the time.
const timeLine = "time "

// stamp is RFC 3339 in UTC with milliseconds, always of the same length.
const stamp = "2006-01-02T15:04:05.000Z"

// Text is the checkpoint as it is signed: C2SP's tlog-checkpoint of origin,
// size and root, with the time as the one extension line.
func (c Checkpoint) Text() string {
	return fmt.Sprintf("%s\n%d\n%s\n%s%s\n", c.Origin, c.Size, c.Root, timeLine, c.At.UTC().Format(stamp))
}

// parseCheckpoint reads the text of a checkpoint. There is one way to write it.
func parseCheckpoint(text string) (Checkpoint, error) {
	lines := strings.Split(text, "\n")
	if len(lines) != 5 {
		return Checkpoint{}, say(checkpointLines)
	}
	c := Checkpoint{Origin: lines[0]}
	var err error
	if c.Size, err = strconv.ParseInt(lines[1], 10, 64); err != nil || c.Size < 0 {
		return c, say(checkpointSize)
	}
	if c.Root, err = tlog.ParseHash(lines[2]); err != nil {
		return c, say(checkpointRoot)
	}
	if c.At, err = time.Parse(timeLine+stamp, lines[3]); err != nil {
		return c, say(checkpointTime)
	}
	if c.Text() != text {
		return c, say(checkpointForm)
	}
	return c, nil
}

// Signed is a checkpoint with the note that was signed: what to hand to others.
type Signed struct {
	Checkpoint
	Note []byte
}

// Open checks the signature of a checkpoint against the keys and reads it.
// Signatures by others below the log's own are passed over.
func (k Keys) Open(signed []byte) (Signed, error) {
	n, err := k.open(signed)
	if err != nil {
		return Signed{}, err
	}
	c, err := parseCheckpoint(n.Text)
	if err != nil {
		return Signed{}, err
	}
	if c.Origin != n.Sigs[0].Name {
		return Signed{}, say(checkpointName, c.Origin, n.Sigs[0].Name)
	}
	return Signed{Checkpoint: c, Note: signed}, nil
}

// open reads a signed note of whatever text.
func (k Keys) open(signed []byte) (*note.Note, error) {
	n, err := note.Open(signed, note.VerifierList(k.list...))
	var invalid *note.InvalidSignatureError
	var unknown *note.UnverifiedNoteError
	switch {
	case errors.As(err, &invalid):
		return nil, say(noteOtherText)
	case errors.As(err, &unknown):
		s := unknown.Note.UnverifiedSigs[0]
		return nil, say(noteOtherKey, fmt.Sprintf("%s+%08x", s.Name, s.Hash))
	case err != nil:
		return nil, say(noteNone)
	}
	for _, s := range n.Sigs {
		// The library passes over bits at the end of base64 that mean nothing.
		if _, err := base64.StdEncoding.Strict().DecodeString(s.Base64); err != nil {
			return nil, say(noteBase64)
		}
	}
	return n, nil
}

// plain tells whether the note has its one signature and not a byte besides.
func plain(signed []byte, n *note.Note) bool {
	return len(n.Sigs) == 1 && string(signed) == n.Text+"\n— "+n.Sigs[0].Name+" "+n.Sigs[0].Base64+"\n"
}

// Checkpoints is where signed checkpoints are kept, in the store.
type Checkpoints interface {
	// Keep stores a checkpoint under an id; when the id is taken it does nothing.
	Keep(ctx context.Context, id string, c Signed) error
	// Newest returns the signed note of the largest checkpoint, the latest of
	// those, or a fault of kind NotFound.
	Newest(ctx context.Context) ([]byte, error)
}
