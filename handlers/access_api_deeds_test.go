package handlers_test

import (
	"encoding/json"
	"net/http"
	"path"
	"strings"
	"testing"
	"time"

	"inzage/handlers/access"
	"inzage/handlers/api"
	"inzage/services/agreements"
	"inzage/services/evidence"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// deeds makes the calls that change something, each once, by somebody who may.
type deeds struct {
	*wire
	rows map[string]access.Row
	done map[string]bool
}

type bodyOf = map[string]any

// does makes a call that the table lets somebody make: it succeeds, and leaves
// the entry of its row once, or none. values fill the address; it returns what
// the answer holds under the name "id".
func (d *deeds) does(who, route string, body any, values ...string) (id string) {
	d.t.Helper()
	return d.as(d.who(who), route, body, values...)
}

func (d *deeds) as(s *somebody, route string, body any, values ...string) (id string) {
	d.t.Helper()
	method, pattern, _ := strings.Cut(route, " ")
	row, ok := d.rows[method+" "+api.Base+pattern]
	if !ok {
		d.t.Fatalf("there is no %s", route)
	}
	// How they stand is another matter: most objects below are new.
	if x := (try{row, "", nil, true}); !x.permits(s) {
		d.t.Fatalf("the table does not let %s %s", s.name, route)
	}
	size := d.sealed()
	a := d.send(s, s.tokens[row.Scope], method, api.Base+written(pattern, values), d.raw(body), kindOf(body))
	if a.status < 200 || a.status > 299 {
		d.t.Fatalf("%s as %s: %d %s", route, s.name, a.status, a.body)
	}
	d.left(row, size)
	d.done[row.Name()] = true
	var made bodyOf
	_ = json.Unmarshal([]byte(a.body), &made) // some answer with nothing
	id, _ = made["id"].(string)
	return id
}

// left holds what a deed left since a size of the ledger against its row. The
// portal's own acts that follow from it are not counted.
func (d *deeds) left(row access.Row, size int64) {
	d.t.Helper()
	found, _ := d.since(size)
	var all []string
	named := 0
	for _, e := range found {
		if e.Event.Outcome != ledger.Done {
			d.t.Errorf("%s left a refusal %s", row.Name(), e.Event.Action)
		}
		if e.Event.Actor != ledger.SystemActor {
			all = append(all, e.Event.Action)
		}
		if e.Event.Action == row.Entry {
			named++
		}
	}
	several := row.Entry == evidence.Send && named > 0 // one for each letter
	if row.Entry == "" && len(all) > 0 || row.Entry != "" && named != 1 && !several {
		d.t.Errorf("%s left %v, want one %q", row.Name(), all, row.Entry)
	}
}

func (d *deeds) raw(body any) []byte {
	d.t.Helper()
	switch b := body.(type) {
	case nil:
		return nil
	case string:
		return []byte(b)
	}
	raw, err := json.Marshal(body)
	return must(d.t, raw, err)
}

// kindOf is the type of a body: text is a file.
func kindOf(body any) string {
	if _, file := body.(string); file {
		return octets
	}
	return "application/json"
}

// written fills the parameters of a pattern in, in their order.
func written(pattern string, values []string) string {
	parts := strings.Split(pattern, "/")
	for i, p := range parts {
		if strings.HasPrefix(p, ":") && len(values) > 0 {
			parts[i], values = values[0], values[1:]
		}
	}
	return strings.Join(parts, "/")
}

// byLetter is a request that came by letter, about one right.
func byLetter(right string, w *wire) bodyOf {
	return bodyOf{"items": []bodyOf{{"right": right, "what": "Alles over mijn bestellingen.", "into": "Dorpsstraat 12"}}, "person": bodyOf{"name": "Jan Brief", "email": "jan@example.org"},
		"language": "nl", "channel": "letter", "received": w.Now().Add(-time.Hour).Format(time.RFC3339)}
}

// TestDeedsOfTheAPI is the allowed twin of every refused call that changes
// something: somebody whom the table lets makes it, and it leaves its entry. What
// is done at length elsewhere is named below, and is there.
func TestDeedsOfTheAPI(t *testing.T) {
	d := &deeds{newWire(t), access.Of(api.Rows()), map[string]bool{}}
	d.filing()
	d.desk()
	d.help()
	d.mine()
	d.agreements()
	d.house()
	elsewhere := map[string]int{}
	for name, row := range d.rows {
		if row.Method == http.MethodGet || d.done[name] {
			continue
		}
		where := d.elsewhere(name)
		if where == "" {
			t.Errorf("nobody who may %s is seen to", name)
			continue
		}
		elsewhere[where]++
	}
	for where := range elsewhere {
		if !exists(t, where) {
			t.Errorf("%s is not there", where)
		}
	}
	t.Logf("%d calls that change something made here by those who may; elsewhere: %v", len(d.done), elsewhere)
}

// elsewhere names the test that makes a call by those who may: the one with
// the longest beginning of its route.
func (d *deeds) elsewhere(name string) (test string) {
	call, best := strings.ReplaceAll(name, api.Base, ""), ""
	for where, routes := range madeElsewhere {
		for _, at := range routes {
			if strings.HasPrefix(call, at) && len(at) > len(best) {
				test, best = where, at
			}
		}
	}
	return test
}

// madeElsewhere are the tests that go a whole way through calls, by the
// beginnings of their routes.
var madeElsewhere = map[string][]string{
	"api/audits_test.go TestAWholeAuditByJSON":                    {"POST /audits", "DELETE /audits/"},
	"api/passkeys_test.go TestPasskeysOverTheAPI":                 {"POST /sessions/passkey", "POST /sessions/current/passkey", "POST /account/passkeys", "PUT /account/passkeys/", "DELETE /account/passkeys/"},
	"api/account_test.go TestOwnAccount":                          {"PUT /account", "DELETE /account/sessions"},
	"api/account_test.go TestPasswordAndFactorsOverTheAPI":        {"PUT /account/password", "POST /account/recovery", "POST /account/authenticator", "POST /sessions/recovery"},
	"api/ledger_keepers_test.go TestKeepersOfEvidence":            {"POST /ledger/dispatches"},
	"api/organisations_retention_test.go TestRetentionOverTheAPI": {"PUT /organisations/:organisation/retention"},
	"api/entrances_test.go TestForgottenPasswordOverTheAPI":       {"POST /password/"},
	"api/entrances_test.go TestInvitationOverTheAPI":              {"POST /invitations/open", "POST /invitations/accept", "POST /invitations/join"},
	"api/entrances_test.go TestEnrolmentLinkOverTheAPI":           {"POST /links/enrolment"},
	"api/entrances_test.go TestSubjectsBindAFactor":               {"POST /account/password", "POST /sessions/password"},
}

func (d *deeds) filing() {
	me := &somebody{name: "filer", client: d.Browser()}
	form := byLetter("access", d.wire)
	delete(form, "channel")
	delete(form, "received")
	secret := func(template string) string { return path.Base(d.LastLetter("jan@example.org", template).Data["link"]) }
	d.as(me, "POST /filing", bodyOf{"organisation": "korenaar"})
	d.as(me, "PUT /filing", form)
	file := d.as(me, "POST /filing/files", "een brief\n")
	d.as(me, "DELETE /filing/files/:file", nil, file)
	d.as(me, "POST /filing/later", nil)
	me = &somebody{name: "filer", client: d.Browser()}
	d.as(me, "POST /filing/resume", bodyOf{"token": secret("resume")})
	d.as(me, "POST /filing/send", nil)
	d.as(me, "PUT /filing/email", bodyOf{"email": "jan@example.org"})
	id := d.as(me, "POST /filing/confirm", bodyOf{"code": d.LastLetter("jan@example.org", "code").Data["code"]})
	r, err := d.Requests.Requests.Get(d.t.Context(), id)
	must(d.t, r, err)
	link := bodyOf{"reference": r.Reference, "token": d.Vault.Fingerprint(requests.FollowPurpose, id)}
	me = &somebody{name: "follower", client: d.Browser()}
	d.as(me, "POST /links/code", link)
	link["code"] = d.LastLetter("jan@example.org", "code").Data["code"]
	d.as(me, "POST /links/open", link)
}

// desk does what a desk does with requests that came by letter.
func (d *deeds) desk() {
	const officer, agent = "privacy_officer/korenaar", "agent/mpg"
	enter := func(right string) string { return d.does(officer, "POST /requests", byLetter(right, d.wire)) }
	id := enter("erasure")
	d.does(officer, "POST /requests/search", bodyOf{"text": "jan@example.org"})
	d.does("machine/korenaar", "POST /requests/:id/take-up", bodyOf{}, id)
	d.does("admin/korenaar", "POST /requests/:id/assign", bodyOf{"colleague": d.who(officer).Account}, id)
	d.does(officer, "POST /requests/:id/notes", bodyOf{"text": "Gebeld."}, id)
	d.does(officer, "POST /requests/:id/identity/ask", bodyOf{"reason": "Er zijn er twee.", "least": "Uw klantnummer."}, id)
	d.does(officer, "POST /requests/:id/identity/settle", bodyOf{"enough": true}, id)
	d.does(officer, "POST /requests/:id/extend", bodyOf{"months": 1, "grounds": []string{"complexity"}, "reasons": "Er zijn veel opnamen."}, id)
	file := d.does(officer, "POST /requests/:id/files", "niets\n", id)
	d.does(officer, "DELETE /requests/:id/files/:file", nil, id, file)
	d.does(officer, "POST /requests/:id/decide", bodyOf{"right": "erasure", "outcome": "granted", "recipients": []string{"De drukker"}}, id)
	d.does(officer, "POST /requests/:id/recipients", bodyOf{"right": "erasure", "recipient": 0, "result": "told"}, id)
	d.does(officer, "POST /requests/:id/deliver-outside", bodyOf{"way": "post", "proof": "Aangetekend verzonden."}, id)
	d.does(officer, "POST /requests/:id/address", bodyOf{"email": "jan.brief@example.org"}, id)
	d.does(officer, "POST /requests/:id/word", bodyOf{}, id)
	d.does(officer, "POST /requests/:id/close", bodyOf{}, id)
	d.does(officer, "POST /requests/:id/misdirect", bodyOf{"where": "Uw bank."}, enter("access"))
	d.does(officer, "POST /requests/:id/withdraw", bodyOf{}, enter("access"))
	first, second := enter("restriction"), enter("restriction")
	r, err := d.Requests.Requests.Get(d.t.Context(), first)
	d.does(officer, "POST /requests/:id/merge", bodyOf{"reference": must(d.t, r, err).Reference}, second)
	again, err := d.Requests.Requests.Get(d.t.Context(), second)
	d.does(officer, "POST /requests/:id/separate", bodyOf{"reference": must(d.t, again, err).Reference}, first)
	body := byLetter("access", d.wire)
	body["about"] = "Een bakker"
	meant := d.does(agent, "POST /requests", body)
	d.does(agent, "POST /requests/:id/direct", bodyOf{"controller": d.Bakery.ID}, meant)
	d.does(officer, "POST /requests/:id/hand-back", bodyOf{"reason": "Dit is een klant van de bloemist."}, meant)
}

// help asks a processor, who answers, and asks again in vain.
func (d *deeds) help() {
	const officer, agent = "privacy_officer/korenaar", "agent/mpg"
	id := d.fill["/requests/:id"]
	ask := func(right string) string {
		return d.does(officer, "POST /requests/:id/assists", bodyOf{"processor": d.Partner.ID, "right": right, "question": "Waar staat dit?"}, id)
	}
	helped := ask("erasure")
	d.does(agent, "DELETE /assists/:id/files/:file", nil, helped, d.does(agent, "POST /assists/:id/files", "kwijt\n", helped))
	file := d.does("machine/mpg", "POST /assists/:id/files", "gevonden\n", helped)
	d.does(agent, "POST /assists/:id/answer", bodyOf{"outcome": "found"}, helped)
	d.does(officer, "POST /assists/:id/files/:file/use", nil, helped, file)
	d.does(officer, "POST /assists/:id/cancel", nil, ask("access"))
}

// mine is what a data subject does with requests of their own, and what the
// desk does for it.
func (d *deeds) mine() {
	const officer, me = "privacy_officer/korenaar", "subject/own"
	at := func(place string) string { return d.fill[place] }
	d.does(me, "POST /my/requests/:id/additions", bodyOf{"text": "Ook mijn foto's."}, at("/my/:id"))
	d.does(me, "POST /my/requests/:id/files", "een foto\n", at("/my/:id"))
	d.does(me, "POST /my/requests/:id/identity", bodyOf{"reply": "Klant 1234."}, at("/my/:id/answer"))
	d.does(me, "POST /my/requests/:id/withdraw", bodyOf{}, at("/my/:id/answer"))
	d.does(me, "POST /my/requests/:id/renew", bodyOf{}, at("/my/:id/files"))
	d.does(officer, "POST /requests/:id/renew", bodyOf{}, at("/my/:id/files"))
	r := d.asked(me, requests.Portability)
	f, err := d.Requests.AddAnswerFile(d.t.Context(), d.actor(officer), r.ID, text("gegevens.json", `{"naam":"Fatima"}`))
	must(d.t, f, err)
	r, err = d.Requests.Decide(d.t.Context(), d.actor(officer), r.ID, requests.Verdict{Right: requests.Portability, Outcome: requests.Granted, Reasons: "De gegevens staan klaar.", ComplaintTold: true, CourtTold: true})
	must(d.t, r, err)
	d.proven(d.who(officer), d.Now())
	d.does(officer, "POST /requests/:id/release", bodyOf{}, r.ID)
	d.proven(d.who(me), d.Now())
	d.does(me, "POST /my/requests/:id/address/code", bodyOf{"email": "nieuw@example.org"}, r.ID)
	d.does(me, "POST /my/requests/:id/address", bodyOf{"email": "nieuw@example.org", "code": d.LastLetter("nieuw@example.org", "code").Data["code"]}, r.ID)
}

func (d *deeds) agreements() {
	const admin = "admin/vanderveen"
	source, err := agreements.PresetSource("vcare")
	terms := bodyOf{"source": string(must(d.t, source, err))}
	d.does(admin, "POST /agreements/check", terms)
	id := d.does(admin, "POST /agreements", bodyOf{"role": "controller", "other": "idea-online", "signed_on": "2026-06-01", "from": "2026-07-01", "source": string(source)})
	const other = "admin/idea-online"
	d.proven(d.who(other), d.Now())
	d.does(other, "POST /agreements/:id/accept", bodyOf{"turn": 1}, id)
	d.does(admin, "POST /agreements/:id/versions", bodyOf{"from": "2026-12-01", "source": string(source)}, id)
	d.does(other, "POST /agreements/:id/decline", bodyOf{"turn": 2}, id)
	d.does(other, "POST /agreements/:id/end", bodyOf{"until": "2027-12-31"}, id)
	d.does(other, "POST /agreements/:id/withdraw", bodyOf{"turn": 3}, id)
	for deed, side := range map[string]string{"confirm": other, "dispute": other} {
		d.does(side, "POST /agreements/:id/"+deed, nil, d.before())
	}
	d.does("privacy_officer/korenaar", "PUT /calendar/address", nil)
	d.does("privacy_officer/korenaar", "DELETE /calendar/address", nil)
}

// before is an agreement as a store from before holds it.
func (d *deeds) before() string {
	source, err := agreements.PresetSource("vcare")
	a := agreements.Agreement{Controller: d.Florist.ID, Processor: d.Online.ID, From: "2026-01-01", Standing: agreements.Unconfirmed, Adopted: "2026-11-01",
		Versions: []agreements.Version{{Number: 1, From: "2026-01-01", Source: string(must(d.t, source, err))}}}
	a.ID = ledger.NewID("agr")
	must(d.t, a.ID, d.Agreements.Agreements.Create(d.t.Context(), &a, identity.System().Event(d.Now(), "agreement.ask", a.ID, nil)))
	return a.ID
}

// house is what administrators and operators do, and then everybody signs out.
func (d *deeds) house() {
	const admin = "admin/korenaar"
	d.proven(d.who(admin), d.Now())
	d.does(admin, "DELETE /invitations/:id", nil, d.does(admin, "POST /invitations", bodyOf{"name": "Piet Smit", "email": "piet@example.org", "roles": []string{"agent"}}))
	d.does(admin, "DELETE /tokens/:id", nil, d.does(admin, "POST /tokens", bodyOf{"name": "ERP", "roles": []string{"agent"}, "scopes": []string{"requests:read"}, "days": 3}))
	d.does(admin, "PUT /organisations/:organisation", bodyOf{"name": "De Aar", "slug": "korenaar", "country": "NL", "language": "nl", "zone": "Europe/Amsterdam"}, d.Bakery.ID)
	d.does("operator/elsewhere", "POST /organisations", bodyOf{"name": "Smederij Vonk", "country": "NL"})
	colleague := d.who("agent/korenaar").Account
	d.does(admin, "PUT /people/:account/roles", bodyOf{"roles": []string{"privacy_officer"}}, colleague)
	d.does(admin, "POST /people/:account/disable", nil, colleague)
	d.does(admin, "POST /people/:account/enable", nil, colleague)
	d.does(admin, "POST /people/:account/reset", nil, colleague)
	rik := &somebody{Person: d.who("auditor/elsewhere").Person, name: "auditor again", client: d.Browser()}
	d.as(rik, "POST /sessions", bodyOf{"email": rik.Email, "password": rik.Password})
	rik.Roles = []identity.Role{identity.Auditor}
	d.as(rik, "POST /sessions/totp", bodyOf{"code": d.Code(rik.Person)})
	d.as(rik, "DELETE /sessions/current", nil)
}
