package requests

import (
	"slices"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
)

// State is where a request stands.
type State string

// The states of a request. The line runs from Unconfirmed to Closed; the
// others stand beside it.
const (
	Unconfirmed  State = "unconfirmed" // the e-mail address is not proven yet
	Received     State = "received"
	Forwarded    State = "forwarded" // by the processor, to the controller that decides
	Acknowledged State = "acknowledged"
	InProgress   State = "in_progress"
	Identifying  State = "identifying" // waiting for the data subject to settle who they are
	Decided      State = "decided"     // every right has a decision
	Delivered    State = "delivered"
	Closed       State = "closed"
	Withdrawn    State = "withdrawn"
	Misdirected  State = "misdirected"
	Merged       State = "merged"
)

// Action is something that can be done to a request.
type Action string

// The actions of the table below. In the ledger an action is "request." and its name.
const (
	Confirm        Action = "confirm"
	Triage         Action = "triage"
	Forward        Action = "forward"
	Acknowledge    Action = "acknowledge"
	Assign         Action = "assign"
	AddNote        Action = "note"
	Add            Action = "add"
	AskIdentity    Action = "ask_identity"
	AnswerIdentity Action = "answer_identity"
	SettleIdentity Action = "settle_identity"
	Extend         Action = "extend"
	AskAssist      Action = "ask_assist"
	CancelAssist   Action = "cancel_assist"
	Decide         Action = "decide"
	TellRecipient  Action = "tell_recipient"
	AddFile        Action = "add_file"
	RemoveFile     Action = "remove_file"
	Deliver        Action = "deliver"
	DeliverOutside Action = "deliver_outside"
	Renew          Action = "renew"
	Download       Action = "download"
	Close          Action = "close"
	Withdraw       Action = "withdraw"
	Misdirect      Action = "misdirect"
	Merge          Action = "merge"
	Separate       Action = "separate"
	HandBack       Action = "hand_back"
	Shred          Action = "shred"
	ChangeAddress  Action = "change_address" // by the desk
	MoveAddress    Action = "move_address"   // by the person, who proved both
	NewWord        Action = "new_word"       // for the holder of an address that staff typed
)

// Relation is how an actor stands to a request.
type Relation string

// The relations that the table knows.
const (
	TheSubject   Relation = "subject"    // the data subject, or their representative, who filed it
	TheDesk      Relation = "desk"       // staff of the organisation that has to act: privacy officer or agent
	TheDeskAdmin Relation = "desk_admin" // an administrator of that organisation
	ThePortal    Relation = "portal"     // the portal itself
)

// Rule is one row of the table: who may do what in which states, and where it leads.
type Rule struct {
	Action Action
	By     []Relation
	From   []State
	To     State // "" leaves the state as it is
}

var (
	early     = []State{Received, Forwarded, Acknowledged}
	running   = []State{Received, Forwarded, Acknowledged, InProgress, Identifying}
	working   = []State{Acknowledged, InProgress}
	reachable = slices.Concat(running, []State{Decided, Delivered, Closed}) // letters still go to the person
	atSubject = []Relation{TheSubject}
	atDesk    = []Relation{TheDesk}
)

// Table returns the one table that says which actor may do which action in
// which state. Everything else is refused and changes nothing.
func Table() []Rule {
	return []Rule{
		{Confirm, atSubject, []State{Unconfirmed}, Received},
		{Triage, atDesk, []State{Received}, ""},
		{Forward, []Relation{TheDesk, ThePortal}, []State{Received}, Forwarded},
		{Acknowledge, atDesk, []State{Received, Forwarded}, Acknowledged},
		{Assign, []Relation{TheDesk, TheDeskAdmin}, running, ""},
		{AddNote, atDesk, slices.Concat(running, []State{Decided, Delivered}), ""},
		{Add, atSubject, slices.Concat(running, []State{Decided, Delivered}), ""},
		{AskIdentity, atDesk, []State{Received, Forwarded, Acknowledged, InProgress}, Identifying},
		{AnswerIdentity, atSubject, []State{Identifying}, ""},
		{SettleIdentity, atDesk, []State{Identifying}, ""},
		{Extend, atDesk, running, ""},
		{AskAssist, atDesk, working, InProgress},
		{CancelAssist, atDesk, []State{Acknowledged, InProgress, Identifying}, ""},
		{Decide, atDesk, []State{Acknowledged, InProgress, Identifying}, InProgress},
		{TellRecipient, atDesk, []State{InProgress, Decided, Delivered, Closed}, ""},
		{AddFile, atDesk, []State{Acknowledged, InProgress, Decided}, ""},
		{RemoveFile, atDesk, []State{Acknowledged, InProgress, Decided}, ""},
		{Deliver, atDesk, []State{Decided}, Delivered},
		{DeliverOutside, atDesk, []State{Decided}, Delivered},
		{Renew, []Relation{TheSubject, TheDesk}, []State{Delivered, Closed}, ""},
		{Download, atSubject, []State{Delivered, Closed}, ""},
		{Close, []Relation{TheDesk, ThePortal}, []State{Decided, Delivered}, Closed},
		{ChangeAddress, atDesk, reachable, ""},
		{MoveAddress, atSubject, reachable, ""},
		{NewWord, atDesk, reachable, ""},
		{Withdraw, []Relation{TheSubject, TheDesk}, slices.Concat([]State{Unconfirmed}, running), Withdrawn},
		{Misdirect, atDesk, early, Misdirected},
		{Merge, atDesk, slices.Concat(early, []State{InProgress}), Merged},
		{Separate, atDesk, running, ""},
		{HandBack, atDesk, []State{Forwarded, Acknowledged, InProgress}, Received},
		{Shred, []Relation{ThePortal}, []State{Unconfirmed, Closed, Withdrawn, Misdirected, Merged}, ""},
	}
}

// rule finds the table's row for an action.
func rule(a Action) (Rule, bool) {
	table := Table()
	i := slices.IndexFunc(table, func(r Rule) bool { return r.Action == a })
	if i < 0 {
		return Rule{}, false
	}
	return table[i], true
}

// The refusals of the table. What an actor may not see answers as what does not exist.
var (
	ErrNotFound  = fault.New(fault.NotFound, "This was not found. It may have been removed, or it is not yours to see.")
	ErrForbidden = fault.New(fault.Forbidden, "Your role does not allow this.")
	ErrMoved     = fault.New(fault.Conflict, "This cannot be done any more: the request has moved on. The page now shows how it stands.")
)

// Sight is how much of a request an actor may see.
type Sight int

// The degrees of sight.
const (
	Nothing Sight = iota
	Facts         // reference, rights, states, dates and organisations
	Content       // what was asked, answered and decided, too
)

// sight decides what the actor may see of the request.
func sight(by identity.Actor, r *Request) Sight {
	switch {
	case by.Account == "system":
		return Content
	case !r.arrived():
		// What nobody proved to have sent is nobody's to read.
		return Nothing
	case isSubject(by, r), isDesk(by, r):
		return Content
	case r.Controller != "" && by.IsStaffOf(r.Controller, identity.PrivacyOfficer) && r.ArrivedAt == Processor && r.Decides == Processor:
		// Handled by the processor under the agreement; the controller stays
		// responsible in law (art. 24 GDPR) and sees that it happens, not what is in it.
		return Facts
	case r.Processor != "" && by.IsStaffOf(r.Processor, identity.Agent):
		return Facts
	case by.IsStaffOf(r.Desk, identity.Admin), by.IsStaffOf(r.Processor, identity.Admin), by.IsStaffOf(r.Controller, identity.Admin):
		return Facts
	}
	return Nothing
}

// SightOf is how much of the request the actor may see, for the packages that
// keep more of its content, such as the notices.
func SightOf(by identity.Actor, r Request) Sight { return sight(by, &r) }

func isSubject(by identity.Actor, r *Request) bool {
	return r.Account != "" && by.Account == r.Account && r.Held() && slices.Contains(by.Roles, identity.Subject)
}

func isDesk(by identity.Actor, r *Request) bool {
	role := identity.PrivacyOfficer
	if r.Desk == r.Processor {
		role = identity.Agent
	}
	return by.IsStaffOf(r.Desk, role)
}

func stands(by identity.Actor, r *Request, as Relation) bool {
	switch as {
	case TheSubject:
		return isSubject(by, r)
	case TheDesk:
		return isDesk(by, r)
	case TheDeskAdmin:
		return by.IsStaffOf(r.Desk, identity.Admin)
	case ThePortal:
		return by.Account == "system"
	}
	return false
}

// allowed refuses what the table does not allow: first what may not be seen,
// then what the role may not do, then what the state does not allow.
func allowed(by identity.Actor, r *Request, a Action) (Rule, error) {
	if sight(by, r) == Nothing {
		return Rule{}, ErrNotFound
	}
	row, ok := rule(a)
	if !ok || !slices.ContainsFunc(row.By, func(as Relation) bool { return stands(by, r, as) }) {
		return Rule{}, ErrForbidden
	}
	if !slices.Contains(row.From, r.State) || !belongs(a, r) {
		return Rule{}, ErrMoved
	}
	return row, nil
}

// May refuses what the table does not allow the actor to do with the request:
// NotFound, Forbidden, or a Conflict when it has moved on.
func May(by identity.Actor, r Request, a Action) error {
	_, err := allowed(by, &r, a)
	return err
}

// belongs tells whether an action fits the place where the request stands: in
// triage nobody can work on it yet, and afterwards there is nothing to triage.
func belongs(a Action, r *Request) bool {
	untriaged := r.ArrivedAt == Processor && r.Desk == r.Processor && r.Decides == ""
	switch a {
	case Triage:
		return untriaged
	case Forward:
		return untriaged && r.Controller != ""
	case Acknowledge, AskIdentity, Extend, Merge:
		return !untriaged
	case HandBack:
		return r.forwarded()
	}
	return true
}

// Possible lists the actions that the table allows the actor now, and only those.
func Possible(by identity.Actor, r Request, now time.Time) []Action {
	var can []Action
	for _, row := range Table() {
		if _, err := allowed(by, &r, row.Action); err == nil && fits(row.Action, &r, now) {
			can = append(can, row.Action)
		}
	}
	return can
}

// fits drops actions that the table allows but that make no sense for this request now.
func fits(a Action, r *Request, now time.Time) bool {
	switch a {
	case Extend:
		return r.Extension == nil
	case Deliver:
		return len(r.Files) > 0
	case Close:
		return r.State == Delivered || !r.owesData()
	case Renew, Download:
		return r.Answer != nil && r.Answer.Outside == nil
	case TellRecipient:
		return r.hasRecipients()
	case Separate:
		return len(r.Holds) > 0
	case HandBack:
		return !r.decidedAny()
	case NewWord:
		return r.MailHash != "" && !r.Held()
	}
	return true
}
