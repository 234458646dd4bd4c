package web_test

import (
	"context"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/ledger"
	"inzage/services/requests"
)

func TestEachDeedWorksAndLeavesItsEntry(t *testing.T) {
	tests := []struct {
		deed  string
		fill  []string
		ready func(*testing.T, *office) requests.Request
		then  requests.State
		event string
		tells string // a word of the page before
	}{
		{"take-up", nil, func(t *testing.T, o *office) requests.Request { return o.entered(t, o.officer, "", requests.Access) }, requests.Acknowledged, "request.acknowledge", "fatima@example.org"},
		{"note", []string{"note", "Gebeld."}, erasureTaken, requests.Acknowledged, "request.note", "Interne"},
		{"ask-identity", []string{"reason", "Ander adres", "least", "Klantnummer"}, erasureTaken, requests.Identifying, "request.ask_identity", "Deze vraag gaat naar de betrokkene"},
		{"settle-identity", []string{"enough", "yes"}, identityAsked, requests.Acknowledged, "request.settle_identity", "Uw oordeel"},
		{"extend", []string{"months", "2", "ground", "complexity", "reasons", "Tien systemen."}, erasureTaken, requests.Acknowledged, "request.extend", "woensdag 17 februari 2027"},
		{"ask-help", []string{"question", "Welke bestellingen?"}, erasureTaken, requests.InProgress, "request.ask_assist", "MijnPartnerGroep"},
		{"withdraw", nil, erasureTaken, requests.Withdrawn, "request.withdraw", "Niemand werkt er nog aan"},
		{"misdirect", []string{"where", "Bij de buren."}, erasureTaken, requests.Misdirected, "request.misdirect", "Hiermee eindigt het verzoek"},
		{"deliver-outside", []string{"way", "post", "proof", "3S123"}, erasureDecided, requests.Delivered, "request.deliver_outside", "Waaruit het blijkt"},
		{"close", nil, erasureDecided, requests.Closed, "request.close", "Alles is beantwoord"},
	}
	for _, tt := range tests {
		t.Run(tt.deed, func(t *testing.T) {
			t.Parallel()
			o := openOffice(t)
			r := tt.ready(t, o)
			c := o.SignIn(o.officer)
			before := o.Events(r.ID)
			page := c.Get("/requests/"+r.ID+"/do/"+tt.deed).Want(t, 200)
			if tt.tells != "Interne" {
				says(t, page, tt.tells)
			}
			if slices.Contains(o.Events(r.ID)[len(before):], tt.event) {
				t.Fatal("looking at the page did it")
			}
			if tt.deed == "ask-help" {
				tt.fill = append(tt.fill, "processor", o.Partner.ID)
			}
			p := doDeed(t, c, r.ID, tt.deed, tt.fill...)
			if p.Location != "/requests/"+r.ID {
				t.Fatalf("%d to %q; the page says: %s", p.Status, p.Location, p.Words())
			}
			if got := o.now(t, r.ID).State; got != tt.then {
				t.Errorf("state = %s, want %s", got, tt.then)
			}
			if got := o.Events(r.ID); !slices.Contains(got, tt.event) {
				t.Errorf("events = %v, want %s among them", got, tt.event)
			}
			if p := c.Get(p.Location).Want(t, 200); p.Find(`[data-testid="message"]`).Length() == 0 {
				t.Error("the next page does not say what was done")
			}
		})
	}
}

func erasureTaken(t *testing.T, o *office) requests.Request { return o.takenUp(t, requests.Erasure) }

func identityAsked(t *testing.T, o *office) requests.Request {
	r := o.takenUp(t, requests.Erasure)
	r, err := o.Requests.Ask(context.Background(), o.Actor(o.officer), r.ID, "Ander adres", "Klantnummer")
	if err != nil {
		t.Fatalf("ask: %v", err)
	}
	return r
}

func erasureDecided(t *testing.T, o *office) requests.Request {
	r := o.takenUp(t, requests.Erasure)
	r, err := o.Requests.Decide(context.Background(), o.Actor(o.officer), r.ID, requests.Verdict{Right: requests.Erasure, Outcome: requests.Granted, Recipients: []string{"Bezorgdienst BV"}})
	if err != nil {
		t.Fatalf("decide: %v", err)
	}
	return r
}

// Who may not, changes nothing: each refusal beside the same request that the
// officer may do.
func TestDeedsAreRefused(t *testing.T) {
	o := openOffice(t)
	r := o.entered(t, o.officer, "", requests.Access)
	path := "/requests/" + r.ID + "/do/take-up"
	before := o.now(t, r.ID)
	for who, p := range map[string]handlertest.Person{"another organisation": o.stranger, "an agent of a processor": o.agent, "an administrator": o.admin} {
		c := o.SignIn(p)
		c.Get(path).Want(t, map[bool]int{true: 403, false: 404}[who == "an administrator"])
		got := c.Post(path, url.Values{"rev": {rev(before)}})
		unknown := c.Post("/requests/"+ledger.NewID("req")+"/do/take-up", url.Values{"rev": {"1"}})
		if who != "an administrator" && (got.Status != 404 || strings.ReplaceAll(got.Body, r.ID, "") != strings.ReplaceAll(unknown.Body, r.ID, "") && got.Words() != unknown.Words()) {
			t.Errorf("%s: %d, want the answer to what does not exist", who, got.Status)
		}
		if got.Status < 400 {
			t.Errorf("%s: %d, want it refused", who, got.Status)
		}
	}
	c := o.SignIn(o.officer)
	c.Token = "-"
	c.Post(path, url.Values{"rev": {rev(before)}}).Want(t, 403)
	c.Token = "forged"
	c.Post(path, url.Values{"rev": {rev(before)}}).Want(t, 403)
	c.Token = ""
	c.Post("/requests/"+r.ID+"/do/fly", nil).Want(t, 404)
	c.Get("/requests/"+r.ID+"/do/deliver").Want(t, 409)
	if got := o.now(t, r.ID); got.Rev != before.Rev || got.State != before.State {
		t.Errorf("the refusals changed it: %s at %d, was %s at %d", got.State, got.Rev, before.State, before.Rev)
	}
	if p := doDeed(t, c, r.ID, "take-up"); p.Status != 303 {
		t.Errorf("the officer: %d, want it done", p.Status)
	}
}

func rev(r requests.Request) string { return strconv.FormatInt(r.Rev, 10) }

func TestRefusedFormsKeepWhatWasTyped(t *testing.T) {
	o := openOffice(t)
	r := erasureTaken(t, o)
	c := o.SignIn(o.officer)
	p := doDeed(t, c, r.ID, "extend", "ground", "staff", "reasons", "Te weinig <b>mensen</b>").Want(t, 422)
	says(t, p, "Te weinig personeel is geen grond", "Te weinig <b>mensen</b>")
	hides(t, p, "<b>mensen")
	if p.Find(`[data-testid="error-ground"]`).Length() != 1 || !strings.HasPrefix(p.Find("title").Text(), "Graag nakijken") {
		t.Error("the field is not named, or the title does not say it")
	}
	says(t, doDeed(t, c, r.ID, "ask-identity", "reason", "Ander adres").Want(t, 422), "Ander adres", "het minste")
	says(t, doDeed(t, c, r.ID, "ask-help", "processor", o.Partner.ID, "question", "Wat?", "due", "2027-01-01").Want(t, 422), "Dit is te laat")
	says(t, doDeed(t, c, r.ID, "assign", "colleague", o.agent.Account).Want(t, 422), "Kies iemand uit de lijst")
}

func TestTwoAtOnceAreToldWhatChanged(t *testing.T) {
	o := openOffice(t)
	r := erasureTaken(t, o)
	one, two := o.SignIn(o.officer), o.SignIn(o.colleague)
	action, v := filled(t, one.Get("/requests/"+r.ID+"/do/extend").Want(t, 200), "deed")
	v.Set("ground", "complexity")
	v.Set("reasons", "Tien systemen.")
	doDeed(t, two, r.ID, "note", "note", "Ik kijk ernaar.")
	p := one.Post(action, v).Want(t, 409)
	says(t, p, "Het verzoek is veranderd sinds u deze pagina opende", "Schreef een interne notitie", "Youssef Amrani", "Tien systemen.")
	if o.now(t, r.ID).Extension != nil {
		t.Fatal("it was extended past the change")
	}
	action, v = filled(t, p, "deed")
	if got := one.Post(action, v); got.Location != "/requests/"+r.ID {
		t.Fatalf("pressed again: %d: %s", got.Status, got.Words())
	}
	// What cannot be done any more keeps the text and says so.
	action, v = filled(t, one.Get("/requests/"+r.ID+"/do/misdirect").Want(t, 200), "deed")
	doDeed(t, two, r.ID, "withdraw")
	v.Set("where", "Bij de buren.")
	p = one.Post(action, v).Want(t, 409)
	says(t, p, "Wat u had getypt", "Bij de buren.", "Trok het verzoek in")
	if p.Find(`form[data-testid="deed"]`).Length() != 0 {
		t.Error("the form is still there")
	}
}

func TestAssignToAColleague(t *testing.T) {
	o := openOffice(t)
	r := erasureTaken(t, o)
	c := o.SignIn(o.officer)
	page := c.Get("/requests/"+r.ID+"/do/assign").Want(t, 200)
	says(t, page, "Youssef Amrani", "Sanne de Vries (u)")
	hides(t, page, "Joris", "Floor", "Beheer Bakker")
	doDeed(t, c, r.ID, "assign", "colleague", o.colleague.Account)
	if got := o.now(t, r.ID).Assignee; got != o.colleague.Account {
		t.Errorf("assignee = %s", got)
	}
	doDeed(t, o.SignIn(o.admin), r.ID, "assign", "colleague", "nobody")
	if got := o.now(t, r.ID).Assignee; got != "" {
		t.Errorf("assignee = %s, want nobody", got)
	}
}

func TestReleaseNeedsAFreshFactor(t *testing.T) {
	o := openOffice(t)
	r := o.takenUp(t, requests.Access)
	ctx := context.Background()
	c := o.SignIn(o.officer)
	if p := c.Upload("/requests/"+r.ID+"/files", url.Values{"for": {"access"}}, handlertest.Attachment{Field: "file", Name: "data.json", Body: []byte(`{"a":1}`)}); p.Status != 303 {
		t.Fatalf("upload: %d: %s", p.Status, p.Words())
	}
	v := requests.Verdict{Right: requests.Access, Outcome: requests.Granted, Information: map[string]string{}}
	for _, i := range o.Requests.Catalogue.Information {
		v.Information[i.ID] = "Voor uw bestelling."
	}
	if _, err := o.Requests.Decide(ctx, o.Actor(o.officer), r.ID, v); err != nil {
		t.Fatalf("decide: %v", err)
	}
	path := "/requests/" + r.ID + "/do/deliver"
	action, form := filled(t, c.Get(path).Want(t, 200), "deed")
	o.Pass(6 * time.Minute)
	want := "/account/confirm?to=" + url.QueryEscape(path)
	if p := c.Get(path); p.Location != want {
		t.Errorf("get: %d to %q, want %q", p.Status, p.Location, want)
	}
	if p := c.Post(action, form); p.Location != want {
		t.Errorf("post: %d to %q, want %q", p.Status, p.Location, want)
	}
	if got := o.now(t, r.ID).State; got != requests.Decided {
		t.Errorf("state = %s, want nothing done", got)
	}
	if p := doDeed(t, o.SignIn(o.officer), r.ID, "deliver"); p.Status != 303 || o.now(t, r.ID).State != requests.Delivered {
		t.Errorf("with a fresh factor: %d, %s", p.Status, o.now(t, r.ID).State)
	}
	if p := doDeed(t, o.SignIn(o.officer), r.ID, "renew"); p.Status != 303 || o.now(t, r.ID).Answer.Renewed != 1 {
		t.Errorf("renew: %d", p.Status)
	}
}

func TestFilesOfTheAnswer(t *testing.T) {
	o := openOffice(t)
	r := erasureTaken(t, o)
	c := o.SignIn(o.officer)
	at := "/requests/" + r.ID + "/files"
	file := handlertest.Attachment{Field: "file", Name: `../..\"><script>.csv`, Body: []byte("a,b\n1,2\n")}
	if p := c.Upload(at, nil, file); p.Location != "/requests/"+r.ID {
		t.Fatalf("upload: %d: %s", p.Status, p.Words())
	}
	says(t, c.Upload(at, nil).Want(t, 422), "Kies eerst een bestand.")
	says(t, c.Upload(at, nil, handlertest.Attachment{Field: "file", Name: "virus.exe", Body: []byte("MZ\x90")}).Want(t, 422), "virus.exe: Programma's worden niet aangenomen")
	c.Token = "-"
	c.Upload(at, nil, file).Want(t, 403)
	c.Token = ""
	o.SignIn(o.stranger).Upload(at, nil, file).Want(t, 404)
	files := o.now(t, r.ID).Files
	if len(files) != 1 {
		t.Fatalf("%d files, want one", len(files))
	}
	p := c.Get(at+"/"+files[0].ID).Want(t, 200)
	if p.Body != "a,b\n1,2\n" || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") || p.Header.Get("X-Content-Type-Options") != "nosniff" {
		t.Errorf("the file comes as %q, %v", p.Body, p.Header)
	}
	hides(t, c.Get("/requests/"+r.ID), "<script>.csv")
	if got := o.Events(r.ID); !slices.Contains(got, "request.view_file") {
		t.Errorf("events = %v, want the reading among them", got)
	}
	for _, p := range []handlertest.Person{o.stranger, o.agent, o.admin} {
		o.SignIn(p).Get(at+"/"+files[0].ID).Want(t, 404)
	}
	action, v := filled(t, c.Get("/requests/"+r.ID+"/do/remove-file?file="+files[0].ID).Want(t, 200), "deed")
	c.Post(action, v).Want(t, 303)
	if n := len(o.now(t, r.ID).Files); n != 0 {
		t.Errorf("%d files left", n)
	}
	c.Get("/requests/"+r.ID+"/do/remove-file?file=fil_X").Want(t, 404)
}

func TestMergeNamesTheOtherRequest(t *testing.T) {
	o := openOffice(t)
	a, b := erasureTaken(t, o), o.entered(t, o.officer, "", requests.Erasure)
	c := o.SignIn(o.officer)
	says(t, c.Get("/requests/"+b.ID).Want(t, 200), "nog een open verzoek over hetzelfde", a.Reference)
	says(t, doDeed(t, c, b.ID, "merge", "reference", "AAAA-BBBB-CCCC").Want(t, 422), "geen ander verzoek met dit kenmerk")
	if p := doDeed(t, c, b.ID, "merge"); p.Status != 303 {
		t.Fatalf("merge: %d: %s", p.Status, p.Words())
	}
	if got := o.now(t, b.ID); got.State != requests.Merged || got.MergedInto != a.ID {
		t.Errorf("%s into %s", got.State, got.MergedInto)
	}
	says(t, c.Get("/requests/"+b.ID).Want(t, 200), "Dit verzoek gaat daaronder verder", a.Reference, "Weer losmaken")
	says(t, c.Get("/requests/"+a.ID).Want(t, 200), "Gaat verder onder dit verzoek", b.Reference, "Samengevoegd verzoek", "in verzoek "+b.Reference)
	if p := doDeed(t, c, a.ID, "separate"); p.Status != 303 {
		t.Fatalf("separate: %d: %s", p.Status, p.Words())
	}
	if got := o.now(t, b.ID); got.State != requests.Received || got.MergedInto != "" {
		t.Errorf("separated: %s into %q", got.State, got.MergedInto)
	}
}

func TestTriageProposesTheNamedController(t *testing.T) {
	o := openOffice(t)
	f := requests.Filing{Organisation: o.Partner.ID, About: "bloemenhuis veen", Rights: []requests.Right{requests.Access}, Language: "nl",
		Asked: map[requests.Right]requests.Asked{requests.Access: {What: "Alles"}}, Person: requests.Person{Name: "Noor", Email: "noor@example.org"}}
	r, err := o.Requests.Enter(context.Background(), o.Actor(o.agent), ledger.NewID("req"), requests.Entry{Filing: f, Channel: requests.Email, Received: o.Now().Add(-time.Hour)})
	if err != nil {
		t.Fatalf("enter: %v", err)
	}
	c := o.SignIn(o.agent)
	says(t, c.Get("/requests/"+r.ID).Want(t, 200), "De verantwoordelijke zoeken en doorsturen")
	page := c.Get("/requests/"+r.ID+"/do/triage").Want(t, 200)
	first := page.Find(`[data-testid="offer"]`).First().Text()
	if !strings.Contains(first, "Bloemenhuis Van der Veen") || !strings.Contains(first, "Genoemd door de betrokkene") || !strings.Contains(first, "Doorsturen naar Bloemenhuis Van der Veen") {
		t.Errorf("the first proposal is %s", first)
	}
	says(t, doDeed(t, c, r.ID, "triage", "controller", o.Online.ID).Want(t, 422), "geen overeenkomst van kracht")
	if p := doDeed(t, c, r.ID, "triage", "controller", o.Florist.ID); p.Status != 303 {
		t.Fatalf("forward: %d: %s", p.Status, p.Words())
	}
	if got := o.now(t, r.ID); got.State != requests.Forwarded || got.Desk != o.Florist.ID {
		t.Errorf("%s at %s", got.State, got.Desk)
	}
	page = c.Get("/requests/"+r.ID).Want(t, 200)
	hides(t, page, "Noor", "noor@example.org")
	c.Get("/requests/"+r.ID+"/do/triage").Want(t, 403)
	says(t, o.SignIn(o.stranger).Get("/requests/"+r.ID).Want(t, 200), "Noor")
}
