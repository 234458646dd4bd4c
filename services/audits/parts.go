package audits

import (
	"time"

	"inzage/services/costs"
	"inzage/services/deadlines"
	"inzage/services/vault"
)

// Auditor is who does the audit.
type Auditor struct {
	ID string `json:"id"` // aud_…
	// Own is true when the controller's own people do the audit: nobody is invited.
	Own    bool         `json:"own"`
	Person vault.Sealed `json:"person"` // JSON of AuditorPerson
	// What is known of the auditor; nil is unknown.
	Independent    *bool `json:"independent,omitempty"`
	RegisterEDP    *bool `json:"register_edp,omitempty"`
	ICTExpert      *bool `json:"ict_expert,omitempty"`
	BoundToSecrecy *bool `json:"bound_to_secrecy,omitempty"`
	// Competitor is true when the auditor works for a competitor of the processor.
	Competitor bool `json:"competitor"`

	Account    string      `json:"account"` // acc_… once invited
	Invited    *time.Time  `json:"invited,omitempty"`
	Withdrawn  *time.Time  `json:"withdrawn,omitempty"`
	Undertaken *Undertaken `json:"undertaken,omitempty"`
	Objection  *Objection  `json:"objection,omitempty"`
	Reminded   []string    `json:"reminded"` // to sign before the audit
}

// AuditorPerson is who the auditor is.
type AuditorPerson struct {
	Name     string `json:"name"`
	Email    string `json:"email"`
	Firm     string `json:"firm"`
	Register string `json:"register"` // the number in the professional register
	Language string `json:"language"`
}

// Undertaken is the confidentiality undertaking as it was signed.
type Undertaken struct {
	Version  int          `json:"version"`
	Language string       `json:"language"`
	Text     vault.Sealed `json:"text"`   // exactly what was signed, a paragraph a line
	SHA256   string       `json:"sha256"` // of the text
	Name     vault.Sealed `json:"name"`   // as the auditor typed it
	At       time.Time    `json:"at"`
	By       string       `json:"by"` // acc_…
}

// The grounds of an objection to an auditor.
const (
	NotIndependent = "not_independent"
	NotQualified   = "not_qualified"
	NoSecrecy      = "no_secrecy"
	OtherGround    = "other"
)

// Objection is what the processor has against the auditor.
type Objection struct {
	At     time.Time    `json:"at"`
	By     string       `json:"by"`
	Ground string       `json:"ground"`
	Reason vault.Sealed `json:"reason"`
	Clause string       `json:"clause"`
	// Answer is the controller's, when it keeps the auditor all the same.
	Answer     vault.Sealed `json:"answer"`
	AnsweredAt *time.Time   `json:"answered_at,omitempty"`
}

// What became of a proposal for a day.
const (
	Standing  = "standing"   // waits for the other side
	Accepted  = "accepted"   // the agreed day, now or before it was moved
	Countered = "countered"  // the other side proposed another day
	TakenBack = "taken_back" // by the side that made it
)

// Proposal is a day that one side proposes to the other.
type Proposal struct {
	ID     string         `json:"id"` // prp_…
	From   Party          `json:"from"`
	By     string         `json:"by"`
	At     time.Time      `json:"at"`
	Day    deadlines.Date `json:"day"`
	Reason vault.Sealed   `json:"reason"`
	// DayOff says why it has to be on a weekend or holiday.
	DayOff vault.Sealed `json:"day_off"`
	Moves  bool         `json:"moves"` // it moves a day that was agreed
	State  string       `json:"state"`
	Ruled  *time.Time   `json:"ruled,omitempty"` // when it was accepted, countered or taken back
}

// HouseRules are the processor's rules for whoever visits.
type HouseRules struct {
	Version      int              `json:"version"`
	Text         vault.Sealed     `json:"text"`
	At           time.Time        `json:"at"`
	By           string           `json:"by"`
	Acknowledged []Acknowledgment `json:"acknowledged"`
}

// Acknowledgment is that somebody has read the house rules.
type Acknowledgment struct {
	Version int       `json:"version"`
	By      string    `json:"by"`
	At      time.Time `json:"at"`
}

// Session is a visit or a meeting at a distance.
type Session struct {
	ID      string         `json:"id"` // vis_…
	Day     deadlines.Date `json:"day"`
	Mode    Mode           `json:"mode"`
	Place   vault.Sealed   `json:"place"`
	Purpose vault.Sealed   `json:"purpose"`
	From    Party          `json:"from"` // the side that planned it
	By      string         `json:"by"`
	At      time.Time      `json:"at"`
	Held    *time.Time     `json:"held,omitempty"`
	Notes   vault.Sealed   `json:"notes"`
	Dropped *time.Time     `json:"dropped,omitempty"`
}

// Grade says how grave a finding is.
type Grade string

// The grades.
const (
	Major        Grade = "major"
	Minor        Grade = "minor"
	Observation  Grade = "observation"
	GoodPractice Grade = "good_practice"
)

// Finding is something the audit shows.
type Finding struct {
	ID     string       `json:"id"` // fnd_…
	Number int          `json:"number"`
	Grade  Grade        `json:"grade"`
	Clause string       `json:"clause"` // of the agreement or the law, such as "6.2" or "32 GDPR"
	Title  vault.Sealed `json:"title"`
	Text   vault.Sealed `json:"text"`
	Root   vault.Sealed `json:"root"` // the root cause
	// NonCompliance: it shows that the processor does not keep to the agreement or the law.
	NonCompliance bool       `json:"non_compliance"`
	By            string     `json:"by"`
	At            time.Time  `json:"at"`
	Revised       *time.Time `json:"revised,omitempty"`
	Dropped       *time.Time `json:"dropped,omitempty"`
	DroppedBy     string     `json:"dropped_by,omitempty"`
	// Withheld: it was struck from the draft, so the processor never sees it.
	Withheld  bool               `json:"withheld,omitempty"`
	Positions map[Party]Position `json:"positions"`
}

// The views a party can take of a finding.
const (
	Agrees       = "agrees"
	AgreesPartly = "partly"
	Disputes     = "disputes"
)

// Position is what one party holds of a finding.
type Position struct {
	View string       `json:"view"`
	Text vault.Sealed `json:"text"`
	At   time.Time    `json:"at"`
	By   string       `json:"by"`
}

// Report is the draft report as the processor got it, with its comments.
type Report struct {
	Summary vault.Sealed `json:"summary"`
	Shared  time.Time    `json:"shared"`
	By      string       `json:"by"`
	Duty
	Comments    vault.Sealed `json:"comments"`
	CommentedAt *time.Time   `json:"commented_at,omitempty"`
	CommentedBy string       `json:"commented_by"`
	Reviewed    *time.Time   `json:"reviewed,omitempty"` // when the joint review ended
}

// Commentable tells whether the processor still has time to comment.
func (r *Report) Commentable(now time.Time) bool {
	return r.CommentedAt == nil && now.Before(r.Ends)
}

// Owner is who carries out a measure.
type Owner string

// The owners.
const (
	OwnerController Owner = "controller"
	OwnerProcessor  Owner = "processor"
	OwnerBoth       Owner = "both"
)

// Includes tells whether the party has to act.
func (o Owner) Includes(p Party) bool { return o == OwnerBoth || string(o) == string(p) }

// The results of checking a measure again.
const (
	Effective    = "effective"
	NotEffective = "not_effective"
)

// Measure is what is done about a finding.
type Measure struct {
	ID      string       `json:"id"`      // msr_…
	Finding string       `json:"finding"` // "" when it rests on no single one
	Owner   Owner        `json:"owner"`
	Text    vault.Sealed `json:"text"`
	By      string       `json:"by"`
	At      time.Time    `json:"at"`
	Duty
	Done    map[Party]Done `json:"done"`
	Result  string         `json:"result"` // Effective, NotEffective or empty
	Check   vault.Sealed   `json:"check"`
	Checked *time.Time     `json:"checked,omitempty"`
	Dropped *time.Time     `json:"dropped,omitempty"`
	Why     vault.Sealed   `json:"why"` // of dropping it
}

// Done is what one owner says it did.
type Done struct {
	Text vault.Sealed `json:"text"`
	At   time.Time    `json:"at"`
	By   string       `json:"by"`
}

// Owes tells whether the measure waits for the party.
func (m *Measure) Owes(p Party) bool {
	_, done := m.Done[p]
	return m.Dropped == nil && m.Owner.Includes(p) && !done
}

// Finished tells whether nothing has to be done any more.
func (m *Measure) Finished() bool { return m.Dropped != nil || m.Result == Effective }

// Cost is one line of the costs of the audit, with its bearer as the agreement
// divides it now.
type Cost struct {
	ID       string       `json:"id"` // cst_…
	Kind     string       `json:"kind"`
	MadeBy   Party        `json:"made_by"`
	Cents    int64        `json:"cents"`
	Currency string       `json:"currency"`
	For      vault.Sealed `json:"for"`
	By       string       `json:"by"`
	At       time.Time    `json:"at"`

	Bearer Party  `json:"bearer"`
	Clause string `json:"clause"` // the law's when Default and the agreement is silent
	// Entry is the entry of the agreement that decides, such as "audit.costs[1]":
	// several can share a clause. Empty when it is silent, and in what was stored
	// before entries were kept.
	Entry      string `json:"entry,omitempty"`
	Default    bool   `json:"default"`
	Reasonable bool   `json:"reasonable"` // only reasonable costs: either party may dispute that

	Views map[Party]CostView `json:"views"`
}

// CostView is that a party accepts or disputes a line.
type CostView struct {
	Accepts bool         `json:"accepts"`
	Reason  vault.Sealed `json:"reason"`
	At      time.Time    `json:"at"`
	By      string       `json:"by"`
}

// Bill is what the lines come to.
type Bill struct {
	Currency        string            `json:"currency"`
	ControllerBears int64             `json:"controller_bears"`
	ProcessorBears  int64             `json:"processor_bears"`
	Settlement      *costs.Settlement `json:"settlement,omitempty"`
}

// nonCompliant tells whether a finding stands that shows non-compliance.
func (a *Audit) nonCompliant() bool {
	for _, f := range a.Findings {
		if f.NonCompliance && f.Dropped == nil {
			return true
		}
	}
	return false
}

// compliance tells whether the audit shows non-compliance; nil while that is unknown,
// because findings can still come.
func (a *Audit) compliance() *bool {
	is := a.nonCompliant()
	if is || !a.Open || a.Report != nil && a.Report.Reviewed != nil {
		return &is
	}
	return nil
}

// limits on what one audit holds, so that it stays one document of a bounded size.
const (
	mostInquiries = 100
	mostProposals = 100
	mostSessions  = 100
	mostFindings  = 100
	mostMeasures  = 100
	mostCosts     = 100
	maxText       = 4000 // characters
	maxName       = 200
)
