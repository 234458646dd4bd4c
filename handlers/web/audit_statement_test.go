package web_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/requests"
)

// TestAmountsThatAreNone: what cannot be an amount is refused, says why, and
// stays in the form.
func TestAmountsThatAreNone(t *testing.T) {
	h := newHall(t, "inserve")
	id := h.audited(audits.DateAgreed).ID
	c, at := h.SignIn(h.officer), "/audits/"+id+"/do/add-cost"
	for _, tt := range []struct {
		typed  string
		status int
		says   string
	}{
		{"0", 409, "Een bedrag is hoger dan nul."},
		{"0,00", 409, "Een bedrag is hoger dan nul."},
		{"-12,50", 409, "Wilt u iets terugnemen? Wijzig of verwijder dan de regel"},
		{"€ -12,50", 409, "Een bedrag is hoger dan nul."},
		{"−5", 409, "Een bedrag is hoger dan nul."},
		{"90 USD", 409, "Deze overeenkomst rekent in EUR"},
		{"$90", 409, "Reken het bedrag eerst om."},
		{"£ 90,00", 409, "Deze overeenkomst rekent in EUR"},
		{"chf 5", 409, "Deze overeenkomst rekent in EUR"},
		{"", 422, "Vul een bedrag in zoals 120,50."},
		{"veel", 422, "Vul een bedrag in"},
		{"--5", 422, "Vul een bedrag in"},
		{"1.2.3", 422, "Vul een bedrag in"},
		{"1e9", 422, "Vul een bedrag in"},
		{"<script>alert(1)</script>", 422, "Vul een bedrag in"},
		{"9999999999999999", 422, "Vul een bedrag in"},
	} {
		t.Run(tt.typed, func(t *testing.T) {
			p := c.Post(at, filledIn(c.Get(at).Want(t, 200), "kind", agreements.Travel, "for", "Trein & tram", "cents", tt.typed)).Want(t, tt.status)
			has(t, p, tt.says)
			if got := p.Find("[name=cents]").AttrOr("value", ""); got != tt.typed {
				t.Errorf("the amount became %q", got)
			}
			if got := p.Find("[name=for]").AttrOr("value", ""); got != "Trein & tram" {
				t.Errorf("the purpose became %q", got)
			}
			if _, on := p.Find("[name=kind][value=travel]").Attr("checked"); !on {
				t.Error("the kind was lost")
			}
		})
	}
	p := c.Post(at, filledIn(c.Get(at), "kind", "", "for", "", "cents", "")).Want(t, 422)
	has(t, p, "Kies wat voor kosten dit zijn.", "Geef aan waar dit bedrag voor is")
	if n := len(h.get(id).Costs); n != 0 {
		t.Errorf("%d lines were added", n)
	}
	for typed, cents := range map[string]int64{"1.234,56": 123_456, "1,234.56": 123_456, "€ 90": 9000, "90 EUR": 9000, "eur 12,5": 1250} {
		to(t, do(t, c, id, "add-cost", "", "kind", agreements.Travel, "for", typed, "cents", typed), "/audits/"+id)
		costs := h.get(id).Costs
		if got := costs[len(costs)-1].Cents; got != cents {
			t.Errorf("%q became %d cents, want %d", typed, got, cents)
		}
	}
}

// TestStatementOfCosts reads the statement as both parties do, on the page and
// in the spreadsheet, in Dutch and in English.
func TestStatementOfCosts(t *testing.T) {
	h := newHall(t, "qputer")
	id := h.audited(audits.UnderWay).ID
	h.state(id, h.officer, agreements.AuditorFee, "=HYPERLINK(\"x\")", 100_001)
	h.state(id, h.agent, agreements.ProcessorTime, "Begeleiding", 250_000)
	h.state(id, h.agent, agreements.SecurityChange, "Firewall", 12_345)
	for _, person := range []handlertest.Person{h.officer, h.controllerAdmin, h.agent, h.processorAdmin} {
		c := h.SignIn(person)
		p := c.Get("/audits/"+id+"/costs").Want(t, 200)
		mine := func(party string) string { return in(t, p, "statement-"+party) }
		reads(t, "controller", mine("controller"), "Regel 2: Begeleiding", "qputer 5.7", "€ 2.500,00", "Draagt in totaal€ 3.500,01", "Zelf gemaakt€ 1.000,01", "Betaalt € 2.500,00")
		reads(t, "processor", mine("processor"), "Regel 3: Firewall", byDefault, silentLaw, "Draagt in totaal€ 123,45", "Zelf gemaakt€ 2.623,45", "Ontvangt € 2.500,00")
		if strings.Contains(mine("processor"), "Regel 2") {
			t.Error("the processor bears what it charged")
		}
		has(t, p, "Kosten van audit ", "Bakkerij De Korenaar betaalt Rekenkracht € 2.500,00.")
		csv := c.Get("/audits/"+id+"/costs.csv").Want(t, 200)
		for _, want := range []string{"Begeleiding,Werktijd van de verwerker,Rekenkracht,Bakkerij De Korenaar,qputer 5.7", ",250000,EUR", `"'=HYPERLINK(""x"")"`, "\"€\u00a02.500,00\""} {
			if !strings.Contains(csv.Body, want) {
				t.Errorf("the sheet lacks %q: %s", want, csv.Body)
			}
		}
	}
	c := h.SignIn(h.officer)
	to(t, c.Post("/account/profile", form("name", "Sanne de Vries", "language", "en")), "/account")
	p := c.Get("/audits/"+id+"/costs").Want(t, 200)
	has(t, p, "Bakkerij De Korenaar pays Rekenkracht €2,500.00.", "Costs of audit ", "Our default: the agreement does not say who bears this.", "Not looked at yet")
	has(t, c.Get("/audits/"+id), "made €1,000.01, bears €3,500.01", "View of Rekenkracht")
}

// TestCostsAreBetweenTheParties: the auditor and strangers see no cost, on no
// page and in no file, and can do nothing with them.
func TestCostsAreBetweenTheParties(t *testing.T) {
	h := newHall(t, "inserve")
	a := h.audited(audits.Announced)
	h.auditorClient(a.ID) // while the link in the mail is fresh
	id := h.reach(a.ID, audits.UnderWay).ID
	line := h.state(id, h.officer, agreements.AuditorFee, "Geheim honorarium", 123_400)
	h.nonCompliance(id)
	auditor, stranger := h.auditorClient(id), h.SignIn(h.stranger)
	has(t, auditor.Get("/audits/"+id).Want(t, 200), "Oude sleutels") // sees the audit, but
	hides(t, auditor.Get("/audits/"+id), "Geheim honorarium", "1.234,00", line.ID, `id="costs"`, "/costs", "costs-moved", "add-cost", "/do/settle")
	h.SignIn(h.officer).Upload("/audits/"+id+"/files/"+line.ID, nil, handlertest.Attachment{Field: "file", Name: "factuur.txt", Body: []byte("Factuur")}).Want(t, 303)
	evidence := h.get(id).Files[0].ID
	has(t, h.SignIn(h.agent).Get("/audits/"+id), "factuur.txt")
	for who, c := range map[string]*handlertest.Client{"auditor": auditor, "stranger": stranger, "nobody": h.Browser()} {
		for _, path := range []string{"/costs", "/costs.csv", "/files/" + evidence, "/do/accept-cost?item=" + line.ID, "/do/add-cost", "/do/settle"} {
			p := c.Get("/audits/" + id + path)
			if p.Status == 200 || strings.Contains(p.Body, "1.234,00") || strings.Contains(p.Body, "honorarium") {
				t.Errorf("%s gets %s: %d", who, path, p.Status)
			}
		}
		for _, name := range []string{"add-cost", "change-cost", "remove-cost", "accept-cost", "dispute-cost", "settle"} {
			v := url.Values{"rev": {"1"}, "item": {line.ID}, "cents": {"123400"}, "bearer": {"processor"}, "reason": {"x"}, "kind": {agreements.Travel}, "for": {"x"}}
			if p := c.Post("/audits/"+id+"/do/"+name, v); p.Status < 300 || p.Status == 303 && who != "nobody" {
				t.Errorf("%s posts %s: %d", who, name, p.Status)
			}
		}
	}
	if c := h.get(id).Costs; len(c) != 1 || len(c[0].Views) != 0 {
		t.Errorf("the costs became %+v", c)
	}
	for _, admin := range []handlertest.Person{h.controllerAdmin, h.processorAdmin} {
		h.SignIn(admin).Get("/audits/"+id+"/do/add-cost").Want(t, 403)
	}
}

// TestAcceptWhatWasSeen: a line that changed after the page was opened is not
// accepted, nor one that another party bears by now.
func TestAcceptWhatWasSeen(t *testing.T) {
	h := newHall(t, "inserve")
	id := h.audited(audits.UnderWay).ID
	line := h.state(id, h.officer, agreements.AuditorFee, "Twee dagen audit", 50_000)
	c, at := h.SignIn(h.agent), "/audits/"+id+"/do/accept-cost"
	seen := filledIn(c.Get(at+"?item="+line.ID).Want(t, 200))
	h.nonCompliance(id)
	p := c.Post(at, seen).Want(t, 409)
	has(t, p, "De audit is veranderd sinds u deze pagina opende", "Voor rekening vanRekenkracht", "inserve 4.4")
	if v := h.get(id).Costs[0].Views; len(v) != 0 {
		t.Fatalf("accepted unseen: %v", v)
	}
	to(t, c.Post(at, filledIn(p)), "/audits/"+id+"#"+line.ID)
	stale := filledIn(c.Get("/audits/"+id+"/do/dispute-cost?item="+line.ID).Want(t, 200))
	h.must(h.Audits.RestateCost(t.Context(), h.Actor(h.officer), id, audits.CostText{ID: line.ID, Kind: agreements.AuditorFee, For: "Eén dag", Cents: 25_000}))
	stale.Set("reason", "Dat is er één te veel.")
	again := c.Post("/audits/"+id+"/do/dispute-cost", stale).Want(t, 409)
	has(t, again, "Dat is er één te veel.", "€ 250,00")
	to(t, do(t, h.SignIn(h.officer), id, "remove-cost", line.ID), "/audits/"+id+"#"+line.ID)
	if len(h.get(id).Costs) != 0 {
		t.Error("the line is still there")
	}
}

// TestRecordOfAProcessor shows late answers and earlier findings to the
// controller alone, with the way to an audit for cause.
func TestRecordOfAProcessor(t *testing.T) {
	h := newHall(t, "mpg")
	path := "/processors/" + h.processor.ID + "/record"
	officer := h.SignIn(h.officer)
	has(t, officer.Get(path).Want(t, 200), "Er kwam niets te laat", "Bij eerdere audits is niets groots of kleins gevonden", "mpg 10.2", "kan dienen als aanwijzing")
	has(t, officer.Get("/agreements/"+h.agreement.ID), "Het overzicht van deze verwerker")
	if got := officer.Get(path).Find("[data-testid=book]").AttrOr("href", ""); got != "/audits/new/"+h.agreement.ID+"?cause=1" {
		t.Errorf("the way to an audit for cause leads to %q", got)
	}
	a := h.audited(audits.UnderWay)
	a = h.must(h.Audits.AskDuring(t.Context(), h.Actor(h.officer), a.ID, audits.Inquire{Text: "Logboeken"}))
	h.nonCompliance(a.ID)
	hides(t, h.SignIn(h.officer).Get(path), a.Reference) // not late yet, not shared yet
	h.reach(a.ID, audits.Reported)
	h.Pass(30 * 24 * time.Hour)
	officer = h.SignIn(h.officer)
	p := officer.Get(path).Want(t, 200)
	reads(t, "slips", in(t, p, "slip"), "Een vraag tijdens een audit is niet beantwoord", a.Reference, "Nog niet", "dagen te laat")
	reads(t, "findings", in(t, p, "found"), a.Reference, "Kleine bevinding", "4.1", "De overeenkomst of de wet is niet nagekomen")
	if p.Find("a[href='/audits/"+a.ID+"#"+h.get(a.ID).Findings[0].ID+"']").Length() != 1 {
		t.Error("the finding has no link")
	}
	csv := officer.Get(path+".csv").Want(t, 200)
	if !strings.Contains(csv.Body, a.Reference) || !strings.Contains(csv.Body, "Kleine bevinding") {
		t.Errorf("the sheet: %s", csv.Body)
	}
	h.SignIn(h.controllerAdmin).Get(path).Want(t, 200)
	if h.SignIn(h.controllerAdmin).Get(path).Find("[data-testid=book]").Length() != 0 {
		t.Error("an administrator is offered to book an audit")
	}
	for who, c := range map[string]*handlertest.Client{"agent": h.SignIn(h.agent), "administrator of the processor": h.SignIn(h.processorAdmin), "stranger": h.SignIn(h.stranger), "nobody": h.Browser()} {
		for _, at := range []string{path, path + ".csv"} {
			if p := c.Get(at); p.Status == 200 || strings.Contains(p.Body, a.Reference) {
				t.Errorf("%s reads %s: %d", who, at, p.Status)
			}
		}
	}
	h.SignIn(h.officer).Get("/processors/org_nobody/record").Want(t, 404)
	if events := strings.Join(h.Events(h.processor.ID), " "); !strings.Contains(events, "audit.record") {
		t.Errorf("reading the record left no entry: %s", events)
	}
}

// TestRecordWithoutACause: an agreement that knows no audit for cause says so.
func TestRecordWithoutACause(t *testing.T) {
	h := newHall(t, "vcare")
	p := h.SignIn(h.officer).Get("/processors/"+h.processor.ID+"/record").Want(t, 200)
	has(t, p, "Deze overeenkomst kent geen audit vanwege een aanwijzing.")
	if p.Find("[data-testid=book]").Length() != 0 {
		t.Error("an audit for cause is offered")
	}
}

// TestRecordOfHelp shows what came late of requests: sent on late, answered
// late, not answered. Nobody else's help is in it.
func TestRecordOfHelp(t *testing.T) {
	o := openOffice(t)
	forwarded := o.entered(t, o.agent, "", requests.Access)
	o.Pass(10 * 24 * time.Hour)
	doDeed(t, o.SignIn(o.agent), forwarded.ID, "triage", "controller", o.Bakery.ID).Want(t, 303)
	ask := func(r requests.Request) string {
		doDeed(t, o.SignIn(o.officer), r.ID, "ask-help", "processor", o.Partner.ID, "question", "Welke bestellingen?").Want(t, 303)
		helps, err := o.Requests.AssistsOf(t.Context(), r.ID)
		if err != nil || len(helps) != 1 {
			t.Fatalf("%d helps, %v", len(helps), err)
		}
		return helps[0].ID
	}
	late, missed, path := o.takenUp(t, requests.Access), o.takenUp(t, requests.Erasure), "/processors/"+o.Partner.ID+"/record"
	lateHelp, missedHelp := ask(late), ask(missed)
	reads(t, "before the day", in(t, o.SignIn(o.officer).Get(path).Want(t, 200), "slip"), "Een verzoek is te laat doorgestuurd")
	o.Pass(60 * 24 * time.Hour)
	if _, err := o.Requests.Answer(t.Context(), o.Actor(o.agent), lateHelp, requests.Reply{Outcome: requests.NothingFound}); err != nil {
		t.Fatal(err)
	}
	p := o.SignIn(o.officer).Get(path).Want(t, 200)
	for link, want := range map[string][]string{"/requests/" + forwarded.ID: {"Een verzoek is te laat doorgestuurd", forwarded.Reference}, "/assists/" + lateHelp: {"Hulp bij een verzoek kwam te laat", late.Reference},
		"/assists/" + missedHelp: {"Hulp bij een verzoek kwam niet", missed.Reference, "Nog niet"}} {
		reads(t, link, squeezed(p.Find("tr:has(a[href='"+link+"'])")), append(want, "dagen te laat")...)
	}
	if p.Find("[data-testid=slip]").Length() != 3 {
		t.Errorf("%d things came late, want 3", p.Find("[data-testid=slip]").Length())
	}
	hides(t, p, "Fatima", "bestellingen")
	hides(t, o.SignIn(o.stranger).Get(path).Want(t, 200), forwarded.Reference, late.Reference) // a customer of the same processor
}
