// Package layout holds the frames around the portal's pages: the staff's, the
// narrower one for a data subject, the one for documents that are printed, and
// the page that says what went wrong.
package layout

import "inzage/views/ui"

// Letter is the head of a document page: what stands above the text of a
// notice, a decision or a statement.
type Letter struct {
	From    []string // name, then address lines
	To      []string
	Facts   []ui.Fact // date, reference and the like
	Back    *ui.Link  // where the reader came from; not printed
	Closing []string  // under the text: name and function of the signer
}

// Trouble is a page that could not be given. NotFound and Forbidden get the
// same words, so that nobody learns what exists.
type Trouble struct {
	Status int
	Number string // to quote when asking for help; shown for 500
	Text   string // the refusal's own sentence, translated; empty for none
	Retry  string // when to try again, in words: "2 minutes"
	Back   *ui.Link
}
