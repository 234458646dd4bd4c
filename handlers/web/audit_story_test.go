package web_test

import (
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/audits"
)

// story is what a page tells of the history, and proofs where each proof is.
func story(p handlertest.Page) (words string, proofs []string) {
	panel := p.Find(`section[aria-labelledby="story"]`)
	for _, n := range panel.Find(`[data-testid="seal"] a`).EachIter() {
		proofs = append(proofs, n.AttrOr("href", ""))
	}
	return strings.Join(strings.Fields(panel.Text()), " "), proofs
}

// TestAuditHistoryIsTold tells an audit up to its end, in both languages, with
// clauses and seals, and proves each entry that it shows.
func TestAuditHistoryIsTold(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.UnderWay)
	h.asked(a.ID)
	at := "/audits/" + a.ID
	officer := h.SignIn(h.officer)
	if words, _ := story(officer.Get(at)); !strings.Contains(words, "Wordt binnen een minuut verzegeld") {
		t.Errorf("what waits for its seal does not say so: %s", words)
	}
	h.reach(a.ID, audits.Closed)
	h.Drain()
	page := officer.Get(at).Want(t, 200)
	words, proofs := story(page)
	for _, want := range []string{"Stelde de audit op", "Vroeg om bestaande rapporten", "Kondigde de audit aan bij Rekenkracht", "Tekende de geheimhoudingsverklaring", "Rik Jansen", "Sanne de Vries",
		"Begon de audit", "Stelde de verwerker een vraag", "mpg 10.3", "Schreef bevinding 1 op", "Was het deels eens met bevinding 1", "Sloot de audit", "Verzegeld als nummer"} {
		if !strings.Contains(words, want) {
			t.Errorf("the history lacks %q: %s", want, words)
		}
	}
	if len(proofs) == 0 {
		t.Fatal("no entry offers its proof")
	}
	says(t, officer.Get(proofs[0]).Want(t, 200), "Het bewijs klopt", "Terug naar audit")
	h.SignIn(h.stranger).Get(proofs[0]).Want(t, 404)
	h.SignIn(h.stranger).Get(proofs[0]+"/file").Want(t, 404)
	standsProven(t, h.World, officer, at, a.ID)
	officer.Get(at+"/proof/x").Want(t, 404)
	officer.Get(at+"/proof/99999").Want(t, 404)
	english := h.SignIn(h.officer)
	english.Language = "en"
	if words, _ := story(english.Get(at + "?lang=en")); !strings.Contains(words, "Drafted the audit") || strings.Contains(words, "Stelde de audit op") {
		t.Errorf("the English history is not English: %s", words)
	}
}

// TestAuditHistoryKeepsRefusalsAndReadingsApart shows them folded away, with the clause of the refusal.
func TestAuditHistoryKeepsRefusalsAndReadingsApart(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.UnderWay)
	if _, err := h.Audits.AskDuring(h.T.Context(), h.Actor(h.officer), a.ID, audits.Inquire{Text: "Snel?", Due: h.today().AddDays(1)}); err == nil {
		t.Fatal("a hasty question without a reason was taken")
	}
	h.Drain()
	page := h.SignIn(h.officer).Get("/audits/" + a.ID)
	apart := strings.Join(strings.Fields(page.Find(`section[aria-labelledby="story"] .disclosure`).Text()), " ")
	for _, want := range []string{"Probeerde iets dat werd geweigerd", "mpg 10.3"} {
		if !strings.Contains(apart, want) {
			t.Errorf("apart stands %q, want %q", apart, want)
		}
	}
	done := page.Find(`section[aria-labelledby="story"] > [data-testid="timeline"]`).Text()
	if strings.Contains(done, "geweigerd") || strings.Contains(done, "Bekeek de audit") {
		t.Errorf("readings and refusals stand among what was done: %s", done)
	}
}

// TestAuditHistoryOfTheProcessor begins with what it was asked, and holds
// findings only when the draft report is out. Proofs obey the same rule.
func TestAuditHistoryOfTheProcessor(t *testing.T) {
	h := newHall(t, "mpg")
	id := h.draft().ID
	at := "/audits/" + id
	h.must(h.Audits.AskBefore(t.Context(), h.Actor(h.officer), id, audits.Inquire{Kind: audits.ExistingReports, Text: "Welke rapporten zijn er?"}))
	h.must(h.Audits.ReviseDraft(t.Context(), h.Actor(h.officer), id, audits.Plan{Subject: "Beveiliging", Mode: audits.OnSite, BreachIndicated: truth(true), Why: "Een datalek.",
		Notice: audits.NoticeText{Method: "Interviews", Auditor: "R. Jansen RE", Information: "Logboeken", Locations: "Vianen", Arguments: "Geen woord over back-ups."}}))
	h.Drain()
	agent := h.SignIn(h.agent)
	says(t, agent.Get(at), "Alle audits")
	hidden := []string{"Stelde de audit op", "Paste het concept aan", "Wees de auditor aan", "Rik Jansen"}
	page := agent.Get(at).Want(t, 200)
	words, mine := story(page)
	if !strings.Contains(words, "Vroeg om bestaande rapporten") {
		t.Errorf("the processor does not see what it was asked: %s", words)
	}
	absent(t, words, hidden...)
	_, all := story(h.SignIn(h.officer).Get(at))
	for _, proof := range all {
		want := 404
		if strings.Contains(strings.Join(mine, " ")+" ", proof+" ") {
			want = 200
		}
		agent.Get(proof).Want(t, want)
	}
	h.must(h.Audits.AnswerInquiry(t.Context(), h.Actor(h.agent), id, h.get(id).Inquiries[0].ID, audits.Supplied{Text: "Zie het ISO-rapport."}))
	h.must(h.Audits.AssessReports(t.Context(), h.Actor(h.officer), id, h.get(id).Inquiries[0].ID, audits.Inconclusive, "Niets over back-ups."))
	h.reach(id, audits.UnderWay)
	h.must(h.Audits.Find(t.Context(), h.auditor, id, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: "Logboek", Text: "Niet elke inzage staat erin."}))
	h.Drain()
	agent = h.SignIn(h.agent)
	words, _ = story(agent.Get(at))
	absent(t, words, "Stelde de audit op", "Paste het concept aan", "bevinding")
	h.must(h.Audits.ShareReport(t.Context(), h.auditor, id, "Eén bevinding."))
	if words, _ = story(agent.Get(at)); !strings.Contains(words, "Schreef bevinding 1 op") {
		t.Errorf("the shared finding is not told: %s", words)
	}
}

// TestAuditHistoryOfTheAuditor holds nothing about who pays.
func TestAuditHistoryOfTheAuditor(t *testing.T) {
	h := newHall(t, "mpg")
	a, auditor := h.entered()
	at := "/audits/" + a.ID
	h.must(h.Audits.StateCost(t.Context(), h.Actor(h.officer), a.ID, audits.CostText{Kind: agreements.CostKinds()[0], Cents: 125000, Currency: "EUR", For: "Honorarium"}))
	h.Drain()
	officer := h.SignIn(h.officer)
	words, all := story(officer.Get(at))
	if !strings.Contains(words, "Voegde kosten toe van") {
		t.Fatalf("the parties do not see the costs: %s", words)
	}
	words, mine := story(auditor.Get(at).Want(t, 200))
	absent(t, words, "kosten", "1.250")
	if !strings.Contains(words, "Begon de audit") || len(mine) == 0 {
		t.Errorf("the auditor is told too little: %s", words)
	}
	var refused int
	for _, proof := range all {
		if auditor.Get(proof).Status == 404 {
			refused++
		}
	}
	if refused == 0 {
		t.Error("the auditor can open the proof of a cost entry")
	}
}

func absent(t *testing.T, words string, all ...string) {
	t.Helper()
	for _, w := range all {
		if strings.Contains(words, w) {
			t.Errorf("this is told but must not be: %q in %s", w, words)
		}
	}
}
