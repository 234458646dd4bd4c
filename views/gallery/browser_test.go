package gallery_test

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"inzage/views/static"
)

// policy is as strict as the portal's own.
const policy = "default-src 'none'; script-src 'nonce-nonce'; style-src 'self'; img-src 'self'; connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'; report-uri /report"

// site serves the gallery and remembers what came in.
type site struct {
	sync.Mutex
	pages   map[string]string
	reports []string
	posts   []string
}

func (s *site) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.Lock()
	defer s.Unlock()
	w.Header().Set("Content-Security-Policy", policy)
	if file, ok := static.Lookup(strings.TrimPrefix(r.URL.Path, static.Prefix)); ok {
		w.Header().Set("Content-Type", file.Type)
		_, _ = w.Write(file.Body)
		return
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	switch {
	case r.URL.Path == "/report":
		body, _ := io.ReadAll(r.Body)
		s.reports = append(s.reports, string(body))
	case r.Method == http.MethodPost && r.URL.Path == "/file":
		_ = r.ParseMultipartForm(1 << 20)
		s.posts = append(s.posts, fmt.Sprintf("%s file %d", r.FormValue("name"), len(r.MultipartForm.File["files"])))
		w.WriteHeader(http.StatusUnprocessableEntity)
		_, _ = io.WriteString(w, s.pages["forms.nl.html"])
	case r.Method == http.MethodPost:
		s.posts = append(s.posts, r.FormValue("credential"))
		_, _ = io.WriteString(w, "<h1>Done</h1>")
	default:
		_, _ = io.WriteString(w, s.pages[strings.TrimPrefix(r.URL.Path, "/")])
	}
}

func (s *site) last() string {
	s.Lock()
	defer s.Unlock()
	if len(s.posts) == 0 {
		return ""
	}
	return s.posts[len(s.posts)-1]
}

// browser opens Chromium on the gallery. It gives up after
// ten minutes: how long a browser takes to start is the machine's business.
func browser(t *testing.T) (ctx context.Context, address string, s *site) {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed")
	}
	s = &site{pages: render(t)}
	server := httptest.NewServer(s)
	t.Cleanup(server.Close)
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WSURLReadTimeout(5*time.Minute))...)
	t.Cleanup(stop)
	ctx, done := chromedp.NewContext(ctx)
	t.Cleanup(done)
	// Passkeys are allowed on localhost, not on an address of numbers.
	return ctx, strings.Replace(server.URL, "127.0.0.1", "localhost", 1), s
}

func do(ctx context.Context, t *testing.T, steps ...chromedp.Action[chromedp.Void]) {
	t.Helper()
	if err := chromedp.Do(ctx, steps...); err != nil {
		t.Fatal(err)
	}
}

func eval[T any](ctx context.Context, t *testing.T, script string) T {
	t.Helper()
	v, err := chromedp.Run(ctx, chromedp.Evaluate[T](script))
	if err != nil {
		t.Fatalf("%s: %v", script, err)
	}
	return v
}

// measure lists what is too wide for the window, and what is too small to be
// pressed: the portal's own bar is 44 px for what stands by itself.
const measure = `(() => {
  const bad = [];
  if (document.documentElement.scrollWidth > window.innerWidth) bad.push("page is " + document.documentElement.scrollWidth + " px wide");
  for (const e of document.querySelectorAll(".button, .input, .choice-label, .tabs a, .site-nav a, .languages a, .brand, summary:not(.chip-label)")) {
    const box = e.getBoundingClientRect();
    if (box.width > 0 && (box.height < 43.5 || box.width < 43.5)) bad.push(e.outerHTML.slice(0, 80) + " is " + box.width + " by " + box.height);
  }
  return bad;
})()`

func TestPagesFitAndObeyThePolicy(t *testing.T) {
	ctx, address, s := browser(t)
	for _, width := range []int64{320, 390, 1280} {
		do(ctx, t, chromedp.EmulateViewport(width, 800))
		for name := range s.pages {
			do(ctx, t, chromedp.Navigate(address+"/"+name))
			for _, bad := range eval[[]string](ctx, t, measure) {
				t.Errorf("%s at %d: %s", name, width, bad)
			}
		}
	}
	s.Lock()
	defer s.Unlock()
	if len(s.reports) > 0 {
		t.Errorf("the policy was broken %d times, first: %s", len(s.reports), s.reports[0])
	}
}

func TestKeysMoveThroughTheQueue(t *testing.T) {
	ctx, address, _ := browser(t)
	do(ctx, t, chromedp.Navigate(address+"/queue.en.html"))
	const focused = `document.activeElement.textContent.trim()`
	for _, step := range []struct{ key, want string }{
		{"j", "K7QF-M2XD-9TRW"}, {"j", "B3ZV-01PA-XX7E"}, {"k", "K7QF-M2XD-9TRW"}, {"k", "K7QF-M2XD-9TRW"},
	} {
		do(ctx, t, chromedp.KeyEvent(step.key))
		if got := eval[string](ctx, t, focused); got != step.want {
			t.Fatalf("after %s the focus is on %q, want %q", step.key, got, step.want)
		}
	}
}

func TestRefusedUploadShowsItsErrors(t *testing.T) {
	ctx, address, s := browser(t)
	file := filepath.Join(t.TempDir(), "payslip.pdf")
	if err := os.WriteFile(file, []byte("%PDF-1.7"), 0o600); err != nil {
		t.Fatal(err)
	}
	do(ctx, t, chromedp.Navigate(address+"/forms.en.html"),
		chromedp.SetUploadFiles(chromedp.CSS("#f-files"), []string{file}),
		chromedp.Click(chromedp.CSS(`form[data-upload] button`)),
	)
	if _, err := chromedp.Run(ctx, chromedp.Poll[bool](`document.title.startsWith("Graag nakijken")`)); err != nil {
		t.Fatal(err)
	}
	if got, want := s.last(), `Noor "<b>O'Neil</b>" & co file 1`; got != want {
		t.Errorf("the server received %q, want %q", got, want)
	}
	if got := eval[string](ctx, t, `document.activeElement.className`); got != "error-summary" {
		t.Errorf("the focus is on %q, want the summary of errors", got)
	}
}

func TestPasskeyIsMadeAndUsed(t *testing.T) {
	ctx, address, s := browser(t)
	create := `{"publicKey":{"challenge":"AAECAw","rp":{"name":"Inzage","id":"localhost"},"user":{"id":"BAUG","name":"noor","displayName":"Noor"},"pubKeyCredParams":[{"type":"public-key","alg":-7}],"authenticatorSelection":{"residentKey":"required","userVerification":"required"}}}`
	use := `{"publicKey":{"challenge":"AAECAw","rpId":"localhost","userVerification":"required"}}`
	do(ctx, t, chromedp.Navigate(address+"/forms.en.html"))
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ ceremony, options, field string }{{"create", create, "attestationObject"}, {"get", use, "signature"}} {
		s.Lock()
		s.pages["passkey"] = strings.Replace(strings.Replace(s.pages["forms.en.html"], `data-passkey="get"`, `data-passkey="`+c.ceremony+`"`, 1),
			`data-options="{&#34;challenge&#34;:&#34;AAAA&#34;}"`, `data-options="`+strings.ReplaceAll(c.options, `"`, "&quot;")+`"`, 1)
		s.Unlock()
		do(ctx, t, chromedp.Navigate(address+"/passkey"))
		if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS("[data-passkey] button"))); err != nil {
			t.Fatalf("%s: %v", c.ceremony, err)
		}
		var credential struct {
			ID, RawID, Type string
			Response        map[string]any
		}
		if err := json.Unmarshal([]byte(s.last()), &credential); err != nil {
			t.Fatalf("%s: %q: %v", c.ceremony, s.last(), err)
		}
		if credential.ID == "" || credential.ID != credential.RawID || credential.Type != "public-key" || credential.Response[c.field] == nil {
			t.Errorf("%s: %+v has no id or no %s", c.ceremony, credential, c.field)
		}
	}
}
