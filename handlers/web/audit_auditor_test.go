package web_test

import (
	"testing"

	"inzage/services/audits"
)

// TestAuditAuditorComesIn takes the auditor from the mail to the audits: by
// the link, with two factors, and to nothing else.
func TestAuditAuditorComesIn(t *testing.T) {
	h := newHall(t, "mpg")
	a := h.audited(audits.Announced)
	c := h.auditorClient(a.ID)
	c.Get("/audits/"+a.ID).Want(t, 200)
	h.auditorClient(a.ID).Get("/audits/"+a.ID).Want(t, 200) // signing in again
	for _, page := range []string{"/queue", "/people", "/agreements", "/requests/new", "/assists", "/people/invite", "/audits/new", "/agreements/" + h.agreement.ID} {
		c.Get(page).Want(t, 404)
	}
}
