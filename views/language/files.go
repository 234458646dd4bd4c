package language

import (
	"fmt"
	"io/fs"
	"regexp"
	"slices"
	"strconv"

	"go.yaml.in/yaml/v3"
)

// sentence is one translation: plain, or with the forms for one and for more.
type sentence struct {
	Plain string `yaml:"-"`
	One   string `yaml:"one"`
	Other string `yaml:"other"`
	// Count is the place of the argument that is counted, from 1; 0 means 1.
	Count int `yaml:"count"`

	file string
}

// UnmarshalYAML accepts a plain text or the map with plural forms.
func (s *sentence) UnmarshalYAML(n *yaml.Node) error {
	if n.Kind == yaml.ScalarNode {
		return n.Decode(&s.Plain)
	}
	type forms sentence // without this method
	if err := n.Decode((*forms)(s)); err != nil {
		return err
	}
	if s.One == "" || s.Other == "" {
		return fmt.Errorf("line %d: a plural needs both one and other", n.Line)
	}
	return nil
}

func (s sentence) forms() []string {
	if s.Other != "" {
		return []string{s.One, s.Other}
	}
	return []string{s.Plain}
}

// readFolder reads every file of one language. Sentences may stand in more
// than one file as long as their translations agree.
func readFolder(fsys fs.FS, tag string) (map[string]sentence, error) {
	names, err := fs.Glob(fsys, tag+"/*.yaml")
	if err != nil {
		return nil, fmt.Errorf("list translations of %s: %w", tag, err)
	}
	all := map[string]sentence{}
	for _, name := range names {
		if err := readFile(fsys, name, all); err != nil {
			return nil, fmt.Errorf("%s: %w", name, err)
		}
	}
	return all, nil
}

func readFile(fsys fs.FS, name string, all map[string]sentence) error {
	raw, err := fs.ReadFile(fsys, name)
	if err != nil {
		return err
	}
	var in map[string]sentence
	if err := yaml.Unmarshal(raw, &in); err != nil {
		return err
	}
	for key, s := range in {
		s.file = name
		if err := s.fits(key); err != nil {
			return err
		}
		old, twice := all[key]
		if twice && !slices.Equal(old.forms(), s.forms()) {
			return fmt.Errorf("%q, also in %s: %w", key, old.file, errTwice)
		}
		all[key] = s
	}
	return nil
}

// fits refuses a translation that would print a wrong or missing value. The
// forms of a plural may leave the count out ("één dag").
func (s sentence) fits(key string) error {
	want := verbs(key)
	for _, form := range s.forms() {
		if form == "" {
			return fmt.Errorf("%q has an empty translation", key)
		}
		got := verbs(form)
		for place, verb := range got {
			if want[place] != verb {
				return fmt.Errorf("%q: %q prints value %d as %q, the sentence as %q", key, form, place, verb, want[place])
			}
		}
		if s.Other == "" && len(got) != len(want) {
			return fmt.Errorf("%q: %q prints %d values, the sentence %d", key, form, len(got), len(want))
		}
	}
	return nil
}

var verb = regexp.MustCompile(`%(?:\[(\d+)\])?([-+# 0]*[\d.]*)([a-zA-Z%])`)

// verbs gives the verb for each argument of a format, by its place from 1.
func verbs(format string) map[int]string {
	found, next := map[int]string{}, 1
	for _, m := range verb.FindAllStringSubmatch(format, -1) {
		if m[3] == "%" {
			continue
		}
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1]) // the pattern lets only digits through
		}
		found[next] = m[3]
		next++
	}
	return found
}

// indexed names the place of every verb. A form that leaves a value out would
// otherwise be printed with a complaint about it.
func indexed(format string) string {
	next := 1
	return verb.ReplaceAllStringFunc(format, func(v string) string {
		m := verb.FindStringSubmatch(v)
		if m[3] == "%" {
			return v
		}
		if m[1] != "" {
			next, _ = strconv.Atoi(m[1]) // the pattern lets only digits through
		}
		next++
		return fmt.Sprintf("%%%s[%d]%s", m[2], next-1, m[3])
	})
}
