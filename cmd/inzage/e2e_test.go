package main

import (
	"context"
	"log/slog"
	"maps"
	"net"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/cmd/inzage/browsertest"
	"inzage/config"
	"inzage/handlers/web"
	"inzage/services/agreements"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/notify/mailer"
)

// top is the folder with go.mod.
const top = "../.."

// house is the whole program, running, with the people of two agreements: a
// bakery is the controller; one processor forwards (mpg), one handles access
// itself (idea-online).
type house struct {
	t       *testing.T
	portal  *portal
	browser *browsertest.Browser
	base    string
	mail    mailer.Mailbox
	ahead   atomic.Int64 // how far the portal's clock is ahead of the real one
	log     troubles
	read    map[string]bool // mails that were taken out of the box

	bakery, partner, online identity.Organisation
}

// worker is somebody who signs in with a password and an authenticator.
type worker struct {
	name, email, password, secret string
}

const workerPassword = "trapgevel-komijn-zeewind-42"

// openHouse starts the portal with its people.
func openHouse(t *testing.T) *house {
	t.Helper()
	h, l := newHouse(t)
	h.serve(l, nil)
	h.people()
	return h
}

// newHouse opens a portal for localhost: passkeys refuse an address of numbers.
func newHouse(t *testing.T) (*house, net.Listener) {
	t.Helper()
	return newHouseOn(t, time.Now())
}

// newHouseOn is newHouse with a clock that begins at a moment of its own.
func newHouseOn(t *testing.T, start time.Time) (*house, net.Listener) {
	t.Helper()
	h := &house{t: t, browser: browsertest.Start(t, top), read: map[string]bool{}}
	h.ahead.Store(int64(time.Until(start)))
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	_, port, err := net.SplitHostPort(l.Addr().String())
	if err != nil {
		t.Fatal(err)
	}
	h.base = "http://localhost:" + port
	dir := t.TempDir()
	h.mail = mailer.Mailbox(filepath.Join(dir, "mail"))
	cfg, err := config.Load(nil, []string{"INZAGE_DATA=" + filepath.Join(dir, "data"), "INZAGE_BASE_URL=" + h.base, "INZAGE_INSECURE_HTTP=1", "INZAGE_MAIL=file:" + string(h.mail)})
	if err != nil {
		t.Fatal(err)
	}
	if err := makeMaster(cfg); err != nil {
		t.Fatal(err)
	}
	if h.portal, err = open(t.Context(), cfg, slog.New(&h.log), h.now); err != nil {
		t.Fatal(err)
	}
	return h, l
}

func (h *house) now() time.Time { return time.Now().Add(time.Duration(h.ahead.Load())) }

// pass lets time go by for the portal, so that nobody has to wait for a code
// or for a proof to grow old.
func (h *house) pass(d time.Duration) { h.ahead.Add(int64(d)) }

// serve lets the portal answer until the test ends, and fails the test when
// the portal logged trouble.
func (h *house) serve(l net.Listener, demo *web.Demo) {
	ctx, stop := context.WithCancel(context.Background())
	done := make(chan error, 1)
	go func() { done <- h.portal.serve(ctx, l, demo) }()
	h.t.Cleanup(func() {
		stop()
		if err := <-done; err != nil {
			h.t.Errorf("serve: %v", err)
		}
		if err := h.portal.close(); err != nil {
			h.t.Errorf("close: %v", err)
		}
		for _, line := range h.log.all() {
			h.t.Errorf("the portal logged: %s", line)
		}
	})
}

func (h *house) people() {
	h.bakery = h.organisation("Bakkerij De Korenaar", "korenaar")
	h.partner = h.organisation("MijnPartnerGroep", "mpg")
	h.online = h.organisation("IDEA-ONLINE", "idea-online")
	h.agree("mpg", h.partner)
	h.agree("idea-online", h.online)
}

func (h *house) organisation(name, slug string) identity.Organisation {
	h.t.Helper()
	o, err := h.portal.identity.CreateOrganisation(h.t.Context(), identity.System(), identity.Organisation{Name: name, Slug: slug, Country: "NL", Language: "nl", Zone: "Europe/Amsterdam"})
	if err != nil {
		h.t.Fatal(err)
	}
	return o
}

// agree puts a preset between the bakery and a processor.
func (h *house) agree(preset string, processor identity.Organisation) {
	h.t.Helper()
	source, err := agreements.PresetSource(preset)
	if err != nil {
		h.t.Fatal(err)
	}
	if _, err := h.portal.agreements.SignedByBoth(h.t.Context(), ledger.NewID("agr"), agreements.Signing{
		Controller: h.bakery.ID, Processor: processor.ID, SignedOn: "2025-12-15", From: "2026-01-01", Source: string(source)}); err != nil {
		h.t.Fatal(err)
	}
}

func (h *house) hire(name, lang string, org identity.Organisation, role identity.Role) worker {
	h.t.Helper()
	w := worker{name: name, email: strings.ToLower(strings.ReplaceAll(name, " ", ".")) + "@" + org.Slug + ".example", password: workerPassword}
	made, err := h.portal.identity.Provision(h.t.Context(), identity.System(), identity.Provision{Organisation: org.ID, Realm: identity.Staff,
		Roles: []identity.Role{role}, Name: name, Email: w.email, Language: lang, Password: w.password})
	if err != nil {
		h.t.Fatal(err)
	}
	w.secret = made.TOTP
	return w
}

// code is what an authenticator app shows. Each code works once, so the
// portal's clock moves to the next one first.
func (h *house) code(secret string) string {
	h.t.Helper()
	h.pass(30 * time.Second)
	code, err := totp.GenerateCode(strings.ReplaceAll(secret, " ", ""), h.now())
	if err != nil {
		h.t.Fatal(err)
	}
	return code
}

// window opens a window on this portal.
func (h *house) window(who, lang string, d browsertest.Device) *browsertest.Window {
	return h.browser.Window(who, h.base, lang, d)
}

var (
	sixDigits = regexp.MustCompile(`\b\d{6}\b`)
	address   = regexp.MustCompile(`http://localhost:\d+/\S+`)
)

// letter waits for the next mail to somebody with these words in its subject,
// and takes it out of the box.
func (h *house) letter(to, subject string) string {
	h.t.Helper()
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(browsertest.Patience); time.Now().Before(end); <-tick.C {
		all, err := h.mail.List(to, 50)
		if err != nil {
			h.t.Fatal(err)
		}
		for _, l := range all {
			if !strings.Contains(l.Subject, subject) || h.read[l.ID] {
				continue
			}
			whole, err := h.mail.Get(l.ID)
			if err != nil {
				h.t.Fatal(err)
			}
			h.read[l.ID] = true
			return whole.Plain
		}
	}
	all, err := h.mail.List(to, 50)
	h.t.Fatalf("no mail to %s about %q; there are: %v %v", to, subject, all, err)
	return ""
}

// mailed is the code of the next mail to somebody.
func (h *house) mailed(to, subject string) string {
	h.t.Helper()
	text := h.letter(to, subject)
	code := sixDigits.FindString(text)
	if code == "" {
		h.t.Fatalf("no code in the mail: %s", text)
	}
	return code
}

// linked is the address in the next mail to somebody.
func (h *house) linked(to, subject string) string {
	h.t.Helper()
	text := h.letter(to, subject)
	link := address.FindString(text)
	if link == "" {
		h.t.Fatalf("no link in the mail: %s", text)
	}
	return link
}

// troubles keeps what the portal logs as a warning or worse.
type troubles struct {
	mu    sync.Mutex
	lines []string
}

// Enabled implements slog.Handler.
func (*troubles) Enabled(_ context.Context, level slog.Level) bool { return level >= slog.LevelWarn }

// Handle implements slog.Handler.
func (l *troubles) Handle(_ context.Context, r slog.Record) error {
	line := r.Level.String() + " " + r.Message
	r.Attrs(func(a slog.Attr) bool { line += " " + a.String(); return true })
	l.mu.Lock()
	defer l.mu.Unlock()
	l.lines = append(l.lines, line)
	return nil
}

// WithAttrs implements slog.Handler.
func (l *troubles) WithAttrs([]slog.Attr) slog.Handler { return l }

// WithGroup implements slog.Handler.
func (l *troubles) WithGroup(string) slog.Handler { return l }

func (l *troubles) all() []string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.lines
}

// report says which pages the windows met; each was checked.
func (h *house) report(windows ...*browsertest.Window) {
	met := map[string]bool{}
	for _, w := range windows {
		for _, path := range w.Met() {
			met[pattern(path)] = true
		}
	}
	h.t.Logf("%d pages without a serious finding: %s", len(met), strings.Join(slices.Sorted(maps.Keys(met)), " "))
}

var (
	anID   = regexp.MustCompile(`/[a-z]{3}_[A-Z2-7]{10,}`)
	aLink  = regexp.MustCompile(`^/r/[^/]+/[^/]+`)
	aToken = regexp.MustCompile(`^/invitation/[^/]+`)
	aProof = regexp.MustCompile(`/proof/\d+$`)
)

// pattern is a path without what differs from one object to the next.
func pattern(path string) string {
	path = aLink.ReplaceAllString(path, "/r/:reference/:token")
	path = aToken.ReplaceAllString(path, "/invitation/:token")
	path = aProof.ReplaceAllString(path, "/proof/:number")
	return anID.ReplaceAllString(path, "/:id")
}
