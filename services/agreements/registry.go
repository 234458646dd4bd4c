package agreements

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"sync"
	"time"

	"inzage/services/deadlines"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// Agreement is one agreement between two organisations of the portal, with
// every version of its terms. Old versions stay: a request or an audit is
// judged by the version in force when it began.
type Agreement struct {
	document.Meta
	Controller string    `json:"controller"` // org_…
	Processor  string    `json:"processor"`  // org_…
	Key        string    `json:"key"`        // of the terms it began with, e.g. "mpg"
	SignedOn   string    `json:"signed_on"`  // YYYY-MM-DD
	From       string    `json:"from"`       // YYYY-MM-DD, in force from the start of this day
	Until      string    `json:"until"`      // YYYY-MM-DD, the last day in force; "" is open
	Versions   []Version `json:"versions"`
}

// Version is one version of the terms, as its owner wrote it.
type Version struct {
	Number int       `json:"number"` // from 1
	From   string    `json:"from"`   // YYYY-MM-DD
	Source string    `json:"source"` // the YAML text
	At     time.Time `json:"at"`
	By     string    `json:"by"`
}

// Applied is one version of an agreement with its terms read.
type Applied struct {
	ID, Controller, Processor string
	Version                   int
	Terms                     Terms
}

// Kinds are the collections of this package.
var Kinds = []document.Kind{{Name: "agreements", Indexes: []document.Index{
	{Name: "controller", Fields: []string{"controller", "from"}},
	{Name: "processor", Fields: []string{"processor", "from"}},
	{Name: "pair", Fields: []string{"controller", "processor", "from"}},
}}}

// Registry keeps the agreements of the portal. Only Now and Agreements must be set.
type Registry struct {
	Agreements document.Collection[Agreement]
	Now        func() time.Time
	read       sync.Map // agreement id and version to Terms: a version never changes
}

var errNone = fault.New(fault.NotFound, "There is no agreement in force between these organisations.")

// Signing is what is needed to put an agreement into the portal.
type Signing struct {
	Controller, Processor string
	SignedOn, From, Until string // YYYY-MM-DD; Until may be ""
	Source                string // the YAML of its terms
}

// Sign adds an agreement. The administrator of either party may do it; the
// terms are checked whole, and a fault in them is refused with its line.
func (g *Registry) Sign(ctx context.Context, by identity.Actor, id string, in Signing) (Agreement, error) {
	if !by.IsStaffOf(in.Controller, identity.Admin) && !by.IsStaffOf(in.Processor, identity.Admin) && !by.Is(identity.Operator) && by.Account != "system" {
		return Agreement{}, fault.New(fault.Forbidden, "Only an administrator of one of the two parties can add an agreement.")
	}
	terms, err := in.checked()
	if err != nil {
		return Agreement{}, err
	}
	a := Agreement{Controller: in.Controller, Processor: in.Processor, Key: terms.Key, SignedOn: in.SignedOn, From: in.From, Until: in.Until,
		Versions: []Version{{Number: 1, From: in.From, Source: in.Source, At: g.now(), By: by.Account}}}
	a.ID = id
	return a, g.Agreements.Create(ctx, &a, g.event(by, "agreement.sign", a, 1))
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

// CheckAmendment refuses a new version that Amend would refuse whoever asks.
// It changes nothing.
func (a Agreement) CheckAmendment(from, source string) error {
	in := Signing{Controller: a.Controller, Processor: a.Processor, SignedOn: a.SignedOn, From: from, Source: source}
	if _, err := in.checked(); err != nil {
		return err
	}
	if last := a.Versions[len(a.Versions)-1]; from < last.From {
		return fault.New(fault.Invalid, "Some answers need another look.").At("from", "A new version cannot begin before the one it replaces: %s.", last.From)
	}
	return nil
}

// Amend adds a version of the terms that is in force from a day on.
func (g *Registry) Amend(ctx context.Context, by identity.Actor, id, from, source string) (Agreement, error) {
	return g.change(ctx, by, id, "agreement.amend", func(a *Agreement) error {
		if err := a.CheckAmendment(from, source); err != nil {
			return err
		}
		last := a.Versions[len(a.Versions)-1]
		a.Versions = append(a.Versions, Version{Number: last.Number + 1, From: from, Source: source, At: g.now(), By: by.Account})
		return nil
	})
}

// End sets the last day in force.
func (g *Registry) End(ctx context.Context, by identity.Actor, id, until string) (Agreement, error) {
	return g.change(ctx, by, id, "agreement.end", func(a *Agreement) error {
		if _, err := time.Parse(time.DateOnly, until); err != nil || until < a.From {
			return fault.New(fault.Invalid, "Some answers need another look.").At("until", "Fill in a date on or after the first day in force.")
		}
		a.Until = until
		return nil
	})
}

func (g *Registry) change(ctx context.Context, by identity.Actor, id, action string, do func(*Agreement) error) (Agreement, error) {
	return g.Agreements.Update(ctx, id, func(a *Agreement) ([]ledger.Event, error) {
		if !sees(by, *a) {
			return nil, document.ErrNotFound
		}
		if !by.IsStaffOf(by.Organisation, identity.Admin) {
			return nil, fault.New(fault.Forbidden, "Only an administrator of one of the two parties can change an agreement.")
		}
		if err := do(a); err != nil {
			return nil, err
		}
		return []ledger.Event{g.event(by, action, *a, len(a.Versions))}, nil
	})
}

func (g *Registry) event(by identity.Actor, action string, a Agreement, version int) ledger.Event {
	return ledger.Event{ID: ledger.NewID("evt"), At: g.now(), Actor: by.Account, Organisation: by.Organisation, Action: action,
		Object: a.ID, Outcome: ledger.Done, Details: map[string]string{"controller": a.Controller, "processor": a.Processor, "version": strconv.Itoa(version)}}
}

func (g *Registry) now() time.Time { return g.Now().UTC().Truncate(time.Millisecond) }

func sees(by identity.Actor, a Agreement) bool {
	return by.IsStaffOf(a.Controller) || by.IsStaffOf(a.Processor) || by.Account == "system"
}

// Get returns an agreement to its parties; to anybody else it does not exist.
func (g *Registry) Get(ctx context.Context, by identity.Actor, id string) (Agreement, error) {
	a, err := g.Agreements.Get(ctx, id)
	if err == nil && !sees(by, a) {
		return Agreement{}, document.ErrNotFound
	}
	return a, err
}

// Of lists the agreements of the actor's organisation, in either role, at most 200 of each.
func (g *Registry) Of(ctx context.Context, by identity.Actor) ([]Agreement, error) {
	if by.Organisation == "" || !by.IsStaffOf(by.Organisation) {
		return nil, document.ErrNotFound
	}
	var all []Agreement
	for _, index := range []string{"controller", "processor"} {
		page, err := g.Agreements.List(ctx, document.Query{Index: index, Equal: []any{by.Organisation}, Limit: 200})
		if err != nil {
			return nil, err
		}
		all = append(all, page.Rows...)
	}
	return all, nil
}

// InForce tells whether the agreement is in force on the day of an instant.
func (a Agreement) InForce(at time.Time) (bool, error) {
	_, in, err := a.versionAt(at)
	return in, err
}

// Parties are the organisations that have an agreement in force, in either
// role, each once, sorted by id. It reads all agreements, for a daily round.
func (g *Registry) Parties(ctx context.Context, at time.Time) ([]string, error) {
	parties := map[string]bool{}
	q := document.Query{Index: "controller", Limit: 500}
	for {
		page, err := g.Agreements.List(ctx, q)
		if err != nil {
			return nil, fmt.Errorf("list all agreements: %w", err)
		}
		for _, a := range page.Rows {
			in, err := a.InForce(at)
			if err != nil {
				return nil, err
			}
			if in {
				parties[a.Controller], parties[a.Processor] = true, true
			}
		}
		if q.After = page.Next; q.After == "" {
			return slices.Sorted(maps.Keys(parties)), nil
		}
	}
}

// Between returns the agreement in force between two organisations.
func (g *Registry) Between(ctx context.Context, controller, processor string, at time.Time) (Applied, error) {
	return g.first(ctx, document.Query{Index: "pair", Equal: []any{controller, processor}, Limit: 50, Descending: true}, at)
}

func (g *Registry) first(ctx context.Context, q document.Query, at time.Time) (Applied, error) {
	all, err := g.applied(ctx, q, at)
	if err != nil {
		return Applied{}, err
	}
	if len(all) == 0 {
		return Applied{}, errNone
	}
	return all[0], nil
}

// OfProcessor lists the agreements in force of a processor, at most 200.
func (g *Registry) OfProcessor(ctx context.Context, processor string, at time.Time) ([]Applied, error) {
	return g.applied(ctx, document.Query{Index: "processor", Equal: []any{processor}, Limit: 200}, at)
}

// OfController lists the agreements in force of a controller, at most 200.
func (g *Registry) OfController(ctx context.Context, controller string, at time.Time) ([]Applied, error) {
	return g.applied(ctx, document.Query{Index: "controller", Equal: []any{controller}, Limit: 200}, at)
}

func (g *Registry) applied(ctx context.Context, q document.Query, at time.Time) ([]Applied, error) {
	page, err := g.Agreements.List(ctx, q)
	if err != nil {
		return nil, err
	}
	var in []Applied
	for _, a := range page.Rows {
		v, ok, err := a.versionAt(at)
		if err != nil {
			return nil, err
		}
		if !ok {
			continue
		}
		one, err := g.apply(a, v)
		if err != nil {
			return nil, err
		}
		in = append(in, one)
	}
	return in, nil
}

// versionAt is the version in force on the local day of an instant. Which
// version that is has to be known before its own zone can be read, so the day
// is counted in the portal's default zone.
func (a Agreement) versionAt(at time.Time) (Version, bool, error) {
	zone, err := deadlines.Zone("Europe/Amsterdam")
	if err != nil {
		return Version{}, false, err
	}
	day := at.In(zone).Format(time.DateOnly)
	if day < a.From || (a.Until != "" && day > a.Until) {
		return Version{}, false, nil
	}
	for _, v := range slices.Backward(a.Versions) {
		if v.From <= day {
			return v, true, nil
		}
	}
	return Version{}, false, nil
}

// Applied returns one version of an agreement, in force or not.
func (g *Registry) Applied(ctx context.Context, id string, version int) (Applied, error) {
	a, err := g.Agreements.Get(ctx, id)
	if err != nil {
		return Applied{}, err
	}
	i := slices.IndexFunc(a.Versions, func(v Version) bool { return v.Number == version })
	if i < 0 {
		return Applied{}, errNone
	}
	return g.apply(a, a.Versions[i])
}

func (g *Registry) apply(a Agreement, v Version) (Applied, error) {
	one := Applied{ID: a.ID, Controller: a.Controller, Processor: a.Processor, Version: v.Number}
	key := a.ID + "/" + strconv.Itoa(v.Number)
	if t, ok := g.read.Load(key); ok {
		one.Terms = t.(Terms)
		return one, nil
	}
	terms, problems := Parse([]byte(v.Source))
	if len(problems) > 0 {
		return Applied{}, fault.New(fault.Unavailable, "The terms of this agreement can no longer be read. Ask an administrator to look at them.")
	}
	g.read.Store(key, terms)
	one.Terms = terms
	return one, nil
}
