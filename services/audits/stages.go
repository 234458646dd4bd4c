package audits

import (
	"slices"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// Stage is where an audit stands.
type Stage string

// The stages of an audit. That the auditor has signed the undertaking is a
// fact beside them: nobody gets under way without it.
const (
	Draft        Stage = "draft"
	Precondition Stage = "precondition" // reports, a self-assessment or information have been asked for
	Announced    Stage = "announced"    // the processor has the notice
	DateAgreed   Stage = "date_agreed"
	UnderWay     Stage = "under_way"
	Reported     Stage = "findings"     // the processor has the draft report
	InReview     Stage = "joint_review" // both say what they hold of each finding
	Improving    Stage = "measures"
	Settled      Stage = "settled" // both accept every line of the costs
	Closed       Stage = "closed"
	Cancelled    Stage = "cancelled"
)

// Stages lists the stages in their order, Cancelled last.
func Stages() []Stage {
	return []Stage{Draft, Precondition, Announced, DateAgreed, UnderWay, Reported, InReview, Improving, Settled, Closed, Cancelled}
}

// Action is something that can be done to an audit. In the ledger it is
// "audit." and its name.
type Action string

// The actions of the table below.
const (
	Revise             Action = "revise"
	AskFirst           Action = "ask_first"
	Supply             Action = "supply"
	Assess             Action = "assess"
	Conclude           Action = "conclude"
	NameAuditor        Action = "name_auditor"
	Invite             Action = "invite"
	WithdrawInvitation Action = "withdraw_invitation"
	Sign               Action = "sign"
	Object             Action = "object"
	AnswerObjection    Action = "answer_objection"
	Announce           Action = "announce"
	Propose            Action = "propose"
	Accept             Action = "accept"
	TakeBack           Action = "take_back"
	Cancel             Action = "cancel"
	Begin              Action = "begin"
	Ask                Action = "ask"
	AnswerQuestion     Action = "answer"
	WithdrawInquiry    Action = "withdraw_inquiry"
	SetRules           Action = "house_rules"
	Acknowledge        Action = "acknowledge"
	PlanSession        Action = "plan_session"
	HoldSession        Action = "hold_session"
	DropSession        Action = "drop_session"
	AddFinding         Action = "find"
	ReviseFinding      Action = "revise_finding"
	DropFinding        Action = "drop_finding"
	Share              Action = "share"
	Comment            Action = "comment"
	Review             Action = "review"
	TakePosition       Action = "position"
	FinishReview       Action = "finish_review"
	AddMeasure         Action = "add_measure"
	ReviseMeasure      Action = "revise_measure"
	ReportMeasure      Action = "report_measure"
	CheckMeasure       Action = "check_measure"
	DropMeasure        Action = "drop_measure"
	AddCost            Action = "add_cost"
	ReviseCost         Action = "revise_cost"
	DropCost           Action = "drop_cost"
	AcceptCost         Action = "accept_cost"
	DisputeCost        Action = "dispute_cost"
	Settle             Action = "settle"
	Close              Action = "close"
	AddFile            Action = "add_file"
	RemoveFile         Action = "remove_file"
)

// Relation is how an actor stands to an audit.
type Relation string

// The relations that the table knows.
const (
	TheOfficer         Relation = "officer"          // a privacy officer of the controller
	TheControllerAdmin Relation = "controller_admin" // an administrator of the controller
	TheAgent           Relation = "agent"            // an agent of the processor
	TheProcessorAdmin  Relation = "processor_admin"  // an administrator of the processor
	TheAuditor         Relation = "auditor"          // the auditor invited to this audit
	ThePortal          Relation = "portal"           // the portal itself
)

// Relations lists the relations of people.
func Relations() []Relation {
	return []Relation{TheOfficer, TheControllerAdmin, TheAgent, TheProcessorAdmin, TheAuditor}
}

// Rule is one row of the table: who may do what in which stages, and where it leads.
type Rule struct {
	Action Action
	By     []Relation
	From   []Stage
	To     Stage // "" leaves the stage as it is
}

// Table returns the one table that says who may do what in which stage.
// Everything else is refused and changes nothing.
func Table() []Rule {
	officer, agent := []Relation{TheOfficer}, []Relation{TheAgent}
	parties := []Relation{TheOfficer, TheAgent}
	everybody := []Relation{TheOfficer, TheAgent, TheAuditor}
	auditing := []Relation{TheOfficer, TheAuditor}
	paying := []Relation{TheOfficer, TheControllerAdmin, TheAgent, TheProcessorAdmin}
	early := []Stage{Draft, Precondition}
	booking := []Stage{Announced, DateAgreed}
	working := []Stage{UnderWay, Reported, InReview}
	visiting := []Stage{Precondition, Announced, DateAgreed, UnderWay, Reported, InReview, Improving}
	costing := []Stage{DateAgreed, UnderWay, Reported, InReview, Improving}
	open := []Stage{Draft, Precondition, Announced, DateAgreed, UnderWay, Reported, InReview, Improving, Settled}
	return []Rule{
		{Revise, officer, early, ""},
		{AskFirst, officer, early, Precondition},
		{Supply, agent, []Stage{Precondition, Announced, DateAgreed}, ""},
		{Assess, officer, []Stage{Precondition}, ""},
		{Conclude, officer, []Stage{Precondition}, Closed},
		{NameAuditor, officer, slices.Concat(early, booking), ""},
		{Invite, []Relation{TheOfficer, TheControllerAdmin}, visiting, ""},
		{WithdrawInvitation, []Relation{TheOfficer, TheControllerAdmin}, visiting, ""},
		{Sign, []Relation{TheAuditor}, visiting, ""},
		{Object, []Relation{TheAgent, TheProcessorAdmin}, booking, ""},
		{AnswerObjection, officer, booking, ""},
		{Announce, officer, early, Announced},
		{Propose, parties, booking, ""},
		{Accept, parties, booking, DateAgreed},
		{TakeBack, parties, booking, ""},
		{Cancel, []Relation{TheOfficer, TheControllerAdmin}, open, Cancelled},
		{Begin, auditing, []Stage{DateAgreed}, UnderWay},
		{Ask, auditing, []Stage{DateAgreed, UnderWay, Reported}, ""},
		{AnswerQuestion, agent, append([]Stage{DateAgreed}, working...), ""},
		{WithdrawInquiry, auditing, append([]Stage{Precondition, Announced, DateAgreed}, working...), ""},
		{SetRules, agent, []Stage{Announced, DateAgreed, UnderWay}, ""},
		{Acknowledge, auditing, []Stage{Announced, DateAgreed, UnderWay}, ""},
		{PlanSession, everybody, []Stage{DateAgreed, UnderWay}, ""},
		{HoldSession, auditing, []Stage{UnderWay}, ""},
		{DropSession, everybody, []Stage{DateAgreed, UnderWay}, ""},
		{AddFinding, auditing, working, ""},
		{ReviseFinding, auditing, working, ""},
		{DropFinding, auditing, working, ""},
		{Share, auditing, []Stage{UnderWay}, Reported},
		{Comment, agent, []Stage{Reported}, ""},
		{Review, officer, []Stage{Reported}, InReview},
		{TakePosition, parties, []Stage{InReview}, ""},
		{FinishReview, officer, []Stage{InReview}, Improving},
		{AddMeasure, everybody, []Stage{InReview, Improving}, ""},
		{ReviseMeasure, parties, []Stage{InReview, Improving}, ""},
		{ReportMeasure, parties, []Stage{Improving}, ""},
		{CheckMeasure, auditing, []Stage{Improving}, ""},
		{DropMeasure, officer, []Stage{InReview, Improving}, ""},
		{AddCost, parties, costing, ""},
		{ReviseCost, parties, costing, ""},
		{DropCost, parties, costing, ""},
		{AcceptCost, paying, costing, ""},
		{DisputeCost, paying, costing, ""},
		{Settle, paying, []Stage{Improving}, Settled},
		{Close, officer, []Stage{Improving, Settled}, Closed},
		{AddFile, everybody, open, ""},
		{RemoveFile, everybody, open, ""},
	}
}

func rule(a Action) (Rule, bool) {
	table := Table()
	if r := at(table, func(r Rule) bool { return r.Action == a }); r != nil {
		return *r, true
	}
	return Rule{}, false
}

// The refusals of the table. What an actor may not see answers as what does not exist.
var (
	ErrNotFound  = fault.New(fault.NotFound, "This was not found. It may have been removed, or it is not yours to see.")
	ErrForbidden = fault.New(fault.Forbidden, "Your role does not allow this.")
	ErrUnsigned  = fault.New(fault.Forbidden, "First read and sign the confidentiality undertaking. Then the audit opens for you.")
	ErrMoved     = fault.New(fault.Conflict, "This cannot be done any more: the audit has moved on. The page now shows how it stands.")
)

// Sight is how much of an audit an actor may see.
type Sight int

// The degrees of sight.
const (
	Nothing   Sight = iota
	Threshold       // the auditor who has not signed: the undertaking and the parties
	Asked           // the processor before the notice: what it is asked, and its answers
	Content
)

// sight decides what the actor may see of the audit.
func sight(by identity.Actor, a *Audit) Sight {
	switch {
	case by.Account == ledger.SystemActor:
		return Content
	case by.IsStaffOf(a.Controller, identity.PrivacyOfficer, identity.Admin):
		return Content
	case by.IsStaffOf(a.Processor, identity.Agent, identity.Admin):
		if a.Announced != nil {
			return Content
		}
		if a.Listed != "" {
			return Asked
		}
	case stands(by, a, TheAuditor):
		if a.Auditor != nil && a.Auditor.Undertaken != nil {
			return Content
		}
		return Threshold
	}
	return Nothing
}

// SightOf is how much of the audit the actor may see, for the packages that
// keep more of its content.
func SightOf(by identity.Actor, a Audit) Sight { return sight(by, &a) }

func stands(by identity.Actor, a *Audit, as Relation) bool {
	switch as {
	case TheOfficer:
		return by.IsStaffOf(a.Controller, identity.PrivacyOfficer)
	case TheControllerAdmin:
		return by.IsStaffOf(a.Controller, identity.Admin)
	case TheAgent:
		return by.IsStaffOf(a.Processor, identity.Agent)
	case TheProcessorAdmin:
		return by.IsStaffOf(a.Processor, identity.Admin)
	case TheAuditor:
		return a.Access != "" && by.Account == a.Access && by.Is(identity.Auditor)
	case ThePortal:
		return by.Account == ledger.SystemActor
	}
	return false
}

// allowed refuses what the table does not allow: first what may not be seen,
// then what the role may not do, then what the stage does not allow.
func allowed(by identity.Actor, a *Audit, do Action) (Rule, error) {
	seen := sight(by, a)
	if seen == Nothing {
		return Rule{}, ErrNotFound
	}
	if seen == Threshold && do != Sign {
		return Rule{}, ErrUnsigned
	}
	row, ok := rule(do)
	if !ok || !slices.ContainsFunc(row.By, func(as Relation) bool { return stands(by, a, as) }) {
		return Rule{}, ErrForbidden
	}
	if !slices.Contains(row.From, a.Stage) {
		return Rule{}, ErrMoved
	}
	return row, nil
}

// May refuses what the table does not allow the actor to do with the audit:
// NotFound, Forbidden, or a Conflict when it has moved on.
func May(by identity.Actor, a Audit, do Action) error {
	_, err := allowed(by, &a, do)
	return err
}

// Possible lists the actions that the table allows the actor now, and that
// make sense for this audit.
func Possible(by identity.Actor, a Audit) []Action {
	var can []Action
	for _, row := range Table() {
		if _, err := allowed(by, &a, row.Action); err == nil && fits(by, row.Action, &a) {
			can = append(can, row.Action)
		}
	}
	return can
}

// fits drops actions that the table allows but that make no sense for this audit now.
func fits(by identity.Actor, do Action, a *Audit) bool {
	me := a.partyOf(by.Organisation)
	standing := a.standing()
	objected := a.Auditor != nil && a.Auditor.Objection != nil
	switch do {
	case Supply:
		return slices.ContainsFunc(a.Inquiries, func(q Inquiry) bool { return q.Kind != Question && q.pending() })
	case AnswerQuestion:
		return slices.ContainsFunc(a.Inquiries, func(q Inquiry) bool { return q.Kind == Question && q.pending() })
	case Assess, Conclude:
		return slices.ContainsFunc(a.Inquiries, func(q Inquiry) bool { return q.Answered != nil && !q.None })
	case WithdrawInquiry:
		return slices.ContainsFunc(a.Inquiries, func(q Inquiry) bool { return q.pending() })
	case Invite:
		return a.Auditor != nil && !a.Auditor.Own && a.Access == ""
	case WithdrawInvitation:
		return a.Access != ""
	case Sign: // what is shown at the threshold leaves the auditor out
		return a.Auditor == nil || a.Auditor.Undertaken == nil
	case Object:
		return a.Auditor != nil && !objected
	case AnswerObjection:
		return objected && a.Auditor.Objection.AnsweredAt == nil
	case Accept:
		return standing != nil && standing.From != me
	case TakeBack:
		return standing != nil && standing.From == me
	case Acknowledge:
		return a.Rules != nil && !a.Rules.read(by.Account)
	case HoldSession, DropSession:
		return slices.ContainsFunc(a.Sessions, func(v Session) bool { return v.Held == nil && v.Dropped == nil })
	case ReviseFinding, DropFinding, TakePosition:
		return slices.ContainsFunc(a.Findings, func(f Finding) bool { return f.Dropped == nil })
	case Comment:
		return a.Report != nil && a.Report.CommentedAt == nil
	case ReportMeasure:
		return slices.ContainsFunc(a.Measures, func(m Measure) bool { return m.Owes(me) })
	case CheckMeasure:
		return slices.ContainsFunc(a.Measures, func(m Measure) bool { return m.Checkable() })
	case ReviseMeasure, DropMeasure:
		return slices.ContainsFunc(a.Measures, func(m Measure) bool { return !m.Finished() })
	case ReviseCost, DropCost:
		return slices.ContainsFunc(a.Costs, func(c Cost) bool { return c.MadeBy == me })
	case AcceptCost, DisputeCost:
		return len(a.Costs) > 0
	case Close:
		return a.Stage == Settled || len(a.Costs) == 0
	}
	return true
}
