package api

import (
	"context"
	"net/http"
	"slices"
	"time"

	"inzage/handlers/access"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
	"inzage/services/requests"
)

func (a *API) mountCalendar() {
	const path = "/calendar/address"
	look := auditRead("read-calendar", "/calendar", "The days of your audits, what is due in them, and for staff the requests and help that are due", silent, seers)
	look.By, look.About = nil, "A machine reads the days of requests and help with the scope "+readRequests+" besides."
	handle(a, look, a.calendar)
	handle(a, route{ID: "read-calendar-address", Method: http.MethodGet, Path: path, Summary: "Whether you have a calendar address", Tag: auditTag, Roles: look.Roles, Entry: silent}, a.feedMade)
	handle(a, route{ID: "make-calendar-address", Method: http.MethodPut, Path: path, Summary: "Make a private address at which a calendar program reads your days", Tag: auditTag, Roles: look.Roles,
		About: "It is shown this once, and an earlier one stops working. It needs a fresh second factor.", Entry: "feed.make", Fresh: access.AtDeed}, a.makeFeed)
	handle(a, route{ID: "revoke-calendar-address", Method: http.MethodDelete, Path: path, Summary: "End your calendar address at once", Tag: auditTag, Roles: look.Roles,
		Status: http.StatusNoContent, Entry: "feed.revoke"}, a.revokeFeed)
}

// AuditMark is one thing of an audit on the calendar.
type AuditMark struct {
	Day        deadlines.Date `json:"day" format:"date"`
	Kind       string         `json:"kind" enum:"audit,proposal,session,inquiry,comment,position,measure,undertaking"`
	Audit      string         `json:"audit"`
	Reference  string         `json:"reference"`
	Controller string         `json:"controller" doc:"Its id"`
	Processor  string         `json:"processor" doc:"Its id"`
	Item       string         `json:"item,omitempty" doc:"The thing in the audit; absent for the audit itself"`
	Side       audits.Side    `json:"side,omitempty" enum:"controller,processor" doc:"In which role your organisation is in it; absent for the auditor"`
	Mine       bool           `json:"mine" doc:"Your side has to act"`
	Own        bool           `json:"own" doc:"The audit's own day, agreed or first proposed"`
	Stage      audits.Stage   `json:"stage"`
	Rev        int64          `json:"rev" doc:"Of the audit"`
}

// DueMark is a request, or help with one, on the day on which it is due.
type DueMark struct {
	Day       deadlines.Date `json:"day" format:"date"`
	Request   string         `json:"request,omitempty" doc:"Absent for help"`
	Assist    string         `json:"assist,omitempty" doc:"Absent for a request"`
	Reference string         `json:"reference" doc:"Of the request"`
	Right     requests.Right `json:"right,omitempty" doc:"Of help"`
	For       string         `json:"for,omitempty" doc:"The organisation that asked for help"`
}

type calendarIn struct {
	From  deadlines.Date `query:"from" format:"date" required:"true"`
	Until deadlines.Date `query:"until" format:"date" required:"true" doc:"Not included; at most 400 days later"`
}

type calendarOut struct {
	Body struct {
		Marks []AuditMark `json:"marks"`
		Due   []DueMark   `json:"due"`
		More  bool        `json:"more" doc:"More is due in these days than stands in due; ask for fewer days"`
	}
}

func markOf(m audits.Mark) AuditMark {
	return AuditMark{Day: m.Day, Kind: m.Kind, Audit: m.Audit, Reference: m.Reference, Controller: m.Controller, Processor: m.Processor, Item: m.Item,
		Side: m.Side, Mine: m.Mine, Own: m.Own, Stage: m.Stage, Rev: m.Rev}
}

func (a *API) calendar(ctx context.Context, by identity.Actor, in *calendarIn) (*calendarOut, error) {
	marks, err := a.Audits.Calendar(ctx, by, in.From, in.Until)
	if err != nil {
		return nil, err
	}
	var out calendarOut
	var due []requests.DueDay
	who := callOf(ctx)
	if !by.Is(identity.Auditor) && (!who.machine || slices.Contains(who.scopes, readRequests)) {
		if due, out.Body.More, err = a.Requests.Due(ctx, by, in.From, in.Until); err != nil {
			return nil, err
		}
	}
	out.Body.Marks, out.Body.Due = []AuditMark{}, []DueMark{}
	for _, m := range marks {
		out.Body.Marks = append(out.Body.Marks, markOf(m))
	}
	for _, d := range due {
		out.Body.Due = append(out.Body.Due, DueMark(d))
	}
	return &out, nil
}

type feedOut struct {
	Body struct {
		Made     *time.Time `json:"made,omitempty" doc:"When you made your address; absent without one"`
		Requests bool       `json:"requests" doc:"It also tells when requests and help are due"`
		Address  string     `json:"address,omitempty" doc:"The address itself, in the answer of the call that makes it. Who knows it reads your days"`
	}
}

func (a *API) feedMade(ctx context.Context, by identity.Actor, _ *nothing) (*feedOut, error) {
	acc, _, err := a.Identity.Me(ctx, by)
	if err != nil {
		return nil, err
	}
	var out feedOut
	if acc.Feed.Token != "" {
		out.Body.Made, out.Body.Requests = &acc.Feed.Made, acc.Feed.Requests
	}
	return &out, nil
}

type makeFeedIn struct {
	Requests bool `query:"requests" doc:"Also the days on which requests and help are due: their references, and nothing of the person"`
}

func (a *API) makeFeed(ctx context.Context, by identity.Actor, in *makeFeedIn) (*feedOut, error) {
	token, err := a.Identity.MakeFeed(ctx, by, in.Requests)
	if err != nil {
		return nil, err
	}
	out, err := a.feedMade(ctx, by, nil)
	if err != nil {
		return nil, err
	}
	out.Body.Address = a.Cookies.Origin.JoinPath("feeds", token+".ics").String()
	return out, nil
}

func (a *API) revokeFeed(ctx context.Context, by identity.Actor, _ *nothing) (*done, error) {
	return nil, a.Identity.RevokeFeed(ctx, by)
}
