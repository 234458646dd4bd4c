package api_test

import (
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/notify/smtptest"
)

// TestHealthOfMailInTheAPI: a program that watches the portal sees that mail
// does not leave, and why.
func TestHealthOfMailInTheAPI(t *testing.T) {
	w := handlertest.New(t)
	operator := newCaller(t, w).signIn(w.Hire("Otto", identity.Organisation{Slug: "portal"}, identity.Operator))
	server := smtptest.Listen(t)
	w.Mail(server.Address)
	if _, err := w.Notify.Outbox.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if h := operator.do("GET", "/health", nil).want(t, 200); !strings.Contains(h.raw, `"leaves":true`) || !strings.Contains(h.raw, `"encrypted":false`) {
		t.Errorf("the health: %s", h.raw)
	}
	server.RefuseAs("mail", 530, [3]int{5, 7, 0}, "sign in first")
	if err := w.Notify.Outbox.Post(t.Context(), identity.Letter{Key: "k", To: "nobody@example.org", Language: "nl", Template: "password_unknown"}); err != nil {
		t.Fatal(err)
	}
	w.Leave()
	h := operator.do("GET", "/health", nil).want(t, 200)
	for _, want := range []string{`"leaves":false`, `"trouble":"sign_in_refused"`, `"reply":"530 5.7.0"`, `"mails":1`, `"since":`} {
		if !strings.Contains(h.raw, want) {
			t.Errorf("the health lacks %s: %s", want, h.raw)
		}
	}
	if strings.Contains(h.raw, "nobody@") {
		t.Errorf("the health names an address: %s", h.raw)
	}
}
