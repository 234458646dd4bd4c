package api_test

import (
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
)

// modules is where .ci/setup put the packages of .ci/openapi. Without them the
// test is skipped, and fails where CI is set.
func modules(t *testing.T) string {
	t.Helper()
	at, err := filepath.Abs(filepath.Join("..", "..", ".tools", "openapi", "node_modules"))
	if err != nil {
		t.Fatal(err)
	}
	_, noNode := exec.LookPath("node")
	if _, err := os.Stat(filepath.Join(at, "typescript")); err == nil && noNode == nil {
		return at
	}
	if os.Getenv("CI") != "" {
		t.Fatal("node, Spectral or the generator of clients is not installed; .ci/setup installs them")
	}
	t.Skip("node, Spectral or the generator of clients is not installed; .ci/setup installs them")
	return ""
}

// saved writes a form of the document into a folder and returns its path.
func saved(t *testing.T, w *handlertest.World, dir, name string) string {
	t.Helper()
	doc := newCaller(t, w).do("GET", "/"+name, nil).want(t, 200)
	path := filepath.Join(dir, name)
	if err := os.WriteFile(path, []byte(doc.raw), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// examined is what Spectral finds in documents, by their names.
func examined(t *testing.T, paths ...string) map[string][]string {
	t.Helper()
	out := filepath.Join(t.TempDir(), "found.json")
	args := append([]string{filepath.Join(modules(t), "@stoplight", "spectral-cli", "dist", "index.js"), "lint",
		"--ruleset", filepath.Join("testdata", "spectral.yaml"), "--format", "json", "--output", out}, paths...)
	said, err := exec.CommandContext(t.Context(), "node", args...).CombinedOutput()
	raw, unwritten := os.ReadFile(out)
	if unwritten != nil {
		t.Fatalf("Spectral: %v: %s", err, said)
	}
	var found []struct {
		Code, Message, Source string
		Path                  []string
	}
	if err := json.Unmarshal(raw, &found); err != nil {
		t.Fatalf("Spectral's report: %v: %s", err, raw)
	}
	all := map[string][]string{}
	for _, f := range found {
		name := filepath.Base(f.Source)
		all[name] = append(all[name], f.Code+" at "+strings.Join(f.Path, "."))
	}
	return all
}

// TestTheDocumentPassesSpectral holds both forms of the document against the
// rules of a linter of another make: not one finding, warnings included. That
// the linter looks is seen from a document that is wrong.
func TestTheDocumentPassesSpectral(t *testing.T) {
	w := handlertest.New(t)
	modules(t)
	dir := t.TempDir()
	wrong := filepath.Join(dir, "wrong.json")
	if err := os.WriteFile(wrong, []byte(`{"openapi":"3.1.0","info":{"title":"x","version":"1"},"paths":{"/x/{id}":{"get":{"responses":{}}}}}`), 0o600); err != nil {
		t.Fatal(err)
	}
	found := examined(t, saved(t, w, dir, "openapi.json"), saved(t, w, dir, "openapi-3.0.json"), wrong)
	for _, name := range []string{"openapi.json", "openapi-3.0.json"} {
		for _, f := range found[name] {
			t.Errorf("%s: %s", name, f)
		}
	}
	if n := len(found["wrong.json"]); n < 3 {
		t.Errorf("Spectral finds only %d things wrong with a document that is: %v", n, found)
	}
	t.Logf("0 findings in the document, %d in a wrong one", len(found["wrong.json"]))
}
