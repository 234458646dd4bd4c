package main

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"time"
)

// runHealth asks a portal on this machine whether it is ready, for the health
// check of a container that has no other program in it.
func runHealth(ctx context.Context, in invocation) error {
	cfg, rest, err := settings("health", in, "inzage health\n\nAsks the portal that listens on this machine whether it is ready: exit 0 when it is, 1 when not.")
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usage("inzage health takes no arguments.")
	}
	_, port, err := net.SplitHostPort(cfg.Listen)
	if err != nil {
		return usage("INZAGE_LISTEN has no port.")
	}
	ctx, cancel := context.WithTimeout(ctx, 4*time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+net.JoinHostPort("127.0.0.1", port)+"/readyz", nil)
	if err != nil {
		return err
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return failed("The portal does not answer.")
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		return failed("The portal is not ready.")
	}
	_, err = fmt.Fprintln(in.Stdout, "ready")
	return err
}
