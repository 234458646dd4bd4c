package identity

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net"
	"slices"

	"github.com/go-webauthn/webauthn/protocol"
	"github.com/go-webauthn/webauthn/webauthn"

	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// passkeysMax is how many passkeys an account may have.
const passkeysMax = 10

// Challenge is the beginning of a passkey exchange.
type Challenge struct {
	Ceremony string          // names the exchange when it is finished
	Options  json.RawMessage // for navigator.credentials.create or get, as the browser's JSON form
}

// newPasskeys configures WebAuthn for the configured origin only. It returns
// nil for an origin without a domain name, which browsers refuse.
func newPasskeys(d Deps, host string) (*webauthn.WebAuthn, error) {
	if net.ParseIP(host) != nil {
		return nil, nil
	}
	w, err := webauthn.New(&webauthn.Config{
		RPID: host, RPDisplayName: d.Product, RPOrigins: []string{d.Origin},
		AttestationPreference: protocol.PreferNoAttestation,
		AuthenticatorSelection: protocol.AuthenticatorSelection{
			ResidentKey: protocol.ResidentKeyRequirementRequired, RequireResidentKey: protocol.ResidentKeyRequired(),
			UserVerification: protocol.VerificationRequired,
		},
		// The service keeps the time itself, by its own clock.
		Timeouts: webauthn.TimeoutsConfig{
			Login:        webauthn.TimeoutConfig{Timeout: d.Limits.Ceremony, TimeoutUVD: d.Limits.Ceremony},
			Registration: webauthn.TimeoutConfig{Timeout: d.Limits.Ceremony, TimeoutUVD: d.Limits.Ceremony},
		},
	})
	if err != nil {
		return nil, fmt.Errorf("configure passkeys: %w", err)
	}
	return w, nil
}

// BeginPasskeySignIn starts a sign-in with a passkey that the browser finds by
// itself; nobody is named. ErrNoPasskey when the portal has no domain name.
func (s *Service) BeginPasskeySignIn(ctx context.Context) (Challenge, error) {
	if s.passkeys == nil {
		return Challenge{}, ErrNoPasskey
	}
	options, data, err := s.passkeys.BeginDiscoverableLogin(webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Challenge{}, fmt.Errorf("begin a passkey sign-in: %w", err)
	}
	return s.challenge(ctx, Ceremony{Purpose: "passkey.sign_in"}, options, data)
}

// FinishPasskeySignIn checks the PublicKeyCredential the browser made and opens
// a full session. A challenge works once, whatever comes of it.
func (s *Service) FinishPasskeySignIn(ctx context.Context, ceremony string, credential []byte, address string) (Entry, error) {
	place, err := s.try(ctx, s.addressLimit(address))
	if err != nil {
		return Entry{}, err
	}
	if !place.allowed {
		return Entry{}, s.refuse(ctx, ErrTooMany.After(place.wait), s.refusal(Actor{}, Account{}, ProofPasskey))
	}
	data, err := s.take(ctx, ceremony, "passkey.sign_in", "")
	if err != nil {
		return Entry{}, errors.Join(err, s.forget(ctx, place))
	}
	acc, err := s.assert(ctx, Actor{}, data, credential)
	if err != nil {
		return Entry{}, err
	}
	if err := s.forget(ctx, place); err != nil {
		return Entry{}, err
	}
	return s.start(ctx, acc, Full, ProofPasskey)
}

// BeginPasskeyProof starts to raise by's session, or make it strong again, with
// a passkey of by's own account.
func (s *Service) BeginPasskeyProof(ctx context.Context, by Actor) (Challenge, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Challenge{}, err
	}
	if s.passkeys == nil {
		return Challenge{}, ErrNoPasskey
	}
	user, err := s.user(ctx, acc)
	if err != nil {
		return Challenge{}, err
	}
	if len(user.credentials) == 0 {
		return Challenge{}, ErrPasskey
	}
	options, data, err := s.passkeys.BeginLogin(user, webauthn.WithUserVerification(protocol.VerificationRequired))
	if err != nil {
		return Challenge{}, fmt.Errorf("begin a passkey proof: %w", err)
	}
	return s.challenge(ctx, Ceremony{Purpose: "passkey.prove", Account: acc.ID, Session: sess.ID}, options, data)
}

// FinishPasskeyProof raises the session: half to full, full to strong.
func (s *Service) FinishPasskeyProof(ctx context.Context, by Actor, ceremony string, credential []byte) (Entry, error) {
	sess, _, err := s.self(ctx, by)
	if err != nil {
		return Entry{}, err
	}
	data, err := s.take(ctx, ceremony, "passkey.prove", sess.ID)
	if err != nil {
		return Entry{}, err
	}
	acc, err := s.assert(ctx, by, data, credential)
	if err != nil {
		return Entry{}, err
	}
	return s.rise(ctx, sess, acc, Full, ProofPasskey)
}

// BeginPasskeyEnrolment starts to bind a passkey, under the same conditions as
// BeginTOTP.
func (s *Service) BeginPasskeyEnrolment(ctx context.Context, by Actor) (Challenge, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Challenge{}, err
	}
	if s.passkeys == nil {
		return Challenge{}, ErrNoPasskey
	}
	if err := s.mayEnrol(sess, acc, ProofPasskey); err != nil {
		return Challenge{}, err
	}
	user, err := s.user(ctx, acc)
	if err != nil {
		return Challenge{}, err
	}
	options, data, err := s.passkeys.BeginRegistration(user,
		webauthn.WithExclusions(webauthn.Credentials(user.credentials).CredentialDescriptors()))
	if err != nil {
		return Challenge{}, fmt.Errorf("begin to bind a passkey: %w", err)
	}
	return s.challenge(ctx, Ceremony{Purpose: "passkey.enrol", Account: acc.ID, Session: sess.ID}, options, data)
}

// FinishPasskeyEnrolment binds the passkey and makes the session full. name is
// what the person calls it, at most 40 characters; it ends other sessions.
func (s *Service) FinishPasskeyEnrolment(ctx context.Context, by Actor, ceremony, name string, credential []byte) (Entry, error) {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return Entry{}, err
	}
	data, err := s.take(ctx, ceremony, "passkey.enrol", sess.ID)
	if err != nil {
		return Entry{}, err
	}
	user, err := s.user(ctx, acc)
	if err != nil {
		return Entry{}, err
	}
	made, err := s.register(ctx, user, data, credential)
	if errors.Is(err, ErrPasskey) {
		return Entry{}, s.refuse(ctx, err, s.event(by, "factor.refuse", acc.ID, ledger.Refused, "factor", ProofPasskey))
	}
	if err != nil {
		return Entry{}, err
	}
	// What the authenticator said about its maker is not needed and not kept.
	made.Attestation = webauthn.CredentialAttestation{}
	p := Passkey{ID: ledger.NewID("fac"), Name: shorten(name, 40), Count: int64(made.Authenticator.SignCount), Created: s.now(), Used: s.now()}
	if p.Credential, err = vault.SealJSON(user.key, "passkey:"+p.ID, *made); err != nil {
		return Entry{}, err
	}
	after, err := s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		if err := s.mayEnrol(sess, *a, ProofPasskey); err != nil {
			return nil, err
		}
		if len(a.Passkeys) >= passkeysMax {
			return nil, ErrTooMany
		}
		a.Passkeys = append(slices.Clone(a.Passkeys), p)
		a.Epoch++
		return one(s.event(by, "factor.enrol", a.ID, ledger.Done, "factor", ProofPasskey, "id", p.ID)), nil
	})
	if err != nil {
		return Entry{}, fmt.Errorf("bind a passkey: %w", err)
	}
	e, err := s.rise(ctx, sess, after, Full, ProofPasskey)
	if err != nil {
		return Entry{}, err
	}
	return e, s.warn(ctx, after, p.ID, "factor_added")
}

// RemovePasskey takes a passkey away. It needs a fresh factor; the last factor
// of an account stays (ErrLast).
func (s *Service) RemovePasskey(ctx context.Context, by Actor, passkey string) error {
	sess, acc, err := s.self(ctx, by)
	if err != nil {
		return err
	}
	if sess.Level != Full || s.now().Sub(sess.StrongAt) > StepUpAge {
		return ErrStepUp
	}
	after, err := s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		i := slices.IndexFunc(a.Passkeys, func(p Passkey) bool { return p.ID == passkey })
		if i < 0 {
			return nil, ErrNotFound
		}
		if len(a.Passkeys) == 1 && (a.TOTP.ID == "" || a.TOTP.Off) {
			return nil, ErrLast
		}
		a.Passkeys = slices.Delete(slices.Clone(a.Passkeys), i, i+1)
		return one(s.event(by, "factor.remove", a.ID, ledger.Done, "factor", ProofPasskey, "id", passkey)), nil
	})
	if err != nil {
		return fmt.Errorf("remove a passkey: %w", err)
	}
	return s.warn(ctx, after, passkey+"-removed", "factor_removed")
}

// assert checks a passkey's answer and keeps its count. by is who is signed in
// already; then the passkey must be theirs.
func (s *Service) assert(ctx context.Context, by Actor, data webauthn.SessionData, credential []byte) (Account, error) {
	user, made, err := s.validate(ctx, by, data, credential)
	if err == nil && made.Authenticator.CloneWarning {
		err = errors.New("the sign count did not rise: the passkey may have been copied")
	}
	if err != nil {
		var acc Account
		if user != nil {
			acc = user.account
		}
		return Account{}, s.refuse(ctx, ErrPasskey.Because(err), s.refusal(by, acc, ProofPasskey))
	}
	return s.used(ctx, by, user, made)
}

// validate checks the signature: of the account of by, or of whoever the
// passkey names when nobody is signed in.
func (s *Service) validate(ctx context.Context, by Actor, data webauthn.SessionData, credential []byte) (*passkeyUser, *webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialRequestResponseBytes(credential)
	if err != nil {
		return nil, nil, err
	}
	find := func(id string) (*passkeyUser, error) {
		acc, err := s.Accounts.Get(ctx, id)
		if err != nil {
			return nil, err
		}
		return s.user(ctx, acc)
	}
	if by.Account != "" {
		user, err := find(by.Account)
		if err != nil {
			return nil, nil, err
		}
		made, err := s.passkeys.ValidateLogin(user, data, parsed)
		return user, made, err
	}
	var user *passkeyUser
	_, made, err := s.passkeys.ValidatePasskeyLogin(func(_, handle []byte) (webauthn.User, error) {
		user, err = find(string(handle))
		return user, err
	}, data, parsed)
	return user, made, err
}

// used stores the count of a passkey that was accepted, unless a later one has
// been seen in between.
func (s *Service) used(ctx context.Context, by Actor, user *passkeyUser, made *webauthn.Credential) (Account, error) {
	i := slices.IndexFunc(user.credentials, func(c webauthn.Credential) bool { return slices.Equal(c.ID, made.ID) })
	id := user.account.Passkeys[i].ID
	count := int64(made.Authenticator.SignCount)
	now := s.now()
	after, err := s.Accounts.Update(ctx, user.account.ID, func(a *Account) ([]ledger.Event, error) {
		j := slices.IndexFunc(a.Passkeys, func(p Passkey) bool { return p.ID == id })
		if j < 0 || a.Disabled {
			return nil, ErrPasskey
		}
		if p := a.Passkeys[j]; count <= p.Count && (count != 0 || p.Count != 0) {
			return nil, ErrPasskey
		}
		a.Passkeys = slices.Clone(a.Passkeys)
		a.Passkeys[j].Count, a.Passkeys[j].Used = count, now
		who := by
		if who.Account == "" {
			who = Actor{Account: a.ID, Organisation: a.Organisation, Roles: a.Roles}
		}
		return one(s.event(who, "factor.prove", a.ID, ledger.Done, "factor", ProofPasskey, "id", id)), nil
	})
	if errors.Is(err, ErrPasskey) {
		return Account{}, s.refuse(ctx, ErrPasskey, s.refusal(by, user.account, ProofPasskey))
	}
	if err != nil {
		return Account{}, fmt.Errorf("keep the count of a passkey: %w", err)
	}
	return after, nil
}

// register checks what an authenticator made. What was bound before, to whatever
// account, is refused (Web Authentication, 7.1, step 26).
func (s *Service) register(ctx context.Context, user *passkeyUser, data webauthn.SessionData, credential []byte) (*webauthn.Credential, error) {
	parsed, err := protocol.ParseCredentialCreationResponseBytes(credential)
	if err != nil {
		return nil, ErrPasskey.Because(err)
	}
	made, err := s.passkeys.CreateCredential(user, data, parsed)
	if err != nil {
		return nil, ErrPasskey.Because(err)
	}
	err = s.Claims.Create(ctx, &Claim{Meta: document.Meta{ID: s.Vault.Fingerprint("passkey", string(made.ID))}})
	if errors.Is(err, document.ErrTaken) {
		return nil, ErrPasskey.Because(err)
	}
	if err != nil {
		return nil, fmt.Errorf("claim a passkey: %w", err)
	}
	return made, nil
}

// challenge stores a ceremony and returns what the browser needs.
func (s *Service) challenge(ctx context.Context, c Ceremony, options any, data *webauthn.SessionData) (Challenge, error) {
	raw, err := json.Marshal(data)
	if err != nil {
		return Challenge{}, fmt.Errorf("encode a challenge: %w", err)
	}
	o, err := json.Marshal(options)
	if err != nil {
		return Challenge{}, fmt.Errorf("encode the passkey options: %w", err)
	}
	c.ID, c.Data, c.Expires = ledger.NewID("cer"), string(raw), s.now().Add(s.Limits.Ceremony)
	if err := s.Ceremonies.Create(ctx, &c); err != nil {
		return Challenge{}, fmt.Errorf("store a challenge: %w", err)
	}
	return Challenge{Ceremony: c.ID, Options: o}, nil
}

// ceremony reads a ceremony that this session began for this purpose.
func (s *Service) ceremony(ctx context.Context, id, purpose, session string) (Ceremony, error) {
	c, err := s.Ceremonies.Get(ctx, id)
	if err != nil {
		return Ceremony{}, fmt.Errorf("read a ceremony: %w", hide(err, ErrCeremony))
	}
	if c.Purpose != purpose || c.Session != session || !s.now().Before(c.Expires) {
		return Ceremony{}, ErrCeremony
	}
	return c, nil
}

// take reads a challenge and uses it up.
func (s *Service) take(ctx context.Context, id, purpose, session string) (webauthn.SessionData, error) {
	var data webauthn.SessionData
	if s.passkeys == nil {
		return data, ErrNoPasskey
	}
	c, err := s.ceremony(ctx, id, purpose, session)
	if err != nil {
		return data, err
	}
	_, err = s.Ceremonies.Touch(ctx, c.ID, func(x *Ceremony) error {
		if x.Used {
			return ErrCeremony
		}
		x.Used = true
		return nil
	})
	if err != nil {
		return data, fmt.Errorf("use a challenge: %w", hide(err, ErrCeremony))
	}
	if err := json.Unmarshal([]byte(c.Data), &data); err != nil {
		return data, fmt.Errorf("decode a challenge: %w", err)
	}
	return data, nil
}

// passkeyUser is an account as the WebAuthn library wants to see it. Its handle
// is the account's id, in which nothing can be read.
type passkeyUser struct {
	account     Account
	person      Person
	key         vault.Key
	credentials []webauthn.Credential
}

func (s *Service) user(ctx context.Context, acc Account) (*passkeyUser, error) {
	key, person, err := s.open(ctx, acc)
	if err != nil {
		return nil, err
	}
	u := &passkeyUser{account: acc, person: person, key: key}
	for _, p := range acc.Passkeys {
		c, err := vault.OpenJSON[webauthn.Credential](key, "passkey:"+p.ID, p.Credential)
		if err != nil {
			return nil, err
		}
		c.Authenticator.SignCount = uint32(p.Count)
		u.credentials = append(u.credentials, c)
	}
	return u, nil
}

// WebAuthnID is the user handle.
func (u *passkeyUser) WebAuthnID() []byte { return []byte(u.account.ID) }

// WebAuthnName is what the authenticator shows in its list.
func (u *passkeyUser) WebAuthnName() string { return u.person.Email }

// WebAuthnDisplayName is the person's name.
func (u *passkeyUser) WebAuthnDisplayName() string { return u.person.Name }

// WebAuthnCredentials are the passkeys of the account.
func (u *passkeyUser) WebAuthnCredentials() []webauthn.Credential { return u.credentials }
