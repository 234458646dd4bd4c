// Package demo holds the made-up world of `inzage demo` and `inzage seed` as
// data: organisations, people, agreements, and the stories of requests with
// the words of those who wrote them. No person in it exists; the processors
// carry the names of the agreements.
package demo

import (
	"bytes"
	"embed"
	"errors"
	"fmt"
	"io"
	"io/fs"

	"go.yaml.in/yaml/v3"
)

// World is everybody and everything that exists before the first request.
type World struct {
	Password      string         `yaml:"password"` // of every demo account; empty: each gets its own
	Organisations []Organisation `yaml:"organisations"`
	Agreements    []Agreement    `yaml:"agreements"`
	People        []Person       `yaml:"people"` // operators and data subjects, who belong to no organisation
	Stories       []Story        `yaml:"-"`
	Audits        []Audit        `yaml:"-"`
}

// Organisation is a party with its people.
type Organisation struct {
	Slug   string   `yaml:"slug"` // names it in stories, too
	Name   string   `yaml:"name"`
	Kind   string   `yaml:"kind"` // controller, processor or auditor
	People []Person `yaml:"people"`
	// Information answers art. 15(1) and (2) GDPR, by the ids of
	// config/decisions/information.yaml, for the access requests it grants.
	Information map[string]string `yaml:"information"`
}

// Person has an account. Roles are the roles of services/identity.
type Person struct {
	Key      string   `yaml:"key"` // names the person in stories
	Name     string   `yaml:"name"`
	Email    string   `yaml:"email"`
	Language string   `yaml:"language"` // empty: nl
	Roles    []string `yaml:"roles"`
}

// Agreement puts a preset between two organisations, by their slugs.
type Agreement struct {
	Preset     string `yaml:"preset"`
	Controller string `yaml:"controller"`
	Processor  string `yaml:"processor"`
	Signed     string `yaml:"signed"` // YYYY-MM-DD
	From       string `yaml:"from"`   // YYYY-MM-DD
}

// Story is one request from its arrival on.
type Story struct {
	Key          string           `yaml:"key"`
	Ends         string           `yaml:"ends"`  // the state it is in at the end of its steps
	Start        Moment           `yaml:"start"` // when it was filed or entered
	Organisation string           `yaml:"organisation"`
	Controller   string           `yaml:"controller"` // chosen by the filer; empty is unknown, or the organisation itself
	About        string           `yaml:"about"`      // the organisation in the filer's words
	Language     string           `yaml:"language"`   // empty: nl
	Person       Filer            `yaml:"person"`
	Asked        map[string]Asked `yaml:"asked"` // by right
	Attachments  []File           `yaml:"attachments"`
	Unproven     bool             `yaml:"unproven"` // the e-mail address is never proven
	Entered      *Entered         `yaml:"entered"`  // set when staff put it in
	Steps        []Step           `yaml:"steps"`
}

// Filer is who the request is about.
type Filer struct {
	Name           string          `yaml:"name"`
	Email          string          `yaml:"email"`
	Phone          string          `yaml:"phone"`
	Identifiers    string          `yaml:"identifiers"`
	Representative *Representative `yaml:"representative"`
}

// Representative acts for somebody else.
type Representative struct {
	Name     string `yaml:"name"`
	Capacity string `yaml:"capacity"`
}

// Asked is what is written about one right.
type Asked struct {
	What   string `yaml:"what"`
	Into   string `yaml:"into"`
	Period string `yaml:"period"`
	To     string `yaml:"to"`
	Reason string `yaml:"reason"`
}

// Entered says how a request came in that staff put in.
type Entered struct {
	By       string `yaml:"by"`
	Channel  string `yaml:"channel"`
	Received Moment `yaml:"received"` // counted from the start
}

// File is made in code: a text as it stands, or a drawn picture or tone.
type File struct {
	Name string `yaml:"name"`
	Kind string `yaml:"kind"` // text, picture or tone
	Text string `yaml:"text"`
}

// Step is one thing that somebody does. Which fields it needs depends on Do.
type Step struct {
	At      Moment   `yaml:"at"` // counted from the start
	Do      string   `yaml:"do"`
	By      string   `yaml:"by"` // a person's key; empty is the data subject
	To      string   `yaml:"to"` // a person, organisation or story
	Right   string   `yaml:"right"`
	Outcome string   `yaml:"outcome"`
	Ground  string   `yaml:"ground"`
	Grounds []string `yaml:"grounds"`
	Months  int      `yaml:"months"`
	Text    string   `yaml:"text"`
	Least   string   `yaml:"least"`
	Enough  bool     `yaml:"enough"`
	Way     string   `yaml:"way"`
	Costs   []Cost   `yaml:"costs"`
	Files   []File   `yaml:"files"`
	Tell    []string `yaml:"tell"` // recipients to be told (art. 19 GDPR)
}

// Cost is an amount that a processor charges for its help.
type Cost struct {
	For   string `yaml:"for"`
	Cents int64  `yaml:"cents"`
}

//go:embed *.yaml stories/*.yaml audits/*.yaml
var files embed.FS

// Load reads the world of the demo with its stories, in the order of their files.
func Load() (World, error) {
	w, err := world("world.yaml")
	if err != nil {
		return World{}, err
	}
	if err := readAll("stories", &w.Stories); err != nil {
		return World{}, err
	}
	return w, readAll("audits", &w.Audits)
}

// readAll adds what every file of a folder holds, in the order of their names.
func readAll[T any](folder string, into *[]T) error {
	names, err := fs.Glob(files, folder+"/*.yaml")
	if err != nil {
		return fmt.Errorf("list the %s: %w", folder, err)
	}
	for _, name := range names {
		var some []T
		if err := read(name, &some); err != nil {
			return err
		}
		*into = append(*into, some...)
	}
	return nil
}

// Seed reads the world of `inzage seed`, which has no stories.
func Seed() (World, error) { return world("seed.yaml") }

func world(name string) (World, error) {
	var w World
	return w, read(name, &w)
}

// read decodes a file strictly: a misspelt field is a mistake, not a silence.
func read(name string, into any) error {
	raw, err := files.ReadFile(name)
	if err != nil {
		return fmt.Errorf("read %s: %w", name, err)
	}
	d := yaml.NewDecoder(bytes.NewReader(raw))
	d.KnownFields(true)
	if err := d.Decode(into); err != nil && !errors.Is(err, io.EOF) {
		return fmt.Errorf("read %s: %w", name, err)
	}
	return nil
}
