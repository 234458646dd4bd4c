package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"inzage/services/agreements"
	"inzage/services/identity"
	"inzage/services/requests"
)

// Request is a request as lists show it: nothing in it is personal data.
type Request struct {
	ID                   string           `json:"id"`
	Reference            string           `json:"reference" doc:"What people quote; it opens nothing"`
	Rev                  int64            `json:"rev" doc:"Send it along with an action: the action is refused when the request has changed since"`
	State                requests.State   `json:"state" enum:"unconfirmed,received,forwarded,acknowledged,in_progress,identifying,decided,delivered,closed,withdrawn,misdirected,merged"`
	Rights               []requests.Right `json:"rights" enum:"access,rectification,erasure,restriction,portability,objection"`
	Channel              requests.Channel `json:"channel" enum:"portal,email,letter,phone,api"`
	Desk                 string           `json:"desk" doc:"The organisation that has to act"`
	Decides              agreements.Party `json:"decides,omitempty" enum:"controller,processor" doc:"As which party; absent while the request is to be triaged"`
	Controller           string           `json:"controller,omitempty" doc:"Absent while unknown"`
	Processor            string           `json:"processor,omitempty"`
	Agreement            string           `json:"agreement,omitempty"`
	Version              int              `json:"agreement_version,omitempty" doc:"In force when the request began"`
	Assignee             string           `json:"assignee,omitempty" doc:"The colleague who has it; shown to its desk"`
	Received             time.Time        `json:"received" doc:"The earliest receipt in the chain: the clock runs from here"`
	ReceivedByProcessor  *time.Time       `json:"received_by_processor,omitempty"`
	ReceivedByController *time.Time       `json:"received_by_controller,omitempty"`
	Acknowledged         *time.Time       `json:"acknowledged,omitempty"`
	Closed               *time.Time       `json:"closed,omitempty"`
	MergedInto           string           `json:"merged_into,omitempty" doc:"The request that it goes on under"`
	Holds                []string         `json:"holds,omitempty" doc:"The requests that go on under it"`
	Due                  string           `json:"due" format:"date" doc:"The date that is enforced"`
	Ends                 time.Time        `json:"ends" doc:"The instant at which that date is over"`
	Overdue              bool             `json:"overdue"`
	Waiting              bool             `json:"waiting" doc:"Somebody else than the desk has to act"`
	Open                 bool             `json:"open"`
}

// facts is the request without its content.
func (a *API) facts(by identity.Actor, r requests.Request) Request {
	f := Request{ID: r.ID, Reference: r.Reference, Rev: r.Rev, State: r.State, Rights: append([]requests.Right{}, r.Rights()...), Channel: r.Channel,
		Desk: r.Desk, Decides: r.Decides, Controller: r.Controller, Processor: r.Processor, Agreement: r.Agreement, Version: r.AgreementVersion,
		Received: r.Received, ReceivedByProcessor: r.ReceivedByProcessor, ReceivedByController: r.ReceivedByController, Acknowledged: r.Acknowledged, Closed: r.Closed,
		Due: r.Due, Ends: r.Ends, Overdue: r.OverdueAt(a.Now()), Waiting: r.Waiting, Open: r.Open}
	f.MergedInto = r.MergedInto
	for _, h := range r.Holds {
		f.Holds = append(f.Holds, h.ID)
	}
	if by.IsStaffOf(r.Desk) {
		f.Assignee = r.Assignee
	}
	return f
}

func (a *API) factsOf(by identity.Actor, rows []requests.Request) []Request {
	all := []Request{}
	for _, r := range rows {
		all = append(all, a.facts(by, r))
	}
	return all
}

type requestOut struct{ Body Request }

// RequestPage is one page of a list.
type RequestPage struct {
	Requests []Request `json:"requests"`
	Next     string    `json:"next,omitempty" doc:"Send it as after for the next page; absent on the last"`
}

type requestsOut struct{ Body RequestPage }

// Paged is where a page of a list begins, and how long it is.
type Paged struct {
	After string `query:"after" maxLength:"4096" doc:"The next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"100" default:"50"`
}

type queueIn struct {
	Paged
	Tab   requests.Tab   `query:"tab" enum:"open,mine,soon,overdue,waiting,unassigned,done,sent" default:"open" doc:"soon: due within seven days. sent: forwarded to controllers, newest first"`
	Right requests.Right `query:"right" enum:"access,rectification,erasure,restriction,portability,objection" doc:"Only requests with this right. A page may then hold fewer than limit; go on with its next"`
}

// Those who work on requests, and those who watch that they are worked on.
var (
	workers  = []identity.Role{identity.Agent, identity.PrivacyOfficer}
	watchers = []identity.Role{identity.Agent, identity.PrivacyOfficer, identity.Admin}
)

const (
	requestsTag   = "Requests"
	readRequests  = "requests:read"
	writeRequests = "requests:write"
)

func (a *API) mountRequests() {
	handle(a, route{ID: "list-requests", Method: http.MethodGet, Path: "/requests", Summary: "The queue of your organisation, the most urgent first", Tag: requestsTag, Roles: watchers, Scope: readRequests, Entry: silent}, a.queue)
	handle(a, route{ID: "count-requests", Method: http.MethodGet, Path: "/requests/counts", Summary: "How many stand in each tab of the queue", Tag: requestsTag, Roles: watchers, Scope: readRequests, Entry: silent}, a.counts)
	handle(a, route{ID: "search-requests", Method: http.MethodPost, Path: "/requests/search", Summary: "Find by reference, or by the exact e-mail address of the person", Tag: requestsTag, Roles: workers, Scope: readRequests,
		About: "It is no GET, because an e-mail address has no place in an address of the web.", Entry: "request.search"}, a.search)
	handle(a, route{ID: "read-request", Method: http.MethodGet, Path: "/requests/{id}", Summary: "Read a request, as far as you may see it", Tag: requestsTag, Roles: watchers, Scope: readRequests,
		About: "Reading content leaves an entry in the ledger.", By: bySeers, Entry: "request.read"}, a.readRequest)
	handle(a, route{ID: "enter-request", Method: http.MethodPost, Path: "/requests", Summary: "Put in a request that came by e-mail, letter or telephone", Tag: requestsTag, Roles: workers, Scope: writeRequests, Status: http.StatusCreated,
		About: "With the real time of receipt, from which the clock runs. Where the agreement says so it is forwarded at once.", Entry: "request.enter"}, a.enter)
	a.mountRequestFiles()
	a.mountRouting()
	a.mountWork()
	a.mountAddresses()
	a.mountDecisions()
	a.mountDelivery()
}

func (a *API) queue(ctx context.Context, by identity.Actor, in *queueIn) (*requestsOut, error) {
	page, err := a.Requests.Queue(ctx, by, in.Tab, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	rows := slices.DeleteFunc(page.Rows, func(r requests.Request) bool { return in.Right != "" && !r.Has(in.Right) })
	return &requestsOut{RequestPage{Requests: a.factsOf(by, rows), Next: page.Next}}, nil
}

// RequestCount is how many requests stand in a tab.
type RequestCount struct {
	Tab   requests.Tab `json:"tab"`
	Count int          `json:"count" doc:"Counting stops at 1000, which means: at least so many"`
	More  bool         `json:"more" doc:"There may be more"`
}

type countsOut struct {
	Body struct {
		Counts []RequestCount `json:"counts"`
	}
}

func (a *API) counts(ctx context.Context, by identity.Actor, _ *nothing) (*countsOut, error) {
	tabs := append(requests.Tabs(), requests.Sent)
	found, err := a.Requests.Counts(ctx, by, tabs...)
	if err != nil {
		return nil, err
	}
	var out countsOut
	for _, tab := range tabs {
		out.Body.Counts = append(out.Body.Counts, RequestCount{Tab: tab, Count: found[tab], More: found[tab] >= requests.CountCap})
	}
	return &out, nil
}

type searchIn struct {
	Body struct {
		Text string `json:"text" maxLength:"254" doc:"A reference in any spelling, or an e-mail address"`
	}
}

func (a *API) search(ctx context.Context, by identity.Actor, in *searchIn) (*requestsOut, error) {
	found, err := a.Requests.Search(ctx, by, in.Body.Text)
	if err != nil {
		return nil, err
	}
	return &requestsOut{RequestPage{Requests: a.factsOf(by, found)}}, nil
}
