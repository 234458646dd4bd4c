// Package subject holds the pages of a data subject: what this place is, the
// form to file a request, the page of a request, and the answer with its files.
package subject

import (
	"inzage/views/layout"
	"inzage/views/pages/staff"
	"inzage/views/ui"
)

// Home is the start page of the installation.
type Home struct {
	Title         string
	Lead          string
	Lines         []string
	Organisations []ui.Link // in a trial portal only
	Buttons       []ui.Button
}

// Desk is the start page of an organisation.
type Desk struct {
	Name   string
	Lead   string
	Rights []Right
	// Going is the address of a half-done filing in this browser; empty when there is none.
	Going   string
	Start   ui.Post
	Button  string
	Month   *ui.Clause
	Free    *ui.Clause
	Work    string // what a processor does with the request; empty at a controller
	Because *ui.Clause
}

// Right is one thing that can be asked.
type Right struct {
	Title, Says, Example string
	Chip                 *ui.Clause
}

// Step is one page of the form to file a request.
type Step struct {
	Progress string // "Step 2 of 7"
	Errors   ui.FieldErrors
	Action   string
	Then     string // "check" when the filer came from there
	Next     string // the words on the button
	Back     bool   // there is a step before this one
	Upload   bool
	Lead     string
	Heading  bool // the page says its title itself; otherwise its only field does
	Inputs   []Input
	Later    *Later
}

// Later offers a link by mail with which to go on.
type Later struct {
	Action string
	Words  string // to which address, for how long
}

// The kinds of an Input.
const (
	Text   = "text"
	Area   = "area"
	Email  = "email"
	Radios = "radios"
	Checks = "checks"
	Select = "select"
	Upload = "upload"
	Code   = "code"
	Secret = "secret"
)

// Input is one field of a page with its kind.
type Input struct {
	Kind  string
	Field ui.Field
}

// Attachments is the step with the files.
type Attachments struct {
	Step
	Files  []Attached
	Remove string // where the form to remove a file posts to
	Empty  string
}

// Attached is a file that can be taken away again.
type Attached struct {
	File  ui.File
	ID    string
	Label string // of the button, with the file's name
}

// Check is the last page before sending.
type Check struct {
	Step
	Parts   []Part
	Confirm ui.Confirmation
}

// Part is a group of answers with the way to change them.
type Part struct {
	Title  string
	Facts  []ui.Fact
	Files  []ui.File
	Change *ui.Link
	About  string // read out after the words of the link: what is changed
}

// Prove is the page that asks for the code of the mail.
type Prove struct {
	Step
	Post    ui.Post
	Again   ui.Post
	Words   []string
	Other   *Readdress
	AgainIs string // the words on the button for a new code
	Sent    Sending
}

// Sending is what became of the e-mail with a code.
type Sending struct {
	Tone        ui.Tone
	Title, Text string
	Links       []ui.Link
	// Watch is this page's address as long as there may be news.
	Watch string
}

// Readdress lets the filer mend a mistyped address.
type Readdress struct {
	Title  string
	Post   ui.Post
	Field  ui.Field
	Button string
	Open   bool
}

// Plain is a page of words and buttons.
type Plain struct {
	Tone    ui.Tone
	Lead    string
	Lines   []string
	Facts   []ui.Fact
	Listed  []string
	List    string // the heading over Listed
	Buttons []ui.Button
	Post    *ui.Post // the buttons stand in this form
	Fields  []ui.FieldError
	TestID  string
}

// Mine is the list of somebody's requests.
type Mine struct {
	Lead    string
	Listing ui.Listing
	Paging  ui.Paging
}

// Request is the page of one request.
type Request struct {
	Reference string
	State     ui.State
	Lead      string
	Next      []string // what happens next
	Alert     *Alert   // what the reader has to do or may do now
	Clock     *ui.Clock
	Facts     []ui.Fact
	Rights    []Answer
	Linked    []Relative
	LinkedIs  string
	Notices   []Notice
	Sent      []ui.File // what the reader sent along
	Added     []ui.Entry
	History   []ui.Entry
	Standing  staff.Standing // what stands behind the history
	Can       []Way
}

// Alert is the one thing that is to be done first.
type Alert struct {
	Tone   ui.Tone
	Title  string
	Lines  []string
	Quotes []Quote
	Button *ui.Button
}

// Quote is what somebody wrote, in their own words.
type Quote struct{ Title, Text, Lang string }

// Way is one thing that the reader can do.
type Way struct{ Label, Href, Says string }

// Answer is one right with what was asked and decided.
type Answer struct {
	ID       string
	Title    string
	State    ui.State
	Asked    []ui.Fact
	AskedIs  string // the words on the disclosure
	Decision *Decision
	Waits    string // what is said while there is no decision
}

// Decision is what was decided on one right, in words.
type Decision struct {
	Words       string // "Bakkerij De Korenaar has granted this on …"
	Tone        ui.Tone
	Ground      string
	GroundIs    string
	Chip        *ui.Clause
	Reasons     string
	ReasonsAre  string
	Lang        string // of what the organisation wrote
	Information []ui.Fact
	InfoIs      string
	Recipients  []string
	RecipientIs string
	Recourse    []string // authority and court
	RecourseIs  string
	Address     []string
	Website     string
	Chips       []ui.Clause
}

// Notice is one message that was sent to the reader, in full.
type Notice struct {
	Title   string
	When    string
	ISO     string
	Lang    string
	Letter  layout.Letter
	Hello   string
	Blocks  []Block
	Href    string // to print
	PrintIs string
	ID      string
}

// Block is one piece of a notice.
type Block struct {
	Kind  string // text, heading, quote, list or facts
	Text  string
	Items []ui.Fact
	Law   string
}

// Form is a page with one form and what happens next.
type Form struct {
	Lead    string
	Quotes  []Quote
	Errors  ui.FieldErrors
	Post    ui.Post
	Inputs  []Input
	Will    []string
	Buttons []ui.Button
	Confirm *ui.Confirmation
	After   string // smaller words under the form
}

// Files is the page of the answer's files.
type Files struct {
	Lead   string
	Until  string
	Chip   *ui.Clause
	Whole  []ui.File // the letter and the list of files
	WholeI string
	Files  []ui.File
	FilesI string
	Empty  ui.Empty
}

// Identify asks for the second factor, or helps to set up a first one.
type Identify struct {
	Lead      string
	Errors    ui.FieldErrors
	Passkey   *ui.Passkey
	PasskeyIs string
	PasskeyEx []string
	Steps     []Form // other ways, each with its title as the first quote-free line
	Ways      []Choice
	Stuck     []string
	Buttons   []ui.Button
}

// Choice is one way to prove who one is, explained.
type Choice struct {
	Title  string
	Lines  []string
	Form   *Form
	Button *ui.Button
}

// App is the page with the code to scan.
type App struct {
	Lead   string
	Steps  []string
	QR     ui.QR
	Secret string
	OrType string
	Form   Form
}

// Recovery shows the recovery codes once.
type Recovery struct {
	Lead   string
	Codes  []string
	Lines  []string
	Button ui.Button
}

// Letter is a document to print.
type Letter struct {
	Head   layout.Letter
	Lang   string
	Blocks []Block
}

// Relative is another request that belongs with this one; without an address
// when the reader may not open it.
type Relative struct {
	ui.Link
	Says string
}
