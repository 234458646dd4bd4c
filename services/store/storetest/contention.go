package storetest

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"sync"
	"sync/atomic"
	"testing"

	"inzage/services/document"
	"inzage/services/ledger"
)

// race runs n functions at once and returns their errors.
func race(n int, fn func(i int) error) []error {
	errs := make([]error, n)
	start := make(chan struct{})
	var wg sync.WaitGroup
	for i := range n {
		wg.Go(func() {
			<-start
			errs[i] = fn(i)
		})
	}
	close(start)
	wg.Wait()
	return errs
}

// winners counts the nils, and fails the test on an error other than lost.
func winners(t *testing.T, errs []error, lost error) int {
	t.Helper()
	n := 0
	for _, err := range errs {
		if err == nil {
			n++
		} else if !errors.Is(err, lost) {
			t.Errorf("err = %v, want %v", err, lost)
		}
	}
	return n
}

func createRace(t *testing.T, h Harness) {
	c := collection(h)
	errs := race(30, func(i int) error {
		return c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}, Weight: i}, event("par_1"))
	})
	if n := winners(t, errs, document.ErrTaken); n != 1 {
		t.Fatalf("%d creators won, want 1", n)
	}
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	if errs[got.Weight] != nil || len(got.Pending) != 1 {
		t.Errorf("stored is the parcel of creator %d (%v) with %d events", got.Weight, errs[got.Weight], len(got.Pending))
	}
}

func uniqueRace(t *testing.T, h Harness) {
	c := collection(h)
	errs := race(30, func(i int) error {
		return c.Create(t.Context(), &parcel{Meta: document.Meta{ID: fmt.Sprint("par_", i)}, Ref: "same"})
	})
	if n := winners(t, errs, document.ErrTaken); n != 1 {
		t.Fatalf("%d creators won, want 1", n)
	}
	got, err := c.Find(t.Context(), "ref", "same")
	must(t, err)
	for i, err := range errs {
		if (err == nil) != (got.ID == fmt.Sprint("par_", i)) {
			t.Errorf("creator %d was told %v, stored is %s", i, err, got.ID)
		}
	}
}

func increments(t *testing.T, h Harness) {
	const writers, rounds = 12, 15
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}}))
	errs := race(writers, func(int) error {
		for range rounds {
			_, err := c.Update(t.Context(), "par_1", func(p *parcel) ([]ledger.Event, error) {
				p.Weight++
				return []ledger.Event{event("par_1")}, nil
			})
			if err != nil {
				return err
			}
		}
		return nil
	})
	must(t, errors.Join(errs...))
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	if n := writers * rounds; got.Weight != n || got.Rev != int64(n+1) || len(got.Pending) != n {
		t.Errorf("weight %d, rev %d, %d events; want %d of each", got.Weight, got.Rev, len(got.Pending), n)
	}
}

func manyDocuments(t *testing.T, h Harness) {
	const count, writers, rounds = 8, 16, 20
	c := collection(h)
	for i := range count {
		must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: fmt.Sprint("par_", i)}}))
	}
	var want [count]atomic.Int64
	errs := race(writers, func(int) error {
		for range rounds {
			i := rand.IntN(count)
			_, err := c.Update(t.Context(), fmt.Sprint("par_", i), func(p *parcel) ([]ledger.Event, error) {
				p.Weight++
				return []ledger.Event{event(p.ID)}, nil
			})
			if err != nil {
				return err
			}
			want[i].Add(1)
		}
		return nil
	})
	must(t, errors.Join(errs...))
	for i := range count {
		got, err := c.Get(t.Context(), fmt.Sprint("par_", i))
		must(t, err)
		if n := want[i].Load(); int64(got.Weight) != n || int64(len(got.Pending)) != n {
			t.Errorf("par_%d: weight %d, %d events, want %d", i, got.Weight, len(got.Pending), n)
		}
	}
}

// waitingInVain has one writer lose a race and then hold the turn of the
// document; another's time is up while it waits behind.
func waitingInVain(t *testing.T, h Harness) {
	c := collection(h)
	must(t, c.Create(t.Context(), &parcel{Meta: document.Meta{ID: "par_1"}}))
	holds, release, done := make(chan struct{}), make(chan struct{}), make(chan error)
	add := func(p *parcel) ([]ledger.Event, error) {
		p.Weight++
		return []ledger.Event{event("par_1")}, nil
	}
	go func() {
		runs := 0
		_, err := c.Update(t.Context(), "par_1", func(p *parcel) ([]ledger.Event, error) {
			if runs++; runs == 1 {
				if _, err := c.Update(t.Context(), "par_1", add); err != nil {
					return nil, err
				}
				return add(p)
			}
			close(holds)
			<-release
			return add(p)
		})
		done <- err
	}()
	<-holds
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := c.Update(ctx, "par_1", add); !errors.Is(err, document.ErrBusy) {
		t.Errorf("Update of who waited in vain = %v, want %v", err, document.ErrBusy)
	}
	close(release)
	must(t, <-done)
	got, err := c.Get(t.Context(), "par_1")
	must(t, err)
	if got.Weight != 2 {
		t.Errorf("%d changes are stored, want the 2 that were acknowledged", got.Weight)
	}
}
