package audits

import (
	"context"
	"fmt"
	"time"

	"inzage/services/agreements"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/vault"
)

// ClosingSchema names the form of a closing report. Within a version fields
// are only added; a change of what one means is another version.
const ClosingSchema = "inzage.audit.closing/1"

var errOpen = fault.New(fault.Conflict, "This audit has not ended yet. Its closing report can be read when it has.")

// Closing is the closing report of an audit: the facts, the words, the money,
// and what comes next. Its JSON is what is handed out, so it holds no account,
// no address and nothing sealed. Times are UTC, days are YYYY-MM-DD, amounts
// are integer cents; what did not happen is null or absent.
type Closing struct {
	Schema     string           `json:"schema"`
	Reference  string           `json:"reference"`
	Stage      Stage            `json:"stage"`   // closed or cancelled
	Outcome    string           `json:"outcome"` // audited, alternative, cancelled, broken_off
	Controller string           `json:"controller"`
	Processor  string           `json:"processor"`
	Agreement  ClosingAgreement `json:"agreement"`
	Subject    string           `json:"subject"`
	Mode       Mode             `json:"mode"`
	ForCause   bool             `json:"for_cause"`
	Why        string           `json:"why,omitempty"`
	// CancelledBecause is the reason of cancelling.
	CancelledBecause string           `json:"cancelled_because,omitempty"`
	Course           Course           `json:"course"`
	Auditor          *ClosingAuditor  `json:"auditor"`
	Inquiries        []ClosingInquiry `json:"inquiries"`
	Visits           []ClosingVisit   `json:"visits"`
	Summary          string           `json:"summary,omitempty"`  // of the report
	Comments         string           `json:"comments,omitempty"` // of the processor, on the draft
	NonCompliance    bool             `json:"non_compliance"`
	Findings         []ClosingFinding `json:"findings"`
	Measures         []ClosingMeasure `json:"measures"`
	Costs            *ClosingCosts    `json:"costs"` // null: none were stated
	Next             deadlines.Date   `json:"next"`  // the first day for another audit; null: no limit
	NextClause       string           `json:"next_clause"`
	Files            []ClosingFile    `json:"files"`
	Ledger           *Anchor          `json:"ledger"` // added by who has the ledger

	Terms agreements.Terms `json:"-"`
	ID    string           `json:"-"` // agr_…
}

// ClosingAgreement is the agreement and the version that judged the audit.
type ClosingAgreement struct {
	Title    string         `json:"title"`
	Version  int            `json:"version"`
	SignedOn deadlines.Date `json:"signed_on"`
}

// Course is when each step was taken.
type Course struct {
	Drafted   time.Time      `json:"drafted"`
	Announced *time.Time     `json:"announced"`
	Day       deadlines.Date `json:"day"` // agreed
	Began     *time.Time     `json:"began"`
	Reported  *time.Time     `json:"reported"` // the draft report was shared
	Commented *time.Time     `json:"commented"`
	Reviewed  *time.Time     `json:"reviewed"` // the joint review ended
	Settled   *time.Time     `json:"settled"`
	Ended     *time.Time     `json:"ended"`
}

// ClosingAuditor is who did the audit, and what was undertaken.
type ClosingAuditor struct {
	Own       bool              `json:"own"` // the controller's own people
	Name      string            `json:"name"`
	Firm      string            `json:"firm,omitempty"`
	Register  string            `json:"register,omitempty"`
	Signed    *ClosingSignature `json:"undertaking"`
	Objection *ClosingObjection `json:"objection"`
}

// ClosingSignature is the confidentiality undertaking as it was signed.
type ClosingSignature struct {
	Name    string    `json:"name"`
	At      time.Time `json:"at"`
	Version int       `json:"version"`
	SHA256  string    `json:"sha256"` // of the text
}

// ClosingObjection is what the processor had against the auditor.
type ClosingObjection struct {
	Ground     string     `json:"ground"`
	Reason     string     `json:"reason"`
	Clause     string     `json:"clause"`
	At         time.Time  `json:"at"`
	Answer     string     `json:"answer,omitempty"`
	AnsweredAt *time.Time `json:"answered"`
}

// ClosingInquiry is a question with its answer.
type ClosingInquiry struct {
	Kind       Kind           `json:"kind"`
	Text       string         `json:"text"`
	Haste      string         `json:"haste,omitempty"` // why it was wanted sooner
	Asked      time.Time      `json:"asked"`
	Due        deadlines.Date `json:"due"`
	Clause     string         `json:"clause"`
	Answered   *time.Time     `json:"answered"`
	None       bool           `json:"none"` // there was nothing to give
	Answer     string         `json:"answer,omitempty"`
	Withdrawn  *time.Time     `json:"withdrawn"`
	Assessment string         `json:"assessment,omitempty"`
	Arguments  string         `json:"arguments,omitempty"`
}

// ClosingVisit is a visit or a meeting at a distance.
type ClosingVisit struct {
	Day     deadlines.Date `json:"day"`
	Mode    Mode           `json:"mode"`
	Place   string         `json:"place,omitempty"`
	Purpose string         `json:"purpose,omitempty"`
	Held    *time.Time     `json:"held"`
	Notes   string         `json:"notes,omitempty"`
	Dropped *time.Time     `json:"dropped"`
}

// ClosingFinding is what the audit showed, with what each party holds of it.
type ClosingFinding struct {
	Number        int                       `json:"number"`
	Grade         Grade                     `json:"grade"`
	Clause        string                    `json:"clause"`
	Title         string                    `json:"title"`
	Text          string                    `json:"text"`
	Root          string                    `json:"root_cause,omitempty"`
	NonCompliance bool                      `json:"non_compliance"`
	Dropped       *time.Time                `json:"dropped"`
	Positions     map[Party]ClosingPosition `json:"positions"`
}

// ClosingPosition is what one party holds of a finding.
type ClosingPosition struct {
	View string    `json:"view"` // agrees, partly, disputes
	Text string    `json:"text,omitempty"`
	At   time.Time `json:"at"`
}

// ClosingMeasure is what was done about a finding.
type ClosingMeasure struct {
	Finding int                   `json:"finding"` // its number; 0 when it rests on no single one
	Owner   Owner                 `json:"owner"`
	Text    string                `json:"text"`
	Due     deadlines.Date        `json:"due"`
	Done    map[Party]ClosingDone `json:"done"`
	Result  string                `json:"result,omitempty"` // effective, not_effective
	Check   string                `json:"check,omitempty"`
	Checked *time.Time            `json:"checked"`
	Dropped *time.Time            `json:"dropped"`
	Because string                `json:"dropped_because,omitempty"`
}

// ClosingDone is what one owner of a measure did.
type ClosingDone struct {
	Text string    `json:"text"`
	At   time.Time `json:"at"`
}

// ClosingCosts is the money: each line with its bearer and clause, and what
// makes it even.
type ClosingCosts struct {
	Currency        string        `json:"currency"`
	Lines           []ClosingCost `json:"lines"`
	ControllerBears int64         `json:"controller_bears"`
	ProcessorBears  int64         `json:"processor_bears"`
	// Pays is who pays the other side how many cents; null when nobody owes anything.
	Pays *ClosingPayment `json:"settlement"`
}

// ClosingPayment is the one payment that settles the costs.
type ClosingPayment struct {
	From  Party `json:"from"`
	To    Party `json:"to"`
	Cents int64 `json:"cents"`
}

// ClosingCost is one line of the costs.
type ClosingCost struct {
	Kind     string                 `json:"kind"`
	For      string                 `json:"for"`
	MadeBy   Party                  `json:"made_by"`
	Cents    int64                  `json:"cents"`
	Bearer   Party                  `json:"bearer"`
	Clause   string                 `json:"clause"`
	Default  bool                   `json:"default"` // our reading where the agreement is silent
	Views    map[Party]ClosingView  `json:"views"`
	Chip     agreements.Explanation `json:"-"`
	Evidence []string               `json:"evidence,omitempty"` // names of files
}

// ClosingView is that a party accepts or disputes a line.
type ClosingView struct {
	Accepts bool      `json:"accepts"`
	Reason  string    `json:"reason,omitempty"`
	At      time.Time `json:"at"`
}

// ClosingFile is a file of the audit, by which a copy can be known again.
type ClosingFile struct {
	Name   string    `json:"name"`
	Type   string    `json:"type"`
	Size   int64     `json:"size"`
	SHA256 string    `json:"sha256"`
	From   Party     `json:"from"`
	At     time.Time `json:"at"`
}

// Anchor is where the ledger vouches for the report: the entry of the end, and
// the newest checkpoint of the log. Each is null until there is one.
type Anchor struct {
	Entry      *AnchorEntry      `json:"entry"`
	Checkpoint *AnchorCheckpoint `json:"checkpoint"`
}

// AnchorEntry is a sealed entry of the ledger.
type AnchorEntry struct {
	Number int64     `json:"number"`
	Action string    `json:"action"`
	Hash   string    `json:"hash"` // of the leaf, RFC 6962, in hexadecimal
	At     time.Time `json:"at"`
}

// AnchorCheckpoint is a signed checkpoint: the first Size entries make Root.
type AnchorCheckpoint struct {
	Origin string    `json:"origin"`
	Size   int64     `json:"size"`
	Root   string    `json:"root"` // base64, as in the signed note
	At     time.Time `json:"at"`
}

// ClosingOf is the closing report of an audit that has ended, for its parties;
// the reading leaves an entry.
func (s *Service) ClosingOf(ctx context.Context, by identity.Actor, id string) (Closing, error) {
	a, err := s.Audits.Get(ctx, id)
	if err != nil {
		return Closing{}, err
	}
	if sight(by, &a) != Content || stands(by, &a, TheAuditor) {
		return Closing{}, s.refused(ctx, by, "report", id, ErrNotFound)
	}
	if a.Open {
		return Closing{}, s.refused(ctx, by, "report", id, errOpen)
	}
	if a.Shredded != nil {
		return Closing{}, vault.ErrGone
	}
	c, _, err := s.closingOf(ctx, by, &a, Content)
	if err != nil {
		return Closing{}, err
	}
	return c, s.read(ctx, by, "report", id)
}

// closingOf writes the report of an audit as far as it has come and as the
// actor may see it, and the words that stand in it.
func (s *Service) closingOf(ctx context.Context, by identity.Actor, a *Audit, seen Sight) (Closing, Story, error) {
	g, err := s.groundLeft(ctx, a)
	if err != nil {
		return Closing{}, Story{}, err
	}
	agreement, err := s.Agreements.Get(ctx, identity.System(), a.Agreement)
	if err != nil {
		return Closing{}, Story{}, err
	}
	c := Closing{Schema: ClosingSchema, ID: a.Agreement, Terms: g.terms, Agreement: ClosingAgreement{Title: g.terms.Title, Version: a.Version}}
	if c.Agreement.SignedOn, err = dayOrNone(agreement.SignedOn); err != nil {
		return Closing{}, Story{}, err
	}
	if c.Controller, c.Processor, err = s.parties(ctx, a); err != nil {
		return Closing{}, Story{}, err
	}
	o := opener(g)
	shown := a.shown(by, seen)
	words := shown.story(o, by)
	if o.Err != nil {
		return Closing{}, Story{}, o.Err
	}
	shown.close(&c, words)
	if a.Outcome == BrokenOff { // it had begun, so it counts like any other
		if c.Next, err = (&step{ground: g, Audit: a}).next(); err != nil {
			return Closing{}, Story{}, err
		}
	}
	if len(shown.Costs) > 0 {
		divided, err := (&step{ground: g, Audit: a}).statement()
		if err != nil {
			return Closing{}, Story{}, err
		}
		c.Costs = shown.bill(Statement{Statement: divided}, words)
	}
	return c, words, nil
}

// groundLeft is the ground of an audit; once it was shredded, without its key:
// what is left of it has nothing to open.
func (s *Service) groundLeft(ctx context.Context, a *Audit) (ground, error) {
	if a.Shredded == nil {
		return s.ground(ctx, a)
	}
	applied, err := s.Agreements.Applied(ctx, a.Agreement, a.Version)
	if err != nil {
		return ground{}, fmt.Errorf("read the terms of %s: %w", a.Agreement, err)
	}
	return s.groundOf(ctx, applied, a.ID)
}
