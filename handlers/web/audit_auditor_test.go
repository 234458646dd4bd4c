package web_test

import (
	"net/url"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"inzage/handlers"
	"inzage/handlers/handlertest"
	content "inzage/services/attachment"
	"inzage/services/audits"
)

// rev is the revision that a form made now carries.
func (h *hall) rev(id string) string { return strconv.FormatInt(h.get(id).Rev, 10) }

// invited is an audit whose notice is out and whose auditor is invited, but
// has not signed.
func (h *hall) invited() audits.Audit {
	h.T.Helper()
	a := h.audited(audits.Precondition)
	h.must(h.Audits.SendNotice(h.T.Context(), h.Actor(h.officer), a.ID))
	return h.must(h.Audits.InviteAuditor(h.T.Context(), h.Actor(h.officer), a.ID))
}

// signature is the form of the threshold, filled in.
func signature(p handlertest.Page, name, agrees string) url.Values {
	version, _ := p.Find("input[name=version]").Attr("value")
	language, _ := p.Find("input[name=language]").Attr("value")
	return form("name", name, "agrees", agrees, "version", version, "language", language)
}

func lacks(t *testing.T, p handlertest.Page, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(p.Body, w) {
			t.Errorf("the page shows %q", w)
		}
	}
}

// TestAuditAuditorComesIn takes the auditor from the mail to the audits: by
// the link, with two factors, and to nothing else.
func TestAuditAuditorComesIn(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.invited()
	c := h.auditorClient(a.ID)
	has(t, c.Get("/audits").Want(t, 200), "Bakkerij De Korenaar")
	door := c.Get("/audits/"+a.ID).Want(t, 200)
	to(t, c.Post("/audits/"+a.ID+"/undertaking", signature(door, "Rik Jansen", "on")), "/audits/"+a.ID)
	has(t, c.Get("/audits/"+a.ID).Want(t, 200), "Beveiliging van de hosting", "Jansen Audit")
	h.auditorClient(a.ID).Get("/audits/"+a.ID).Want(t, 200) // signing in again
	for _, page := range []string{"/queue", "/people", "/agreements", "/requests/new", "/assists", "/people/invite", "/audits/new", "/audits/new/" + h.agreement.ID,
		"/agreements/" + h.agreement.ID} {
		c.Get(page).Want(t, 404)
	}
}

// TestAuditThreshold: before signing the auditor reads the parties and the
// undertaking, in the language of the page; what is wrong comes back as typed.
func TestAuditThreshold(t *testing.T) {
	h := newHall(t, "qputer")
	a := h.invited()
	c, at := h.auditorClient(a.ID), "/audits/"+a.ID
	door := c.Get(at).Want(t, 200)
	has(t, door, "Alle audits", "Teken de verklaring over geheimhouding", "Bakkerij De Korenaar", "Rekenkracht", "qputer 5.2", "Ik houd alles geheim", "Uw volledige naam")
	lacks(t, door, "Beveiliging van de hosting", "Logboeken", "Jansen Audit", "RE 1234")
	has(t, c.Get(at+"?lang=en").Want(t, 200), "I keep secret everything", "Your full name")
	door = c.Get(at+"?lang=nl").Want(t, 200)

	bare := c.Post(at+"/undertaking", signature(door, "", "")).Want(t, 422)
	if bare.Find("[data-testid=error-name]").Length() != 1 || bare.Find("[data-testid=error-agrees]").Length() != 1 {
		t.Errorf("not both fields are named: %s", bare.Words())
	}
	half := c.Post(at+"/undertaking", signature(door, "Rik <b>Jansen</b>", "")).Want(t, 422)
	if name, _ := half.Find("#f-name").Attr("value"); name != "Rik <b>Jansen</b>" || half.Find("main b").Length() != 0 {
		t.Errorf("the name that was typed is now %q", name)
	}
	old := signature(door, "Rik Jansen", "on")
	old.Set("version", "0")
	changed := c.Post(at+"/undertaking", old).Want(t, 422)
	has(t, changed, "Ik houd alles geheim")
	if _, ticked := changed.Find("#f-agrees").Attr("checked"); ticked || changed.Find("[data-testid=message]").Length() != 1 {
		t.Errorf("a wording that changed is not shown anew: %s", changed.Words())
	}
	if href, _ := changed.Find(".languages a").Attr("href"); !strings.HasPrefix(href, at+"?") {
		t.Errorf("the language switch leads to %q", href)
	}

	h.Pass(6 * time.Minute)
	if p := c.Get(at).Want(t, 200); p.Find("form[action$=undertaking]").Length() != 0 || p.Find("[data-testid=confirm-first]").Length() != 1 {
		t.Errorf("with an old factor there is a form to sign: %s", p.Words())
	}
	to(t, c.Post(at+"/undertaking", signature(door, "Rik Jansen", "on")), "/account/confirm?to="+url.QueryEscape(at))
	if h.get(a.ID).Auditor.Undertaken != nil {
		t.Fatal("signed with an old factor")
	}
	c = h.auditorClient(a.ID)
	to(t, c.Post(at+"/undertaking", signature(door, "Rik Jansen", "on")), at)
	to(t, c.Post(at+"/undertaking", signature(door, "Iemand Anders", "on")), at)
	u := h.get(a.ID).Auditor.Undertaken
	for name, by := range map[string]*handlertest.Client{"auditor": c, "officer": h.SignIn(h.officer), "agent": h.SignIn(h.agent)} {
		p := by.Get(at).Want(t, 200)
		if !strings.Contains(p.Find("[data-testid=undertaking]").Text(), "Ik houd alles geheim") || strings.TrimSpace(p.Find("[data-testid=signed-as]").Text()) != "Rik Jansen" || !strings.Contains(p.Body, u.SHA256) {
			t.Errorf("the %s does not see what was signed: %s", name, p.Find("[data-testid=auditor]").Text())
		}
	}
	signed := slices.DeleteFunc(h.Events(a.ID), func(e string) bool { return e != "audit.sign" })
	if len(signed) != 1 {
		t.Errorf("signed %d times", len(signed))
	}
}

// TestAuditOnlyTheAuditorSigns: nobody else can, and a stranger learns nothing.
func TestAuditOnlyTheAuditorSigns(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.invited()
	sig := form("name", "X", "agrees", "on", "version", "1", "language", "nl")
	for status, all := range map[int][]handlertest.Person{403: {h.officer, h.controllerAdmin, h.agent, h.processorAdmin}, 404: {h.stranger}} {
		for _, p := range all {
			h.SignIn(p).Post("/audits/"+a.ID+"/undertaking", sig).Want(t, status)
		}
	}
	if h.get(a.ID).Auditor.Undertaken != nil {
		t.Error("somebody else signed")
	}
}

// secrets are words of the content of an audit from draft().
var secrets = []string{"Beveiliging van de hosting", "Logboeken", "Vianen", "ISO-rapport", "geheim.pdf", "Jansen Audit"}

// opened asks for every address under an audit that reads something, and
// returns the status of each.
func (h *hall) opened(c *handlertest.Client, a audits.Audit, file string) map[string]handlertest.Page {
	h.T.Helper()
	app := handlers.New(handlers.Deps{Site: h.Site, API: h.API, Log: h.Site.Log, RequestTimeout: time.Minute, UploadTimeout: time.Minute, Started: h.Now()})
	fill := strings.NewReplacer(":id", a.ID, ":deed", "name-auditor", ":file", file, ":of", a.Inquiries[0].ID, ":agreement", a.Agreement)
	all := map[string]handlertest.Page{}
	for _, r := range app.GetRoutes(true) {
		if r.Method != "GET" || !strings.HasPrefix(r.Path, "/audits/:id") {
			continue
		}
		at := fill.Replace(r.Path)
		if strings.Contains(at, ":") {
			at = strings.ReplaceAll(at, ":", "")
		}
		all[at] = c.Get(at)
	}
	if len(all) < 3 {
		h.T.Fatalf("only %d addresses were found", len(all))
	}
	return all
}

// TestAuditNothingBeforeSigning: whatever reads something of an audit, now or
// later, gives the auditor who has not signed nothing; nor the one who was
// shut out, at once and in the session that is open.
func TestAuditNothingBeforeSigning(t *testing.T) {
	h := newHall(t, "mpg")
	ctx := t.Context()
	a := h.draft()
	f, err := h.Audits.Attach(ctx, h.Actor(h.officer), a.ID, "notice", content.Upload{Name: "geheim.pdf", Size: -1, Body: strings.NewReader("%PDF-1.4 inhoud")})
	if err != nil {
		t.Fatal(err)
	}
	h.reach(a.ID, audits.Precondition)
	h.must(h.Audits.SendNotice(ctx, h.Actor(h.officer), a.ID))
	a = h.must(h.Audits.InviteAuditor(ctx, h.Actor(h.officer), a.ID))
	c := h.auditorClient(a.ID)
	for at, p := range h.opened(c, a, f.ID) {
		lacks(t, p, secrets...)
		if at != "/audits/"+a.ID && p.Status != 404 && p.Status != 403 {
			t.Errorf("before signing %s answers %d", at, p.Status)
		}
	}
	lacks(t, c.Get("/audits").Want(t, 200), secrets...)

	door := c.Get("/audits/" + a.ID)
	to(t, c.Post("/audits/"+a.ID+"/undertaking", signature(door, "Rik Jansen", "on")), "/audits/"+a.ID)
	if p := c.Get("/audits/"+a.ID+"/files/"+f.ID).Want(t, 200); !strings.Contains(p.Body, "inhoud") {
		t.Error("after signing the file does not open")
	}

	admin := h.SignIn(h.controllerAdmin)
	sure := admin.Get("/audits/"+a.ID+"/do/withdraw-invitation").Want(t, 200)
	has(t, sure, "U kunt de auditor opnieuw uitnodigen zolang de audit loopt.")
	if strings.Contains(sure.Words(), "ongedaan") {
		t.Error("what can be done again is said not to be undone")
	}
	if sure.Find("[data-testid=confirm]").Length() != 1 {
		t.Error("there is no second look before the auditor is shut out")
	}
	to(t, admin.Post("/audits/"+a.ID+"/do/withdraw-invitation", form("rev", h.rev(a.ID))), "/audits/"+a.ID)
	for at, p := range h.opened(c, a, f.ID) {
		if p.Status != 404 {
			t.Errorf("after the withdrawal %s answers %d", at, p.Status)
		}
	}
	h.SignIn(h.stranger).Get("/audits/"+a.ID+"/files/"+f.ID).Want(t, 404)
	lacks(t, c.Get("/audits").Want(t, 200), a.Reference)
	has(t, h.SignIn(h.agent).Get("/audits/"+a.ID), "Uitnodiging ingetrokken")
}

// TestAuditAccessEndsWithTheAudit: an open session is shut out with the next
// request when the audit closes, is cancelled, or gets another auditor.
func TestAuditAccessEndsWithTheAudit(t *testing.T) {
	h := newHall(t, "mpg")
	ctx, by := t.Context(), h.Actor(h.officer)
	other := audits.AuditorDetails{Person: audits.AuditorPerson{Name: "Eva Wit", Email: "eva@auditors.example", Language: "nl"},
		Independent: truth(true), RegisterEDP: truth(true), ICTExpert: truth(true), BoundToSecrecy: truth(true)}
	for name, end := range map[string]func(id string){
		"cancelled": func(id string) { h.must(h.Audits.CallOff(ctx, by, id, "Niet meer nodig.")) },
		"renamed":   func(id string) { h.must(h.Audits.AppointAuditor(ctx, by, id, other)) },
	} {
		a := h.audited(audits.Announced)
		c := h.auditorClient(a.ID)
		c.Get("/audits/"+a.ID).Want(t, 200)
		end(a.ID)
		if p := c.Get("/audits/" + a.ID); p.Status != 404 {
			t.Errorf("%s: the auditor still reads the audit: %d", name, p.Status)
		}
	}
	a := h.audited(audits.Settled)
	c := h.auditorClient(a.ID)
	c.Get("/audits/"+a.ID).Want(t, 200)
	h.reach(a.ID, audits.Closed)
	c.Get("/audits/"+a.ID).Want(t, 404)
	has(t, h.SignIn(h.officer).Get("/audits/"+a.ID).Want(t, 200), "Toegang beëindigd")
}

// TestAuditOneAuditorTwoAudits: invited to two audits of two controllers before
// answering either mail, the auditor has one account that opens both, each
// after its own undertaking, and no third audit.
func TestAuditOneAuditorTwoAudits(t *testing.T) {
	h := newHall(t, "mpg")
	ctx := t.Context()
	mine := h.audited(audits.Precondition)
	mine = h.must(h.Audits.InviteAuditor(ctx, h.Actor(h.officer), mine.ID))
	first := path(t, h.World, h.LastLetter("rik@auditors.example", "invitation"))
	unseen := h.draft() // of the same controller, the auditor not invited
	hall := *h
	hall.officer, hall.agreement = h.stranger, h.Agree("mpg", h.Florist, h.processor)
	theirs := hall.audited(audits.Precondition)
	theirs = h.must(h.Audits.InviteAuditor(ctx, h.Actor(h.stranger), theirs.ID))
	if mine.Access != theirs.Access {
		t.Fatalf("one person would have two accounts: %s and %s", mine.Access, theirs.Access)
	}
	c := h.auditorClient(mine.ID) // by the second mail
	for _, a := range []audits.Audit{mine, theirs} {
		door := c.Get("/audits/"+a.ID).Want(t, 200)
		to(t, c.Post("/audits/"+a.ID+"/undertaking", signature(door, "Rik Jansen", "on")), "/audits/"+a.ID)
		has(t, c.Get("/audits/"+a.ID).Want(t, 200), "Beveiliging van de hosting")
	}
	c.Get("/audits/"+unseen.ID).Want(t, 404)
	to(t, c.Get(first), "/audits") // the first mail asks for nothing any more
	to(t, h.Browser().Get(first), "/sign-in?to=%2Faudits")
}

// TestAuditInvitedAgain: an invitation that expired is sent again from the
// page; a second press of the button and an old page send none.
func TestAuditInvitedAgain(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.invited()
	first := h.LastLetter("rik@auditors.example", "invitation").Data["link"]
	h.Pass(8 * 24 * time.Hour)
	h.Browser().Get(strings.TrimPrefix(first, h.BaseURL)).Want(t, 410)
	c, again := h.SignIn(h.controllerAdmin), "/audits/"+a.ID+"/do/invite-again"
	if c.Get("/audits/"+a.ID).Find("[data-testid=auditor] a[href*=invite-again]").Length() != 1 {
		t.Fatal("there is no way to invite again")
	}
	has(t, c.Get(again).Want(t, 200), "rik@auditors.example", "7 dagen", "mpg 10.1")
	rev := h.rev(a.ID)
	to(t, c.Post(again, form("rev", rev)), "/audits/"+a.ID)
	second := h.LastLetter("rik@auditors.example", "invitation").Data["link"]
	if second == first {
		t.Fatal("no new mail was sent")
	}
	to(t, c.Post(again, form("rev", rev)), "/audits/"+a.ID)
	h.Pass(2 * time.Minute)
	c.Post(again, form("rev", rev)).Want(t, 409)
	if h.LastLetter("rik@auditors.example", "invitation").Data["link"] != second {
		t.Error("a second press, or an old page, sent a mail")
	}
	auditor := h.auditorClient(a.ID)
	has(t, auditor.Get("/audits/"+a.ID).Want(t, 200), "Teken de verklaring over geheimhouding")
	h.SignIn(h.agent).Post(again, form("rev", h.rev(a.ID))).Want(t, 403)
	h.SignIn(h.stranger).Get(again).Want(t, 404)
	h.SignIn(h.stranger).Post(again, form("rev", h.rev(a.ID))).Want(t, 404)
}

// naming is the form that names a good auditor, changed by pairs.
func naming(rev string, changes ...string) url.Values {
	f := form("rev", rev, "kind", "external", "name", "Eva Wit", "email", "eva@auditors.example", "language", "nl", "firm", "Wit Audit", "register", "RE 99",
		"independent", "yes", "register_edp", "yes", "ict_expert", "yes", "bound_to_secrecy", "yes")
	for i := 0; i+1 < len(changes); i += 2 {
		f.Set(changes[i], changes[i+1])
	}
	return f
}

// TestAuditNamingTheAuditor: what the agreement asks about is asked, and who
// does not fit is refused with the clause; what was typed stays.
func TestAuditNamingTheAuditor(t *testing.T) {
	h := newHall(t, "qputer")
	a := h.draft()
	c, at := h.SignIn(h.officer), "/audits/"+a.ID+"/do/name-auditor"
	sheet := c.Get(at).Want(t, 200)
	for field, want := range map[string]int{"register_edp": 3, "independent": 3, "bound_to_secrecy": 3, "ict_expert": 0} {
		if n := sheet.Find("input[name=" + field + "]").Length(); n != want {
			t.Errorf("%s is asked with %d answers, want %d", field, n, want)
		}
	}
	rival := c.Post(at, naming(h.rev(a.ID), "competitor", "on")).Want(t, 409)
	has(t, rival, "qputer 5.2", "concurrent")
	if name, _ := rival.Find("#f-name").Attr("value"); name != "Eva Wit" {
		t.Errorf("the name that was typed is now %q", name)
	}
	bad := c.Post(at, naming(h.rev(a.ID), "name", "", "email", "eva")).Want(t, 422)
	if bad.Find("[data-testid=error-name]").Length() != 1 || bad.Find("[data-testid=error-email]").Length() != 1 {
		t.Errorf("not both fields are named: %s", bad.Words())
	}
	to(t, c.Post(at, naming(h.rev(a.ID), "register_edp", "no")), "/audits/"+a.ID) // a draft may be wrong, and says so
	p := c.Get("/audits/" + a.ID)
	if got := p.Find("[data-testid=known-register_edp]").Text(); !strings.Contains(got, "Nee") || !strings.Contains(got, "qputer 5.2") {
		t.Errorf("not RE is shown as %q", got)
	}
	to(t, c.Post(at, naming(h.rev(a.ID))), "/audits/"+a.ID)
	c.Post(at, naming("1")).Want(t, 409) // a page that is old
	h.reach(a.ID, audits.Announced)
	refused := c.Post(at, naming(h.rev(a.ID), "register_edp", "no", "email", "ander@auditors.example")).Want(t, 409)
	has(t, refused, "qputer 5.2", "RE")
	if h.get(a.ID).Access == "" {
		t.Error("a refusal shut the auditor out")
	}
	to(t, c.Post(at, naming(h.rev(a.ID), "email", "ander@auditors.example")), "/audits/"+a.ID)
	if h.get(a.ID).Access != "" {
		t.Error("the former auditor still has access")
	}
	for status, all := range map[int][]handlertest.Person{403: {h.controllerAdmin, h.agent, h.processorAdmin}, 404: {h.stranger}} {
		for _, who := range all {
			h.SignIn(who).Get(at).Want(t, status)
			h.SignIn(who).Post(at, naming(h.rev(a.ID))).Want(t, status)
		}
	}
}

// TestAuditCompetitorWithoutClause: where the agreement is silent the law
// refuses a competitor.
func TestAuditCompetitorWithoutClause(t *testing.T) {
	h := newHall(t, "inserve")
	a := h.draft()
	has(t, h.SignIn(h.officer).Post("/audits/"+a.ID+"/do/name-auditor", naming(h.rev(a.ID), "competitor", "on")).Want(t, 409), "28(3)(h)", "concurrent")
}

// TestAuditOwnPeople: the controller's own people do the audit; nobody is
// invited, and no address is asked.
func TestAuditOwnPeople(t *testing.T) {
	h := newHall(t, "inserve")
	a := h.draft()
	c := h.SignIn(h.officer)
	to(t, c.Post("/audits/"+a.ID+"/do/name-auditor", naming(h.rev(a.ID), "kind", "own", "email", "")), "/audits/"+a.ID)
	h.reach(a.ID, audits.Precondition)
	p := c.Get("/audits/" + a.ID)
	has(t, p, "Eigen mensen")
	if p.Find("a[href*=invite]").Length() != 0 {
		t.Error("own people can be invited")
	}
}

// TestAuditObjection: the processor objects once, where the agreement asks
// something of the auditor; the controller answers.
func TestAuditObjection(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.invited()
	at, object := "/audits/"+a.ID, "/audits/"+a.ID+"/do/object-to-auditor"
	c := h.SignIn(h.agent)
	if c.Get(at).Find("[data-testid=auditor] a[href*=object-to-auditor]").Length() != 1 {
		t.Fatal("the processor finds no way to object")
	}
	lacks(t, c.Get(at), "rik@auditors.example") // the address is none of its business
	has(t, c.Get(object).Want(t, 200), "mpg 10.1", "Rik Jansen")
	half := c.Post(object, form("rev", h.rev(a.ID), "reason", "Hij is familie <i>van ons</i>.")).Want(t, 422)
	if half.Find("[data-testid=error-ground]").Length() != 1 || half.Find("textarea[name=reason]").Text() != "Hij is familie <i>van ons</i>." {
		t.Errorf("the reasons that were typed are gone: %s", half.Words())
	}
	good := form("rev", h.rev(a.ID), "ground", "not_independent", "reason", "Hij is familie <i>van ons</i>.")
	h.SignIn(h.officer).Post(object, good).Want(t, 403)
	h.SignIn(h.stranger).Post(object, good).Want(t, 404)
	to(t, c.Post(object, good), at)
	good.Set("rev", h.rev(a.ID))
	c.Post(object, good).Want(t, 409)
	officer := h.SignIn(h.officer)
	for _, reader := range []*handlertest.Client{c, officer} {
		p := reader.Get(at).Want(t, 200)
		has(t, p, "niet onafhankelijk", "Hij is familie <i>van ons</i>.", "Wacht op antwoord")
		if p.Find("[data-testid=objection] i").Length() != 0 {
			t.Error("the reasons are markup")
		}
	}
	answer := at + "/do/answer-objection"
	has(t, officer.Get(answer).Want(t, 200), "Hij is familie", "Wijs een andere auditor aan")
	officer.Post(answer, form("rev", h.rev(a.ID))).Want(t, 422)
	c.Post(answer, form("rev", h.rev(a.ID), "answer", "Nee.")).Want(t, 403)
	to(t, officer.Post(answer, form("rev", h.rev(a.ID), "answer", "Een achterneef telt niet.")), at)
	officer.Post(answer, form("rev", h.rev(a.ID), "answer", "Nog eens.")).Want(t, 409)
	has(t, c.Get(at), "Een achterneef telt niet.", "de auditor blijft")
	if got := slices.DeleteFunc(h.Events(a.ID), func(e string) bool { return !strings.Contains(e, "object") }); !slices.Contains(got, "audit.object") || !slices.Contains(got, "audit.answer_objection") {
		t.Errorf("recorded: %v", got)
	}
}

// TestAuditNoRightToObject: where the agreement asks nothing of the auditor
// there is no button, and trying says why, with the clause.
func TestAuditNoRightToObject(t *testing.T) {
	h := newHall(t, "inserve")
	a := h.invited()
	c, object := h.SignIn(h.agent), "/audits/"+a.ID+"/do/object-to-auditor"
	if c.Get("/audits/"+a.ID).Find("a[href*=object-to-auditor]").Length() != 0 {
		t.Error("there is a way to object")
	}
	p := c.Get(object).Want(t, 200)
	has(t, p, "geen recht")
	if p.Find("form[data-testid=deed]").Length() != 0 {
		t.Error("there is a form to object")
	}
	has(t, c.Post(object, form("rev", h.rev(a.ID), "ground", "other", "reason", "Zomaar.")).Want(t, 409), "inserve 4.3")
}

// TestAuditAdministratorsSeeTheAuditor: they see, and the controller's lets
// the auditor in.
func TestAuditAdministratorsSeeTheAuditor(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Precondition)
	admin := h.SignIn(h.controllerAdmin)
	has(t, admin.Get("/audits/"+a.ID).Want(t, 200), "Rik Jansen", "Nog niet uitgenodigd", "mpg 10.1")
	to(t, admin.Post("/audits/"+a.ID+"/do/invite-auditor", form("rev", h.rev(a.ID))), "/audits/"+a.ID)
	has(t, h.auditorClient(a.ID).Get("/audits/"+a.ID).Want(t, 200), "Teken de verklaring over geheimhouding")
}
