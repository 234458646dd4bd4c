package main

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/pquerna/otp/totp"

	"inzage/services/identity"
	"inzage/services/ledger"
	"inzage/services/requests"
)

// TestAGigabyteInFlatMemory uploads a file of 1 GiB and downloads it again: the
// program's peak memory grows by at most 16 MiB for each.
func TestAGigabyteInFlatMemory(t *testing.T) {
	if testing.Short() {
		t.Skip("it moves two gigabytes")
	}
	const size, most = 1 << 30, 16 << 20
	p := newProgram(t)
	p.binary = built(t)
	var cookie, csrf, id string
	prepared(t, p, func(o *portal) { cookie, csrf, id = acknowledged(t, o) })
	p.start()
	c := officer{t: t, base: "http://" + p.address, cookie: cookie, csrf: csrf}
	c.upload(id, "klein.bin", 1<<20) // what is loaded once is loaded before measuring
	c.page("/requests/" + id)

	before := p.peak()
	sum := c.upload(id, "opname.bin", size)
	up := p.peak() - before
	files := c.files(id)
	before = p.peak()
	if got := c.download(files[len(files)-1]); got != sum {
		t.Error("what came back is not what was sent")
	}
	down := p.peak() - before
	t.Logf("1 GiB: upload +%.1f MiB, download +%.1f MiB of peak memory", float64(up)/(1<<20), float64(down)/(1<<20))
	if up > most || down > most {
		t.Errorf("peak memory grew by %d and %d bytes, want at most %d each", up, down, most)
	}
}

// built is the program as it is shipped: the race detector keeps memory of its own.
func built(t *testing.T) string {
	t.Helper()
	path := filepath.Join(t.TempDir(), "inzage")
	cmd := exec.CommandContext(t.Context(), "go", "build", "-o", path, "inzage/cmd/inzage")
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("go build: %v\n%s", err, out)
	}
	return path
}

// peak resets nothing: it is the most memory the program ever had, in bytes.
func (p *program) peak() int64 {
	p.t.Helper()
	status, err := os.ReadFile(fmt.Sprintf("/proc/%d/status", p.cmd.Process.Pid))
	if err != nil {
		p.t.Fatal(err)
	}
	for line := range strings.Lines(string(status)) {
		if rest, ok := strings.CutPrefix(line, "VmHWM:"); ok {
			kb, err := strconv.ParseInt(strings.Fields(rest)[0], 10, 64)
			if err != nil {
				p.t.Fatal(err)
			}
			return kb << 10
		}
	}
	p.t.Fatal("the system does not tell the peak memory")
	return 0
}

// acknowledged makes an officer who is signed in and a request that waits for answer files.
func acknowledged(t *testing.T, o *portal) (cookie, csrf, request string) {
	t.Helper()
	ctx := context.Background()
	org, err := o.identity.CreateOrganisation(ctx, identity.System(), identity.Organisation{Name: "Bakkerij De Korenaar", Slug: "korenaar", Country: "NL", Language: "nl", Zone: "Europe/Amsterdam"})
	if err != nil {
		t.Fatal(err)
	}
	made, err := o.identity.Provision(ctx, identity.System(), identity.Provision{Organisation: org.ID, Realm: identity.Staff, Roles: []identity.Role{identity.PrivacyOfficer},
		Name: "Sanne de Vries", Email: "sanne@korenaar.example", Language: "nl", Password: benchPassword})
	if err != nil {
		t.Fatal(err)
	}
	half, err := o.identity.SignIn(ctx, identity.Credentials{Email: "sanne@korenaar.example", Password: benchPassword, Address: "127.0.0.1"})
	if err != nil {
		t.Fatal(err)
	}
	code, err := totp.GenerateCode(made.TOTP, time.Now())
	if err != nil {
		t.Fatal(err)
	}
	full, err := o.identity.ProveTOTP(ctx, half.Actor, code)
	if err != nil {
		t.Fatal(err)
	}
	r, err := o.requests.Enter(ctx, full.Actor, ledger.NewID("req"), requests.Entry{Channel: requests.Letter, Received: time.Now().Add(-time.Hour),
		Filing: requests.Filing{Organisation: org.ID, Rights: []requests.Right{requests.Access}, Language: "nl",
			Asked: map[requests.Right]requests.Asked{requests.Access: {What: "Alle opgenomen gesprekken."}}, Person: requests.Person{Name: "Fatima el Amrani"}}})
	if err != nil {
		t.Fatal(err)
	}
	if _, err := o.requests.TakeUp(ctx, full.Actor, r.ID); err != nil {
		t.Fatal(err)
	}
	return full.Token, full.CSRF, r.ID
}

// officer is a privacy officer's browser.
type officer struct {
	t                  *testing.T
	base, cookie, csrf string
}

func (c officer) do(req *http.Request) *http.Response {
	c.t.Helper()
	req.AddCookie(&http.Cookie{Name: "inzage", Value: c.cookie})
	res, err := http.DefaultTransport.RoundTrip(req)
	if err != nil {
		c.t.Fatal(err)
	}
	c.t.Cleanup(func() { _ = res.Body.Close() }) // read to its end before
	return res
}

// upload streams a file of the size and returns its SHA-256.
func (c officer) upload(request, name string, size int64) string {
	c.t.Helper()
	var head bytes.Buffer
	form := multipart.NewWriter(&head)
	if err := form.WriteField("csrf", c.csrf); err != nil {
		c.t.Fatal(err)
	}
	if _, err := form.CreateFormFile("file", name); err != nil {
		c.t.Fatal(err)
	}
	foot := "\r\n--" + form.Boundary() + "--\r\n"
	sum := sha256.New()
	body := io.MultiReader(&head, io.TeeReader(io.LimitReader(&noise{}, size), sum), strings.NewReader(foot))
	total := int64(head.Len()) + size + int64(len(foot))
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodPost, c.base+"/requests/"+request+"/files", body)
	if err != nil {
		c.t.Fatal(err)
	}
	req.ContentLength = total
	req.Header.Set("Content-Type", form.FormDataContentType())
	if res := c.do(req); res.StatusCode != http.StatusSeeOther {
		text, _ := io.ReadAll(io.LimitReader(res.Body, 2000)) // only for the message
		c.t.Fatalf("upload: %d %s", res.StatusCode, text)
	}
	return hex.EncodeToString(sum.Sum(nil))
}

// noise is a file that no filter takes for a known kind and no compression shrinks.
type noise struct{ at byte }

func (n *noise) Read(p []byte) (int, error) {
	for i := range p {
		n.at = n.at*37 + 11
		p[i] = n.at | 0x80
	}
	return len(p), nil
}

func (c officer) page(path string) string {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	res := c.do(req)
	body, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("GET %s: %d, %v", path, res.StatusCode, err)
	}
	return string(body)
}

// files are the addresses of the request's files as its page links to them, in order.
func (c officer) files(request string) []string {
	c.t.Helper()
	prefix := "/requests/" + request + "/files/fil_"
	var all []string
	rest := c.page("/requests/" + request)
	for {
		_, after, ok := strings.Cut(rest, prefix)
		if !ok {
			break
		}
		id, _, _ := strings.Cut(after, `"`)
		if path := prefix + id; len(all) == 0 || all[len(all)-1] != path {
			all = append(all, path)
		}
		rest = after
	}
	if len(all) == 0 {
		c.t.Fatal("the page links to no file")
	}
	return all
}

// download reads a file and returns its SHA-256.
func (c officer) download(path string) string {
	c.t.Helper()
	req, err := http.NewRequestWithContext(c.t.Context(), http.MethodGet, c.base+path, nil)
	if err != nil {
		c.t.Fatal(err)
	}
	res := c.do(req)
	sum := sha256.New()
	if _, err := io.Copy(sum, res.Body); err != nil || res.StatusCode != http.StatusOK {
		c.t.Fatalf("GET %s: %d, %v", path, res.StatusCode, err)
	}
	return hex.EncodeToString(sum.Sum(nil))
}
