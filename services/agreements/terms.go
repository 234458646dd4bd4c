// Package agreements turns a processing agreement (art. 28(3) GDPR) into
// terms: data that routes requests, books audits and divides costs. Every term
// carries the clause it comes from. A term that is absent is silent; then the
// law's default applies and is named as such, never an invented clause.
//
// Nothing in this package knows one agreement from another: an agreement that
// nobody has seen yet is a file, not a line of Go.
package agreements

// Party is one of the two sides of an agreement.
type Party string

// The two parties, and Maker for "whoever made the costs".
const (
	Controller Party = "controller"
	Processor  Party = "processor"
	Maker      Party = "maker"
)

// Other returns the opposite party, and the party itself when it is neither.
func (p Party) Other() Party {
	switch p {
	case Controller:
		return Processor
	case Processor:
		return Controller
	}
	return p
}

// Right is one of the rights of arts. 15-18, 20 and 21 GDPR.
type Right string

// The six rights. AllRights in a term stands for each of them.
const (
	Access        Right = "access"
	Rectification Right = "rectification"
	Erasure       Right = "erasure"
	Restriction   Right = "restriction"
	Portability   Right = "portability"
	Objection     Right = "objection"
	AllRights     Right = "all"
)

// Rights lists the six rights in the order of the GDPR.
func Rights() []Right {
	return []Right{Access, Rectification, Erasure, Restriction, Portability, Objection}
}

// Text is a passage in English and Dutch; either may be absent.
type Text struct {
	EN string `json:"en,omitempty"`
	NL string `json:"nl,omitempty"`
}

// In returns the passage in a language ("nl", "en", also "nl-NL"), or in the
// other language when that one is absent.
func (t Text) In(lang string) string {
	first, second := t.EN, t.NL
	if len(lang) >= 2 && lang[:2] == "nl" {
		first, second = second, first
	}
	if first == "" {
		return second
	}
	return first
}

// Term is what every term carries besides its values.
type Term struct {
	// Clause is the clause as the agreement numbers it, e.g. "10.2". It is
	// empty only in a cost rule that is marked as a default.
	Clause string   `json:"clause,omitempty"`
	Also   []string `json:"also,omitempty"` // further clauses that say the same
	Says   Text     `json:"says,omitzero"`  // what it makes the portal do; {period} is filled in
	Note   Text     `json:"note,omitzero"`  // where the reading is ours
}

// Organisation is a party as the agreement names it.
type Organisation struct {
	Name     string `json:"name"`
	Place    string `json:"place,omitempty"`
	Register string `json:"register,omitempty"` // number in the trade register
}

// Span is a time in force, dates as YYYY-MM-DD; an empty end is open.
type Span struct {
	From  string `json:"from,omitempty"`
	Until string `json:"until,omitempty"`
}

// Terms is everything one agreement says. A nil term is silent.
type Terms struct {
	Key           string        `json:"key"`
	Title         string        `json:"title"`
	Processor     Organisation  `json:"processor"`
	Controller    *Organisation `json:"controller,omitempty"` // filled in by the organisation that signs
	Processes     Text          `json:"processes,omitzero"`
	Signed        string        `json:"signed,omitempty"` // YYYY-MM-DD
	InForce       *Span         `json:"in_force,omitempty"`
	Zone          string        `json:"zone,omitempty"`     // IANA; see TimeZone
	Country       string        `json:"country,omitempty"`  // ISO 3166, or none; see Holidays
	Currency      string        `json:"currency,omitempty"` // ISO 4217; see Money
	Requests      Requests      `json:"requests,omitzero"`
	DataAccess    *DataAccess   `json:"data_access,omitempty"`
	Audit         Audit         `json:"audit,omitzero"`
	Breach        Breach        `json:"breach,omitzero"`
	SubProcessors SubProcessors `json:"sub_processors,omitzero"`
	Location      Location      `json:"location,omitzero"`
	End           *End          `json:"end,omitempty"`
	Liability     *Liability    `json:"liability,omitempty"`
	Evidence      *Evidence     `json:"evidence,omitempty"`
	Ranking       *Ranking      `json:"ranking,omitempty"`
}

// TimeZone is the zone in which the agreement's days are counted.
func (t Terms) TimeZone() string { return or(t.Zone, "Europe/Amsterdam") }

// Holidays says whose holidays are no working days: a country, "none" for
// weekends only, or "" when the agreement does not say: no country is assumed.
func (t Terms) Holidays() string { return t.Country }

// At fills in where the days are counted as far as the agreement does not say
// it: the country and the zone of the organisation that its days are for.
func (t Terms) At(country, zone string) Terms {
	t.Country, t.Zone = or(t.Country, country), or(t.Zone, zone)
	return t
}

// Money is the ISO 4217 code of the agreement's currency.
func (t Terms) Money() string { return or(t.Currency, "EUR") }

func or(value, fallback string) string {
	if value == "" {
		return fallback
	}
	return value
}

// Requests is what the agreement says about requests of data subjects.
type Requests struct {
	AtProcessor     []Arrival        `json:"at_processor,omitempty"`
	Assistance      *Assistance      `json:"assistance,omitempty"`
	AssistanceCosts *AssistanceCosts `json:"assistance_costs,omitempty"`
	Complaints      *Complaints      `json:"complaints,omitempty"`
}

// Arrival says what happens with a request that reaches the processor.
type Arrival struct {
	Term
	Rights         []Right `json:"rights"`
	Route          string  `json:"route"`                     // forward or handle
	Decides        Party   `json:"decides,omitempty"`         // by the route when empty
	TellSubject    *bool   `json:"tell_subject,omitempty"`    // true when absent
	TellController *bool   `json:"tell_controller,omitempty"` // true when absent
}

// Assistance is the processor's help with a request.
type Assistance struct {
	Term
	Rights []Right `json:"rights"`
	Within Period  `json:"within,omitzero"`
	Extent string  `json:"extent,omitempty"` // full or reasonable
}

// AssistanceCosts says who pays that help.
type AssistanceCosts struct {
	Term
	Charge     string  `json:"charge"` // controller, chargeable or none
	Rights     []Right `json:"rights,omitempty"`
	Reasonable bool    `json:"reasonable,omitempty"`
}

// Complaints says who handles complaints and claims of a data subject.
type Complaints struct {
	Term
	Tell                Party  `json:"tell"`
	Within              Period `json:"within,omitzero"`
	AtOnce              bool   `json:"at_once,omitempty"`
	Written             bool   `json:"written,omitempty"`
	HandledBy           string `json:"handled_by,omitempty"`
	RightsLostOtherwise bool   `json:"rights_lost_otherwise,omitempty"`
}

// DataAccess lists the measures that guard access to the data.
type DataAccess struct {
	Term
	Measures []string `json:"measures"`
}

// Audit is what the agreement says about audits by the controller.
type Audit struct {
	Precondition    *Precondition    `json:"precondition,omitempty"`
	Notice          *Notice          `json:"notice,omitempty"`
	NoticeContent   *NoticeContent   `json:"notice_content,omitempty"`
	Frequency       *Frequency       `json:"frequency,omitempty"`
	Auditor         *Auditor         `json:"auditor,omitempty"`
	Confidentiality *Confidentiality `json:"confidentiality,omitempty"`
	Cooperation     *Cooperation     `json:"cooperation,omitempty"`
	Alternatives    *Alternatives    `json:"alternatives,omitempty"`
	Findings        *Findings        `json:"findings,omitempty"`
	Costs           []CostRule       `json:"costs,omitempty"`
	SecurityChanges *SecurityChanges `json:"security_changes,omitempty"`
}

// Precondition names what must be done before an audit may be booked:
// reports_first, information_first, breach_indicated.
type Precondition struct {
	Term
	Needs          []string `json:"needs"`
	WaivedForCause bool     `json:"waived_for_cause,omitempty"`
}

// Notice is the prior notice of an audit. Without a period the notice only
// has to come before the audit.
type Notice struct {
	Term
	Period   Period `json:"period,omitzero"`
	ForCause Period `json:"for_cause,omitzero"` // instead of Period, for an audit for cause
	Written  bool   `json:"written,omitempty"`
}

// NoticeContent lists what the notice must state: method, auditor,
// information, locations, arguments.
type NoticeContent struct {
	Term
	States           []string `json:"states,omitempty"`
	WhenReportsExist []string `json:"when_reports_exist,omitempty"` // unless there are no earlier reports
}

// Frequency is the most audits in a rolling period.
type Frequency struct {
	Term
	Times int    `json:"times"`
	Per   Period `json:"per"` // years or months
}

// Auditor says who may audit. No qualifications: anyone the controller sends.
type Auditor struct {
	Term
	Qualifications []string `json:"qualifications"`
	OneOf          []string `json:"one_of,omitempty"` // and at least one of these
}

// Confidentiality says who is bound to secrecy about an audit.
type Confidentiality struct {
	Term
	Undertaking   bool     `json:"undertaking"` // the auditor signs an undertaking first
	Bound         []string `json:"bound,omitempty"`
	ResultsOnlyTo []string `json:"results_only_to,omitempty"`
}

// Cooperation is what the processor gives to an audit and where that ends.
type Cooperation struct {
	Term
	Extent       string   `json:"extent,omitempty"`
	Within       Period   `json:"within,omitzero"` // for an information request
	UrgentSooner bool     `json:"urgent_sooner,omitempty"`
	Gives        []string `json:"gives,omitempty"`
	Limits       []string `json:"limits,omitempty"`
}

// Alternatives are what may stand in for an audit.
type Alternatives struct {
	Term
	Kinds []string `json:"kinds"`
}

// Findings says who judges findings and carries out measures.
type Findings struct {
	Term
	Assessed     string `json:"assessed,omitempty"`
	MeasuresBy   string `json:"measures_by,omitempty"`
	MayBeLeftOut bool   `json:"may_be_left_out,omitempty"`
}

// The kinds of a cost line. AllKinds in a rule stands for each of them except
// Assist, which follows the terms for requests.
const (
	AuditorFee        = "auditor_fee"
	ProcessorTime     = "processor_time"
	ControllerTime    = "controller_time"
	Travel            = "travel"
	DutyToDemonstrate = "duty_to_demonstrate"
	SecurityChange    = "security_change"
	OtherCost         = "other"
	AssistCost        = "assist"
	AllKinds          = "all"
)

// CostKinds lists the kinds of an audit's cost lines, without Assist.
func CostKinds() []string {
	return []string{AuditorFee, ProcessorTime, ControllerTime, Travel, DutyToDemonstrate, SecurityChange, OtherCost}
}

// When a cost rule applies; the empty string means Always.
const (
	Always        = "always"
	NonCompliance = "non_compliance"
	Compliance    = "compliance"
)

// CostRule gives one bearer to the lines it fits; the first that fits decides.
type CostRule struct {
	Term
	Kinds      []string `json:"kinds"`
	Bearer     Party    `json:"bearer"` // controller, processor or maker
	When       string   `json:"when,omitempty"`
	MadeBy     Party    `json:"made_by,omitempty"` // either party when empty
	Reasonable bool     `json:"reasonable,omitempty"`
	Default    bool     `json:"default,omitempty"` // a reading of ours
}

// SecurityChanges says how security measures change after an audit.
type SecurityChanges struct {
	Term
	AfterConsultation bool `json:"after_consultation,omitempty"`
	OnRequest         bool `json:"on_request,omitempty"`
	LevelKept         bool `json:"level_kept,omitempty"`
}

// Breach is what the agreement says about personal data breaches.
type Breach struct {
	Notify    *BreachNotify    `json:"notify,omitempty"`
	Content   *BreachContent   `json:"content,omitempty"`
	FollowUp  *FollowUp        `json:"follow_up,omitempty"`
	Authority *BreachAuthority `json:"authority,omitempty"`
	Costs     *BreachCosts     `json:"costs,omitempty"`
}

// BreachNotify is the processor's duty to tell the controller.
type BreachNotify struct {
	Term
	Within           Period `json:"within,omitzero"`
	CountedFrom      string `json:"counted_from,omitempty"`
	BestEfforts      bool   `json:"best_efforts,omitempty"`
	PossibleToo      bool   `json:"possible_too,omitempty"`
	OnlyWhenOccurred bool   `json:"only_when_occurred,omitempty"`
	Always           bool   `json:"always,omitempty"`
	By               string `json:"by,omitempty"`
}

// BreachContent lists what that report must say.
type BreachContent struct {
	Term
	States []string `json:"states"`
}

// FollowUp is the duty to keep the controller informed.
type FollowUp struct{ Term }

// BreachAuthority says who tells the supervisory authority.
type BreachAuthority struct {
	Term
	ToldBy          Party  `json:"told_by"`
	Within          Period `json:"within,omitzero"`
	ProcessorMayNot bool   `json:"processor_may_not,omitempty"`
}

// BreachCosts says who bears the costs of a breach.
type BreachCosts struct {
	Term
	Bearer Party `json:"bearer"`
}

// SubProcessors is what the agreement says about further processors.
type SubProcessors struct {
	Consent   *Consent   `json:"consent,omitempty"`
	Notice    *SubNotice `json:"notice,omitempty"`
	Objection *SubObject `json:"objection,omitempty"`
	Duties    *SubDuties `json:"duties,omitempty"`
}

// Consent is how the controller agrees to a sub-processor.
type Consent struct {
	Term
	Kind  string   `json:"kind"`
	Known []string `json:"known,omitempty"` // sub-processors the agreement names
}

// SubNotice is how the controller is told of a sub-processor.
type SubNotice struct {
	Term
	Beforehand bool     `json:"beforehand,omitempty"`
	OnRequest  bool     `json:"on_request,omitempty"`
	States     []string `json:"states,omitempty"`
}

// SubObject is the controller's right to object to a sub-processor.
type SubObject struct {
	Term
	Within           Period `json:"within,omitzero"`
	Written          bool   `json:"written,omitempty"`
	Argued           bool   `json:"argued,omitempty"`
	SilenceIsConsent bool   `json:"silence_is_consent,omitempty"`
	ProcessorMayEnd  bool   `json:"processor_may_end,omitempty"`
}

// SubDuties puts the same duties on a sub-processor.
type SubDuties struct{ Term }

// Location is where the data may be.
type Location struct {
	Area *Area `json:"area,omitempty"`
	Told *Told `json:"told,omitempty"`
}

// Area is where the data may be, and what is needed outside it.
type Area struct {
	Term
	Area    string `json:"area"`
	Outside string `json:"outside,omitempty"`
}

// Told says when the controller hears about locations.
type Told struct {
	Term
	When    string `json:"when"`
	Written bool   `json:"written,omitempty"`
}

// End is what happens with the data when the agreement ends.
type End struct {
	Term
	Actions           []string `json:"actions"`
	After             Period   `json:"after,omitzero"`
	On                string   `json:"on,omitempty"`
	Costs             Party    `json:"costs,omitempty"` // of handing the data over
	KeptAsLawRequires bool     `json:"kept_as_law_requires,omitempty"`
}

// Liability is the most the processor pays.
type Liability struct {
	Term
	Cents         int64  `json:"cents,omitempty"`
	Per           string `json:"per,omitempty"`
	FeeMonths     int    `json:"fee_months,omitempty"`      // the fees of so many months
	MostFeeMonths int    `json:"most_fee_months,omitempty"` // and never more than of so many
	AsLaw         bool   `json:"as_law,omitempty"`
}

// Evidence says what counts as proof between the parties.
type Evidence struct {
	Term
	Kind string `json:"kind"`
}

// Ranking says which document wins, the first before the next.
type Ranking struct {
	Term
	Order []string `json:"order"`
}
