package mailer

import (
	"fmt"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"inzage/services/notify"
)

// reply is what a mail server answered when it did not take a mail.
type reply struct {
	step     gomail.SendErrReason // which command it answered
	code     int                  // RFC 5321; 0 when there was no answer
	enhanced string               // RFC 3463, "5.1.1"; "" when the server gives none
}

// String is the answer in numbers, never its words: those repeat addresses.
func (r reply) String() string {
	return strings.TrimSpace(fmt.Sprintf("%d %s", r.code, r.enhanced))
}

// whose is whom a refusal for good concerns.
type whose struct {
	mailbox bool               // the mailbox that the mail goes to
	trouble notify.TroubleKind // else: what is wrong on the portal's side
}

var (
	theirs = whose{mailbox: true}
	name   = whose{trouble: notify.NameRefused}
	signIn = whose{trouble: notify.SignInRefused}
	sender = whose{trouble: notify.SenderRefused}
	policy = whose{trouble: notify.PolicyRefused}
	other  = whose{trouble: notify.MailRefused}
)

// enhancedCodes say what a status of RFC 3463 is about, the longest that fits
// first. What the sender, the protocol or a policy is refused for says nothing
// about the person whom the mail is for.
var enhancedCodes = []struct {
	prefix string
	about  whose
}{
	{"5.1.7.", sender}, // bad sender's mailbox address syntax
	{"5.1.8.", sender}, // bad sender's system address
	{"5.1.", theirs},   // the address: no such mailbox, no such system, moved, null MX
	{"5.2.", theirs},   // the mailbox: disabled, full, too small for it
	{"5.4.3.", other},  // directory server failure
	{"5.4.5.", other},  // congestion
	{"5.4.", theirs},   // no way to that system (Exchange answers 5.4.1 for a mailbox that is not there)
	{"5.5.2.", name},   // Postfix: need fully-qualified hostname
	{"5.6.7.", theirs}, // RFC 6531: an address outside ASCII that the other side cannot take
	{"5.7.8.", signIn}, // RFC 4954: credentials invalid
	{"5.7.9.", signIn}, // RFC 4954: mechanism too weak
	{"5.7.0.", signIn}, // authentication or STARTTLS required
	{"5.7.", policy},   // delivery not authorised: relaying, lists, signatures
}

// plainCodes are the replies without an enhanced code that are about the mailbox
// when they answer RCPT (RFC 5321 4.2.3, RFC 7504). All others are about us, and
// so is each of these in answer to the content.
var plainCodes = map[int]whose{
	550: theirs, // mailbox unavailable
	551: theirs, // user not local
	553: theirs, // mailbox name not allowed
	556: theirs, // the domain takes no mail
	504: name,   // parameter not implemented: the greeting of the portal
	530: signIn, // sign in or STARTTLS first
	534: signIn,
	535: signIn,
	554: policy,
}

// about says whom a refusal for good concerns.
func (r reply) about() whose {
	if r.step == gomail.ErrSMTPMailFrom {
		return r.aboutSender()
	}
	if r.enhanced != "" && r.code != 504 {
		for _, e := range enhancedCodes {
			if strings.HasPrefix(r.enhanced+".", e.prefix) {
				return e.about
			}
		}
		return other
	}
	if w, ok := plainCodes[r.code]; ok && (!w.mailbox || r.step == gomail.ErrSMTPRcptTo) {
		return w
	}
	return other
}

// aboutSender: no mailbox was named yet, so that it is never about one.
func (r reply) aboutSender() whose {
	for _, w := range []whose{plainCodes[r.code], enhancedOf(r.enhanced)} {
		if w.trouble == notify.SignInRefused || w.trouble == notify.NameRefused {
			return w
		}
	}
	return sender
}

func enhancedOf(code string) whose {
	return reply{code: 550, enhanced: code, step: gomail.ErrSMTPRcptTo}.about()
}

// verdict is the error that a reply becomes.
func (r reply) verdict() error {
	switch {
	case r.code == 421, r.step == gomail.ErrConnCheck:
		// The server ends the connection, whatever it was asked.
		return &notify.Trouble{Kind: notify.ServerBusy, Code: r.String(), All: true}
	case r.code < 500 && r.step == gomail.ErrSMTPMailFrom:
		return &notify.Trouble{Kind: notify.ServerBusy, Code: r.String(), All: true}
	case r.code < 500:
		return fmt.Errorf("the mail was put off, step %d, answer %s", r.step, r)
	}
	about := r.about()
	if about.mailbox {
		return &notify.Refusal{Code: r.String()}
	}
	return &notify.Trouble{Kind: about.trouble, Code: r.String(), All: r.step == gomail.ErrSMTPMailFrom}
}
