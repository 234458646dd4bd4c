package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"time"

	"inzage/services/notify"
)

// measure serves metrics and profiles on their own address until the context
// ends; it does nothing when none is set. An address that is taken is an error.
func (p *portal) measure(ctx context.Context) error {
	if p.cfg.Metrics == "" {
		return nil
	}
	l, err := net.Listen("tcp", p.cfg.Metrics)
	if err != nil {
		return fmt.Errorf("listen for metrics on %s: %w", p.cfg.Metrics, err)
	}
	p.gauges()
	// A profile takes as long as its reader asks for, half a minute by default.
	server := &http.Server{Handler: p.metrics.Handler(), ReadHeaderTimeout: 5 * time.Second, WriteTimeout: 5 * time.Minute}
	go func() {
		if err := server.Serve(l); !errors.Is(err, http.ErrServerClosed) {
			p.log.WarnContext(ctx, "metrics are served no more", "error", err.Error())
		}
	}()
	context.AfterFunc(ctx, func() {
		_ = server.Close() // nothing is lost with a reader of numbers
	})
	p.log.InfoContext(ctx, "metrics", "address", l.Addr().String())
	return nil
}

// gauges are what waits, and how long the ledger is; they are added once.
func (p *portal) gauges() {
	p.metrics.Gauge("inzage_ledger_entries", "Entries of the ledger.", func(ctx context.Context) (float64, error) {
		n, err := p.ledger.Size(ctx)
		return float64(n), err
	})
	for name, state := range map[string]notify.State{"waiting": notify.Queued, "failed": notify.Failed} {
		p.metrics.Gauge("inzage_mail_"+name, "Messages that are "+name+", counted up to 10,000.", func(ctx context.Context) (float64, error) {
			n, err := p.notify.Outbox.Count(ctx, state)
			return float64(n), err
		})
	}
	p.metrics.Gauge("inzage_mail_leaves", "1 when mail leaves, 0 when it is in trouble or some is kept back.", func(ctx context.Context) (float64, error) {
		h, err := p.notify.Outbox.Health(ctx)
		if err != nil || !h.Well() {
			return 0, err
		}
		return 1, nil
	})
	p.metrics.Gauge("inzage_store_ready", "1 when the store answers.", func(ctx context.Context) (float64, error) {
		if p.engine.Ping(ctx) != nil {
			return 0, nil
		}
		return 1, nil
	})
}
