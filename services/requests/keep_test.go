package requests_test

import (
	"context"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/handlers/handlertest"
	"inzage/services/fault"
	"inzage/services/requests"
)

// TestAfterTheStoragePeriod ends a request, lets two years pass, and looks for
// what the person typed: in what the services open, and in every file.
func TestAfterTheStoragePeriod(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	r, subject := filed(t, w, filing(w.Partner.ID, w.Bakery.ID, requests.Access, requests.Erasure))
	if _, err := w.Requests.Retract(ctx, subject, r.ID); err != nil {
		t.Fatal(err)
	}
	w.Drain()
	if n, err := w.Requests.ShredEnded(ctx, 10); err != nil || n != 0 {
		t.Fatalf("shredded %d at once, %v; want none before the period ends", n, err)
	}
	w.Pass(requests.Keep + time.Hour)
	if n, err := w.Requests.ShredEnded(ctx, 10); err != nil || n != 1 {
		t.Fatalf("shredded %d, %v; want the one that ended", n, err)
	}
	if n, err := w.Requests.ShredEnded(ctx, 10); err != nil || n != 0 {
		t.Errorf("shredded %d again, %v", n, err)
	}
	after, err := w.Requests.Requests.Get(ctx, r.ID)
	if err != nil {
		t.Fatal(err)
	}
	if after.Shredded == nil || after.Account != "" || after.MailHash != "" || after.Person != "" || len(after.Items) != 2 || after.State != requests.Withdrawn {
		t.Errorf("the bare facts are %+v", after)
	}
	if _, err := w.Vault.Key(ctx, r.ID); fault.KindOf(err) != fault.Gone {
		t.Errorf("key after shredding: %v, want gone", err)
	}
	if _, err := w.Identity.Person(ctx, subject.Account); fault.KindOf(err) != fault.Gone {
		t.Errorf("account after its last request: %v, want gone", err)
	}
	if events := w.Events(r.ID); events[len(events)-1] != "request.shred" {
		t.Errorf("events end with %s", events[len(events)-1])
	}
	for _, canary := range []string{"Fatima", "fatima@example.org", "bestellingen"} {
		if file := holding(t, w, canary); file != "" {
			t.Errorf("%q stands in %s", canary, file)
		}
	}
}

// TestTheSecondRequestKeepsTheAccount shreds one of two requests of a person.
func TestTheSecondRequestKeepsTheAccount(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	first, subject := filed(t, w, filing(w.Partner.ID, w.Bakery.ID, requests.Access))
	if _, err := w.Requests.Retract(ctx, subject, first.ID); err != nil {
		t.Fatal(err)
	}
	w.Pass(requests.Keep + time.Hour)
	second, again := filed(t, w, filing(w.Partner.ID, w.Bakery.ID, requests.Erasure))
	if again.Account != subject.Account {
		t.Fatalf("one address has two accounts")
	}
	if n, err := w.Requests.ShredEnded(ctx, 10); err != nil || n != 1 {
		t.Fatalf("shredded %d, %v", n, err)
	}
	if _, err := w.Identity.Person(ctx, subject.Account); err != nil {
		t.Errorf("the account is gone while a request is open: %v", err)
	}
	if _, _, err := w.Requests.Look(ctx, again, second.ID); err != nil {
		t.Errorf("the open request: %v", err)
	}
}

// TestAnUnprovenFilingLapses ends what nobody proved after a week, key and all.
func TestAnUnprovenFilingLapses(t *testing.T) {
	w := handlertest.New(t)
	ctx := context.Background()
	f := filing(w.Partner.ID, w.Bakery.ID, requests.Access)
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
	w.Pass(requests.DraftLife + time.Hour)
	if _, err := w.Requests.Remind(ctx, 10); err != nil {
		t.Fatal(err)
	}
	if r, err = w.Requests.Requests.Get(ctx, r.ID); err != nil || r.State != requests.Withdrawn || r.Open {
		t.Errorf("after a week: %s, %v", r.State, err)
	}
	if _, err := w.Vault.Key(ctx, r.ID); fault.KindOf(err) != fault.Gone {
		t.Errorf("key of a lapsed filing: %v, want gone", err)
	}
}

// holding names a file of the world's folder that contains the text.
func holding(t *testing.T, w *handlertest.World, text string) string {
	t.Helper()
	found := ""
	err := filepath.WalkDir(w.Folder, func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		data, err := os.ReadFile(path)
		if strings.Contains(string(data), text) {
			found = path
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return found
}
