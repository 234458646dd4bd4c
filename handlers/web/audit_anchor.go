package web

import (
	"strconv"

	"inzage/services/audits"
	"inzage/views/ui"
)

// vouched writes where the ledger holds what the document says.
func (w *scribe) vouched(a *audits.Anchor) {
	w.head(w.p.T("In the ledger"))
	if a.Entry == nil {
		w.say(w.p.T("The entry of this waits to be sealed. Once it is, its number and fingerprint stand here."))
		return
	}
	w.state(ui.Fact{Name: w.p.T("Entry"), Value: w.p.T("Number %s, of %s", strconv.FormatInt(a.Entry.Number, 10), w.p.DateTime(a.Entry.At)), TestID: "entry"},
		ui.Fact{Name: w.p.T("Fingerprint of this entry"), Value: a.Entry.Hash, TestID: "hash"})
	if c := a.Checkpoint; c != nil {
		w.state(ui.Fact{Name: w.p.T("Checkpoint"), Value: w.p.T("Log %s, %s entries, signed on %s", c.Origin, strconv.FormatInt(c.Size, 10), w.p.DateTime(c.At))},
			ui.Fact{Name: w.p.T("Root of the checkpoint"), Value: c.Root})
	}
	w.say(w.p.T("The ledger holds every step of this audit in order. With the number and the fingerprint anybody who has its export can check that nothing was changed."))
}
