package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/requests"
)

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

// decided lets the bakery decide and deliver, and returns the file's id.
func decided(t *testing.T, w *handlertest.World, id string, outcome requests.Outcome, more ...requests.Upload) string {
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
	for _, one := range more {
		if _, err := w.Requests.AddAnswerFile(ctx, officer, id, one); err != nil {
			t.Fatal(err)
		}
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
	// Staff typed the address: its holder needs the word of the letter too.
	c, at := w.Browser(), link(w, r.ID)
	c.Get(at).Want(t, 200)
	fill(t, c, at, nil, at+"/code")
	if p := c.Get(at + "/code"); p.Find("[name=word]").Length() != 1 {
		t.Error("the form does not ask for the word of the letter")
	}
	c.Post(at+"/code", url.Values{"code": {code(w, fatima)}, "word": {"AAAAA-AAAAA"}}).Want(t, 422)
	c.Get("/my/"+r.ID).Want(t, 401)
	fill(t, c, at, nil, at+"/code")
	fill(t, c, at+"/code", url.Values{"code": {code(w, fatima)}, "word": {w.Requests.Word(r)}}, "/my/"+r.ID)
	c.Get("/my/"+r.ID).Want(t, 200)
	if n := c.Get("/mine").Find("[data-testid=mine] tbody tr").Length(); n != 1 {
		t.Errorf("%d requests in the list, want 1", n)
	}
}
