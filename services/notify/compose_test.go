package notify_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/requests"
)

func TestComposersRaceAndNothingIsWrittenTwice(t *testing.T) {
	w := newWorld(t)
	for range 3 {
		w.file("nl", w.online, w.bakery.ID, requests.Access, requests.Erasure)
	}
	w.compose()
	messages, kept := len(w.messages()), w.countNotices()
	if messages < 9 || kept < 12 {
		t.Fatalf("only %d messages and %d notices", messages, kept)
	}
	// As after a restore of the cursor, and with several instances at once.
	for range 2 {
		_, err := w.Journal.Cursors.Touch(t.Context(), "notify", func(c *journal.Cursor) error { c.Next = 0; return nil })
		must(t, err)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := w.Notify.Compose(t.Context(), 500); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
	}
	if m, n := len(w.messages()), w.countNotices(); m != messages || n != kept {
		t.Errorf("composing again made %d messages and %d notices of %d and %d", m, n, messages, kept)
	}
}

func (w *world) countNotices() int {
	w.t.Helper()
	n, err := w.Notify.Notices.Count(w.t.Context(), document.Query{Index: "request", Limit: 10_000})
	must(w.t, err)
	return n
}

func TestRemindersAreRaisedOnce(t *testing.T) {
	w := newWorld(t)
	r, _ := w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.send()
	for range 40 {
		w.pass(24 * time.Hour)
		var wg sync.WaitGroup
		for range 4 {
			wg.Go(func() {
				if _, err := w.Notify.Remind(t.Context(), 50); err != nil {
					t.Error(err)
				}
			})
		}
		wg.Wait()
		w.send()
	}
	got := map[string]int{}
	for _, m := range w.messages() {
		if m.Request == r.ID {
			got[m.Kind]++
		}
	}
	// One officer for the reminders; officer and admin for the escalation.
	for kind, want := range map[string]int{"receipt": 1, "staff_new": 1, "staff_reminder": 4, "staff_late": 2, "late": 1} {
		if got[kind] != want {
			t.Errorf("%d messages %s, want %d", got[kind], kind, want)
		}
	}
	if n := len(w.mails(staffMail("boss"))); n != 1 {
		t.Errorf("the admin has %d mails, want the escalation only", n)
	}
}

func TestWhoIsWrittenTo(t *testing.T) {
	w := newWorld(t)
	gone := w.hire("gone", w.bakery, identity.PrivacyOfficer)
	_, err := w.Accounts.Touch(t.Context(), gone.Account, func(a *identity.Account) error { a.Disabled = true; return nil })
	must(t, err)
	w.hire("colleague", w.bakery, identity.PrivacyOfficer)
	r, subject := w.file("nl", w.partner, w.bakery.ID, requests.Access)
	w.send()
	want := map[string]int{theMail: 2, staffMail("officer"): 1, staffMail("colleague"): 1, staffMail("gone"): 0, staffMail("boss"): 0, staffMail("agent"): 0, staffMail("clerk"): 0}
	check := func(when string) {
		t.Helper()
		for to, n := range want {
			if got := len(w.mails(to)); got != n {
				t.Errorf("%s: %s has %d mails, want %d", when, to, got, n)
			}
		}
	}
	check("after forwarding")
	w.takeUp(r.ID) // the officer has it from here
	_, err = w.Requests.AddTo(t.Context(), subject, r.ID, theWish, nil)
	must(t, err)
	w.send()
	want[theMail]++
	want[staffMail("officer")]++
	check("after an addition")
	// A request that the processor handles itself: the controller is told.
	w.file("nl", w.online, w.bakery.ID, requests.Access)
	w.send()
	want[theMail] += 2
	want[staffMail("clerk")]++
	want[staffMail("officer")]++
	want[staffMail("colleague")]++
	check("after handling")
}

func TestEnteredByStaffWithoutAnAddress(t *testing.T) {
	w := newWorld(t)
	f := requests.Filing{Organisation: w.bakery.ID, Rights: []requests.Right{requests.Access}, Language: "nl",
		Asked: map[requests.Right]requests.Asked{requests.Access: {What: theWish}}, Person: requests.Person{Name: theName}}
	r, err := w.Requests.Enter(t.Context(), w.officer, ledger.NewID("req"), requests.Entry{Filing: f, Channel: requests.Letter, Received: w.now().Add(-48 * time.Hour)})
	must(t, err)
	w.send()
	all := w.notices(w.officer, r.ID)
	if len(all) != 1 || all[0].Kind != "receipt" || all[0].Mailed || !strings.Contains(text(all[0]), "zondag 15 november 2026") {
		t.Errorf("notices = %+v, want a receipt to be printed, with the real day", all)
	}
}

func TestShreddedBeforeItWasComposed(t *testing.T) {
	w := newWorld(t)
	r, _ := w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	must(t, w.Vault.Shred(t.Context(), r.ID))
	w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.send()
	if n := len(w.mails("")); n != 2 {
		t.Errorf("%d mails went out, want 2: one request that is gone must not hold up the others", n)
	}
}
