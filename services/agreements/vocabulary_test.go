package agreements

import (
	"encoding/json"
	"slices"
	"testing"

	files "inzage/config/agreements"

	"github.com/google/go-cmp/cmp"
)

// Every term can be held, named, explained when silent, and its law is known.
func TestVocabularyIsComplete(t *testing.T) {
	v, err := vocabularyOnce()
	if err != nil {
		t.Fatal(err)
	}
	if len(v.Terms) != len(holders) {
		t.Errorf("%d terms in the file, %d in the code", len(v.Terms), len(holders))
	}
	for _, e := range v.Terms {
		if _, ok := holders[e.Term]; !ok {
			t.Errorf("%s is not a term of the code", e.Term)
		}
		if _, ok := v.byLaw[e.Law]; !ok {
			t.Errorf("%s: the law %q is not explained", e.Term, e.Law)
		}
		for _, text := range []Text{e.Name, e.Says, e.Silent} {
			if text.EN == "" || text.NL == "" {
				t.Errorf("%s lacks a text: %+v", e.Term, text)
			}
		}
	}
	for id, text := range v.Notes {
		if text.EN == "" || text.NL == "" {
			t.Errorf("note %s lacks a language", id)
		}
	}
}

func TestLawsThatThePortalCites(t *testing.T) {
	for _, id := range []string{
		"12(3) GDPR", "12(4) GDPR", "12(5) GDPR", "12(6) GDPR", "11(2) GDPR", "12(2) GDPR", "15 GDPR", "15(1) GDPR", "15(4) GDPR", "16 GDPR",
		"17 GDPR", "17(3) GDPR", "18 GDPR", "19 GDPR", "20 GDPR", "21 GDPR", "21(1) GDPR", "28(3)(e) GDPR", "28(3)(h) GDPR", "33(1) GDPR",
		"Reg. 1182/71 art. 3", "Algemene termijnenwet art. 3",
	} {
		e, ok := Law(id)
		if !ok || e.Label.EN == "" || e.Label.NL == "" || e.Name.NL == "" || e.Says.EN == "" || e.Says.NL == "" {
			t.Errorf("Law(%q) = %+v, %v", id, e, ok)
		}
	}
	if _, ok := Law("99 GDPR"); ok {
		t.Error("an unknown provision is explained")
	}
}

// A file that uses every word of the schema is read into the terms and comes
// out again unchanged: schema and structs have not drifted apart.
func TestSchemaAndTermsAgree(t *testing.T) {
	raw, err := files.Read("schema.json")
	if err != nil {
		t.Fatal(err)
	}
	var schema map[string]any
	if err := json.Unmarshal(raw, &schema); err != nil {
		t.Fatal(err)
	}
	want := sample(schema, schema, "")
	source, err := json.Marshal(want)
	if err != nil {
		t.Fatal(err)
	}
	terms, problems := Parse(source)
	if len(problems) > 0 {
		t.Fatalf("%v\n%s", problems, source)
	}
	written, err := json.Marshal(terms)
	if err != nil {
		t.Fatal(err)
	}
	var got any
	if err := json.Unmarshal(written, &got); err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("terms differ from the file (-file +terms):\n%s", diff)
	}
	for name, hold := range holders {
		if _, list := hold(&terms); len(list) == 0 {
			t.Errorf("%s is not found in terms that have everything", name)
		}
	}
}

// sample makes a value with every property of a schema.
func sample(root, s map[string]any, name string) any {
	if ref, ok := s["$ref"].(string); ok {
		defs, _ := root["$defs"].(map[string]any)
		s, _ = defs[ref[len("#/$defs/"):]].(map[string]any)
		if ref == "#/$defs/period" {
			return map[string]any{map[bool]string{true: "years", false: "days"}[name == "per"]: 1.0}
		}
		if ref == "#/$defs/date" {
			return "2026-01-01"
		}
	}
	if words, ok := s["enum"].([]any); ok {
		return words[0]
	}
	switch s["type"] {
	case "object":
		m := map[string]any{}
		properties, _ := s["properties"].(map[string]any)
		for k, p := range properties {
			sub, _ := p.(map[string]any)
			m[k] = sample(root, sub, k)
		}
		return m
	case "array":
		item, _ := s["items"].(map[string]any)
		return []any{sample(root, item, name)}
	case "boolean":
		return true
	case "integer":
		return 1.0
	}
	switch {
	case name == "zone":
		return "Europe/Brussels"
	case name == "currency":
		return "CHF"
	case name == "country":
		return "DE"
	case slices.Contains([]string{"key", "clause"}, name):
		return "a-1"
	}
	return "text"
}
