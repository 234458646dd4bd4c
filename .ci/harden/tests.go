package main

import (
	"context"
	"fmt"
	"os/exec"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// verdicts runs tests of one package and says of each how often it passed: 0
// when it failed even once. A test that was skipped, or is not there, has no verdict.
func verdicts(ctx context.Context, folder, pkg string, tests []string, flags ...string) (map[string]int, string) {
	args := append([]string{"test", "-v", "-count=1", "-timeout=15m", "-run", "^(" + strings.Join(tests, "|") + ")$"}, flags...)
	cmd := exec.CommandContext(ctx, "go", append(args, pkg)...)
	cmd.Dir = folder
	out, _ := cmd.CombinedOutput() // the lines of the tests tell more than the code
	passed := map[string]int{}
	for _, m := range passLine.FindAllStringSubmatch(string(out), -1) {
		passed[m[1]]++
	}
	for _, m := range failLine.FindAllStringSubmatch(string(out), -1) {
		passed[m[1]] = 0
	}
	return passed, string(out)
}

var (
	passLine = regexp.MustCompile(`(?m)^--- PASS: (\w+) `)
	failLine = regexp.MustCompile(`(?m)^--- FAIL: (\w+) `)
)

// proofs runs every test that the security bar rests on, each once, and counts
// the lines whose tests all pass.
func proofs(ctx context.Context, p *plan) (held, all int, err error) {
	lines := slices.DeleteFunc(slices.Clone(p.Proofs), func(l proof) bool { return !p.only.MatchString(l.Theme + ": " + l.Line) })
	wanted := map[string][]string{}
	for _, line := range lines {
		for _, t := range line.Tests {
			pkg, test, ok := strings.Cut(t, " ")
			if !ok {
				continue // its line counts as not proven, and check says why
			}
			if !slices.Contains(wanted[pkg], test) {
				wanted[pkg] = append(wanted[pkg], test)
			}
		}
	}
	passed := map[string]bool{}
	for pkg, tests := range wanted {
		got, out := verdicts(ctx, ".", "./"+pkg, tests)
		for _, test := range tests {
			passed[pkg+" "+test] = got[test] == 1
			if got[test] != 1 {
				fmt.Fprintf(p.out, "not passed: %s %s\n%s\n", pkg, test, about(out, test))
			}
		}
	}
	for _, line := range lines {
		if len(line.Tests) > 0 && !slices.ContainsFunc(line.Tests, func(t string) bool { return !passed[t] }) {
			held++
			continue
		}
		fmt.Fprintf(p.out, "not proven: %s: %s\n", line.Theme, line.Line)
	}
	return held, len(lines), nil
}

func faults(ctx context.Context, p *plan) (held, all int, err error) {
	return each(ctx, p, p.Faults)
}

// races runs what may happen once, thirty at a time, again and again under the
// race detector.
func races(ctx context.Context, p *plan) (held, all int, err error) {
	return each(ctx, p, p.Races, "-race")
}

// random runs the tests that draw something (a token, a code, a port, a walk)
// as often as their row says: one that fails by chance does so here.
func random(ctx context.Context, p *plan) (held, all int, err error) {
	return each(ctx, p, slices.DeleteFunc(slices.Clone(p.Random), func(a aim) bool { return !p.only.MatchString(a.Test) }))
}

// programs runs what needs programs of other makers (mail servers, calendars,
// generators), which `.ci/setup harden` sets up.
func programs(ctx context.Context, p *plan) (held, all int, err error) {
	aims := slices.DeleteFunc(slices.Clone(p.Programs), func(a aim) bool { return !p.only.MatchString(a.Test) })
	return each(ctx, p, aims, "-tags=programs")
}

func each(ctx context.Context, p *plan, aims []aim, flags ...string) (held, all int, err error) {
	for _, a := range aims {
		if ctx.Err() != nil {
			break
		}
		times := max(1, a.Times)
		passed, out := verdicts(ctx, ".", "./"+a.Package, []string{a.Test}, append(flags, "-count="+strconv.Itoa(times))...)
		if passed[a.Test] != times {
			fmt.Fprintf(p.out, "not held: %s (%s %s)\n%s", a.Why, a.Package, a.Test, end(out))
			continue
		}
		held++
	}
	return held, len(aims), nil
}

var executions = regexp.MustCompile(`execs: (\d+)`)

// fuzz runs each target for its time. What it finds is left in the package's testdata.
func fuzz(ctx context.Context, p *plan) (held, all int, err error) {
	for _, a := range p.Fuzz {
		if ctx.Err() != nil || !p.only.MatchString(a.Test) {
			continue
		}
		all++
		cmd := exec.CommandContext(ctx, "go", "test", "-run", "^$", "-fuzz", "^"+a.Test+"$", "-fuzztime", p.fuzzTime.String(), "./"+a.Package)
		out, err := cmd.CombinedOutput()
		runs := "0"
		if told := executions.FindAllStringSubmatch(string(out), -1); len(told) > 0 {
			runs = told[len(told)-1][1]
		}
		if err != nil || runs == "0" {
			fmt.Fprintf(p.out, "broken: %s %s after %s inputs\n%s", a.Package, a.Test, runs, end(string(out)))
			continue
		}
		fmt.Fprintf(p.out, "%s %s: %s inputs in %s\n", a.Package, a.Test, runs, p.fuzzTime)
		held++
	}
	return held, all, nil
}

// about is what the output says of one test; of all, when the test did not run.
func about(out, test string) string {
	_, own, ran := strings.Cut(out, "=== RUN   "+test+"\n")
	if !ran {
		return end(out)
	}
	own, _, _ = strings.Cut(own, "\n--- PASS: ") // of the next one
	return end(own)
}

// end is the last part of an output, which says what failed.
func end(out string) string { return out[max(0, len(out)-3000):] }
