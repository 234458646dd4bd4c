package journal_test

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

type world struct {
	*journal.Journal
	engine *sqlite.Engine
}

func open(t *testing.T, folder string) *world {
	t.Helper()
	e, err := sqlite.Open(t.Context(), folder)
	must(t, err)
	t.Cleanup(func() { _ = e.Close() })
	kinds := map[string]document.Kind{}
	for _, k := range journal.Kinds {
		kinds[k.Name] = k
	}
	w := &world{engine: e, Journal: &journal.Journal{Lines: store.Collection[journal.Line](e, kinds["journal"]),
		Cursors: store.Collection[journal.Cursor](e, kinds["cursors"]), Ledger: &ledger.Ledger{Log: e.Log()}}}
	must(t, e.Ping(t.Context()))
	return w
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func read(i int) ledger.Event {
	return ledger.Event{ID: fmt.Sprintf("evt_%04d", i), At: start.Add(time.Duration(i) * time.Second), Actor: "acc_1",
		Action: "request.open", Object: "req_1", Outcome: ledger.Done}
}

func (w *world) record(t *testing.T, from, n int) {
	t.Helper()
	for i := range n {
		must(t, w.Record(t.Context(), read(from+i)))
	}
}

func (w *world) drain(t *testing.T) {
	t.Helper()
	must(t, w.Ledger.DrainAll(t.Context(), w.engine))
}

func names(from, n int) []string {
	var out []string
	for i := range n {
		out = append(out, read(from+i).ID)
	}
	return out
}

// seen is a follower that notes what it was handed.
type seen struct {
	mu  sync.Mutex
	ids []string
	// fails is the event at which it fails, as long as it is set.
	fails string
}

var errDeal = errors.New("the mail server is away")

func (s *seen) deal(_ context.Context, e ledger.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if e.Event.ID == s.fails {
		return errDeal
	}
	s.ids = append(s.ids, e.Event.ID)
	return nil
}

func (s *seen) has(t *testing.T, want []string) {
	t.Helper()
	if d := cmp.Diff(want, s.ids); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

func TestRecordIsOnceOnly(t *testing.T) {
	w := open(t, t.TempDir())
	w.record(t, 0, 1)
	if err := w.Record(t.Context(), read(0)); !errors.Is(err, document.ErrTaken) {
		t.Errorf("Record again = %v, want %v", err, document.ErrTaken)
	}
	w.drain(t)
	size, err := w.Ledger.Size(t.Context())
	must(t, err)
	if size != 1 {
		t.Errorf("%d entries, want 1", size)
	}
}

func TestFollow(t *testing.T) {
	w := open(t, t.TempDir())
	var s, other seen
	follow := func(name string, s *seen, limit, want int) {
		t.Helper()
		if n, err := w.Follow(t.Context(), name, limit, s.deal); n != want || err != nil {
			t.Errorf("Follow = %d, %v, want %d", n, err, want)
		}
	}
	w.record(t, 0, 5)
	follow("mail", &s, 10, 0) // what is not sealed is not shown
	w.drain(t)
	follow("mail", &s, 3, 3)
	follow("mail", &s, 3, 2)
	follow("mail", &s, 3, 0)
	w.record(t, 5, 2)
	w.drain(t)
	follow("mail", &s, 3, 2)
	s.has(t, names(0, 7))
	follow("hooks", &other, 100, 7)
	other.has(t, names(0, 7))
}

func TestFollowGoesOnWhereItFailed(t *testing.T) {
	w := open(t, t.TempDir())
	w.record(t, 0, 6)
	w.drain(t)
	s := seen{fails: "evt_0003"}
	n, err := w.Follow(t.Context(), "mail", 10, s.deal)
	if n != 3 || !errors.Is(err, errDeal) {
		t.Errorf("Follow = %d, %v, want 3 and %v", n, err, errDeal)
	}
	// The next try begins at what failed, and not before.
	if n, err := w.Follow(t.Context(), "mail", 10, s.deal); n != 0 || !errors.Is(err, errDeal) {
		t.Errorf("Follow = %d, %v, want 0 and %v", n, err, errDeal)
	}
	s.fails = ""
	if n, err := w.Follow(t.Context(), "mail", 10, s.deal); n != 3 || err != nil {
		t.Errorf("Follow = %d, %v, want 3", n, err)
	}
	s.has(t, names(0, 6))
}

// TestFollowersOfOneNameAtOnce are two instances: each entry is dealt with,
// and the cursor never goes back.
func TestFollowersOfOneNameAtOnce(t *testing.T) {
	const n = 60
	folder := t.TempDir()
	worlds := []*world{open(t, folder), open(t, folder)}
	worlds[0].record(t, 0, n)
	worlds[0].drain(t)
	var s seen
	var wg sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		wg.Go(func() {
			for {
				done, err := worlds[i%2].Follow(t.Context(), "mail", 7, s.deal)
				if err != nil || done == 0 {
					errs[i] = err
					return
				}
			}
		})
	}
	wg.Wait()
	must(t, errors.Join(errs...))
	times := map[string]int{}
	for _, id := range s.ids {
		times[id]++
	}
	if len(times) != n {
		t.Errorf("%d entries were dealt with, want %d", len(times), n)
	}
	c, err := worlds[0].Cursors.Get(t.Context(), "mail")
	must(t, err)
	if c.Next != n {
		t.Errorf("the cursor is at %d, want %d", c.Next, n)
	}
}

func TestTidyRemovesWhatIsSealed(t *testing.T) {
	w := open(t, t.TempDir())
	w.record(t, 0, 5)
	tidy := func(limit, want int) {
		t.Helper()
		if n, err := w.Tidy(t.Context(), limit); n != want || err != nil {
			t.Errorf("Tidy = %d, %v, want %d", n, err, want)
		}
	}
	tidy(10, 0)
	w.drain(t)
	w.record(t, 5, 2)
	tidy(3, 3)
	tidy(10, 2)
	tidy(10, 0)
	for i := range 7 {
		_, err := w.Lines.Get(t.Context(), read(i).ID)
		if gone := fault.KindOf(err) == fault.NotFound; gone != (i < 5) {
			t.Errorf("line %d: gone = %v, %v", i, gone, err)
		}
	}
	w.drain(t)
	size, err := w.Ledger.Size(t.Context())
	must(t, err)
	if size != 7 {
		t.Errorf("%d entries, want 7", size)
	}
}
