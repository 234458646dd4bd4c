package ui

import (
	"strconv"

	"github.com/a-h/templ"
)

// State is where something stands, in a word with an icon and a tint.
type State struct {
	Tone Tone
	Word string
	Code string // the state's own name, for tests: "received"
}

// Fact is one line of a list of facts: a name and its value.
type Fact struct {
	Name   string
	Value  string
	Note   string          // in smaller words under the value
	Href   string          // where the value leads
	Lang   string          // language of the value, when it differs from the page's
	State  *State          // shown instead of Value
	Chip   *Clause         // the rule behind a computed value
	Body   templ.Component // shown under the value
	Exact  bool            // the value is a fingerprint or an identifier, to compare letter by letter
	TestID string
}

// Confirmation is the second look before something that cannot be taken back,
// and the announcement before anything that leaves the house.
type Confirmation struct {
	Title   string   // what is about to be done
	Will    []string // what will happen next, a sentence each
	Facts   []Fact   // what will be sent, to whom
	Chip    *Clause
	Confirm Button // says what it does
	Cancel  Link
	Grave   bool // cannot be taken back
}

// Tab is one view of a list, with the number of things in it.
type Tab struct {
	Label   string
	Href    string
	Current bool
	Count   int
	Counted bool   // show the count, also when it is 0
	Words   string // shown instead of the count: "1,000+"
	Value   string // names the tab in the address, for forms beside it
}

// Bar is a deadline as small as it gets: how much of the time is spent, with
// the date and the days left in words.
type Bar struct {
	Spent int // hundredths of the time
	Words string
	Note  string
	Tone  Tone
}

// Paging leads through a list that is read page by page.
type Paging struct {
	Newer string // address; empty on the first page
	Older string // address; empty on the last page
	Shown string // in words: "25 requests on this page"
}

// Listing is a table that becomes cards on a phone.
type Listing struct {
	Caption string // says what the table holds; read out, shown when Title is set
	Title   bool   // show the caption
	Columns []Column
	Rows    []Row
	Empty   Empty // shown when there are no rows
	Print   string
	CSV     string
	Keys    bool // j, k and enter move through the rows when scripts run
	TestID  string
}

// Column is a column's head, and the label of its values on a phone.
type Column struct {
	Label   string
	Numeric bool
}

// Row is one thing in a list. The first cell names it.
type Row struct {
	Href   string // where the first cell leads
	Cells  []Cell
	Tone   Tone // Danger and Warn mark the row's edge
	TestID string
}

// Cell is one value: text with a note, a state, or any component.
type Cell struct {
	Text  string
	Note  string
	Lang  string
	State *State
	Body  templ.Component
}

// Empty says what will appear in a list, and how.
type Empty struct {
	Title string
	Text  string
	Link  *Link
}

// File is one file in a list.
type File struct {
	Name  string
	Size  string // formatted: "1.5 MB"
	Kind  string // in words: "PDF"
	Note  string // "added by you on …"
	Href  string // empty when it cannot be opened now
	Why   string // why it cannot be opened
	Lang  string
	State *State
}

// Entry is one thing that happened.
type Entry struct {
	What      string // a sentence: "Bakkerij De Korenaar received the request"
	Who       string
	When      string // date and time, written out
	ISO       string // the same for machines: RFC 3339
	Note      string // reasons, in somebody's own words
	Lang      string // language of Note
	Tone      Tone
	Chip      *Clause
	Body      templ.Component // the notice in full, files
	BodyTitle string          // the disclosure that Body stands in; empty shows it openly
	Seal      *Proof
	TestID    string
}

// Proof is what the ledger can show about an entry.
type Proof struct {
	Number string   // of the entry in the log; empty while it waits to be sealed
	Words  []string // the proof, a sentence each
	Hash   string   // of the entry
	Verify string   // address of the verifier
	TestID string
}

// Count writes a small whole number.
func Count(n int) string { return strconv.Itoa(n) }

func (t Tab) count() string {
	if t.Words != "" {
		return t.Words
	}
	return Count(t.Count)
}

func (t Tone) class(prefix string) string {
	if t == Neutral {
		return prefix
	}
	return prefix + " " + prefix + "-" + string(t)
}
