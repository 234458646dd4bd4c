package notify_test

import (
	"strings"
	"testing"
	"time"

	"inzage/services/notify"
	"inzage/services/notify/smtptest"
	"inzage/services/requests"
)

// TestOneStateOfAMail: what became of the mail that announces a notice is said
// as it is, also after the outbox has forgotten the mail.
func TestOneStateOfAMail(t *testing.T) {
	w := newWorld(t)
	server := smtptest.Listen(t)
	o := w.outbox(server.Address)
	send := func() {
		t.Helper()
		_, err := o.Send(t.Context(), 100)
		must(t, err)
	}
	for _, c := range []struct {
		name     string
		code     int
		enhanced [3]int
		hours    int
		want     notify.Standing
		trouble  notify.TroubleKind
	}{
		{"handed over", 0, [3]int{}, 0, notify.HandedOver, ""},
		{"refused", 550, [3]int{5, 1, 1}, 0, notify.Refused, ""},
		{"put off", 451, [3]int{4, 7, 1}, 0, notify.Waiting, ""},
		{"kept back", 504, [3]int{5, 5, 2}, 0, notify.Waiting, notify.NameRefused},
		{"given up", 504, [3]int{5, 5, 2}, 80, notify.GivenUp, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			server.Refuse("rcpt", 0, "")
			send()
			r, subject := w.file("nl", w.bakery, w.bakery.ID, requests.Access)
			w.compose()
			if got := w.notices(subject, r.ID)[0].Became; got.Standing != notify.Waiting || got.Left() {
				t.Errorf("before it is tried it is %+v", got)
			}
			if c.code != 0 {
				server.RefuseAs("rcpt", c.code, c.enhanced, "no")
			}
			send()
			for range c.hours {
				w.pass(time.Hour)
				send()
			}
			got := w.notices(subject, r.ID)[0].Became
			if got.Standing != c.want || got.Trouble != c.trouble || got.Left() != (c.want == notify.HandedOver) || got.At.IsZero() {
				t.Errorf("it is %+v, want %s %s", got, c.want, c.trouble)
			}
			if c.want == notify.Waiting {
				return
			}
			w.compose()
			w.pass(notify.Keep + 25*time.Hour)
			_, err := o.Tidy(t.Context(), 500)
			must(t, err)
			if later := w.notices(subject, r.ID)[0].Became; later != got {
				t.Errorf("after the outbox forgot it, it is %+v, want %+v", later, got)
			}
		})
	}
}

// TestMailsOfOneRequestThread: they refer to one id, which tells nothing, and
// their subjects name the request.
func TestMailsOfOneRequestThread(t *testing.T) {
	w := newWorld(t)
	server := smtptest.Listen(t)
	one, _ := w.file("nl", w.bakery, w.bakery.ID, requests.Access)
	w.file("nl", w.bakery, w.bakery.ID, requests.Erasure)
	w.compose()
	_, err := w.outbox(server.Address).Send(t.Context(), 100)
	must(t, err)
	threads := map[string]int{}
	for _, m := range server.Taken() {
		_, after, ok := strings.Cut(m, "References: <")
		id, _, _ := strings.Cut(after, ">")
		if !ok || !strings.Contains(m, "In-Reply-To: <"+id+">") || strings.Contains(id, one.Reference) || strings.Contains(id, one.ID) {
			t.Fatalf("the thread of a mail is %q:\n%s", id, m)
		}
		threads[id]++
	}
	if len(threads) != 2 {
		t.Errorf("%d mails are in %d threads, want one for each request: %v", len(server.Taken()), len(threads), threads)
	}
}
