package costs_test

import (
	"math"
	"math/rand/v2"
	"os"
	"strings"
	"testing"

	"inzage/services/agreements"
	"inzage/services/costs"
	"inzage/services/fault"

	"github.com/google/go-cmp/cmp"
)

const (
	c = agreements.Controller
	p = agreements.Processor
	h = "28(3)(h) GDPR"
	e = "28(3)(e) GDPR"
)

func terms(t *testing.T, key string) agreements.Terms {
	t.Helper()
	if key == "harbour-data" {
		source, err := os.ReadFile("../agreements/testdata/harbour.yaml")
		if err != nil {
			t.Fatal(err)
		}
		terms, problems := agreements.Parse(source)
		if len(problems) > 0 {
			t.Fatal(problems)
		}
		return terms
	}
	terms, err := agreements.Preset(key)
	if err != nil {
		t.Fatal(err)
	}
	return terms
}

// Who bears each kind of cost, made by the processor (P) and by the controller
// (C), when the audit shows nothing wrong and when it shows non-compliance.
func TestBearers(t *testing.T) {
	type bearer struct {
		Who     agreements.Party
		Clause  string
		Default bool
	}
	maker := func(clause string, def bool) [4]bearer {
		return [4]bearer{{p, clause, def}, {c, clause, def}, {p, clause, def}, {c, clause, def}}
	}
	always := func(who agreements.Party, clause string) [4]bearer {
		b := bearer{who, clause, false}
		return [4]bearer{b, b, b, b}
	}
	flips := [4]bearer{{p, h, true}, {c, h, true}, {p, "4.4", false}, {p, "4.4", false}}
	audit := []string{"auditor_fee", "processor_time", "controller_time", "travel", "other"}
	tests := []struct {
		key   string
		kinds []string
		want  [4]bearer // P ok, C ok, P non-compliant, C non-compliant
	}{
		{"vcare", append(audit, "duty_to_demonstrate"), maker("9.4", false)},
		{"vcare", []string{"security_change"}, maker(h, true)},
		{"vcare", []string{"assist"}, maker(e, true)},
		{"inserve", append(audit, "duty_to_demonstrate"), flips},
		{"inserve", []string{"security_change"}, maker("4.6", false)},
		{"inserve", []string{"assist"}, maker(e, true)},
		{"qputer", append(audit, "duty_to_demonstrate"), always(c, "5.7")},
		{"qputer", []string{"security_change"}, maker(h, true)},
		{"qputer", []string{"assist"}, [4]bearer{{c, "7.2", false}, {c, e, true}, {c, "7.2", false}, {c, e, true}}},
		{"idea-online", audit, always(c, "4.5")},
		{"idea-online", []string{"duty_to_demonstrate"}, always(p, "4.5")},
		{"idea-online", []string{"security_change"}, maker(h, true)},
		{"idea-online", []string{"assist"}, [4]bearer{{c, "6.2", false}, {c, e, true}, {c, "6.2", false}, {c, e, true}}},
		{"mpg", append(audit, "duty_to_demonstrate"), always(c, "10.5")},
		{"mpg", []string{"security_change"}, maker(h, true)},
		{"mpg", []string{"assist"}, [4]bearer{{c, "8.1", false}, {c, e, true}, {c, "8.1", false}, {c, e, true}}},
		{"harbour-data", []string{"processor_time"}, [4]bearer{{c, "8.7", false}, {c, "8.9", false}, {p, "8.8", false}, {p, "8.8", false}}},
		{"harbour-data", []string{"travel"}, maker(h, true)},
		{"harbour-data", []string{"other", "security_change"}, [4]bearer{{p, "8.9", false}, {c, "8.9", false}, {p, "8.8", false}, {p, "8.8", false}}},
		{"harbour-data", []string{"assist"}, [4]bearer{{p, "4.12", false}, {c, e, true}, {p, "4.12", false}, {c, e, true}}},
	}
	for _, tt := range tests {
		for _, kind := range tt.kinds {
			t.Run(tt.key+" "+kind, func(t *testing.T) {
				var got [4]bearer
				for i := range got {
					s, err := costs.Divide(terms(t, tt.key), costs.Facts{
						NonCompliance: new(i >= 2),
						Lines:         []costs.Line{{Kind: kind, MadeBy: []agreements.Party{p, c}[i%2], Cents: 100}},
					})
					if err != nil {
						t.Fatal(err)
					}
					l := s.Lines[0]
					got[i] = bearer{l.Bearer, l.Clause, l.Default}
					if l.Chip.Says.EN == "" || l.Chip.Silent != strings.HasSuffix(l.Clause, " GDPR") {
						t.Errorf("chip %+v for clause %s", l.Chip, l.Clause)
					}
				}
				if diff := cmp.Diff(tt.want, got); diff != "" {
					t.Errorf("bearers (-want +got):\n%s", diff)
				}
			})
		}
	}
}

func TestStatement(t *testing.T) {
	lines := []costs.Line{
		{Kind: "auditor_fee", MadeBy: c, Cents: 500000},
		{Kind: "processor_time", MadeBy: p, Cents: 120000},
		{Kind: "travel", MadeBy: c, Cents: 8050},
	}
	tests := []struct {
		name, key       string
		nonCompliance   bool
		controller, pro int64
		want            *costs.Settlement
	}{
		{"each its own owes nothing", "vcare", false, 508050, 120000, nil},
		{"default owes nothing", "inserve", false, 508050, 120000, nil},
		{"non-compliance flips", "inserve", true, 0, 628050, &costs.Settlement{From: p, To: c, Cents: 508050}},
		{"controller pays the processor", "qputer", false, 628050, 0, &costs.Settlement{From: c, To: p, Cents: 120000}},
		{"non-compliance changes nothing", "mpg", true, 628050, 0, &costs.Settlement{From: c, To: p, Cents: 120000}},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			s, err := costs.Divide(terms(t, tt.key), costs.Facts{Currency: "EUR", NonCompliance: &tt.nonCompliance, Lines: lines})
			if err != nil {
				t.Fatal(err)
			}
			if s.ControllerBears != tt.controller || s.ProcessorBears != tt.pro {
				t.Errorf("bears %d and %d, want %d and %d", s.ControllerBears, s.ProcessorBears, tt.controller, tt.pro)
			}
			if diff := cmp.Diff(tt.want, s.Settlement); diff != "" {
				t.Errorf("settlement (-want +got):\n%s", diff)
			}
		})
	}
}

func TestAssistForARightThatIsNotNamed(t *testing.T) {
	s, err := costs.Divide(terms(t, "qputer"), costs.Facts{Lines: []costs.Line{
		{Kind: "assist", MadeBy: p, Cents: 100, Right: agreements.Access},
		{Kind: "assist", MadeBy: p, Cents: 100, Right: agreements.Objection},
	}})
	if err != nil {
		t.Fatal(err)
	}
	if a, b := s.Lines[0], s.Lines[1]; a.Bearer != c || a.Default || b.Bearer != p || !b.Default {
		t.Errorf("access %+v, objection %+v", a, b)
	}
}

func TestRefusals(t *testing.T) {
	ok := costs.Line{Kind: "other", MadeBy: c, Cents: 1}
	with := func(change func(*costs.Line)) costs.Line { l := ok; change(&l); return l }
	tests := []struct {
		name  string
		facts costs.Facts
		want  string
	}{
		{"kind", costs.Facts{Lines: []costs.Line{with(func(l *costs.Line) { l.Kind = "lunch" })}}, `Line 1 has the kind "lunch"`},
		{"no kind", costs.Facts{Lines: []costs.Line{with(func(l *costs.Line) { l.Kind = "" })}}, `Line 1 has the kind ""`},
		{"all is no kind", costs.Facts{Lines: []costs.Line{with(func(l *costs.Line) { l.Kind = "all" })}}, `Line 1 has the kind "all"`},
		{"maker", costs.Facts{Lines: []costs.Line{ok, with(func(l *costs.Line) { l.MadeBy = "auditor" })}}, "Line 2 must be made by"},
		{"negative", costs.Facts{Lines: []costs.Line{with(func(l *costs.Line) { l.Cents = -1 })}}, "Line 1 is a negative amount"},
		{"unknown currency", costs.Facts{Currency: "EURO", Lines: []costs.Line{ok}}, `"EURO" is not a currency`},
		{"mixed currency", costs.Facts{Currency: "EUR", Lines: []costs.Line{with(func(l *costs.Line) { l.Currency = "USD" })}}, "one statement has one currency"},
		{"overflow", costs.Facts{Lines: []costs.Line{with(func(l *costs.Line) { l.Cents = math.MaxInt64 }), ok}}, "add up to more than can be counted; check line 2"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			_, err := costs.Divide(terms(t, "mpg"), tt.facts)
			if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), tt.want) {
				t.Errorf("Divide = %v, want an Invalid refusal with %q", err, tt.want)
			}
		})
	}
}

// Every line has exactly one bearer, and a clause of the agreement or the mark
// of a default; the sums add up; the settlement leaves each party with what it bears.
func TestProperties(t *testing.T) {
	rnd := rand.New(rand.NewPCG(1, 2)) //nolint:gosec // the same cases every run
	kinds := append(agreements.CostKinds(), agreements.AssistCost)
	for _, key := range append(agreements.Keys(), "harbour-data") {
		agreed := terms(t, key)
		for range 300 {
			f := costs.Facts{NonCompliance: new(rnd.IntN(2) == 0)}
			paid := map[agreements.Party]int64{}
			for range rnd.IntN(12) {
				l := costs.Line{Kind: kinds[rnd.IntN(len(kinds))], MadeBy: []agreements.Party{c, p}[rnd.IntN(2)], Cents: rnd.Int64N(1 << 40)}
				f.Lines = append(f.Lines, l)
				paid[l.MadeBy] += l.Cents
			}
			s, err := costs.Divide(agreed, f)
			if err != nil {
				t.Fatalf("%s %+v: %v", key, f, err)
			}
			bears := map[agreements.Party]int64{}
			for i, l := range s.Lines {
				if l.Bearer != c && l.Bearer != p || l.Clause == "" || l.Default != strings.HasSuffix(l.Clause, " GDPR") {
					t.Fatalf("%s line %d: %+v", key, i, l)
				}
				bears[l.Bearer] += l.Cents
			}
			if bears[c] != s.ControllerBears || bears[p] != s.ProcessorBears || bears[c]+bears[p] != paid[c]+paid[p] {
				t.Fatalf("%s: sums %v, statement %d %d, paid %v", key, bears, s.ControllerBears, s.ProcessorBears, paid)
			}
			if s.Settlement != nil {
				paid[s.Settlement.From] += s.Settlement.Cents
				paid[s.Settlement.To] -= s.Settlement.Cents
			}
			if paid[c] != bears[c] || paid[p] != bears[p] {
				t.Fatalf("%s: after settling %v paid %v but bear %v", key, s.Settlement, paid, bears)
			}
		}
	}
}

func TestFlip(t *testing.T) {
	for key, clause := range map[string]string{"inserve": "4.4", "vcare": "", "qputer": "", "idea-online": "", "mpg": ""} {
		after, ok := costs.Flip(terms(t, key))
		if ok != (clause != "") || after.Clause != clause {
			t.Errorf("%s: Flip = %q, %v; want %q", key, after.Clause, ok, clause)
		}
		if ok && after.Bearer != agreements.Processor {
			t.Errorf("%s: the bearer is %s", key, after.Bearer)
		}
	}
}
