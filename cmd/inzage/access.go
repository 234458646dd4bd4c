package main

import (
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"inzage/handlers"
	"inzage/handlers/access"
	"inzage/services/audits"
	"inzage/services/identity"
	"inzage/services/requests"
)

const accessHelp = `
inzage access [--json]

Prints who may do what: every route with its roles, the object that decides
behind the door and the entry it leaves in the ledger; the tables of requests
and audits; the routes that leave no entry; limits and times. It is made of
the tables that the portal's guards follow; GET /api/v1/access gives the
same of a running portal.

Flags:`

// runAccess publishes the tables of access.
func runAccess(_ context.Context, in invocation) error {
	var asJSON bool
	cfg, rest, err := settings("access", in, accessHelp, func(fs *flag.FlagSet) { fs.BoolVar(&asJSON, "json", false, "print one JSON object") })
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usage("inzage access takes no arguments.")
	}
	own := identity.DefaultLimits()
	own.Idle, own.Absolute = cfg.SessionIdle, cfg.SessionAbsolute
	ref := access.Publish(handlers.Table(), access.Bounds{Identity: own,
		Requests: requests.Limits{FileBytes: cfg.UploadLimit, Files: requests.DefaultLimits.Files},
		Audits:   audits.Limits{FileBytes: cfg.UploadLimit, Files: audits.DefaultLimits.Files},
		Pace:     handlers.Deps{RequestTimeout: cfg.RequestTimeout, UploadTimeout: cfg.UploadTimeout}.Pace()})
	if asJSON {
		enc := json.NewEncoder(in.Stdout)
		enc.SetIndent("", "  ")
		return enc.Encode(ref)
	}
	return printAccess(in.Stdout, ref)
}

func printAccess(w io.Writer, ref access.Reference) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	line := func(cells ...string) { fmt.Fprintln(t, strings.Join(cells, "\t")) } // Flush tells what went wrong
	line("ROUTE", "DOOR", "ROLES", "OBJECT", "RELATIONS", "FRESH", "ENTRY", "SCOPE")
	for _, r := range ref.Routes {
		line(r.Route, string(r.Door), joined(r.Roles), string(r.Object), joined(r.Relations), string(r.Fresh), r.Entry, r.Scope)
	}
	for _, table := range []struct {
		name  string
		steps []access.Step
	}{{"REQUEST", ref.Requests}, {"AUDIT", ref.Audits}} {
		line("")
		line(table.name, "BY", "FROM", "TO")
		for _, s := range table.steps {
			line(s.Action, joined(s.By), joined(s.From), s.To)
		}
	}
	line("")
	line("LIMIT", "VALUE")
	for _, l := range ref.Limits {
		value := l.Time
		if value == "" {
			value = fmt.Sprint(l.Value)
		}
		line(l.Name, value)
	}
	line("")
	line("ROUTES THAT LEAVE NO ENTRY")
	for _, name := range ref.Silent {
		line(name)
	}
	return t.Flush()
}

func joined[T ~string](all []T) string {
	var words []string
	for _, one := range all {
		words = append(words, string(one))
	}
	return strings.Join(words, ",")
}
