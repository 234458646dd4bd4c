package agreements_test

import (
	"encoding/json"
	"strings"
	"testing"

	"inzage/services/agreements"

	"github.com/google/go-cmp/cmp"
)

// preset returns the terms of a preset and stops the test when it is broken.
func preset(t *testing.T, key string) agreements.Terms {
	t.Helper()
	terms, err := agreements.Preset(key)
	if err != nil {
		t.Fatalf("Preset(%q): %v", key, err)
	}
	return terms
}

func TestPresetsHaveNoFault(t *testing.T) {
	for _, key := range agreements.Keys() {
		source, err := agreements.PresetSource(key)
		if err != nil {
			t.Fatalf("PresetSource(%q): %v", key, err)
		}
		terms, problems := agreements.Parse(source)
		for _, p := range problems {
			t.Errorf("%s: %s", key, p)
		}
		if terms.Key != key {
			t.Errorf("file %s.yaml has key %q", key, terms.Key)
		}
	}
}

func TestPresetUnknownIsRefused(t *testing.T) {
	if _, err := agreements.Preset("nobody"); err == nil || !strings.Contains(err.Error(), "There is no agreement") {
		t.Errorf("Preset(nobody) = %v, want a refusal", err)
	}
}

// What `terms show --json` prints can be read again and means the same.
func TestTermsSurviveJSON(t *testing.T) {
	for _, key := range agreements.Keys() {
		terms := preset(t, key)
		raw, err := json.Marshal(terms)
		if err != nil {
			t.Fatalf("marshal %s: %v", key, err)
		}
		again, problems := agreements.Parse(raw)
		if len(problems) > 0 {
			t.Fatalf("%s as JSON: %v", key, problems)
		}
		if diff := cmp.Diff(terms, again); diff != "" {
			t.Errorf("%s changed through JSON (-was +is):\n%s", key, diff)
		}
	}
}

// Every sentence of a preset is there in both languages and has its values.
func TestPresetsSpeakBothLanguages(t *testing.T) {
	for _, key := range agreements.Keys() {
		for _, l := range agreements.Summary(preset(t, key)) {
			for what, text := range map[string]agreements.Text{"says": l.Says, "name": l.Name, "section": l.Section, "label": l.Label} {
				if text.EN == "" || text.NL == "" {
					t.Errorf("%s %s: %s is %+v, want both languages", key, l.Term, what, text)
				}
				if strings.ContainsAny(text.EN+text.NL, "{}") || strings.Contains(text.EN, "  ") {
					t.Errorf("%s %s: %s has a hole: %+v", key, l.Term, what, text)
				}
			}
			if (l.Note.EN == "") != (l.Note.NL == "") {
				t.Errorf("%s %s: note is in one language only: %+v", key, l.Term, l.Note)
			}
			if l.Clause == "" {
				t.Errorf("%s %s: no clause", key, l.Term)
			}
			if l.Silent != strings.HasSuffix(l.Clause, " GDPR") {
				t.Errorf("%s %s: silent %v, clause %q", key, l.Term, l.Silent, l.Clause)
			}
			if l.Silent {
				if _, ok := agreements.Law(l.Clause); !ok {
					t.Errorf("%s %s: the law %q is not explained", key, l.Term, l.Clause)
				}
			}
		}
	}
}

// The clauses of the agreements, as a reader of the texts finds them.
func TestPresetClauses(t *testing.T) {
	const h, e = "28(3)(h) GDPR", "28(3)(e) GDPR"
	tests := map[agreements.TermName][5]string{ // vcare, inserve, qputer, idea-online, mpg
		"requests.at_processor":     {e, e, e, "6.1", "8.1"},
		"requests.assistance":       {e, "3.6", "7.1", e, "8.1"},
		"requests.assistance_costs": {e, e, "7.2", "6.2", "8.1"},
		"requests.complaints":       {"82 GDPR", "82 GDPR", "7.3", "82 GDPR", "82 GDPR"},
		"data_access":               {"6.2", "Annex 2", "3.1", "3.2", "9.1"},
		"audit.precondition":        {h, h, "5.2", h, "10.2"},
		"audit.notice":              {"9.2", h, "5.3", h, "10.2"},
		"audit.notice_content":      {h, h, "5.3", h, "10.2"},
		"audit.frequency":           {h, h, h, h, "10.2"},
		"audit.auditor":             {"9.1", "4.3", "5.2", "4.5", "10.1"},
		"audit.confidentiality":     {"9.3", h, "5.2", h, "10.1"},
		"audit.cooperation":         {"9.1", "4.3", "5.5", h, "10.3"},
		"audit.alternatives":        {h, "4.5", "5.1", h, "10.2"},
		"audit.findings":            {h, h, "5.6", h, "10.4"},
		"audit.costs":               {"9.4", "4.6", "5.7", "4.5", "10.5"},
		"breach.notify":             {"7.2", "7.1", "6.1", "5.3", "7.1"},
		"breach.content":            {"7.3", "Annex 3", "6.2", "5.3", "7.3"},
		"breach.authority":          {"7.4", "7.3", "33(1) GDPR", "5.1", "7.2"},
		"sub_processors.consent":    {"28(2) GDPR", "3.4", "8.1", "7.2", "5.1"},
		"sub_processors.objection":  {"28(2) GDPR", "28(2) GDPR", "8.2", "28(2) GDPR", "5.2"},
		"location.area":             {"4.1", "5.1", "2.5", "7.1", "3.1"},
		"end":                       {"11.3", "9.1", "10.4", "9.4", "11.4"},
		"liability":                 {"10.2", "8.1", "9", "8.1", "82 GDPR"},
		"evidence":                  {"6.2", "5(2) GDPR", "5.8", "5(2) GDPR", "12.4"},
		"ranking":                   {"28(3) GDPR", "10.2", "1.2", "1.1", "12.5"},
	}
	for i, key := range agreements.Keys() {
		got := map[agreements.TermName]string{}
		for _, l := range agreements.Summary(preset(t, key)) {
			if got[l.Term] == "" {
				got[l.Term] = l.Clause
			}
		}
		for name, want := range tests {
			if got[name] != want[i] {
				t.Errorf("%s %s = %q, want %q", key, name, got[name], want[i])
			}
		}
	}
}
