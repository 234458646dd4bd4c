package storetest

import (
	"errors"
	"fmt"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"

	"inzage/services/document"
	"inzage/services/ledger"
)

var logs = map[string]func(*testing.T, Harness){
	"an empty log":                             emptyLog,
	"records come back byte for byte":          logRoundTrip,
	"a taken number and a taken event":         logTaken,
	"a gap is refused":                         logGap,
	"by object, in pages":                      logByObject,
	"appenders beside each other, without gap": logRace,
	"the log is there after opening again":     logReopen,
}

func record(number int64) ledger.Record {
	h := make([]byte, 32)
	h[0] = byte(number)
	return ledger.Record{
		Number: number, EventID: fmt.Sprint("evt_", number), Object: fmt.Sprint("req_", number%3),
		Data: fmt.Appendf(nil, `{"b":1, "a":"%d<>&\u00e9"}`, number), Hashes: [][]byte{h, slices.Repeat([]byte{0xff}, 32)},
	}
}

func recordsFrom(first, n int64) []ledger.Record {
	var out []ledger.Record
	for i := range n {
		out = append(out, record(first+i))
	}
	return out
}

func add(t *testing.T, l ledger.Log, records ...ledger.Record) {
	t.Helper()
	n, err := l.Append(t.Context(), records)
	if err != nil || n != len(records) {
		t.Fatalf("Append = %d, %v, want %d", n, err, len(records))
	}
}

func wantSize(t *testing.T, l ledger.Log, want int64) {
	t.Helper()
	n, err := l.Size(t.Context())
	must(t, err)
	if n != want {
		t.Errorf("Size = %d, want %d", n, want)
	}
}

func emptyLog(t *testing.T, h Harness) {
	l := h.Engine.Log()
	wantSize(t, l, 0)
	got, err := l.Read(t.Context(), 0, 10)
	must(t, err)
	if len(got) != 0 {
		t.Errorf("Read = %v, want none", got)
	}
	if _, err := l.ByEvent(t.Context(), "evt_0"); !errors.Is(err, document.ErrNotFound) {
		t.Errorf("ByEvent = %v, want %v", err, document.ErrNotFound)
	}
}

func logRoundTrip(t *testing.T, h Harness) {
	l := h.Engine.Log()
	odd := record(0)
	odd.Data = []byte{0, 0xff, '\n', '"'}
	odd.Hashes = odd.Hashes[:1]
	add(t, l, odd, record(1))
	add(t, l, record(2))
	wantSize(t, l, 3)
	got, err := l.Read(t.Context(), 0, 10)
	must(t, err)
	if d := cmp.Diff([]ledger.Record{odd, record(1), record(2)}, got); d != "" {
		t.Errorf("Read (-want +got):\n%s", d)
	}
	got, err = l.Read(t.Context(), 1, 1)
	must(t, err)
	if d := cmp.Diff([]ledger.Record{record(1)}, got); d != "" {
		t.Errorf("Read of one (-want +got):\n%s", d)
	}
	one, err := l.ByEvent(t.Context(), "evt_2")
	must(t, err)
	if d := cmp.Diff(record(2), one); d != "" {
		t.Errorf("ByEvent (-want +got):\n%s", d)
	}
	if _, err := l.Read(t.Context(), 0, 0); err == nil {
		t.Error("Read without a limit was accepted")
	}
}

func logTaken(t *testing.T, h Harness) {
	l := h.Engine.Log()
	add(t, l, recordsFrom(0, 3)...)
	late := record(2)
	late.EventID = "evt_late"
	again := record(3)
	again.EventID = "evt_1"
	for _, tc := range []struct {
		name string
		r    ledger.Record
		want ledger.Taken
	}{
		{"number", late, ledger.Taken{Number: 2, EventID: "evt_late"}},
		{"event", again, ledger.Taken{Number: 3, EventID: "evt_1", Event: true}},
	} {
		n, err := l.Append(t.Context(), []ledger.Record{tc.r})
		var taken *ledger.Taken
		if n != 0 || !errors.As(err, &taken) {
			t.Fatalf("%s: Append = %d, %v, want a Taken", tc.name, n, err)
		}
		if d := cmp.Diff(tc.want, *taken); d != "" {
			t.Errorf("%s (-want +got):\n%s", tc.name, d)
		}
	}
	// In the middle of a batch: what was stored is what Append says.
	batch := []ledger.Record{record(3), record(4), record(5)}
	batch[1].EventID = "evt_0"
	n, err := l.Append(t.Context(), batch)
	var taken *ledger.Taken
	if !errors.As(err, &taken) || taken.EventID != "evt_0" || !taken.Event {
		t.Fatalf("Append = %d, %v, want event evt_0 taken", n, err)
	}
	wantSize(t, l, 3+int64(n))
}

func logGap(t *testing.T, h Harness) {
	l := h.Engine.Log()
	add(t, l, record(0))
	if n, err := l.Append(t.Context(), []ledger.Record{record(2)}); err == nil || n != 0 {
		t.Errorf("Append beyond the end = %d, %v, want an error", n, err)
	}
	if n, err := l.Append(t.Context(), []ledger.Record{record(1), record(3)}); err == nil || n > 1 {
		t.Errorf("Append with a hole = %d, %v, want an error", n, err)
	}
}

func logByObject(t *testing.T, h Harness) {
	l := h.Engine.Log()
	add(t, l, recordsFrom(0, 20)...)
	var numbers []int64
	after := int64(-1)
	for {
		got, err := l.ByObject(t.Context(), "req_1", after, 3)
		must(t, err)
		if len(got) == 0 {
			break
		}
		for _, r := range got {
			numbers = append(numbers, r.Number)
		}
		after = numbers[len(numbers)-1]
	}
	if d := cmp.Diff([]int64{1, 4, 7, 10, 13, 16, 19}, numbers); d != "" {
		t.Errorf("(-want +got):\n%s", d)
	}
}

// logRace lets several writers append; who loses a number reads the size again.
func logRace(t *testing.T, h Harness) {
	const writers, each = 5, 20
	l := h.Engine.Log()
	errs := race(writers, func(w int) error {
		for i := 0; i < each; {
			size, err := l.Size(t.Context())
			if err != nil {
				return err
			}
			var batch []ledger.Record
			for j := i; j < min(i+1+w, each); j++ {
				r := record(size + int64(j-i))
				r.EventID = fmt.Sprintf("evt_%d_%d", w, j)
				batch = append(batch, r)
			}
			n, err := l.Append(t.Context(), batch)
			i += n
			var taken *ledger.Taken
			if err != nil && (!errors.As(err, &taken) || taken.Event) {
				return err
			}
		}
		return nil
	})
	must(t, errors.Join(errs...))
	got, err := l.Read(t.Context(), 0, 1000)
	must(t, err)
	if len(got) != writers*each {
		t.Fatalf("%d records, want %d", len(got), writers*each)
	}
	seen := map[string]bool{}
	for i, r := range got {
		if r.Number != int64(i) || seen[r.EventID] {
			t.Errorf("record %d at place %d with event %s, seen before: %v", r.Number, i, r.EventID, seen[r.EventID])
		}
		seen[r.EventID] = true
	}
}

func logReopen(t *testing.T, h Harness) {
	add(t, h.Engine.Log(), recordsFrom(0, 5)...)
	l := h.Reopen(t).Log()
	wantSize(t, l, 5)
	add(t, l, record(5))
}
