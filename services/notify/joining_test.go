package notify_test

import (
	"strings"
	"testing"
	"time"

	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// letter is a request that came by post, from somebody without an e-mail address.
func (w *world) letter(language string, org identity.Organisation, right requests.Right) requests.Request {
	w.t.Helper()
	return w.oldLetter(language, org, right, 48*time.Hour)
}

func (w *world) oldLetter(language string, org identity.Organisation, right requests.Right, ago time.Duration) requests.Request {
	w.t.Helper()
	f := requests.Filing{Organisation: org.ID, Rights: []requests.Right{right}, Language: language,
		Asked: map[requests.Right]requests.Asked{right: {What: theWish}}, Person: requests.Person{Name: theName}}
	r, err := w.Requests.Enter(w.t.Context(), w.officer, ledger.NewID("req"), requests.Entry{Filing: f, Channel: requests.Letter, Received: w.now().Add(-ago)})
	must(w.t, err)
	return r
}

// TestJoiningALateOneSaysSo: nobody who is told of the joining is promised a day
// that has passed, or a day of the later receipt.
func TestJoiningALateOneSaysSo(t *testing.T) {
	w := newWorld(t)
	late := w.oldLetter("nl", w.bakery, requests.Access, 45*24*time.Hour)
	fresh, subject := w.file("nl", w.bakery, w.bakery.ID, requests.Erasure)
	_, err := w.Requests.Join(t.Context(), w.officer, late.ID, requests.Join{Reference: fresh.Reference, OnePerson: true, Reason: theReason})
	must(t, err)
	w.send()
	for id, by := range map[string]identity.Actor{late.ID: w.officer, fresh.ID: subject} {
		all := w.notices(by, id)
		n := all[len(all)-1]
		if said := text(n); !strings.Contains(said, "te laat") || strings.Contains(said, "krijgt u antwoord") || !strings.Contains(said, late.Reference) || !strings.Contains(said, fresh.Reference) || !strings.Contains(said, "beide verzoeken van u") {
			t.Errorf("%s says: %s", n.Kind, said)
		}
		if n.Mailed != (id == fresh.ID) {
			t.Errorf("%s mailed: %t", n.Kind, n.Mailed)
		}
	}
	if said := strings.Join(w.reasonsRead(subject, fresh.ID), " "); strings.Contains(said, theReason) {
		t.Error("the person reads how the desk knows who they are")
	}
}

func (w *world) reasonsRead(by identity.Actor, id string) []string {
	var all []string
	for _, n := range w.notices(by, id) {
		all = append(all, text(n))
	}
	return all
}
