package notify

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
)

// TroubleKind is why mail does not leave, as far as the portal's own side goes.
type TroubleKind string

// The kinds of trouble. None is about the person a mail is for.
const (
	Unreachable        TroubleKind = "unreachable"         // no connection, no such name, no answer in time
	ServerBusy         TroubleKind = "busy"                // the server puts everything off
	CertificateRefused TroubleKind = "certificate"         // the server's certificate is not to be trusted
	NotEncrypted       TroubleKind = "not_encrypted"       // the server elsewhere offers no TLS
	SignInRefused      TroubleKind = "sign_in_refused"     // user name, password or their mechanism
	NameRefused        TroubleKind = "name_refused"        // the name in the greeting
	SenderRefused      TroubleKind = "sender_refused"      // INZAGE_MAIL_FROM
	PolicyRefused      TroubleKind = "policy_refused"      // relaying, signatures, lists
	MailRefused        TroubleKind = "mail_refused"        // for good, for a reason that is none of these
	FolderRefused      TroubleKind = "folder_not_writable" // file:DIR
)

// Trouble is an error that is about the portal's side: the mail is kept and
// tried again, and the operator is told. Its texts never hold an address.
type Trouble struct {
	Kind TroubleKind
	Code string // the reply in numbers, "550 5.7.1"; "" without a reply
	Says string // for the operator: the cause as the network or TLS gave it; "" for none
	All  bool   // it concerns every mail, not this one alone
}

// Error says what is wrong.
func (t *Trouble) Error() string {
	return ErrAway.Error() + ": " + t.cause()
}

// cause is the trouble on one line.
func (t *Trouble) cause() string {
	s := string(t.Kind)
	for _, more := range []string{t.Code, t.Says} {
		if more != "" {
			s += ": " + more
		}
	}
	return s
}

// Is makes errors.Is(err, ErrAway) true of trouble that concerns every mail.
func (t *Trouble) Is(target error) bool { return t.All && target == ErrAway }

// Offer is what a mail server said of itself when it was greeted.
type Offer struct {
	Server    string `json:"server"`    // host and port
	Greeted   string `json:"greeted"`   // the name that the portal gave
	Encrypted bool   `json:"encrypted"` // over TLS
	Verified  bool   `json:"verified"`  // its certificate was checked; it is not on loopback
	SignedIn  bool   `json:"signed_in"`
	UTF8      bool   `json:"utf8"` // SMTPUTF8: addresses outside ASCII
	Size      int64  `json:"size"` // the largest mail, in bytes; 0 when it names none
	Folder    bool   `json:"folder"`
}

// Checker is a Mailer that can say what will happen before there is a mail.
type Checker interface {
	Check(ctx context.Context) (Offer, error)
}

// Condition is how mail leaves, as the last try showed.
type Condition struct {
	document.Meta
	Trouble TroubleKind `json:"trouble"` // "" for none
	Code    string      `json:"code"`
	Says    string      `json:"says"`
	Since   time.Time   `json:"since"`
	Offer   *Offer      `json:"offer,omitempty"` // of the last check that was answered
}

const theCondition = "mail"

// CheckEvery is how often a server that takes mail is greeted, CheckTroubled
// how often one that does not.
const (
	CheckEvery    = 15 * time.Minute
	CheckTroubled = 20 * time.Second
)

// Condition is how mail leaves now; the zero Condition before the first try.
func (o *Outbox) Condition(ctx context.Context) (Condition, error) {
	c, err := o.Conditions.Get(ctx, theCondition)
	if err != nil && fault.KindOf(err) != fault.NotFound {
		return Condition{}, fmt.Errorf("read how mail leaves: %w", err)
	}
	return c, nil
}

// Check greets the mail server and notes what it says. Its error is the trouble
// that mail is in. What was kept back is tried again when a trouble has ended.
func (o *Outbox) Check(ctx context.Context) (Offer, error) {
	c, ok := o.Mailer.(Checker)
	if !ok {
		return Offer{}, nil
	}
	checking, cancel := context.WithTimeout(ctx, urgentSendTime)
	offer, err := c.Check(checking)
	cancel()
	var t *Trouble
	if err != nil && !errors.As(err, &t) {
		return Offer{}, err
	}
	ended, nerr := o.note(ctx, t, &offer)
	if nerr == nil && ended {
		nerr = o.hurry(ctx)
	}
	if t != nil {
		return offer, errors.Join(t, nerr)
	}
	return offer, nerr
}

// note keeps what a try showed, when it is news; ended tells that it ended a trouble.
func (o *Outbox) note(ctx context.Context, t *Trouble, offer *Offer) (ended bool, err error) {
	ctx = context.WithoutCancel(ctx)
	was, err := o.Condition(ctx)
	if err != nil {
		return false, err
	}
	is := Condition{Meta: was.Meta, Since: o.now(), Offer: cmp.Or(was.Offer, &Offer{})}
	if t != nil {
		is.Trouble, is.Code, is.Says = t.Kind, t.Code, t.Says
	} else if offer != nil {
		is.Offer = offer
	}
	same := was.ID != "" && was.Trouble == is.Trouble && was.Code == is.Code && was.Offer != nil && *was.Offer == *is.Offer
	if same {
		return false, nil
	}
	if was.ID != "" && was.Trouble == is.Trouble {
		is.Since = was.Since
	}
	if was.ID == "" {
		is.ID = theCondition
		if err = o.Conditions.Create(ctx, &is); errors.Is(err, document.ErrTaken) {
			return false, nil // another instance noted it at this moment
		}
	} else {
		_, err = o.Conditions.Touch(ctx, theCondition, func(c *Condition) error {
			c.Trouble, c.Code, c.Says, c.Since, c.Offer = is.Trouble, is.Code, is.Says, is.Since, is.Offer
			return nil
		})
	}
	if err != nil {
		return false, fmt.Errorf("note how mail leaves: %w", err)
	}
	return was.Trouble != "" && t == nil, nil
}

// hurry lets what was kept back leave at once.
func (o *Outbox) hurry(ctx context.Context) error {
	page, err := o.Messages.List(ctx, document.Query{Index: "kept", Equal: []any{true}, Limit: mostKept})
	if err != nil {
		return fmt.Errorf("list what was kept back: %w", err)
	}
	for _, m := range page.Rows {
		_, err := o.Messages.Touch(ctx, m.ID, func(x *Message) error {
			if x.State != Queued {
				return errClaimed
			}
			x.Due = o.now()
			return nil
		})
		if err != nil && !errors.Is(err, errClaimed) && fault.KindOf(err) != fault.NotFound {
			return fmt.Errorf("hurry message %s: %w", m.ID, err)
		}
	}
	o.wake()
	return nil
}

// mostKept bounds how many messages that are kept back are looked at.
const mostKept = 500

// KeptBack are the mails that wait because of a trouble on our side.
type KeptBack struct {
	Trouble TroubleKind
	Code    string
	Mails   int
	Since   time.Time // the oldest was written then
}

// Health is how mail leaves, for the operator.
type Health struct {
	Condition Condition
	Kept      []KeptBack // by trouble; empty when nothing is kept back
}

// Well tells whether mail leaves.
func (h Health) Well() bool { return h.Condition.Trouble == "" && len(h.Kept) == 0 }

// Health reads how mail leaves and what is kept back, at most 500 of them.
func (o *Outbox) Health(ctx context.Context) (Health, error) {
	c, err := o.Condition(ctx)
	if err != nil {
		return Health{}, err
	}
	page, err := o.Messages.List(ctx, document.Query{Index: "kept", Equal: []any{true}, Limit: mostKept})
	if err != nil {
		return Health{}, fmt.Errorf("list what is kept back: %w", err)
	}
	h := Health{Condition: c}
	for _, m := range page.Rows {
		i := slices.IndexFunc(h.Kept, func(k KeptBack) bool { return k.Trouble == m.Trouble && k.Code == m.Cause })
		if i < 0 {
			h.Kept, i = append(h.Kept, KeptBack{Trouble: m.Trouble, Code: m.Cause, Since: m.Created}), len(h.Kept)
		}
		h.Kept[i].Mails++
	}
	return h, nil
}

// sentences say what is wrong in the words of the operator.
var sentences = map[TroubleKind]string{
	Unreachable:        "The mail server cannot be reached.",
	ServerBusy:         "The mail server takes no mail at the moment.",
	CertificateRefused: "The certificate of the mail server cannot be trusted.",
	NotEncrypted:       "The mail server offers no encryption, and mail does not leave this machine without it.",
	SignInRefused:      "The mail server does not accept the user name or the password of INZAGE_MAIL, or asks for them.",
	NameRefused:        "The mail server does not accept the name that the portal greets it with; INZAGE_MAIL_HELO sets another.",
	SenderRefused:      "The mail server does not accept the sender, INZAGE_MAIL_FROM.",
	PolicyRefused:      "The mail server refuses mail of this portal by its rules: it does not relay for it, or misses a signature.",
	MailRefused:        "The mail server refuses the mail, for a reason that is not about the address.",
	FolderRefused:      "The folder of mail cannot be written to.",
}

// Sentences are all the words for what can be wrong, for the languages.
func Sentences() map[TroubleKind]string { return sentences }

// Sentence says what is wrong.
func (k TroubleKind) Sentence() string { return sentences[k] }

// Sentence says what is wrong.
func (t *Trouble) Sentence() string { return t.Kind.Sentence() }

// Detail is the reply, and the cause as the network gave it, in brackets.
func (t *Trouble) Detail() string {
	if t.Code == "" && t.Says == "" {
		return ""
	}
	return " (" + cmp.Or(t.Code, t.Says) + ")"
}
