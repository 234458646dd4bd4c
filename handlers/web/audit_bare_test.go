package web_test

import (
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/audits"
)

// The page of an audit whose content was destroyed says so, to both parties,
// and everything else about it is gone.
func TestAuditWhoseContentWasDestroyed(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Closed)
	h.Pass(audits.Keep + time.Hour)
	if n, err := h.Audits.ShredEnded(t.Context(), 10); err != nil || n != 1 {
		t.Fatalf("shredded %d, %v", n, err)
	}
	for name, p := range map[string]handlertest.Person{"officer": h.officer, "agent": h.agent} {
		c := h.SignIn(p)
		page := c.Get("/audits/"+a.ID).Want(t, 200)
		for _, want := range []string{"De inhoud van deze audit is vernietigd", a.Reference, "Bakkerij", "Rekenkracht", "Gesloten"} {
			if !strings.Contains(page.Words(), want) {
				t.Errorf("the %s does not read %q: %s", name, want, page.Words())
			}
		}
		if strings.Contains(page.Body, "Beveiliging van de hosting") || page.Find("form[action*='/do/'], a[href*='/do/']").Length() > 0 {
			t.Errorf("the %s sees content, or something to do", name)
		}
		c.Get("/audits/"+a.ID+"/do/"+map[string]string{"officer": "begin", "agent": "answer"}[name]).Want(t, 410)
	}
	h.SignIn(h.stranger).Get("/audits/"+a.ID).Want(t, 404)
}
