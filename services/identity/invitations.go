package identity

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/ledger"
)

// Invite is what an invitation says.
type Invite struct {
	Organisation string // "" for operators and auditors without a firm
	Name         string
	Email        string
	Roles        []Role
	Language     string // "nl" or "en"; "" means the organisation's
}

// Offer is an invitation as the invited person sees it.
type Offer struct {
	Organisation Organisation // zero for operators and auditors without a firm
	Person       Person
	Roles        []Role
	Language     string
	Expires      time.Time
	First        bool // the first operator, who gives the own address
	Known        bool // the address has an account already: join, do not accept
	Joined       bool // the account of this invitation is there: sign in, do nothing else
}

// Acceptance is how an invited person answers.
type Acceptance struct {
	Token    string
	Name     string // "" keeps the invited name
	Email    string // for the first operator only
	Password string
	Language string
}

// Invite invites a person. An admin invites into the own organisation; the
// operator invites admins into any, operators, and auditors without a firm. It
// needs a fresh factor. The answer is the same whether or not the address has
// an account somewhere else.
func (s *Service) Invite(ctx context.Context, by Actor, in Invite) (Invitation, error) {
	if err := s.mayInvite(by, in); err != nil {
		return Invitation{}, err
	}
	if in.Organisation != "" {
		org, err := s.Organisation(ctx, in.Organisation)
		if err != nil {
			return Invitation{}, err
		}
		if in.Language == "" {
			in.Language = org.Language
		}
	}
	return s.invite(ctx, by, in, "")
}

func (s *Service) mayInvite(by Actor, in Invite) error {
	if !invites(by, in.Organisation, in.Roles) {
		return strangerOr(in.Organisation == "" || by.Organisation == in.Organisation)
	}
	if !by.Strong(s.now()) {
		return ErrStepUp
	}
	return nil
}

// invite stores an invitation and sends it; account is the id of the account it
// will make, "" for a new one. It is a fault of kind Gone when all that shared
// the account have ended at this moment.
func (s *Service) invite(ctx context.Context, by Actor, in Invite, account string) (Invitation, error) {
	if in.Language == "" {
		in.Language = "nl"
	}
	if err := in.check(); err != nil {
		return Invitation{}, err
	}
	if account == "" {
		account = ledger.NewID("acc")
	}
	if err := s.Reaches(ctx, in.Email); err != nil {
		return Invitation{}, err
	}
	person := Person{Name: in.Name, Email: strings.TrimSpace(in.Email)}
	sealed, err := s.seal(ctx, account, person)
	if err != nil {
		return Invitation{}, err
	}
	token, now := rand.Text(), s.now()
	inv := Invitation{
		Meta: document.Meta{ID: ledger.NewID("inv")}, Organisation: in.Organisation, Account: account,
		Roles: slices.Clone(in.Roles), Email: s.emailHash(Staff, in.Email), Person: sealed, Language: in.Language,
		Token: hashToken(token), By: by.Account, Created: now, Expires: now.Add(s.Limits.Invitation), State: InvitationOpen,
	}
	ev := s.event(by, "invitation.send", inv.ID, ledger.Done, "organisation", in.Organisation, "roles", joinRoles(in.Roles))
	if err := s.Invitations.Create(ctx, &inv, ev); err != nil {
		return Invitation{}, fmt.Errorf("store an invitation: %w", err)
	}
	return inv, s.sendInvitation(ctx, inv, in.Email, token)
}

// Check refuses what would be refused of an invitation, before anybody is
// invited.
func (in Invite) Check() error { return in.check() }

func (in *Invite) check() error {
	in.Name = strings.TrimSpace(in.Name)
	var f fault.Form
	if !goodName(in.Name) {
		f.Refuse("name", "Give the person's name, in at most 120 characters.")
	}
	if err := checkEmail("email", in.Email); err != nil {
		f.Refuse("email", "This is not a complete e-mail address. It looks like name@example.nl.")
	}
	if !knownLanguage(in.Language) {
		f.Refuse("language", "Choose a language from the list.")
	}
	if len(in.Roles) == 0 {
		f.Refuse("roles", "Choose at least one role.")
	} else if err := checkRoles(in.Roles, in.Organisation); err != nil {
		f.Refuse("roles", "These roles do not go together, or do not fit this organisation.")
	}
	return f.Err()
}

func goodName(name string) bool {
	return !fault.Blank(name) && utf8.RuneCountInString(name) <= 120 && shorten(name, 120) == name
}

func (s *Service) sendInvitation(ctx context.Context, inv Invitation, email, token string) error {
	data := map[string]string{
		"link": s.link("/invitation/", token), "roles": joinRoles(inv.Roles),
		"expires": inv.Expires.Format(time.RFC3339),
	}
	if inv.Organisation != "" {
		org, err := s.Organisation(ctx, inv.Organisation)
		if err != nil {
			return err
		}
		data["organisation"] = org.Name
	}
	return s.post(ctx, Letter{Key: inv.ID, To: strings.TrimSpace(email), Language: inv.Language, Template: "invitation", Data: data})
}

// invites tells whether by may send such an invitation, and so withdraw it.
func invites(by Actor, organisation string, roles []Role) bool {
	operator := by.Is(Operator) && (organisation == "" || slices.Contains(roles, Admin))
	return operator || by.IsStaffOf(organisation, Admin)
}

// WithdrawInvitation ends an open invitation. Whoever may send such an
// invitation may; a foreign one is ErrNotFound.
func (s *Service) WithdrawInvitation(ctx context.Context, by Actor, id string) error {
	after, err := s.Invitations.Update(ctx, id, func(inv *Invitation) ([]ledger.Event, error) {
		if !invites(by, inv.Organisation, inv.Roles) {
			return nil, strangerOr(inv.Organisation != "" && by.Organisation == inv.Organisation)
		}
		if inv.State != InvitationOpen {
			return nil, ErrLink
		}
		inv.State, inv.Person = InvitationEnded, ""
		return one(s.event(by, "invitation.withdraw", inv.ID, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("withdraw an invitation: %w", hide(err, ErrNotFound))
	}
	return s.forgetInvited(ctx, after)
}

// Bootstrap makes the one-time secret for the first operator. It returns ""
// when there is an operator. Calling it again makes the earlier secret useless.
func (s *Service) Bootstrap(ctx context.Context) (link string, err error) {
	n, err := s.Accounts.Count(ctx, document.Query{Index: "operators", Equal: []any{true}, Limit: 1})
	if err != nil {
		return "", fmt.Errorf("look for an operator: %w", err)
	}
	if n > 0 {
		return "", nil
	}
	token, now := rand.Text(), s.now()
	inv := Invitation{
		Meta: document.Meta{ID: firstOperator}, Account: ledger.NewID("acc"), Roles: []Role{Operator}, Language: "nl",
		Token: hashToken(token), By: ledger.SystemActor, Created: now, Expires: now.Add(s.Limits.Invitation), State: InvitationOpen,
	}
	ev := s.event(System(), "invitation.send", inv.ID, ledger.Done, "roles", string(Operator))
	err = s.Invitations.Create(ctx, &inv, ev)
	if errors.Is(err, document.ErrTaken) {
		_, err = s.Invitations.Update(ctx, inv.ID, func(old *Invitation) ([]ledger.Event, error) {
			// The account's id stays: however many secrets were out, one operator.
			old.Token, old.Created, old.Expires, old.State = inv.Token, inv.Created, inv.Expires, InvitationOpen
			return one(ev), nil
		})
	}
	if err != nil {
		return "", fmt.Errorf("store the first invitation: %w", err)
	}
	return s.link("/invitation/", token), nil
}

// firstOperator is the id of the invitation that Bootstrap makes.
const firstOperator = "inv_first_operator"

// OpenInvitation shows an invitation to whoever holds its token, and changes
// nothing. Unknown is ErrNotFound; late, used or withdrawn is ErrLink.
func (s *Service) OpenInvitation(ctx context.Context, token string) (Offer, error) {
	inv, err := s.invitation(ctx, token)
	if err != nil {
		return Offer{}, err
	}
	o := Offer{Roles: inv.Roles, Language: inv.Language, Expires: inv.Expires, First: inv.ID == firstOperator}
	if o.Joined, err = s.exists(ctx, inv.Account); err != nil || o.Joined {
		return o, err
	}
	if o.Person, err = s.invited(ctx, inv); err != nil {
		return Offer{}, err
	}
	if inv.Email != "" {
		_, err := s.findEmail(ctx, Staff, o.Person.Email)
		if err != nil && !errors.Is(err, document.ErrNotFound) {
			return Offer{}, fmt.Errorf("find an account: %w", err)
		}
		o.Known = err == nil
	}
	if inv.Organisation != "" {
		o.Organisation, err = s.Organisation(ctx, inv.Organisation)
	}
	return o, err
}

func (s *Service) invitation(ctx context.Context, token string) (Invitation, error) {
	inv, err := s.Invitations.Find(ctx, "token", hashToken(token))
	if err != nil {
		return Invitation{}, fmt.Errorf("find an invitation: %w", hide(err, ErrNotFound))
	}
	if inv.State != InvitationOpen || !s.now().Before(inv.Expires) {
		return Invitation{}, ErrLink
	}
	return inv, nil
}

func (s *Service) invited(ctx context.Context, inv Invitation) (Person, error) {
	if inv.ID == firstOperator {
		return Person{}, nil
	}
	_, p, err := s.open(ctx, Account{Meta: document.Meta{ID: inv.Account}, Person: inv.Person})
	return p, err
}

// AcceptInvitation makes the account with the chosen password and opens a half
// session that may set up the first factor; only with that it becomes full. It
// works once. An address that has an account already is ErrTaken: its owner
// signs in and joins.
func (s *Service) AcceptInvitation(ctx context.Context, a Acceptance) (Entry, error) {
	inv, err := s.invitation(ctx, a.Token)
	if err != nil {
		return Entry{}, err
	}
	acc, p, err := s.accepted(ctx, inv, a)
	if err != nil {
		return Entry{}, err
	}
	if acc.Password, err = s.hasher.hash(ctx, a.Password); err != nil {
		return Entry{}, err
	}
	if acc.Person, err = s.seal(ctx, acc.ID, p); err != nil {
		return Entry{}, err
	}
	by := Actor{Account: acc.ID, Organisation: acc.Organisation, Roles: acc.Roles}
	// The invitation decides who of thirty at once is the one; a crash after it
	// costs a new invitation, and never makes two accounts of one.
	if err := s.close(ctx, by, inv); err != nil {
		return Entry{}, err
	}
	err = s.Accounts.Create(ctx, &acc, s.event(by, "account.create", acc.ID, ledger.Done, "roles", joinRoles(acc.Roles)))
	if err != nil {
		return Entry{}, fmt.Errorf("make an account: %w", swap(err, document.ErrTaken, ErrTaken))
	}
	return s.start(ctx, acc, Half, ProofPassword, ProofLink)
}

// accepted is the account that accepting makes, when the answer is in order.
func (s *Service) accepted(ctx context.Context, inv Invitation, a Acceptance) (Account, Person, error) {
	p, err := s.invited(ctx, inv)
	if err != nil {
		return Account{}, Person{}, err
	}
	if a.Name = strings.TrimSpace(a.Name); a.Name != "" || inv.ID == firstOperator {
		if !goodName(a.Name) {
			return Account{}, Person{}, errInput.At("name", "Give your name, in at most 120 characters.")
		}
		p.Name = a.Name
	}
	if inv.ID == firstOperator {
		if err := checkEmail("email", a.Email); err != nil {
			return Account{}, Person{}, err
		}
		p.Email, inv.Email = strings.TrimSpace(a.Email), s.emailHash(Staff, a.Email)
	}
	_, err = s.findEmail(ctx, Staff, p.Email)
	if err == nil {
		return Account{}, Person{}, ErrTaken
	}
	if !errors.Is(err, document.ErrNotFound) {
		return Account{}, Person{}, fmt.Errorf("find an account: %w", err)
	}
	organisation, err := s.organisationName(ctx, inv.Organisation)
	if err != nil {
		return Account{}, Person{}, err
	}
	if err := checkPassword("password", a.Password, s.Product, organisation, p.Name, p.Email); err != nil {
		return Account{}, Person{}, err
	}
	acc := Account{
		Meta: document.Meta{ID: inv.Account}, Organisation: inv.Organisation, Realm: Staff, Roles: inv.Roles,
		Operator: slices.Contains(inv.Roles, Operator), Email: inv.Email, Language: inv.Language, Created: s.now(),
	}
	if knownLanguage(a.Language) {
		acc.Language = a.Language
	}
	return acc, p, nil
}

func (s *Service) organisationName(ctx context.Context, id string) (string, error) {
	if id == "" {
		return "", nil
	}
	org, err := s.Organisation(ctx, id)
	return org.Name, err
}

// close uses the invitation up: the second call is ErrLink, whoever makes it.
func (s *Service) close(ctx context.Context, by Actor, inv Invitation) error {
	_, err := s.Invitations.Update(ctx, inv.ID, func(x *Invitation) ([]ledger.Event, error) {
		if x.State != InvitationOpen || x.Token != inv.Token {
			return nil, ErrLink
		}
		x.State, x.Person = InvitationAccepted, ""
		return one(s.event(by, "invitation.accept", x.ID, ledger.Done)), nil
	})
	if err != nil {
		return fmt.Errorf("close an invitation: %w", err)
	}
	return nil
}

// JoinInvitation moves the person who is signed in, and whom the invitation
// was sent to, into its organisation with its roles. What they could do before
// ends at once, and so do all their sessions. It needs a fresh factor.
func (s *Service) JoinInvitation(ctx context.Context, by Actor, token string) error {
	inv, err := s.invitation(ctx, token)
	if err != nil {
		return err
	}
	_, acc, err := s.self(ctx, by)
	if err != nil {
		return err
	}
	_, person, err := s.open(ctx, acc)
	if err != nil {
		return err
	}
	if acc.Realm != Staff || acc.Operator || inv.Email == "" || !slices.Contains(s.emailHashes(Staff, person.Email), inv.Email) {
		return ErrNotFound
	}
	if inv.Account == acc.ID {
		return ErrLink // answered by an invitation to the same account
	}
	if !by.Strong(s.now()) {
		return ErrStepUp
	}
	if err := s.close(ctx, by, inv); err != nil {
		return err
	}
	_, err = s.Accounts.Update(ctx, acc.ID, func(a *Account) ([]ledger.Event, error) {
		from := a.Organisation
		a.Organisation, a.Roles, a.Operator = inv.Organisation, slices.Clone(inv.Roles), slices.Contains(inv.Roles, Operator)
		a.Epoch++
		return one(s.event(by, "account.move", a.ID, ledger.Done, "from", from, "to", inv.Organisation, "roles", joinRoles(inv.Roles))), nil
	})
	if err != nil {
		return fmt.Errorf("move an account: %w", err)
	}
	return s.forgetInvited(ctx, inv) // only the invited name was under it
}
