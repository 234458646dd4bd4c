package web_test

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/identity"
)

func TestPeopleAreForTheirAdmin(t *testing.T) {
	w := handlertest.New(t)
	admin, foreign := w.SignIn(w.Hire("Anna", w.Bakery, identity.Admin)), w.SignIn(w.Hire("Frits", w.Florist, identity.Admin))
	agent, officer := w.Hire("Arie", w.Partner, identity.Agent), w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)
	admin.Get("/people").Want(t, http.StatusOK)
	w.SignIn(agent).Get("/people").Want(t, http.StatusNotFound)
	w.SignIn(officer).Get("/people").Want(t, http.StatusNotFound)
	at := "/people/" + officer.Account
	for _, act := range []string{"", "/roles", "/disable", "/enable", "/reset"} {
		admin.Get(at+act).Want(t, http.StatusOK)
		got, none := foreign.Get(at+act), foreign.Get("/people/acc_AAAAAAAAAAAAAAAAAAAAAAAAAA"+act)
		if got.Status != http.StatusNotFound || none.Status != http.StatusNotFound || got.Words() != none.Words() {
			t.Errorf("another organisation's admin sees %s: %d, an unknown one: %d", act, got.Status, none.Status)
		}
	}
	for _, act := range []string{"/roles", "/disable", "/reset"} {
		foreign.Post(at+act, form("roles", "agent")).Want(t, http.StatusNotFound)
	}
	has(t, admin.Get(at).Want(t, http.StatusOK), "Privacyfunctionaris", "Heeft toegang", "Authenticator-app")
	foreign.Get("/organisations/"+w.Bakery.ID+"/edit").Want(t, http.StatusNotFound)
	admin.Get("/organisations/"+w.Bakery.ID+"/edit").Want(t, http.StatusOK)
	for _, page := range []string{"/organisations", "/organisations/" + w.Bakery.ID, "/organisations/new", "/health"} {
		admin.Get(page).Want(t, http.StatusNotFound)
	}
}

func TestAccessEndsAtOnce(t *testing.T) {
	w := handlertest.New(t)
	admin := w.SignIn(w.Hire("Anna", w.Bakery, identity.Admin))
	p := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer, identity.Admin)
	c := w.SignIn(p)
	c.Get("/people").Want(t, http.StatusOK)
	at := "/people/" + p.Account
	admin.Post(at+"/roles", nil).Want(t, http.StatusUnprocessableEntity)
	admin.Post(at+"/roles", form("roles", "operator")).Want(t, http.StatusUnprocessableEntity)
	c.Get("/people").Want(t, http.StatusOK) // a refusal changes nothing
	to(t, admin.Post(at+"/roles", form("roles", "privacy_officer")), at)
	to(t, c.Get("/people"), "/sign-in?to=%2Fpeople")
	c = w.SignIn(p)
	c.Get("/people").Want(t, http.StatusNotFound)
	to(t, admin.Post(at+"/disable", nil), at)
	to(t, c.Get("/account"), "/sign-in?to=%2Faccount")
	h := w.Browser()
	h.Get("/sign-in")
	h.Post("/sign-in", form("email", p.Email, "password", p.Password)).Want(t, http.StatusUnauthorized)
	has(t, admin.Get(at), "Geen toegang")
	to(t, admin.Post(at+"/enable", nil), at)
	w.SignIn(p).Get("/account").Want(t, http.StatusOK)
}

func TestNobodyChangesThemselves(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Anna", w.Bakery, identity.Admin)
	c := w.SignIn(p)
	page := c.Get("/people/"+p.Account).Want(t, http.StatusOK)
	if page.Find(".ways-list").Length() != 0 {
		t.Error("the own page offers changes")
	}
	c.Post("/people/"+p.Account+"/disable", nil).Want(t, http.StatusConflict)
	c.Get("/people").Want(t, http.StatusOK)
}

func TestWithdrawnInvitation(t *testing.T) {
	w := handlertest.New(t)
	admin, foreign := w.SignIn(w.Hire("Anna", w.Bakery, identity.Admin)), w.SignIn(w.Hire("Frits", w.Florist, identity.Admin))
	to(t, admin.Post("/people/invite", form("name", "Noor", "email", "noor@example.nl", "roles", "admin", "language", "nl")), "/people")
	link := path(t, w, w.LastLetter("noor@example.nl", "invitation"))
	at, _ := admin.Get("/people").Find("[data-testid=invitations] a").Attr("href")
	foreign.Get(at).Want(t, http.StatusNotFound)
	foreign.Post(at, nil).Want(t, http.StatusNotFound)
	w.Browser().Get(link).Want(t, http.StatusOK)
	has(t, admin.Get(at).Want(t, http.StatusOK), "noor@example.nl")
	to(t, admin.Post(at, nil), "/people")
	w.Browser().Get(link).Want(t, http.StatusGone)
}

func TestJoinWithAnAccount(t *testing.T) {
	w := handlertest.New(t)
	p := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)
	admin := w.SignIn(w.Hire("Frits", w.Florist, identity.Admin))
	to(t, admin.Post("/people/invite", form("name", "Olga", "email", p.Email, "roles", "admin", "language", "nl")), "/people")
	link := path(t, w, w.LastLetter(p.Email, "invitation"))
	stranger := w.Browser()
	if page := stranger.Get(link).Want(t, http.StatusOK); page.Find("input[type=password]").Length() != 0 {
		t.Error("a known address is asked for a new password")
	}
	stranger.Post(link, form("name", "Olga", "password", "vuurtoren grasmat violier")).Want(t, http.StatusConflict)
	other := w.SignIn(w.Hire("Lucas", w.Bakery, identity.PrivacyOfficer))
	other.Post(link+"/join", nil).Want(t, http.StatusNotFound)
	c := w.SignIn(p)
	has(t, c.Get(link).Want(t, http.StatusOK), "Bloemenhuis Van der Veen", "eindigt meteen")
	to(t, c.Post(link+"/join", nil), "/sign-in")
	to(t, c.Get("/people"), "/sign-in?to=%2Fpeople")
	c = w.SignIn(p)
	has(t, c.Get("/people").Want(t, http.StatusOK), "Frits")
}

func TestOperator(t *testing.T) {
	w := handlertest.New(t)
	c := w.SignIn(w.Hire("Otto", identity.Organisation{Slug: "portal"}, identity.Operator))
	has(t, c.Get("/organisations").Want(t, http.StatusOK), "Bakkerij De Korenaar")
	for _, closed := range []string{"/people", "/agreements", "/queue"} {
		if got := c.Get(closed); got.Status != http.StatusNotFound {
			t.Errorf("the operator sees %s: %d", closed, got.Status)
		}
	}
	bad := c.Post("/organisations/new", form("name", "=X <b>", "slug", "NO", "country", "XX", "language", "nl", "zone", "Europe/Amsterdam")).Want(t, http.StatusUnprocessableEntity)
	if n := bad.Find("[data-testid=error-summary] a").Length(); n != 2 {
		t.Errorf("%d faults are named, want 2", n)
	}
	taken := c.Post("/organisations/new", form("name", "Korenaar", "slug", "korenaar", "country", "NL", "language", "nl", "zone", "Europe/Amsterdam")).Want(t, http.StatusUnprocessableEntity)
	has(t, taken, "startpagina")
	at := c.Post("/organisations/new", form("name", "=HYPERLINK(1) <b>", "slug", "", "country", "BE", "language", "nl", "zone", "Europe/Brussels")).Want(t, http.StatusSeeOther).Location
	page := c.Get(at).Want(t, http.StatusOK)
	has(t, page, "=HYPERLINK(1) <b>", "België", "Er is nog geen beheerder")
	to(t, c.Post(at+"/invite", form("name", "Eva", "email", "eva@example.be", "roles", "admin", "language", "nl")), at)
	c.Get(at).Find("[data-testid=invitations] a").Each(func(_ int, s *goquery.Selection) {
		href, _ := s.Attr("href")
		c.Get(href).Want(t, http.StatusOK)
	})
	w.Browser().Get(path(t, w, w.LastLetter("eva@example.be", "invitation"))).Want(t, http.StatusOK)
	sheet := c.Get("/organisations.csv").Want(t, http.StatusOK)
	if !strings.Contains(sheet.Body, "'=HYPERLINK(1)") || strings.Contains(sheet.Body, "\n=HYPERLINK") {
		t.Error("a name is a formula in the sheet")
	}
	// An admin who lost everything is helped by the operator.
	lost := w.Hire("Lia", w.Bakery, identity.Admin)
	has(t, c.Get("/organisations/"+w.Bakery.ID).Want(t, http.StatusOK), "Lia")
	to(t, c.Post("/people/"+lost.Account+"/reset", nil), "/people/"+lost.Account)
	officer := w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)
	c.Get("/people/"+officer.Account).Want(t, http.StatusNotFound)
	c.Post("/people/"+officer.Account+"/reset", nil).Want(t, http.StatusNotFound)
}

// agreed is the form of an agreement of the bakery with another party.
func agreed(source string, more ...string) url.Values {
	return form(append([]string{"role", "controller", "other", "vanderveen", "signed_on", "2026-11-01", "from", "2026-12-01", "until", "", "source", source}, more...)...)
}

func TestAgreementFaultsHaveLines(t *testing.T) {
	w := handlertest.New(t)
	c := w.SignIn(w.Hire("Anna", w.Bakery, identity.Admin))
	if n := c.Get("/agreements/new").Want(t, http.StatusOK).Find("[data-testid=preset]").Length(); n != 5 {
		t.Errorf("%d agreements to begin with, want 5", n)
	}
	source := "key: x\r\ntitle: <b>X</b>\r\nprocessor: {name: P}\r\naudit:\r\n  notise: {}\r\n  notice: {clause: '1', written: maybe}\r\n"
	page := c.Post("/agreements/new", agreed(source)).Want(t, http.StatusUnprocessableEntity)
	var got []string
	page.Find("[data-testid=fault]").Each(func(_ int, s *goquery.Selection) { got = append(got, s.Find("strong").Text()) })
	if strings.Join(got, "|") != "Regel 5, bij audit.notise|Regel 6, bij audit.notice.written" {
		t.Errorf("the faults stand at %v", got)
	}
	has(t, page, "notise", "Dit is tekst, maar moet true of false zijn")
	if wrong := page.Find("[data-testid=fault] .line-wrong").First(); wrong.Text() != "  notise: {}" {
		t.Errorf("the line shown is %q", wrong.Text())
	}
	if typed := page.Find("textarea").Text(); typed != strings.ReplaceAll(source, "\r", "") || page.Find("b").Length() != 0 {
		t.Errorf("what was typed is now %q", typed)
	}
	if v, _ := page.Find("#f-other").Attr("value"); v != "vanderveen" {
		t.Errorf("the other party that was typed is now %q", v)
	}
	empty := c.Post("/agreements/new", nil).Want(t, http.StatusUnprocessableEntity)
	if n := empty.Find("[data-testid=error-summary] a").Length(); n != 5 {
		t.Errorf("%d empty answers are named: %s", n, empty.Words())
	}
	own := c.Post("/agreements/new", form("role", "processor", "other", "korenaar")).Want(t, http.StatusUnprocessableEntity)
	has(t, own, "eigen organisatie")
	if n := c.Get("/agreements").Find("[data-testid=agreements] tbody tr").Length(); n != 2 {
		t.Errorf("%d agreements after refusals, want 2", n)
	}
}

func TestAgreementStepByStep(t *testing.T) {
	w := handlertest.New(t)
	anna := w.Hire("Anna", w.Bakery, identity.Admin)
	c := w.SignIn(anna)
	page := c.Get("/agreements/new?from=qputer").Want(t, http.StatusOK)
	id, _ := page.Find("input[name=id]").Attr("value")
	source := page.Find("textarea").Text()
	fields := agreed(source, "id", id)
	look := c.Post("/agreements/new", fields).Want(t, http.StatusOK)
	has(t, look, "Is dit wat is afgesproken?", "Bloemenhuis Van der Veen", "De wet")
	c.Get("/agreements/"+id).Want(t, http.StatusNotFound) // looking adds nothing
	fields.Set("do", "change")
	if back := c.Post("/agreements/new", fields).Want(t, http.StatusOK); back.Find("textarea").Text() != source {
		t.Error("going back loses what was typed")
	}
	fields.Set("do", "sign")
	for range 2 { // pressed twice, one is added
		to(t, c.Post("/agreements/new", fields), "/agreements/"+id)
	}
	shown := c.Get("/agreements/"+id).Want(t, http.StatusOK)
	has(t, shown, "30", "Overeenkomst zwijgt", "dinsdag 1 december 2026")
	if shown.Find("#audit\\.notice .clause-tag").Text() == "" || shown.Find("#breach\\.notify").Length() != 1 {
		t.Error("the terms have no clause or anchor")
	}
	has(t, shown, "Wat wacht", "heeft deze overeenkomst voorgesteld")
	boss := w.Hire("Fleur", w.Florist, identity.Admin)
	answersParty(t, w, boss, id, "accept", "Van kracht vanaf", "Nam de overeenkomst aan")
	florist := w.SignIn(w.Hire("Frits", w.Florist, identity.PrivacyOfficer))
	florist.Get("/agreements/"+id).Want(t, http.StatusOK)
	florist.Get("/agreements/"+id+"/amend").Want(t, http.StatusNotFound)
	stranger := w.SignIn(w.Hire("Arie", w.Online, identity.Admin))
	for _, at := range []string{"", "/amend", "/end", "/compare", "/answer"} {
		stranger.Get("/agreements/"+id+at).Want(t, http.StatusNotFound)
		if at != "/answer" {
			c.Get("/agreements/"+id+at).Want(t, http.StatusOK)
		}
	}
	to(t, c.Get("/agreements/"+id+"/answer"), "/agreements/"+id)
	stranger.Post("/agreements/"+id+"/end", form("until", "2026-12-31")).Want(t, http.StatusNotFound)

	changed := strings.Replace(source, "days: 30", "days: 45", 1)
	amend := form("from", "2026-12-10", "source", changed)
	c.Post("/agreements/"+id+"/amend", form("from", "2026-11-30", "source", changed)).Want(t, http.StatusUnprocessableEntity)
	has(t, c.Post("/agreements/"+id+"/amend", amend).Want(t, http.StatusOK), "45", "Wat er verandert")
	amend.Set("do", "sign")
	to(t, c.Post("/agreements/"+id+"/amend", amend), "/agreements/"+id)
	answersParty(t, w, boss, id, "accept", "Wat er verandert", "Versie 2")
	if n := c.Get("/agreements/"+id+"/compare?from=1&to=2").Want(t, http.StatusOK).Find("[data-testid=difference]").Length(); n != 1 {
		t.Errorf("%d differences, want 1", n)
	}
	has(t, c.Get("/agreements/"+id+"?version=1").Want(t, http.StatusOK), "30")
	c.Get("/agreements/"+id+"?version=9").Want(t, http.StatusNotFound)
	c.Get("/agreements/"+id+"?version=x").Want(t, http.StatusNotFound)
	c.Post("/agreements/"+id+"/end", form("until", "2026-01-01")).Want(t, http.StatusUnprocessableEntity)
	to(t, c.Post("/agreements/"+id+"/end", form("until", "2027-06-30")), "/agreements/"+id)
	answersParty(t, w, boss, id, "accept", "woensdag 30 juni 2027", "woensdag 30 juni 2027")
	has(t, c.Get("/agreements/"+id), "woensdag 30 juni 2027")
	to(t, c.Post("/agreements/"+id+"/end", form("until", "2027-07-31")), "/agreements/"+id)
	answersParty(t, w, anna, id, "withdraw", "Uw voorstel intrekken", "Trok de laatste dag in")
	to(t, c.Post("/agreements/"+id+"/end", form("until", "2027-07-31")), "/agreements/"+id)
	answersParty(t, w, boss, id, "decline", "zaterdag 31 juli 2027", "Wees de laatste dag af")
	a, err := w.Agreements.Get(context.Background(), w.Actor(anna), id)
	if err != nil || len(a.Versions) != 2 || a.Until != "2027-06-30" {
		t.Errorf("the agreement is %+v, %v", a, err)
	}
}

// answersParty opens the page on which a party answers, sends one of its answers and
// reads the agreement.
func answersParty(t *testing.T, w *handlertest.World, by handlertest.Person, id, do, asks, then string) {
	t.Helper()
	c := w.SignIn(by)
	page := c.Get("/agreements/"+id+"/answer").Want(t, http.StatusOK)
	has(t, page, asks)
	turn, _ := page.Find("input[name=turn]").Attr("value")
	to(t, c.Post("/agreements/"+id+"/"+do, form("turn", turn)), "/agreements/"+id)
	has(t, c.Get("/agreements/"+id), then)
}

// TestAcceptingAsksForAFreshFactor: and nothing is accepted before it was given.
func TestAcceptingAsksForAFreshFactor(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	source, _ := agreements.PresetSource("qputer")
	a, err := w.Agreements.Sign(ctx, w.Actor(w.Hire("Fleur", w.Florist, identity.Admin)), "agr_ABC", agreements.Signing{Controller: w.Bakery.ID, Processor: w.Florist.ID, SignedOn: "2026-01-01", From: "2026-01-01", Source: string(source)})
	if err != nil {
		t.Fatal(err)
	}
	c := w.SignIn(w.Hire("Anna", w.Bakery, identity.Admin))
	has(t, c.Get("/agreements").Want(t, http.StatusOK), "Wacht op uw antwoord")
	has(t, c.Get("/agreements?show=waiting").Want(t, http.StatusOK), "Bloemenhuis Van der Veen", "Voorgesteld")
	w.Pass(6 * time.Minute)
	c.Get("/agreements/"+a.ID+"/answer").Want(t, http.StatusOK)
	got := c.Post("/agreements/"+a.ID+"/accept", form("turn", "1"))
	if at := got.Header.Get("Location"); !strings.HasPrefix(at, "/account/confirm") {
		t.Errorf("with an old factor: %d, %s", got.Status, at)
	}
	if a, err = w.Agreements.Get(ctx, identity.System(), a.ID); err != nil || a.Standing != agreements.Proposed {
		t.Errorf("%s, %v", a.Standing, err)
	}
}

// TestAnAgreementFromBeforeIsConfirmedOrDisputed, by either party, on its page.
func TestAnAgreementFromBeforeIsConfirmedOrDisputed(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	source, _ := agreements.PresetSource("qputer")
	var ids []string
	for _, id := range []string{"agr_ONE", "agr_TWO"} {
		a := agreements.Agreement{Controller: w.Bakery.ID, Processor: w.Florist.ID, From: "2026-01-01", SignedOn: "2026-01-01", Standing: agreements.Unconfirmed, Adopted: "2026-11-01",
			Live: true, Last: "9999-12-31", AskController: true, AskProcessor: true, Versions: []agreements.Version{{Number: 1, From: "2026-01-01", Source: string(source)}}}
		a.ID = id
		if err := w.Agreements.Agreements.Create(ctx, &a, identity.System().Event(w.Now(), "agreement.ask", id, nil)); err != nil {
			t.Fatal(err)
		}
		ids = append(ids, id)
	}
	anna, fleur := w.Hire("Anna", w.Bakery, identity.Admin), w.Hire("Fleur", w.Florist, identity.Admin)
	has(t, w.SignIn(anna).Get("/agreements?show=waiting").Want(t, http.StatusOK), "Door één partij opgegeven")
	has(t, w.SignIn(anna).Get("/agreements/agr_ONE").Want(t, http.StatusOK), "Bevestigen of betwisten")
	answersParty(t, w, anna, ids[0], "confirm", "bevestigen", "De andere partij nog niet")
	answersParty(t, w, fleur, ids[0], "confirm", "bevestigen", "Bevestigde de overeenkomst")
	answersParty(t, w, fleur, ids[1], "dispute", "Betwisten: dit is niet afgesproken", "Betwist")
	a, err := w.Agreements.Get(ctx, w.Actor(anna), ids[1])
	if in, _ := a.InForce(w.Now()); err != nil || in {
		t.Errorf("a disputed agreement is in force: %v", err)
	}
}

func TestAgreementsAreReadByStaff(t *testing.T) {
	w := handlertest.New(t)
	agent := w.SignIn(w.Hire("Arie", w.Partner, identity.Agent))
	page := agent.Get("/agreements").Want(t, http.StatusOK)
	has(t, page, "U bent de verwerker", "Bakkerij De Korenaar", "Bloemenhuis Van der Veen", "Van kracht")
	if page.Find("a[href='/agreements/new']").Length() != 0 {
		t.Error("an agent is offered to add an agreement")
	}
	agent.Get("/agreements/new").Want(t, http.StatusNotFound)
	agent.Post("/agreements/new", agreed("key: x")).Want(t, http.StatusNotFound)
	for _, key := range agreements.Keys() {
		agent.Get("/agreements/presets/"+key).Want(t, http.StatusOK)
	}
	agent.Get("/agreements/presets/none").Want(t, http.StatusNotFound)
	if got := agent.Get("/agreements.csv").Want(t, http.StatusOK); !strings.Contains(got.Body, "Bakkerij De Korenaar") {
		t.Error("the sheet is empty")
	}
	to(t, w.Browser().Get("/agreements"), "/sign-in?to=%2Fagreements")
}

func TestLaw(t *testing.T) {
	w := handlertest.New(t)
	c := w.Browser()
	has(t, c.Get("/law").Want(t, http.StatusOK), "art. 12 lid 3 AVG")
	has(t, c.Get("/law/12-3-gdpr").Want(t, http.StatusOK), "Eén maand om te antwoorden")
	c.Get("/law/nothing").Want(t, http.StatusNotFound)
	c.Language = "en"
	has(t, c.Get("/law/28-3-e-gdpr?lang=en").Want(t, http.StatusOK), "art. 28(3)(e) GDPR")
}

// TestGetChangesNothing opens every page of a family and holds the records of
// before and after against each other: only reading is recorded.
func TestGetChangesNothing(t *testing.T) {
	w := handlertest.New(t)
	p, other := w.Hire("Anna", w.Bakery, identity.Admin), w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)
	c := w.SignIn(p)
	agreement, _ := c.Get("/agreements").Find("[data-testid=agreements] a").Attr("href")
	w.Drain()
	before := changes(t, w)
	for _, at := range []string{"/account", "/account/password", "/account/recovery", "/account/authenticator", "/account/confirm", "/people", "/people.csv", "/people/invite",
		"/people/" + other.Account, "/people/" + other.Account + "/roles", "/people/" + other.Account + "/disable", "/people/" + other.Account + "/enable", "/people/" + other.Account + "/reset",
		agreement, agreement + "/amend", agreement + "/end", agreement + "/compare", "/agreements/new", "/agreements/new?from=mpg", "/sign-in", "/password/forgot"} {
		if got := c.Get(at); got.Status != http.StatusOK && got.Status != http.StatusSeeOther {
			t.Errorf("GET %s = %d", at, got.Status)
		}
	}
	w.Drain()
	if after := changes(t, w); after != before {
		t.Errorf("changes before and after:\n%s\n%s", before, after)
	}
}

// changes lists what was recorded but reading.
func changes(t *testing.T, w *handlertest.World) string {
	t.Helper()
	entries, err := w.Ledger.Read(t.Context(), 0, 10_000)
	if err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	for _, e := range entries {
		if !strings.HasSuffix(e.Event.Action, ".read") {
			b.WriteString(e.Event.Action + " ")
		}
	}
	return b.String()
}
