// Command harden runs what takes longer than the tests of every change: each
// line of the security bar by the tests that prove it, faults, races again and
// again, programs of other makers on loopback, the fuzz targets, and mutants, which remove one protection each and
// must be noticed. It prints one `N of M` for each theme and ends with 1 when
// any N is short of its M. What breaks in one theme does not keep the others
// from running.
//
// What it runs stands in the YAML files beside it; the first theme, check, only
// holds those against the sources, and is part of the tests of every change. The
// second tells what answers a requirement of OWASP ASVS 5.0.0:
//
//	go run ./.ci/harden -only '^6\.2\.4$' asvs      # where it is held, and by which tests
//	go run ./.ci/harden -only ' 6\.2\.4[ :]' proofs  # runs those tests
//
// Usage: go run ./.ci/harden [-only REGEXP] [-fuzztime TIME] [check|asvs|proofs|faults|races|random|programs|fuzz|mutants]...
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"regexp"
	"slices"
	"time"
)

// theme is one part of the run. It prints each failure with its reason.
type theme struct {
	name string
	run  func(context.Context, *plan) (held, all int, err error)
}

var themes = []theme{{"check", check}, {"asvs", asvs}, {"proofs", proofs}, {"faults", faults}, {"races", races}, {"random", random}, {"programs", programs}, {"fuzz", fuzz}, {"mutants", mutants}}

// plan is what to run, read from the data beside this program.
type plan struct {
	out      io.Writer
	fuzzTime time.Duration
	only     *regexp.Regexp // of the proven lines, numbers of ASVS, fuzz targets and mutants: those it matches
	Proofs   []proof
	ASVS     standard
	Faults   []aim
	Races    []aim
	Random   []aim // tests that draw something, over and over
	Fuzz     []aim
	Programs []aim // tests behind the build tag "programs", with programs of other makers
	Mutants  []mutant
}

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	err := run(ctx, os.Args[1:], os.Stdout)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "harden:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, args []string, out io.Writer) error {
	fs := flag.NewFlagSet("harden", flag.ContinueOnError)
	p := plan{out: out}
	fs.DurationVar(&p.fuzzTime, "fuzztime", time.Minute, "how long each fuzz target runs")
	only := fs.String("only", "", "of the lines of the bar, requirements of ASVS, fuzz targets and mutants, only those that this regular expression matches")
	if err := fs.Parse(args); err != nil {
		return err
	}
	var err error
	if p.only, err = regexp.Compile(*only); err != nil {
		return err
	}
	if err := p.read(".ci/harden"); err != nil {
		return err
	}
	short := false
	for _, th := range themes {
		if fs.NArg() > 0 && !slices.Contains(fs.Args(), th.name) {
			continue
		}
		begun := time.Now()
		held, all, err := th.run(ctx, &p)
		if ctx.Err() != nil {
			return fmt.Errorf("%s: %w", th.name, ctx.Err())
		}
		if err != nil {
			fmt.Fprintf(out, "%s broke off: %v\n", th.name, err)
		}
		fmt.Fprintf(out, "%s: %d of %d (%s)\n", th.name, held, all, time.Since(begun).Round(time.Second))
		short = short || err != nil || held < all || all == 0
	}
	if short {
		return errors.New("not everything held")
	}
	return nil
}
