package store

import (
	"encoding/json"
	"fmt"
	"slices"

	"inzage/services/ledger"
)

// Settle returns the document without the named pending events, and whether
// that changed anything. Everything else in it stays as it was, Rev included.
func (r Raw) Settle(events []string) (Raw, bool, error) {
	var doc map[string]json.RawMessage
	var pending []json.RawMessage
	if err := json.Unmarshal(r.JSON, &doc); err != nil {
		return r, false, fmt.Errorf("settle %s: %w", r.ID, err)
	}
	if err := json.Unmarshal(doc["pending"], &pending); err != nil {
		return r, false, fmt.Errorf("settle %s: %w", r.ID, err)
	}
	kept, err := without(pending, events)
	if err != nil {
		return r, false, fmt.Errorf("settle %s: %w", r.ID, err)
	}
	if len(kept) == len(pending) {
		return r, false, nil
	}
	r.Unsealed = len(kept) > 0
	if doc["pending"], err = json.Marshal(kept); err == nil {
		doc["unsealed"], err = json.Marshal(r.Unsealed)
	}
	if err == nil {
		r.JSON, err = json.Marshal(doc)
	}
	return r, true, err
}

func without(pending []json.RawMessage, events []string) ([]json.RawMessage, error) {
	kept := make([]json.RawMessage, 0, len(pending))
	for _, raw := range pending {
		var e struct {
			ID string `json:"id"`
		}
		if err := json.Unmarshal(raw, &e); err != nil {
			return nil, err
		}
		if !slices.Contains(events, e.ID) {
			kept = append(kept, raw)
		}
	}
	return kept, nil
}

// Pending reads the pending events of the document.
func (r Raw) Pending() (Pending, error) {
	var doc struct {
		Pending []ledger.Event `json:"pending"`
	}
	if err := json.Unmarshal(r.JSON, &doc); err != nil {
		return Pending{}, fmt.Errorf("read the pending events of %s: %w", r.ID, err)
	}
	return Pending{ID: r.ID, Events: doc.Pending}, nil
}
