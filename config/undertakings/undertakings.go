// Package undertakings holds the confidentiality undertaking that an auditor
// signs before seeing anything of an audit, as data: one file per version. A
// version that was signed is never changed; a new wording is a new file.
package undertakings

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"
	"time"

	"go.yaml.in/yaml/v3"
)

//go:embed *.yaml
var files embed.FS

// Text is one text in the languages of the portal.
type Text struct {
	EN string `yaml:"en"`
	NL string `yaml:"nl"`
}

// In returns the text in the language; Dutch for a language that is not there.
func (t Text) In(language string) string {
	if language == "en" {
		return t.EN
	}
	return t.NL
}

// Version is one wording of the undertaking. In its paragraphs {controller},
// {processor} and {clause} stand for the parties and the clause it rests on.
type Version struct {
	Number     int    `yaml:"version"`
	From       string `yaml:"from"` // YYYY-MM-DD, the first day it is offered
	Title      Text   `yaml:"title"`
	Paragraphs []Text `yaml:"paragraphs"`
}

// Values are what an undertaking is about.
type Values struct{ Controller, Processor, Clause string }

// Write is the undertaking in a language: its title, then its paragraphs.
func (v Version) Write(language string, about Values) []string {
	fill := strings.NewReplacer("{controller}", about.Controller, "{processor}", about.Processor, "{clause}", about.Clause)
	lines := []string{v.Title.In(language)}
	for _, p := range v.Paragraphs {
		lines = append(lines, fill.Replace(p.In(language)))
	}
	return lines
}

// Versions are all wordings, the oldest first.
type Versions []Version

// At is the wording that is offered on a day, YYYY-MM-DD: the newest that has begun.
func (all Versions) At(day string) (Version, error) {
	for _, v := range slices.Backward(all) {
		if v.From <= day {
			return v, nil
		}
	}
	return Version{}, fmt.Errorf("no undertaking is offered on %s", day)
}

// Load reads the wordings, and refuses one that is not complete in every language.
func Load() (Versions, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("find the undertakings: %w", err)
	}
	var all Versions
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read undertaking %s: %w", name, err)
		}
		var v Version
		decode := yaml.NewDecoder(bytes.NewReader(raw))
		decode.KnownFields(true)
		if err := errors.Join(decode.Decode(&v), v.check(name)); err != nil {
			return nil, fmt.Errorf("undertaking %s: %w", name, err)
		}
		all = append(all, v)
	}
	slices.SortFunc(all, func(a, b Version) int { return a.Number - b.Number })
	return all, nil
}

func (v Version) check(name string) error {
	if name != fmt.Sprintf("%d.yaml", v.Number) {
		return fmt.Errorf("holds version %d", v.Number)
	}
	if _, err := time.Parse(time.DateOnly, v.From); err != nil {
		return fmt.Errorf("from: %w", err)
	}
	for _, t := range append([]Text{v.Title}, v.Paragraphs...) {
		if t.EN == "" || t.NL == "" {
			return errors.New("a text lacks a language")
		}
	}
	if len(v.Paragraphs) == 0 {
		return errors.New("has no text")
	}
	return nil
}
