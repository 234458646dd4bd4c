// Package mailer carries the e-mails of package notify away: over SMTP, or
// into a folder with one file for each mail.
//
// Its errors never contain an address of a person: what the mail library
// says is turned into codes before it leaves this package.
package mailer

import (
	"errors"
	"fmt"
	netmail "net/mail"
	"net/url"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"inzage/services/notify"
)

// Open makes the mailer for an address: smtp://user:password@host:port,
// smtps://…, or file:DIR. from is the sender of every mail, with or without a
// name. Its errors do not repeat the address, which may hold a password.
func Open(address, from string) (notify.Mailer, error) {
	sender, err := netmail.ParseAddress(from)
	if err != nil {
		return nil, errors.New("the sender of mails is not an e-mail address; it looks like inzage@example.nl")
	}
	if dir, ok := strings.CutPrefix(address, "file:"); ok {
		return openFolder(strings.TrimPrefix(dir, "//"), sender)
	}
	u, err := url.Parse(address)
	if err != nil || u.Hostname() == "" || u.Scheme != "smtp" && u.Scheme != "smtps" {
		return nil, errors.New("the mail address must be smtp://user:password@host:port, smtps://… or file:DIR")
	}
	return openSMTP(u, sender)
}

// message builds the mail: plain text in the given encoding, then the same as HTML.
func message(e notify.Envelope, from *netmail.Address, plain gomail.Encoding) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(from)
	if err := m.To(e.To); err != nil {
		// The library's error repeats the address.
		return nil, &notify.Refusal{Code: "address"}
	}
	m.SetMessageIDWithValue(e.ID)
	m.SetDateWithValue(e.At)
	m.Subject(e.Subject)
	// RFC 3834: no vacation notices and the like in answer to this.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("Content-Language", e.Language)
	m.SetBodyString(gomail.TypeTextPlain, e.Plain, gomail.WithPartEncoding(plain))
	m.AddAlternativeString(gomail.TypeTextHTML, e.HTML)
	if e.File == nil {
		return m, nil
	}
	// In base64, so that no server on the way touches a byte.
	m.AttachReadSeeker(e.File.Name, strings.NewReader(e.File.Text), gomail.WithFileContentType(gomail.TypeTextPlain))
	return m, nil
}

// away is an error that concerns every mail.
func away(format string, args ...any) error {
	return fmt.Errorf("%w: "+format, append([]any{notify.ErrAway}, args...)...)
}
