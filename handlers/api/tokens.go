package api

import (
	"context"
	"net/http"
	"time"

	"inzage/handlers/access"
	"inzage/services/identity"
	"inzage/services/tokens"
)

// Token is a token as its organisation sees it.
type Token struct {
	ID      string          `json:"id"`
	Name    string          `json:"name"`
	Roles   []identity.Role `json:"roles"`
	Scopes  []string        `json:"scopes"`
	Created time.Time       `json:"created"`
	Expires time.Time       `json:"expires"`
	Revoked *time.Time      `json:"revoked,omitempty"`
}

// TokenWish is a token to be made.
type TokenWish struct {
	Name   string          `json:"name" maxLength:"200"`
	Roles  []identity.Role `json:"roles" maxItems:"2" enum:"agent,privacy_officer"`
	Scopes []string        `json:"scopes" maxItems:"20"`
	Days   int             `json:"days" minimum:"1" maximum:"366" doc:"Until it expires"`
}

type tokenWish struct {
	Idempotent
	Body TokenWish
}

type tokenOut struct {
	Body struct {
		Token
		Secret string `json:"secret,omitempty" doc:"The token itself. It is shown this once and stored nowhere: with an idempotency key that made a token before it is absent. Revoke that token, and use a new key"`
	}
}

type tokensOut struct {
	Body struct {
		Tokens []Token `json:"tokens"`
	}
}

type byID struct {
	ID string `path:"id" maxLength:"64"`
}

func (a *API) mountTokens() {
	const tag = "Tokens of machines"
	admin := []identity.Role{identity.Admin}
	handle(a, route{ID: "list-tokens", Method: http.MethodGet, Path: "/tokens", Summary: "The tokens of your organisation", Tag: tag, Roles: admin, Entry: silent}, a.listTokens)
	handle(a, route{ID: "issue-token", Method: http.MethodPost, Path: "/tokens", Summary: "Make a token for a machine; needs a fresh second factor", Tag: tag, Roles: admin, Status: http.StatusCreated, Fresh: access.AtDeed, Entry: "token.issue"}, a.issueToken)
	handle(a, route{ID: "revoke-token", Method: http.MethodDelete, Path: "/tokens/{id}", Summary: "Revoke a token at once", Tag: tag, Roles: admin, Status: http.StatusNoContent, By: byAdmin, Entry: "token.revoke"}, a.revokeToken)
}

func tokenOf(t tokens.Token, name string) Token {
	return Token{ID: t.ID, Name: name, Roles: t.Roles, Scopes: t.Scopes, Created: t.Created, Expires: t.Expires, Revoked: t.Revoked}
}

func (a *API) listTokens(ctx context.Context, by identity.Actor, _ *nothing) (*tokensOut, error) {
	all, err := a.Tokens.List(ctx, by)
	if err != nil {
		return nil, err
	}
	var out tokensOut
	out.Body.Tokens = []Token{}
	for _, t := range all {
		out.Body.Tokens = append(out.Body.Tokens, tokenOf(t.Token, t.Called))
	}
	return &out, nil
}

func (a *API) issueToken(ctx context.Context, by identity.Actor, in *tokenWish) (*tokenOut, error) {
	var out tokenOut
	id, err := a.only(ctx, by, in.Key, "issue-token", in.Body, func() (string, error) {
		secret, t, err := a.Tokens.Issue(ctx, by, tokens.Wish{Name: in.Body.Name, Roles: in.Body.Roles, Scopes: in.Body.Scopes, Days: in.Body.Days})
		out.Body.Token, out.Body.Secret = tokenOf(t, in.Body.Name), secret
		return t.ID, err
	})
	if err != nil || out.Body.Secret != "" {
		return &out, err
	}
	all, err := a.Tokens.List(ctx, by)
	if err != nil {
		return nil, err
	}
	for _, t := range all {
		if t.ID == id {
			out.Body.Token = tokenOf(t.Token, t.Called)
			return &out, nil
		}
	}
	return nil, identity.ErrNotFound
}

func (a *API) revokeToken(ctx context.Context, by identity.Actor, in *byID) (*done, error) {
	return nil, a.Tokens.Revoke(ctx, by, in.ID)
}
