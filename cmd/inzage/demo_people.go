package main

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"time"

	"inzage/config/demo"
	"inzage/services/agreements"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// cast is everybody who was made from a demo.World, by the names the data uses.
type cast struct {
	world         demo.World
	organisations map[string]identity.Organisation // by slug
	agreements    []agreements.Agreement           // in the order of the world
	members       map[string]member                // by key
}

// member is a person with an account and what signs them in.
type member struct {
	identity.Provisioned
	demo.Person
	Organisation identity.Organisation // zero for operators and data subjects
	Password     string
}

// actor is the member, fully signed in. The portal's own commands act for
// made-up people only.
func (m member) actor() identity.Actor {
	by := identity.Actor{Account: m.Account, Organisation: m.Organisation.ID, Level: identity.Full, Language: m.Language}
	for _, r := range m.Roles {
		by.Roles = append(by.Roles, identity.Role(r))
	}
	return by
}

// populate makes the organisations, agreements and accounts of a world in an
// empty store. password gives each account its password.
func (p *portal) populate(ctx context.Context, w demo.World, password func() string) (cast, error) {
	c := cast{world: w, organisations: map[string]identity.Organisation{}, members: map[string]member{}}
	for _, o := range w.Organisations {
		made, err := p.identity.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: o.Name, Slug: o.Slug, Country: "NL"})
		if err != nil {
			return cast{}, fmt.Errorf("make %s: %w", o.Slug, err)
		}
		c.organisations[o.Slug] = made
	}
	for _, a := range w.Agreements {
		made, err := p.sign(ctx, c, a)
		if err != nil {
			return cast{}, fmt.Errorf("sign %s of %s and %s: %w", a.Preset, a.Controller, a.Processor, err)
		}
		c.agreements = append(c.agreements, made)
	}
	return c, p.hire(ctx, &c, password)
}

// sign has both parties sign on the first day of the agreement: what they agree
// on is never in force from before that.
func (p *portal) sign(ctx context.Context, c cast, a demo.Agreement) (agreements.Agreement, error) {
	source, err := agreements.PresetSource(a.Preset)
	if err != nil {
		return agreements.Agreement{}, err
	}
	day, err := time.Parse(time.DateOnly, a.From)
	if err != nil {
		return agreements.Agreement{}, fmt.Errorf("read the first day: %w", err)
	}
	then := &agreements.Registry{Agreements: p.agreements.Agreements, Now: func() time.Time { return day.Add(9 * time.Hour) }}
	return then.SignedByBoth(ctx, ledger.NewID("agr"), agreements.Signing{Controller: c.organisations[a.Controller].ID,
		Processor: c.organisations[a.Processor].ID, SignedOn: a.Signed, From: a.From, Source: string(source)})
}

// hire makes the accounts, two at a time: nearly all of the time goes into
// hashing the passwords, and the service hashes two at once.
func (p *portal) hire(ctx context.Context, c *cast, password func() string) error {
	var all []member
	for _, o := range c.world.Organisations {
		for _, person := range o.People {
			all = append(all, member{Person: person, Organisation: c.organisations[o.Slug], Password: password()})
		}
	}
	for _, person := range c.world.People {
		all = append(all, member{Person: person, Password: password()})
	}
	var hands sync.WaitGroup
	failures := make([]error, 2)
	for hand := range failures {
		hands.Go(func() {
			for i := hand; i < len(all) && failures[hand] == nil; i += len(failures) {
				all[i].Provisioned, failures[hand] = p.provision(ctx, all[i])
			}
		})
	}
	hands.Wait()
	for _, m := range all {
		c.members[m.Key] = m
	}
	return errors.Join(failures...)
}

func (p *portal) provision(ctx context.Context, m member) (identity.Provisioned, error) {
	in := identity.Provision{Organisation: m.Organisation.ID, Realm: identity.Staff, Roles: m.actor().Roles,
		Name: m.Name, Email: m.Email, Language: m.language(), Password: m.Password}
	if slices.Contains(in.Roles, identity.Subject) {
		in.Realm = identity.Subjects
	}
	made, err := p.identity.Provision(ctx, identity.System(), in)
	if err != nil {
		return identity.Provisioned{}, fmt.Errorf("make the account of %s: %w", m.Key, err)
	}
	return made, nil
}

func (m member) language() string {
	if m.Language == "" {
		return "nl"
	}
	return m.Language
}

// ordered are the members in the order in which the world names them.
func (c cast) ordered() []member {
	var all []member
	for _, o := range c.world.Organisations {
		for _, person := range o.People {
			all = append(all, c.members[person.Key])
		}
	}
	for _, person := range c.world.People {
		all = append(all, c.members[person.Key])
	}
	return all
}
