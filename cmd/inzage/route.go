package main

import (
	"context"
	"fmt"
	"io"
	"strings"

	"inzage/services/agreements"
)

const routeHelp = `
inzage route --agreement KEY|FILE --arrived processor|controller --right RIGHT

Says where a request goes that arrived at one of the parties, who decides it,
and on what terms the processor helps. RIGHT is access, rectification, erasure,
restriction, portability or objection.

Flags:`

// routeJSON is the answer of inzage route --json.
type routeJSON struct {
	Route          string             `json:"route"`
	Decides        agreements.Party   `json:"decides"`
	Clause         string             `json:"clause"`
	Silent         bool               `json:"silent"`
	TellSubject    bool               `json:"tell_subject"`
	TellController bool               `json:"tell_controller"`
	AssistDays     *int               `json:"assist_days"`
	AssistWithin   *agreements.Period `json:"assist_within"` // as agreed, in any unit
	AssistClause   string             `json:"assist_clause"`
	AssistCosts    string             `json:"assist_costs"`
	CostsClause    string             `json:"costs_clause"`
	Notes          []string           `json:"notes"`

	// No term says yet within what time a request is forwarded, so these are null:
	// without undue delay, as the law has it.
	ForwardWithin *agreements.Period `json:"forward_within"`
	ForwardClause *string            `json:"forward_clause"`
	AnswersPerson agreements.Party   `json:"answers_person"` // who decides also answers
}

func runRoute(_ context.Context, in invocation) error {
	fs := flags("route", in, routeHelp)
	var agreement, arrived, right text
	fs.Var(&agreement, "agreement", "`KEY` of a preset, or a file")
	fs.Var(&arrived, "arrived", "`party` the request reached: processor or controller")
	fs.Var(&right, "right", "`right` that is asked for")
	asJSON := fs.Bool("json", false, "print one JSON object")
	rest, err := parse(fs, in.Args)
	if err != nil {
		return err
	}
	switch {
	case len(rest) > 0:
		return usage("inzage route cannot use the word %q.", rest[0])
	case !arrived.given:
		return usage("Say where the request arrived with --arrived processor or --arrived controller.")
	case !right.given:
		return usage("Say which right is asked for with --right.")
	}
	party, err := agreements.ParseParty(arrived.value)
	if err != nil {
		return err
	}
	r, err := agreements.ParseRight(right.value)
	if err != nil {
		return err
	}
	terms, err := agreementOf(in, agreement)
	if err != nil {
		return err
	}
	routing := agreements.Route(terms, party, r)
	if *asJSON {
		return printJSON(in.Stdout, routingJSON(routing))
	}
	return printRouting(in.Stdout, terms, r, routing)
}

func routingJSON(r agreements.Routing) routeJSON {
	out := routeJSON{
		Route: r.Route, Decides: r.Decides, Clause: r.Clause, Silent: r.Silent,
		TellSubject: r.TellSubject, TellController: r.TellController,
		AssistDays: r.AssistDays, AssistClause: r.AssistClause,
		AssistCosts: r.AssistCosts, CostsClause: r.CostsClause, Notes: []string{}, AnswersPerson: r.Decides,
	}
	if !r.AssistWithin.IsZero() {
		out.AssistWithin = &r.AssistWithin
	}
	for _, n := range r.Notes {
		out.Notes = append(out.Notes, n.In("en"))
	}
	return out
}

func printRouting(w io.Writer, t agreements.Terms, right agreements.Right, r agreements.Routing) error {
	var b strings.Builder
	what := map[string]string{
		agreements.Forward:      "goes on to the controller",
		agreements.Handle:       "is handled by the processor",
		agreements.AtController: "stays with the controller",
	}[r.Route]
	fmt.Fprintf(&b, "A request for %s %s; the %s decides. %s\n", right, what, r.Decides, cited(t, r.Clause, r.Silent))
	told := cited(t, r.Clause, r.Silent)
	if r.Route == agreements.AtController {
		told = "[EDPB 01/2022 par. 57]" // the receipt, which is good practice
	}
	tell := func(who string, tells bool) {
		if tells {
			fmt.Fprintf(&b, "The %s is told. %s\n", who, told)
		}
	}
	tell("person", r.TellSubject)
	tell("controller", r.TellController)
	within := "no period agreed"
	if !r.AssistWithin.IsZero() {
		within = "within " + r.AssistWithin.String()
	}
	fmt.Fprintf(&b, "Help of the processor: %s. %s\n", within, cited(t, r.AssistClause, r.AssistSilent))
	costs := map[string]string{
		agreements.ChargedToController: "for the controller",
		agreements.Chargeable:          "the processor may charge them",
		agreements.NotCharged:          "no charge agreed",
	}[r.AssistCosts]
	fmt.Fprintf(&b, "Costs of that help: %s. %s\n", costs, cited(t, r.CostsClause, r.CostsSilent))
	for _, n := range r.Notes {
		paragraph(&b, "  ", n.In("en"))
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// cited names a clause as its chip does: "[mpg 8.1]".
func cited(t agreements.Terms, clause string, silent bool) string {
	if silent {
		return fmt.Sprintf("[agreement silent; art. %s]", clause)
	}
	return fmt.Sprintf("[%s %s]", t.Key, clause)
}
