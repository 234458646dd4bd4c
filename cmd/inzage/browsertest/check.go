package browsertest

import (
	"fmt"
	"slices"

	"github.com/chromedp/cdproto/log"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

// listen runs in the loop that reads the browser's messages.
func (w *Window) listen(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		w.asked = append(w.asked, e.Request.Method+" "+e.Request.URL)
	case *network.EventResponseReceived:
		if e.Type == network.ResourceTypeDocument {
			w.status = e.Response.Status
		}
		// A page that refuses a form has a status of 4xx, which Chromium logs as
		// a resource that failed. That is no trouble; a missing file of a page is.
		if e.Response.Status/100 == 4 && (e.Type == network.ResourceTypeDocument || e.Type == network.ResourceTypeXHR) {
			w.answers[e.Response.URL] = true
		}
	case *page.EventFileChooserOpened:
		w.picks = &e.BackendNodeID
	case *runtime.EventExceptionThrown:
		w.trouble = append(w.trouble, "exception: "+e.ExceptionDetails.Text)
	case *runtime.EventConsoleAPICalled:
		if e.Type == runtime.ConsoleAPICalledTypeError || e.Type == runtime.ConsoleAPICalledTypeWarning {
			w.trouble = append(w.trouble, fmt.Sprintf("console.%s: %v", e.Type, e.Args))
		}
	case *log.EventEntryAdded:
		refused := e.Entry.Source == log.EntrySourceNetwork && w.answers[e.Entry.URL]
		if e.Entry.Level == log.EntryLevelError && !refused || e.Entry.Source == log.EntrySourceSecurity {
			w.trouble = append(w.trouble, fmt.Sprintf("%s %s: %s", e.Entry.Source, e.Entry.Level, e.Entry.Text))
		}
	}
}

// Asked are the requests that the window has sent, in order: method and address.
func (w *Window) Asked() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	return slices.Clone(w.asked)
}

// broken reports what went wrong in the window since the last time.
func (w *Window) broken(where string) {
	w.t.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	for _, t := range w.trouble {
		w.t.Errorf("%s: %s: %s", w.who, where, t)
	}
	w.trouble = nil
}

// arrive waits until another page is there, and checks it.
func (w *Window) arrive() {
	w.t.Helper()
	if !w.until(func() bool { there, err := ask[bool](w, "moved()"); return err == nil && there }) {
		w.fatalf("nothing happened")
	}
	w.check()
}

// check holds the page to what holds for every page. axe-core examines each
// page once, and again whenever something is on it that is built in a new way.
func (w *Window) check() {
	w.t.Helper()
	where := try[string](w, "path()")
	w.met = append(w.met, where)
	w.mu.Lock()
	status := w.status
	w.mu.Unlock()
	if status >= 500 {
		w.fatalf("%s answered %d", where, status)
	}
	if lang := try[string](w, "lang()"); lang != w.lang {
		w.t.Errorf("%s: %s is in %q, want %q", w.who, where, lang, w.lang)
	}
	w.dark(false)
	w.fits(where, w.device)
	if !w.fresh(where) {
		w.broken(where)
		return
	}
	try[bool](w, "unfold()")
	w.fits(where+", unfolded", w.device)
	if !w.device.Touch {
		w.hold(Phone)
		w.fits(where+", unfolded on a phone", Phone)
		w.hold(w.device)
	}
	w.axe(where, "axe()")
	w.dark(true)
	w.axe(where+" in the dark", `axe(["color-contrast"])`)
	w.dark(false)
	try[bool](w, "refold()")
	w.broken(where)
}

// fresh tells whether there is something to examine that no window of such a
// device showed before: a page, or a kind of element in its place.
func (w *Window) fresh(where string) bool {
	w.t.Helper()
	examined, ok := w.b.examined[w.device]
	if !ok {
		examined = map[string]bool{}
		w.b.examined[w.device] = examined
	}
	fresh := false
	for _, kind := range append(try[[]string](w, "build()"), "the page "+where) {
		fresh = fresh || !examined[kind]
		examined[kind] = true
	}
	return fresh
}

func (w *Window) fits(where string, d Device) {
	w.t.Helper()
	if wide := try[string](w, fmt.Sprintf("wide(%d)", d.Width)); wide != "" {
		w.t.Errorf("%s: %s scrolls sideways: %s", w.who, where, wide)
	}
}

// axe lets axe-core look at the page. A page may load itself anew meanwhile;
// then it looks again.
func (w *Window) axe(where, script string) {
	w.t.Helper()
	var findings []string
	var err error
	if !w.until(func() bool {
		if _, err = chromedp.Run(w.ctx, chromedp.Evaluate[bool]("if (!window.axe) {"+w.b.axe+"\n}; true")); err == nil {
			findings, err = ask[[]string](w, script)
		}
		return err == nil
	}) {
		w.fatalf("axe-core: %v", err)
	}
	for _, finding := range findings {
		w.t.Errorf("%s: %s: %s", w.who, where, finding)
	}
}
