//go:build programs

package api_test

import (
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
	"inzage/services/tokens"
)

// generators is what `.ci/setup harden` put there: the packages of npm, and a Go module.
const (
	generators = "../../.tools/generators/node_modules"
	goModule   = "../../.ci/generators"
)

// workshop is where a client is generated, compiled and run.
type workshop struct {
	t        *testing.T
	dir      string
	env      []string
	packages string
}

func (w workshop) run(name string, args ...string) string {
	w.t.Helper()
	cmd := exec.CommandContext(w.t.Context(), name, args...)
	cmd.Dir, cmd.Env = w.dir, append(os.Environ(), w.env...)
	var wrong strings.Builder
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatalf("%s %s: %v\n%s%s", name, strings.Join(args, " "), err, out, wrong.String())
	}
	return string(out)
}

// take copies a file of the tests into the workshop.
func (w workshop) take(from, to string) {
	w.t.Helper()
	raw, err := os.ReadFile(from)
	if err == nil {
		err = os.MkdirAll(filepath.Dir(filepath.Join(w.dir, to)), 0o700)
	}
	if err == nil {
		err = os.WriteFile(filepath.Join(w.dir, to), raw, 0o600)
	}
	if err != nil {
		w.t.Fatal(err)
	}
}

// script generates with one of the packages of npm, compiles what uses it under
// the strictest rules, and runs that.
func (w workshop) script(use string, generate ...string) string {
	w.t.Helper()
	if err := os.Symlink(w.packages, filepath.Join(w.dir, "node_modules")); err != nil {
		w.t.Fatal(err)
	}
	w.take(filepath.Join("testdata", "generators", use), "main.ts")
	w.take(filepath.Join("testdata", "generators", "tsconfig.json"), "tsconfig.json")
	w.run(filepath.Join(w.packages, ".bin", generate[0]), generate[1:]...)
	w.run(filepath.Join(w.packages, ".bin", "tsc"), "-p", ".")
	return w.run("node", "main.js")
}

// program generates with one of the Go modules, and compiles and runs what uses it.
func (w workshop) program(name string, generate ...string) string {
	w.t.Helper()
	for _, file := range []string{"go.mod", "go.sum"} {
		w.take(filepath.Join(goModule, file), file)
	}
	w.take(filepath.Join("testdata", "generators", name+".go.txt"), filepath.Join(name, "main.go"))
	if err := os.MkdirAll(filepath.Join(w.dir, name, "client"), 0o700); err != nil {
		w.t.Fatal(err)
	}
	w.run("go", append([]string{"tool"}, generate...)...)
	return w.run("go", "run", "./"+name)
}

// TestGenerators makes a client with each of five generators, compiles it and
// lets it download a table for spreadsheets.
func TestGenerators(t *testing.T) {
	w := handlertest.New(t)
	admin, officer := w.Actor(w.Hire("Karel Bakker", w.Bakery, identity.Admin)), w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	secret, _, err := w.API.Tokens.Issue(t.Context(), admin, tokens.Wish{Name: "ERP", Roles: []identity.Role{identity.PrivacyOfficer}, Scopes: []string{"requests:read"}, Days: 1})
	if err != nil {
		t.Fatal(err)
	}
	r, err := w.Requests.Enter(t.Context(), officer, ledger.NewID("req"), requests.Entry{Channel: requests.Letter, Received: w.Now().Add(-time.Hour),
		Filing: requests.Filing{Organisation: w.Bakery.ID, Rights: []requests.Right{requests.Access}, Asked: map[requests.Right]requests.Asked{requests.Access: {What: "Alles"}},
			Person: requests.Person{Name: "Fatima el Amrani"}, Language: "nl"}})
	if err != nil {
		t.Fatal(err)
	}
	packages, err := filepath.Abs(generators)
	if err != nil {
		t.Fatal(err)
	}
	for name, download := range map[string]func(workshop) string{
		"ogen": func(w workshop) string {
			return w.program("ogen", "ogen", "-target", "ogen/client", "-package", "client", "openapi.json")
		},
		"oapi-codegen": func(w workshop) string {
			return w.program("oapi", "oapi-codegen", "-generate", "types,client", "-package", "client", "-o", "oapi/client/client.go", "openapi-3.0.json")
		},
		"openapi-typescript": func(w workshop) string {
			return w.script("openapi-typescript.ts", "openapi-typescript", "openapi.json", "-o", "schema.d.ts")
		},
		"hey-api": func(w workshop) string {
			return w.script("hey-api.ts", "openapi-ts", "-i", "openapi.json", "-o", "generated", "-c", "@hey-api/client-fetch", "--no-log-file")
		},
		"orval": func(w workshop) string {
			return w.script("orval.ts", "orval", "--input", "openapi.json", "--output", "generated.ts", "--client", "axios-functions")
		},
	} {
		t.Run(name, func(t *testing.T) {
			shop := workshop{t: t, dir: t.TempDir(), packages: packages,
				env: []string{"PORTAL=" + w.BaseURL, "TOKEN=" + secret, "GOFLAGS=-mod=mod", "NO_UPDATE_NOTIFIER=1"}}
			saved(t, w, shop.dir, "openapi.json")
			saved(t, w, shop.dir, "openapi-3.0.json")
			table := strings.Split(strings.TrimSpace(download(shop)), "\n")
			if len(table) != 2 || !strings.HasPrefix(table[0], "reference,rights,state,received_on,") || !strings.HasPrefix(table[1], r.Reference+",") {
				t.Errorf("downloaded %q", table)
			}
		})
	}
}

// TestRedocly: another maker's examination of the document finds no error.
func TestRedocly(t *testing.T) {
	w := handlertest.New(t)
	packages, err := filepath.Abs(generators)
	if err != nil {
		t.Fatal(err)
	}
	shop := workshop{t: t, dir: t.TempDir(), packages: packages, env: []string{"REDOCLY_TELEMETRY=off", "REDOCLY_SUPPRESS_UPDATE_NOTICE=true"}}
	saved(t, w, shop.dir, "openapi.json")
	shop.run(filepath.Join(packages, ".bin", "redocly"), "lint", "openapi.json") // fails on errors
}
