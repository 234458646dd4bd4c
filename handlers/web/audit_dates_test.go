package web_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/PuerkitoBio/goquery"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/deadlines"
)

// hiddenOf is the hidden part of a move's form as the page shows it.
func hiddenOf(p handlertest.Page) url.Values {
	all := url.Values{}
	p.Find("main form [type=hidden]").Each(func(_ int, in *goquery.Selection) {
		if name := in.AttrOr("name", ""); name != "csrf" {
			all.Set(name, in.AttrOr("value", ""))
		}
	})
	return all
}

// proposeDay opens the form of a move and sends it with a day.
func proposeDay(t *testing.T, c *handlertest.Client, a audits.Audit, move string, day deadlines.Date, more ...string) handlertest.Page {
	t.Helper()
	v := hiddenOf(c.Get("/audits/"+a.ID+"/do/"+move).Want(t, 200))
	v.Set("day", day.String())
	for n := 0; n+1 < len(more); n += 2 {
		v.Set(more[n], more[n+1])
	}
	return c.Post("/audits/"+a.ID+"/do/"+move, v)
}

// answerDay opens the form of a move on the standing proposal and sends it.
func answerDay(t *testing.T, c *handlertest.Client, a audits.Audit, move string) handlertest.Page {
	t.Helper()
	at := "/audits/" + a.ID + "/do/" + move
	v := hiddenOf(c.Get(at+"?item="+a.Proposals[len(a.Proposals)-1].ID).Want(t, 200))
	return c.Post(at, v)
}

// TestAuditDayIsAgreed proposes, counter-proposes, accepts, moves and takes
// back through the pages of both sides, and begins on the day.
func TestAuditDayIsAgreed(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	officer, agent := h.SignIn(h.officer), h.SignIn(h.agent)
	day := h.earliest(a)
	page := officer.Get("/audits/"+a.ID+"/do/propose").Want(t, 200)
	if got := page.Find("[name=day]").AttrOr("min", ""); got != day.String() {
		t.Errorf("the form begins at %s, want %s", got, day)
	}
	if !strings.Contains(page.Find(".facts").Text(), "mpg 10.2") {
		t.Errorf("the earliest day has no clause: %s", page.Words())
	}
	proposeDay(t, officer, a, "propose", day).Want(t, 303)
	a = h.get(a.ID)
	seen := agent.Get("/audits/"+a.ID).Want(t, 200).Find("[data-testid=proposal]")
	if seen.Length() != 1 || !strings.Contains(seen.Text(), "wacht op uw antwoord") || seen.AttrOr("id", "") != a.Proposals[0].ID {
		t.Errorf("the processor sees: %s", seen.Text())
	}
	second := day.AddDays(7)
	refused := proposeDay(t, agent, a, "propose-other", second).Want(t, 422)
	if !strings.Contains(refused.Words(), "waarom deze dag beter") || refused.Find("[name=day]").AttrOr("value", "") != second.String() {
		t.Errorf("without a reason: %s", refused.Words())
	}
	proposeDay(t, agent, a, "propose-other", second, "reason", "Die week is er <b>onderhoud</b>.").Want(t, 303)
	a = h.get(a.ID)
	if text := officer.Get("/audits/" + a.ID).Find("[data-testid=dates]").Text(); !strings.Contains(text, "<b>onderhoud</b>") || !strings.Contains(text, "Er is een andere dag voorgesteld") {
		t.Errorf("the controller sees: %s", text)
	}
	answerDay(t, officer, a, "accept-day").Want(t, 303)
	if a = h.get(a.ID); a.On != second || a.Stage != audits.DateAgreed {
		t.Fatalf("agreed %s in %s", a.On, a.Stage)
	}
	third := second.AddDays(1)
	proposeDay(t, officer, a, "move-day", third, "reason", "De auditor is ziek.").Want(t, 303)
	a = h.get(a.ID)
	answerDay(t, officer, a, "take-back-day").Want(t, 303)
	proposeDay(t, agent, h.get(a.ID), "move-day", third, "reason", "Toch liever een dag later.").Want(t, 303)
	a = h.get(a.ID)
	answerDay(t, officer, a, "accept-day").Want(t, 303)
	if a = h.get(a.ID); a.On != third {
		t.Fatalf("moved to %s, want %s", a.On, third)
	}
	if text := agent.Get("/audits/" + a.ID).Find("[data-testid=dates]").Text(); !strings.Contains(text, "later verplaatst") || !strings.Contains(text, "Teruggenomen") {
		t.Errorf("the story of the days: %s", text)
	}
	if officer.Get("/audits/"+a.ID).Find("[data-testid=do-begin]").Length() != 0 {
		t.Error("the audit can be begun before its day")
	}
	early := officer.Post("/audits/"+a.ID+"/do/begin", hiddenOf(officer.Get("/audits/"+a.ID+"/do/begin").Want(t, 200))).Want(t, 409)
	if early.Find("[data-testid=reason]").Length() == 0 {
		t.Errorf("beginning before the day has no reason: %s", early.Words())
	}
	h.goTo(third)
	officer = h.SignIn(h.officer)
	if officer.Get("/audits/"+a.ID).Find("[data-testid=do-begin]").Length() != 1 {
		t.Error("the audit cannot be begun on its day")
	}
	officer.Post("/audits/"+a.ID+"/do/begin", hiddenOf(officer.Get("/audits/"+a.ID+"/do/begin").Want(t, 200))).Want(t, 303)
	for _, want := range []string{"audit.propose", "audit.accept", "audit.take_back", "audit.begin"} {
		if events := h.Events(a.ID); !slices.Contains(events, want) {
			t.Errorf("%s is not in the ledger: %v", want, events)
		}
	}
}

// TestAuditDayRefused shows each refusal with its clause, and what was typed.
func TestAuditDayRefused(t *testing.T) {
	h := newHall(t, "mpg")
	// An audit that is agreed already, so that the year is taken from its day on.
	first := h.audited(audits.Announced)
	first = h.must(h.Audits.ProposeDay(t.Context(), h.Actor(h.officer), first.ID, audits.DayProposal{Day: h.earliest(first).AddDays(28)}))
	first = h.must(h.Audits.AcceptDay(t.Context(), h.Actor(h.agent), first.ID, first.Proposals[0].ID))
	second := h.audited(audits.Announced)
	today := deadlines.DateOf(h.Now(), first.Announced.Location())
	c := h.SignIn(h.officer)
	for name, test := range map[string]struct {
		day        deadlines.Date
		says, chip string
	}{
		"past":                 {today.AddDays(-1), "is voorbij", "mpg 10.2"},
		"before the notice":    {today.AddDays(3), "te vroeg", "mpg 10.2"},
		"second in a year":     {first.On.AddDays(7), "te vroeg; dit kan vanaf", "mpg 10.2"},
		"too near before that": {first.On.AddDays(-7), "is al een andere audit afgesproken", "mpg 10.2"},
	} {
		t.Run(name, func(t *testing.T) {
			p := proposeDay(t, c, second, "propose", test.day, "reason", "Graag dan.")
			p.Want(t, 409)
			if !strings.Contains(p.Find("[data-testid=reason]").Text(), test.says) || !strings.Contains(p.Find(".message").Text(), test.chip) {
				t.Errorf("no reason with its clause: %s", p.Words())
			}
			if p.Find("[name=day]").AttrOr("value", "") != test.day.String() || p.Find("[name=reason]").Text() != "Graag dan." {
				t.Error("what was typed is gone")
			}
		})
	}
	if n := len(h.get(second.ID).Proposals); n != 0 {
		t.Errorf("%d proposals were kept", n)
	}
}

// TestAuditDayOffAndEnd: a holiday needs a reason of its own, and after the
// last day of the agreement nothing helps.
func TestAuditDayOffAndEnd(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	c := h.SignIn(h.officer)
	christmas := deadlines.Date{Year: 2026, Month: 12, Day: 25}
	p := proposeDay(t, c, a, "propose", christmas).Want(t, 409)
	if !strings.Contains(p.Words(), "feestdag") || p.Find(".message .chip, .message .clause").Length() == 0 {
		t.Errorf("a holiday: %s", p.Words())
	}
	proposeDay(t, c, a, "propose", christmas, "day_off", "Dan staat alles stil.").Want(t, 303)
	if text := h.SignIn(h.agent).Get("/audits/" + a.ID).Find("[data-testid=dates]").Text(); !strings.Contains(text, "Dan staat alles stil.") {
		t.Errorf("the reason for the day off is not shown: %s", text)
	}
	h.Both(h.World.Agreements.End(t.Context(), h.Actor(h.controllerAdmin), h.agreement.ID, "2027-01-31"))
	p = proposeDay(t, c, h.get(a.ID), "propose-other", deadlines.Date{Year: 2027, Month: 2, Day: 2}, "reason", "Later.").Want(t, 409)
	if !strings.Contains(p.Words(), "31 januari 2027") {
		t.Errorf("after the agreement: %s", p.Words())
	}
}

// TestAuditDayBothAtOnce: the second of two who propose at once sees the
// first's proposal and can go on from it; nothing is lost.
func TestAuditDayBothAtOnce(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	officer, agent := h.SignIn(h.officer), h.SignIn(h.agent)
	day, at := h.earliest(a), "/audits/"+a.ID+"/do/propose"
	mine, theirs := hiddenOf(officer.Get(at)), hiddenOf(agent.Get(at))
	mine.Set("day", day.String())
	theirs.Set("day", day.AddDays(1).String())
	officer.Post(at, mine).Want(t, 303)
	officer.Post(at, mine).Want(t, 303) // a second click is the same proposal
	p := agent.Post(at, theirs).Want(t, 409)
	if !strings.Contains(p.Words(), "Intussen is") || p.Find("[data-testid=stands]").Length() != 1 {
		t.Errorf("the second sees: %s", p.Words())
	}
	if n := len(h.get(a.ID).Proposals); n != 1 {
		t.Fatalf("%d proposals", n)
	}
	again := hiddenOf(p)
	again.Set("day", day.AddDays(1).String())
	again.Set("reason", "Maandag kan niet.")
	agent.Post(at, again).Want(t, 303)

	// An answer to what was answered meanwhile changes nothing.
	stale := url.Values{"item": {h.get(a.ID).Proposals[0].ID}}
	p = agent.Post("/audits/"+a.ID+"/do/accept-day", stale)
	if p.Status != 409 || !h.get(a.ID).On.IsZero() {
		t.Errorf("a stale answer: %d %s", p.Status, p.Words())
	}
	// Nobody but the parties' own people acts.
	for _, who := range []handlertest.Person{h.processorAdmin, h.controllerAdmin, h.stranger} {
		if p := h.SignIn(who).Get(at); p.Status == 200 {
			t.Errorf("%s can propose", who.Name)
		}
	}
}
