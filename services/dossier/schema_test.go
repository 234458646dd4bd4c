package dossier_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"go/ast"
	"go/parser"
	"go/token"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/deadlines"
	"inzage/services/dossier"
)

var update = flag.Bool("update", false, "write the schemas from the types")

// TestSchemas holds the published schemas against the types that are written,
// field by field. After a change of a type: go test ./services/dossier -update,
// and a new version when a field went or means something else.
func TestSchemas(t *testing.T) {
	docs := comments(t, ".", "../audits", "../requests", "../notify", "../deadlines")
	for name, v := range map[string]any{dossier.RequestSchema: dossier.RequestFile{}, dossier.AuditSchema: dossier.AuditFile{}} {
		w := writer{docs: docs, defs: map[string]any{}}
		root := w.object(reflect.TypeOf(v))
		root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
		root["$id"] = "urn:" + strings.ReplaceAll(strings.ReplaceAll(name, ".", ":"), "/", ":")
		root["$defs"] = w.defs
		root["properties"].(map[string]any)["schema"] = map[string]any{"const": name, "description": "Schema names the form of the file. Within a version fields are only added."}
		var out bytes.Buffer
		enc := json.NewEncoder(&out)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		if err := enc.Encode(root); err != nil {
			t.Fatal(err)
		}
		if *update {
			file := "schema/" + strings.ReplaceAll(strings.TrimPrefix(name, "inzage.dossier."), "/", "-") + ".json"
			if err := os.WriteFile(file, out.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
			continue
		}
		published, err := dossier.Schema(name)
		if err != nil {
			t.Fatal(err)
		}
		if d := cmp.Diff(string(published), out.String()); d != "" {
			t.Errorf("%s is not what the types say; run the test with -update: %s", name, d)
		}
		t.Logf("%s: %d types", name, len(w.defs)+1)
	}
}

// writer writes JSON Schema from Go types.
type writer struct {
	docs map[string]string
	defs map[string]any
}

func (w writer) schema(t reflect.Type) map[string]any {
	switch {
	case t == reflect.TypeFor[deadlines.Date]():
		return map[string]any{"type": []string{"string", "null"}, "format": "date"}
	case t == reflect.TypeFor[time.Time]():
		return map[string]any{"type": "string", "format": "date-time"}
	}
	switch t.Kind() {
	case reflect.Pointer:
		return map[string]any{"anyOf": []any{w.schema(t.Elem()), map[string]any{"type": "null"}}}
	case reflect.Slice:
		return map[string]any{"type": "array", "items": w.schema(t.Elem())}
	case reflect.Map:
		return map[string]any{"type": "object", "additionalProperties": w.schema(t.Elem())}
	case reflect.Struct:
		name := t.String()
		if _, known := w.defs[name]; !known {
			w.defs[name] = nil // for what refers to itself
			w.defs[name] = w.object(t)
		}
		return map[string]any{"$ref": "#/$defs/" + name}
	case reflect.Bool:
		return map[string]any{"type": "boolean"}
	case reflect.String:
		return map[string]any{"type": "string"}
	}
	return map[string]any{"type": "integer"}
}

func (w writer) object(t reflect.Type) map[string]any {
	properties, required := map[string]any{}, []string{}
	w.fields(t, properties, &required)
	o := map[string]any{"type": "object", "properties": properties, "required": required}
	if doc := w.docs[t.String()]; doc != "" {
		o["description"] = doc
	}
	return o
}

func (w writer) fields(t reflect.Type, properties map[string]any, required *[]string) {
	for i := range t.NumField() {
		f := t.Field(i)
		name, options, _ := strings.Cut(f.Tag.Get("json"), ",")
		switch {
		case f.Anonymous && name == "":
			w.fields(f.Type, properties, required)
			continue
		case name == "-" || !f.IsExported():
			continue
		}
		s := w.schema(f.Type)
		if doc := w.docs[t.String()+"."+f.Name]; doc != "" {
			s["description"] = doc
		}
		properties[name] = s
		if !strings.Contains(options, "omitempty") {
			*required = append(*required, name)
		}
	}
}

// comments are what the sources say about types and fields.
func comments(t *testing.T, folders ...string) map[string]string {
	t.Helper()
	all := map[string]string{}
	for _, folder := range folders {
		files, err := filepath.Glob(filepath.Join(folder, "*.go"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no sources in %s: %v", folder, err)
		}
		for _, path := range files {
			if strings.HasSuffix(path, "_test.go") {
				continue
			}
			file, err := parser.ParseFile(token.NewFileSet(), path, nil, parser.ParseComments)
			if err != nil {
				t.Fatal(err)
			}
			ast.Inspect(file, func(n ast.Node) bool {
				if g, ok := n.(*ast.GenDecl); ok {
					remember(all, file.Name.Name, g)
				}
				return true
			})
		}
	}
	return all
}

func remember(all map[string]string, pkg string, g *ast.GenDecl) {
	for _, spec := range g.Specs {
		s, ok := spec.(*ast.TypeSpec)
		if !ok {
			continue
		}
		st, ok := s.Type.(*ast.StructType)
		if !ok {
			continue
		}
		name := pkg + "." + s.Name.Name
		all[name] = strings.Join(strings.Fields(g.Doc.Text()+s.Doc.Text()), " ")
		for _, f := range st.Fields.List {
			for _, n := range f.Names {
				all[name+"."+n.Name] = strings.Join(strings.Fields(f.Doc.Text()+f.Comment.Text()), " ")
			}
		}
	}
}
