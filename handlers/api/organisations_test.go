package api_test

import (
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/agreements"
	"inzage/services/identity"
)

func TestAgreementsOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	source, err := agreements.PresetSource("vcare")
	if err != nil {
		t.Fatal(err)
	}
	officer := newCaller(t, w).signIn(w.Hire("Sanne de Vries", w.Florist, identity.PrivacyOfficer))
	admin := newCaller(t, w).signIn(w.Hire("Kwame Boateng", w.Florist, identity.Admin))
	body := bodyOf{"role": "controller", "other": "idea-online", "signed_on": "2026-06-01", "from": "2026-07-01", "source": string(source)}
	officer.do("POST", "/agreements", body).problem(t, 403, "forbidden")
	checked := admin.do("POST", "/agreements/check", bodyOf{"source": string(source)}).want(t, 200)
	if len(checked.list("problems")) != 0 || len(checked.list("summary")) < 20 {
		t.Errorf("terms: %s", checked.raw)
	}
	broken := admin.do("POST", "/agreements/check", bodyOf{"source": "key: x\nnonsense: 1\n"}).want(t, 200)
	if len(broken.list("problems")) == 0 || broken.body["terms"] != nil {
		t.Errorf("broken terms: %s", broken.raw)
	}
	admin.key = "contract-7"
	counts, all := atOnce(t, func() answer { return admin.do("POST", "/agreements", body) })
	if counts[201] != 30 {
		t.Fatalf("statuses = %v: %s", counts, all[0].raw)
	}
	id := all[0].str("id")
	if all[0].str("standing") != "proposed" || all[0].str("proposal", "of") != "agreement" {
		t.Errorf("one hand: %s", all[0].raw)
	}
	other := newCaller(t, w).signIn(w.Hire("Olga Jansen", w.Online, identity.Admin))
	admin.do("POST", "/agreements/"+id+"/accept", bodyOf{"turn": 1}).problem(t, 403, "forbidden")
	if got := other.do("POST", "/agreements/"+id+"/accept", bodyOf{"turn": 1}).want(t, 200); got.str("standing") != "agreed" || got.str("from") == "2026-07-01" {
		t.Errorf("accepted: %s", got.raw)
	}
	if l := admin.do("GET", "/agreements", nil).want(t, 200); len(l.list("agreements")) != 2 {
		t.Errorf("agreements: %s", l.raw)
	}
	amended := bodyOf{"from": "2026-12-01", "source": string(source)}
	admin.do("POST", "/agreements/"+id+"/versions", bodyOf{"from": "2026-01-01", "source": string(source)}).problem(t, 422, "invalid")
	admin.do("POST", "/agreements/"+id+"/versions", amended).want(t, 201)
	admin.do("POST", "/agreements/"+id+"/versions", amended).want(t, 201)
	admin.key = ""
	other.do("POST", "/agreements/"+id+"/accept", bodyOf{"turn": 2}).want(t, 200)
	got := officer.do("GET", "/agreements/"+id, nil).want(t, 200)
	if got.body["version"] != 2.0 || got.str("terms", "key") != "vcare" || got.str("summary", "0", "clause") == "" || got.str("source") != string(source) {
		t.Errorf("agreement: %.300s", got.raw)
	}
	officer.do("GET", "/agreements/"+id+"?version=1", nil).want(t, 200)
	officer.do("GET", "/agreements/"+id+"?version=9", nil).problem(t, 404, "not_found")
	officer.do("GET", "/agreements/"+id+"/compare?from=1&to=9", nil).problem(t, 404, "not_found")
	if same := officer.do("GET", "/agreements/"+id+"/compare?from=1&to=2", nil).want(t, 200); len(same.list("differences")) != 0 {
		t.Errorf("the same terms differ: %.300s", same.raw)
	}
	officer.do("POST", "/agreements/"+id+"/end", bodyOf{"until": "2026-12-31"}).problem(t, 403, "forbidden")
	admin.do("POST", "/agreements/"+id+"/end", bodyOf{"until": "2020-12-31"}).problem(t, 422, "invalid")
	if ended := admin.do("POST", "/agreements/"+id+"/end", bodyOf{"until": "2026-12-31"}).want(t, 200); ended.str("until") != "" || ended.str("proposal", "until") != "2026-12-31" {
		t.Errorf("ended: %s", ended.raw)
	}
	if ended := other.do("POST", "/agreements/"+id+"/accept", bodyOf{"turn": 3}).want(t, 200); ended.str("until") != "2026-12-31" {
		t.Errorf("ended by both: %s", ended.raw)
	}
	if got := strings.Join(w.Events(id), " "); got != "agreement.sign agreement.accept agreement.amend agreement.accept agreement.end agreement.accept" {
		t.Errorf("events = %s", got)
	}
}

func TestPeopleOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	admin := newCaller(t, w).signIn(w.Hire("Hendrik Mulder", w.Bakery, identity.Admin))
	officer := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	them := newCaller(t, w).signIn(officer)
	them.do("GET", "/people", nil).problem(t, 403, "forbidden")
	if p := admin.do("GET", "/people?limit=1", nil).want(t, 200); len(p.list("people")) != 1 || p.str("next") == "" {
		t.Errorf("a page of people: %s", p.raw)
	}
	if c := them.do("GET", "/colleagues?role=privacy_officer", nil).want(t, 200); c.str("colleagues", "0", "name") != officer.Name || strings.Contains(c.raw, "@") {
		t.Errorf("colleagues: %s", c.raw)
	}
	admin.key = "piet"
	counts, _ := atOnce(t, func() answer {
		return admin.do("POST", "/invitations", bodyOf{"name": "Piet Smit", "email": "piet@example.org", "roles": []string{"agent"}})
	})
	open := admin.do("GET", "/invitations", nil).want(t, 200)
	if counts[201] == 0 || len(open.list("invitations")) != 1 {
		t.Errorf("%v made %s", counts, open.raw)
	}
	admin.key = ""
	admin.do("DELETE", "/invitations/"+open.str("invitations", "0", "id"), nil).want(t, 204)
	admin.do("PUT", "/people/"+officer.Account+"/roles", bodyOf{"roles": []string{"operator"}}).problem(t, 422, "invalid")
	admin.do("POST", "/people/"+officer.Account+"/disable", nil).want(t, 200)
	them.do("GET", "/requests", nil).problem(t, 401, "unauthenticated")
	if on := admin.do("POST", "/people/"+officer.Account+"/enable", nil).want(t, 200); on.body["disabled"] != false {
		t.Errorf("enabled: %s", on.raw)
	}
	if p := admin.do("PUT", "/people/"+officer.Account+"/roles", bodyOf{"roles": []string{"agent"}}).want(t, 200); p.str("roles", "0") != "agent" {
		t.Errorf("roles: %s", p.raw)
	}
	w.Pass(6 * time.Minute)
	admin.do("POST", "/people/"+officer.Account+"/disable", nil).problem(t, 403, "step_up")
	org := "/organisations/" + w.Bakery.ID
	facts := newCaller(t, w).do("GET", "/organisations/korenaar", nil).want(t, 200)
	if facts.str("id") != w.Bakery.ID {
		t.Errorf("a stranger reads the name of an organisation: %s", facts.raw)
	}
	to := bodyOf{"name": "Bakkerij De Aar", "slug": "korenaar", "country": "NL", "language": "nl", "zone": "Europe/Amsterdam"}
	admin.do("PUT", "/organisations/"+w.Florist.ID, to).problem(t, 404, "not_found")
	if after := admin.do("PUT", org, to).want(t, 200); after.str("name") != "Bakkerij De Aar" {
		t.Errorf("changed: %s", after.raw)
	}
}

func TestPresetsAreOpen(t *testing.T) {
	w := handlertest.New(t)
	anybody := newCaller(t, w)
	keys := anybody.do("GET", "/presets", nil).want(t, 200).list("presets")
	if len(keys) != 5 {
		t.Errorf("presets = %v", keys)
	}
	one := anybody.do("GET", "/presets/mpg", nil).want(t, 200)
	if one.str("title") == "" || one.str("summary", "0", "clause") == "" || !strings.Contains(one.str("source"), "key: mpg") {
		t.Errorf("preset: %.300s", one.raw)
	}
	anybody.do("GET", "/presets/none", nil).problem(t, 404, "not_found")
}

func TestOperatorsAddOrganisations(t *testing.T) {
	w := handlertest.New(t)
	operator := newCaller(t, w).signIn(w.Hire("Otto", identity.Organisation{Slug: "portal"}, identity.Operator))
	admin := newCaller(t, w).signIn(w.Hire("Hendrik Mulder", w.Bakery, identity.Admin))
	smithy := bodyOf{"name": "Smederij Vonk", "country": "NL"}
	admin.do("POST", "/organisations", smithy).problem(t, 403, "forbidden")
	admin.do("GET", "/organisations", nil).problem(t, 403, "forbidden")
	operator.key = "vonk"
	added := operator.do("POST", "/organisations", smithy).want(t, 201)
	if again := operator.do("POST", "/organisations", smithy).want(t, 201); again.str("id") != added.str("id") || added.str("slug") != "smederij-vonk" {
		t.Errorf("added %s and %s", added.raw, again.raw)
	}
	operator.key = ""
	operator.do("POST", "/organisations", smithy).problem(t, 409, "conflict")
	if page := operator.do("GET", "/organisations?limit=2", nil).want(t, 200); len(page.list("organisations")) != 2 || page.str("next") == "" {
		t.Errorf("a page of organisations: %s", page.raw)
	}
	at := "/organisations/" + added.str("id") + "/administrators"
	if none := operator.do("GET", at, nil).want(t, 200); len(none.list("people")) != 0 {
		t.Errorf("administrators: %s", none.raw)
	}
	invited := bodyOf{"name": "Vera Vonk", "email": "vera@vonk.example", "roles": []string{"admin"}, "organisation": added.str("id")}
	admin.do("POST", "/invitations", invited).problem(t, 404, "not_found")
	operator.do("POST", "/invitations", invited).want(t, 201)
	open := operator.do("GET", "/invitations?organisation="+added.str("id"), nil).want(t, 200)
	if open.str("invitations", "0", "email") != "vera@vonk.example" {
		t.Errorf("invitations: %s", open.raw)
	}
	admin.do("GET", "/invitations?organisation="+added.str("id"), nil).problem(t, 404, "not_found")
	operator.do("GET", "/requests", nil).problem(t, 403, "forbidden")
}
