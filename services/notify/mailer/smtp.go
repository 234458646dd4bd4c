package mailer

import (
	"context"
	"crypto/tls"
	"errors"
	"fmt"
	"net"
	netmail "net/mail"
	"net/textproto"
	"net/url"
	"regexp"
	"strconv"
	"strings"
	"time"

	gomail "github.com/wneessen/go-mail"

	"inzage/services/mailaddress"
	"inzage/services/notify"
)

// timeout bounds the connection, and then each mail, so that an attempt stays
// well within the lease of the outbox.
const timeout = 20 * time.Second

// smtp hands mails to a mail server, one connection each: the portal sends few.
type smtp struct {
	// plain asks for SMTPUTF8 never, utf8 does: a mail that was marked with it
	// without need bounces at the first server on its way that does not know it.
	plain, utf8 *gomail.Client
	from        *netmail.Address
	helo        string
	secure      bool // the certificate is checked
	signsIn     bool
}

// openSMTP demands encryption and a certificate that can be checked, except on
// this machine itself: there the certificate is the one that its mail server was
// installed with, and says nothing.
func openSMTP(u *url.URL, from *netmail.Address, helo string) (notify.Mailer, error) {
	port, err := port(u)
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(timeout), gomail.WithTLSPolicy(gomail.TLSMandatory), gomail.WithHELO(helo)}
	auth := gomail.SMTPAuthAutoDiscover
	if u.Scheme == "smtps" {
		options = append(options, gomail.WithSSL())
	}
	here := loopback(u.Hostname())
	if here {
		options = append(options, gomail.WithTLSConfig(&tls.Config{ServerName: u.Hostname(), MinVersion: tls.VersionTLS12, InsecureSkipVerify: true})) //nolint:gosec // loopback only
		if u.Scheme != "smtps" {
			options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
			auth = gomail.SMTPAuthPlainNoEnc
		}
	}
	s := &smtp{from: from, helo: helo, secure: !here, signsIn: u.User.Username() != ""}
	if s.signsIn {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	if s.plain, err = gomail.NewClient(u.Hostname(), append(options, gomail.WithoutSMTPUTF8())...); err == nil {
		s.utf8, err = gomail.NewClient(u.Hostname(), options...)
	}
	if err != nil {
		return nil, errors.New("the settings of the mail server are not usable")
	}
	return s, nil
}

func port(u *url.URL) (int, error) {
	switch {
	case u.Port() == "" && u.Scheme == "smtps":
		return 465, nil
	case u.Port() == "":
		return 587, nil
	}
	n, err := strconv.Atoi(u.Port())
	if err != nil || n < 1 || n > 65535 {
		return 0, errors.New("the port of the mail server must be a number from 1 to 65535")
	}
	return n, nil
}

func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Send hands one mail over.
func (s *smtp) Send(ctx context.Context, e notify.Envelope) error {
	m, err := message(e, s.from, gomail.EncodingQP)
	if err != nil {
		return err
	}
	client := s.plain
	if mailaddress.NeedsUTF8(e.To) {
		offer, err := s.Check(ctx)
		if err != nil {
			return err
		}
		if client = s.utf8; !offer.UTF8 {
			return &notify.Refusal{Code: notify.NeedsUTF8}
		}
	}
	err = client.DialAndSendWithContext(ctx, m)
	if err == nil || m.IsDelivered() {
		// What went wrong after the server took the mail, went wrong in saying goodbye.
		return nil
	}
	return masked(err)
}

// Check greets the server as for a mail, signs in, and says goodbye.
func (s *smtp) Check(ctx context.Context) (notify.Offer, error) {
	o := notify.Offer{Server: s.plain.ServerAddr(), Greeted: s.helo}
	c, err := s.plain.DialToSMTPClientWithContext(ctx)
	if err != nil {
		return o, connecting(err)
	}
	_, o.Encrypted = c.TLSConnectionState()
	o.Verified, o.SignedIn = o.Encrypted && s.secure, s.signsIn
	o.UTF8, _ = c.Extension("SMTPUTF8")
	_, size := c.Extension("SIZE")
	if o.Size, err = strconv.ParseInt(size, 10, 64); err != nil {
		o.Size = 0
	}
	// It has said what there was to hear; a server that hangs up here is no trouble.
	_ = s.plain.CloseWithSMTPClient(c)
	return o, nil
}

// masked turns an error of the library, which repeats addresses, into codes.
func masked(err error) error {
	var sending *gomail.SendError
	if !errors.As(err, &sending) {
		return connecting(err)
	}
	return reply{step: sending.Reason, code: sending.ErrorCode(), enhanced: enhanced(sending)}.verdict()
}

// answered finds the enhanced code where RFC 2034 puts it, at the beginning of
// the text. The library looks for it anywhere, so that an address of a network
// in the text can be taken for one, and only at servers that announce it.
var answered = regexp.MustCompile(`^\d{3}[ -]"?([245]\.\d{1,3}\.\d{1,3})\b`)

func enhanced(e *gomail.SendError) string {
	text := strings.TrimPrefix(e.Error(), e.Reason.String()+": ")
	if found := answered.FindStringSubmatch(text); found != nil {
		return found[1]
	}
	return ""
}

// connecting says what went wrong before a mail was involved.
func connecting(err error) error {
	t := &notify.Trouble{Kind: notify.Unreachable, All: true}
	var network *net.OpError
	var reply *textproto.Error
	var certificate *tls.CertificateVerificationError
	var header tls.RecordHeaderError
	switch {
	case errors.As(err, &reply):
		t.Kind, t.Code = greeting(reply)
	case errors.As(err, &certificate):
		t.Kind, t.Says = notify.CertificateRefused, certificate.Error()
	case errors.As(err, &header):
		t.Kind, t.Says = notify.NotEncrypted, header.Msg
	case errors.As(err, &network):
		t.Says = network.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		t.Says = err.Error()
	case strings.Contains(err.Error(), "does not support STARTTLS"):
		t.Kind = notify.NotEncrypted
	case strings.Contains(err.Error(), "SMTP AUTH"), strings.Contains(err.Error(), "SMTP Auth"):
		t.Kind = notify.SignInRefused
	default:
		t.Says = fmt.Sprintf("the connection was not accepted (%T)", errors.Unwrap(err))
	}
	return t
}

// greeting says what a refusal before the first mail is about.
func greeting(r *textproto.Error) (kind notify.TroubleKind, code string) {
	code = strconv.Itoa(r.Code)
	if found := answered.FindStringSubmatch(code + " " + r.Msg); found != nil {
		code += " " + found[1]
	}
	switch {
	case r.Code < 500:
		return notify.ServerBusy, code
	case r.Code == 530, r.Code == 534, r.Code == 535, r.Code == 538:
		return notify.SignInRefused, code
	case r.Code == 501, r.Code == 504, r.Code == 550:
		return notify.NameRefused, code
	}
	return notify.MailRefused, code
}
