package api

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"inzage/handlers/access"
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
	Standing   string         `json:"standing" enum:"proposed,agreed,declined,withdrawn,unconfirmed,disputed" doc:"How far both parties agree; only agreed has effect, and unconfirmed as far as it had before"`
	Waits      bool           `json:"waits" doc:"Your organisation has to answer the proposal, or confirm or dispute the agreement"`
	Proposal   *OpenProposal  `json:"proposal,omitempty"`
	Versions   []TermsVersion `json:"versions" doc:"Those that both parties agreed to, and the first"`
}

// OpenProposal is what one party proposes.
type OpenProposal struct {
	Turn    int       `json:"turn" doc:"Send it along when you answer or withdraw it"`
	Of      string    `json:"of" enum:"agreement,version,ending"`
	By      string    `json:"by" doc:"The party that proposes"`
	At      time.Time `json:"at"`
	Version int       `json:"version,omitempty" doc:"The number of the version; its terms can be read under it"`
	From    string    `json:"from,omitempty" format:"date" doc:"The first day; later when it is accepted later"`
	Until   string    `json:"until,omitempty" format:"date" doc:"The last day; later when it is accepted later"`
}

// TermsVersion is a version of the terms.
type TermsVersion struct {
	Number int       `json:"number"`
	From   string    `json:"from" format:"date"`
	At     time.Time `json:"at" doc:"When it was put in"`
}

func signedOf(by identity.Actor, g agreements.Agreement) SignedAgreement {
	out := SignedAgreement{ID: g.ID, Rev: g.Rev, Controller: g.Controller, Processor: g.Processor, Key: g.Key, SignedOn: g.SignedOn, From: g.From, Until: g.Until,
		Standing: string(g.Standing), Waits: g.WaitsFor(by.Organisation)}
	if p := g.Proposal; p != nil {
		out.Proposal = &OpenProposal{Turn: p.Turn, Of: p.Of, By: p.Organisation, At: p.At, Until: p.Until}
		if p.Version != nil {
			out.Proposal.Version, out.Proposal.From = p.Version.Number, p.Version.From
		}
	}
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
		Next       string            `json:"next,omitempty" doc:"Send it as after for the next page; absent on the last"`
	}
}

type agreementsIn struct {
	State string `query:"state" enum:"all,in_force,waiting,not_agreed,ended" default:"all" doc:"in_force: from today or from a day to come; waiting: for an answer of your organisation"`
	After string `query:"after" maxLength:"500"`
	Limit int    `query:"limit" minimum:"1" maximum:"200" default:"200"`
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
	handle(a, route{ID: "sign-agreement", Method: http.MethodPost, Path: "/agreements", Summary: "Propose an agreement to another organisation", Tag: tag, Roles: admin, Status: http.StatusCreated,
		About: "It has no effect on anybody until an administrator of the other party has accepted it.", Entry: "agreement.sign"}, a.signAgreement)
	handle(a, route{ID: "amend-agreement", Method: http.MethodPost, Path: "/agreements/{id}/versions", Summary: "Propose a version of the terms, in force from a day on", Tag: tag, Roles: admin, Status: http.StatusCreated,
		About: "It has no effect until the other party has accepted it, and is never in force from before that day. What began under the version before goes on under it.", By: byParties, Entry: "agreement.amend"}, a.amendAgreement)
	handle(a, route{ID: "end-agreement", Method: http.MethodPost, Path: "/agreements/{id}/end", Summary: "Propose the last day in force", Tag: tag, Roles: admin, By: byParties,
		About: "It has no effect until the other party has accepted it; a day that was agreed stays until then.", Entry: "agreement.end"}, a.endAgreement)
	handle(a, route{ID: "accept-agreement", Method: http.MethodPost, Path: "/agreements/{id}/accept", Summary: "Accept what the other party proposes", Tag: tag, Roles: admin, By: byParties, Fresh: access.AtDeed,
		About: "It needs a fresh second factor. What is accepted is in force from its day, and never from before today.", Entry: "agreement.accept"}, a.answerAgreement((*agreements.Registry).Accept))
	handle(a, route{ID: "decline-agreement", Method: http.MethodPost, Path: "/agreements/{id}/decline", Summary: "Decline what the other party proposes", Tag: tag, Roles: admin, By: byParties,
		Entry: "agreement.decline"}, a.answerAgreement((*agreements.Registry).Decline))
	handle(a, route{ID: "withdraw-agreement", Method: http.MethodPost, Path: "/agreements/{id}/withdraw", Summary: "Withdraw what your organisation proposes", Tag: tag, Roles: admin, By: byParties,
		Entry: "agreement.withdraw"}, a.answerAgreement((*agreements.Registry).Withdraw))
	handle(a, route{ID: "confirm-agreement", Method: http.MethodPost, Path: "/agreements/{id}/confirm", Summary: "Confirm an agreement that one party alone had put in", Tag: tag, Roles: admin, By: byParties, Fresh: access.AtDeed,
		About: "For agreements that were there before both parties had to agree. It needs a fresh second factor.", Entry: "agreement.confirm"}, a.reviewAgreement((*agreements.Registry).Confirm))
	handle(a, route{ID: "dispute-agreement", Method: http.MethodPost, Path: "/agreements/{id}/dispute", Summary: "Dispute an agreement that one party alone had put in", Tag: tag, Roles: admin, By: byParties, Fresh: access.AtDeed,
		About: "It is out of force from today. It needs a fresh second factor.", Entry: "agreement.dispute"}, a.reviewAgreement((*agreements.Registry).Dispute))
}

func (a *API) listAgreements(ctx context.Context, by identity.Actor, in *agreementsIn) (*agreementsOut, error) {
	all, err := a.Agreements.BothRoles(ctx, by, agreements.Shelf(in.State), in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	var out agreementsOut
	out.Body.Agreements, out.Body.Next = []SignedAgreement{}, all.Next
	for _, g := range all.Rows {
		out.Body.Agreements = append(out.Body.Agreements, signedOf(by, g))
	}
	return &out, nil
}

func (a *API) readAgreement(ctx context.Context, by identity.Actor, in *agreementIn) (*agreementReadOut, error) {
	g, err := a.Agreements.Get(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	if in.Version == 0 {
		in.Version = g.Newest().Number
	}
	applied, err := a.Agreements.Applied(ctx, g.ID, in.Version)
	if err != nil {
		return nil, err
	}
	out := AgreementRead{Agreement: signedOf(by, g), Version: applied.Version, Summary: summaryOf(applied.Terms, by.Language)}
	if v, ok := g.Numbered(applied.Version); ok {
		out.Source = v.Source
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
	return &agreementOut{signedOf(by, g)}, nil
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
	return &agreementOut{signedOf(by, g)}, err
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
	return &agreementOut{signedOf(by, g)}, nil
}

type turnIn struct {
	ID   string `path:"id" maxLength:"64"`
	Body struct {
		Turn int `json:"turn" minimum:"1" doc:"Of the proposal that you have read"`
	}
}

// answerAgreement answers or withdraws a proposal.
func (a *API) answerAgreement(deed func(*agreements.Registry, context.Context, identity.Actor, string, int) (agreements.Agreement, error)) func(context.Context, identity.Actor, *turnIn) (*agreementOut, error) {
	return func(ctx context.Context, by identity.Actor, in *turnIn) (*agreementOut, error) {
		g, err := deed(a.Agreements, ctx, by, in.ID, in.Body.Turn)
		if err != nil {
			return nil, err
		}
		return &agreementOut{signedOf(by, g)}, nil
	}
}

type reviewIn struct {
	ID string `path:"id" maxLength:"64"`
}

// reviewAgreement confirms or disputes an agreement from before.
func (a *API) reviewAgreement(deed func(*agreements.Registry, context.Context, identity.Actor, string) (agreements.Agreement, error)) func(context.Context, identity.Actor, *reviewIn) (*agreementOut, error) {
	return func(ctx context.Context, by identity.Actor, in *reviewIn) (*agreementOut, error) {
		g, err := deed(a.Agreements, ctx, by, in.ID)
		if err != nil {
			return nil, err
		}
		return &agreementOut{signedOf(by, g)}, nil
	}
}
