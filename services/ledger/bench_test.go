package ledger_test

import (
	"crypto/sha256"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"runtime"
	"strconv"
	"testing"

	"inzage/services/ledger"
)

// BenchmarkSHA256_328B is S of the performance bar: hashes of 328 bytes a
// second on one core.
func BenchmarkSHA256_328B(b *testing.B) {
	data := make([]byte, 328)
	for b.Loop() {
		_ = sha256.Sum256(data)
	}
	b.ReportMetric(float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// BenchmarkLedgerAppend seals 1,000 events a call, durably, on a log that has
// some already.
func BenchmarkLedgerAppend(b *testing.B) {
	w := open(b, b.TempDir())
	w.seal(b, 10_000)
	const each = 1000
	b.ResetTimer()
	for b.Loop() {
		b.StopTimer()
		events := plainOf(each)
		b.StartTimer()
		must(b, w.Seal(b.Context(), events))
	}
	b.ReportMetric(float64(each*b.N)/b.Elapsed().Seconds(), "events/s")
}

// plainOf are events as the portal records them: identifiers and fixed words.
func plainOf(n int) []ledger.Event {
	events := eventsOf("req_1", n)
	for i := range events {
		events[i].Object = fmt.Sprint("req_", i%100)
		events[i].Details = map[string]string{"right": "access", "turn": fmt.Sprint(i)}
	}
	return events
}

// large is a ledger of many entries, made once: INZAGE_TEST_ENTRIES of them.
func large(b *testing.B) (*world, ledger.Checkpoint) {
	b.Helper()
	n := 50_000
	if s := os.Getenv("INZAGE_TEST_ENTRIES"); s != "" {
		var err error
		n, err = strconv.Atoi(s)
		must(b, err)
	}
	w := open(b, b.TempDir())
	for done := 0; done < n; done += 20_000 {
		must(b, w.Seal(b.Context(), plainOf(min(20_000, n-done))))
	}
	s, err := w.Checkpoint(b.Context())
	must(b, err)
	b.ResetTimer()
	return w, s.Checkpoint
}

// BenchmarkLedgerVerify recomputes every hash from the store.
func BenchmarkLedgerVerify(b *testing.B) {
	w, c := large(b)
	for b.Loop() {
		must(b, w.Check(b.Context(), c))
	}
	b.ReportMetric(float64(c.Size)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
}

// nowhere is an archive that is thrown away.
type nowhere struct{}

func (nowhere) Create(string) (io.Writer, error) { return io.Discard, nil }
func (nowhere) Close() error                     { return nil }

func BenchmarkExport(b *testing.B) {
	w, c := large(b)
	var before, after runtime.MemStats
	runtime.GC()
	runtime.ReadMemStats(&before)
	for b.Loop() {
		_, err := w.Export(b.Context(), nowhere{})
		must(b, err)
	}
	runtime.ReadMemStats(&after)
	b.ReportMetric(float64(c.Size)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
	b.ReportMetric(float64(after.Sys-before.Sys)/(1<<20), "MiB-more")
}

func BenchmarkVerifyExport(b *testing.B) {
	w, c := large(b)
	for _, name := range []string{"folder", "file.zip"} {
		path := filepath.Join(b.TempDir(), name)
		must(b, ledger.WriteExport(path, func(a ledger.Archive) error { _, err := w.Export(b.Context(), a); return err }))
		b.Run(name, func(b *testing.B) {
			for b.Loop() {
				_, err := ledger.VerifyFile(b.Context(), path, ledger.Terms{})
				must(b, err)
			}
			b.ReportMetric(float64(c.Size)*float64(b.N)/b.Elapsed().Seconds(), "events/s")
		})
	}
}

func BenchmarkConfirm(b *testing.B) {
	w, c := large(b)
	i := int64(0)
	for b.Loop() {
		got, err := w.Confirm(b.Context(), i*7919%c.Size)
		must(b, err)
		if !got.Verified {
			b.Fatal(fmt.Sprint("entry ", got.Number, " was not verified"))
		}
		i++
	}
}
