// Package holidays holds the holiday sets as data: one file for each country.
// services/deadlines gives them their meaning.
package holidays

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

//go:embed *.yaml
var files embed.FS

// Set is the public holidays of one country.
type Set struct {
	Key       string      `yaml:"key"`    // what --country takes: "NL"
	Name      string      `yaml:"name"`   // in words
	Source    string      `yaml:"source"` // the law that designates the days
	Days      []Day       `yaml:"days"`
	Contested []Contested `yaml:"contested"`
}

// Day is a rule that gives at most one date in a year: a date, an offset from
// Easter Sunday, or a day of a month.
type Day struct {
	Name     string `yaml:"name"`
	Date     string `yaml:"date"`   // YYYY-MM-DD, that one day only
	Easter   *int   `yaml:"easter"` // days after Easter Sunday; negative before it
	Month    int    `yaml:"month"`
	Day      int    `yaml:"day"`
	From     int    `yaml:"from"`      // first year, 0 is always
	To       int    `yaml:"to"`        // last year, 0 is still
	OnSunday int    `yaml:"on_sunday"` // days it moves when it falls on a Sunday
}

// Contested is a defensible reading of the law under which the set is larger
// or smaller. It never changes a date that is enforced, only the other readings.
type Contested struct {
	Reading string `yaml:"reading"` // an English sentence, without full stop
	Source  string `yaml:"source"`
	Known   Years  `yaml:"known"` // the years for which the days are known; zero is all
	Adds    []Day  `yaml:"adds"`
	Drops   Drop   `yaml:"drops"`
}

// Years is a range of years, both ends included.
type Years struct {
	From int `yaml:"from"`
	To   int `yaml:"to"`
}

// Drop names a day of the set that is no holiday, except in years divisible by ExceptEvery.
type Drop struct {
	Name        string `yaml:"name"`
	ExceptEvery int    `yaml:"except_every"`
}

// Load reads the embedded sets, by key. An unknown field or a set without a key
// is an error that names the file.
func Load() (map[string]Set, error) {
	names, err := fs.Glob(files, "*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list the holiday sets: %w", err)
	}
	sets := make(map[string]Set, len(names))
	for _, name := range names {
		raw, err := files.ReadFile(name)
		if err != nil {
			return nil, fmt.Errorf("read holiday set %s: %w", name, err)
		}
		var set Set
		dec := yaml.NewDecoder(bytes.NewReader(raw))
		dec.KnownFields(true)
		if err := dec.Decode(&set); err != nil {
			return nil, fmt.Errorf("read holiday set %s: %w", name, err)
		}
		if set.Key+".yaml" != name {
			return nil, fmt.Errorf("holiday set %s has the key %q", name, set.Key)
		}
		sets[set.Key] = set
	}
	return sets, nil
}
