package ledger_test

import (
	"context"
	"database/sql"
	"fmt"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"inzage/services/document"
	"inzage/services/journal"
	"inzage/services/ledger"
	"inzage/services/store"
	"inzage/services/store/sqlite"
)

var start = time.Date(2026, 11, 21, 9, 0, 0, 0, time.UTC)

// parcel is an aggregate with a history.
type parcel struct {
	document.Meta
	Weight int `json:"weight"`
}

// world is a ledger with everything on a store in one folder.
type world struct {
	*ledger.Ledger
	engine  *sqlite.Engine
	parcels document.Collection[parcel]
	kept    *journal.Checkpoints
	folder  string
	clock   *clock
}

type clock struct {
	mu sync.Mutex
	at time.Time
}

func (c *clock) now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.at
}

func (c *clock) pass(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.at = c.at.Add(d)
}

// open opens the store of a folder; the key and the mark lie beside the store.
func open(t testing.TB, folder string) *world {
	t.Helper()
	e, err := sqlite.Open(context.Background(), filepath.Join(folder, "store"))
	must(t, err)
	t.Cleanup(func() { _ = e.Close() })
	path := filepath.Join(folder, "ledger.json")
	k, err := ledger.OpenKey(path)
	if err != nil {
		must(t, ledger.CreateKey(path, "inzage.example"))
		k, err = ledger.OpenKey(path)
	}
	must(t, err)
	w := &world{engine: e, folder: folder, clock: &clock{at: start}}
	w.parcels = store.Collection[parcel](e, document.Kind{Name: "parcels"})
	w.kept = &journal.Checkpoints{Rows: store.Collection[journal.Checkpoint](e, kind(t, "checkpoints"))}
	w.Ledger = &ledger.Ledger{Log: e.Log(), Key: k, Checkpoints: w.kept, Mark: &ledger.Mark{Path: filepath.Join(folder, "mark.txt")}, Now: w.clock.now}
	must(t, e.Ping(context.Background()))
	return w
}

func kind(t testing.TB, name string) document.Kind {
	t.Helper()
	for _, k := range journal.Kinds {
		if k.Name == name {
			return k
		}
	}
	t.Fatalf("no kind %q", name)
	return document.Kind{}
}

func must(t testing.TB, err error) {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
}

func eventOf(object string, i int) ledger.Event {
	return ledger.Event{ID: ledger.NewID("evt"), At: start.Add(time.Duration(i) * time.Second), Actor: "acc_1", Role: "agent", Organisation: "org_1",
		Action: "parcel.weigh", Object: object, Outcome: ledger.Done, Details: map[string]string{"turn": fmt.Sprint(i), "sign": `<"\>é`}}
}

func eventsOf(object string, n int) []ledger.Event {
	var all []ledger.Event
	for i := range n {
		all = append(all, eventOf(object, i))
	}
	return all
}

// all reads the whole log.
func all(t testing.TB, l *ledger.Ledger) []ledger.Entry {
	t.Helper()
	var out []ledger.Entry
	for {
		part, err := l.Read(context.Background(), int64(len(out)), 1000)
		must(t, err)
		if len(part) == 0 {
			return out
		}
		out = append(out, part...)
	}
}

func leavesOf(t testing.TB, l *ledger.Ledger) []sum {
	t.Helper()
	var leaves []sum
	for _, e := range all(t, l) {
		leaves = append(leaves, leafOf(e.Data))
	}
	return leaves
}

func ids(events []ledger.Event) []string {
	var out []string
	for _, e := range events {
		out = append(out, e.ID)
	}
	return out
}

func sealed(t testing.TB, l *ledger.Ledger) []string {
	t.Helper()
	var out []string
	for _, e := range all(t, l) {
		out = append(out, e.Event.ID)
	}
	return out
}

// sound holds the whole log against the tests' own tree.
func sound(t testing.TB, l *ledger.Ledger) {
	t.Helper()
	leaves := leavesOf(t, l)
	root, err := l.Root(context.Background(), int64(len(leaves)))
	must(t, err)
	if want := rootOf(leaves); sum(root) != want {
		t.Errorf("root of %d = %x, want %x", len(leaves), root, want)
	}
	must(t, l.Check(context.Background(), ledger.Checkpoint{Size: int64(len(leaves)), Root: root}))
}

// tamper changes the store from outside, past the triggers that refuse it.
func (w *world) tamper(t testing.TB, statement string) {
	t.Helper()
	db, err := sql.Open("sqlite", "file:"+filepath.Join(w.folder, "store", "inzage.db")+"?_pragma=busy_timeout(5000)")
	must(t, err)
	defer db.Close()
	db.SetMaxOpenConns(1)
	for _, s := range []string{`DROP TRIGGER IF EXISTS "log:update"`, `DROP TRIGGER IF EXISTS "log:delete"`, statement} {
		_, err := db.ExecContext(t.Context(), s)
		must(t, err)
	}
}
