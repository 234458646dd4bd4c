package api_test

import (
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"reflect"
	"slices"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// actions are those of a history, sorted, refusals marked. The ledger has them
// in the order of sealing.
func actions(a answer) string {
	var all []string
	for _, e := range a.list("entries") {
		one := e.(bodyOf)["action"].(string)
		if e.(bodyOf)["outcome"] == "refused" {
			one += "!"
		}
		all = append(all, one)
	}
	slices.Sort(all)
	return strings.Join(all, " ")
}

func TestHistoryTellsEachReaderTheirs(t *testing.T) {
	w := handlertest.New(t)
	officer := newCaller(t, w).signIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	admin := newCaller(t, w).signIn(w.Hire("Hendrik Mulder", w.Bakery, identity.Admin))
	stranger := newCaller(t, w).signIn(w.Hire("Kwame Boateng", w.Florist, identity.PrivacyOfficer))
	me, id := filed(t, w, "korenaar", asking())
	at := "/requests/" + id
	officer.do("GET", at, nil).want(t, 200)
	officer.do("POST", at+"/take-up", bodyOf{}).want(t, 200)
	officer.do("POST", at+"/notes", bodyOf{"text": "Gebeld."}).want(t, 201)
	stranger.do("GET", at+"/history", nil).problem(t, 404, "not_found")
	if got := actions(officer.do("GET", at+"/history", nil).want(t, 200)); got == "" || !strings.Contains(got, "request.note") {
		t.Errorf("what waits to be sealed is not told: %s", got)
	}
	w.Drain()
	desk := officer.do("GET", at+"/history", nil).want(t, 200)
	for reader, want := range map[string]struct{ got, want string }{
		"the desk":          {actions(desk), "request.acknowledge request.confirm request.file request.note request.read request.read!"},
		"the administrator": {actions(admin.do("GET", at+"/history", nil).want(t, 200)), "request.acknowledge request.confirm"},
		"the data subject":  {actions(me.do("GET", "/my/requests/"+id+"/history", nil).want(t, 200)), "request.acknowledge request.confirm"},
	} {
		if want.got != want.want {
			t.Errorf("%s is told %s, want %s", reader, want.got, want.want)
		}
	}
	if mine := me.do("GET", "/my/requests/"+id+"/history", nil).want(t, 200); strings.Contains(mine.raw, "acc_") || strings.Contains(mine.raw, `"data"`) {
		t.Errorf("the data subject is told which colleague it was: %s", mine.raw)
	}
	proven(t, officer, desk)
	var seen []any
	for path := at + "/history?limit=2"; path != ""; {
		page := officer.do("GET", path, nil).want(t, 200)
		seen, path = append(seen, page.list("entries")...), ""
		if next, ok := page.body["next"].(float64); ok {
			path = fmt.Sprintf("%s/history?limit=2&after=%.0f", at, next)
		}
	}
	if !reflect.DeepEqual(seen, desk.list("entries")) {
		t.Errorf("page by page: %v", seen)
	}
}

// proven holds each entry of a history against the ledger's own proof of it.
func proven(t *testing.T, c *caller, history answer) {
	t.Helper()
	for _, e := range history.list("entries") {
		entry := e.(bodyOf)
		data, err := base64.StdEncoding.DecodeString(entry["data"].(string))
		if err != nil {
			t.Fatal(err)
		}
		leaf := sha256.Sum256(append([]byte{0}, data...))
		proof := c.do("GET", fmt.Sprintf("/ledger/entries/%.0f/proof", entry["number"]), nil).want(t, 200)
		if proof.str("leaf") != base64.StdEncoding.EncodeToString(leaf[:]) {
			t.Errorf("entry %v: its bytes are not what the ledger proves", entry["number"])
		}
	}
}

func TestNoticesOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	officer := newCaller(t, w).signIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	admin := newCaller(t, w).signIn(w.Hire("Hendrik Mulder", w.Bakery, identity.Admin))
	me, id := filed(t, w, "korenaar", asking())
	w.Compose()
	sent := officer.do("GET", "/requests/"+id+"/notices", nil).want(t, 200)
	if len(sent.list("notices")) == 0 || sent.str("notices", "0", "to") != "Fatima el Amrani" || sent.str("notices", "0", "blocks", "0", "kind") == "" {
		t.Errorf("notices: %s", sent.raw)
	}
	if mine := me.do("GET", "/my/requests/"+id+"/notices", nil).want(t, 200); mine.raw != sent.raw {
		t.Errorf("the person and the desk read different letters: %s", mine.raw)
	}
	admin.do("GET", "/requests/"+id+"/notices", nil).problem(t, 403, "forbidden")
	if at := me.do("GET", "/my/requests/"+id+"/recourse", nil).want(t, 200); at.str("name") != "Autoriteit Persoonsgegevens" || at.str("court") == "" {
		t.Errorf("recourse: %s", at.raw)
	}
	if got := w.Events(id); got[len(got)-1] != "request.read" {
		t.Errorf("reading letters left no entry: %v", got)
	}
}

func TestAFormGoesOnElsewhere(t *testing.T) {
	w := handlertest.New(t)
	c := newCaller(t, w)
	c.do("POST", "/filing", bodyOf{"organisation": "korenaar"}).want(t, 201)
	c.do("POST", "/filing/later", nil).problem(t, 422, "invalid")
	c.do("PUT", "/filing", asking()).want(t, 200)
	c.do("POST", "/filing/later", nil).want(t, 202)
	link := w.LastLetter("fatima@example.org", "resume").Data["link"]
	other := newCaller(t, w)
	other.do("POST", "/filing/resume", bodyOf{"token": "x"}).problem(t, 404, "not_found")
	other.do("GET", "/filing", nil).problem(t, 410, "gone")
	got := other.do("POST", "/filing/resume", bodyOf{"token": link[strings.LastIndex(link, "/")+1:]}).want(t, 200)
	if got.str("text", "person", "email") != "fatima@example.org" {
		t.Errorf("the form: %s", got.raw)
	}
	newCaller(t, w).do("POST", "/filing/resume", bodyOf{"token": link[strings.LastIndex(link, "/")+1:]}).problem(t, 410, "gone")
	other.do("POST", "/filing/send", nil).want(t, 202)
}
