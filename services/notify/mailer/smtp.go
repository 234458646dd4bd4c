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
	"strconv"
	"time"

	gomail "github.com/wneessen/go-mail"

	"inzage/services/notify"
)

// timeout bounds the connection, and then each mail, so that an attempt stays
// well within the lease of the outbox.
const timeout = 20 * time.Second

// smtp hands mails to a mail server, one connection each: the portal sends few.
type smtp struct {
	client *gomail.Client
	from   *netmail.Address
}

// openSMTP demands encryption, except on this machine itself.
func openSMTP(u *url.URL, from *netmail.Address) (notify.Mailer, error) {
	port, err := port(u)
	if err != nil {
		return nil, err
	}
	options := []gomail.Option{gomail.WithPort(port), gomail.WithTimeout(timeout), gomail.WithTLSPolicy(gomail.TLSMandatory)}
	auth := gomail.SMTPAuthAutoDiscover
	switch {
	case u.Scheme == "smtps":
		options = append(options, gomail.WithSSL())
	case loopback(u.Hostname()):
		options = append(options, gomail.WithTLSPolicy(gomail.TLSOpportunistic))
		auth = gomail.SMTPAuthPlainNoEnc
	}
	if u.User.Username() != "" {
		password, _ := u.User.Password()
		options = append(options, gomail.WithSMTPAuth(auth), gomail.WithUsername(u.User.Username()), gomail.WithPassword(password))
	}
	client, err := gomail.NewClient(u.Hostname(), options...)
	if err != nil {
		return nil, errors.New("the settings of the mail server are not usable")
	}
	return &smtp{client: client, from: from}, nil
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
	err = s.client.DialAndSendWithContext(ctx, m)
	if err == nil || m.IsDelivered() {
		// What went wrong after the server took the mail, went wrong in saying goodbye.
		return nil
	}
	return masked(err)
}

// masked turns an error of the library, which repeats addresses, into codes.
func masked(err error) error {
	var sending *gomail.SendError
	if !errors.As(err, &sending) {
		return away("%s", connecting(err))
	}
	code := sending.ErrorCode()
	switch sending.Reason {
	case gomail.ErrSMTPRcptTo, gomail.ErrSMTPData, gomail.ErrSMTPDataClose:
		if code >= 500 {
			return &notify.Refusal{Code: strconv.Itoa(code)}
		}
	case gomail.ErrSMTPMailFrom, gomail.ErrConnCheck:
		// The sender is ours: a refusal of it says nothing about this mail.
		return away("the server answered %d to the sender", code)
	}
	return fmt.Errorf("the mail was put off, step %d, answer %d", sending.Reason, code)
}

// connecting says what went wrong before a mail was involved.
func connecting(err error) string {
	var network *net.OpError
	var reply *textproto.Error
	var certificate *tls.CertificateVerificationError
	switch {
	case errors.As(err, &network):
		return network.Error()
	case errors.As(err, &reply):
		return "the server answered " + strconv.Itoa(reply.Code) + " to the greeting"
	case errors.As(err, &certificate):
		return certificate.Error()
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, context.Canceled):
		return err.Error()
	}
	return fmt.Sprintf("the connection was not accepted (%T)", errors.Unwrap(err))
}
