package agreements

import (
	"strings"

	"inzage/services/deadlines"
	"inzage/services/fault"
)

// The routes of a request.
const (
	Forward      = "forward"    // from the processor to the controller
	Handle       = "handle"     // by the processor itself
	AtController = "controller" // it arrived where it belongs
)

// Who pays the processor's help.
const (
	ChargedToController = "controller" // the controller bears it
	Chargeable          = "chargeable" // the processor may charge it
	NotCharged          = "none"       // no charge is agreed
)

// Routing says where a request for one right goes, who decides it and on
// what terms the processor helps. Each Clause is the agreement's own, or names
// the law where the agreement is silent.
type Routing struct {
	Route          string
	Decides        Party
	Clause         string
	Term           TermName // for the chip of Clause
	Entry          int      // of Term, where it is a list; -1 when Silent
	Silent         bool     // the agreement says nothing about the route
	TellSubject    bool
	TellController bool

	AssistDays   *int   // calendar days; nil when no fixed number is agreed: AssistWithin has every unit
	AssistWithin Period // as agreed; zero when silent
	AssistClause string
	AssistSilent bool
	AssistCosts  string // controller, chargeable or none
	CostsClause  string
	CostsSilent  bool

	Notes []Text
}

// ParseRight refuses what is not one of the six rights.
func ParseRight(s string) (Right, error) {
	for _, r := range Rights() {
		if string(r) == s {
			return r, nil
		}
	}
	var list []string
	for _, r := range Rights() {
		list = append(list, string(r))
	}
	return "", fault.New(fault.Invalid, "There is no right %q; choose one of %s.", s, strings.Join(list, ", "))
}

// ParseParty refuses what is neither controller nor processor.
func ParseParty(s string) (Party, error) {
	if p := Party(s); p == Controller || p == Processor {
		return p, nil
	}
	return "", fault.New(fault.Invalid, "There is no party %q; choose controller or processor.", s)
}

// Route says where a request for a right goes that arrived at a party.
//
// At the processor the agreement decides per right; a right it does not
// mention is forwarded (art. 28(3)(e) GDPR). At the controller the request
// stays, and the clause is the one about the processor's help.
func Route(t Terms, arrived Party, right Right) Routing {
	var r Routing
	if arrived == Controller {
		r = Routing{
			Route: AtController, Decides: Controller, Term: TermAssistance,
			// The subject gets its receipt; the controller has the request already.
			TellSubject: true, TellController: false,
			Notes: []Text{note("with_controller")},
		}
	} else {
		r = atProcessor(t, right)
	}
	r.assistance(t, right)
	r.costs(t, right)
	if arrived == Controller {
		r.Clause, r.Silent = r.AssistClause, r.AssistSilent
		if r.Silent {
			r.Entry = -1
		}
	}
	return r
}

// Contradicts reports whether the entry says that one party has the request and
// the other decides it: who forwards does not decide, and who decides handles.
func (a Arrival) Contradicts() bool {
	return a.Route == Forward && a.Decides == Processor || a.Route == Handle && a.Decides == Controller
}

func atProcessor(t Terms, right Right) Routing {
	for i, a := range t.Requests.AtProcessor {
		if !names(a.Rights, right) {
			continue
		}
		r := Routing{
			Route: a.Route, Decides: Controller, Clause: a.Clause, Term: TermArrival, Entry: i,
			TellSubject: yes(a.TellSubject), TellController: yes(a.TellController),
		}
		switch {
		case a.Contradicts():
			// Parse refuses this, but terms that were stored before it did are read on:
			// the safe reading keeps no request out of the controller's sight.
			r.Route, r.TellController = Forward, true
			r.Notes = append(r.Notes, note("contradiction"))
		case r.Route == Handle:
			r.Decides = Processor
		}
		if a.Note != (Text{}) {
			r.Notes = append(r.Notes, fill(a.Note, t, TermArrival))
		}
		if r.Route == Handle {
			r.Notes = append(r.Notes, note("controller_responsible"))
		}
		return r
	}
	reason := "forward_by_law"
	if len(t.Requests.AtProcessor) > 0 {
		reason = "right_not_routed"
	}
	return Routing{
		Route: Forward, Decides: Controller, Clause: SilentLaw(TermArrival), Term: TermArrival, Entry: -1, Silent: true,
		TellSubject: true, TellController: true, Notes: []Text{note(reason)},
	}
}

func (r *Routing) assistance(t Terms, right Right) {
	a := t.Requests.Assistance
	if a == nil || !names(a.Rights, right) {
		r.AssistClause, r.AssistSilent = SilentLaw(TermAssistance), true
		reason := "assistance_by_law"
		if a != nil {
			reason = "right_not_named"
		}
		r.Notes = append(r.Notes, note(reason))
		return
	}
	r.AssistClause, r.AssistWithin = a.Clause, a.Within
	days, fixed := a.Within.CalendarDays()
	switch {
	case fixed:
		r.AssistDays = &days
	case a.Within.IsZero():
		r.Notes = append(r.Notes, note("no_days"))
	default:
		r.Notes = append(r.Notes, fill(note("counted_otherwise"), t, TermAssistance))
		if a.Within.WorkingDays > 0 && !deadlines.CalendarFor(t.Holidays()).Known() {
			r.Notes = append(r.Notes, note("holidays_unknown"))
		}
	}
	if a.Extent == "reasonable" {
		r.Notes = append(r.Notes, note("reasonable_help"))
	}
	if a.Note != (Text{}) {
		r.Notes = append(r.Notes, fill(a.Note, t, TermAssistance))
	}
}

func (r *Routing) costs(t Terms, right Right) {
	c, ok := AssistanceCharge(t, right)
	if !ok {
		r.AssistCosts, r.CostsClause, r.CostsSilent = NotCharged, SilentLaw(TermAssistanceCosts), true
		r.Notes = append(r.Notes, note("no_charge"))
		return
	}
	r.AssistCosts, r.CostsClause = c.Charge, c.Clause
	if c.Reasonable {
		r.Notes = append(r.Notes, note("reasonable_costs"))
	}
	if c.Note != (Text{}) {
		r.Notes = append(r.Notes, fill(c.Note, t, TermAssistanceCosts))
	}
}

// AssistanceCharge returns the term on the costs of help with a right, and
// false when the agreement is silent on them. The empty right means help in
// general.
func AssistanceCharge(t Terms, right Right) (AssistanceCosts, bool) {
	c := t.Requests.AssistanceCosts
	if c == nil || right != "" && !names(c.Rights, right) {
		return AssistanceCosts{}, false
	}
	return *c, true
}

func note(id string) Text { return wordsOf().Notes[id] }

func yes(b *bool) bool { return b == nil || *b }
