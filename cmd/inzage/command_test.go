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
