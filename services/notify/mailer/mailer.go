// Package mailer carries the e-mails of package notify away: over SMTP, or
// into a folder with one file for each mail.
//
// Its errors never contain an address of a person: what the mail library
// says is turned into codes before it leaves this package.
package mailer

import (
	"errors"
	"net"
	netmail "net/mail"
	"net/url"
	"strings"

	gomail "github.com/wneessen/go-mail"

	"inzage/services/mailaddress"
	"inzage/services/notify"
)

// Open makes the mailer for an address: smtp://user:password@host:port,
// smtps://…, or file:DIR. from is the sender of every mail, with or without a
// name; helo is the name that the portal greets mail servers with. Its errors do
// not repeat the address, which may hold a password.
func Open(address, from, helo string) (notify.Mailer, error) {
	sender, err := netmail.ParseAddress(from)
	if err == nil {
		sender.Address, err = mailaddress.Wire(sender.Address)
	}
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
	return openSMTP(u, sender, helo)
}

// message builds the mail: plain text in the given encoding, then the same as HTML.
func message(e notify.Envelope, from *netmail.Address, plain gomail.Encoding) (*gomail.Msg, error) {
	m := gomail.NewMsg(gomail.WithNoDefaultUserAgent())
	m.FromMailAddress(from)
	to, err := mailaddress.Wire(e.To)
	if err == nil {
		err = m.To(to)
	}
	if err != nil {
		// The library's error repeats the address.
		return nil, &notify.Refusal{Code: notify.NoAddress}
	}
	m.SetMessageIDWithValue(e.ID)
	m.SetDateWithValue(e.At)
	m.Subject(e.Subject)
	// RFC 3834: no vacation notices and the like in answer to this.
	m.SetGenHeader("Auto-Submitted", "auto-generated")
	m.SetGenHeader("X-Auto-Response-Suppress", "All")
	m.SetGenHeader("Content-Language", e.Language)
	if e.Thread != "" {
		// Nothing has this id: it is what the mails about one matter have in common.
		m.SetGenHeaderPreformatted(gomail.HeaderInReplyTo, "<"+e.Thread+">")
		m.SetGenHeaderPreformatted(gomail.HeaderReferences, "<"+e.Thread+">")
	}
	m.SetBodyString(gomail.TypeTextPlain, e.Plain, gomail.WithPartEncoding(plain))
	m.AddAlternativeString(gomail.TypeTextHTML, e.HTML)
	if e.File == nil {
		return m, nil
	}
	// In base64, so that no server on the way touches a byte.
	m.AttachReadSeeker(e.File.Name, strings.NewReader(e.File.Text), gomail.WithFileContentType(gomail.TypeTextPlain))
	return m, nil
}

// Greeting is the name that a portal at this host greets mail servers with: the
// host as it stands in the DNS, or else the address of this machine in brackets,
// as RFC 5321 4.1.4 asks of who has no name.
func Greeting(host string) string {
	host = strings.Trim(host, "[]")
	if ip := net.ParseIP(host); ip != nil {
		return literal(ip)
	}
	if name, err := mailaddress.Host(host); err == nil && strings.Contains(name, ".") {
		return name
	}
	return literal(net.IPv4(127, 0, 0, 1))
}

func literal(ip net.IP) string {
	if ip.To4() == nil {
		return "[IPv6:" + ip.String() + "]"
	}
	return "[" + ip.String() + "]"
}
