package identity

import (
	"context"
	"errors"
	"fmt"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// LinkRequestPage is the purpose of the private link to a request, and of the
// code that goes with it.
const LinkRequestPage = "request"

// EnsureSubject finds or makes the data subject's account of a proven address
// and returns its id. name and language are used when it is new; it has
// neither a password nor a factor then.
func (s *Service) EnsureSubject(ctx context.Context, proof Proof, name, language string) (string, error) {
	acc, err := s.ensureSubject(ctx, proof, name, language)
	return acc.ID, err
}

func (s *Service) ensureSubject(ctx context.Context, proof Proof, name, language string) (Account, error) {
	if proof.email == "" {
		return Account{}, ErrCode
	}
	hash := s.emailHash(Subjects, proof.email)
	acc, err := s.findEmail(ctx, Subjects, proof.email)
	if err == nil || !errors.Is(err, document.ErrNotFound) {
		return acc, err
	}
	acc = Account{
		Meta: document.Meta{ID: ledger.NewID("acc")}, Realm: Subjects, Roles: []Role{Subject},
		Email: hash, Language: language, Created: s.now(),
	}
	if acc.Person, err = s.seal(ctx, acc.ID, Person{Name: name, Email: proof.email}); err != nil {
		return Account{}, err
	}
	by := Actor{Account: acc.ID, Roles: acc.Roles}
	err = s.Accounts.Create(ctx, &acc, s.event(by, "account.create", acc.ID, ledger.Done, "role", string(Subject)))
	if errors.Is(err, document.ErrTaken) {
		// Somebody proved the same address at the same moment.
		return s.Accounts.Find(ctx, "email", hash)
	}
	if err != nil {
		return Account{}, fmt.Errorf("make an account: %w", err)
	}
	return acc, nil
}

// StartSubject opens a half session for whoever has just proven an address,
// so that they see what they filed. Setting up a first factor needs the
// private link as well.
func (s *Service) StartSubject(ctx context.Context, proof Proof, name, language string) (Entry, error) {
	acc, err := s.ensureSubject(ctx, proof, name, language)
	if err != nil {
		return Entry{}, err
	}
	return s.start(ctx, acc, Half, ProofEmail)
}

// SendLinkCode sends the code that goes with a request's private link to the
// address the link is bound to.
func (s *Service) SendLinkCode(ctx context.Context, token, language, address string) error {
	r, err := s.linkCode(ctx, token)
	if err != nil {
		return err
	}
	r.Language, r.Address = language, address
	return s.SendCode(ctx, r)
}

// SignInSubject opens a half session of the data subject with a request's
// private link and the code that was sent for it. Either alone opens nothing.
func (s *Service) SignInSubject(ctx context.Context, token, code, language string) (Entry, error) {
	r, err := s.linkCode(ctx, token)
	if err != nil {
		return Entry{}, err
	}
	proof, err := s.CheckCode(ctx, r, code)
	if err != nil {
		return Entry{}, err
	}
	return s.SignInProven(ctx, proof, "", language)
}

// SignInProven opens a half session of the data subject who has opened a
// request's private link and then proven the address of that request: the
// proof must be of a code sent with the purpose LinkRequestPage, which the
// caller sends to nobody but the holder of the link. The account is made when
// there is none. A proof is for one call.
func (s *Service) SignInProven(ctx context.Context, proof Proof, name, language string) (Entry, error) {
	if proof.purpose != LinkRequestPage || proof.object == "" {
		return Entry{}, ErrCode
	}
	acc, err := s.ensureSubject(ctx, proof, name, language)
	if err != nil {
		return Entry{}, fmt.Errorf("find the account of a link: %w", err)
	}
	if acc.Disabled {
		return Entry{}, s.refuse(ctx, ErrSignedOut, s.refusal(Actor{}, acc, ProofLink))
	}
	return s.start(ctx, acc, Half, ProofLink, ProofEmail)
}

func (s *Service) linkCode(ctx context.Context, token string) (CodeRequest, error) {
	l, err := s.OpenLink(ctx, LinkRequestPage, token)
	if err != nil {
		return CodeRequest{}, err
	}
	key, err := s.Vault.Key(ctx, l.Object)
	if err != nil {
		return CodeRequest{}, fmt.Errorf("read the key of %s: %w", l.Object, err)
	}
	email, err := key.Open("link:"+l.ID, l.code.Address)
	if err != nil {
		return CodeRequest{}, err
	}
	return CodeRequest{Purpose: LinkRequestPage, Object: l.Object, Email: string(email)}, nil
}

// Erase removes a data subject's account: what is known of the person, the
// factors and the sessions. The account's key is destroyed last, so that an
// interrupted call can be repeated.
func (s *Service) Erase(ctx context.Context, by Actor, account string) error {
	_, err := s.Accounts.Update(ctx, account, func(a *Account) ([]ledger.Event, error) {
		own := by.Account == account && by.Level == Full
		if a.Realm != Subjects || (!own && by.Account != ledger.SystemActor) {
			return nil, ErrNotFound
		}
		if a.Email == "" {
			return nil, nil
		}
		a.Email, a.Person, a.Password, a.Recovery = "", "", "", nil
		a.TOTP, a.Passkeys, a.Feed, a.Disabled = TOTP{}, nil, Feed{}, true
		a.Epoch++
		return one(s.event(by, "account.erase", a.ID, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("erase an account: %w", hide(err, ErrNotFound))
	}
	return s.Vault.Shred(ctx, account)
}

// Person is who stands behind an account: for letters and for names beside
// decisions. It decides nothing about who may see it. An erased account is a
// fault of kind Gone.
func (s *Service) Person(ctx context.Context, account string) (Person, error) {
	acc, err := s.Accounts.Get(ctx, account)
	if err != nil {
		return Person{}, fmt.Errorf("read an account: %w", err)
	}
	_, p, err := s.open(ctx, acc)
	return p, err
}

// Me is the person who is signed in.
func (s *Service) Me(ctx context.Context, by Actor) (Account, Person, error) {
	_, acc, err := s.self(ctx, by)
	if err != nil {
		return Account{}, Person{}, err
	}
	_, p, err := s.open(ctx, acc)
	return acc, p, err
}

const personField = "person"

func (s *Service) seal(ctx context.Context, account string, p Person) (vault.Sealed, error) {
	key, err := s.Vault.Create(ctx, account)
	if err != nil {
		return "", fmt.Errorf("make the key of an account: %w", err)
	}
	return vault.SealJSON(key, personField, p)
}

func (s *Service) open(ctx context.Context, acc Account) (vault.Key, Person, error) {
	key, err := s.Vault.Key(ctx, acc.ID)
	if err != nil {
		return nil, Person{}, fmt.Errorf("read the key of an account: %w", err)
	}
	p, err := vault.OpenJSON[Person](key, personField, acc.Person)
	return key, p, err
}

// warn tells a person by e-mail that something about their account changed
// (NIST SP 800-63B-4, 4.6). event is part of the letter's key.
func (s *Service) warn(ctx context.Context, acc Account, event, what string) error {
	_, p, err := s.open(ctx, acc)
	if err != nil {
		return err
	}
	if p.Email == "" {
		return nil
	}
	return s.post(ctx, Letter{
		Key: event + ":" + what, To: p.Email, Language: acc.Language, Template: "security",
		Data: map[string]string{"what": what},
	})
}

// shorten keeps at most n characters of a text and no control characters.
func shorten(text string, n int) string {
	r := []rune(text)
	out := make([]rune, 0, min(len(r), n))
	for _, c := range r {
		if c >= ' ' && c != 0x7f && len(out) < n {
			out = append(out, c)
		}
	}
	return string(out)
}

// errInput is the refusal of a form.
var errInput = fault.New(fault.Invalid, "Some answers need another look.")
