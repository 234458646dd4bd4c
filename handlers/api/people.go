package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"inzage/handlers/access"
	"inzage/services/identity"
)

// OpenInvitation is an invitation that can still be accepted.
type OpenInvitation struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Email   string          `json:"email"`
	Roles   []identity.Role `json:"roles"`
	Sent    time.Time       `json:"sent"`
	Expires time.Time       `json:"expires"`
}

type invitationsOut struct {
	Body struct {
		Invitations []OpenInvitation `json:"invitations"`
	}
}

// keepers look after people: administrators those of their organisation, the
// operator administrators.
var keepers = []identity.Role{identity.Admin, identity.Operator}

// orOwn is an organisation that was named, or the caller's own.
func orOwn(by identity.Actor, named string) string {
	if named == "" {
		return by.Organisation
	}
	return named
}

type accountIn struct {
	Account string `path:"account" maxLength:"64"`
}

func (a *API) mountPeople() {
	const tag = peopleTag
	on := func(id, method, path, summary, entry string) route {
		r := route{ID: id, Method: method, Path: path, Summary: summary, Tag: tag, Roles: keepers, Entry: entry, Fresh: access.AtDeed}
		if strings.Contains(path, "{") {
			r.By = byKeeper
		}
		return r
	}
	handle(a, route{ID: "list-colleagues", Method: http.MethodGet, Path: "/colleagues", Summary: "The names of colleagues with a role, to hand work to", Tag: tag, Roles: watchers, Scope: readRequests, Entry: silent}, a.colleagues)
	list := on("list-people", http.MethodGet, "/people", "Everybody who works for your organisation, and what each may do", "people.read")
	list.Roles, list.Fresh = []identity.Role{identity.Admin}, access.Anytime
	handle(a, list, a.people)
	one := on("read-person", http.MethodGet, "/people/{account}", "One of them", "person.read")
	one.Fresh = access.Anytime
	handle(a, one, a.person)
	roles := on("change-roles", http.MethodPut, "/people/{account}/roles", "Give somebody other roles; needs a fresh second factor", "role.change")
	roles.About = "All sessions of that person end. Nobody changes their own roles."
	handle(a, roles, a.changeRoles)
	handle(a, on("disable-person", http.MethodPost, "/people/{account}/disable", "End somebody's access at once; needs a fresh second factor", "account.disable"), a.standing((*identity.Service).Disable))
	handle(a, on("enable-person", http.MethodPost, "/people/{account}/enable", "Give access again; needs a fresh second factor", "account.enable"), a.standing((*identity.Service).Enable))
	handle(a, on("reset-factors", http.MethodPost, "/people/{account}/reset", "Take a second factor away and send the link for a new one; needs a fresh second factor", "factor.reset"), a.standing((*identity.Service).ResetFactors))
	open := on("list-invitations", http.MethodGet, "/invitations", "Who was invited and is not here yet", "people.read")
	open.Fresh = access.Anytime
	handle(a, open, a.invitations)
	invite := on("invite", http.MethodPost, "/invitations", "Invite somebody into your organisation; needs a fresh second factor", "invitation.send")
	invite.Status, invite.About = http.StatusCreated, "The link in the e-mail works once, for seven days. The service numbers invitations itself; an idempotency key makes sure that one letter goes out."
	handle(a, invite, a.invite)
	end := on("withdraw-invitation", http.MethodDelete, "/invitations/{id}", "Withdraw an invitation; what was known of the person is erased", "invitation.withdraw")
	end.Status, end.Fresh = http.StatusNoContent, access.Anytime
	handle(a, end, a.withdrawInvitation)
}

func (a *API) people(ctx context.Context, by identity.Actor, in *Paged) (*membersOut, error) {
	page, err := a.Identity.People(ctx, by, by.Organisation, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	var out membersOut
	out.Body.People, out.Body.Next = []StaffMember{}, page.Next
	for _, c := range page.Rows {
		out.Body.People = append(out.Body.People, memberOf(c))
	}
	return &out, nil
}

func (a *API) person(ctx context.Context, by identity.Actor, in *accountIn) (*memberOut, error) {
	c, err := a.Identity.Colleague(ctx, by, in.Account)
	if err != nil {
		return nil, err
	}
	return &memberOut{memberOf(c)}, nil
}

type rolesIn struct {
	Account string `path:"account" maxLength:"64"`
	Body    struct {
		Roles []identity.Role `json:"roles" minItems:"1" maxItems:"4" enum:"agent,privacy_officer,admin,auditor"`
	}
}

func (a *API) changeRoles(ctx context.Context, by identity.Actor, in *rolesIn) (*memberOut, error) {
	if err := a.Identity.ChangeRoles(ctx, by, in.Account, in.Body.Roles); err != nil {
		return nil, err
	}
	return a.person(ctx, by, &accountIn{Account: in.Account})
}

// standing does something about a person and shows how they stand after it.
func (a *API) standing(do func(*identity.Service, context.Context, identity.Actor, string) error) func(context.Context, identity.Actor, *accountIn) (*memberOut, error) {
	return func(ctx context.Context, by identity.Actor, in *accountIn) (*memberOut, error) {
		if err := do(a.Identity, ctx, by, in.Account); err != nil {
			return nil, err
		}
		return a.person(ctx, by, in)
	}
}

type invitationsIn struct {
	Organisation string `query:"organisation" maxLength:"64" doc:"For operators: whose; your own when left out"`
}

func (a *API) invitations(ctx context.Context, by identity.Actor, in *invitationsIn) (*invitationsOut, error) {
	open, err := a.Identity.OpenInvitations(ctx, by, orOwn(by, in.Organisation))
	if err != nil {
		return nil, err
	}
	var out invitationsOut
	out.Body.Invitations = []OpenInvitation{}
	for _, i := range open {
		out.Body.Invitations = append(out.Body.Invitations, OpenInvitation{ID: i.ID, Name: i.Person.Name, Email: i.Person.Email, Roles: i.Roles, Sent: i.Sent, Expires: i.Expires})
	}
	return &out, nil
}

type inviteIn struct {
	Idempotent
	Body struct {
		Name     string          `json:"name" maxLength:"200"`
		Email    string          `json:"email" maxLength:"254"`
		Roles    []identity.Role `json:"roles" minItems:"1" maxItems:"3" enum:"agent,privacy_officer,admin"`
		Language string          `json:"language,omitempty" enum:"nl,en" doc:"That of the organisation when absent"`
		Into     string          `json:"organisation,omitempty" maxLength:"64" doc:"For operators, who invite administrators: into which organisation; your own when absent"`
	}
}

type invitedOut struct {
	Body struct {
		ID string `json:"id"`
	}
}

func (a *API) invite(ctx context.Context, by identity.Actor, in *inviteIn) (*invitedOut, error) {
	var out invitedOut
	var err error
	out.Body.ID, err = a.only(ctx, by, in.Key, "invite", in.Body, func() (string, error) {
		i, err := a.Identity.Invite(ctx, by, identity.Invite{Organisation: orOwn(by, in.Body.Into), Name: in.Body.Name, Email: in.Body.Email, Roles: in.Body.Roles, Language: in.Body.Language})
		return i.ID, err
	})
	return &out, err
}

func (a *API) withdrawInvitation(ctx context.Context, by identity.Actor, in *byID) (*done, error) {
	return nil, a.Identity.WithdrawInvitation(ctx, by, in.ID)
}
