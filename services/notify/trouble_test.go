package notify_test

import (
	"errors"
	"net"
	"os"
	"strings"
	"testing"
	"time"

	"inzage/services/notify"
	"inzage/services/notify/smtptest"
	"inzage/services/requests"
)

// TestRefusalOfUsKeepsTheMail: a server that refuses the portal says nothing
// about the person. The mail waits, the operator sees why, and it leaves when
// the server takes it.
func TestRefusalOfUsKeepsTheMail(t *testing.T) {
	w := newWorld(t)
	server := smtptest.Listen(t)
	w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.compose()
	o := w.outbox(server.Address)
	server.RefuseAs("rcpt", 504, [3]int{5, 5, 2}, "need fully-qualified hostname")
	if n, err := o.Send(t.Context(), 100); n != 2 || err != nil {
		t.Fatalf("Send = %d, %v; want both tried, each for itself", n, err)
	}
	if failed := w.inState(notify.Failed); len(failed) != 0 {
		t.Fatalf("given up: %+v", failed)
	}
	h, err := o.Health(t.Context())
	if err != nil || h.Well() || len(h.Kept) != 1 || h.Kept[0].Trouble != notify.NameRefused || h.Kept[0].Mails != 2 || h.Kept[0].Code != "504 5.5.2" {
		t.Errorf("Health = %+v, %v; want two kept back for the name of the portal", h, err)
	}
	if n := w.entries("notice.fail"); n != 0 {
		t.Errorf("%d entries say that the person could not be reached", n)
	}
	server.Refuse("rcpt", 0, "")
	w.pass(61 * time.Second)
	if n, err := o.Send(t.Context(), 100); n != 2 || err != nil || len(server.Taken()) != 2 {
		t.Errorf("Send = %d, %v; want both gone", n, err)
	}
	if h, err = o.Health(t.Context()); err != nil || !h.Well() {
		t.Errorf("Health = %+v, %v; want it well", h, err)
	}
}

// TestRefusalOfUsEndsAfterThreeDays: it is not tried for ever.
func TestRefusalOfUsEndsAfterThreeDays(t *testing.T) {
	w := newWorld(t)
	server := smtptest.Listen(t)
	w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.compose()
	o := w.outbox(server.Address)
	server.RefuseAs("rcpt", 554, [3]int{5, 7, 1}, "relay access denied")
	for range 100 {
		_, err := o.Send(t.Context(), 100)
		must(t, err)
		w.pass(time.Hour)
	}
	if failed := w.inState(notify.Failed); len(failed) != 2 || failed[0].Cause != "expired" || failed[0].Kept {
		t.Errorf("failed = %+v, want both, expired", failed)
	}
	if h, err := o.Health(t.Context()); err != nil || len(h.Kept) != 0 {
		t.Errorf("Health = %+v, %v; want nothing kept back", h, err)
	}
}

// TestHealthOfMail: a server that is away turns it red with the cause, on the
// start check and on a try; when it is back all leaves at once.
func TestHealthOfMail(t *testing.T) {
	w := newWorld(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	must(t, err)
	address := l.Addr().String()
	must(t, l.Close())
	o := w.outbox("smtp://" + address)
	if h, err := o.Health(t.Context()); err != nil || !h.Well() || h.Condition.ID != "" {
		t.Errorf("Health before the first try = %+v, %v", h, err)
	}
	var trouble *notify.Trouble
	if _, err := o.Check(t.Context()); !errors.As(err, &trouble) || trouble.Kind != notify.Unreachable {
		t.Errorf("Check = %v, want that the server is not there", err)
	}
	since := w.now()
	w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.compose()
	if _, err := o.Send(t.Context(), 100); !errors.Is(err, notify.ErrAway) {
		t.Errorf("Send = %v, want that the server is away", err)
	}
	h, err := o.Health(t.Context())
	if err != nil || h.Well() || h.Condition.Trouble != notify.Unreachable || !h.Condition.Since.Equal(since) || !strings.Contains(h.Condition.Says, "refused") {
		t.Errorf("Health = %+v, %v; want it red since the check, with the cause", h, err)
	}
	back, err := net.Listen("tcp", address)
	if err != nil {
		t.Skipf("somebody else took the port: %v", err)
	}
	server := smtptest.Serve(t, back)
	offer, err := o.Check(t.Context())
	if err != nil || offer.Encrypted || offer.UTF8 || offer.Greeted != "inzage.example" {
		t.Errorf("Check = %+v, %v", offer, err)
	}
	if n, err := o.Send(t.Context(), 100); n == 0 || err != nil {
		t.Errorf("Send = %d, %v; what was kept back leaves when the server is back", n, err)
	}
	for range 3 {
		_, err := o.Send(t.Context(), 100)
		must(t, err)
	}
	if got := len(server.Taken()); got != 2 {
		t.Errorf("%d mails left, want both", got)
	}
	if h, err = o.Health(t.Context()); err != nil || !h.Well() {
		t.Errorf("Health = %+v, %v; want it well", h, err)
	}
}

// TestHealthOfTheFolder: a folder is a mail server, too.
func TestHealthOfTheFolder(t *testing.T) {
	w := newWorld(t)
	if o, err := w.Notify.Outbox.Check(t.Context()); err != nil || !o.Folder || !o.UTF8 {
		t.Errorf("Check = %+v, %v", o, err)
	}
	must(t, os.RemoveAll(w.Dir))
	var trouble *notify.Trouble
	if _, err := w.Notify.Outbox.Check(t.Context()); !errors.As(err, &trouble) || trouble.Kind != notify.FolderRefused || strings.Contains(err.Error(), w.Dir) {
		t.Errorf("Check = %v, want that the folder is gone, without its path", err)
	}
}

// TestTroubleHasWords: the operator reads every kind of trouble as a sentence.
func TestTroubleHasWords(t *testing.T) {
	for _, k := range []notify.TroubleKind{notify.Unreachable, notify.ServerBusy, notify.CertificateRefused, notify.NotEncrypted, notify.SignInRefused, notify.NameRefused,
		notify.SenderRefused, notify.PolicyRefused, notify.MailRefused, notify.FolderRefused} {
		if k.Sentence() == "" {
			t.Errorf("there is no sentence for %s", k)
		}
	}
}
