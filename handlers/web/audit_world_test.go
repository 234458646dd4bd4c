package web_test

import (
	"os"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/identity"
)

// hall is a portal with one agreement between the bakery and a processor, and
// everybody who has to do with audits under it.
type hall struct {
	*handlertest.World
	processor                                       identity.Organisation
	agreement                                       agreements.Agreement
	officer, controllerAdmin, agent, processorAdmin handlertest.Person
	stranger                                        handlertest.Person
	auditor                                         identity.Actor                // once invited
	auditors                                        map[string]handlertest.Person // who have an account, by address
}

// harbour is an invented agreement that no preset is like.
const harbour = "harbour-data"

func harbourTerms(t *testing.T) string {
	t.Helper()
	raw, err := os.ReadFile("../../services/agreements/testdata/harbour.yaml")
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

// newHall is a portal with one agreement: of a preset, or harbour.
func newHall(t *testing.T, preset string) *hall {
	t.Helper()
	h := &hall{World: handlertest.New(t)}
	h.processor = h.Organisation("Rekenkracht", "rekenkracht")
	if preset == harbour {
		h.agreement = h.AgreeOn(harbourTerms(t), h.Bakery, h.processor)
	} else {
		h.agreement = h.Agree(preset, h.Bakery, h.processor)
	}
	h.officer = h.Hire("Sanne de Vries", h.Bakery, identity.PrivacyOfficer)
	h.controllerAdmin = h.Hire("Karel Bakker", h.Bakery, identity.Admin)
	h.agent = h.Hire("Tom Jansen", h.processor, identity.Agent)
	h.processorAdmin = h.Hire("Ria Smit", h.processor, identity.Admin)
	h.stranger = h.Hire("Vera Veen", h.Florist, identity.PrivacyOfficer, identity.Agent, identity.Admin)
	return h
}

func truth(b bool) *bool { return &b }

// must fails the test when a step was refused.
func (h *hall) must(a audits.Audit, err error) audits.Audit {
	h.T.Helper()
	if err != nil {
		h.T.Fatalf("refused: %v", err)
	}
	return a
}

func (h *hall) get(id string) audits.Audit {
	h.T.Helper()
	a, err := h.Audits.Audits.Get(h.T.Context(), id)
	if err != nil {
		h.T.Fatal(err)
	}
	return a
}

// draft is an audit in order under every agreement, with an auditor.
func (h *hall) draft() audits.Audit {
	h.T.Helper()
	ctx, by := h.T.Context(), h.Actor(h.officer)
	a := h.must(h.Audits.Start(ctx, by, "", h.agreement.ID, audits.Plan{Subject: "Beveiliging van de hosting", Mode: audits.OnSite, BreachIndicated: truth(true), Why: "Een melding van een datalek.",
		Notice: audits.NoticeText{Method: "Interviews en inzage in logboeken", Auditor: "R. Jansen RE", Information: "Logboeken", Locations: "Vianen", Arguments: "Het rapport zegt niets over back-ups."}}))
	return h.must(h.Audits.AppointAuditor(ctx, by, a.ID, audits.AuditorDetails{Person: audits.AuditorPerson{Name: "Rik Jansen", Email: "rik@auditors.example", Firm: "Jansen Audit", Register: "RE 1234", Language: "nl"},
		Independent: truth(true), RegisterEDP: truth(true), ICTExpert: truth(true), BoundToSecrecy: truth(true)}))
}

// reach brings an audit up to a stage, everybody doing what they have to. The
// auditor is invited and has signed as soon as the notice is out.
func (h *hall) reach(id string, stage audits.Stage) audits.Audit {
	h.T.Helper()
	for range 20 {
		a := h.get(id)
		if a.Stage == stage {
			return a
		}
		h.forward(a)
	}
	h.T.Fatalf("%s was not reached", stage)
	return audits.Audit{}
}

// audited is a new audit brought up to a stage.
func (h *hall) audited(stage audits.Stage) audits.Audit {
	h.T.Helper()
	return h.reach(h.draft().ID, stage)
}

func (h *hall) forward(a audits.Audit) {
	h.T.Helper()
	ctx, s, id := h.T.Context(), h.Audits, a.ID
	officer, agent := h.Actor(h.officer), h.Actor(h.agent)
	switch a.Stage {
	case audits.Draft:
		a = h.must(s.AskBefore(ctx, officer, id, audits.Inquire{Kind: audits.ExistingReports, Text: "Welke rapporten zijn er?"}))
		a = h.must(s.AnswerInquiry(ctx, agent, id, a.Inquiries[0].ID, audits.Supplied{Text: "Zie het ISO-rapport."}))
		h.must(s.AssessReports(ctx, officer, id, a.Inquiries[0].ID, audits.Inconclusive, "Het zegt niets over back-ups."))
	case audits.Precondition:
		h.must(s.SendNotice(ctx, officer, id))
		h.sign(id)
	case audits.Announced:
		a = h.must(s.ProposeDay(ctx, officer, id, audits.DayProposal{Day: h.earliest(a)}))
		h.must(s.AcceptDay(ctx, agent, id, a.Proposals[0].ID))
	case audits.DateAgreed:
		h.goTo(a.On)
		h.must(s.Commence(ctx, h.Actor(h.officer), id))
	case audits.UnderWay:
		h.must(s.Find(ctx, h.auditor, id, audits.FindingText{Grade: audits.Minor, Clause: "6.2", Title: "Logboek", Text: "Niet elke inzage staat in het logboek."}))
		h.must(s.ShareReport(ctx, h.auditor, id, "Eén bevinding."))
	case audits.Reported:
		h.must(s.CommentReport(ctx, agent, id, "Geen opmerkingen."))
		h.must(s.OpenReview(ctx, officer, id))
	case audits.InReview:
		for _, f := range a.Findings {
			h.must(s.Hold(ctx, officer, id, f.ID, audits.Agrees, ""))
			h.must(s.Hold(ctx, agent, id, f.ID, audits.AgreesPartly, "Alleen bij beheerders."))
		}
		h.must(s.EndReview(ctx, officer, id))
	case audits.Improving:
		h.must(s.SettleCosts(ctx, agent, id))
	case audits.Settled:
		h.must(s.Finish(ctx, officer, id))
	default:
		h.T.Fatalf("%s is the end", a.Stage)
	}
}

// earliest is the first working day that the agreement allows.
func (h *hall) earliest(a audits.Audit) deadlines.Date {
	h.T.Helper()
	j, err := h.Audits.Judge(h.T.Context(), h.Actor(h.officer), a)
	if err != nil {
		h.T.Fatal(err)
	}
	day := j.EarliestWorkingDay
	if day.IsZero() {
		day = deadlines.DateOf(h.Now(), time.UTC).AddDays(1)
	}
	return day
}

// goTo moves the clock to noon of a day that lies ahead. Sessions end on the way.
func (h *hall) goTo(day deadlines.Date) {
	h.Pass(time.Date(day.Year, day.Month, day.Day, 12, 0, 0, 0, time.UTC).Sub(h.Now()))
}

// sign invites the auditor, who signs.
func (h *hall) sign(id string) {
	h.T.Helper()
	ctx := h.T.Context()
	a := h.must(h.Audits.InviteAuditor(ctx, h.Actor(h.officer), id))
	h.auditor = identity.Actor{Account: a.Access, Roles: []identity.Role{identity.Auditor}, Level: identity.Full, StrongAt: h.Now(), Language: "nl"}
	text, err := h.Audits.Undertaking(ctx, h.auditor, a, "nl")
	if err != nil {
		h.T.Fatal(err)
	}
	h.must(h.Audits.SignUndertaking(ctx, h.auditor, id, audits.Signature{Name: "Rik Jansen", Version: text.Version, Language: "nl", Agrees: true}))
}

// auditorClient is the auditor who was invited to the audit, signed in: the
// first time by the link in the mail, with a password and an app; later as
// anybody else.
func (h *hall) auditorClient(id string) *handlertest.Client {
	h.T.Helper()
	story, err := h.Audits.Tell(h.T.Context(), h.Actor(h.officer), h.get(id))
	if err != nil {
		h.T.Fatal(err)
	}
	email := story.Auditor.Email
	if p, known := h.auditors[email]; known {
		return h.SignIn(p)
	}
	c, p := h.Browser(), handlertest.Person{Name: story.Auditor.Name, Email: email, Password: "vuurtoren grasmat violier", Roles: []identity.Role{identity.Auditor}}
	link := path(h.T, h.World, h.LastLetter(email, "invitation"))
	c.Get(link).Want(h.T, 200)
	to(h.T, c.Post(link, form("name", p.Name, "password", p.Password, "language", "nl")), "/sign-in/enrol")
	setup := c.Post("/account/authenticator", nil).Want(h.T, 303).Location
	page := c.Get(setup).Want(h.T, 200)
	p.Secret = strings.ReplaceAll(page.Find("[data-testid=secret]").Text(), " ", "")
	ceremony, _ := page.Find("input[name=setup]").Attr("value")
	done := c.Post("/account/authenticator/confirm", form("setup", ceremony, "code", h.Code(p))).Want(h.T, 200)
	if href, _ := done.Find(".buttons a").Attr("href"); href != "/audits" {
		h.T.Fatalf("after enrolling the auditor goes on to %q", href)
	}
	if h.auditors == nil {
		h.auditors = map[string]handlertest.Person{}
	}
	h.auditors[email] = p
	return c
}

// TestAuditPageOfEachStage shows the page of an audit to both sides at every
// stage, and to nobody else.
func TestAuditPageOfEachStage(t *testing.T) {
	h := newHall(t, "mpg")
	id := h.draft().ID
	for _, stage := range audits.Stages() {
		if stage == audits.Cancelled {
			continue
		}
		h.reach(id, stage)
		h.SignIn(h.officer).Get("/audits/"+id).Want(t, 200)
		processor := h.SignIn(h.agent).Get("/audits/" + id)
		if stage == audits.Draft {
			processor.Want(t, 404)
		} else {
			processor.Want(t, 200)
		}
		h.SignIn(h.stranger).Get("/audits/"+id).Want(t, 404)
	}
	if !slices.Contains(h.Events(id), "audit.close") {
		t.Errorf("the audit was not closed: %v", h.Events(id))
	}
}
