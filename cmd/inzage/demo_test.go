package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"log/slog"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"inzage/config"
	"inzage/config/demo"
	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// filledDemo fills a demo as if it were started at now.
func filledDemo(t *testing.T, now time.Time) (*show, demo.World) {
	t.Helper()
	w, err := demo.Load()
	if err != nil {
		t.Fatal(err)
	}
	cfg, err := config.Load(nil, []string{"INZAGE_DATA=" + t.TempDir(), "INZAGE_BASE_URL=http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	if err := makeMaster(cfg); err != nil {
		t.Fatal(err)
	}
	p, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), func() time.Time { return now })
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		if err := p.close(); err != nil {
			t.Error(err)
		}
	})
	s := newShow(p, demoFolder{})
	if err := s.fill(t.Context()); err != nil {
		t.Fatalf("fill: %v", err)
	}
	return s, w
}

// The days are chosen for what could go wrong on them: just after midnight,
// the shortest month, and the hour that summer time skips. An ordinary day is
// the one on which the other tests run.
func TestDemoTellsItsStories(t *testing.T) {
	for _, day := range []string{"2027-03-01T00:01:00+01:00", "2026-03-29T03:10:00+02:00"} {
		t.Run(day, func(t *testing.T) {
			t.Parallel()
			now, err := time.Parse(time.RFC3339, day)
			if err != nil {
				t.Fatal(err)
			}
			s, w := filledDemo(t, now)
			all := everyRequest(t, s.portal)
			checkEnds(t, s, w, all)
			checkSpecial(t, now, all)
			checkAudits(t, s, w)
			checkHistory(t, s.portal, now)
		})
	}
}

func everyRequest(t *testing.T, p *portal) []requests.Request {
	t.Helper()
	var all []requests.Request
	for _, open := range []any{true, false} {
		page, err := p.requests.Requests.List(t.Context(), document.Query{Index: "remind", Equal: []any{open}, Limit: 500})
		if err != nil {
			t.Fatal(err)
		}
		all = append(all, page.Rows...)
	}
	return all
}

// checkEnds holds every story to the state that it says it ends in.
func checkEnds(t *testing.T, s *show, w demo.World, all []requests.Request) {
	t.Helper()
	states := map[requests.State]bool{}
	said := map[requests.State]int{}
	for _, r := range all {
		states[r.State] = true
		said[r.State]--
	}
	for _, story := range w.Stories {
		said[requests.State(story.Ends)]++
	}
	said[requests.Forwarded]++ // the half that left the split request
	for state, n := range said {
		if n != 0 {
			t.Errorf("%d stories too many say that they end %s", n, state)
		}
	}
	for _, state := range []requests.State{requests.Unconfirmed, requests.Received, requests.Forwarded, requests.Acknowledged, requests.InProgress, requests.Identifying,
		requests.Decided, requests.Delivered, requests.Closed, requests.Withdrawn, requests.Misdirected, requests.Merged} {
		if !states[state] {
			t.Errorf("no request is %s", state)
		}
	}
	if n := len(s.pages().Accounts()); n < 20 {
		t.Errorf("only %d accounts", n)
	}
}

// checkSpecial looks for what a state alone does not tell.
func checkSpecial(t *testing.T, now time.Time, all []requests.Request) {
	t.Helper()
	tomorrow := now.AddDate(0, 0, 1).Format(time.DateOnly)
	has := func(what string, is func(requests.Request) bool) {
		t.Helper()
		if !slices.ContainsFunc(all, is) {
			t.Errorf("there is no request that is %s", what)
		}
	}
	has("overdue", func(r requests.Request) bool { return r.Open && r.State == requests.InProgress && r.Ends.Before(now) })
	// No 30 days and no month end on 30 March after a February of 28 days.
	if now.Month() != time.March || now.Day() < 28 {
		has("due tomorrow", func(r requests.Request) bool { return r.Open && r.Due == tomorrow })
	}
	has("extended", func(r requests.Request) bool { return r.Extension != nil })
	has("split", func(r requests.Request) bool { return r.SplitInto != "" })
	has("in triage", func(r requests.Request) bool {
		return r.State == requests.Received && r.Processor != "" && r.Controller == ""
	})
	has("answered on an identity question", func(r requests.Request) bool {
		return r.State == requests.Identifying && r.Identity[0].Replied != nil
	})
	has("waiting for a processor", func(r requests.Request) bool { return r.State == requests.InProgress && r.Waiting })
	has("entered from a letter", func(r requests.Request) bool { return r.Channel == requests.Letter })
	has("entered from a telephone call", func(r requests.Request) bool { return r.Channel == requests.Phone })
	has("refused", func(r requests.Request) bool {
		return r.Items[0].Decision != nil && r.Items[0].Decision.Outcome == requests.Denied
	})
	has("in English", func(r requests.Request) bool { return r.Language == "en" })
	has("handled by a processor", func(r requests.Request) bool { return r.State == requests.Delivered && r.Decides == requests.Processor })
}

// checkHistory holds the log to the order of time, with nothing in the future.
func checkHistory(t *testing.T, p *portal, now time.Time) {
	t.Helper()
	var last time.Time
	var costs bool
	for from := int64(0); ; {
		entries, err := p.ledger.Read(t.Context(), from, 500)
		if err != nil {
			t.Fatal(err)
		}
		if len(entries) == 0 {
			break
		}
		for _, e := range entries {
			from = e.Number + 1
			if e.Event.Outcome != ledger.Done {
				t.Errorf("entry %d: %s was refused: %v", e.Number, e.Event.Action, e.Event.Details)
			}
			// The accounts and agreements are made at the start, before the stories look back.
			if !strings.HasPrefix(e.Event.Action, "request.") {
				continue
			}
			if e.Event.At.Before(last) || e.Event.At.After(now) {
				t.Errorf("entry %d: %s at %s comes after %s", e.Number, e.Event.Action, e.Event.At, last)
			}
			last = e.Event.At
		}
	}
	page, err := p.requests.Assists.List(t.Context(), document.Query{Index: "remind", Equal: []any{false}, Limit: 100})
	if err != nil {
		t.Fatal(err)
	}
	for _, a := range page.Rows {
		costs = costs || a.Bill != nil && len(a.Bill.Lines) > 0
	}
	if !costs {
		t.Error("no processor stated costs")
	}
}

// started is a demo that runs in this process.
type started struct {
	base      string
	stop      func() int // stops it, and returns its exit code
	took      time.Duration
	complaint *lines // what it said on its way out
}

// eachAnew opens a connection for each request. A connection that is kept can
// be closed by the portal, which was idle for a minute on a slow machine or is
// another test's, in the moment it is used again: that is a reset, and a form
// is not sent twice.
var eachAnew = &http.Transport{DisableKeepAlives: true}

// startDemo starts the demo on a folder and waits for its first page.
func startDemo(t *testing.T, dir string) started {
	t.Helper()
	ctx, cancel := context.WithCancel(t.Context())
	out, in := io.Pipe()
	var complaint lines
	code := make(chan int, 1)
	begun := time.Now()
	go func() {
		code <- run(ctx, []string{"demo"}, strings.NewReader(""), in, &complaint, []string{"INZAGE_DATA=" + dir, "INZAGE_LISTEN=127.0.0.1:0"})
		_ = in.Close()
	}()
	s := started{stop: func() int { cancel(); return <-code }, complaint: &complaint}
	first, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the demo said nothing: %v, %s", err, complaint.String())
	}
	go func() { _, _ = io.Copy(io.Discard, out) }() // it must not wait for a reader
	s.base = regexp.MustCompile(`http://\S+`).FindString(first)
	s.page(t, "/demo")
	s.took = time.Since(begun)
	return s
}

func (s started) page(t *testing.T, path string) *goquery.Document {
	t.Helper()
	res := s.get(t, path, nil)
	defer res.Body.Close()
	if res.StatusCode != http.StatusOK {
		t.Fatalf("GET %s = %d", path, res.StatusCode)
	}
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

func (s started) get(t *testing.T, path string, change func(*http.Request)) *http.Response {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodGet, s.base+path, nil)
	if err != nil {
		t.Fatal(err)
	}
	if change != nil {
		change(req)
	}
	res, err := (&http.Client{Transport: eachAnew}).Do(req)
	if err != nil {
		t.Fatalf("%v; the demo said: %s", err, s.complaint)
	}
	return res
}

// filled waits until the folder says that all of it is there.
func filled(t *testing.T, dir string) {
	t.Helper()
	tick := time.NewTicker(50 * time.Millisecond)
	defer tick.Stop()
	late := time.After(10 * time.Minute)
	for {
		if f, err := readDemo(dir); err == nil && f.Filled {
			return
		}
		select {
		case <-tick.C:
		case <-late:
			t.Fatal("the demo was not filled within ten minutes")
		}
	}
}

func TestDemoServesAndGoesOn(t *testing.T) {
	dir := filepath.Join(t.TempDir(), "new")
	s := startDemo(t, dir)
	t.Logf("the first page of a fresh demo came after %s", s.took)
	filled(t, dir)
	t.Run("the first page lists accounts that can sign in", func(t *testing.T) { checkAccounts(t, s) })
	t.Run("the mail can be read", func(t *testing.T) { checkMail(t, s) })
	t.Run("a code arrives while one looks", func(t *testing.T) { checkCode(t, s) })
	t.Run("others than this machine find nothing", func(t *testing.T) { checkNear(t, s) })
	if code := s.stop(); code != exitDone {
		t.Fatalf("the demo ended with %d", code)
	}
	before := census(t, dir)
	again := startDemo(t, dir)
	t.Logf("the first page of a demo that goes on came after %s", again.took)
	if n := again.page(t, "/demo").Find("[data-testid=accounts] tbody tr").Length(); n < 20 {
		t.Errorf("after a restart %d accounts are listed", n)
	}
	if code := again.stop(); code != exitDone {
		t.Fatalf("the demo ended with %d after a restart", code)
	}
	if after := census(t, dir); after != before {
		t.Errorf("a second start changed %+v into %+v", before, after)
	}
}

func checkAccounts(t *testing.T, s started) {
	doc := s.page(t, "/demo")
	rows := doc.Find("[data-testid=accounts] tbody tr")
	if rows.Length() < 20 {
		t.Fatalf("%d accounts are listed", rows.Length())
	}
	rows.Each(func(_ int, row *goquery.Selection) {
		code := row.Find("code").Eq(2).Text()
		if !regexp.MustCompile(`^\d{6}$`).MatchString(code) || row.Find("code").Eq(1).Text() == "" {
			t.Errorf("the row of %q has no code or password", row.Find("th").Text())
		}
	})
	if n := doc.Find("[data-testid=tour] li").Length(); n != 9 {
		t.Errorf("the tour has %d stops, want 9", n)
	}
	doc.Find("main a").Each(func(_ int, a *goquery.Selection) {
		href, _ := a.Attr("href")
		res := s.get(t, href, nil)
		_ = res.Body.Close() // only the status counts
		if res.StatusCode != http.StatusOK {
			t.Errorf("the link %s answers %d", href, res.StatusCode)
		}
	})
}

func checkMail(t *testing.T, s started) {
	list := s.page(t, "/demo/mail")
	links := list.Find("[data-testid=mails] a")
	if links.Length() < 50 {
		t.Fatalf("%d mails are listed", links.Length())
	}
	href, _ := links.First().Attr("href")
	if text := s.page(t, href).Find("[data-testid=mail-text]").Text(); len(text) < 80 {
		t.Errorf("the mail reads %q", text)
	}
	res := s.get(t, href+"/page", nil)
	defer res.Body.Close()
	if csp := res.Header.Get("Content-Security-Policy"); res.StatusCode != http.StatusOK || !strings.HasSuffix(csp, "sandbox") || strings.Contains(csp, "script-src") {
		t.Errorf("the mail by itself answers %d under %q", res.StatusCode, csp)
	}
	missing := s.get(t, "/demo/mail/..%2f..%2fdemo.json", nil)
	_ = missing.Body.Close() // only the status counts
	if missing.StatusCode != http.StatusNotFound {
		t.Errorf("a mail that is none answers %d", missing.StatusCode)
	}
}

// checkCode asks for a code with the private link of somebody's mail, and waits
// for the mail that has it.
func checkCode(t *testing.T, s started) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		t.Fatal(err)
	}
	client := &http.Client{Jar: jar, Transport: eachAnew}
	box := s.page(t, "/demo/mail?to=fatima@post.example")
	mails := box.Find("[data-testid=mails] a")
	href, _ := mails.First().Attr("href")
	link, _ := s.page(t, href).Find("[data-testid=mail-text] a").First().Attr("href")
	res, err := client.Get(s.base + link)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	page, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	token, _ := page.Find("main input[name=csrf]").Attr("value")
	asked := time.Now()
	sent, err := client.PostForm(s.base+link, url.Values{"csrf": {token}})
	if err != nil {
		t.Fatal(err)
	}
	_ = sent.Body.Close() // only the mail counts
	tick := time.NewTicker(10 * time.Millisecond)
	defer tick.Stop()
	for time.Since(asked) < 20*time.Second {
		if s.page(t, "/demo/mail?to=fatima@post.example").Find("[data-testid=mails] a").Length() > mails.Length() {
			t.Logf("the code arrived after %s", time.Since(asked))
			return
		}
		<-tick.C
	}
	t.Errorf("no code arrived; %s answered %d", link, sent.StatusCode)
}

func checkNear(t *testing.T, s started) {
	for name, change := range map[string]func(*http.Request){
		"another name":    func(r *http.Request) { r.Host = "evil.example" },
		"another address": func(r *http.Request) { r.Host = "192.0.2.7:8080" },
		"a proxy":         func(r *http.Request) { r.Header.Set("X-Forwarded-For", "192.0.2.7") },
	} {
		for _, path := range []string{"/demo", "/demo/mail"} {
			res := s.get(t, path, change)
			body, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			_ = res.Body.Close() // it was read to its end
			if res.StatusCode != http.StatusNotFound || bytes.Contains(body, []byte("regenjas")) {
				t.Errorf("%s at %s is answered with %d", name, path, res.StatusCode)
			}
		}
	}
}

// crowd counts what a second filling would double.
type crowd struct{ requests, accounts, mails int }

func census(t *testing.T, dir string) crowd {
	t.Helper()
	cfg, err := config.Load(nil, []string{"INZAGE_DATA=" + dir, "INZAGE_BASE_URL=http://127.0.0.1:8080"})
	if err != nil {
		t.Fatal(err)
	}
	p, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	n, err := p.identity.Accounts.Count(t.Context(), document.Query{Index: "operators", Equal: []any{false}, Limit: 1000})
	if err != nil {
		t.Fatal(err)
	}
	mails, err := filepath.Glob(filepath.Join(dir, "mail", "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	return crowd{len(everyRequest(t, p)), n, len(mails)}
}

func TestDemoFolder(t *testing.T) {
	t.Run("a filling that was cut short is begun anew", func(t *testing.T) {
		dir := t.TempDir()
		if _, err := claimDemo(dir); err != nil {
			t.Fatal(err)
		}
		half := filepath.Join(dir, "store", "inzage.db")
		if err := os.MkdirAll(filepath.Dir(half), 0o700); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(half, []byte("half"), 0o600); err != nil {
			t.Fatal(err)
		}
		if f, err := claimDemo(dir); err != nil || f.Filled {
			t.Fatalf("claim = %+v, %v", f, err)
		}
		if _, err := os.Stat(half); !os.IsNotExist(err) {
			t.Error("the half store is still there")
		}
	})
	t.Run("a full one is left as it is", func(t *testing.T) {
		dir := t.TempDir()
		kept := filepath.Join(dir, "store")
		if err := os.Mkdir(kept, 0o700); err != nil {
			t.Fatal(err)
		}
		if err := writeDemo(dir, demoFolder{Format: demoFormat, Filled: true}); err != nil {
			t.Fatal(err)
		}
		if f, err := claimDemo(dir); err != nil || !f.Filled {
			t.Fatalf("claim = %+v, %v", f, err)
		}
		if _, err := os.Stat(kept); err != nil {
			t.Error(err)
		}
	})
	for name, file := range map[string]string{"somebody's store": "store/inzage.db", "somebody's papers": "thesis.txt"} {
		t.Run(name+" is not touched", func(t *testing.T) {
			dir := t.TempDir()
			path := filepath.Join(dir, file)
			if err := os.MkdirAll(filepath.Dir(path), 0o700); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(path, []byte("mine"), 0o600); err != nil {
				t.Fatal(err)
			}
			var out, complaint bytes.Buffer
			code := run(t.Context(), []string{"demo"}, strings.NewReader(""), &out, &complaint, []string{"INZAGE_DATA=" + dir, "INZAGE_LISTEN=127.0.0.1:0"})
			if code != exitUsage || strings.Count(complaint.String(), "\n") != 1 {
				t.Errorf("exit %d, %q; want one sentence", code, complaint.String())
			}
			if raw, err := os.ReadFile(path); err != nil || string(raw) != "mine" {
				t.Errorf("the file holds %q, %v", raw, err)
			}
			if entries, err := os.ReadDir(dir); err != nil || len(entries) != 1 {
				t.Errorf("the folder has %d entries, %v", len(entries), err)
			}
		})
	}
}

func TestDemoStaysOnThisMachine(t *testing.T) {
	for name, env := range map[string]string{
		"every address":      "INZAGE_LISTEN=0.0.0.0:0",
		"every IPv6 address": "INZAGE_LISTEN=[::]:0",
		"no host":            "INZAGE_LISTEN=:0",
		"another host":       "INZAGE_LISTEN=192.0.2.1:8080",
		"a public address":   "INZAGE_BASE_URL=https://inzage.example",
		"a shared store":     "INZAGE_STORE=mongodb://127.0.0.1",
		"a mail server":      "INZAGE_MAIL=smtp://127.0.0.1",
		"a key of its own":   "INZAGE_MASTER_KEY_FILE=/etc/inzage/master.json",
	} {
		t.Run(name, func(t *testing.T) {
			dir := filepath.Join(t.TempDir(), "new")
			var out, complaint bytes.Buffer
			code := run(t.Context(), []string{"demo"}, strings.NewReader(""), &out, &complaint, []string{"INZAGE_LISTEN=127.0.0.1:0", "INZAGE_DATA=" + dir, env})
			if code != exitUsage || strings.Count(complaint.String(), "\n") != 1 || out.Len() > 0 {
				t.Errorf("exit %d, %q, %q; want one sentence", code, complaint.String(), out.String())
			}
			if _, err := os.Stat(dir); !os.IsNotExist(err) {
				t.Error("a folder was made")
			}
		})
	}
}

// checkAudits holds that every audit of the demo is where its story ends, and
// that together they show every stage and every preset.
func checkAudits(t *testing.T, s *show, w demo.World) {
	t.Helper()
	stages, presets := map[audits.Stage]bool{}, map[string]bool{}
	ends := map[string]audits.Stage{}
	for _, o := range w.Organisations {
		org, err := s.identity.OrganisationAt(t.Context(), o.Slug)
		if err != nil {
			t.Fatal(err)
		}
		for _, open := range []bool{true, false} {
			page, err := s.audits.Audits.List(t.Context(), document.Query{Index: "controller", Equal: []any{org.ID, open}, Limit: 100})
			if err != nil {
				t.Fatal(err)
			}
			for _, a := range page.Rows {
				stages[a.Stage] = true
				agreement, err := s.agreements.Applied(t.Context(), a.Agreement, a.Version)
				if err != nil {
					t.Fatal(err)
				}
				presets[agreement.Terms.Key] = true
				processor, err := s.identity.Organisation(t.Context(), a.Processor)
				if err != nil {
					t.Fatal(err)
				}
				ends[o.Slug+" "+processor.Slug+" "+string(a.Stage)] = a.Stage
			}
		}
	}
	for _, story := range w.Audits {
		if _, ok := ends[story.Controller+" "+story.Processor+" "+story.Ends]; !ok {
			t.Errorf("%s does not end as %s", story.Key, story.Ends)
		}
	}
	for _, stage := range audits.Stages() {
		if !stages[stage] {
			t.Errorf("no audit of the demo is %s", stage)
		}
	}
	if len(presets) != 5 {
		t.Errorf("the audits of the demo are under %v, want all five presets", presets)
	}
}
