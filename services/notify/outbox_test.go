package notify_test

import (
	"context"
	"errors"
	"regexp"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
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
	if len(failed) != 2 || failed[0].Cause != "550 5.1.1" || failed[0].To != "" || failed[0].Content != "" {
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
