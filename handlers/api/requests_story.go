package api

import (
	"context"
	"encoding/base64"
	"net/http"
	"time"

	"inzage/handlers/access"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
)

// HistoryEntry is one entry of the ledger.
type HistoryEntry struct {
	Number       *int64            `json:"number,omitempty" doc:"In the ledger, from 0; absent while it waits to be sealed, which takes seconds"`
	ID           string            `json:"id"`
	At           time.Time         `json:"at"`
	Actor        string            `json:"actor,omitempty" doc:"An account, or system; not told to data subjects"`
	Role         string            `json:"role,omitempty"`
	Organisation string            `json:"organisation,omitempty" doc:"For which the actor acted"`
	Action       string            `json:"action" doc:"object.verb"`
	Outcome      string            `json:"outcome" enum:"done,refused"`
	Details      map[string]string `json:"details" doc:"Identifiers and enumerated values, never personal data"`
	Data         string            `json:"data,omitempty" doc:"The bytes that were sealed, base64: SHA-256 of a zero byte and these is the leaf of GET /ledger/entries/{number}/proof. Not told to data subjects"`
}

// historyEntry is an event as its reader may be told it: the data subject
// learns which organisation did it, not who there.
func historyEntry(own bool, e ledger.Event) HistoryEntry {
	h := HistoryEntry{ID: e.ID, At: e.At, Role: e.Role, Organisation: e.Organisation, Action: e.Action, Outcome: e.Outcome, Details: map[string]string{}}
	for k, v := range e.Details {
		h.Details[k] = v
	}
	if !own {
		h.Actor = e.Actor
	}
	return h
}

type historyIn struct {
	ID    string `path:"id" maxLength:"64"`
	After int64  `query:"after" minimum:"-1" default:"-1" doc:"The next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"100" doc:"How many entries to look through"`
}

type historyOut struct {
	Body struct {
		Entries []HistoryEntry `json:"entries" doc:"In the order of the ledger"`
		Next    *int64         `json:"next,omitempty" doc:"Send it as after for the next page; absent on the last"`
	}
}

func (a *API) mountStory() {
	about := "The desk is told of readings and refusals too. Entries hold no personal data, so reading them leaves none."
	handle(a, route{ID: "read-history", Method: http.MethodGet, Path: "/requests/{id}/history", Summary: "What was done with a request, entry by entry of the ledger", Tag: requestsTag, Roles: watchers, Scope: readRequests, About: about, By: bySeers, Entry: silent}, a.history)
	handle(a, route{ID: "read-notices", Method: http.MethodGet, Path: "/requests/{id}/notices", Summary: "Everything that was written to the person, in full", Tag: requestsTag, Roles: workers, Scope: readRequests,
		About: "Reading it leaves an entry in the ledger.", By: byDesk, Entry: "request.read"}, a.notices)
	handle(a, route{ID: "list-proposals", Method: http.MethodGet, Path: "/requests/{id}/proposals", Summary: "The controllers that a request in triage may be meant for, those that the filer named first", Tag: requestsTag, Roles: workers, Scope: readRequests,
		About: "Reading it leaves an entry in the ledger.", By: byDesk, Entry: "request.read"}, a.proposals)
	subject := []identity.Role{identity.Subject}
	handle(a, route{ID: "read-my-history", Method: http.MethodGet, Path: "/my/requests/{id}/history", Summary: "What was done with your request, entry by entry of the ledger", Tag: mineTag, Roles: subject, Half: true, By: bySubject, Entry: silent}, a.history)
	handle(a, route{ID: "read-my-notices", Method: http.MethodGet, Path: "/my/requests/{id}/notices", Summary: "Everything that was written to you about your request, in full", Tag: mineTag, Roles: subject, Half: true, By: bySubject, Entry: "request.read"}, a.notices)
	handle(a, route{ID: "read-manifest", Method: http.MethodGet, Path: "/my/requests/{id}/manifest", Summary: "The list of the files of the answer, each with its fingerprint", Tag: mineTag, Roles: subject,
		About: "Needs both factors, the second not older than five minutes. It leaves an entry in the ledger.", By: bySubject, Fresh: access.AtDeed, Entry: "request.take_away"}, a.manifest)
	handle(a, route{ID: "read-recourse", Method: http.MethodGet, Path: "/my/requests/{id}/recourse", Summary: "Where you can complain about your request", Tag: mineTag, Roles: subject, Half: true, By: bySubject, Entry: silent}, a.recourse)
}

// history tells as much of a request's entries as the reader may know.
func (a *API) history(ctx context.Context, by identity.Actor, in *historyIn) (*historyOut, error) {
	r, _, err := a.Requests.Find(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	sealed, err := a.Ledger.History(ctx, r.ID, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	var out historyOut
	out.Body.Entries = []HistoryEntry{}
	known, own := map[string]bool{}, r.Account != "" && r.Account == by.Account
	for _, e := range sealed {
		known[e.Event.ID] = true
		if !requests.Told(by, r, e.Event) {
			continue
		}
		one := historyEntry(own, e.Event)
		one.Number = &e.Number
		if !own {
			one.Data = base64.StdEncoding.EncodeToString(e.Data)
		}
		out.Body.Entries = append(out.Body.Entries, one)
	}
	if len(sealed) == in.Limit {
		out.Body.Next = &sealed[in.Limit-1].Number
		return &out, nil
	}
	for _, e := range r.Pending {
		if !known[e.ID] && requests.Told(by, r, e) {
			out.Body.Entries = append(out.Body.Entries, historyEntry(own, e))
		}
	}
	return &out, nil
}

// SentNotice is something that was written to the data subject.
type SentNotice struct {
	ID       string         `json:"id"`
	Kind     string         `json:"kind"`
	Right    requests.Right `json:"right,omitempty" doc:"That a decision is about"`
	Language string         `json:"language" enum:"nl,en"`
	Entry    int64          `json:"entry" doc:"The ledger entry that it follows from"`
	At       time.Time      `json:"at"`
	Mailed   bool           `json:"mailed" doc:"An e-mail that announces it was handed to the mail server; none has it in it"`
	Mail     *NoticeMail    `json:"mail,omitempty"`
	Title    string         `json:"title"`
	From     string         `json:"from"`
	To       string         `json:"to"`
	Date     string         `json:"date" doc:"Written out"`
	Greeting string         `json:"greeting"`
	Blocks   []NoticeBlock  `json:"blocks"`
}

// NoticeMail is what became of the e-mail that announces a notice.
type NoticeMail struct {
	State   notify.Standing    `json:"state" enum:"waiting,handed_over,refused,given_up,unknown"`
	Since   time.Time          `json:"since"`
	Reply   string             `json:"reply,omitempty" doc:"Of a refusal: the mail server's, in numbers"`
	Trouble notify.TroubleKind `json:"trouble,omitempty" doc:"While it waits: what is wrong with mail on the portal's side"`
}

func noticeMail(p notify.Post) *NoticeMail {
	if p.Standing == notify.Unmailed {
		return nil
	}
	return &NoticeMail{State: p.Standing, Since: p.At, Reply: p.Cause, Trouble: p.Trouble}
}

// NoticeBlock is one piece of a notice.
type NoticeBlock struct {
	Kind  string       `json:"kind" enum:"text,heading,quote,list,facts"`
	Text  string       `json:"text,omitempty"`
	Law   string       `json:"law,omitempty" doc:"The provision behind it"`
	Items []NoticeItem `json:"items"`
}

// NoticeItem is a line of a list, or a fact with its name.
type NoticeItem struct {
	Label string `json:"label,omitempty"`
	Text  string `json:"text"`
}

type noticesOut struct {
	Body struct {
		Notices []SentNotice `json:"notices" doc:"In the order of sending"`
	}
}

func (a *API) notices(ctx context.Context, by identity.Actor, in *byID) (*noticesOut, error) {
	r, sight, err := a.Requests.Look(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	if sight != requests.Content {
		return nil, requests.ErrNotFound
	}
	sent, err := a.Notify.NoticesOf(ctx, by, r)
	if err != nil {
		return nil, err
	}
	var out noticesOut
	out.Body.Notices = []SentNotice{}
	for _, n := range sent {
		out.Body.Notices = append(out.Body.Notices, sentNotice(n))
	}
	return &out, nil
}

func sentNotice(n notify.Opened) SentNotice {
	w := n.Writing
	out := SentNotice{ID: n.ID, Kind: n.Kind, Right: requests.Right(n.Right), Language: n.Language, Entry: n.Entry, At: n.At, Mailed: n.Became.Left(), Mail: noticeMail(n.Became),
		Title: w.Title, From: w.From, To: w.To, Date: w.Date, Greeting: w.Greeting, Blocks: []NoticeBlock{}}
	for _, b := range w.Blocks {
		block := NoticeBlock{Kind: b.Kind, Text: b.Text, Law: b.Law, Items: []NoticeItem{}}
		for _, i := range b.Items {
			block.Items = append(block.Items, NoticeItem(i))
		}
		out.Blocks = append(out.Blocks, block)
	}
	return out
}

// ProposedController is a controller that a request may be meant for.
type ProposedController struct {
	Controller string `json:"controller"`
	Agreement  string `json:"agreement"`
	Named      bool   `json:"named" doc:"The filer's own words name it"`
}

type proposalsOut struct {
	Body struct {
		Proposals []ProposedController `json:"proposals"`
	}
}

func (a *API) proposals(ctx context.Context, by identity.Actor, in *byID) (*proposalsOut, error) {
	r, _, err := a.Requests.Look(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	story, err := a.Requests.Tell(ctx, by, r)
	if err != nil {
		return nil, err
	}
	found, err := a.Requests.Proposals(ctx, r, story.About)
	if err != nil {
		return nil, err
	}
	var out proposalsOut
	out.Body.Proposals = []ProposedController{}
	for _, p := range found {
		out.Body.Proposals = append(out.Body.Proposals, ProposedController(p))
	}
	return &out, nil
}

// AnswerManifest is the list of the files of an answer.
type AnswerManifest struct {
	Reference string       `json:"reference"`
	By        string       `json:"by" doc:"The organisation that answers"`
	At        time.Time    `json:"at"`
	Files     []StoredFile `json:"files"`
}

type manifestOut struct{ Body AnswerManifest }

func (a *API) manifest(ctx context.Context, by identity.Actor, in *byID) (*manifestOut, error) {
	r, story, err := a.Requests.TakeAway(ctx, by, in.ID, "manifest")
	if err != nil {
		return nil, err
	}
	if r.Answer == nil || r.Answer.Outside != nil {
		return nil, requests.ErrNotFound
	}
	return &manifestOut{AnswerManifest{Reference: r.Reference, By: r.Desk, At: r.Answer.At, Files: storedFiles(story.Files)}}, nil
}

// CompetentAuthority is where a data subject can complain.
type CompetentAuthority struct {
	Name    string   `json:"name"`
	Address []string `json:"address"`
	Website string   `json:"website"`
	Court   string   `json:"court" doc:"The way to court, in words"`
	Source  string   `json:"court_source"`
}

type recourseOut struct{ Body CompetentAuthority }

func (a *API) recourse(ctx context.Context, by identity.Actor, in *byID) (*recourseOut, error) {
	r, _, err := a.Requests.Find(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	at, err := a.Requests.Recourse(ctx, r)
	if err != nil {
		return nil, err
	}
	return &recourseOut{CompetentAuthority{Name: at.Name, Address: append([]string{}, at.Address...), Website: at.Website, Court: at.Court.In(by.Language), Source: at.CourtSource}}, nil
}
