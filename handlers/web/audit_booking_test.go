package web_test

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/identity"
)

// move opens the page of a move, fills its form in, and sends it.
func (h *hall) move(c *handlertest.Client, id, deed string, more ...string) handlertest.Page {
	h.T.Helper()
	action, v := h.moveForm(c, id, deed)
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return c.Post(action, v)
}

func (h *hall) moveForm(c *handlertest.Client, id, deed string) (string, url.Values) {
	h.T.Helper()
	return filled(h.T, c.Get("/audits/"+id+"/do/"+deed).Want(h.T, 200), "deed")
}

// booked fills the wizard in and sends it; it returns what was sent as well.
func (h *hall) booked(c *handlertest.Client, more ...string) (handlertest.Page, string, url.Values) {
	h.T.Helper()
	action, v := filled(h.T, c.Get("/audits/new/"+h.agreement.ID).Want(h.T, 200), "book")
	v.Set("subject", "Beveiliging van de hosting")
	v.Set("mode", "on_site")
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return c.Post(action, v), action, v
}

// part is the words of one part of a page.
func part(p handlertest.Page, testid string) string {
	return strings.Join(strings.Fields(p.Find(`[data-testid="`+testid+`"]`).Text()), " ")
}

func TestTheWizardNamesTheEarliestDayAndWhatIsMissing(t *testing.T) {
	// The world begins on Tuesday 17 November 2026.
	for _, x := range []struct {
		preset   string
		earliest []string // the day, and the clause that sets it
		missing  map[string]string
		silent   []string
		asks     []string // parts of the notice that the agreement asks for
	}{
		{"vcare", []string{"Vanaf vandaag", "9.2"}, map[string]string{"auditor": "9.1", "confidentiality": "9.3"}, []string{"precondition", "frequency", "notice_content"}, nil},
		{"inserve", []string{"Vanaf vandaag: de overeenkomst noemt geen eerste dag", "28"}, nil, []string{"precondition", "notice", "frequency", "confidentiality"}, nil},
		{"qputer", []string{"vrijdag 18 december 2026", "5.3"}, map[string]string{"precondition": "5.2", "notice_content": "5.3", "auditor": "5.2", "confidentiality": "5.2"},
			[]string{"frequency"}, []string{"method", "auditor", "information", "locations"}},
		{"idea-online", []string{"Vanaf vandaag: de overeenkomst noemt geen eerste dag", "28"}, nil, []string{"precondition", "notice", "frequency", "confidentiality", "cooperation"}, nil},
		{"mpg", []string{"woensdag 2 december 2026", "10.2"}, map[string]string{"precondition": "10.2", "notice_content": "10.2", "auditor": "10.1", "confidentiality": "10.1"}, nil, []string{"arguments"}},
	} {
		t.Run(x.preset, func(t *testing.T) {
			h := newHall(t, x.preset)
			c := h.SignIn(h.officer)
			says(t, c.Get("/audits/new").Want(t, 200), h.processor.Name)
			p := c.Get("/audits/new/"+h.agreement.ID).Want(t, 200)
			for _, want := range x.earliest {
				if got := part(p, "earliest"); !strings.Contains(got, want) {
					t.Errorf("earliest day: %q, want %q in it", got, want)
				}
			}
			outlook := p.Find(`[data-testid="outlook"]`)
			for rule, clause := range x.missing {
				line := outlook.Find(`[data-testid="rule-` + rule + `"]`).First()
				if got := strings.Join(strings.Fields(line.Text()), " "); !strings.Contains(got, "Nog nodig") || !strings.Contains(got, clause) {
					t.Errorf("%s: %q, want it still needed by %s", rule, got, clause)
				}
			}
			states := outlook.Find(`[data-testid^="rule-"] .status`).Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("data-state", "") })
			missing := 0
			for _, st := range states {
				if st == audits.Missing {
					missing++
				}
			}
			if missing != 2*len(x.missing) { // above, and again line by line
				t.Errorf("%d lines are still needed, want each of %v twice", missing, x.missing)
			}
			for _, rule := range x.silent {
				if got := part(p, "rule-"+rule); !strings.Contains(got, "Niets afgesproken") || !strings.Contains(got, "28") {
					t.Errorf("%s: %q, want the law's chip, as nothing is agreed", rule, got)
				}
			}
			must := p.Find(`section[aria-labelledby="group-must"] textarea`).Map(func(_ int, s *goquery.Selection) string { return s.AttrOr("name", "") })
			if !slices.Equal(must, x.asks) {
				t.Errorf("the notice must state %v, want %v", must, x.asks)
			}
			if chips := p.Find(`section[aria-labelledby="group-must"] [data-testid="clause"]`).Length(); chips != len(x.asks) {
				t.Errorf("%d chips beside what the notice must state, want %d", chips, len(x.asks))
			}
			indicated := p.Find(`input[name="breach_indicated"]`).Length() > 0
			if indicated != (x.preset == "qputer") {
				t.Errorf("asks whether a breach is indicated: %v", indicated)
			}
		})
	}
}

func TestBookingKeepsADraftForOneSide(t *testing.T) {
	h := newHall(t, "mpg")
	c := h.SignIn(h.officer)
	done, action, v := h.booked(c, "wanted", "2026-12-03")
	id := v.Get("id")
	if done.Status != 303 || done.Location != "/audits/"+id {
		t.Fatalf("book: %d to %s: %s", done.Status, done.Location, done.Words())
	}
	// The second click makes no second audit.
	if again := c.Post(action, v); again.Location != "/audits/"+id {
		t.Errorf("the second click leads to %q: %s", again.Location, again.Words())
	}
	if n := strings.Count(strings.Join(h.Events(id), " "), "audit.draft"); n != 1 {
		t.Errorf("%d drafts were recorded, want 1", n)
	}
	page := c.Get("/audits/"+id).Want(t, 200)
	says(t, page, "Toegestaan als er nog iets gebeurt", "woensdag 2 december 2026", "woensdag 18 november 2026")
	if got := part(page, "latest-notice"); !strings.Contains(got, "10.2") {
		t.Errorf("the latest day for the notice: %q, want its clause", got)
	}
	if page.Find(`[data-testid="booking"] a[href="/audits/`+id+`/do/ask-first"]`).Length() == 0 {
		t.Error("the rule on reports does not lead to the question for them")
	}
	if got := strings.TrimSpace(c.Get(action).Find("a.back").Text()); got != "Een andere overeenkomst kiezen" {
		t.Errorf("the way back says %q", got)
	}
	// Nobody else knows of it.
	for _, p := range []handlertest.Person{h.agent, h.processorAdmin, h.stranger} {
		h.SignIn(p).Get("/audits/"+id).Want(t, 404)
		hides(t, h.SignIn(p).Get("/audits").Want(t, 200), h.get(id).Reference)
	}
	if got := part(page, "next"); !strings.Contains(got, "Eerst iets vragen") || strings.Contains(got, "aankondiging") {
		t.Errorf("the main button is %q, want the question that comes first", got)
	}
	// The notice cannot go out, and says what is in the way.
	before := c.Get("/audits/"+id+"/do/announce").Want(t, 200)
	says(t, before, "De aankondiging kan nog niet worden verstuurd", "Vul in wie de audit doet", "vergelijkbare auditrapporten", "10.2")
	if before.Find(`form[data-testid="deed"]`).Length() > 0 {
		t.Error("the notice can be sent while something is in the way")
	}
	c.Post("/audits/"+id+"/do/announce", url.Values{"rev": {strconv.FormatInt(h.get(id).Rev, 10)}}).Want(t, 409)
	if got := h.get(id); got.Stage != audits.Draft {
		t.Errorf("the audit is %s", got.Stage)
	}
}

func TestOnlyPrivacyOfficersBook(t *testing.T) {
	h := newHall(t, "mpg")
	_, action, v := h.booked(h.SignIn(h.officer))
	v.Del("id")
	v.Set("id", "aud_AAAAAAAAAAAAAAAAAAAAAAAAAA")
	for name, p := range map[string]handlertest.Person{"agent": h.agent, "processor's administrator": h.processorAdmin, "controller's administrator": h.controllerAdmin, "stranger": h.stranger} {
		c := h.SignIn(p)
		if got := c.Get(action); got.Status != 403 && got.Status != 404 {
			t.Errorf("%s opens the wizard: %d", name, got.Status)
		}
		if got := c.Post(action, v); got.Status != 403 && got.Status != 404 {
			t.Errorf("%s books: %d", name, got.Status)
		}
	}
	if _, err := h.Audits.Audits.Get(t.Context(), v.Get("id")); err == nil {
		t.Error("an audit was made")
	}
	if got := h.SignIn(h.agent).Get("/audits").Find(`[data-testid="book"]`).Length(); got != 0 {
		t.Error("the agent is offered to book")
	}
}

func TestARefusedDayKeepsWhatWasTyped(t *testing.T) {
	h := newHall(t, "mpg")
	c := h.SignIn(h.officer)
	for _, x := range []struct {
		name   string
		fields []string
		status int
		says   []string
	}{
		{"too early", []string{"wanted", "2026-11-24"}, 409, []string{"dinsdag 24 november 2026 is te vroeg", "woensdag 2 december 2026", "10.2"}},
		{"past", []string{"wanted", "2026-11-02"}, 409, []string{"2 november 2026", "2 december 2026", "10.2"}},
		{"weekend", []string{"wanted", "2026-12-05"}, 409, []string{"weekend of op een feestdag", "maandag 7 december 2026"}},
		{"second in a year", []string{"wanted", "2026-12-09", "earlier", "2026-03-02"}, 409, []string{"woensdag 3 maart 2027", "10.2"}},
		{"no date", []string{"wanted", "morgen"}, 422, []string{"jaar, maand en dag"}},
		{"no subject", []string{"subject", " ", "wanted", "2026-12-09"}, 422, []string{"Some answers need another look."}},
		{"cause without a reason", []string{"for_cause", "yes"}, 422, []string{"Some answers need another look."}},
		{"far", []string{"wanted", "9999-01-01"}, 422, nil},
	} {
		t.Run(x.name, func(t *testing.T) {
			fields := append([]string{"why", "", "arguments", "Geen rapport over <b>back-ups</b>."}, x.fields...)
			p, _, v := h.booked(c, fields...)
			p.Want(t, x.status)
			for _, want := range x.says {
				if want == "Some answers need another look." {
					if p.Find(`[data-testid="error-summary"]`).Length() != 1 {
						t.Error("there is no summary of what is wrong")
					}
					continue
				}
				says(t, p, want)
			}
			hides(t, p, "<b>back-ups</b>")
			_, kept := filled(t, p, "book")
			for name := range v {
				if strings.TrimSpace(kept.Get(name)) != strings.TrimSpace(v.Get(name)) && name != "csrf" && (name != "wanted" || v.Get(name) != "morgen") {
					t.Errorf("%s became %q, was typed as %q", name, kept.Get(name), v.Get(name))
				}
			}
			if _, err := h.Audits.Audits.Get(t.Context(), v.Get("id")); err == nil {
				t.Error("a draft was kept")
			}
		})
	}
	// With a reason, a free day is as good as any.
	if p, _, _ := h.booked(c, "wanted", "2026-12-05", "day_off", "Alleen dan ligt de hosting stil."); p.Status != 303 {
		t.Errorf("a free day with a reason: %d: %s", p.Status, p.Words())
	}
}

func TestAnEndedAgreementIsNotBookedUnder(t *testing.T) {
	h := newHall(t, "vcare")
	c := h.SignIn(h.officer)
	action, v := filled(t, c.Get("/audits/new/"+h.agreement.ID).Want(t, 200), "book")
	h.Both(h.Agreements.End(t.Context(), h.Actor(h.controllerAdmin), h.agreement.ID, "2026-11-20"))
	h.Pass(5 * 24 * time.Hour)
	c = h.SignIn(h.officer)
	p := c.Get(action).Want(t, 409)
	says(t, p, "vrijdag 20 november 2026", "Een andere overeenkomst kiezen")
	if p.Find(`[data-testid="rule-in_force"] [data-testid="clause"]`).Length() != 1 {
		t.Error("the refusal has no clause")
	}
	v.Set("subject", "Beveiliging")
	v.Set("mode", "remote")
	c.Post(action, v).Want(t, 409)
	says(t, c.Get("/audits/new").Want(t, 200), h.Partner.Name)
	hides(t, c.Get("/audits/new").Want(t, 200), h.processor.Name)
	// A controller without any agreement reads what it has to do.
	lonely := h.Hire("Els Alleen", h.Organisation("Zonder", "zonder"), identity.PrivacyOfficer)
	says(t, h.SignIn(lonely).Get("/audits/new").Want(t, 200), "Er is geen overeenkomst voor een audit", "Een beheerder van uw organisatie voegt overeenkomsten toe")
}

// TestAskedFirst goes from the question to the notice, on the pages alone.
func TestAskedFirst(t *testing.T) {
	h := newHall(t, "mpg")
	officer, agent := h.SignIn(h.officer), h.SignIn(h.agent)
	_, _, v := h.booked(officer, "why", "Geheim tot de aankondiging")
	id := v.Get("id")
	agent.Get("/audits/"+id).Want(t, 404)

	form := officer.Get("/audits/"+id+"/do/ask-first").Want(t, 200)
	if got := form.Find(`input[name="kind"]`).First().AttrOr("value", ""); got != "existing_reports" {
		t.Errorf("the first kind is %q, want what the agreement asks for", got)
	}
	// Two weeks after the question (mpg 10.3); later is refused, sooner needs a reason.
	p := h.move(officer, id, "ask-first", "text", "Welke rapporten?", "due", "2026-12-20").Want(t, 409)
	says(t, p, "dinsdag 1 december 2026", "10.3")
	if _, kept := filled(t, p, "deed"); kept.Get("text") != "Welke rapporten?" || kept.Get("due") != "2026-12-20" {
		t.Error("the refusal lost what was typed")
	}
	h.move(officer, id, "ask-first", "text", "Welke rapporten?", "due", "2026-11-20").Want(t, 409)
	h.move(officer, id, "ask-first", "text", "").Want(t, 422)
	action, ask := h.moveForm(officer, id, "ask-first")
	ask.Set("text", "Welke rapporten?")
	for range 2 {
		to(t, officer.Post(action, ask), "/audits/"+id)
	}
	if got := h.get(id); len(got.Inquiries) != 1 || got.Stage != audits.Precondition {
		t.Fatalf("%d questions, stage %s", len(got.Inquiries), got.Stage)
	}
	inquiry := h.get(id).Inquiries[0].ID

	// The processor sees the question, and nothing else of the draft.
	asked := agent.Get("/audits/"+id).Want(t, 200)
	says(t, asked, "Welke rapporten?", "dinsdag 1 december 2026", "10.3")
	hides(t, asked, "Geheim tot de aankondiging", "Beveiliging van de hosting", `data-testid="booking"`)
	if asked.Find("#"+inquiry).Length() != 1 {
		t.Error("the question has no place of its own")
	}
	h.SignIn(h.processorAdmin).Get("/audits/"+id+"/do/supply?item="+inquiry).Want(t, 403)
	h.SignIn(h.stranger).Get("/audits/"+id+"/do/supply?item="+inquiry).Want(t, 404)
	agent.Get("/audits/"+id+"/do/supply?item=inq_nothing").Want(t, 404)

	to(t, agent.Upload("/audits/"+id+"/files/"+inquiry, nil, handlertest.Attachment{Field: "file", Name: "iso.txt", Body: []byte("ISO 27001")}), "/audits/"+id+"#"+inquiry)
	says(t, agent.Get("/audits/"+id), "iso.txt")
	says(t, h.move(agent, id, "supply?item="+inquiry, "none", "on", "text", "Er is niets").Want(t, 422), "bestanden")
	action, supply := h.moveForm(agent, id, "supply?item="+inquiry)
	supply.Set("text", "Zie het ISO-rapport.")
	to(t, agent.Post(action, supply), "/audits/"+id+"#"+inquiry)
	agent.Post(action, supply).Want(t, 409)

	page := officer.Get("/audits/"+id).Want(t, 200)
	says(t, page, "Zie het ISO-rapport.", "iso.txt", "Beoordeel de auditrapporten")
	if page.Find(`[data-testid="do-conclude"]`).Length() > 0 {
		t.Error("the audit can be closed on an answer that was not weighed")
	}
	h.move(officer, id, "assess?item="+inquiry, "arguments", "Niets over back-ups.").Want(t, 422)
	to(t, h.move(officer, id, "assess?item="+inquiry, "assessment", "inconclusive", "arguments", "Niets over back-ups."), "/audits/"+id+"#"+inquiry)
	h.must(h.Audits.AppointAuditor(t.Context(), h.Actor(h.officer), id, audits.AuditorDetails{Person: audits.AuditorPerson{Name: "Rik Jansen", Email: "rik@auditors.example", Language: "nl"},
		Independent: truth(true), ICTExpert: truth(true), BoundToSecrecy: truth(true)}))

	if got := part(officer.Get("/audits/"+id), "next"); !strings.Contains(got, "De aankondiging versturen") || strings.Contains(got, "Eerst iets vragen") {
		t.Errorf("the main button is %q, want the notice", got)
	}
	confirm := officer.Get("/audits/"+id+"/do/announce").Want(t, 200)
	says(t, confirm, h.processor.Name, "Beveiliging van de hosting", "Niets over back-ups.", "Rik Jansen", "woensdag 2 december 2026", "Dit kan niet ongedaan worden gemaakt")
	action, announce := filled(t, confirm, "deed")
	stale := url.Values{"rev": {"1"}}
	says(t, officer.Post(action, stale).Want(t, 409), "veranderd")
	to(t, officer.Post(action, announce), "/audits/"+id)
	officer.Post(action, announce).Want(t, 409)
	says(t, agent.Get("/audits/"+id).Want(t, 200), "Beveiliging van de hosting", "Niets over back-ups.")
	officer.Get("/audits/"+id+"/do/revise").Want(t, 409)
}

func TestSettledWithoutAnAudit(t *testing.T) {
	h := newHall(t, "inserve")
	officer, agent := h.SignIn(h.officer), h.SignIn(h.agent)
	_, _, v := h.booked(officer)
	id := v.Get("id")
	form := officer.Get("/audits/"+id+"/do/ask-first").Want(t, 200)
	says(t, form, "4.5")
	to(t, h.move(officer, id, "ask-first", "text", "Hoe staat het ervoor?"), "/audits/"+id)
	q := h.get(id).Inquiries[0]
	if q.Kind != audits.SelfAssessment {
		t.Fatalf("asked for %s, want what inserve 4.5 names first", q.Kind)
	}
	says(t, agent.Get("/audits/"+id), "De overeenkomst noemt geen aantal dagen")
	to(t, h.move(agent, id, "supply?item="+q.ID, "text", "Alles op orde."), "/audits/"+id+"#"+q.ID)
	to(t, h.move(officer, id, "assess?item="+q.ID, "assessment", "conclusive", "arguments", "Volledig."), "/audits/"+id+"#"+q.ID)
	to(t, h.move(officer, id, "conclude?item="+q.ID), "/audits/"+id+"#"+q.ID)
	if got := h.get(id); got.Stage != audits.Closed || got.Outcome != audits.SettledOther {
		t.Errorf("stage %s, outcome %s", got.Stage, got.Outcome)
	}
	says(t, agent.Get("/audits/"+id).Want(t, 200), "Volledig.")
}

func TestRevisingWithdrawingAndCancelling(t *testing.T) {
	h := newHall(t, "qputer")
	officer := h.SignIn(h.officer)
	_, _, v := h.booked(officer, "method", "Interviews")
	id := v.Get("id")
	action, stale := h.moveForm(officer, id, "revise")
	if stale.Get("subject") != "Beveiliging van de hosting" || stale.Get("method") != "Interviews" || stale.Get("breach_indicated") != "unknown" {
		t.Errorf("the form of the draft says %v", stale)
	}
	says(t, h.move(officer, id, "revise", "breach_indicated", "yes").Want(t, 422), "Leg uit wat wijst op een inbreuk")
	to(t, h.move(officer, id, "revise", "breach_indicated", "yes", "why", "Een datalek."), "/audits/"+id)
	stale.Set("subject", "Van gisteren")
	p := officer.Post(action, stale).Want(t, 409)
	if _, kept := filled(t, p, "deed"); kept.Get("subject") != "Van gisteren" {
		t.Error("the stale page lost what was typed")
	}
	says(t, officer.Get("/audits/"+id), "Er is een aanwijzing dat de verwerker")
	to(t, h.move(officer, id, "revise", "breach_indicated", "no", "why", ""), "/audits/"+id)
	says(t, officer.Get("/audits/"+id), "Nu niet toegestaan", "5.2")

	to(t, h.move(officer, id, "ask-first", "text", "Stuur informatie."), "/audits/"+id)
	q := h.get(id).Inquiries[0].ID
	to(t, h.move(officer, id, "withdraw-inquiry?item="+q), "/audits/"+id+"#"+q)
	says(t, h.SignIn(h.agent).Get("/audits/"+id), "Ingetrokken")

	h.SignIn(h.agent).Get("/audits/"+id+"/do/cancel").Want(t, 403)
	admin := h.SignIn(h.controllerAdmin)
	h.move(admin, id, "cancel").Want(t, 422)
	to(t, h.move(admin, id, "cancel", "reason", "Niet meer nodig."), "/audits/"+id)
	says(t, officer.Get("/audits/"+id), "Afgezegd", "Niet meer nodig.")
	if got := h.get(id); got.Stage != audits.Cancelled {
		t.Errorf("stage %s", got.Stage)
	}
}

func TestTheRecordSupportsACause(t *testing.T) {
	h := newHall(t, "mpg")
	late := h.must(h.Audits.AskBefore(t.Context(), h.Actor(h.officer), h.draft().ID, audits.Inquire{Kind: audits.ExistingReports, Text: "Welke rapporten zijn er?"}))
	says(t, h.SignIn(h.officer).Get("/audits/new/"+h.agreement.ID), "niets te laat en geen grote bevinding")
	h.Pass(20 * 24 * time.Hour)
	c := h.SignIn(h.officer)
	if got := c.Get("/audits/new/"+h.agreement.ID).Find(`input[name="indications"]`).AttrOr("value", ""); got != late.ID {
		t.Fatalf("the record offers %q, want the audit with the late answer", got)
	}
	if p, _, _ := h.booked(c, "for_cause", "yes", "indications", "req_VERZONNEN"); p.Status != 422 {
		t.Errorf("what is not in the record: %d", p.Status)
	}
	p, _, v := h.booked(c, "for_cause", "yes", "indications", late.ID)
	if p.Status != 303 {
		t.Fatalf("%d: %s", p.Status, p.Words())
	}
	if got := h.get(v.Get("id")).Cause; !got.ForCause || !slices.Equal(got.Indications, []string{late.ID}) {
		t.Errorf("the cause is %+v", got)
	}
	page := c.Get("/audits/"+v.Get("id")).Want(t, 200)
	if got := page.Find(`[data-testid="indication"] a`).AttrOr("href", ""); got != "/audits/"+late.ID {
		t.Errorf("the indication leads to %q", got)
	}
}
