package main

import (
	"bufio"
	"bytes"
	"context"
	"io"
	"net/http"
	"net/http/cookiejar"
	"net/url"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/PuerkitoBio/goquery"
)

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
	for time.Since(asked) < 2*time.Minute {
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
