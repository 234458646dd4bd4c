package main

import (
	"encoding/json"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// TestAuditCostsUnknown: without non_compliance nothing is decided that depends
// on it, in words and as JSON.
func TestAuditCostsUnknown(t *testing.T) {
	facts := `{"lines":[{"kind":"auditor_fee","made_by":"controller","cents":500000},{"kind":"security_change","made_by":"processor","cents":100}]}`
	code, out, errs := inzage(facts, "audit", "costs", "--agreement", "inserve", "--facts", "-", "--json")
	var got map[string]any
	if err := json.Unmarshal([]byte(out), &got); err != nil || code != 0 {
		t.Fatalf("exit %d %q: %v", code, errs, err)
	}
	lines := got["lines"].([]any)
	fee, change := lines[0].(map[string]any), lines[1].(map[string]any)
	if fee["depends_on"] != "non_compliance" || fee["bearer"] != nil || fee["clause"] != nil || fee["if_non_compliance"].(map[string]any)["bearer"] != "processor" ||
		fee["if_compliance"].(map[string]any)["bearer"] != "controller" {
		t.Errorf("the fee: %v", fee)
	}
	if _, depends := change["depends_on"]; depends || change["bearer"] != "processor" || change["clause"] != "4.6" {
		t.Errorf("the change: %v", change)
	}
	if got["depends_on"] != "non_compliance" || got["settlement"] != nil || got["controller_bears"] != nil || got["if_non_compliance"].(map[string]any)["processor_bears"] != 500100.0 {
		t.Errorf("the whole: %s", out)
	}
	_, out, _ = inzage(facts, "audit", "costs", "--agreement", "inserve", "--facts", "-")
	for _, want := range []string{"depends on whether the audit shows non-compliance", "If it does, borne by the processor. [inserve 4.4]", "If the audit shows non-compliance: the controller bears EUR 0.00, the processor EUR 5001.00."} {
		if !strings.Contains(out, want) {
			t.Errorf("the words lack %q:\n%s", want, out)
		}
	}
	// What does not depend on it reads as ever.
	_, known, _ := inzage(`{"non_compliance":false,"lines":[{"kind":"travel","made_by":"processor","cents":1205}]}`, "audit", "costs", "--agreement", "mpg", "--facts", "-", "--json")
	_, unknown, _ := inzage(`{"lines":[{"kind":"travel","made_by":"processor","cents":1205}]}`, "audit", "costs", "--agreement", "mpg", "--facts", "-", "--json")
	if known != unknown || strings.Contains(known, "depends_on") {
		t.Errorf("known %s, unknown %s", known, unknown)
	}
}

// TestAuditCostsCurrencies: an amount has the decimals of its currency.
func TestAuditCostsCurrencies(t *testing.T) {
	for code, want := range map[string]string{"JPY": "JPY 1205.", "BHD": "BHD 1.205.", "CLF": "CLF 0.1205.", "EUR": "EUR 12.05."} {
		_, out, errs := inzage(`{"currency":"`+code+`","lines":[{"kind":"travel","made_by":"processor","cents":1205}]}`, "audit", "costs", "--agreement", "mpg", "--facts", "-")
		if !strings.Contains(out, "pays the processor "+want) {
			t.Errorf("%s: %s%s", code, out, errs)
		}
	}
	file := filepath.Join(t.TempDir(), "euros.yaml")
	source := "key: euros\ntitle: X\nprocessor: {name: P}\ncurrency: EUR\n"
	if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
		t.Fatal(err)
	}
	code, out, errs := inzage(`{"currency":"JPY","lines":[]}`, "audit", "costs", "--agreement", file, "--facts", "-")
	if code != 2 || out != "" || !strings.Contains(errs, "in JPY, but agreement euros counts in EUR") {
		t.Errorf("exit %d %q %q", code, out, errs)
	}
}

// TestRouteInEveryUnit: what is agreed in working days or hours is said as such.
func TestRouteInEveryUnit(t *testing.T) {
	for unit, days := range map[string]any{"working_days: 10": nil, "hours: 36": nil, "weeks: 2": 14.0} {
		file := filepath.Join(t.TempDir(), "x.yaml")
		source := "key: x\ntitle: X\nprocessor: {name: P}\nrequests: {assistance: {rights: [all], within: {" + unit + "}, clause: '3'}}\n"
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		_, out, errs := inzage("", "route", "--agreement", file, "--arrived", "controller", "--right", "access", "--json")
		var got map[string]any
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s: %v %s", unit, err, errs)
		}
		name, _, _ := strings.Cut(unit, ":")
		if within, ok := got["assist_within"].(map[string]any); !ok || within[name] == nil || got["assist_days"] != days {
			t.Errorf("%s: %s", unit, out)
		}
	}
}

// TestAuditCheckTakesAListOfAudits: those for cause do not count towards the
// frequency, and one that is planned later makes an earlier one too soon.
func TestAuditCheckTakesAListOfAudits(t *testing.T) {
	check := func(facts string) (verdict, earliest, frequency, until string) {
		t.Helper()
		_, out, errs := inzage(facts, "audit", "check", "--agreement", "mpg", "--facts", "-", "--json")
		var got struct {
			Verdict, Earliest string
			Lines             []struct{ Rule, Verdict, Until string }
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%s: %v %s", facts, err, errs)
		}
		for _, l := range got.Lines {
			if l.Rule == "frequency" {
				frequency, until = l.Verdict, l.Until
			}
		}
		return got.Verdict, got.Earliest, frequency, until
	}
	for _, tt := range []struct{ audits, earliest, frequency, until string }{
		{`"last_audit":"2025-05-01"`, "2026-06-16", "ok", "2026-05-02"},
		{`"audits":[{"on":"2025-05-01","for_cause":false}]`, "2026-06-16", "ok", "2026-05-02"},
		{`"audits":[{"on":"2026-01-10","for_cause":false}]`, "2027-01-11", "too_early", "2027-01-11"},
		{`"audits":[{"on":"2026-01-10","for_cause":true}]`, "2026-06-16", "ok", ""},
		{`"last_audit":"2026-01-10","audits":[{"on":"2026-01-10","for_cause":true},{"on":"2025-05-01"}]`, "2026-06-16", "ok", "2026-05-02"},
		{`"audits":[{"on":"2026-12-01"}]`, "2027-12-02", "too_early", "2027-12-02"},                     // planned after the wanted day
		{`"audits":[{"on":"2026-12-01"},{"on":"2029-01-01"}]`, "2027-12-02", "too_early", "2027-12-02"}, // the gap between two is free
		{`"audits":[{"on":"2026-12-01"},{"on":"2028-01-01"}]`, "2029-01-02", "too_early", "2029-01-02"}, // and this one is too short
		{`"audits":[{"on":"2026-12-01","for_cause":true}]`, "2026-06-16", "ok", ""},
	} {
		_, earliest, frequency, until := check(`{"announced":"2026-06-01T10:00:00+02:00","on":"2026-06-20",` + tt.audits + `}`)
		if earliest != tt.earliest || frequency != tt.frequency || until != tt.until {
			t.Errorf("%s: earliest %s, %s until %s; want %s, %s until %s", tt.audits, earliest, frequency, until, tt.earliest, tt.frequency, tt.until)
		}
	}
	if code, out, errs := inzage(`{"audits":[{"for_cause":true}]}`, "audit", "check", "--agreement", "mpg", "--facts", "-"); code != 2 || out != "" || !strings.Contains(errs, "has no day") {
		t.Errorf("an audit without a day: %d %q %q", code, out, errs)
	}
}

// TestNoCountryIsAssumed: an agreement that names no country, or one without a
// holiday set, is counted over weekends only, and the answer says so.
func TestNoCountryIsAssumed(t *testing.T) {
	const unknown = "The holidays of this country are not known; only weekends were counted."
	for country, want := range map[string]struct {
		earliest string
		unknown  bool
	}{"": {"2026-04-06", true}, "country: DE\n": {"2026-04-06", true}, "country: NL\n": {"2026-04-07", false}, "country: none\n": {"2026-04-06", false}} {
		file := filepath.Join(t.TempDir(), "x.yaml")
		source := "key: x\ntitle: X\nprocessor: {name: P}\n" + country + "audit: {notice: {period: {working_days: 2}, clause: '3'}}\n"
		if err := os.WriteFile(file, []byte(source), 0o600); err != nil {
			t.Fatal(err)
		}
		facts := `{"announced":"2026-04-01T10:00:00+02:00"}` // 6 April is Easter Monday
		_, out, errs := inzage(facts, "audit", "check", "--agreement", file, "--facts", "-", "--json")
		var got struct {
			Earliest string
			Lines    []struct{ Rule, Says string }
		}
		if err := json.Unmarshal([]byte(out), &got); err != nil {
			t.Fatalf("%q: %v %s", country, err, errs)
		}
		if got.Earliest != want.earliest || strings.Contains(out, unknown) != want.unknown {
			t.Errorf("%q: %s", country, out)
		}
		if _, out, _ := inzage(facts, "audit", "check", "--agreement", file, "--facts", "-"); strings.Contains(out, unknown) != want.unknown {
			t.Errorf("%q in words:\n%s", country, out)
		}
	}
}
