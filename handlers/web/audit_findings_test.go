package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/deadlines"
)

// do fills in the form of a move, as it was made, and sends it.
func do(t testing.TB, c *handlertest.Client, id, name, item string, pairs ...string) handlertest.Page {
	t.Helper()
	at := "/audits/" + id + "/do/" + name
	if item != "" {
		at += "?item=" + item
	}
	return c.Post("/audits/"+id+"/do/"+name, filledIn(c.Get(at).Want(t, 200), pairs...))
}

// filledIn is the form of a page with its hidden values and what is typed.
func filledIn(p handlertest.Page, pairs ...string) url.Values {
	v := form(pairs...)
	for _, n := range p.Find("form[data-testid=deed] input[type=hidden]").EachIter() {
		name, _ := n.Attr("name")
		value, _ := n.Attr("value")
		if !v.Has(name) {
			v.Set(name, value)
		}
	}
	return v
}

var loggedNot = []string{"grade", "minor", "clause", "6.2", "title", "Logboek", "text", "Niet elke inzage staat in het logboek."}

func in(t testing.TB, p handlertest.Page, part string) string {
	t.Helper()
	return strings.Join(strings.Fields(p.Find("[data-testid="+part+"]").Text()), " ")
}

// TestAuditFindingsWholeWay goes from the first finding to a measure that
// works, through the pages.
func TestAuditFindingsWholeWay(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	h.auditorClient(a.ID) // while the link in the mail is fresh
	a = h.reach(a.ID, audits.UnderWay)
	id, page := a.ID, "/audits/"+a.ID
	auditor, officer, agent := h.auditorClient(id), h.SignIn(h.officer), h.SignIn(h.agent)

	has(t, auditor.Get(page).Want(t, 200), "Er zijn nog geen bevindingen")
	to(t, do(t, auditor, id, "find", "", loggedNot...), page)
	f := h.get(id).Findings[0].ID
	p := auditor.Get(page)
	has(t, p, "1. Logboek", "Kleine bevinding", "Niet elke inzage staat in het logboek.", "Opgeschreven", "Rik Jansen")
	if p.Find("#"+f).Length() != 1 {
		t.Error("the finding has no place to link to")
	}
	auditor.Upload(page+"/files/"+f, nil, handlertest.Attachment{Field: "file-" + f, Name: "log.txt", Body: []byte("regel\n")}).Want(t, 303)
	if got := in(t, auditor.Get(page), "attached"); !strings.Contains(got, "log.txt") || !strings.Contains(got, "eruit halen") {
		t.Errorf("evidence = %q", got)
	}

	if p := auditor.Upload(page+"/files/"+f, nil); p.Status != 422 || p.Find("#"+f+" #f-file").Length() != 1 {
		t.Errorf("an upload without a file: %d, and the error is not at its finding", p.Status)
	}
	// Before sharing the processor sees none of it.
	before := agent.Get(page).Want(t, 200)
	has(t, before, "Er is nog niets met u gedeeld")
	for _, word := range []string{"Niet elke inzage", "Kleine bevinding", "log.txt", f} {
		if strings.Contains(before.Body, word) {
			t.Errorf("the processor reads %q before the report is shared", word)
		}
	}
	agent.Get(page+"/do/rewrite?item="+f).Want(t, 403)
	agent.Get(page+"/do/share").Want(t, 403)

	share := auditor.Get(page+"/do/share").Want(t, 200)
	has(t, share, "1. Logboek", "Rekenkracht", "mpg 10.3", "Wat u eerder hebt geschrapt, blijft verborgen.")
	to(t, auditor.Post(page+"/do/share", filledIn(share, "summary", "Eén bevinding over het logboek.")), page)
	shared := agent.Get(page)
	has(t, shared, "1. Logboek", "log.txt", "Eén bevinding over het logboek.", "Die zijn nog niet gekomen.")
	if shared.Find("[data-testid=report] [data-testid=clause]").Length() == 0 {
		t.Error("the day for comments has no clause")
	}

	wait := officer.Get(page+"/do/review").Want(t, 200)
	has(t, wait, "Wacht op", "mpg 10.3")
	if wait.Find("[data-testid=do]").Length() != 0 {
		t.Error("the review can be opened while the processor may still comment")
	}
	to(t, do(t, agent, id, "comment", "", "comments", "Het logboek van beheerders is apart."), page)
	has(t, officer.Get(page), "Het logboek van beheerders is apart.")
	to(t, do(t, officer, id, "review", ""), page)

	has(t, agent.Get(page), "U bent aan de beurt", "Bakkerij", "is aan de beurt")
	to(t, do(t, agent, id, "position", f, "view", "partly", "text", "Alleen bij beheerders."), page+"#"+f)
	seen := officer.Get(page)
	has(t, seen, "Deels eens", "Alleen bij beheerders.", "Moet nog iets zeggen")
	end := officer.Get(page+"/do/finish-review").Want(t, 200)
	has(t, end, "Geen standpunt van Bakkerij De Korenaar", "mpg 10.4")
	if end.Find("[data-testid=do]").Length() != 0 {
		t.Error("the review can be ended while a position is missing")
	}
	to(t, do(t, officer, id, "position", f, "view", "agrees"), page+"#"+f)
	day := h.get(id).On.AddDays(30)
	to(t, do(t, agent, id, "add-measure", f, "finding", f, "owner", "both", "text", "Alle inzage loggen.", "due", day.String()), page+"#"+f)
	to(t, do(t, officer, id, "finish-review", ""), page)
	h.measured(officer, agent, auditor, id, day)
	for _, want := range []string{"audit.find", "audit.add_file", "audit.share", "audit.comment", "audit.review", "audit.position", "audit.finish_review", "audit.add_measure", "audit.report_measure", "audit.check_measure"} {
		if !slices.Contains(h.Events(id), want) {
			t.Errorf("no entry %s: %v", want, h.Events(id))
		}
	}
}

// measured takes a measure that both own to the end: both do it, it does not
// work, both do it again, it works.
func (h *hall) measured(officer, agent, auditor *handlertest.Client, id string, day deadlines.Date) {
	t := h.T
	t.Helper()
	page, m := "/audits/"+id, h.get(id).Measures[0].ID
	has(t, agent.Get(page), "Maatregel 1", "Alle inzage loggen.", "Uit te voeren", "Bakkerij De Korenaar en Rekenkracht")
	auditor.Get(page+"/do/report-measure?item="+m).Want(t, 403)
	both := func() {
		has(t, agent.Get(page+"/do/report-measure?item="+m), "wacht dan nog op het deel van de andere partij")
		to(t, do(t, agent, id, "report-measure", m, "text", "Bij ons gedaan."), page+"#"+m)
		if p := officer.Get(page); strings.Contains(p.Body, "do/check-measure") {
			t.Error("a measure of both can be checked after one of them did it")
		}
		to(t, do(t, officer, id, "report-measure", m, "text", "Bij ons ook."), page+"#"+m)
	}
	both()
	has(t, auditor.Get(page), "Bij ons gedaan.", "Bij ons ook.", "Gedaan, nog te controleren")
	bad := do(t, auditor, id, "check-measure", m, "result", "not_effective", "text", "Nog steeds niet alles.").Want(t, 422)
	has(t, bad, "Nog steeds niet alles.", "Deze dag is voorbij")
	to(t, do(t, auditor, id, "check-measure", m, "result", "not_effective", "text", "Nog steeds niet alles.", "due", day.AddDays(20).String()), page+"#"+m)
	again := agent.Get(page)
	has(t, again, "Het werkte niet", "Nog steeds niet alles.", "Opnieuw uit te voeren", "nog 50 dagen")
	h.goTo(day.AddDays(22))
	agent, officer, auditor = h.SignIn(h.agent), h.SignIn(h.officer), h.auditorClient(id)
	if got := in(t, agent.Get(page), "measure"); !strings.Contains(got, "Te laat") || !strings.Contains(got, "2 dagen te laat") {
		t.Errorf("an overdue measure says %q", got)
	}
	both()
	to(t, do(t, auditor, id, "check-measure", m, "result", "effective", "text", "Nu wel."), page+"#"+m)
	done := officer.Get(page)
	has(t, done, "Gedaan, en het werkt", "Nu wel.")
	if strings.Contains(done.Body, "item="+m) {
		t.Error("something can still be done to a finished measure")
	}
}

// TestAuditFindingShowsNonCompliance moves the costs at once, where the
// agreement says so, and back when it is struck out.
func TestAuditFindingShowsNonCompliance(t *testing.T) {
	h := newHall(t, "inserve")
	a := h.audited(audits.UnderWay)
	page, c := "/audits/"+a.ID, h.SignIn(h.officer)
	has(t, c.Get(page+"/do/find"), "Volgens deze overeenkomst draagt Rekenkracht dan meteen de kosten van de audit.", "inserve 4.4")
	to(t, do(t, c, a.ID, "find", "", append(loggedNot, "non_compliance", "on")...), page)
	p := c.Get(page)
	if got := in(t, p, "findings"); !strings.Contains(got, "Daarom draagt Rekenkracht nu de kosten van de audit.") || !strings.Contains(got, "inserve 4.4") {
		t.Errorf("the finding does not say who bears the costs now: %q", got)
	}
	f := h.get(a.ID).Findings[0].ID
	has(t, c.Get(page+"/do/strike?item="+f), "weer verdeeld als eerst", "inserve 4.4", "Dit kan niet ongedaan worden gemaakt")
	to(t, do(t, c, a.ID, "strike", f), page+"#"+f)
	p = c.Get(page)
	if strings.Contains(p.Body, "Daarom draagt") || h.get(a.ID).NonCompliance {
		t.Error("a finding that was struck out still moves the costs")
	}
	if got := in(t, p, "struck"); !strings.Contains(got, "1. Logboek") || !strings.Contains(got, "Sanne de Vries") {
		t.Errorf("the struck finding says %q", got)
	}
	c.Get(page+"/do/rewrite?item="+f).Want(t, 404)

	mpg := newHall(t, "mpg")
	b := mpg.audited(audits.UnderWay)
	has(t, mpg.SignIn(mpg.officer).Get("/audits/"+b.ID+"/do/find"), "verandert dat niets aan wie de kosten draagt", "mpg 10.5")
}

// TestAuditFindingIsRefused keeps what was typed, and names the way out.
func TestAuditFindingIsRefused(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.UnderWay)
	page, c := "/audits/"+a.ID, h.SignIn(h.officer)
	bad := do(t, c, a.ID, "find", "", "clause", "6.2", "title", "Logboek", "text", "Lang verhaal", "root", "Haast", "non_compliance", "on").Want(t, 422)
	has(t, bad, "Kies hoe zwaar de bevinding weegt", "Lang verhaal", "Haast")
	if v, _ := bad.Find("input[name=title]").Attr("value"); v != "Logboek" {
		t.Errorf("the title came back as %q", v)
	}
	if _, ticked := bad.Find("input[name=non_compliance]").Attr("checked"); !ticked {
		t.Error("the box is no longer ticked")
	}

	// The button pressed twice adds one finding.
	twice := filledIn(c.Get(page+"/do/find"), loggedNot...)
	to(t, c.Post(page+"/do/find", twice), page)
	to(t, c.Post(page+"/do/find", twice), page)
	if n := len(h.get(a.ID).Findings); n != 1 {
		t.Errorf("two presses made %d findings", n)
	}
	f := h.get(a.ID).Findings[0].ID

	// A form of an older page is refused, with what was typed.
	old := filledIn(c.Get(page+"/do/rewrite?item="+f), "grade", "minor", "clause", "6.2", "title", "Logboek", "text", "Andere tekst")
	to(t, do(t, c, a.ID, "rewrite", f, "grade", "minor", "clause", "6.2", "title", "Logboek", "text", "Tussendoor"), page+"#"+f)
	has(t, c.Post(page+"/do/rewrite", old).Want(t, 409), "veranderd", "Andere tekst")

	// A major finding without a root cause holds the report back.
	to(t, do(t, c, a.ID, "find", "", "grade", "major", "clause", "32 AVG", "title", "Back-ups", "text", "Ontbreken."), page)
	has(t, c.Get(page), "art. 32 AVG")
	has(t, do(t, c, a.ID, "share", "", "summary", "Twee bevindingen").Want(t, 422), "Twee bevindingen", "oorzaak")

	// A clause about several things says what each of them is.
	to(t, do(t, c, a.ID, "find", "", "grade", "observation", "clause", "10.1", "title", "Auditor", "text", "Gezien."), page)
	has(t, c.Get(page), "mpg 10.1", "De auditor · Geheimhouding over de audit")

	// Hostile text stays text.
	evil := `<script>alert(1)</script>"><img src=x>`
	to(t, do(t, c, a.ID, "rewrite", f, "grade", "minor", "clause", "<b>6", "title", evil, "text", evil), page+"#"+f)
	if p := c.Get(page); strings.Contains(p.Body, "<script>alert") || strings.Contains(p.Body, "<img src=x") || !strings.Contains(p.Find("#"+f).Text(), evil) {
		t.Error("typed text became markup")
	}
}

// TestAuditFindingAfterClosing is refused with the clause and the way out.
func TestAuditFindingAfterClosing(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.UnderWay)
	c := h.SignIn(h.officer)
	open := filledIn(c.Get("/audits/"+a.ID+"/do/find"), loggedNot...)
	a = h.reach(a.ID, audits.Closed)
	c = h.SignIn(h.officer)
	p := c.Post("/audits/"+a.ID+"/do/find", open).Want(t, 409)
	has(t, p, "mpg 10.2", "Boek")
	if len(h.get(a.ID).Findings) != 1 {
		t.Error("a closed audit got another finding")
	}
	page := c.Get("/audits/" + a.ID)
	if strings.Contains(page.Body, "/do/") || page.Find("[data-testid^=upload]").Length() != 0 {
		t.Error("a closed audit offers something to do")
	}
	has(t, page, "Kleine bevinding", "Alleen bij beheerders.")
}

// TestAuditFindingsOfOthers shows administrators the findings and lets them do
// nothing; strangers find nothing.
func TestAuditFindingsOfOthers(t *testing.T) {
	h := newHall(t, "qputer")
	a := h.audited(audits.InReview)
	page, f := "/audits/"+a.ID, a.Findings[0].ID
	for _, who := range []handlertest.Person{h.controllerAdmin, h.processorAdmin} {
		c := h.SignIn(who)
		p := c.Get(page).Want(t, 200)
		has(t, p, "Kleine bevinding")
		if got := p.Find("[data-testid=findings] a[href*='/do/'], [data-testid=measures] a[href*='/do/']").Length(); got != 0 {
			t.Errorf("%s can do %d things", who.Name, got)
		}
		for _, deed := range []string{"find", "strike?item=" + f, "position?item=" + f, "add-measure", "finish-review"} {
			if s := c.Get(page + "/do/" + deed).Status; s != 403 && s != 404 {
				t.Errorf("%s on %s: %d", who.Name, deed, s)
			}
		}
	}
	stranger := h.SignIn(h.stranger)
	stranger.Get(page+"/do/position?item="+f).Want(t, 404)
	stranger.Post(page+"/do/find", form(append(loggedNot, "rev", "1")...)).Want(t, 404)

	// Under qputer 5.6 measures are carried out: none is left out.
	agent := h.SignIn(h.agent)
	to(t, do(t, agent, a.ID, "add-measure", "", "owner", "processor", "text", "Loggen", "due", h.get(a.ID).On.AddDays(20).String()), page)
	officer := h.SignIn(h.officer)
	p := officer.Get(page)
	has(t, p, "een maatregel niet", "qputer 5.6")
	if strings.Contains(p.Body, "drop-measure") {
		t.Error("a measure can be left out")
	}
	m := h.get(a.ID).Measures[0].ID
	has(t, do(t, officer, a.ID, "drop-measure", m, "reason", "Te duur").Want(t, 409), "qputer 5.6", "Te duur")
	to(t, do(t, officer, a.ID, "change-measure", m, "owner", "both", "text", "Alles loggen", "due", h.get(a.ID).On.AddDays(25).String()), page+"#"+m)
	has(t, agent.Get(page), "Alles loggen")
}
