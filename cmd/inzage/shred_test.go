package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"inzage/config"
	"inzage/services/attachment"
	"inzage/services/audits"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// canaries are words that nobody writes by chance, one for each place where
// something personal can stand.
type canaries struct{ words []string }

// word is a new canary, with the place it is for in it.
func (c *canaries) word(place string) string {
	w := "kanarie-" + place + "-" + ledger.NewID("x")[2:12]
	c.words = append(c.words, w)
	return w
}

// estate is a portal whose clock the test moves, with one request and one audit
// full of canaries.
type estate struct {
	canaries
	t              *testing.T
	i              installation
	p              *portal
	clock          time.Time
	logs           bytes.Buffer
	officer, agent identity.Actor
	request, audit string
}

func newEstate(t *testing.T) *estate {
	t.Helper()
	e := &estate{t: t, i: installed(t), clock: time.Now()}
	cfg, err := config.Load(nil, e.i.environ())
	e.ok(err)
	e.p, err = open(t.Context(), cfg, slog.New(slog.NewJSONHandler(&e.logs, &slog.HandlerOptions{Level: slog.LevelDebug})), func() time.Time { return e.clock })
	e.ok(err)
	partners(t, e.p)
	bakery, err := e.p.identity.OrganisationAt(t.Context(), "korenaar")
	e.ok(err)
	partner, err := e.p.identity.OrganisationAt(t.Context(), "mpg")
	e.ok(err)
	e.officer = identity.Actor{Account: "acc_officer", Organisation: bakery.ID, Roles: []identity.Role{identity.PrivacyOfficer}, Level: identity.Full, StrongAt: e.clock, Language: "nl"}
	e.agent = identity.Actor{Account: "acc_agent", Organisation: partner.ID, Roles: []identity.Role{identity.Agent}, Level: identity.Full, StrongAt: e.clock, Language: "nl"}
	e.fillRequest()
	e.fillAudit()
	e.compose()
	return e
}

func (e *estate) ok(err error) {
	e.t.Helper()
	if err != nil {
		e.t.Fatal(err)
	}
}

func (e *estate) fillRequest() {
	ctx, s := e.t.Context(), e.p.requests
	r, err := s.Enter(ctx, e.officer, ledger.NewID("req"), requests.Entry{Channel: requests.Letter, Received: e.clock.Add(-time.Hour), Filing: requests.Filing{
		Organisation: e.officer.Organisation, Rights: []requests.Right{requests.Rectification}, Language: "nl",
		Person: requests.Person{Name: e.word("naam"), Email: e.word("mail") + "@example.org", Phone: "0612345678", Identifiers: e.word("klant")},
		Asked:  map[requests.Right]requests.Asked{requests.Rectification: {What: e.word("gevraagd"), Into: e.word("wordt")}}}})
	e.ok(err)
	e.request = r.ID
	_, err = s.TakeUp(ctx, e.officer, r.ID)
	e.ok(err)
	_, err = s.Jot(ctx, e.officer, r.ID, e.word("notitie"))
	e.ok(err)
	a, err := s.Seek(ctx, e.officer, r.ID, ledger.NewID("ast"), requests.Help{Processor: e.agent.Organisation, Right: requests.Rectification, Question: e.word("hulpvraag")})
	e.ok(err)
	_, err = s.AddAssistFile(ctx, e.agent, a.ID, requests.Upload{Name: e.word("hulpbestand") + ".txt", Size: -1, Body: strings.NewReader(e.word("hulpinhoud"))})
	e.ok(err)
	_, err = s.Answer(ctx, e.agent, a.ID, requests.Reply{Outcome: requests.Found, Text: e.word("hulpantwoord")})
	e.ok(err)
	_, err = s.AddAnswerFile(ctx, e.officer, r.ID, requests.Upload{Name: e.word("bestand") + ".txt", Size: -1, Body: strings.NewReader(e.word("inhoud"))})
	e.ok(err)
	_, err = s.Decide(ctx, e.officer, r.ID, requests.Verdict{Right: requests.Rectification, Outcome: requests.Granted, Reasons: e.word("redenen"), Recipients: []string{e.word("ontvanger")}})
	e.ok(err)
	_, err = s.Finish(ctx, e.officer, r.ID)
	e.ok(err)
}

func (e *estate) fillAudit() {
	ctx, s, yes := e.t.Context(), e.p.audits, true
	all, err := e.p.agreements.OfController(ctx, e.officer.Organisation, e.clock)
	e.ok(err)
	a, err := s.Start(ctx, e.officer, "", all[0].ID, audits.Plan{Subject: e.word("onderwerp"), Mode: audits.OnSite, Why: e.word("waarom"), BreachIndicated: &yes,
		Notice: audits.NoticeText{Method: e.word("werkwijze"), Auditor: e.word("auditor"), Information: e.word("informatie"), Locations: e.word("plaats"), Arguments: e.word("argument")}})
	e.ok(err)
	e.audit = a.ID
	a, err = s.AppointAuditor(ctx, e.officer, a.ID, audits.AuditorDetails{Person: audits.AuditorPerson{Name: e.word("auditornaam"), Email: e.word("auditormail") + "@example.org", Firm: e.word("kantoor")}, Independent: &yes})
	e.ok(err)
	_, err = s.Attach(ctx, e.officer, a.ID, "notice", attachment.Upload{Name: e.word("bijlage") + ".txt", Size: -1, Body: strings.NewReader(e.word("bijlageinhoud"))})
	e.ok(err)
	_, err = s.CallOff(ctx, e.officer, a.ID, e.word("afgezegd"))
	e.ok(err)
}

// compose seals the log and writes the notices and the mails that follow from it.
func (e *estate) compose() {
	e.t.Helper()
	e.ok(e.p.ledger.DrainAll(e.t.Context(), e.p.engine))
	for {
		n, err := e.p.notify.Compose(e.t.Context(), 100)
		e.ok(err)
		if n == 0 {
			return
		}
	}
}

// opened is everything that the portal can decrypt of the two, as one text.
func (e *estate) opened(ctx context.Context) string {
	e.t.Helper()
	var all []any
	r, _, err := e.p.requests.Look(ctx, e.officer, e.request)
	e.ok(err)
	story, err := e.p.requests.Tell(ctx, e.officer, r)
	e.ok(err)
	helps, err := e.p.requests.HelpsFor(ctx, e.officer, r)
	e.ok(err)
	written, err := e.p.notify.NoticesOf(ctx, e.officer, r)
	e.ok(err)
	a, _, err := e.p.audits.Look(ctx, e.officer, e.audit)
	e.ok(err)
	told, err := e.p.audits.Tell(ctx, e.officer, a)
	e.ok(err)
	all = append(all, story, helps, written, told)
	for object, files := range map[string][]string{e.request: {story.Files[0].ID, helps[0].Files[0].ID}, e.audit: {told.Files[0].ID}} {
		for _, f := range files {
			in, err := e.p.vault.OpenFile(ctx, object, f)
			e.ok(err)
			body, err := io.ReadAll(in)
			e.ok(err)
			e.ok(in.Close())
			all = append(all, string(body))
		}
	}
	text, err := json.Marshal(all)
	e.ok(err)
	return string(text)
}

// search counts the bytes below the paths, and names the files that hold one of
// the words.
func search(t *testing.T, words [][]byte, paths ...string) (searched int64, hits []string) {
	t.Helper()
	for _, path := range paths {
		for _, file := range filesUnder(t, path) {
			b, err := os.ReadFile(file)
			if err != nil {
				t.Fatal(err)
			}
			searched += int64(len(b))
			for _, w := range words {
				if bytes.Contains(b, w) {
					hits = append(hits, fmt.Sprintf("%.40q in %s", w, file))
				}
			}
		}
	}
	return searched, hits
}

// wrapped are the stored keys of the two: with them and the master key, what an
// older copy holds could be read.
func (e *estate) wrapped() [][]byte {
	e.t.Helper()
	var all [][]byte
	for _, object := range []string{e.request, e.audit} {
		rec, err := e.p.vault.Keys.Get(e.t.Context(), object)
		e.ok(err)
		for _, part := range [][]byte{rec.Fields, rec.Files} {
			text, err := json.Marshal(part)
			e.ok(err)
			all = append(all, bytes.Trim(text, `"`))
		}
	}
	return all
}

// TestShreddedCanariesAreNowhere fills a request and an audit with words, takes
// a backup, lets the storage period end, and looks for the words and for the
// keys: in the data folder with the write-ahead logs, the blobs and the keys, in
// the logs, and in the backups. Sealed content stays in the older backup, as it
// must; its keys are in the copy of the keys that was made with it and nowhere
// else, so that it opens with that copy and with none made later.
func TestShreddedCanariesAreNowhere(t *testing.T) {
	e := newEstate(t)
	ctx := t.Context()
	plain, known := e.opened(ctx), 0
	for _, w := range e.words {
		if strings.Contains(plain, w) {
			known++
		} else {
			t.Errorf("%s is not in what the portal opens: it would be missed afterwards for nothing", w)
		}
	}
	words, keys := [][]byte(nil), e.wrapped()
	for _, w := range e.words {
		words = append(words, []byte(w))
	}
	before, beforeKeys := e.i.path("before"), e.i.path("before.keys")
	_, _, err := e.p.backUp(ctx, before, beforeKeys)
	e.ok(err)
	_, live := search(t, keys, filepath.Join(e.i.data, "store"))
	_, copied := search(t, keys, beforeKeys)
	if len(live) < len(keys) || len(copied) < len(keys) {
		t.Fatalf("before the end %d and %d of %d keys are found: the search finds nothing", len(live), len(copied), len(keys))
	}

	e.clock = e.clock.Add(requests.Keep + time.Hour)
	for what, shred := range map[string]func(context.Context, int) (int, error){"requests": e.p.requests.ShredEnded, "audits": e.p.audits.ShredEnded} {
		if n, err := shred(ctx, 10); err != nil || n != 1 {
			t.Fatalf("%d %s were shredded, %v", n, what, err)
		}
	}
	e.ok(e.p.ledger.DrainAll(ctx, e.p.engine))
	after, afterKeys := e.i.path("after"), e.i.path("after.keys")
	signed, _, err := e.p.backUp(ctx, after, afterKeys)
	e.ok(err)
	e.ok(e.p.ledger.Check(ctx, signed.Checkpoint))

	logs := e.i.keep("portal.log", e.logs.String())
	everywhere := []string{e.i.data, logs, before, beforeKeys, after, afterKeys}
	searched, hits := search(t, words, everywhere...)
	bytesOfKeys, lost := search(t, keys, e.i.data, logs, before, after, afterKeys)
	for _, h := range append(hits, lost...) {
		t.Errorf("%s", h)
	}
	control := e.i.keep("control", "x"+e.words[0]+"y")
	if _, hit := search(t, words, control); len(hit) != 1 {
		t.Errorf("the search finds %v in a file with one canary", hit)
	}
	e.ok(e.p.close())
	if _, hits := search(t, append(words, keys...), e.i.data); len(hits) > 0 {
		t.Errorf("after the stop: %v", hits)
	}
	t.Logf("%d of %d canaries were readable before; %d bytes searched for them, %d for %d keys: %d found", known, len(e.words), searched, bytesOfKeys, len(keys), len(hits)+len(lost))

	e.restored(before, afterKeys, true)
	e.restored(before, beforeKeys, false)
}

// restored puts the older content back with some copy of the keys, and looks
// whether it can be read.
func (e *estate) restored(content, keys string, gone bool) {
	e.t.Helper()
	back := e.i.sibling("back-"+filepath.Base(keys), false)
	back.done("restore", content, "--keys", keys)
	p, done := back.open()
	defer done()
	for _, object := range []string{e.request, e.audit} {
		_, err := p.vault.Key(e.t.Context(), object)
		if got := fault.KindOf(err) == fault.Gone; got != gone || !gone && err != nil {
			e.t.Errorf("%s of the older backup with %s: %v, want gone: %v", object, filepath.Base(keys), err, gone)
		}
	}
}
