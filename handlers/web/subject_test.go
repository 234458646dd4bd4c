package web_test

import (
	"context"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/notify"
	"inzage/services/requests"
)

const fatima = "fatima@example.org"

// begin opens the form of an organisation in a fresh browser.
func begin(w *handlertest.World, slug string) *handlertest.Client {
	w.T.Helper()
	c := w.Browser()
	c.Get("/o/"+slug).Want(w.T, 200)
	c.Post("/o/"+slug+"/file", nil).Want(w.T, 303)
	return c
}

// fill sends one page of the form and wants it to go on to the address.
func fill(t *testing.T, c *handlertest.Client, at string, form url.Values, to string) {
	t.Helper()
	p := c.Post(at, form).Want(t, 303)
	if p.Location != to {
		t.Fatalf("POST %s leads to %s, want %s", at, p.Location, to)
	}
}

// answers fills in a whole form at the bakery for access, up to the last page.
func answers(t *testing.T, c *handlertest.Client) {
	t.Helper()
	fill(t, c, "/file/rights", url.Values{"rights": {"access"}}, "/file/about/access")
	fill(t, c, "/file/about/access", url.Values{"access_what": {"Alles over mijn bestellingen."}}, "/file/you")
	fill(t, c, "/file/you", url.Values{"name": {"Fatima el Amrani"}, "email": {fatima}}, "/file/representative")
	fill(t, c, "/file/representative", url.Values{"for": {"self"}}, "/file/attachments")
	if p := c.Upload("/file/attachments", url.Values{"do": {"next"}}).Want(t, 303); p.Location != "/file/check" {
		t.Fatalf("attachments lead to %s", p.Location)
	}
}

func code(w *handlertest.World, to string) string { return w.LastLetter(to, "code").Data["code"] }

// filedRequest files a request at the bakery over HTTP and returns its id.
func filedRequest(t *testing.T, w *handlertest.World) (*handlertest.Client, string) {
	t.Helper()
	c := begin(w, "korenaar")
	answers(t, c)
	fill(t, c, "/file/check", nil, "/file/prove")
	fill(t, c, "/file/prove", url.Values{"code": {code(w, fatima)}}, "/file/done")
	href, ok := c.Get("/file/done").Want(t, 200).Find("[data-testid=filed] a.button").Attr("href")
	if !ok || !strings.HasPrefix(href, "/my/") {
		t.Fatalf("the last page leads to %q", href)
	}
	return c, strings.TrimPrefix(href, "/my/")
}

func link(w *handlertest.World, id string) string {
	w.T.Helper()
	r, err := w.Requests.Requests.Get(context.Background(), id)
	if err != nil {
		w.T.Fatal(err)
	}
	l := notify.Links{Base: "", Vault: w.Vault}
	return l.Follow(r.Reference, id)
}

func TestStartPageSaysWhatCanBeAsked(t *testing.T) {
	w := handlertest.New(t)
	for language, want := range map[string]string{"nl": "Vraag Bakkerij De Korenaar naar uw gegevens", "en": "Ask Bakkerij De Korenaar about your data"} {
		c := w.Browser()
		c.Language = language
		p := c.Get("/o/korenaar").Want(t, 200)
		if got := p.Find("h1").Text(); got != want {
			t.Errorf("%s: h1 = %q, want %q", language, got, want)
		}
		if n := p.Find(".right").Length(); n != 6 {
			t.Errorf("%s: %d rights, want 6", language, n)
		}
	}
	w.Browser().Get("/o/nobody").Want(t, 404)
	if p := w.Browser().Get("/").Want(t, 200); strings.Contains(p.Body, "Korenaar") {
		t.Error("the start page of the installation names an organisation")
	}
}

func TestFilingFromStartToRequest(t *testing.T) {
	w := handlertest.New(t)
	c, id := filedRequest(t, w)
	r, err := w.Requests.Requests.Get(context.Background(), id)
	if err != nil || r.State != requests.Received || r.Desk != w.Bakery.ID {
		t.Fatalf("request = %s at %s, %v; want received at the bakery", r.State, r.Desk, err)
	}
	w.Compose()
	p := c.Get("/my/"+id).Want(t, 200)
	for _, want := range []string{r.Reference, "Bakkerij De Korenaar heeft uw verzoek en beslist erover", "donderdag 17 december 2026", "Alles over mijn bestellingen."} {
		if !strings.Contains(p.Words(), want) {
			t.Errorf("the page does not say %q", want)
		}
	}
	if n := p.Find("[data-testid=notices] details.disclosure").Length(); n != 1 {
		t.Errorf("%d notices, want the receipt", n)
	}
	if n := p.Find("[data-testid=seal]").Length(); n == 0 {
		t.Error("no entry of the history shows its seal")
	}
	c.Get("/my/"+id+"/notices/1").Want(t, 200)
	c.Get("/my/"+id+"/notices/2").Want(t, 404)
	if p := c.Get("/mine").Want(t, 200); p.Find("[data-testid=mine] tbody tr").Length() != 1 {
		t.Error("the list does not show the one request")
	}
}

func TestFormErrorsInBothLanguages(t *testing.T) {
	w := handlertest.New(t)
	for _, tt := range []struct{ language, at, field, want string }{
		{"nl", "/file/rights", "rights", "Kies ten minste één ding dat u wilt vragen."},
		{"en", "/file/rights", "rights", "Choose at least one thing that you want to ask."},
		{"nl", "/file/about/access", "access_what", "Geef aan welke gegevens u wilt zien. U mag schrijven: alles."},
		{"en", "/file/about/access", "access_what", "Say which data you want to see. You may write: everything."},
		{"nl", "/file/you", "email", "Vul een volledig e-mailadres in, zoals naam@voorbeeld.nl."},
		{"en", "/file/you", "email", "Fill in a complete e-mail address, like name@example.org."},
		{"nl", "/file/representative", "for", "Kies voor wie u dit vraagt."},
		{"en", "/file/representative", "for", "Choose for whom you ask this."},
	} {
		t.Run(tt.language+tt.at, func(t *testing.T) {
			c := w.Browser()
			c.Language = tt.language
			c.Get("/o/korenaar")
			c.Post("/o/korenaar/file", nil).Want(t, 303)
			if tt.at != "/file/rights" {
				c.Post("/file/rights", url.Values{"rights": {"access"}}).Want(t, 303)
			}
			p := c.Post(tt.at, url.Values{"email": {"half@"}, "name": {"Fatima"}}).Want(t, 422)
			if got := p.Find("[data-testid=error-" + tt.field + "]").Text(); !strings.Contains(got, tt.want) {
				t.Errorf("at the field: %q, want %q", got, tt.want)
			}
			href, _ := p.Find("[data-testid=error-summary] a").First().Attr("href")
			if href == "" || p.Find("[id='"+strings.TrimPrefix(href, "#")+"']").Length() == 0 {
				t.Errorf("the summary links to %q, which is not on the page", href)
			}
			if title := p.Find("title").Text(); !strings.HasPrefix(title, map[string]string{"nl": "Kijk", "en": "Please"}[tt.language]) && !strings.Contains(title, ":") {
				t.Errorf("the window title %q does not say that something is wrong", title)
			}
			if tt.at == "/file/you" {
				if v, _ := p.Find("[name=email]").Attr("value"); v != "half@" {
					t.Errorf("what was typed is gone: %q", v)
				}
			}
		})
	}
}

func TestBackLosesNothing(t *testing.T) {
	w := handlertest.New(t)
	c := begin(w, "korenaar")
	fill(t, c, "/file/rights", url.Values{"rights": {"access", "erasure"}}, "/file/about/access")
	fill(t, c, "/file/about/access", url.Values{"access_what": {"half een zi"}, "do": {"back"}}, "/file/rights")
	if p := c.Get("/file/rights").Want(t, 200); p.Find("[name=rights][checked]").Length() != 2 {
		t.Error("the chosen rights are gone")
	}
	if p := c.Get("/file/about/access").Want(t, 200); p.Find("textarea[name=access_what]").Text() != "half een zi" {
		t.Error("what was typed before going back is gone")
	}
	// An empty answer may go back as well.
	fill(t, c, "/file/about/erasure", url.Values{"do": {"back"}}, "/file/about/access")
	c.Get("/file/about/portability").Want(t, 404)
	// Without all answers the last page leads to what is missing.
	if p := c.Get("/file/check").Want(t, 303); p.Location != "/file/about/erasure?then=check" {
		t.Errorf("check leads to %s", p.Location)
	}
}

func TestChangingAnAnswerComesBackToTheOverview(t *testing.T) {
	w := handlertest.New(t)
	c := begin(w, "korenaar")
	answers(t, c)
	fill(t, c, "/file/you", url.Values{"name": {"Fatima"}, "email": {fatima}, "then": {"check"}}, "/file/check")
	// A right that is added asks its own question first.
	fill(t, c, "/file/rights", url.Values{"rights": {"access", "portability"}, "then": {"check"}}, "/file/about/portability?then=check")
}

func TestOnBehalfOfSomebodyElse(t *testing.T) {
	w := handlertest.New(t)
	c := begin(w, "korenaar")
	answers(t, c)
	fill(t, c, "/file/representative", url.Values{"for": {"other"}}, "/file/authority")
	p := c.Upload("/file/authority", url.Values{"do": {"next"}}).Want(t, 422)
	if p.Find("[data-testid=error-subject_name]").Length() != 1 || p.Find("[data-testid=error-capacity]").Length() != 1 {
		t.Errorf("the page does not name both fields: %s", p.Words())
	}
	p = c.Upload("/file/authority", url.Values{"subject_name": {"Noor el Amrani"}, "capacity": {"moeder"}, "do": {"next"}},
		handlertest.Attachment{Field: "file", Name: "gezag.pdf", Body: []byte("%PDF-1.7 gezag")}).Want(t, 303)
	if p.Location != "/file/attachments" {
		t.Fatalf("leads to %s", p.Location)
	}
	words := c.Get("/file/check").Want(t, 200).Words()
	for _, want := range []string{"Noor el Amrani", "moeder", "gezag.pdf", "Fatima el Amrani"} {
		if !strings.Contains(words, want) {
			t.Errorf("the overview misses %q", want)
		}
	}
	// For oneself after all: the filer is the person again.
	fill(t, c, "/file/representative", url.Values{"for": {"self"}}, "/file/attachments")
	if words := c.Get("/file/check").Want(t, 200).Words(); !strings.Contains(words, "Fatima el Amrani") || strings.Contains(words, "Noor") {
		t.Error("the names are mixed up")
	}
}

func TestAtAProcessorTheControllerIsAsked(t *testing.T) {
	w := handlertest.New(t)
	c := begin(w, "mpg")
	fill(t, c, "/file/rights", url.Values{"rights": {"access"}}, "/file/controller")
	c.Post("/file/controller", url.Values{"controller": {"org_of_somebody_else"}}).Want(t, 422)
	c.Post("/file/controller", nil).Want(t, 422)
	fill(t, c, "/file/controller", url.Values{"controller": {w.Florist.ID}}, "/file/about/access")
	fill(t, c, "/file/about/access", url.Values{"access_what": {"Alles"}}, "/file/you")
	fill(t, c, "/file/you", url.Values{"name": {"Fatima"}, "email": {fatima}}, "/file/representative")
	fill(t, c, "/file/representative", url.Values{"for": {"self"}}, "/file/attachments")
	fill(t, c, "/file/check", nil, "/file/prove")
	fill(t, c, "/file/prove", url.Values{"code": {code(w, fatima)}}, "/file/done")
	words := c.Get("/file/done").Want(t, 200).Words()
	if !strings.Contains(words, "Bloemenhuis Van der Veen") {
		t.Errorf("the page does not say who has the request: %s", words)
	}
	id := strings.TrimPrefix(c.Get("/mine").Find(".row-link").AttrOr("href", ""), "/my/")
	p := c.Get("/my/"+id).Want(t, 200)
	if chip := p.Find("[data-testid=decides] [data-testid=clause]").Text(); !strings.Contains(chip, "mpg") {
		t.Errorf("the chip of the route is %q, want the agreement's clause", chip)
	}
}

func TestSendingTwiceIsOneRequest(t *testing.T) {
	w := handlertest.New(t)
	c := begin(w, "korenaar")
	answers(t, c)
	var all sync.WaitGroup
	for range 8 {
		all.Go(func() { c.Post("/file/check", nil) })
	}
	all.Wait()
	fill(t, c, "/file/check", nil, "/file/prove")
	// The codes that were sent replace each other; the last one counts.
	c.Post("/file/prove/again", nil)
	fill(t, c, "/file/prove", url.Values{"code": {code(w, fatima)}}, "/file/done")
	if n := c.Get("/mine").Want(t, 200).Find("[data-testid=mine] tbody tr").Length(); n != 1 {
		t.Errorf("%d requests, want 1", n)
	}
	// The form is over: what was sent cannot be changed or read through it.
	for _, at := range []string{"/file/rights", "/file/you", "/file/check"} {
		if p := c.Get(at).Want(t, 303); p.Location != "/file/prove" {
			t.Errorf("%s leads to %s", at, p.Location)
		}
	}
	fill(t, c, "/file/you", url.Values{"name": {"Iemand anders"}}, "/file/prove")
}

func TestForeignDraftCookie(t *testing.T) {
	w := handlertest.New(t)
	_, id := filedRequest(t, w)
	officer := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	for name, value := range map[string]string{"a request that staff know": id, "an account": officer.World.Bakery.ID, "nonsense": "req_X", "nothing": ""} {
		c := w.Browser()
		c.Get("/")
		c.SetCookie("draft", value)
		for _, at := range []string{"/file/rights", "/file/you", "/file/check", "/file/prove", "/file/done"} {
			p := c.Follow(at)
			if strings.Contains(p.Body, "Fatima") || strings.Contains(p.Body, fatima) || strings.Contains(p.Body, "bestellingen") {
				t.Errorf("%s: %s shows what somebody else filed", name, at)
			}
		}
		before := len(w.Events(id))
		c.Post("/file/you", url.Values{"name": {"Mallory"}, "email": {"mallory@example.org"}})
		c.Post("/file/check", nil)
		c.Post("/file/prove/address", url.Values{"email": {"mallory@example.org"}})
		if after := len(w.Events(id)); after != before {
			t.Errorf("%s: a stranger left %d entries", name, after-before)
		}
	}
}

func TestCode(t *testing.T) {
	w := handlertest.New(t)
	start := func() *handlertest.Client {
		c := begin(w, "korenaar")
		answers(t, c)
		fill(t, c, "/file/check", nil, "/file/prove")
		return c
	}
	t.Run("wrong three times, then a new one", func(t *testing.T) {
		c := start()
		right := code(w, fatima)
		for range 3 {
			c.Post("/file/prove", url.Values{"code": {"000000"}}).Want(t, 422)
		}
		c.Post("/file/prove", url.Values{"code": {right}}).Want(t, 422)
		c.Post("/file/prove/again", nil).Want(t, 303)
		fill(t, c, "/file/prove", url.Values{"code": {code(w, fatima)}}, "/file/done")
	})
	w.Pass(20 * time.Minute)
	t.Run("late", func(t *testing.T) {
		c := start()
		right := code(w, fatima)
		w.Pass(11 * time.Minute)
		c.Post("/file/prove", url.Values{"code": {right}}).Want(t, 422)
	})
	w.Pass(20 * time.Minute)
	t.Run("of another form", func(t *testing.T) {
		one, two := start(), start()
		other := code(w, fatima)
		one.Post("/file/prove", url.Values{"code": {other}}).Want(t, 422)
		fill(t, two, "/file/prove", url.Values{"code": {other}}, "/file/done")
	})
	w.Pass(20 * time.Minute)
	t.Run("with spaces", func(t *testing.T) {
		c := start()
		right := code(w, fatima)
		fill(t, c, "/file/prove", url.Values{"code": {" " + right[:3] + " " + right[3:] + " "}}, "/file/done")
		// Using it again changes nothing and leads on.
		fill(t, c, "/file/prove", url.Values{"code": {right}}, "/file/done")
	})
	w.Pass(20 * time.Minute)
	t.Run("at another address", func(t *testing.T) {
		c := start()
		c.Post("/file/prove/address", url.Values{"email": {"fatima@"}}).Want(t, 422)
		fill(t, c, "/file/prove/address", url.Values{"email": {"el.amrani@example.org"}}, "/file/prove")
		c.Post("/file/prove", url.Values{"code": {code(w, fatima)}}).Want(t, 422)
		fill(t, c, "/file/prove", url.Values{"code": {code(w, "el.amrani@example.org")}}, "/file/done")
	})
}

func TestPrivateLink(t *testing.T) {
	w := handlertest.New(t)
	_, id := filedRequest(t, w)
	at := link(w, id)
	c := w.Browser()
	before := len(w.Events(id))
	p := c.Get(at).Want(t, 200)
	if strings.Contains(p.Body, "Fatima") || strings.Contains(p.Body, fatima) {
		t.Error("the link alone shows personal data")
	}
	c.Get("/my/"+id).Want(t, 401)
	if after := len(w.Events(id)); after != before {
		t.Error("opening the link by GET changed something")
	}
	fill(t, c, at, nil, at+"/code")
	c.Post(at+"/code", url.Values{"code": {"999999"}}).Want(t, 422)
	fill(t, c, at+"/code", url.Values{"code": {code(w, fatima)}}, "/my/"+id)
	c.Get("/my/"+id).Want(t, 200)
	for name, bad := range map[string]string{"another token": at[:len(at)-4] + "AAAA", "another reference": strings.Replace(at, "/r/", "/r/X", 1)} {
		if s := w.Browser().Get(bad).Status; s != 404 {
			t.Errorf("%s: %d, want 404", name, s)
		}
	}
	if err := w.Vault.Shred(context.Background(), id); err != nil {
		t.Fatal(err)
	}
	w.Browser().Get(at).Want(t, 410)
}

func TestResumeByMail(t *testing.T) {
	w := handlertest.New(t)
	c := begin(w, "korenaar")
	fill(t, c, "/file/later", nil, "/file/you") // no address yet
	fill(t, c, "/file/rights", url.Values{"rights": {"access"}}, "/file/about/access")
	fill(t, c, "/file/about/access", url.Values{"access_what": {"Alles"}}, "/file/you")
	fill(t, c, "/file/you", url.Values{"name": {"Fatima"}, "email": {fatima}}, "/file/representative")
	c.Post("/file/later", nil).Want(t, 200)
	at := strings.TrimPrefix(w.LastLetter(fatima, "resume").Data["link"], w.BaseURL)
	other := w.Browser()
	if p := other.Get(at).Want(t, 200); strings.Contains(p.Body, "Fatima") {
		t.Error("opening the link by GET shows what was typed")
	}
	other.Get("/file/you").Want(t, 410)
	fill(t, other, at, nil, "/file/check")
	if p := other.Get("/file/check").Want(t, 200); !strings.Contains(p.Words(), "Fatima") {
		t.Error("the form is not the one that was begun")
	}
	w.Pass(8 * 24 * time.Hour)
	if s := w.Browser().Get(at).Status; s != 410 {
		t.Errorf("an old link answers %d, want 410", s)
	}
}

func TestUploads(t *testing.T) {
	w := handlertest.New(t)
	c := begin(w, "korenaar")
	answers(t, c)
	file := func(name, body string) handlertest.Attachment {
		return handlertest.Attachment{Field: "file", Name: name, Body: []byte(body)}
	}
	p := c.Upload("/file/attachments", url.Values{"do": {"add"}}, file("brief.pdf", "%PDF-1.7 brief"), file("virus.exe", "MZ\x90\x00"), file("foto.png", "\x89PNG\r\n\x1a\n....")).Want(t, 415)
	if !strings.Contains(p.Words(), "virus.exe: Programma's worden niet aangenomen.") {
		t.Errorf("the page does not say what is wrong: %s", p.Words())
	}
	if n := p.Find("[data-testid=files] .file").Length(); n != 2 {
		t.Errorf("%d files kept, want the two good ones", n)
	}
	c.Upload("/file/attachments", nil, file("leeg.pdf", "")).Want(t, 422)
	c.Upload("/file/attachments", nil, file("pagina.html", "<!DOCTYPE html><script>alert(1)</script>")).Want(t, 415)
	id, _ := c.Get("/file/attachments").Find("[data-testid=files] button[name=file]").First().Attr("value")
	fill(t, c, "/file/attachments/remove", url.Values{"file": {id}}, "/file/attachments")
	fill(t, c, "/file/attachments/remove", url.Values{"file": {"fil_OFSOMEBODYELSE"}}, "/file/attachments")
	if n := c.Get("/file/attachments").Find("[data-testid=files] .file").Length(); n != 1 {
		t.Errorf("%d files, want 1 after one was removed", n)
	}
	w.Requests.Limits.Files = 3
	p = c.Upload("/file/attachments", nil, file("2.txt", "b"), file("3.txt", "c"), file("4.txt", "d")).Want(t, 413)
	if n := p.Find("[data-testid=files] .file").Length(); n != 3 {
		t.Errorf("%d files, want no more than 3", n)
	}
	blob := file("token.pdf", "%PDF-1.7")
	c.Token = "-"
	c.Upload("/file/attachments", nil, blob).Want(t, 403)
}

func TestFormsNeedTheirToken(t *testing.T) {
	w := handlertest.New(t)
	c, id := filedRequest(t, w)
	before := len(w.Events(id))
	c.Token = "-"
	for _, at := range []string{"/o/korenaar/file", "/file/rights", "/file/check", "/file/prove", "/file/later", "/my/" + id + "/withdraw", "/my/" + id + "/renew", link(w, id),
		"/my/" + id + "/identify/password", "/my/" + id + "/identify/code", "/my/" + id + "/identify/app", "/my/" + id + "/identify/challenge"} {
		if s := c.Post(at, nil).Status; s != 403 {
			t.Errorf("POST %s without a token: %d, want 403", at, s)
		}
	}
	for _, at := range []string{"/file/attachments", "/file/authority", "/my/" + id + "/add", "/my/" + id + "/answer"} {
		if s := c.Upload(at, url.Values{"text": {"x"}}).Status; s != 403 && s != 303 {
			t.Errorf("upload to %s without a token: %d, want 403", at, s)
		}
	}
	if after := len(w.Events(id)); after != before {
		t.Errorf("forms without a token left %d entries", after-before)
	}
	c.Token = ""
	c.Post("/my/"+id+"/withdraw", nil).Want(t, 303)
}

func TestAForeignRequestIsNotThere(t *testing.T) {
	w := handlertest.New(t)
	mine, id := filedRequest(t, w)
	// Somebody else, with a request of their own.
	other := begin(w, "korenaar")
	answers(t, other)
	fill(t, other, "/file/you", url.Values{"name": {"Bas"}, "email": {"bas@example.org"}, "then": {"check"}}, "/file/check")
	fill(t, other, "/file/check", nil, "/file/prove")
	fill(t, other, "/file/prove", url.Values{"code": {code(w, "bas@example.org")}}, "/file/done")
	officer := w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	for _, rest := range []string{"", "/notices/1", "/add", "/answer", "/withdraw", "/complaint", "/complaint/letter", "/files", "/files/fil_X", "/files/manifest.json", "/files/answer", "/files/answer.pdf"} {
		absent, foreign := other.Get("/my/req_NOBODY"+rest), other.Get("/my/"+id+rest)
		if foreign.Status != 404 || foreign.Status != absent.Status || strings.ReplaceAll(foreign.Words(), id, "") != strings.ReplaceAll(absent.Words(), "req_NOBODY", "") {
			t.Errorf("%q: a foreign request answers %d, an absent one %d", rest, foreign.Status, absent.Status)
		}
		if s := officer.Get("/my/" + id + rest).Status; s != 401 && s != 404 {
			t.Errorf("%q: staff get %d on the data subject's page", rest, s)
		}
	}
	other.Post("/my/"+id+"/withdraw", nil).Want(t, 404)
	other.Upload("/my/"+id+"/add", url.Values{"text": {"ik"}}).Want(t, 404)
	other.Upload("/my/"+id+"/add", url.Values{"text": {"ik"}}, handlertest.Attachment{Field: "file", Name: "a.txt", Body: []byte("a")}).Want(t, 404)
	other.Post("/my/"+id+"/renew", nil).Want(t, 404)
	mine.Get("/my/"+id).Want(t, 200)
	mine.Upload("/my/"+id+"/add", url.Values{"text": {"ik"}}).Want(t, 303)
}

func TestReadingChangesNothing(t *testing.T) {
	w := handlertest.New(t)
	c, id := filedRequest(t, w)
	r, err := w.Requests.Requests.Get(context.Background(), id)
	if err != nil {
		t.Fatal(err)
	}
	for _, at := range []string{"/", "/o/korenaar", "/file/done", "/mine", "/my/" + id, "/my/" + id + "/add", "/my/" + id + "/withdraw", "/my/" + id + "/complaint", "/my/" + id + "/files", "/my/" + id + "/identify", link(w, id), link(w, id) + "/code"} {
		if s := c.Get(at).Status; s >= 400 {
			t.Errorf("GET %s: %d", at, s)
		}
	}
	after, err := w.Requests.Requests.Get(context.Background(), id)
	if err != nil || after.State != r.State || len(after.Additions) != 0 || after.Account != r.Account {
		t.Errorf("reading changed the request: %v", err)
	}
	for _, e := range w.Events(id) {
		if strings.HasPrefix(e, "request.withdraw") || strings.HasPrefix(e, "request.add") {
			t.Errorf("reading left %s", e)
		}
	}
}

func TestHostileTextIsText(t *testing.T) {
	w := handlertest.New(t)
	c := begin(w, "korenaar")
	evil := `"><script>alert(1)</script><img src=x onerror=alert(2)>{{7*7}}%s%d</textarea>`
	fill(t, c, "/file/rights", url.Values{"rights": {"access"}}, "/file/about/access")
	fill(t, c, "/file/about/access", url.Values{"access_what": {evil}, "access_period": {evil}}, "/file/you")
	fill(t, c, "/file/you", url.Values{"name": {evil}, "email": {fatima}, "identifiers": {evil}}, "/file/representative")
	fill(t, c, "/file/representative", url.Values{"for": {"self"}}, "/file/attachments")
	c.Upload("/file/attachments", url.Values{"do": {"next"}}, handlertest.Attachment{Field: "file", Name: `"><svg onload=alert(3)>.txt`, Body: []byte("tekst")}).Want(t, 303)
	look := func(p handlertest.Page, at string) {
		t.Helper()
		if p.Find("script:not([src]), img, svg[onload], [onerror]").Length() > 0 {
			t.Errorf("%s: what was typed became part of the page", at)
		}
	}
	for _, at := range []string{"/file/about/access", "/file/you", "/file/check", "/file/attachments"} {
		look(c.Get(at).Want(t, 200), at)
	}
	fill(t, c, "/file/check", nil, "/file/prove")
	fill(t, c, "/file/prove", url.Values{"code": {code(w, fatima)}}, "/file/done")
	id := strings.TrimPrefix(c.Get("/mine").Find(".row-link").AttrOr("href", ""), "/my/")
	c.Upload("/my/"+id+"/add", url.Values{"text": {evil}}).Want(t, 303)
	p := c.Get("/my/"+id).Want(t, 200)
	look(p, "/my/")
	if !strings.Contains(p.Find("main").Text(), `<script>alert(1)</script>`) {
		t.Error("what was typed is not shown as it was typed")
	}
}

func TestOddForms(t *testing.T) {
	w := handlertest.New(t)
	c := begin(w, "korenaar")
	c.Post("/file/rights", url.Values{"rights": {"access", "access", "nonsense"}}).Want(t, 422)
	fill(t, c, "/file/rights", url.Values{"rights": {"access", "access"}}, "/file/about/access")
	p := c.Post("/file/about/access", url.Values{"access_what": {strings.Repeat("é", 10_001)}}).Want(t, 422)
	if n := len([]rune(p.Find("textarea").First().Text())); n != 10_001 {
		t.Errorf("%d characters of what was typed are shown again", n)
	}
	c.Post("/file/about/access", url.Values{"access_what": {strings.Repeat("x", 2<<20)}}).Want(t, 413)
	c.Post("/file/about/access", url.Values{"access_what": {strings.Repeat("x", 100<<10)}, "do": {"back"}}).Want(t, 422)
	c.Post("/file/about/access", url.Values{"access_what": {"a\xff\x00b"}}).Want(t, 303)
	c.Get("/file/about/access").Want(t, 200)
	c.Post("/file/about/%2e%2e", nil).Want(t, 404)
	c.Post("/file/nowhere", nil).Want(t, 404)
}

// decided lets the bakery decide and deliver, and returns the file's id.
func decided(t *testing.T, w *handlertest.World, id string, outcome requests.Outcome) string {
	t.Helper()
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	if _, err := w.Requests.TakeUp(ctx, officer, id); err != nil {
		t.Fatal(err)
	}
	f, err := w.Requests.AddAnswerFile(ctx, officer, id, requests.Upload{Name: "Bestellingen – mei.json", Size: -1, Body: strings.NewReader(`[{"brood":1}]`), For: requests.Access})
	if err != nil {
		t.Fatal(err)
	}
	v := requests.Verdict{Right: requests.Access, Outcome: outcome, Information: map[string]string{}}
	for _, i := range w.Requests.Catalogue.Information {
		v.Information[i.ID] = "Voor <b>uw</b> bestelling."
	}
	if outcome != requests.Granted {
		v.Ground, v.Reasons, v.ComplaintTold, v.CourtTold = "rights_of_others", "De namen van collega's zijn weggelaten.", true, true
	}
	if _, err := w.Requests.Decide(ctx, officer, id, v); err != nil {
		t.Fatal(err)
	}
	officer.StrongAt = w.Now()
	if _, err := w.Requests.Release(ctx, officer, id); err != nil {
		t.Fatal(err)
	}
	w.Compose()
	return f.ID
}

// follow opens the request with its private link and a code.
func follow(t *testing.T, w *handlertest.World, id string) *handlertest.Client {
	t.Helper()
	c := w.Browser()
	at := link(w, id)
	c.Get(at).Want(t, 200)
	fill(t, c, at, nil, at+"/code")
	fill(t, c, at+"/code", url.Values{"code": {code(w, fatima)}}, "/my/"+id)
	return c
}

func TestFilesNeedASecondFactor(t *testing.T) {
	w := handlertest.New(t)
	mailOnly, id := filedRequest(t, w)
	file := decided(t, w, id, requests.Partly)
	paths := []string{"/files", "/files/" + file, "/files/manifest.json", "/files/answer", "/files/answer.pdf"}
	c := follow(t, w, id)
	for _, rest := range paths {
		for name, who := range map[string]*handlertest.Client{"a code alone": mailOnly, "link and code": c} {
			p := who.Get("/my/" + id + rest)
			if p.Status != 303 || !strings.HasPrefix(p.Location, "/my/"+id+"/identify?") || strings.Contains(p.Body, "brood") {
				t.Errorf("%s with %s: %d to %s, want the second factor", rest, name, p.Status, p.Location)
			}
		}
	}
	if p := mailOnly.Get("/my/"+id+"/identify").Want(t, 200); p.Find("form[action*='/identify/']").Length() != 0 {
		t.Error("without the private link a factor is offered for setting up")
	}
	// Set up: a password, then the app.
	at := "/my/" + id + "/identify"
	c.Get(at).Want(t, 200)
	c.Post(at+"/app", url.Values{"password": {"kort"}}).Want(t, 422)
	p := c.Post(at+"/app", url.Values{"password": {"trapgevel komijn zeewind 42"}}).Want(t, 200)
	secret := strings.ReplaceAll(p.Find("[data-testid=secret]").Text(), " ", "")
	confirm, _ := p.Find("form[action*=confirm]").Attr("action")
	if secret == "" || confirm == "" || p.Find("svg.qr").Length() != 1 {
		t.Fatalf("the page has no code to scan: %s", p.Words())
	}
	c.Post(confirm, url.Values{"code": {"000000"}}).Want(t, 422)
	now, err := totp.GenerateCode(secret, w.Now())
	if err != nil {
		t.Fatal(err)
	}
	p = c.Post(confirm, url.Values{"code": {now}}).Want(t, 200)
	if n := p.Find("[data-testid=recovery] li").Length(); n != 10 {
		t.Errorf("%d recovery codes, want 10", n)
	}
	p = c.Get("/my/"+id+"/files").Want(t, 200)
	if !strings.Contains(p.Words(), "Bestellingen – mei.json") {
		t.Errorf("the file is not listed: %s", p.Words())
	}
	p = c.Get("/my/"+id+"/files/"+file).Want(t, 200)
	for name, want := range map[string]string{"Content-Type": "application/json", "Content-Length": "13", "X-Content-Type-Options": "nosniff", "Cache-Control": "no-store",
		"Content-Disposition": "attachment; filename*=UTF-8''Bestellingen%20%E2%80%93%20mei.json"} {
		if got := p.Header.Get(name); got != want {
			t.Errorf("%s = %q, want %q", name, got, want)
		}
	}
	if !strings.HasPrefix(p.Header.Get("Content-Security-Policy"), "sandbox") || p.Body != `[{"brood":1}]` {
		t.Errorf("body = %q under %q", p.Body, p.Header.Get("Content-Security-Policy"))
	}
	if p := c.Get("/my/"+id+"/files/manifest.json").Want(t, 200); !strings.Contains(p.Body, `"sha256"`) || !strings.Contains(p.Body, "Bestellingen") {
		t.Errorf("manifest = %s", p.Body)
	}
	if p := c.Get("/my/"+id+"/files/answer.pdf").Want(t, 200); !strings.HasPrefix(p.Body, "%PDF-") {
		t.Error("the document is no PDF")
	}
	words := c.Get("/my/"+id+"/files/answer").Want(t, 200).Words()
	for _, want := range []string{"deels", "De namen van collega's zijn weggelaten.", "Autoriteit Persoonsgegevens", "rechtbank", "Voor <b>uw</b> bestelling."} {
		if !strings.Contains(words, want) {
			t.Errorf("the letter misses %q", want)
		}
	}
	c.Get("/my/"+id+"/files/fil_NOTTHERE").Want(t, 404)
	other, otherID := filedRequest(t, w)
	if s := other.Get("/my/" + otherID + "/files/" + file).Status; s == 200 {
		t.Error("a file of one request opens under another")
	}
	// Five minutes later the factor is asked again; seven days later the time is over.
	w.Pass(6 * time.Minute)
	if p := c.Get("/my/"+id+"/files/"+file).Want(t, 303); !strings.Contains(p.Location, "/identify?") {
		t.Errorf("an old factor leads to %s", p.Location)
	}
	w.Pass(time.Minute)
	if now, err = totp.GenerateCode(secret, w.Now()); err != nil {
		t.Fatal(err)
	}
	fill(t, c, at+"/code", url.Values{"code": {now}}, "/my/"+id+"/files")
	w.Pass(8 * 24 * time.Hour)
	c = follow(t, w, id)
	fill(t, c, at+"/password", url.Values{"password": {"trapgevel komijn zeewind 42"}}, at+"?to="+url.QueryEscape("/my/"+id+"/files"))
	if now, err = totp.GenerateCode(secret, w.Now()); err != nil {
		t.Fatal(err)
	}
	c.Post(at+"/code", url.Values{"code": {"123456"}}).Want(t, 422)
	fill(t, c, at+"/code", url.Values{"code": {now}}, "/my/"+id+"/files")
	c.Get("/my/"+id+"/files").Want(t, 410)
	c.Get("/my/"+id+"/files/"+file).Want(t, 410)
	fill(t, c, "/my/"+id+"/renew", nil, "/my/"+id+"/files")
	c.Get("/my/"+id+"/files/"+file).Want(t, 200)
}

func TestRefusalSaysWhereToTurn(t *testing.T) {
	w := handlertest.New(t)
	c, id := filedRequest(t, w)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	if _, err := w.Requests.TakeUp(ctx, officer, id); err != nil {
		t.Fatal(err)
	}
	if _, err := w.Requests.Decide(ctx, officer, id, requests.Verdict{Right: requests.Access, Outcome: requests.Denied, Ground: "excessive",
		Reasons: "U vroeg dit in mei en juni ook.", ComplaintTold: true, CourtTold: true}); err != nil {
		t.Fatal(err)
	}
	p := c.Get("/my/"+id).Want(t, 200)
	words := p.Find("[data-testid=right-access]").Text()
	for _, want := range []string{"Geweigerd", "buitensporig", "U vroeg dit in mei en juni ook.", "Autoriteit Persoonsgegevens", "Postbus 93374", "rechtbank", "art. 12"} {
		if !strings.Contains(words, want) {
			t.Errorf("the refusal misses %q", want)
		}
	}
	c.Get("/my/"+id+"/complaint/letter").Want(t, 200)
}

func TestWhatCanBeDone(t *testing.T) {
	w := handlertest.New(t)
	c, id := filedRequest(t, w)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	t.Run("add words and files", func(t *testing.T) {
		c.Upload("/my/"+id+"/add", nil).Want(t, 422)
		c.Upload("/my/"+id+"/add", url.Values{"text": {"Zie ook filiaal Zuid."}}, handlertest.Attachment{Field: "file", Name: "bon.txt", Body: []byte("bon")}, handlertest.Attachment{Field: "file", Name: "x.exe", Body: []byte("MZ")}).Want(t, 415)
		r, err := w.Requests.Requests.Get(ctx, id)
		if err != nil || len(r.Attachments) != 0 || len(r.Additions) != 0 {
			t.Errorf("a refused form kept %d files, %d texts, %v", len(r.Attachments), len(r.Additions), err)
		}
		c.Upload("/my/"+id+"/add", url.Values{"text": {"Zie ook filiaal Zuid."}}, handlertest.Attachment{Field: "file", Name: "bon.txt", Body: []byte("bon")}).Want(t, 303)
		if p := c.Get("/my/" + id); !strings.Contains(p.Words(), "Zie ook filiaal Zuid.") || !strings.Contains(p.Words(), "bon.txt") {
			t.Error("what was added is not shown")
		}
	})
	t.Run("answer a question", func(t *testing.T) {
		c.Get("/my/"+id+"/answer").Want(t, 409)
		if _, err := w.Requests.Ask(ctx, officer, id, "Er zijn twee klanten met deze naam.", "Uw klantnummer."); err != nil {
			t.Fatal(err)
		}
		p := c.Get("/my/"+id+"/answer").Want(t, 200)
		if !strings.Contains(p.Words(), "Er zijn twee klanten met deze naam.") {
			t.Error("the page does not say why it asks")
		}
		c.Upload("/my/"+id+"/answer", url.Values{"reply": {" "}}).Want(t, 422)
		c.Upload("/my/"+id+"/answer", url.Values{"reply": {"Mijn nummer is 1234."}}).Want(t, 303)
		c.Upload("/my/"+id+"/answer", url.Values{"reply": {"Nog eens."}}).Want(t, 409)
		if p := c.Get("/my/" + id); !strings.Contains(p.Words(), "Mijn nummer is 1234.") {
			t.Error("the answer is not shown")
		}
		if _, err := w.Requests.Settle(ctx, officer, id, true); err != nil {
			t.Fatal(err)
		}
	})
	t.Run("complain when the day has passed", func(t *testing.T) {
		c.Get("/my/"+id+"/complaint").Want(t, 200)
		c.Get("/my/"+id+"/complaint/letter").Want(t, 409)
		w.Pass(31 * 24 * time.Hour)
		c = follow(t, w, id)
		if p := c.Get("/my/" + id); !strings.Contains(p.Words(), "Het antwoord is te laat") {
			t.Error("the page does not say that the answer is late")
		}
		p := c.Get("/my/"+id+"/complaint/letter").Want(t, 200)
		for _, want := range []string{"Autoriteit Persoonsgegevens", "donderdag 17 december 2026", "Fatima el Amrani"} {
			if !strings.Contains(p.Words(), want) {
				t.Errorf("the letter misses %q", want)
			}
		}
	})
	t.Run("withdraw", func(t *testing.T) {
		c.Get("/my/"+id+"/withdraw").Want(t, 200)
		fill(t, c, "/my/"+id+"/withdraw", nil, "/my/"+id)
		c.Post("/my/"+id+"/withdraw", nil).Want(t, 409)
		c.Get("/my/"+id+"/add").Want(t, 409)
		if p := c.Get("/my/" + id); p.Find("[data-state=withdrawn]").Length() != 1 {
			t.Error("the page does not say that it was withdrawn")
		}
	})
}

func TestStaffEntryIsFollowedByItsSubject(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	r, err := w.Requests.Enter(ctx, officer, "req_ENTERED", requests.Entry{Channel: requests.Letter, Received: w.Now().Add(-48 * time.Hour),
		Filing: requests.Filing{Organisation: w.Bakery.ID, Rights: []requests.Right{requests.Access}, Asked: map[requests.Right]requests.Asked{requests.Access: {What: "Alles"}},
			Person: requests.Person{Name: "Fatima el Amrani", Email: fatima}, Language: "nl"}})
	if err != nil {
		t.Fatal(err)
	}
	c := follow(t, w, r.ID)
	c.Get("/my/"+r.ID).Want(t, 200)
	if n := c.Get("/mine").Find("[data-testid=mine] tbody tr").Length(); n != 1 {
		t.Errorf("%d requests in the list, want 1", n)
	}
}
