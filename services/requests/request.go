// Package requests is what data subjects ask and what becomes of it: filing,
// routing by the agreement, assistance, decision per right, delivery, and the
// clock over all of it.
package requests

import (
	"slices"
	"time"

	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/vault"
)

// Right is a right of the data subject; Party a side of an agreement. Both
// are the agreements' own words.
type (
	Right = agreements.Right
	Party = agreements.Party
)

// The rights that a request can invoke. Completion (art. 16, second sentence) is part of rectification.
const (
	Access        = agreements.Access        // art. 15 GDPR
	Rectification = agreements.Rectification // art. 16 GDPR
	Erasure       = agreements.Erasure       // art. 17 GDPR
	Restriction   = agreements.Restriction   // art. 18 GDPR
	Portability   = agreements.Portability   // art. 20 GDPR
	Objection     = agreements.Objection     // art. 21 GDPR
)

// The two sides of an agreement.
const (
	Controller = agreements.Controller
	Processor  = agreements.Processor
)

// Rights lists all rights in the order of their articles.
func Rights() []Right { return agreements.Rights() }

// Known tells whether it is one of the rights.
func Known(r Right) bool { return slices.Contains(Rights(), r) }

// Article is the right's article, e.g. "15 GDPR".
func Article(r Right) string {
	return map[Right]string{Access: "15 GDPR", Rectification: "16 GDPR", Erasure: "17 GDPR",
		Restriction: "18 GDPR", Portability: "20 GDPR", Objection: "21 GDPR"}[r]
}

// Channel is the way a request came in.
type Channel string

// The channels. Only Portal is proven by an e-mail code; the others are entered by staff.
const (
	Portal Channel = "portal"
	Email  Channel = "email"
	Letter Channel = "letter"
	Phone  Channel = "phone"
	API    Channel = "api"
)

// Item is one right within a request: what is asked, and what was decided.
type Item struct {
	Right    Right        `json:"right"`
	Asked    vault.Sealed `json:"asked"` // JSON of Asked
	Decision *Decision    `json:"decision,omitempty"`
	// From is the request that brought the right when it was joined; "" for the request's own.
	From string `json:"from,omitempty"`
}

// Asked is what the data subject wrote about one right.
type Asked struct {
	What   string `json:"what"`             // which data; what to erase; what to object to
	Into   string `json:"into,omitempty"`   // rectification: what it should become
	Period string `json:"period,omitempty"` // access: which period
	To     string `json:"to,omitempty"`     // portability: where the data should go
	Reason string `json:"reason,omitempty"` // objection: the particular situation
}

// Person is who the request is about, and who asked on their behalf.
type Person struct {
	Name           string          `json:"name"`
	Email          string          `json:"email"`
	Phone          string          `json:"phone,omitempty"`
	Identifiers    string          `json:"identifiers,omitempty"` // customer number and the like
	Representative *Representative `json:"representative,omitempty"`
}

// Representative acts for the data subject, with proof of authority.
type Representative struct {
	Name     string `json:"name"`
	Capacity string `json:"capacity"`        // parent, guardian, lawyer …
	Proof    string `json:"proof,omitempty"` // file id of the proof of authority
}

// File is an encrypted file of the request. Its name is personal data and sealed.
type File struct {
	ID     string       `json:"id"` // fil_…
	Name   vault.Sealed `json:"name"`
	Type   string       `json:"type"` // media type by its content
	Size   int64        `json:"size"`
	SHA256 string       `json:"sha256"`
	For    Right        `json:"for,omitempty"`
	// Assist is the assist whose answer brought the file; it keeps the file when the answer drops it.
	Assist string `json:"assist,omitempty"`
	// Joined is the request that brought the file when it was joined.
	Joined string    `json:"joined,omitempty"`
	At     time.Time `json:"at"`
}

// Request is one filing and everything that was done with it. The personal
// parts are sealed under the request's own key.
type Request struct {
	document.Meta
	// Reference is what people quote. Neither sequence nor time can be read from it, and it opens nothing.
	Reference string `json:"reference"`
	State     State  `json:"state"`
	// Before is the state to return to from Identifying.
	Before State `json:"before"`

	Controller string `json:"controller"` // org_…; "" while unknown
	Processor  string `json:"processor"`  // org_…; "" when filed at the controller without one
	ArrivedAt  Party  `json:"arrived_at"`
	// Desk is the organisation that has to act; Decides says as which party.
	Desk             string `json:"desk"`
	Decides          Party  `json:"decides"`
	Agreement        string `json:"agreement"` // agr_…; "" when none applies
	AgreementVersion int    `json:"agreement_version"`
	Assignee         string `json:"assignee"` // acc_…; "" when nobody

	Channel Channel `json:"channel"`
	// Received is the earliest receipt anywhere in the chain: the clock runs from here.
	Received             time.Time  `json:"received"`
	ReceivedByProcessor  *time.Time `json:"received_by_processor,omitempty"`
	ReceivedByController *time.Time `json:"received_by_controller,omitempty"`
	Entered              time.Time  `json:"entered"` // when it was put into the portal
	Acknowledged         *time.Time `json:"acknowledged,omitempty"`
	Closed               *time.Time `json:"closed,omitempty"`

	Account  string `json:"account"`    // acc_… of the data subject; "" for staff entries without e-mail
	MailHash string `json:"email_hash"` // fingerprint of the e-mail address
	// Claimed is the fingerprint of an address that nobody has proven yet. It
	// becomes MailHash, which look-ups go by, once somebody has.
	Claimed  string `json:"claimed_hash"`
	Holder   Holder `json:"holder"`
	Language string `json:"language"`

	Person      vault.Sealed `json:"person"` // JSON of Person
	About       vault.Sealed `json:"about"`  // the organisation as the subject named it, when unknown
	LateReason  vault.Sealed `json:"late_reason"`
	Items       []Item       `json:"items"`
	Attachments []File       `json:"attachments"`
	Additions   []Addition   `json:"additions"`
	Notes       []Note       `json:"notes"`

	Identity  []IdentityQuestion `json:"identity"`
	Extension *Extension         `json:"extension,omitempty"`
	Answer    *Delivery          `json:"answer,omitempty"`
	Files     []File             `json:"files"` // answer files, released by Answer

	// Split links the parts of a filing whose rights went different ways.
	SplitFrom string `json:"split_from"`
	SplitInto string `json:"split_into"`
	// Leaving are the rights that SplitInto takes along; kept until it exists.
	Leaving    []Item `json:"leaving,omitempty"`
	MergedInto string `json:"merged_into"`
	// Joined is how it came to go on under MergedInto; Holds are the requests
	// that go on under this one, with all that they carry, and Own is what is
	// its own beside them. Parting are those on their way back.
	Joined  *Joined `json:"joined,omitempty"`
	Holds   []Held  `json:"holds,omitempty"`
	Own     *Own    `json:"own,omitempty"`
	Parting []Held  `json:"parting,omitempty"`
	// Handed are the controllers that handed it back, oldest first.
	Handed []Handing `json:"handed,omitempty"`
	// Shared names all requests that one became because several controllers
	// decide, itself included; Sharing are those that still have to be made.
	Shared  []Share `json:"shared,omitempty"`
	Sharing []Share `json:"sharing,omitempty"`
	// Misdirected says where to turn instead, in words of staff.
	Misdirected vault.Sealed `json:"misdirected"`

	// Due is the enforced date, YYYY-MM-DD; Ends the instant it is over.
	Due  string    `json:"due"`
	Ends time.Time `json:"ends"`
	// Open until closed, withdrawn, misdirected or merged.
	Open bool `json:"open"`
	// Waiting is true while somebody else than the desk has to act.
	Waiting bool `json:"waiting"`
	// Listed is the desk in whose queue it stands; "" until it has arrived, so
	// that nobody sees what no proven person sent. SentBy is the processor that
	// passed it on to the controller; "" while it has it itself.
	Listed string `json:"listed"`
	SentBy string `json:"sent_by"`
	// Order is its place in a queue: the enforced date while an answer is owed,
	// after all of those once answered, and the time of closing in the end.
	Order string `json:"order"`
	// Remind is when the next reminder or escalation is due; the far future when none is.
	Remind   time.Time `json:"remind"`
	Reminded []string  `json:"reminded"` // which reminders were raised: "14", "7", "3", "1", "late"
	// LateTold is true once the person was told that the day has passed.
	LateTold bool `json:"late_told,omitempty"`
	// Kept is true while the request has ended and its content is still there.
	Kept bool `json:"kept"`
	// Shredded is when the content's key was destroyed.
	Shredded *time.Time `json:"shredded,omitempty"`
}

// Addition is something the data subject added later.
type Addition struct {
	At    time.Time    `json:"at"`
	Text  vault.Sealed `json:"text"`
	Files []string     `json:"files,omitempty"`
}

// Note is an internal remark of the desk; the data subject and the other party do not see it.
type Note struct {
	At   time.Time    `json:"at"`
	By   string       `json:"by"`
	Org  string       `json:"organisation"`
	Text vault.Sealed `json:"text"`
}

// Has tells whether the request invokes the right.
func (r *Request) Has(right Right) bool { return r.item(right) != nil }

func (r *Request) item(right Right) *Item {
	for i := range r.Items {
		if r.Items[i].Right == right {
			return &r.Items[i]
		}
	}
	return nil
}

// Rights lists the rights in the order asked.
func (r *Request) Rights() []Right {
	var all []Right
	for _, i := range r.Items {
		all = append(all, i.Right)
	}
	return all
}

// Kinds are the collections of this package, with the ways to find documents in them.
var Kinds = []document.Kind{
	{Name: "requests", Indexes: []document.Index{
		{Name: "reference", Fields: []string{"reference"}, Unique: true},
		{Name: "queue", Fields: []string{"listed", "open", "order"}, Sparse: true},
		{Name: "mine", Fields: []string{"listed", "open", "assignee", "order"}, Sparse: true},
		{Name: "waiting", Fields: []string{"listed", "open", "waiting", "order"}, Sparse: true},
		{Name: "sent", Fields: []string{"sent_by", "received"}, Sparse: true},
		{Name: "email", Fields: []string{"email_hash", "received"}, Sparse: true},
		{Name: "account", Fields: []string{"account", "received"}, Sparse: true},
		{Name: "remind", Fields: []string{"open", "remind"}, Sparse: true},
		{Name: "kept_by", Fields: []string{"kept", "controller", "closed"}, Sparse: true},
	}},
	{Name: "assists", Indexes: []document.Index{
		{Name: "processor", Fields: []string{"processor", "open", "due"}},
		{Name: "request", Fields: []string{"request", "asked_at"}},
		{Name: "remind", Fields: []string{"open", "remind"}},
	}},
	{Name: "drafts", Indexes: []document.Index{
		{Name: "touched", Fields: []string{"touched"}},
	}},
}
