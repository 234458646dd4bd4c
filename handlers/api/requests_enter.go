package api

import (
	"context"
	"net/http"
	"time"

	"inzage/services/identity"
	"inzage/services/requests"
)

// FilingText is what a data subject asks, of whom.
type FilingText struct {
	Controller string      `json:"controller,omitempty" maxLength:"64" doc:"Where the organisation processes for others: for which. Absent when unknown"`
	About      string      `json:"about,omitempty" maxLength:"200" doc:"The organisation in the filer's words, when the controller is unknown"`
	Items      []AskedItem `json:"items" minItems:"1" maxItems:"6" doc:"Each right once"`
	Person     Filer       `json:"person"`
	Language   string      `json:"language,omitempty" enum:"nl,en" doc:"Of the notices; nl when absent"`
}

// filing is what the services take. What is said twice about one right is left
// to them to refuse.
func (t FilingText) filing(organisation string) requests.Filing {
	f := requests.Filing{Organisation: organisation, Controller: t.Controller, About: t.About, Unknown: t.Controller == "",
		Asked: map[requests.Right]requests.Asked{}, Person: t.Person.person(), Language: t.Language}
	for _, i := range t.Items {
		f.Rights = append(f.Rights, i.Right)
		f.Asked[i.Right] = requests.Asked{What: i.What, Into: i.Into, Period: i.Period, To: i.To, Reason: i.Reason}
	}
	return f
}

// EnteredRequest is a request that staff put in.
type EnteredRequest struct {
	FilingText
	Channel    requests.Channel `json:"channel" enum:"email,letter,phone"`
	Received   time.Time        `json:"received" doc:"When it really came in"`
	LateReason string           `json:"late_reason,omitempty" maxLength:"10000" doc:"Needed when that is more than a year ago"`
}

type enterIn struct {
	Idempotent
	Body EnteredRequest
}

func (a *API) enter(ctx context.Context, by identity.Actor, in *enterIn) (*requestOut, error) {
	id, err := a.once(ctx, by, in.Key, "enter-request", "req", in.Body)
	if err != nil {
		return nil, err
	}
	b := in.Body
	r, err := a.Requests.Enter(ctx, by, id, requests.Entry{Filing: b.filing(by.Organisation), Channel: b.Channel, Received: b.Received, LateReason: b.LateReason})
	if err != nil {
		return nil, err
	}
	return &requestOut{a.facts(by, r)}, nil
}

type fileIn struct {
	ID   string `path:"id" maxLength:"64"`
	File string `path:"file" maxLength:"64"`
}

type answerFileIn struct {
	ID string `path:"id" maxLength:"64"`
	NamedBody
	For requests.Right `query:"for" enum:"access,rectification,erasure,restriction,portability,objection" doc:"The right that it answers; all when left out"`
}

type changedIn struct {
	ID   string `path:"id" maxLength:"64"`
	File string `path:"file" maxLength:"64"`
	Rev  int64  `query:"rev" minimum:"0" doc:"As in bodies"`
}

func (a *API) mountRequestFiles() {
	handle(a, route{ID: "download-request-file", Method: http.MethodGet, Path: "/requests/{id}/files/{file}", Summary: "Download an attachment or a file of the answer", Tag: requestsTag, Roles: workers, Scope: readRequests, Gives: anyFile,
		About: "For the desk. Each download leaves an entry in the ledger before the first byte.", By: byDesk, Entry: "request.view_file"}, a.viewFile)
	handle(a, route{ID: "add-answer-file", Method: http.MethodPost, Path: "/requests/{id}/files", Summary: "Add a file to the answer", Tag: requestsTag, Roles: workers, Scope: writeRequests, Status: http.StatusCreated, Takes: true,
		About: aboutUpload, By: byDesk, Entry: "request.add_file"}, a.addAnswerFile)
	handle(a, route{ID: "remove-answer-file", Method: http.MethodDelete, Path: "/requests/{id}/files/{file}", Summary: "Take a file out of the answer", Tag: requestsTag, Roles: workers, Scope: writeRequests, By: byDesk, Entry: "request.remove_file"}, a.removeAnswerFile)
}

func (a *API) viewFile(ctx context.Context, by identity.Actor, in *fileIn) (*streamOut, error) {
	// The deadline of the call ends with this handler, the stream does not.
	f, body, err := a.Requests.View(context.WithoutCancel(ctx), by, in.ID, in.File)
	if err != nil {
		return nil, err
	}
	return give(ctx, f, body)
}

func (a *API) addAnswerFile(ctx context.Context, by identity.Actor, in *answerFileIn) (*fileOut, error) {
	return a.receive(ctx, by, in.Key, "add-answer-file/"+in.ID, func(u requests.Upload) (requests.File, error) {
		u.For = in.For
		return a.Requests.AddAnswerFile(ctx, by, in.ID, u)
	})
}

func (a *API) removeAnswerFile(ctx context.Context, by identity.Actor, in *changedIn) (*requestOut, error) {
	r, err := a.Requests.At(in.Rev).RemoveAnswerFile(ctx, by, in.ID, in.File)
	if err != nil {
		return nil, err
	}
	return &requestOut{a.facts(by, r)}, nil
}
