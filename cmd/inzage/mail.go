package main

import (
	"cmp"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"path/filepath"
	"strings"
	"time"

	"inzage/config"
	"inzage/services/identity"
	"inzage/services/mailaddress"
	"inzage/services/notify"
	"inzage/services/notify/mailer"
)

// openMailer makes the mailer of the settings.
func openMailer(cfg config.Config) (notify.Mailer, error) {
	host := ""
	if cfg.BaseURL != nil {
		host = cfg.BaseURL.Hostname()
	}
	address := cmp.Or(cfg.Mail.Reveal(), "file:"+filepath.Join(cfg.Data, "mail"))
	return mailer.Open(address, cfg.MailFrom, cmp.Or(cfg.MailHelo, mailer.Greeting(host)))
}

// greetMailServer says in the log how mail will leave, and goes on looking: more
// often as long as it does not.
func (p *portal) greetMailServer(ctx context.Context) {
	timer := time.NewTimer(0)
	defer timer.Stop()
	last := "nothing was asked yet"
	for {
		select {
		case <-ctx.Done():
			return
		case <-timer.C:
		}
		offer, err := p.notify.Outbox.Check(ctx)
		if ctx.Err() != nil {
			return
		}
		next, said := notify.CheckEvery, ""
		if err != nil {
			next, said = notify.CheckTroubled, err.Error()
		}
		switch {
		case said == last:
		case err != nil:
			p.log.WarnContext(ctx, "mail does not leave", "error", said)
		default:
			p.log.InfoContext(ctx, "mail leaves", "to", offer.Server, "folder", offer.Folder, "tls", offer.Encrypted, "verified", offer.Verified,
				"signed_in", offer.SignedIn, "smtputf8", offer.UTF8, "size", offer.Size, "greeting", offer.Greeted)
		}
		last = said
		timer.Reset(next)
	}
}

const mailUsage = `inzage mail test ADDRESS

Greets the mail server of INZAGE_MAIL, says what it offers, and sends one mail to
the address. Exit 0 when the server took it, 1 with the cause when not. Nothing
of it is in the log of the portal.`

// runMail tries the mail settings.
func runMail(ctx context.Context, in invocation) error {
	cfg, rest, err := settings("mail", in, mailUsage)
	if err != nil {
		return err
	}
	if len(rest) != 2 || rest[0] != "test" {
		return usage("Write it as: inzage mail test ADDRESS.")
	}
	if !identity.ValidAddress(rest[1]) {
		return usage("This is not a complete e-mail address. It looks like name@example.nl.")
	}
	m, err := openMailer(cfg)
	if err != nil {
		return err
	}
	if c, ok := m.(notify.Checker); ok {
		offer, err := c.Check(ctx)
		if err != nil {
			return failed(inWords(err))
		}
		if err := say(in.Stdout, offer); err != nil {
			return err
		}
	}
	if err := m.Send(ctx, testMail(cfg, rest[1])); err != nil {
		return failed(inWords(err))
	}
	wire, err := mailaddress.Wire(rest[1])
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(in.Stdout, "The mail to %s was taken. Whether it arrives, its reader sees.\n", wire)
	return err
}

func testMail(cfg config.Config, to string) notify.Envelope {
	host := "inzage.invalid"
	if cfg.BaseURL != nil {
		host = cfg.BaseURL.Hostname()
	}
	text := "This mail was sent by the command inzage mail test. It has no other purpose.\n"
	return notify.Envelope{ID: "msg_" + rand.Text() + "@" + host, To: to, Language: "en", Subject: "A test of the mail settings", Plain: text,
		HTML: "<p>" + strings.TrimSpace(text) + "</p>", At: time.Now()}
}

// say says what will happen to mail.
func say(w io.Writer, o notify.Offer) error {
	if o.Folder {
		_, err := fmt.Fprintln(w, "Mail is written into a folder; none leaves this machine.")
		return err
	}
	lines := []string{"server     " + o.Server, "greeting   " + o.Greeted, "encrypted  " + yes(o.Encrypted) + certificate(o), "signed in  " + yes(o.SignedIn),
		"SMTPUTF8   " + yes(o.UTF8)}
	if o.Size > 0 {
		lines = append(lines, fmt.Sprintf("largest    %d bytes", o.Size))
	}
	_, err := fmt.Fprintln(w, strings.Join(lines, "\n"))
	return err
}

func certificate(o notify.Offer) string {
	switch {
	case o.Verified:
		return ", certificate checked"
	case o.Encrypted:
		return ", certificate not checked (this machine)"
	}
	return ""
}

func yes(b bool) string {
	if b {
		return "yes"
	}
	return "no"
}

// inWords says to the operator why mail does not leave.
func inWords(err error) string {
	var t *notify.Trouble
	var r *notify.Refusal
	switch {
	case errors.As(err, &t):
		return t.Sentence() + t.Detail()
	case errors.As(err, &r):
		return "The address was refused (" + r.Code + ")."
	}
	return err.Error()
}
