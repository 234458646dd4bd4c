package api

import (
	"context"
	"net/http"
	"strings"
	"time"

	"inzage/services/identity"
)

// PublicParty is an organisation: nothing in it is personal data.
type PublicParty struct {
	ID       string `json:"id"`
	Name     string `json:"name"`
	Slug     string `json:"slug" doc:"Names its start page, /o/…"`
	Country  string `json:"country" doc:"ISO 3166-1 alpha-2; decides the authority"`
	Language string `json:"language" enum:"nl,en"`
	Zone     string `json:"zone" doc:"IANA; in which its days are counted"`
}

func partyOf(o identity.Organisation) PublicParty {
	return PublicParty{ID: o.ID, Name: o.Name, Slug: o.Slug, Country: o.Country, Language: o.Language, Zone: o.Zone}
}

type partyOut struct{ Body PublicParty }

type partyIn struct {
	Organisation string `path:"organisation" maxLength:"64" doc:"Its id, or the name of its start page"`
}

// ChangedParty is what an administrator can change about an organisation.
type ChangedParty struct {
	Name     string `json:"name" maxLength:"120"`
	Slug     string `json:"slug" maxLength:"40"`
	Country  string `json:"country" maxLength:"2"`
	Language string `json:"language" enum:"nl,en"`
	Zone     string `json:"zone" maxLength:"64"`
}

type changePartyIn struct {
	Organisation string `path:"organisation" maxLength:"64"`
	Body         ChangedParty
}

func (a *API) mountOrganisations() {
	const tag = organisationTag
	operator := []identity.Role{identity.Operator}
	handle(a, route{ID: "read-organisation", Method: http.MethodGet, Path: "/organisations/{organisation}", Summary: "An organisation; names and start pages are public", Tag: tag, Entry: silent}, a.readParty)
	handle(a, route{ID: "change-organisation", Method: http.MethodPut, Path: "/organisations/{organisation}", Summary: "Change an organisation: an administrator the own one, the operator any", Tag: tag, Roles: keepers, By: byKeeper, Entry: "organisation.change"}, a.changeParty)
	handle(a, route{ID: "list-organisations", Method: http.MethodGet, Path: "/organisations", Summary: "All organisations, by the name of their start page", Tag: tag, Roles: operator, Entry: silent}, a.parties)
	handle(a, route{ID: "add-organisation", Method: http.MethodPost, Path: "/organisations", Summary: "Add an organisation", Tag: tag, Roles: operator, Status: http.StatusCreated,
		About: "Then invite its first administrator: POST /invitations.", Entry: "organisation.create"}, a.addParty)
	handle(a, route{ID: "list-administrators", Method: http.MethodGet, Path: "/organisations/{organisation}/administrators", Summary: "The administrators of an organisation", Tag: tag, Roles: operator,
		About: "Reading it leaves an entry in the ledger.", By: byOperator, Entry: "people.read"}, a.administrators)
	a.mountPeople()
}

// party finds an organisation by its id or by the name of its start page,
// which never has an underscore in it.
func (a *API) party(ctx context.Context, name string) (identity.Organisation, error) {
	if strings.HasPrefix(name, "org_") {
		return a.Identity.Organisation(ctx, name)
	}
	return a.Identity.OrganisationAt(ctx, name)
}

func (a *API) readParty(ctx context.Context, _ identity.Actor, in *partyIn) (*partyOut, error) {
	o, err := a.party(ctx, in.Organisation)
	if err != nil {
		return nil, err
	}
	return &partyOut{partyOf(o)}, nil
}

func (a *API) changeParty(ctx context.Context, by identity.Actor, in *changePartyIn) (*partyOut, error) {
	b := in.Body
	o, err := a.Identity.ChangeOrganisation(ctx, by, in.Organisation, identity.Organisation{Name: b.Name, Slug: b.Slug, Country: b.Country, Language: b.Language, Zone: b.Zone})
	if err != nil {
		return nil, err
	}
	return &partyOut{partyOf(o)}, nil
}

// StaffMember is somebody who works for an organisation.
type StaffMember struct {
	Account  string          `json:"account"`
	Name     string          `json:"name"`
	Email    string          `json:"email"`
	Roles    []identity.Role `json:"roles"`
	Disabled bool            `json:"disabled"`
	Factors  []string        `json:"factors" doc:"Which second factors are bound: totp, passkey"`
	Created  time.Time       `json:"created"`
}

func memberOf(c identity.Colleague) StaffMember {
	return StaffMember{Account: c.Account, Name: c.Person.Name, Email: c.Person.Email, Roles: append([]identity.Role{}, c.Roles...), Disabled: c.Disabled,
		Factors: append([]string{}, c.Factors...), Created: c.Created}
}

type memberOut struct{ Body StaffMember }

type membersOut struct {
	Body struct {
		People []StaffMember `json:"people"`
		Next   string        `json:"next,omitempty" doc:"Send it as after for the next page; absent on the last"`
	}
}

// NamedColleague is a colleague to whom a request can be given.
type NamedColleague struct {
	Account string `json:"account"`
	Name    string `json:"name"`
}

type colleaguesOut struct {
	Body struct {
		Colleagues []NamedColleague `json:"colleagues"`
	}
}

type colleaguesIn struct {
	Role identity.Role `query:"role" required:"true" enum:"agent,privacy_officer,admin"`
}

func (a *API) colleagues(ctx context.Context, by identity.Actor, in *colleaguesIn) (*colleaguesOut, error) {
	all, err := a.Identity.Colleagues(ctx, by, in.Role)
	if err != nil {
		return nil, err
	}
	var out colleaguesOut
	out.Body.Colleagues = []NamedColleague{}
	for _, c := range all {
		out.Body.Colleagues = append(out.Body.Colleagues, NamedColleague(c))
	}
	return &out, nil
}
