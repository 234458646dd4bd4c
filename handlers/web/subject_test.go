package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/notify"
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
