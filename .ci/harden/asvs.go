package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"os"
	"regexp"
	"slices"
	"strconv"
	"strings"
)

// standard is what of OWASP ASVS 5.0.0 is in play, and what became of it.
type standard struct {
	InPlay []string `yaml:"in_play"` // numbers, or runs of them: 1.2.1-5
	Rows   []requirement
}

// requirement is one or more numbers with what answers them: tests, a place in
// the documentation, or both; else why they do not apply, or what is open. The
// requirements themselves stand in the standard, not here.
type requirement struct {
	ASVS    []string
	Line    string   // what holds, in our own words
	In      []string // the packages and files that hold it
	Tests   []string // "package TestName"
	Written string   // "file#Heading"
	Without string   // why it does not apply
	Open    string   // what is missing
}

// proofs are the requirements with tests, as lines that `proofs` runs.
func (s standard) proofs() []proof {
	var all []proof
	for _, r := range s.Rows {
		if len(r.Tests) > 0 && r.Open == "" {
			all = append(all, proof{Theme: "asvs " + strings.Join(r.ASVS, " "), Line: r.Line, Tests: r.Tests})
		}
	}
	return all
}

var run123 = regexp.MustCompile(`^(\d+\.\d+\.)(\d+)(?:-(\d+))?$`)

// numbers are those in play, one by one.
func (s standard) numbers() ([]string, error) {
	var all []string
	for _, x := range s.InPlay {
		m := run123.FindStringSubmatch(x)
		if m == nil {
			return nil, fmt.Errorf("%q is no number like 1.2.3 and no run like 1.2.3-5", x)
		}
		from, _ := strconv.Atoi(m[2])
		to, _ := strconv.Atoi(cmp.Or(m[3], m[2]))
		for n := from; n <= to; n++ {
			all = append(all, m[1]+strconv.Itoa(n))
		}
	}
	return all, nil
}

// answered says what is wrong with the rows of a number: it needs one.
func (s standard) answered(number string) error {
	for _, r := range s.Rows {
		if slices.Contains(r.ASVS, number) {
			return nil
		}
	}
	return errors.New("no row of asvs.yaml answers it")
}

// sound says what is wrong with a row.
func (r requirement) sound(inPlay []string) error {
	var errs []error
	for _, n := range r.ASVS {
		if !slices.Contains(inPlay, n) {
			errs = append(errs, fmt.Errorf("%s is not in play", n))
		}
	}
	held := len(r.Tests) > 0 || r.Written != ""
	if r.Open == "" && held == (r.Without != "") {
		errs = append(errs, errors.New("it is either held, or says why it does not apply"))
	}
	for _, t := range r.Tests {
		pkg, test, _ := strings.Cut(t, " ")
		errs = append(errs, exists(pkg, test))
	}
	for _, at := range r.In {
		_, err := os.Stat(at)
		errs = append(errs, err)
	}
	return errors.Join(append(errs, written(r.Written))...)
}

// written looks for the heading of a place in the documentation.
func written(place string) error {
	if place == "" {
		return nil
	}
	file, heading, _ := strings.Cut(place, "#")
	text, err := os.ReadFile(file)
	if err != nil {
		return err
	}
	if !strings.Contains(string(text), "# "+heading+"\n") {
		return fmt.Errorf("%s has no heading %q", file, heading)
	}
	return nil
}

// asvs tells what answers each number in play: those that -only matches, or
// else the ones that are open. It counts the numbers that have an answer.
func asvs(_ context.Context, p *plan) (held, all int, err error) {
	numbers, err := p.ASVS.numbers()
	if err != nil {
		return 0, 0, err
	}
	tested, told, without, open := 0, 0, 0, 0
	for _, n := range numbers {
		i := slices.IndexFunc(p.ASVS.Rows, func(r requirement) bool { return slices.Contains(r.ASVS, n) })
		if i < 0 {
			continue
		}
		r := p.ASVS.Rows[i]
		held++
		switch {
		case r.Open != "":
			open++
		case r.Without != "":
			without++
		case len(r.Tests) > 0:
			tested++
		default:
			told++
		}
		if asked := p.only.String() != ""; asked && p.only.MatchString(n) || !asked && r.Open != "" {
			fmt.Fprintln(p.out, n+": "+r.String())
		}
	}
	fmt.Fprintf(p.out, "asvs: %d by tests, %d by what is written, %d do not apply, %d open\n", tested, told, without, open)
	return held, len(numbers), nil
}

func (r requirement) String() string {
	lines := []string{r.Line}
	for _, part := range []struct{ name, text string }{
		{"in", strings.Join(r.In, ", ")}, {"tests", strings.Join(r.Tests, ", ")}, {"written", r.Written}, {"does not apply", r.Without}, {"open", r.Open},
	} {
		if part.text != "" {
			lines = append(lines, part.name+": "+part.text)
		}
	}
	return strings.Join(lines, "\n    ")
}
