package handlers_test

import (
	"net/http"
	"strings"
	"testing"
)

// TestDownloads: what is to be kept is sent as a file, never shown: its type is
// not guessed, it runs nothing, and nobody else may ask for it.
func TestDownloads(t *testing.T) {
	w, people := busy(t)
	sent, refused := 0, 0
	for at, who := range map[string]string{"/queue.csv": "officer", "/audits.csv": "officer", "/people.csv": "admin", "/agreements.csv": "admin", "/organisations.csv": "operator", "/assists.csv": "agent"} {
		p := people[who].Get(at)
		sent++
		if p.Status != http.StatusOK || !strings.HasPrefix(p.Header.Get("Content-Disposition"), "attachment") || p.Header.Get("X-Content-Type-Options") != "nosniff" ||
			!strings.HasPrefix(p.Header.Get("Content-Security-Policy"), "sandbox") || !strings.Contains(p.Header.Get("Cache-Control"), "no-store") {
			t.Errorf("GET %s by %s: %d %v", at, who, p.Status, p.Header)
		}
		if w.Browser().Get(at).Status != http.StatusOK {
			refused++
		}
	}
	t.Logf("downloads: %d sent as files to who may have them, %d refused to a stranger", sent, refused)
	if refused != sent {
		t.Errorf("%d of %d were refused to a stranger", refused, sent)
	}
}
