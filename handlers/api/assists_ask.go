package api

import (
	"context"
	"slices"

	"inzage/services/identity"
	"inzage/services/requests"
)

// AskAssist asks a processor for help.
type AskAssist struct {
	Seen
	Processor string         `json:"processor" maxLength:"64"`
	Right     requests.Right `json:"right" enum:"access,rectification,erasure,restriction,portability,objection"`
	Question  string         `json:"question" maxLength:"10000" doc:"What to look for or do; the processor sees this and who the person is, nothing else"`
	Due       string         `json:"due,omitempty" format:"date" doc:"The latest day that agreement and clock leave, when absent"`
}

type seekIn struct {
	ID string `path:"id" maxLength:"64"`
	Idempotent
	Body AskAssist
}

func (a *API) seek(ctx context.Context, by identity.Actor, in *seekIn) (*assistOut, error) {
	b := in.Body
	due, err := day(b.Due)
	if err != nil {
		return nil, err
	}
	id, err := a.once(ctx, by, in.Key, "ask-assist/"+in.ID, "ast", b)
	if err != nil {
		return nil, err
	}
	x, err := a.Requests.At(b.Rev).Seek(ctx, by, in.ID, id, requests.Help{Processor: b.Processor, Right: b.Right, Question: b.Question, Due: due})
	if err != nil {
		return nil, err
	}
	return &assistOut{assistOf(x)}, nil
}

// AssistHelper is a processor that can be asked for help.
type AssistHelper struct {
	Processor   string         `json:"processor"`
	Agreement   string         `json:"agreement"`
	Right       requests.Right `json:"right"`
	Latest      string         `json:"latest" format:"date" doc:"The latest day on which its answer can be due"`
	Clause      string         `json:"clause"`
	Silent      bool           `json:"silent"`
	Costs       string         `json:"costs" enum:"controller,chargeable,none"`
	CostsClause string         `json:"costs_clause"`
}

type helpersIn struct {
	ID    string         `path:"id" maxLength:"64"`
	Right requests.Right `query:"right" required:"true" enum:"access,rectification,erasure,restriction,portability,objection"`
}

type helpersOut struct {
	Body struct {
		Helpers []AssistHelper `json:"helpers"`
	}
}

func (a *API) helpers(ctx context.Context, by identity.Actor, in *helpersIn) (*helpersOut, error) {
	r, sight, err := a.Requests.Look(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	if sight != requests.Content || !slices.Contains(r.Rights(), in.Right) {
		return nil, requests.ErrNotFound
	}
	limits, err := a.Requests.Helpers(ctx, by, r, in.Right)
	if err != nil {
		return nil, err
	}
	var out helpersOut
	out.Body.Helpers = []AssistHelper{}
	for _, l := range limits {
		out.Body.Helpers = append(out.Body.Helpers, AssistHelper{Processor: l.Agreement.Processor, Agreement: l.Agreement.ID, Right: in.Right, Latest: l.Latest.String(),
			Clause: l.Clause, Silent: l.Silent, Costs: l.Costs, CostsClause: l.CostsRule})
	}
	return &out, nil
}
