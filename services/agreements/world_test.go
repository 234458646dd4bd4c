package agreements_test

import (
	"slices"
	"testing"
	"time"

	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

const (
	bakery = "org_BAKERY"
	host   = "org_HOST"
	third  = "org_THIRD"
)

type world struct {
	*agreements.Registry
	t     *testing.T
	clock time.Time
}

func open(t *testing.T, folder string) *sqlite.Engine {
	t.Helper()
	e, err := sqlite.Open(t.Context(), folder)
	must(t, err)
	t.Cleanup(func() { _ = e.Close() }) // the folder goes with the test
	return e
}

func newWorld(t *testing.T) *world { return worldOn(t, open(t, t.TempDir())) }

func worldOn(t *testing.T, e *sqlite.Engine) *world {
	w := &world{t: t, clock: time.Date(2026, 11, 21, 8, 30, 0, 0, time.UTC)}
	w.Registry = &agreements.Registry{Agreements: on[agreements.Agreement](e, agreements.Kinds, "agreements"), Now: func() time.Time { return w.clock }}
	must(t, e.Ping(t.Context()))
	return w
}

func on[T any, P document.Aggregate[T]](e store.Engine, kinds []document.Kind, name string) document.Collection[T] {
	i := slices.IndexFunc(kinds, func(k document.Kind) bool { return k.Name == name })
	return store.Collection[T, P](e, kinds[i])
}

// admin is an administrator whose second factor is as old as that.
func (w *world) admin(org string, old time.Duration) identity.Actor {
	return identity.Actor{Account: "acc_ADMIN" + org, Organisation: org, Roles: []identity.Role{identity.Admin}, Level: identity.Full, StrongAt: w.clock.Add(-old)}
}

func (w *world) signing(controller, processor, from string) agreements.Signing {
	w.t.Helper()
	return agreements.Signing{Controller: controller, Processor: processor, SignedOn: "2026-01-02", From: from, Source: presetSource(w.t, "mpg")}
}

func presetSource(t *testing.T, key string) string {
	t.Helper()
	source, err := agreements.PresetSource(key)
	must(t, err)
	return string(source)
}

func (w *world) agreed() agreements.Agreement {
	w.t.Helper()
	a, err := w.SignedByBoth(w.t.Context(), ledger.NewID("agr"), w.signing(bakery, host, "2026-01-01"))
	must(w.t, err)
	return a
}

// version is the number in force between bakery and host; 0 is none.
func (w *world) version() int {
	w.t.Helper()
	a, err := w.Between(w.t.Context(), bakery, host, w.clock)
	if fault.KindOf(err) == fault.NotFound {
		return 0
	}
	must(w.t, err)
	return a.Version
}

func must(t *testing.T, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func refused(t *testing.T, what string, err error, kind fault.Kind) {
	t.Helper()
	if fault.KindOf(err) != kind {
		t.Errorf("%s: %v, want a refusal %q", what, err, kind)
	}
}
