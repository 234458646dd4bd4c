package language_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"inzage/views/language"
)

const root = "../.."

// TestEverySentenceIsTranslated finds each English sentence that a reader may
// see (T("…") in templates and code, the texts of refusals in services) and
// fails for those without a Dutch translation, printing lines that can be
// pasted into a file of views/language/nl.
func TestEverySentenceIsTranslated(t *testing.T) {
	languages, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	found := sentences(t)
	if len(found) < 40 {
		t.Fatalf("only %d sentences found; the scan itself is broken", len(found))
	}
	for _, c := range language.Supported() {
		missing := languages.Missing(c.Tag, slices.Sorted(maps.Keys(found)))
		if len(missing) == 0 {
			continue
		}
		var lines strings.Builder
		for _, key := range missing {
			fmt.Fprintf(&lines, "%q: \"\" # %s\n", key, found[key])
		}
		t.Errorf("%s: %d of %d sentences have no translation:\n%s", c.Tag, len(missing), len(found), &lines)
	}
}

// sentences gives every key with the place where it stands.
func sentences(t *testing.T) map[string]string {
	t.Helper()
	found := map[string]string{}
	for _, dir := range []string{"views", "handlers", "services"} {
		err := filepath.WalkDir(filepath.Join(root, dir), func(path string, d fs.DirEntry, err error) error {
			switch {
			case err != nil:
				return err
			case d.IsDir() && (strings.HasSuffix(d.Name(), "test") || d.Name() == "testdata" || d.Name() == "gallery"):
				return filepath.SkipDir
			case strings.HasSuffix(path, ".templ"):
				return inTemplate(path, found)
			case strings.HasSuffix(path, ".go") && !strings.HasSuffix(path, "_test.go") && !strings.HasSuffix(path, "_templ.go"):
				return inCode(path, found)
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	return found
}

var call = regexp.MustCompile(`\bT\(\s*("(?:[^"\\]|\\.)*"|` + "`[^`]*`" + `)`)

func inTemplate(path string, found map[string]string) error {
	raw, err := os.ReadFile(path)
	if err != nil {
		return err
	}
	for _, m := range call.FindAllSubmatch(raw, -1) {
		key, err := strconv.Unquote(string(m[1]))
		if err != nil {
			return fmt.Errorf("%s: %s: %w", path, m[1], err)
		}
		found[key] = path
	}
	return nil
}

// places says which argument of a call is a sentence, by the function's name.
var places = map[string]int{"T": 0, "New": 1, "At": 1, "Refuse": 1, "add": 1, "page": 1, "frame": 0}

func inCode(path string, found map[string]string) error {
	set := token.NewFileSet()
	file, err := parser.ParseFile(set, path, nil, 0)
	if err != nil {
		return err
	}
	ast.Inspect(file, func(n ast.Node) bool {
		// What the verifier can say are constants of a type of their own.
		if v, ok := n.(*ast.ValueSpec); ok && len(v.Values) == 1 {
			if named, isName := v.Type.(*ast.Ident); isName && named.Name == "Sentence" {
				if key, ok := literal(v.Values[0]); ok {
					found[key] = set.Position(v.Pos()).String()
				}
			}
		}
		c, ok := n.(*ast.CallExpr)
		if !ok {
			return true
		}
		selector, ok := c.Fun.(*ast.SelectorExpr)
		if !ok {
			return true
		}
		place, ok := places[selector.Sel.Name]
		if !ok || len(c.Args) <= place {
			return true
		}
		if x, isName := selector.X.(*ast.Ident); selector.Sel.Name == "New" && (!isName || x.Name != "fault") {
			return true
		}
		key, ok := literal(c.Args[place])
		if selector.Sel.Name == "add" && !strings.HasSuffix(key, ".") {
			return true // many things are added; only reasons are sentences
		}
		if ok && key != "" { // a page may get its title later
			found[key] = set.Position(c.Pos()).String()
		}
		return true
	})
	return nil
}

// literal gives the value of a string, also of one that is put together from
// several.
func literal(e ast.Expr) (string, bool) {
	switch v := e.(type) {
	case *ast.BasicLit:
		if v.Kind != token.STRING {
			return "", false
		}
		s, err := strconv.Unquote(v.Value)
		return s, err == nil
	case *ast.BinaryExpr:
		left, okLeft := literal(v.X)
		right, okRight := literal(v.Y)
		return left + right, okLeft && okRight
	}
	return "", false
}
