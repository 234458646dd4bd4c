package main_test

import (
	"encoding/json"
	"errors"
	"go/ast"
	"go/parser"
	"go/token"
	"io"
	"io/fs"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"
)

// boundaries say who may import whom, directly or through others. The key is
// the beginning of a package path below the module; every package that the
// product is made of falls under exactly one row, the longest that fits.
var boundaries = map[string]struct {
	own   []string // beginnings of the module's own packages it may reach, through others too
	never []string // beginnings of foreign packages it must not import itself
}{
	"cmd":      {own: []string{""}},
	"handlers": {own: []string{"handlers", "services", "views", "config"}, never: []string{"go.mongodb.org", "modernc.org", "database/sql"}},
	"views":    {own: []string{"views"}, never: wire},
	// The name of the portal's host is written in ASCII by golang.org/x/net/idna.
	"config": {own: []string{"config"}, never: append([]string{"golang.org/x/crypto", "golang.org/x/image", "golang.org/x/mod"}, heavy...)},

	"services/fault":    {never: everything},
	"services/ledger":   {own: pick("fault", "ledger"), never: outside},
	"services/document": {own: pick("fault", "ledger", "document"), never: outside},
	// The domains know each other's rules, never a store, a page or a wire.
	"services": {own: append(pick("fault", "ledger", "document", "identity", "deadlines", "costs", "vault", "agreements", "journal", "attachment", "requests", "audits", "notify", "tokens", "evidence", "mailaddress"),
		"config"), never: outside},
	// A dossier is what the domains know, put together.
	"services/dossier": {own: append(pick("dossier", "fault", "ledger", "document", "identity", "deadlines", "costs", "vault", "agreements", "journal", "attachment", "requests", "audits", "notify", "evidence", "mailaddress"),
		"config"), never: outside},
	"services/store": {own: append(pick(""), "config"), never: wire},
}

var (
	wire       = []string{"github.com/gofiber", "github.com/valyala"}
	stores     = []string{"database/sql", "modernc.org", "go.mongodb.org"}
	outside    = append(append([]string{"github.com/a-h/templ"}, wire...), stores...)
	heavy      = append([]string{"github.com/google", "github.com/go-webauthn", "net/http"}, outside...)
	everything = append([]string{"golang.org/x"}, heavy...)
)

func pick(names ...string) []string {
	var all []string
	for _, n := range names {
		all = append(all, strings.TrimSuffix("services/"+n, "/"))
	}
	return all
}

type listed struct {
	ImportPath string
	Deps       []string
	Imports    []string
}

// TestImports holds the house together: rules do not reach stores or pages,
// pages know nothing of services.
func TestImports(t *testing.T) {
	for _, p := range packages(t, "inzage/...") {
		name := strings.TrimPrefix(p.ImportPath, "inzage/")
		if strings.HasSuffix(name, "test") {
			continue // helpers of tests are in no product
		}
		row, ok := rowOf(name)
		if !ok {
			t.Errorf("no row of the boundaries covers %s", name)
			continue
		}
		for _, dep := range p.Deps {
			if own, ok := strings.CutPrefix(dep, "inzage/"); ok {
				if !slices.ContainsFunc(boundaries[row].own, func(b string) bool { return under(own, b) }) {
					t.Errorf("%s reaches %s, which %q may not", name, own, row)
				}
			}
		}
		for _, dep := range p.Imports {
			for _, b := range boundaries[row].never {
				if under(dep, b) {
					t.Errorf("%s imports %s, which %q may never", name, dep, row)
				}
			}
		}
	}
}

func rowOf(name string) (string, bool) {
	best, ok := "", false
	for row := range boundaries {
		if under(name, row) && len(row) >= len(best) {
			best, ok = row, true
		}
	}
	return best, ok
}

func under(name, beginning string) bool {
	return beginning == "" || name == beginning || strings.HasPrefix(name, beginning+"/")
}

func packages(t *testing.T, pattern string) []listed {
	t.Helper()
	out, err := exec.CommandContext(t.Context(), "go", "list", "-deps=false", "-json=ImportPath,Deps,Imports", pattern).Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	var all []listed
	dec := json.NewDecoder(strings.NewReader(string(out)))
	for {
		var p listed
		err := dec.Decode(&p)
		if errors.Is(err, io.EOF) {
			return all
		}
		if err != nil {
			t.Fatalf("go list: %v", err)
		}
		all = append(all, p)
	}
}

// forbidden are calls that product code may not make, and the folders where it may.
var forbidden = []struct {
	call    string
	except  []string
	because string
}{
	{"time.Now", []string{"cmd", "handlers/handlers.go"}, "time is a Now field; only cmd passes time.Now (handlers measures how long a request took)"},
	{"fmt.Print", []string{}, "output goes to a writer"},
	{"fmt.Println", []string{}, "output goes to a writer"},
	{"os.Exit", []string{"cmd/inzage/main.go"}, "only main ends the program"},
	{"log.Fatal", []string{}, "errors are returned"},
	// What the portal calls cannot be steered by what people type: it calls the
	// store and the mail server of its settings, through their libraries, and nobody else.
	{"http.DefaultClient", []string{"cmd/inzage/health.go", "cmd/inzage/bench_portal.go"}, "the portal calls nobody (health and bench ask the portal on this machine)"},
	{"http.Client", []string{}, "the portal calls nobody"},
	{"http.DefaultTransport", []string{}, "the portal calls nobody"},
	{"http.Transport", []string{}, "the portal calls nobody"},
	{"http.Get", []string{}, "the portal calls nobody"},
	{"http.Post", []string{}, "the portal calls nobody"},
	{"http.PostForm", []string{}, "the portal calls nobody"},
	{"net.Dial", []string{}, "the portal calls nobody"},
	{"net.DialTimeout", []string{}, "the portal calls nobody"},
	{"net.Dialer", []string{}, "the portal calls nobody"},
}

// TestForbiddenCalls reads the sources for calls that would break a rule of the house.
func TestForbiddenCalls(t *testing.T) {
	root := filepath.Join("..", "..")
	checked := 0
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		if d.IsDir() && strings.HasPrefix(d.Name(), ".") && d.Name() != ".." {
			return filepath.SkipDir
		}
		if strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") {
			checked++
			return checkCalls(t, root, path)
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	if checked < 50 {
		t.Errorf("only %d files were read; the walk does not reach the sources", checked)
	}
}

func checkCalls(t *testing.T, root, path string) error {
	t.Helper()
	fset := token.NewFileSet()
	file, err := parser.ParseFile(fset, path, nil, parser.SkipObjectResolution)
	if err != nil {
		return err
	}
	name, err := filepath.Rel(root, path)
	if err != nil {
		return err
	}
	if strings.HasSuffix(filepath.Dir(name), "test") {
		return nil
	}
	ast.Inspect(file, func(n ast.Node) bool {
		sel, ok := n.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		pkg, ok := sel.X.(*ast.Ident)
		if !ok {
			return true
		}
		for _, f := range forbidden {
			if pkg.Name+"."+sel.Sel.Name == f.call && !slices.ContainsFunc(f.except, func(e string) bool { return under(filepath.ToSlash(name), e) }) {
				t.Errorf("%s uses %s: %s", fset.Position(sel.Pos()), f.call, f.because)
			}
		}
		return true
	})
	return nil
}
