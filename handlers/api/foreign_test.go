package api_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// unnumbered is an answer without the number of its request.
func unnumbered(t *testing.T, a answer) string {
	t.Helper()
	delete(a.body, "request_id")
	raw, err := json.Marshal(a.body)
	if err != nil {
		t.Fatal(err)
	}
	return a.kind + " " + string(raw)
}

// own is what an organisation has that others must not see.
type own struct{ request, assist, agreement, account, invitation, file string }

// calls are all calls on an object, with bodies that would do.
func calls(w *handlertest.World, o own) []struct {
	method, path string
	body         any
} {
	type call = struct {
		method, path string
		body         any
	}
	r, h := "/requests/"+o.request, "/assists/"+o.assist
	return []call{
		{"GET", r, nil}, {"GET", r + "/helpers?right=access", nil}, {"GET", r + "/history", nil}, {"GET", r + "/notices", nil}, {"GET", r + "/proposals", nil}, {"GET", r + "/files/" + o.file, nil}, {"DELETE", r + "/files/" + o.file, nil},
		{"POST", r + "/take-up", bodyOf{}}, {"POST", r + "/assign", bodyOf{"colleague": ""}}, {"POST", r + "/notes", bodyOf{"text": "x"}},
		{"POST", r + "/identity/ask", bodyOf{"reason": "x", "least": "x"}}, {"POST", r + "/identity/settle", bodyOf{"enough": true}},
		{"POST", r + "/extend", bodyOf{"months": 1, "grounds": []string{"complexity"}, "reasons": "x"}}, {"POST", r + "/direct", bodyOf{"controller": w.Bakery.ID}},
		{"POST", r + "/misdirect", bodyOf{"where": "x"}}, {"POST", r + "/merge", bodyOf{"reference": "x"}}, {"POST", r + "/separate", bodyOf{"reference": "x"}}, {"POST", r + "/hand-back", bodyOf{"reason": "x"}}, {"POST", r + "/withdraw", bodyOf{}}, {"POST", r + "/close", bodyOf{}},
		{"POST", r + "/decide", bodyOf{"right": "access", "outcome": "granted"}}, {"POST", r + "/recipients", bodyOf{"right": "erasure", "recipient": 0, "result": "told"}},
		{"POST", r + "/release", bodyOf{}}, {"POST", r + "/deliver-outside", bodyOf{"way": "post", "proof": "x"}}, {"POST", r + "/renew", bodyOf{}},
		{"POST", r + "/assists", bodyOf{"processor": w.Partner.ID, "right": "access", "question": "x"}},
		{"GET", h, nil}, {"POST", h + "/cancel", nil}, {"POST", h + "/answer", bodyOf{"outcome": "nothing_found"}}, {"GET", h + "/files/" + o.file, nil},
		{"DELETE", h + "/files/" + o.file, nil}, {"POST", h + "/files/" + o.file + "/use", nil},
		{"GET", "/agreements/" + o.agreement, nil}, {"GET", "/agreements/" + o.agreement + "/compare?from=1&to=1", nil},
		{"POST", "/agreements/" + o.agreement + "/versions", bodyOf{"from": "2027-01-01", "source": "key: x"}}, {"POST", "/agreements/" + o.agreement + "/end", bodyOf{"until": "2027-12-31"}},
		{"GET", "/people/" + o.account, nil}, {"PUT", "/people/" + o.account + "/roles", bodyOf{"roles": []string{"agent"}}}, {"POST", "/people/" + o.account + "/disable", nil},
		{"POST", "/people/" + o.account + "/enable", nil}, {"POST", "/people/" + o.account + "/reset", nil}, {"DELETE", "/invitations/" + o.invitation, nil},
	}
}

// TestForeignIsUnknown asks for what is there but somebody else's, and for what
// is not there, and holds both answers byte for byte against each other.
func TestForeignIsUnknown(t *testing.T) {
	w := handlertest.New(t)
	roles := []identity.Role{identity.PrivacyOfficer, identity.Agent, identity.Admin}
	mine := newCaller(t, w).signIn(w.Hire("Sanne de Vries", w.Bakery, roles...))
	colleague := w.Hire("Joris Bakker", w.Bakery, identity.PrivacyOfficer)
	o := own{request: mine.do("POST", "/requests", entering(w)).want(t, 201).str("id"), account: colleague.Account}
	mine.do("POST", "/requests/"+o.request+"/take-up", bodyOf{}).want(t, 200)
	o.file = mine.send("/requests/"+o.request+"/files", "data.json", []byte(`{}`)).want(t, 201).str("id")
	o.assist = mine.do("POST", "/requests/"+o.request+"/assists", bodyOf{"processor": w.Partner.ID, "right": "access", "question": "x"}).want(t, 201).str("id")
	o.agreement = mine.do("GET", "/agreements", nil).want(t, 200).str("agreements", "0", "id")
	o.invitation = mine.do("POST", "/invitations", bodyOf{"name": "Piet Smit", "email": "piet@example.org", "roles": []string{"agent"}}).want(t, 201).str("id")
	stranger := newCaller(t, w).signIn(w.Hire("Kwame Boateng", w.Florist, roles...))
	unknown := own{request: "req_AAAAAAAAAAAAAAAAAAAAAAAAAA", assist: "ast_AAAAAAAAAAAAAAAAAAAAAAAAAA", agreement: "agr_AAAAAAAAAAAAAAAAAAAAAAAAAA", account: "acc_AAAAAAAAAAAAAAAAAAAAAAAAAA",
		invitation: "inv_AAAAAAAAAAAAAAAAAAAAAAAAAA", file: "fil_AAAAAAAAAAAAAAAAAAAAAAAAAA"}
	before := mine.do("GET", "/requests/"+o.request, nil).want(t, 200)
	foreign, none := calls(w, o), calls(w, unknown)
	for i, c := range foreign {
		a, b := stranger.do(c.method, c.path, c.body), stranger.do(none[i].method, none[i].path, none[i].body)
		if x, y := unnumbered(t, a), unnumbered(t, b); a.status != b.status || x != y || a.status != http.StatusNotFound && a.status != http.StatusUnprocessableEntity {
			t.Errorf("%s %s\n foreign %d %s\n unknown %d %s", c.method, none[i].path, a.status, x, b.status, y)
		}
	}
	after := mine.do("GET", "/requests/"+o.request, nil).want(t, 200)
	before.body["clock"], after.body["clock"] = nil, nil
	if unnumbered(t, before) != unnumbered(t, after) {
		t.Errorf("a stranger changed something:\n%s\n%s", before.raw, after.raw)
	}
	if p := mine.do("GET", "/people/"+colleague.Account, nil).want(t, 200); p.body["disabled"] != false || p.str("roles", "0") != "privacy_officer" {
		t.Errorf("a stranger changed a person: %s", p.raw)
	}
	if q := stranger.do("GET", "/requests", nil).want(t, 200); len(q.list("requests")) != 0 {
		t.Errorf("a stranger's queue: %s", q.raw)
	}
	for _, text := range []string{before.str("request", "reference"), "fatima@example.org"} {
		if s := stranger.do("POST", "/requests/search", bodyOf{"text": text}).want(t, 200); len(s.list("requests")) != 0 {
			t.Errorf("a stranger finds: %s", s.raw)
		}
		if s := mine.do("POST", "/requests/search", bodyOf{"text": text}).want(t, 200); len(s.list("requests")) != 1 {
			t.Errorf("the desk does not find: %s", s.raw)
		}
	}
	t.Logf("%d calls: foreign answers as unknown", len(foreign))
}

// TestSubjectsSeeTheirOwn tries another person's request on the routes for data subjects.
func TestSubjectsSeeTheirOwn(t *testing.T) {
	w := handlertest.New(t)
	me, id := filed(t, w, "korenaar", asking())
	text := asking()
	text["person"] = bodyOf{"name": "Iemand anders", "email": "ander@example.org"}
	other := newCaller(t, w)
	other.do("POST", "/filing", bodyOf{"organisation": w.Bakery.ID}).want(t, 201)
	other.do("PUT", "/filing", text).want(t, 200)
	other.do("POST", "/filing/send", nil).want(t, 202)
	other.do("POST", "/filing/confirm", bodyOf{"code": w.LastLetter("ander@example.org", "code").Data["code"]}).want(t, 200)
	const unknown = "req_AAAAAAAAAAAAAAAAAAAAAAAAAA"
	for _, c := range []struct {
		method, path string
		body         any
		mine         int
	}{
		{"GET", "", nil, 200}, {"GET", "/history", nil, 200}, {"GET", "/notices", nil, 200}, {"GET", "/recourse", nil, 200}, {"POST", "/additions", bodyOf{"text": "Ook mijn foto's."}, 201}, {"POST", "/identity", bodyOf{"reply": "Klant 12."}, 409},
		{"POST", "/renew", bodyOf{}, 409}, {"POST", "/withdraw", bodyOf{}, 200},
	} {
		a, b := other.do(c.method, "/my/requests/"+id+c.path, c.body), other.do(c.method, "/my/requests/"+unknown+c.path, c.body)
		a.problem(t, 404, "not_found")
		if unnumbered(t, a) != unnumbered(t, b) {
			t.Errorf("%s %s: %s, but unknown is %s", c.method, c.path, a.raw, b.raw)
		}
		me.do(c.method, "/my/requests/"+id+c.path, c.body).want(t, c.mine)
	}
	events := w.Events(id)
	for _, want := range []string{"request.read refused", "request.add refused", "request.answer_identity refused", "request.renew refused", "request.withdraw refused"} {
		if !slices.Contains(events, want) {
			t.Errorf("%s left no entry: %v", want, events)
		}
	}
}
