package mailer_test

import (
	"crypto/tls"
	"errors"
	"net"
	"strings"
	"testing"

	"inzage/services/notify"
	"inzage/services/notify/mailer"
	"inzage/services/notify/smtptest"
)

// TestRefusalsAreOfTheMailboxOrOfUs: the enhanced code decides whom a refusal
// for good concerns; without one the reply and the step do.
func TestRefusalsAreOfTheMailboxOrOfUs(t *testing.T) {
	none := [3]int{}
	for name, c := range map[string]struct {
		step     string
		code     int
		enhanced [3]int
		mailbox  bool
		trouble  notify.TroubleKind
		all      bool
	}{
		"unknown user (Postfix)":                    {"rcpt", 550, [3]int{5, 1, 1}, true, "", false},
		"unknown user (Exim, no code)":              {"rcpt", 550, none, true, "", false},
		"null MX":                                   {"rcpt", 556, [3]int{5, 1, 10}, true, "", false},
		"mailbox disabled":                          {"rcpt", 550, [3]int{5, 2, 1}, true, "", false},
		"mailbox full":                              {"rcpt", 552, [3]int{5, 2, 2}, true, "", false},
		"not there (Exchange Online)":               {"rcpt", 550, [3]int{5, 4, 1}, true, "", false},
		"user not local":                            {"rcpt", 551, none, true, "", false},
		"no such mailbox, said after the content":   {"data", 550, [3]int{5, 1, 1}, true, "", false},
		"cannot take letters outside ASCII":         {"rcpt", 553, [3]int{5, 6, 7}, true, "", false},
		"need fully-qualified hostname":             {"rcpt", 504, [3]int{5, 5, 2}, false, notify.NameRefused, false},
		"the name alone":                            {"rcpt", 504, none, false, notify.NameRefused, false},
		"relay denied":                              {"rcpt", 550, [3]int{5, 7, 1}, false, notify.PolicyRefused, false},
		"relay denied (Postfix)":                    {"rcpt", 554, [3]int{5, 7, 1}, false, notify.PolicyRefused, false},
		"unauthenticated mail (SPF, DKIM)":          {"data", 550, [3]int{5, 7, 26}, false, notify.PolicyRefused, false},
		"content refused without a code":            {"data", 554, none, false, notify.PolicyRefused, false},
		"550 after the content, without a code":     {"data", 550, none, false, notify.MailRefused, false},
		"sign in first":                             {"rcpt", 530, [3]int{5, 7, 0}, false, notify.SignInRefused, false},
		"sign in first, at the sender":              {"mail", 530, [3]int{5, 7, 0}, false, notify.SignInRefused, true},
		"the sender's domain is none":               {"rcpt", 550, [3]int{5, 1, 8}, false, notify.SenderRefused, false},
		"the sender may not":                        {"mail", 553, [3]int{5, 7, 1}, false, notify.SenderRefused, true},
		"bad sequence":                              {"rcpt", 503, [3]int{5, 5, 1}, false, notify.MailRefused, false},
		"too large":                                 {"data", 552, [3]int{5, 3, 4}, false, notify.MailRefused, false},
		"a network in the text that looks like one": {"rcpt", 554, none, false, notify.PolicyRefused, false},
	} {
		t.Run(name, func(t *testing.T) {
			s := smtptest.Listen(t)
			s.RefuseAs(c.step, c.code, c.enhanced, "no, 10.5.1.1 said so to "+canary)
			err := open(t, s.Address).Send(t.Context(), envelope())
			var refusal *notify.Refusal
			var trouble *notify.Trouble
			if got := errors.As(err, &refusal); got != c.mailbox {
				t.Errorf("Send = %v; about the mailbox %t, want %t", err, got, c.mailbox)
			}
			if !c.mailbox && (!errors.As(err, &trouble) || trouble.Kind != c.trouble || trouble.All != c.all) {
				t.Errorf("Send = %#v; want trouble %s, of every mail %t", err, c.trouble, c.all)
			}
			if err != nil && (strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "said so")) {
				t.Errorf("the error repeats the server: %v", err)
			}
		})
	}
}

// TestOwnCertificateOnThisMachine: a mail server on this machine has the
// certificate that it was installed with. What is not loopback stays strict,
// which TestMailIsEncrypted holds.
func TestOwnCertificateOnThisMachine(t *testing.T) {
	for _, host := range []string{"localhost", "127.0.0.1"} {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		_, port, err := net.SplitHostPort(l.Addr().String())
		if err != nil {
			t.Fatal(err)
		}
		s := smtptest.Starting(t, l, &tls.Config{Certificates: []tls.Certificate{snakeoil(t)}})
		m := open(t, "smtp://"+net.JoinHostPort(host, port))
		if err := m.Send(t.Context(), envelope()); err != nil || len(s.Taken()) != 1 {
			t.Errorf("%s: Send = %v, %d mails arrived, want one over TLS", host, err, len(s.Taken()))
		}
		o, err := m.(notify.Checker).Check(t.Context())
		if err != nil || !o.Encrypted || o.Verified || o.Greeted != "inzage.example" {
			t.Errorf("%s: Check = %+v, %v; want TLS with a certificate that was not checked", host, o, err)
		}
	}
}

// TestGreeting: mail servers are greeted with the portal's name, as the DNS has it.
func TestGreeting(t *testing.T) {
	for host, want := range map[string]string{
		"inzage.example": "inzage.example", "Inzage.BÜCHER.example": "inzage.xn--bcher-kva.example", "localhost": "[127.0.0.1]",
		"127.0.0.1": "[127.0.0.1]", "::1": "[IPv6:::1]", "[::1]": "[IPv6:::1]", "intern": "[127.0.0.1]", "": "[127.0.0.1]",
	} {
		if got := mailer.Greeting(host); got != want {
			t.Errorf("Greeting(%q) = %q, want %q", host, got, want)
		}
	}
	s := smtptest.Listen(t)
	if err := open(t, s.Address).Send(t.Context(), envelope()); err != nil {
		t.Fatal(err)
	}
	if got := s.Names(); len(got) != 1 || got[0] != "inzage.example" {
		t.Errorf("greeted with %q, want inzage.example", got)
	}
}

// TestAddressesOutsideASCII: the domain goes out as the DNS has it, to any
// server; a mailbox outside ASCII goes to a server that takes such, and is
// refused as an address elsewhere. No other mail asks for SMTPUTF8.
func TestAddressesOutsideASCII(t *testing.T) {
	plain, wide := smtptest.Listen(t), smtptest.International(t)
	for _, c := range []struct {
		server  *smtptest.Server
		to      string
		refused bool
		wire    string
		utf8    bool
	}{
		{plain, "info@bücher.example", false, "info@xn--bcher-kva.example", false},
		{wide, "info@Bücher.example", false, "info@xn--bcher-kva.example", false},
		{wide, canary, false, canary, false},
		{wide, "jürgen@bücher.example", false, "jürgen@xn--bcher-kva.example", true},
		{plain, "jürgen@bücher.example", true, "", false},
	} {
		e := envelope()
		e.To = c.to
		before, _ := c.server.To()
		err := open(t, c.server.Address).Send(t.Context(), e)
		to, utf8 := c.server.To()
		if c.refused {
			var r *notify.Refusal
			if !errors.As(err, &r) || r.Code != notify.NeedsUTF8 || len(to) != len(before) {
				t.Errorf("%s: Send = %v, want it refused before the server is asked", c.to, err)
			}
			continue
		}
		if err != nil || len(to) != len(before)+1 || to[len(to)-1] != c.wire || utf8[len(utf8)-1] != c.utf8 {
			t.Errorf("%s: Send = %v, on the envelope %q, SMTPUTF8 %v; want %s, %t", c.to, err, to, utf8, c.wire, c.utf8)
		}
	}
}

// TestThread: what the mails about one matter have in common.
func TestThread(t *testing.T) {
	s := smtptest.Listen(t)
	e := envelope()
	e.Thread = "thread@inzage.example"
	if err := open(t, s.Address).Send(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"In-Reply-To: <thread@inzage.example>", "References: <thread@inzage.example>", "Message-ID: <msg_one@inzage.example>"} {
		if !strings.Contains(s.Taken()[0], want) {
			t.Errorf("the mail lacks %q:\n%s", want, s.Taken()[0])
		}
	}
}
