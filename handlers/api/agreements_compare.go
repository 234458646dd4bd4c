package api

import (
	"context"

	"inzage/services/agreements"
	"inzage/services/fault"
	"inzage/services/identity"
)

// TermsDifference is a term on which two versions differ.
type TermsDifference struct {
	Term     string     `json:"term"`
	Name     string     `json:"name"`
	From     []TermLine `json:"from"`
	To       []TermLine `json:"to"`
	SameRule bool       `json:"same_rule" doc:"Only the clause or its words differ; what the portal does is the same"`
}

type compareIn struct {
	ID   string `path:"id" maxLength:"64"`
	From int    `query:"from" required:"true" minimum:"1" doc:"Number of a version"`
	To   int    `query:"to" required:"true" minimum:"1" doc:"Number of a version"`
}

type compareOut struct {
	Body struct {
		Differences []TermsDifference `json:"differences"`
	}
}

func (a *API) compareTerms(ctx context.Context, by identity.Actor, in *compareIn) (*compareOut, error) {
	g, err := a.Agreements.Get(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	from, err := a.Agreements.Applied(ctx, g.ID, in.From)
	if err != nil {
		return nil, err
	}
	to, err := a.Agreements.Applied(ctx, g.ID, in.To)
	if err != nil {
		return nil, err
	}
	var out compareOut
	out.Body.Differences = []TermsDifference{}
	for _, d := range agreements.Compare(from.Terms, to.Terms) {
		out.Body.Differences = append(out.Body.Differences, TermsDifference{Term: string(d.Term), Name: d.Name.In(by.Language),
			From: termLines(d.A, by.Language), To: termLines(d.B, by.Language), SameRule: d.SameRule})
	}
	return &out, nil
}

type presetsOut struct {
	Body struct {
		Presets []string `json:"presets" doc:"Their keys"`
	}
}

func (a *API) presets(context.Context, identity.Actor, *nothing) (*presetsOut, error) {
	var out presetsOut
	out.Body.Presets = agreements.Keys()
	return &out, nil
}

type presetIn struct {
	Key string `path:"key" maxLength:"64"`
}

// PresetRead is an agreement that comes with the portal.
type PresetRead struct {
	Key     string     `json:"key"`
	Title   string     `json:"title"`
	Source  string     `json:"source" doc:"YAML"`
	Summary []TermLine `json:"summary"`
}

type presetOut struct{ Body PresetRead }

func (a *API) preset(_ context.Context, by identity.Actor, in *presetIn) (*presetOut, error) {
	terms, err := agreements.Preset(in.Key)
	if fault.KindOf(err) == fault.Invalid {
		return nil, identity.ErrNotFound
	}
	if err != nil {
		return nil, err
	}
	source, err := agreements.PresetSource(in.Key)
	if err != nil {
		return nil, err
	}
	return &presetOut{PresetRead{Key: in.Key, Title: terms.Title, Source: string(source), Summary: summaryOf(terms, by.Language)}}, nil
}
