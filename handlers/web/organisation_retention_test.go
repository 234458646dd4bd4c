package web_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

func TestRetentionIsForThoseWhoTend(t *testing.T) {
	w := handlertest.New(t)
	at := "/organisations/" + w.Bakery.ID + "/retention"
	for name, c := range map[string]*handlertest.Client{
		"officer": w.SignIn(w.Hire("Olga", w.Bakery, identity.PrivacyOfficer)), "another's administrator": w.SignIn(w.Hire("Frits", w.Florist, identity.Admin))} {
		for _, p := range []handlertest.Page{c.Get(at), c.Get(at + "/change"), c.Post(at+"/change", form("was", "0", "days", "365", "do", "keep"))} {
			if p.Status != http.StatusNotFound {
				t.Errorf("%s is answered %d", name, p.Status)
			}
		}
	}
	operator := w.SignIn(w.Hire("Otto", identity.Organisation{Slug: "portal"}, identity.Operator))
	if p := operator.Get(at).Want(t, http.StatusOK); p.Find("a[href$='/retention/change']").Length() != 0 {
		t.Error("the operator is offered to change the period")
	}
	operator.Post(at+"/change", form("was", "0", "days", "365", "do", "keep")).Want(t, http.StatusNotFound)
	admin := w.SignIn(w.Hire("Anna", w.Bakery, identity.Admin))
	p := admin.Get(at).Want(t, http.StatusOK)
	has(t, p, "730 dagen", "Die van het portaal", "Er is niets dat zal verdwijnen")
	w.Pass(identity.StepUpAge + time.Second)
	admin.Get(at).Want(t, http.StatusOK)
	for _, p := range []handlertest.Page{admin.Get(at + "/change"), admin.Post(at+"/change", form("was", "0", "days", "365", "do", "keep"))} {
		if !strings.HasPrefix(p.Location, "/account/confirm") {
			t.Errorf("an old factor is answered %d %s", p.Status, p.Location)
		}
	}
}

// TestRetentionBeforeAndAfter ends an audit, looks at what a period would do,
// sets it, and looks again after the sweep.
func TestRetentionBeforeAndAfter(t *testing.T) {
	h := newHall(t, "mpg")
	a, plan := h.draft(), h.draft()
	if _, err := h.Audits.CallOff(t.Context(), h.Actor(h.officer), a.ID, "Niet nodig."); err != nil {
		t.Fatal(err)
	}
	h.Pass(200 * 24 * time.Hour)
	c := h.SignIn(h.Hire("Anna", h.Bakery, identity.Admin))
	at := "/organisations/" + h.Bakery.ID + "/retention"
	has(t, c.Get(at+"?of=audits").Want(t, http.StatusOK), a.Reference)
	has(t, c.Get(at+"?of=drafts").Want(t, http.StatusOK), plan.Reference, "Laatst aan gewerkt", "Een concept van een audit blijft bewaard", "365 dagen")
	if p := c.Get(at + "?of=audits"); strings.Contains(p.Text(), plan.Reference) {
		t.Error("a draft stands among what has ended")
	}
	for _, days := range []string{"179", "2558", "0", "-5", "veel", "365,5"} {
		p := c.Post(at+"/change", form("was", "0", "days", days, "do", "keep")).Want(t, http.StatusUnprocessableEntity)
		has(t, p, "Kies 180 tot 2.557 dagen")
	}
	has(t, c.Post(at+"/change", form("was", "0", "days", "365")).Want(t, http.StatusOK), "Er verdwijnt niet meteen iets")
	look := c.Post(at+"/change", form("was", "0", "days", "180")).Want(t, http.StatusOK)
	has(t, look, "0 verzoeken en 1 audit ", "730 dagen", "180 dagen")
	has(t, c.Get(at), "730 dagen") // looking changes nothing
	to(t, c.Post(at+"/change", form("was", "0", "days", "180", "do", "keep")), at)
	c.Post(at+"/change", form("was", "0", "days", "400", "do", "keep")).Want(t, http.StatusConflict)
	has(t, c.Get(at+"?of=audits"), "180 dagen", "Binnen een uur", a.Reference)
	if n, err := h.Audits.ShredEnded(t.Context(), 10); n != 1 || err != nil {
		t.Fatalf("shredded %d, %v", n, err)
	}
	if p := c.Get(at+"?of=audits").Want(t, http.StatusOK); strings.Contains(p.Text(), a.Reference) {
		t.Error("what is gone still stands in what will go")
	}
	c.Language = "en"
	has(t, c.Get(at+"?of=audits&lang=en"), "There is nothing that will go", "180 days")
}
