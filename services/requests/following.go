package requests

import (
	"context"
	"crypto/subtle"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// FollowPurpose is the purpose of the keyed hash that is the secret half of a
// request's private link.
const FollowPurpose = "follow-link"

// Followed finds the request of a private link, with the person whom its code
// goes to. It changes nothing. A wrong reference and a wrong token are alike
// NotFound; a request whose content was destroyed is Gone.
func (s *Service) Followed(ctx context.Context, reference, token string) (Request, Person, error) {
	r, err := s.Requests.Find(ctx, "reference", NormalReference(reference))
	if isNotFound(err) {
		return Request{}, Person{}, ErrNotFound
	}
	if err != nil {
		return Request{}, Person{}, err
	}
	want := s.Vault.Fingerprint(FollowPurpose, r.LinkOf())
	if subtle.ConstantTimeCompare([]byte(want), []byte(token)) != 1 || r.State == Unconfirmed {
		return Request{}, Person{}, ErrNotFound
	}
	p, err := s.person(ctx, &r)
	if err != nil {
		return Request{}, Person{}, err
	}
	if p.Email == "" {
		return Request{}, Person{}, ErrNotFound
	}
	return r, p, nil
}

// Adopt ties a request that staff entered for somebody to that person's
// account, once they have opened its private link and proven its address, and
// Admit has let them in.
func (s *Service) Adopt(ctx context.Context, by identity.Actor, id string, proof identity.Proof) (Request, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, err
	}
	if r.Account != "" || r.State == Unconfirmed {
		return r, nil
	}
	if by.Account == "" || !r.Held() || !proof.Proves(identity.LinkRequestPage, r.LinkOf()) || !s.isOf(r.MailHash, proof.Email()) {
		return Request{}, s.refused(ctx, by, "request.adopt", id, ErrNotFound)
	}
	return s.Requests.Update(ctx, id, func(r *Request) ([]ledger.Event, error) {
		if r.Account != "" {
			return nil, nil
		}
		if !r.Held() || !proof.Proves(identity.LinkRequestPage, r.LinkOf()) {
			return nil, ErrNotFound // the address was changed meanwhile
		}
		r.Account = by.Account
		return []ledger.Event{s.event(by, "request.adopt", r.ID, nil)}, nil
	})
}

// TakeAway returns the request and its content for what leaves the portal in
// one piece: the answer as a document, the list of its files. Like a download
// it is for the data subject, needs a fresh second factor (ErrStepUp) and
// leaves an entry; form is an enumerated value. It may be taken as long as a
// decision stands in it.
func (s *Service) TakeAway(ctx context.Context, by identity.Actor, id, form string) (Request, Story, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, Story{}, err
	}
	if !isSubject(by, &r) {
		return Request{}, Story{}, s.refused(ctx, by, "request.take_away", id, ErrNotFound)
	}
	if err := s.strong(ctx, by, "request.take_away", id); err != nil {
		return Request{}, Story{}, err
	}
	if !r.decidedAny() {
		return Request{}, Story{}, s.refused(ctx, by, "request.take_away", id, fault.New(fault.Conflict, "There is no decision yet."))
	}
	if err := s.Evidence.Record(ctx, s.event(by, "request.take_away", id, details{"form": form})); err != nil {
		return Request{}, Story{}, document.ErrBusy.Because(err)
	}
	story, err := s.Tell(ctx, by, r)
	return r, story, err
}

// TakePackage opens the whole released answer, with every file of it, for the
// data subject: after the second factor and within the release, as one download
// with one entry, which is written before anything is given.
func (s *Service) TakePackage(ctx context.Context, by identity.Actor, id string) (Request, Story, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, Story{}, s.missing(ctx, by, "request.download", err)
	}
	if _, err := allowed(by, &r, Download); err != nil {
		return Request{}, Story{}, s.refused(ctx, by, "request.download", id, err)
	}
	if err := s.strong(ctx, by, "request.download", id); err != nil {
		return Request{}, Story{}, err
	}
	now := s.now()
	r, err = s.change(ctx, by, id, Download, func(r *Request) (details, error) {
		if r.Answer == nil || r.Answer.Outside != nil || now.After(r.Answer.Until) {
			return nil, ErrExpired
		}
		for _, f := range r.Files {
			r.Answer.Downloads = append(r.Answer.Downloads, Fetched{File: f.ID, At: now})
		}
		r.Answer.Last = &now
		return details{"form": "package"}, nil
	})
	if err != nil {
		return Request{}, Story{}, err
	}
	story, err := s.Tell(ctx, by, r)
	return r, story, err
}

func (r *Request) decidedAny() bool {
	for _, i := range r.Items {
		if i.Decision != nil {
			return true
		}
	}
	return false
}
