package main

import (
	"errors"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"inzage/services/notify"
)

// database is a server that speaks MongoDB's protocol, as a process of its own
// that a test may kill.
type database struct {
	t       *testing.T
	address string
	data    string
	cmd     *exec.Cmd
}

// newDatabase starts the server of .ci/mongo on a folder of its own.
func newDatabase(t *testing.T) *database {
	t.Helper()
	// .ci/mongo/start sets it, and builds the server.
	if os.Getenv("INZAGE_TEST_MONGODB_URI") == "" {
		if os.Getenv("CI") != "" {
			t.Fatal("CI is set and INZAGE_TEST_MONGODB_URI is not: run this through .ci/mongo/start")
		}
		t.Skip("INZAGE_TEST_MONGODB_URI is not set: run this through .ci/mongo/start")
	}
	d := &database{t: t, address: freeAddress(t), data: t.TempDir()}
	d.start()
	return d
}

// start serves what the folder holds, on the same address as before.
func (d *database) start() {
	d.t.Helper()
	uri := filepath.Join(d.t.TempDir(), "uri")
	d.cmd = exec.Command(filepath.Join("..", "..", ".tools", "mongo"), "-data", d.data, "-listen", d.address, "-uri-file", uri)
	if err := d.cmd.Start(); err != nil {
		d.t.Fatal(err)
	}
	cmd := d.cmd
	d.t.Cleanup(func() {
		_ = cmd.Process.Kill() // it may have been killed before
		_, _ = cmd.Process.Wait()
	})
	eventually(d.t, 2*time.Minute, "the database is there", func() bool {
		_, err := os.Stat(uri)
		return err == nil
	})
	text, err := os.ReadFile(uri)
	if err != nil {
		d.t.Fatal(err)
	}
	rest, _ := strings.CutPrefix(string(text), "mongodb://")
	d.address, _, _ = strings.Cut(rest, "/")
}

// unplug ends the server at once, with no word to those who are connected.
func (d *database) unplug() {
	d.t.Helper()
	if err := d.cmd.Process.Kill(); err != nil {
		d.t.Fatal(err)
	}
	_, _ = d.cmd.Process.Wait() // killed: that is the point
}

// TestUnpluggedWhileFiling kills the database in the middle of filings, and
// again while the codes come in. The portal says so to everybody with 503, by
// page and by call, and is not ready; when the database is back it goes on
// without a restart. What was acknowledged is there once, what was not is whole
// or absent, and every notice goes out once.
func TestUnpluggedWhileFiling(t *testing.T) {
	const filers = 24
	d := newDatabase(t)
	p := newProgram(t, "INZAGE_TRUSTED_PROXIES=127.0.0.1/32", "INZAGE_STORE=mongodb://"+d.address+"/?maxPoolSize=1&serverSelectionTimeoutMS=10000", unhurried)
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
	visitors := make([]*visitor, filers)
	for i := range visitors {
		var err error
		if visitors[i], err = newVisitor("http://"+p.address, i); err != nil {
			t.Fatal(err)
		}
	}
	var met outage
	sent := during(t, d.unplug, visitors, filers/4, met.noting(func(v *visitor) error { return v.file(controller) }), func(v *visitor) bool { return v.sent })
	away(t, p)
	d.start()
	readyAgain(t, p)
	for _, v := range visitors {
		if v.sent {
			if _, _, err := v.token("/file/prove"); err != nil {
				t.Errorf("an acknowledged filing is not there: %v", err)
			}
		} else if err := v.file(controller); err != nil {
			t.Errorf("file again: %v", err)
		}
	}
	dir := filepath.Join(p.data, "mail")
	eventually(t, 2*notify.UrgentLease+5*time.Minute, "every filer has a code", func() bool {
		box := mailbox(t, dir)
		for _, v := range visitors {
			if newestCode(box[v.email]) == "" {
				return false
			}
		}
		return true
	})
	box := mailbox(t, dir)
	confirmed := during(t, d.unplug, visitors, filers/6, met.noting(func(v *visitor) error { return v.confirm(newestCode(box[v.email])) }), func(v *visitor) bool { return v.confirmed })
	away(t, p)
	d.start()
	readyAgain(t, p)
	for _, v := range visitors {
		if v.confirmed || v.isConfirmed() || v.confirm(newestCode(box[v.email])) == nil {
			continue
		}
		v.confirmAnew(t, dir)
	}
	t.Logf("unplugged after %d filings and after %d codes of %d; %d calls were answered 503 meanwhile", sent, confirmed, filers, met.unavailable)
	if sent == 0 || sent == filers || met.unavailable == 0 {
		t.Errorf("the database was unplugged too early or too late: %d of %d filings, %d calls refused", sent, filers, met.unavailable)
	}
	for _, err := range met.other {
		t.Errorf("not 503: %v", err)
	}
	settled(t, p, dir, visitors)
	p.stop()
	prepared(t, p, func(o *portal) { each(t, o, visitors) })
}

// outage counts how people were refused.
type outage struct {
	mu          sync.Mutex
	unavailable int
	other       []error // any other refusal
}

// noting does what act does, and notes how it was refused.
func (o *outage) noting(act func(*visitor) error) func(*visitor) error {
	return func(v *visitor) error {
		err := act(v)
		o.mu.Lock()
		defer o.mu.Unlock()
		var r *refusal
		switch {
		case errors.As(err, &r) && r.status == http.StatusServiceUnavailable:
			o.unavailable++
		case err != nil:
			o.other = append(o.other, err)
		}
		return err
	}
}

// away holds what the portal says while its database is away: it lives, is not
// ready, and answers people with a page and programs with a problem.
func away(t *testing.T, p *program) {
	t.Helper()
	for _, c := range []struct {
		method, path, kind, says string
		status                   int
	}{
		{http.MethodGet, "/livez", "", "", http.StatusOK},
		{http.MethodGet, "/readyz", "application/json", `"ready":false`, http.StatusServiceUnavailable},
		{http.MethodGet, "/o/mpg", "text/html", "</html>", http.StatusServiceUnavailable},
		{http.MethodPost, "/api/v1/sessions", "application/problem+json", `"request_id"`, http.StatusServiceUnavailable},
	} {
		req, err := http.NewRequestWithContext(t.Context(), c.method, "http://"+p.address+c.path, strings.NewReader(`{"email":"s@example.org","password":"twaalf tekens en meer"}`))
		if err != nil {
			t.Fatal(err)
		}
		req.Header.Set("Content-Type", "application/json")
		res, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Errorf("%s while the database is away: %v", c.path, err)
			continue
		}
		body, err := io.ReadAll(res.Body)
		_ = res.Body.Close() // it was read
		if err != nil || res.StatusCode != c.status || !strings.HasPrefix(res.Header.Get("Content-Type"), c.kind) || !strings.Contains(string(body), c.says) {
			t.Errorf("%s while the database is away: %d %s, %v: %.300s", c.path, res.StatusCode, res.Header.Get("Content-Type"), err, body)
		}
	}
}

// readyAgain waits until the portal has its database back, by itself.
func readyAgain(t *testing.T, p *program) {
	t.Helper()
	eventually(t, 2*time.Minute, "the portal is ready again", func() bool {
		res, err := http.Get("http://" + p.address + "/readyz")
		if err != nil {
			return false
		}
		_ = res.Body.Close() // only the status counts
		return res.StatusCode == http.StatusOK
	})
}
