// Package language turns the portal's English sentences into the reader's
// language, and writes dates, amounts and counts the way that reader does.
//
// The English sentence is the key. Each folder named after a language tag holds
// YAML files, one per area of the portal, from sentence to translation:
//
//	"Send the request": "Verzoek versturen"
//	"%d days left": {one: "nog %d dag", other: "nog %d dagen"}
//
// English needs a file only for sentences that have a plural. A new language is
// a new folder and a row in the table supported.
package language

import (
	"embed"
	"errors"
	"fmt"
	"io/fs"
	"time"

	"golang.org/x/text/feature/plural"
	xlang "golang.org/x/text/language"
	"golang.org/x/text/message"
	"golang.org/x/text/message/catalog"
)

//go:embed en/*.yaml nl/*.yaml
var files embed.FS

// Default is the language of a reader who asks for none that we have.
const Default = "nl"

// supported names the languages in the order in which a switch shows them,
// each in its own words.
var supported = []Choice{{"nl", "Nederlands"}, {"en", "English"}}

// Choice is one language that the portal speaks.
type Choice struct {
	Tag  string // as in the lang attribute: "nl"
	Name string // in that language itself: "Nederlands"
}

// Supported lists the languages that the portal speaks.
func Supported() []Choice { return append([]Choice(nil), supported...) }

// Languages holds the translations. It does not change after Load and may be
// used by many goroutines at once.
type Languages struct {
	sentences map[string]map[string]sentence // tag, then English sentence
	catalog   catalog.Catalog
	matcher   xlang.Matcher
}

// Load reads the translations that are built into the program. It refuses two
// different translations of one sentence, and a translation whose verbs do not
// fit the sentence, naming the file.
func Load() (*Languages, error) { return LoadFrom(files) }

// LoadFrom is Load for the folders in fsys.
func LoadFrom(fsys fs.FS) (*Languages, error) {
	l := &Languages{sentences: map[string]map[string]sentence{}}
	builder := catalog.NewBuilder(catalog.Fallback(xlang.English))
	var tags []xlang.Tag
	for _, c := range supported {
		tag := xlang.Make(c.Tag)
		tags = append(tags, tag)
		all, err := readFolder(fsys, c.Tag)
		if err != nil {
			return nil, err
		}
		l.sentences[c.Tag] = all
		for key, s := range all {
			if err := builder.Set(tag, key, s.message()); err != nil {
				return nil, fmt.Errorf("%s: %q: %w", s.file, key, err)
			}
		}
	}
	l.catalog, l.matcher = builder, xlang.NewMatcher(tags)
	return l, nil
}

// message gives the form in which the catalogue keeps a sentence.
func (s sentence) message() catalog.Message {
	if s.Other == "" {
		return catalog.String(s.Plain)
	}
	return plural.Selectf(max(s.Count, 1), "%d", plural.One, indexed(s.One), plural.Other, indexed(s.Other))
}

// Missing returns those of the English sentences that have no translation into
// the language. English itself misses nothing.
func (l *Languages) Missing(tag string, keys []string) []string {
	if tag == "en" {
		return nil
	}
	var missing []string
	for _, key := range keys {
		if _, ok := l.sentences[tag][key]; !ok {
			missing = append(missing, key)
		}
	}
	return missing
}

// Match picks the supported language that suits an Accept-Language header, or
// Default when the header is empty, unreadable or asks for none of ours.
func (l *Languages) Match(acceptLanguage string) string {
	wanted, _, err := xlang.ParseAcceptLanguage(acceptLanguage)
	if err != nil || len(wanted) == 0 {
		return Default
	}
	_, i, confidence := l.matcher.Match(wanted...)
	if confidence == xlang.No {
		return Default
	}
	return supported[i].Tag
}

// Speaks says whether the tag is one of the supported languages, exactly.
func Speaks(tag string) bool {
	for _, c := range supported {
		if c.Tag == tag {
			return true
		}
	}
	return false
}

// Printer returns the printer for a language, writing times in the given zone.
// An unknown tag gives the printer of Default; a nil zone means UTC.
func (l *Languages) Printer(tag string, zone *time.Location) *Printer {
	if !Speaks(tag) {
		tag = Default
	}
	if zone == nil {
		zone = time.UTC
	}
	return &Printer{
		tag:  tag,
		zone: zone,
		text: message.NewPrinter(xlang.Make(tag), message.Catalog(l.catalog)),
	}
}

var errTwice = errors.New("this sentence has two different translations")
