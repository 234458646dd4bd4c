package requests

import (
	"context"

	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// TakeUp acknowledges the request: it was received, and the answer comes by the due date.
func (s *Service) TakeUp(ctx context.Context, by identity.Actor, id string) (Request, error) {
	now := s.now()
	return s.change(ctx, by, id, Acknowledge, func(r *Request) (details, error) {
		r.Acknowledged = &now
		if r.Assignee == "" {
			r.Assignee = by.Account
		}
		return details{"due": r.Due}, nil
	})
}

// Jot adds an internal note.
func (s *Service) Jot(ctx context.Context, by identity.Actor, id, text string) (Request, error) {
	z, err := s.sealerFor(ctx, by, id, AddNote)
	if err != nil {
		return Request{}, err
	}
	if err := needText("note", text, "Write the note first."); err != nil {
		return Request{}, err
	}
	n := Note{At: s.now(), By: by.Account, Org: by.Organisation, Text: z.Text("note", text)}
	if z.Err != nil {
		return Request{}, z.Err
	}
	return s.change(ctx, by, id, AddNote, func(r *Request) (details, error) {
		if len(r.Notes) >= 200 {
			return nil, fault.New(fault.Conflict, "This request has 200 notes already. No more can be added.")
		}
		r.Notes = append(r.Notes, n)
		return nil, nil
	})
}

// AddTo lets the data subject add words or files to their request.
func (s *Service) AddTo(ctx context.Context, by identity.Actor, id, text string, files []File) (Request, error) {
	z, err := s.sealerFor(ctx, by, id, Add)
	if err != nil {
		return Request{}, err
	}
	if len(files) == 0 {
		if err := needText("text", text, "Write what you want to add, or choose a file."); err != nil {
			return Request{}, err
		}
	}
	a := Addition{At: s.now(), Text: z.Text("addition", text)}
	if z.Err != nil {
		return Request{}, z.Err
	}
	for _, f := range files {
		a.Files = append(a.Files, f.ID)
	}
	return s.change(ctx, by, id, Add, func(r *Request) (details, error) {
		if len(r.Additions) >= 100 {
			return nil, fault.New(fault.Conflict, "You have added something 100 times already. No more can be added.")
		}
		if len(ownFiles(r.Attachments))+len(files) > s.Limits.Files {
			return nil, fault.New(fault.TooLarge, "A request holds at most %d files. Send fewer.", s.Limits.Files)
		}
		r.Additions = append(r.Additions, a)
		r.Attachments = append(r.Attachments, files...)
		return nil, s.together(ownFiles(r.Attachments)...)
	})
}

// Discard removes files that Receive stored and that did not become part of
// the request, because the form around them was refused.
func (s *Service) Discard(ctx context.Context, by identity.Actor, id string, files []File) error {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return s.missing(ctx, by, "request.add", err)
	}
	if !isSubject(by, &r) {
		return s.refused(ctx, by, "request.add", id, ErrNotFound)
	}
	for _, f := range files {
		if _, kept := find(r.Attachments, f.ID); kept {
			continue
		}
		if err := s.Vault.DeleteFile(ctx, id, f.ID); err != nil {
			return err
		}
	}
	return nil
}

// Receive stores a file that the data subject sends along with an addition or
// a reply; AddTo or Reply then makes it part of the request.
func (s *Service) Receive(ctx context.Context, by identity.Actor, id string, u Upload) (File, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return File{}, s.missing(ctx, by, "request.add", err)
	}
	if _, err := allowed(by, &r, Add); err != nil {
		return File{}, s.refused(ctx, by, "request.add", id, err)
	}
	return s.take(ctx, id, ownFiles(r.Attachments), u)
}

// Finish closes a request that was answered.
func (s *Service) Finish(ctx context.Context, by identity.Actor, id string) (Request, error) {
	return s.change(ctx, by, id, Close, func(r *Request) (details, error) {
		if r.State == Decided && r.owesData() {
			return nil, fault.New(fault.Conflict, "The answer promises data. Deliver them before you close the request.")
		}
		return details{"rights": joined(r.Rights())}, nil
	})
}

// Retract withdraws the request, by the data subject, or by the desk when they
// said so by letter or telephone. Open questions to processors are withdrawn too.
func (s *Service) Retract(ctx context.Context, by identity.Actor, id string) (Request, error) {
	r, err := s.change(ctx, by, id, Withdraw, func(r *Request) (details, error) {
		if isSubject(by, r) {
			// What only staff say is theirs is not theirs to end.
			r.partAll(func(h *Held) bool { return !h.Same })
		}
		return r.joinedDetails(), nil
	})
	if err != nil {
		return Request{}, err
	}
	if r, err = s.finishSeparate(ctx, r); err != nil {
		return Request{}, err
	}
	return r, s.dropAssists(ctx, r.ID)
}

// dropAssists withdraws the questions that are still open when a request ends.
func (s *Service) dropAssists(ctx context.Context, request string) error {
	all, err := s.AssistsOf(ctx, request)
	if err != nil {
		return err
	}
	now := s.now()
	for _, a := range all {
		if !a.Open {
			continue
		}
		if _, err := s.Assists.Update(ctx, a.ID, func(a *Assist) ([]ledger.Event, error) {
			if !a.Open {
				return nil, nil
			}
			a.Outcome, a.Open, a.Answered, a.Remind = Cancelled, false, &now, deadlines.Never
			return []ledger.Event{s.event(identity.System(), "assist.cancel", a.ID, details{"request": request})}, nil
		}); err != nil {
			return err
		}
	}
	return nil
}
