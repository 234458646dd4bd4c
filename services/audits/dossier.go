package audits

import (
	"context"
	"fmt"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
)

// takeDossier is the handing out of a whole file.
const takeDossier Action = "dossier"

var errDossierStepUp = fault.New(fault.StepUp, "Confirm that it is you before you take a whole file out of the portal.")

// Dossier is the whole file of an audit, as far as one side may see it.
type Dossier struct {
	Audit   Audit
	Sight   Sight // Asked or Content
	Party   Party // the side that takes it
	Story   Story
	Closing Closing // as far as the audit has come; without words once it was shredded
}

// Dossier gives the whole file of an audit to who may hand it to an authority:
// the privacy officers of the controller and the agents of the processor, as
// far as their side may see. The auditor, who is bound to secrecy, gets none,
// and neither do administrators. It needs a fresh second factor, and leaves its
// entry before anything is given; without it the answer is ErrBusy.
func (s *Service) Dossier(ctx context.Context, by identity.Actor, id string) (Dossier, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Dossier{}, s.refused(ctx, by, takeDossier, "unknown", err)
	}
	seen := sight(by, &a)
	switch {
	case seen == Nothing:
		return Dossier{}, s.refused(ctx, by, takeDossier, id, ErrNotFound)
	case !MayTakeDossier(by, a):
		return Dossier{}, s.refused(ctx, by, takeDossier, id, ErrForbidden)
	case !by.Strong(s.now()):
		return Dossier{}, s.refused(ctx, by, takeDossier, id, errDossierStepUp)
	}
	d := Dossier{Audit: a.shown(by, seen), Sight: seen, Party: a.partyOf(by.Organisation)}
	if d.Closing, d.Story, err = s.closingOf(ctx, by, &a, seen); err != nil {
		return Dossier{}, err
	}
	side := map[Sight]string{Asked: "asked", Content: "content"}[seen]
	if err := s.Evidence.Record(ctx, s.event(by, takeDossier, id, details{"sight": side})); err != nil {
		return Dossier{}, document.ErrBusy.Because(fmt.Errorf("record the dossier: %w", err))
	}
	return d, nil
}

// Within returns the service for the documents of a dossier that was handed
// out: its one entry covers the readings of that audit, and of no other.
func (s *Service) Within(d Dossier) *Service {
	within := *s
	within.covered = d.Audit.ID
	return &within
}

// MayTakeDossier tells whether Dossier would be given, once the second factor is fresh.
func MayTakeDossier(by identity.Actor, a Audit) bool {
	return sight(by, &a) >= Asked && (stands(by, &a, TheOfficer) || stands(by, &a, TheAgent))
}
