package mailer_test

import (
	"context"
	"errors"
	"net"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/document"
	"inzage/services/notify"
	"inzage/services/notify/mailer"
	"inzage/services/notify/smtptest"
)

const canary = "canary.person@example.nl"

func envelope() notify.Envelope {
	return notify.Envelope{ID: "msg_one@inzage.example", To: canary, Language: "nl", Subject: "Uw verzoek – één",
		Plain: "Goedendag,\n\nUw code: 123456. Café.\nhttps://inzage.example/r/ABCD-EFGH-JKLM/" + strings.Repeat("a", 60) + "\n",
		HTML:  "<p>Goedendag, <b>één</b></p>" + strings.Repeat("<p>lang</p>", 200), At: time.Date(2026, 12, 17, 9, 0, 0, 0, time.UTC)}
}

func open(t *testing.T, address string) notify.Mailer {
	t.Helper()
	m, err := mailer.Open(address, "Inzage <inzage@inzage.example>", "inzage.example")
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestSMTPDelivers(t *testing.T) {
	s := smtptest.Listen(t)
	if err := open(t, s.Address).Send(t.Context(), envelope()); err != nil {
		t.Fatal(err)
	}
	taken := s.Taken()
	if len(taken) != 1 {
		t.Fatalf("the server took %d mails, want 1", len(taken))
	}
	for _, want := range []string{"Message-ID: <msg_one@inzage.example>", "Auto-Submitted: auto-generated", "multipart/alternative", "text/plain", "text/html", "To: <" + canary + ">"} {
		if !strings.Contains(taken[0], want) {
			t.Errorf("the mail lacks %q:\n%s", want, taken[0])
		}
	}
	for line := range strings.SplitSeq(taken[0], "\r\n") {
		if len(line) > 998 {
			t.Errorf("a line of %d bytes; SMTP allows 998", len(line))
		}
	}
}

func TestSMTPFailures(t *testing.T) {
	cases := []struct {
		name, step string
		code       int
		want       error // nil: temporary, of this mail only
	}{
		{"the mailbox does not exist", "rcpt", 550, notify.ErrRefused},
		{"the mailbox is greylisted", "rcpt", 451, nil},
		{"the content is refused", "data", 554, notify.ErrRefused},
		{"the server is full", "data", 452, nil},
		{"the sender is refused for good", "mail", 550, notify.ErrAway},
		{"the sender is refused for now", "mail", 421, notify.ErrAway},
	}
	for _, tc := range cases {
		t.Run(tc.name, func(t *testing.T) {
			s := smtptest.Listen(t)
			s.Refuse(tc.step, tc.code, "no such user "+canary)
			err := open(t, s.Address).Send(t.Context(), envelope())
			checkFailure(t, err, tc.want)
			var refusal *notify.Refusal
			if errors.As(err, &refusal) && refusal.Code != strconv.Itoa(tc.code)+" 5.1.1" {
				t.Errorf("code %s, want %d", refusal.Code, tc.code)
			}
		})
	}
	t.Run("the connection is cut in the middle", func(t *testing.T) {
		s := smtptest.Listen(t)
		s.Cut()
		checkFailure(t, open(t, s.Address).Send(t.Context(), envelope()), nil)
	})
	t.Run("nobody listens", func(t *testing.T) {
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		address := l.Addr().String()
		if err := l.Close(); err != nil {
			t.Fatal(err)
		}
		checkFailure(t, open(t, "smtp://user:hunter2secret@"+address).Send(t.Context(), envelope()), notify.ErrAway)
	})
	t.Run("the address is none", func(t *testing.T) {
		e := envelope()
		e.To = "canary.person@"
		checkFailure(t, open(t, smtptest.Listen(t).Address).Send(t.Context(), e), notify.ErrRefused)
	})
	t.Run("time is up", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		cancel()
		checkFailure(t, open(t, smtptest.Listen(t).Address).Send(ctx, envelope()), notify.ErrAway)
	})
	t.Run("a server elsewhere without encryption", func(t *testing.T) {
		// Not loopback by name, so that encryption is demanded; the test server has none.
		name, err := os.Hostname()
		if err != nil {
			t.Fatal(err)
		}
		ips, err := net.LookupIP(name)
		if err != nil || len(ips) == 0 || ips[0].IsLoopback() {
			t.Skipf("this machine has no address of its own (%v)", err)
		}
		l, err := net.Listen("tcp", net.JoinHostPort(ips[0].String(), "0"))
		if err != nil {
			t.Skipf("cannot listen on it: %v", err)
		}
		s := smtptest.Serve(t, l)
		checkFailure(t, open(t, s.Address).Send(t.Context(), envelope()), notify.ErrAway)
		if len(s.Taken()) != 0 {
			t.Error("a mail went out in the clear")
		}
	})
}

func checkFailure(t *testing.T, err, want error) {
	t.Helper()
	if err == nil {
		t.Fatal("Send = nil, want a failure")
	}
	for _, kind := range []error{notify.ErrRefused, notify.ErrAway} {
		if errors.Is(err, kind) != (want == kind) {
			t.Errorf("Send = %v, want %v", err, want)
		}
	}
	for _, secret := range []string{"canary", "hunter2"} {
		if strings.Contains(err.Error(), secret) {
			t.Errorf("the error repeats %q: %v", secret, err)
		}
	}
}

func TestFolder(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	m, box := open(t, "file:"+dir), mailer.Mailbox(dir)
	if got, err := box.List("", 10); err != nil || len(got) != 0 {
		t.Fatalf("List of an empty box = %v, %v", got, err)
	}
	for range 3 {
		if err := m.Send(t.Context(), envelope()); err != nil {
			t.Fatal(err)
		}
	}
	// The clock of a file system is coarse; the first mail is made older by hand.
	before := time.Now().Add(-time.Hour)
	if err := os.Chtimes(filepath.Join(dir, envelope().ID+".eml"), before, before); err != nil {
		t.Fatal(err)
	}
	second := envelope()
	second.ID, second.To, second.Subject = "msg_two@inzage.example", "other@example.nl", "Second"
	if err := m.Send(t.Context(), second); err != nil {
		t.Fatal(err)
	}
	names, err := filepath.Glob(filepath.Join(dir, "*"))
	if err != nil || len(names) != 2 {
		t.Fatalf("files = %v, %v; want one for each mail", names, err)
	}
	raw, err := os.ReadFile(filepath.Join(dir, "msg_one@inzage.example.eml"))
	if err != nil || !strings.Contains(string(raw), "/"+strings.Repeat("a", 60)) || !strings.Contains(string(raw), "123456") {
		t.Errorf("the link or the code is not readable in the file: %v", err)
	}
	e := envelope()
	got, err := box.Get(e.ID)
	if err != nil {
		t.Fatal(err)
	}
	want := mailer.Letter{ID: e.ID, To: e.To, Subject: e.Subject, At: e.At, Plain: e.Plain, HTML: e.HTML}
	got.Plain, got.HTML, got.At = strings.TrimSpace(got.Plain)+"\n", strings.TrimSpace(got.HTML), got.At.UTC()
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("Get (-want +got):\n%s", d)
	}
	all, err := box.List("", 10)
	if err != nil || len(all) != 2 || all[0].ID != second.ID {
		t.Errorf("List = %v, %v; want the newest first", all, err)
	}
	if mine, err := box.List("OTHER@example.nl", 10); err != nil || len(mine) != 1 || mine[0].ID != second.ID {
		t.Errorf("List of one address = %v, %v", mine, err)
	}
	for _, id := range []string{"../msg_one@inzage.example", "none", "", ".begun-1"} {
		if _, err := box.Get(id); !errors.Is(err, document.ErrNotFound) {
			t.Errorf("Get(%q) = %v, want not found", id, err)
		}
	}
}

func TestFolderThatIsGone(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "mail")
	m := open(t, "file:"+dir)
	if err := os.RemoveAll(dir); err != nil {
		t.Fatal(err)
	}
	checkFailure(t, m.Send(t.Context(), envelope()), notify.ErrAway)
}

func TestOpenRefuses(t *testing.T) {
	for name, tc := range map[string]struct{ address, from string }{
		"another scheme": {"http://user:hunter2secret@example.nl", "a@example.nl"},
		"no host":        {"smtp://", "a@example.nl"},
		"a bad port":     {"smtp://example.nl:99999", "a@example.nl"},
		"no folder":      {"file:", "a@example.nl"},
		"no sender":      {"file:x", "nobody"},
		"not a URL":      {"smtp://user:hunter2secret@%zz", "a@example.nl"},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := mailer.Open(tc.address, tc.from, "inzage.example")
			if err == nil || strings.Contains(err.Error(), "hunter2") {
				t.Errorf("Open = %v, want a refusal without the password", err)
			}
		})
	}
}
