// Package notify writes to people: notices to data subjects, messages to
// staff and to the parties of an audit, letters about signing in. It composes each from a sealed entry of the
// ledger, exactly once, and sends it from an outbox that survives a crash.
//
// What is written to a data subject in full is kept as a Notice, sealed under
// the request's key. The e-mail only announces it: it never holds personal data.
package notify

import (
	"context"
	"errors"
	"time"

	"inzage/services/document"
	"inzage/services/vault"
)

// State is where a message stands.
type State string

// The states of a message.
const (
	Queued  State = "queued"
	Sending State = "sending" // claimed by one sender, until its lease runs out
	Sent    State = "sent"
	Failed  State = "failed"  // refused for good, or too old to be of use
	Dropped State = "dropped" // its request or audit was shredded before it went out
)

// Message is one e-mail on its way. What it says and to whom is sealed, and
// removed when the message has gone out or has failed.
type Message struct {
	document.Meta
	Kind     string `json:"kind"`
	Request  string `json:"request"` // "" for letters and for audits
	Notice   string `json:"notice"`  // the notice that it announces; "" for staff and letters
	Entry    int64  `json:"entry"`   // the ledger entry that it follows from
	Object   string `json:"object"`  // whose key seals To and Content: a request, an audit, a day's letters
	Language string `json:"language"`
	// Link is the address of the request that it goes to, as requests.Holder
	// counts them: mail to an earlier one does not leave any more.
	Link int `json:"link,omitempty"`

	To      vault.Sealed `json:"to"`
	Content vault.Sealed `json:"content"` // JSON of Mail

	State  State     `json:"state"`
	Open   bool      `json:"open"`   // Queued or Sending
	Urgent bool      `json:"urgent"` // somebody is waiting in front of a screen
	Due    time.Time `json:"due"`    // the next attempt, or the end of the lease
	Until  time.Time `json:"until"`  // after this it is of no use any more
	// Lease is the claim of one sender.
	Lease    string     `json:"lease"`
	Attempts int        `json:"attempts"`
	Created  time.Time  `json:"created"`
	Done     *time.Time `json:"done,omitempty"`
	Cause    string     `json:"cause"` // why it failed or is kept back: an enumerated value or a reply code
	// Kept tells that it waits because of a trouble on the portal's side.
	Kept    bool        `json:"kept"`
	Trouble TroubleKind `json:"trouble"`
}

// Notice is what was written to a data subject, in full. Its text never changes.
type Notice struct {
	document.Meta
	Request  string    `json:"request"`
	Kind     string    `json:"kind"`
	Right    string    `json:"right"` // the right that a decision is about
	Language string    `json:"language"`
	Entry    int64     `json:"entry"` // the ledger entry that it follows from
	At       time.Time `json:"at"`
	Mailed   bool      `json:"mailed"` // an e-mail announces it
	// Post is what became of that e-mail, once the outbox has forgotten it.
	Post    *Post        `json:"post,omitempty"`
	Content vault.Sealed `json:"content"` // JSON of Writing
}

// Writing is the text of a notice.
type Writing struct {
	Title     string  `json:"title"`
	From      string  `json:"from"` // the organisation in whose name it goes out
	To        string  `json:"to"`   // the data subject
	Date      string  `json:"date"` // written out
	Reference string  `json:"reference"`
	Greeting  string  `json:"greeting"`
	Blocks    []Block `json:"blocks"`
}

// Block is one piece of a Writing.
type Block struct {
	Kind  string `json:"kind"` // text, heading, quote, list or facts
	Text  string `json:"text,omitempty"`
	Items []Item `json:"items,omitempty"` // of quote, list and facts
	Law   string `json:"law,omitempty"`   // the provision behind it, in the language of the notice
}

// The kinds of a block.
const (
	BlockText    = "text"
	BlockHeading = "heading"
	BlockQuote   = "quote" // words of a person, lines as they were typed
	BlockList    = "list"
	BlockFacts   = "facts"
)

// Item is a line of a list, or a fact with its name.
type Item struct {
	Label string `json:"label,omitempty"`
	Text  string `json:"text"`
}

// Mail is the content of an e-mail before it is laid out. Every line is plain text.
type Mail struct {
	Language string   `json:"language"`
	Subject  string   `json:"subject"`
	Greeting string   `json:"greeting"`
	Lines    []string `json:"lines"`
	Code     string   `json:"code,omitempty"` // shown large
	Link     string   `json:"link,omitempty"`
	Button   string   `json:"button,omitempty"` // the words on the link
	LinkNote string   `json:"link_note,omitempty"`
	Note     string   `json:"note,omitempty"` // a signed note: shown line by line, and attached as a file
	Footer   string   `json:"footer"`
}

// Layout lays a mail out as plain text and as HTML without outside resources.
type Layout func(ctx context.Context, m Mail) (plain, html string, err error)

// Envelope is an e-mail that is ready to go.
type Envelope struct {
	// ID is the Message-ID without angle brackets. It is the same at every
	// attempt, so that a receiver can tell a repetition.
	ID       string
	To       string
	Language string
	Subject  string
	Plain    string
	HTML     string
	At       time.Time // when the message was composed
	// Thread is an id that all mails about one matter refer to, without angle
	// brackets; "" for a mail that stands alone.
	Thread string
	File   *File // nil for none
}

// File is a text that goes with a mail, to be kept byte for byte.
type File struct{ Name, Text string }

// Mailer carries e-mails away. Send returns nil when the next server has
// accepted the mail. Its errors never contain an address. An error that is
// ErrRefused is final and about the mailbox; a *Trouble is about the portal's
// side, and concerns every mail when it is ErrAway; any other may go away by itself.
type Mailer interface {
	Send(ctx context.Context, e Envelope) error
}

// What a Mailer says by its errors.
var (
	ErrRefused = errors.New("the mail was refused for good")
	ErrAway    = errors.New("the mail server cannot be reached")
)

// Refusals that are decided before a server is asked.
const (
	NoAddress = "address"  // it is no address
	NeedsUTF8 = "smtputf8" // an address outside ASCII, which the server does not take
)

// Refusal is an ErrRefused with the reply code of the server.
type Refusal struct{ Code string }

// Error gives the code, never an address.
func (r *Refusal) Error() string { return ErrRefused.Error() + ": " + r.Code }

// Is makes errors.Is(err, ErrRefused) true.
func (r *Refusal) Is(target error) bool { return target == ErrRefused }

// Kinds are the collections of this package.
var Kinds = []document.Kind{
	{Name: "outbox", Indexes: []document.Index{
		{Name: "due", Fields: []string{"open", "urgent", "due"}},
		{Name: "state", Fields: []string{"state", "created"}},
		{Name: "request", Fields: []string{"request", "created"}},
		{Name: "kept", Fields: []string{"kept", "created"}},
	}},
	{Name: "mail_condition"},
	{Name: "notices", Indexes: []document.Index{
		{Name: "request", Fields: []string{"request", "entry"}},
	}},
}
