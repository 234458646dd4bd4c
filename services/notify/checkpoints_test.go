package notify_test

import (
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/evidence"
	"inzage/services/identity"
	"inzage/services/notify"
	"inzage/services/notify/mailer"
)

// instance is another program on the same store, with a mailer of its own into
// the same folder.
func (w *world) instance() (*evidence.Service, *notify.Service) {
	n := *w.Notify
	n.Outbox = w.outbox("file:" + w.Dir)
	return &evidence.Service{Dispatches: n.Dispatches, Agreements: w.Agreements, Ledger: w.Ledger, Record: w.Journal, Now: w.now}, &n
}

// speaks makes the language of an account English.
func (w *world) speaks(account string) {
	_, err := w.Accounts.Touch(w.t.Context(), account, func(a *identity.Account) error { a.Language = "en"; return nil })
	must(w.t, err)
}

// TestCheckpointsArriveOnceADay has two instances seal, sign, send, compose and
// deliver at once on four days: each person has one mail a day.
func TestCheckpointsArriveOnceADay(t *testing.T) {
	const days = 4
	w := newWorld(t)
	w.speaks(w.officer.Account)
	for range days {
		var wg sync.WaitGroup
		for range 2 {
			sender, writer := w.instance()
			wg.Go(func() {
				for range 8 {
					_, err := w.Ledger.Drain(t.Context(), w.Engine)
					if err == nil {
						_, err = w.Ledger.Daily(t.Context())
					}
					if err == nil {
						_, err = sender.Daily(t.Context())
					}
					if err == nil {
						_, err = writer.Compose(t.Context(), 100)
					}
					if err == nil {
						_, err = writer.Outbox.Send(t.Context(), 100)
					}
					if err != nil {
						t.Error(err)
					}
				}
			})
		}
		wg.Wait()
		w.send()
		w.pass(24 * time.Hour)
	}
	got := map[string]int{}
	for _, m := range w.mails("") {
		got[m.To+" "+m.At.Format(time.DateOnly)]++
	}
	want := map[string]int{}
	for day := range days {
		// The agents of a processor that has nobody else stand in.
		for _, name := range []string{"officer", "boss", "agent", "clerk"} {
			want[staffMail(name)+" "+time.Date(2026, 11, 17+day, 0, 0, 0, 0, time.UTC).Format(time.DateOnly)] = 1
		}
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("mails by person and day (-want +got):\n%s", d)
	}
	t.Logf("%d mails to 4 people of 3 parties on %d days, by 2 instances at once", len(w.mails("")), days)
	for _, m := range w.mails("") {
		w.checkCheckpoint(m)
	}
}

// checkCheckpoint looks at one such mail: the note is in it whole, also as a
// file, and fits the ledger.
func (w *world) checkCheckpoint(m mailer.Letter) {
	t := w.t
	t.Helper()
	if m.File == nil || m.File.Name != "checkpoint-"+m.At.Format(time.DateOnly)+".txt" {
		t.Fatalf("%s has the file %+v", m.Subject, m.File)
	}
	c, err := w.Ledger.Key.Public().Open([]byte(m.File.Text))
	must(t, err)
	must(t, w.Ledger.Holds(t.Context(), c.Checkpoint, "the mail"))
	subject, says := "Controlepunt van het logboek", "Bewaar deze mail of het bestand buiten het portaal."
	if m.To == staffMail("officer") {
		subject, says = "Checkpoint of the ledger", "Keep this mail, or the file, outside of the portal."
	}
	flat := strings.Join(strings.Fields(m.Plain), " ")
	if !strings.HasPrefix(m.Subject, subject) || !strings.Contains(flat, says) || !strings.Contains(m.Plain, m.File.Text) ||
		!strings.Contains(m.HTML, c.Root.String()) || !strings.Contains(m.Plain, baseURL+"/evidence") || hole.MatchString(flat) {
		t.Errorf("to %s: %s\n%s", m.To, m.Subject, m.Plain)
	}
}

// TestCheckpointsOnDemand asks for one: both sides have it, and know who asked.
func TestCheckpointsOnDemand(t *testing.T) {
	w := newWorld(t)
	w.speaks(w.agent.Account)
	w.compose()
	sender, _ := w.instance()
	_, err := sender.Ask(t.Context(), w.agent)
	must(t, err)
	w.send()
	got := map[string]string{}
	for _, m := range w.mails("") {
		if m.File == nil || !strings.Contains(m.Plain, m.File.Text) {
			t.Errorf("to %s: the checkpoint is not in the mail and with it", m.To)
		}
		got[m.To] = m.Subject
	}
	want := map[string]string{staffMail("agent"): "Checkpoint of the ledger, asked for by MijnPartnerGroep"}
	for _, name := range []string{"officer", "boss"} {
		want[staffMail(name)] = "Controlepunt van het logboek, gevraagd door MijnPartnerGroep"
	}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("mails (-want +got):\n%s", d)
	}
	all, err := sender.Newest(t.Context(), w.officer, 10)
	must(t, err)
	if len(all) != 2 || all[0].People+all[1].People != 3 {
		t.Errorf("%+v, want it noted that it was written to one and two people", all)
	}
	if n := w.entries(evidence.Send); n != 2 {
		t.Errorf("%d entries, want 2", n)
	}
}
