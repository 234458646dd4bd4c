package main

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"net/url"
	"slices"
	"strings"
	"time"

	"inzage/config"
	"inzage/config/demo"
	"inzage/services/document"
	"inzage/services/identity"
)

const seedHelp = `inzage seed [--json]

Fills an empty store with made-up organisations, agreements and accounts, and
prints their passwords and authenticator secrets. They are printed once, here.`

// planted is what inzage seed prints.
type planted struct {
	BaseURL       string         `json:"base_url"`
	Organisations []plantedOrg   `json:"organisations"`
	Agreements    []plantedTerms `json:"agreements"`
	Accounts      []plantedOne   `json:"accounts"`
}

type plantedOrg struct {
	ID   string `json:"id"`
	Name string `json:"name"`
	Slug string `json:"slug"`
	Kind string `json:"kind"` // controller, processor or auditor
}

type plantedTerms struct {
	ID         string `json:"id"`
	Preset     string `json:"preset"`
	Controller string `json:"controller"` // org_…
	Processor  string `json:"processor"`  // org_…
	From       string `json:"from"`       // YYYY-MM-DD
}

type plantedOne struct {
	ID           string   `json:"id"`
	Key          string   `json:"key"` // agent-1, processor-admin-2 …
	Name         string   `json:"name"`
	Email        string   `json:"email"`
	Realm        string   `json:"realm"` // staff or subjects: the same address may be in both
	Roles        []string `json:"roles"`
	Organisation string   `json:"organisation"` // org_…; empty for operators and data subjects
	Language     string   `json:"language"`
	Password     string   `json:"password"`
	TOTPSecret   string   `json:"totp_secret"` // base32; six digits, 30 seconds, SHA-1
	Recovery     []string `json:"recovery_codes"`
}

func runSeed(ctx context.Context, in invocation) error {
	var asJSON bool
	cfg, rest, err := settings("seed", in, seedHelp, func(fs *flag.FlagSet) { fs.BoolVar(&asJSON, "json", false, "print one JSON object") })
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usage("inzage seed takes no arguments.")
	}
	if cfg.BaseURL == nil {
		cfg.BaseURL = &url.URL{Scheme: "http", Host: cfg.Listen}
	}
	if err := makeMaster(cfg); err != nil {
		return err
	}
	out, err := plant(ctx, in, cfg)
	if err != nil {
		return err
	}
	if asJSON {
		e := json.NewEncoder(in.Stdout)
		e.SetIndent("", "  ")
		return e.Encode(out)
	}
	return out.print(in.Stdout)
}

func plant(ctx context.Context, in invocation, cfg config.Config) (planted, error) {
	p, err := open(ctx, cfg, logger(in.Stderr, cfg.LogLevel), time.Now)
	if err != nil {
		return planted{}, err
	}
	defer p.close()
	if err := p.vacant(ctx); err != nil {
		return planted{}, err
	}
	w, err := demo.Seed()
	if err != nil {
		return planted{}, err
	}
	c, err := p.populate(ctx, w, newPassword)
	if err != nil {
		return planted{}, fmt.Errorf("fill the store: %w", err)
	}
	// Sealed now, so that the first export has all of it.
	for n := 1; n > 0 && err == nil; {
		n, err = p.ledger.Drain(ctx, p.engine)
	}
	return c.planted(cfg), err
}

// vacant refuses a store in which anybody or anything is.
func (p *portal) vacant(ctx context.Context) error {
	page, err := p.identity.ListOrganisations(ctx, identity.System(), "", 1)
	if err != nil {
		return err
	}
	operators, err := p.identity.Accounts.Count(ctx, document.Query{Index: "operators", Equal: []any{true}, Limit: 1})
	if err != nil {
		return fmt.Errorf("look for accounts: %w", err)
	}
	if len(page.Rows) > 0 || operators > 0 {
		return usage("The store is not empty, and inzage seed fills only an empty one; choose another with INZAGE_DATA or INZAGE_STORE.")
	}
	return nil
}

// newPassword is a password that nobody chose: about 98 bits.
func newPassword() string {
	t := strings.ToLower(rand.Text())
	return t[:5] + "-" + t[5:10] + "-" + t[10:15] + "-" + t[15:20]
}

func (c cast) planted(cfg config.Config) planted {
	out := planted{BaseURL: cfg.BaseURL.String()}
	for _, o := range c.world.Organisations {
		out.Organisations = append(out.Organisations, plantedOrg{ID: c.organisations[o.Slug].ID, Name: o.Name, Slug: o.Slug, Kind: o.Kind})
	}
	for _, a := range c.agreements {
		out.Agreements = append(out.Agreements, plantedTerms{ID: a.ID, Preset: a.Key, Controller: a.Controller, Processor: a.Processor, From: a.From})
	}
	for _, m := range c.ordered() {
		one := plantedOne{ID: m.Account, Key: m.Key, Name: m.Name, Email: m.Email, Realm: string(identity.Staff), Roles: m.Roles,
			Organisation: m.Organisation.ID, Language: m.language(), Password: m.Password, TOTPSecret: m.TOTP, Recovery: m.Recovery}
		if slices.Contains(m.Roles, string(identity.Subject)) {
			one.Realm = string(identity.Subjects)
		}
		out.Accounts = append(out.Accounts, one)
	}
	return out
}

// print writes the accounts one a line.
func (o planted) print(w io.Writer) error {
	for _, a := range o.Accounts {
		if _, err := fmt.Fprintf(w, "%-34s %-24s %-18s %s\n", a.Email, a.Password, strings.Join(a.Roles, ","), a.TOTPSecret); err != nil {
			return err
		}
	}
	return nil
}
