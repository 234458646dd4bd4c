package api

import (
	"context"
	"net/http"
	"time"

	"inzage/services/costs"
	"inzage/services/identity"
	"inzage/services/requests"
)

// Assist is help that a controller asks of a processor, without its content.
type Assist struct {
	ID         string         `json:"id"`
	Rev        int64          `json:"rev"`
	Request    string         `json:"request"`
	Reference  string         `json:"reference" doc:"Of the request"`
	Controller string         `json:"controller"`
	Processor  string         `json:"processor"`
	Agreement  string         `json:"agreement"`
	Version    int            `json:"agreement_version"`
	Right      requests.Right `json:"right" enum:"access,rectification,erasure,restriction,portability,objection"`
	Asked      time.Time      `json:"asked"`
	Due        string         `json:"due" format:"date"`
	Ends       time.Time      `json:"ends" doc:"The instant at which that date is over"`
	DueClause  string         `json:"due_clause" doc:"Of the agreement, or the provision of law"`
	Outcome    string         `json:"outcome" enum:",found,nothing_found,exception,cancelled" doc:"Empty until answered"`
	Answered   *time.Time     `json:"answered,omitempty"`
	Open       bool           `json:"open"`
}

func assistOf(x requests.Assist) Assist {
	return Assist{ID: x.ID, Rev: x.Rev, Request: x.Request, Reference: x.Reference, Controller: x.Controller, Processor: x.Processor, Agreement: x.Agreement, Version: x.Version,
		Right: x.Right, Asked: x.AskedAt, Due: x.Due, Ends: x.Ends, DueClause: x.DueClause, Outcome: x.Outcome, Answered: x.Answered, Open: x.Open}
}

// AssistRead is an assist with its content.
type AssistRead struct {
	Assist   Assist `json:"assist"`
	Question string `json:"question"`
	// Person is whom the processor has to look for; it sees nothing else of the request.
	Person *Filer       `json:"person,omitempty"`
	Reply  string       `json:"reply,omitempty"`
	Files  []StoredFile `json:"files"`
	Costs  []AssistCost `json:"costs"`
	Bill   *AssistBill  `json:"bill,omitempty"`
}

// AssistCost is one amount that a processor charges for its help.
type AssistCost struct {
	For   string `json:"for" maxLength:"200"`
	Cents int64  `json:"cents" minimum:"0" doc:"Minor units of the agreement's currency (ISO 4217): cents of EUR, whole yen of JPY"`
}

// AssistBill says who bears the costs of help.
type AssistBill struct {
	Currency   string     `json:"currency"`
	Lines      []BillLine `json:"lines"`
	Controller int64      `json:"controller_bears" doc:"Minor units of the currency (ISO 4217): cents of EUR, whole yen of JPY"`
	Processor  int64      `json:"processor_bears" doc:"Minor units of the currency (ISO 4217): cents of EUR, whole yen of JPY"`
}

// BillLine is one amount with who bears it, and by which clause.
type BillLine struct {
	For     string `json:"for,omitempty"`
	Cents   int64  `json:"cents"`
	Bearer  string `json:"bearer" enum:"controller,processor"`
	Clause  string `json:"clause"`
	Default bool   `json:"default" doc:"The agreement is silent; this is the portal's reading"`
}

func billOf(s *costs.Statement, purposes []string) *AssistBill {
	if s == nil {
		return nil
	}
	b := AssistBill{Currency: s.Currency, Lines: []BillLine{}, Controller: s.ControllerBears, Processor: s.ProcessorBears}
	for i, l := range s.Lines {
		b.Lines = append(b.Lines, BillLine{For: at(purposes, i), Cents: l.Cents, Bearer: string(l.Bearer), Clause: l.Clause, Default: l.Default})
	}
	return &b
}

func at(all []string, i int) string {
	if i < len(all) {
		return all[i]
	}
	return ""
}

type assistOut struct{ Body Assist }

type assistReadOut struct{ Body AssistRead }

type assistsOut struct {
	Body struct {
		Assists []Assist `json:"assists"`
		Next    string   `json:"next,omitempty" doc:"Send it as after for the next page; absent on the last"`
	}
}

type assistsIn struct {
	Paged
	Open bool `query:"open" default:"true" doc:"false: those that were answered or withdrawn, the last due first"`
}

func (a *API) mountAssists() {
	const tag = assistTag
	agent := []identity.Role{identity.Agent}
	lists := []identity.Role{identity.Agent, identity.Admin}
	handle(a, route{ID: "ask-assist", Method: http.MethodPost, Path: "/requests/{id}/assists", Summary: "Ask a processor for help with one right", Tag: tag, Roles: workers, Scope: writeRequests, Status: http.StatusCreated, By: byDesk, Entry: "request.ask_assist"}, a.seek)
	handle(a, route{ID: "list-helpers", Method: http.MethodGet, Path: "/requests/{id}/helpers", Summary: "The processors that can be asked, each with its latest date and who pays", Tag: tag, Roles: workers, Scope: readRequests, By: byDesk, Entry: "request.read"}, a.helpers)
	handle(a, route{ID: "list-assists", Method: http.MethodGet, Path: "/assists", Summary: "Help that controllers ask of your organisation, the most urgent first", Tag: tag, Roles: lists, Scope: readRequests, Entry: silent}, a.ownAssists)
	handle(a, route{ID: "read-assist", Method: http.MethodGet, Path: "/assists/{id}", Summary: "Read an assist", Tag: tag, Roles: workers, Scope: readRequests, About: "Reading it leaves an entry in the ledger.", By: byHelp, Entry: "assist.read"}, a.readAssist)
	handle(a, route{ID: "cancel-assist", Method: http.MethodPost, Path: "/assists/{id}/cancel", Summary: "Withdraw a question that was not answered yet", Tag: tag, Roles: workers, Scope: writeRequests, By: byAsker, Entry: "assist.cancel"}, a.cancelAssist)
	handle(a, route{ID: "add-assist-file", Method: http.MethodPost, Path: "/assists/{id}/files", Summary: "Add a file to your answer", Tag: tag, Roles: agent, Scope: writeRequests, Status: http.StatusCreated, Takes: true, About: aboutUpload, By: byHelper, Entry: "assist.add_file"}, a.addAssistFile)
	handle(a, route{ID: "remove-assist-file", Method: http.MethodDelete, Path: "/assists/{id}/files/{file}", Summary: "Take a file out of an answer that was not sent yet", Tag: tag, Roles: agent, Scope: writeRequests, Status: http.StatusNoContent, By: byHelper, Entry: "assist.remove_file"}, a.removeAssistFile)
	handle(a, route{ID: "download-assist-file", Method: http.MethodGet, Path: "/assists/{id}/files/{file}", Summary: "Download a file of an answer", Tag: tag, Roles: workers, Scope: readRequests, Gives: anyFile, By: byHelp, Entry: "assist.view_file"}, a.viewAssistFile)
	handle(a, route{ID: "answer-assist", Method: http.MethodPost, Path: "/assists/{id}/answer", Summary: "Send your answer; it can no longer be changed then", Tag: tag, Roles: agent, Scope: writeRequests, By: byHelper, Entry: "assist.answer"}, a.answerAssist)
	handle(a, route{ID: "use-assist-file", Method: http.MethodPost, Path: "/assists/{id}/files/{file}/use", Summary: "Make a file that a processor sent part of the answer", Tag: tag, Roles: workers, Scope: writeRequests, By: byAsker, Entry: "request.add_file"}, a.useAssistFile)
}

func (a *API) ownAssists(ctx context.Context, by identity.Actor, in *assistsIn) (*assistsOut, error) {
	page, err := a.Requests.OwnAssists(ctx, by, in.Open, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	var out assistsOut
	out.Body.Assists, out.Body.Next = []Assist{}, page.Next
	for _, x := range page.Rows {
		out.Body.Assists = append(out.Body.Assists, assistOf(x))
	}
	return &out, nil
}

func (a *API) readAssist(ctx context.Context, by identity.Actor, in *byID) (*assistReadOut, error) {
	x, text, err := a.Requests.Task(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	out := AssistRead{Assist: assistOf(x), Question: text.Question, Reply: text.Reply, Files: storedFiles(text.Files), Costs: []AssistCost{}}
	if by.IsStaffOf(x.Processor) && text.Person.Name != "" {
		p := filerOf(text.Person)
		out.Person = &p
	}
	for i, l := range x.Costs {
		out.Costs = append(out.Costs, AssistCost{For: at(text.CostsFor, i), Cents: l.Cents})
	}
	out.Bill = billOf(x.Bill, text.CostsFor)
	return &assistReadOut{out}, nil
}

// AnsweredAssist is a processor's answer.
type AnsweredAssist struct {
	Outcome string       `json:"outcome" enum:"found,nothing_found,exception"`
	Reply   string       `json:"reply,omitempty" maxLength:"10000" doc:"Needed with an exception, and with found when there is no file"`
	Costs   []AssistCost `json:"costs,omitempty" maxItems:"20" doc:"Where the agreement allows a charge"`
}

type answerIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body AnsweredAssist
}

func (a *API) answerAssist(ctx context.Context, by identity.Actor, in *answerIn) (*assistOut, error) {
	reply := requests.Reply{Outcome: in.Body.Outcome, Text: in.Body.Reply}
	for _, c := range in.Body.Costs {
		reply.Costs = append(reply.Costs, requests.CostLine(c))
	}
	x, err := a.Requests.Answer(ctx, by, in.ID, reply)
	if err != nil {
		return nil, err
	}
	return &assistOut{assistOf(x)}, nil
}

func (a *API) cancelAssist(ctx context.Context, by identity.Actor, in *byID) (*assistOut, error) {
	x, err := a.Requests.CancelHelp(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	return &assistOut{assistOf(x)}, nil
}

type assistFileIn struct {
	ID string `path:"id" maxLength:"64"`
	NamedBody
}

func (a *API) addAssistFile(ctx context.Context, by identity.Actor, in *assistFileIn) (*fileOut, error) {
	return a.receive(ctx, by, in.Key, "add-assist-file/"+in.ID, func(u requests.Upload) (requests.File, error) {
		return a.Requests.AddAssistFile(ctx, by, in.ID, u)
	})
}

func (a *API) removeAssistFile(ctx context.Context, by identity.Actor, in *fileIn) (*done, error) {
	return nil, a.Requests.RemoveAssistFile(ctx, by, in.ID, in.File)
}

func (a *API) viewAssistFile(ctx context.Context, by identity.Actor, in *fileIn) (*streamOut, error) {
	f, body, err := a.Requests.ViewAssist(context.WithoutCancel(ctx), by, in.ID, in.File)
	if err != nil {
		return nil, err
	}
	return give(ctx, f, body)
}

func (a *API) useAssistFile(ctx context.Context, by identity.Actor, in *fileIn) (*requestOut, error) {
	r, err := a.Requests.UseAssistFile(ctx, by, in.ID, in.File)
	if err != nil {
		return nil, err
	}
	return &requestOut{a.facts(by, r)}, nil
}
