package main

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"time"

	"inzage/config"
	"inzage/config/demo"
	"inzage/handlers/web"
	"inzage/services/identity"
)

const demoHelp = `inzage demo

Serves a portal with made-up organisations, people and requests, on this
machine alone, and sends its mail to a page. Without INZAGE_DATA the folder is a
new one; a folder that was used before goes on where it was.`

// freshFolder stands for a new folder until it is known that none was given.
const freshFolder = "(new)"

// patience is how long after the start the first page may wait for the
// accounts. What is not made by then is made while the portal is already open;
// on a slow machine that is all of it.
const patience = time.Second

func runDemo(ctx context.Context, in invocation) error {
	// What is set later wins, so these are the demo's own defaults.
	in.Environ = append([]string{"INZAGE_DATA=" + freshFolder, "INZAGE_LOG_LEVEL=warn"}, in.Environ...)
	cfg, rest, err := settings("demo", in, demoHelp)
	if err != nil {
		return err
	}
	if len(rest) > 0 {
		return usage("inzage demo takes no arguments.")
	}
	if err := demonstrable(cfg); err != nil {
		return err
	}
	// The address comes first: two demos on one would fill one folder.
	l, err := net.Listen("tcp", cfg.Listen)
	if err != nil {
		return fmt.Errorf("listen on %s: %w", cfg.Listen, err)
	}
	defer l.Close()
	if cfg.BaseURL == nil {
		cfg.BaseURL = &url.URL{Scheme: "http", Host: hostOf(cfg.Listen, l.Addr())}
	}
	return demonstrate(ctx, in, cfg, l)
}

// demonstrable refuses settings that could let others in, or let mail out.
func demonstrable(cfg config.Config) error {
	if !loopback(cfg.Listen) {
		return usage("The demo shows passwords, so it listens on this machine alone; use 127.0.0.1, not %s.", cfg.Listen)
	}
	if cfg.BaseURL != nil && !loopback(net.JoinHostPort(cfg.BaseURL.Hostname(), "0")) {
		return usage("The demo shows passwords, so its address is on this machine alone; leave INZAGE_BASE_URL empty.")
	}
	if cfg.Metrics != "" && !loopback(cfg.Metrics) {
		return usage("The demo is for this machine alone; use 127.0.0.1 for INZAGE_METRICS, not %s.", cfg.Metrics)
	}
	if cfg.Store.Reveal() != "" {
		return usage("The demo keeps its own store in its folder; leave INZAGE_STORE empty.")
	}
	if cfg.MasterKeyFile != "" {
		return usage("The demo makes its own key in its folder; leave INZAGE_MASTER_KEY_FILE empty.")
	}
	if cfg.LedgerKeyFile != "" {
		return usage("The demo signs with a key of its own in its folder; leave INZAGE_LEDGER_KEY_FILE empty.")
	}
	if mail := cfg.Mail.Reveal(); mail != "" && !strings.HasPrefix(mail, "file:") {
		return usage("The demo sends no real mail; leave INZAGE_MAIL empty.")
	}
	return nil
}

// hostOf is the name that was asked for with the port that was given.
func hostOf(listen string, at net.Addr) string {
	host, _, err := net.SplitHostPort(listen)
	_, port, perr := net.SplitHostPort(at.String())
	if err != nil || perr != nil {
		return at.String()
	}
	return net.JoinHostPort(host, port)
}

// demonstrate fills the folder when it is new, and serves until the context ends.
func demonstrate(ctx context.Context, in invocation, cfg config.Config, l net.Listener) error {
	var err error
	if cfg.Data == freshFolder {
		if cfg.Data, err = os.MkdirTemp("", "inzage-demo-"); err != nil {
			return fmt.Errorf("make a folder for the demo: %w", err)
		}
	}
	folder, err := claimDemo(cfg.Data)
	if err != nil {
		return err
	}
	if err := makeMaster(cfg); err != nil {
		return err
	}
	p, err := open(ctx, cfg, logger(in.Stderr, cfg.LogLevel), time.Now)
	if err != nil {
		return err
	}
	defer p.close()
	if err := p.measure(ctx); err != nil {
		return err
	}
	s := newShow(p, folder)
	fmt.Fprintf(in.Stdout, "The demo of Inzage: %s\nStart at %s/demo: there are the accounts, and a tour.\nFolder: %s\nTo stop, press Ctrl-C. To go on later, set INZAGE_DATA to the folder.\n", cfg.BaseURL, cfg.BaseURL, cfg.Data)
	return s.run(ctx, l)
}

// show is a demo that is being filled, or is full.
type show struct {
	*portal
	accounts atomic.Pointer[[]web.DemoAccount]
	hired    chan struct{} // closed when the accounts are there
	full     chan struct{} // closed when there is nothing left to fill
}

func newShow(p *portal, f demoFolder) *show {
	s := &show{portal: p, hired: make(chan struct{}), full: make(chan struct{})}
	s.accounts.Store(&f.Accounts)
	p.held = s.full
	if f.Filled {
		close(s.hired)
		close(s.full)
	}
	return s
}

// run fills what is to be filled, and serves beside it.
func (s *show) run(ctx context.Context, l net.Listener) error {
	ctx, stop := context.WithCancelCause(ctx)
	defer stop(nil)
	filled := make(chan error, 1)
	go func() {
		err := s.fill(ctx)
		if err != nil {
			stop(err)
		}
		filled <- err
	}()
	select {
	case <-s.hired:
	case <-ctx.Done():
	case <-time.After(time.Until(s.started.Add(patience))):
	}
	err := s.serve(ctx, l, s.pages())
	stop(nil)
	if ferr := <-filled; ferr != nil && !errors.Is(ferr, context.Canceled) {
		return fmt.Errorf("fill the demo: %w", ferr)
	}
	return err
}

// fill makes the people first, so that the first page has them, and then lets
// the stories happen. The folder counts as filled once all of it is there.
func (s *show) fill(ctx context.Context) error {
	select {
	case <-s.full:
		return nil
	default:
	}
	w, err := demo.Load()
	if err != nil {
		return err
	}
	c, err := s.populate(ctx, w, func() string { return w.Password })
	if err != nil {
		return err
	}
	accounts := c.accounts()
	s.accounts.Store(&accounts)
	close(s.hired)
	t, err := s.teller(ctx, c)
	if err != nil {
		return err
	}
	if err := t.tell(ctx); err != nil {
		return err
	}
	if err := writeDemo(s.cfg.Data, demoFolder{Format: demoFormat, Filled: true, Accounts: accounts}); err != nil {
		return err
	}
	close(s.full)
	return nil
}

// accounts are the members as the demo's pages show them.
func (c cast) accounts() []web.DemoAccount {
	var all []web.DemoAccount
	for _, m := range c.ordered() {
		a := web.DemoAccount{Name: m.Name, Email: m.Email, Password: m.Password, Secret: m.TOTP, Organisation: m.Organisation.Name, Slug: m.Organisation.Slug}
		for _, r := range m.Roles {
			a.Roles = append(a.Roles, identity.Role(r))
		}
		all = append(all, a)
	}
	return all
}

// pages are what only the demo shows.
func (s *show) pages() *web.Demo {
	folder := filepath.Join(s.cfg.Data, "mail")
	if dir, ok := strings.CutPrefix(s.cfg.Mail.Reveal(), "file:"); ok {
		folder = dir
	}
	return &web.Demo{MailDir: folder, Accounts: func() []web.DemoAccount { return *s.accounts.Load() }, Filled: func() bool {
		select {
		case <-s.full:
			return true
		default:
			return false
		}
	}}
}
