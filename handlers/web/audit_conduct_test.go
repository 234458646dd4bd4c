package web_test

import (
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/deadlines"
)

// fillIn opens the form of a move, as its link leads there, and fills it in.
func fillIn(t *testing.T, c *handlertest.Client, at string, typed ...string) (string, url.Values) {
	t.Helper()
	action, form := filled(t, c.Get(at).Want(t, 200), "deed")
	for n := 0; n+1 < len(typed); n += 2 {
		form.Set(typed[n], typed[n+1])
	}
	return action, form
}

// carryOut opens the form of a move, fills it in and sends it.
func carryOut(t *testing.T, c *handlertest.Client, at string, typed ...string) handlertest.Page {
	t.Helper()
	action, form := fillIn(t, c, at, typed...)
	return c.Post(action, form)
}

// asked is a question during an audit.
func (h *hall) asked(id string) audits.Inquiry {
	h.T.Helper()
	a := h.must(h.Audits.AskDuring(h.T.Context(), h.Actor(h.officer), id, audits.Inquire{Text: "Welke logboeken houdt u bij?"}))
	return a.Inquiries[len(a.Inquiries)-1]
}

// entered is an audit under way whose auditor has come in by the link of the
// invitation, which does not last until the audit begins.
func (h *hall) entered() (audits.Audit, *handlertest.Client) {
	h.T.Helper()
	a := h.audited(audits.Announced)
	h.auditorClient(a.ID)
	a = h.reach(a.ID, audits.UnderWay)
	return a, h.auditorClient(a.ID)
}

// written writes a day as the Dutch pages do.
func (h *hall) written(day deadlines.Date) string {
	months := []string{"januari", "februari", "maart", "april", "mei", "juni", "juli", "augustus", "september", "oktober", "november", "december"}
	return itoa(int64(day.Day)) + " " + months[day.Month-1] + " " + itoa(int64(day.Year))
}

func (h *hall) today() deadlines.Date { return deadlines.DateOf(h.Now(), time.UTC) }

// TestAuditQuestionIsAskedAndAnswered goes from the form with the day of the
// agreement, over the files, to the locked answer.
func TestAuditQuestionIsAskedAndAnswered(t *testing.T) {
	h := newHall(t, "mpg")
	a, auditor := h.entered()
	at := "/audits/" + a.ID
	latest := h.today().AddDays(14)

	page := auditor.Get(at+"/do/ask").Want(t, 200)
	if got := page.Find(`[data-testid="latest"]`).Text(); !strings.Contains(got, h.written(latest)) || !strings.Contains(got, "10.3") {
		t.Errorf("before typing, the page says %q, want %s by 10.3", got, h.written(latest))
	}
	action, form := fillIn(t, auditor, at+"/do/ask", "text", "<b>Hoe</b> lang bewaart u de logboeken?")
	auditor.Post(action, form).Want(t, 303)
	auditor.Post(action, form).Want(t, 303) // the second click
	a = h.get(a.ID)
	if n := len(a.Inquiries); n != 2 {
		t.Fatalf("%d inquiries, want that of the booking and one question", n)
	}
	q := a.Inquiries[1]
	if q.Due != latest || q.Kind != audits.Question {
		t.Errorf("the question is a %s due %s, want one due %s", q.Kind, q.Due, latest)
	}

	agent := h.SignIn(h.agent)
	page = agent.Get(at).Want(t, 200)
	says(t, page, "<b>Hoe</b> lang bewaart u de logboeken?", "Rik Jansen", h.written(latest), "Wacht op antwoord")
	if page.Find("#"+q.ID+" .chip").Length() == 0 {
		t.Error("the day of the answer has no clause")
	}
	noise := make([]byte, 2<<20)
	_, _ = rand.Read(noise) // never fails
	body := []byte(hex.EncodeToString(noise))
	agent.Upload(at+"/files/"+q.ID, nil, handlertest.Attachment{Field: "file", Name: "logboek.txt", Body: body}).Want(t, 303)

	says(t, agent.Get(at+"/do/answer?item="+q.ID), "staat vast zodra u het verstuurt", "logboek.txt")
	if p := carryOut(t, agent, at+"/do/answer?item="+q.ID, "text", "Twee jaar."); p.Status != 303 || p.Location != at+"#"+q.ID {
		t.Fatalf("the answer led to %d %s", p.Status, p.Location)
	}
	page = auditor.Get(at).Want(t, 200)
	says(t, page, "Twee jaar.", "Beantwoord", "kan niet meer worden aangepast")
	href := page.Find("#"+q.ID+" .file a").AttrOr("href", "")
	if got := auditor.Get(href).Want(t, 200).Body; sha256.Sum256([]byte(got)) != sha256.Sum256(body) {
		t.Errorf("the file came back changed: %d bytes of %d", len(got), len(body))
	}
	h.SignIn(h.stranger).Get(href).Want(t, 404)
	for _, action := range []string{"audit.ask", "audit.add_file", "audit.answer", "audit.open_file"} {
		if !slices.Contains(h.Events(a.ID), action) {
			t.Errorf("%s left no entry", action)
		}
	}
}

// TestAuditQuestionIsAnsweredOnce locks an answer against a second one and
// against its files being changed, and keeps what was typed.
func TestAuditQuestionIsAnsweredOnce(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.UnderWay)
	q := h.asked(a.ID)
	at := "/audits/" + a.ID
	agent := h.SignIn(h.agent)
	page := carryOut(t, agent, at+"/do/answer?item="+q.ID, "text", "")
	says(t, page.Want(t, 422), "Voeg een bestand toe of schrijf het antwoord")
	page = carryOut(t, agent, at+"/do/answer?item="+q.ID, "none", "on")
	page.Want(t, 422)
	if _, checked := page.Find(`[name="none"]`).Attr("checked"); !checked {
		t.Error("what was ticked was lost")
	}
	action, form := fillIn(t, agent, at+"/do/answer?item="+q.ID, "none", "on", "text", "Daar hebben wij geen stukken van.")
	agent.Post(action, form).Want(t, 303)
	form.Set("text", "Toch wel.")
	says(t, agent.Post(action, form).Want(t, 409), "Er is niets gedaan")
	page = h.SignIn(h.officer).Get(at)
	says(t, page, "Daar hebben wij geen stukken van.", "Niets beschikbaar")
	hides(t, page, "Toch wel.")
	if agent.Get(at).Find("#"+q.ID+" form").Length() != 0 {
		t.Error("an answered question still takes files")
	}
	agent.Upload(at+"/files/"+q.ID, nil, handlertest.Attachment{Field: "file", Name: "laat.txt", Body: []byte("te laat")})
	if len(h.get(a.ID).Files) != 0 {
		t.Error("a file was added to a locked answer")
	}
}

// TestAuditUrgentQuestionNeedsAReason refuses an earlier day without one, in
// words and with the clause, and keeps what was typed.
func TestAuditUrgentQuestionNeedsAReason(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.UnderWay)
	at := "/audits/" + a.ID + "/do/ask"
	officer, soon := h.SignIn(h.officer), h.today().AddDays(2)
	page := carryOut(t, officer, at, "text", "Wie heeft toegang?", "due", soon.String()).Want(t, 409)
	says(t, page, "Leg uit waarom het spoed heeft")
	if page.Find(`[data-testid="reason"]`).Parent().Find(".chip").Length() == 0 {
		t.Error("the refusal has no clause")
	}
	if got := page.Find(`[name="text"]`).Text(); got != "Wie heeft toegang?" {
		t.Errorf("the question came back as %q", got)
	}
	if n := len(h.get(a.ID).Inquiries); n != 1 {
		t.Fatalf("%d inquiries after a refusal", n)
	}
	carryOut(t, officer, at, "text", "Wie heeft toegang?", "due", soon.String(), "haste", "Er is een lek gemeld.").Want(t, 303)
	says(t, h.SignIn(h.agent).Get("/audits/"+a.ID), "Waarom het dringend is", "Er is een lek gemeld.", h.written(soon))
	says(t, carryOut(t, officer, at, "text", "Nog iets?", "due", h.today().AddDays(15).String()).Want(t, 409), "uiterlijk op")
	says(t, carryOut(t, officer, at, "text", " ").Want(t, 422), "Schrijf op wat u vraagt")
	carryOut(t, officer, at, "text", "Nog iets?", "due", "overmorgen").Want(t, 422)
}

// TestAuditQuestionUnderASilentAgreement marks the day as the portal's own
// choice, with the law's provision, and lets the controller give more time.
func TestAuditQuestionUnderASilentAgreement(t *testing.T) {
	h := newHall(t, "idea-online")
	a := h.audited(audits.UnderWay)
	at := "/audits/" + a.ID
	officer := h.SignIn(h.officer)
	page := officer.Get(at+"/do/ask").Want(t, 200)
	if got := page.Find(`[data-testid="latest"]`).Text(); !strings.Contains(got, "art. 28") || !strings.Contains(got, "eigen keuze") {
		t.Errorf("the day of a silent agreement is explained as %q", got)
	}
	later := h.today().AddDays(30)
	carryOut(t, officer, at+"/do/ask", "text", "Welke certificaten hebt u?", "due", later.String()).Want(t, 303)
	says(t, h.SignIn(h.agent).Get(at), h.written(later), "eigen keuze")
}

// TestAuditFilesOfTheOtherSideStay lets each side take out its own files only,
// and shows a draft answer's files to nobody else.
func TestAuditFilesOfTheOtherSideStay(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.UnderWay)
	q := h.asked(a.ID)
	at := "/audits/" + a.ID
	agent, officer := h.SignIn(h.agent), h.SignIn(h.officer)
	agent.Upload(at+"/files/"+q.ID, nil, handlertest.Attachment{Field: "file", Name: "concept.txt", Body: []byte("concept")}).Want(t, 303)
	file := h.get(a.ID).Files[0].ID
	hides(t, officer.Get(at), "concept.txt", "upload-"+q.ID)
	officer.Get(at+"/files/"+file).Want(t, 404)
	if p := officer.Post(at+"/files/"+q.ID+"/"+file+"/remove", nil); p.Status < 400 {
		t.Errorf("the controller took out the processor's file: %d", p.Status)
	}
	if p := officer.Upload(at+"/files/"+q.ID, nil, handlertest.Attachment{Field: "file", Name: "mijn.txt", Body: []byte("x")}); p.Status < 400 {
		t.Errorf("the controller added to the processor's answer: %d", p.Status)
	}
	if len(h.get(a.ID).Files) != 1 {
		t.Fatal("the files changed")
	}
	says(t, agent.Upload(at+"/files/"+q.ID, nil).Want(t, 422), "Kies eerst een bestand")
	page := agent.Get(at)
	action, form := filled(t, page, "remove-file")
	agent.Post(action, form).Want(t, 303)
	if len(h.get(a.ID).Files) != 0 {
		t.Error("one's own file stayed")
	}
}

// TestAuditQuestionIsWithdrawn lets the controller withdraw every question, the
// auditor its own, and the processor none.
func TestAuditQuestionIsWithdrawn(t *testing.T) {
	h := newHall(t, "mpg")
	a, auditor := h.entered()
	q := h.asked(a.ID)
	at := "/audits/" + a.ID
	if auditor.Get(at).Find(`#`+q.ID+` a[href*="withdraw-question"]`).Length() != 0 {
		t.Error("the auditor is offered to withdraw the officer's question")
	}
	if p := carryOut(t, auditor, at+"/do/withdraw-question?item="+q.ID); p.Status < 400 {
		t.Errorf("the auditor withdrew the officer's question: %d", p.Status)
	}
	h.SignIn(h.agent).Get(at+"/do/withdraw-question?item="+q.ID).Want(t, 403)
	h.SignIn(h.controllerAdmin).Get(at+"/do/ask").Want(t, 403)
	h.SignIn(h.processorAdmin).Get(at+"/do/answer?item="+q.ID).Want(t, 403)
	h.SignIn(h.stranger).Get(at+"/do/ask").Want(t, 404)
	officer := h.SignIn(h.officer)
	officer.Get(at+"/do/withdraw-question?item=inq_unknown").Want(t, 404)
	carryOut(t, officer, at+"/do/withdraw-question?item="+q.ID).Want(t, 303)
	for _, c := range []*handlertest.Client{officer, h.SignIn(h.processorAdmin), h.SignIn(h.controllerAdmin)} {
		says(t, c.Get(at).Want(t, 200), "Welke logboeken houdt u bij?", "Ingetrokken")
	}
}

// TestAuditStalePageAsksNothing refuses a form that was opened before the
// audit changed, and takes it when it is sent again.
func TestAuditStalePageAsksNothing(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.UnderWay)
	officer := h.SignIn(h.officer)
	action, form := fillIn(t, officer, "/audits/"+a.ID+"/do/ask", "text", "Wie beheert de sleutels?")
	h.asked(a.ID)
	page := officer.Post(action, form).Want(t, 409)
	says(t, page, "veranderd sinds u deze pagina opende")
	action, form = filled(t, page, "deed")
	officer.Post(action, form).Want(t, 303)
	if n := len(h.get(a.ID).Inquiries); n != 3 {
		t.Errorf("%d inquiries, want 3", n)
	}
}

// TestAuditHouseRulesComeBeforeTheVisit: who records a visit has read the
// rules as they are now.
func TestAuditHouseRulesComeBeforeTheVisit(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.UnderWay)
	at := "/audits/" + a.ID
	agent, officer := h.SignIn(h.agent), h.SignIn(h.officer)
	says(t, agent.Get(at), "Er zijn geen huisregels")
	says(t, carryOut(t, agent, at+"/do/house-rules", "text", "").Want(t, 422), "huisregels")
	carryOut(t, agent, at+"/do/house-rules", "text", "Melden bij de balie.\nGeen foto's.").Want(t, 303)
	carryOut(t, officer, at+"/do/plan-visit", "day", h.today().String(), "mode", "on_site", "place", "Vianen, zaal 2", "purpose", "Inzage in de logboeken").Want(t, 303)
	v := h.get(a.ID).Sessions[0]
	page := officer.Get(at).Want(t, 200)
	says(t, page, "Vianen, zaal 2", "Inzage in de logboeken", "Lees eerst de huisregels", "Nog niemand")
	if page.Find(`#`+v.ID+` a[href*="record-visit"]`).Length() != 0 {
		t.Error("the visit can be recorded before the rules were read")
	}
	page = carryOut(t, officer, at+"/do/record-visit?item="+v.ID, "notes", "Alles gezien.").Want(t, 409)
	says(t, page, "huisregels")
	if page.Find(`[name="notes"]`).Text() != "Alles gezien." || page.Find(`[data-testid="reason"]`).Length() == 0 {
		t.Errorf("the refusal lost the notes or gives no reason: %s", page.Words())
	}
	says(t, officer.Get(at+"/do/read-rules"), "Melden bij de balie.", "Geen foto's.")
	action, form := fillIn(t, officer, at+"/do/read-rules")
	carryOut(t, agent, at+"/do/house-rules", "text", "Melden bij de balie. Geen foto's. Geen sticks.").Want(t, 303)
	says(t, officer.Post(action, form).Want(t, 409), "Er is niets gedaan")
	carryOut(t, officer, at+"/do/read-rules").Want(t, 303)
	says(t, agent.Get(at), "Las versie 2")
	agent.Upload(at+"/files/rules", nil, handlertest.Attachment{Field: "file", Name: "kaart.txt", Body: []byte("de kaart")}).Want(t, 303)
	carryOut(t, officer, at+"/do/record-visit?item="+v.ID, "notes", "Alles gezien.").Want(t, 409)
	says(t, officer.Get(at+"/do/read-rules"), "kaart.txt")
	carryOut(t, officer, at+"/do/read-rules").Want(t, 303)
	carryOut(t, officer, at+"/do/record-visit?item="+v.ID, "notes", "Alles gezien.").Want(t, 303)
	says(t, agent.Get(at), "Alles gezien.", "Gehouden")
	agent.Get(at+"/do/read-rules").Want(t, 403)
	officer.Get(at+"/do/house-rules").Want(t, 403)
}

// TestAuditVisitIsPlannedAndCancelled by either side, never before the agreed day.
func TestAuditVisitIsPlannedAndCancelled(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.DateAgreed)
	at := "/audits/" + a.ID
	agent, officer := h.SignIn(h.agent), h.SignIn(h.officer)
	says(t, agent.Get(at), "Er is nog geen bezoek of overleg gepland")
	page := carryOut(t, agent, at+"/do/plan-visit", "day", a.On.AddDays(-1).String(), "mode", "remote", "purpose", "Kennismaken").Want(t, 409)
	says(t, page, h.written(a.On))
	if page.Find(`[name="purpose"]`).Text() != "Kennismaken" {
		t.Error("what was typed was lost")
	}
	page = carryOut(t, agent, at+"/do/plan-visit", "day", a.On.String(), "mode", "on_site").Want(t, 422)
	for _, name := range []string{"place", "purpose"} {
		if page.Find(`[data-testid="error-`+name+`"]`).Length() == 0 {
			t.Errorf("%s is not asked for", name)
		}
	}
	action, form := fillIn(t, agent, at+"/do/plan-visit", "day", a.On.String(), "mode", "remote", "purpose", "Kennismaken")
	agent.Post(action, form).Want(t, 303)
	agent.Post(action, form).Want(t, 303)
	a = h.get(a.ID)
	if len(a.Sessions) != 1 {
		t.Fatalf("%d visits after two clicks", len(a.Sessions))
	}
	v := a.Sessions[0]
	says(t, officer.Get(at), "Kennismaken", h.written(v.Day), "Gepland", "Rekenkracht")
	agent.Upload(at+"/files/"+v.ID, nil, handlertest.Attachment{Field: "file", Name: "programma.txt", Body: []byte("om tien uur")}).Want(t, 303)
	if got := officer.Get(at).Find("#" + v.ID).Text(); !strings.Contains(got, "programma.txt") || !strings.Contains(got, "Bestanden van dit bezoek") {
		t.Errorf("the programme and the place to add files: %q", got)
	}
	officer.Get(at+"/do/cancel-visit?item=vis_unknown").Want(t, 404)
	carryOut(t, officer, at+"/do/cancel-visit?item="+v.ID).Want(t, 303)
	says(t, agent.Get(at), "Kennismaken", "Afgezegd")
	says(t, officer.Get(at+"/do/cancel-visit?item="+v.ID), "al gehouden of afgezegd")
}
