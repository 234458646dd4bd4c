package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
)

// check holds the data against the sources, without running anything: every
// test that is named exists, every fuzz target of the sources is named, what
// each mutant takes out stands once where it says, and each number of ASVS that
// is in play has its answer.
func check(_ context.Context, p *plan) (held, all int, err error) {
	look := func(what string, err error) {
		if all++; err == nil {
			held++
			return
		}
		fmt.Fprintf(p.out, "%s: %v\n", what, err)
	}
	for _, line := range p.Proofs {
		if len(line.Tests) == 0 {
			look(line.Line, errors.New("no test proves it"))
		}
		for _, t := range line.Tests {
			pkg, test, _ := strings.Cut(t, " ")
			look(line.Line, exists(pkg, test))
		}
	}
	for _, aims := range [][]aim{p.Faults, p.Races, p.Random, p.Fuzz, p.Programs} {
		for _, a := range aims {
			look(a.Why, exists(a.Package, a.Test))
		}
	}
	for _, m := range p.Mutants {
		look(m.Name, errors.Join(exists(m.Package, m.Test), m.fits()))
	}
	numbers, err := p.ASVS.numbers()
	if err != nil {
		return held, all, err
	}
	for _, n := range numbers {
		look("ASVS "+n, p.ASVS.answered(n))
	}
	for _, r := range p.ASVS.Rows {
		look("ASVS "+strings.Join(r.ASVS, " "), r.sound(numbers))
	}
	targets, err := fuzzTargets(".")
	if err != nil {
		return held, all, err
	}
	for _, t := range targets {
		var err error
		if !slices.ContainsFunc(p.Fuzz, func(a aim) bool { return a.Package == t.Package && a.Test == t.Test }) {
			err = errors.New("no row of runs.yaml names this fuzz target")
		}
		look(t.Package+" "+t.Test, err)
	}
	return held, all, nil
}

var fuzzTarget = regexp.MustCompile(`(?m)^func (Fuzz\w*)\(`)

// fuzzTargets are those of every package below the folder.
func fuzzTargets(folder string) ([]aim, error) {
	var found []aim
	err := filepath.WalkDir(folder, func(path string, entry fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if entry.IsDir() && path != folder && strings.HasPrefix(entry.Name(), ".") {
			return fs.SkipDir
		}
		if entry.IsDir() || !strings.HasSuffix(path, "_test.go") {
			return nil
		}
		text, err := os.ReadFile(path)
		for _, m := range fuzzTarget.FindAllStringSubmatch(string(text), -1) {
			found = append(found, aim{Package: filepath.ToSlash(filepath.Dir(path)), Test: m[1]})
		}
		return err
	})
	return found, err
}

func exists(pkg, test string) error {
	files, err := filepath.Glob(filepath.Join(pkg, "*_test.go"))
	if err != nil {
		return err
	}
	declared, err := regexp.Compile(`(?m)^func ` + regexp.QuoteMeta(test) + `\(`)
	if err != nil {
		return err
	}
	for _, name := range files {
		text, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		if declared.Match(text) {
			return nil
		}
	}
	return fmt.Errorf("%s has no %s", pkg, test)
}

func (m mutant) fits() error {
	text, err := os.ReadFile(m.File)
	if err != nil {
		return err
	}
	if n := strings.Count(string(text), m.Find); n != 1 {
		return fmt.Errorf("what it takes out stands %d times in %s", n, m.File)
	}
	return nil
}
