package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"inzage/services/requests"
)

// benchPortal opens a portal for a benchmark.
func benchPortal(b testing.TB) *bench {
	b.Helper()
	w, err := openBench(b.Context(), b.TempDir())
	if err != nil {
		b.Fatal(err)
	}
	b.Cleanup(func() {
		if err := w.stop(); err != nil {
			b.Errorf("stop: %v", err)
		}
	})
	return w
}

// BenchmarkFile stores a filing whole: key, sealed content, indexes and event, each durable.
func BenchmarkFile(b *testing.B) {
	for _, filers := range []int{1, 16, 64, 256} {
		b.Run(fmt.Sprintf("filers=%d", filers), func(b *testing.B) {
			w := benchPortal(b)
			b.SetParallelism((filers + runtime.GOMAXPROCS(0) - 1) / runtime.GOMAXPROCS(0))
			b.ReportAllocs()
			b.ResetTimer()
			if filers == 1 {
				for b.Loop() {
					check(b, w.submit(context.Background()))
				}
			} else {
				b.RunParallel(func(pb *testing.PB) {
					for pb.Next() {
						check(b, w.submit(context.Background()))
					}
				})
			}
			b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "filings/s")
		})
	}
}

// check notes an error, from any goroutine.
func check(b testing.TB, err error) {
	b.Helper()
	if err != nil {
		b.Error(err)
	}
}

// BenchmarkQueue is the officer's queue page over HTTP: 50 rows with all
// counts, out of 1,000 and out of 100,000. The two take turns, so that a busy
// machine slows both; x is the median of what one turn costs in the large
// store over the small.
func BenchmarkQueue(b *testing.B) {
	small, large := benchPortal(b), benchPortal(b)
	check(b, small.fill(b.Context(), 1_000))
	check(b, large.fill(b.Context(), 100_000))
	const loads = 10
	turn := func(w *bench) time.Duration {
		start := time.Now()
		for range loads {
			check(b, w.page(b.Context(), "/queue"))
		}
		return time.Since(start)
	}
	turn(small)
	turn(large)
	var ratios []float64
	var inSmall, inLarge time.Duration
	b.ResetTimer()
	for b.Loop() {
		s, l := turn(small), turn(large)
		s = (s + turn(small)) / 2
		inSmall, inLarge = inSmall+s, inLarge+l
		ratios = append(ratios, float64(l)/float64(s))
	}
	slices.Sort(ratios)
	pages := float64(len(ratios) * loads)
	b.ReportMetric(ratios[len(ratios)/2], "x")
	b.ReportMetric(float64(inSmall.Microseconds())/pages, "µs/page-of-1k")
	b.ReportMetric(float64(inLarge.Microseconds())/pages, "µs/page-of-100k")
}

// BenchmarkRequestPage opens one request: decrypted, with clock, history and
// the entry that the reading leaves.
func BenchmarkRequestPage(b *testing.B) {
	w := benchPortal(b)
	check(b, w.fill(b.Context(), 100))
	page, err := w.requests.Queue(b.Context(), w.officer, requests.AllOpen, "", 1)
	if err != nil || len(page.Rows) == 0 {
		b.Fatalf("queue: %v", err)
	}
	path := "/requests/" + page.Rows[0].ID
	check(b, w.page(b.Context(), path))
	b.ReportAllocs()
	b.ResetTimer()
	for b.Loop() {
		check(b, w.page(b.Context(), path))
	}
}

// BenchmarkUpload encrypts a file of 64 MiB into the store.
func BenchmarkUpload(b *testing.B) {
	w := benchPortal(b)
	const size = 64 << 20
	ctx := context.Background()
	if _, err := w.vault.Create(ctx, "req_BENCH"); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for i := 0; b.Loop(); i++ {
		name := fmt.Sprintf("fil_%d", i)
		if _, err := w.vault.PutFile(ctx, "req_BENCH", name, io.LimitReader(zeros{}, size), size, size); err != nil {
			b.Fatal(err)
		}
		b.StopTimer()
		if err := w.vault.DeleteFile(ctx, "req_BENCH", name); err != nil {
			b.Fatal(err)
		}
		b.StartTimer()
	}
}

// TestBenchMeasuresEverything takes each figure once, quickly: none is empty,
// and nothing stays on the disk. How fast it was is nobody's business here.
func TestBenchMeasuresEverything(t *testing.T) {
	folder := t.TempDir()
	b, err := measured(t.Context(), folder, extent{requests: 200, turn: 20 * time.Millisecond})
	if err != nil {
		t.Fatal(err)
	}
	if len(b.Yardsticks) != 3 || len(b.Figures) != 13 {
		t.Errorf("%d yardsticks and %d figures", len(b.Yardsticks), len(b.Figures))
	}
	for _, y := range b.Yardsticks {
		if y.Value <= 0 {
			t.Errorf("%s was not measured", y.Name)
		}
	}
	for _, f := range b.Figures {
		if f.Value <= 0 || f.Of != "" && f.Ratio <= 0 {
			t.Errorf("%s was not measured: %v", f.Name, f)
		}
	}
	left, err := filepath.Glob(filepath.Join(folder, "*"))
	if err != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, err)
	}
	var text strings.Builder
	if err := b.table(&text); err != nil || !strings.Contains(text.String(), "filings by 256 at once") {
		t.Errorf("as text: %v\n%s", err, text.String())
	}
	if raw, err := json.Marshal(b); err != nil || !strings.Contains(string(raw), `"of":"F, synced writes","gate":3.5`) {
		t.Errorf("as JSON: %v\n%s", err, raw)
	}
}

// TestBenchRefuses: what it cannot measure is refused before anything is made.
func TestBenchRefuses(t *testing.T) {
	for _, args := range [][]string{{"--requests", "999"}, {"--requests", "1000001"}, {"--seconds", "0"}, {"--seconds", "61"}, {"now"}, {"--store", "mongodb://127.0.0.1/inzage"}} {
		data := filepath.Join(t.TempDir(), "data")
		code := run(t.Context(), append([]string{"bench"}, args...), strings.NewReader(""), io.Discard, io.Discard, []string{"INZAGE_DATA=" + data})
		if _, err := os.Stat(data); code != exitUsage || err == nil {
			t.Errorf("inzage bench %v: exit code %d, folder made: %v", args, code, err == nil)
		}
	}
}

// TestBenchLeavesFoldersAsTheyWere: a folder that was there stays, empty as it
// was, and one that was made goes. The measuring is cut short for it.
func TestBenchLeavesFoldersAsTheyWere(t *testing.T) {
	there, made := t.TempDir(), filepath.Join(t.TempDir(), "data")
	ended, end := context.WithCancel(t.Context())
	end()
	for _, data := range []string{there, made} {
		if code := run(ended, []string{"bench"}, strings.NewReader(""), io.Discard, io.Discard, []string{"INZAGE_DATA=" + data}); code != exitFail {
			t.Errorf("cut short in %s: exit code %d", data, code)
		}
	}
	if left, err := os.ReadDir(there); err != nil || len(left) > 0 {
		t.Errorf("the folder that was there: %v, %v", left, err)
	}
	if _, err := os.Stat(made); err == nil {
		t.Error("the folder that was made is still there")
	}
}
