// Package browsertest drives a real Chromium through a running portal in the
// words of somebody who sits in front of it: open a page, fill in the field
// with this label, press the button with this name, see these words. What
// cannot be seen or pressed by a person cannot be found here either. Every page
// that it meets is held to what holds for all pages, see Window.
package browsertest

import (
	"context"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"testing"
	"time"

	"github.com/chromedp/cdproto/browser"
	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/chromedp"
)

// Patience is how long anything that was pressed may take to show. It is long
// because a machine that does other work shows things late; nobody waits for it
// but a test that fails.
const Patience = 5 * time.Minute

// Browser is one Chromium with a profile of its own. It ends with its test.
type Browser struct {
	t   testing.TB
	ctx context.Context
	axe string
	// What axe-core examined on each device: pages by their paths, and kinds of
	// elements in their places.
	examined map[Device]map[string]bool

	mu      sync.Mutex
	arrived map[string]bool // downloads that are complete, by GUID
	names   map[string]string
}

// Start starts Chromium. top is the folder with go.mod, where `.ci/setup` put
// what the tests need. Without Chromium or axe-core the test is skipped, and
// fails where CI is set.
func Start(t testing.TB, top string) *Browser {
	t.Helper()
	path, err := exec.LookPath("chromium")
	if err != nil {
		missing(t, "chromium is not installed; .ci/setup installs it")
	}
	axe, err := os.ReadFile(filepath.Join(top, ".tools", "axe", "node_modules", "axe-core", "axe.min.js"))
	if err != nil {
		missing(t, "axe-core is not installed; .ci/setup installs it")
	}
	b := &Browser{t: t, axe: string(axe), examined: map[Device]map[string]bool{}, arrived: map[string]bool{}, names: map[string]string{}}
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.ExecPath(path), chromedp.NoSandbox, chromedp.DisableGPU, chromedp.WSURLReadTimeout(Patience),
		chromedp.UserDataDir(t.TempDir()), chromedp.Flag("disable-quic", true), chromedp.Flag("disable-component-update", true))
	ctx, stop := chromedp.NewExecAllocator(context.Background(), options...)
	t.Cleanup(stop)
	ctx, end := chromedp.NewContext(ctx)
	t.Cleanup(end)
	b.ctx = ctx
	if err := chromedp.Do(ctx); err != nil {
		t.Fatalf("start chromium: %v", err)
	}
	if err := chromedp.ListenBrowser(ctx, b.downloads); err != nil {
		t.Fatalf("listen to chromium: %v", err)
	}
	return b
}

func missing(t testing.TB, why string) {
	t.Helper()
	if os.Getenv("CI") != "" {
		t.Fatal(why)
	}
	t.Skip(why)
}

func (b *Browser) downloads(event any) {
	b.mu.Lock()
	defer b.mu.Unlock()
	switch e := event.(type) {
	case *browser.EventDownloadWillBegin:
		b.names[e.GUID] = e.SuggestedFilename
	case *browser.EventDownloadProgress:
		if e.State == browser.DownloadProgressStateCompleted {
			b.arrived[e.GUID] = true
		}
	}
}

// Device is what somebody has in their hands or on their desk.
type Device struct {
	Width, Height int64
	Touch         bool
}

// The devices of the tests.
var (
	Phone  = Device{Width: 390, Height: 844, Touch: true}
	Laptop = Device{Width: 1280, Height: 900}
)

// Window is one person's browser: cookies of its own, one tab. Each page that
// it meets must
//   - have no serious or critical finding of axe-core, in the light and in the
//     dark, also with everything unfolded;
//   - not scroll sideways, on its own device or on a phone;
//   - be in the reader's language;
//   - come with a status below 500, and break neither the content security
//     policy nor the console.
type Window struct {
	t      testing.TB
	ctx    context.Context
	b      *Browser
	base   string
	lang   string
	who    string
	dir    string
	device Device
	seen   map[string]bool // downloads that were read
	met    []string

	mu      sync.Mutex
	trouble []string
	status  int64              // of the page
	answers map[string]bool    // addresses that refused a form
	asked   []string           // addresses that the window asked for, whoever answered
	picks   *cdp.BackendNodeID // the field that asked for files last
}

// Window opens a window of a person who reads lang ("nl", "en"); who names
// them in messages. base is the address of the portal.
func (b *Browser) Window(who, base, lang string, d Device) *Window {
	b.t.Helper()
	ctx, end := chromedp.NewContext(b.ctx, chromedp.WithNewBrowserContext())
	b.t.Cleanup(end)
	w := &Window{t: b.t, ctx: ctx, b: b, base: base, lang: lang, who: who, dir: b.t.TempDir(), device: d, seen: map[string]bool{}, answers: map[string]bool{}}
	w.hold(d)
	if err := chromedp.Listen(ctx, w.listen); err != nil {
		b.t.Fatalf("%s: listen to the window: %v", who, err)
	}
	call(w, network.SetExtraHTTPHeaders, network.SetExtraHTTPHeadersParams{Headers: network.Headers{"Accept-Language": lang}})
	w.downloadsTo(w.dir)
	return w
}

// hold makes the window that of a device.
func (w *Window) hold(d Device) {
	w.t.Helper()
	var options []chromedp.EmulateViewportOption
	if d.Touch {
		options = append(options, chromedp.EmulateMobile, chromedp.EmulateTouch)
	}
	if err := chromedp.Do(w.ctx, chromedp.EmulateViewport(d.Width, d.Height, options...)); err != nil {
		w.t.Fatalf("%s: a window of %d by %d: %v", w.who, d.Width, d.Height, err)
	}
}

func (w *Window) downloadsTo(dir string) {
	w.t.Helper()
	_, err := chromedp.CallBrowser(w.ctx, browser.SetDownloadBehavior, browser.SetDownloadBehaviorParams{
		Behavior: browser.SetDownloadBehaviorBehaviorAllowAndName, BrowserContextID: chromedp.FromContext(w.ctx).BrowserContextID,
		DownloadPath: dir, EventsEnabled: new(true)})
	if err != nil {
		w.t.Fatalf("%s: allow downloads: %v", w.who, err)
	}
}

// dark makes the window prefer dark or light colours.
func (w *Window) dark(on bool) {
	w.t.Helper()
	scheme := "light"
	if on {
		scheme = "dark"
	}
	call(w, emulation.SetEmulatedMedia, emulation.SetEmulatedMediaParams{Features: []*emulation.MediaFeature{
		{Name: "prefers-color-scheme", Value: scheme}, {Name: "prefers-reduced-motion", Value: "reduce"}}})
}

// fatalf ends the test with what the window shows.
func (w *Window) fatalf(format string, args ...any) {
	w.t.Helper()
	text, err := ask[string](w, "where()")
	if err != nil {
		text = err.Error()
	}
	w.t.Fatalf("%s: %s\n%s", w.who, fmt.Sprintf(format, args...), text)
}
