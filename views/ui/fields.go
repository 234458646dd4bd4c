package ui

import (
	"slices"
	"strings"
)

// Field is one question of a form. The zero values of what it does not need
// are left out of the page.
type Field struct {
	Name  string // of the input; the id is made from it
	Label string // the question
	Hint  string // what the answer is for, or an example
	Error string // what is wrong and how to mend it; empty when nothing is
	Value string // what was typed before; never shown for a password or file

	Values   []string // the chosen options of CheckboxGroup
	Options  []Option // for SelectField, RadioGroup and CheckboxGroup
	Optional bool     // says "(optional)" beside the label; the others are required

	Autocomplete string // token of the HTML standard: "email", "current-password"
	InputMode    string // "numeric", "decimal"
	Size         string // "short", "medium" or "" for the full width
	Rows         int    // of TextArea; 0 means 5
	MaxLength    int    // 0 means no limit in the page
	Min, Max     string // of DateField and TimeField: "2026-12-17"
	Accept       string // of FileField: ".pdf,image/png"
	Multiple     bool   // of FileField
	Heading      bool   // the label is the page's h1, when the page asks one thing
	ReadOnly     bool
	Autofocus    bool
	Lang         string // language of what is typed, when it differs from the page's
	TestID       string
}

// Option is one answer that can be chosen.
type Option struct {
	Value string
	Label string
	Hint  string
	Chip  *Clause // the rule behind the option, if there is one
	Off   bool    // cannot be chosen now; Hint says why
}

// FieldID is the id of the input with this name, the target of the links in
// ErrorSummary.
func FieldID(name string) string {
	return "f-" + strings.Map(func(r rune) rune {
		switch {
		case r >= 'a' && r <= 'z', r >= 'A' && r <= 'Z', r >= '0' && r <= '9', r == '-':
			return r
		}
		return '_'
	}, name)
}

// id is the input's own id.
func (f Field) id() string { return FieldID(f.Name) }

// describedBy names the elements that explain the input: hint, then error.
func (f Field) describedBy() string {
	var ids []string
	if f.Hint != "" {
		ids = append(ids, f.id()+"-hint")
	}
	if f.Error != "" {
		ids = append(ids, f.id()+"-error")
	}
	return strings.Join(ids, " ")
}

func (f Field) chosen(value string) bool {
	return f.Value == value && value != "" || slices.Contains(f.Values, value)
}

func (f Field) rows() int {
	if f.Rows == 0 {
		return 5
	}
	return f.Rows
}

// FieldError is one refused answer.
type FieldError struct {
	Name string // of the field
	Text string // translated
}

// FieldErrors are the refused answers of one form, in the order of the form.
type FieldErrors []FieldError

// For gives the text for one field, or "" when it was accepted.
func (e FieldErrors) For(name string) string {
	for _, f := range e {
		if f.Name == name {
			return f.Text
		}
	}
	return ""
}

// Post is a form that changes something.
type Post struct {
	Action string // address
	ID     string // to link a submit button outside the form; may be empty
	Upload bool   // the form carries files
	TestID string
}

// Button submits a form or, with an Href, leads somewhere. Its label says what
// it does ("Send on to Bakkerij De Korenaar").
type Button struct {
	Label  string
	Href   string // a link that looks like a button
	Name   string // with Value, when a form has more than one button
	Value  string
	Look   Look
	Form   string // id of the form, when the button stands outside it
	TestID string
}

// Look is how much a button asks for.
type Look string

// The looks. A page has one primary button at most.
const (
	Primary   Look = ""
	Secondary Look = "secondary"
	Quiet     Look = "quiet"
	Grave     Look = "danger" // what cannot be taken back
)
