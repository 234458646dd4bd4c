package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"math/big"
	"strconv"
	"strings"
	"time"

	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/mailaddress"
	"inzage/services/vault"
)

// CodeRequest asks for a code to an e-mail address.
type CodeRequest struct {
	Purpose  string // an enumerated value, e.g. "file"
	Object   string // what the code is bound to, e.g. a request
	Email    string
	Language string
	Address  string // the client's network address
}

// Proof says that somebody reads the mail of an address. Only CheckCode makes one.
type Proof struct {
	purpose, object, email string
}

// Object is what the proven code was bound to.
func (p Proof) Object() string { return p.object }

// Email is the address that was proven.
func (p Proof) Email() string { return p.email }

// Proves tells whether the proof is for this purpose and object.
func (p Proof) Proves(purpose, object string) bool {
	return p.email != "" && p.purpose == purpose && p.object == object
}

// SendCode sends a code of six digits, good for ten minutes and three tries,
// bound to the purpose, the object and the address. An earlier one stops
// working. Too many codes to one address, or asked from one, are TooMany.
func (s *Service) SendCode(ctx context.Context, r CodeRequest) error {
	a, err := s.AdmitCode(ctx, r)
	if err != nil {
		return err
	}
	return s.sendCode(ctx, r, a.email)
}

func (s *Service) sendCode(ctx context.Context, r CodeRequest, hash string) error {
	n, err := rand.Int(rand.Reader, big.NewInt(1_000_000))
	if err != nil {
		return fmt.Errorf("draw a code: %w", err)
	}
	plain := fmt.Sprintf("%06d", n.Int64())
	c := s.newCode(r, hash, plain)
	sent := s.event(subjectOf(r.Object), "code.send", c.ID, ledger.Done, "purpose", r.Purpose)
	err = s.Codes.Create(ctx, &c, sent)
	if errors.Is(err, document.ErrTaken) {
		// The one that was sent before has the same id, so that it is replaced.
		_, err = s.Codes.Update(ctx, c.ID, func(old *Code) ([]ledger.Event, error) {
			meta := old.Meta
			*old = c
			old.Meta = meta
			return one(sent), nil
		})
	}
	if err != nil {
		return fmt.Errorf("store a code: %w", err)
	}
	return s.post(ctx, Letter{
		Key: c.Turn, To: strings.TrimSpace(r.Email), Language: r.Language, Template: "code",
		Data: map[string]string{"code": plain, "minutes": strconv.Itoa(int(s.Limits.CodeLife.Minutes())), "purpose": r.Purpose},
	})
}

// CheckCode checks a code that SendCode sent for the same purpose, object and
// address, and uses it up. A wrong, late, used or replaced code, and a fourth
// try, are ErrCode.
func (s *Service) CheckCode(ctx context.Context, r CodeRequest, code string) (Proof, error) {
	hash := s.emailHash(Subjects, r.Email)
	c, err := s.Codes.Get(ctx, s.codeID(r, hash))
	if errors.Is(err, document.ErrNotFound) {
		return Proof{}, s.refuse(ctx, ErrCode, s.codeRefusal(r))
	}
	if err != nil {
		return Proof{}, fmt.Errorf("read a code: %w", err)
	}
	allowed, err := s.tryCode(ctx, c)
	if err != nil {
		return Proof{}, err
	}
	if !allowed || s.codeHash(c.ID, c.Turn, strings.Join(strings.Fields(code), "")) != c.Secret {
		return Proof{}, s.refuse(ctx, ErrCode, s.codeRefusal(r))
	}
	_, err = s.Codes.Update(ctx, c.ID, func(x *Code) ([]ledger.Event, error) {
		if x.Turn != c.Turn || x.Used || !s.now().Before(x.Expires) {
			return nil, ErrCode
		}
		x.Used = true
		return one(s.event(subjectOf(r.Object), "code.accept", x.ID, ledger.Done, "purpose", r.Purpose)), nil
	})
	if errors.Is(err, ErrCode) {
		return Proof{}, s.refuse(ctx, ErrCode, s.codeRefusal(r))
	}
	if err != nil {
		return Proof{}, fmt.Errorf("use a code: %w", err)
	}
	return Proof{purpose: r.Purpose, object: r.Object, email: strings.TrimSpace(r.Email)}, nil
}

// tryCode counts a try, or says that none is left.
func (s *Service) tryCode(ctx context.Context, c Code) (bool, error) {
	_, err := s.Codes.Touch(ctx, c.ID, func(x *Code) error {
		if x.Turn != c.Turn || x.Used || x.Tries >= s.Limits.CodeTries {
			return errShut
		}
		x.Tries++
		return nil
	})
	if err != nil && !errors.Is(err, errShut) {
		return false, fmt.Errorf("count a try: %w", err)
	}
	return err == nil, nil
}

func (s *Service) newCode(r CodeRequest, emailHash, plain string) Code {
	now := s.now()
	c := Code{
		Meta:    document.Meta{ID: s.codeID(r, emailHash)},
		Purpose: r.Purpose, Object: r.Object, Email: emailHash,
		Turn: ledger.NewID("trn"), Created: now, Expires: now.Add(s.Limits.CodeLife),
	}
	c.Secret = s.codeHash(c.ID, c.Turn, plain)
	return c
}

// codeID is the same for every code of one purpose, object and address.
func (s *Service) codeID(r CodeRequest, emailHash string) string {
	return "cod_" + s.Vault.Fingerprint("code-id", r.Purpose+"\x00"+r.Object+"\x00"+emailHash)
}

// codeHash is keyed: a million codes are soon tried on a plain hash.
func (s *Service) codeHash(id, turn, plain string) string {
	return s.Vault.Fingerprint("code", id+"\x00"+turn+"\x00"+plain)
}

func (s *Service) codeRefusal(r CodeRequest) ledger.Event {
	return s.event(subjectOf(r.Object), "code.refuse", s.codeID(r, s.emailHash(Subjects, r.Email)), ledger.Refused, "purpose", r.Purpose)
}

// subjectOf is who acts with nothing but a request's code or link.
func subjectOf(object string) Actor {
	if object == "" {
		return Actor{}
	}
	return Actor{Account: "subject:" + object, Roles: []Role{Subject}}
}

// maySend counts a letter that anybody can ask for.
func (s *Service) maySend(ctx context.Context, emailHash, address string) error {
	return s.admit(ctx, s.strangers(emailHash, address))
}

// LinkRequest asks for a link.
type LinkRequest struct {
	Purpose string // an enumerated value, e.g. "request"
	Object  string // what it opens; it must have a key in the vault when Email is given
	Account string // whom it is for, when they have an account
	Email   string // to whom a code is sent when the link is opened; "" for none
	Life    time.Duration
}

// Link is a link that was opened. Opening changes nothing.
type Link struct {
	ID, Purpose, Object, Account string
	Expires                      time.Time
	code                         Code
}

// IssueLink makes a link and returns its token (130 bits), which is stored
// only as a hash. The caller puts it into a letter and forgets it.
func (s *Service) IssueLink(ctx context.Context, by Actor, r LinkRequest) (token string, err error) {
	token = rand.Text()
	now := s.now()
	c := Code{
		Meta: document.Meta{ID: ledger.NewID("lnk")}, Purpose: r.Purpose, Object: r.Object, Account: r.Account,
		Secret: hashToken(token), Created: now, Expires: now.Add(r.Life),
	}
	if r.Email != "" {
		if c.Email, c.Address, err = s.sealAddress(ctx, c, r.Email); err != nil {
			return "", err
		}
	}
	if err := s.Codes.Create(ctx, &c, s.event(by, "link.issue", c.ID, ledger.Done, "purpose", r.Purpose, "for", r.Object)); err != nil {
		return "", fmt.Errorf("issue a link: %w", err)
	}
	return token, nil
}

func (s *Service) sealAddress(ctx context.Context, c Code, email string) (string, vault.Sealed, error) {
	key, err := s.Vault.Key(ctx, c.Object)
	if err != nil {
		return "", "", fmt.Errorf("read the key of %s: %w", c.Object, err)
	}
	sealed, err := key.Seal("link:"+c.ID, []byte(strings.TrimSpace(email)))
	return s.emailHash(Subjects, email), sealed, err
}

// OpenLink looks at a link and changes nothing, so that a mail scanner may
// follow it. An unknown token is ErrNotFound, a late or used one ErrLink.
func (s *Service) OpenLink(ctx context.Context, purpose, token string) (Link, error) {
	c, err := s.Codes.Find(ctx, "secret", hashToken(token))
	if err != nil {
		return Link{}, fmt.Errorf("find a link: %w", hide(err, ErrNotFound))
	}
	if c.Purpose != purpose {
		return Link{}, ErrNotFound
	}
	if c.Used || !s.now().Before(c.Expires) {
		return Link{}, ErrLink
	}
	return Link{ID: c.ID, Purpose: c.Purpose, Object: c.Object, Account: c.Account, Expires: c.Expires, code: c}, nil
}

// UseLink uses a link up: the second call is ErrLink, whoever makes it.
func (s *Service) UseLink(ctx context.Context, by Actor, purpose, token string) (Link, error) {
	l, err := s.OpenLink(ctx, purpose, token)
	if err != nil {
		return Link{}, err
	}
	_, err = s.Codes.Update(ctx, l.ID, func(c *Code) ([]ledger.Event, error) {
		if c.Used || !s.now().Before(c.Expires) {
			return nil, ErrLink
		}
		c.Used = true
		return one(s.event(by, "link.use", c.ID, ledger.Done, "purpose", purpose)), nil
	})
	if err != nil {
		return Link{}, fmt.Errorf("use a link: %w", hide(err, ErrNotFound))
	}
	return l, nil
}

// EndLinks makes every link and code that is bound to the object useless: when
// a request is withdrawn or shredded, or a person's factors are reset again.
func (s *Service) EndLinks(ctx context.Context, by Actor, object string) error {
	q := document.Query{Index: "object", Equal: []any{object}, Limit: 100}
	for {
		page, err := s.Codes.List(ctx, q)
		if err != nil {
			return fmt.Errorf("list the links of %s: %w", object, err)
		}
		for _, row := range page.Rows {
			_, err := s.Codes.Update(ctx, row.ID, func(c *Code) ([]ledger.Event, error) {
				if c.Used {
					return nil, nil
				}
				c.Used, c.Address = true, ""
				return one(s.event(by, "link.end", c.ID, ledger.Done, "purpose", c.Purpose)), nil
			})
			if err != nil && !errors.Is(err, document.ErrNotFound) {
				return fmt.Errorf("end a link: %w", err)
			}
		}
		if q.After = page.Next; q.After == "" {
			return nil
		}
	}
}

func (s *Service) post(ctx context.Context, l Letter) error {
	if l.Language == "" {
		l.Language = "nl"
	}
	if err := s.Post.Post(ctx, l); err != nil {
		return fmt.Errorf("post the letter %s: %w", l.Template, err)
	}
	return nil
}

// link is the address of a page that takes a token.
func (s *Service) link(path, token string) string {
	return strings.TrimSuffix(s.Origin, "/") + path + token
}

// ValidAddress tells whether mail can be sent to this.
func ValidAddress(address string) bool { return checkEmail("email", address) == nil }

// checkEmail refuses what cannot be an address. Whether it is one, a code shows.
func checkEmail(field, address string) error {
	a := strings.TrimSpace(address)
	local, domain, ok := strings.Cut(a, "@")
	bad := !ok || local == "" || len(a) > 254 || strings.Contains(domain, "@") || !strings.Contains(domain, ".") ||
		strings.HasPrefix(domain, ".") || strings.HasSuffix(domain, ".") || strings.ContainsFunc(a, unfit) || !mailaddress.Possible(a)
	if bad {
		return errInput.At(field, "This is not a complete e-mail address. It looks like name@example.nl.")
	}
	return nil
}

// unfit characters have a meaning in mail headers and address lists.
func unfit(r rune) bool {
	return r <= ' ' || r == 0x7f || strings.ContainsRune(`<>()[],;:\"`, r)
}
