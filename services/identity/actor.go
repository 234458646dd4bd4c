// Package identity knows who acts: organisations, accounts, roles, factors,
// sessions and invitations.
package identity

import (
	"slices"
	"time"

	"inzage/services/ledger"
)

// Role is what a person may be in the portal. Staff hold one or more roles in
// one organisation; whether that organisation is controller or processor is
// said by each agreement, not by the role.
type Role string

// The roles of the portal.
const (
	Subject        Role = "subject"         // files and follows requests
	Agent          Role = "agent"           // processor staff: receive, triage, forward, assist
	PrivacyOfficer Role = "privacy_officer" // controller staff: acknowledge, identify, decide, deliver, book audits
	Admin          Role = "admin"           // people and agreements of the own organisation
	Auditor        Role = "auditor"         // sees one audit, after signing its undertaking
	Operator       Role = "operator"        // runs the installation; sees no content
)

// Level is how far the actor has proven who they are.
type Level string

// The levels of a session, in rising order.
const (
	Anonymous Level = ""     // nobody
	Half      Level = "half" // one factor: a password for staff, an e-mail code for a subject
	Full      Level = "full" // two factors, or a passkey with user verification
)

// Actor is who asks. Services take it as an argument and decide on the object
// whether it may; it is never taken from a context.
type Actor struct {
	Account      string // acc_…; "" when nobody
	Organisation string // org_…; "" for subjects and operators
	Roles        []Role
	Level        Level
	// StrongAt is when the second factor was last proven; release of data,
	// exports, and changes of factors and roles need it within five minutes.
	StrongAt time.Time
	Language string // "nl" or "en"
	Session  string // ses_…, for revocation
}

// System is the portal itself: forwarding by agreement, reminders, shredding.
func System() Actor { return Actor{Account: ledger.SystemActor, Level: Full} }

// Is tells whether the actor is fully signed in with the role.
func (a Actor) Is(r Role) bool { return a.Level == Full && slices.Contains(a.Roles, r) }

// IsStaffOf tells whether the actor is fully signed in for the organisation
// with one of the roles; with no roles named, any role will do. An empty
// organisation is nobody's.
func (a Actor) IsStaffOf(organisation string, roles ...Role) bool {
	if organisation == "" || a.Organisation != organisation || a.Level != Full {
		return false
	}
	return len(roles) == 0 || slices.ContainsFunc(roles, func(r Role) bool { return slices.Contains(a.Roles, r) })
}

// Strong tells whether the second factor is fresh enough at now for what needs step-up.
func (a Actor) Strong(now time.Time) bool {
	return a.Level == Full && now.Sub(a.StrongAt) <= StepUpAge
}

// StepUpAge is how old a second factor may be for release of data, exports,
// and changes of factors and roles.
const StepUpAge = 5 * time.Minute

// Event is the ledger's event that the actor did the action to the object.
// details are identifiers and enumerated values only.
func (a Actor) Event(at time.Time, action, object string, details map[string]string) ledger.Event {
	ev := ledger.Event{ID: ledger.NewID("evt"), At: at, Actor: a.Account, Organisation: a.Organisation,
		Action: action, Object: object, Outcome: ledger.Done, Details: details}
	if ev.Actor == "" {
		ev.Actor = "anonymous"
	}
	if len(a.Roles) > 0 {
		ev.Role = string(a.Roles[0])
	}
	return ev
}
