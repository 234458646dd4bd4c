package audits

import (
	"context"
	"encoding/base64"
	"encoding/hex"
	"slices"

	"golang.org/x/mod/sumdb/tlog"

	"inzage/services/fault"
	"inzage/services/ledger"
)

// The bounds of looking for an entry in the history of one audit.
const (
	anchorPage  = 1000
	anchorPages = 5
)

// AnchorIn is where the ledger vouches for what was done to an audit: the last
// entry of one of the actions, once it is sealed, and the newest checkpoint
// that covers it, once there is one. Whether the caller may see the audit was
// decided before.
func AnchorIn(ctx context.Context, l *ledger.Ledger, audit string, actions ...Action) (*Anchor, error) {
	var a Anchor
	after := int64(-1)
	for range anchorPages {
		entries, err := l.History(ctx, audit, after, anchorPage)
		if err != nil {
			return nil, err
		}
		for _, e := range entries {
			after = e.Number
			done := slices.ContainsFunc(actions, func(x Action) bool { return e.Event.Action == "audit."+string(x) })
			if done && e.Event.Outcome != ledger.Refused {
				leaf := tlog.RecordHash(e.Data)
				a.Entry = &AnchorEntry{Number: e.Number, Action: e.Event.Action, Hash: hex.EncodeToString(leaf[:]), At: e.Event.At}
			}
		}
		if len(entries) < anchorPage {
			break
		}
	}
	newest, err := l.Newest(ctx)
	if fault.KindOf(err) == fault.NotFound { // none is signed yet
		return &a, nil
	}
	if err != nil {
		return nil, err
	}
	if a.Entry != nil && newest.Size > a.Entry.Number {
		a.Checkpoint = &AnchorCheckpoint{Origin: newest.Origin, Size: newest.Size, Root: base64.StdEncoding.EncodeToString(newest.Root[:]), At: newest.At}
	}
	return &a, nil
}
