package api_test

import (
	"net/http"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/requests"
)

// TestARefusedFormLeavesNothing: the form that is one too many to an address is
// answered with 429 and makes no request; whose address it is stays found.
func TestARefusedFormLeavesNothing(t *testing.T) {
	w := handlertest.New(t)
	filed(t, w, w.Bakery.ID, asking())
	var last *caller
	for range 4 {
		last = begun(t, w)
		last.do("POST", "/filing/send", nil).want(t, http.StatusAccepted)
	}
	refused := 0
	for range 5 {
		c := begun(t, w)
		c.do("POST", "/filing/send", nil).problem(t, http.StatusTooManyRequests, "too_many")
		if after := c.do("GET", "/filing", nil).want(t, http.StatusOK); strings.Contains(after.raw, `"sent":true`) {
			t.Errorf("a refused form counts as sent: %s", after.raw)
		}
		refused++
	}
	last.do("PUT", "/filing/email", bodyOf{"email": "FATIMA@example.org"}).problem(t, http.StatusTooManyRequests, "too_many")
	officer := w.Actor(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer))
	found, err := w.Requests.Search(t.Context(), officer, "fatima@example.org")
	if err != nil || len(found) != 1 || found[0].State == requests.Unconfirmed {
		t.Errorf("search finds %d, %v; want the proven one alone", len(found), err)
	}
	t.Logf("forms to one address beyond the bound: %d sent, %d refused", refused, refused)
}

// begun is a form that waits to be sent.
func begun(t *testing.T, w *handlertest.World) *caller {
	t.Helper()
	c := newCaller(t, w)
	c.do("POST", "/filing", bodyOf{"organisation": w.Bakery.ID}).want(t, http.StatusCreated)
	c.do("PUT", "/filing", asking()).want(t, http.StatusOK)
	return c
}
