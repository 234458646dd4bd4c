package audits_test

import (
	"bytes"
	"encoding/json"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"inzage/services/audits"
	"inzage/services/deadlines"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
)

// pass lets time go by.
func (w *world) pass(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

func (w *world) shredded(want int) {
	w.t.Helper()
	n, err := w.audits.ShredEnded(w.t.Context(), 10)
	if err != nil || n != want {
		w.t.Errorf("shredded %d, %v; want %d", n, err, want)
	}
}

// full is a closed audit that holds something of every kind.
func (w *world) full() audits.Audit {
	w.t.Helper()
	ctx, s := w.t.Context(), w.audits
	p := plan()
	p.Earlier = w.today().AddMonths(-20)
	a := w.must(s.Start(ctx, w.officer, "", w.agreement, p))
	id := w.must(s.AppointAuditor(ctx, w.officer, a.ID, expert())).ID
	a = w.reach(id, audits.Announced)
	w.must(s.ObjectToAuditor(ctx, w.agent, id, audits.ObjectionOf{Ground: audits.OtherGround, Reason: "Hij kent onze buurman."}))
	w.must(s.KeepAuditor(ctx, w.officer, id, "Dat is geen bezwaar."))
	w.must(s.WriteRules(ctx, w.agent, id, "Meld u bij de balie."))
	a = w.reach(id, audits.DateAgreed)
	w.must(s.PlanVisit(ctx, w.agent, id, audits.Visit{Day: a.On, Mode: audits.OnSite, Place: "Vianen", Purpose: "Rondgang"}))
	a = w.reach(id, audits.UnderWay)
	w.must(s.ReadRules(ctx, w.officer, id, 1))
	w.must(s.RecordVisit(ctx, w.officer, id, a.Sessions[0].ID, "Het rek stond open."))
	w.cost(w.agent, id, "travel", 1250)
	if _, err := s.Attach(ctx, w.agent, id, w.get(id).Costs[0].ID, upload("treinkaartje.txt")); err != nil {
		w.t.Fatal(err)
	}
	a = w.reach(id, audits.Improving)
	m := w.must(s.AgreeMeasure(ctx, w.officer, id, audits.MeasureText{Finding: a.Findings[0].ID, Owner: audits.OwnerProcessor, Text: "Logboek herstellen", Due: w.today().AddDays(9)})).Measures[0]
	w.must(s.CarryOut(ctx, w.agent, id, m.ID, "Hersteld."))
	w.must(s.Recheck(ctx, w.officer, id, m.ID, audits.Effective, "Gezien.", deadlines.Date{}))
	return w.reach(id, audits.Closed)
}

// TestAfterTheStoragePeriod closes an audit, lets two years pass, and looks
// for what was written: in what the service opens, in the document, in every file.
func TestAfterTheStoragePeriod(t *testing.T) { everywhere(t, "mpg", afterTheStoragePeriod) }

func afterTheStoragePeriod(t *testing.T, w *world) {
	ctx, s := t.Context(), w.audits
	before := w.full()
	if n := len(ciphertexts(t, before)); n < 25 {
		t.Fatalf("only %d sealed fields; the scenario is broken", n)
	}
	if len(w.blobs.Names(t)) != 1 {
		t.Fatalf("files: %v", w.blobs.Names(t))
	}
	w.pass(audits.Keep - time.Minute)
	w.shredded(0)
	w.pass(2 * time.Minute)
	w.shredded(1)
	w.shredded(0)
	after := w.get(before.ID)
	if after.Shredded == nil || after.Stage != audits.Closed || after.Outcome != audits.Audited || after.On != before.On || after.Next != before.Next ||
		len(after.Findings) != 1 || after.Findings[0].Grade != audits.Minor || after.Costs[0].Cents != 1250 || after.Bill == nil || len(after.Measures) != 1 {
		t.Errorf("the bare facts are %+v", after)
	}
	if left := ciphertexts(t, after); len(left) > 0 {
		t.Errorf("sealed fields are left: %v", left)
	}
	doc, err := json.Marshal(after)
	if err != nil {
		t.Fatal(err)
	}
	for _, gone := range []string{before.Auditor.Account, w.officer.Account, before.Files[0].SHA256} {
		if gone == "" || bytes.Contains(doc, []byte(gone)) {
			t.Errorf("%q is left in the document", gone)
		}
	}
	if names := w.blobs.Names(t); len(names) > 0 {
		t.Errorf("files are left: %v", names)
	}
	if events := w.events(before.ID); !slices.Contains(events, "shred") || !slices.Contains(events, "key.destroy") {
		t.Errorf("events = %v, want the shredding among them", events)
	}
	_, tell := s.Tell(ctx, w.officer, after)
	_, report := s.ClosingOf(ctx, w.officer, before.ID)
	_, judge := s.Judge(ctx, w.officer, after)
	_, text := s.Undertaking(ctx, w.officer, after, "nl")
	for what, err := range map[string]error{"tell": tell, "report": report, "judge": judge, "undertaking": text} {
		if fault.KindOf(err) != fault.Gone {
			t.Errorf("%s = %v, want gone", what, err)
		}
	}
	if _, _, err := s.Open(ctx, w.officer, before.ID, before.Files[0].ID); fault.KindOf(err) != fault.NotFound {
		t.Errorf("a file = %v, want not found", err)
	}
	for side, by := range map[audits.Side]string{audits.AsController: "officer", audits.AsProcessor: "agent"} {
		actor := w.officer
		if by == "agent" {
			actor = w.agent
		}
		if page, err := s.List(ctx, actor, side, false, "", 10); err != nil || len(page.Rows) != 1 || page.Rows[0].Reference != before.Reference {
			t.Errorf("the list of the %s: %v, %v", by, page.Rows, err)
		}
	}
	if r, err := s.RecordOf(ctx, w.officer, w.processor.ID); err != nil || len(r.Findings) != 1 {
		t.Errorf("the record: %+v, %v", r, err)
	}
	for _, canary := range []string{"Rik Jansen", "rik@auditors.example", "Niet elke inzage", "Logboek herstellen", "balie", "treinkaartje", "buurman"} {
		if file := w.holding(canary); file != "" {
			t.Errorf("%q stands in %s", canary, file)
		}
	}
	w.verifies()
}

// A sweep that died after the key was destroyed is finished by the next.
func TestAShreddingThatWasCutShort(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "vcare")
	a := w.draft()
	w.must(w.audits.CallOff(t.Context(), w.officer, a.ID, "Niet nodig."))
	w.pass(audits.Keep + time.Hour)
	broken := *w.audits
	broken.Audits = &brokenAudits{Collection: w.audits.Audits, broken: true}
	if _, err := broken.ShredEnded(t.Context(), 10); err == nil {
		t.Fatal("the sweep did not fail")
	}
	if _, err := w.vault.Key(t.Context(), a.ID); fault.KindOf(err) != fault.Gone {
		t.Errorf("key = %v, want gone", err)
	}
	w.shredded(1)
	if after := w.get(a.ID); after.Shredded == nil || after.Reason != "" {
		t.Errorf("after the second sweep: %+v", after)
	}
}

// A shorter storage period is the operator's to set.
func TestTheStoragePeriodCanBeSet(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "vcare")
	w.audits.Limits.Keep = 30 * 24 * time.Hour
	a := w.draft()
	w.must(w.audits.CallOff(t.Context(), w.officer, a.ID, "Niet nodig."))
	w.pass(30*24*time.Hour + time.Minute)
	w.shredded(1)
}

// A draft that nobody touches for a year ends by itself; one that somebody
// works on, or that the processor was asked about, does not.
func TestAForgottenDraft(t *testing.T) {
	t.Parallel()
	w := newWorld(t, "mpg")
	ctx, s := t.Context(), w.audits
	forgotten, worked, asked := w.draft(), w.draft(), w.draft()
	w.must(s.AskBefore(ctx, w.officer, asked.ID, audits.Inquire{Kind: audits.Information, Text: "Wat?"}))
	w.pass(audits.DraftLife - time.Hour)
	w.must(s.ReviseDraft(ctx, w.officer, worked.ID, plan()))
	w.pass(2 * time.Hour)
	admin := w.staff(w.controller, identity.Admin)
	page, err := s.Forgotten(ctx, admin, w.controller, "", 10)
	if err != nil || len(page.Rows) != 2 || page.Rows[0].ID != forgotten.ID || page.Rows[1].ID != worked.ID {
		t.Fatalf("drafts that will go = %+v, %v; want the forgotten one first, and not what was sent", page, err)
	}
	if x := page.Rows[0]; x.Goes.After(w.Now()) || !x.Goes.Equal(x.At.Add(audits.DraftLife)) || x.Reference != forgotten.Reference || !page.Rows[1].Goes.After(w.Now()) {
		t.Errorf("they go at %v and %v", x.Goes, page.Rows[1].Goes)
	}
	for _, by := range []identity.Actor{w.officer, w.agent, w.stranger} {
		if _, err := s.Forgotten(ctx, by, w.controller, "", 10); fault.KindOf(err) != fault.NotFound {
			t.Errorf("%v sees the drafts that will go: %v", by.Roles, err)
		}
	}
	w.shredded(1)
	if page, err = s.Forgotten(ctx, admin, w.controller, "", 10); err != nil || len(page.Rows) != 1 || page.Rows[0].ID != worked.ID {
		t.Errorf("after the sweep = %+v, %v", page, err)
	}
	after := w.get(forgotten.ID)
	if after.Stage != audits.Cancelled || after.Outcome != audits.CalledOff || after.Open || after.Ended == nil || after.Shredded == nil || after.Listed != "" || after.Day != "" {
		t.Errorf("the forgotten draft: %+v", after)
	}
	if left := ciphertexts(t, after); len(left) > 0 {
		t.Errorf("sealed fields are left: %v", left)
	}
	if events := w.events(forgotten.ID); len(events) != 5 || !slices.Contains(events, "lapse") || !slices.Contains(events, "shred") {
		t.Errorf("events = %v", events)
	}
	if err := only(s.ReviseDraft(ctx, w.officer, forgotten.ID, plan())); fault.KindOf(err) != fault.Conflict {
		t.Errorf("the draft can be revised: %v", err)
	}
	for _, a := range []audits.Audit{worked, asked} {
		if got := w.get(a.ID); !got.Open || got.Shredded != nil {
			t.Errorf("%s ended: %s", a.Reference, got.Stage)
		}
	}
}

// ciphertexts are the values of a document that look sealed.
func ciphertexts(t *testing.T, a audits.Audit) []string {
	t.Helper()
	data, err := json.Marshal(a)
	if err != nil {
		t.Fatal(err)
	}
	var doc any
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	plain := map[string]bool{"sha256": true}
	var found []string
	var walk func(name string, v any)
	walk = func(name string, v any) {
		switch v := v.(type) {
		case map[string]any:
			for k, x := range v {
				walk(k, x)
			}
		case []any:
			for _, x := range v {
				walk(name, x)
			}
		case string:
			if len(v) > 31 && !plain[name] {
				found = append(found, name+" "+v)
			}
		}
	}
	walk("", doc)
	return found
}

// holding names a file of the data folder that contains the text.
func (w *world) holding(text string) string {
	w.t.Helper()
	found := ""
	for _, folder := range []string{w.folder, string(w.blobs)} {
		if folder == "" {
			continue // MongoDB keeps its own files
		}
		err := filepath.WalkDir(folder, func(path string, d fs.DirEntry, err error) error {
			if err != nil || d.IsDir() {
				return err
			}
			data, err := os.ReadFile(path)
			if bytes.Contains(data, []byte(text)) {
				found = path
			}
			return err
		})
		if err != nil {
			w.t.Fatal(err)
		}
	}
	return found
}

// verifies exports the ledger and has the verifier walk it.
func (w *world) verifies() {
	t := w.t
	t.Helper()
	key := filepath.Join(t.TempDir(), "ledger.json")
	if err := ledger.CreateKey(key, "inzage.example"); err != nil {
		t.Fatal(err)
	}
	k, err := ledger.OpenKey(key)
	if err != nil {
		t.Fatal(err)
	}
	l := *w.ledger
	l.Key, l.Now = k, w.Now
	out := filepath.Join(t.TempDir(), "export")
	if err := ledger.WriteExport(out, func(a ledger.Archive) error {
		_, err := l.Export(t.Context(), a)
		return err
	}); err != nil {
		t.Fatal(err)
	}
	if _, err := ledger.Verify(t.Context(), os.DirFS(out), ledger.Terms{Keys: k.Public()}); err != nil {
		t.Errorf("the ledger does not verify: %v", err)
	}
}
