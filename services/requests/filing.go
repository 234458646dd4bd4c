package requests

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"net/mail"
	"slices"
	"strings"
	"time"
	"unicode"
	"unicode/utf8"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/mailaddress"
	"inzage/services/vault"
)

// Filing is what a data subject, or staff on their behalf, fills in.
type Filing struct {
	// Organisation at which the request arrives.
	Organisation string `json:"organisation"`
	// Controller chosen by the filer when the organisation is a processor; "" when unknown.
	Controller string `json:"controller,omitempty"`
	// About is the organisation in the filer's words, when it was not in the list.
	About string `json:"about,omitempty"`
	// Unknown is true when the filer said that they do not know the controller.
	Unknown  bool            `json:"unknown,omitempty"`
	Rights   []Right         `json:"rights"`
	Asked    map[Right]Asked `json:"asked"`
	Person   Person          `json:"person"`
	Language string          `json:"language"`
}

// Bounds on text, in characters.
const (
	maxName = 200
	maxText = 10_000
)

// Check refuses a filing that a data subject cannot send yet, naming each
// field: "rights", "about", the right and the part ("access_what"), the fields
// of the person.
func (f *Filing) Check() error { return f.checked(true) }

// checked refuses a filing that cannot be a request, naming each field.
func (f *Filing) checked(mailNeeded bool) error {
	var form fault.Form
	if len(f.Rights) == 0 {
		form.Refuse("rights", "Choose at least one thing that you want to ask.")
	}
	seen := map[Right]bool{}
	for _, r := range f.Rights {
		if !Known(r) || seen[r] {
			form.Refuse("rights", "Choose from the list, each one once.")
			break
		}
		seen[r] = true
	}
	f.checkAsked(&form)
	f.checkPerson(&form, mailNeeded)
	if utf8.RuneCountInString(f.About) > maxName {
		form.Refuse("about", "Use at most 200 characters here.")
	}
	return form.Err()
}

func (f *Filing) checkAsked(form *fault.Form) {
	for _, r := range f.Rights {
		a := f.Asked[r]
		at := func(part string) string { return string(r) + "_" + part }
		if fault.Blank(a.What) {
			form.Refuse(at("what"), whatIsMissing[r])
		}
		if r == Rectification && fault.Blank(a.Into) {
			form.Refuse(at("into"), "Say what the data should become.")
		}
		for _, p := range []struct{ part, text string }{{"what", a.What}, {"into", a.Into}, {"period", a.Period}, {"to", a.To}, {"reason", a.Reason}} {
			if utf8.RuneCountInString(p.text) > maxText {
				form.Refuse(at(p.part), "This is too long. Use at most 10,000 characters, or add the rest as a file.")
			}
		}
	}
}

var whatIsMissing = map[Right]string{
	Access:        "Say which data you want to see. You may write: everything.",
	Rectification: "Say which data are wrong or incomplete.",
	Erasure:       "Say which data you want us to erase. You may write: everything.",
	Restriction:   "Say which data we should not use for now, and why.",
	Portability:   "Say which data you want to take with you.",
	Objection:     "Say which use of your data you object to.",
}

func (f *Filing) checkPerson(form *fault.Form, mailNeeded bool) {
	p := f.Person
	if fault.Blank(p.Name) {
		form.Refuse("name", "Fill in your name.")
	}
	short := []struct{ field, text string }{{"name", p.Name}, {"phone", p.Phone}, {"identifiers", p.Identifiers}}
	if p.Representative != nil {
		short = append(short, struct{ field, text string }{"representative_name", p.Representative.Name},
			struct{ field, text string }{"representative_capacity", p.Representative.Capacity})
	}
	for _, s := range short {
		if utf8.RuneCountInString(s.text) > maxName {
			form.Refuse(s.field, "Use at most 200 characters here.")
		}
		if strings.ContainsFunc(s.text, unicode.IsControl) {
			form.Refuse(s.field, "Write this on one line, without tabs or invisible signs.")
		}
	}
	if mailNeeded || p.Email != "" {
		if !ValidEmail(p.Email) {
			form.Refuse("email", "Fill in a complete e-mail address, like name@example.org.")
		}
	}
	if rep := p.Representative; rep != nil {
		if fault.Blank(rep.Name) {
			form.Refuse("representative_name", "Fill in the name of the person who acts on their behalf.")
		}
		if fault.Blank(rep.Capacity) {
			form.Refuse("representative_capacity", "Say in which capacity: parent, guardian, lawyer, or other.")
		}
	}
}

// ValidEmail tells whether it is one plain e-mail address of reasonable length,
// at a name: mail to the address of a machine does not arrive.
func ValidEmail(s string) bool {
	a, err := mail.ParseAddress(s)
	return err == nil && a.Address == s && len(s) <= 254 && strings.Contains(s[strings.LastIndex(s, "@"):], ".") &&
		!strings.ContainsAny(s, " \"[") && !strings.ContainsFunc(s, unicode.IsControl) && mailaddress.Possible(s)
}

// NormalEmail is the form of an address that look-ups are made by.
func NormalEmail(s string) string { return mailaddress.Normal(s) }

// mailHashes are all under which requests of an address may be found: what is
// stored now first, then what was before domains were compared as the DNS has them.
func (s *Service) mailHashes(email string) []string {
	var all []string
	for _, form := range mailaddress.Forms(email) {
		all = append(all, s.Vault.Fingerprint(mailPurpose, form))
	}
	return all
}

// isOf tells whether what is stored of an address is of this one.
func (s *Service) isOf(hash, email string) bool {
	return hash != "" && slices.Contains(s.mailHashes(email), hash)
}

// reaches refuses an address that the portal's mail server does not take.
func (s *Service) reaches(ctx context.Context, email string) error {
	d, ok := s.Directory.(interface {
		Reaches(ctx context.Context, email string) error
	})
	if !ok || email == "" {
		return nil
	}
	return d.Reaches(ctx, email)
}

// Submit makes an unconfirmed request of a filing by a data subject. The id is
// the draft's, so that a second submit of the same draft changes nothing and
// returns the first one's request.
func (s *Service) Submit(ctx context.Context, id string, f Filing, attachments []File) (Request, error) {
	return s.submit(ctx, id, s.Vault.Create, f, attachments)
}

// submit is Submit with the way to the request's key.
func (s *Service) submit(ctx context.Context, id string, keyOf func(context.Context, string) (vault.Key, error), f Filing, attachments []File) (Request, error) {
	if err := f.checked(true); err != nil {
		return Request{}, err
	}
	org, err := s.Directory.Organisation(ctx, f.Organisation)
	if err != nil {
		return Request{}, err
	}
	if err := s.reaches(ctx, f.Person.Email); err != nil {
		return Request{}, err
	}
	key, err := keyOf(ctx, id)
	if err != nil {
		return Request{}, err
	}
	r, err := s.build(ctx, id, key, f, org)
	if err != nil {
		return Request{}, err
	}
	now := s.now()
	r.State, r.Channel, r.Received, r.Attachments = Unconfirmed, Portal, now, attachments
	r.Claimed, r.MailHash = r.MailHash, ""
	clock, err := s.reader(ctx, &r, org)
	if err != nil {
		return Request{}, err
	}
	r.settle(clock, now)
	err = s.Requests.Create(ctx, &r, s.event(identity.Actor{}, "request.file", r.ID,
		details{"rights": joined(r.Rights()), "channel": string(Portal), "organisation": f.Organisation}))
	if errors.Is(err, document.ErrTaken) {
		return s.Requests.Get(ctx, id)
	}
	return r, err
}

// build makes the request of a filing at an organisation, sealed, without state or clock.
func (s *Service) build(ctx context.Context, id string, key vault.Key, f Filing, at identity.Organisation) (Request, error) {
	z := vault.Sealer{Key: key}
	f.Person.Email = strings.TrimSpace(f.Person.Email)
	r := Request{Reference: newReference(), Entered: s.now(), Language: f.Language, Open: true,
		Person: z.JSON("person", f.Person), About: z.Text("about", f.About)}
	r.ID = id
	if f.Person.Email != "" {
		r.MailHash = s.Vault.Fingerprint(mailPurpose, NormalEmail(f.Person.Email))
	}
	if r.Language != "en" {
		r.Language = "nl"
	}
	for _, right := range Rights() {
		if slices.Contains(f.Rights, right) {
			r.Items = append(r.Items, Item{Right: right, Asked: z.JSON("asked", f.Asked[right])})
		}
	}
	if err := s.place(ctx, &r, at, f.Controller); err != nil {
		return Request{}, err
	}
	return r, z.Err
}

// place sets where the request arrived. An organisation that processes for
// others receives as processor; one that only decides receives as controller.
// Which it is, is said by the agreements that it agreed to itself.
func (s *Service) place(ctx context.Context, r *Request, org identity.Organisation, controller string) error {
	r.Desk = org.ID
	serves, err := s.Agreements.Serves(ctx, org.ID, s.now())
	if err != nil {
		return err
	}
	own := controller == org.ID
	if !serves || own {
		r.ArrivedAt, r.Controller, r.Decides = Controller, org.ID, Controller
		return nil
	}
	r.ArrivedAt, r.Processor = Processor, org.ID
	if controller == "" {
		return nil
	}
	a, err := s.Agreements.Between(ctx, controller, org.ID, s.now())
	if isNotFound(err) {
		return fault.New(fault.Invalid, "Some answers need another look.").At("controller", "Choose an organisation from the list, or say that you do not know.")
	}
	if err != nil {
		return err
	}
	r.Controller, r.Agreement, r.AgreementVersion = controller, a.ID, a.Version
	return nil
}

// ConfirmPurpose is what the e-mail code that confirms a filing is for; it is
// bound to the request.
const ConfirmPurpose = "file"

// Confirm makes the request of an unconfirmed one: the e-mail address is
// proven, the data subject's account follows it from now on, and where the
// agreement and the controller are known it goes its way without a hand.
func (s *Service) Confirm(ctx context.Context, by identity.Actor, id string, proof identity.Proof) (Request, error) {
	r, err := s.Requests.Get(ctx, id)
	if err != nil {
		return Request{}, err
	}
	if by.Account == "" || !proof.Proves(ConfirmPurpose, id) || !s.isOf(r.address(), proof.Email()) {
		return Request{}, s.refused(ctx, by, "request.confirm", id, ErrNotFound)
	}
	if r.State != Unconfirmed && r.Account == by.Account {
		return r, nil // the second click
	}
	way, err := s.way(ctx, &r)
	if err != nil {
		return Request{}, err
	}
	clock, err := s.reader(ctx, &r)
	if err != nil {
		return Request{}, err
	}
	child := ledger.NewID("req")
	r, err = s.Requests.Update(ctx, id, func(r *Request) ([]ledger.Event, error) {
		if r.State != Unconfirmed {
			return nil, ErrMoved
		}
		now := s.now()
		r.Account, r.State, r.MailHash, r.Claimed = by.Account, Received, s.mailHashes(proof.Email())[0], ""
		events := []ledger.Event{s.event(by, "request.confirm", r.ID, details{"rights": joined(r.Rights())})}
		r.receivedAtDesk(r.Received)
		events = append(events, s.send(r, way, child, now)...)
		r.settle(clock, now)
		return events, nil
	})
	if err != nil {
		return Request{}, err
	}
	return s.finishSplit(ctx, r)
}

// address is the fingerprint of the address, proven or not.
func (r *Request) address() string {
	if r.MailHash != "" {
		return r.MailHash
	}
	return r.Claimed
}

// receivedAtDesk notes the receipt of the party at which the request arrived.
func (r *Request) receivedAtDesk(at time.Time) {
	if r.ArrivedAt == Processor {
		r.ReceivedByProcessor = &at
	} else {
		r.ReceivedByController = &at
	}
}

// Entry is a request that staff put in for somebody who wrote or called.
type Entry struct {
	Filing
	Channel  Channel
	Received time.Time // the real time of receipt
	// LateReason is needed when the receipt lies more than a year back.
	LateReason string
}

// Enter records a request that came in by e-mail, letter or telephone, with
// the real time of receipt. key makes it idempotent: the same key by the same
// organisation is the same request.
func (s *Service) Enter(ctx context.Context, by identity.Actor, id string, e Entry) (Request, error) {
	if !by.IsStaffOf(e.Organisation, identity.Agent, identity.PrivacyOfficer) {
		return Request{}, s.refused(ctx, by, "request.enter", id, ErrForbidden)
	}
	if err := s.checkEntry(e); err != nil {
		return Request{}, err
	}
	org, err := s.Directory.Organisation(ctx, e.Organisation)
	if err != nil {
		return Request{}, err
	}
	key, err := s.Vault.Create(ctx, id)
	if err != nil {
		return Request{}, err
	}
	r, err := s.build(ctx, id, key, e.Filing, org)
	if err != nil {
		return Request{}, err
	}
	z := vault.Sealer{Key: key}
	r.LateReason = z.Text("late_reason", e.LateReason)
	if z.Err != nil {
		return Request{}, z.Err
	}
	now := s.now()
	r.State, r.Channel, r.Received = Received, e.Channel, e.Received.UTC().Truncate(time.Millisecond)
	r.receivedAtDesk(r.Received)
	way, err := s.way(ctx, &r)
	if err != nil {
		return Request{}, err
	}
	clock, err := s.reader(ctx, &r, org)
	if err != nil {
		return Request{}, err
	}
	events := []ledger.Event{s.event(by, "request.enter", r.ID, details{"rights": joined(r.Rights()), "channel": string(e.Channel), "organisation": e.Organisation})}
	events = append(events, s.send(&r, way, ledger.NewID("req"), now)...)
	r.settle(clock, now)
	err = s.Requests.Create(ctx, &r, events...)
	if errors.Is(err, document.ErrTaken) {
		if r, err = s.Requests.Get(ctx, id); err == nil && sight(by, &r) == Nothing {
			return Request{}, ErrNotFound
		}
	}
	if err != nil {
		return Request{}, err
	}
	return s.finishSplit(ctx, r)
}

func (s *Service) checkEntry(e Entry) error {
	var form fault.Form
	now := s.now()
	switch {
	case e.Received.IsZero():
		form.Refuse("received", "Fill in the day and time at which the request came in.")
	case e.Received.After(now.Add(time.Minute)):
		form.Refuse("received", "This lies in the future. Fill in when the request really came in.")
	case e.Received.Before(now.AddDate(-1, 0, 0)) && fault.Blank(e.LateReason):
		form.Refuse("received", "This is more than a year ago. Check the year, or say below why it is entered only now.")
	}
	if !slices.Contains([]Channel{Email, Letter, Phone}, e.Channel) {
		form.Refuse("channel", "Choose how the request came in.")
	}
	if err := e.checked(false); err != nil {
		var f *fault.Error
		if errors.As(err, &f) {
			for _, field := range f.Fields {
				form.Refuse(field.Name, field.Text, field.Args...)
			}
		}
	}
	return form.Err()
}

// newReference makes what people quote: twelve letters and digits that are
// never mistaken for each other, in three groups. The unique index refuses the
// one in 2^60 that was there before.
func newReference() string {
	const letters = "23456789ABCDEFGHJKLMNPQRSTUVWXYZ"
	var b [12]byte
	_, _ = rand.Read(b[:]) // never fails since Go 1.24
	for i := range b {
		b[i] = letters[int(b[i])%len(letters)]
	}
	return fmt.Sprintf("%s-%s-%s", b[:4], b[4:8], b[8:])
}
