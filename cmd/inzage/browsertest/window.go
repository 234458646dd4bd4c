package browsertest

import (
	"context"
	_ "embed"
	"encoding/json"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/runtime"
	"github.com/chromedp/chromedp"
)

//go:embed page.js
var finder string

// call sends one command to the window.
func call[P, R any](w *Window, cmd cdp.Command[P, R], params P) R {
	w.t.Helper()
	r, err := chromedp.Call(w.ctx, cmd, params)
	if err != nil {
		w.t.Fatalf("%s: %v", w.who, err)
	}
	return r
}

// ask calls one of the finder's functions in the page.
func ask[T any](w *Window, script string) (T, error) {
	ctx, stop := context.WithTimeout(w.ctx, Patience)
	defer stop()
	return chromedp.Run(ctx, chromedp.Evaluate[T]("("+strings.TrimSpace(finder)+")."+script, chromedp.EvalAwaitPromise))
}

// with writes a call of a finder's function.
func with(function string, args ...string) string {
	quoted := make([]string, len(args))
	for i, a := range args {
		b, _ := json.Marshal(a) // a string can always be written
		quoted[i] = string(b)
	}
	return function + "(" + strings.Join(quoted, ", ") + ")"
}

// try asks until the page answers without an error, or patience ends: a page
// may be under way.
func try[T any](w *Window, script string) T {
	w.t.Helper()
	var v T
	var err error
	if !w.until(func() bool { v, err = ask[T](w, script); return err == nil }) {
		w.fatalf("%s: %v", script, err)
	}
	return v
}

// until asks again and again whether something holds, and gives up after Patience.
func (w *Window) until(holds func() bool) bool {
	tick := time.NewTicker(25 * time.Millisecond)
	defer tick.Stop()
	for end := time.Now().Add(Patience); ; <-tick.C {
		if holds() {
			return true
		}
		if time.Now().After(end) || w.ctx.Err() != nil {
			return false
		}
	}
}

// Place is a part of the page, under a heading or legend, for forms that ask
// the same twice. The zero Place is the whole page.
type Place struct {
	w     *Window
	under string
}

// Under is the part of the page under a heading or legend.
func (w *Window) Under(heading string) Place { return Place{w, heading} }

// Open opens a page by its path, or by a whole address of the portal.
func (w *Window) Open(path string) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.Navigate(w.base+strings.TrimPrefix(path, w.base))); err != nil {
		w.t.Fatalf("%s: open %s: %v", w.who, path, err)
	}
	w.arrive()
}

// Press presses the one button or link of that name and waits for the page
// that comes of it.
func (w *Window) Press(name string) { w.t.Helper(); w.Under("").Press(name) }

// Press is Window.Press in a part of the page.
func (p Place) Press(name string) {
	p.w.t.Helper()
	try[bool](p.w, "mark()")
	p.w.click(try[*spot](p.w, with("press", name, p.under)))
	p.w.arrive()
}

type spot struct{ X, Y float64 }

func (w *Window) click(at *spot) {
	w.t.Helper()
	if at == nil {
		return // it is so already
	}
	if err := chromedp.Do(w.ctx, chromedp.MouseClickXY(at.X, at.Y)); err != nil {
		w.fatalf("click: %v", err)
	}
}

// Link is the whole name of the one link that has these words in it.
func (w *Window) Link(part string) string { w.t.Helper(); return try[string](w, with("link", part)) }

// Unfold opens what is folded under that name.
func (w *Window) Unfold(name string) {
	w.t.Helper()
	w.click(try[*spot](w, with("fold", name, "")))
}

// Fill types into the field with that label, in place of what stood there.
func (w *Window) Fill(label, text string) { w.t.Helper(); w.Under("").Fill(label, text) }

// Fill is Window.Fill in a part of the page.
func (p Place) Fill(label, text string) {
	p.w.t.Helper()
	switch try[string](p.w, with("focus", label, p.under)) {
	case "date", "time", "datetime-local", "select-one":
		if got := try[string](p.w, with("set", label, p.under, text)); got == "" {
			p.w.fatalf("%q does not take %q", label, text)
		}
		return
	}
	call(p.w, input.InsertText, input.InsertTextParams{Text: text})
	if got := try[string](p.w, with("value", label, p.under)); got != text {
		p.w.fatalf("%q holds %q after typing %q", label, got, text)
	}
}

// Choose ticks boxes or picks options by their labels.
func (w *Window) Choose(labels ...string) { w.t.Helper(); w.Under("").Choose(labels...) }

// Choose is Window.Choose in a part of the page.
func (p Place) Choose(labels ...string) {
	p.w.t.Helper()
	for _, label := range labels {
		p.w.click(try[*spot](p.w, with("choose", label, p.under)))
		if !p.w.until(func() bool { on, err := ask[bool](p.w, with("chosen", label, p.under)); return err == nil && on }) {
			p.w.fatalf("%q is not chosen after a press", label)
		}
	}
}

// Value is what stands in the field with that label.
func (w *Window) Value(label string) string {
	w.t.Helper()
	return try[string](w, with("value", label, ""))
}

// See waits until all of these words can be read on the page.
func (w *Window) See(texts ...string) {
	w.t.Helper()
	words := ""
	for _, text := range texts {
		if !w.until(func() bool { words, _ = ask[string](w, "words()"); return strings.Contains(words, text) }) {
			w.fatalf("%q is not on the page", text)
		}
	}
}

// Unseen ends the test when one of these words can be read on the page.
func (w *Window) Unseen(texts ...string) {
	w.t.Helper()
	words := try[string](w, "every()")
	for _, text := range texts {
		if strings.Contains(words, text) {
			w.fatalf("%q is on the page", text)
		}
	}
}

// Text is what can be read in the first element that the selector finds, for
// what a person would copy down: a reference, a key.
func (w *Window) Text(selector string) string {
	w.t.Helper()
	text := ""
	if !w.until(func() bool { text, _ = ask[string](w, with("text", selector)); return text != "" }) {
		w.fatalf("nothing to read at %s", selector)
	}
	return text
}

// Path is the path of the page.
func (w *Window) Path() string { w.t.Helper(); return try[string](w, "path()") }

// Reload asks for the page again until the words are there: something that
// runs beside the pages has to come first.
func (w *Window) Reload(text string) {
	w.t.Helper()
	path := w.Path()
	if !w.until(func() bool {
		if err := chromedp.Do(w.ctx, chromedp.Navigate(w.base+path)); err != nil {
			return false
		}
		words, err := ask[string](w, "words()")
		return err == nil && strings.Contains(words, text)
	}) {
		w.fatalf("%q does not come to the page", text)
	}
	w.arrive()
}

// File is a file to send, or one that was received.
type File struct {
	Name string
	Body []byte
}

// Upload puts files into the field with that label.
func (w *Window) Upload(label string, files ...File) {
	w.t.Helper()
	w.Under("").Upload(label, files...)
}

// Upload is Window.Upload in a part of the page.
func (p Place) Upload(label string, files ...File) {
	w := p.w
	w.t.Helper()
	paths := w.onDisk(files)
	try[string](w, with("focus", label, p.under))
	found := call(w, runtime.Evaluate, runtime.EvaluateParams{Expression: "(" + strings.TrimSpace(finder) + ")." + with("file", label, p.under)})
	call(w, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: paths, ObjectID: found.Result.ObjectID})
}

// Download presses a link to a file and reads what arrives.
func (w *Window) Download(link string) File {
	w.t.Helper()
	w.click(try[*spot](w, with("press", link, "")))
	var got File
	ok := w.until(func() bool {
		entries, err := os.ReadDir(w.dir)
		if err != nil {
			return false
		}
		for _, e := range entries {
			if name, done := w.b.done(e.Name()); done && !w.seen[e.Name()] {
				got.Name = name
				got.Body, err = os.ReadFile(filepath.Join(w.dir, e.Name()))
				w.seen[e.Name()] = err == nil
				return err == nil
			}
		}
		return false
	})
	if !ok {
		w.fatalf("%q gave no file", link)
	}
	w.broken("the download of " + got.Name)
	return got
}

func (b *Browser) done(guid string) (name string, ok bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.names[guid], b.arrived[guid]
}

// Met are the paths of the pages that the window met, each once, sorted.
func (w *Window) Met() []string {
	all := slices.Clone(w.met)
	slices.Sort(all)
	return slices.Compact(all)
}
