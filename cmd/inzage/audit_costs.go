package main

import (
	"fmt"
	"strings"

	"inzage/services/agreements"
	"inzage/services/costs"
)

// dividedJSON is the answer of audit costs. While it is unknown whether the audit
// shows non-compliance, what depends on that is null, and both outcomes are given.
type dividedJSON struct {
	Lines           []dividedLine     `json:"lines"`
	ControllerBears *int64            `json:"controller_bears"`
	ProcessorBears  *int64            `json:"processor_bears"`
	Settlement      *costs.Settlement `json:"settlement"`

	DependsOn    string      `json:"depends_on,omitempty"` // non_compliance
	IfCompliance *dividedSum `json:"if_compliance,omitempty"`
	IfNot        *dividedSum `json:"if_non_compliance,omitempty"`
}

type dividedLine struct {
	Kind    string            `json:"kind"`
	MadeBy  agreements.Party  `json:"made_by"`
	Cents   int64             `json:"cents"`
	Bearer  *agreements.Party `json:"bearer"`
	Clause  *string           `json:"clause"`
	Default bool              `json:"default"`

	DependsOn    string       `json:"depends_on,omitempty"`
	IfCompliance *dividedCase `json:"if_compliance,omitempty"`
	IfNot        *dividedCase `json:"if_non_compliance,omitempty"`
}

// dividedCase is a line in one of the two outcomes.
type dividedCase struct {
	Bearer  agreements.Party `json:"bearer"`
	Clause  string           `json:"clause"`
	Default bool             `json:"default"`
}

// dividedSum is what all lines come to in one of the two outcomes.
type dividedSum struct {
	ControllerBears int64             `json:"controller_bears"`
	ProcessorBears  int64             `json:"processor_bears"`
	Settlement      *costs.Settlement `json:"settlement"`
}

func statementJSON(s costs.Statement) dividedJSON {
	out := dividedJSON{Lines: []dividedLine{}, Settlement: s.Settlement}
	if s.IfShown == nil {
		out.ControllerBears, out.ProcessorBears = &s.ControllerBears, &s.ProcessorBears
	} else {
		out.DependsOn, out.IfCompliance, out.IfNot = agreements.NonCompliance, sumJSON(*s.IfNot), sumJSON(*s.IfShown)
	}
	for _, l := range s.Lines {
		line := dividedLine{Kind: l.Kind, MadeBy: l.MadeBy, Cents: l.Cents, Bearer: &l.Bearer, Clause: &l.Clause, Default: l.Default}
		if l.Depends() {
			line.DependsOn, line.IfCompliance, line.IfNot, line.Clause = agreements.NonCompliance, caseJSON(*l.IfNot), caseJSON(*l.IfShown), nil
		}
		if l.Bearer == "" {
			line.Bearer = nil
		}
		out.Lines = append(out.Lines, line)
	}
	return out
}

func caseJSON(a costs.Allocation) *dividedCase {
	return &dividedCase{Bearer: a.Bearer, Clause: a.Clause, Default: a.Default}
}

func sumJSON(s costs.Statement) *dividedSum {
	return &dividedSum{ControllerBears: s.ControllerBears, ProcessorBears: s.ProcessorBears, Settlement: s.Settlement}
}

func statementText(t agreements.Terms, s costs.Statement) string {
	var b strings.Builder
	for _, l := range s.Lines {
		fmt.Fprintf(&b, "%s, made by the %s, %s", strings.ReplaceAll(l.Kind, "_", " "), l.MadeBy, amount(s.Currency, l.Cents))
		if !l.Depends() {
			fmt.Fprintf(&b, ": borne by the %s. %s\n", l.Bearer, cited(t, l.Clause, l.Default))
			paragraph(&b, "  ", l.Chip.Says.In("en"))
			continue
		}
		fmt.Fprintf(&b, ": this depends on whether the audit shows non-compliance, which is not known.\n")
		fmt.Fprintf(&b, "  If it does, borne by the %s. %s\n", l.IfShown.Bearer, cited(t, l.IfShown.Clause, l.IfShown.Default))
		fmt.Fprintf(&b, "  If it does not, borne by the %s. %s\n", l.IfNot.Bearer, cited(t, l.IfNot.Clause, l.IfNot.Default))
	}
	if s.IfShown == nil {
		b.WriteString(sumText("", s))
		return b.String()
	}
	b.WriteString(sumText("If the audit shows non-compliance: ", *s.IfShown))
	b.WriteString(sumText("If it does not: ", *s.IfNot))
	return b.String()
}

func sumText(when string, s costs.Statement) string {
	the := func(first string) string {
		if when == "" {
			return first
		}
		return strings.ToLower(first[:1]) + first[1:]
	}
	bears := fmt.Sprintf("%s%s controller bears %s, the processor %s.\n", when, the("The"), amount(s.Currency, s.ControllerBears), amount(s.Currency, s.ProcessorBears))
	if s.Settlement == nil {
		return bears + when + the("Nobody") + " owes the other anything.\n"
	}
	return bears + fmt.Sprintf("%s%s %s pays the %s %s.\n", when, the("The"), s.Settlement.From, s.Settlement.To, amount(s.Currency, s.Settlement.Cents))
}

// amount writes an amount with its currency and that currency's own number of
// decimals: EUR 12.34, JPY 1234. The sum is never a float.
func amount(currency string, units int64) string {
	return currency + " " + costs.Plain(units, currency, ".")
}
