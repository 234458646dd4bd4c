package requests

import (
	"context"

	"inzage/services/identity"
	"inzage/services/ledger"
)

// facts are the actions that everybody may be told of who may know of a
// request at all.
var facts = map[string]bool{"request.confirm": true, "request.enter": true, "request.forward": true, "request.handle": true, "request.part": true,
	"request.split": true, "request.triage": true, "request.acknowledge": true, "request.extend": true, "request.deliver": true,
	"request.deliver_outside": true, "request.close": true, "request.withdraw": true, "request.misdirect": true, "request.merge": true, "request.assign": true,
	"request.join": true, "request.separate": true, "request.separated": true, "request.hand_back": true, "request.share": true, "request.copy": true}

// news are the actions of which the data subject is told, beside the facts.
// How the desk works is the desk's own.
var news = map[string]bool{"request.ask_identity": true, "request.answer_identity": true, "request.settle_identity": true, "request.decide": true,
	"request.download": true, "request.renew": true, "request.take_away": true, "request.add": true,
	"request.change_address": true, "request.move_address": true, "request.new_word": true, "request.admit": true}

// Told tells whether the actor may be told of an event in the history of a
// request: the desk of all of them, readings and refusals included; the data
// subject of what was done to the request; whoever sees the bare facts of those.
func Told(by identity.Actor, r Request, e ledger.Event) bool {
	if e.Object != r.ID {
		return false
	}
	switch seen := sight(by, &r); {
	case isSubject(by, &r):
		return e.Outcome == ledger.Done && e.Action != "request.assign" && (facts[e.Action] || news[e.Action])
	case seen == Content:
		return true
	case seen == Facts:
		return e.Outcome == ledger.Done && facts[e.Action]
	}
	return false
}

// Find returns a request without opening anything of it, and how far the actor
// may see it. What the actor may not see is refused as Look refuses it.
func (s *Service) Find(ctx context.Context, by identity.Actor, id string) (Request, Sight, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, Nothing, s.missing(ctx, by, "request.read", err)
	}
	seen := sight(by, &r)
	if seen == Nothing {
		return Request{}, Nothing, s.refused(ctx, by, "request.read", id, ErrNotFound)
	}
	return r, seen, nil
}
