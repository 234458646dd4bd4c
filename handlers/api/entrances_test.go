package api_test

import (
	"path"
	"slices"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/requests"
)

// token is the secret at the end of the link in somebody's last letter.
func token(w *handlertest.World, to, template string) string {
	return path.Base(w.LastLetter(to, template).Data["link"])
}

// enrolled sets up an authenticator app in a half session.
func (c *caller) enrolled() answer {
	c.t.Helper()
	setup := c.do("POST", "/account/authenticator", nil).want(c.t, 200)
	code, err := totp.GenerateCode(setup.str("secret"), c.w.Now())
	if err != nil {
		c.t.Fatal(err)
	}
	return c.do("POST", "/account/authenticator/confirm", bodyOf{"ceremony": setup.str("ceremony"), "code": code}).want(c.t, 200)
}

func TestForgottenPasswordOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	sanne := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	c := newCaller(t, w).signIn(sanne)
	stranger := newCaller(t, w)
	known := stranger.do("POST", "/password/forgot", bodyOf{"email": sanne.Email}).want(t, 202)
	if unknown := stranger.do("POST", "/password/forgot", bodyOf{"email": "niemand@example.org"}).want(t, 202); known.raw != unknown.raw {
		t.Errorf("the answer tells who has an account: %q and %q", known.raw, unknown.raw)
	}
	const better = "zeewind-komijn-trapgevel-77"
	secret := token(w, sanne.Email, "password")
	stranger.do("POST", "/password/reset", bodyOf{"token": secret, "password": "wachtwoord123"}).problem(t, 422, "invalid")
	stranger.do("POST", "/password/reset", bodyOf{"token": "AAAAAAAAAAAAAAAAAAAAAAAAAA", "password": better}).problem(t, 404, "not_found")
	stranger.do("POST", "/password/reset", bodyOf{"token": secret, "password": better}).want(t, 204)
	stranger.do("GET", "/sessions/current", nil).problem(t, 401, "unauthenticated")
	c.do("GET", "/account", nil).problem(t, 401, "unauthenticated")
	stranger.do("POST", "/password/reset", bodyOf{"token": secret, "password": better}).problem(t, 410, "gone")
	sanne.Password = better
	stranger.signIn(sanne)
}

func TestInvitationOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	admin := newCaller(t, w).signIn(w.Hire("Hendrik Mulder", w.Bakery, identity.Admin))
	admin.do("POST", "/invitations", bodyOf{"name": "Piet Smit", "email": "piet@example.org", "roles": []string{"agent"}}).want(t, 201)
	secret := token(w, "piet@example.org", "invitation")
	piet := newCaller(t, w)
	offer := piet.do("POST", "/invitations/open", bodyOf{"token": secret}).want(t, 200)
	if offer.str("email") != "piet@example.org" || offer.str("organisation") != w.Bakery.Name || offer.str("roles", "0") != "agent" || offer.body["known"] != false {
		t.Errorf("the invitation says %s", offer.raw)
	}
	piet.do("POST", "/invitations/open", bodyOf{"token": "AAAAAAAAAAAAAAAAAAAAAAAAAA"}).problem(t, 404, "not_found")
	piet.do("POST", "/invitations/accept", bodyOf{"token": secret, "password": "wachtwoord123"}).problem(t, 422, "invalid")
	in := piet.do("POST", "/invitations/accept", bodyOf{"token": secret, "password": "trapgevel-komijn-zeewind-42"}).want(t, 201)
	if in.body["level"] != "half" || in.str("next", "0") != "enrol" {
		t.Errorf("accepted: %s", in.raw)
	}
	piet.do("GET", "/requests", nil).problem(t, 401, "unauthenticated")
	newCaller(t, w).do("POST", "/invitations/accept", bodyOf{"token": secret, "password": "trapgevel-komijn-zeewind-42"}).problem(t, 410, "gone")
	piet.enrolled()
	piet.do("GET", "/requests", nil).want(t, 200)
	account := piet.do("GET", "/sessions/current", nil).want(t, 200).str("account")

	// Another organisation asks the same person, who moves there.
	florist := newCaller(t, w).signIn(w.Hire("Kwame Boateng", w.Florist, identity.Admin))
	florist.do("POST", "/invitations", bodyOf{"name": "Piet Smit", "email": "piet@example.org", "roles": []string{"privacy_officer"}}).want(t, 201)
	secret = token(w, "piet@example.org", "invitation")
	if offer := piet.do("POST", "/invitations/open", bodyOf{"token": secret}).want(t, 200); offer.body["known"] != true {
		t.Errorf("the second invitation says %s", offer.raw)
	}
	admin.do("POST", "/invitations/join", bodyOf{"token": secret}).problem(t, 404, "not_found")
	piet.do("POST", "/invitations/join", bodyOf{"token": secret}).want(t, 204)
	piet.do("GET", "/sessions/current", nil).problem(t, 401, "unauthenticated")
	if events := w.Events(account); !slices.Contains(events, "account.create") || !slices.Contains(events, "factor.enrol") || !slices.Contains(events, "account.move") {
		t.Errorf("entries: %v", events)
	}
}

func TestEnrolmentLinkOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	sanne, joris := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer), w.Hire("Joris Bakker", w.Bakery, identity.PrivacyOfficer)
	admin := newCaller(t, w).signIn(w.Hire("Hendrik Mulder", w.Bakery, identity.Admin))
	admin.do("POST", "/people/"+sanne.Account+"/reset", nil).want(t, 200)
	secret := token(w, sanne.Email, "enrol")
	use := func(p handlertest.Person, secret, password string) answer {
		c := newCaller(t, w)
		a := c.do("POST", "/links/enrolment", bodyOf{"token": secret, "email": p.Email, "password": password})
		if a.status != 201 {
			c.do("GET", "/sessions/current", nil).problem(t, 401, "unauthenticated")
			return a
		}
		c.do("GET", "/requests", nil).problem(t, 401, "unauthenticated")
		c.enrolled()
		c.do("GET", "/requests", nil).want(t, 200)
		return a
	}
	use(sanne, "AAAAAAAAAAAAAAAAAAAAAAAAAA", sanne.Password).problem(t, 404, "not_found")
	use(sanne, secret, "niet-het-goede-woord").problem(t, 401, "unauthenticated")
	use(joris, secret, joris.Password).problem(t, 404, "not_found")
	use(sanne, secret, sanne.Password).want(t, 201)
	use(sanne, secret, sanne.Password).problem(t, 410, "gone")
}

// TestSubjectsBindAFactor goes the way of somebody who filed a request and
// wants the answer: a private link and a code, a first password, an app.
func TestSubjectsBindAFactor(t *testing.T) {
	w := handlertest.New(t)
	_, id := filed(t, w, "korenaar", asking())
	r, err := w.Requests.Requests.Get(t.Context(), id)
	if err != nil {
		t.Fatal(err)
	}
	link := bodyOf{"reference": r.Reference, "token": w.Vault.Fingerprint(requests.FollowPurpose, id)}
	me := newCaller(t, w)
	me.do("POST", "/account/password", bodyOf{"password": "trapgevel-komijn-zeewind-42"}).problem(t, 401, "unauthenticated")
	me.do("POST", "/links/code", link).want(t, 202)
	link["code"] = w.LastLetter("fatima@example.org", "code").Data["code"]
	me.do("POST", "/links/open", link).want(t, 200)
	me.do("POST", "/account/password", bodyOf{"password": "trapgevel-komijn-zeewind-42"}).want(t, 200)
	if bound := me.enrolled(); bound.body["level"] != "full" {
		t.Errorf("bound: %s", bound.raw)
	}
	me.do("POST", "/account/password", bodyOf{"password": "zeewind-komijn-trapgevel-77"}).problem(t, 403, "forbidden")

	w.Pass(2 * time.Hour)
	again := newCaller(t, w)
	delete(link, "code")
	again.do("POST", "/links/code", link).want(t, 202)
	link["code"] = w.LastLetter("fatima@example.org", "code").Data["code"]
	again.do("POST", "/links/open", link).want(t, 200)
	again.do("POST", "/sessions/password", bodyOf{"password": "niet-het-goede-woord"}).problem(t, 401, "unauthenticated")
	if next := again.do("POST", "/sessions/password", bodyOf{"password": "trapgevel-komijn-zeewind-42"}).want(t, 200); next.str("next", "0") != "totp" {
		t.Errorf("after the password: %s", next.raw)
	}
}
