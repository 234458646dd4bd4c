package mailer_test

import (
	"crypto/tls"
	"encoding/pem"
	"fmt"
	"net"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"inzage/services/notify"
	"inzage/services/notify/smtptest"
)

// certificate is for 127.0.0.1 and not for localhost. The tests of this package
// trust it as a machine trusts its authorities.
var certificate tls.Certificate

func TestMain(m *testing.M) { os.Exit(trusting(m)) }

func trusting(m *testing.M) int {
	s := httptest.NewTLSServer(nil)
	certificate = s.TLS.Certificates[0]
	s.Close()
	dir, err := os.MkdirTemp("", "inzage-mailer-")
	if err != nil {
		return failed(err)
	}
	defer os.RemoveAll(dir)
	path := filepath.Join(dir, "ca.pem")
	if err := os.WriteFile(path, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: certificate.Certificate[0]}), 0o600); err != nil {
		return failed(err)
	}
	if err := os.Setenv("SSL_CERT_FILE", path); err != nil {
		return failed(err)
	}
	return m.Run()
}

func failed(err error) int {
	fmt.Fprintln(os.Stderr, err)
	return 1
}

// TestMailIsEncrypted: a mail leaves this machine over TLS 1.2 or newer, to a
// server whose certificate was checked, or not at all. LOCALHOST is this machine
// by a name that the mailer does not know as such.
func TestMailIsEncrypted(t *testing.T) {
	sent, refused, taken := 0, 0, 0
	for name, c := range map[string]struct {
		scheme, host string
		offers       bool   // STARTTLS
		newest       uint16 // version of TLS; 0 the newest there is
		delivered    bool
	}{
		"in the clear on this machine":          {"smtp", "127.0.0.1", false, 0, true},
		"in the clear elsewhere":                {"smtp", "LOCALHOST", false, 0, false},
		"begun in the clear, not its name":      {"smtp", "LOCALHOST", true, 0, false},
		"a certificate of its name":             {"smtps", "127.0.0.1", false, 0, true},
		"a certificate of another name":         {"smtps", "LOCALHOST", false, 0, false},
		"TLS 1.2":                               {"smtps", "127.0.0.1", false, tls.VersionTLS12, true},
		"TLS 1.1, which is not safe any longer": {"smtps", "127.0.0.1", false, tls.VersionTLS11, false},
	} {
		t.Run(name, func(t *testing.T) {
			l, err := net.Listen("tcp", "127.0.0.1:0")
			if err != nil {
				t.Fatal(err)
			}
			_, port, err := net.SplitHostPort(l.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			settings := &tls.Config{Certificates: []tls.Certificate{certificate}, MinVersion: tls.VersionTLS10, MaxVersion: c.newest}
			var s *smtptest.Server
			switch {
			case c.scheme == "smtps":
				s = smtptest.Serve(t, tls.NewListener(l, settings))
			case c.offers:
				s = smtptest.Starting(t, l, settings)
			default:
				s = smtptest.Serve(t, l)
			}
			err = open(t, c.scheme+"://"+net.JoinHostPort(c.host, port)).Send(t.Context(), envelope())
			if sent++; c.delivered {
				if err != nil || len(s.Taken()) != 1 {
					t.Errorf("Send = %v, %d mails arrived, want it there", err, len(s.Taken()))
				}
				taken++
				return
			}
			checkFailure(t, err, notify.ErrAway)
			if len(s.Taken()) != 0 {
				t.Error("the mail arrived all the same")
			}
			refused++
		})
	}
	t.Logf("mails: %d sent, %d over what is not safe and refused, %d delivered", sent, refused, taken)
}
