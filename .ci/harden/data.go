package main

import (
	"errors"
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
	var runs struct{ Faults, Races, Fuzz []aim }
	err := errors.Join(
		decode(filepath.Join(folder, "proofs.yaml"), &p.Proofs),
		decode(filepath.Join(folder, "mutants.yaml"), &p.Mutants),
		decode(filepath.Join(folder, "runs.yaml"), &runs),
		decode(filepath.Join(folder, "asvs.yaml"), &p.ASVS))
	p.Proofs = append(p.Proofs, p.ASVS.proofs()...)
	p.Faults, p.Races, p.Fuzz = runs.Faults, runs.Races, runs.Fuzz
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
