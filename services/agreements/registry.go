package agreements

import (
	"context"
	"slices"
	"strconv"
	"sync"
	"sync/atomic"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
)

// Agreement is one agreement between two organisations of the portal, with
// every version of its terms. Old versions stay: a request or an audit is
// judged by the version in force when it began.
//
// It has no effect on anybody before both sides have agreed to it, and neither
// has a later version or an ending: one side proposes, the other accepts.
type Agreement struct {
	document.Meta
	Controller string    `json:"controller"` // org_…
	Processor  string    `json:"processor"`  // org_…
	Key        string    `json:"key"`        // of the terms it began with, e.g. "mpg"
	SignedOn   string    `json:"signed_on"`  // YYYY-MM-DD, as it was stated
	From       string    `json:"from"`       // YYYY-MM-DD, in force from the start of this day
	Until      string    `json:"until"`      // YYYY-MM-DD, the last day in force; "" is open
	Versions   []Version `json:"versions"`   // accepted ones, and the first

	Standing Standing  `json:"standing"` // "" in a store from before
	Stated   time.Time `json:"stated"`   // when it was put in
	Proposal *Proposal `json:"proposal,omitempty"`
	Turns    int       `json:"turns"`   // proposals so far
	Numbers  int       `json:"numbers"` // the highest version number that was ever proposed
	Steps    []Step    `json:"steps"`
	// Adopted is the day (YYYY-MM-DD) on which the portal began to ask for both
	// sides' word, of an agreement from before.
	Adopted   string   `json:"adopted"`
	Confirmed []string `json:"confirmed,omitempty"` // the sides that confirmed it

	// For the indexes: whether it has had or will have effect; its last day
	// (endless when open), or of one without effect the day of its last step;
	// and which side has to answer.
	Live          bool   `json:"live"`
	Last          string `json:"last"`
	AskController bool   `json:"ask_controller"`
	AskProcessor  bool   `json:"ask_processor"`
}

// endless is the last day of what has no end.
const endless = "9999-12-31"

// Standing is how far both sides agree that an agreement stands.
type Standing string

// The standings of an agreement.
const (
	Proposed  Standing = "proposed"
	Agreed    Standing = "agreed" // by both sides
	Declined  Standing = "declined"
	Withdrawn Standing = "withdrawn"
	// Unconfirmed is an agreement of a store from before, stated by one side:
	// what was in force keeps its effect until a side disputes it, what was to
	// come waits until both have confirmed it.
	Unconfirmed Standing = "unconfirmed"
	Disputed    Standing = "disputed"
)

// The things that one side proposes and the other accepts.
const (
	TheAgreement = "agreement"
	AVersion     = "version"
	AnEnding     = "ending"
)

// Proposal is what waits for the other side; one at a time.
type Proposal struct {
	Turn         int       `json:"turn"` // tells it from every other one of the agreement
	Of           string    `json:"of"`
	Organisation string    `json:"organisation"` // the side that proposes
	By           string    `json:"by"`
	At           time.Time `json:"at"`
	Version      *Version  `json:"version,omitempty"`
	Until        string    `json:"until,omitempty"`
}

// Step is something that a side did about the agreement.
type Step struct {
	At           time.Time `json:"at"`
	Organisation string    `json:"organisation"`
	By           string    `json:"by"`
	Deed         string    `json:"deed"` // the action in the ledger, without "agreement."
	Of           string    `json:"of"`
	Day          string    `json:"day"` // from or until which day
}

// Version is one version of the terms, as its owner wrote it.
type Version struct {
	Number int       `json:"number"` // from 1
	From   string    `json:"from"`   // YYYY-MM-DD, in force from; never before the day it was accepted
	Source string    `json:"source"` // the YAML text
	At     time.Time `json:"at"`
	By     string    `json:"by"`
	Wanted string    `json:"wanted"` // the first day as it was proposed
}

// Applied is one version of an agreement with its terms read.
type Applied struct {
	ID, Controller, Processor string
	Version                   int
	Terms                     Terms
	from                      string // its first day
}

// Kinds are the collections of this package.
var Kinds = []document.Kind{{Name: "agreements", Indexes: []document.Index{
	{Name: "controller", Fields: []string{"controller", "from"}},
	{Name: "processor", Fields: []string{"processor", "from"}},
	{Name: "live", Fields: []string{"live", "last"}},
	{Name: "live_controller", Fields: []string{"controller", "live", "last"}},
	{Name: "live_processor", Fields: []string{"processor", "live", "last"}},
	{Name: "live_pair", Fields: []string{"controller", "processor", "live", "last"}},
	{Name: "stated", Fields: []string{"controller", "processor", "stated"}},
	{Name: "ask_controller", Fields: []string{"controller", "ask_controller", "from"}},
	{Name: "ask_processor", Fields: []string{"processor", "ask_processor", "from"}},
	{Name: "standing", Fields: []string{"standing", "from"}},
}}}

// Registry keeps the agreements of the portal. Only Now and Agreements must be set.
type Registry struct {
	Agreements document.Collection[Agreement]
	Now        func() time.Time
	read       sync.Map // agreement id and version to Terms: a version never changes
	adopting   sync.Mutex
	adopted    atomic.Bool // nothing from before is left
}

var errNone = fault.New(fault.NotFound, "There is no agreement in force between these organisations.")

// Signing is what is needed to put an agreement into the portal.
type Signing struct {
	Controller, Processor string
	SignedOn, From, Until string // YYYY-MM-DD; Until may be ""
	Source                string // the YAML of its terms
}

func (in Signing) checked() (Terms, error) {
	var form fault.Form
	if in.Controller == "" || in.Processor == "" || in.Controller == in.Processor {
		form.Refuse("controller", "Choose two different organisations.")
	}
	for field, date := range map[string]string{"signed_on": in.SignedOn, "from": in.From, "until": in.Until} {
		if _, err := time.Parse(time.DateOnly, date); err != nil && (field != "until" || date != "") {
			form.Refuse(field, "Fill in a date as year, month and day.")
		}
	}
	if in.Until != "" && in.Until < in.From {
		form.Refuse("until", "The end lies before the beginning.")
	}
	terms, problems := Parse([]byte(in.Source))
	for _, p := range problems {
		form.Refuse("source", "Line %s: %s", strconv.Itoa(p.Line), p.Reason())
	}
	return terms, form.Err()
}

// Check refuses what Sign would refuse whoever asks: two parties that are one,
// dates that do not exist, terms with a fault. It changes nothing.
func (in Signing) Check() error {
	_, err := in.checked()
	return err
}

func (g *Registry) now() time.Time { return g.Now().UTC().Truncate(time.Millisecond) }

func sees(by identity.Actor, a Agreement) bool {
	return by.IsStaffOf(a.Controller) || by.IsStaffOf(a.Processor) || by.Account == "system"
}

// Get returns an agreement to its parties; to anybody else it does not exist.
func (g *Registry) Get(ctx context.Context, by identity.Actor, id string) (Agreement, error) {
	if err := g.Adopt(ctx); err != nil {
		return Agreement{}, err
	}
	a, err := g.Agreements.Get(ctx, id)
	if err == nil && !sees(by, a) {
		return Agreement{}, document.ErrNotFound
	}
	return a, err
}

// Numbered is the version with a number: an accepted one, the first, or the one that is proposed.
func (a Agreement) Numbered(version int) (Version, bool) {
	if p := a.Proposal; p != nil && p.Version != nil && p.Version.Number == version {
		return *p.Version, true
	}
	i := slices.IndexFunc(a.Versions, func(v Version) bool { return v.Number == version })
	if i < 0 {
		return Version{}, false
	}
	return a.Versions[i], true
}

// Newest is the version that was accepted last, or the first one.
func (a Agreement) Newest() Version { return a.Versions[len(a.Versions)-1] }

// Applied returns one version of an agreement, in force, proposed or not.
func (g *Registry) Applied(ctx context.Context, id string, version int) (Applied, error) {
	a, err := g.Agreements.Get(ctx, id)
	if err != nil {
		return Applied{}, err
	}
	v, ok := a.Numbered(version)
	if !ok {
		return Applied{}, errNone
	}
	return g.apply(a, v)
}

func (g *Registry) apply(a Agreement, v Version) (Applied, error) {
	one := Applied{ID: a.ID, Controller: a.Controller, Processor: a.Processor, Version: v.Number, from: a.From}
	key := a.ID + "/" + strconv.Itoa(v.Number)
	if t, ok := g.read.Load(key); ok {
		one.Terms = t.(Terms)
		return one, nil
	}
	terms, problems := ParseStored([]byte(v.Source))
	if len(problems) > 0 {
		return Applied{}, fault.New(fault.Unavailable, "The terms of this agreement can no longer be read. Ask an administrator to look at them.")
	}
	g.read.Store(key, terms)
	one.Terms = terms
	return one, nil
}
