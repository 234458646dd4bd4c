package identity

import (
	"slices"
	"time"

	"inzage/services/document"
	"inzage/services/vault"
)

// Kinds are the collections of this package. Personal fields in them are
// sealed under the account's own key; look-ups go over keyed hashes.
var Kinds = []document.Kind{
	{Name: "organisations", Indexes: []document.Index{
		{Name: "slug", Fields: []string{"slug"}, Unique: true},
		{Name: "name", Fields: []string{"claim"}, Unique: true},
	}},
	{Name: "accounts", Indexes: []document.Index{
		{Name: "email", Fields: []string{"email"}, Unique: true},
		{Name: "people", Fields: []string{"organisation", "created"}},
		{Name: "operators", Fields: []string{"operator"}},
		{Name: "feed", Fields: []string{"feed.token"}, Unique: true},
	}},
	{Name: "sessions", Indexes: []document.Index{
		{Name: "token", Fields: []string{"token"}, Unique: true},
		{Name: "account", Fields: []string{"account", "started"}},
		{Name: "expires", Fields: []string{"expires"}},
	}},
	{Name: "invitations", Indexes: []document.Index{
		{Name: "token", Fields: []string{"token"}, Unique: true},
		{Name: "organisation", Fields: []string{"organisation", "created"}},
		{Name: "state", Fields: []string{"state", "expires"}},
		{Name: "email", Fields: []string{"email", "created"}},
	}},
	{Name: "codes", Indexes: []document.Index{
		{Name: "secret", Fields: []string{"secret"}, Unique: true},
		{Name: "object", Fields: []string{"object", "created"}},
		{Name: "expires", Fields: []string{"expires"}},
	}},
	{Name: "ceremonies", Indexes: []document.Index{
		{Name: "expires", Fields: []string{"expires"}},
	}},
	{Name: "claims"},
	{Name: "prospects", Indexes: []document.Index{
		{Name: "expires", Fields: []string{"expires"}},
	}},
	{Name: "throttles", Indexes: []document.Index{
		{Name: "expires", Fields: []string{"expires"}},
	}},
}

// Realm keeps the accounts of the people who work here apart from those of the
// data subjects: one e-mail address may have one of each, and neither opens
// what belongs to the other.
type Realm string

// The realms.
const (
	Staff    Realm = "staff" // staff, auditors and operators
	Subjects Realm = "subject"
)

// Account is a person who can sign in.
type Account struct {
	document.Meta
	Organisation string       `json:"organisation"` // "" for subjects, operators and auditors without a firm
	Realm        Realm        `json:"realm"`
	Roles        []Role       `json:"roles"`
	Operator     bool         `json:"operator"` // one of the roles; declared for its index
	Email        string       `json:"email"`    // keyed hash; "" once erased
	Person       vault.Sealed `json:"person"`   // Person, sealed under this account's key
	Language     string       `json:"language"`
	Created      time.Time    `json:"created"`
	Disabled     bool         `json:"disabled"`
	// Epoch counts the events that end every session of the account: a session
	// of an earlier epoch is over.
	Epoch    int64     `json:"epoch"`
	Password string    `json:"password"` // argon2id; "" when none was chosen
	TOTP     TOTP      `json:"totp"`
	Recovery []string  `json:"recovery"` // keyed hashes of the unused recovery codes
	Passkeys []Passkey `json:"passkeys"`
	Feed     Feed      `json:"feed"` // the calendar address
}

// TOTP is an authenticator app that was bound to an account.
type TOTP struct {
	ID     string       `json:"id"`     // "" when there is none
	Secret vault.Sealed `json:"secret"` // base32, sealed for the field "totp:" + ID
	// Step is the 30-second step that was accepted last; only later ones are accepted.
	Step int64 `json:"step"`
	// Failures are the wrong codes since the last right one, counted before a
	// code is looked at; after too many the factor is off until bound anew.
	Failures int       `json:"failures"`
	Off      bool      `json:"off"`
	Created  time.Time `json:"created"`
}

// Passkey is a WebAuthn credential that was bound to an account.
type Passkey struct {
	ID         string       `json:"id"`         // ours: fac_…
	Name       string       `json:"name"`       // chosen from a list by the page, e.g. "phone"
	Credential vault.Sealed `json:"credential"` // sealed for the field "passkey:" + ID
	Count      int64        `json:"count"`      // the authenticator's sign count, as last seen
	Created    time.Time    `json:"created"`
	Used       time.Time    `json:"used"`
}

// Claim says that a WebAuthn credential was bound to some account, so that it is
// bound to no other. Its id is a keyed hash of the credential's. It outlives the
// passkey: an authenticator never makes the same credential again.
type Claim struct{ document.Meta }

// Person is what is known of the person behind an account.
type Person struct {
	Name  string `json:"name"`
	Email string `json:"email"` // as it was typed, without surrounding space
}

// HasFactor tells whether a second factor or a passkey is bound to the account.
func (a Account) HasFactor() bool { return a.TOTP.ID != "" || len(a.Passkeys) > 0 }

// Has tells whether the account holds the role.
func (a Account) Has(r Role) bool { return slices.Contains(a.Roles, r) }

// Session is a signed-in browser or client. Its token is never stored.
type Session struct {
	document.Meta
	Token   string    `json:"token"` // SHA-256 of the token, hex
	Account string    `json:"account"`
	Level   Level     `json:"level"`
	Proved  []string  `json:"proved"` // what was proven: Proof… constants
	Epoch   int64     `json:"epoch"`
	Started time.Time `json:"started"`
	Seen    time.Time `json:"seen"` // last use, to the minute or a tenth of the idle time
	// Expires is the absolute end, whatever the use.
	Expires  time.Time `json:"expires"`
	StrongAt time.Time `json:"strong_at"`
	Ended    bool      `json:"ended"`
}

// What a session can have proven.
const (
	ProofPassword = "password"
	ProofEmail    = "email" // a code sent to the address
	ProofLink     = "link"  // an invitation, an enrolment link, or a request's private link
	ProofTOTP     = "totp"
	ProofRecovery = "recovery"
	ProofPasskey  = "passkey"
)

func (s Session) proved(what ...string) bool {
	for _, w := range what {
		if !slices.Contains(s.Proved, w) {
			return false
		}
	}
	return true
}

// The states of an invitation.
const (
	InvitationOpen     = "open"
	InvitationAccepted = "accepted"
	InvitationEnded    = "ended"
)

// Invitation offers a person an account with roles in an organisation.
type Invitation struct {
	document.Meta
	Organisation string `json:"organisation"` // "" for operators and auditors without a firm
	// Account is the id the account will have. Auditors' invitations to one
	// address share it, so that one person never gets two accounts.
	Account  string       `json:"account"`
	Roles    []Role       `json:"roles"`
	Email    string       `json:"email"`  // keyed hash; "" for the first operator
	Person   vault.Sealed `json:"person"` // Person, under the future account's key
	Language string       `json:"language"`
	Token    string       `json:"token"` // SHA-256, hex
	By       string       `json:"by"`
	Created  time.Time    `json:"created"`
	Expires  time.Time    `json:"expires"`
	State    string       `json:"state"`
}

// Code is an e-mail code or a link that is out. Only hashes of it are stored.
type Code struct {
	document.Meta
	Purpose string `json:"purpose"`
	Object  string `json:"object"`  // what it is bound to, e.g. a request
	Account string `json:"account"` // the account it is bound to; "" when only an address is
	Email   string `json:"email"`   // keyed hash of the address it is bound to
	// Address is the address itself, sealed under the object's key, where a
	// code must be sent to whoever opens the link.
	Address vault.Sealed `json:"address"`
	Secret  string       `json:"secret"` // keyed hash
	// Turn tells a code from the one it replaces.
	Turn    string    `json:"turn"`
	Tries   int       `json:"tries"` // counted before the code is looked at
	Created time.Time `json:"created"`
	Expires time.Time `json:"expires"`
	Used    bool      `json:"used"`
}

// Ceremony is an enrolment or a passkey exchange that has begun. It is not
// evidence: it holds a challenge or a sealed secret for a few minutes.
type Ceremony struct {
	document.Meta
	Purpose string       `json:"purpose"`
	Account string       `json:"account"`
	Session string       `json:"session"`
	Data    string       `json:"data"`   // the WebAuthn session, JSON; it holds no secret
	Secret  vault.Sealed `json:"secret"` // an authenticator's secret before it is confirmed
	Expires time.Time    `json:"expires"`
	Used    bool         `json:"used"`
}

// Prospect is the account that a new auditor at an address will have. Its id is
// made of the address, so there is one, whoever invites at whatever moment.
type Prospect struct {
	document.Meta
	Account string    `json:"account"`
	Expires time.Time `json:"expires"` // with the last invitation
}

// Throttle counts attempts under one limit, or carries the event of a refusal
// until it is in the ledger.
type Throttle struct {
	document.Meta
	Attempts []Try     `json:"attempts"` // the oldest first
	Expires  time.Time `json:"expires"`
}

// Try is one attempt.
type Try struct {
	ID string    `json:"id"`
	At time.Time `json:"at"`
}
