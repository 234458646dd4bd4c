package web

import (
	"fmt"
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

type kindOfLine int

const (
	untold kindOfLine = iota
	wasDone
	lookedAt
)

// shown is the number of an entry for readers, who count from one.
func shown(number int64) string { return strconv.FormatInt(number+1, 10) }

// seal is the mark of an entry: its number, and where its proof is.
func (d *desk) seal(proofs string, l line, size int64) *ui.Proof {
	if !l.sealed {
		return &ui.Proof{}
	}
	leaf := tlog.RecordHash(l.Data)
	return &ui.Proof{Number: shown(l.Number), Hash: leaf.String(), Verify: proofs + strconv.FormatInt(l.Number, 10), TestID: "seal",
		Words: []string{d.p.T("This is one of the %d entries that are sealed in the ledger. Each seal covers all entries before it, so nobody can change or remove one unseen.", size)}}
}

// standing says what stands behind the newest sealed entry of a history, the
// newest first; proofs is where the proofs of its entries are.
func (d *desk) standing(proofs string, number int64) (pages.Standing, error) {
	c, err := d.Ledger.Confirm(d.ctx, number)
	if err != nil {
		return pages.Standing{}, err
	}
	s := pages.Standing{Words: d.confirmed(c), Tone: ui.Good, Proof: ui.Link{Label: d.p.T("See the proof, and take it away"), Href: proofs + strconv.FormatInt(number, 10)}}
	if !c.Verified {
		s.Tone = ui.Danger
	}
	return s, nil
}

// confirmed says in words what an entry was held against.
func (d *desk) confirmed(c ledger.Confirmation) string {
	switch {
	case !c.Verified:
		return d.p.T("The newest entry of this page does not fit the ledger that was signed. Do not rely on it, and tell the person who runs this portal at once.")
	case c.At.IsZero():
		return d.p.T("Entry %d of %d, verified against the ledger itself. The next checkpoint will cover it.", c.Number+1, c.Size)
	}
	return d.p.T("Entry %d of %d, verified against the checkpoint of %s.", c.Number+1, c.Size, d.p.DateTime(c.At))
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
func (d *desk) showProof(e ledger.Entry, said ui.Entry, back ui.Link, file string) error {
	c, err := d.Ledger.Confirm(d.ctx, e.Number)
	if err != nil {
		return err
	}
	said.Seal = nil
	m := pages.Proof{Back: back, Holds: c.Verified, Words: d.confirmed(c), Entry: said, Data: string(e.Data), Facts: []ui.Fact{
		{Name: d.p.T("Number of the entry"), Value: shown(e.Number), Note: d.p.T("in an export: %s, because it counts from zero", strconv.FormatInt(e.Number, 10))},
		{Name: d.p.T("Entries that the proof covers"), Value: d.p.T("%d", c.Size)},
		{Name: d.p.T("Fingerprint of this entry"), Value: c.Leaf.String(), Exact: true, TestID: "leaf"},
		{Name: d.p.T("Fingerprint of the whole ledger"), Value: c.Root.String(), Exact: true, TestID: "root"},
	}}
	if c.Verified {
		m.File = ui.Button{Label: d.p.T("Download the proof"), Href: file, Look: ui.Secondary, TestID: "proof-file"}
	}
	for _, h := range c.Proof {
		m.Path = append(m.Path, h.String())
	}
	return d.show(fiber.StatusOK, pages.ProofPage(d.frame("Proof of entry %s", shown(e.Number)), m))
}

// sendProof gives the proof of an entry as a file. When no checkpoint covers
// the entry yet, one is signed now.
func (d *desk) sendProof(e ledger.Entry) error {
	c, err := d.Ledger.Confirm(d.ctx, e.Number)
	if err == nil && c.At.IsZero() {
		if _, err = d.Ledger.Checkpoint(d.ctx); err == nil {
			c, err = d.Ledger.Confirm(d.ctx, e.Number)
		}
	}
	if err != nil {
		return err
	}
	text := c.File()
	if text == "" {
		return fmt.Errorf("prove entry %d: it does not fit the checkpoint of %d entries", e.Number, c.Size)
	}
	return d.sendText("entry-"+shown(e.Number)+".tlog-proof", text)
}
