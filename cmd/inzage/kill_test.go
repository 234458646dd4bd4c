package main

import (
	"context"
	"fmt"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"net/http/cookiejar"
	"net/mail"
	"net/url"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"

	"inzage/config"
	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/notify"
	"inzage/services/requests"
)

// prepared opens the program's store in this process, before it is started,
// between a kill and a restart, or after its end.
func prepared(t *testing.T, p *program, do func(*portal)) {
	t.Helper()
	cfg, err := config.Load(nil, p.env)
	if err != nil {
		t.Fatal(err)
	}
	if err := makeMaster(cfg); err != nil {
		t.Fatal(err)
	}
	o, err := open(t.Context(), cfg, slog.New(slog.DiscardHandler), time.Now)
	if err != nil {
		t.Fatal(err)
	}
	do(o)
	if err := o.close(); err != nil {
		t.Fatal(err)
	}
}

// partners makes the bakery and the processor with the mpg agreement between them.
func partners(t *testing.T, o *portal) {
	t.Helper()
	ctx := context.Background()
	var orgs []identity.Organisation
	for _, name := range []string{"korenaar", "mpg"} {
		org, err := o.identity.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: name, Slug: name, Country: "NL", Language: "nl", Zone: "Europe/Amsterdam"})
		if err != nil {
			t.Fatal(err)
		}
		orgs = append(orgs, org)
	}
	source, err := agreements.PresetSource("mpg")
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.agreements.SignedByBoth(ctx, ledger.NewID("agr"), agreements.Signing{Controller: orgs[0].ID, Processor: orgs[1].ID,
		SignedOn: "2025-12-15", From: "2026-01-01", Source: string(source)}); err != nil {
		t.Fatal(err)
	}
}

// longWait is how long a visitor waits for a page, and unhurried lets the portal
// take as long for it: two hundred at once may take a slow machine a while, and
// how long is not what is tried.
const (
	longWait  = 10 * time.Minute
	unhurried = "INZAGE_REQUEST_TIMEOUT=10m"
)

// visitor is a data subject with a browser of their own.
type visitor struct {
	base, email string
	http        *http.Client
	sent        bool // the portal acknowledged the filing
	confirmed   bool // the portal acknowledged the code
}

func newVisitor(base string, n int) (*visitor, error) {
	jar, err := cookiejar.New(nil)
	if err != nil {
		return nil, err
	}
	return &visitor{base: base, email: fmt.Sprintf("bezoeker%03d@example.org", n), http: &http.Client{Jar: jar, Timeout: longWait,
		Transport: from(fmt.Sprintf("198.18.%d.%d", n/250, 1+n%250)), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}}, nil
}

// from makes requests come from an address of their own, behind the proxy that
// the program trusts: one address may not ask for 200 codes.
type from string

// RoundTrip implements http.RoundTripper.
func (f from) RoundTrip(r *http.Request) (*http.Response, error) {
	r = r.Clone(r.Context())
	r.Header.Set("X-Forwarded-For", string(f))
	return eachAnew.RoundTrip(r)
}

// refusal is what the portal answered instead of going on.
type refusal struct {
	call   string // method and path
	status int
	words  string
}

func (r *refusal) Error() string { return fmt.Sprintf("%s: %d: %.160s", r.call, r.status, r.words) }

// token reads the form token from a page.
func (v *visitor) token(path string) (string, *goquery.Document, error) {
	res, err := v.http.Get(v.base + path)
	if err != nil {
		return "", nil, err
	}
	defer res.Body.Close()
	doc, err := goquery.NewDocumentFromReader(res.Body)
	if err != nil {
		return "", nil, err
	}
	token, ok := doc.Find("input[name=csrf]").First().Attr("value")
	if !ok {
		return "", doc, &refusal{"GET " + path, res.StatusCode, told(doc)}
	}
	return token, doc, nil
}

// post sends a form and wants to be sent on.
func (v *visitor) post(path, token string, form url.Values) error {
	form.Set("csrf", token)
	res, err := v.http.PostForm(v.base+path, form)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	if res.StatusCode != http.StatusSeeOther {
		doc, _ := goquery.NewDocumentFromReader(res.Body) // only for the message
		return &refusal{"POST " + path, res.StatusCode, told(doc)}
	}
	return nil
}

// told is what the page's main part says.
func told(doc *goquery.Document) string {
	return strings.Join(strings.Fields(doc.Find("main").Text()), " ")
}

// file fills the form in and sends it.
func (v *visitor) file(controller string) error {
	token, _, err := v.token("/o/mpg")
	if err != nil {
		return err
	}
	for _, step := range []struct {
		path string
		form url.Values
	}{
		{"/o/mpg/file", url.Values{}},
		{"/file/rights", url.Values{"rights": {"access"}}},
		{"/file/controller", url.Values{"controller": {controller}}},
		{"/file/about/access", url.Values{"access_what": {"Alles over mijn bestellingen."}}},
		{"/file/you", url.Values{"name": {"Bezoeker Visser"}, "email": {v.email}}},
		{"/file/check", url.Values{}},
	} {
		if err := v.post(step.path, token, step.form); err != nil {
			return err
		}
	}
	v.sent = true
	return nil
}

// confirm types the code.
func (v *visitor) confirm(code string) error {
	token, _, err := v.token("/file/prove")
	if err != nil {
		return err
	}
	if err := v.post("/file/prove", token, url.Values{"code": {code}}); err != nil {
		return err
	}
	v.confirmed = true
	return nil
}

// mailbox reads the folder of mails: for each address, subject and text of each.
func mailbox(t *testing.T, dir string) map[string][]string {
	t.Helper()
	names, err := filepath.Glob(filepath.Join(dir, "*.eml"))
	if err != nil {
		t.Fatal(err)
	}
	slices.SortFunc(names, func(a, b string) int { return written(t, a).Compare(written(t, b)) })
	all := map[string][]string{}
	for _, name := range names {
		f, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		m, err := mail.ReadMessage(strings.NewReader(string(f)))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		to, err := mail.ParseAddress(m.Header.Get("To"))
		if err != nil {
			t.Fatalf("%s: %v", name, err)
		}
		all[to.Address] = append(all[to.Address], string(f))
	}
	return all
}

func written(t *testing.T, name string) time.Time {
	t.Helper()
	info, err := os.Stat(name)
	if err != nil {
		t.Fatal(err)
	}
	return info.ModTime()
}

var codeIn = regexp.MustCompile(`(?m)^\s+(\d{6})\s*$`)

// TestKilledWhileFiling kills the program in the middle of 200 filings at
// once, and again while their codes come in. What it acknowledged is there
// once, what it did not is whole or absent, and every notice goes out once.
func TestKilledWhileFiling(t *testing.T) {
	const filers = 200
	p := newProgram(t, "INZAGE_TRUSTED_PROXIES=127.0.0.1/32", unhurried)
	controller := ""
	prepared(t, p, func(o *portal) {
		partners(t, o)
		org, err := o.identity.OrganisationAt(t.Context(), "korenaar")
		if err != nil {
			t.Fatal(err)
		}
		controller = org.ID
	})
	p.start()
	base := "http://" + p.address
	visitors := make([]*visitor, filers)
	for i := range visitors {
		var err error
		if visitors[i], err = newVisitor(base, i); err != nil {
			t.Fatal(err)
		}
	}
	sent := during(t, p.kill, visitors, 40+rand.IntN(100), func(v *visitor) error { return v.file(controller) }, func(v *visitor) bool { return v.sent })
	t.Logf("killed after %d of %d filings were acknowledged", sent, filers)
	if sent == 0 || sent == filers {
		t.Errorf("the kill came too early or too late: %d of %d", sent, filers)
	}
	p.start()
	for _, v := range visitors {
		if v.sent {
			if _, doc, err := v.token("/file/prove"); err != nil {
				t.Errorf("an acknowledged filing is not there after the kill: %v (%s)", err, doc.Find("h1").Text())
			}
			continue
		}
		// Not acknowledged: whatever became of it, filing again from the start works.
		if err := v.file(controller); err != nil {
			t.Errorf("file again: %v", err)
		}
	}
	dir := filepath.Join(p.data, "mail")
	// A code that the killed program had in hand goes out when its claim has ended.
	eventually(t, 2*notify.UrgentLease+5*time.Minute, "every filer has a code", func() bool {
		box := mailbox(t, dir)
		for _, v := range visitors {
			if len(box[v.email]) == 0 {
				return false
			}
		}
		return true
	})
	box := mailbox(t, dir)
	confirmed := during(t, p.kill, visitors, 1+rand.IntN(15), func(v *visitor) error { return v.confirm(newestCode(box[v.email])) }, func(v *visitor) bool { return v.confirmed })
	t.Logf("killed again after %d of %d codes were acknowledged", confirmed, filers)
	p.start()
	for _, v := range visitors {
		if v.confirmed || v.isConfirmed() || v.confirm(newestCode(box[v.email])) == nil {
			continue
		}
		// The code was used up in the moment of the kill, and nothing more: a new
		// one is a click away.
		v.confirmAnew(t, dir)
	}
	settled(t, p, dir, visitors)
	p.stop()
	prepared(t, p, func(o *portal) { each(t, o, visitors) })
}

// during lets everybody but the last act at once and kills what is tried once
// enough acts were acknowledged; it returns how many were. The last comes when it
// is too late: the others may all be answered in one breath, before any kill.
func during(t *testing.T, kill func(), visitors []*visitor, enough int, act func(*visitor) error, done func(*visitor) bool) int {
	t.Helper()
	var acknowledged atomic.Int64
	var all sync.WaitGroup
	early, last := visitors[:len(visitors)-1], visitors[len(visitors)-1]
	var killed atomic.Bool
	end := sync.OnceFunc(func() {
		killed.Store(true)
		kill()
	})
	for _, v := range early {
		all.Go(func() {
			err := act(v)
			if err == nil && acknowledged.Add(1) >= int64(enough) {
				end()
			}
			if err != nil && !killed.Load() {
				t.Logf("before the kill: %v", err)
			}
		})
	}
	all.Wait()
	end()
	_ = act(last) // refused
	n := 0
	for _, v := range visitors {
		if done(v) {
			n++
		}
	}
	return n
}

func newestCode(mails []string) string {
	for i := len(mails) - 1; i >= 0; i-- {
		if m := codeIn.FindStringSubmatch(mails[i]); m != nil {
			return m[1]
		}
	}
	return ""
}

func (v *visitor) isConfirmed() bool {
	res, err := v.http.Get(v.base + "/file/prove")
	if err != nil {
		return false
	}
	_ = res.Body.Close() // only the redirect counts
	return res.Header.Get("Location") == "/file/done"
}

// confirmAnew asks for a new code and types what comes: codes that were asked for
// before the kill may still be on their way, and do not work any more.
func (v *visitor) confirmAnew(t *testing.T, dir string) {
	t.Helper()
	tried := codesIn(mailbox(t, dir)[v.email])
	token, _, err := v.token("/file/prove")
	if err == nil {
		err = v.post("/file/prove/again", token, url.Values{})
	}
	if err != nil {
		t.Errorf("ask for a new code: %v", err)
		return
	}
	eventually(t, 5*time.Minute, "a new code works", func() bool {
		for code := range codesIn(mailbox(t, dir)[v.email]) {
			if !tried[code] && v.confirm(code) == nil {
				return true
			}
			tried[code] = true
		}
		return false
	})
}

// codesIn are the codes in mails.
func codesIn(mails []string) map[string]bool {
	all := map[string]bool{}
	for _, m := range mails {
		if code := codeIn.FindStringSubmatch(m); code != nil {
			all[code[1]] = true
		}
	}
	return all
}

// settled waits until every filer has had the notice that their request was
// forwarded, and holds that each went out exactly once.
func settled(t *testing.T, p *program, dir string, visitors []*visitor) {
	t.Helper()
	var box map[string][]string
	count := func(v *visitor) (receipts int) {
		for _, m := range box[v.email] {
			if codeIn.FindStringSubmatch(m) == nil {
				receipts++
			}
		}
		return receipts
	}
	want := 0
	eventually(t, notify.Lease+5*time.Minute, "every filer has their notices", func() bool {
		box = mailbox(t, dir)
		for _, v := range visitors {
			if n := count(v); n == 0 {
				return false
			} else if n > want {
				want = n
			}
		}
		for _, v := range visitors {
			if count(v) < want {
				return false
			}
		}
		return true
	})
	total := 0
	for _, v := range visitors {
		total += count(v)
		if n := count(v); n != want {
			t.Errorf("%s had %d notices, the others %d", v.email, n, want)
		}
	}
	t.Logf("%d notices to %d people", total, len(visitors))
	_ = p
}

// each holds that every filer has exactly one confirmed request, whole and on
// its way, and that the ledger tells of it once.
func each(t *testing.T, o *portal, visitors []*visitor) {
	t.Helper()
	ctx := context.Background()
	for {
		n, err := o.ledger.Drain(ctx, o.engine)
		if err != nil {
			t.Fatal(err)
		}
		if n == 0 {
			break
		}
	}
	for _, v := range visitors {
		hash := o.vault.Fingerprint("email:"+string(identity.Subjects), v.email)
		page, err := o.requests.Requests.List(ctx, document.Query{Index: "email", Equal: []any{hash}})
		if err != nil {
			t.Fatal(err)
		}
		var confirmed []requests.Request
		for _, r := range page.Rows {
			if r.State != requests.Unconfirmed {
				confirmed = append(confirmed, r)
			}
		}
		if len(confirmed) != 1 {
			t.Errorf("%s has %d confirmed requests of %d, want one", v.email, len(confirmed), len(page.Rows))
			continue
		}
		r := confirmed[0]
		if r.State != requests.Forwarded || r.Account == "" || r.ReceivedByController == nil || r.Due == "" {
			t.Errorf("%s: the request is half there: %s, desk %q, due %q", v.email, r.State, r.Desk, r.Due)
		}
		entries, err := o.ledger.History(ctx, r.ID, -1, 100)
		if err != nil {
			t.Fatal(err)
		}
		seen := map[string]int{}
		for _, e := range entries {
			seen[e.Event.Action]++
		}
		for _, action := range []string{"request.file", "request.confirm", "request.forward"} {
			if seen[action] != 1 {
				t.Errorf("%s: %d entries %s, want one", v.email, seen[action], action)
			}
		}
	}
}
