package web

import (
	"testing"
	"time"

	"inzage/services/audits"
	"inzage/services/ledger"
	"inzage/views/language"
)

// TestEveryStepOfAnAuditHasWords walks the table, the portal's own steps and
// the readings: each is told in both languages, with no English on a Dutch page.
func TestEveryStepOfAnAuditHasWords(t *testing.T) {
	languages, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	steps := []audits.Action{draftAudit, flipCosts, remindOf, readAudit, openFile, readReport}
	for _, row := range audits.Table() {
		steps = append(steps, row.Action)
	}
	details := []map[string]string{
		{"kind": "existing_reports", "day": "2026-12-17", "due": "2026-12-17", "version": "2", "cents": "120000", "currency": "EUR", "from": "controller", "to": "processor", "next": "2027-12-17", "days": "7"},
		{"kind": "self_assessment", "assessment": audits.Conclusive, "none": "true", "own": "true", "moves": "true", "urgent": "true", "late": "true", "view": audits.Agrees,
			"result": audits.NotEffective, "non_compliance": "true", "outcome": audits.BrokenOff, "days": "late", "to": "maker"},
		{"kind": "inquiry", "view": audits.AgreesPartly, "to": "controller"},
	}
	told := func(tag string, verb audits.Action, x map[string]string) string {
		b := &bench{desk{p: languages.Printer(tag, time.UTC), names: map[string]string{}}}
		if words := b.looking(verb); words != "" {
			return words
		}
		words, _ := b.says(papers{}, ledger.Event{Action: "audit." + string(verb), Outcome: ledger.Done, Details: x})
		return words
	}
	for _, verb := range steps {
		for _, x := range details {
			en, nl := told("en", verb, x), told("nl", verb, x)
			if en == "" || nl == "" || en == nl {
				t.Errorf("audit.%s with %v is told as %q and %q", verb, x, en, nl)
			}
		}
	}
}

// TestEveryMoveOfAnAuditIsTranslated holds the labels of the links, which no
// scan of the sources finds, against the Dutch words.
func TestEveryMoveOfAnAuditIsTranslated(t *testing.T) {
	languages, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	for name, m := range moves() {
		if missing := languages.Missing("nl", []string{m.label}); len(missing) > 0 {
			t.Errorf("%s: %q has no Dutch words", name, m.label)
		}
	}
}
