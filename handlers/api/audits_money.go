package api

import (
	"context"
	"time"

	"inzage/services/audits"
	"inzage/services/identity"
)

// AuditStatement is the costs of an audit as the agreement divides them.
type AuditStatement struct {
	Currency        string          `json:"currency" doc:"ISO 4217"`
	Lines           []AuditCost     `json:"lines"`
	ControllerBears int64           `json:"controller_bears" doc:"Minor units of the currency (ISO 4217): cents of EUR, whole yen of JPY"`
	ProcessorBears  int64           `json:"processor_bears" doc:"Minor units of the currency (ISO 4217): cents of EUR, whole yen of JPY"`
	Settlement      *AuditPayment   `json:"settlement,omitempty"`
	Shares          []AuditShare    `json:"shares"`
	Moves           []AuditCostMove `json:"moves" doc:"The lines that a finding took to another bearer"`
	Pending         []AuditCostOpen `json:"pending" doc:"The lines of which nobody can tell yet who bears them; bearers, sums and settlement hold as long as no finding shows otherwise"`
	Next            string          `json:"next,omitempty" format:"date" doc:"The first day for another audit once this one has taken place; absent when the agreement sets no limit"`
}

// AuditPayment is the one payment that makes it even; there is none when nobody
// owes anything.
type AuditPayment struct {
	From  audits.Party `json:"from" enum:"controller,processor" doc:"Who pays"`
	To    audits.Party `json:"to" enum:"controller,processor"`
	Cents int64        `json:"cents" doc:"Minor units of the currency"`
}

// AuditShare is the statement for one party, in minor units of the currency.
type AuditShare struct {
	Party    audits.Party `json:"party" enum:"controller,processor"`
	Made     int64        `json:"made"`
	Bears    int64        `json:"bears"`
	Pays     int64        `json:"pays"`
	Receives int64        `json:"receives"`
	ToAccept []string     `json:"to_accept,omitempty" doc:"Lines that the party has not accepted"`
	Disputed []string     `json:"disputed,omitempty" doc:"Lines that the party disputes"`
}

// AuditCostMove is how a line would stand without the finding.
type AuditCostMove struct {
	Cost   string       `json:"cost"`
	Bearer audits.Party `json:"bearer_without" enum:"controller,processor"`
	Clause string       `json:"clause_without"`
}

// AuditCostOpen is how a line would stand if the audit showed non-compliance,
// which is not known yet.
type AuditCostOpen struct {
	Cost      string       `json:"cost"`
	DependsOn string       `json:"depends_on" enum:"non_compliance"`
	Bearer    audits.Party `json:"bearer_if_shown" enum:"controller,processor"`
	Clause    string       `json:"clause_if_shown"`
}

type statementOut struct{ Body AuditStatement }

// statement is for the two parties: the auditor has no part in who pays what.
func (a *API) statement(ctx context.Context, by identity.Actor, in *byID) (*statementOut, error) {
	x, _, err := a.Audits.Look(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	s, err := a.Audits.StatementOf(ctx, by, x)
	if err != nil {
		return nil, err
	}
	story, err := a.Audits.Tell(ctx, by, x)
	if err != nil {
		return nil, err
	}
	next, err := a.Audits.NextLawful(ctx, by, x)
	if err != nil {
		return nil, err
	}
	out := AuditStatement{Currency: s.Currency, Lines: []AuditCost{}, ControllerBears: s.ControllerBears, ProcessorBears: s.ProcessorBears,
		Moves: []AuditCostMove{}, Pending: []AuditCostOpen{}, Next: next.String()}
	if p := s.Settlement; p != nil {
		paid := AuditPayment(*p)
		out.Settlement = &paid
	}
	for _, c := range x.Costs {
		out.Lines = append(out.Lines, costOf(c, story.Items[c.ID]))
	}
	for _, share := range s.Shares {
		out.Shares = append(out.Shares, AuditShare(share))
	}
	for _, m := range s.Moves {
		out.Moves = append(out.Moves, AuditCostMove{Cost: x.Costs[m.Line].ID, Bearer: m.Without.Bearer, Clause: m.Without.Clause})
	}
	for i, c := range x.Costs {
		if shown, ok := s.Pending[i]; ok {
			out.Pending = append(out.Pending, AuditCostOpen{Cost: c.ID, DependsOn: "non_compliance", Bearer: shown.Bearer, Clause: shown.Clause})
		}
	}
	return &statementOut{out}, nil
}

// ProcessorRecord is what the portal knows of a processor toward one
// controller. It can serve as an indication for an audit for cause; it is no
// judgement.
type ProcessorRecord struct {
	Since    time.Time       `json:"since"`
	Slips    []ProcessorSlip `json:"slips" doc:"What came late or not at all"`
	Findings []FoundEarlier  `json:"findings" doc:"Of earlier audits"`
}

// ProcessorSlip is one thing that came late or not at all.
type ProcessorSlip struct {
	Kind      string    `json:"kind" enum:"late_forward,late_assist,missed_assist,late_inquiry"`
	Object    string    `json:"object" doc:"The id of the request, assist or audit; an audit for cause names it as an indication"`
	Reference string    `json:"reference"`
	Due       time.Time `json:"due" doc:"The end of its time"`
	At        time.Time `json:"at,omitzero" doc:"When it was done; absent when not at all"`
	Days      int       `json:"days" doc:"How many days late, those begun included"`
}

// FoundEarlier is a finding of an earlier audit.
type FoundEarlier struct {
	Audit         string       `json:"audit"`
	Reference     string       `json:"reference"`
	Finding       string       `json:"finding"`
	Grade         audits.Grade `json:"grade" enum:"major,minor,observation,good_practice"`
	Clause        string       `json:"clause"`
	NonCompliance bool         `json:"non_compliance"`
	At            time.Time    `json:"at"`
	Open          bool         `json:"open" doc:"A measure for it is not finished"`
}

type recordOut struct{ Body ProcessorRecord }

// record is of a processor that the caller's organisation has, or had, an
// agreement with. Of any other there is none to see.
func (a *API) record(ctx context.Context, by identity.Actor, in *byID) (*recordOut, error) {
	if by.Organisation == "" {
		return nil, audits.ErrNotFound
	}
	partners, err := a.Agreements.Partners(ctx, by.Organisation, in.ID)
	if err != nil {
		return nil, err
	}
	if !partners {
		return nil, audits.ErrNotFound
	}
	r, err := a.Audits.RecordOf(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	out := ProcessorRecord{Since: r.Since, Slips: []ProcessorSlip{}, Findings: []FoundEarlier{}}
	for _, s := range r.Slips {
		out.Slips = append(out.Slips, ProcessorSlip(s))
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, FoundEarlier(f))
	}
	return &recordOut{out}, nil
}
