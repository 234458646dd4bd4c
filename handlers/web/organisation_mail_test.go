package web_test

import (
	"net"
	"net/http"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/notify/smtptest"
)

// TestHealthOfMailOnThePage: the operator reads why mail does not leave, in
// words, where they look first; and that it leaves again.
func TestHealthOfMailOnThePage(t *testing.T) {
	w := handlertest.New(t)
	otto := w.SignIn(w.Hire("Otto", identity.Organisation{Slug: "portal"}, identity.Operator))
	has(t, otto.Get("/health").Want(t, http.StatusOK), "Nog niet geprobeerd")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	w.Mail("smtp://" + l.Addr().String())
	if _, err := w.Notify.Outbox.Check(t.Context()); err == nil {
		t.Fatal("Check = nil, and nobody listens")
	}
	for _, page := range []string{"/health", "/organisations"} {
		has(t, otto.Get(page).Want(t, http.StatusOK), "De mailserver is niet bereikbaar.", "connection refused")
	}
	server := smtptest.Listen(t)
	w.Mail(server.Address)
	if _, err := w.Notify.Outbox.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	has(t, otto.Get("/health").Want(t, http.StatusOK), "Gaat weg", "onversleuteld")
	lacks(t, otto.Get("/organisations").Want(t, http.StatusOK), "mailserver")

	server.RefuseAs("rcpt", 554, [3]int{5, 7, 1}, "relay access denied for nobody@example.org")
	if err := w.Notify.Outbox.Post(t.Context(), identity.Letter{Key: "k", To: "nobody@example.org", Language: "nl", Template: "password_unknown"}); err != nil {
		t.Fatal(err)
	}
	w.Leave()
	for _, page := range []string{"/health", "/organisations"} {
		p := otto.Get(page).Want(t, http.StatusOK)
		has(t, p, "vastgehouden", "554 5.7.1", "hij stuurt die niet door")
		lacks(t, p, "nobody@")
	}
}
