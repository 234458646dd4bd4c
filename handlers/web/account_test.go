package web_test

import (
	"net/http"
	"net/url"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// form makes the values of a form from pairs of name and value.
func form(pairs ...string) url.Values {
	v := url.Values{}
	for i := 0; i+1 < len(pairs); i += 2 {
		v.Add(pairs[i], pairs[i+1])
	}
	return v
}

// token is the session's cookie, "" when there is none.
func token(c *handlertest.Client) string {
	u, err := url.Parse(c.World.BaseURL)
	if err != nil {
		c.T.Fatal(err)
	}
	for _, k := range c.HTTP.Jar.Cookies(u) {
		if k.Name == "inzage" {
			return k.Value
		}
	}
	return ""
}

// path is a link of a letter, without the portal's address.
func path(t testing.TB, w *handlertest.World, l identity.Letter) string {
	t.Helper()
	p, ok := strings.CutPrefix(l.Data["link"], w.BaseURL)
	if !ok {
		t.Fatalf("the link of %s does not lead to the portal", l.Template)
	}
	return p
}

// halfway is somebody who has given the password.
func halfway(t *testing.T, w *handlertest.World, p handlertest.Person) *handlertest.Client {
	t.Helper()
	c := w.Browser()
	c.Get("/sign-in").Want(t, http.StatusOK)
	if got := c.Post("/sign-in", form("email", p.Email, "password", p.Password)).Want(t, http.StatusSeeOther); got.Location != "/sign-in/factor" {
		t.Fatalf("the password leads to %q", got.Location)
	}
	return c
}

func to(t testing.TB, p handlertest.Page, want string) {
	t.Helper()
	if p.Want(t, http.StatusSeeOther); p.Location != want {
		t.Fatalf("leads to %q, want %q", p.Location, want)
	}
}

func has(t testing.TB, p handlertest.Page, want ...string) {
	t.Helper()
	for _, one := range want {
		if !strings.Contains(p.Words(), one) {
			t.Errorf("the page does not say %q: %s", one, p.Words())
		}
	}
}

func TestSignInAndLandByRole(t *testing.T) {
	w := handlertest.New(t)
	portal := identity.Organisation{Slug: "portal"}
	for _, tt := range []struct {
		name string
		p    handlertest.Person
		want string
	}{
		{"officer", w.Hire("Olga", w.Bakery, identity.PrivacyOfficer), "/queue"},
		{"agent", w.Hire("Arie", w.Partner, identity.Agent), "/queue"},
		{"operator", w.Hire("Otto", portal, identity.Operator), "/organisations"},
	} {
		t.Run(tt.name, func(t *testing.T) {
			c := halfway(t, w, tt.p)
			half := token(c)
			// The password alone opens nothing.
			to(t, c.Get("/account"), "/sign-in?to=%2Faccount")
			to(t, c.Get("/sign-in?to=/account"), "/sign-in/factor?to=%2Faccount")
			page := c.Get("/sign-in/factor").Want(t, http.StatusOK)
			has(t, page, "Uw tweede factor", "authenticator-app", "herstelcodes")
			to(t, c.Post("/sign-in/factor", form("code", w.Code(tt.p))), tt.want)
			if full := token(c); full == "" || full == half {
				t.Error("the cookie did not change with the rise")
			}
			if _, _, err := w.Identity.Resume(t.Context(), half); err == nil {
				t.Error("the half session's token still works")
			}
			c.Get("/account").Want(t, http.StatusOK)
			to(t, c.Get("/sign-in"), tt.want)
			to(t, c.Post("/sign-out", nil), "/sign-in")
			to(t, c.Get("/account"), "/sign-in?to=%2Faccount")
		})
	}
}

func TestReturnAddressStaysHere(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)
	for _, tt := range []struct{ to, want string }{
		{"/agreements?x=1", "/agreements?x=1"}, {"https://evil.example/", "/queue"}, {"//evil.example", "/queue"}, {"/\\evil.example", "/queue"}, {"javascript:alert(1)", "/queue"},
	} {
		c := halfway(t, w, p)
		page := c.Get("/sign-in/factor?to="+url.QueryEscape(tt.to)).Want(t, http.StatusOK)
		if carried := page.Find("input[name=to]").Length() > 0; carried != (tt.to == tt.want) {
			t.Errorf("%s is carried along: %v", tt.to, carried)
		}
		to(t, c.Post("/sign-in/factor", form("code", w.Code(p), "to", tt.to)), tt.want)
	}
}

func TestRefusedAlike(t *testing.T) {
	w := handlertest.New(t)
	p, locked := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer), w.Hire("Lucas", w.Bakery, identity.PrivacyOfficer)
	csrf := regexp.MustCompile(`name="csrf" value="[^"]*"|nonce="[^"]*"|value="[^"]*@[^"]*"`)
	page := func(email, password string) string {
		c := w.Browser()
		c.Get("/sign-in")
		got := c.Post("/sign-in", form("email", email, "password", password)).Want(t, http.StatusUnauthorized)
		if v, _ := got.Find("#f-email").Attr("value"); token(c) != "" || v != email {
			t.Errorf("%s got a session, or the form has %q", email, v)
		}
		return csrf.ReplaceAllString(got.Body, "")
	}
	wrong := page(p.Email, "not the password 12")
	if unknown := page("nobody@example.nl", "not the password 12"); unknown != wrong {
		t.Error("an unknown address is answered in another way than a wrong password")
	}
	for range 5 {
		page(locked.Email, "not the password 12")
	}
	if got := page(locked.Email, locked.Password); got != wrong {
		t.Error("a locked account is answered in another way than a wrong password")
	}
	w.Pass(16 * time.Minute)
	halfway(t, w, locked)

	c := w.Browser()
	c.Get("/sign-in")
	got := c.Post("/sign-in", form("email", p.Email, "password", "")).Want(t, http.StatusUnprocessableEntity)
	if v, _ := got.Find("#f-email").Attr("value"); v != p.Email {
		t.Errorf("the address that was typed is now %q", v)
	}
}

func TestCodes(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)
	c := halfway(t, w, p)
	has(t, c.Post("/sign-in/factor", form("code", "000000")).Want(t, http.StatusUnauthorized), "Deze code klopt niet")
	code := w.Code(p)
	to(t, c.Post("/sign-in/factor", form("code", code)), "/queue")
	// The same code opens no second session.
	replay := halfway(t, w, p)
	replay.Post("/sign-in/factor", form("code", code)).Want(t, http.StatusUnauthorized)
	to(t, replay.Get("/account"), "/sign-in?to=%2Faccount")
	to(t, replay.Post("/sign-in/factor", form("code", w.Code(p))), "/queue")
}

func TestRecoveryCodes(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)
	c := w.SignIn(p)
	c.Get("/account/recovery").Want(t, http.StatusOK)
	page := c.Post("/account/recovery", nil).Want(t, http.StatusOK)
	codes := page.Find("[data-testid=codes] code")
	if codes.Length() != 10 {
		t.Fatalf("%d codes are shown", codes.Length())
	}
	one := codes.First().Text()
	for i, want := range []int{http.StatusSeeOther, http.StatusUnauthorized} {
		h := halfway(t, w, p)
		if got := h.Post("/sign-in/factor/recovery", form("recovery", strings.ToLower(one))); got.Status != want {
			t.Errorf("use %d: status %d, want %d", i+1, got.Status, want)
		}
	}
	has(t, c.Get("/account").Want(t, http.StatusOK), "nog 9")
}

func TestForgottenPassword(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)
	signedIn := w.SignIn(p)
	c := w.Browser()
	c.Get("/password/forgot").Want(t, http.StatusOK)
	known := c.Post("/password/forgot", form("email", p.Email)).Want(t, http.StatusOK)
	unknown := c.Post("/password/forgot", form("email", "nobody@example.nl")).Want(t, http.StatusOK)
	if known.Words() != unknown.Words() {
		t.Error("the answer tells who has an account")
	}
	c.Post("/password/forgot", form("email", "no address")).Want(t, http.StatusUnprocessableEntity)
	link := path(t, w, w.LastLetter(p.Email, "password"))
	for range 3 {
		c.Get(link).Want(t, http.StatusOK)
	}
	has(t, c.Post(link, form("password", "short")).Want(t, http.StatusUnprocessableEntity), "12 tekens")
	p.Password = "vuurtoren grasmat violier"
	to(t, c.Post(link, form("password", p.Password)), "/sign-in")
	c.Post(link, form("password", "another one violier grasmat")).Want(t, http.StatusGone)
	c.Get(link).Want(t, http.StatusGone)
	c.Get("/password/"+strings.Repeat("A", 26)).Want(t, http.StatusNotFound)
	to(t, signedIn.Get("/account"), "/sign-in?to=%2Faccount")
	to(t, c.Get("/account"), "/sign-in?to=%2Faccount") // it signs nobody in
	to(t, halfway(t, w, p).Post("/sign-in/factor", form("code", w.Code(p))), "/queue")
}

func TestForgottenPasswordIsThrottled(t *testing.T) {
	w := handlertest.New(t)
	c := w.Browser()
	c.Get("/password/forgot")
	var last handlertest.Page
	for range 7 {
		last = c.Post("/password/forgot", form("email", "nobody@example.nl"))
	}
	if last.Want(t, http.StatusTooManyRequests); last.Header.Get("Retry-After") == "" {
		t.Error("no Retry-After")
	}
}

// enrol goes on from the choice of a second factor to the end, with an app.
func enrol(t *testing.T, w *handlertest.World, c *handlertest.Client) handlertest.Page {
	t.Helper()
	c.Get("/sign-in/enrol").Want(t, http.StatusOK)
	setup := c.Post("/account/authenticator", nil).Want(t, http.StatusSeeOther).Location
	page := c.Get(setup).Want(t, http.StatusOK)
	secret := strings.ReplaceAll(page.Find("[data-testid=secret]").Text(), " ", "")
	if again := c.Get(setup).Find("[data-testid=secret]").Text(); strings.ReplaceAll(again, " ", "") != secret {
		t.Error("the key changed when the page was opened again")
	}
	if page.Find("svg.qr path").Length() != 1 {
		t.Error("no QR code")
	}
	ceremony, _ := page.Find("input[name=setup]").Attr("value")
	has(t, c.Post("/account/authenticator/confirm", form("setup", ceremony, "code", "000000")).Want(t, http.StatusUnauthorized), "Deze code klopt niet")
	code, err := totp.GenerateCode(secret, w.Now())
	if err != nil {
		t.Fatal(err)
	}
	done := c.Post("/account/authenticator/confirm", form("setup", ceremony, "code", code)).Want(t, http.StatusOK)
	if n := done.Find("[data-testid=codes] code").Length(); n != 10 {
		t.Errorf("%d recovery codes", n)
	}
	return done
}

func TestInvitationToFullSession(t *testing.T) {
	w := handlertest.New(t)
	admin := w.SignIn(w.Hire("Anna", w.Bakery, identity.Admin))
	admin.Get("/people/invite").Want(t, http.StatusOK)
	refused := admin.Post("/people/invite", form("name", "Nieuw <b>X</b>", "email", "nieuw", "language", "nl")).Want(t, http.StatusUnprocessableEntity)
	if refused.Find("[data-testid=error-summary] a").Length() != 2 || refused.Find("b").Length() != 0 {
		t.Errorf("the refused form: %s", refused.Words())
	}
	to(t, admin.Post("/people/invite", form("name", "Nieuwe <b>Noor</b>", "email", "noor@example.nl", "roles", "privacy_officer", "language", "nl")), "/people")
	list := admin.Get("/people").Want(t, http.StatusOK)
	has(t, list, "Nieuwe <b>Noor</b>", "noor@example.nl")

	link := path(t, w, w.LastLetter("noor@example.nl", "invitation"))
	c := w.Browser()
	page := c.Get(link).Want(t, http.StatusOK)
	has(t, page, "Bakkerij De Korenaar", "Privacyfunctionaris", "noor@example.nl")
	c.Get(link).Want(t, http.StatusOK) // opening it changes nothing
	weak := c.Post(link, form("name", "Noor <b>N</b>", "password", "korenaar korenaar", "language", "en")).Want(t, http.StatusUnprocessableEntity)
	if name, _ := weak.Find("#f-name").Attr("value"); name != "Noor <b>N</b>" || weak.Find("[data-testid=error-password]").Length() != 1 {
		t.Errorf("the name that was typed is now %q: %s", name, weak.Words())
	}
	to(t, c.Post(link, form("name", "Noor", "password", "vuurtoren grasmat violier", "language", "nl")), "/sign-in/enrol")
	to(t, c.Get("/account"), "/sign-in?to=%2Faccount")
	done := enrol(t, w, c)
	if href, _ := done.Find(".buttons a").Attr("href"); href != "/queue" {
		t.Errorf("goes on to %q", href)
	}
	has(t, c.Get("/account").Want(t, http.StatusOK), "Noor", "Privacyfunctionaris")
	c.Get(link).Want(t, http.StatusGone)
	if n := admin.Get("/people").Find("[data-testid=invitations] tbody tr").Length(); n != 0 {
		t.Errorf("%d invitations are still open", n)
	}
}

func TestFirstOperator(t *testing.T) {
	w := handlertest.New(t)
	link, err := w.Identity.Bootstrap(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	c := w.Browser()
	at := strings.TrimPrefix(link, w.BaseURL)
	c.Get(at).Want(t, http.StatusOK)
	to(t, c.Post(at, form("name", "Otto", "email", "otto@example.nl", "password", "vuurtoren grasmat violier", "language", "nl")), "/sign-in/enrol")
	enrol(t, w, c)
	c.Get("/organisations").Want(t, http.StatusOK)
	c.Get("/health").Want(t, http.StatusOK)
}

func TestEnrolmentLink(t *testing.T) {
	w := handlertest.New(t)
	admin := w.SignIn(w.Hire("Anna", w.Bakery, identity.Admin))
	p, other := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer), w.Hire("Lucas", w.Bakery, identity.PrivacyOfficer)
	gone := w.SignIn(p)
	admin.Get("/people/"+p.Account+"/reset").Want(t, http.StatusOK)
	to(t, admin.Post("/people/"+p.Account+"/reset", nil), "/people/"+p.Account)
	to(t, gone.Get("/account"), "/sign-in?to=%2Faccount")
	// The password alone leads nowhere.
	has(t, halfway(t, w, p).Get("/sign-in/factor").Want(t, http.StatusOK), "geen tweede factor ingesteld")

	link := path(t, w, w.LastLetter(p.Email, "enrol"))
	c := w.Browser()
	c.Get(link).Want(t, http.StatusOK)
	c.Post(link, form("email", other.Email, "password", other.Password)).Want(t, http.StatusNotFound)
	c.Post(link, form("email", p.Email, "password", "not the password 12")).Want(t, http.StatusUnauthorized)
	to(t, c.Post(link, form("email", p.Email, "password", p.Password)), "/sign-in/enrol")
	enrol(t, w, c)
	c.Get("/account").Want(t, http.StatusOK)
	w.Browser().Get(link).Want(t, http.StatusGone)
}

func TestStepUpLeadsBack(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Anna", w.Bakery, identity.Admin)
	c := w.SignIn(p)
	c.Get("/people/invite").Want(t, http.StatusOK)
	w.Pass(6 * time.Minute)
	ask := c.Get("/people/invite")
	to(t, ask, "/account/confirm?to=%2Fpeople%2Finvite")
	page := c.Get(ask.Location).Want(t, http.StatusOK)
	carried, _ := page.Find("[data-testid=app] input[name=to]").Attr("value")
	c.Post("/account/confirm", form("code", "000000", "to", carried)).Want(t, http.StatusUnauthorized)
	before := token(c)
	to(t, c.Post("/account/confirm", form("code", w.Code(p), "to", carried)), "/people/invite")
	if token(c) == before {
		t.Error("the cookie did not change")
	}
	c.Get("/people/invite").Want(t, http.StatusOK)
	w.Pass(6 * time.Minute)
	// A form that waited too long asks again, and does nothing.
	to(t, c.Post("/people/invite", form("name", "Late", "email", "late@example.nl", "roles", "admin", "language", "nl")), "/account/confirm?to=%2Faccount")
	if strings.Contains(c.Get("/people").Words(), "late@example.nl") {
		t.Error("the invitation was sent without a fresh factor")
	}
	page = c.Get("/account/confirm?to=https://evil.example").Want(t, http.StatusOK)
	if page.Find("input[name=to]").Length() != 0 {
		t.Error("a foreign address is carried along")
	}
	to(t, c.Post("/account/confirm", form("code", w.Code(p), "to", "https://evil.example")), "/account")
}

func TestOwnAccount(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)
	c, elsewhere, third := w.SignIn(p), w.SignIn(p), w.SignIn(p)
	to(t, c.Post("/account/profile", form("name", "Olga <i>O</i>", "language", "nl")), "/account")
	page := c.Get("/account").Want(t, http.StatusOK)
	has(t, page, "Olga <i>O</i>", "Nederlands", "nog 10", "Deze sessie")
	if page.Find("i").Length() != 0 {
		t.Error("a name is read as markup")
	}
	if n := page.Find("[data-testid=sessions] tbody tr").Length(); n != 3 {
		t.Errorf("%d sessions are shown, want 3", n)
	}
	action, _ := page.Find("[data-testid=sessions] form").First().Attr("action")
	to(t, c.Post(action, nil), "/account")
	alive := 0
	for _, o := range []*handlertest.Client{elsewhere, third} {
		if o.Get("/account").Status == http.StatusOK {
			alive++
		}
	}
	if alive != 1 {
		t.Errorf("%d of two other sessions live, want 1", alive)
	}
	c.Post("/account/profile", form("name", "", "language", "nl")).Want(t, http.StatusUnprocessableEntity)
	c.Post("/account/profile", form("name", "Olga", "language", "xx")).Want(t, http.StatusUnprocessableEntity)
	to(t, c.Post("/account/profile", form("name", "Olga de Wit", "language", "en")), "/account")
	has(t, c.Get("/account").Want(t, http.StatusOK), "Olga de Wit", "How you sign in")
	has(t, c.Post("/account/password", form("old", "wrong", "password", "vuurtoren grasmat violier")).Want(t, http.StatusUnauthorized), "not your present password")
	to(t, c.Post("/account/password", form("old", p.Password, "password", "vuurtoren grasmat violier")), "/account")
	c.Get("/account").Want(t, http.StatusOK)
	to(t, c.Post("/account/sessions/end", nil), "/sign-in")
	to(t, c.Get("/account"), "/sign-in?to=%2Faccount")
}

func TestAnothersSessionIsNotEnded(t *testing.T) {
	w := handlertest.New(t)
	mine, other := w.SignIn(w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)), w.SignIn(w.Hire("Lucas", w.Bakery, identity.PrivacyOfficer))
	_, sess, err := w.Identity.Resume(t.Context(), token(other))
	if err != nil {
		t.Fatal(err)
	}
	mine.Post("/account/sessions/"+sess.ID+"/end", nil).Want(t, http.StatusNotFound)
	other.Get("/account").Want(t, http.StatusOK)
}

func TestAccountFormsNeedTheirToken(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Anna", w.Bakery, identity.Admin)
	c := w.SignIn(p)
	c.Token = "-"
	for _, at := range []string{"/sign-in", "/sign-in/passkey", "/sign-in/passkey/begin", "/sign-out", "/password/forgot", "/sign-in/factor", "/account/confirm", "/account/profile",
		"/account/password", "/account/recovery", "/account/authenticator", "/account/passkeys/begin", "/account/sessions/end", "/people/invite", "/people/" + p.Account + "/disable", "/agreements/new"} {
		if got := c.Post(at, form("email", "x@example.nl")); got.Status != http.StatusForbidden {
			t.Errorf("POST %s without a token: %d", at, got.Status)
		}
	}
	c.Get("/account").Want(t, http.StatusOK)
	c.Token = ""
	if got := c.Upload("/account/profile", form("name", "X", "language", "nl")); got.Status != http.StatusUnsupportedMediaType {
		t.Errorf("a form with files: %d", got.Status)
	}
}

func TestLanguageSwitchOnARefusedForm(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Anna", w.Bakery, identity.Admin)
	full, half, nobody := w.SignIn(p), halfway(t, w, p), w.Browser()
	nobody.Get("/sign-in")
	for _, tt := range []struct {
		c    *handlertest.Client
		at   string
		form url.Values
	}{
		{nobody, "/sign-in", form("email", "x@example.nl", "password", "x")},
		{nobody, "/password/forgot", form("email", "x")},
		{half, "/sign-in/factor", form("code", "0")},
		{half, "/sign-in/factor/recovery", form("recovery", "0")},
		{full, "/account/confirm/recovery", form("recovery", "0")},
		{full, "/account/profile", form("name", "")},
		{full, "/account/password", form("old", "x", "password", "y")},
		{full, "/people/invite", nil},
		{full, "/agreements/new", form("source", "key: x")},
	} {
		refused := tt.c.Post(tt.at, tt.form)
		if refused.Status != http.StatusUnprocessableEntity && refused.Status != http.StatusUnauthorized {
			t.Fatalf("POST %s = %d", tt.at, refused.Status)
		}
		href, _ := refused.Find(".languages a").Attr("href")
		if got := tt.c.Follow(href); got.Status != http.StatusOK {
			t.Errorf("after POST %s the other language is at %s: %d", tt.at, href, got.Status)
		}
	}
}
