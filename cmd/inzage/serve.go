package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"net"
	"net/netip"
	"os"
	"path/filepath"
	"time"

	"inzage/config"
	"inzage/services/fault"
	"inzage/services/ledger"
	"inzage/services/vault"
)

// settings declares a flag for every setting and reads them all. more declares
// the command's own flags.
func settings(name string, in invocation, help string, more ...func(*flag.FlagSet)) (config.Config, []string, error) {
	fs := flags(name, in, help)
	for _, declare := range more {
		declare(fs)
	}
	values := map[string]*text{}
	for flag, help := range config.Flags() {
		values[flag] = &text{}
		fs.Var(values[flag], flag, help)
	}
	rest, err := parse(fs, in.Args)
	if err != nil {
		return config.Config{}, nil, err
	}
	given := map[string]string{}
	for flag, v := range values {
		if v.given {
			given[flag] = v.value
		}
	}
	cfg, err := config.Load(given, in.Environ)
	if err != nil {
		return config.Config{}, nil, fault.New(fault.Invalid, "%s.", err.Error())
	}
	return cfg, rest, nil
}

func runServe(ctx context.Context, in invocation) error {
	cfg, rest, err := settings("serve", in, "inzage serve\n\nServes the portal. inzage help settings lists what can be set.")
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usage("inzage serve takes no arguments.")
	}
	if err := servable(cfg); err != nil {
		return err
	}
	p, err := open(ctx, cfg, logger(in.Stderr, cfg.LogLevel), time.Now)
	if err != nil {
		return err
	}
	defer p.close()
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	if err := p.measure(ctx); err != nil {
		return errors.Join(err, l.Close())
	}
	p.log.InfoContext(ctx, "serving", "address", l.Addr().String(), "base_url", cfg.BaseURL.String())
	return p.serve(ctx, l, nil)
}

// servable refuses settings under which the portal would not be safe.
func servable(cfg config.Config) error {
	if cfg.BaseURL == nil {
		return usage("Set INZAGE_BASE_URL to the address people use, for example https://inzage.example.")
	}
	if cfg.Metrics != "" && !loopback(cfg.Metrics) {
		return usage("Metrics and profiles are for this machine alone; use 127.0.0.1 for INZAGE_METRICS, not %s.", cfg.Metrics)
	}
	if cfg.BaseURL.Scheme == "https" {
		return nil
	}
	if !cfg.InsecureHTTP {
		return usage("The base URL is plain HTTP; use https://, or set INZAGE_INSECURE_HTTP=1 on this machine alone.")
	}
	if !loopback(cfg.Listen) || !loopback(net.JoinHostPort(cfg.BaseURL.Hostname(), "0")) {
		return usage("Plain HTTP is allowed on a loopback address only; use 127.0.0.1 for INZAGE_LISTEN and INZAGE_BASE_URL, or https://.")
	}
	return nil
}

// loopback tells whether an address to listen on is reached from this machine alone.
func loopback(listen string) bool {
	host, _, err := net.SplitHostPort(listen)
	if err != nil {
		return false
	}
	if host == "localhost" {
		return true
	}
	a, err := netip.ParseAddr(host)
	return err == nil && a.IsLoopback()
}

// makeMaster makes the master key, and the key that signs the ledger, where
// there is none.
func makeMaster(cfg config.Config) error {
	if err := makeKey(masterPath(cfg), vault.CreateMaster); err != nil {
		return err
	}
	host := "inzage"
	if cfg.BaseURL != nil {
		host = cfg.BaseURL.Host
	}
	return makeKey(ledgerKeyPath(cfg), func(path string) error { return ledger.CreateKey(path, host) })
}

func makeKey(path string, create func(string) error) error {
	if _, err := os.Stat(path); err == nil {
		return nil
	}
	if err := private(filepath.Dir(path)); err != nil {
		return err
	}
	return create(path)
}

// runInit prepares an installation: its keys, and a one-time link for
// the first operator.
func runInit(ctx context.Context, in invocation) error {
	cfg, rest, err := settings("init", in, "inzage init\n\nMakes the master key and the ledger's key, opens the store, and prints a one-time link for the first operator.")
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usage("inzage init takes no arguments.")
	}
	if cfg.BaseURL == nil {
		return usage("Set INZAGE_BASE_URL to the address people use, for example https://inzage.example.")
	}
	if err := makeMaster(cfg); err != nil {
		return err
	}
	p, err := open(ctx, cfg, logger(in.Stderr, cfg.LogLevel), time.Now)
	if err != nil {
		return err
	}
	defer p.close()
	link, err := p.identity.Bootstrap(ctx)
	if err != nil {
		return err
	}
	if link == "" {
		_, err = fmt.Fprintln(in.Stdout, "There is an operator already; nothing was changed.")
		return err
	}
	fmt.Fprintf(in.Stdout, "The first operator sets up their account here. The link works once, for seven days:\n%s\n\nMaster key: %s\nKeep a copy of it apart from the backups: without it nothing can be read.\n\nLedger key: %s\nKeep a copy of it, too: it signs the checkpoints of the ledger.\n", link, masterPath(cfg), ledgerKeyPath(cfg))
	return nil
}

func helpSettings(_ context.Context, in invocation) error {
	return config.Describe(in.Stdout)
}
