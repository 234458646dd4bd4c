// Package notices holds the texts of everything the portal writes to people,
// as data: the notices to data subjects, the messages to staff, and the
// letters about signing in, each in every language.
//
// Load refuses a text that is not complete in every language, that uses a
// value nobody fills in, or that would put personal data into an e-mail.
package notices

import (
	"bytes"
	"embed"
	"fmt"
	"io/fs"
	"regexp"
	"slices"

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

// Reader says to whom a text is written.
type Reader string

// The readers.
const (
	Subject Reader = "subject" // has a full notice and an e-mail that announces it
	Staff   Reader = "staff"   // has an e-mail only
	Letter  Reader = "letter"  // an e-mail about signing in
	Party   Reader = "party"   // somebody in an audit, the auditor too; has an e-mail only
	Side    Reader = "side"    // administers a party of an agreement; has an e-mail only
	Keeper  Reader = "keeper"  // looks after the evidence of an organisation; has an e-mail only
)

// Paragraph is one piece of a text. Exactly one of these holds: it has words
// of its own, it quotes the values of a list, or it uses a shared passage.
type Paragraph struct {
	Text `yaml:",inline"`
	// When names a flag that must be set, or not be set when it starts with
	// "!". "" is always.
	When string `yaml:"when"`
	// Late is said instead once a day that the words promise has passed. Past
	// words speak of such a day as one that was, and are true before and after.
	Late    Text   `yaml:"late"`
	Past    bool   `yaml:"past"`
	Heading bool   `yaml:"heading"`
	Quote   string `yaml:"quote"` // words of a person
	List    string `yaml:"list"`  // names
	Facts   string `yaml:"facts"` // labels with texts
	// Law is the provision behind the words, with the short name of the law in English: "12(3) GDPR".
	Law string `yaml:"law"`
	// Says marks what the law or the specification requires to be said, so
	// that a test can tell whether it is there.
	Says string `yaml:"says"`
	Use  string `yaml:"use"` // the name of a passage of parts.yaml
}

// Notice is everything about one kind of message.
type Notice struct {
	Kind    string `yaml:"-"`
	For     Reader `yaml:"for"`
	Subject Text   `yaml:"subject"` // of the e-mail, and the title unless Title is set
	Title   Text   `yaml:"title"`   // of the full notice
	// LateSubject is the subject once a day that it promises has passed; Past
	// says that the whole notice is about a day that was.
	LateSubject Text        `yaml:"late_subject"`
	Past        bool        `yaml:"past"`
	Button      Text        `yaml:"button"` // the words on the link
	Mail        []Paragraph `yaml:"mail"`   // the e-mail
	Body        []Paragraph `yaml:"body"`   // the full notice; readers other than Subject have none
}

// Words are what dates, lists and every e-mail are made of.
type Words struct {
	Months      map[string][]string `yaml:"months"`   // 12, January first
	Weekdays    map[string][]string `yaml:"weekdays"` // 7, Sunday first
	Time        Text                `yaml:"time"`
	And         Text                `yaml:"and"`
	Unknown     Text                `yaml:"unknown_organisation"`
	Rights      map[string]Text     `yaml:"rights"`
	StaffRights map[string]Text     `yaml:"staff_rights"`
	// Owed are the things that are asked for and owed in an audit.
	Owed     map[string]Text `yaml:"owed"`
	Auditor  Text            `yaml:"auditor"`
	Article  Text            `yaml:"article"`
	GDPR     Text            `yaml:"gdpr"`
	Greeting struct {
		Named Text `yaml:"named"`
		Plain Text `yaml:"plain"`
	} `yaml:"greeting"`
	LinkNote Text            `yaml:"link_note"`
	Footer   map[Reader]Text `yaml:"footer"`
}

// Catalogue is all texts.
type Catalogue struct {
	Notices map[string]Notice
	Words   Words
	Vocabulary

	// Overdue ends a notice to a data subject whose answer is late; the first
	// OverdueOwn paragraphs do when it says already where to complain.
	// OverdueMail is the same for the e-mail.
	Overdue, OverdueMail []Paragraph
	OverdueOwn           int
}

// What passes when the day of a value does.
const (
	Answer = "answer" // the day by which a data subject has an answer
	Thing  = "thing"  // any other day that is promised or asked for
)

// Vocabulary is what texts may name.
type Vocabulary struct {
	Values map[string]Value `yaml:"values"`
	Flags  []string         `yaml:"flags"`
	Lists  []string         `yaml:"lists"`
}

// Value is something that is filled in. A private one never gets into an
// e-mail. A text with a value that looks Ahead has words for when its day has passed.
type Value struct {
	Ahead   string `yaml:"ahead"` // Answer or Thing, or "" for what is no promise
	Says    string `yaml:"says"`
	Private bool   `yaml:"private"`
}

// Load reads and checks the texts that are built into the program. Its errors
// name the kind of notice.
func Load() (Catalogue, error) { return LoadFrom(files) }

// LoadFrom is Load for the files in fsys.
func LoadFrom(fsys fs.FS) (Catalogue, error) {
	c := Catalogue{Notices: map[string]Notice{}}
	parts := map[string][]Paragraph{}
	for name, into := range map[string]any{"vocabulary.yaml": &c.Vocabulary, "words.yaml": &c.Words, "parts.yaml": &parts} {
		if err := read(fsys, name, into); err != nil {
			return Catalogue{}, err
		}
	}
	names, err := fs.Glob(fsys, "*.yaml")
	if err != nil {
		return Catalogue{}, fmt.Errorf("list notices: %w", err)
	}
	for _, name := range names {
		if slices.Contains([]string{"vocabulary.yaml", "words.yaml", "parts.yaml"}, name) {
			continue
		}
		var in map[string]Notice
		if err := read(fsys, name, &in); err != nil {
			return Catalogue{}, err
		}
		for kind, n := range in {
			if _, twice := c.Notices[kind]; twice {
				return Catalogue{}, fmt.Errorf("%s: there are two notices %q", name, kind)
			}
			n.Kind = kind
			if n.Body, err = expand(n.Body, parts); err != nil {
				return Catalogue{}, fmt.Errorf("%s: %s: %w", name, kind, err)
			}
			c.Notices[kind] = n
		}
	}
	c.Overdue, c.OverdueMail = parts["overdue"], parts["overdue_mail"]
	c.OverdueOwn = len(c.Overdue)
	for i, p := range c.Overdue {
		if p.Says == "complaint" {
			c.OverdueOwn = min(c.OverdueOwn, i)
		}
	}
	return c, c.check()
}

func read(fsys fs.FS, name string, into any) error {
	data, err := fs.ReadFile(fsys, name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	dec := yaml.NewDecoder(bytes.NewReader(data))
	dec.KnownFields(true)
	if err := dec.Decode(into); err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}

// expand puts shared passages in the place of their names.
func expand(all []Paragraph, parts map[string][]Paragraph) ([]Paragraph, error) {
	var out []Paragraph
	for _, p := range all {
		if p.Use == "" {
			out = append(out, p)
			continue
		}
		part, ok := parts[p.Use]
		if !ok || p != (Paragraph{Use: p.Use}) {
			return nil, fmt.Errorf("the passage %q does not exist, or more than its name is given", p.Use)
		}
		out = append(out, part...)
	}
	return out, nil
}

// Placeholder matches a value in a text: {reference}.
var Placeholder = regexp.MustCompile(`\{([a-z_]+)\}`)
