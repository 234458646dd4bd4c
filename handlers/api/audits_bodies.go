package api

import (
	"inzage/services/audits"
	"inzage/services/deadlines"
)

// AuditRevision is the plan as it is from now on.
type AuditRevision struct {
	SeenAudit
	Plan AuditPlan `json:"plan"`
}

// AuditAsk is something to ask the processor before an audit, or in its place.
type AuditAsk struct {
	Kind audits.Kind `json:"kind" enum:"existing_reports,self_assessment,information"`
	AuditQuestion
}

// AuditQuestion is something to ask the processor.
type AuditQuestion struct {
	SeenAudit
	Text  string         `json:"text" maxLength:"4000"`
	Due   deadlines.Date `json:"due,omitzero" format:"date" doc:"Left out: the day the agreement gives"`
	Haste string         `json:"haste,omitempty" maxLength:"4000" doc:"Why it has to be sooner than that"`
}

// AuditAnswer is the processor's answer; its files were added before.
type AuditAnswer struct {
	SeenAudit
	None bool   `json:"none,omitempty" doc:"There is nothing to give; text says why"`
	Text string `json:"text,omitempty" maxLength:"4000" doc:"May be empty when there are files"`
}

// AuditAssessment is what the controller makes of what was supplied.
type AuditAssessment struct {
	SeenAudit
	Assessment string `json:"assessment" enum:"conclusive,inconclusive"`
	Arguments  string `json:"arguments" maxLength:"4000" doc:"Why it does or does not settle the matter"`
}

// AuditProposal is a day for the other side to accept.
type AuditProposal struct {
	SeenAudit
	Day     deadlines.Date `json:"day" format:"date"`
	Instead string         `json:"instead,omitempty" maxLength:"80" doc:"The standing proposal that this one answers or replaces"`
	Reason  string         `json:"reason,omitempty" maxLength:"4000" doc:"Needed against another proposal, and to move an agreed day"`
	DayOff  string         `json:"day_off,omitempty" maxLength:"4000" doc:"Why it has to be on a weekend or holiday"`
}

// AuditAppointment names the auditor.
type AuditAppointment struct {
	SeenAudit
	AuditorDetails
}

// AuditSignature signs the undertaking as it was shown.
type AuditSignature struct {
	SeenAudit
	Name     string `json:"name" maxLength:"200" doc:"Typed by the auditor"`
	Version  int    `json:"version" doc:"Of the undertaking, as it was shown"`
	Language string `json:"language" enum:"nl,en" doc:"In which it was shown"`
	Agrees   bool   `json:"agrees"`
}

// AuditObjection is what the processor has against the auditor.
type AuditObjection struct {
	SeenAudit
	Ground string `json:"ground" enum:"not_independent,not_qualified,no_secrecy,other"`
	Reason string `json:"reason" maxLength:"4000"`
}

// AuditRulesRead is which version of the house rules was read.
type AuditRulesRead struct {
	SeenAudit
	Version int `json:"version" minimum:"1"`
}

// AuditVisitPlan is a visit to plan, from the agreed day on.
type AuditVisitPlan struct {
	SeenAudit
	Day     deadlines.Date `json:"day" format:"date"`
	Mode    audits.Mode    `json:"mode" enum:"on_site,remote"`
	Place   string         `json:"place,omitempty" maxLength:"200" doc:"A place, needed on site, or the means when it is at a distance"`
	Purpose string         `json:"purpose" maxLength:"4000"`
}

// AuditFindingText is a finding as it is written down; its evidence are files.
type AuditFindingText struct {
	SeenAudit
	Grade         audits.Grade `json:"grade" enum:"major,minor,observation,good_practice"`
	Clause        string       `json:"clause" maxLength:"40" doc:"Of the agreement or the law, such as 6.2 or 32 GDPR"`
	Title         string       `json:"title" maxLength:"200"`
	Text          string       `json:"text" maxLength:"4000"`
	Root          string       `json:"root_cause,omitempty" maxLength:"4000" doc:"Needed for a major finding before the report is shared"`
	NonCompliance bool         `json:"non_compliance,omitempty" doc:"It shows that the processor does not keep to the agreement or the law"`
}

// AuditView is what a side holds of a finding.
type AuditView struct {
	SeenAudit
	View string `json:"view" enum:"agrees,partly,disputes"`
	Text string `json:"text,omitempty" maxLength:"4000"`
}

// AuditMeasureText is what is to be done about a finding.
type AuditMeasureText struct {
	SeenAudit
	Finding string         `json:"finding,omitempty" maxLength:"80" doc:"Left out when it rests on no single one"`
	Owner   audits.Owner   `json:"owner" enum:"controller,processor,both"`
	Text    string         `json:"text" maxLength:"4000"`
	Due     deadlines.Date `json:"due" format:"date"`
}

// AuditCheck says whether a measure works.
type AuditCheck struct {
	SeenAudit
	Result string         `json:"result" enum:"effective,not_effective"`
	Text   string         `json:"text,omitempty" maxLength:"4000"`
	Due    deadlines.Date `json:"due,omitzero" format:"date" doc:"The new day of a measure that does not work"`
}

// AuditCostText is one cost as its maker states it; its evidence are files.
type AuditCostText struct {
	SeenAudit
	Kind     string `json:"kind" enum:"auditor_fee,processor_time,controller_time,travel,duty_to_demonstrate,security_change,other"`
	For      string `json:"for" maxLength:"200"`
	Cents    int64  `json:"cents" doc:"Minor units of the currency (ISO 4217), more than zero: cents of EUR, whole yen of JPY"`
	Currency string `json:"currency,omitempty" pattern:"^[A-Z]{3}$" doc:"ISO 4217; the agreement's when left out"`
}

// AuditCostAccepted is a line as it was seen: when it has changed since,
// nothing is accepted.
type AuditCostAccepted struct {
	SeenAudit
	Cents  int64        `json:"cents" minimum:"0"`
	Bearer audits.Party `json:"bearer" enum:"controller,processor"`
}
