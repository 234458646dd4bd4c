package handlers_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// varying is what differs between any two answers: numbers, nonces, tokens, ids.
var varying = regexp.MustCompile(`[A-Z2-7]{26}|[A-Za-z0-9_-]{43}|nonce="[^"]*"`)

// TestForeignIsAsUnknown asks for what another organisation has and for what
// nobody has, by every page and call that takes an id: byte for byte the same
// answer, and in the same time. Its own people are shown it.
func TestForeignIsAsUnknown(t *testing.T) {
	w := handlertest.New(t)
	r, _ := asked(t, w)
	foreign := w.SignIn(w.Hire("Noor Jansen", w.Florist, identity.PrivacyOfficer, identity.Agent, identity.Admin))
	person := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer, identity.Agent, identity.Admin)
	own := w.SignIn(person)
	agreement, err := w.Agreements.BothRoles(t.Context(), w.Actor(person), agreements.InForce, "", 100)
	if err != nil || len(agreement.Rows) == 0 {
		t.Fatalf("agreements: %v", err)
	}
	real := map[string]string{"/requests/": r.ID, "/assists/": r.ID, "/my/": r.ID, "/audits/": r.ID, "/agreements/": agreement.Rows[0].ID, "/people/": person.Account}
	sent, same, twins := 0, 0, 0
	for _, route := range routes(t, w) {
		if route.Method != http.MethodGet || !strings.Contains(route.Path, ":id") {
			continue
		}
		for prefix, id := range real {
			at := strings.TrimPrefix(route.Path, "/api/v1")
			if !strings.HasPrefix(at, prefix) {
				continue
			}
			unknown := ledger.NewID(id[:3])
			a := foreign.Get(filled(strings.Replace(route.Path, ":id", id, 1)))
			b := foreign.Get(filled(strings.Replace(route.Path, ":id", unknown, 1)))
			if sent++; a.Status != b.Status || varying.ReplaceAllString(a.Body, "*") != varying.ReplaceAllString(b.Body, "*") {
				t.Errorf("%s: foreign %d, unknown %d\n%s\n%s", route.Path, a.Status, b.Status, a.Words(), b.Words())
				continue
			}
			if a.Status < 400 && a.Status != http.StatusSeeOther {
				t.Errorf("%s shows what is another's: %d", route.Path, a.Status)
			}
			if same++; own.Get(filled(strings.Replace(route.Path, ":id", id, 1))).Status == http.StatusOK {
				twins++
			}
		}
	}
	t.Logf("foreign and unknown: %d asked, %d answered alike; its own people were shown %d of them", sent, same, twins)
	if sent < 15 || twins < 5 {
		t.Errorf("only %d routes were tried, %d shown to their own", sent, twins)
	}
	alike(t, foreign, "/requests/"+r.ID, "/requests/"+ledger.NewID("req"))
}

// alike compares the least time of several answers: what else the machine does
// only adds to it. A busy machine is asked more often, up to 300 times: a
// difference that is real stays.
func alike(t *testing.T, c *handlertest.Client, one, other string) {
	t.Helper()
	least := map[string]time.Duration{}
	asked := 0
	apart := func() bool { return least[one] > 2*least[other] || least[other] > 2*least[one] }
	for asked < 15 || asked < 300 && apart() {
		asked++
		for _, at := range []string{one, other} {
			begin := time.Now()
			c.Get(at)
			if took := time.Since(begin); least[at] == 0 || took < least[at] {
				least[at] = took
			}
		}
	}
	t.Logf("the fastest of %d answers each: foreign %s, unknown %s", asked, least[one], least[other])
	if apart() {
		t.Errorf("the time tells foreign from unknown: %v", least)
	}
}

// TestOnlyWritableFields sends each form and call what it takes, and with it
// everything that somebody might like to be: it is passed over or refused, and
// changes nothing.
func TestOnlyWritableFields(t *testing.T) {
	w := handlertest.New(t)
	r, _ := asked(t, w)
	p := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	c := w.SignIn(p)
	wishes := map[string]string{"_id": "acc_x", "id": "acc_x", "rev": "99", "role": "operator", "roles": "operator", "organisation": w.Florist.ID, "level": "full", "realm": "staff", "email": "evil@example.org", "disabled": "false",
		"state": "closed", "desk": w.Florist.ID, "decides": "processor", "account": p.Account, "controller": w.Florist.ID, "due": "2099-01-01", "strong_at": "2099-01-01T00:00:00Z", "epoch": "0", "open": "false", "admin": "true", "pending": "[]"}
	before, err := w.Identity.Accounts.Get(t.Context(), p.Account)
	if err != nil {
		t.Fatal(err)
	}
	sent, without := 0, 0
	for at, takes := range map[string]url.Values{"/account/profile": {"name": {"Sanne Smit"}, "language": {"en"}}, "/requests/" + r.ID + "/do/take-up": {"rev": {fmt.Sprint(r.Rev)}}} {
		for name, value := range wishes {
			if takes.Get(name) == "" {
				takes.Set(name, value)
			}
		}
		if got := c.Post(at, takes); got.Status != http.StatusSeeOther {
			t.Errorf("%s: %d %s", at, got.Status, got.Words())
		}
		sent += len(wishes)
	}
	after, err := w.Identity.Accounts.Get(t.Context(), p.Account)
	if err != nil {
		t.Fatal(err)
	}
	if after.Organisation != before.Organisation || !slices.Equal(after.Roles, before.Roles) || after.Email != before.Email || after.Realm != before.Realm || after.Language != "en" {
		t.Errorf("the account became %+v", after)
	}
	is, err := w.Requests.Requests.Get(t.Context(), r.ID)
	if err != nil || is.Desk != r.Desk || is.Due != r.Due || is.Account != r.Account || is.State != "acknowledged" || !is.Open {
		t.Errorf("the request became %s at %s, due %s, open %t, %v", is.State, is.Desk, is.Due, is.Open, err)
	}
	for name, value := range wishes {
		body, err := json.Marshal(map[string]any{"email": p.Email, "password": p.Password, name: value})
		if err != nil {
			t.Fatal(err)
		}
		if name == "email" {
			continue
		}
		if sent++; call(t, w.Browser(), http.MethodPost, w.BaseURL+"/api/v1/sessions", string(body)) == http.StatusUnprocessableEntity {
			without++
		} else {
			t.Errorf("a call with the field %s is taken", name)
		}
	}
	t.Logf("unwritable fields: %d sent, none written; %d calls refused for them", sent, without)
	if call(t, w.Browser(), http.MethodPost, w.BaseURL+"/api/v1/sessions", fmt.Sprintf(`{"email":%q,"password":%q}`, p.Email, p.Password)) != http.StatusCreated {
		t.Error("the same call without them is refused")
	}
}
