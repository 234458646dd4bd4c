package web_test

import (
	"net"
	"net/http"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/notify/smtptest"
)

// TestInvitationThatIsRefused: the list of people says that it was not delivered.
func TestInvitationThatIsRefused(t *testing.T) {
	w := handlertest.New(t)
	server := smtptest.Listen(t)
	w.Mail(server.Address)
	boss := w.SignIn(w.Hire("Bas", w.Bakery, identity.Admin))
	to(t, boss.Post("/people/invite", form("name", "Eva", "email", "eva@example.be", "roles", "agent", "language", "nl")), "/people")
	server.RefuseAs("rcpt", 550, [3]int{5, 1, 1}, "no such user eva@example.be")
	w.Leave()
	has(t, boss.Get("/people").Want(t, http.StatusOK), "Niet bezorgd: adres geweigerd")
	server.Refuse("rcpt", 0, "")
	to(t, boss.Post("/people/invite", form("name", "Ewa", "email", "ewa@example.be", "roles", "agent", "language", "nl")), "/people")
	w.Leave()
	has(t, boss.Get("/people").Want(t, http.StatusOK), "Overgedragen aan de mailserver")
}

// TestFateOfACode: what became of the letter with a code is told for the newest
// code to this address alone.
func TestFateOfACode(t *testing.T) {
	w := handlertest.New(t)
	server := smtptest.Listen(t)
	w.Mail(server.Address)
	ask := identity.CodeRequest{Purpose: "file", Object: "req_x", Email: "a@example.org", Language: "nl", Address: "127.0.0.1"}
	fate := func() identity.Fate {
		t.Helper()
		f, err := w.Identity.CodeFate(t.Context(), ask)
		if err != nil {
			t.Fatal(err)
		}
		return f
	}
	send := func() {
		t.Helper()
		if err := w.Identity.SendCode(t.Context(), ask); err != nil {
			t.Fatal(err)
		}
		w.Leave()
	}
	if f := fate(); f != (identity.Fate{}) {
		t.Errorf("before a code it is %+v", f)
	}
	server.RefuseAs("rcpt", 550, [3]int{5, 1, 1}, "no such user")
	if send(); !fate().Refused {
		t.Errorf("refused: %+v", fate())
	}
	server.RefuseAs("rcpt", 554, [3]int{5, 7, 1}, "relay access denied")
	if send(); !fate().Waiting || !fate().Trouble || fate().Refused {
		t.Errorf("kept back: %+v", fate())
	}
	server.Refuse("rcpt", 0, "")
	if send(); fate().Waiting || fate().Refused || fate().At.IsZero() {
		t.Errorf("handed over: %+v", fate())
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_ = l.Close()
	w.Mail("smtp://" + l.Addr().String())
	if send(); !fate().Waiting || !fate().Trouble {
		t.Errorf("nobody listens: %+v", fate())
	}
	ask.Email = "jürgen@example.org"
	if err := w.Identity.SendCode(t.Context(), ask); err != nil {
		t.Errorf("before the server said what it takes: %v", err)
	}
	w.Mail(server.Address)
	if _, err := w.Notify.Outbox.Check(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := w.Identity.SendCode(t.Context(), ask); err == nil {
		t.Error("a code goes to an address that the server does not take")
	}
}
