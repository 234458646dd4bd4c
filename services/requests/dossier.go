package requests

import (
	"context"
	"fmt"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

var errDossierStepUp = fault.New(fault.StepUp, "Confirm that it is you before you take a whole file out of the portal.")

// Dossier gives the request to who may hand its whole file to an authority, and
// says how much of it: the people who answer requests at one of the parties, as
// far as their side may see. Anybody else who may see it is Forbidden, the data
// subject and administrators too. It needs a fresh second factor, and leaves
// its entry before anything is given; without it the answer is ErrBusy.
func (s *Service) Dossier(ctx context.Context, by identity.Actor, id string) (Request, Sight, error) {
	const action = "request.dossier"
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, Nothing, s.missing(ctx, by, action, err)
	}
	seen := sight(by, &r)
	switch {
	case seen == Nothing:
		return Request{}, Nothing, s.refused(ctx, by, action, id, ErrNotFound)
	case !handsOut(by, &r):
		return Request{}, Nothing, s.refused(ctx, by, action, id, ErrForbidden)
	case !by.Strong(s.now()):
		return Request{}, Nothing, s.refused(ctx, by, action, id, errDossierStepUp)
	}
	seenAs := map[Sight]string{Facts: "facts", Content: "content"}[seen]
	if err := s.Evidence.Record(ctx, s.event(by, action, id, details{"sight": seenAs})); err != nil {
		return Request{}, Nothing, document.ErrBusy.Because(fmt.Errorf("record the dossier: %w", err))
	}
	return r, seen, nil
}

// Helped is a question for help with what came of it, opened.
type Helped struct {
	Assist
	Question, Reply string
	Files           []NamedFile
	CostsFor        []string // what each line of Costs is for
}

// HelpsFor opens the help that the desk asked for, in the dossier of a request
// that Dossier gave with sight Content; the entry of the dossier covers it. What
// a processor has not sent yet is its own.
func (s *Service) HelpsFor(ctx context.Context, by identity.Actor, r Request) ([]Helped, error) {
	if !isDesk(by, &r) {
		return nil, ErrNotFound
	}
	helps, err := s.AssistsOf(ctx, r.ID)
	if err != nil {
		return nil, fmt.Errorf("list the help with %s: %w", r.ID, err)
	}
	key, err := s.Vault.Key(ctx, r.ID)
	if err != nil {
		return nil, err
	}
	o := vault.Opener{Key: key}
	var all []Helped
	for _, a := range helps {
		if !mayAsk(by, &a) {
			continue
		}
		h := Helped{Assist: a, Question: o.Text("assist", a.Question)}
		if !a.Open {
			h.Reply, h.Files = o.Text("assist", a.Reply), namedFiles(&o, a.Files)
			o.JSON("costs_for", a.CostsFor, &h.CostsFor)
		}
		all = append(all, h)
	}
	return all, o.Err
}

// handsOut is true for those who answer to an authority for one of the parties:
// the privacy officers of the controller, the agents of the processor.
func handsOut(by identity.Actor, r *Request) bool {
	return isDesk(by, r) || by.IsStaffOf(r.Controller, identity.PrivacyOfficer) || by.IsStaffOf(r.Processor, identity.Agent)
}

// MayTakeDossier tells whether Dossier would be given, once the second factor is fresh.
func MayTakeDossier(by identity.Actor, r Request) bool {
	return sight(by, &r) != Nothing && handsOut(by, &r)
}
