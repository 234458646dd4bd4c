package handlers_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strings"
	"testing"
)

// exists tells whether a test is there, named by its file below this folder and
// its function, so that the matrix cannot lean on one that is gone.
func exists(t *testing.T, where string) bool {
	t.Helper()
	file, name, _ := strings.Cut(where, " ")
	parsed, err := parser.ParseFile(token.NewFileSet(), file, nil, parser.SkipObjectResolution)
	if err != nil {
		t.Errorf("%s: %v", where, err)
		return false
	}
	for _, decl := range parsed.Decls {
		if f, ok := decl.(*ast.FuncDecl); ok && f.Recv == nil && f.Name.Name == name {
			return true
		}
	}
	return false
}
