package notify_test

import (
	"strings"
	"testing"
	"time"

	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
)

// TestMailToATypedAddressIsNeutral: an address that staff typed may be a
// stranger's, so no mail to it says what the request is, and the letter that is
// printed has the word. Once corrected, what waits for it does not leave.
func TestMailToATypedAddressIsNeutral(t *testing.T) {
	w := newWorld(t)
	ctx := t.Context()
	f := requests.Filing{Organisation: w.bakery.ID, Rights: []requests.Right{requests.Access}, Asked: map[requests.Right]requests.Asked{requests.Access: {What: theWish}},
		Language: "nl", Person: requests.Person{Name: theName, Email: "vreemd@example.org"}}
	r, err := w.Requests.Enter(ctx, w.officer, ledger.NewID("req"), requests.Entry{Filing: f, Channel: requests.Letter, Received: w.now().Add(-time.Hour)})
	must(t, err)
	w.takeUp(r.ID)
	w.send()
	mails := 0
	for _, m := range w.mails("vreemd@example.org") {
		mails++
		for _, s := range []string{"Korenaar", "inzage in uw gegevens", "2026", w.Requests.Word(r)} {
			if strings.Contains(m.Subject+m.Plain+m.HTML, s) {
				t.Errorf("the mail %q tells a stranger %q", m.Subject, s)
			}
		}
	}
	if mails < 2 {
		t.Errorf("%d mails to the address", mails)
	}
	letters := w.notices(w.officer, r.ID)
	if len(letters) == 0 || !strings.Contains(text(letters[0]), w.Requests.Word(r)) {
		t.Error("the letter of receipt does not have the word")
	}
	// What waits when the address is corrected does not leave for the old one.
	_, err = w.Requests.Ask(ctx, w.officer, r.ID, theReason, theLeast)
	must(t, err)
	w.compose()
	if n := len(w.inState(notify.Queued)); n == 0 {
		t.Fatal("nothing waits")
	}
	_, err = w.Requests.CorrectAddress(ctx, w.officer, r.ID, "beter@example.org")
	must(t, err)
	w.send()
	last := w.mails("vreemd@example.org")
	ended := 0
	for _, m := range last {
		if strings.Contains(m.Subject, "niet meer in gebruik") {
			ended++
		}
	}
	if len(last) != mails+1 || ended != 1 {
		t.Errorf("the old address got %d mails more, want the one that says it is out of use", len(last)-mails)
	}
	if n := len(w.mails("beter@example.org")); n != 1 {
		t.Errorf("the new address got %d mails, want one", n)
	}
}

// held makes the holder of an address that staff typed one who gave the word.
func (w *world) held(id string) {
	w.t.Helper()
	at := w.now()
	_, err := w.Requests.Requests.Touch(w.t.Context(), id, func(r *requests.Request) error { r.Holder.Proven = &at; return nil })
	must(w.t, err)
}
