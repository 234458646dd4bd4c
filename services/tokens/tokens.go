// Package tokens lets machines in: signed tokens (JWT) that act for one
// organisation, within scopes, until they expire or are revoked.
package tokens

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Kinds are the collections of this package.
var Kinds = []document.Kind{
	{Name: "tokens", Indexes: []document.Index{{Name: "organisation", Fields: []string{"organisation", "created"}}}},
}

// Token is the row behind a token: without it, or once it is revoked, the
// token opens nothing.
type Token struct {
	document.Meta
	Organisation string          `json:"organisation"`
	By           string          `json:"by"`   // acc_… who made it
	Name         vault.Sealed    `json:"name"` // as its maker calls it, under the token's own key
	Roles        []identity.Role `json:"roles"`
	Scopes       []string        `json:"scopes"`
	Created      time.Time       `json:"created"`
	Expires      time.Time       `json:"expires"`
	Revoked      *time.Time      `json:"revoked,omitempty"`
}

// Live tells whether the token opens anything at a moment.
func (t Token) Live(now time.Time) bool { return t.Revoked == nil && now.Before(t.Expires) }

// Longest is how long a token may live.
const Longest = 366 * 24 * time.Hour

const (
	audience = "inzage-api"
	// kind is the header's typ (RFC 9068): a token made for anything else is not taken for one.
	kind     = "at+jwt"
	mostLive = 50
)

// ErrUnknown is a token that opens nothing: forged, expired or revoked.
var ErrUnknown = fault.New(fault.Unauthenticated, "This token is not valid. Ask an administrator of your organisation for a new one.")

// Service issues and checks tokens. All fields must be set.
type Service struct {
	Tokens document.Collection[Token]
	Vault  vault.Keeper
	// Scopes are those that exist.
	Scopes []string
	Issuer string // the portal's base URL
	Now    func() time.Time
}

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Second) }

// key signs the tokens; it comes from the master key and is stored nowhere.
func (s *Service) key() []byte { return []byte(s.Vault.Fingerprint("tokens", "signing key 1")) }

// Roles are those that a machine can act as: it administers nobody.
func Roles() []identity.Role { return []identity.Role{identity.Agent, identity.PrivacyOfficer} }

// ErrMade answers a wish that was fulfilled before: the token was shown then.
var ErrMade = fault.New(fault.Conflict, "This token was made already, and is not shown again. If nobody kept it, revoke it and make another.")

// Wish is what somebody wants a token for.
type Wish struct {
	ID     string // tok_…; makes it once. "" for a new one
	Name   string
	Roles  []identity.Role // of Roles
	Scopes []string
	Days   int // until it expires
}

// Issue makes a token for the actor's organisation and returns it once: it is
// stored nowhere. Administrators only, with a fresh second factor.
func (s *Service) Issue(ctx context.Context, by identity.Actor, in Wish) (string, Token, error) {
	if !by.IsStaffOf(by.Organisation, identity.Admin) {
		return "", Token{}, identity.ErrForbidden
	}
	if !by.Strong(s.now()) {
		return "", Token{}, identity.ErrStepUp
	}
	if err := s.check(in); err != nil {
		return "", Token{}, err
	}
	if err := s.room(ctx, by); err != nil {
		return "", Token{}, err
	}
	now := s.now()
	t := Token{Meta: document.Meta{ID: ledger.ChosenID("tok", in.ID)}, Organisation: by.Organisation, By: by.Account, Roles: slices.Clone(in.Roles),
		Scopes: slices.Clone(in.Scopes), Created: now, Expires: now.AddDate(0, 0, in.Days)}
	key, err := s.Vault.Create(ctx, t.ID)
	if err != nil {
		return "", Token{}, err
	}
	sealer := vault.Sealer{Key: key}
	if t.Name = sealer.Text("name", strings.TrimSpace(in.Name)); sealer.Err != nil {
		return "", Token{}, sealer.Err
	}
	signed, err := s.sign(t)
	if err != nil {
		return "", Token{}, err
	}
	ev := by.Event(now, "token.issue", t.ID, map[string]string{"organisation": t.Organisation, "scopes": strings.Join(t.Scopes, ",")})
	err = s.Tokens.Create(ctx, &t, ev)
	if errors.Is(err, document.ErrTaken) {
		return "", Token{}, ErrMade
	}
	if err != nil {
		return "", Token{}, fmt.Errorf("store a token: %w", err)
	}
	return signed, t, nil
}

func (s *Service) check(in Wish) error {
	var f fault.Form
	if n := len([]rune(strings.TrimSpace(in.Name))); n > 120 || fault.Blank(in.Name) {
		f.Refuse("name", "Give the token a name, in at most 120 characters.")
	}
	if len(in.Roles) == 0 || slices.ContainsFunc(in.Roles, func(r identity.Role) bool { return !slices.Contains(Roles(), r) }) {
		f.Refuse("roles", "Choose for whom it acts: agents, privacy officers or both.")
	}
	if len(in.Scopes) == 0 || slices.ContainsFunc(in.Scopes, func(x string) bool { return !slices.Contains(s.Scopes, x) }) {
		f.Refuse("scopes", "Choose what the token may do.")
	}
	if in.Days < 1 || time.Duration(in.Days)*24*time.Hour > Longest {
		f.Refuse("days", "Choose after how many days it expires: from 1 to %d.", int(Longest/(24*time.Hour)))
	}
	return f.Err()
}

func (s *Service) room(ctx context.Context, by identity.Actor) error {
	all, err := s.List(ctx, by)
	if err != nil {
		return err
	}
	live := 0
	for _, t := range all {
		if t.Live(s.now()) {
			live++
		}
	}
	if live >= mostLive {
		return fault.New(fault.Conflict, "There are %d tokens in use already. Revoke one first.", mostLive)
	}
	return nil
}

func (s *Service) sign(t Token) (string, error) {
	j := jwt.NewWithClaims(jwt.SigningMethodHS256, jwt.RegisteredClaims{Issuer: s.Issuer, Subject: t.Organisation, Audience: jwt.ClaimStrings{audience},
		ID: t.ID, IssuedAt: jwt.NewNumericDate(t.Created), ExpiresAt: jwt.NewNumericDate(t.Expires)})
	j.Header["typ"] = kind
	signed, err := j.SignedString(s.key())
	if err != nil {
		return "", fmt.Errorf("sign a token: %w", err)
	}
	return signed, nil
}

// Check returns who acts with a token, and within which scopes. Everything
// that is wrong with it is ErrUnknown.
func (s *Service) Check(ctx context.Context, signed string) (identity.Actor, []string, error) {
	var claims jwt.RegisteredClaims
	j, err := jwt.ParseWithClaims(signed, &claims, func(*jwt.Token) (any, error) { return s.key(), nil },
		jwt.WithValidMethods([]string{jwt.SigningMethodHS256.Alg()}), jwt.WithIssuer(s.Issuer), jwt.WithAudience(audience),
		jwt.WithExpirationRequired(), jwt.WithTimeFunc(s.Now), jwt.WithStrictDecoding())
	if err != nil || j.Header["typ"] != kind {
		return identity.Actor{}, nil, ErrUnknown
	}
	t, err := s.Tokens.Get(ctx, claims.ID)
	if errors.Is(err, document.ErrNotFound) {
		return identity.Actor{}, nil, ErrUnknown
	}
	if err != nil {
		return identity.Actor{}, nil, fmt.Errorf("read a token: %w", err)
	}
	if !t.Live(s.now()) || t.Organisation != claims.Subject {
		return identity.Actor{}, nil, ErrUnknown
	}
	// StrongAt stays zero: what needs a person's fresh second factor is not for machines.
	return identity.Actor{Account: t.ID, Organisation: t.Organisation, Roles: slices.Clone(t.Roles), Level: identity.Full, Language: "en"}, slices.Clone(t.Scopes), nil
}

// Listed is a token with its name opened.
type Listed struct {
	Token
	Called string
}

// One returns a token of the actor's organisation; another's is not found.
func (s *Service) One(ctx context.Context, by identity.Actor, id string) (Listed, error) {
	if !by.IsStaffOf(by.Organisation, identity.Admin) {
		return Listed{}, identity.ErrForbidden
	}
	t, err := s.Tokens.Get(ctx, id)
	if err != nil {
		return Listed{}, err
	}
	if t.Organisation != by.Organisation {
		return Listed{}, document.ErrNotFound
	}
	return s.open(ctx, t)
}

// open opens a token's name.
func (s *Service) open(ctx context.Context, t Token) (Listed, error) {
	key, err := s.Vault.Key(ctx, t.ID)
	if err != nil {
		return Listed{}, err
	}
	o := vault.Opener{Key: key}
	return Listed{Token: t, Called: o.Text("name", t.Name)}, o.Err
}

// List returns the tokens of the actor's organisation, the newest first, at most 500.
func (s *Service) List(ctx context.Context, by identity.Actor) ([]Listed, error) {
	if !by.IsStaffOf(by.Organisation, identity.Admin) {
		return nil, identity.ErrForbidden
	}
	page, err := s.Tokens.List(ctx, document.Query{Index: "organisation", Equal: []any{by.Organisation}, Descending: true, Limit: 500})
	if err != nil {
		return nil, fmt.Errorf("list tokens: %w", err)
	}
	var all []Listed
	for _, t := range page.Rows {
		one, err := s.open(ctx, t)
		if err != nil {
			return nil, err
		}
		all = append(all, one)
	}
	return all, nil
}

// Revoke ends a token of the actor's organisation at once.
func (s *Service) Revoke(ctx context.Context, by identity.Actor, id string) error {
	if !by.IsStaffOf(by.Organisation, identity.Admin) {
		return identity.ErrForbidden
	}
	_, err := s.Tokens.Update(ctx, id, func(t *Token) ([]ledger.Event, error) {
		switch {
		case t.Organisation != by.Organisation:
			return nil, document.ErrNotFound
		case t.Revoked != nil:
			return nil, nil
		}
		now := s.now()
		t.Revoked = &now
		return []ledger.Event{by.Event(now, "token.revoke", t.ID, map[string]string{"organisation": t.Organisation})}, nil
	})
	return err
}
