package requests

import (
	"cmp"
	"context"
	"crypto/sha256"
	"crypto/subtle"
	"fmt"
	"strconv"
	"strings"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// Holder is what is known of whoever holds the e-mail address of a request. An
// address that staff typed may be anybody's: it opens nothing until its holder
// has also given the word from the letter, or the desk has settled who the
// person is. The zero value is that of an address as it was first given.
type Holder struct {
	// Typed is true when the desk put another address in the place of the first.
	Typed bool `json:"typed,omitempty"`
	// Proven is when the holder gave the word.
	Proven *time.Time `json:"proven,omitempty"`
	// Since is when the present address was put in the place of another.
	Since *time.Time `json:"since,omitempty"`
	// Link counts the addresses: the private link of an earlier one is dead.
	Link int `json:"link,omitempty"`
	// Turn counts the words; the latest is good. Tries are the wrong ones since it was made.
	Turn  int `json:"turn,omitempty"`
	Tries int `json:"tries,omitempty"`
	// Was is the address before, so that it can be told that it is out of use.
	Was vault.Sealed `json:"was,omitempty"`
}

// WordTries is how many wrong words are looked at; after them the desk makes a new word.
const WordTries = 5

const wordPurpose = "holder-word"

// Held tells whether whoever reads the mail of the request's address may be
// taken for the person. The address of the portal's own form was proven by who
// filled it in. One that staff typed needs the word of the letter, or an
// identity question about this address that the desk settled as sufficient; so
// do those of earlier stores, where nobody asked for a word.
func (r *Request) Held() bool {
	typed := r.Holder.Typed || r.Channel == Email || r.Channel == Letter || r.Channel == Phone
	if !typed || r.Holder.Proven != nil {
		return true
	}
	for _, q := range r.Identity {
		if q.Enough && q.Settled != nil && (r.Holder.Since == nil || q.Asked.After(*r.Holder.Since)) {
			return true
		}
	}
	return false
}

// LinkOf is what the private link of the request, and the codes that go with
// it, are bound to: another one for each address.
func (r *Request) LinkOf() string {
	if r.Holder.Link == 0 {
		return r.ID
	}
	return r.ID + "." + strconv.Itoa(r.Holder.Link)
}

// Word is the word that the letter about the request shows: fifty bits that
// nobody can make without the portal's key, and that are stored nowhere but in
// the sealed letter. Both parts of a split filing have the same one.
func (s *Service) Word(r Request) string {
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	sum := sha256.Sum256([]byte(s.Vault.Fingerprint(wordPurpose, cmp.Or(r.SplitFrom, r.ID)+"\x00"+strconv.Itoa(r.Holder.Turn))))
	b := make([]byte, 10)
	for i := range b {
		b[i] = letters[int(sum[i])%len(letters)]
	}
	return fmt.Sprintf("%s-%s", b[:5], b[5:])
}

// plainWord is a typed word without what people put between its letters.
func plainWord(text string) string {
	return strings.Map(func(c rune) rune {
		if c >= '0' && c <= '9' || c >= 'A' && c <= 'Z' {
			return c
		}
		return -1
	}, strings.ToUpper(text))
}

// The refusals of a word.
var (
	errWord      = fault.New(fault.Invalid, "This is not the word from the letter. Ask for a new code, and type the word again.").At("word", "This is not the word from the letter. Ask for a new code, and type the word again.")
	errWordsOver = fault.New(fault.Invalid, "There were too many wrong words. Ask the organisation for a letter with a new word.").At("word", "There were too many wrong words. Ask the organisation for a letter with a new word.")
)

// Admit lets in whoever has opened the private link of a request and proven its
// address. For an address that staff typed they need the word from the letter
// too; each try is counted before it is looked at, in one step, so that many at
// once are no more than as many one after the other. It comes before a session
// is begun: without it the holder of an address learns and enrols nothing.
func (s *Service) Admit(ctx context.Context, id string, proof identity.Proof, word string) (Request, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, err
	}
	by := identity.Actor{Account: "subject:" + r.ID, Roles: []identity.Role{identity.Subject}}
	if r.State == Unconfirmed || !proof.Proves(identity.LinkRequestPage, r.LinkOf()) || r.MailHash != s.Vault.Fingerprint(mailPurpose, NormalEmail(proof.Email())) {
		return Request{}, s.refused(ctx, by, "request.admit", id, ErrNotFound)
	}
	if r.Held() {
		return r, nil
	}
	var refusal error
	r, err = s.Requests.Update(ctx, id, func(r *Request) ([]ledger.Event, error) {
		refusal = nil
		if !proof.Proves(identity.LinkRequestPage, r.LinkOf()) {
			return nil, ErrNotFound
		}
		if r.Held() {
			return nil, nil
		}
		if r.Holder.Tries >= WordTries {
			return nil, errWordsOver
		}
		ev := s.event(by, "request.admit", r.ID, nil)
		if subtle.ConstantTimeCompare([]byte(plainWord(word)), []byte(plainWord(s.Word(*r)))) != 1 {
			r.Holder.Tries++
			if refusal = errWord; r.Holder.Tries == WordTries {
				refusal = errWordsOver
			}
			ev.Outcome = ledger.Refused
			return []ledger.Event{ev}, nil
		}
		now := s.now()
		r.Holder.Proven = &now
		return []ledger.Event{ev}, nil
	})
	if err != nil {
		return Request{}, s.refused(ctx, by, "request.admit", id, err)
	}
	return r, refusal
}

// RenewWord makes a new word, for a letter that did not arrive or after too
// many wrong ones. The letter with it follows from the ledger.
func (s *Service) RenewWord(ctx context.Context, by identity.Actor, id string) (Request, error) {
	return s.change(ctx, by, id, NewWord, func(r *Request) (details, error) {
		if r.MailHash == "" || r.Held() {
			return nil, ErrMoved
		}
		r.Holder.Turn++
		r.Holder.Tries = 0
		return nil, nil
	})
}

// CorrectAddress puts another address in the place of the request's, by the
// desk; "" leaves the person without one. The old one is cut off at once: its
// account, its private link and its codes open nothing of this request any
// more, and mail to it that waits does not leave. The new one is typed by
// staff, so it needs the word of a new letter.
func (s *Service) CorrectAddress(ctx context.Context, by identity.Actor, id, email string) (Request, error) {
	if _, err := s.reach(ctx, by, id, ChangeAddress); err != nil {
		return Request{}, err
	}
	email = strings.TrimSpace(email)
	if email != "" && !ValidEmail(email) {
		return Request{}, fault.New(fault.Invalid, "Some answers need another look.").At("email", "Fill in a complete e-mail address, like name@example.org.")
	}
	return s.readdress(ctx, by, id, ChangeAddress, email, func(r *Request, now time.Time) {
		r.Account, r.Holder.Typed, r.Holder.Proven = "", true, nil
		r.Holder.Turn++
	})
}

// MovePurpose is the purpose of the code with which a person proves the
// address that the request goes on under; it is bound to the request's link.
const MovePurpose = "address"

// CheckMove refuses who may not put another address in the place of the one
// they are signed in with: they must be the person of the request, and where
// their account has a second factor, have used it just now; or else whoever
// reads the old mail could walk around that factor.
func (s *Service) CheckMove(ctx context.Context, by identity.Actor, id string) (Request, error) {
	r, err := s.reach(ctx, by, id, MoveAddress)
	if err != nil {
		return Request{}, err
	}
	factor, err := s.Directory.HasFactor(ctx, by.Account)
	if err != nil {
		return Request{}, err
	}
	if factor {
		if err := s.strong(ctx, by, "request."+string(MoveAddress), id); err != nil {
			return Request{}, err
		}
	}
	return r, nil
}

// Move puts an address that the person has proven in the place of the one they
// are signed in with. The request belongs to the account of the new address then.
func (s *Service) Move(ctx context.Context, by identity.Actor, id string, proof identity.Proof) (Request, error) {
	r, err := s.CheckMove(ctx, by, id)
	if err != nil {
		return Request{}, err
	}
	if !proof.Proves(MovePurpose, r.LinkOf()) {
		return Request{}, s.refused(ctx, by, "request."+string(MoveAddress), id, ErrNotFound)
	}
	p, err := s.person(ctx, &r)
	if err != nil {
		return Request{}, err
	}
	name := p.Name
	if p.Representative != nil {
		name = p.Representative.Name
	}
	account, err := s.Directory.EnsureSubject(ctx, proof, name, r.Language)
	if err != nil {
		return Request{}, err
	}
	return s.readdress(ctx, by, id, MoveAddress, proof.Email(), func(r *Request, now time.Time) {
		// Who had opened the request proved the new address themselves.
		r.Account, r.Holder.Proven = account, &now
	})
}

// readdress is the one way to another address after receipt.
func (s *Service) readdress(ctx context.Context, by identity.Actor, id string, a Action, email string, then func(*Request, time.Time)) (Request, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, err
	}
	p, err := s.person(ctx, &r)
	if err != nil {
		return Request{}, err
	}
	z, err := s.sealer(ctx, id)
	if err != nil {
		return Request{}, err
	}
	if NormalEmail(p.Email) == NormalEmail(email) {
		return Request{}, fault.New(fault.Invalid, "Some answers need another look.").At("email", "This is the address that the request has already.")
	}
	was := z.Text("address", p.Email)
	p.Email = email
	sealed, hash := z.JSON("person", p), ""
	if z.Err != nil {
		return Request{}, z.Err
	}
	if email != "" {
		hash = s.Vault.Fingerprint(mailPurpose, NormalEmail(email))
	}
	now, old, link, before := s.now(), r.Account, r.Holder.Link, r.Person
	after, err := s.change(ctx, by, id, a, func(r *Request) (details, error) {
		if r.Holder.Link != link || r.Person != before {
			return nil, ErrMoved // somebody else changed it at the same moment
		}
		r.Person, r.MailHash = sealed, hash
		r.Holder.Was, r.Holder.Since, r.Holder.Tries = was, &now, 0
		r.Holder.Link++
		then(r, now)
		return details{"address": strconv.Itoa(r.Holder.Link)}, nil
	})
	if err != nil {
		return Request{}, err
	}
	if old != after.Account {
		err = s.forget(ctx, old)
	}
	return after, err
}

// AddressBefore is the address that another one was put in the place of.
func (s *Service) AddressBefore(ctx context.Context, r Request) (string, error) {
	if r.Holder.Was == "" {
		return "", nil
	}
	key, err := s.Vault.Key(ctx, r.ID)
	if err != nil {
		return "", err
	}
	o := vault.Opener{Key: key}
	was := o.Text("address", r.Holder.Was)
	return was, o.Err
}
