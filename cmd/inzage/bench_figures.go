package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"sync/atomic"
	"time"

	"inzage/services/ledger"
	"inzage/services/requests"
	"inzage/services/store/sqlite"
)

// smallStore is how many requests the store has that a large one is compared with.
const smallStore = 1_000

// filingGates are the ratios to F, by how many file at once.
var filingGates = []struct {
	filers int
	gate   float64
}{{1, 0.6}, {16, 3.5}, {64, 5}, {256, 7}}

// batchGate is which part of those who file at once one commit has to serve.
const batchGate = 0.4

// filings is how many requests are filed whole each second: key, sealed content,
// indexes and event, each on the disk before it is acknowledged; and how many of
// them share a commit.
func filings(ctx context.Context, folder string, e extent) (all []figure, err error) {
	err = within(ctx, folder, "filings", func(b *bench) error {
		engine, ok := b.engine.(*sqlite.Engine)
		if !ok {
			return errors.New("only the embedded store tells how it groups filings")
		}
		for _, g := range filingGates {
			before := engine.Stats()
			rate, ratio, err := inTurns(
				func() (float64, error) { return b.filingRate(ctx, g.filers, e.turn) },
				func() (float64, error) { return syncRate(folder, e.turn) })
			if err != nil {
				return err
			}
			after := engine.Stats()
			grouped := float64(after.Changes-before.Changes) / float64(after.Commits-before.Commits)
			all = append(all,
				figure{fmt.Sprintf("filings by %d at once", g.filers), rate, "a second", ratio, ofSync, g.gate},
				figure{fmt.Sprintf("of them in a commit, by %d", g.filers), grouped, "filings", grouped / float64(g.filers), "filers", batchGate})
		}
		return nil
	})
	return all, err
}

func (b *bench) filingRate(ctx context.Context, filers int, turn time.Duration) (float64, error) {
	var filed atomic.Int64
	start := time.Now()
	err := together(filers, func() error {
		for time.Since(start) < turn {
			if err := b.submit(ctx); err != nil {
				return err
			}
			filed.Add(1)
		}
		return nil
	})
	return float64(filed.Load()) / time.Since(start).Seconds(), err
}

// pages is how long the officer's pages take over HTTP: the queue out of few
// and out of many requests, and one request, decrypted, with its history.
func pages(ctx context.Context, folder string, e extent) (all []figure, err error) {
	err = within(ctx, folder, "few", func(few *bench) error {
		return within(ctx, folder, "many", func(many *bench) error {
			if err := few.fill(ctx, smallStore); err != nil {
				return err
			}
			if err := many.fill(ctx, e.requests); err != nil {
				return err
			}
			slow, ratio, err := inTurns(many.opening(ctx, "/queue", e.turn), few.opening(ctx, "/queue", e.turn))
			if err != nil {
				return err
			}
			all = append(all, figure{fmt.Sprintf("queue page, out of %d", e.requests), slow, "ms", ratio, fmt.Sprintf("that out of %d", smallStore), 0})
			page, err := many.requests.Queue(ctx, many.officer, requests.AllOpen, "", 1)
			if err != nil {
				return err
			}
			one, err := many.opening(ctx, "/requests/"+page.Rows[0].ID, e.turn)()
			if err != nil {
				return err
			}
			all = append(all, figure{Name: "request page", Value: one, Unit: "ms"})
			return nil
		})
	})
	return all, err
}

// opening measures the median time of a page, in milliseconds.
func (b *bench) opening(ctx context.Context, path string, turn time.Duration) func() (float64, error) {
	return func() (float64, error) {
		var took []float64
		for start := time.Now(); time.Since(start) < turn; {
			begun := time.Now()
			if err := b.page(ctx, path); err != nil {
				return 0, err
			}
			took = append(took, float64(time.Since(begun).Microseconds())/1000)
		}
		return median(took), nil
	}
}

// uploads is how fast a file is encrypted onto the disk.
func uploads(ctx context.Context, folder string, e extent) (all []figure, err error) {
	const size = 64 << 20
	err = within(ctx, folder, "uploads", func(b *bench) error {
		const owner = "req_BENCH"
		if _, err := b.vault.Create(ctx, owner); err != nil {
			return err
		}
		n := 0
		rate, ratio, err := inTurns(func() (float64, error) {
			start := time.Now()
			n++
			name := fmt.Sprintf("fil_%d", n)
			if _, err := b.vault.PutFile(ctx, owner, name, io.LimitReader(zeros{}, size), size, size); err != nil {
				return 0, err
			}
			return size / 1e6 / time.Since(start).Seconds(), b.vault.DeleteFile(ctx, owner, name)
		}, func() (float64, error) { return sealRate(e.turn) })
		all = append(all, figure{"upload of 64 MiB, encrypted", rate, "MB a second", ratio, ofSeal, 0})
		return err
	})
	return all, err
}

type zeros struct{}

func (zeros) Read(p []byte) (int, error) { clear(p); return len(p), nil }

// sealing is how fast events enter the log, and how fast the log is verified
// from the first entry on.
func sealing(ctx context.Context, folder string, e extent) (all []figure, err error) {
	err = within(ctx, folder, "ledger", func(b *bench) error {
		if err := b.fill(ctx, e.requests); err != nil {
			return err
		}
		start := time.Now()
		if err := b.ledger.DrainAll(ctx, b.engine); err != nil {
			return err
		}
		took := time.Since(start)
		signed, err := b.ledger.Checkpoint(ctx)
		if err != nil {
			return err
		}
		size := float64(signed.Checkpoint.Size)
		hashes := hashRate(e.turn)
		rate := size / took.Seconds()
		all = append(all, figure{"ledger, sealed", rate, "events a second", rate / hashes, ofHash, 0})
		verified, ratio, err := inTurns(func() (float64, error) { return b.verifyRate(ctx, signed.Checkpoint) },
			func() (float64, error) { return hashRate(e.turn), nil })
		all = append(all, figure{"ledger, verified", verified, "events a second", ratio, ofHash, 0})
		return err
	})
	return all, err
}

func (b *bench) verifyRate(ctx context.Context, c ledger.Checkpoint) (float64, error) {
	start := time.Now()
	err := b.ledger.Check(ctx, c)
	return float64(c.Size) / time.Since(start).Seconds(), err
}
