package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
)

// SignedAgreement is an agreement between two organisations.
type SignedAgreement struct {
	ID         string         `json:"id"`
	Rev        int64          `json:"rev"`
	Controller string         `json:"controller"`
	Processor  string         `json:"processor"`
	Key        string         `json:"key" doc:"Of the terms that it began with"`
	SignedOn   string         `json:"signed_on" format:"date"`
	From       string         `json:"from" format:"date" doc:"The first day in force"`
	Until      string         `json:"until,omitempty" format:"date" doc:"The last day in force; absent while open"`
	Versions   []TermsVersion `json:"versions"`
}

// TermsVersion is a version of the terms.
type TermsVersion struct {
	Number int       `json:"number"`
	From   string    `json:"from" format:"date"`
	At     time.Time `json:"at" doc:"When it was put in"`
}

func signedOf(g agreements.Agreement) SignedAgreement {
	out := SignedAgreement{ID: g.ID, Rev: g.Rev, Controller: g.Controller, Processor: g.Processor, Key: g.Key, SignedOn: g.SignedOn, From: g.From, Until: g.Until}
	for _, v := range g.Versions {
		out.Versions = append(out.Versions, TermsVersion{Number: v.Number, From: v.From, At: v.At})
	}
	return out
}

// AgreementRead is an agreement with one version of its terms.
type AgreementRead struct {
	Agreement SignedAgreement `json:"agreement"`
	Version   int             `json:"version" doc:"That the following is of"`
	Source    string          `json:"source" doc:"The terms as they were written, YAML"`
	Terms     map[string]any  `json:"terms" doc:"The terms as data; a term that is absent is silent"`
	Summary   []TermLine      `json:"summary" doc:"Each term in words, with its clause"`
}

// TermLine is one line of an agreement in words.
type TermLine struct {
	Section string `json:"section"`
	Term    string `json:"term"`
	Name    string `json:"name"`
	Clause  string `json:"clause" doc:"Of the agreement, or the provision of law where it is silent"`
	Silent  bool   `json:"silent"`
	Says    string `json:"says"`
	Note    string `json:"note,omitempty" doc:"Where the reading is the portal's"`
}

func summaryOf(t agreements.Terms, language string) []TermLine {
	return termLines(agreements.Summary(t), language)
}

func termLines(lines []agreements.Line, language string) []TermLine {
	all := []TermLine{}
	for _, l := range lines {
		all = append(all, TermLine{Section: l.Section.In(language), Term: string(l.Term), Name: l.Name.In(language), Clause: l.Clause, Silent: l.Silent,
			Says: l.Says.In(language), Note: l.Note.In(language)})
	}
	return all
}

type agreementsOut struct {
	Body struct {
		Agreements []SignedAgreement `json:"agreements"`
	}
}

type agreementOut struct{ Body SignedAgreement }

type agreementReadOut struct{ Body AgreementRead }

type agreementIn struct {
	ID      string `path:"id" maxLength:"64"`
	Version int    `query:"version" minimum:"1" doc:"The last one when left out"`
}

func (a *API) mountAgreements() {
	const tag, scope = agreementTag, "agreements:read"
	admin := []identity.Role{identity.Admin}
	handle(a, route{ID: "list-agreements", Method: http.MethodGet, Path: "/agreements", Summary: "The agreements of your organisation, in either role", Tag: tag, Roles: watchers, Scope: scope, Entry: silent}, a.listAgreements)
	handle(a, route{ID: "read-agreement", Method: http.MethodGet, Path: "/agreements/{id}", Summary: "An agreement: its terms as data and in words, each with its clause", Tag: tag, Roles: watchers, Scope: scope, By: byParties, Entry: silent}, a.readAgreement)
	handle(a, route{ID: "compare-terms", Method: http.MethodGet, Path: "/agreements/{id}/compare", Summary: "On which terms two versions differ, and whether the portal does anything else for it", Tag: tag, Roles: watchers, Scope: scope, By: byParties, Entry: silent}, a.compareTerms)
	handle(a, route{ID: "list-presets", Method: http.MethodGet, Path: "/presets", Summary: "The agreements that come with the portal", Tag: tag, Entry: silent}, a.presets)
	handle(a, route{ID: "read-preset", Method: http.MethodGet, Path: "/presets/{key}", Summary: "One of them, to be copied and edited", Tag: tag, Entry: silent}, a.preset)
	handle(a, route{ID: "check-terms", Method: http.MethodPost, Path: "/agreements/check", Summary: "What the portal makes of terms, before anything is signed", Tag: tag, Roles: admin, Entry: silent}, a.checkTerms)
	handle(a, route{ID: "sign-agreement", Method: http.MethodPost, Path: "/agreements", Summary: "Add an agreement with another organisation", Tag: tag, Roles: admin, Status: http.StatusCreated, Entry: "agreement.sign"}, a.signAgreement)
	handle(a, route{ID: "amend-agreement", Method: http.MethodPost, Path: "/agreements/{id}/versions", Summary: "Add a version of the terms, in force from a day on", Tag: tag, Roles: admin, Status: http.StatusCreated,
		About: "What began under the version before goes on under it.", By: byParties, Entry: "agreement.amend"}, a.amendAgreement)
	handle(a, route{ID: "end-agreement", Method: http.MethodPost, Path: "/agreements/{id}/end", Summary: "Set the last day in force", Tag: tag, Roles: admin, By: byParties, Entry: "agreement.end"}, a.endAgreement)
}

func (a *API) listAgreements(ctx context.Context, by identity.Actor, _ *nothing) (*agreementsOut, error) {
	all, err := a.Agreements.Of(ctx, by)
	if err != nil {
		return nil, err
	}
	var out agreementsOut
	out.Body.Agreements = []SignedAgreement{}
	for _, g := range all {
		out.Body.Agreements = append(out.Body.Agreements, signedOf(g))
	}
	return &out, nil
}

func (a *API) readAgreement(ctx context.Context, by identity.Actor, in *agreementIn) (*agreementReadOut, error) {
	g, err := a.Agreements.Get(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	if in.Version == 0 {
		in.Version = g.Versions[len(g.Versions)-1].Number
	}
	applied, err := a.Agreements.Applied(ctx, g.ID, in.Version)
	if err != nil {
		return nil, err
	}
	out := AgreementRead{Agreement: signedOf(g), Version: applied.Version, Summary: summaryOf(applied.Terms, by.Language)}
	for _, v := range g.Versions {
		if v.Number == applied.Version {
			out.Source = v.Source
		}
	}
	out.Terms, err = asData(applied.Terms)
	return &agreementReadOut{out}, err
}

// asData is the terms as they are written in JSON.
func asData(t agreements.Terms) (map[string]any, error) {
	raw, err := json.Marshal(t)
	if err != nil {
		return nil, fmt.Errorf("write the terms: %w", err)
	}
	var data map[string]any
	if err := json.Unmarshal(raw, &data); err != nil {
		return nil, fmt.Errorf("write the terms: %w", err)
	}
	return data, nil
}

// CheckedTerms is what the portal makes of terms.
type CheckedTerms struct {
	Terms    map[string]any `json:"terms,omitempty"`
	Summary  []TermLine     `json:"summary"`
	Problems []TermsProblem `json:"problems" doc:"What is wrong; nothing when they can be signed"`
}

// TermsProblem is what is wrong with the terms, and where.
type TermsProblem struct {
	Line   int    `json:"line"`
	Reason string `json:"reason"`
}

type checkIn struct {
	Body struct {
		Source string `json:"source" maxLength:"200000" doc:"YAML"`
	}
}

type checkOut struct{ Body CheckedTerms }

func (a *API) checkTerms(_ context.Context, by identity.Actor, in *checkIn) (*checkOut, error) {
	terms, problems := agreements.Parse([]byte(in.Body.Source))
	out := CheckedTerms{Summary: []TermLine{}, Problems: []TermsProblem{}}
	for _, p := range problems {
		out.Problems = append(out.Problems, TermsProblem{Line: p.Line, Reason: p.Reason()})
	}
	if len(problems) > 0 {
		return &checkOut{out}, nil
	}
	var err error
	out.Summary = summaryOf(terms, by.Language)
	out.Terms, err = asData(terms)
	return &checkOut{out}, err
}

// SigningAgreement is an agreement to be added.
type SigningAgreement struct {
	Role     string `json:"role" enum:"controller,processor" doc:"What your organisation is in it"`
	Other    string `json:"other" maxLength:"64" doc:"The other party: its id, or the name of its start page"`
	SignedOn string `json:"signed_on" format:"date"`
	From     string `json:"from" format:"date"`
	Until    string `json:"until,omitempty" format:"date"`
	Source   string `json:"source" maxLength:"200000" doc:"The terms, YAML"`
}

type signIn struct {
	Idempotent
	Body SigningAgreement
}

func (a *API) signAgreement(ctx context.Context, by identity.Actor, in *signIn) (*agreementOut, error) {
	b := in.Body
	other, err := a.party(ctx, b.Other)
	if fault.KindOf(err) == fault.NotFound {
		return nil, fault.New(fault.Invalid, "Some answers need another look.").At("other", "No organisation here has a start page with this name. Look at its address, or ask the operator of the portal to add it.")
	}
	if err != nil {
		return nil, err
	}
	s := agreements.Signing{Controller: by.Organisation, Processor: other.ID, SignedOn: b.SignedOn, From: b.From, Until: b.Until, Source: b.Source}
	if b.Role == "processor" {
		s.Controller, s.Processor = other.ID, by.Organisation
	}
	id, err := a.once(ctx, by, in.Key, "sign-agreement", "agr", b)
	if err != nil {
		return nil, err
	}
	g, err := a.Agreements.Sign(ctx, by, id, s)
	if errors.Is(err, document.ErrTaken) {
		g, err = a.Agreements.Get(ctx, by, id)
	}
	if err != nil {
		return nil, err
	}
	return &agreementOut{signedOf(g)}, nil
}

type amendIn struct {
	ID string `path:"id" maxLength:"64"`
	Idempotent
	Body struct {
		From   string `json:"from" format:"date"`
		Source string `json:"source" maxLength:"200000" doc:"The terms, YAML"`
	}
}

func (a *API) amendAgreement(ctx context.Context, by identity.Actor, in *amendIn) (*agreementOut, error) {
	_, err := a.only(ctx, by, in.Key, "amend-agreement/"+in.ID, in.Body, func() (string, error) {
		g, err := a.Agreements.Amend(ctx, by, in.ID, in.Body.From, in.Body.Source)
		return g.ID, err
	})
	if err != nil {
		return nil, err
	}
	g, err := a.Agreements.Get(ctx, by, in.ID)
	return &agreementOut{signedOf(g)}, err
}

type endIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Until string `json:"until" format:"date" doc:"The last day in force"`
	}
}

func (a *API) endAgreement(ctx context.Context, by identity.Actor, in *endIn) (*agreementOut, error) {
	g, err := a.Agreements.End(ctx, by, in.ID, in.Body.Until)
	if err != nil {
		return nil, err
	}
	return &agreementOut{signedOf(g)}, nil
}
