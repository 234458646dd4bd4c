// Package decisions holds what a decision on a request is made of, as data:
// the grounds on which each right may be refused, the information that an
// answer to an access request owes, and the authorities to complain to.
package decisions

import (
	"embed"
	"fmt"
	"slices"
	"strings"

	yaml "go.yaml.in/yaml/v3"
)

//go:embed grounds.yaml information.yaml authorities.yaml
var files embed.FS

// Text is one text in the languages of the portal.
type Text struct {
	EN string `yaml:"en"`
	NL string `yaml:"nl"`
}

// In returns the text in the language, English when there is no other.
func (t Text) In(language string) string {
	if language == "nl" && t.NL != "" {
		return t.NL
	}
	return t.EN
}

// Ground is one reason in law to refuse a right, wholly or in part.
type Ground struct {
	ID      string   `yaml:"id"`
	Article string   `yaml:"article"` // e.g. "17(3)(b) GDPR"
	Rights  []string `yaml:"rights"`  // rights it may be used for
	Text    Text     `yaml:"text"`    // as the data subject reads it
	// Asks is what the reasons have to say for this ground to hold, as a hint to the officer.
	Asks Text `yaml:"asks"`
}

// Information is one thing that an answer to an access request must tell: art. 15(1) and (2) GDPR.
type Information struct {
	ID      string `yaml:"id"`
	Article string `yaml:"article"`
	Label   Text   `yaml:"label"`
	Hint    Text   `yaml:"hint"`
}

// Authority is the supervisory authority of a country, and what the law of
// that country says about going to court.
type Authority struct {
	Country string   `yaml:"country"` // ISO 3166 alpha-2
	Name    string   `yaml:"name"`
	Address []string `yaml:"address"`
	Website string   `yaml:"website"`
	Court   Text     `yaml:"court"`
	// CourtSource is the rule behind Court.
	CourtSource string `yaml:"court_source"`
}

// Catalogue is all three tables.
type Catalogue struct {
	Grounds     []Ground
	Information []Information
	Authorities []Authority
}

// Load reads the tables that are built into the program.
func Load() (Catalogue, error) {
	var c Catalogue
	for name, into := range map[string]any{
		"grounds.yaml": &c.Grounds, "information.yaml": &c.Information, "authorities.yaml": &c.Authorities,
	} {
		data, err := files.ReadFile(name)
		if err != nil {
			return Catalogue{}, fmt.Errorf("read %s: %w", name, err)
		}
		dec := yaml.NewDecoder(strings.NewReader(string(data)))
		dec.KnownFields(true)
		if err := dec.Decode(into); err != nil {
			return Catalogue{}, fmt.Errorf("read %s: %w", name, err)
		}
	}
	return c, nil
}

// For lists the grounds on which the right may be refused.
func (c Catalogue) For(right string) []Ground {
	var fit []Ground
	for _, g := range c.Grounds {
		if slices.Contains(g.Rights, right) {
			fit = append(fit, g)
		}
	}
	return fit
}

// Ground returns the ground when it may be used for the right.
func (c Catalogue) Ground(right, id string) (Ground, bool) {
	for _, g := range c.For(right) {
		if g.ID == id {
			return g, true
		}
	}
	return Ground{}, false
}

// Authority returns the authority of the country; ok is false when the country has none here.
func (c Catalogue) Authority(country string) (a Authority, ok bool) {
	for _, row := range c.Authorities {
		if row.Country == country && country != anyCountry {
			a, ok = row, true
		}
	}
	for _, row := range c.Authorities {
		if row.Country == anyCountry && a.Court == (Text{}) {
			a.Court, a.CourtSource = row.Court, row.CourtSource
		}
	}
	return a, ok
}

// anyCountry is the row that holds where a country's own row is silent.
const anyCountry = "*"

// Countries lists the countries with an authority, sorted.
func (c Catalogue) Countries() []string {
	var all []string
	for _, a := range c.Authorities {
		if a.Country != anyCountry {
			all = append(all, a.Country)
		}
	}
	slices.Sort(all)
	return all
}
