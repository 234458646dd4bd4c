package api

import (
	"context"
	"encoding/base64"
	"time"

	"golang.org/x/mod/sumdb/tlog"

	"inzage/services/audits"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// AuditStep is one sealed entry of the ledger about an audit. Its number proves
// it: GET /ledger/entries/{number}/proof.
type AuditStep struct {
	Number       int64             `json:"number" doc:"In the ledger"`
	At           time.Time         `json:"at"`
	Action       string            `json:"action" doc:"Such as audit.announce"`
	Outcome      string            `json:"outcome" enum:"done,refused"`
	Actor        string            `json:"actor,omitempty" doc:"The account, when it is of your own side; system is the portal"`
	Role         string            `json:"role,omitempty"`
	Organisation string            `json:"organisation,omitempty"`
	Details      map[string]string `json:"details,omitempty" doc:"Identifiers and enumerated values"`
	Leaf         string            `json:"leaf" doc:"Hash of the entry as it is proven, base64"`
}

type stepsIn struct {
	ID    string `path:"id" maxLength:"64"`
	After int64  `query:"after" minimum:"-1" default:"-1" doc:"The next of the page before"`
	Limit int    `query:"limit" minimum:"1" maximum:"1000" default:"200"`
}

type stepsOut struct {
	Body struct {
		Steps []AuditStep `json:"steps" doc:"The oldest first"`
		Next  *int64      `json:"next,omitempty" doc:"Where the next page begins; absent on the last"`
	}
}

// auditHistory is what was done to the audit, who looked, and what was refused,
// as far as the caller may know it.
func (a *API) auditHistory(ctx context.Context, by identity.Actor, in *stepsIn) (*stepsOut, error) {
	x, sight, err := a.Audits.Look(ctx, by, in.ID)
	if err != nil {
		return nil, err
	}
	if sight < audits.Asked {
		return nil, audits.ErrUnsigned
	}
	entries, err := a.Ledger.History(ctx, x.ID, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	var out stepsOut
	out.Body.Steps = []AuditStep{}
	for _, e := range entries {
		if !audits.MayKnow(by, x, e.Event) {
			continue
		}
		leaf := tlog.RecordHash(e.Data)
		s := AuditStep{Number: e.Number, At: e.Event.At, Action: e.Event.Action, Outcome: e.Event.Outcome, Role: e.Event.Role, Organisation: e.Event.Organisation,
			Details: e.Event.Details, Leaf: base64.StdEncoding.EncodeToString(leaf[:])}
		if who := e.Event.Actor; who == ledger.SystemActor || who == by.Account || by.Organisation != "" && e.Event.Organisation == by.Organisation {
			s.Actor = who
		}
		out.Body.Steps = append(out.Body.Steps, s)
	}
	if len(entries) == in.Limit {
		out.Body.Next = &entries[len(entries)-1].Number
	}
	return &out, nil
}
