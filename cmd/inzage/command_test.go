package main

import (
	"bytes"
	"strings"
	"testing"
)

// invoke runs the program in memory.
func invoke(t *testing.T, args ...string) (code int, stdout, stderr string) {
	t.Helper()
	var out, errs bytes.Buffer
	code = run(t.Context(), args, strings.NewReader(""), &out, &errs, nil)
	return code, out.String(), errs.String()
}

// refused asserts exit code 2, nothing on standard output, and one sentence.
func refused(t *testing.T, want string, args ...string) {
	t.Helper()
	code, out, errs := invoke(t, args...)
	if code != 2 || out != "" {
		t.Errorf("code = %d, stdout = %q, want 2 and nothing", code, out)
	}
	if strings.Count(errs, "\n") != 1 || !strings.HasSuffix(errs, ".\n") || strings.Contains(errs, ". ") {
		t.Errorf("stderr = %q, want one sentence", errs)
	}
	if !strings.Contains(errs, want) {
		t.Errorf("stderr = %q, want %q in it", errs, want)
	}
}

func TestWrongCommandLines(t *testing.T) {
	for name, c := range map[string]struct {
		args []string
		want string
	}{
		"no command":           {nil, "Say what to do"},
		"unknown command":      {[]string{"deadlin"}, `"deadlin"`},
		"a command over lines": {[]string{"a\nb\x1b[31m"}, "There is no command"},
		"flag before all":      {[]string{"--json", "deadline"}, `"--json"`},
		"unknown help":         {[]string{"help", "cooking"}, `"cooking"`},
		"version with words":   {[]string{"version", "now"}, "no arguments"},
		"version with a flag":  {[]string{"version", "--short"}, "no flag --short"},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.want, c.args...) })
	}
}

func TestHelpListsEveryCommand(t *testing.T) {
	for _, args := range [][]string{{"help"}, {"--help"}, {"-h"}} {
		code, out, errs := invoke(t, args...)
		if code != 0 || errs != "" {
			t.Errorf("%v: code = %d, stderr = %q", args, code, errs)
		}
		for _, c := range append(commands(), topics()...) {
			if !strings.Contains(out, c.name) || !strings.Contains(out, c.summary) {
				t.Errorf("%v does not name %s", args, c.name)
			}
		}
	}
}

func TestEveryHelpText(t *testing.T) {
	for _, c := range append(commands(), topics()...) {
		code, out, errs := invoke(t, "help", c.name)
		if code != 0 || len(out) < 40 || errs != "" {
			t.Errorf("help %s: code = %d, stdout = %q, stderr = %q", c.name, code, out, errs)
		}
	}
}

func TestVersion(t *testing.T) {
	for _, arg := range []string{"version", "--version"} {
		code, out, errs := invoke(t, arg)
		if code != 0 || !strings.HasPrefix(out, "inzage ") || !strings.Contains(out, "go1.") || errs != "" {
			t.Errorf("%s: code = %d, stdout = %q, stderr = %q", arg, code, out, errs)
		}
	}
}

func TestFlagsAreReadWhereverTheyStand(t *testing.T) {
	in := invocation{Stdout: &bytes.Buffer{}}
	fs := flags("x", in, "")
	a, b := fs.String("a", "", ""), fs.Bool("b", false, "")
	rest, err := parse(fs, []string{"one", "--a=1", "two", "-b", "--", "--a", "three"})
	if err != nil {
		t.Fatal(err)
	}
	if *a != "1" || !*b || strings.Join(rest, " ") != "one two --a three" {
		t.Errorf("a = %q, b = %v, rest = %v", *a, *b, rest)
	}
}

// TestEveryFlagIsGivenOnce: two answers to one question are refused, of every
// command and every kind of flag; events are no question.
func TestEveryFlagIsGivenOnce(t *testing.T) {
	request := strings.Fields("deadline request --received 2026-06-01T10:00:00+02:00")
	audit := strings.Fields("deadline audit --last 2026-06-01 --years 1")
	route := strings.Fields("route --agreement mpg --arrived processor --right access")
	for name, c := range map[string]struct {
		args []string
		more string
		want string
	}{
		"text":                {request, "--window none --window 30d", "The flag --window is given twice."},
		"the same text":       {route, "--right access", "The flag --right is given twice."},
		"string":              {request, "--zone Europe/Amsterdam --zone UTC", "The flag --zone is given twice."},
		"country":             {request, "--country NL --country=BE", "The flag --country is given twice."},
		"switch":              {route, "--json --json", "The flag --json is given twice."},
		"switch off and on":   {route, "--json=false --json", "The flag --json is given twice."},
		"switch on and off":   {request, "--json -json=false", "The flag --json is given twice."},
		"cause":               {audit, "--for-cause --for-cause", "The flag --for-cause is given twice."},
		"language":            {[]string{"terms", "show", "mpg"}, "--lang en --lang nl", "The flag --lang is given twice."},
		"across a word":       {[]string{"terms"}, "--lang en show --lang nl mpg", "The flag --lang is given twice."},
		"number":              {[]string{"bench"}, "--seconds 1 --seconds 2", "The flag --seconds is given twice."},
		"setting":             {[]string{"serve"}, "--listen 127.0.0.1:1 --listen 127.0.0.1:2", "The flag --listen is given twice."},
		"twice after a fault": {route, "--json=perhaps --json", `invalid boolean value "perhaps"`},
	} {
		t.Run(name, func(t *testing.T) { refused(t, c.want, append(c.args, strings.Fields(c.more)...)...) })
	}
	events := "--event asked=2026-06-02T10:00:00+02:00 --event answered=2026-06-03T10:00:00+02:00"
	if code, _, errs := invoke(t, append(request, strings.Fields(events)...)...); code != 0 {
		t.Errorf("two events: code = %d, stderr = %q", code, errs)
	}
}

func TestFailureEndsWithOne(t *testing.T) {
	var errs bytes.Buffer
	if code := exitCode(failed("The first entry does not match."), &errs); code != 1 || errs.String() != "The first entry does not match.\n" {
		t.Errorf("code = %d, stderr = %q", code, errs.String())
	}
	errs.Reset()
	if code := exitCode(failed(""), &errs); code != 1 || errs.Len() != 0 {
		t.Errorf("code = %d, stderr = %q", code, errs.String())
	}
}
