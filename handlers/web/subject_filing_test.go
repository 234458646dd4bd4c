package web_test

import (
	"context"
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/requests"
)

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
	standsProven(t, w, c, "/my/"+id, id)
	c.Get("/my/"+id+"/notices/1").Want(t, 200)
	c.Get("/my/"+id+"/notices/2").Want(t, 404)
	if p := c.Get("/mine").Want(t, 200); p.Find("[data-testid=mine] tbody tr").Length() != 1 {
		t.Error("the list does not show the one request")
	}
}

// TestProofsForTheDataSubject are those of the lines that the person is told, and
// of no other entry: not of a reading, of another object, or of another person's request.
func TestProofsForTheDataSubject(t *testing.T) {
	w := handlertest.New(t)
	c, id := filedRequest(t, w)
	w.Drain()
	c.Get("/my/"+id).Want(t, 200)
	w.Drain()
	size, err := w.Ledger.Size(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	entries, err := w.Ledger.Read(t.Context(), 0, int(size))
	if err != nil {
		t.Fatal(err)
	}
	told, kept := 0, 0
	for _, e := range entries {
		at := "/my/" + id + "/proof/" + strconv.FormatInt(e.Number, 10)
		want := http.StatusNotFound
		if e.Event.Object == id && slices.Contains([]string{"request.confirm", "request.acknowledge"}, e.Event.Action) {
			want, told = http.StatusOK, told+1
		} else {
			kept++
		}
		for _, path := range []string{at, at + "/file"} {
			if p := c.Get(path); p.Status != want {
				t.Errorf("%s of %s answers %d, want %d", path, e.Event.Action, p.Status, want)
			}
		}
	}
	for _, number := range []string{"-1", "x", strconv.FormatInt(size+100, 10), "99999999999999999999"} {
		c.Get("/my/"+id+"/proof/"+number).Want(t, http.StatusNotFound)
	}
	if told == 0 || kept == 0 {
		t.Errorf("%d proofs shown, %d not", told, kept)
	}
	stranger := w.SignIn(w.Hire("Petra", w.Bakery, identity.PrivacyOfficer))
	stranger.Get("/my/"+id+"/proof/0").Want(t, http.StatusUnauthorized) // as every page of a data subject
	if p := w.Browser().Get("/verify/keys.txt").Want(t, http.StatusOK); p.Body != w.Ledger.Key.Public().String() {
		t.Errorf("the keys are %q", p.Body)
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
	if p := other.Post(at, nil); p.Status != 410 {
		t.Errorf("the link opens a second time: %d", p.Status)
	}
	c.Post("/file/later", nil).Want(t, 200)
	at = strings.TrimPrefix(w.LastLetter(fatima, "resume").Data["link"], w.BaseURL)
	w.Browser().Get(at).Want(t, 200)
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
	w.Requests.Limits.Files, w.Requests.Limits.FileBytes = 50, 70
	p = c.Upload("/file/attachments", nil, file("5.txt", strings.Repeat("e", 50)), file("6.txt", strings.Repeat("f", 50))).Want(t, 413)
	if n := p.Find("[data-testid=files] .file").Length(); n != 4 || !strings.Contains(p.Words(), "6.txt: Uw bestanden zijn samen groter") {
		t.Errorf("%d files, want those that fit together: %s", n, p.Words())
	}
	blob := file("token.pdf", "%PDF-1.7")
	c.Token = "-"
	c.Upload("/file/attachments", nil, blob).Want(t, 403)
}
