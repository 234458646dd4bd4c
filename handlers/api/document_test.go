package api_test

import (
	"net/http"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers"
	"inzage/handlers/handlertest"
)

// ownRoutes serve the document itself.
var ownRoutes = []string{"/api/v1/openapi.json", "/api/v1/openapi.yaml", "/api/v1/openapi-3.0.json", "/api/v1/openapi-3.0.yaml"}

var parameter = regexp.MustCompile(`:([a-z_]+)`)

// TestTheDocumentNamesEveryRoute walks what the app serves under /api/ and holds
// it against the document, both ways.
func TestTheDocumentNamesEveryRoute(t *testing.T) {
	w := handlertest.New(t)
	doc := newCaller(t, w).do("GET", "/openapi.json", nil).want(t, 200)
	paths := doc.body["paths"].(bodyOf)
	app := handlers.New(handlers.Deps{Site: w.Site, API: w.API, Log: w.Site.Log, RequestTimeout: time.Second, UploadTimeout: time.Second})
	served := map[string]bool{}
	for _, r := range app.GetRoutes(true) {
		if !strings.HasPrefix(r.Path, "/api/") || r.Method == http.MethodHead || slices.Contains(ownRoutes, r.Path) {
			continue
		}
		path := parameter.ReplaceAllString(strings.TrimPrefix(r.Path, "/api/v1"), "{$1}")
		served[r.Method+" "+path] = true
		at, _ := paths[path].(bodyOf)
		op, ok := at[strings.ToLower(r.Method)].(bodyOf)
		if !ok {
			t.Errorf("%s %s is served and not in the document", r.Method, path)
			continue
		}
		if _, ok := op["x-roles"].([]any); !ok {
			t.Errorf("%s %s does not say who may call it", r.Method, path)
		}
		if strings.Contains(path, "{") && !strings.Contains(doc.raw, path) {
			t.Errorf("%s is not there", path)
		}
	}
	listed := 0
	for path, at := range paths {
		for method := range at.(bodyOf) {
			listed++
			if !served[strings.ToUpper(method)+" "+path] {
				t.Errorf("%s %s is in the document and not served", method, path)
			}
		}
	}
	if listed < 60 {
		t.Errorf("only %d operations: the document was not read", listed)
	}
	t.Logf("%d routes, all in the document", listed)
}

// TestTheDocumentSaysWhatBodiesAre looks at an upload, a download, a key and a scope.
func TestTheDocumentSaysWhatBodiesAre(t *testing.T) {
	w := handlertest.New(t)
	doc := newCaller(t, w).do("GET", "/openapi.json", nil).want(t, 200)
	op := func(path, method string) bodyOf {
		at, _ := doc.body["paths"].(bodyOf)[path].(bodyOf)
		o, _ := at[method].(bodyOf)
		if o == nil {
			t.Fatalf("%s %s is not there", method, path)
		}
		return o
	}
	up := op("/requests/{id}/files", "post")
	if content, _ := up["requestBody"].(bodyOf)["content"].(bodyOf); content["application/octet-stream"] == nil || len(content) != 1 {
		t.Errorf("an upload takes %v", content)
	}
	down := op("/my/requests/{id}/files/{file}", "get")["responses"].(bodyOf)["200"].(bodyOf)
	if content, _ := down["content"].(bodyOf); content["application/octet-stream"] == nil {
		t.Errorf("a download gives %v", down)
	}
	enter := op("/requests", "post")
	if enter["x-scope"] != "requests:write" {
		t.Errorf("scope = %v", enter["x-scope"])
	}
	keys := 0
	for _, p := range enter["parameters"].([]any) {
		if p.(bodyOf)["name"] == "Idempotency-Key" {
			keys++
		}
	}
	if keys != 1 {
		t.Errorf("%d idempotency keys on a route that makes something", keys)
	}
	if op("/requests/{id}/release", "post")["x-scope"] != nil {
		t.Error("a machine may release personal data")
	}
}

// TestTheDocumentIsForGenerators: what programs that write clients stumble over.
// A file has its media type, a way to prove who calls has a name of its own, and a
// call that needs no proof says so.
func TestTheDocumentIsForGenerators(t *testing.T) {
	w := handlertest.New(t)
	doc := newCaller(t, w).do("GET", "/openapi.json", nil).want(t, 200)
	parts := doc.body["components"].(bodyOf)
	schemas := map[string]bool{"route": true} // ogen's router
	for name := range parts["schemas"].(bodyOf) {
		if schemas[strings.ToLower(name)] {
			t.Errorf("%s is the name of two things", name)
		}
		schemas[strings.ToLower(name)] = true
	}
	for name := range parts["securitySchemes"].(bodyOf) {
		if schemas[strings.ToLower(name)] {
			t.Errorf("%s is a schema and a way to prove who calls", name)
		}
	}
	endings := map[string]string{".csv": "text/csv", ".pdf": "application/pdf", ".zip": "application/zip", ".ics": "text/calendar", "/dossier": "application/zip", "/export": "application/zip"}
	open, typed := 0, 0
	for path, at := range doc.body["paths"].(bodyOf) {
		for method, op := range at.(bodyOf) {
			proof, said := op.(bodyOf)["security"].([]any)
			if !said {
				t.Errorf("%s %s does not say what proves who calls", method, path)
			}
			if roles := op.(bodyOf)["x-roles"].([]any); len(proof) == 0 {
				if open++; len(roles) > 0 {
					t.Errorf("%s %s is open, and for %v", method, path, roles)
				}
			}
			for end, mediaType := range endings {
				if method != "get" || !strings.HasSuffix(path, end) {
					continue
				}
				typed++
				content := op.(bodyOf)["responses"].(bodyOf)["200"].(bodyOf)["content"].(bodyOf)
				if content[mediaType] == nil || len(content) != 1 {
					t.Errorf("%s gives %v, want %s", path, content, mediaType)
				}
			}
		}
	}
	if open < 20 || typed < 15 {
		t.Errorf("%d open calls and %d files: the document was not read", open, typed)
	}
}
