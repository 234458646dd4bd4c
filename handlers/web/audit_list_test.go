package web_test

import (
	"encoding/csv"
	"fmt"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
)

// references are those of a list, in its order.
func references(p handlertest.Page) []string {
	var all []string
	for _, s := range p.Find(`[data-testid="row"] .row-link`).EachIter() {
		all = append(all, strings.TrimSpace(s.Text()))
	}
	return all
}

func TestTheListOfAudits(t *testing.T) {
	h := newHall(t, "mpg")
	officer, agent := h.SignIn(h.officer), h.SignIn(h.agent)
	says(t, officer.Get("/audits").Want(t, 200), "Er loopt geen audit", "zodra een privacyfunctionaris", "Een audit boeken")
	says(t, agent.Get("/audits").Want(t, 200), "Er loopt geen audit", "om rapporten of informatie vraagt")
	hides(t, agent.Get("/audits"), "Een audit boeken")
	hides(t, h.SignIn(h.controllerAdmin).Get("/audits").Want(t, 200), `data-testid="book"`)

	draft := h.draft()
	asked := h.reach(h.draft().ID, audits.Precondition)
	if got := references(officer.Get("/audits")); len(got) != 2 {
		t.Errorf("the controller sees %v, want both", got)
	}
	if got := references(agent.Get("/audits")); len(got) != 1 || got[0] != asked.Reference {
		t.Errorf("the processor sees %v, want only what it was asked about", got)
	}
	says(t, officer.Get("/audits"), h.processor.Name, "Concept", "De aankondiging versturen", "voor uw kant", "Eerst vragen")

	announced := h.reach(asked.ID, audits.Announced)
	row := func(c *handlertest.Client) string { return part(c.Get("/audits"), "audits") }
	if got := row(officer); !strings.Contains(got, "Een dag voorstellen") || !strings.Contains(got, "voor beide partijen") {
		t.Errorf("the controller's list says %q", got)
	}
	h.reach(announced.ID, audits.DateAgreed)
	if got := row(agent); !strings.Contains(got, "Dag afgesproken") || !strings.Contains(got, h.Bakery.Name) || !strings.Contains(got, "2 dec 2026") {
		t.Errorf("the processor's list says %q", got)
	}
	// The one with a day stands before the one without.
	if got := references(officer.Get("/audits")); got[0] != announced.Reference {
		t.Errorf("the list is %v, want what is due first on top", got)
	}
	h.must(h.Audits.CallOff(t.Context(), h.Actor(h.officer), draft.ID, "=SOM(A1)"))
	if got := references(officer.Get("/audits?ended=1")); len(got) != 1 || got[0] != draft.Reference {
		t.Errorf("ended: %v", got)
	}
	hides(t, agent.Get("/audits?ended=1"), draft.Reference)
	hides(t, h.SignIn(h.stranger).Get("/audits"), announced.Reference)
	if tabs := officer.Get("/audits").Find("nav.tabs a").Length(); tabs != 2 {
		t.Errorf("%d tabs for one side, want running and ended", tabs)
	}
	both := h.SignIn(h.stranger).Get("/audits").Find("nav.tabs a").Length() // an officer and an agent
	if both != 4 {
		t.Errorf("%d tabs for two sides, want 4", both)
	}
}

func TestTheListToKeepAndToPrint(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.DateAgreed)
	c := h.SignIn(h.officer)
	print := c.Get("/audits?print=1").Want(t, 200)
	says(t, print, a.Reference)
	if print.Find("nav.tabs, nav.pager").Length() > 0 {
		t.Error("the list for paper has tabs or pages")
	}
	file := c.Get("/audits.csv").Want(t, 200)
	rows, err := csv.NewReader(strings.NewReader(strings.TrimPrefix(file.Body, "\ufeff"))).ReadAll()
	if err != nil || len(rows) != 2 || rows[1][0] != a.Reference || rows[1][2] != h.processor.Name {
		t.Errorf("csv: %v, %v", rows, err)
	}
	if got := rows[1][7]; got != a.On.String() {
		t.Errorf("next day %q, want %s", got, a.On)
	}
}

func TestTheListTurnsItsPages(t *testing.T) {
	h := newHall(t, "inserve")
	seen := map[string]bool{}
	for n := range 27 {
		h.must(h.Audits.Start(t.Context(), h.Actor(h.officer), "", h.agreement.ID, audits.Plan{Subject: fmt.Sprintf("Audit %d", n), Mode: audits.Remote}))
	}
	c := h.SignIn(h.officer)
	first := c.Get("/audits").Want(t, 200)
	next, ok := first.Find(`a[rel="next"]`).Attr("href")
	if !ok {
		t.Fatal("there is no next page")
	}
	for _, r := range append(references(first), references(c.Get(next).Want(t, 200))...) {
		seen[r] = true
	}
	if len(seen) != 27 {
		t.Errorf("%d audits over two pages, want 27", len(seen))
	}
}

func TestTheListOfAnAuditor(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.draft()
	h.forward(a) // asked and answered
	h.must(h.Audits.SendNotice(t.Context(), h.Actor(h.officer), a.ID))
	h.must(h.Audits.InviteAuditor(t.Context(), h.Actor(h.officer), a.ID))
	c := h.auditorClient(a.ID)
	p := c.Get("/audits").Want(t, 200)
	says(t, p, a.Reference, h.Bakery.Name, h.processor.Name, "Door u te tekenen")
	hides(t, p, "Beveiliging van de hosting", "Een audit boeken")
	c.Get("/audits/new").Want(t, 404)
}
