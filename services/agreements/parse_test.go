package agreements_test

import (
	"bytes"
	"fmt"
	"os"
	"strings"
	"testing"

	"inzage/services/agreements"

	"github.com/google/go-cmp/cmp"
)

const head = "key: x\ntitle: X\nprocessor: {name: P}\n"

func TestParseFaults(t *testing.T) {
	tests := []struct {
		name, source string
		want         []string // "line path: beginning of the reason"
	}{
		{"empty", "", []string{"0 : The file is empty"}},
		{"not text", "key: \xff", []string{"0 : The file is not UTF-8"}},
		{"too large", "#" + strings.Repeat("x", agreements.Largest), []string{"0 : The file is larger than 256"}},
		{"tabs", "key: x\ntitle: X\nprocessor:\n\tname: P\n\tplace: Q\n", []string{"4 : This line is indented with a tab", "5 : This line is indented with a tab"}},
		{"not YAML", "key: [x\n", []string{"1 : This is not YAML"}},
		{"two documents", head + "---\nkey: y\n", []string{"4 : The file holds more than one document"}},
		{"duplicate key", head + "key: y\nkey: z\n", []string{"4 key: \"key\" is given twice; the first is on line 1", "5 key: \"key\" is given twice"}},
		{"nothing to read", "key: x\ntitle: \"\\u3164\"\nprocessor: {name: \"\\u200b\", place: Q}\n", []string{"2 title: This text holds nothing that can be read", "3 processor.name: This text holds nothing"}},
		{"unknown keys", head + "adit: 1\naudit:\n  notise: {}\n", []string{"4 adit: \"adit\" is not a term", "6 audit.notise: \"notise\" is not a term"}},
		{"required", "key: x\n", []string{"1 : \"title\" is missing", "1 : \"processor\" is missing"}},
		{"a bomb", "key: x\ntitle: X\nprocessor: {name: &p P, place: *p}\ndata_access: {clause: a, measures: &m [mfa]}\naudit: {alternatives: {clause: b, kinds: *m}}\n", []string{
			"3 processor.name: Anchors", "3 processor.place: Anchors", "4 data_access.measures: Anchors", "5 audit.alternatives.kinds: Anchors"}},
		{"merge", head + "audit:\n  <<: {notice: {clause: a}}\n", []string{"5 audit: A name must be a plain word"}},
		{"clause missing", head + "audit:\n  notice: {period: {days: 3}}\n  costs:\n    - {kinds: [travel], bearer: maker}\n", []string{"5 audit.notice: The clause is missing", "7 audit.costs[0]: The clause is missing"}},
		{"negative and zero", head + "audit:\n  notice: {clause: '1', period: {days: -3}}\n  cooperation: {clause: '1', within: {weeks: 0}}\n", []string{"5 audit.notice.period.days: -3 is too small", "6 audit.cooperation.within.weeks: 0 is too small"}},
		{"two units", head + "audit:\n  notice: {clause: '1', period: {days: 3, weeks: 1}}\n", []string{"5 audit.notice.period: A period has one unit"}},
		{"hours of notice", head + "audit:\n  notice: {clause: '1', period: {hours: 30}}\n", []string{"5 audit.notice.period: The notice of an audit is counted in"}},
		{"wrong words", head + "requests:\n  at_processor:\n    - {rights: [acces], route: forwards, clause: '1'}\n", []string{"6 requests.at_processor[0].rights[0]: acces is not one of the words", "6 requests.at_processor[0].route: forwards is not one of"}},
		{"right routed twice", head + "requests:\n  at_processor:\n    - {rights: [access], route: handle, clause: '1'}\n    - {rights: [erasure, access], route: forward, clause: '2'}\n", []string{"7 requests.at_processor[1].rights[1]: The right access is routed twice; the first is in entry 1"}},
		{"right listed twice", head + "requests:\n  assistance: {rights: [access, access], clause: '1'}\n", []string{"5 requests.assistance.rights[1]: This stands twice"}},
		{"all is alone", head + "requests:\n  assistance: {rights: [access, all], clause: '1'}\n", []string{"5 requests.assistance.rights[1]: \"all\" stands alone"}},
		{"rule out of reach", head + "audit:\n  costs:\n    - {kinds: [all], bearer: controller, clause: '1'}\n    - {kinds: [travel], bearer: processor, clause: '2'}\n", []string{"7 audit.costs[1]: This rule never applies"}},
		{"currency", head + "currency: XQQ\n", []string{"4 currency: \"XQQ\" is not a currency"}},
		{"zone", head + "zone: Europe/Vianen\n", []string{"4 zone: \"Europe/Vianen\" is not a time zone"}},
		{"dates", head + "signed: 2026-02-30\nin_force: {from: 2026-05-01, until: 2026-04-01}\n", []string{"4 signed: \"2026-02-30\" is not a date", "5 in_force.until: The agreement ends before"}},
		{"wrong types", head + "audit:\n  notice: {clause: '1', written: maybe}\n  frequency: [1]\n", []string{"5 audit.notice.written: This is text, but must be true or false", "6 audit.frequency: This is a list, but must be a group"}},
		{"no value", head + "audit:\n  notice:\n", []string{"5 audit.notice: There is no value here"}},
		{"empty content", head + "audit:\n  notice_content: {clause: '1'}\n", []string{"5 audit.notice_content: Say what the notice must state"}},
		{"not a number", head + "liability: {clause: '1', cents: .nan}\n", []string{"4 liability.cents: \".nan\" is not a number"}},
		{"fraction of a cent", head + "liability: {clause: '1', cents: 10.5}\n", []string{"4 liability.cents: This is a number, but must be a whole number"}},
		{"nested too deep", head + "signed: " + strings.Repeat("[", 9000) + strings.Repeat("]", 9000), []string{"4 signed: This is a list", "4 signed" + strings.Repeat("[0]", 16) + ": This is nested too deep"}},
		{"foreign type", head + "signed: !!binary aGk=\n", []string{"4 signed: The type !!binary is not used"}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, problems := agreements.Parse([]byte(tt.source))
			var got []string
			for i, p := range problems {
				s := fmt.Sprintf("%d %s: %s", p.Line, p.Path, p.Reason())
				if i < len(tt.want) && strings.HasPrefix(s, tt.want[i]) {
					s = tt.want[i]
				}
				got = append(got, s)
			}
			if diff := cmp.Diff(tt.want, got); diff != "" {
				t.Errorf("Parse (-want +got):\n%s", diff)
			}
		})
	}
}

// A clause keeps its digits whether quoted or not.
func TestParseKeepsClauses(t *testing.T) {
	terms, problems := agreements.Parse([]byte(head + "evidence: {kind: access_logged, clause: 10.10}\n"))
	if len(problems) > 0 || terms.Evidence.Clause != "10.10" {
		t.Errorf("clause %+v, problems %v, want 10.10", terms.Evidence, problems)
	}
}

// FuzzParse: no file makes the reader panic, and a file without a fault can be
// read again from its JSON.
func FuzzParse(f *testing.F) {
	for _, key := range agreements.Keys() {
		source, err := agreements.PresetSource(key)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(source)
	}
	source, err := os.ReadFile("testdata/harbour.yaml")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(source)
	f.Add([]byte("a: &a [*a]"))
	f.Add([]byte("? {a: b}\n: c"))
	f.Fuzz(func(t *testing.T, data []byte) {
		terms, problems := agreements.Parse(data)
		echoes := bytes.Contains(data, []byte("%!")) // a reason repeats what the file says
		for _, p := range problems {
			if p.Line < 0 || p.Reason() == "" || !echoes && strings.Contains(p.Reason(), "%!") {
				t.Errorf("problem without a place or reason: %+v", p)
			}
		}
		if len(problems) > 0 {
			return
		}
		for _, right := range agreements.Rights() {
			if r := agreements.Route(terms, agreements.Processor, right); r.Clause == "" || r.AssistClause == "" || r.CostsClause == "" {
				t.Errorf("a clause is missing: %+v", r)
			}
		}
		agreements.Summary(terms)
	})
}
