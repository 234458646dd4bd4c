// Package ledger is the portal's evidence: events are stored with the change
// they record, sealed in order into a Merkle log (RFC 6962), and read back by
// followers. It holds identifiers and enumerated values only, never personal
// data or free text.
package ledger

import (
	"crypto/rand"
	"strings"
	"time"
)

// Event is one thing that happened, was refused, or was read. It is recorded
// with the state it belongs to and becomes an Entry when the drain seals it.
type Event struct {
	ID string `json:"id"` // evt_ and 26 random letters; unique in the log
	// At is when it happened: UTC, milliseconds.
	At time.Time `json:"at"`
	// Actor is an account id, "subject:" and a request id, or "system".
	Actor string `json:"actor"`
	// Role the actor acted in, e.g. "privacy_officer"; "" for the system.
	Role string `json:"role,omitempty"`
	// Organisation for which the actor acted; "" for subjects and the system.
	Organisation string `json:"organisation,omitempty"`
	// Action in the form object.verb, e.g. "request.file".
	Action string `json:"action"`
	// Object is the aggregate whose history this belongs to, e.g. "req_…".
	Object string `json:"object"`
	// Outcome is "done" or "refused".
	Outcome string `json:"outcome"`
	// Details are identifiers and enumerated values, e.g. {"right":"access"}.
	Details map[string]string `json:"details,omitempty"`
}

// The outcomes of an event.
const (
	Done    = "done"
	Refused = "refused"
)

// SystemActor acts when no person does: forwarding by agreement, reminders, shredding.
const SystemActor = "system"

// NewID returns a random identifier of the given kind, e.g. NewID("req") is "req_…".
// It has at least 128 bits of randomness; nothing can be read from it.
func NewID(kind string) string { return kind + "_" + rand.Text() }

// ChosenID returns given when it has the form of an identifier of this kind, so
// that a caller may choose it and repeat a call without harm. Otherwise it is a new one.
func ChosenID(kind, given string) string {
	const alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-"
	if rest, ok := strings.CutPrefix(given, kind+"_"); ok && len(rest) >= 8 && len(rest) <= 64 && strings.Trim(rest, alphabet) == "" {
		return given
	}
	return NewID(kind)
}
