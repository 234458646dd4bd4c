package handlers_test

import (
	"context"
	"database/sql"
	"net/http"
	"net/url"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
	"inzage/services/requests"

	_ "modernc.org/sqlite" // a second program on the same file
)

// subject is the name that only the people of a request may read.
const subject = "Fatima el Amrani"

// asked is a confirmed request at the bakery, and its data subject.
func asked(t *testing.T, w *handlertest.World) (requests.Request, identity.Entry) {
	t.Helper()
	return askedBy(t, w, requests.Person{Name: subject, Email: "fatima@example.org"}, "Alles over mijn bestellingen.")
}

func askedBy(t *testing.T, w *handlertest.World, p requests.Person, what string) (requests.Request, identity.Entry) {
	t.Helper()
	ctx := context.Background()
	f := requests.Filing{Organisation: w.Bakery.ID, Rights: []requests.Right{requests.Access}, Asked: map[requests.Right]requests.Asked{requests.Access: {What: what}}, Language: "nl", Person: p}
	d, err := w.Requests.StartDraft(ctx, f)
	if err != nil {
		t.Fatal(err)
	}
	if err := w.Requests.SaveDraft(ctx, d.ID, f); err != nil {
		t.Fatal(err)
	}
	r, err := w.Requests.SubmitDraft(ctx, d.ID)
	if err != nil {
		t.Fatal(err)
	}
	ask := identity.CodeRequest{Purpose: requests.ConfirmPurpose, Object: r.ID, Email: p.Email, Language: "nl", Address: "127.0.0.1"}
	if err := w.Identity.SendCode(ctx, ask); err != nil {
		t.Fatal(err)
	}
	proof, err := w.Identity.CheckCode(ctx, ask, w.LastLetter(p.Email, "code").Data["code"])
	if err != nil {
		t.Fatal(err)
	}
	entry, err := w.Identity.StartSubject(ctx, proof, p.Name, "nl")
	if err != nil {
		t.Fatal(err)
	}
	if r, err = w.Requests.Confirm(ctx, entry.Actor, r.ID, proof); err != nil {
		t.Fatal(err)
	}
	return r, entry
}

// blocked holds the lock of the store, so that everything can be read and
// nothing can be written, until the function it returns is called.
func blocked(t *testing.T, w *handlertest.World) func() {
	t.Helper()
	db, err := sql.Open("sqlite", filepath.Join(w.Folder, "store", "inzage.db")+"?_pragma=busy_timeout(5000)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = db.Close() })
	conn, err := db.Conn(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if _, err := conn.ExecContext(t.Context(), "BEGIN IMMEDIATE"); err != nil {
		t.Fatal(err)
	}
	return func() {
		if _, err := conn.ExecContext(context.Background(), "ROLLBACK"); err != nil {
			t.Error(err)
		}
	}
}

// TestNothingHappensWithoutItsEntry: while no entry can be written, everything
// that would leave one is answered with 503: nothing of it is shown and nothing
// has happened. Afterwards the same works, and leaves its entry once.
func TestNothingHappensWithoutItsEntry(t *testing.T) {
	t.Parallel() // it waits for locks
	w := handlertest.New(t)
	r, _ := asked(t, w)
	p := w.Hire("Sanne de Vries", w.Bakery, identity.PrivacyOfficer)
	officer := w.SignIn(p)
	foreign := w.SignIn(w.Hire("Noor Jansen", w.Florist, identity.PrivacyOfficer))
	guest := w.Browser()
	guest.Get("/sign-in").Want(t, http.StatusOK)
	page := "/requests/" + r.ID
	tries := map[string]struct {
		do   func() handlertest.Page
		then int // the answer when entries can be written
	}{
		"read personal data":     {func() handlertest.Page { return officer.Get(page) }, http.StatusOK},
		"read it over the API":   {func() handlertest.Page { return officer.Get("/api/v1" + page) }, http.StatusOK},
		"read what is another's": {func() handlertest.Page { return foreign.Get(page) }, http.StatusNotFound},
		"act":                    {func() handlertest.Page { return officer.Post(page+"/do/note", url.Values{"note": {"Gebeld."}}) }, http.StatusSeeOther},
		"act on another's":       {func() handlertest.Page { return foreign.Post(page+"/do/note", url.Values{"note": {"Gebeld."}}) }, http.StatusNotFound},
		"a wrong password": {func() handlertest.Page {
			return guest.Post("/sign-in", url.Values{"email": {p.Email}, "password": {"verkeerd"}})
		}, http.StatusUnauthorized},
	}
	release := blocked(t, w)
	before, err := w.Requests.Requests.Get(t.Context(), r.ID)
	if err != nil {
		t.Fatal(err)
	}
	var all sync.WaitGroup
	var mu sync.Mutex
	sent, refused := 0, 0
	for name, try := range tries {
		all.Go(func() {
			got := try.do()
			mu.Lock()
			defer mu.Unlock()
			sent++
			if got.Status != http.StatusServiceUnavailable || strings.Contains(got.Body, "Fatima") {
				t.Errorf("%s without an entry: %d, %s", name, got.Status, got.Words())
				return
			}
			refused++
		})
	}
	all.Wait()
	release()
	after, err := w.Requests.Requests.Get(t.Context(), r.ID)
	if err != nil || after.Rev != before.Rev {
		t.Errorf("the request changed without an entry: %v", err)
	}
	if got := officer.Get("/readyz"); got.Status != http.StatusOK {
		t.Errorf("ready again: %d", got.Status)
	}
	if got := tries["a wrong password"].do(); got.Status != tries["a wrong password"].then {
		t.Errorf("a wrong password with an entry: %d", got.Status)
	}
	history := w.Events(r.ID)
	allowed := 1
	for _, name := range []string{"read personal data", "read it over the API", "read what is another's", "act", "act on another's"} {
		if got := tries[name].do(); got.Status != tries[name].then {
			t.Errorf("%s with an entry: %d, want %d: %s", name, got.Status, tries[name].then, got.Words())
		}
		now := w.Events(r.ID)
		if len(now) != len(history)+1 {
			t.Errorf("%s left the entries %v", name, now[len(history):])
		}
		history = now
		allowed++
		w.Pass(time.Second)
	}
	t.Logf("without the ledger: %d sent, %d answered with 503; with it: %d sent, each answered and left one entry: %v", sent, refused, allowed, history)
}
