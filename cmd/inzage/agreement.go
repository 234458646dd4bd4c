package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"slices"
	"strings"

	"inzage/services/agreements"
	"inzage/services/fault"
)

// agreementSource reads an agreement's file by preset key, path, or "-" for
// standard input. A name that is none of these is refused.
func agreementSource(in invocation, ref string) ([]byte, error) {
	if slices.Contains(agreements.Keys(), ref) {
		return agreements.PresetSource(ref)
	}
	source, err := input(in, ref, agreements.Largest)
	if errors.Is(err, fs.ErrNotExist) {
		_, unknown := agreements.PresetSource(ref)
		return nil, unknown
	}
	return source, err
}

// agreementOf gives the terms of --agreement. Terms with a fault are refused:
// an answer from half an agreement would be worse than none.
func agreementOf(in invocation, ref text) (agreements.Terms, error) {
	if ref.value == "" {
		return agreements.Terms{}, usage("Say which agreement with --agreement KEY or --agreement FILE.")
	}
	source, err := agreementSource(in, ref.value)
	if err != nil {
		return agreements.Terms{}, err
	}
	terms, problems := agreements.Parse(source)
	if len(problems) > 0 {
		return agreements.Terms{}, usage("The agreement %s cannot be used: %s", ref.value, first(problems))
	}
	return terms, nil
}

// first is the first fault, and how many more there are, as the end of one sentence.
func first(problems []agreements.Problem) string {
	s := strings.TrimSuffix(problems[0].String(), ".")
	if n := len(problems) - 1; n > 0 {
		s += fmt.Sprintf(" (and %d more; inzage terms check lists them)", n)
	}
	return s + "."
}

// input reads a file, or standard input for "-", up to a number of bytes.
// A file that cannot be read is refused; fs.ErrNotExist stays in the chain.
func input(in invocation, path string, most int64) ([]byte, error) {
	r := in.Stdin
	if path != "-" {
		f, err := os.Open(path) //nolint:gosec // the path is the caller's own argument
		if err != nil {
			return nil, unreadable(path, err)
		}
		defer func() { _ = f.Close() }() // only read from
		r = f
	}
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err != nil {
		return nil, unreadable(path, err)
	}
	if int64(len(data)) > most {
		return nil, usage("The file %s is larger than %d kilobytes.", path, most>>10)
	}
	return data, nil
}

func unreadable(path string, err error) error {
	reason := "it cannot be opened"
	switch {
	case errors.Is(err, fs.ErrNotExist):
		reason = "there is no such file"
	case errors.Is(err, fs.ErrPermission):
		reason = "it may not be read"
	}
	return fault.New(fault.Invalid, "The file %s cannot be read: %s.", path, reason).Because(err)
}

// printJSON writes one JSON object on one line.
func printJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

// paragraph writes a text in lines of at most 78 columns, each after an indent.
func paragraph(w io.Writer, indent, text string) {
	line := indent
	for word := range strings.FieldsSeq(text) {
		if len(line) > len(indent) && len(line)+1+len(word) > 78 {
			fmt.Fprintln(w, line)
			line = indent
		}
		if len(line) > len(indent) {
			line += " "
		}
		line += word
	}
	if len(line) > len(indent) {
		fmt.Fprintln(w, line)
	}
}
