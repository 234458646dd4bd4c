package web

import (
	"encoding/hex"
	"slices"
	"strconv"

	"github.com/gofiber/fiber/v2"
	"golang.org/x/mod/sumdb/tlog"

	"inzage/services/ledger"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

// Bounds of a history on one page: entries of one object.
const (
	storyPage  = 1000
	storyPages = 5
)

// line is one entry of a history: sealed, or still waiting for it.
type line struct {
	ledger.Entry
	sealed bool
}

// sealedLines are the entries of some objects, with those that still wait to
// be sealed, in the order of time.
func (d *desk) sealedLines(objects []string, pending []ledger.Event) ([]line, error) {
	var all []line
	known := map[string]bool{}
	for _, object := range objects {
		after := int64(-1)
		for range storyPages {
			entries, err := d.Ledger.History(d.ctx, object, after, storyPage)
			if err != nil {
				return nil, err
			}
			for _, e := range entries {
				known[e.Event.ID], after = true, e.Number
				all = append(all, line{e, true})
			}
			if len(entries) < storyPage {
				break
			}
		}
	}
	for _, e := range pending {
		if !known[e.ID] {
			all = append(all, line{ledger.Entry{Event: e}, false})
		}
	}
	slices.SortStableFunc(all, func(a, b line) int { return a.Event.At.Compare(b.Event.At) })
	return all, nil
}

// told is a history in words: what was done, and apart from it who looked and
// what was refused.
type told struct{ Done, Looked []ui.Entry }

type kindOfLine int

const (
	untold kindOfLine = iota
	wasDone
	lookedAt
)

// seal is the mark of an entry: its number, and where its proof is.
func (d *desk) seal(proofs string, l line, size int64) *ui.Proof {
	if !l.sealed {
		return &ui.Proof{}
	}
	number := strconv.FormatInt(l.Number, 10)
	leaf := tlog.RecordHash(l.Data)
	return &ui.Proof{Number: number, Hash: hex.EncodeToString(leaf[:]), Verify: proofs + number, TestID: "seal",
		Words: []string{d.p.T("This is one of the %d entries that are sealed in the ledger. Each seal covers all entries before it, so nobody can change or remove one unseen.", size)}}
}

// sealedEntry reads an entry by its number; ok is false when there is none.
func (d *desk) sealedEntry(text string) (e ledger.Entry, ok bool, err error) {
	number, err := strconv.ParseInt(text, 10, 64)
	if err != nil || number < 0 {
		return e, false, nil
	}
	found, err := d.Ledger.Read(d.ctx, number, 1)
	if err != nil || len(found) != 1 || found[0].Number != number {
		return e, false, err
	}
	return found[0], true, nil
}

// showProof shows the proof that an entry is in the ledger, checked on the spot.
func (d *desk) showProof(e ledger.Entry, said ui.Entry, back ui.Link) error {
	size, err := d.Ledger.Size(d.ctx)
	if err != nil {
		return err
	}
	root, err := d.Ledger.Root(d.ctx, size)
	if err != nil {
		return err
	}
	path, err := d.Ledger.Prove(d.ctx, e.Number, size)
	if err != nil {
		return err
	}
	leaf := tlog.RecordHash(e.Data)
	number := strconv.FormatInt(e.Number, 10)
	said.Seal = nil
	m := pages.Proof{Back: back, Holds: tlog.CheckRecord(path, size, root, e.Number, leaf) == nil,
		Entry: said, Data: string(e.Data), Facts: []ui.Fact{
			{Name: d.p.T("Number of the entry"), Value: number},
			{Name: d.p.T("Entries in the ledger now"), Value: d.p.T("%d", size)},
			{Name: d.p.T("Fingerprint of this entry"), Value: hex.EncodeToString(leaf[:]), TestID: "leaf"},
			{Name: d.p.T("Fingerprint of the whole ledger"), Value: hex.EncodeToString(root[:]), TestID: "root"},
		}}
	for _, h := range path {
		m.Path = append(m.Path, hex.EncodeToString(h[:]))
	}
	return d.show(fiber.StatusOK, pages.ProofPage(d.frame("Proof of entry %s", number), m))
}
