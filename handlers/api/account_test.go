package api_test

import (
	"slices"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

func TestOwnAccount(t *testing.T) {
	w := handlertest.New(t)
	sanne := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	c := newCaller(t, w).signIn(sanne)
	mine := c.do("GET", "/account", nil).want(t, 200)
	if mine.str("email") != sanne.Email || mine.body["password"] != true || mine.str("authenticator", "since") == "" || len(mine.list("passkeys")) != 0 {
		t.Errorf("the account is %s", mine.raw)
	}
	if after := c.do("PUT", "/account", bodyOf{"name": "Sanne Vries", "language": "en"}).want(t, 200); after.str("name") != "Sanne Vries" || after.str("language") != "en" {
		t.Errorf("changed into %s", after.raw)
	}
	c.do("PUT", "/account", bodyOf{"name": "Sanne", "language": "nl", "roles": []string{"admin"}}).problem(t, 422, "invalid")
	c.do("PUT", "/account", bodyOf{"name": " ", "language": "nl"}).problem(t, 422, "invalid")

	other := newCaller(t, w).signIn(sanne)
	all := c.do("GET", "/account/sessions", nil).want(t, 200)
	if n := len(all.list("sessions")); n != 2 {
		t.Fatalf("%d sessions: %s", n, all.raw)
	}
	stranger := newCaller(t, w).signIn(w.Hire("Kwame Boateng", w.Florist, identity.Admin))
	for i := range all.list("sessions") {
		s := all.list("sessions")[i].(bodyOf)
		stranger.do("DELETE", "/account/sessions/"+s["id"].(string), nil).problem(t, 404, "not_found")
		if s["current"] == false {
			c.do("DELETE", "/account/sessions/"+s["id"].(string), nil).want(t, 204)
		}
	}
	other.do("GET", "/account", nil).problem(t, 401, "unauthenticated")
	other.signIn(sanne)
	c.do("DELETE", "/account/sessions", nil).want(t, 204)
	c.do("GET", "/account", nil).problem(t, 401, "unauthenticated")
	other.do("GET", "/account", nil).problem(t, 401, "unauthenticated")
}

func TestPasswordAndFactorsOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	sanne := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	c := newCaller(t, w).signIn(sanne)
	const better = "zeewind-komijn-trapgevel-77"
	c.do("PUT", "/account/password", bodyOf{"old": "niet-het-goede-woord", "password": better}).problem(t, 401, "unauthenticated")
	c.do("PUT", "/account/password", bodyOf{"old": sanne.Password, "password": "wachtwoord123"}).problem(t, 422, "invalid")
	c.do("PUT", "/account/password", bodyOf{"old": sanne.Password, "password": better}).want(t, 200)
	newCaller(t, w).do("POST", "/sessions", bodyOf{"email": sanne.Email, "password": sanne.Password}).problem(t, 401, "unauthenticated")

	setup := c.do("POST", "/account/authenticator", nil).want(t, 200)
	stranger := newCaller(t, w).signIn(w.Hire("Kwame Boateng", w.Florist, identity.Admin))
	code, err := totp.GenerateCode(setup.str("secret"), w.Now())
	if err != nil {
		t.Fatal(err)
	}
	stranger.do("POST", "/account/authenticator/confirm", bodyOf{"ceremony": setup.str("ceremony"), "code": code}).problem(t, 410, "gone")
	c.do("POST", "/account/authenticator/confirm", bodyOf{"ceremony": setup.str("ceremony"), "code": "000000x"}).problem(t, 401, "unauthenticated")
	code, _ = totp.GenerateCode(setup.str("secret"), w.Now())
	bound := c.do("POST", "/account/authenticator/confirm", bodyOf{"ceremony": setup.str("ceremony"), "code": code}).want(t, 200)
	if codes := bound.list("recovery_codes"); len(codes) != 10 || bound.body["level"] != "full" {
		t.Errorf("bound: %s", bound.raw)
	}
	c.key = "ten"
	first := c.do("POST", "/account/recovery", nil).want(t, 201).list("recovery_codes")
	if again := c.do("POST", "/account/recovery", nil).want(t, 201).list("recovery_codes"); len(first) != 10 || len(again) != 0 {
		t.Errorf("%d codes, and %d for the same key", len(first), len(again))
	}
	c.key = ""
	half := newCaller(t, w)
	half.do("POST", "/sessions", bodyOf{"email": sanne.Email, "password": better}).want(t, 201)
	half.do("POST", "/sessions/recovery", bodyOf{"code": first[0]}).want(t, 200)
	w.Pass(6 * time.Minute)
	for _, late := range []answer{c.do("POST", "/account/authenticator", nil), c.do("POST", "/account/recovery", nil), c.do("PUT", "/account/password", bodyOf{"old": better, "password": sanne.Password})} {
		late.problem(t, 403, "step_up")
	}
	events := w.Events(sanne.Account)
	for _, want := range []string{"password.change", "factor.enrol", "factor.renew", "session.refuse refused", "factor.refuse refused"} {
		if !slices.Contains(events, want) {
			t.Errorf("%s left no entry: %v", want, events)
		}
	}
}
