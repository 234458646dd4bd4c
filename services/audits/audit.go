package audits

import (
	"slices"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/vault"
)

// Party is a side of the agreement, in the agreements' own words.
type Party = agreements.Party

// The two sides. The auditor works for the controller.
const (
	Controller = agreements.Controller
	Processor  = agreements.Processor
)

// Mode is where an audit takes place.
type Mode string

// The modes.
const (
	OnSite Mode = "on_site"
	Remote Mode = "remote"
	Mixed  Mode = "mixed"
)

// The outcomes of an audit.
const (
	Audited      = "audited"     // closed after an audit
	SettledOther = "alternative" // closed on reports, a self-assessment or information
	CalledOff    = "cancelled"   // cancelled before it began
	BrokenOff    = "broken_off"  // cancelled after it began
	noDay        = "9999-12-31"  // sorts after every day
	instant      = "2006-01-02T15:04:05.000Z"
)

// Audit is one audit of a processor by its controller, from the first draft to
// the settled costs. Words and names are sealed under the audit's own key.
type Audit struct {
	document.Meta
	// Reference is what people quote; neither sequence nor time can be read from it.
	Reference string `json:"reference"`
	Stage     Stage  `json:"stage"`
	Open      bool   `json:"open"`
	Outcome   string `json:"outcome"`

	Controller string    `json:"controller"` // org_…
	Processor  string    `json:"processor"`  // org_…
	Agreement  string    `json:"agreement"`  // agr_…
	Version    int       `json:"agreement_version"`
	Drafted    time.Time `json:"drafted"`
	By         string    `json:"by"` // acc_… who drafted it

	Subject vault.Sealed   `json:"subject"` // what the audit is about
	Mode    Mode           `json:"mode"`
	Cause   Cause          `json:"cause"`
	Notice  Notice         `json:"notice"`
	Wanted  deadlines.Date `json:"wanted"`
	// WantedOff says why Wanted has to be on a weekend or holiday.
	WantedOff vault.Sealed `json:"wanted_off"`
	// Earlier is the last audit under the agreement that the portal knows nothing of.
	Earlier deadlines.Date `json:"earlier"`

	Inquiries []Inquiry      `json:"inquiries"`
	Auditor   *Auditor       `json:"auditor,omitempty"`
	Announced *time.Time     `json:"announced,omitempty"`
	Sent      vault.Sealed   `json:"sent"` // what the notice rested on; NoticeOf opens it
	Proposals []Proposal     `json:"proposals"`
	On        deadlines.Date `json:"on"` // the agreed day
	Began     *time.Time     `json:"began,omitempty"`

	Rules    *HouseRules `json:"house_rules,omitempty"`
	Sessions []Session   `json:"sessions"`
	Findings []Finding   `json:"findings"`
	Report   *Report     `json:"report,omitempty"`
	Measures []Measure   `json:"measures"`

	Costs []Cost `json:"costs"`
	Bill  *Bill  `json:"bill,omitempty"`
	// NonCompliance is true while a finding shows that the processor does not
	// keep to the agreement or the law.
	NonCompliance bool `json:"non_compliance"`

	Files []File `json:"files"`

	Settled *time.Time     `json:"settled,omitempty"`
	Ended   *time.Time     `json:"ended,omitempty"` // closed or cancelled
	Reason  vault.Sealed   `json:"reason"`          // of cancelling
	Next    deadlines.Date `json:"next"`            // the first day the frequency allows another audit, once closed

	// Listed is the processor once it may know of the audit, "" before.
	Listed string `json:"listed"`
	// Access is the account of the auditor who may come in, "" when nobody may.
	Access string `json:"access"`
	// Day is the day that the calendar shows, YYYY-MM-DD: agreed, proposed or
	// wanted, or the one that fell away.
	Day string `json:"day"`
	// Told is what calendars were last told of that day.
	Told Told `json:"told"`
	// Order is its place in a list: the next day on which something is due, and
	// the time of the end once it has ended.
	Order string `json:"order"`
	// Kept is the storage period that runs: of a draft, or of what has ended; ""
	// when none does. It runs since Touched, the last change.
	Kept     string     `json:"kept"`
	Touched  time.Time  `json:"touched"`
	Shredded *time.Time `json:"shredded,omitempty"` // its content was destroyed
	// Remind is when the next reminder or escalation is due; the far future when none is.
	Remind time.Time `json:"remind"`
}

// Cause is why the controller audits now.
type Cause struct {
	ForCause        bool         `json:"for_cause"`
	BreachIndicated *bool        `json:"breach_indicated,omitempty"`
	Why             vault.Sealed `json:"why"`
	// Indications are requests, assists and audits that the portal itself
	// recorded and that the controller rests the cause on.
	Indications []string `json:"indications"`
}

// Notice is what the announcement states; each part is sealed words.
type Notice struct {
	Method      vault.Sealed `json:"method"`
	Auditor     vault.Sealed `json:"auditor"`
	Information vault.Sealed `json:"information"`
	Locations   vault.Sealed `json:"locations"`
	Arguments   vault.Sealed `json:"arguments"`
}

// Duty is something that a party owes by a day.
type Duty struct {
	Due deadlines.Date `json:"due"`
	// Ends is the instant at which Due is over.
	Ends time.Time `json:"ends"`
	// Clause set the day: the agreement's, or the law's when it is silent.
	Clause   string   `json:"clause"`
	Agreed   bool     `json:"agreed"` // the agreement sets the period
	Reminded []string `json:"reminded"`
}

// Kind says what an inquiry asks for.
type Kind string

// The kinds of an inquiry. The first three come before an audit or in its
// place, the last during one.
const (
	ExistingReports Kind = "existing_reports"
	SelfAssessment  Kind = "self_assessment"
	Information     Kind = "information"
	Question        Kind = "question"
)

// Inquiry is something that the controller or the auditor asks the processor,
// with the answer and what the controller makes of it.
type Inquiry struct {
	ID    string       `json:"id"` // inq_…
	Kind  Kind         `json:"kind"`
	Text  vault.Sealed `json:"text"`
	Haste vault.Sealed `json:"haste"` // why it is wanted sooner than agreed
	At    time.Time    `json:"at"`
	By    string       `json:"by"`
	Duty
	Answered   *time.Time   `json:"answered,omitempty"`
	AnsweredBy string       `json:"answered_by"`
	None       bool         `json:"none"` // there is nothing to give
	Answer     vault.Sealed `json:"answer"`
	Withdrawn  *time.Time   `json:"withdrawn,omitempty"`
	Assessment string       `json:"assessment"` // Conclusive, Inconclusive or empty
	Arguments  vault.Sealed `json:"arguments"`
	Assessed   *time.Time   `json:"assessed,omitempty"`
}

func (q *Inquiry) pending() bool { return q.Answered == nil && q.Withdrawn == nil }

// File is an encrypted file of the audit, belonging to one thing in it.
type File struct {
	ID     string       `json:"id"`   // fil_…
	Of     string       `json:"of"`   // the inquiry, finding, measure, cost … it belongs to
	From   Party        `json:"from"` // the side that brought it
	Name   vault.Sealed `json:"name"`
	Type   string       `json:"type"` // media type by its content
	Size   int64        `json:"size"`
	SHA256 string       `json:"sha256"`
	At     time.Time    `json:"at"`
	By     string       `json:"by"`
}

// Slots are the days of the audits under one agreement, one document per
// agreement: whoever books a day has to get past the others in one step.
type Slots struct {
	document.Meta        // the id is the agreement's
	Days          []Slot `json:"days"`
	// Notices are the audits that were announced in the last day, by when.
	Notices map[string]time.Time `json:"notices,omitempty"`
}

// Slot is the agreed day of one audit.
type Slot struct {
	Audit    string         `json:"audit"`
	Day      deadlines.Date `json:"day"`
	ForCause bool           `json:"for_cause"`
	At       time.Time      `json:"at"` // when it was taken
}

// Kinds are the collections of this package, with the ways to find documents in them.
var Kinds = []document.Kind{
	{Name: "audits", Indexes: []document.Index{
		{Name: "reference", Fields: []string{"reference"}, Unique: true},
		{Name: "controller", Fields: []string{"controller", "open", "order"}},
		{Name: "processor", Fields: []string{"listed", "open", "order"}},
		{Name: "between", Fields: []string{"controller", "listed", "drafted"}},
		{Name: "auditor", Fields: []string{"access", "order"}},
		{Name: "controller_day", Fields: []string{"controller", "day"}},
		{Name: "processor_day", Fields: []string{"listed", "day"}},
		{Name: "remind", Fields: []string{"open", "remind"}},
		{Name: "kept", Fields: []string{"kept", "touched"}},
		{Name: "kept_by", Fields: []string{"kept", "controller", "touched"}},
	}},
	{Name: "audit_days"},
}

func (a *Audit) inquiry(id string) *Inquiry {
	return at(a.Inquiries, func(x Inquiry) bool { return x.ID == id })
}
func (a *Audit) proposal(id string) *Proposal {
	return at(a.Proposals, func(x Proposal) bool { return x.ID == id })
}
func (a *Audit) session(id string) *Session {
	return at(a.Sessions, func(x Session) bool { return x.ID == id })
}
func (a *Audit) finding(id string) *Finding {
	return at(a.Findings, func(x Finding) bool { return x.ID == id })
}
func (a *Audit) measure(id string) *Measure {
	return at(a.Measures, func(x Measure) bool { return x.ID == id })
}
func (a *Audit) cost(id string) *Cost { return at(a.Costs, func(x Cost) bool { return x.ID == id }) }

// at points at the first element that fits, nil when none does.
func at[T any](list []T, fits func(T) bool) *T {
	if i := slices.IndexFunc(list, fits); i >= 0 {
		return &list[i]
	}
	return nil
}

// partyOf is the side that an organisation is on; "" when it is neither.
func (a *Audit) partyOf(organisation string) Party {
	switch organisation {
	case "":
	case a.Controller:
		return Controller
	case a.Processor:
		return Processor
	}
	return ""
}
