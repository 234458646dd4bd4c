package web_test

import (
	"context"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// office is a world with the people who work on requests.
type office struct {
	*handlertest.World
	officer, colleague, agent, admin, stranger handlertest.Person
}

func openOffice(t *testing.T) *office {
	t.Helper()
	w := handlertest.New(t)
	return &office{World: w,
		officer:   w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer),
		colleague: w.Hire("Youssef Amrani", w.Bakery, identity.PrivacyOfficer),
		agent:     w.Hire("Joris Bakker", w.Partner, identity.Agent),
		admin:     w.Hire("Beheer Bakker", w.Bakery, identity.Admin),
		stranger:  w.Hire("Floor Bloem", w.Florist, identity.PrivacyOfficer),
	}
}

// entered is a request that came by letter an hour ago.
func (o *office) entered(t *testing.T, by handlertest.Person, controller string, rights ...requests.Right) requests.Request {
	t.Helper()
	f := requests.Filing{Organisation: by.Organisation, Controller: controller, Rights: rights, Asked: map[requests.Right]requests.Asked{}, Language: "nl",
		Person: requests.Person{Name: "Fatima el Amrani", Email: "fatima@example.org", Identifiers: "klant 4411"}}
	for _, r := range rights {
		f.Asked[r] = requests.Asked{What: "Alles over mijn bestellingen.", Into: "Dorpsstraat 12"}
	}
	r, err := o.Requests.Enter(context.Background(), o.Actor(by), ledger.NewID("req"), requests.Entry{Filing: f, Channel: requests.Letter, Received: o.Now().Add(-time.Hour)})
	if err != nil {
		t.Fatalf("enter: %v", err)
	}
	return r
}

// takenUp is a request that the officer has taken up.
func (o *office) takenUp(t *testing.T, rights ...requests.Right) requests.Request {
	t.Helper()
	r := o.entered(t, o.officer, "", rights...)
	r, err := o.Requests.TakeUp(context.Background(), o.Actor(o.officer), r.ID)
	if err != nil {
		t.Fatalf("take up: %v", err)
	}
	return r
}

// now reads the request as it is stored.
func (o *office) now(t *testing.T, id string) requests.Request {
	t.Helper()
	r, err := o.Requests.Requests.Get(context.Background(), id)
	if err != nil {
		t.Fatalf("get %s: %v", id, err)
	}
	return r
}

// filled reads the fields of a form of a page, as a browser would send them.
func filled(t testing.TB, p handlertest.Page, testid string) (string, url.Values) {
	t.Helper()
	f := p.Find(`form[data-testid="` + testid + `"]`)
	if f.Length() == 0 {
		t.Fatalf("there is no form %q; the page says: %s", testid, p.Words())
	}
	v := url.Values{}
	f.Find("input, textarea, select").Each(func(_ int, s *goquery.Selection) {
		name, value := s.AttrOr("name", ""), s.AttrOr("value", "")
		kind := s.AttrOr("type", "")
		switch {
		case name == "" || name == "csrf":
			return
		case kind == "radio" || kind == "checkbox":
			if _, on := s.Attr("checked"); !on {
				return
			}
		case s.Is("textarea"):
			value = s.Text()
		case s.Is("select"):
			value = s.Find("option[selected]").AttrOr("value", "")
		}
		v.Add(name, value)
	})
	return f.AttrOr("action", ""), v
}

// doDeed opens the page of a deed, fills its form in, and sends it.
func doDeed(t *testing.T, c *handlertest.Client, id, deed string, more ...string) handlertest.Page {
	t.Helper()
	action, v := filled(t, c.Get("/requests/"+id+"/do/"+deed).Want(t, 200), "deed")
	for i := 0; i+1 < len(more); i += 2 {
		v.Set(more[i], more[i+1])
	}
	return c.Post(action, v)
}

func says(t *testing.T, p handlertest.Page, words ...string) {
	t.Helper()
	all := p.Words()
	for _, w := range words {
		if !strings.Contains(all, w) {
			t.Errorf("the page lacks %q; it says: %s", w, all)
		}
	}
}

func hides(t *testing.T, p handlertest.Page, words ...string) {
	t.Helper()
	for _, w := range words {
		if strings.Contains(p.Body, w) {
			t.Errorf("the page shows %q", w)
		}
	}
}
