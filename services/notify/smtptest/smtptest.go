// Package smtptest is a real mail server for tests, on loopback.
package smtptest

import (
	"crypto/tls"
	"io"
	"net"
	"slices"
	"sync"
	"testing"

	"github.com/emersion/go-smtp"
)

// Server takes mails and keeps them.
type Server struct {
	Address string // smtp://host:port

	mu     sync.Mutex
	taken  []string
	refuse map[string]*smtp.SMTPError // by step
	cut    bool
	names  []string // that it was greeted with
	to     []string // whom the mails were for, as the envelope has it
	utf8   []bool   // whether a mail asked for SMTPUTF8
}

// Listen starts a server and stops it when the test ends.
func Listen(t testing.TB) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return Serve(t, l)
}

// Serve is Listen on a listener that the test has made.
func Serve(t testing.TB, l net.Listener) *Server { return Starting(t, l, nil) }

// Starting is Serve by a server that offers STARTTLS with the certificate of the
// configuration; nil offers none.
func Starting(t testing.TB, l net.Listener, c *tls.Config) *Server {
	t.Helper()
	return run(t, l, c, false)
}

// International is Listen by a server that takes addresses outside ASCII.
func International(t testing.TB) *Server {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return run(t, l, nil, true)
}

func run(t testing.TB, l net.Listener, c *tls.Config, utf8 bool) *Server {
	t.Helper()
	s := &Server{refuse: map[string]*smtp.SMTPError{}, Address: "smtp://" + l.Addr().String()}
	srv := smtp.NewServer(s)
	srv.EnableSMTPUTF8 = utf8
	srv.Domain, srv.ErrorLog, srv.TLSConfig = "test", quiet{}, c
	done := make(chan error, 1)
	go func() { done <- srv.Serve(l) }()
	t.Cleanup(func() {
		_ = srv.Close() // ends connections that a test left open
		_ = l.Close()   // the server may not have got as far as knowing its listener
		<-done
	})
	return s
}

// Refuse answers a step (mail, rcpt or data) with a code from now on; code 0 accepts it again.
func (s *Server) Refuse(step string, code int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.refuse, step)
	if code != 0 {
		s.refuse[step] = &smtp.SMTPError{Code: code, EnhancedCode: smtp.EnhancedCode{code / 100, 1, 1}, Message: text}
	}
}

// RefuseAs is Refuse with an enhanced code; the zero one is left out of the answer.
func (s *Server) RefuseAs(step string, code int, enhanced [3]int, text string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	e := smtp.EnhancedCode(enhanced)
	if enhanced == [3]int{} {
		e = smtp.NoEnhancedCode
	}
	s.refuse[step] = &smtp.SMTPError{Code: code, EnhancedCode: e, Message: text}
}

// Cut closes the connection after each mail without an answer from now on.
func (s *Server) Cut() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.cut = true
}

// Taken are the mails that were accepted, as they came over the wire.
func (s *Server) Taken() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.taken)
}

// Names are the names that it was greeted with, at each mail.
func (s *Server) Names() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.names)
}

// To are the addresses on the envelopes, and whether each asked for SMTPUTF8.
func (s *Server) To() ([]string, []bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.to), slices.Clone(s.utf8)
}

// NewSession implements smtp.Backend.
func (s *Server) NewSession(c *smtp.Conn) (smtp.Session, error) { return &session{s, c}, nil }

type session struct {
	*Server
	conn *smtp.Conn
}

func (s *session) answer(step string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e := s.refuse[step]; e != nil {
		return e
	}
	return nil
}

// Reset, Logout, Mail, Rcpt and Data implement smtp.Session.
func (s *session) Reset() {}

func (s *session) Logout() error { return nil }

func (s *session) Mail(_ string, o *smtp.MailOptions) error {
	s.mu.Lock()
	s.names, s.utf8 = append(s.names, s.conn.Hostname()), append(s.utf8, o != nil && o.UTF8)
	s.mu.Unlock()
	return s.answer("mail")
}

func (s *session) Rcpt(to string, _ *smtp.RcptOptions) error {
	s.mu.Lock()
	s.to = append(s.to, to)
	s.mu.Unlock()
	return s.answer("rcpt")
}

func (s *session) Data(r io.Reader) error {
	b, err := io.ReadAll(r)
	if err != nil {
		return err
	}
	if err := s.answer("data"); err != nil {
		return err
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.cut {
		return s.conn.Conn().Close()
	}
	s.taken = append(s.taken, string(b))
	return nil
}

type quiet struct{}

func (quiet) Printf(string, ...any) {}
func (quiet) Println(...any)        {}
