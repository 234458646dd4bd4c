package identity_test

import (
	"crypto/rand"
	"fmt"
	"regexp"
	"testing"
	"time"

	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/identity/passkeytest"
)

const melchior = "melchior@example.nl"

func filing(object string) identity.CodeRequest {
	return identity.CodeRequest{Purpose: "file", Object: object, Email: melchior, Language: "en", Address: address}
}

func (w *world) send(r identity.CodeRequest) string {
	w.t.Helper()
	check(w.t, w.SendCode(w.t.Context(), r))
	return w.box.last(w.t, "code").Data["code"]
}

func wrong(code string) string {
	if code[0] == '9' {
		return "0" + code[1:]
	}
	return string(code[0]+1) + code[1:]
}

func TestCode(t *testing.T) {
	w := newWorld(t)
	var code string
	w.recorded("send", func() { code = w.send(filing("req_1")) }, map[string]int{"code.send done": 1})
	if l := w.box.last(t, "code"); !regexp.MustCompile(`^\d{6}$`).MatchString(code) || l.To != melchior || l.Language != "en" || l.Data["minutes"] != "10" {
		t.Errorf("the letter is %+v", l)
	}
	for name, change := range map[string]func(r *identity.CodeRequest){
		"another purpose": func(r *identity.CodeRequest) { r.Purpose = "request" },
		"another object":  func(r *identity.CodeRequest) { r.Object = "req_2" },
		"another address": func(r *identity.CodeRequest) { r.Email = "balthasar@example.nl" },
	} {
		r := filing("req_1")
		change(&r)
		w.recorded(name, func() {
			_, err := w.CheckCode(t.Context(), r, code)
			refused(t, name, err, identity.ErrCode)
		}, map[string]int{"code.refuse refused": 1})
	}
	n := thirty(t, func(int) error { _, err := w.CheckCode(t.Context(), filing("req_1"), code); return err })
	if n[""] != 1 || n[fault.Invalid] != 29 {
		t.Errorf("answers: %v, want one success", n)
	}
}

func TestCodeTries(t *testing.T) {
	w := newWorld(t)
	code := w.send(filing("req_1"))
	n := thirty(t, func(int) error { _, err := w.CheckCode(t.Context(), filing("req_1"), wrong(code)); return err })
	page, err := w.Codes.Get(t.Context(), w.onlyCode())
	check(t, err)
	if n[fault.Invalid] != 30 || page.Tries != 3 {
		t.Errorf("answers: %v after %d tries, want 3", n, page.Tries)
	}
	_, err = w.CheckCode(t.Context(), filing("req_1"), code)
	refused(t, "the right code after three wrong", err, identity.ErrCode)
	code = w.send(filing("req_1"))
	for range 2 {
		_, err = w.CheckCode(t.Context(), filing("req_1"), wrong(code))
		refused(t, "wrong", err, identity.ErrCode)
	}
	proof, err := w.CheckCode(t.Context(), filing("req_1"), code[:3]+" "+code[3:])
	check(t, err)
	if !proof.Proves("file", "req_1") || proof.Proves("file", "req_2") || (identity.Proof{}).Proves("", "") {
		t.Error("the proof proves something else")
	}
}

func TestCodeLife(t *testing.T) {
	w := newWorld(t)
	code := w.send(filing("req_1"))
	w.clock.pass(10*time.Minute - time.Millisecond)
	if _, err := w.CheckCode(t.Context(), filing("req_1"), code); err != nil {
		t.Errorf("just before ten minutes: %v", err)
	}
	code = w.send(filing("req_1"))
	w.clock.pass(10 * time.Minute)
	_, err := w.CheckCode(t.Context(), filing("req_1"), code)
	refused(t, "after ten minutes", err, identity.ErrCode)
	first := w.send(filing("req_1"))
	second := w.send(filing("req_1"))
	if first != second {
		_, err = w.CheckCode(t.Context(), filing("req_1"), first)
		refused(t, "the earlier code", err, identity.ErrCode)
	}
	_, err = w.CheckCode(t.Context(), filing("req_1"), second)
	check(t, err)
}

func TestCodesAreThrottled(t *testing.T) {
	w := newWorld(t)
	n := thirty(t, func(i int) error { return w.SendCode(t.Context(), filing(fmt.Sprintf("req_%d", i))) })
	if n[""] != 5 || n[fault.TooMany] != 25 || w.box.count("code") != 5 {
		t.Errorf("answers: %v with %d letters, want 5", n, w.box.count("code"))
	}
	w.clock.pass(15 * time.Minute)
	check(t, w.SendCode(t.Context(), filing("req_1")))
	for _, bad := range []string{"", "x", "x@y", "a b@example.nl", "a@b@example.nl", "a@example.nl\r\nBcc: x@example.nl", "<a@example.nl>", "a,b@example.nl"} {
		r := filing("req_1")
		r.Email = bad
		if err := w.SendCode(t.Context(), r); fault.KindOf(err) != fault.Invalid {
			t.Errorf("a code to %q: %v", bad, err)
		}
	}
}

func TestLinks(t *testing.T) {
	w := newWorld(t)
	issue := func() string {
		token, err := w.IssueLink(t.Context(), identity.System(), identity.LinkRequest{Purpose: "dossier", Object: "req_1", Account: "acc_1", Life: 7 * 24 * time.Hour})
		check(t, err)
		return token
	}
	token := issue()
	if len(token) < 26 {
		t.Errorf("the token has %d letters of 5 bits, want 128 bits", len(token))
	}
	w.recorded("opening", func() {
		for range 3 {
			l, err := w.OpenLink(t.Context(), "dossier", token)
			check(t, err)
			if l.Object != "req_1" || l.Account != "acc_1" {
				t.Errorf("the link opens %+v", l)
			}
		}
	}, nil)
	_, err := w.OpenLink(t.Context(), "enrol", token)
	refused(t, "another purpose", err, identity.ErrNotFound)
	_, err = w.OpenLink(t.Context(), "dossier", rand.Text())
	refused(t, "another token", err, identity.ErrNotFound)
	n := thirty(t, func(int) error {
		_, err := w.UseLink(t.Context(), identity.System(), "dossier", token)
		return err
	})
	if n[""] != 1 || n[fault.Gone] != 29 {
		t.Errorf("answers: %v, want one success", n)
	}
	ended := issue()
	check(t, w.EndLinks(t.Context(), identity.System(), "req_1"))
	_, err = w.OpenLink(t.Context(), "dossier", ended)
	refused(t, "an ended link", err, identity.ErrLink)
	late := issue()
	w.clock.pass(7*24*time.Hour - time.Millisecond)
	_, err = w.OpenLink(t.Context(), "dossier", late)
	check(t, err)
	w.clock.pass(time.Millisecond)
	_, err = w.OpenLink(t.Context(), "dossier", late)
	refused(t, "after seven days", err, identity.ErrLink)
}

func TestEnsureSubject(t *testing.T) {
	w := newWorld(t)
	w.someone("Melchior", identity.Agent) // the same address works here as well
	proof, err := w.CheckCode(t.Context(), filing("req_1"), w.send(filing("req_1")))
	check(t, err)
	ids := make([]string, 30)
	n := thirty(t, func(i int) (err error) {
		ids[i], err = w.EnsureSubject(t.Context(), proof, "Melchior de Wijze", "nl")
		return err
	})
	for _, id := range ids {
		if n[""] != 30 || id != ids[0] {
			t.Fatalf("answers: %v, accounts %v", n, ids)
		}
	}
	p, err := w.Person(t.Context(), ids[0])
	if err != nil || p != (identity.Person{Name: "Melchior de Wijze", Email: melchior}) {
		t.Errorf("Person = %+v, %v", p, err)
	}
	_, err = w.EnsureSubject(t.Context(), identity.Proof{}, "X", "nl")
	refused(t, "without a proof", err, identity.ErrCode)
}

// follow issues the private link of a request and opens a half session with it.
func (w *world) follow(object string) identity.Entry {
	w.t.Helper()
	_, err := w.Vault.Create(w.t.Context(), object)
	check(w.t, err)
	token, err := w.IssueLink(w.t.Context(), identity.System(), identity.LinkRequest{
		Purpose: identity.LinkRequestPage, Object: object, Email: melchior, Life: 90 * 24 * time.Hour,
	})
	check(w.t, err)
	check(w.t, w.SendLinkCode(w.t.Context(), token, "nl", address))
	code := w.box.last(w.t, "code")
	if code.To != melchior {
		w.t.Errorf("the code went to %s", code.To)
	}
	_, err = w.SignInSubject(w.t.Context(), token, wrong(code.Data["code"]), "nl")
	refused(w.t, "a wrong code", err, identity.ErrCode)
	e, err := w.SignInSubject(w.t.Context(), token, code.Data["code"], "nl")
	check(w.t, err)
	return e
}

func TestSubjectWithPasskey(t *testing.T) {
	w := newWorld(t)
	e := w.follow("req_1")
	if e.Actor.Level != identity.Half || e.Actor.Is(identity.Subject) || fmt.Sprint(e.Next) != "[enrol]" {
		t.Errorf("link and code give %+v, %v", e.Actor, e.Next)
	}
	_, err := w.BeginTOTP(t.Context(), e.Actor)
	refused(t, "an authenticator without a password", err, identity.ErrProveMore)
	a := passkeytest.New(t, origin)
	c, err := w.BeginPasskeyEnrolment(t.Context(), e.Actor)
	check(t, err)
	e, err = w.FinishPasskeyEnrolment(t.Context(), e.Actor, c.Ceremony, "phone", a.Create(c.Options))
	check(t, err)
	if !e.Actor.Is(identity.Subject) || e.Actor.Organisation != "" {
		t.Errorf("the passkey gives %+v", e.Actor)
	}
	again := w.follow("req_2")
	if again.Actor.Account != e.Actor.Account || fmt.Sprint(again.Next) != "[passkey]" {
		t.Errorf("the next visit gives %+v, %v", again.Actor, again.Next)
	}
	_, err = w.BeginPasskeyEnrolment(t.Context(), again.Actor)
	refused(t, "another passkey with link and code", err, identity.ErrEnrol)
	_, err = w.ChoosePassword(t.Context(), again.Actor, password)
	refused(t, "a password with link and code", err, identity.ErrEnrol)
	a.Count++
	signIn := w.challenge()
	e, err = w.FinishPasskeySignIn(t.Context(), signIn.Ceremony, a.Get(signIn.Options), address)
	check(t, err)
	if !e.Actor.Is(identity.Subject) {
		t.Errorf("the passkey gives %+v", e.Actor)
	}
}

func TestSubjectWithApp(t *testing.T) {
	w := newWorld(t)
	e := w.follow("req_1")
	e, err := w.ChoosePassword(t.Context(), e.Actor, password)
	check(t, err)
	if e.Actor.Level != identity.Half || !w.live(e.Token) {
		t.Errorf("a password gives %+v", e.Actor)
	}
	alone, err := w.SignIn(t.Context(), identity.Credentials{Email: melchior, Password: password, Address: address})
	check(t, err)
	_, err = w.BeginTOTP(t.Context(), alone.Actor)
	refused(t, "an authenticator with the password alone", err, identity.ErrEnrol)
	setup, err := w.BeginTOTP(t.Context(), e.Actor)
	check(t, err)
	e, _, err = w.ConfirmTOTP(t.Context(), e.Actor, setup.Ceremony, w.code(setup.Secret))
	check(t, err)
	if !e.Actor.Is(identity.Subject) {
		t.Errorf("password and app give %+v", e.Actor)
	}
	w.clock.pass(30 * time.Second)
	again := w.follow("req_2")
	if fmt.Sprint(again.Next) != "[password]" {
		t.Errorf("Next = %v", again.Next)
	}
	_, err = w.ProveTOTP(t.Context(), again.Actor, w.code(setup.Secret))
	refused(t, "the app without the password", err, identity.ErrProveMore)
	_, err = w.ProvePassword(t.Context(), again.Actor, "wrong", address)
	refused(t, "a wrong password", err, identity.ErrSignIn)
	again, err = w.ProvePassword(t.Context(), again.Actor, password, address)
	check(t, err)
	again, err = w.ProveTOTP(t.Context(), again.Actor, w.code(setup.Secret))
	check(t, err)
	if !again.Actor.Is(identity.Subject) {
		t.Errorf("password and app give %+v", again.Actor)
	}
	w.clock.pass(30 * time.Second)
	direct, err := w.SignIn(t.Context(), identity.Credentials{Email: melchior, Password: password, Address: address})
	check(t, err)
	_, err = w.ProveTOTP(t.Context(), direct.Actor, w.code(setup.Secret))
	check(t, err)
}

func TestErase(t *testing.T) {
	w := newWorld(t)
	e, other := w.follow("req_1"), w.someone("Petra", identity.Agent)
	refused(t, "by another", w.Erase(t.Context(), w.full(other).Actor, e.Actor.Account), identity.ErrNotFound)
	refused(t, "staff", w.Erase(t.Context(), identity.System(), other.Account), identity.ErrNotFound)
	for range 2 {
		check(t, w.Erase(t.Context(), identity.System(), e.Actor.Account))
	}
	if w.live(e.Token) {
		t.Error("the session lives on")
	}
	if _, err := w.Person(t.Context(), e.Actor.Account); fault.KindOf(err) != fault.Gone {
		t.Errorf("Person = %v, want Gone", err)
	}
	if again := w.follow("req_2"); again.Actor.Account == e.Actor.Account {
		t.Error("the erased account came back")
	}
}

func TestSignInProven(t *testing.T) {
	w := newWorld(t)
	r := filing("req_1")
	proof, err := w.CheckCode(t.Context(), r, w.send(r))
	check(t, err)
	_, err = w.SignInProven(t.Context(), proof, "", "nl")
	refused(t, "the proof of a filing", err, identity.ErrCode)
	_, err = w.SignInProven(t.Context(), identity.Proof{}, "", "nl")
	refused(t, "no proof", err, identity.ErrCode)
	r.Purpose = identity.LinkRequestPage
	proof, err = w.CheckCode(t.Context(), r, w.send(r))
	check(t, err)
	e, err := w.SignInProven(t.Context(), proof, "", "nl")
	check(t, err)
	if e.Actor.Level != identity.Half || fmt.Sprint(e.Next) != "[enrol]" || proof.Object() != "req_1" {
		t.Errorf("the proof gives %+v, %v", e.Actor, e.Next)
	}
}

// TestFilesOfStrangersAreThrottled: who has proven nothing sends so many files
// from one network address and no more; another address is not held up.
func TestFilesOfStrangersAreThrottled(t *testing.T) {
	w := newWorld(t, func(d *identity.Deps) { d.Limits.FilesFrom = 7 })
	n := thirty(t, func(int) error { return w.MaySendFile(t.Context(), address) })
	if n[""] != 7 || n[fault.TooMany] != 23 {
		t.Errorf("answers: %v, want seven files taken", n)
	}
	check(t, w.MaySendFile(t.Context(), "198.51.100.7"))
	w.recorded("one too many", func() {
		refused(t, "one too many", w.MaySendFile(t.Context(), address), identity.ErrTooMany)
	}, map[string]int{"file.send refused": 1})
	w.clock.pass(15 * time.Minute)
	check(t, w.MaySendFile(t.Context(), address))
}
