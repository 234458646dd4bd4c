package agreements_test

import (
	"os"
	"testing"

	"inzage/services/agreements"

	"github.com/google/go-cmp/cmp"
)

// outcome is a Routing without its notes and without what follows from the rest.
type outcome struct {
	Route, Decides, Clause string
	Silent                 bool
	TellSubject            bool
	TellController         bool
	Days                   int // 0 for none
	AssistClause           string
	Costs, CostsClause     string
}

func outcomeOf(r agreements.Routing) outcome {
	o := outcome{
		Route: r.Route, Decides: string(r.Decides), Clause: r.Clause, Silent: r.Silent,
		TellSubject: r.TellSubject, TellController: r.TellController,
		AssistClause: r.AssistClause, Costs: r.AssistCosts, CostsClause: r.CostsClause,
	}
	if r.AssistDays != nil {
		o.Days = *r.AssistDays
	}
	return o
}

func invented(t *testing.T) agreements.Terms {
	t.Helper()
	source, err := os.ReadFile("testdata/harbour.yaml")
	if err != nil {
		t.Fatal(err)
	}
	terms, problems := agreements.Parse(source)
	if len(problems) > 0 {
		t.Fatalf("Parse: %v", problems)
	}
	return terms
}

func TestRoute(t *testing.T) {
	const law = "28(3)(e) GDPR"
	const all = "all"
	tests := []struct {
		key, arrived, right string
		want                outcome
	}{
		{"vcare", "processor", all, outcome{"forward", "controller", law, true, true, true, 0, law, "none", law}},
		{"vcare", "controller", all, outcome{"controller", "controller", law, true, true, false, 0, law, "none", law}},
		{"inserve", "processor", all, outcome{"forward", "controller", law, true, true, true, 30, "3.6", "none", law}},
		{"inserve", "controller", all, outcome{"controller", "controller", "3.6", false, true, false, 30, "3.6", "none", law}},
		{"qputer", "processor", "access", outcome{"forward", "controller", law, true, true, true, 0, "7.1", "controller", "7.2"}},
		{"qputer", "processor", "rectification", outcome{"forward", "controller", law, true, true, true, 0, "7.1", "controller", "7.2"}},
		{"qputer", "controller", "portability", outcome{"controller", "controller", "7.1", false, true, false, 0, "7.1", "controller", "7.2"}},
		{"qputer", "controller", "objection", outcome{"controller", "controller", law, true, true, false, 0, law, "none", law}},
		{"idea-online", "processor", "access", outcome{"handle", "processor", "6.1", false, true, true, 0, law, "chargeable", "6.2"}},
		{"idea-online", "processor", "erasure", outcome{"forward", "controller", law, true, true, true, 0, law, "chargeable", "6.2"}},
		{"idea-online", "processor", "objection", outcome{"forward", "controller", law, true, true, true, 0, law, "chargeable", "6.2"}},
		{"idea-online", "controller", "access", outcome{"controller", "controller", law, true, true, false, 0, law, "chargeable", "6.2"}},
		{"mpg", "processor", all, outcome{"forward", "controller", "8.1", false, true, true, 0, "8.1", "chargeable", "8.1"}},
		{"mpg", "controller", all, outcome{"controller", "controller", "8.1", false, true, false, 0, "8.1", "chargeable", "8.1"}},
		{"", "processor", "access", outcome{"handle", "processor", "4.10", false, true, false, 0, law, "none", law}},
		{"", "processor", "erasure", outcome{"forward", "controller", law, true, true, true, 0, "4.11", "none", "4.12"}},
		{"", "processor", "objection", outcome{"forward", "controller", "art. 5 lid 2", false, false, true, 0, law, "none", law}},
	}
	for _, tt := range tests {
		terms := invented(t)
		if tt.key != "" {
			terms = preset(t, tt.key)
		}
		rights := []agreements.Right{agreements.Right(tt.right)}
		if tt.right == all {
			rights = agreements.Rights()
		}
		for _, right := range rights {
			t.Run(terms.Key+" "+tt.arrived+" "+string(right), func(t *testing.T) {
				r := agreements.Route(terms, agreements.Party(tt.arrived), right)
				if diff := cmp.Diff(tt.want, outcomeOf(r)); diff != "" {
					t.Errorf("Route (-want +got):\n%s", diff)
				}
				if len(r.Notes) == 0 {
					t.Error("no note explains the outcome")
				}
				for _, n := range r.Notes {
					if n.EN == "" || n.NL == "" {
						t.Errorf("note in one language: %+v", n)
					}
				}
			})
		}
	}
}

// A period that is no fixed number of days is kept as it is and said in a note.
func TestRouteKeepsWorkingDays(t *testing.T) {
	r := agreements.Route(invented(t), agreements.Controller, agreements.Erasure)
	if r.AssistDays != nil || r.AssistWithin.WorkingDays != 10 {
		t.Errorf("days %v within %v, want none and 10 working days", r.AssistDays, r.AssistWithin)
	}
	found := false
	for _, n := range r.Notes {
		found = found || n.EN == "The agreed time for this help is 10 working days, which is no fixed number of calendar days."
	}
	if !found {
		t.Errorf("no note names the working days: %v", r.Notes)
	}
}

func TestCompareFindsWhatDiffers(t *testing.T) {
	a, b := preset(t, "mpg"), preset(t, "mpg")
	if d := agreements.Compare(a, b); len(d) != 0 {
		t.Fatalf("equal terms differ: %v", d)
	}
	b.Audit.Notice.Period = agreements.Period{Weeks: 3}
	b.Audit.Auditor.Clause = "10.9"
	b.Evidence = nil
	var got []string
	for _, d := range agreements.Compare(a, b) {
		s := string(d.Term)
		if d.SameRule {
			s += " same rule"
		}
		got = append(got, s)
	}
	want := []string{"audit.notice", "audit.auditor same rule", "evidence"}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("Compare (-want +got):\n%s", diff)
	}
}

// The number in a sentence comes from the terms, not from the file's prose.
func TestExplainFillsThePeriod(t *testing.T) {
	terms := preset(t, "mpg")
	terms.Audit.Notice.Period = agreements.Period{WorkingDays: 12}
	e := agreements.Explain(terms, agreements.TermNotice, "10.2")
	if want := "An audit begins only when 12 working days have passed after it was announced. The portal counts full days after the day of the announcement and offers the first day after them."; e.Says.EN != want {
		t.Errorf("says %q, want %q", e.Says.EN, want)
	}
	if e.Label.EN != "mpg 10.2" || e.Silent {
		t.Errorf("label %q silent %v, want mpg 10.2", e.Label.EN, e.Silent)
	}
	silent := agreements.Explain(preset(t, "vcare"), agreements.TermFrequency, "")
	if silent.Label.NL != "art. 28 lid 3 onder h AVG" || !silent.Silent {
		t.Errorf("silent label %q silent %v", silent.Label.NL, silent.Silent)
	}
}
