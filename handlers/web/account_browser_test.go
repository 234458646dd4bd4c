package web_test

import (
	"context"
	"os"
	"os/exec"
	"strings"
	"testing"
	"time"

	"github.com/chromedp/cdproto/webauthn"
	"github.com/chromedp/chromedp"

	"inzage/handlers/handlertest"
	"inzage/services/identity"
)

// chromium opens a real browser with an authenticator of its own. It gives up
// after ten minutes: how long a browser takes to start is the machine's business.
func chromium(t *testing.T) context.Context {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		if os.Getenv("CI") != "" {
			t.Fatal("chromium is not installed")
		}
		t.Skip("chromium is not installed")
	}
	ctx, cancel := context.WithTimeout(t.Context(), 10*time.Minute)
	t.Cleanup(cancel)
	ctx, stop := chromedp.NewExecAllocator(ctx, append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.WSURLReadTimeout(5*time.Minute))...)
	t.Cleanup(stop)
	ctx, done := chromedp.NewContext(ctx)
	t.Cleanup(done)
	return ctx
}

// authenticator gives the browser a device that holds passkeys and whose owner
// unlocks it when asked.
func authenticator(ctx context.Context, t *testing.T) {
	t.Helper()
	if _, err := chromedp.Call(ctx, webauthn.Enable, webauthn.EnableParams{}); err != nil {
		t.Fatal(err)
	}
	if _, err := chromedp.Call(ctx, webauthn.AddVirtualAuthenticator, webauthn.AddVirtualAuthenticatorParams{Options: &webauthn.VirtualAuthenticatorOptions{
		Protocol: "ctap2", Transport: "internal", HasResidentKey: true, HasUserVerification: true, IsUserVerified: true, AutomaticPresenceSimulation: true,
	}}); err != nil {
		t.Fatal(err)
	}
}

// press clicks and waits for the page that follows to be at the path.
func press(ctx context.Context, t *testing.T, w *handlertest.World, selector, want string) {
	t.Helper()
	if _, err := chromedp.RunResponse(ctx, chromedp.Click(chromedp.CSS(selector))); err != nil {
		t.Fatalf("%s: %v", selector, err)
	}
	at, err := chromedp.Run(ctx, chromedp.Evaluate[string](`location.pathname + " " + document.querySelector("main").innerText`))
	if err != nil {
		t.Fatal(err)
	}
	if path, _, _ := strings.Cut(at, " "); path != want {
		t.Fatalf("%s leads to %s, want %s; the log: %s", selector, at, want, w.Log)
	}
}

func TestPasskeyInABrowser(t *testing.T) {
	ctx := chromium(t)
	w := handlertest.NewAt(t, "localhost")
	p := w.Hire("Anna", w.Bakery, identity.Admin)
	do := func(steps ...chromedp.Action[chromedp.Void]) {
		t.Helper()
		if err := chromedp.Do(ctx, steps...); err != nil {
			t.Fatal(err)
		}
	}
	do(chromedp.Navigate(w.BaseURL + "/sign-in?to=/account/passkeys/new"))
	authenticator(ctx, t)
	do(chromedp.SendKeys(chromedp.CSS("#f-email"), p.Email), chromedp.SendKeys(chromedp.CSS("#f-password"), p.Password))
	press(ctx, t, w, "[data-testid=password] .button", "/sign-in/factor")
	do(chromedp.SendKeys(chromedp.CSS("#f-code"), w.Code(p)))
	press(ctx, t, w, "[data-testid=app] .button", "/account/passkeys/new")
	do(chromedp.SendKeys(chromedp.CSS("#f-name"), "Laptop <b>werk</b>"))
	press(ctx, t, w, "[data-testid=make-passkey] .button", "/account")
	name, err := chromedp.Run(ctx, chromedp.Evaluate[string](`document.querySelector("[data-testid=passkey] strong").textContent`))
	if err != nil || name != "Laptop <b>werk</b>" {
		t.Fatalf("the passkey is called %q, %v", name, err)
	}

	// A page that has stood open for longer than a challenge lives still works.
	do(chromedp.Navigate(w.BaseURL + "/account"))
	do(chromedp.Evaluate[chromedp.Void](`document.querySelector(".person").open = true`))
	press(ctx, t, w, "[data-testid=sign-out]", "/sign-in")
	w.Pass(20 * time.Minute)
	press(ctx, t, w, "[data-testid=passkey] .button", "/queue")

	// The same passkey confirms what needs a fresh factor.
	w.Pass(6 * time.Minute)
	do(chromedp.Navigate(w.BaseURL + "/people/invite"))
	press(ctx, t, w, "[data-testid=passkey] .button", "/people/invite")
	events := w.Events(p.Account)
	if n := strings.Count(strings.Join(events, " "), "factor.prove"); n != 3 {
		t.Errorf("%d proofs are recorded, want the app's and two of the passkey: %v", n, events)
	}
}
