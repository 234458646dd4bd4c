package api

import (
	"context"
	"time"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
)

// mountAuditPapers is what can be read besides the audit itself.
func (a *API) mountAuditPapers() {
	outlook := auditRead("read-outlook", "/agreements/{id}/outlook", "Which rules an audit under the agreement follows, and from which day it is lawful", silent, bookers)
	outlook.By = byController // only its controller audits under an agreement
	handle(a, outlook, a.outlook)
	handle(a, auditRead("judge-day", "/audits/{id}/judgement", "How the audit would stand on a day", entryRead, seers), a.judgeDay)
	handle(a, auditRead("read-notice", "/audits/{id}/notice", "The notice as it was sent", entryNotice, seers), a.auditNotice)
	handle(a, auditRead("read-undertaking", "/audits/{id}/undertaking", "The confidentiality undertaking: as it was signed, else as it is to be", entryRead, seers), a.undertaking)
	handle(a, auditRead("read-statement", "/audits/{id}/statement", "Who bears which costs, and who pays whom", entryRead, payers), a.statement)
	handle(a, auditRead("read-closing-report", "/audits/{id}/closing-report", "The closing report of an audit that has ended", entryReport, payers), a.closingReport)
	handle(a, auditRead("read-audit-history", "/audits/{id}/history", "What was done to the audit, entry by entry of the ledger", entryRead, seers), a.auditHistory)
	handle(a, auditRead("read-record", "/processors/{id}/record", "What the portal recorded of a processor toward your organisation", entryRecord, bookers), a.record)
}

type outlookIn struct {
	ID string         `path:"id" maxLength:"64" doc:"Of the agreement"`
	On deadlines.Date `query:"on" format:"date" doc:"The day that is wanted; left out, none"`
}

type judgementOut struct{ Body AuditJudgement }

func (a *API) outlook(ctx context.Context, by identity.Actor, in *outlookIn) (*judgementOut, error) {
	j, err := a.Audits.Outlook(ctx, by, in.ID, in.On)
	if err != nil {
		return nil, err
	}
	return &judgementOut{*judgement(j)}, nil
}

type judgeDayIn struct {
	ID string         `path:"id" maxLength:"64"`
	On deadlines.Date `query:"on" format:"date" required:"true"`
}

func (a *API) judgeDay(ctx context.Context, by identity.Actor, in *judgeDayIn) (*judgementOut, error) {
	x, _, err := a.Audits.Look(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	j, err := a.Audits.JudgeDay(ctx, by, x, in.On)
	if err != nil {
		return nil, err
	}
	return &judgementOut{*judgement(j)}, nil
}

// AuditAnnouncement is the notice of an audit as it was sent.
type AuditAnnouncement struct {
	Audit      string          `json:"audit"`
	Reference  string          `json:"reference"`
	Sent       time.Time       `json:"sent"`
	Controller string          `json:"controller" doc:"Its name then"`
	Processor  string          `json:"processor" doc:"Its name then"`
	Agreement  AuditBasis      `json:"agreement"`
	SignedOn   deadlines.Date  `json:"signed_on,omitzero" format:"date" doc:"When the agreement was signed"`
	Plan       AuditPlan       `json:"plan"`
	Must       []string        `json:"must_state" doc:"What the agreement says a notice states"`
	Asked      []AuditAsked    `json:"asked" doc:"What was asked before"`
	Auditor    NoticeOfAuditor `json:"auditor"`
	Verdict    string          `json:"verdict" enum:"allowed,conditional,too_early,blocked" doc:"As the engine judged it then"`
	Rules      []AuditRule     `json:"rules"`
	On         deadlines.Date  `json:"on,omitzero" format:"date" doc:"The day that is agreed now"`
	NewAuditor bool            `json:"new_auditor" doc:"Somebody else does the audit now"`
}

// NoticeOfAuditor is the auditor as a notice names them.
type NoticeOfAuditor struct {
	Name     string `json:"name"`
	Firm     string `json:"firm,omitempty"`
	Register string `json:"register,omitempty"`
	Own      bool   `json:"own" doc:"The controller's own people"`
}

// AuditAsked is something that was asked before the notice.
type AuditAsked struct {
	Kind       audits.Kind    `json:"kind" enum:"existing_reports,self_assessment,information"`
	At         time.Time      `json:"at"`
	Due        deadlines.Date `json:"due" format:"date"`
	Answered   *time.Time     `json:"answered,omitempty"`
	None       bool           `json:"none,omitempty" doc:"There was nothing to give"`
	Assessment string         `json:"assessment,omitempty" enum:"conclusive,inconclusive"`
	Arguments  string         `json:"arguments,omitempty"`
}

type noticeOut struct{ Body AuditAnnouncement }

func (a *API) auditNotice(ctx context.Context, by identity.Actor, in *byID) (*noticeOut, error) {
	n, err := a.Audits.NoticeOf(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	out := AuditAnnouncement{Audit: n.Audit, Reference: n.Reference, Sent: n.Sent, Controller: n.Controller, Processor: n.Processor, Agreement: AuditBasis{n.Agreement, n.Version},
		SignedOn: n.SignedOn, Must: append([]string{}, n.Must...), Asked: []AuditAsked{}, Verdict: n.Answer.Verdict, Rules: rulesIn(n.Answer), On: n.On, NewAuditor: n.NewAuditor,
		Auditor: NoticeOfAuditor{Name: n.Auditor.Name, Firm: n.Auditor.Firm, Register: n.Auditor.Register, Own: n.Own},
		Plan: AuditPlan{Subject: n.Subject, Mode: n.Mode, ForCause: n.Cause.ForCause, BreachIndicated: n.Cause.BreachIndicated, Why: n.Why, Indications: n.Cause.Indications,
			Notice: AuditNotice(n.Text), Wanted: n.Wanted, DayOff: n.DayOff}}
	for _, q := range n.Asked {
		out.Asked = append(out.Asked, AuditAsked(q))
	}
	return &noticeOut{out}, nil
}

type undertakingIn struct {
	ID       string `path:"id" maxLength:"64"`
	Language string `query:"language" enum:"nl,en" default:"nl"`
}

type undertakingOut struct {
	Body struct {
		Version  int      `json:"version"`
		Language string   `json:"language"`
		Lines    []string `json:"lines" doc:"The title, then the paragraphs"`
	}
}

// undertaking can be read at the threshold: it is what the auditor has to sign
// before anything else is shown.
func (a *API) undertaking(ctx context.Context, by identity.Actor, in *undertakingIn) (*undertakingOut, error) {
	x, _, err := a.Audits.Look(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	text, err := a.Audits.Undertaking(ctx, by, x, in.Language)
	if err != nil {
		return nil, err
	}
	var out undertakingOut
	out.Body.Version, out.Body.Language, out.Body.Lines = text.Version, text.Language, text.Lines
	return &out, nil
}

type closingOut struct{ Body audits.Closing }

// closingReport is the JSON that the page hands out, too.
func (a *API) closingReport(ctx context.Context, by identity.Actor, in *byID) (*closingOut, error) {
	c, err := a.Audits.ClosingOf(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	c.Ledger, err = audits.AnchorIn(ctx, a.Ledger, in.ID, audits.Close, audits.Conclude, audits.Cancel)
	return &closingOut{c}, err
}
