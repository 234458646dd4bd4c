package api

import (
	"context"
	"net/http"
	"time"

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
	// Whether mail leaves, and what is in its way.
	Leaves  bool          `json:"leaves" doc:"False when the mail server takes none, or some is kept back"`
	Trouble string        `json:"trouble,omitempty" doc:"Why none leaves: unreachable, certificate, sign_in_refused, …"`
	Reply   string        `json:"reply,omitempty" doc:"What the mail server answered, in numbers"`
	Since   *time.Time    `json:"since,omitempty" doc:"The trouble is there since"`
	Kept    []KeptBack    `json:"kept" doc:"Mail that waits because of a refusal that is about this portal"`
	Server  *ServerOffers `json:"server,omitempty"`
}

// KeptBack is mail that waits because of the portal's own side.
type KeptBack struct {
	Trouble string    `json:"trouble"`
	Reply   string    `json:"reply,omitempty"`
	Mails   int       `json:"mails"`
	Since   time.Time `json:"since" doc:"The oldest was written then"`
}

// ServerOffers is what a mail server takes.
type ServerOffers struct {
	Encrypted bool  `json:"encrypted"`
	Verified  bool  `json:"verified" doc:"Its certificate was checked; it is not on loopback"`
	SMTPUTF8  bool  `json:"smtputf8" doc:"It takes addresses outside ASCII"`
	Largest   int64 `json:"largest,omitempty" doc:"Bytes of the largest mail that it takes"`
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
	if out.Mail, err = a.mailHealth(ctx); err != nil {
		return nil, err
	}
	out.Mail.Waiting, out.Mail.Sent, out.Mail.Failed = counts[notify.Queued]+counts[notify.Sending], counts[notify.Sent], counts[notify.Failed]
	return &healthOut{out}, nil
}

// mailHealth is whether mail leaves.
func (a *API) mailHealth(ctx context.Context) (PortalMail, error) {
	h, err := a.Notify.Outbox.Health(ctx)
	if err != nil {
		return PortalMail{}, err
	}
	c := h.Condition
	m := PortalMail{Leaves: h.Well(), Trouble: string(c.Trouble), Reply: c.Code, Kept: []KeptBack{}}
	if c.Trouble != "" {
		m.Since = &c.Since
	}
	if o := c.Offer; o != nil {
		m.Server = &ServerOffers{Encrypted: o.Encrypted, Verified: o.Verified, SMTPUTF8: o.UTF8, Largest: o.Size}
	}
	for _, k := range h.Kept {
		m.Kept = append(m.Kept, KeptBack{Trouble: string(k.Trouble), Reply: k.Code, Mails: k.Mails, Since: k.Since})
	}
	return m, nil
}
