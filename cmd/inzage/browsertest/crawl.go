package browsertest

import (
	"net/url"
	"strings"

	"github.com/chromedp/chromedp"
)

// Crawl opens every page that links lead to from here, each kind once, and
// checks it. kind names the kind of page of an address; met holds the kinds
// that were met, and grows. A link that the reader is shown must work: one that
// is refused fails the test. Links to files are left alone.
func (w *Window) Crawl(met map[string]bool, kind func(*url.URL) string) {
	w.t.Helper()
	todo := w.links(met, kind)
	for len(todo) > 0 {
		to := todo[0]
		todo = todo[1:]
		if err := chromedp.Do(w.ctx, chromedp.Navigate(to)); err != nil {
			if !strings.Contains(err.Error(), "net::ERR_ABORTED") { // that is a download
				w.t.Errorf("%s: open %s: %v", w.who, to, err)
			}
			continue
		}
		w.arrive()
		w.mu.Lock()
		status := w.status
		w.mu.Unlock()
		if status >= 400 {
			w.t.Errorf("%s: a link leads to %s, which answers %d", w.who, to, status)
		}
		todo = append(todo, w.links(met, kind)...)
	}
}

// links are the addresses on the page of kinds that were not met yet.
func (w *Window) links(met map[string]bool, kind func(*url.URL) string) []string {
	w.t.Helper()
	var fresh []string
	for _, link := range try[[]string](w, "links()") {
		to, err := url.Parse(link)
		if err != nil || !strings.HasPrefix(link, w.base+"/") {
			continue
		}
		if name := kind(to); name != "" && !met[name] {
			met[name] = true
			to.Fragment = ""
			fresh = append(fresh, to.String())
		}
	}
	return fresh
}
