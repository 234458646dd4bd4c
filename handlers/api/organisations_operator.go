package api

import (
	"context"

	"inzage/services/identity"
)

type partiesOut struct {
	Body struct {
		Organisations []PublicParty `json:"organisations"`
		Next          string        `json:"next,omitempty" doc:"Send it as after for the next page; absent on the last"`
	}
}

func (a *API) parties(ctx context.Context, by identity.Actor, in *Paged) (*partiesOut, error) {
	page, err := a.Identity.ListOrganisations(ctx, by, in.After, in.Limit)
	if err != nil {
		return nil, err
	}
	var out partiesOut
	out.Body.Organisations, out.Body.Next = []PublicParty{}, page.Next
	for _, o := range page.Rows {
		out.Body.Organisations = append(out.Body.Organisations, partyOf(o))
	}
	return &out, nil
}

// AddedParty is an organisation to be added.
type AddedParty struct {
	Name     string `json:"name" maxLength:"120"`
	Slug     string `json:"slug,omitempty" maxLength:"40" doc:"Made from the name when absent"`
	Country  string `json:"country" maxLength:"2"`
	Language string `json:"language,omitempty" enum:"nl,en" doc:"nl when absent"`
	Zone     string `json:"zone,omitempty" maxLength:"64" doc:"Europe/Amsterdam when absent"`
}

type addPartyIn struct {
	Idempotent
	Body AddedParty
}

func (a *API) addParty(ctx context.Context, by identity.Actor, in *addPartyIn) (*partyOut, error) {
	b := in.Body
	id, err := a.only(ctx, by, in.Key, "add-organisation", b, func() (string, error) {
		o, err := a.Identity.CreateOrganisation(ctx, by, identity.Organisation{Name: b.Name, Slug: b.Slug, Country: b.Country, Language: b.Language, Zone: b.Zone})
		return o.ID, err
	})
	if err != nil {
		return nil, err
	}
	o, err := a.Identity.Organisation(ctx, id)
	if err != nil {
		return nil, err
	}
	return &partyOut{partyOf(o)}, nil
}

type administratorsOut struct {
	Body struct {
		People []StaffMember `json:"people"`
	}
}

func (a *API) administrators(ctx context.Context, by identity.Actor, in *partyIn) (*administratorsOut, error) {
	o, err := a.party(ctx, in.Organisation)
	if err != nil {
		return nil, err
	}
	all, err := a.Identity.Admins(ctx, by, o.ID)
	if err != nil {
		return nil, err
	}
	var out administratorsOut
	out.Body.People = []StaffMember{}
	for _, c := range all {
		out.Body.People = append(out.Body.People, memberOf(c))
	}
	return &out, nil
}
