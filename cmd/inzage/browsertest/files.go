package browsertest

import (
	"os"
	"path/filepath"

	"github.com/chromedp/cdproto/cdp"
	"github.com/chromedp/cdproto/dom"
	"github.com/chromedp/cdproto/input"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

// onDisk puts files where Chromium can read them, and returns their paths.
func (w *Window) onDisk(files []File) []string {
	w.t.Helper()
	dir := w.t.TempDir()
	var paths []string
	for _, f := range files {
		path := filepath.Join(dir, f.Name)
		if err := os.WriteFile(path, f.Body, 0o600); err != nil {
			w.t.Fatal(err)
		}
		paths = append(paths, path)
	}
	return paths
}

// Drop drags files from outside of the window over the heading, and lets them go
// there: the browser itself makes the events with the files in them.
func (w *Window) Drop(heading string, files ...File) {
	w.t.Helper()
	at := try[*spot](w, with("over", heading))
	data := &input.DragData{Items: []*input.DragDataItem{}, Files: w.onDisk(files), DragOperationsMask: 1}
	for _, event := range []input.DispatchDragEventType{input.DispatchDragEventTypeDragEnter, input.DispatchDragEventTypeDragOver, input.DispatchDragEventTypeDrop} {
		call(w, input.DispatchDragEvent, input.DispatchDragEventParams{Type: event, X: at.X, Y: at.Y, Data: data})
	}
}

// mostTabs is after how many presses of the tab key a field counts as out of reach.
const mostTabs = 60

// PickByKeyboard goes to the field of files with that label and opens it with
// the keyboard alone, and picks the files in the window that the system shows.
func (w *Window) PickByKeyboard(label string, files ...File) {
	w.t.Helper()
	call(w, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{Enabled: true})
	w.chosen(nil)
	for tabs := 0; !try[bool](w, with("at", label)); tabs++ {
		if tabs == mostTabs {
			w.fatalf("%q cannot be reached with the tab key", label)
		}
		w.key("\t")
	}
	w.key("\r")
	var node *cdp.BackendNodeID
	if !w.until(func() bool { node = w.chooser(); return node != nil }) {
		w.fatalf("%q does not open with the enter key", label)
	}
	call(w, dom.SetFileInputFiles, dom.SetFileInputFilesParams{Files: w.onDisk(files), BackendNodeID: *node})
	call(w, page.SetInterceptFileChooserDialog, page.SetInterceptFileChooserDialogParams{})
}

func (w *Window) key(k string) {
	w.t.Helper()
	if err := chromedp.Do(w.ctx, chromedp.KeyEvent(k)); err != nil {
		w.fatalf("key: %v", err)
	}
}

// chosen remembers the field whose files are to be picked.
func (w *Window) chosen(node *cdp.BackendNodeID) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.picks = node
}

func (w *Window) chooser() *cdp.BackendNodeID {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.picks
}
