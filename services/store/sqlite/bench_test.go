package sqlite_test

import (
	"fmt"
	"os"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

// filing has the shape and size of a request as it is filed.
type filing struct {
	document.Meta
	Reference  string    `json:"reference"`
	Controller string    `json:"controller"`
	Processor  string    `json:"processor"`
	State      string    `json:"state"`
	Due        time.Time `json:"due"`
	Received   time.Time `json:"received"`
	Sealed     string    `json:"sealed"`
}

var filings = document.Kind{Name: "filings", Indexes: []document.Index{
	{Name: "reference", Fields: []string{"reference"}, Unique: true},
	{Name: "queue", Fields: []string{"controller", "state", "due"}},
	{Name: "due", Fields: []string{"state", "due"}},
}}

var start = time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)

func newFiling(i int) *filing {
	return &filing{
		Meta: document.Meta{ID: ledger.NewID("req")}, Reference: ledger.NewID("r"),
		Controller: fmt.Sprint("org_", i%4), Processor: "org_p", State: "received",
		Due: start.Add(time.Duration(i) * time.Second), Received: start, Sealed: strings.Repeat("s", 600),
	}
}

func filed(id string) ledger.Event {
	return ledger.Event{ID: ledger.NewID("evt"), At: start, Actor: "subject:" + id, Action: "request.file",
		Object: id, Outcome: ledger.Done, Details: map[string]string{"right": "access"}}
}

// BenchmarkFsyncAppend4K is F of the performance bar: what the disk can do.
func BenchmarkFsyncAppend4K(b *testing.B) {
	f, err := os.Create(b.TempDir() + "/raw")
	if err != nil {
		b.Fatal(err)
	}
	defer f.Close()
	page := make([]byte, 4096)
	for b.Loop() {
		if _, err := f.Write(page); err != nil {
			b.Fatal(err)
		}
		if err := syscall.Fdatasync(int(f.Fd())); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "commits/s")
}

func BenchmarkCreate(b *testing.B) {
	for _, filers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("filers=%d", filers), func(b *testing.B) {
			e := open(b, b.TempDir())
			c := store.Collection[filing](e, filings)
			before := e.Stats()
			b.ResetTimer()
			parallel(b, filers, func(i int) error {
				v := newFiling(i)
				return c.Create(b.Context(), v, filed(v.ID))
			})
			s := e.Stats()
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "filings/s")
			b.ReportMetric(float64(s.Changes-before.Changes)/float64(s.Commits-before.Commits)/float64(filers), "perCommit/filer")
		})
	}
}

func parallel(b *testing.B, workers int, fn func(i int) error) {
	var next atomic.Int64
	var wg sync.WaitGroup
	for range workers {
		wg.Go(func() {
			for {
				i := int(next.Add(1))
				if i > b.N {
					return
				}
				if err := fn(i); err != nil {
					b.Error(err)
					return
				}
			}
		})
	}
	wg.Wait()
}

func BenchmarkUpdate(b *testing.B) {
	e := open(b, b.TempDir())
	c := store.Collection[filing](e, filings)
	v := newFiling(0)
	if err := c.Create(b.Context(), v); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		ev := filed(v.ID)
		if _, err := c.Update(b.Context(), v.ID, func(f *filing) ([]ledger.Event, error) {
			f.State = "closed"
			return []ledger.Event{ev}, nil
		}); err != nil {
			b.Fatal(err)
		}
		if err := e.Settle(b.Context(), "filings", []ledger.Settlement{{ID: v.ID, Events: []string{ev.ID}}}); err != nil {
			b.Fatal(err)
		}
	}
}

// seeds are filled once per run; INZAGE_BENCH_1M adds one of a million rows.
var seeds = struct {
	sync.Mutex
	folders map[int]string
}{folders: map[int]string{}}

func dropSeeds() {
	for _, folder := range seeds.folders {
		_ = os.RemoveAll(folder) // temporary
	}
}

func seeded(b *testing.B, rows int) (*sqlite.Engine, document.Collection[filing]) {
	b.Helper()
	seeds.Lock()
	defer seeds.Unlock()
	folder, ok := seeds.folders[rows]
	if !ok {
		var err error
		if folder, err = os.MkdirTemp("", "inzage-seed"); err != nil {
			b.Fatal(err)
		}
		seeds.folders[rows] = folder
	}
	e := open(b, folder)
	c := store.Collection[filing](e, filings)
	if !ok {
		var next atomic.Int64
		var wg sync.WaitGroup
		for range 256 {
			wg.Go(func() {
				for i := int(next.Add(1)); i <= rows; i = int(next.Add(1)) {
					if err := c.Create(b.Context(), newFiling(i)); err != nil {
						b.Error(err)
						return
					}
				}
			})
		}
		wg.Wait()
	}
	return e, c
}

func sizes() []int {
	if os.Getenv("INZAGE_BENCH_1M") != "" {
		return []int{1_000, 100_000, 1_000_000}
	}
	return []int{1_000, 100_000}
}

func BenchmarkList50(b *testing.B) {
	for _, rows := range sizes() {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			_, c := seeded(b, rows)
			q := document.Query{Index: "queue", Equal: []any{"org_1", "received"}, Descending: true}
			for b.Loop() {
				page, err := c.List(b.Context(), q)
				if err != nil || len(page.Rows) != 50 {
					b.Fatal(len(page.Rows), err)
				}
			}
		})
	}
}

// BenchmarkRange50 is the list without decoding.
func BenchmarkRange50(b *testing.B) {
	for _, rows := range sizes() {
		b.Run(fmt.Sprintf("rows=%d", rows), func(b *testing.B) {
			e, _ := seeded(b, rows)
			r := store.Range{Index: "queue", Equal: []any{"org_1", "received"}, Descending: true, Limit: 50}
			for b.Loop() {
				if got, err := e.Range(b.Context(), "filings", r); err != nil || len(got) != 50 {
					b.Fatal(len(got), err)
				}
			}
		})
	}
}

func BenchmarkDeepPage(b *testing.B) {
	for _, depth := range []float64{0, 0.5} {
		b.Run(fmt.Sprintf("depth=%v", depth), func(b *testing.B) {
			rows := sizes()[len(sizes())-1]
			_, c := seeded(b, rows)
			q := document.Query{Index: "queue", Equal: []any{"org_1", "received"}, Limit: 1,
				From: start.Add(time.Duration(depth*float64(rows)) * time.Second)}
			page, err := c.List(b.Context(), q)
			if err != nil {
				b.Fatal(err)
			}
			q.From, q.After, q.Limit = nil, page.Next, 50
			for b.Loop() {
				if _, err := c.List(b.Context(), q); err != nil {
					b.Fatal(err)
				}
			}
		})
	}
}

func BenchmarkCount(b *testing.B) {
	for _, limit := range []int{100, 10_000} {
		b.Run(fmt.Sprintf("limit=%d", limit), func(b *testing.B) {
			_, c := seeded(b, 100_000)
			q := document.Query{Index: "queue", Equal: []any{"org_1", "received"}, Limit: limit}
			for b.Loop() {
				if n, err := c.Count(b.Context(), q); err != nil || n != limit {
					b.Fatal(n, err)
				}
			}
		})
	}
}

func BenchmarkGet(b *testing.B) {
	e, _ := seeded(b, 1000)
	c := store.Collection[filing](e, filings)
	v := newFiling(1)
	if err := c.Create(b.Context(), v); err != nil {
		b.Fatal(err)
	}
	for b.Loop() {
		if _, err := c.Get(b.Context(), v.ID); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkLogAppend1000(b *testing.B) {
	l := open(b, b.TempDir()).Log()
	n := int64(0)
	hash := make([]byte, 32)
	for b.Loop() {
		batch := make([]ledger.Record, 1000)
		for i := range batch {
			batch[i] = ledger.Record{Number: n, EventID: ledger.NewID("evt"), Object: ledger.NewID("req"), Data: make([]byte, 328), Hashes: [][]byte{hash, hash}}
			n++
		}
		if _, err := l.Append(b.Context(), batch); err != nil {
			b.Fatal(err)
		}
	}
	b.ReportMetric(float64(n)/b.Elapsed().Seconds(), "events/s")
}
