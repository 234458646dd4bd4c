package sqlite_test

import (
	"context"
	"errors"
	"sync"
	"testing"

	"inzage/services/document"
	"inzage/services/store"
)

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatalf("%v (because of: %v)", err, errors.Unwrap(err))
	}
}

func wantIs(t *testing.T, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("err = %v, want %v", err, want)
	}
}

// TestOneFailureDoesNotFailTheGroup holds the writer, so that all changes that
// queue up meanwhile are one transaction.
func TestOneFailureDoesNotFailTheGroup(t *testing.T) {
	e := open(t, t.TempDir())
	c := store.Collection[filing](e, filings)
	taken := newFiling(0)
	must(t, c.Create(t.Context(), taken))
	before := e.Stats()
	held, release := e.Hold()
	<-held
	errs := make([]error, 40)
	var wg sync.WaitGroup
	for i := range errs {
		v := newFiling(i)
		if i%4 == 0 {
			v.Reference = taken.Reference
		}
		wg.Go(func() { errs[i] = c.Create(context.Background(), v) })
	}
	e.WaitQueued(len(errs))
	release()
	wg.Wait()
	for i, err := range errs {
		if i%4 == 0 {
			wantIs(t, err, document.ErrTaken)
		} else {
			must(t, err)
		}
	}
	if n := e.Stats().Commits - before.Commits; n != 2 {
		t.Errorf("%d commits, want one for the hold and one for the group", n)
	}
	n, err := c.Count(t.Context(), document.Query{Index: "due", Limit: 1000})
	must(t, err)
	if n != 31 {
		t.Errorf("%d rows, want 31", n)
	}
}

func TestCancelledInTheQueueChangesNothing(t *testing.T) {
	e := open(t, t.TempDir())
	c := store.Collection[filing](e, filings)
	held, release := e.Hold()
	<-held
	ctx, cancel := context.WithCancel(t.Context())
	v := newFiling(1)
	done := make(chan error)
	go func() { done <- c.Create(ctx, v) }()
	e.WaitQueued(1)
	cancel()
	if err := <-done; !errors.Is(err, context.Canceled) {
		t.Errorf("Create = %v, want %v", err, context.Canceled)
	}
	release()
	must(t, c.Create(t.Context(), newFiling(2))) // is behind it in the queue
	_, err := c.Get(t.Context(), v.ID)
	wantIs(t, err, document.ErrNotFound)
}

func TestCloseFinishesTheQueue(t *testing.T) {
	folder := t.TempDir()
	e := open(t, folder)
	c := store.Collection[filing](e, filings)
	held, release := e.Hold()
	<-held
	v := newFiling(1)
	created, closed := make(chan error, 1), make(chan error, 1)
	go func() { created <- c.Create(context.Background(), v) }()
	e.WaitQueued(1)
	go func() { closed <- e.Close() }()
	release()
	must(t, errors.Join(<-created, <-closed))
	wantIs(t, c.Create(t.Context(), newFiling(2)), document.ErrBusy)
	_, err := store.Collection[filing](open(t, folder), filings).Get(t.Context(), v.ID)
	must(t, err)
}

// TestTwoEngines has two writers on one folder, as two processes have.
func TestTwoEngines(t *testing.T) {
	folder := t.TempDir()
	one, two := open(t, folder), open(t, folder)
	collections := []document.Collection[filing]{store.Collection[filing](one, filings), store.Collection[filing](two, filings)}
	var wg sync.WaitGroup
	errs := make([]error, 200)
	for i := range errs {
		wg.Go(func() { errs[i] = collections[i%2].Create(context.Background(), newFiling(i)) })
	}
	wg.Wait()
	must(t, errors.Join(errs...))
	for i, c := range collections {
		n, err := c.Count(t.Context(), document.Query{Index: "due", Limit: 1000})
		must(t, err)
		if n != len(errs) {
			t.Errorf("engine %d counts %d rows, want %d", i, n, len(errs))
		}
	}
}
