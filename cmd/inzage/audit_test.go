package main

import (
	"bytes"
	"context"
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"inzage/services/audits"
	"inzage/services/fault"

	"inzage/services/agreements"

	"github.com/google/go-cmp/cmp"
)

// inzage runs a command line with standard input and returns exit code and outputs.
func inzage(stdin string, args ...string) (code int, stdout, stderr string) {
	var out, errs bytes.Buffer
	code = run(context.Background(), args, strings.NewReader(stdin), &out, &errs, nil)
	return code, out.String(), errs.String()
}

const completeFacts = `{"announced":"2026-06-01T10:00:00+02:00","written":true,"on":"2026-06-20","last_audit":"2025-05-01","for_cause":false,
 "notice":{"method":"a","auditor":"b","information":"c","locations":"d","arguments":"e"},
 "reports":{"asked":true,"available":true,"received":true,"assessment":"inconclusive"},
 "breach_indicated":true,
 "auditor":{"independent":true,"register_edp":true,"ict_expert":true,"bound_to_secrecy":true,"undertaking_signed":true}}`

func TestAuditCheckJSON(t *testing.T) {
	code, out, errs := inzage(completeFacts, "audit", "check", "--agreement", "mpg", "--facts", "-", "--json")
	if code != 0 || errs != "" {
		t.Fatalf("exit %d, %q", code, errs)
	}
	var got struct {
		Verdict  string
		Earliest *string
		Lines    []map[string]any
	}
	if err := json.Unmarshal([]byte(out), &got); err != nil {
		t.Fatal(err)
	}
	if got.Verdict != "allowed" || got.Earliest == nil || *got.Earliest != "2026-06-16" || len(got.Lines) != 7 {
		t.Errorf("answer %s", out)
	}
	for _, key := range []string{"rule", "clause", "silent", "verdict", "until", "says"} {
		if _, ok := got.Lines[0][key]; !ok || len(got.Lines[0]) != 6 {
			t.Errorf("line %v, want six fields with %q", got.Lines[0], key)
		}
	}
	if got.Lines[0]["until"] != nil || got.Lines[1]["until"] != "2026-06-16" {
		t.Errorf("until %v and %v", got.Lines[0]["until"], got.Lines[1]["until"])
	}
}

func TestAuditCostsJSON(t *testing.T) {
	facts := `{"currency":"EUR","non_compliance":false,"lines":[{"kind":"auditor_fee","made_by":"controller","cents":500000},{"kind":"processor_time","made_by":"processor","cents":120000}]}`
	code, out, errs := inzage(facts, "audit", "costs", "--facts", "-", "--agreement", "mpg", "--json")
	want := `{"lines":[{"kind":"auditor_fee","made_by":"controller","cents":500000,"bearer":"controller","clause":"10.5","default":false},` +
		`{"kind":"processor_time","made_by":"processor","cents":120000,"bearer":"controller","clause":"10.5","default":false}],` +
		`"controller_bears":620000,"processor_bears":0,"settlement":{"from":"controller","to":"processor","cents":120000}}` + "\n"
	if code != 0 || errs != "" || out != want {
		t.Errorf("exit %d, %q\n%s", code, errs, cmp.Diff(want, out))
	}
	_, out, _ = inzage(`{"lines":[]}`, "audit", "costs", "--facts", "-", "--agreement", "vcare", "--json")
	if want := `{"lines":[],"controller_bears":0,"processor_bears":0,"settlement":null}` + "\n"; out != want {
		t.Errorf("no lines: %s", out)
	}
}

func TestRouteJSON(t *testing.T) {
	code, out, errs := inzage("", "route", "--agreement", "inserve", "--arrived", "controller", "--right", "portability", "--json")
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
		t.Fatalf("exit %d %q: %v", code, errs, err)
	}
	delete(got, "notes")
	want := map[string]any{
		"route": "controller", "decides": "controller", "clause": "3.6", "silent": false, "tell_subject": true, "tell_controller": false,
		"assist_days": 30.0, "assist_clause": "3.6", "assist_costs": "none", "costs_clause": "28(3)(e) GDPR",
		"assist_within": map[string]any{"days": 30.0}, "forward_within": nil, "forward_clause": nil, "answers_person": "controller",
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("route (-want +got):\n%s", diff)
	}
}

// Every wrong line or fact ends with exit code 2, nothing on standard output
// and exactly one line on standard error.
func TestRulesRefuse(t *testing.T) {
	broken := filepath.Join(t.TempDir(), "broken.yaml")
	if err := os.WriteFile(broken, []byte("key: x\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	check := []string{"audit", "check", "--agreement", "mpg", "--facts", "-"}
	divide := []string{"audit", "costs", "--agreement", "mpg", "--facts", "-"}
	route := func(args ...string) []string { return append([]string{"route"}, args...) }
	tests := []struct {
		name, stdin string
		args        []string
		want        string
	}{
		{"no command", "", []string{"audit"}, "check or costs"},
		{"two commands", "", []string{"audit", "check", "costs"}, "check or costs"},
		{"unknown flag", "", append(check, "--fact", "x"), "no flag --fact"},
		{"no facts", "", []string{"audit", "check", "--agreement", "mpg"}, "--facts FILE"},
		{"no agreement", "{}", []string{"audit", "check", "--facts", "-"}, "--agreement KEY"},
		{"unknown agreement", "{}", []string{"audit", "check", "--facts", "-", "--agreement", "nobody"}, "no agreement \"nobody\""},
		{"broken agreement", "{}", []string{"audit", "check", "--facts", "-", "--agreement", broken}, "line 1: \"title\" is missing (and 1 more"},
		{"no such facts", "", []string{"audit", "check", "--agreement", "mpg", "--facts", "/nowhere.json"}, "there is no such file"},
		{"a folder", "", []string{"audit", "check", "--agreement", "mpg", "--facts", t.TempDir()}, "cannot be read"},
		{"both from standard input", "{}", []string{"audit", "check", "--agreement", "-", "--facts", "-"}, "not both"},
		{"agreement twice", "{}", append(check, "--agreement", "vcare"), "given twice"},
		{"empty facts", "", check, "end too early"},
		{"not JSON", "{announced}", check, "not JSON"},
		{"cut off", `{"written":true`, check, "end too early"},
		{"a list", "[]", check, "must be one JSON object"},
		{"null", "null", check, "must be one JSON object"},
		{"two values", "{} {}", check, "more than one JSON value"},
		{"unknown field", `{"writen":true}`, check, `"writen" is not known`},
		{"unknown field inside", `{"auditor":{"expert":true}}`, check, `"auditor.expert" is not known`},
		{"other case", `{"Written":true}`, check, `"Written" is not known`},
		{"field twice", `{"written":true,"written":false}`, check, `"written" is given twice`},
		{"field twice inside", `{"reports":{"asked":true,"asked":true}}`, check, `"reports.asked" is given twice`},
		{"wrong type", `{"written":"yes"}`, check, "must be true or false"},
		{"wrong group", `{"notice":true}`, check, "must be a group of fields"},
		{"impossible day", `{"on":"2026-02-30"}`, check, "2026-02-30"},
		{"empty day", `{"on":""}`, check, "is not a date"},
		{"no offset", `{"announced":"2026-06-01T10:00:00"}`, check, "is not a moment"},
		{"unknown assessment", `{"reports":{"assessment":"good"}}`, check, `not "good"`},
		{"far past", `{"last_audit":"0001-01-01"}`, check, "outside the years"},
		{"too deep", `{"notice":` + strings.Repeat("[", 50) + strings.Repeat("]", 50) + "}", check, "too deep"},
		{"no lines", "{}", divide, "no field \"lines\""},
		{"no amount", `{"lines":[{"kind":"other","made_by":"controller"}]}`, divide, "Line 1 has no amount"},
		{"fraction", `{"lines":[{"kind":"other","made_by":"controller","cents":1.5}]}`, divide, "must be a whole number"},
		{"exponent", `{"lines":[{"kind":"other","made_by":"controller","cents":1e3}]}`, divide, "must be a whole number"},
		{"text", `{"lines":[{"kind":"other","made_by":"controller","cents":"100"}]}`, divide, "must be a whole number"},
		{"too large", `{"lines":[{"kind":"other","made_by":"controller","cents":9223372036854775808}]}`, divide, "must be a whole number"},
		{"sum too large", `{"lines":[{"kind":"other","made_by":"controller","cents":9223372036854775807},{"kind":"other","made_by":"processor","cents":1}]}`, divide, "add up to more"},
		{"negative", `{"lines":[{"kind":"other","made_by":"controller","cents":-5}]}`, divide, "negative amount"},
		{"unknown kind", `{"lines":[{"kind":"lunch","made_by":"controller","cents":5}]}`, divide, `"lunch"`},
		{"unknown maker", `{"lines":[{"kind":"other","made_by":"auditor","cents":5}]}`, divide, `not by "auditor"`},
		{"mixed currency", `{"currency":"EUR","lines":[{"kind":"other","made_by":"controller","cents":5,"currency":"USD"}]}`, divide, "one currency"},
		{"unknown currency", `{"currency":"eur","lines":[]}`, divide, "not a currency"},
		{"route: right", "", route("--agreement", "mpg", "--arrived", "processor", "--right", "deletion"), `no right "deletion"`},
		{"route: party", "", route("--agreement", "mpg", "--arrived", "court", "--right", "access"), `no party "court"`},
		{"route: no right", "", route("--agreement", "mpg", "--arrived", "processor"), "--right"},
		{"route: no party", "", route("--agreement", "mpg", "--right", "access"), "--arrived"},
		{"route: a word", "", route("--agreement", "mpg", "--arrived", "processor", "--right", "access", "now"), `"now"`},
		{"terms: nothing", "", []string{"terms"}, "list, show KEY or check FILE"},
		{"terms: unknown", "", []string{"terms", "show", "nobody"}, `no agreement "nobody"`},
		{"terms: no file", "", []string{"terms", "check", "/nowhere.yaml"}, "/nowhere.yaml"},
		{"terms: language", "", []string{"terms", "show", "mpg", "--lang", "fr"}, "en or nl"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			code, out, errs := inzage(tt.stdin, tt.args...)
			oneSentence := strings.Count(errs, "\n") == 1 && strings.HasSuffix(errs, ".\n") && !strings.Contains(errs, ". ")
			if code != 2 || out != "" || !oneSentence || !strings.Contains(errs, tt.want) {
				t.Errorf("exit %d, stdout %q, stderr %q, want exit 2 with %q", code, out, errs, tt.want)
			}
		})
	}
}

func TestTermsCheckListsEveryFault(t *testing.T) {
	code, out, errs := inzage("key: X\nkey: y\nprocessor: {name: P, town: Q}\n", "terms", "check", "-")
	want := "line 1: \"title\" is missing.\n" +
		"line 1, key: \"X\" is not written as it should be: use lower-case letters, digits and single hyphens.\n" +
		"line 2, key: \"key\" is given twice; the first is on line 1.\n" +
		"line 3, processor.town: \"town\" is not a term that is known here; look for a typing error.\n"
	if diff := cmp.Diff(want, out); code != 1 || errs != "" || diff != "" {
		t.Errorf("exit %d, %q (-want +got):\n%s", code, errs, diff)
	}
}

// A preset, printed as JSON, is an agreement file again.
func TestTermsShowRoundTrip(t *testing.T) {
	for _, key := range agreements.Keys() {
		_, shown, _ := inzage("", "terms", "show", key, "--json")
		if code, out, errs := inzage(shown, "terms", "check", "-"); code != 0 || !strings.HasPrefix(out, "No fault in -: "+key) {
			t.Errorf("%s: exit %d %q %q", key, code, out, errs)
		}
		for _, lang := range []string{"en", "nl"} {
			if code, out, errs := inzage("", "terms", "show", key, "--lang", lang); code != 0 || len(out) < 1000 || errs != "" {
				t.Errorf("%s in %s: exit %d %q", key, lang, code, errs)
			}
		}
	}
}

// The same agreement as a file and by its key answers the same.
func TestAgreementFile(t *testing.T) {
	source, err := agreements.PresetSource("qputer")
	if err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "copy.yaml")
	if err := os.WriteFile(file, source, 0o600); err != nil {
		t.Fatal(err)
	}
	_, byKey, _ := inzage(completeFacts, "audit", "check", "--agreement", "qputer", "--facts", "-", "--json")
	code, byFile, errs := inzage(completeFacts, "audit", "check", "--agreement", file, "--facts", "-", "--json")
	if code != 0 || byKey != byFile {
		t.Errorf("exit %d %q\n%s", code, errs, cmp.Diff(byKey, byFile))
	}
}

func TestExplanationsWithoutJSON(t *testing.T) {
	_, out, _ := inzage(completeFacts, "audit", "check", "--agreement", "qputer", "--facts", "-")
	for _, want := range []string{"The audit is too early.", "2026-07-02", "[qputer 5.3]", "[agreement silent; art. 28(3)(h) GDPR]"} {
		if !strings.Contains(out, want) {
			t.Errorf("check lacks %q:\n%s", want, out)
		}
	}
	_, out, _ = inzage(`{"lines":[{"kind":"travel","made_by":"processor","cents":1205}]}`, "audit", "costs", "--agreement", "mpg", "--facts", "-")
	for _, want := range []string{"EUR 12.05", "[mpg 10.5]", "The controller pays the processor EUR 12.05."} {
		if !strings.Contains(out, want) {
			t.Errorf("costs lacks %q:\n%s", want, out)
		}
	}
}

// TestTheRouteCitesARuleForEveryLine: a reader sees where each statement comes
// from, whatever the agreement, the arrival and the right.
func TestTheRouteCitesARuleForEveryLine(t *testing.T) {
	for _, key := range agreements.Keys() {
		for _, arrived := range []string{"processor", "controller"} {
			for _, right := range agreements.Rights() {
				code, out, errs := inzage("", "route", "--agreement", key, "--arrived", arrived, "--right", string(right))
				if code != 0 || errs != "" {
					t.Fatalf("%s, %s, %s: code = %d, stderr = %q", key, arrived, right, code, errs)
				}
				for line := range strings.Lines(out) {
					cites := strings.Contains(line, ". [") && strings.HasSuffix(line, "]\n")
					if note := strings.HasPrefix(line, "  "); !note && !cites {
						t.Errorf("%s, %s, %s: the line %q cites no rule", key, arrived, right, line)
					}
				}
			}
		}
	}
}

// FuzzFacts: no facts make the reader panic, and whatever is accepted gets an
// answer in which a refusal is a refusal.
func FuzzFacts(f *testing.F) {
	f.Add([]byte(completeFacts))
	f.Add([]byte(`{"lines":[{"kind":"other","made_by":"controller","cents":1}]}`))
	f.Add([]byte(`{"on":null,"notice":{}}`))
	f.Add([]byte(`{"a":[{"a":1}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		if _, err := parseCostFacts(data); err != nil && fault.KindOf(err) != fault.Invalid {
			t.Errorf("costs: %v is no refusal", err)
		}
		facts, err := parseCheckFacts(data)
		if err != nil {
			if fault.KindOf(err) != fault.Invalid {
				t.Errorf("check: %v is no refusal", err)
			}
			return
		}
		for _, key := range agreements.Keys() {
			terms, err := agreements.Preset(key)
			if err != nil {
				t.Fatal(err)
			}
			if a, err := audits.Check(terms, facts); err != nil && fault.KindOf(err) != fault.Invalid || err == nil && len(a.Lines) != 7 {
				t.Errorf("%s: %+v, %v", key, a, err)
			}
		}
	})
}
