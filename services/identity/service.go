package identity

import (
	"context"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"net/url"
	"time"

	"github.com/go-webauthn/webauthn/webauthn"

	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/mailaddress"
	"inzage/services/vault"
)

// Letter is an e-mail to one person. Its templates belong to services/notify.
type Letter struct {
	Key      string // the same key is sent at most once
	To       string // the address
	Language string // "nl" or "en"
	Template string
	Data     map[string]string // what the template shows; no personal data
}

// Postman takes letters to be sent. Post returns once the letter is safe, not
// once it has arrived.
type Postman interface {
	Post(ctx context.Context, l Letter) error
}

// Deps is what the service is made of. All fields but Limits are needed.
type Deps struct {
	Accounts      document.Collection[Account]
	Organisations document.Collection[Organisation]
	Sessions      document.Collection[Session]
	Invitations   document.Collection[Invitation]
	Codes         document.Collection[Code]
	Ceremonies    document.Collection[Ceremony]
	Claims        document.Collection[Claim]
	Prospects     document.Collection[Prospect]
	Throttles     document.Collection[Throttle]
	Vault         vault.Keeper
	Post          Postman
	Now           func() time.Time
	// Origin is the configured base URL without a path, e.g.
	// "https://inzage.example"; links and passkeys are bound to it.
	Origin string
	// Product is the name shown by authenticators; "" means Inzage.
	Product string
	Limits  Limits
}

// Limits are the numbers of security.md; a zero field means the default in
// its comment.
type Limits struct {
	Idle     time.Duration // 1 h: a session without use ends
	Absolute time.Duration // 12 h: a full session ends whatever the use
	HalfLife time.Duration // 30 min: a session of staff that stays half ends

	PasswordFailures int           // 5 wrong passwords of one account …
	AddressFailures  int           // 30 wrong sign-ins from one address …
	FailureWindow    time.Duration // … in 15 min …
	Lock             time.Duration // … lock sign-in for 15 min
	FactorFailures   int           // 10 wrong second factors switch the factor off

	CodeLife       time.Duration // 10 min
	CodeTries      int           // 3
	CodesSent      int           // 5 codes or links to one address from one network, or of one private link, in FailureWindow
	CodesSentInAll int           // 20 codes or links to one address from everywhere in FailureWindow
	AskedFrom      int           // 30 codes or links asked from one network address in FailureWindow
	FilesFrom      int           // 200 files of strangers from one network address in FailureWindow
	Ceremony       time.Duration // 5 min for a challenge
	Invitation     time.Duration // 7 days
	Enrolment      time.Duration // 24 h for an enrolment link
	Reset          time.Duration // 1 h for a link to choose a new password

	Hashing      int // 2 password hashes at once
	HashingQueue int // 32 callers may wait for one
}

// DefaultLimits are the numbers of a portal that sets none.
func DefaultLimits() Limits { return Limits{}.withDefaults() }

func (l Limits) withDefaults() Limits {
	setDuration := func(d *time.Duration, v time.Duration) {
		if *d == 0 {
			*d = v
		}
	}
	setInt := func(n *int, v int) {
		if *n == 0 {
			*n = v
		}
	}
	setDuration(&l.Idle, time.Hour)
	setDuration(&l.Absolute, 12*time.Hour)
	setDuration(&l.HalfLife, 30*time.Minute)
	setInt(&l.PasswordFailures, 5)
	setInt(&l.AddressFailures, 30)
	setDuration(&l.FailureWindow, 15*time.Minute)
	setDuration(&l.Lock, 15*time.Minute)
	setInt(&l.FactorFailures, 10)
	setDuration(&l.CodeLife, 10*time.Minute)
	setInt(&l.CodeTries, 3)
	setInt(&l.CodesSent, 5)
	setInt(&l.CodesSentInAll, 20)
	setInt(&l.AskedFrom, 30)
	setInt(&l.FilesFrom, 200)
	setDuration(&l.Ceremony, 5*time.Minute)
	setDuration(&l.Invitation, 7*24*time.Hour)
	setDuration(&l.Enrolment, 24*time.Hour)
	setDuration(&l.Reset, time.Hour)
	setInt(&l.Hashing, 2)
	setInt(&l.HashingQueue, 32)
	return l
}

// Service is the identity domain. It keeps no state but the queue of password
// hashes: any number may run beside each other on one store.
type Service struct {
	Deps
	hasher   *hasher
	passkeys *webauthn.WebAuthn // nil when Origin has no domain name
	claims   claims
}

// New makes the service. It computes one password hash, for the answers to
// unknown accounts.
func New(d Deps) (*Service, error) {
	d.Limits = d.Limits.withDefaults()
	if d.Product == "" {
		d.Product = "Inzage"
	}
	u, err := url.Parse(d.Origin)
	if err != nil || u.Hostname() == "" {
		return nil, fmt.Errorf("the base URL %q has no host name", d.Origin)
	}
	h, err := newHasher(d.Limits.Hashing, d.Limits.HashingQueue)
	if err != nil {
		return nil, err
	}
	s := &Service{Deps: d, hasher: h}
	if s.passkeys, err = newPasskeys(d, u.Hostname()); err != nil {
		return nil, err
	}
	return s, nil
}

func (s *Service) now() time.Time { return s.Now().UTC().Truncate(time.Millisecond) }

// Nobody is the actor of what somebody did who is not known, such as a sign-in
// with an unknown address.
const Nobody = "nobody"

// event records what by did. details are pairs of name and value.
func (s *Service) event(by Actor, action, object, outcome string, details ...string) ledger.Event {
	e := ledger.Event{
		ID: ledger.NewID("evt"), At: s.now(), Actor: by.Account, Organisation: by.Organisation,
		Action: action, Object: object, Outcome: outcome,
	}
	if e.Actor == "" {
		e.Actor = Nobody
	}
	if len(by.Roles) > 0 {
		e.Role = string(by.Roles[0])
	}
	for i := 0; i+1 < len(details); i += 2 {
		if e.Details == nil {
			e.Details = map[string]string{}
		}
		e.Details[details[i]] = details[i+1]
	}
	return e
}

// one is the usual answer of a change: a single event.
func one(e ledger.Event) []ledger.Event { return []ledger.Event{e} }

// newToken returns 260 random bits, and what is stored of them.
func newToken() (token, hash string) {
	token = rand.Text() + rand.Text()
	return token, hashToken(token)
}

// hashToken needs no salt and no key: a token has more entropy than the hash.
func hashToken(token string) string {
	sum := sha256.Sum256([]byte(token))
	return hex.EncodeToString(sum[:])
}

// normalEmail is the form an address is compared in.
func normalEmail(address string) string { return mailaddress.Normal(address) }

// emailHash is what is stored of an address.
func (s *Service) emailHash(r Realm, address string) string {
	return s.Vault.Fingerprint("email:"+string(r), normalEmail(address))
}

// addressKey is what is stored of a network address.
func (s *Service) addressKey(address string) string { return s.Vault.Fingerprint("address", address) }

// hide turns "not found" of the store into want, and leaves other errors.
func hide(err, want error) error {
	if errors.Is(err, document.ErrNotFound) {
		return want
	}
	return err
}

// swap turns one refusal into another, and leaves other errors.
func swap(err, from, to error) error {
	if errors.Is(err, from) {
		return to
	}
	return err
}
