package evidence_test

import (
	"errors"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/google/go-cmp/cmp"

	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/evidence"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/ledger/ledgertest"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

const (
	bakery, florist = "org_bakery", "org_florist" // controllers
	partner, online = "org_partner", "org_online" // processors: partner of both, online of the bakery
	former          = "org_former"                // whose agreement has ended
)

// world is instances of one portal: each has the store open for itself.
type world struct {
	t         *testing.T
	clock     atomic.Pointer[time.Time]
	engines   []*sqlite.Engine
	instances []*evidence.Service
}

func newWorld(t *testing.T, instances int) *world {
	t.Helper()
	w := &world{t: t}
	w.set(time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC))
	folder, key := t.TempDir(), ledgertest.Key(t)
	for range instances {
		w.open(folder, key)
	}
	for _, a := range [][3]string{{bakery, partner}, {florist, partner}, {bakery, online}, {bakery, former, "2026-06-30"}} {
		w.agree(a[0], a[1], a[2])
	}
	return w
}

func (w *world) open(folder string, key *ledger.Key) {
	e, err := sqlite.Open(w.t.Context(), folder)
	must(w.t, err)
	w.t.Cleanup(func() { _ = e.Close() }) // the folder goes with the test
	l := &ledger.Ledger{Log: e.Log(), Key: key, Now: w.now, Checkpoints: &journal.Checkpoints{Rows: on[journal.Checkpoint](e, journal.Kinds, "checkpoints")}}
	w.engines = append(w.engines, e)
	w.instances = append(w.instances, &evidence.Service{
		Dispatches: on[evidence.Dispatch](e, evidence.Kinds, "dispatches"), Ledger: l, Now: w.now,
		Agreements: &agreements.Registry{Agreements: on[agreements.Agreement](e, agreements.Kinds, "agreements"), Now: w.now},
		Record: &journal.Journal{Lines: on[journal.Line](e, journal.Kinds, "journal"),
			Cursors: on[journal.Cursor](e, journal.Kinds, "cursors"), Ledger: l},
	})
	must(w.t, e.Ping(w.t.Context()))
}

func on[T any, P document.Aggregate[T]](e store.Engine, kinds []document.Kind, name string) document.Collection[T] {
	i := slices.IndexFunc(kinds, func(k document.Kind) bool { return k.Name == name })
	return store.Collection[T, P](e, kinds[i])
}

func (w *world) agree(controller, processor, until string) {
	w.t.Helper()
	source, err := agreements.PresetSource("mpg")
	must(w.t, err)
	registry := w.instances[0].Agreements
	if now := w.now(); until != "" {
		// Nothing ends in the past, so it was ended then.
		w.set(time.Date(2026, 6, 1, 8, 0, 0, 0, time.UTC))
		defer w.set(now)
	}
	a, err := registry.SignedByBoth(w.t.Context(), ledger.NewID("agr"), agreements.Signing{
		Controller: controller, Processor: processor, SignedOn: "2025-12-15", From: "2026-01-01", Source: string(source)})
	must(w.t, err)
	if until != "" {
		a, err = registry.End(w.t.Context(), staff(controller, identity.Admin), a.ID, until)
		must(w.t, err)
		_, err = registry.AcceptedByOther(w.t.Context(), a)
		must(w.t, err)
	}
}

func (w *world) now() time.Time       { return *w.clock.Load() }
func (w *world) set(at time.Time)     { w.clock.Store(&at) }
func (w *world) pass(d time.Duration) { w.set(w.now().Add(d)) }

// seal seals what is pending; sign keeps the checkpoint of the day.
func (w *world) seal() {
	w.t.Helper()
	must(w.t, w.instances[0].Ledger.DrainAll(w.t.Context(), w.engines[0]))
}

func (w *world) sign() {
	w.t.Helper()
	w.seal()
	_, err := w.instances[0].Ledger.Daily(w.t.Context())
	must(w.t, err)
}

// entries are the sealed entries about checkpoints that were sent.
func (w *world) entries(outcome string) []ledger.Event {
	w.t.Helper()
	w.seal()
	all, err := w.instances[0].Ledger.Read(w.t.Context(), 0, 1000)
	must(w.t, err)
	var found []ledger.Event
	for _, e := range all {
		if e.Event.Action == evidence.Send && e.Event.Outcome == outcome {
			found = append(found, e.Event)
		}
	}
	return found
}

func staff(org string, roles ...identity.Role) identity.Actor {
	return identity.Actor{Account: "acc_" + org, Organisation: org, Roles: roles, Level: identity.Full}
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// TestDailyGoesToEveryPartyOnce lets two instances try at once, many times a
// day, on three days.
func TestDailyGoesToEveryPartyOnce(t *testing.T) {
	const days, rounds = 3, 15
	w := newWorld(t, 2)
	for day := range days {
		if n, err := w.instances[0].Daily(t.Context()); n != 0 || err != nil {
			t.Errorf("day %d, before the checkpoint is signed: Daily = %d, %v, want nothing sent", day, n, err)
		}
		w.sign()
		var sent atomic.Int64
		var wg sync.WaitGroup
		for range rounds {
			for _, s := range w.instances {
				wg.Go(func() {
					n, err := s.Daily(t.Context())
					if err != nil {
						t.Error(err)
					}
					sent.Add(int64(n))
				})
			}
		}
		wg.Wait()
		if sent.Load() != 4 {
			t.Errorf("day %d: %d were sent, want one to each of 4 parties", day, sent.Load())
		}
		w.pass(24 * time.Hour)
	}
	got := map[string]int{}
	for _, ev := range w.entries(ledger.Done) {
		got[ev.Details["to"]]++
		if ev.Actor != ledger.SystemActor || ev.Details["size"] == "" {
			t.Errorf("entry %+v, want the portal itself and a size", ev)
		}
	}
	want := map[string]int{bakery: days, florist: days, partner: days, online: days}
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("entries by organisation (-want +got):\n%s", d)
	}
	t.Logf("%d tries of 2 instances at once on %d days: %d checkpoints to %d parties, each once a day", 2*rounds*days, days, days*len(got), len(got))
}

func TestWhatIsSentIsTheCheckpoint(t *testing.T) {
	w := newWorld(t, 1)
	w.sign()
	s := w.instances[0]
	_, err := s.Daily(t.Context())
	must(t, err)
	page, err := s.Dispatches.List(t.Context(), document.Query{Index: "to", Equal: []any{online}})
	must(t, err)
	if len(page.Rows) != 1 {
		t.Fatalf("%d were sent, want 1", len(page.Rows))
	}
	d := page.Rows[0]
	signed, err := s.Ledger.Key.Public().Open([]byte(d.Note))
	if err != nil || signed.Size != d.Size || !signed.At.Equal(d.Signed) || d.By != "" || d.Day != "2026-11-21" {
		t.Errorf("%+v holds the checkpoint %+v, %v", d, signed.Checkpoint, err)
	}
	if err := s.Ledger.Holds(t.Context(), signed.Checkpoint, "what was sent"); err != nil {
		t.Error(err)
	}
}

// TestAskGoesToBothSides asks thirty times at once on two instances: one
// question goes out, to the asker and to everybody it has an agreement with.
func TestAskGoesToBothSides(t *testing.T) {
	w := newWorld(t, 2)
	w.seal()
	officer := staff(bakery, identity.PrivacyOfficer)
	var asked, refused atomic.Int64
	var wg sync.WaitGroup
	for i := range 30 {
		wg.Go(func() {
			switch _, err := w.instances[i%2].Ask(t.Context(), officer); {
			case err == nil:
				asked.Add(1)
			case fault.KindOf(err) == fault.TooMany:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if asked.Load() != 1 || refused.Load() != 29 {
		t.Errorf("%d asked, %d refused, want 1 and 29", asked.Load(), refused.Load())
	}
	w.to(t, bakery, online, partner)

	var f *fault.Error
	w.pass(evidence.Pause - time.Minute)
	if _, err := w.instances[0].Ask(t.Context(), officer); !errors.As(err, &f) || f.RetryAfter != time.Minute {
		t.Errorf("a minute too soon: %v, want to be told to wait a minute", err)
	}
	w.pass(time.Minute)
	_, err := w.instances[0].Ask(t.Context(), officer)
	must(t, err)
	w.to(t, bakery, bakery, online, online, partner, partner)
	_, err = w.instances[1].Ask(t.Context(), staff(florist, identity.Admin))
	must(t, err)
	w.to(t, bakery, bakery, florist, online, online, partner, partner, partner)
}

// to asserts to whom checkpoints were sent, by the ledger.
func (w *world) to(t *testing.T, want ...string) {
	t.Helper()
	var got []string
	for _, ev := range w.entries(ledger.Done) {
		got = append(got, ev.Details["to"])
	}
	slices.Sort(got)
	if d := cmp.Diff(want, got); d != "" {
		t.Errorf("sent to (-want +got):\n%s", d)
	}
}

func TestStrangersAskForNothing(t *testing.T) {
	w := newWorld(t, 1)
	s := w.instances[0]
	half := staff(bakery, identity.Admin)
	half.Level = identity.Half
	strangers := map[string]identity.Actor{
		"nobody": {}, "a data subject": {Account: "acc_1", Roles: []identity.Role{identity.Subject}, Level: identity.Full},
		"an auditor": staff(bakery, identity.Auditor), "an operator": {Account: "acc_2", Roles: []identity.Role{identity.Operator}, Level: identity.Full},
		"an administrator without the second factor": half,
	}
	for name, by := range strangers {
		if _, err := s.Ask(t.Context(), by); !errors.Is(err, document.ErrNotFound) {
			t.Errorf("%s asks: %v", name, err)
		}
		if _, err := s.Newest(t.Context(), by, 10); !errors.Is(err, document.ErrNotFound) {
			t.Errorf("%s looks: %v", name, err)
		}
	}
	if n := len(w.entries(ledger.Refused)); n != len(strangers) {
		t.Errorf("%d refusals in the ledger, want %d", n, len(strangers))
	}
	w.to(t)
	if _, err := s.Ask(t.Context(), staff(partner, identity.Agent)); err != nil {
		t.Errorf("an agent of a processor asks: %v", err)
	}
}

// TestNewestIsTheOwnAndThePartners shows what concerns one's own agreements,
// and not what others asked a partner for.
func TestNewestIsTheOwnAndThePartners(t *testing.T) {
	w := newWorld(t, 1)
	s := w.instances[0]
	w.sign()
	_, err := s.Daily(t.Context())
	must(t, err)
	_, err = s.Ask(t.Context(), staff(florist, identity.Admin))
	must(t, err)
	for org, want := range map[string][]string{
		bakery:  {bakery + " daily", online + " daily", partner + " daily"},
		florist: {florist + " asked by " + florist, florist + " daily", partner + " asked by " + florist, partner + " daily"},
		online:  {bakery + " daily", online + " daily"},
		partner: {bakery + " daily", florist + " asked by " + florist, florist + " daily", partner + " asked by " + florist, partner + " daily"},
		former:  nil,
	} {
		all, err := s.Newest(t.Context(), staff(org, identity.Admin), 5)
		must(t, err)
		var got []string
		for _, d := range all {
			how := " daily"
			if d.By != "" {
				how = " asked by " + d.By
			}
			got = append(got, d.To+how)
		}
		slices.Sort(got)
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s sees (-want +got):\n%s", strings.TrimPrefix(org, "org_"), d)
		}
	}
}
