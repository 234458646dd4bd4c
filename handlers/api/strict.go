package api

import (
	"bytes"
	"encoding/json"
	"errors"

	"github.com/danielgtaylor/huma/v2"
)

// nested is how deep the values of a body may stand in one another.
const nested = 32

var (
	errTwice = errors.New("a name stands twice in one object")
	errDeep  = errors.New("nested too deeply")
)

// strictJSON is JSON that can be read in one way only: two programs could take
// different ones of two values under one name, and what checks a body is not
// always what acts on it.
var strictJSON = huma.Format{Marshal: huma.DefaultJSONFormat.Marshal, Unmarshal: func(data []byte, v any) error {
	if err := readable(json.NewDecoder(bytes.NewReader(data)), nested); err != nil {
		return err
	}
	return json.Unmarshal(data, v)
}}

// readable refuses names that stand twice, and what is nested too deeply, in
// the next value. What is no JSON at all is left to the reading of it.
func readable(d *json.Decoder, depth int) error {
	t, err := d.Token()
	if err != nil {
		return nil
	}
	opening, ok := t.(json.Delim)
	if !ok {
		return nil
	}
	if depth == 0 {
		return errDeep
	}
	names := map[string]bool{}
	for d.More() {
		if opening == '{' {
			name, err := d.Token()
			if err != nil {
				return nil
			}
			text, _ := name.(string)
			if names[text] {
				return errTwice
			}
			names[text] = true
		}
		if err := readable(d, depth-1); err != nil {
			return err
		}
	}
	_, _ = d.Token() // the end of it; that it is missing is seen by the reading
	return nil
}
