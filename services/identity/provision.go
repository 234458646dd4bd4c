package identity

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/pquerna/otp/totp"

	"inzage/services/document"
	"inzage/services/ledger"
)

// Provision is an account that is made ready to sign in.
type Provision struct {
	Organisation string
	Realm        Realm
	Roles        []Role
	Name         string
	Email        string
	Language     string
	Password     string
}

// Provisioned is what was made; the secret is shown once.
type Provisioned struct {
	Account  string
	TOTP     string   // base32
	Recovery []string // ten codes
}

// Provision makes an account with a password and an authenticator, for the
// commands that fill an empty store. Only the system may: there is no way to it
// from the network.
func (s *Service) Provision(ctx context.Context, by Actor, p Provision) (Provisioned, error) {
	if by.Account != ledger.SystemActor {
		return Provisioned{}, ErrForbidden
	}
	if err := checkEmail("email", p.Email); err != nil {
		return Provisioned{}, err
	}
	if p.Realm == Staff {
		if err := checkRoles(p.Roles, p.Organisation); err != nil {
			return Provisioned{}, err
		}
	}
	acc := Account{
		Meta: document.Meta{ID: ledger.NewID("acc")}, Organisation: p.Organisation, Realm: p.Realm,
		Roles: slices.Clone(p.Roles), Operator: slices.Contains(p.Roles, Operator),
		Email: s.emailHash(p.Realm, p.Email), Language: p.Language, Created: s.now(),
	}
	var err error
	if acc.Person, err = s.seal(ctx, acc.ID, Person{Name: p.Name, Email: strings.TrimSpace(p.Email)}); err != nil {
		return Provisioned{}, err
	}
	if err := s.judge(ctx, acc, p.Password); err != nil {
		return Provisioned{}, err
	}
	if acc.Password, err = s.hasher.hash(ctx, p.Password); err != nil {
		return Provisioned{}, err
	}
	out := Provisioned{Account: acc.ID}
	if out.TOTP, err = s.bind(ctx, &acc, p.Email); err != nil {
		return Provisioned{}, err
	}
	out.Recovery, acc.Recovery = s.newRecovery(acc.ID)
	ev := s.event(by, "account.create", acc.ID, ledger.Done, "roles", joinRoles(acc.Roles))
	if err := s.Accounts.Create(ctx, &acc, ev); err != nil {
		return Provisioned{}, fmt.Errorf("make an account: %w", swap(err, document.ErrTaken, ErrTaken))
	}
	return out, nil
}

// bind gives a new account an authenticator, and returns its secret.
func (s *Service) bind(ctx context.Context, acc *Account, email string) (string, error) {
	secret, err := totp.Generate(totp.GenerateOpts{Issuer: s.Product, AccountName: strings.TrimSpace(email), Period: period})
	if err != nil {
		return "", fmt.Errorf("make an authenticator secret: %w", err)
	}
	key, err := s.Vault.Key(ctx, acc.ID)
	if err != nil {
		return "", fmt.Errorf("read the key of the account: %w", err)
	}
	acc.TOTP = TOTP{ID: ledger.NewID("fac"), Created: s.now()}
	acc.TOTP.Secret, err = key.Seal("totp:"+acc.TOTP.ID, []byte(secret.Secret()))
	return secret.Secret(), err
}
