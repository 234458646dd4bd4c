package api

import (
	"context"
	"net/http"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/notify"
)

func (a *API) mountHealth() {
	handle(a, route{ID: "read-health", Method: http.MethodGet, Path: "/health", Summary: "Whether the portal does its work, in counts only", Tag: organisationTag,
		Roles: []identity.Role{identity.Operator}, Entry: silent}, a.health)
}

// PortalHealth is how the portal does, without any content.
type PortalHealth struct {
	Sealed     int64           `json:"sealed" doc:"Entries of the ledger"`
	Checkpoint *KeptCheckpoint `json:"checkpoint,omitempty"` // the newest; absent until the first is signed
	Keys       []string        `json:"keys" doc:"Public keys of the ledger; the first one signs now"`
	Mail       PortalMail      `json:"mail"`
}

// PortalMail counts the mail of the portal.
type PortalMail struct {
	Waiting int `json:"waiting"`
	Sent    int `json:"sent" doc:"Lately"`
	Failed  int `json:"failed" doc:"Could not be delivered"`
}

type healthOut struct{ Body PortalHealth }

func (a *API) health(ctx context.Context, _ identity.Actor, _ *nothing) (*healthOut, error) {
	size, err := a.Ledger.Size(ctx)
	if err != nil {
		return nil, err
	}
	out := PortalHealth{Sealed: size, Keys: a.Ledger.Key.Public().Lines()}
	newest, err := a.newest(ctx)
	switch {
	case err == nil:
		out.Checkpoint = &newest
	case fault.KindOf(err) != fault.NotFound:
		return nil, err
	}
	counts, err := a.Notify.Outbox.Counts(ctx)
	if err != nil {
		return nil, err
	}
	out.Mail = PortalMail{Waiting: counts[notify.Queued] + counts[notify.Sending], Sent: counts[notify.Sent], Failed: counts[notify.Failed]}
	return &healthOut{out}, nil
}
