package requests

import (
	"context"
	"errors"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

// IdentityQuestion asks the data subject for the least that settles who they
// are: art. 12(6) GDPR allows it on reasonable doubts only.
type IdentityQuestion struct {
	Asked  time.Time    `json:"asked"`
	Reason vault.Sealed `json:"reason"` // why there is doubt
	Least  vault.Sealed `json:"least"`  // the least that settles it
	// Replied is when the data subject answered; nil while waiting.
	Replied *time.Time   `json:"replied,omitempty"`
	Reply   vault.Sealed `json:"reply"`
	Files   []string     `json:"files,omitempty"`
	// Settled is when the desk judged the reply; Enough says how.
	Settled *time.Time `json:"settled,omitempty"`
	Enough  bool       `json:"enough"`
}

// Question is an identity question with its opened texts.
type Question struct {
	Asked                IdentityQuestion
	Reason, Least, Reply string
}

// Ask puts an identity question. The statutory clock may stand while it is
// open; the enforced one never does.
func (s *Service) Ask(ctx context.Context, by identity.Actor, id, reason, least string) (Request, error) {
	z, err := s.sealerFor(ctx, by, id, AskIdentity)
	if err != nil {
		return Request{}, err
	}
	var form fault.Form
	if needText("reason", reason, "x") != nil {
		form.Refuse("reason", "Say why you doubt who this is. Without reasonable doubts the law does not allow the question.")
	}
	if needText("least", least, "x") != nil {
		form.Refuse("least", "Say what the person should send: the least that settles it.")
	}
	if err := form.Err(); err != nil {
		return Request{}, err
	}
	q := IdentityQuestion{Asked: s.now(), Reason: z.Text("identity", reason), Least: z.Text("identity", least)}
	if z.Err != nil {
		return Request{}, z.Err
	}
	return s.change(ctx, by, id, AskIdentity, func(r *Request) (details, error) {
		r.Before = r.State
		r.Identity = append(r.Identity, q)
		return nil, nil
	})
}

// Reply is the data subject's answer to the open identity question.
func (s *Service) Reply(ctx context.Context, by identity.Actor, id, text string, files []File) (Request, error) {
	if len(files) == 0 {
		if err := needText("reply", text, "Answer the question, or add a file."); err != nil {
			return Request{}, err
		}
	}
	z, err := s.sealerFor(ctx, by, id, AnswerIdentity)
	if err != nil {
		return Request{}, err
	}
	now, reply := s.now(), z.Text("identity", text)
	if z.Err != nil {
		return Request{}, z.Err
	}
	return s.change(ctx, by, id, AnswerIdentity, func(r *Request) (details, error) {
		q := &r.Identity[len(r.Identity)-1]
		if q.Replied != nil {
			return nil, fault.New(fault.Conflict, "You have already answered this question.")
		}
		q.Replied, q.Reply = &now, reply
		for _, f := range files {
			q.Files = append(q.Files, f.ID)
			r.Attachments = append(r.Attachments, f)
		}
		return nil, errors.Join(s.room(len(ownFiles(r.Attachments)), 0), s.together(ownFiles(r.Attachments)...))
	})
}

// Settle judges the reply. Enough lets the request go on; not enough keeps the
// question open, and the statutory clock standing (EDPB 01/2022, example 31),
// with a new question to follow.
func (s *Service) Settle(ctx context.Context, by identity.Actor, id string, enough bool) (Request, error) {
	now := s.now()
	// Back from the question, the request waits for the helpers only.
	open, err := s.openAssists(ctx, id)
	if err != nil {
		return Request{}, err
	}
	return s.change(ctx, by, id, SettleIdentity, func(r *Request) (details, error) {
		q := &r.Identity[len(r.Identity)-1]
		if q.Replied == nil && !enough {
			return nil, fault.New(fault.Conflict, "There is no answer yet that could be too little.")
		}
		q.Settled, q.Enough = &now, enough
		r.State = r.Before
		r.Waiting = open > 0
		result := "insufficient"
		if enough {
			result = "sufficient"
		}
		return details{"result": result}, nil
	})
}
