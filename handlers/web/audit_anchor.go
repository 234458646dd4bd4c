package web

import (
	"encoding/base64"
	"encoding/hex"
	"slices"
	"strconv"

	"golang.org/x/mod/sumdb/tlog"

	"inzage/services/audits"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/views/ui"
)

// anchor is where the ledger vouches for what was done to an audit: the last
// entry of one of the actions, once it is sealed, and the newest checkpoint
// that covers it, once there is one.
func (b *bench) anchor(audit string, actions ...string) (*audits.Anchor, error) {
	var a audits.Anchor
	after := int64(-1)
	for range storyPages {
		entries, err := b.Ledger.History(b.ctx, audit, after, storyPage)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			after = e.Number
			if slices.Contains(actions, e.Event.Action) && e.Event.Outcome != ledger.Refused {
				leaf := tlog.RecordHash(e.Data)
				a.Entry = &audits.AnchorEntry{Number: e.Number, Action: e.Event.Action, Hash: hex.EncodeToString(leaf[:]), At: e.Event.At}
			}
		}
		if len(entries) < storyPage {
			break
		}
	}
	newest, err := b.Ledger.Newest(b.ctx)
	if err != nil {
		if fault.KindOf(err) == fault.NotFound { // none is signed yet
			return &a, nil
		}
		return nil, err
	}
	if a.Entry != nil && newest.Size > a.Entry.Number {
		a.Checkpoint = &audits.AnchorCheckpoint{Origin: newest.Origin, Size: newest.Size, Root: base64.StdEncoding.EncodeToString(newest.Root[:]), At: newest.At}
	}
	return &a, nil
}

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
