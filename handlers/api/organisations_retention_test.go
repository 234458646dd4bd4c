package api_test

import (
	"slices"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

func TestRetentionOverTheAPI(t *testing.T) {
	w := handlertest.New(t)
	karel, sanne := w.Hire("Karel Bakker", w.Bakery, identity.Admin), w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	officer := newCaller(t, w).signIn(sanne)
	id := officer.do("POST", "/requests", entering(w)).want(t, 201).str("id")
	officer.do("POST", "/requests/"+id+"/withdraw", bodyOf{}).want(t, 200)
	w.Pass(200 * 24 * time.Hour)
	at := "/organisations/" + w.Bakery.ID + "/retention"
	admin := newCaller(t, w).signIn(karel)
	operator := newCaller(t, w).signIn(w.Hire("Otto", identity.Organisation{Slug: "portal"}, identity.Operator))
	stranger := newCaller(t, w).signIn(w.Hire("Kwame Boateng", w.Florist, identity.Admin))
	officer.signIn(sanne)

	if p := admin.do("GET", at, nil).want(t, 200); p.body["chosen"] != 0.0 || p.body["holds"] != 730.0 || p.body["portal"] != 730.0 {
		t.Errorf("the period is %s", p.raw)
	}
	ended := operator.do("GET", at+"/ended", nil).want(t, 200)
	if len(ended.list("ended")) != 1 || ended.str("ended", "0", "id") != id {
		t.Errorf("ended: %s", ended.raw)
	}
	if audits := admin.do("GET", at+"/ended?of=audits", nil).want(t, 200); len(audits.list("ended")) != 0 {
		t.Errorf("audits ended: %s", audits.raw)
	}
	if drafts := admin.do("GET", at+"/ended?of=drafts", nil).want(t, 200); len(drafts.list("ended")) != 0 {
		t.Errorf("drafts: %s", drafts.raw)
	}
	for days, goes := range map[string]float64{"180": 1, "365": 0, "0": 0} {
		if p := admin.do("GET", at+"/preview?days="+days, nil).want(t, 200); p.body["requests"] != goes || p.body["audits"] != 0.0 {
			t.Errorf("%s days would destroy %s", days, p.raw)
		}
	}
	admin.do("GET", at+"/preview?days=30", nil).problem(t, 422, "invalid")
	admin.do("PUT", at, bodyOf{"was": 0, "days": 30}).problem(t, 422, "invalid")
	admin.do("PUT", at, bodyOf{"was": 400, "days": 365}).problem(t, 409, "conflict")
	for _, path := range []string{at, at + "/ended", at + "/preview?days=365"} {
		stranger.do("GET", path, nil).problem(t, 404, "not_found")
		officer.do("GET", path, nil).problem(t, 403, "forbidden")
	}
	stranger.do("PUT", at, bodyOf{"was": 0, "days": 365}).problem(t, 404, "not_found")
	operator.do("PUT", at, bodyOf{"was": 0, "days": 365}).problem(t, 403, "forbidden")
	if p := admin.do("PUT", at, bodyOf{"was": 0, "days": 365}).want(t, 200); p.body["holds"] != 365.0 {
		t.Errorf("set: %s", p.raw)
	}
	w.Pass(6 * time.Minute)
	admin.do("PUT", at, bodyOf{"was": 365, "days": 180}).problem(t, 403, "step_up")
	if p := admin.do("GET", at, nil).want(t, 200); p.body["chosen"] != 365.0 {
		t.Errorf("a refusal changed it into %s", p.raw)
	}
	if events := w.Events(w.Bakery.ID); !slices.Contains(events, "organisation.keep") {
		t.Errorf("entries: %v", events)
	}
}
