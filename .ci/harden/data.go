package main

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"

	"go.yaml.in/yaml/v3"
)

// proof is a line of the security bar with the tests that prove it.
type proof struct {
	Theme string
	Line  string
	Tests []string // "package TestName"
}

// met is a kind of fault that people met when the product was tried from
// outside: the tests that hold the right value, each seen to fail before it was
// mended, and what else of the kind was found.
type met struct {
	Number string   // in the list of what was met
	Fault  string   // in a sentence
	Tests  []string // "package TestName"
	Also   string   // what else of the kind was found and mended with it
}

// aim is one test or fuzz target of a package; why says what it is there for.
type aim struct {
	Package, Test, Why string
	Times              int // how often it runs; 0 is once
}

// mutant is a protection that is taken out of a copy of the sources: find
// stands exactly once in the file. The test has to notice.
type mutant struct {
	Name, File, Find, Replace, Package, Test string
}

// read takes the data from the YAML files in the folder. Unknown fields are refused.
func (p *plan) read(folder string) error {
	var runs struct{ Faults, Races, Random, Fuzz, Programs []aim }
	err := errors.Join(
		decode(filepath.Join(folder, "proofs.yaml"), &p.Proofs),
		decode(filepath.Join(folder, "mutants.yaml"), &p.Mutants),
		decode(filepath.Join(folder, "runs.yaml"), &runs),
		decode(filepath.Join(folder, "asvs.yaml"), &p.ASVS))
	p.Proofs = append(p.Proofs, p.ASVS.proofs()...)
	p.Faults, p.Races, p.Random, p.Fuzz, p.Programs = runs.Faults, runs.Races, runs.Random, runs.Fuzz, runs.Programs
	return errors.Join(err, p.readMet(filepath.Join(folder, "met")))
}

// readMet makes a line to be proven of each fault that people met, from every
// YAML file of the folder.
func (p *plan) readMet(folder string) error {
	files, err := filepath.Glob(filepath.Join(folder, "*.yaml"))
	for _, name := range files {
		var all []met
		if err := decode(name, &all); err != nil {
			return fmt.Errorf("%s: %w", name, err)
		}
		for _, m := range all {
			p.Proofs = append(p.Proofs, proof{Theme: "met", Line: m.Number + ": " + m.Fault, Tests: m.Tests})
		}
	}
	return err
}

func decode(path string, into any) error {
	f, err := os.Open(path)
	if err != nil {
		return err
	}
	defer f.Close()
	d := yaml.NewDecoder(f)
	d.KnownFields(true)
	return d.Decode(into)
}
