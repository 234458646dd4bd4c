package costs_test

import (
	"testing"

	"inzage/services/agreements"
	"inzage/services/costs"
	"inzage/services/fault"
)

func parsed(t *testing.T, rules string) agreements.Terms {
	t.Helper()
	terms, problems := agreements.Parse([]byte("key: x\ntitle: X\nprocessor: {name: P}\ncurrency: EUR\naudit:\n  costs:\n" + rules))
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	return terms
}

// TestUnknownNonComplianceDecidesNothing: what depends on it is said, with both
// outcomes; what does not is decided.
func TestUnknownNonComplianceDecidesNothing(t *testing.T) {
	lines := []costs.Line{
		{Kind: "auditor_fee", MadeBy: c, Cents: 500000},   // the controller's, or the processor's by 4.4
		{Kind: "processor_time", MadeBy: p, Cents: 70000}, // the processor's in any case, by another clause
		{Kind: "security_change", MadeBy: c, Cents: 9000}, // the maker's in any case, by 4.6
	}
	s, err := costs.Divide(terms(t, "inserve"), costs.Facts{Lines: lines})
	if err != nil {
		t.Fatal(err)
	}
	fee, hours, change := s.Lines[0], s.Lines[1], s.Lines[2]
	if !fee.Depends() || fee.Bearer != "" || fee.Clause != "" || fee.IfNot.Bearer != c || !fee.IfNot.Default || fee.IfShown.Bearer != p || fee.IfShown.Clause != "4.4" {
		t.Errorf("the fee is decided: %+v", fee)
	}
	if !hours.Depends() || hours.Bearer != p || hours.IfNot.Clause != h || hours.IfShown.Clause != "4.4" {
		t.Errorf("the hours: %+v", hours)
	}
	if change.Depends() || change.Bearer != c || change.Clause != "4.6" {
		t.Errorf("the change: %+v", change)
	}
	if s.Settlement != nil || s.ControllerBears != 9000 || s.ProcessorBears != 70000 || s.IfNot.Settlement != nil || s.IfShown.Settlement == nil || s.IfShown.Settlement.Cents != 500000 {
		t.Errorf("sums %d, %d, settlement %+v, either %+v or %+v", s.ControllerBears, s.ProcessorBears, s.Settlement, s.IfNot, s.IfShown)
	}
	// An agreement that does not ask for it is divided as if it were known.
	for _, key := range []string{"vcare", "qputer", "idea-online", "mpg"} {
		unknown, err := costs.Divide(terms(t, key), costs.Facts{Lines: lines})
		if err != nil || unknown.IfShown != nil {
			t.Errorf("%s: %+v, %v", key, unknown, err)
		}
		for i, l := range unknown.Lines {
			if l.Depends() || l.Bearer == "" {
				t.Errorf("%s, line %d: %+v", key, i+1, l)
			}
		}
	}
}

// TestAllIsNotTheProcessorsOwn: "all" does not make the controller pay what the
// processor owes anyhow.
func TestAllIsNotTheProcessorsOwn(t *testing.T) {
	bearer := func(rules, kind string, by agreements.Party) agreements.Party {
		t.Helper()
		s, err := costs.Divide(parsed(t, rules), costs.Facts{NonCompliance: new(false), Lines: []costs.Line{{Kind: kind, MadeBy: by, Cents: 100}}})
		if err != nil {
			t.Fatal(err)
		}
		return s.Lines[0].Bearer
	}
	const all = "    - {kinds: [all], bearer: controller, clause: '5.7'}\n"
	const named = all + "    - {kinds: [duty_to_demonstrate, security_change], bearer: processor, clause: '5.8'}\n"
	for _, tt := range []struct {
		rules, kind string
		by, want    agreements.Party
	}{
		{all, "processor_time", p, c}, {all, "security_change", p, p}, {all, "security_change", c, c}, {all, "duty_to_demonstrate", p, c},
		{named, "duty_to_demonstrate", p, p}, {named, "security_change", p, p}, {named, "security_change", c, p}, {named, "travel", p, c},
		{"    - {kinds: [security_change], bearer: controller, clause: '1'}\n", "security_change", p, c}, // it says so
		{"    - {kinds: [all], bearer: controller, made_by: processor, clause: '1'}\n    - {kinds: [duty_to_demonstrate], bearer: maker, clause: '2'}\n", "duty_to_demonstrate", p, p},
		{"    - {kinds: [all], bearer: controller, when: compliance, clause: '1'}\n    - {kinds: [duty_to_demonstrate], bearer: processor, clause: '2'}\n", "duty_to_demonstrate", p, c},
	} {
		if got := bearer(tt.rules, tt.kind, tt.by); got != tt.want {
			t.Errorf("%s%s made by the %s is borne by the %s, want the %s", tt.rules, tt.kind, tt.by, got, tt.want)
		}
	}
}

// TestAnotherCurrencyIsRefused: amounts are in the agreement's currency, where it
// names one, and say so where they are not.
func TestAnotherCurrencyIsRefused(t *testing.T) {
	agreed := parsed(t, "    - {kinds: [all], bearer: maker, clause: '1'}\n")
	lines := []costs.Line{{Kind: "travel", MadeBy: c, Cents: 100}}
	if _, err := costs.Divide(agreed, costs.Facts{Currency: "JPY", Lines: lines}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("yen under an agreement in euros: %v", err)
	}
	if _, err := costs.Divide(agreed, costs.Facts{Lines: []costs.Line{{Kind: "travel", MadeBy: c, Cents: 100, Currency: "USD"}}}); fault.KindOf(err) != fault.Invalid {
		t.Errorf("a line in dollars: %v", err)
	}
	if s, err := costs.Divide(terms(t, "vcare"), costs.Facts{Currency: "JPY", Lines: lines}); err != nil || s.Currency != "JPY" {
		t.Errorf("an agreement that names no currency: %+v, %v", s, err)
	}
}

func TestPlainHasTheDecimalsOfItsCurrency(t *testing.T) {
	for code, want := range map[string]string{"EUR": "12.05", "JPY": "1205", "BHD": "1.205", "CLF": "0.1205", "KWD": "1.205", "ISK": "1205"} {
		if got := costs.Plain(1205, code, "."); got != want {
			t.Errorf("1205 of %s is %s, want %s", code, got, want)
		}
	}
}
