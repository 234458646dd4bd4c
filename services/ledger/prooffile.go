package ledger

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strconv"
	"strings"

	"golang.org/x/mod/sumdb/tlog"
)

// ProofHead begins a proof file: C2SP's tlog-proof.
const ProofHead = "c2sp.org/tlog-proof@v1"

// File is the proof that the entry is in the log as one text, to be checked
// without the portal: C2SP's tlog-proof with the bytes of the entry as its extra
// data. It is empty when no signed checkpoint covers the entry.
func (c Confirmation) File() string {
	if !c.Verified || len(c.Note) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\nextra %s\nindex %d\n", ProofHead, base64.StdEncoding.EncodeToString(c.Data), c.Number)
	for _, h := range c.Proof {
		fmt.Fprintln(&b, h)
	}
	b.WriteByte('\n')
	b.Write(c.Note)
	return b.String()
}

// Proven is what a proof file shows.
type Proven struct {
	Number     int64 // counts from 0
	Event      Event
	Data       []byte // the exact bytes of the entry
	Checkpoint Checkpoint
}

// OpenProof verifies a proof file against public keys: that the checkpoint in
// it is signed, and that the entry in it is in the tree of the checkpoint. A
// *Flaw says what is wrong.
func OpenProof(text []byte, keys Keys) (Proven, error) {
	head, signed, ok := bytes.Cut(text, []byte("\n\n"))
	lines := strings.Split(string(head), "\n")
	if !ok || len(lines) < 3 || lines[0] != ProofHead {
		return Proven{}, &Flaw{What: say(proofNone)}
	}
	var p Proven
	var err error
	if p.Data, err = base64.StdEncoding.Strict().DecodeString(strings.TrimPrefix(lines[1], "extra ")); err != nil || !strings.HasPrefix(lines[1], "extra ") {
		return Proven{}, &Flaw{Line: 2, What: say(proofEntry)}
	}
	if p.Number, err = strconv.ParseInt(strings.TrimPrefix(lines[2], "index "), 10, 64); err != nil || lines[2] != "index "+strconv.FormatInt(p.Number, 10) {
		return Proven{}, &Flaw{Line: 3, What: say(proofNumber)}
	}
	var path tlog.RecordProof
	for i, line := range lines[3:] {
		h, err := tlog.ParseHash(line)
		if err != nil || h.String() != line {
			return Proven{}, &Flaw{Line: int64(i + 4), What: say(proofPath, i+4)}
		}
		path = append(path, h)
	}
	s, err := keys.Open(signed)
	if err != nil {
		return Proven{}, &Flaw{What: say(proofCheckpoint, remark(err))}
	}
	p.Checkpoint = s.Checkpoint
	return p, p.check(path)
}

// check holds the entry against the tree of the checkpoint.
func (p *Proven) check(path tlog.RecordProof) error {
	if p.Number < 0 || p.Number >= p.Checkpoint.Size {
		return &Flaw{What: say(proofSize, p.Checkpoint.Size, p.Number)}
	}
	if tlog.CheckRecord(path, p.Checkpoint.Size, p.Checkpoint.Root, p.Number, tlog.RecordHash(p.Data)) != nil {
		return &Flaw{What: say(proofTree)}
	}
	if _, err := canonicalEvent(p.Data); err != nil {
		return &Flaw{What: say(proofData, remark(err))}
	}
	if err := json.Unmarshal(p.Data, &p.Event); err != nil {
		return &Flaw{What: say(proofData, say(dataNoEvent))}
	}
	return nil
}
