package api

import (
	"context"
	"net/http"
	"slices"

	"inzage/services/identity"
	"inzage/services/requests"
)

// Seen is what the caller saw before acting. Every action on a request takes it.
type Seen struct {
	Rev int64 `json:"rev,omitempty" minimum:"0" doc:"The rev of the request as you saw it: when it has changed since, the action is refused (409) and changes nothing. Absent: act on it as it is"`
}

func (s Seen) rev() int64 { return s.Rev }

type onRequest[B any] struct {
	ID   string `path:"id" maxLength:"64"`
	Body B
}

// act adds an action on a request: its row in the table of requests says who may
// do it, and names its entry. It answers with the facts of the request after it;
// what was read or written of its content is not repeated.
func act[B interface{ rev() int64 }](a *API, action requests.Action, r route, do func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b B) (requests.Request, error)) {
	r.Method, r.Tag = http.MethodPost, requestsTag
	r.Path = "/requests/{id}/" + r.Path
	r.By, r.Entry = staffIn(action), "request."+string(action)
	handle(a, r, func(ctx context.Context, by identity.Actor, in *onRequest[B]) (*requestOut, error) {
		after, err := do(ctx, a.Requests.At(in.Body.rev()), by, in.ID, in.Body)
		if err != nil {
			return nil, err
		}
		out := a.facts(by, after)
		if requests.SightOf(by, after) == requests.Nothing {
			out = Request{ID: after.ID, Reference: after.Reference, State: after.State, Rights: out.Rights, Channel: out.Channel} // it is no longer the caller's to follow
		}
		return &requestOut{out}, nil
	})
}

// staffIn are the relations in which staff may do an action on a request. The
// data subject's own ways to the same action are below /my/requests.
func staffIn(action requests.Action) []string {
	for _, row := range requests.Table() {
		if row.Action == action {
			return words(slices.DeleteFunc(slices.Clone(row.By), func(as requests.Relation) bool { return as == requests.TheSubject || as == requests.ThePortal }))
		}
	}
	return nil
}

// plain is an action that needs nothing said.
func plain(do func(s *requests.Service, ctx context.Context, by identity.Actor, id string) (requests.Request, error)) func(context.Context, *requests.Service, identity.Actor, string, Seen) (requests.Request, error) {
	return func(ctx context.Context, s *requests.Service, by identity.Actor, id string, _ Seen) (requests.Request, error) {
		return do(s, ctx, by, id)
	}
}

// DirectRequest names the controller of a request in triage.
type DirectRequest struct {
	Seen
	Controller string `json:"controller" maxLength:"64"`
	// Others get a request of their own each.
	Others []string `json:"others,omitempty" maxItems:"19" doc:"Further controllers of the same data: each gets a request of its own, and all name each other"`
}

// SendAstray says where the person can turn instead.
type SendAstray struct {
	Seen
	Where string `json:"where" maxLength:"10000"`
}

func (a *API) mountRouting() {
	act(a, requests.Triage, route{ID: "direct-request", Path: "direct", Summary: "Name the controller; the request goes the way of the agreement", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b DirectRequest) (requests.Request, error) {
			return s.Direct(ctx, by, id, append([]string{b.Controller}, b.Others...)...)
		})
	act(a, requests.Misdirect, route{ID: "misdirect-request", Path: "misdirect", Summary: "Answer that it has no relation to the organisation, with where to turn", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b SendAstray) (requests.Request, error) {
			return s.SendAstray(ctx, by, id, b.Where)
		})
	a.mountJoining()
	act(a, requests.Withdraw, route{ID: "withdraw-request", Path: "withdraw", Summary: "Withdraw it for the person, who said so by letter or telephone", Roles: workers, Scope: writeRequests}, plain((*requests.Service).Retract))
	act(a, requests.Close, route{ID: "close-request", Path: "close", Summary: "Close a request that was answered", Roles: workers, Scope: writeRequests}, plain((*requests.Service).Finish))
}

// AssignRequest hands a request to a colleague.
type AssignRequest struct {
	Seen
	Colleague string `json:"colleague" maxLength:"64" doc:"An account of your organisation; empty: nobody"`
}

// AskIdentity asks who the person is.
type AskIdentity struct {
	Seen
	Reason string `json:"reason" maxLength:"10000" doc:"Why there is doubt; the person reads it"`
	Least  string `json:"least" maxLength:"10000" doc:"The least that settles it"`
}

// SettleIdentity judges the answer.
type SettleIdentity struct {
	Seen
	Enough bool `json:"enough"`
}

// ExtendRequest extends the term, once.
type ExtendRequest struct {
	Seen
	Months  int      `json:"months" minimum:"1" maximum:"2"`
	Grounds []string `json:"grounds" minItems:"1" maxItems:"4" enum:"complexity,number,processor_slow,staff" doc:"The law accepts complexity and number only; the others are refused with the reason"`
	Reasons string   `json:"reasons" maxLength:"10000" doc:"As the person will read them"`
}

func (a *API) mountWork() {
	act(a, requests.Acknowledge, route{ID: "take-up-request", Path: "take-up", Summary: "Take it up; the person is told by when the answer comes", Roles: workers, Scope: writeRequests}, plain((*requests.Service).TakeUp))
	act(a, requests.Assign, route{ID: "assign-request", Path: "assign", Summary: "Hand it to a colleague at the same desk, or to nobody", Roles: watchers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b AssignRequest) (requests.Request, error) {
			return s.AssignTo(ctx, by, id, b.Colleague)
		})
	act(a, requests.AskIdentity, route{ID: "ask-identity", Path: "identity/ask", Summary: "Ask the person for the least that settles who they are", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b AskIdentity) (requests.Request, error) {
			return s.Ask(ctx, by, id, b.Reason, b.Least)
		})
	act(a, requests.SettleIdentity, route{ID: "settle-identity", Path: "identity/settle", Summary: "Judge the answer, or let the question go", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b SettleIdentity) (requests.Request, error) {
			return s.Settle(ctx, by, id, b.Enough)
		})
	act(a, requests.Extend, route{ID: "extend-request", Path: "extend", Summary: "Extend the term, once, with ground and reasons", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b ExtendRequest) (requests.Request, error) {
			return s.Extend(ctx, by, id, b.Months, b.Grounds, b.Reasons)
		})
	handle(a, route{ID: "note-request", Method: http.MethodPost, Path: "/requests/{id}/notes", Summary: "Add an internal note", Tag: requestsTag, Roles: workers, Scope: writeRequests, Status: http.StatusCreated,
		About: "The person and the other party do not see it. It is erased with the request.", By: byDesk, Entry: "request.note"}, a.note)
}

// RequestNote is a note to be kept.
type RequestNote struct {
	Seen
	Text string `json:"text" maxLength:"10000" doc:"Write it so that the person may read it one day"`
}

type noteIn struct {
	ID string `path:"id" maxLength:"64"`
	Idempotent
	Body RequestNote
}

func (a *API) note(ctx context.Context, by identity.Actor, in *noteIn) (*requestOut, error) {
	var after requests.Request
	_, err := a.only(ctx, by, in.Key, "note-request/"+in.ID, in.Body, func() (string, error) {
		var err error
		after, err = a.Requests.At(in.Body.Rev).Jot(ctx, by, in.ID, in.Body.Text)
		return in.ID, err
	})
	if err == nil && after.ID == "" {
		after, _, err = a.Requests.Find(ctx, by, in.ID)
	}
	if err != nil {
		return nil, err
	}
	return &requestOut{a.facts(by, after)}, nil
}
