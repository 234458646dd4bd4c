package dossier

import (
	"encoding/hex"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"inzage/services/ledger"
)

// Head is what every dossier.json begins with. Times are UTC, days are
// YYYY-MM-DD; what did not happen is null or absent.
type Head struct {
	// Schema names the form of the file. Within a version fields are only added.
	Schema string `json:"schema"`
	// Made is when the dossier was taken out of the portal.
	Made time.Time `json:"made"`
	// Sight is how much of the file the side that took it may see.
	Sight string `json:"sight"`
	// Side is the party that took it: controller or processor.
	Side string `json:"side"`
	// Shredded is when the content was destroyed at the end of its storage period.
	Shredded *time.Time `json:"shredded"`
}

// File is a file in the dossier, by which a copy can be known again.
type File struct {
	// Path is where it is in the ZIP; empty when the dossier was taken without files.
	Path string `json:"path"`
	// Name is the one it was sent with.
	Name string `json:"name"`
	// Type is the media type by its content.
	Type string `json:"type"`
	// Size is in bytes.
	Size int64 `json:"size"`
	// SHA256 is the fingerprint of its bytes, hexadecimal.
	SHA256 string    `json:"sha256"`
	At     time.Time `json:"at"`
	// Of is what it belongs to: attachment, answer, a question for help, or a thing in the audit.
	Of string `json:"of"`
}

// Agreement is the agreement and the version that judges the request.
type Agreement struct {
	Title   string `json:"title"`
	Version int    `json:"version"`
}

// Line is one step, refusal or reading. Actors and objects are identifiers.
type Line struct {
	// Number is the entry's in the ledger, whose proof is in proofs/entries.jsonl; null while it waits to be sealed.
	Number *int64 `json:"number"`
	// Leaf is its hash in the ledger (RFC 6962), hexadecimal; empty while it waits.
	Leaf         string    `json:"leaf"`
	ID           string    `json:"id"`
	At           time.Time `json:"at"`
	Actor        string    `json:"actor"`
	Role         string    `json:"role"`
	Organisation string    `json:"organisation"`
	Action       string    `json:"action"`
	Object       string    `json:"object"`
	Outcome      string    `json:"outcome"`
	// Details are identifiers and fixed words.
	Details map[string]string `json:"details"`
}

// Sealing is the signed state of the ledger that the proofs lead to:
// proofs/checkpoint.txt.
type Sealing struct {
	// Origin is the name of the log.
	Origin string `json:"origin"`
	// Size is how many entries it has.
	Size int64 `json:"size"`
	// Root is the Merkle root over them (RFC 6962), hexadecimal.
	Root string    `json:"root"`
	At   time.Time `json:"at"`
}

func (l Ledgered) sealing() Sealing {
	return Sealing{Origin: l.Signed.Origin, Size: l.Signed.Size, Root: hex.EncodeToString(l.Signed.Root[:]), At: l.Signed.At}
}

func (l Ledgered) lines() []Line {
	all := []Line{}
	for _, e := range l.Sealed {
		leaf := tlog.RecordHash(e.Data)
		one := lineOf(e.Event)
		one.Number, one.Leaf = &e.Number, hex.EncodeToString(leaf[:])
		all = append(all, one)
	}
	for _, ev := range l.Waiting {
		all = append(all, lineOf(ev))
	}
	return all
}

func lineOf(ev ledger.Event) Line {
	l := Line{ID: ev.ID, At: ev.At, Actor: ev.Actor, Role: ev.Role, Organisation: ev.Organisation, Action: ev.Action, Object: ev.Object, Outcome: ev.Outcome, Details: ev.Details}
	if l.Details == nil {
		l.Details = map[string]string{}
	}
	return l
}
