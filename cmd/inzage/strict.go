package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"reflect"
	"strings"
	"unicode/utf8"
)

// deepest is how far facts may be nested.
const deepest = 20

// decodeStrict reads exactly one JSON object into a struct. Unlike the standard
// decoder it refuses a field that is given twice, or whose name only differs in
// case: the last of two answers must not win silently. Refusals are sentences.
func decodeStrict(data []byte, into any) error {
	if !utf8.Valid(data) {
		return usage("The facts are not UTF-8 text.")
	}
	if trimmed := bytes.TrimSpace(data); len(trimmed) > 0 && trimmed[0] != '{' {
		return usage("The facts must be one JSON object.")
	}
	dec := json.NewDecoder(bytes.NewReader(data))
	dec.UseNumber()
	if err := walk(dec, reflect.TypeOf(into).Elem(), "", deepest); err != nil {
		return err
	}
	if _, err := dec.Token(); !errors.Is(err, io.EOF) {
		return usage("The facts hold more than one JSON value.")
	}
	if err := json.Unmarshal(data, into); err != nil {
		return notJSON(err)
	}
	return nil
}

// walk goes through one value beside the type it is meant for.
func walk(dec *json.Decoder, t reflect.Type, path string, depth int) error {
	if depth == 0 {
		return usage("The facts are nested too deep.")
	}
	tok, err := dec.Token()
	if err != nil {
		return notJSON(err)
	}
	for t != nil && t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch tok {
	case json.Delim('{'):
		return walkObject(dec, t, path, depth)
	case json.Delim('['):
		var item reflect.Type
		if t != nil && t.Kind() == reflect.Slice {
			item = t.Elem()
		}
		for i := 0; dec.More(); i++ {
			if err := walk(dec, item, fmt.Sprintf("%s[%d]", path, i), depth-1); err != nil {
				return err
			}
		}
		return end(dec)
	}
	return nil
}

func walkObject(dec *json.Decoder, t reflect.Type, path string, depth int) error {
	seen := map[string]bool{}
	for dec.More() {
		tok, err := dec.Token()
		if err != nil {
			return notJSON(err)
		}
		name, _ := tok.(string) // the decoder lets nothing else stand here
		at := strings.TrimPrefix(path+"."+name, ".")
		if seen[name] {
			return usage("The field %q is given twice.", at)
		}
		seen[name] = true
		var field reflect.Type
		if t != nil && t.Kind() == reflect.Struct {
			if field = fieldType(t, name); field == nil {
				return usage("The field %q is not known here.", at)
			}
		}
		if err := walk(dec, field, at, depth-1); err != nil {
			return err
		}
	}
	return end(dec)
}

// end reads the closing bracket.
func end(dec *json.Decoder) error {
	if _, err := dec.Token(); err != nil {
		return notJSON(err)
	}
	return nil
}

// fieldType finds the field with exactly this JSON name.
func fieldType(t reflect.Type, name string) reflect.Type {
	for i := range t.NumField() {
		tag, _, _ := strings.Cut(t.Field(i).Tag.Get("json"), ",")
		if tag == name && tag != "-" {
			return t.Field(i).Type
		}
	}
	return nil
}

func notJSON(err error) error {
	var mistyped *json.UnmarshalTypeError
	switch {
	case errors.As(err, &mistyped):
		return usage("The field %q cannot be %s; it must be %s.", mistyped.Field, mistyped.Value, kindName(mistyped.Type))
	case errors.Is(err, io.EOF) || errors.Is(err, io.ErrUnexpectedEOF):
		return usage("The facts end too early; they must be one JSON object.")
	}
	return usage("The facts are not JSON: %s.", strings.TrimRight(err.Error(), "."))
}

func kindName(t reflect.Type) string {
	switch t.Kind() {
	case reflect.Bool:
		return "true or false"
	case reflect.Int64:
		return "a whole number"
	case reflect.String:
		return "a text"
	case reflect.Slice:
		return "a list"
	}
	return "a group of fields"
}
