package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/costs"
	"inzage/services/deadlines"
	"inzage/services/fault"
)

const auditHelp = `
inzage audit check --agreement KEY|FILE --facts FILE|- [--json]
inzage audit costs --agreement KEY|FILE --facts FILE|- [--json]

check says whether an audit may be booked under an agreement: line by line,
each with its clause. costs divides the costs of an audit, or of help with a
request (kind assist). Facts are JSON; what is absent is unknown. An audit for cause
does not count towards the frequency.

Facts of check:
  {"announced": "2026-06-01T10:00:00+02:00", "written": true, "on": "2026-06-20",
   "last_audit": "2025-05-01", "for_cause": false,
   "audits": [{"on": "2026-01-10", "for_cause": true}],
   "notice": {"method": "...", "auditor": "...", "information": "...",
              "locations": "...", "arguments": "..."},
   "reports": {"asked": true, "available": true, "received": true,
               "assessment": "conclusive|inconclusive"},
   "breach_indicated": false,
   "auditor": {"independent": true, "register_edp": false, "ict_expert": true,
               "bound_to_secrecy": true, "undertaking_signed": true}}

Facts of costs:
  {"currency": "EUR", "non_compliance": false,
   "lines": [{"kind": "auditor_fee", "made_by": "controller", "cents": 500000}]}
  Amounts are in the smallest unit of the currency: cents of EUR, whole yen of
  JPY, thousandths of BHD. Without non_compliance it is unknown: the lines that
  depend on it are named, with who bears them in either case.
  Kinds: auditor_fee, processor_time, controller_time, travel,
  duty_to_demonstrate, security_change, other, assist.

Flags:`

func runAudit(_ context.Context, in invocation) error {
	fs := flags("audit", in, auditHelp)
	var agreement, facts text
	fs.Var(&agreement, "agreement", "`KEY` of a preset, or a file")
	fs.Var(&facts, "facts", "`FILE` with the facts, or - for standard input")
	asJSON := fs.Bool("json", false, "print one JSON object")
	rest, err := parse(fs, in.Args)
	if err != nil {
		return err
	}
	if len(rest) != 1 || rest[0] != "check" && rest[0] != "costs" {
		return usage("Say what to do with the audit: check or costs.")
	}
	if !facts.given {
		return usage("Give the facts with --facts FILE, or --facts - for standard input.")
	}
	if agreement.value == "-" && facts.value == "-" {
		return usage("Standard input can hold the agreement or the facts, not both.")
	}
	terms, err := agreementOf(in, agreement)
	if err != nil {
		return err
	}
	data, err := input(in, facts.value, 1<<20)
	if err != nil {
		return err
	}
	if rest[0] == "check" {
		return auditCheck(in.Stdout, terms, data, *asJSON)
	}
	return auditCosts(in.Stdout, terms, data, *asJSON)
}

// checkFacts is the JSON of audit check; nil is unknown.
type checkFacts struct {
	Announced *string `json:"announced"`
	Written   *bool   `json:"written"`
	On        *string `json:"on"`
	LastAudit *string `json:"last_audit"`
	Audits    []struct {
		On       *string `json:"on"`
		ForCause bool    `json:"for_cause"`
	} `json:"audits"`
	ForCause bool `json:"for_cause"`
	Notice   struct {
		Method      string `json:"method"`
		Auditor     string `json:"auditor"`
		Information string `json:"information"`
		Locations   string `json:"locations"`
		Arguments   string `json:"arguments"`
	} `json:"notice"`
	Reports struct {
		Asked      *bool   `json:"asked"`
		Available  *bool   `json:"available"`
		Received   *bool   `json:"received"`
		Assessment *string `json:"assessment"`
	} `json:"reports"`
	BreachIndicated *bool `json:"breach_indicated"`
	Auditor         struct {
		Independent       *bool `json:"independent"`
		RegisterEDP       *bool `json:"register_edp"`
		ICTExpert         *bool `json:"ict_expert"`
		BoundToSecrecy    *bool `json:"bound_to_secrecy"`
		UndertakingSigned *bool `json:"undertaking_signed"`
	} `json:"auditor"`
}

// parseCheckFacts reads the facts of a booking; what is no fact is refused
// with a sentence.
func parseCheckFacts(data []byte) (audits.Facts, error) {
	var in checkFacts
	if err := decodeStrict(data, &in); err != nil {
		return audits.Facts{}, err
	}
	f := audits.Facts{
		Written: in.Written, ForCause: in.ForCause, BreachIndicated: in.BreachIndicated,
		Notice:  audits.NoticeText(in.Notice),
		Reports: audits.Reports{Asked: in.Reports.Asked, Available: in.Reports.Available, Received: in.Reports.Received},
		Auditor: audits.AuditorFacts(in.Auditor),
	}
	if a := in.Reports.Assessment; a != nil {
		if *a != audits.Conclusive && *a != audits.Inconclusive {
			return f, usage("An assessment of reports is %q or %q, not %q.", audits.Conclusive, audits.Inconclusive, *a)
		}
		f.Reports.Assessment = *a
	}
	var err error
	if in.Announced != nil {
		if f.Announced, err = deadlines.ParseInstant(*in.Announced); err != nil {
			return f, err
		}
	}
	if f.On, err = dateOf(in.On); err != nil {
		return f, err
	}
	if f.LastAudit, err = dateOf(in.LastAudit); err != nil {
		return f, err
	}
	for i, a := range in.Audits {
		if a.On == nil {
			return f, usage("Audit %d of the list has no day; give it as \"on\".", i+1)
		}
		on, err := deadlines.ParseDate(*a.On)
		if err != nil {
			return f, err
		}
		if on == f.LastAudit {
			f.LastAudit = deadlines.Date{} // the list says it with its cause
		}
		switch {
		case a.ForCause: // it does not count towards the frequency
		case !f.On.IsZero() && on.After(f.On):
			f.Planned = append(f.Planned, on)
		default:
			f.Earlier = append(f.Earlier, on)
		}
	}
	return f, nil
}

func dateOf(s *string) (deadlines.Date, error) {
	if s == nil {
		return deadlines.Date{}, nil
	}
	return deadlines.ParseDate(*s)
}

func auditCheck(w io.Writer, t agreements.Terms, data []byte, asJSON bool) error {
	facts, err := parseCheckFacts(data)
	if err != nil {
		return err
	}
	answer, err := audits.Check(t, facts)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(w, answer)
	}
	var b strings.Builder
	fmt.Fprintf(&b, "%s\n", map[string]string{
		audits.Allowed:     "The audit is allowed.",
		audits.Conditional: "The audit is allowed when what is missing has been supplied.",
		audits.TooEarly:    "The audit is too early.",
		audits.Blocked:     "The audit is not allowed.",
	}[answer.Verdict])
	if !answer.Earliest.IsZero() {
		fmt.Fprintf(&b, "The earliest day is %s (first working day %s).\n", answer.Earliest, answer.EarliestWorkingDay)
		if answer.HolidaysUnknown {
			fmt.Fprintln(&b, "The holidays of this country are not known; only weekends were counted. [Reg. 1182/71 art. 2]")
		}
	}
	for _, l := range answer.Lines {
		fmt.Fprintf(&b, "\n%s: %s %s\n", strings.ReplaceAll(l.Rule, "_", " "), strings.ReplaceAll(l.Verdict, "_", " "), cited(t, l.Clause, l.Silent))
		paragraph(&b, "  ", l.Says)
	}
	_, err = io.WriteString(w, b.String())
	return err
}

// costFacts is the JSON of audit costs.
type costFacts struct {
	Currency      *string     `json:"currency"`
	NonCompliance *bool       `json:"non_compliance"` // absent: unknown
	Lines         *[]costLine `json:"lines"`
}

type costLine struct {
	Kind     string           `json:"kind"`
	MadeBy   agreements.Party `json:"made_by"`
	Cents    *int64           `json:"cents"`
	Currency string           `json:"currency"`
}

// parseCostFacts reads cost lines; a line without an amount is refused, because
// nothing is not zero.
func parseCostFacts(data []byte) (costs.Facts, error) {
	var in costFacts
	if err := decodeStrict(data, &in); err != nil {
		return costs.Facts{}, err
	}
	f := costs.Facts{NonCompliance: in.NonCompliance}
	if in.Currency != nil {
		if f.Currency = *in.Currency; f.Currency == "" {
			return f, fault.New(fault.Invalid, "%q is not a currency; write for example EUR.", "")
		}
	}
	if in.Lines == nil {
		return f, usage("Give the lines to divide; there is no field \"lines\".")
	}
	for i, l := range *in.Lines {
		if l.Cents == nil {
			return f, usage("Line %d has no amount; give it as \"cents\", in the smallest unit of the currency.", i+1)
		}
		f.Lines = append(f.Lines, costs.Line{Kind: l.Kind, MadeBy: l.MadeBy, Cents: *l.Cents, Currency: l.Currency})
	}
	return f, nil
}

func auditCosts(w io.Writer, t agreements.Terms, data []byte, asJSON bool) error {
	facts, err := parseCostFacts(data)
	if err != nil {
		return err
	}
	s, err := costs.Divide(t, facts)
	if err != nil {
		return err
	}
	if asJSON {
		return printJSON(w, statementJSON(s))
	}
	_, err = io.WriteString(w, statementText(t, s))
	return err
}
