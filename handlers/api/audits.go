package api

import (
	"context"
	"net/http"

	"inzage/handlers/access"
	"inzage/services/audits"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

// The scopes of machines that work on audits.
const (
	readAudits  = "audits:read"
	writeAudits = "audits:write"
)

const auditTag = "Audits"

// Who reads of an audit, in the words of its table.
var (
	seers   = audits.Relations()
	payers  = []audits.Relation{audits.TheOfficer, audits.TheControllerAdmin, audits.TheAgent, audits.TheProcessorAdmin}
	bookers = []audits.Relation{audits.TheOfficer, audits.TheControllerAdmin}
)

// auditRead is a route that only reads, for those who stand in one of the
// relations; entry is the ledger's action of the reading.
func auditRead(id, path, summary, entry string, by []audits.Relation) route {
	return route{ID: id, Method: http.MethodGet, Path: path, Summary: summary, Tag: auditTag, Roles: rolesOf(by), By: words(by), Scope: readAudits, Entry: entry}
}

// Entries of readings.
const (
	entryRead   = "audit.read"
	entryNotice = "audit.notice"
	entryReport = "audit.report"
	entryRecord = "audit.record"
	entryFile   = "audit.open_file"
)

func (a *API) mountAudits() {
	list := auditRead("list-audits", "/audits", "The audits of your organisation on one side, or those an auditor may come into", silent, seers)
	list.By = nil
	handle(a, list, a.listAudits)
	tally := auditRead("count-audits", "/audits/counts", "How many audits of your organisation are open, on each side", silent, payers)
	tally.By = nil
	handle(a, tally, a.countAudits)
	handle(a, route{ID: "start-audit", Method: http.MethodPost, Path: "/audits", Summary: "Draft an audit under an agreement in force", Tag: auditTag,
		Roles: []identity.Role{identity.PrivacyOfficer}, By: words([]audits.Relation{audits.TheOfficer}), Scope: writeAudits, Status: http.StatusCreated, Of: access.Agreement, Entry: "audit.draft"}, a.startAudit)
	handle(a, auditRead("read-audit", "/audits/{id}", "An audit, as far as you may see it, with what you can do now", entryRead, seers), a.readAudit)
	a.mountAuditDeeds()
	a.mountAuditPapers()
	a.mountAuditFiles()
	a.mountCalendar()
}

// auditPageSize is how many audits a list holds when the call does not say.
const auditPageSize = 50

type auditsIn struct {
	Side  audits.Side `query:"side" enum:"controller,processor" doc:"In which role your organisation is in them; auditors leave it out"`
	Open  bool        `query:"open" default:"true" doc:"false lists those that have ended, newest first"`
	After string      `query:"after" maxLength:"500" doc:"The next of the page before"`
	Limit int         `query:"limit" minimum:"1" maximum:"200" default:"50"`
}

// AuditRow is an audit in a list: no content.
type AuditRow struct {
	ID         string       `json:"id"`
	Reference  string       `json:"reference" doc:"What people quote"`
	Rev        int64        `json:"rev" doc:"Its revision; sent with a change, it guards against a stale view"`
	Stage      audits.Stage `json:"stage" enum:"draft,precondition,announced,date_agreed,under_way,findings,joint_review,measures,settled,closed,cancelled"`
	Open       bool         `json:"open"`
	Outcome    string       `json:"outcome,omitempty" enum:"audited,alternative,cancelled,broken_off"`
	Controller AuditParty   `json:"controller"`
	Processor  AuditParty   `json:"processor"`
	Agreement  AuditBasis   `json:"agreement"`
}

// AuditParty is one of the two sides.
type AuditParty struct {
	ID   string `json:"id"`
	Name string `json:"name"`
}

// AuditBasis is the version of the agreement that judges the audit.
type AuditBasis struct {
	ID      string `json:"id"`
	Version int    `json:"version"`
}

type auditsOut struct {
	Body struct {
		Audits []AuditRow `json:"audits"`
		Next   string     `json:"next,omitempty" doc:"Where the next page begins; absent on the last"`
	}
}

func (a *API) listAudits(ctx context.Context, by identity.Actor, in *auditsIn) (*auditsOut, error) {
	limit := in.Limit
	if limit == 0 {
		limit = auditPageSize
	}
	list := func() (rows []audits.Audit, next string, err error) {
		if by.Is(identity.Auditor) {
			page, err := a.Audits.ListOfAuditor(ctx, by, in.After, limit)
			return page.Rows, page.Next, err
		}
		side := in.Side
		if side == "" {
			side = audits.AsController
		}
		page, err := a.Audits.List(ctx, by, side, in.Open, in.After, limit)
		return page.Rows, page.Next, err
	}
	rows, next, err := list()
	if err != nil {
		return nil, err
	}
	var out auditsOut
	out.Body.Audits, out.Body.Next = make([]AuditRow, len(rows)), next
	names := map[string]string{}
	for i := range rows {
		if out.Body.Audits[i], err = a.auditRow(ctx, &rows[i], names); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

type auditCountsOut struct {
	Body struct {
		Controller int `json:"controller" doc:"Open audits by your organisation; 1000 is at least so many"`
		Processor  int `json:"processor" doc:"Open audits of your organisation"`
	}
}

func (a *API) countAudits(ctx context.Context, by identity.Actor, _ *nothing) (*auditCountsOut, error) {
	var out auditCountsOut
	for side, n := range map[audits.Side]*int{audits.AsController: &out.Body.Controller, audits.AsProcessor: &out.Body.Processor} {
		var err error
		if *n, err = a.Audits.CountOpen(ctx, by, side); err != nil {
			return nil, err
		}
	}
	return &out, nil
}

// auditRow names the parties; names keeps those that were read already.
func (a *API) auditRow(ctx context.Context, x *audits.Audit, names map[string]string) (AuditRow, error) {
	for _, id := range []string{x.Controller, x.Processor} {
		if _, known := names[id]; known {
			continue
		}
		o, err := a.Identity.Organisation(ctx, id)
		if err != nil {
			return AuditRow{}, err
		}
		names[id] = o.Name
	}
	return AuditRow{ID: x.ID, Reference: x.Reference, Rev: x.Rev, Stage: x.Stage, Open: x.Open, Outcome: x.Outcome,
		Controller: AuditParty{x.Controller, names[x.Controller]}, Processor: AuditParty{x.Processor, names[x.Processor]},
		Agreement: AuditBasis{x.Agreement, x.Version}}, nil
}

type startAuditIn struct {
	Idempotent
	Body struct {
		Agreement string    `json:"agreement" maxLength:"80" doc:"The id of an agreement in which your organisation is the controller"`
		Plan      AuditPlan `json:"plan"`
	}
}

// AuditFacts is how an audit stands after a change.
type AuditFacts struct {
	AuditRow
	Can  []audits.Action `json:"can" doc:"What you can do now"`
	Made string          `json:"made,omitempty" doc:"The id of what this call made"`
}

type auditFactsOut struct{ Body AuditFacts }

func (a *API) auditFacts(ctx context.Context, by identity.Actor, x *audits.Audit, made string) (*auditFactsOut, error) {
	row, err := a.auditRow(ctx, x, map[string]string{})
	if err != nil {
		return nil, err
	}
	return &auditFactsOut{AuditFacts{row, possible(by, x), made}}, nil
}

func possible(by identity.Actor, x *audits.Audit) []audits.Action {
	return append([]audits.Action{}, audits.Possible(by, *x)...)
}

func (a *API) startAudit(ctx context.Context, by identity.Actor, in *startAuditIn) (*auditFactsOut, error) {
	id, err := a.once(ctx, by, in.Key, "start-audit", "aud", in.Body)
	if err != nil {
		return nil, err
	}
	x, err := a.Audits.Start(ctx, by, id, in.Body.Agreement, in.Body.Plan.plan())
	if err != nil {
		return nil, err
	}
	return a.auditFacts(ctx, by, &x, x.ID)
}

type auditOut struct{ Body Audit }

// readAudit shows what the caller may see. The content of an audit that was
// shredded is gone, and the bare facts remain.
func (a *API) readAudit(ctx context.Context, by identity.Actor, in *byID) (*auditOut, error) {
	x, sight, err := a.Audits.Look(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	row, err := a.auditRow(ctx, &x, map[string]string{})
	if err != nil {
		return nil, err
	}
	out := &auditOut{Audit{AuditRow: row, Sight: sightName(sight), Can: possible(by, &x), Shredded: x.Shredded}}
	if sight < audits.Asked || x.Shredded != nil {
		return out, nil
	}
	story, err := a.Audits.Tell(ctx, by, x)
	if fault.KindOf(err) == fault.KindOf(vault.ErrGone) { // shredded meanwhile
		return out, nil
	}
	if err != nil {
		return nil, err
	}
	out.Body.tell(&x, &story, by)
	if sight != audits.Content {
		return out, nil
	}
	judged, err := a.Audits.Judge(ctx, by, x)
	if err != nil {
		return nil, err
	}
	out.Body.Judgement = judgement(judged)
	return out, nil
}

func sightName(s audits.Sight) string {
	return map[audits.Sight]string{audits.Threshold: "threshold", audits.Asked: "asked", audits.Content: "content"}[s]
}
