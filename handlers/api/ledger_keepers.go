package api

import (
	"context"
	"net/http"
	"time"

	"inzage/services/evidence"
	"inzage/services/identity"
)

// mountKeepers is what the keepers of an organisation's evidence take away, and
// what they are sent: who holds an earlier checkpoint can tell a rewritten
// ledger from the real one.
func (a *API) mountKeepers() {
	const scope = "ledger:read"
	handle(a, route{ID: "read-newest-checkpoint", Method: http.MethodGet, Path: "/ledger/checkpoints/newest", Summary: "The newest checkpoint that was kept, and whether the ledger still is what it says", Tag: evidenceTag,
		Roles: anyRole, Scope: scope, Entry: silent, About: "It is 404 until the first is signed, within a day of the first start."}, a.newestCheckpoint)
	handle(a, route{ID: "read-ledger-keys", Method: http.MethodGet, Path: "/ledger/keys", Summary: "The public keys with which anybody checks a checkpoint", Tag: evidenceTag,
		Entry: silent, About: "The same that stand on the page on which anybody checks an export."}, a.ledgerKeys)
	handle(a, route{ID: "list-dispatches", Method: http.MethodGet, Path: "/ledger/dispatches", Summary: "The checkpoints that were sent to your organisation and to those that you have agreements with", Tag: evidenceTag,
		Roles: watchers, Scope: scope, Entry: silent}, a.dispatches)
	handle(a, route{ID: "send-checkpoint", Method: http.MethodPost, Path: "/ledger/dispatches", Summary: "Sign a checkpoint and have it sent to both sides of each agreement in force", Tag: evidenceTag,
		Roles: watchers, Status: http.StatusCreated, Entry: evidence.Send, About: "Once in ten minutes."}, a.sendCheckpoint)
}

// KeptCheckpoint is a checkpoint that was signed earlier, held against the
// ledger as it is now.
type KeptCheckpoint struct {
	Checkpoint
	Signed time.Time `json:"signed"`
	Holds  bool      `json:"holds" doc:"The ledger begins with what was signed. If not, do not rely on it, and tell who runs the portal"`
}

type keptOut struct{ Body KeptCheckpoint }

func (a *API) newestCheckpoint(ctx context.Context, _ identity.Actor, _ *nothing) (*keptOut, error) {
	kept, err := a.newest(ctx)
	if err != nil {
		return nil, err
	}
	return &keptOut{kept}, nil
}

func (a *API) newest(ctx context.Context) (KeptCheckpoint, error) {
	s, held, err := a.Ledger.NewestHeld(ctx)
	if err != nil {
		return KeptCheckpoint{}, err
	}
	return KeptCheckpoint{Checkpoint: Checkpoint{Size: s.Size, Root: encoded(s.Root), Note: string(s.Note)}, Signed: s.At, Holds: held}, nil
}

type keysOut struct {
	Body struct {
		Keys []string `json:"keys" doc:"The newest first, as a signed note names them (C2SP signed-note). Keep them with the first checkpoint"`
	}
}

func (a *API) ledgerKeys(context.Context, identity.Actor, *nothing) (*keysOut, error) {
	var out keysOut
	out.Body.Keys = a.Ledger.Key.Public().Lines()
	return &out, nil
}

// SentCheckpoint is a checkpoint that went to one organisation.
type SentCheckpoint struct {
	ID     string    `json:"id"`
	To     string    `json:"to" doc:"The organisation's id"`
	By     string    `json:"by,omitempty" doc:"The organisation that asked for it; absent for the daily one"`
	At     time.Time `json:"at"`
	Size   int64     `json:"size" doc:"Entries that it covers"`
	Signed time.Time `json:"signed"`
	People int       `json:"people" doc:"To how many people it was written; 0 until the mails are composed"`
}

func sentCheckpoint(d evidence.Dispatch) SentCheckpoint {
	return SentCheckpoint{ID: d.ID, To: d.To, By: d.By, At: d.At, Size: d.Size, Signed: d.Signed, People: d.People}
}

type dispatchesIn struct {
	Limit int `query:"limit" minimum:"1" maximum:"50" default:"10" doc:"Of each organisation, the newest"`
}

type dispatchesOut struct {
	Body struct {
		Dispatches []SentCheckpoint `json:"dispatches" doc:"The newest first"`
		Partners   []string         `json:"partners" doc:"Organisations with an agreement in force with yours, to which a checkpoint goes as well"`
	}
}

func (a *API) dispatches(ctx context.Context, by identity.Actor, in *dispatchesIn) (*dispatchesOut, error) {
	partners, err := a.Evidence.Partners(ctx, by)
	if err != nil {
		return nil, err
	}
	all, err := a.Evidence.Newest(ctx, by, in.Limit)
	if err != nil {
		return nil, err
	}
	var out dispatchesOut
	out.Body.Dispatches, out.Body.Partners = []SentCheckpoint{}, append([]string{}, partners...)
	for _, d := range all {
		out.Body.Dispatches = append(out.Body.Dispatches, sentCheckpoint(d))
	}
	return &out, nil
}

type dispatchOut struct{ Body SentCheckpoint }

func (a *API) sendCheckpoint(ctx context.Context, by identity.Actor, in *Idempotent) (*dispatchOut, error) {
	id, err := a.only(ctx, by, in.Key, "send-checkpoint", nil, func() (string, error) {
		d, err := a.Evidence.Ask(ctx, by)
		return d.ID, err
	})
	if err != nil {
		return nil, err
	}
	d, err := a.Evidence.Dispatches.Get(ctx, id)
	if err != nil {
		return nil, err
	}
	return &dispatchOut{sentCheckpoint(d)}, nil
}
