package api

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"strings"

	"github.com/danielgtaylor/huma/v2"
)

// nested is how deep the values of a body may stand in one another.
const nested = 32

// What is said of a body that can be read in more than one way, or too deep to be.
const (
	twice = "A name stands twice in one object. Leave one of the two out."
	deep  = "This is nested too deeply: values may stand in one another 32 times."
)

// strictJSON is JSON that can be read in one way only: two programs could take
// different ones of two values under one name, and what checks a body is not
// always what acts on it.
var strictJSON = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: func(data []byte, v any) error {
	d := json.NewDecoder(bytes.NewReader(data))
	d.UseNumber()
	if err := readable(d, "body", nested); err != nil {
		return err
	}
	return inWords(json.Unmarshal(data, v))
}}

// unread is a value that cannot be read: where it stands, and how to mend it.
// huma keeps only the text of an error, so that both travel in it.
func unread(at, words string) error { return errors.New(at + unreadMark + words) }

const unreadMark = "\x00"

// inWords says what the decoder did not take in this portal's words, without
// the value, and with the field where it is known.
func inWords(err error) error {
	var kind *json.UnmarshalTypeError
	var syntax *json.SyntaxError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &kind):
		at := "body"
		if kind.Field != "" {
			at += "." + kind.Field
		}
		if strings.HasPrefix(kind.Value, "number") {
			return unread(at, "This number does not fit here. Write a whole number within the bounds of the documentation, without a point or an exponent.")
		}
		return unread(at, fmt.Sprintf("A %s cannot stand here. Write it as the documentation says.", kind.Value))
	case errors.As(err, &syntax):
		return unread("body", fmt.Sprintf("This is not JSON, from byte %d on. Send one JSON object, in UTF-8.", syntax.Offset))
	}
	return unread("body", "A value in it cannot be read. Write it as the documentation says.")
}

// readable refuses names that stand twice, numbers that no computer holds, and
// what is nested too deeply, in the next value, which stands at that place. What
// is no JSON at all is left to the reading of it.
func readable(d *json.Decoder, at string, depth int) error {
	t, err := d.Token()
	if err != nil {
		return nil
	}
	if n, ok := t.(json.Number); ok {
		if _, err := n.Float64(); err != nil {
			return unread(at, "This number is too large. Write one of at most 308 digits.")
		}
	}
	opening, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth == 0 {
		return unread(at, deep)
	}
	names := map[string]bool{}
	for i := 0; d.More(); i++ {
		place := fmt.Sprintf("%s[%d]", at, i)
		if opening == '{' {
			name, err := d.Token()
			if err != nil {
				return nil
			}
			text, _ := name.(string)
			if names[text] {
				return unread(at, twice)
			}
			names[text] = true
			place = at + "." + text
		}
		if err := readable(d, place, depth-1); err != nil {
			return err
		}
	}
	_, _ = d.Token() // the end of it; that it is missing is seen by the reading
	return nil
}
