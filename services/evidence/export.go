package evidence

import (
	"context"
	"fmt"
	"io"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
)

// TakeAway is the action of the ledger's entry about an export of a party.
const TakeAway = "ledger.export"

var errExportStepUp = fault.New(fault.StepUp, "Confirm that it is you before you take the ledger of your organisation out of the portal.")

// Export is the ledger as one party may have it.
type Export struct {
	ledger       *ledger.Ledger
	organisation string
}

// Export opens the ledger for the actor's organisation: its own entries in full,
// and of all others the hash alone. It needs a fresh second factor (StepUp) and
// leaves one entry, before anything is written. NotFound for who may not have it.
func (s *Service) Export(ctx context.Context, by identity.Actor) (Export, error) {
	ev := by.Event(s.now(), TakeAway, "ledger", nil)
	if err := May(by); err != nil {
		return Export{}, journal.Refused(ctx, s.Record, ev, err)
	}
	if !by.Strong(s.now()) {
		return Export{}, journal.Refused(ctx, s.Record, ev, errExportStepUp)
	}
	if err := s.Record.Record(ctx, ev); err != nil {
		return Export{}, document.ErrBusy.Because(fmt.Errorf("record the export: %w", err))
	}
	return Export{s.Ledger, by.Organisation}, nil
}

// Write writes it as a ZIP, in memory that does not grow with the ledger. What
// was written before an error is no export.
func (e Export) Write(ctx context.Context, w io.Writer) error {
	a := ledger.NewZIP(w)
	if _, err := e.ledger.ExportOf(ctx, e.organisation, a); err != nil {
		return fmt.Errorf("export the ledger for %s: %w", e.organisation, err)
	}
	return a.Close()
}
