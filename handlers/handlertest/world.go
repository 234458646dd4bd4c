// Package handlertest gives tests a whole portal over HTTP: an app on a fresh
// SQLite store with a clock that the test moves, organisations with
// agreements, people with two factors, and a client with cookies.
package handlertest

import (
	"context"
	"io"
	"log/slog"
	"net"
	"net/url"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/config/decisions"
	"inzage/config/notices"
	"inzage/config/undertakings"
	"inzage/handlers"
	"inzage/handlers/api"
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
	"inzage/services/ledger/ledgertest"
	"inzage/services/notify"
	"inzage/services/requests"
	"inzage/services/store"
	"inzage/services/store/mongo/mongotest"
	"inzage/services/store/sqlite"
	"inzage/services/tokens"
	"inzage/services/vault"
	"inzage/services/vault/vaulttest"
	"inzage/views/language"
)

// World is a running portal and everything behind it.
type World struct {
	T          testing.TB
	Site       *web.Site
	Engine     store.Engine
	Vault      *vault.Vault
	Ledger     *ledger.Ledger
	Journal    *journal.Journal
	Identity   *identity.Service
	Agreements *agreements.Registry
	Requests   *requests.Service
	Audits     *audits.Service
	Tokens     *tokens.Service
	API        api.Deps
	Notify     *notify.Service
	Evidence   *evidence.Service
	BaseURL    string
	Folder     string // of the store
	Log        *Lines // what the portal logged

	// Bakery is a controller with agreements with Partner (mpg) and Online
	// (idea-online); Florist is a controller with Partner only.
	Bakery, Florist, Partner, Online identity.Organisation

	host    string
	mu      sync.Mutex
	now     time.Time
	letters []identity.Letter
}

// Person is somebody who can sign in.
type Person struct {
	Account, Name, Email, Password, Secret string
	Organisation                           string
	Roles                                  []identity.Role
}

// Start is the moment at which every world begins: a Tuesday morning in Amsterdam.
var Start = time.Date(2026, 11, 17, 8, 30, 0, 0, time.UTC)

// New starts a portal and stops it when the test ends.
func New(t testing.TB) *World {
	t.Helper()
	return NewAt(t, "127.0.0.1")
}

// NewAt is New at a host name of this machine: passkeys need "localhost",
// because browsers refuse them at an address of numbers.
func NewAt(t testing.TB, host string) *World {
	t.Helper()
	w := &World{T: t, now: Start, Log: &Lines{}, host: host}
	w.assemble()
	w.people()
	w.listen()
	return w
}

// NewOnMongo is New on a database of its own on the MongoDB server under test.
func NewOnMongo(t testing.TB) *World {
	t.Helper()
	uri := mongotest.Server(t)
	w := &World{T: t, now: Start, Log: &Lines{}, host: "127.0.0.1", Engine: mongotest.Open(t, uri, mongotest.Database(t, uri))}
	w.assemble()
	w.people()
	w.listen()
	return w
}

// Now is the world's clock.
func (w *World) Now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

// Pass lets time go by.
func (w *World) Pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// Post keeps a letter for the test to read; it makes the World an identity.Postman.
func (w *World) Post(_ context.Context, l identity.Letter) error {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.letters = append(w.letters, l)
	return nil
}

// LastLetter is the newest letter to the address with the template; it fails
// the test when there is none.
func (w *World) LastLetter(to, template string) identity.Letter {
	w.T.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for i := len(w.letters) - 1; i >= 0; i-- {
		if l := w.letters[i]; l.To == to && (template == "" || l.Template == template) {
			return l
		}
	}
	w.T.Fatalf("no letter %q to %s among %d", template, to, len(w.letters))
	return identity.Letter{}
}

func (w *World) assemble() {
	t, ctx := w.T, context.Background()
	t.Helper()
	dir := t.TempDir()
	w.Folder = dir
	if w.Engine == nil {
		opened, err := sqlite.Open(ctx, filepath.Join(dir, "store"))
		if err != nil {
			t.Fatalf("open the store: %v", err)
		}
		t.Cleanup(func() { _ = opened.Close() }) // the folder goes with the test
		w.Engine = opened
	}
	e := w.Engine
	w.Vault, _ = vaulttest.New(t, on[vault.KeyRecord](e, vault.Kinds, "keys"), w.Now)
	w.Ledger = &ledger.Ledger{Log: e.Log(), Key: ledgertest.Key(t), Now: w.Now,
		Checkpoints: &journal.Checkpoints{Rows: on[journal.Checkpoint](e, journal.Kinds, "checkpoints")}}
	w.Journal = &journal.Journal{Lines: on[journal.Line](e, journal.Kinds, "journal"), Cursors: on[journal.Cursor](e, journal.Kinds, "cursors"), Ledger: w.Ledger}
	w.Agreements = &agreements.Registry{Agreements: on[agreements.Agreement](e, agreements.Kinds, "agreements"), Now: w.Now}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatalf("listen: %v", err)
	}
	t.Cleanup(func() { _ = l.Close() })
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatalf("address: %v", err)
	}
	w.BaseURL = "http://" + net.JoinHostPort(w.host, port)
	w.Identity, err = identity.New(identity.Deps{
		Accounts: on[identity.Account](e, identity.Kinds, "accounts"), Organisations: on[identity.Organisation](e, identity.Kinds, "organisations"),
		Sessions: on[identity.Session](e, identity.Kinds, "sessions"), Invitations: on[identity.Invitation](e, identity.Kinds, "invitations"),
		Codes: on[identity.Code](e, identity.Kinds, "codes"), Ceremonies: on[identity.Ceremony](e, identity.Kinds, "ceremonies"), Claims: on[identity.Claim](e, identity.Kinds, "claims"), Prospects: on[identity.Prospect](e, identity.Kinds, "prospects"),
		Throttles: on[identity.Throttle](e, identity.Kinds, "throttles"),
		Vault:     w.Vault, Post: w, Now: w.Now, Origin: w.BaseURL,
	})
	if err != nil {
		t.Fatalf("identity: %v", err)
	}
	catalogue, err := decisions.Load()
	if err != nil {
		t.Fatalf("decisions: %v", err)
	}
	w.Requests = &requests.Service{
		Requests: on[requests.Request](e, requests.Kinds, "requests"), Assists: on[requests.Assist](e, requests.Kinds, "assists"),
		Drafts: on[requests.Draft](e, requests.Kinds, "drafts"), Vault: w.Vault, Agreements: w.Agreements, Directory: w.Identity,
		Evidence: w.Journal, Catalogue: catalogue, Limits: requests.DefaultLimits, Now: w.Now,
	}
	undertaken, err := undertakings.Load()
	if err != nil {
		t.Fatalf("undertakings: %v", err)
	}
	w.Audits = &audits.Service{Audits: on[audits.Audit](e, audits.Kinds, "audits"), Slots: on[audits.Slots](e, audits.Kinds, "audit_days"), Vault: w.Vault,
		Agreements: w.Agreements, People: w.Identity, Conduct: w.Requests, Evidence: w.Journal, Undertakings: undertaken, Limits: audits.DefaultLimits, Now: w.Now}
	w.Evidence = &evidence.Service{Dispatches: on[evidence.Dispatch](e, evidence.Kinds, "dispatches"), Agreements: w.Agreements, Ledger: w.Ledger, Record: w.Journal, Now: w.Now}
	texts, err := notices.Load()
	if err != nil {
		t.Fatalf("notices: %v", err)
	}
	w.Notify = &notify.Service{Notices: on[notify.Notice](e, notify.Kinds, "notices"), Requests: w.Requests, Audits: w.Audits, Agreements: w.Agreements, People: w.Identity, Journal: w.Journal, Now: w.Now,
		Accounts: on[identity.Account](e, identity.Kinds, "accounts"), Dispatches: w.Evidence.Dispatches,
		Outbox: &notify.Outbox{Messages: on[notify.Message](e, notify.Kinds, "outbox"), Conditions: on[notify.Condition](e, notify.Kinds, "mail_condition"), Notices: on[notify.Notice](e, notify.Kinds, "notices"), Vault: w.Vault, Texts: texts,
			Links: notify.Links{Base: w.BaseURL, Vault: w.Vault}, Now: w.Now}}
	w.Notify.Outbox.InUse = w.Notify.AddressInUse
	languages, err := language.Load()
	if err != nil {
		t.Fatalf("languages: %v", err)
	}
	base, err := url.Parse(w.BaseURL)
	if err != nil {
		t.Fatalf("base URL: %v", err)
	}
	w.Tokens = &tokens.Service{Tokens: on[tokens.Token](e, tokens.Kinds, "tokens"), Vault: w.Vault, Scopes: api.Scopes(), Issuer: w.BaseURL, Now: w.Now}
	w.Site = &web.Site{Identity: w.Identity, Requests: w.Requests, Audits: w.Audits, Agreements: w.Agreements, Notify: w.Notify, Ledger: w.Ledger, Journal: w.Journal, Evidence: w.Evidence, Tokens: w.Tokens, Vault: w.Vault,
		Dossiers: &dossier.Service{Requests: w.Requests, Audits: w.Audits, Notify: w.Notify, Ledger: w.Ledger, Vault: w.Vault, Now: w.Now},
		Cookies:  session.Cookies{Sessions: w.Identity, Hash: w.Vault, Origin: base}, Languages: languages, BaseURL: base,
		Log: slog.New(slog.NewTextHandler(w.Log, nil)), Now: w.Now}
	w.API = api.Deps{Identity: w.Identity, Requests: w.Requests, Audits: w.Audits, Agreements: w.Agreements, Notify: w.Notify, Ledger: w.Ledger, Evidence: w.Evidence, Tokens: w.Tokens, Vault: w.Vault,
		Replays: on[api.Replay](e, api.Kinds, "replays"), Cookies: w.Site.Cookies, Log: w.Site.Log, Now: w.Now}
	w.serve(l)
}

func on[T any, P document.Aggregate[T]](e store.Engine, kinds []document.Kind, name string) document.Collection[T] {
	for _, k := range kinds {
		if k.Name == name {
			return store.Collection[T, P](e, k)
		}
	}
	panic("there is no kind " + name)
}

func (w *World) serve(l net.Listener) {
	app := handlers.New(handlers.Deps{Site: w.Site, API: w.API, Log: w.Site.Log, RequestTimeout: 30 * time.Second, UploadTimeout: time.Minute, Ready: w.Engine.Ping, Started: w.Now()})
	stopped := make(chan struct{})
	go func() {
		defer close(stopped)
		_ = app.Listener(upload.Patient(l)) // ends with the shutdown below
	}()
	w.T.Cleanup(func() {
		if err := app.ShutdownWithTimeout(5 * time.Second); err != nil {
			w.T.Logf("shutdown: %v", err)
		}
		<-stopped
	})
}

// listen checks that everything is declared before the test starts.
func (w *World) listen() {
	if err := w.Engine.Ping(context.Background()); err != nil {
		w.T.Fatalf("ping: %v", err)
	}
}

// Organisation makes an organisation.
func (w *World) Organisation(name, slug string) identity.Organisation {
	w.T.Helper()
	o, err := w.Identity.CreateOrganisation(context.Background(), identity.System(), identity.Organisation{Name: name, Slug: slug, Country: "NL", Language: "nl", Zone: "Europe/Amsterdam"})
	if err != nil {
		w.T.Fatalf("organisation %s: %v", name, err)
	}
	return o
}

// Agree puts a preset agreement between two organisations, in force since 2026.
func (w *World) Agree(preset string, controller, processor identity.Organisation) agreements.Agreement {
	w.T.Helper()
	source, err := agreements.PresetSource(preset)
	if err != nil {
		w.T.Fatalf("preset %s: %v", preset, err)
	}
	return w.AgreeOn(string(source), controller, processor)
}

// AgreeOn is Agree with terms of one's own.
func (w *World) AgreeOn(source string, controller, processor identity.Organisation) agreements.Agreement {
	w.T.Helper()
	a, err := w.Agreements.SignedByBoth(context.Background(), ledger.NewID("agr"), agreements.Signing{
		Controller: controller.ID, Processor: processor.ID, SignedOn: "2025-12-15", From: "2026-01-01", Source: source})
	if err != nil {
		w.T.Fatalf("agreement: %v", err)
	}
	return a
}

// Both accepts what one party proposed in the name of the other.
func (w *World) Both(a agreements.Agreement, err error) agreements.Agreement {
	w.T.Helper()
	if err == nil {
		a, err = w.Agreements.AcceptedByOther(context.Background(), a)
	}
	if err != nil {
		w.T.Fatalf("agreement: %v", err)
	}
	return a
}

func (w *World) people() {
	w.Bakery = w.Organisation("Bakkerij De Korenaar", "korenaar")
	w.Florist = w.Organisation("Bloemenhuis Van der Veen", "vanderveen")
	w.Partner = w.Organisation("MijnPartnerGroep", "mpg")
	w.Online = w.Organisation("IDEA-ONLINE", "idea-online")
	w.Agree("mpg", w.Bakery, w.Partner)
	w.Agree("mpg", w.Florist, w.Partner)
	w.Agree("idea-online", w.Bakery, w.Online)
}

// Hire makes a person with a password and an authenticator.
func (w *World) Hire(name string, org identity.Organisation, roles ...identity.Role) Person {
	w.T.Helper()
	p := Person{Name: name, Email: mailOf(name, org.Slug), Password: "trapgevel-komijn-zeewind-42", Organisation: org.ID, Roles: roles}
	made, err := w.Identity.Provision(context.Background(), identity.System(), identity.Provision{Organisation: org.ID, Realm: identity.Staff, Roles: roles,
		Name: name, Email: p.Email, Language: "nl", Password: p.Password})
	if err != nil {
		w.T.Fatalf("hire %s: %v", name, err)
	}
	p.Account, p.Secret = made.Account, made.TOTP
	return p
}

// Code is the person's authenticator code now. Each code works once, so the
// clock moves on by half a minute first.
func (w *World) Code(p Person) string {
	w.T.Helper()
	w.Pass(30 * time.Second)
	code, err := totp.GenerateCode(p.Secret, w.Now())
	if err != nil {
		w.T.Fatalf("code of %s: %v", p.Name, err)
	}
	return code
}

// Drain seals everything that is pending.
func (w *World) Drain() {
	w.T.Helper()
	for {
		n, err := w.Ledger.Drain(context.Background(), w.Engine)
		if err != nil {
			w.T.Fatalf("drain: %v", err)
		}
		if n == 0 {
			return
		}
	}
}

// Compose seals what is pending and writes the notices that follow from it.
func (w *World) Compose() {
	w.T.Helper()
	w.Drain()
	for {
		n, err := w.Notify.Compose(context.Background(), 100)
		if err != nil {
			w.T.Fatalf("compose: %v", err)
		}
		if n == 0 {
			return
		}
	}
}

// Events lists the actions recorded for an object, in order.
func (w *World) Events(object string) []string {
	w.T.Helper()
	w.Drain()
	entries, err := w.Ledger.History(context.Background(), object, -1, 1000)
	if err != nil {
		w.T.Fatalf("history: %v", err)
	}
	var all []string
	for _, e := range entries {
		a := e.Event.Action
		if e.Event.Outcome == ledger.Refused {
			a += " refused"
		}
		all = append(all, a)
	}
	return all
}

// Lines is a log that tests can search.
type Lines struct {
	mu   sync.Mutex
	text []byte
}

var _ io.Writer = (*Lines)(nil)

// Write implements io.Writer.
func (l *Lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	l.text = append(l.text, p...)
	return len(p), nil
}

// String is everything that was logged.
func (l *Lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return string(l.text)
}
