package identity_test

import (
	"context"
	"errors"
	"maps"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/pquerna/otp/totp"

	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/store"
	"inzage/services/store/sqlite"
	"inzage/services/vault"
	"inzage/services/vault/vaulttest"
)

const (
	origin   = "https://inzage.example"
	password = "fietsen regen kaas 7"
	address  = "192.0.2.1"
)

// world is a service on a fresh store, with a clock that stands still and a
// letter box.
type world struct {
	*identity.Service
	t      *testing.T
	engine *sqlite.Engine
	folder string
	clock  *clock
	box    *box
	org    identity.Organisation
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// box keeps letters, as the outbox of the portal does.
type box struct {
	mu      sync.Mutex
	letters []identity.Letter
}

func (b *box) Post(_ context.Context, l identity.Letter) error {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.letters = append(b.letters, l)
	return nil
}

func (b *box) last(t *testing.T, template string) identity.Letter {
	t.Helper()
	b.mu.Lock()
	defer b.mu.Unlock()
	for _, l := range slices.Backward(b.letters) {
		if l.Template == template {
			return l
		}
	}
	t.Fatalf("no letter %q among %d", template, len(b.letters))
	return identity.Letter{}
}

func (b *box) count(template string) int {
	b.mu.Lock()
	defer b.mu.Unlock()
	n := 0
	for _, l := range b.letters {
		if l.Template == template {
			n++
		}
	}
	return n
}

func newWorld(t *testing.T, change ...func(*identity.Deps)) *world {
	t.Helper()
	folder := t.TempDir()
	e, err := sqlite.Open(t.Context(), folder)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = e.Close() })
	w := worldOn(t, e, change...)
	w.engine, w.folder = e, folder
	return w
}

// worldOn is a world on an engine that is open.
func worldOn(t *testing.T, e store.Engine, change ...func(*identity.Deps)) *world {
	t.Helper()
	w := &world{t: t, box: &box{}, clock: &clock{at: time.Date(2026, 11, 21, 9, 0, 10, 0, time.UTC)}}
	v, _ := vaulttest.New(t, store.Collection[vault.KeyRecord](e, vault.Kinds[0]), w.clock.Now)
	d := identity.Deps{
		Organisations: store.Collection[identity.Organisation](e, kind(t, "organisations")),
		Accounts:      store.Collection[identity.Account](e, kind(t, "accounts")),
		Sessions:      store.Collection[identity.Session](e, kind(t, "sessions")),
		Invitations:   store.Collection[identity.Invitation](e, kind(t, "invitations")),
		Codes:         store.Collection[identity.Code](e, kind(t, "codes")),
		Ceremonies:    store.Collection[identity.Ceremony](e, kind(t, "ceremonies")),
		Claims:        store.Collection[identity.Claim](e, kind(t, "claims")),
		Throttles:     store.Collection[identity.Throttle](e, kind(t, "throttles")),
		Prospects:     store.Collection[identity.Prospect](e, kind(t, "prospects")),
		Vault:         v, Post: w.box, Now: w.clock.Now, Origin: origin,
	}
	for _, c := range change {
		c(&d)
	}
	var err error
	if w.Service, err = identity.New(d); err != nil {
		t.Fatal(err)
	}
	if err := e.Ping(t.Context()); err != nil {
		t.Fatal(err)
	}
	w.org = w.organisation("Bakkerij De Korenaar")
	return w
}

func kind(t *testing.T, name string) document.Kind {
	t.Helper()
	i := slices.IndexFunc(identity.Kinds, func(k document.Kind) bool { return k.Name == name })
	if i < 0 {
		t.Fatalf("there is no kind %q", name)
	}
	return identity.Kinds[i]
}

func (w *world) organisation(name string) identity.Organisation {
	w.t.Helper()
	o, err := w.CreateOrganisation(w.t.Context(), identity.System(), identity.Organisation{Name: name, Country: "NL"})
	if err != nil {
		w.t.Fatal(err)
	}
	return o
}

// person is an account with what it signs in with.
type person struct {
	identity.Provisioned
	email string
}

// someone makes a person of the world's own organisation; operators have none.
func (w *world) someone(name string, roles ...identity.Role) person {
	w.t.Helper()
	org := w.org.ID
	if slices.Contains(roles, identity.Operator) {
		org = ""
	}
	return w.someoneAt(org, name, roles...)
}

func (w *world) someoneAt(org, name string, roles ...identity.Role) person {
	w.t.Helper()
	email := strings.ToLower(name) + "@example.nl"
	p, err := w.Provision(w.t.Context(), identity.System(), identity.Provision{
		Organisation: org, Realm: identity.Staff, Roles: roles, Name: name, Email: email, Language: "nl", Password: password,
	})
	if err != nil {
		w.t.Fatal(err)
	}
	return person{Provisioned: p, email: email}
}

func (w *world) code(secret string) string { return w.codeAt(secret, 0) }

// codeAt is the code some steps of 30 seconds from now.
func (w *world) codeAt(secret string, steps int) string {
	w.t.Helper()
	c, err := totp.GenerateCode(secret, w.clock.Now().Add(time.Duration(steps)*30*time.Second))
	if err != nil {
		w.t.Fatal(err)
	}
	return c
}

func (w *world) half(p person) identity.Entry {
	w.t.Helper()
	e, err := w.SignIn(w.t.Context(), identity.Credentials{Email: p.email, Password: password, Address: address})
	if err != nil {
		w.t.Fatalf("sign in %s: %v", p.email, err)
	}
	return e
}

// full signs a person in, in a time step of its own.
func (w *world) full(p person) identity.Entry {
	w.t.Helper()
	w.clock.pass(30 * time.Second)
	e, err := w.ProveTOTP(w.t.Context(), w.half(p).Actor, w.code(p.TOTP))
	if err != nil {
		w.t.Fatalf("second factor of %s: %v", p.email, err)
	}
	return e
}

func (w *world) live(token string) bool {
	w.t.Helper()
	_, _, err := w.Resume(w.t.Context(), token)
	if err != nil && !errors.Is(err, identity.ErrSignedOut) {
		w.t.Fatal(err)
	}
	return err == nil
}

// events counts what has been recorded, by action and outcome.
func (w *world) events() map[string]int {
	w.t.Helper()
	n := map[string]int{}
	for _, k := range w.engine.Kinds() {
		pending, err := w.engine.Unsealed(context.Background(), k, 10_000)
		if err != nil {
			w.t.Fatal(err)
		}
		for _, p := range pending {
			for _, e := range p.Events {
				n[e.Action+" "+e.Outcome]++
			}
		}
	}
	return n
}

// recorded runs do and holds the events it left against want.
func (w *world) recorded(what string, do func(), want map[string]int) {
	w.t.Helper()
	before := w.events()
	do()
	after := w.events()
	for k, n := range before {
		if after[k] -= n; after[k] == 0 {
			delete(after, k)
		}
	}
	if want == nil {
		want = map[string]int{}
	}
	if d := cmp.Diff(want, after); d != "" {
		w.t.Errorf("%s: events (-want +got):\n%s", what, d)
	}
}

// thirty calls do thirty times at once and returns how often each kind of
// answer came; "" is success.
func thirty(t *testing.T, do func(i int) error) map[fault.Kind]int {
	t.Helper()
	var mu sync.Mutex
	var wg sync.WaitGroup
	var odd atomic.Value
	n := map[fault.Kind]int{}
	start := make(chan struct{})
	for i := range 30 {
		wg.Go(func() {
			<-start
			err := do(i)
			if err != nil && fault.KindOf(err) == "" {
				odd.Store(err.Error())
			}
			mu.Lock()
			defer mu.Unlock()
			n[fault.KindOf(err)]++
		})
	}
	close(start)
	wg.Wait()
	if v := odd.Load(); v != nil {
		t.Fatalf("an answer that is no refusal: %v", v)
	}
	t.Logf("30 at once: %v", maps.Clone(n))
	return n
}

func refused(t *testing.T, what string, err, want error) {
	t.Helper()
	if !errors.Is(err, want) {
		t.Errorf("%s = %v, want %v", what, err, want)
	}
}

func check(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

// onlyCode is the id of the one code that is out.
func (w *world) onlyCode() string {
	w.t.Helper()
	page, err := w.Codes.List(w.t.Context(), document.Query{Index: "expires"})
	check(w.t, err)
	if len(page.Rows) != 1 {
		w.t.Fatalf("%d codes are out, want 1", len(page.Rows))
	}
	return page.Rows[0].ID
}
