package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"sync"
	"time"

	"inzage/config"
	"inzage/config/decisions"
	"inzage/config/notices"
	"inzage/config/undertakings"
	"inzage/handlers"
	"inzage/handlers/api"
	"inzage/handlers/metrics"
	"inzage/handlers/session"
	"inzage/handlers/upload"
	"inzage/handlers/web"
	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/dossier"
	"inzage/services/evidence"
	"inzage/services/identity"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
	"inzage/services/store"
	"inzage/services/store/files"
	"inzage/services/store/mongo"
	"inzage/services/store/sqlite"
	"inzage/services/tokens"
	"inzage/services/vault"
	"inzage/views/language"
	"inzage/views/mail"
)

// portal is everything that runs: the store, the services on it, and the loops
// beside them. The commands and the tests build it the same way.
type portal struct {
	cfg        config.Config
	log        *slog.Logger
	now        func() time.Time
	started    time.Time
	engine     store.Engine
	blobs      vault.Blobs
	vault      *vault.Vault
	ledger     *ledger.Ledger
	journal    *journal.Journal
	identity   *identity.Service
	agreements *agreements.Registry
	requests   *requests.Service
	audits     *audits.Service
	tokens     *tokens.Service
	notify     *notify.Service
	evidence   *evidence.Service
	replays    document.Collection[api.Replay]
	metrics    *metrics.Metrics
	// held, when set, keeps the loops from starting until it is closed.
	held <-chan struct{}
}

// open builds the portal on the configured store, and refuses to go on with a
// ledger that is not what was signed before. The keys must be there.
func open(ctx context.Context, cfg config.Config, log *slog.Logger, now func() time.Time) (*portal, error) {
	p, err := build(ctx, cfg, log, now)
	if err != nil {
		return nil, err
	}
	if err := p.ledger.Resume(ctx); err != nil {
		return nil, errors.Join(err, p.engine.Close())
	}
	return p, nil
}

// build is open without that refusal: evidence can be taken from any store.
func build(ctx context.Context, cfg config.Config, log *slog.Logger, now func() time.Time) (*portal, error) {
	master, err := vault.OpenMaster(masterPath(cfg))
	if err != nil {
		return nil, err
	}
	p := &portal{cfg: cfg, log: log, now: now, started: now(), metrics: metrics.New()}
	if p.engine, p.blobs, err = openStore(ctx, cfg); err != nil {
		return nil, err
	}
	if err := p.assemble(ctx, master); err != nil {
		return nil, errors.Join(err, p.engine.Close())
	}
	return p, nil
}

func masterPath(cfg config.Config) string {
	if cfg.MasterKeyFile != "" {
		return cfg.MasterKeyFile
	}
	return filepath.Join(cfg.Data, "keys", "master.json")
}

// openStore opens the embedded store in the data folder, or MongoDB when a
// URI is set; files go beside the documents.
func openStore(ctx context.Context, cfg config.Config) (store.Engine, vault.Blobs, error) {
	if uri := cfg.Store.Reveal(); uri != "" {
		e, err := mongo.Open(ctx, uri, "")
		if err != nil {
			return nil, nil, err
		}
		blobs, err := e.Blobs(ctx, time.Now())
		if err != nil {
			return nil, nil, errors.Join(err, e.Close())
		}
		return e, blobs, nil
	}
	e, err := sqlite.Open(ctx, filepath.Join(cfg.Data, "store"))
	if err != nil {
		return nil, nil, err
	}
	blobs, err := files.Open(filepath.Join(cfg.Data, "files"))
	if err != nil {
		return nil, nil, errors.Join(err, e.Close())
	}
	return e, blobs, nil
}

func (p *portal) assemble(ctx context.Context, master *vault.Master) error {
	var err error
	e := p.engine
	p.vault = &vault.Vault{Keys: on[vault.KeyRecord](e, vault.Kinds, "keys"), Blobs: p.blobs, Master: master, Now: p.now}
	if err := p.vault.Check(ctx); err != nil {
		return err
	}
	if p.ledger, err = p.newLedger(); err != nil {
		return err
	}
	p.journal = &journal.Journal{Lines: on[journal.Line](e, journal.Kinds, "journal"), Cursors: on[journal.Cursor](e, journal.Kinds, "cursors"), Ledger: p.ledger}
	p.agreements = &agreements.Registry{Agreements: on[agreements.Agreement](e, agreements.Kinds, "agreements"), Now: p.now}
	outbox, err := p.newOutbox()
	if err != nil {
		return err
	}
	if p.identity, err = p.newIdentity(outbox); err != nil {
		return err
	}
	catalogue, err := decisions.Load()
	if err != nil {
		return err
	}
	p.requests = &requests.Service{
		Requests: on[requests.Request](e, requests.Kinds, "requests"), Assists: on[requests.Assist](e, requests.Kinds, "assists"),
		Drafts: on[requests.Draft](e, requests.Kinds, "drafts"), Vault: p.vault, Agreements: p.agreements, Directory: p.identity,
		Evidence: p.journal, Catalogue: catalogue, Now: p.now, Limits: requests.Limits{FileBytes: p.cfg.UploadLimit, Files: requests.DefaultLimits.Files, Keep: p.cfg.Keep},
	}
	undertaken, err := undertakings.Load()
	if err != nil {
		return err
	}
	p.audits = &audits.Service{Audits: on[audits.Audit](e, audits.Kinds, "audits"), Slots: on[audits.Slots](e, audits.Kinds, "audit_days"), Vault: p.vault,
		Agreements: p.agreements, People: p.identity, Conduct: p.requests, Evidence: p.journal, Undertakings: undertaken,
		Limits: audits.Limits{FileBytes: p.cfg.UploadLimit, Files: audits.DefaultLimits.Files, Keep: p.cfg.Keep}, Now: p.now}
	p.tokens = &tokens.Service{Tokens: on[tokens.Token](e, tokens.Kinds, "tokens"), Vault: p.vault, Scopes: api.Scopes(), Issuer: p.cfg.BaseURL.String(), Now: p.now}
	p.evidence = &evidence.Service{Dispatches: on[evidence.Dispatch](e, evidence.Kinds, "dispatches"), Agreements: p.agreements, Ledger: p.ledger, Record: p.journal, Now: p.now}
	p.replays = on[api.Replay](e, api.Kinds, "replays")
	p.notify = &notify.Service{Notices: on[notify.Notice](e, notify.Kinds, "notices"), Outbox: outbox, Requests: p.requests, Audits: p.audits, Agreements: p.agreements,
		Accounts: on[identity.Account](e, identity.Kinds, "accounts"), People: p.identity, Journal: p.journal, Dispatches: p.evidence.Dispatches, Now: p.now}
	outbox.InUse = p.notify.AddressInUse
	return e.Ping(ctx)
}

// newOutbox makes what leaves the portal leave it: the mailer, the texts, the links.
func (p *portal) newOutbox() (*notify.Outbox, error) {
	m, err := openMailer(p.cfg)
	if err != nil {
		return nil, err
	}
	texts, err := notices.Load()
	if err != nil {
		return nil, err
	}
	return &notify.Outbox{Messages: on[notify.Message](p.engine, notify.Kinds, "outbox"), Conditions: on[notify.Condition](p.engine, notify.Kinds, "mail_condition"), Notices: on[notify.Notice](p.engine, notify.Kinds, "notices"), Vault: p.vault, Texts: texts,
		Links: notify.Links{Base: p.cfg.BaseURL.String(), Vault: p.vault}, Mailer: m, Now: p.now, Wake: make(chan struct{}, 1),
		Layout: func(ctx context.Context, m notify.Mail) (string, string, error) {
			return mail.Write(ctx, mail.Letter(m))
		}}, nil
}

func (p *portal) newIdentity(post identity.Postman) (*identity.Service, error) {
	e := p.engine
	return identity.New(identity.Deps{
		Accounts: on[identity.Account](e, identity.Kinds, "accounts"), Organisations: on[identity.Organisation](e, identity.Kinds, "organisations"),
		Sessions: on[identity.Session](e, identity.Kinds, "sessions"), Invitations: on[identity.Invitation](e, identity.Kinds, "invitations"),
		Codes: on[identity.Code](e, identity.Kinds, "codes"), Ceremonies: on[identity.Ceremony](e, identity.Kinds, "ceremonies"), Claims: on[identity.Claim](e, identity.Kinds, "claims"), Prospects: on[identity.Prospect](e, identity.Kinds, "prospects"),
		Throttles: on[identity.Throttle](e, identity.Kinds, "throttles"), Vault: p.vault, Post: post, Now: p.now, Origin: p.cfg.BaseURL.String(),
		Limits: identity.Limits{Idle: p.cfg.SessionIdle, Absolute: p.cfg.SessionAbsolute},
	})
}

// on puts a type on the engine under the kind of that name.
func on[T any, P document.Aggregate[T]](e store.Engine, kinds []document.Kind, name string) document.Collection[T] {
	for _, k := range kinds {
		if k.Name == name {
			return store.Collection[T, P](e, k)
		}
	}
	e.Refuse(fmt.Errorf("there is no kind %q", name))
	return nil
}

func (p *portal) close() error { return p.engine.Close() }

// loops runs what goes on beside the requests until the context ends: sealing,
// following the log, sending, reminding, tidying.
func (p *portal) loops(ctx context.Context) func() {
	steps := []struct {
		name  string
		pause time.Duration
		step  func(context.Context) (int, error)
	}{
		{"seal", 200 * time.Millisecond, func(ctx context.Context) (int, error) { return p.ledger.Drain(ctx, p.engine) }},
		{"mark", 2 * time.Second, p.ledger.KeepMark},
		{"checkpoint", 10 * time.Minute, p.ledger.Daily},
		{"send checkpoints", time.Minute, p.evidence.Daily},
		{"mend", time.Second, func(ctx context.Context) (int, error) { return p.notify.Mend(ctx, 100) }},
		{"mend audits", time.Second, func(ctx context.Context) (int, error) {
			return p.journal.Follow(ctx, "mend audits", 100, func(ctx context.Context, e ledger.Entry) error { return p.audits.Mend(ctx, e.Event) })
		}},
		{"compose", 500 * time.Millisecond, func(ctx context.Context) (int, error) { return p.notify.Compose(ctx, 100) }},
		{"remind", 30 * time.Second, func(ctx context.Context) (int, error) { return p.requests.Remind(ctx, 100) }},
		{"remind of audits", 30 * time.Second, func(ctx context.Context) (int, error) { return p.audits.Remind(ctx, 100) }},
		{"tidy", time.Minute, func(ctx context.Context) (int, error) { return p.journal.Tidy(ctx, 500) }},
		{"shred", time.Hour, func(ctx context.Context) (int, error) { return p.requests.ShredEnded(ctx, 100) }},
		{"shred audits", time.Hour, func(ctx context.Context) (int, error) { return p.audits.ShredEnded(ctx, 100) }},
		{"expire", 10 * time.Minute, func(ctx context.Context) (int, error) { return p.requests.Expire(ctx, 100) }},
		{"tidy outbox", 10 * time.Minute, func(ctx context.Context) (int, error) { return p.notify.Outbox.Tidy(ctx, 500) }},
		{"sweep", time.Minute, func(ctx context.Context) (int, error) { return 0, p.identity.Sweep(ctx) }},
		{"forget keys", time.Hour, func(ctx context.Context) (int, error) { return api.Forget(ctx, p.replays, p.now(), 500) }},
	}
	var running sync.WaitGroup
	start := func(loop func()) {
		running.Go(func() {
			if p.begin(ctx) {
				loop()
			}
		})
	}
	start(func() {
		p.notify.Outbox.Run(ctx, time.Second, func(err error) { p.log.WarnContext(ctx, "sending failed, will try again", "error", err.Error()) })
	})
	start(func() { p.greetMailServer(ctx) })
	for _, s := range steps {
		start(func() {
			step := func(ctx context.Context) (int, error) {
				n, err := s.step(ctx)
				p.metrics.Round(s.name, err)
				return n, err
			}
			ledger.Run(ctx, s.pause, step, func(err error) {
				p.log.WarnContext(ctx, "loop failed, will try again", "loop", s.name, "error", err.Error())
			})
		})
	}
	return running.Wait
}

// begin waits until the loops may start; false when the context ended first.
func (p *portal) begin(ctx context.Context) bool {
	if p.held == nil {
		return true
	}
	select {
	case <-p.held:
		return true
	case <-ctx.Done():
		return false
	}
}

// serve answers on the listener until the context ends, then lets what is
// under way finish.
func (p *portal) serve(ctx context.Context, l net.Listener, demo *web.Demo) error {
	languages, err := language.Load()
	if err != nil {
		return err
	}
	site := &web.Site{Identity: p.identity, Requests: p.requests, Audits: p.audits, Agreements: p.agreements, Notify: p.notify, Ledger: p.ledger, Journal: p.journal, Evidence: p.evidence, Tokens: p.tokens,
		Dossiers: &dossier.Service{Requests: p.requests, Audits: p.audits, Notify: p.notify, Ledger: p.ledger, Vault: p.vault, Now: p.now},
		Vault:    p.vault, Cookies: session.Cookies{Sessions: p.identity, Hash: p.vault, Origin: p.cfg.BaseURL}, Languages: languages,
		BaseURL: p.cfg.BaseURL, Log: p.log, Now: p.now, Demo: demo}
	programs := api.Deps{Identity: p.identity, Requests: p.requests, Audits: p.audits, Agreements: p.agreements, Notify: p.notify, Ledger: p.ledger, Evidence: p.evidence, Tokens: p.tokens, Vault: p.vault,
		Replays: p.replays, Cookies: site.Cookies, Log: p.log, Now: p.now}
	app := handlers.New(handlers.Deps{Site: site, API: programs, Log: p.log, TrustedProxies: p.cfg.TrustedProxies, RequestTimeout: p.cfg.RequestTimeout,
		UploadTimeout: p.cfg.UploadTimeout, Ready: p.engine.Ping, Started: p.started, Answered: p.metrics.Answered, HSTS: p.cfg.BaseURL.Scheme == "https"})
	looping, stop := context.WithCancel(context.WithoutCancel(ctx))
	wait := p.loops(looping)
	failed := make(chan error, 1)
	go func() { failed <- app.Listener(upload.Patient(l)) }()
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = app.ShutdownWithTimeout(p.cfg.StopTimeout)
	}
	stop()
	wait()
	// What the last loops sealed is under the mark, too; with the store away
	// that can wait for the next start.
	marking, cancel := context.WithTimeout(context.WithoutCancel(ctx), 2*time.Second)
	defer cancel()
	if _, merr := p.ledger.KeepMark(marking); merr != nil {
		p.log.WarnContext(marking, "the mark of the ledger was not moved", "error", merr.Error())
	}
	return err
}

// logger writes one JSON object a line.
func logger(w io.Writer, level string) *slog.Logger {
	var l slog.Level
	if err := l.UnmarshalText([]byte(level)); err != nil {
		l = slog.LevelInfo
	}
	return slog.New(slog.NewJSONHandler(w, &slog.HandlerOptions{Level: l}))
}

// private makes a folder for its owner alone.
func private(path string) error {
	if err := os.MkdirAll(path, 0o700); err != nil {
		return fmt.Errorf("make the folder %s: %w", path, err)
	}
	return nil
}
