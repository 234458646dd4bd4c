package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"strings"

	"inzage/services/agreements"
)

const termsHelp = `
inzage terms list [--json]
inzage terms show KEY|FILE [--json] [--lang en|nl]
inzage terms check FILE

Lists the agreements that come with the portal, shows what one says clause by
clause, or finds every fault in the file of an agreement (exit code 1). What
show --json prints can be edited and used as a file again.

Flags:`

func runTerms(_ context.Context, in invocation) error {
	fs := flags("terms", in, termsHelp)
	asJSON := fs.Bool("json", false, "print one JSON object")
	lang := fs.String("lang", "en", "`language` of the explanation: en or nl")
	rest, err := parse(fs, in.Args)
	if err != nil {
		return err
	}
	if *lang != "en" && *lang != "nl" {
		return usage("The flag --lang is en or nl, not %q.", *lang)
	}
	switch {
	case len(rest) == 1 && rest[0] == "list":
		return listTerms(in.Stdout, *asJSON)
	case len(rest) == 2 && rest[0] == "show":
		terms, err := agreementOf(in, text{value: rest[1]})
		if err != nil {
			return err
		}
		if *asJSON {
			return printTerms(in.Stdout, terms)
		}
		return showTerms(in.Stdout, terms, *lang)
	case len(rest) == 2 && rest[0] == "check":
		return checkTerms(in, rest[1], *asJSON)
	}
	return usage("Say what to do with the terms: list, show KEY or check FILE.")
}

// printTerms writes the terms over several lines, to be read and edited.
func printTerms(w io.Writer, t agreements.Terms) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(t)
}

func listTerms(w io.Writer, asJSON bool) error {
	type row struct {
		Key       string `json:"key"`
		Title     string `json:"title"`
		Processor string `json:"processor"`
	}
	var list struct {
		Agreements []row `json:"agreements"`
	}
	for _, key := range agreements.Keys() {
		t, err := agreements.Preset(key)
		if err != nil {
			return err
		}
		list.Agreements = append(list.Agreements, row{t.Key, t.Title, t.Processor.Name})
	}
	if asJSON {
		return printJSON(w, list)
	}
	var b strings.Builder
	for _, r := range list.Agreements {
		fmt.Fprintf(&b, "%-12s %s (%s)\n", r.Key, r.Title, r.Processor)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

func showTerms(w io.Writer, t agreements.Terms, lang string) error {
	var b strings.Builder
	fmt.Fprintf(&b, "%s: %s, %s\n", t.Key, t.Title, t.Processor.Name)
	section := ""
	for _, l := range agreements.Summary(t) {
		if s := l.Section.In(lang); s != section {
			section = s
			fmt.Fprintf(&b, "\n%s\n", s)
		}
		silent := ""
		if l.Silent {
			silent = map[string]string{"en": "agreement silent; ", "nl": "overeenkomst zwijgt; "}[lang]
		}
		fmt.Fprintf(&b, "  %s [%s%s]\n", l.Name.In(lang), silent, l.Label.In(lang))
		paragraph(&b, "    ", l.Says.In(lang))
		if note := l.Note.In(lang); note != "" {
			paragraph(&b, "    ", map[string]string{"en": "Our reading: ", "nl": "Onze lezing: "}[lang]+note)
		}
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// checkTerms prints a line per fault. Faults are an answer, not a wrong
// command line, so they end with exit code 1.
func checkTerms(in invocation, path string, asJSON bool) error {
	source, err := input(in, path, 1<<20) // more than Largest, so that Parse says it in its own words
	if errors.Is(err, fs.ErrNotExist) {
		source, err = agreementSource(in, path)
	}
	if err != nil {
		return err
	}
	terms, problems := agreements.Parse(source)
	type row struct {
		Line   int    `json:"line"`
		Column int    `json:"column"`
		Path   string `json:"path"`
		Reason string `json:"reason"`
	}
	rows := []row{}
	var b strings.Builder
	for _, p := range problems {
		rows = append(rows, row{p.Line, p.Column, p.Path, p.Reason()})
		fmt.Fprintf(&b, "%s\n", oneLine(p.String()))
	}
	switch {
	case asJSON:
		err = printJSON(in.Stdout, map[string]any{"faults": rows})
	case len(problems) == 0:
		_, err = fmt.Fprintf(in.Stdout, "No fault in %s: %s, silent on %d terms.\n", path, terms.Key, len(agreements.Silent(terms)))
	default:
		_, err = io.WriteString(in.Stdout, b.String())
	}
	if err == nil && len(problems) > 0 {
		return failed("")
	}
	return err
}
