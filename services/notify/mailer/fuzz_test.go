package mailer_test

import (
	"bytes"
	"context"
	"errors"
	netmail "net/mail"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"inzage/services/notify"
	"inzage/services/notify/mailer"
)

// FuzzHeaders: whatever a name or an address holds, the mail has the headers
// that it always has, each once, and goes to one person.
func FuzzHeaders(f *testing.F) {
	for _, seed := range []string{"Uw verzoek", "a\r\nBcc: evil@example.org", "a\nContent-Type: text/html\n\n<script>", "\x00", "=?utf-8?q?x?=", "é ✓ \u2028x", "a\r\n\r\nbody"} {
		f.Add(seed, "nl", canary)
		f.Add("Uw verzoek", seed, canary)
		f.Add("Uw verzoek", "nl", seed)
	}
	f.Add("x", "nl", "a@example.org, b@example.org")
	f.Add("x", "nl", "a@example.org\r\nBcc: b@example.org")
	dir := f.TempDir()
	m, err := mailer.Open("file:"+dir, "Inzage <inzage@inzage.example>", "inzage.example")
	if err != nil {
		f.Fatal(err)
	}
	known := []string{"Auto-Submitted", "Content-Language", "Content-Type", "Date", "From", "Message-Id", "Mime-Version", "Subject", "To", "X-Auto-Response-Suppress"}
	f.Fuzz(func(t *testing.T, subject, language, to string) {
		e := notify.Envelope{ID: "msg_one@inzage.example", To: to, Language: language, Subject: subject, Plain: "Goedendag", HTML: "<p>Goedendag</p>", At: time.Date(2026, 12, 17, 9, 0, 0, 0, time.UTC)}
		path := filepath.Join(dir, e.ID+".eml")
		_ = os.Remove(path) // the same mail again would change nothing
		if err := m.Send(context.Background(), e); err != nil {
			if !errors.Is(err, notify.ErrRefused) {
				t.Errorf("Send = %v", err)
			}
			return
		}
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		msg, err := netmail.ReadMessage(bytes.NewReader(data))
		if err != nil {
			t.Fatalf("%q is no mail: %v", data, err)
		}
		for name, values := range msg.Header {
			if !slices.Contains(known, name) || len(values) != 1 {
				t.Errorf("header %s is there %d times: %q", name, len(values), values)
			}
		}
		if all, err := msg.Header.AddressList("To"); err != nil || len(all) != 1 {
			t.Errorf("to %q: %v, %v", msg.Header.Get("To"), all, err)
		}
	})
}
