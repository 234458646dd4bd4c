package handlers_test

import (
	"net/http"
	"strings"
	"testing"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// HEAD answers on every page, every call and the calendar's address as GET
// does, to a stranger and to an officer, and brings no body.
func TestHeadIsGetWithoutABody(t *testing.T) {
	w := handlertest.New(t)
	asked := 0
	for who, c := range map[string]*handlertest.Client{"a stranger": w.Browser(), "an officer": w.SignIn(w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer, identity.Agent, identity.Admin))} {
		for _, r := range routes(t, w) {
			if r.Method != http.MethodGet || strings.Contains(r.Path, "*") {
				continue
			}
			at := filled(r.Path)
			get, _ := c.Ask(http.MethodGet, at, nil)
			head, body := c.Ask(http.MethodHead, at, nil)
			asked++
			if head.StatusCode != get.StatusCode || body != "" || head.Header.Get("Content-Type") != get.Header.Get("Content-Type") ||
				head.Header.Get("Location") != get.Header.Get("Location") || head.Header.Get("Content-Disposition") != get.Header.Get("Content-Disposition") {
				t.Errorf("HEAD %s by %s: %d %q %q, GET: %d %q", at, who, head.StatusCode, head.Header.Get("Content-Type"), body, get.StatusCode, get.Header.Get("Content-Type"))
			}
		}
		for _, at := range []string{"/", "/livez", "/static/none.css", "/queue"} {
			get, _ := c.Ask(http.MethodGet, at, nil)
			if head, body := c.Ask(http.MethodHead, at, nil); head.StatusCode != get.StatusCode || body != "" {
				t.Errorf("HEAD %s by %s: %d, GET: %d", at, who, head.StatusCode, get.StatusCode)
			}
		}
	}
	if asked < 200 {
		t.Errorf("only %d addresses were asked", asked)
	}
	t.Logf("%d addresses answer HEAD as GET", asked)
}
