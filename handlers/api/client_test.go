package api_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// run runs one of the installed programs in a folder and returns what it says.
func run(t *testing.T, dir string, env []string, args ...string) string {
	t.Helper()
	cmd := exec.CommandContext(t.Context(), "node", args...)
	cmd.Dir, cmd.Env = dir, append(os.Environ(), env...)
	var wrong strings.Builder
	cmd.Stderr = &wrong
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("node %s: %v\n%s%s", filepath.Base(args[0]), err, out, wrong.String())
	}
	return string(out)
}

// built generates a client from the document, compiles what uses it under the
// strictest rules, and returns the program.
func built(t *testing.T, w *handlertest.World) (dir, program string) {
	t.Helper()
	at, dir := modules(t), t.TempDir()
	if err := os.CopyFS(dir, os.DirFS(filepath.Join("testdata", "client"))); err != nil {
		t.Fatal(err)
	}
	document := saved(t, w, dir, "openapi.json")
	run(t, dir, nil, filepath.Join(at, "@hey-api", "openapi-ts", "bin", "run.js"), "-i", document, "-o", filepath.Join(dir, "generated"), "-c", "@hey-api/client-fetch", "--no-log-file")
	run(t, dir, nil, filepath.Join(at, "typescript", "bin", "tsc"), "-p", dir)
	return dir, filepath.Join(dir, "way.js")
}

// outside gives a program what reaches people past the portal.
func outside(t *testing.T, w *handlertest.World, people map[string]handlertest.Person) string {
	t.Helper()
	mux := http.NewServeMux()
	mux.HandleFunc("GET /letter", func(rw http.ResponseWriter, _ *http.Request) {
		_, _ = fmt.Fprint(rw, w.LastLetter("fatima@example.org", "code").Data["code"])
	})
	mux.HandleFunc("GET /who/{name}", func(rw http.ResponseWriter, r *http.Request) {
		p := people[r.PathValue("name")]
		_, _ = fmt.Fprint(rw, p.Email, " ", p.Password)
	})
	mux.HandleFunc("GET /totp/{name}", func(rw http.ResponseWriter, r *http.Request) {
		_, _ = fmt.Fprint(rw, w.Code(people[r.PathValue("name")]))
	})
	s := httptest.NewServer(mux)
	t.Cleanup(s.Close)
	return s.URL
}

// TestAGeneratedClientGoesTheWholeWay lets a client of another make, generated
// from the document, file a request, decide it and download the answer.
func TestAGeneratedClientGoesTheWholeWay(t *testing.T) {
	w := handlertest.New(t)
	dir, program := built(t, w)
	people := map[string]handlertest.Person{"subject": fatima(t, w), "officer": w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)}
	said := run(t, dir, []string{"PORTAL=" + w.BaseURL, "OUTSIDE=" + outside(t, w, people)}, program)
	var got struct{ ID, File string }
	if err := json.Unmarshal([]byte(said), &got); err != nil {
		t.Fatalf("the client said %q: %v", said, err)
	}
	if got.File != "naam,bedrag\nFatima,12\n" {
		t.Errorf("the client downloaded %q", got.File)
	}
	events := w.Events(got.ID)
	for _, want := range []string{"request.confirm", "request.acknowledge", "request.add_file", "request.decide", "request.deliver", "request.download"} {
		if !slices.Contains(events, want) {
			t.Errorf("%s left no entry: %v", want, events)
		}
	}
}
