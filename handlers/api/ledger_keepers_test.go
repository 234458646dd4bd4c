package api_test

import (
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

func TestKeepersOfEvidence(t *testing.T) {
	w := handlertest.New(t)
	officer := newCaller(t, w).signIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	partner := newCaller(t, w).signIn(w.Hire("Joris Bakker", w.Partner, identity.Admin))
	stranger := newCaller(t, w).signIn(w.Hire("Piet Smit", w.Organisation("Smederij Vonk", "vonk"), identity.Admin))
	operator := newCaller(t, w).signIn(w.Hire("Otto", identity.Organisation{Slug: "portal"}, identity.Operator))
	w.Drain()
	officer.do("GET", "/ledger/checkpoints/newest", nil).problem(t, 404, "not_found")
	operator.do("POST", "/ledger/dispatches", nil).problem(t, 403, "forbidden")
	officer.key = "once"
	sent := officer.do("POST", "/ledger/dispatches", nil).want(t, 201)
	if again := officer.do("POST", "/ledger/dispatches", nil).want(t, 201); again.raw != sent.raw {
		t.Errorf("the same key sent %s and %s", sent.raw, again.raw)
	}
	officer.key = ""
	if wait := officer.do("POST", "/ledger/dispatches", nil).problem(t, 429, "too_many"); wait.header.Get("Retry-After") == "" {
		t.Errorf("it does not say when to ask again: %v", wait.header)
	}
	kept := officer.do("GET", "/ledger/checkpoints/newest", nil).want(t, 200)
	if kept.body["holds"] != true || kept.str("note") == "" || kept.body["size"] != sent.body["size"] {
		t.Errorf("kept: %s, sent: %s", kept.raw, sent.raw)
	}
	keys := officer.do("GET", "/ledger/keys", nil).want(t, 200)
	if keys.str("keys", "0") != w.Ledger.Key.Public().Lines()[0] {
		t.Errorf("the keys: %s", keys.raw)
	}
	for who, c := range map[string]*caller{"the asker": officer, "the partner": partner} {
		if l := c.do("GET", "/ledger/dispatches", nil).want(t, 200); !strings.Contains(l.raw, `"to":"`+w.Partner.ID) || !strings.Contains(l.raw, `"by":"`+w.Bakery.ID) {
			t.Errorf("%s lists %s", who, l.raw)
		}
	}
	if l := stranger.do("GET", "/ledger/dispatches", nil).want(t, 200); len(l.list("dispatches")) != 0 {
		t.Errorf("a stranger lists %s", l.raw)
	}
	w.Pass(11 * time.Minute)
	officer.do("POST", "/ledger/dispatches", nil).want(t, 201)

	health := operator.do("GET", "/health", nil).want(t, 200)
	if health.str("checkpoint", "note") == "" || health.str("keys", "0") == "" || health.body["sealed"].(float64) < 5 {
		t.Errorf("the health: %s", health.raw)
	}
	officer.do("GET", "/health", nil).problem(t, 403, "forbidden")
}
