// Package fault is the vocabulary of refusals: what kind of refusal it is,
// the sentence the reader may see, and the fields it concerns.
//
// A refusal is a *fault.Error. Any other error is the portal's own trouble:
// it is logged and never shown.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what a refusal means to the one who is refused. The only table
// from kind to HTTP status is in handlers/respond.
type Kind string

// The kinds of refusal.
const (
	Invalid         Kind = "invalid"          // the input is wrong; Fields says where
	Unauthenticated Kind = "unauthenticated"  // nobody is signed in
	StepUp          Kind = "step_up"          // signed in, but the second factor is too old for this
	Forbidden       Kind = "forbidden"        // the actor may see the object, but not do this to it
	NotFound        Kind = "not_found"        // absent, or somebody else's: both answer the same
	Conflict        Kind = "conflict"         // the state has moved on, or does not allow the action
	Gone            Kind = "gone"             // it was there and has ended: an old link, shredded content
	TooLarge        Kind = "too_large"        // more bytes or files than the limit
	UnsupportedType Kind = "unsupported_type" // a content or file type that is refused
	TooMany         Kind = "too_many"         // throttled; RetryAfter says how long
	Unavailable     Kind = "unavailable"      // the store or the disk is away; nothing happened
)

// Field is one input that was refused.
type Field struct {
	Name string // the form or JSON name
	Text string // an English sentence, also the key of its translation
	Args []any  // values for the verbs in Text; never personal data
}

// Error is a refusal that may be shown to the reader.
type Error struct {
	Kind Kind
	// Text is a whole English sentence with optional fmt verbs. It doubles as
	// the key under which views/language finds the translation.
	Text       string
	Args       []any // values for the verbs in Text; never personal data
	Fields     []Field
	RetryAfter time.Duration // for TooMany and Unavailable
	cause      error
}

// New returns a refusal with the sentence that the reader may see.
func New(kind Kind, text string, args ...any) *Error {
	return &Error{Kind: kind, Text: text, Args: args}
}

// Because attaches the error behind a refusal, for the log only.
func (e *Error) Because(cause error) *Error {
	c := *e
	c.cause = cause
	return &c
}

// At adds a refused field to a copy of the refusal.
func (e *Error) At(name, text string, args ...any) *Error {
	c := *e
	c.Fields = append(append([]Field(nil), e.Fields...), Field{Name: name, Text: text, Args: args})
	return &c
}

// After says when to try again, in a copy of the refusal.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Error gives the English sentence; the cause is reached by errors.Unwrap.
func (e *Error) Error() string {
	s := fmt.Sprintf(e.Text, e.Args...)
	for _, f := range e.Fields {
		s += fmt.Sprintf(" %s: %s", f.Name, fmt.Sprintf(f.Text, f.Args...))
	}
	return s
}

// Unwrap returns the error behind the refusal, if any.
func (e *Error) Unwrap() error { return e.cause }

// Is makes errors.Is match refusals of the same kind and sentence, so that a
// package-level refusal can be compared after fields or a cause were added.
func (e *Error) Is(target error) bool {
	t, ok := target.(*Error)
	return ok && t.Kind == e.Kind && t.Text == e.Text
}

// KindOf returns the kind of the refusal in err's chain, or "" when err is
// not a refusal.
func KindOf(err error) Kind {
	var e *Error
	if errors.As(err, &e) {
		return e.Kind
	}
	return ""
}

// Form collects the refused fields of one form, so that all are reported at once.
type Form struct{ fields []Field }

// Refuse records that a field is wrong, and how to mend it.
func (f *Form) Refuse(name, text string, args ...any) {
	f.fields = append(f.fields, Field{Name: name, Text: text, Args: args})
}

// Err returns nil when no field was refused, else one Invalid refusal with all of them.
func (f *Form) Err() error {
	if len(f.fields) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Text: "Some answers need another look.", Fields: f.fields}
}
