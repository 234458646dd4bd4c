package api

import (
	"context"
	"net/http"
	"slices"

	"inzage/handlers/access"
	"inzage/services/identity"
	"inzage/services/requests"
)

// DecideRight is the decision on one right.
type DecideRight struct {
	Seen
	Right       requests.Right    `json:"right" enum:"access,rectification,erasure,restriction,portability,objection"`
	Outcome     requests.Outcome  `json:"outcome" enum:"granted,partly,refused"`
	Ground      string            `json:"ground,omitempty" maxLength:"64" doc:"Of GET /decisions/grounds; needed unless granted whole"`
	Reasons     string            `json:"reasons,omitempty" maxLength:"10000" doc:"In words, as the person will read them"`
	Complaint   bool              `json:"complaint_told,omitempty" doc:"The answer names the authority to complain to: art. 12(4) GDPR"`
	Court       bool              `json:"court_told,omitempty" doc:"The answer names the way to court: art. 12(4) GDPR"`
	Information map[string]string `json:"information,omitempty" doc:"Access: art. 15(1) and (2) GDPR, by the ids of GET /decisions/grounds"`
	Recipients  []string          `json:"recipients,omitempty" maxItems:"200" doc:"Rectification, erasure, restriction: who is to be told (art. 19 GDPR)"`
}

// RecipientTold notes that a recipient was told.
type RecipientTold struct {
	Seen
	Right     requests.Right `json:"right" enum:"rectification,erasure,restriction"`
	Recipient int            `json:"recipient" minimum:"0" doc:"Its place in the list, from 0"`
	Result    string         `json:"result" enum:"told,spared" doc:"spared: telling proved impossible or disproportionate"`
}

func (a *API) mountDecisions() {
	handle(a, route{ID: "list-grounds", Method: http.MethodGet, Path: "/decisions/grounds", Summary: "The grounds of a refusal per right, and the information that an access answer owes", Tag: requestsTag, Roles: watchers, Scope: readRequests, Entry: silent}, a.grounds)
	act(a, requests.Decide, route{ID: "decide-right", Path: "decide", Summary: "Decide on one right; with the last one the request is decided", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b DecideRight) (requests.Request, error) {
			return s.Decide(ctx, by, id, requests.Verdict{Right: b.Right, Outcome: b.Outcome, Ground: b.Ground, Reasons: b.Reasons,
				ComplaintTold: b.Complaint, CourtTold: b.Court, Information: b.Information, Recipients: b.Recipients})
		})
	act(a, requests.TellRecipient, route{ID: "tell-recipient", Path: "recipients", Summary: "Note that a recipient was told of the change", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b RecipientTold) (requests.Request, error) {
			return s.MarkTold(ctx, by, id, b.Right, b.Recipient, b.Result == "spared")
		})
}

// DecisionGround is a ground on which a right can be refused.
type DecisionGround struct {
	ID     string           `json:"id"`
	Rights []requests.Right `json:"rights"`
	Source string           `json:"source"`
	Text   string           `json:"text"`
}

// OwedInformation is something that an answer to an access request has to tell.
type OwedInformation struct {
	ID     string `json:"id"`
	Source string `json:"source"`
	Text   string `json:"text"`
}

type groundsOut struct {
	Body struct {
		Grounds     []DecisionGround  `json:"grounds"`
		Information []OwedInformation `json:"information"`
	}
}

func (a *API) grounds(_ context.Context, by identity.Actor, _ *nothing) (*groundsOut, error) {
	var out groundsOut
	for _, g := range a.Requests.Catalogue.Grounds {
		one := DecisionGround{ID: g.ID, Rights: []requests.Right{}, Source: g.Article, Text: g.Text.In(by.Language)}
		for _, r := range requests.Rights() {
			if slices.Contains(g.Rights, string(r)) {
				one.Rights = append(one.Rights, r)
			}
		}
		out.Body.Grounds = append(out.Body.Grounds, one)
	}
	for _, i := range a.Requests.Catalogue.Information {
		out.Body.Information = append(out.Body.Information, OwedInformation{ID: i.ID, Source: i.Article, Text: i.Label.In(by.Language)})
	}
	return &out, nil
}

// DeliverOutside records a delivery by post or in person.
type DeliverOutside struct {
	Seen
	Way   string `json:"way" enum:"post,in_person"`
	Proof string `json:"proof" maxLength:"10000" doc:"A tracking number, or who received it and when"`
}

func (a *API) mountDelivery() {
	act(a, requests.Deliver, route{ID: "release-answer", Path: "release", Summary: "Release the files to the person for seven days; needs a fresh second factor", Roles: workers, Fresh: access.AtDeed}, plain((*requests.Service).Release))
	act(a, requests.DeliverOutside, route{ID: "deliver-outside", Path: "deliver-outside", Summary: "Record a delivery by post or in person, with its proof", Roles: workers, Scope: writeRequests},
		func(ctx context.Context, s *requests.Service, by identity.Actor, id string, b DeliverOutside) (requests.Request, error) {
			return s.ReleaseOutside(ctx, by, id, b.Way, b.Proof)
		})
	act(a, requests.Renew, route{ID: "renew-release", Path: "renew", Summary: "Open the download for another seven days", Roles: workers, Scope: writeRequests}, plain((*requests.Service).RenewRelease))
}
