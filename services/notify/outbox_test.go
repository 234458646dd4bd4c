package notify_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/notify/smtptest"
	"inzage/services/requests"
)

func isGone(err error) bool { return fault.KindOf(err) == fault.Gone }

// inState are the messages in a state.
func (w *world) inState(state notify.State) []notify.Message {
	w.t.Helper()
	var all []notify.Message
	q := document.Query{Index: "state", Equal: []any{string(state)}, Limit: 500}
	for {
		page, err := w.Notify.Outbox.Messages.List(w.t.Context(), q)
		must(w.t, err)
		all = append(all, page.Rows...)
		if q.After = page.Next; q.After == "" {
			return all
		}
	}
}

var messageID = regexp.MustCompile(`(?m)^Message-ID:\s+(\S+)`)

// ids counts the mails by their Message-ID.
func ids(mails []string) map[string]int {
	n := map[string]int{}
	for _, m := range mails {
		n[messageID.FindStringSubmatch(m)[1]]++
	}
	return n
}

func TestSendersRaceAndEachMailLeavesOnce(t *testing.T) {
	w := newWorld(t)
	server := smtptest.Listen(t)
	for range 4 {
		w.file("nl", w.partner, w.bakery.ID, requests.Access)
	}
	w.compose()
	want := len(w.inState(notify.Queued))
	if want < 12 {
		t.Fatalf("only %d messages are queued", want)
	}
	var wg sync.WaitGroup
	dealt := make([]int, 6)
	for i := range dealt {
		o := w.outbox(server.Address)
		wg.Go(func() {
			n, err := o.Send(t.Context(), 100)
			if err != nil {
				t.Error(err)
			}
			dealt[i] = n
		})
	}
	wg.Wait()
	got := ids(server.Taken())
	if len(got) != want || len(server.Taken()) != want {
		t.Errorf("%d mails with %d ids left for %d messages (by sender: %v)", len(server.Taken()), len(got), want, dealt)
	}
	if n := len(w.inState(notify.Sent)); n != want {
		t.Errorf("%d are noted as sent, want %d", n, want)
	}
}

// stuck delivers and then does not come back, like a program that is killed
// between the server's answer and its own note of it.
type stuck struct {
	notify.Mailer
	delivered, release chan struct{}
}

func (s stuck) Send(ctx context.Context, e notify.Envelope) error {
	err := s.Mailer.Send(ctx, e)
	close(s.delivered)
	<-s.release
	return err
}

func TestCrashBetweenSendingAndNoting(t *testing.T) {
	w := newWorld(t)
	server := smtptest.Listen(t)
	r, _ := w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.compose()
	queued := len(w.inState(notify.Queued))
	for _, m := range w.inState(notify.Queued) {
		if m.Notice != "" { // the one whose sending leaves an entry goes first
			_, err := w.Notify.Outbox.Messages.Touch(t.Context(), m.ID, func(m *notify.Message) error { m.Due = m.Due.Add(-time.Second); return nil })
			must(t, err)
		}
	}
	first := w.outbox(server.Address)
	s := stuck{first.Mailer, make(chan struct{}), make(chan struct{})}
	first.Mailer = s
	ended := make(chan error, 1)
	go func() {
		_, err := first.Send(t.Context(), 1)
		ended <- err
	}()
	<-s.delivered
	second := w.outbox(server.Address)
	for range 2 {
		_, err := second.Send(t.Context(), 100)
		must(t, err)
	}
	if got := len(server.Taken()); got != queued {
		t.Errorf("while the claim holds %d mails left, want %d: nobody else may send the claimed one", got, queued)
	}
	w.pass(notify.Lease + time.Second)
	_, err := second.Send(t.Context(), 100)
	must(t, err)
	got := ids(server.Taken())
	if len(server.Taken()) != queued+1 || len(got) != queued {
		t.Errorf("after the claim ran out %d mails with %d ids, want %d with %d: the same Message-ID again", len(server.Taken()), len(got), queued+1, queued)
	}
	close(s.release)
	must(t, <-ended)
	if n := w.entries("notice.send"); n != 1 {
		t.Errorf("%d entries say that the notice about %s was sent, want 1", n, r.ID)
	}
	if n := len(w.inState(notify.Sent)); n != queued {
		t.Errorf("%d messages are sent, want %d", n, queued)
	}
}

func TestRefusedForGood(t *testing.T) {
	w := newWorld(t)
	server := smtptest.Listen(t)
	r, _ := w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.compose()
	o := w.outbox(server.Address)
	// The desk's own message goes out before, so that only the subject's is refused.
	server.Refuse("rcpt", 550, "no such user "+theMail)
	_, err := o.Send(t.Context(), 100)
	must(t, err)
	server.Refuse("rcpt", 0, "")
	failed := w.inState(notify.Failed)
	if len(failed) != 2 || failed[0].Cause != "550" || failed[0].To != "" || failed[0].Content != "" {
		t.Errorf("failed = %+v, want both, with the code and without content", failed)
	}
	w.pass(100 * time.Hour)
	if n, err := o.Send(t.Context(), 100); n != 0 || err != nil {
		t.Errorf("a refused message is tried again: %d, %v", n, err)
	}
	if n := w.entries("notice.fail"); n != 1 {
		t.Errorf("%d entries notice.fail, want 1 for the data subject's", n)
	}
	var told bool
	for _, m := range w.inState(notify.Queued) {
		told = told || m.Kind == "staff_undelivered" && m.Request == r.ID
	}
	if !told {
		t.Error("the desk is not told that the notice did not arrive")
	}
	counts, err := o.Counts(t.Context())
	if err != nil || counts[notify.Failed] != 2 {
		t.Errorf("Counts = %v, %v", counts, err)
	}
}

func TestPutOffAndSentLater(t *testing.T) {
	w := newWorld(t)
	server := smtptest.Listen(t)
	w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.compose()
	o := w.outbox(server.Address)
	server.Refuse("rcpt", 451, "come back later "+theMail)
	_, err := o.Send(t.Context(), 100)
	must(t, err)
	if n, err := o.Send(t.Context(), 100); n != 0 || err != nil {
		t.Errorf("tried again at once: %d, %v", n, err)
	}
	server.Refuse("rcpt", 0, "")
	w.pass(61 * time.Second)
	if n, err := o.Send(t.Context(), 100); n != 2 || err != nil {
		t.Errorf("Send after the pause = %d, %v; want both", n, err)
	}
	for _, m := range w.inState(notify.Sent) {
		if m.Attempts != 2 {
			t.Errorf("%s was sent after %d attempts, want 2", m.Kind, m.Attempts)
		}
	}
	if len(server.Taken()) != 2 {
		t.Errorf("%d mails left, want 2", len(server.Taken()))
	}
}

func TestServerAway(t *testing.T) {
	w := newWorld(t)
	server := smtptest.Listen(t)
	w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.compose()
	o := w.outbox(server.Address)
	server.Refuse("mail", 421, "too busy for "+theMail)
	tries := 0
	for range 200 {
		_, err := o.Send(t.Context(), 100)
		if err != nil {
			tries++
			if !errors.Is(err, notify.ErrAway) || strings.Contains(err.Error(), "kanarie") {
				t.Fatalf("Send = %v, want that the server is away, without an address", err)
			}
		}
		w.pass(time.Hour)
	}
	if failed := w.inState(notify.Failed); len(failed) != 2 || failed[0].Cause != "expired" {
		t.Errorf("after 200 hours failed = %+v, want both, expired", failed)
	}
	if tries < 20 || tries > 100 {
		t.Errorf("%d attempts in three days for two messages", tries)
	}
}

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

func TestShreddedBeforeItWentOut(t *testing.T) {
	w := newWorld(t)
	r, _ := w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.compose()
	must(t, w.Vault.Shred(t.Context(), r.ID))
	_, _ = w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.send()
	if n := len(w.inState(notify.Dropped)); n != 2 {
		t.Errorf("%d messages are dropped, want 2", n)
	}
	if n := len(w.mails("")); n != 2 {
		t.Errorf("%d mails went out, want 2 about the other request", n)
	}
	for _, m := range w.inState(notify.Dropped) {
		if m.To != "" || m.Content != "" {
			t.Error("a dropped message keeps its content")
		}
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

func TestLetters(t *testing.T) {
	for _, language := range []string{"nl", "en"} {
		w := newWorld(t)
		o := w.Notify.Outbox
		letters := []identity.Letter{
			{Template: "code", Data: map[string]string{"code": "493027", "minutes": "10", "purpose": "file"}},
			{Template: "invitation", Data: map[string]string{"link": baseURL + "/invitation/x", "organisation": "Bakkerij", "expires": "2026-11-24T08:30:00Z", "roles": "admin"}},
			{Template: "password", Data: map[string]string{"link": baseURL + "/password/x", "minutes": "60"}},
			{Template: "enrol", Data: map[string]string{"link": baseURL + "/enrol/x", "hours": "24"}},
			{Template: "resume", Data: map[string]string{"link": baseURL + "/file/resume/x", "hours": "168", "organisation": "Bakkerij"}},
			{Template: "password_unknown"},
		}
		for _, what := range []string{"factor_added", "factor_removed", "factor_off", "factor_reset", "recovery_used", "recovery_renewed", "password_changed", "roles_changed", "something_new"} {
			letters = append(letters, identity.Letter{Template: "security", Data: map[string]string{"what": what}})
		}
		for i, l := range letters {
			l.Key, l.To, l.Language = fmt.Sprint("key", i), fmt.Sprintf("person%d@example.org", i), language
			for range 2 {
				must(t, o.Post(t.Context(), l))
			}
		}
		w.send()
		all := w.mails("")
		if len(all) != len(letters) {
			t.Errorf("%d mails left for %d letters, each posted twice", len(all), len(letters))
		}
		for i, l := range letters {
			got := w.mails(fmt.Sprintf("person%d@example.org", i))
			if len(got) != 1 {
				t.Errorf("%s: %d mails", l.Template, len(got))
				continue
			}
			show(t, language, "letter-"+l.Template+l.Data["what"], got[0].Subject+"\n\n"+got[0].Plain)
			for _, s := range []string{l.Data["code"], l.Data["link"]} {
				if !strings.Contains(got[0].Plain, s) || !strings.Contains(got[0].HTML, s) {
					t.Errorf("%s does not hold %q:\n%s", l.Template, s, got[0].Plain)
				}
			}
			if m := hole.FindString(strings.Join(strings.Fields(got[0].Plain), " ")); m != "" || got[0].Subject == "" {
				t.Errorf("%s has a hole %q:\n%s", l.Template, m, got[0].Plain)
			}
		}
		for _, m := range w.messages() {
			if m.State != notify.Sent || m.To != "" || m.Content != "" {
				t.Errorf("the letter %s is %s and may still hold its code", m.Kind, m.State)
			}
		}
	}
}

func TestLetterThatIsUnknown(t *testing.T) {
	w := newWorld(t)
	for name, l := range map[string]identity.Letter{
		"unknown template":         {Key: "1", To: theMail, Template: "nonsense"},
		"a notice is not a letter": {Key: "1", To: theMail, Template: "receipt"},
		"no address":               {Key: "1", Template: "password_unknown"},
		"no key":                   {To: theMail, Template: "password_unknown"},
		"a missing value":          {Key: "1", To: theMail, Template: "code", Data: map[string]string{"code": "1"}},
	} {
		if err := w.Notify.Outbox.Post(t.Context(), l); err == nil || strings.Contains(err.Error(), "kanarie") {
			t.Errorf("%s: Post = %v, want an error without the address", name, err)
		}
	}
}

func TestCodeLeavesAtOnceAndNeverTooLate(t *testing.T) {
	w := newWorld(t)
	o := w.Notify.Outbox
	code := identity.Letter{Key: "k", To: theMail, Language: "nl", Template: "code", Data: map[string]string{"code": "493027", "minutes": "10"}}
	t.Run("at once", func(t *testing.T) {
		ctx, cancel := context.WithCancel(t.Context())
		ended := make(chan struct{})
		left := make(chan struct{}, 1)
		o.Mailer = seen{o.Mailer, left}
		go func() {
			o.Run(ctx, time.Hour, func(err error) { t.Error(err) })
			close(ended)
		}()
		must(t, o.Post(t.Context(), code))
		select {
		case <-left:
		case <-time.After(20 * time.Second):
			t.Error("the code waits for the next round, an hour away")
		}
		cancel()
		<-ended
	})
	t.Run("never too late", func(t *testing.T) {
		code.Key = "other"
		must(t, o.Post(t.Context(), code))
		w.pass(11 * time.Minute)
		_, err := o.Send(t.Context(), 10)
		must(t, err)
		if failed := w.inState(notify.Failed); len(failed) != 1 || failed[0].Cause != "expired" {
			t.Errorf("failed = %+v, want the late code", failed)
		}
		if n := len(w.mails(theMail)); n != 1 {
			t.Errorf("%d mails, want the first only", n)
		}
	})
}

// seen tells when a mail has left.
type seen struct {
	notify.Mailer
	left chan struct{}
}

func (s seen) Send(ctx context.Context, e notify.Envelope) error {
	err := s.Mailer.Send(ctx, e)
	select {
	case s.left <- struct{}{}:
	default:
	}
	return err
}

func TestTidy(t *testing.T) {
	w := newWorld(t)
	o := w.Notify.Outbox
	must(t, o.Post(t.Context(), identity.Letter{Key: "k", To: theMail, Language: "nl", Template: "password_unknown"}))
	w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.send()
	day := "mail_" + w.now().Format("20060102")
	if _, err := w.Vault.Key(t.Context(), day); err != nil {
		t.Fatalf("the key of the day: %v", err)
	}
	if n, err := o.Tidy(t.Context(), 100); n != 0 || err != nil {
		t.Errorf("Tidy at once = %d, %v; want nothing", n, err)
	}
	w.pass(notify.Keep + 25*time.Hour)
	if n, err := o.Tidy(t.Context(), 100); n != 3 || err != nil {
		t.Errorf("Tidy later = %d, %v; want 3", n, err)
	}
	if _, err := w.Vault.Key(t.Context(), day); !isGone(err) {
		t.Errorf("the key of old letters = %v, want gone", err)
	}
	if n, err := o.Tidy(t.Context(), 100); n != 0 || err != nil {
		t.Errorf("Tidy again = %d, %v; want nothing", n, err)
	}
}
