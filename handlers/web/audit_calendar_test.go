package web_test

import (
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// TestCalendarMonth shows both sides and the auditor the day of their audit in
// its month, and nobody else.
func TestCalendarMonth(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.DateAgreed)
	month := "/calendar?month=" + a.On.String()[:7]
	cell := `[data-testid=day][data-day="` + a.On.String() + `"]`
	for who, c := range map[string]*handlertest.Client{"the officer": h.SignIn(h.officer), "the processor's agent": h.SignIn(h.agent),
		"the administrator": h.SignIn(h.controllerAdmin), "the auditor": h.auditorClient(a.ID)} {
		p := c.Get(month).Want(t, 200)
		day := p.Find(cell)
		if !strings.Contains(day.Text(), a.Reference) || day.Find("a").AttrOr("href", "") != "/audits/"+a.ID {
			t.Errorf("%s sees on the day: %s", who, day.Text())
		}
		list := c.Get("/calendar?view=list&from="+a.On.AddDays(-5).String()).Want(t, 200)
		if !strings.Contains(list.Find(cell).Text(), a.Reference) {
			t.Errorf("%s sees in the list: %s", who, list.Words())
		}
	}
	p := h.SignIn(h.stranger).Get(month).Want(t, 200)
	if strings.Contains(p.Words(), a.Reference) || p.Find("[data-testid=empty]").Length() != 1 {
		t.Errorf("a stranger sees: %s", p.Words())
	}
	if p := h.Browser().Get("/calendar"); p.Status != 303 {
		t.Errorf("nobody: %d", p.Status)
	}
}

// TestCalendarGrid reads the shape of a month.
func TestCalendarGrid(t *testing.T) {
	h := newHall(t, "mpg")
	c := h.SignIn(h.officer)
	p := c.Get("/calendar?month=2026-12").Want(t, 200)
	if got := p.Find(".month thead th").First().Text(); got != "maandag" {
		t.Errorf("the week begins on %s", got)
	}
	if n := p.Find(".month [data-testid=day]").Length(); n != 35 {
		t.Errorf("%d days, want five weeks", n)
	}
	if first := p.Find(".month [data-testid=day]").First().AttrOr("data-day", ""); first != "2026-11-30" {
		t.Errorf("it begins on %s", first)
	}
	if text := p.Find(`[data-day="2026-12-25"]`).Text(); !strings.Contains(text, "Eerste Kerstdag") {
		t.Errorf("25 December: %s", text)
	}
	for id, want := range map[string]string{"before": "/calendar?month=2026-11", "after": "/calendar?month=2027-01", "to-today": "/calendar?month=2026-11"} {
		if got := p.Find("[data-testid="+id+"]").AttrOr("href", ""); got != want {
			t.Errorf("%s leads to %s, want %s", id, got, want)
		}
	}
	if p.Find(".month caption").Text() != "december 2026" || p.Find("[aria-current=date]").Length() != 0 {
		t.Errorf("the month: %s", p.Find(".month caption").Text())
	}
	for _, nonsense := range []string{"", "?month=2026-13", "?month=9999-01", "?month=<b>", "?month=0000-00", "?view=grid&month=2026-1-1"} {
		p := c.Get("/calendar"+nonsense).Want(t, 200)
		if today := p.Find("[aria-current=date]"); today.AttrOr("data-day", "") != "2026-11-17" || !strings.Contains(today.Text(), "Vandaag") {
			t.Errorf("%q shows another month: %s", nonsense, p.Find("caption").Text())
		}
	}
	if p := c.Get("/calendar?view=list&from=nonsense").Want(t, 200); !strings.Contains(p.Words(), "17 november 2026") {
		t.Errorf("the list of nonsense: %s", p.Words())
	}
	// A month that begins on a Monday and ends on a Sunday has no days beside it.
	if p := c.Get("/calendar?month=2027-02").Want(t, 200); p.Find(".day-out").Length() != 0 || p.Find("[data-testid=day]").Length() != 28 {
		t.Errorf("february 2027: %d days", p.Find("[data-testid=day]").Length())
	}
}

// TestCalendarOfRequests shows staff on which days requests are due, and the
// auditor nothing of them.
func TestCalendarOfRequests(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.DateAgreed)
	o := &office{World: h.World, officer: h.officer}
	r := o.takenUp(t, requests.Access)
	asked, err := h.Requests.Seek(t.Context(), h.Actor(h.officer), r.ID, ledger.NewID("ast"), requests.Help{Processor: h.processor.ID, Right: requests.Access, Question: "Zoek klant 4411."})
	if err != nil {
		t.Fatal(err)
	}
	list := "/calendar?view=list"
	if p := h.SignIn(h.officer).Get(list); p.Find("[data-kind=request] a").AttrOr("href", "") != "/requests/"+r.ID || p.Find("[data-kind=assist]").Length() != 0 {
		t.Errorf("the officer sees: %s", p.Words())
	}
	p := h.SignIn(h.agent).Get(list)
	if p.Find("[data-kind=assist] a").AttrOr("href", "") != "/assists/"+asked.ID || p.Find("[data-kind=request]").Length() != 0 {
		t.Errorf("the agent sees: %s", p.Words())
	}
	if strings.Contains(p.Body, "4411") {
		t.Error("the calendar shows content")
	}
	for _, c := range []*handlertest.Client{h.SignIn(h.stranger), h.auditorClient(a.ID)} {
		if p := c.Get(list); strings.Contains(p.Body, r.Reference) {
			t.Errorf("somebody else sees: %s", p.Words())
		}
	}
}
