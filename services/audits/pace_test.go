package audits_test

import (
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"inzage/services/audits"
	"inzage/services/fault"
)

// TestAnnouncingHasAPace: of many audits announced at once under one agreement,
// as many go out as a day allows, and a refused notice counts for nothing.
func TestAnnouncingHasAPace(t *testing.T) {
	w := newWorld(t, "vcare")
	var ids []string
	for range audits.NoticesADay + 3 {
		ids = append(ids, w.draft().ID)
	}
	bare := w.must(w.audits.Start(t.Context(), w.officer, "", w.agreement, plan()))
	for range audits.NoticesADay { // no auditor is named
		if _, err := w.audits.SendNotice(t.Context(), w.officer, bare.ID); err == nil || fault.KindOf(err) == fault.TooMany {
			t.Fatalf("a notice without an auditor: %v", err)
		}
	}
	var sent, refused atomic.Int64
	var wg sync.WaitGroup
	for _, id := range ids {
		wg.Go(func() {
			switch _, err := w.audits.SendNotice(t.Context(), w.officer, id); {
			case err == nil:
				sent.Add(1)
			case fault.KindOf(err) == fault.TooMany:
				refused.Add(1)
			default:
				t.Error(err)
			}
		})
	}
	wg.Wait()
	if sent.Load() != audits.NoticesADay || refused.Load() != 3 {
		t.Errorf("%d went out, %d were refused", sent.Load(), refused.Load())
	}
	w.pass(25 * time.Hour)
	for _, id := range ids {
		if w.get(id).Announced == nil {
			w.must(w.audits.SendNotice(t.Context(), w.officer, id))
		}
	}
}
