package web_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/audits"
)

// printed is what another program reads in a PDF, with single spaces.
func printed(t *testing.T, p handlertest.Page) string {
	t.Helper()
	p.Want(t, 200)
	if got := p.Header.Get("Content-Type"); got != "application/pdf" {
		t.Fatalf("the type is %s", got)
	}
	tool, err := exec.LookPath("pdftotext")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("pdftotext is missing")
		}
		t.Skip("pdftotext is missing: poppler-utils")
	}
	file := filepath.Join(t.TempDir(), "paper.pdf")
	if err := os.WriteFile(file, []byte(p.Body), 0o600); err != nil {
		t.Fatal(err)
	}
	out, err := exec.CommandContext(t.Context(), tool, "-layout", file, "-").Output()
	if err != nil {
		t.Fatalf("pdftotext: %v", err)
	}
	return strings.Join(strings.Fields(string(out)), " ")
}

func wants(t *testing.T, where, text string, words ...string) {
	t.Helper()
	for _, w := range words {
		if !strings.Contains(text, w) {
			t.Errorf("%s lacks %q:\n%s", where, w, text)
		}
	}
}

// TestAuditNoticeDocument reads the notice as a page and as PDF, on both sides
// and by the auditor, in both languages.
func TestAuditNoticeDocument(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	words := []string{"Aankondiging van een audit", a.Reference, "Beveiliging van de hosting", "Interviews en inzage in logboeken", "Het rapport zegt niets over back-ups.",
		"Rik Jansen", "Jansen Audit", "woensdag 2 december 2026", "de overeenkomst vraagt dit", "mpg 10.2", "De dag van versturen telt niet mee", h.Bakery.Name, h.processor.Name}
	auditor := h.auditorClient(a.ID)
	for name, c := range map[string]*handlertest.Client{"officer": h.SignIn(h.officer), "agent": h.SignIn(h.agent), "admin": h.SignIn(h.processorAdmin), "auditor": auditor} {
		page := c.Get("/audits/"+a.ID+"/notice").Want(t, 200)
		wants(t, name+"'s page", page.Words(), words...)
		if n := page.Find(`[data-testid="must-state"]`).Length(); n != 1 {
			t.Errorf("%s: %d parts are marked as asked for, want the arguments", name, n)
		}
		clause := "Het portaal telt hele dagen na de dag van aankondiging"
		wants(t, name+"'s words of the clause", page.Find(`[data-testid="rule-notice"] .note`).Text(), clause)
		wants(t, name+"'s PDF", printed(t, c.Get("/audits/"+a.ID+"/notice.pdf")), append(words, "Pagina 1 van", clause)...)
		links := c.Get("/audits/" + a.ID).Find(`[data-testid="documents"]`)
		if links.Find(`a[href="/audits/`+a.ID+`/notice.pdf"]`).Length() != 1 || links.Find(`a[href$="/report"]`).Length() != 0 {
			t.Errorf("%s: the documents are %s", name, links.Text())
		}
	}
	english := h.SignIn(h.officer)
	english.Get("/audits/" + a.ID + "/notice?lang=en")
	text := printed(t, english.Get("/audits/"+a.ID+"/notice.pdf"))
	if body := english.Get("/audits/" + a.ID + "/notice.pdf").Body; !strings.Contains(body, ">Notice of an audit, "+a.Reference+"</rdf:li>") {
		t.Error("the document has not its own title")
	}
	wants(t, "the English PDF", text, "Notice of an audit", "First lawful day", "Wednesday 2 December 2026", "waits to be sealed")
	h.Drain()
	text = printed(t, english.Get("/audits/"+a.ID+"/notice.pdf"))
	wants(t, "the PDF once sealed", text, "Number ", "Fingerprint of this entry")
	if !regexp.MustCompile(`[0-9a-f]{64}`).MatchString(text) {
		t.Errorf("the hash of the entry is missing: %s", text)
	}
	if n := strings.Count(strings.Join(h.Events(a.ID), " "), "audit.notice"); n < 8 {
		t.Errorf("%d readings are recorded", n)
	}
}

// TestAuditDocumentsOfOthers are the documents that somebody must not see.
func TestAuditDocumentsOfOthers(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Precondition)
	path := "/audits/" + a.ID
	all := []string{"/notice", "/notice.pdf", "/undertaking", "/undertaking.pdf", "/report", "/report.pdf", "/report.json"}
	for _, more := range all[:4] {
		h.SignIn(h.agent).Get(path+more).Want(t, 404) // not announced yet
		h.SignIn(h.officer).Get(path+more).Want(t, 404)
	}
	h.must(h.Audits.SendNotice(t.Context(), h.Actor(h.officer), a.ID))
	h.must(h.Audits.InviteAuditor(t.Context(), h.Actor(h.officer), a.ID))
	unsigned := h.auditorClient(a.ID)
	for _, more := range all {
		unsigned.Get(path+more).Want(t, 404)
		h.SignIn(h.stranger).Get(path+more).Want(t, 404)
		if p := h.Browser().Get(path + more); p.Status != 303 {
			t.Errorf("nobody gets %s with %d", more, p.Status)
		}
	}
	h.SignIn(h.agent).Get(path+"/notice").Want(t, 200)
	h.SignIn(h.officer).Get(path+"/report").Want(t, 409) // it has not ended
	h.sign(a.ID)
	signed := h.auditorClient(a.ID)
	signed.Get(path+"/notice").Want(t, 200)
	signed.Get(path+"/undertaking").Want(t, 200)
	for _, more := range all[4:] {
		signed.Get(path+more).Want(t, 404)
	}
	h.must(h.Audits.CallOff(t.Context(), h.Actor(h.officer), a.ID, "Niet meer nodig."))
	for _, more := range all {
		signed.Get(path+more).Want(t, 404) // access has ended
	}
	wants(t, "the report of a cancelled audit", h.SignIn(h.agent).Get(path+"/report").Want(t, 200).Words(), "Afgezegd voordat de audit begon", "Niet meer nodig.", "telt niet mee")
}

// TestAuditUndertakingDocument reads what was signed, in the language in which it was.
func TestAuditUndertakingDocument(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	c := h.SignIn(h.agent)
	a = h.get(a.ID)
	page := c.Get("/audits/"+a.ID+"/undertaking?lang=en").Want(t, 200)
	if page.Find(`[data-testid="document"][lang="nl"]`).Length() != 1 {
		t.Errorf("the Dutch text is not marked as Dutch")
	}
	wants(t, "the undertaking", page.Words(), "Rik Jansen", a.Auditor.Undertaken.SHA256)
	wants(t, "the PDF", printed(t, c.Get("/audits/"+a.ID+"/undertaking.pdf")), "Rik Jansen", h.processor.Name)
}

// closed brings an audit with money and a measure to its end.
func (h *hall) closed() audits.Audit {
	h.T.Helper()
	ctx, s, officer, agent := h.T.Context(), h.Audits, h.Actor(h.officer), h.Actor(h.agent)
	a := h.audited(audits.UnderWay)
	h.must(s.StateCost(ctx, officer, a.ID, audits.CostText{Kind: agreements.AuditorFee, For: "Dagtarief auditor", Cents: 250000}))
	h.must(s.StateCost(ctx, agent, a.ID, audits.CostText{Kind: agreements.ProcessorTime, For: strings.Repeat("Begeleiding ", 12), Cents: 80050}))
	a = h.reach(a.ID, audits.InReview)
	a = h.must(s.AgreeMeasure(ctx, h.Actor(h.officer), a.ID, audits.MeasureText{Finding: a.Findings[0].ID, Owner: audits.OwnerProcessor, Text: "Alle inzage vastleggen", Due: a.On.AddDays(60)}))
	h.reach(a.ID, audits.Improving)
	h.must(s.CarryOut(ctx, h.Actor(h.agent), a.ID, a.Measures[0].ID, "Staat aan"))
	a = h.must(s.Recheck(ctx, h.Actor(h.officer), a.ID, a.Measures[0].ID, audits.Effective, "Gezien in het logboek", a.On))
	for _, c := range a.Costs {
		h.must(s.AgreeCost(ctx, h.Actor(h.officer), a.ID, c.ID, c.Cents, c.Bearer))
		h.must(s.AgreeCost(ctx, h.Actor(h.agent), a.ID, c.ID, c.Cents, c.Bearer))
	}
	return h.reach(a.ID, audits.Closed)
}

// TestAuditClosingReport reads the report as a page, as PDF and as JSON.
func TestAuditClosingReport(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.closed()
	h.Drain()
	words := []string{"Eindverslag van audit " + a.Reference, "Audit gedaan en gesloten", "Logboek", "Niet elke inzage staat in het logboek.", "Deels eens", "Alleen bij beheerders.",
		"Alle inzage vastleggen", "Gezien in het logboek", "Dagtarief auditor", "€", "800,50", "mpg 10.5", "De ingehuurde ICT-deskundige komt altijd voor rekening van de verantwoordelijke", "vrijdag 3 december 2027", "mpg 10.2", "Rik Jansen", "Vingerafdruk van deze regel"}
	for name, who := range map[string]handlertest.Person{"officer": h.officer, "agent": h.agent, "admin": h.controllerAdmin} {
		c := h.SignIn(who)
		wants(t, name+"'s page", c.Get("/audits/"+a.ID+"/report").Want(t, 200).Words(), words...)
		wants(t, name+"'s PDF", printed(t, c.Get("/audits/"+a.ID+"/report.pdf")), words...)
		links := c.Get("/audits/" + a.ID).Find(`[data-testid="documents"]`)
		for _, form := range []string{"report", "report.pdf", "report.json", "notice", "undertaking", "costs"} {
			if links.Find(`a[href="/audits/`+a.ID+`/`+form+`"]`).Length() != 1 {
				t.Errorf("%s: there is no link to %s", name, form)
			}
		}
	}
	file := h.SignIn(h.agent).Get("/audits/"+a.ID+"/report.json").Want(t, 200)
	if file.Header.Get("Content-Type") != "application/json" || !strings.HasPrefix(file.Header.Get("Content-Disposition"), "attachment") {
		t.Errorf("the file comes as %v", file.Header)
	}
	var c audits.Closing
	if err := json.Unmarshal([]byte(file.Body), &c); err != nil {
		t.Fatal(err)
	}
	if c.Schema != audits.ClosingSchema || c.Findings[0].Title != "Logboek" || c.Findings[0].Positions[audits.Processor].Text != "Alleen bij beheerders." ||
		c.Measures[0].Finding != 1 || c.Costs.Pays == nil || c.Costs.Pays.Cents != 80050 || c.Next.String() != "2027-12-03" || c.NextClause != "10.2" {
		t.Errorf("the JSON says %+v", c)
	}
	if c.Ledger.Entry == nil || c.Ledger.Entry.Action != "audit.close" {
		t.Errorf("the ledger's entry is %+v", c.Ledger.Entry)
	}
	for _, run := range regexp.MustCompile(`[A-Za-z0-9+/]{40,}`).FindAllString(file.Body, -1) {
		if run != c.Auditor.Signed.SHA256 && run != c.Ledger.Entry.Hash {
			t.Errorf("this looks sealed: %s", run)
		}
	}
	for _, never := range []string{"acc_", "rik@auditors.example"} {
		if strings.Contains(file.Body, never) {
			t.Errorf("the file holds %s", never)
		}
	}
	if !slices.Contains(h.Events(a.ID), "audit.report") {
		t.Error("the reading left no entry")
	}
}

// TestAuditDocumentsOfHostileText prints what people may type.
func TestAuditDocumentsOfHostileText(t *testing.T) {
	h := newHall(t, "vcare")
	ctx, officer := t.Context(), h.Actor(h.officer)
	nasty := "<script>alert(1)</script> 100% %s ) Tj ET \\( 😀 \u202egnp.exe\n" + strings.Repeat("W", 900) + " " + strings.Repeat("Donaudampfschifffahrt ", 120)
	a := h.must(h.Audits.Start(ctx, officer, "", h.agreement.ID, audits.Plan{Subject: strings.Repeat("Ω", 190), Mode: audits.Mixed, Why: nasty,
		Notice: audits.NoticeText{Method: nasty, Auditor: nasty, Information: nasty, Locations: nasty, Arguments: nasty}}))
	h.must(h.Audits.AppointAuditor(ctx, officer, a.ID, audits.AuditorDetails{Person: audits.AuditorPerson{Name: "<b>" + strings.Repeat("Naam", 28), Email: "x@auditors.example", Firm: nasty[:40]},
		Independent: truth(true), BoundToSecrecy: truth(true), ICTExpert: truth(true), RegisterEDP: truth(true)}))
	h.must(h.Audits.SendNotice(ctx, officer, a.ID))
	c := h.SignIn(h.officer)
	page := c.Get("/audits/"+a.ID+"/notice").Want(t, http.StatusOK)
	if page.Find("main script, main b").Length() != 0 {
		t.Error("what was typed became a part of the page")
	}
	wants(t, "the PDF", printed(t, c.Get("/audits/"+a.ID+"/notice.pdf")), "<script>alert(1)</script> 100% %s ) Tj ET \\( 😀", "vcare 9.2", "Pagina 5 van")
}
