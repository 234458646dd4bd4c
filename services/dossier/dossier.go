// Package dossier hands out the whole file of a request or an audit, for an
// authority: a readable page, the same for machines with its schema, the
// documents, the files, and the proofs of the ledger, in one ZIP that is written
// as a stream.
package dossier

import (
	"context"
	"fmt"
	"slices"
	"time"

	"inzage/services/audits"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
	"inzage/services/vault"
)

// Service collects dossiers. All fields must be set. Who may have one is
// decided by requests and audits, each on its own object.
type Service struct {
	Requests *requests.Service
	Audits   *audits.Service
	Notify   *notify.Service
	Ledger   *ledger.Ledger
	Vault    vault.Keeper
	Now      func() time.Time
}

// Ledgered is what the ledger knows of the object of a dossier, as far as its
// reader may be told.
type Ledgered struct {
	Sealed  []ledger.Entry // in the order of the log
	Waiting []ledger.Event // recorded, not sealed yet
	Signed  ledger.Signed  // covers everything in Sealed
}

// Base is what the dossiers of requests and of audits share.
type Base struct {
	Ledgered
	Files []Attached // with their places in the ZIP
	from  *Service
}

// Attached is a file of the dossier.
type Attached struct {
	Place string // in the ZIP: files/…
	object,
	id string
}

// page is how many entries are read from the ledger at once.
const page = 1000

// history reads the entries of some objects that may be told, and signs what
// the log is now. pending are events that may wait to be sealed.
func (s *Service) history(ctx context.Context, objects []string, pending []ledger.Event, told func(ledger.Event) bool) (Ledgered, error) {
	var l Ledgered
	known := map[string]bool{}
	for _, object := range objects {
		after := int64(-1)
		for {
			entries, err := s.Ledger.History(ctx, object, after, page)
			if err != nil {
				return l, err
			}
			for _, e := range entries {
				known[e.Event.ID], after = true, e.Number
				if told(e.Event) {
					l.Sealed = append(l.Sealed, e)
				}
			}
			if len(entries) < page {
				break
			}
		}
	}
	for _, ev := range pending {
		if !known[ev.ID] && told(ev) {
			l.Waiting = append(l.Waiting, ev)
		}
	}
	slices.SortFunc(l.Sealed, func(a, b ledger.Entry) int { return int(a.Number - b.Number) })
	var err error
	if l.Signed, err = s.Ledger.Checkpoint(ctx); err != nil {
		return l, fmt.Errorf("sign a checkpoint for a dossier: %w", err)
	}
	return l, nil
}

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// organisation names an organisation; "" for none.
func (s *Service) organisation(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	o, err := s.Requests.Directory.Organisation(ctx, id)
	if err != nil {
		return "", fmt.Errorf("name %s: %w", id, err)
	}
	return o.Name, nil
}
