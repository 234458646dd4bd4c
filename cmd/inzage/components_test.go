package main_test

import (
	"encoding/json"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"golang.org/x/mod/modfile"
)

// algorithms are the packages of cryptography that the product may use, with the
// folders that may; the list of SECURITY-DECISIONS.md says for what.
var algorithms = map[string][]string{
	"crypto/rand": nil, "crypto/sha256": nil, "crypto/subtle": nil,
	"crypto/tls": {"services/notify"},
	"crypto/aes": {"cmd/inzage/bench_yardsticks.go", "services/vault/seek.go"}, "crypto/cipher": {"cmd/inzage/bench_yardsticks.go", "services/vault/seek.go"},
	// A file is read on from a place by Tink's own segments, with the key that Tink derives.
	"crypto/hkdf": {"services/vault/seek.go"}, "github.com/tink-crypto/tink-go/v2/insecuresecretdataaccess": {"services/vault/seek.go"},
	"github.com/tink-crypto/tink-go/v2/streamingaead/subtle": {"services/vault/seek.go"}, "github.com/tink-crypto/tink-go/v2/streamingaead/subtle/noncebased": {"services/vault/seek.go"},
	"github.com/tink-crypto/tink-go/v2/aead": {"services/vault"}, "github.com/tink-crypto/tink-go/v2/keyset": {"services/vault"}, "github.com/tink-crypto/tink-go/v2/prf": {"services/vault"},
	"github.com/tink-crypto/tink-go/v2/tink": {"services/vault"}, "github.com/tink-crypto/tink-go/v2/streamingaead": {"services/vault"},
	"github.com/tink-crypto/tink-go/v2/streamingaead/aesgcmhkdf": {"services/vault"},
	"github.com/tink-crypto/tink-go/v2/insecurecleartextkeyset":  {"services/vault"}, // the master key file, which only its owner reads
	"golang.org/x/mod/sumdb/note":                                {"services/ledger", "cmd"},
	"github.com/alexedwards/argon2id":                            {"services/identity"},
	"github.com/golang-jwt/jwt/v5":                               {"services/tokens"},
	"hash/fnv":                                                   {"cmd/inzage/demo_files.go"}, // the same made-up file each time
	"math/rand/v2":                                               {"services/store"},           // pauses between tries
}

// TestAlgorithms holds every import of cryptography, or of chance, to the list.
func TestAlgorithms(t *testing.T) {
	root, used := filepath.Join("..", ".."), map[string]bool{}
	err := filepath.WalkDir(root, func(path string, d os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := filepath.ToSlash(strings.TrimPrefix(path, root+string(filepath.Separator)))
		if d.IsDir() && (strings.HasPrefix(d.Name(), ".") && d.Name() != ".." || strings.HasSuffix(d.Name(), "test")) {
			return filepath.SkipDir
		}
		if !strings.HasSuffix(path, ".go") || strings.HasSuffix(path, "_test.go") {
			return nil
		}
		file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ImportsOnly)
		if err != nil {
			return err
		}
		for _, i := range file.Imports {
			what, err := strconv.Unquote(i.Path.Value)
			if err != nil {
				return err
			}
			allowed, known := algorithms[what]
			secret := strings.HasPrefix(what, "crypto/") || strings.Contains(what, "golang.org/x/crypto") || strings.Contains(what, "tink-go") || strings.HasPrefix(what, "math/rand") || strings.HasPrefix(what, "hash/")
			used[what] = used[what] || known
			if secret && !known || known && len(allowed) > 0 && !slices.ContainsFunc(allowed, func(a string) bool { return under(name, a) }) {
				t.Errorf("%s imports %s, which is not on the list of algorithms", name, what)
			}
		}
		return nil
	})
	if err != nil {
		t.Fatal(err)
	}
	for what := range algorithms {
		if !used[what] {
			t.Errorf("%s is on the list of algorithms and nobody uses it", what)
		}
	}
}

// TestComponents: every component comes from where its name says, with its hash.
func TestComponents(t *testing.T) {
	root, modules, packages := filepath.Join("..", ".."), 0, 0
	for _, dir := range []string{"", filepath.Join(".ci", "mongo")} {
		text, err := os.ReadFile(filepath.Join(root, dir, "go.mod"))
		if err != nil {
			t.Fatal(err)
		}
		sums, err := os.ReadFile(filepath.Join(root, dir, "go.sum"))
		if err != nil {
			t.Fatal(err)
		}
		mod, err := modfile.Parse("go.mod", text, nil)
		if err != nil {
			t.Fatal(err)
		}
		if len(mod.Replace) > 0 && dir == "" {
			t.Errorf("go.mod replaces %s", mod.Replace[0].Old.Path)
		}
		for _, r := range mod.Require {
			modules++
			if line := r.Mod.Path + " " + r.Mod.Version + " h1:"; dir == "" && !strings.Contains(string(sums), line) {
				t.Errorf("go.sum has no hash of %s", r.Mod)
			}
		}
	}
	locks, err := filepath.Glob(filepath.Join(root, ".ci", "*", "package-lock.json"))
	if err != nil || len(locks) == 0 {
		t.Fatalf("lock files: %v, %v", locks, err)
	}
	for _, path := range locks {
		text, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		var lock struct {
			Packages map[string]struct{ Resolved, Integrity string }
		}
		if err := json.Unmarshal(text, &lock); err != nil {
			t.Fatal(err)
		}
		for name, p := range lock.Packages {
			if name == "" {
				continue
			}
			// No address is that of npm's own registry.
			elsewhere := p.Resolved != "" && !strings.HasPrefix(p.Resolved, "https://registry.npmjs.org/")
			if packages++; elsewhere || !strings.HasPrefix(p.Integrity, "sha512-") {
				t.Errorf("%s: %s comes from %q with %q", path, name, p.Resolved, p.Integrity)
			}
		}
	}
	t.Logf("components: %d modules and %d packages of the tests' tools, each with its hash", modules, packages)
}
