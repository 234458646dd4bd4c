package api

import (
	"context"
	"time"

	"inzage/services/identity"
	"inzage/services/requests"
)

// RelatedRequest is a request that belongs with another one: what both may tell
// of each other.
type RelatedRequest struct {
	How       string           `json:"how" enum:"split,into,holds,shared" doc:"split: the other half. into: this one goes on under it. holds: it goes on under this one. shared: another controller decides on the same"`
	ID        string           `json:"id,omitempty" doc:"When you may open it"`
	Reference string           `json:"reference"`
	State     requests.State   `json:"state" enum:"unconfirmed,received,forwarded,acknowledged,in_progress,identifying,decided,delivered,closed,withdrawn,misdirected,merged"`
	Rights    []requests.Right `json:"rights" enum:"access,rectification,erasure,restriction,portability,objection"`
	Desk      string           `json:"desk" doc:"The organisation that has to act"`
	Due       string           `json:"due" format:"date"`
	Overdue   bool             `json:"overdue"`
	Joined    *time.Time       `json:"joined,omitempty" doc:"When it was joined with this one"`
	Received  *time.Time       `json:"received,omitempty" doc:"Its own receipt, when it was joined with this one"`
	Late      bool             `json:"late,omitempty" doc:"Its day had passed when it was joined"`
	Stated    bool             `json:"stated,omitempty" doc:"Staff stated that it is one person"`
	Separable bool             `json:"separable,omitempty" doc:"Nothing was decided since: it can be taken off again"`
}

func (a *API) related(by identity.Actor, all []requests.Relative) ([]Request, []RelatedRequest) {
	linked, related := []Request{}, []RelatedRequest{}
	for _, o := range all {
		r := RelatedRequest{How: o.How, Reference: o.Reference, State: o.State, Rights: append([]requests.Right{}, o.Rights()...), Desk: o.Desk, Due: o.Due, Overdue: o.OverdueAt(a.Now())}
		if h := o.Held; h != nil {
			r.Joined, r.Received, r.Late, r.Stated, r.Separable = &h.At, &h.Received, h.Late, h.Stated, o.Separable
		}
		if o.Visible {
			r.ID = o.ID
			linked = append(linked, a.facts(by, o.Request))
		}
		related = append(related, r)
	}
	return linked, related
}

// JoinedContent is what a joined request carries.
type JoinedContent struct {
	ID         string          `json:"id"`
	Reference  string          `json:"reference"`
	Person     Filer           `json:"person"`
	Items      []AskedItem     `json:"items"`
	About      string          `json:"about,omitempty"`
	LateReason string          `json:"late_reason,omitempty"`
	Reason     string          `json:"reason,omitempty" doc:"Why staff state that it is one person"`
	Additions  []RequestText   `json:"additions"`
	Notes      []RequestText   `json:"notes"`
	Identity   []IdentityAsked `json:"identity"`
	Extension  *ExtendedTerm   `json:"extension,omitempty"`
}

func joinedOf(all []requests.JoinedStory) []JoinedContent {
	out := []JoinedContent{}
	for _, j := range all {
		c := JoinedContent{ID: j.ID, Reference: j.Reference, Person: filerOf(j.Person), Items: []AskedItem{}, About: j.About, LateReason: j.LateReason,
			Reason: j.Reason, Additions: saidOf(j.Said), Notes: saidOf(j.Remarks), Identity: identityOf(j.Questions)}
		for _, right := range j.Rights() {
			c.Items = append(c.Items, askedItem(right, j.Asked[right]))
		}
		if x := j.Held.Extension; x != nil {
			c.Extension = &ExtendedTerm{At: x.At, Months: x.Months, Grounds: x.Grounds, Reasons: j.Extended}
		}
		out = append(out, c)
	}
	return out
}

// HandedBack is that a controller handed a forwarded request back.
type HandedBack struct {
	Controller string    `json:"controller"`
	Received   time.Time `json:"received" doc:"By that controller"`
	At         time.Time `json:"at"`
	Reason     string    `json:"reason"`
}

func handedOf(all []requests.HandedStory) []HandedBack {
	out := []HandedBack{}
	for _, h := range all {
		out = append(out, HandedBack{Controller: h.Controller, Received: h.Received, At: h.At, Reason: h.Why})
	}
	return out
}

// MergeRequest names the open request that goes on.
type MergeRequest struct {
	Seen
	Reference string `json:"reference" maxLength:"40" doc:"Of the request that goes on"`
	OnePerson bool   `json:"one_person,omitempty" doc:"State that both are of one person, where the addresses do not show it"`
	Reason    string `json:"reason,omitempty" maxLength:"10000" doc:"How you know that; needed with one_person"`
}

// SeparateRequest names the joined request that goes on by itself again.
type SeparateRequest struct {
	Seen
	Reference string `json:"reference" maxLength:"40" doc:"Of the request that goes on under this one"`
}

// HandBackRequest says why a forwarded request is not this controller's.
type HandBackRequest struct {
	Seen
	Reason string `json:"reason" maxLength:"10000" doc:"The processor reads it"`
}

func (a *API) mountJoining() {
	act(a, requests.Merge, route{ID: "merge-request", Path: "merge", Summary: "Let a request go on under another open one of the same person; it takes everything along", Roles: workers, Scope: writeRequests,
		About: "What remains runs from the earliest receipt of all that was joined. Any right may be joined; each is decided there."},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b MergeRequest) (requests.Request, error) {
			return s.Join(ctx, by, id, requests.Join{Reference: b.Reference, OnePerson: b.OnePerson, Reason: b.Reason})
		})
	act(a, requests.Separate, route{ID: "separate-request", Path: "separate", Summary: "Take a joined request off again, until something was decided since", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b SeparateRequest) (requests.Request, error) {
			return s.Separate(ctx, by, id, b.Reference)
		})
	act(a, requests.HandBack, route{ID: "hand-back-request", Path: "hand-back", Summary: "Hand a forwarded request back to the processor, because another controller decides", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b HandBackRequest) (requests.Request, error) {
			return s.HandBack(ctx, by, id, b.Reason)
		})
}
