package api

import (
	"context"
	"net/http"

	"inzage/handlers/session"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/requests"
)

func (a *API) saveFiling(ctx context.Context, _ identity.Actor, _ *nothing) (*done, error) {
	id := a.own(ctx)
	d, f, err := a.Requests.Draft(ctx, id)
	if err != nil {
		return nil, err
	}
	if d.Submitted || !requests.ValidEmail(f.Person.Email) {
		return nil, fault.New(fault.Invalid, "Some answers need another look.").At("email", "Fill in an e-mail address first, to which the link can go.")
	}
	org, err := a.Identity.Organisation(ctx, d.Organisation)
	if err != nil {
		return nil, err
	}
	return nil, a.Identity.SendResumeLink(ctx, identity.ResumeRequest{Draft: id, Email: f.Person.Email, Language: f.Language, Organisation: org.Name,
		Address: address(ctx), Life: requests.DraftLife - max(0, a.Now().Sub(d.Touched))})
}

type resumeIn struct {
	Body struct {
		Token string `json:"token" maxLength:"200" doc:"The last part of the link"`
	}
}

func (a *API) resumeFiling(ctx context.Context, by identity.Actor, in *resumeIn) (*filingOut, error) {
	l, err := a.Identity.OpenLink(ctx, identity.LinkDraft, in.Body.Token)
	if err != nil {
		return nil, err
	}
	out, err := a.filing(ctx, l.Object)
	if err != nil {
		return nil, err
	}
	if _, err := a.Identity.UseLink(ctx, by, identity.LinkDraft, in.Body.Token); err != nil {
		return nil, err
	}
	a.Cookies.Set(callOf(ctx).fiber, session.DraftCookie, l.Object, requests.DraftLife)
	return out, nil
}

// PrivateLink is the secret link to a request, of the mails about it.
type PrivateLink struct {
	Reference string `json:"reference" maxLength:"40"`
	Token     string `json:"token" maxLength:"200" doc:"The last part of the link"`
}

type linkIn struct{ Body PrivateLink }

type linkCodeIn struct {
	Body struct {
		PrivateLink
		Code string `json:"code" maxLength:"64"`
		Word string `json:"word,omitempty" maxLength:"64" doc:"The word from the letter, where staff typed the address of the request; without it such an address opens nothing"`
	}
}

func (a *API) mountLinks() {
	handle(a, route{ID: "send-link-code", Method: http.MethodPost, Path: "/links/code", Summary: "Send the code that goes with a private link to the address of its request", Tag: filingTag, Status: http.StatusAccepted, Entry: "code.send"}, a.linkCode)
	handle(a, route{ID: "open-link", Method: http.MethodPost, Path: "/links/open", Summary: "Open a request with its private link and the code; either alone opens nothing", Tag: filingTag, Entry: "session.start"}, a.openLink)
}

func follows(ctx context.Context, r requests.Request, p requests.Person) identity.CodeRequest {
	return identity.CodeRequest{Purpose: identity.LinkRequestPage, Object: r.LinkOf(), Email: p.Email, Language: r.Language, Address: address(ctx)}
}

func (a *API) linkCode(ctx context.Context, _ identity.Actor, in *linkIn) (*done, error) {
	r, p, err := a.Requests.Followed(ctx, in.Body.Reference, in.Body.Token)
	if err != nil {
		return nil, err
	}
	return nil, a.Identity.SendCode(ctx, follows(ctx, r, p))
}

func (a *API) openLink(ctx context.Context, _ identity.Actor, in *linkCodeIn) (*requestOut, error) {
	r, p, err := a.Requests.Followed(ctx, in.Body.Reference, in.Body.Token)
	if err != nil {
		return nil, err
	}
	proof, err := a.Identity.CheckCode(ctx, follows(ctx, r, p), in.Body.Code)
	if err != nil {
		return nil, err
	}
	if r, err = a.Requests.Admit(ctx, r.ID, proof, in.Body.Word); err != nil {
		return nil, err
	}
	entry, err := a.Identity.StartFollower(ctx, proof, in.Body.Token, asks(p), r.Language)
	if err != nil {
		return nil, err
	}
	if r, err = a.Requests.Adopt(ctx, entry.Actor, r.ID, proof); err != nil {
		return nil, err
	}
	a.Cookies.Start(callOf(ctx).fiber, entry.Token)
	return &requestOut{a.facts(entry.Actor, r)}, nil
}
