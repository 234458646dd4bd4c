package ledger_test

import (
	"go/ast"
	"go/parser"
	"go/token"
	"slices"
	"strconv"
	"testing"

	"inzage/services/ledger"
)

// TestSentencesAreAll holds the list against the constants: one that is left
// out would be said in English to everybody.
func TestSentencesAreAll(t *testing.T) {
	file, err := parser.ParseFile(token.NewFileSet(), "words.go", nil, 0)
	must(t, err)
	found := 0
	ast.Inspect(file, func(n ast.Node) bool {
		v, ok := n.(*ast.ValueSpec)
		if !ok {
			return true
		}
		text, err := strconv.Unquote(v.Values[0].(*ast.BasicLit).Value)
		must(t, err)
		if !slices.Contains(ledger.Sentences(), ledger.Sentence(text)) {
			t.Errorf("%s is not listed", v.Names[0])
		}
		found++
		return true
	})
	if found != len(ledger.Sentences()) {
		t.Errorf("%d constants, %d are listed", found, len(ledger.Sentences()))
	}
}
