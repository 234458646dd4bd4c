package api

import (
	"time"

	"inzage/services/audits"
	"inzage/services/deadlines"
)

// AuditDuty is something that a party owes by a day.
type AuditDuty struct {
	Due    deadlines.Date `json:"due,omitzero" format:"date"`
	Ends   time.Time      `json:"ends,omitzero" doc:"The instant at which the day is over"`
	Clause string         `json:"clause,omitempty" doc:"It set the day; the law's when the agreement is silent"`
	Agreed bool           `json:"agreed,omitempty" doc:"The agreement sets the period"`
}

func dutyOf(d audits.Duty) AuditDuty {
	return AuditDuty{Due: d.Due, Ends: d.Ends, Clause: d.Clause, Agreed: d.Agreed}
}

// AuditInquiry is something that the processor is asked, with its answer.
type AuditInquiry struct {
	ID         string      `json:"id"`
	Kind       audits.Kind `json:"kind" enum:"existing_reports,self_assessment,information,question"`
	Text       string      `json:"text"`
	Haste      string      `json:"haste,omitempty" doc:"Why it is wanted sooner than agreed"`
	At         time.Time   `json:"at"`
	Duty       AuditDuty   `json:"duty"`
	Answered   *time.Time  `json:"answered,omitempty"`
	None       bool        `json:"none,omitempty" doc:"There is nothing to give"`
	Answer     string      `json:"answer,omitempty"`
	Withdrawn  *time.Time  `json:"withdrawn,omitempty"`
	Assessment string      `json:"assessment,omitempty" enum:"conclusive,inconclusive"`
	Arguments  string      `json:"arguments,omitempty"`
	Assessed   *time.Time  `json:"assessed,omitempty"`
}

func inquiryOf(q audits.Inquiry, said audits.Said) AuditInquiry {
	return AuditInquiry{ID: q.ID, Kind: q.Kind, Text: said.Text, Haste: said.Reason, At: q.At, Duty: dutyOf(q.Duty), Answered: q.Answered, None: q.None, Answer: said.Answer,
		Withdrawn: q.Withdrawn, Assessment: q.Assessment, Arguments: said.Args, Assessed: q.Assessed}
}

// AuditDay is a day that one side proposes to the other.
type AuditDay struct {
	ID     string         `json:"id"`
	From   audits.Party   `json:"from" enum:"controller,processor"`
	At     time.Time      `json:"at"`
	Day    deadlines.Date `json:"day" format:"date"`
	Reason string         `json:"reason,omitempty"`
	DayOff string         `json:"day_off,omitempty" doc:"Why it has to be on a weekend or holiday"`
	Moves  bool           `json:"moves,omitempty" doc:"It moves a day that was agreed"`
	State  string         `json:"state" enum:"standing,accepted,countered,taken_back"`
}

func dayOf(p audits.Proposal, said audits.Said) AuditDay {
	return AuditDay{ID: p.ID, From: p.From, At: p.At, Day: p.Day, Reason: said.Reason, DayOff: said.Text, Moves: p.Moves, State: p.State}
}

// AuditVisit is a visit, or a meeting at a distance.
type AuditVisit struct {
	ID      string         `json:"id"`
	Day     deadlines.Date `json:"day" format:"date"`
	Mode    audits.Mode    `json:"mode" enum:"on_site,remote,mixed"`
	Place   string         `json:"place,omitempty"`
	Purpose string         `json:"purpose"`
	From    audits.Party   `json:"from" enum:"controller,processor" doc:"The side that planned it"`
	Held    *time.Time     `json:"held,omitempty"`
	Notes   string         `json:"notes,omitempty"`
	Dropped *time.Time     `json:"dropped,omitempty"`
}

func visitOf(s audits.Session, said audits.Said) AuditVisit {
	return AuditVisit{ID: s.ID, Day: s.Day, Mode: s.Mode, Place: said.Title, Purpose: said.Text, From: s.From, Held: s.Held, Notes: said.Answer, Dropped: s.Dropped}
}

// AuditFinding is something the audit shows.
type AuditFinding struct {
	ID            string                         `json:"id"`
	Number        int                            `json:"number"`
	Grade         audits.Grade                   `json:"grade" enum:"major,minor,observation,good_practice"`
	Clause        string                         `json:"clause" doc:"Of the agreement or the law"`
	Title         string                         `json:"title"`
	Text          string                         `json:"text"`
	Root          string                         `json:"root_cause,omitempty"`
	NonCompliance bool                           `json:"non_compliance"`
	At            time.Time                      `json:"at"`
	Revised       *time.Time                     `json:"revised,omitempty"`
	Dropped       *time.Time                     `json:"dropped,omitempty"`
	Positions     map[audits.Party]AuditPosition `json:"positions,omitempty" doc:"By party"`
}

// AuditPosition is what one party holds of a finding.
type AuditPosition struct {
	View string    `json:"view" enum:"agrees,partly,disputes"`
	Text string    `json:"text,omitempty"`
	At   time.Time `json:"at"`
}

func findingOf(f audits.Finding, said audits.Said) AuditFinding {
	return AuditFinding{ID: f.ID, Number: f.Number, Grade: f.Grade, Clause: f.Clause, Title: said.Title, Text: said.Text, Root: said.Reason, NonCompliance: f.NonCompliance,
		At: f.At, Revised: f.Revised, Dropped: f.Dropped, Positions: byParty(f.Positions, func(p audits.Party, x audits.Position) AuditPosition {
			return AuditPosition{View: x.View, Text: said.By[p], At: x.At}
		})}
}

func byParty[S, T any](all map[audits.Party]S, make func(audits.Party, S) T) map[audits.Party]T {
	out := map[audits.Party]T{}
	for p, one := range all {
		out[p] = make(p, one)
	}
	return out
}

// AuditReport is the draft report as the processor got it, with its comments.
type AuditReport struct {
	Summary   string     `json:"summary"`
	Shared    time.Time  `json:"shared"`
	Duty      AuditDuty  `json:"duty"`
	Comments  string     `json:"comments,omitempty"`
	Commented *time.Time `json:"commented,omitempty"`
	Reviewed  *time.Time `json:"reviewed,omitempty" doc:"When the joint review ended"`
}

func reportOf(r *audits.Report, story *audits.Story) *AuditReport {
	if r == nil {
		return nil
	}
	return &AuditReport{Summary: story.Summary, Shared: r.Shared, Duty: dutyOf(r.Duty), Comments: story.Comments, Commented: r.CommentedAt, Reviewed: r.Reviewed}
}

// AuditMeasure is what is done about a finding.
type AuditMeasure struct {
	ID      string                     `json:"id"`
	Finding string                     `json:"finding,omitempty" doc:"Absent when it rests on no single one"`
	Owner   audits.Owner               `json:"owner" enum:"controller,processor,both"`
	Text    string                     `json:"text"`
	Duty    AuditDuty                  `json:"duty"`
	Done    map[audits.Party]AuditDone `json:"done,omitempty" doc:"By party"`
	Result  string                     `json:"result,omitempty" enum:"effective,not_effective"`
	Check   string                     `json:"check,omitempty" doc:"What the check showed"`
	Checked *time.Time                 `json:"checked,omitempty"`
	Dropped *time.Time                 `json:"dropped,omitempty"`
	Because string                     `json:"dropped_because,omitempty"`
}

// AuditDone is what one owner of a measure says it did.
type AuditDone struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

func measureOf(m audits.Measure, said audits.Said) AuditMeasure {
	return AuditMeasure{ID: m.ID, Finding: m.Finding, Owner: m.Owner, Text: said.Text, Duty: dutyOf(m.Duty), Result: m.Result, Check: said.Answer, Checked: m.Checked,
		Dropped: m.Dropped, Because: said.Reason, Done: byParty(m.Done, func(p audits.Party, x audits.Done) AuditDone { return AuditDone{Text: said.By[p], At: x.At} })}
}

// AuditCost is one line of the costs, with its bearer as the agreement divides it now.
type AuditCost struct {
	ID         string                         `json:"id"`
	Kind       string                         `json:"kind"`
	MadeBy     audits.Party                   `json:"made_by" enum:"controller,processor"`
	For        string                         `json:"for"`
	Cents      int64                          `json:"cents" doc:"Minor units of the currency (ISO 4217)"`
	Currency   string                         `json:"currency"`
	Bearer     audits.Party                   `json:"bearer" enum:"controller,processor"`
	Clause     string                         `json:"clause" doc:"The law's where the agreement is silent"`
	Default    bool                           `json:"default" doc:"Our reading where the agreement is silent"`
	Reasonable bool                           `json:"reasonable" doc:"Only reasonable costs: either party may dispute that"`
	Views      map[audits.Party]AuditCostView `json:"views,omitempty" doc:"By party"`
}

// AuditCostView is that a party accepts or disputes a line.
type AuditCostView struct {
	Accepts bool      `json:"accepts"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at"`
}

func costOf(c audits.Cost, said audits.Said) AuditCost {
	return AuditCost{ID: c.ID, Kind: c.Kind, MadeBy: c.MadeBy, For: said.Text, Cents: c.Cents, Currency: c.Currency, Bearer: c.Bearer, Clause: c.Clause, Default: c.Default,
		Reasonable: c.Reasonable, Views: byParty(c.Views, func(p audits.Party, x audits.CostView) AuditCostView {
			return AuditCostView{Accepts: x.Accepts, Reason: said.By[p], At: x.At}
		})}
}

// AuditFile is a file of the audit.
type AuditFile struct {
	ID     string       `json:"id"`
	Of     string       `json:"of" doc:"The id of what it belongs to, or notice, report, rules"`
	From   audits.Party `json:"from" enum:"controller,processor"`
	Name   string       `json:"name"`
	Type   string       `json:"type" doc:"Media type, read from the bytes"`
	Size   int64        `json:"size" doc:"Bytes"`
	SHA256 string       `json:"sha256" doc:"Hex"`
	At     time.Time    `json:"at"`
}

func auditFile(f audits.NamedFile) AuditFile {
	return AuditFile{ID: f.ID, Of: f.Of, From: f.From, Name: f.Name, Type: f.Type, Size: f.Size, SHA256: f.SHA256, At: f.At}
}

// AuditAuditor is who does the audit.
type AuditAuditor struct {
	ID string `json:"id"`
	AuditorDetails
	Invited    *time.Time         `json:"invited,omitempty"`
	Withdrawn  *time.Time         `json:"withdrawn,omitempty"`
	Undertaken *AuditUndertaken   `json:"undertaken,omitempty"`
	Objection  *AuditObjectionSay `json:"objection,omitempty"`
}

// AuditorDetails is who the auditor is, and what is known of them.
type AuditorDetails struct {
	Name           string `json:"name" maxLength:"200"`
	Email          string `json:"email,omitempty" maxLength:"254" doc:"Needed to invite"`
	Firm           string `json:"firm,omitempty" maxLength:"200"`
	Register       string `json:"register,omitempty" maxLength:"200" doc:"The number in the professional register"`
	Language       string `json:"language,omitempty" enum:"nl,en"`
	Own            bool   `json:"own,omitempty" doc:"The controller's own people; nobody is invited"`
	Independent    *bool  `json:"independent,omitempty" doc:"Absent is unknown, here and below"`
	RegisterEDP    *bool  `json:"register_edp,omitempty"`
	ICTExpert      *bool  `json:"ict_expert,omitempty"`
	BoundToSecrecy *bool  `json:"bound_to_secrecy,omitempty"`
	Competitor     bool   `json:"competitor,omitempty" doc:"Works for a competitor of the processor"`
}

// AuditUndertaken is that the undertaking was signed.
type AuditUndertaken struct {
	Name     string    `json:"name" doc:"As the auditor typed it"`
	Version  int       `json:"version"`
	Language string    `json:"language"`
	SHA256   string    `json:"sha256" doc:"Of the text"`
	At       time.Time `json:"at"`
}

// AuditObjectionSay is what the processor has against the auditor, with the answer.
type AuditObjectionSay struct {
	Ground     string     `json:"ground" enum:"not_independent,not_qualified,no_secrecy,other"`
	Reason     string     `json:"reason"`
	Clause     string     `json:"clause"`
	At         time.Time  `json:"at"`
	Answer     string     `json:"answer,omitempty"`
	AnsweredAt *time.Time `json:"answered,omitempty"`
}

func auditorOf(u *audits.Auditor, story *audits.Story) *AuditAuditor {
	if u == nil {
		return nil
	}
	p := story.Auditor
	out := &AuditAuditor{ID: u.ID, Invited: u.Invited, Withdrawn: u.Withdrawn, AuditorDetails: AuditorDetails{Name: p.Name, Email: p.Email, Firm: p.Firm, Register: p.Register,
		Language: p.Language, Own: u.Own, Independent: u.Independent, RegisterEDP: u.RegisterEDP, ICTExpert: u.ICTExpert, BoundToSecrecy: u.BoundToSecrecy, Competitor: u.Competitor}}
	if s := u.Undertaken; s != nil {
		out.Undertaken = &AuditUndertaken{Name: story.SignedAs, Version: s.Version, Language: s.Language, SHA256: s.SHA256, At: s.At}
	}
	if o := u.Objection; o != nil {
		out.Objection = &AuditObjectionSay{Ground: o.Ground, Reason: story.Objection.Reason, Clause: o.Clause, At: o.At, Answer: story.Objection.Answer, AnsweredAt: o.AnsweredAt}
	}
	return out
}

func (d AuditorDetails) details() audits.AuditorDetails {
	return audits.AuditorDetails{Person: audits.AuditorPerson{Name: d.Name, Email: d.Email, Firm: d.Firm, Register: d.Register, Language: d.Language}, Own: d.Own,
		Independent: d.Independent, RegisterEDP: d.RegisterEDP, ICTExpert: d.ICTExpert, BoundToSecrecy: d.BoundToSecrecy, Competitor: d.Competitor}
}
