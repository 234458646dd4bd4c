package api

import (
	"context"
	"net/http"
	"time"

	"inzage/handlers/access"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/requests"
)

// mountRetention is how long an organisation keeps the content of what has
// ended, and what goes when.
func (a *API) mountRetention() {
	const path = "/organisations/{organisation}/retention"
	on := func(id, method, path, summary string) route {
		return route{ID: id, Method: method, Path: path, Summary: summary, Tag: organisationTag, Roles: keepers, By: byKeeper, Entry: silent}
	}
	handle(a, on("read-retention", http.MethodGet, path, "How long the organisation keeps the content of what has ended"), a.retention)
	handle(a, on("list-ended", http.MethodGet, path+"/ended", "What has ended and still has its content, what goes first at the beginning"), a.ended)
	preview := on("preview-retention", http.MethodGet, path+"/preview", "What a storage period would destroy at once, before it is set")
	preview.Roles, preview.By = []identity.Role{identity.Admin}, byAdmin
	handle(a, preview, a.previewRetention)
	set := on("change-retention", http.MethodPut, path, "Set the storage period of your organisation")
	set.Roles, set.By, set.Entry, set.Fresh = []identity.Role{identity.Admin}, byAdmin, "organisation.keep", access.AtDeed
	set.About = "It holds for everything that has ended and is still there. What a shorter period destroys does not come back: look at the preview first."
	handle(a, set, a.changeRetention)
}

// StoragePeriod is how long content is kept after the end, in days.
type StoragePeriod struct {
	Chosen   int64 `json:"chosen" doc:"By the organisation; 0 follows the portal"`
	Portal   int64 `json:"portal" doc:"The portal's own"`
	Holds    int64 `json:"holds" doc:"The one that holds"`
	Shortest int64 `json:"shortest" doc:"That can be chosen"`
	Longest  int64 `json:"longest"`
}

type retentionOut struct{ Body StoragePeriod }

func (a *API) period(o identity.Organisation) *retentionOut {
	return &retentionOut{StoragePeriod{Chosen: o.KeepDays, Portal: days(a.Requests.Keeps(identity.Organisation{})), Holds: days(a.Requests.Keeps(o)),
		Shortest: identity.MinKeepDays, Longest: identity.MaxKeepDays}}
}

func days(d time.Duration) int64 { return int64(d / (24 * time.Hour)) }

// tended is an organisation that the caller looks after; any other is one that
// is not there.
func (a *API) tended(ctx context.Context, by identity.Actor, name string) (identity.Organisation, error) {
	o, err := a.party(ctx, name)
	if err == nil && !o.TendedBy(by) {
		err = identity.ErrNotFound
	}
	return o, err
}

func (a *API) retention(ctx context.Context, by identity.Actor, in *partyIn) (*retentionOut, error) {
	o, err := a.tended(ctx, by, in.Organisation)
	if err != nil {
		return nil, err
	}
	return a.period(o), nil
}

type endedIn struct {
	Organisation string `path:"organisation" maxLength:"64" doc:"Its id, or the name of its start page"`
	Of           string `query:"of" enum:"requests,audits,drafts" default:"requests" doc:"Drafts are those of audits: they go a year after somebody worked on them last"`
	Paged
}

// EndedContent is a request or audit that has ended and whose content is kept.
type EndedContent struct {
	ID        string    `json:"id"`
	Reference string    `json:"reference"`
	Ended     time.Time `json:"ended" doc:"Of a draft: when somebody worked on it last"`
	Goes      time.Time `json:"goes" doc:"From when on its content is destroyed, within the hour"`
}

type endedOut struct {
	Body struct {
		Ended []EndedContent `json:"ended"`
		Next  string         `json:"next,omitempty" doc:"Send it as after for the next page; absent on the last"`
	}
}

func (a *API) ended(ctx context.Context, by identity.Actor, in *endedIn) (*endedOut, error) {
	o, err := a.tended(ctx, by, in.Organisation)
	if err != nil {
		return nil, err
	}
	var page document.Page[requests.Ended]
	switch in.Of {
	case "audits":
		page, err = a.Audits.Ended(ctx, by, o, in.After, in.Limit)
	case "drafts":
		page, err = a.Audits.Forgotten(ctx, by, o, in.After, in.Limit)
	default:
		page, err = a.Requests.Ended(ctx, by, o, in.After, in.Limit)
	}
	if err != nil {
		return nil, err
	}
	var out endedOut
	out.Body.Ended, out.Body.Next = []EndedContent{}, page.Next
	for _, x := range page.Rows {
		out.Body.Ended = append(out.Body.Ended, EndedContent{ID: x.ID, Reference: x.Reference, Ended: x.At, Goes: x.Goes})
	}
	return &out, nil
}

type previewIn struct {
	Organisation string `path:"organisation" maxLength:"64" doc:"Its id, or the name of its start page"`
	Days         int64  `query:"days" required:"true" doc:"0 follows the portal"`
}

type previewOut struct {
	Body struct {
		Requests int `json:"requests" doc:"Whose content would go within the hour; counting stops at 1000, which means: at least so many"`
		Audits   int `json:"audits" doc:"The same"`
	}
}

func (a *API) previewRetention(ctx context.Context, by identity.Actor, in *previewIn) (*previewOut, error) {
	o, err := a.tended(ctx, by, in.Organisation)
	if err != nil {
		return nil, err
	}
	if err := identity.CheckKeep(in.Days); err != nil {
		return nil, err
	}
	to := o
	to.KeepDays = in.Days
	var out previewOut
	if out.Body.Requests, err = a.Requests.CountEnded(ctx, by, o, a.Requests.Keeps(to)); err != nil {
		return nil, err
	}
	out.Body.Audits, err = a.Audits.CountEnded(ctx, by, o, a.Audits.Keeps(to))
	return &out, err
}

type changeRetentionIn struct {
	Organisation string `path:"organisation" maxLength:"64" doc:"Its id, or the name of its start page"`
	Body         struct {
		Was  int64 `json:"was" doc:"What you saw as chosen; another one by now is 409"`
		Days int64 `json:"days" doc:"0 follows the portal"`
	}
}

func (a *API) changeRetention(ctx context.Context, by identity.Actor, in *changeRetentionIn) (*retentionOut, error) {
	o, err := a.tended(ctx, by, in.Organisation)
	if err != nil {
		return nil, err
	}
	if o, err = a.Identity.ChangeKeep(ctx, by, o.ID, in.Body.Was, in.Body.Days); err != nil {
		return nil, err
	}
	return a.period(o), nil
}
