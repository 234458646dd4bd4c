package gallery_test

import (
	"bytes"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"time"
	_ "time/tzdata"

	"github.com/PuerkitoBio/goquery"

	"inzage/views/gallery"
	"inzage/views/language"
	"inzage/views/static"
)

// render gives every page in every language by a file name. With
// INZAGE_GALLERY set to a folder, the pages are written there with their style
// sheet, to be looked at.
func render(t *testing.T) map[string]string {
	t.Helper()
	languages, err := language.Load()
	if err != nil {
		t.Fatal(err)
	}
	zone, err := time.LoadLocation("Europe/Amsterdam")
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]string{}
	for _, c := range language.Supported() {
		for name, page := range gallery.Pages(languages.Printer(c.Tag, zone)) {
			var b bytes.Buffer
			if err := page.Render(t.Context(), &b); err != nil {
				t.Fatalf("%s: %v", name, err)
			}
			out[name+"."+c.Tag+".html"] = b.String()
		}
	}
	return out
}

func TestGallery(t *testing.T) {
	dir := os.Getenv("INZAGE_GALLERY")
	if dir == "" {
		dir = t.TempDir()
	}
	write := func(name string, body []byte) {
		if err := os.WriteFile(filepath.Join(dir, name), body, 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, name := range []string{"app.css", "app.js", "icon.svg"} {
		file, ok := static.Lookup(strings.TrimPrefix(static.Path(name), static.Prefix))
		if !ok {
			t.Fatalf("%s is not served", name)
		}
		write(name, file.Body)
	}
	for name, html := range render(t) {
		for _, asset := range []string{"app.css", "app.js", "icon.svg"} {
			html = strings.ReplaceAll(html, static.Path(asset), asset)
		}
		write(name, []byte(html))
	}
}

// The content security policy refuses inline styles, handlers and scripts, so
// none may come out of a component.
func TestNothingInline(t *testing.T) {
	for name, html := range render(t) {
		doc := parse(t, html)
		doc.Find("*").Each(func(_ int, s *goquery.Selection) {
			for _, a := range s.Get(0).Attr {
				if a.Key == "style" || strings.HasPrefix(a.Key, "on") || strings.HasPrefix(a.Val, "javascript:") {
					t.Errorf("%s: <%s %s=%q>", name, goquery.NodeName(s), a.Key, a.Val)
				}
			}
		})
		if n := doc.Find("style").Length(); n > 0 {
			t.Errorf("%s: %d style elements", name, n)
		}
		doc.Find("script").Each(func(_ int, s *goquery.Selection) {
			if _, ok := s.Attr("src"); !ok || s.AttrOr("nonce", "") == "" {
				t.Errorf("%s: a script without address or nonce", name)
			}
		})
	}
}

// What a reader of the structure alone meets: one h1, unique ids, names for
// all inputs, errors and hints that are pointed at.
func TestStructure(t *testing.T) {
	for name, html := range render(t) {
		doc := parse(t, html)
		if n := doc.Find("h1").Length(); n != 1 {
			t.Errorf("%s: %d h1, want 1", name, n)
		}
		if n := doc.Find("main").Length(); n != 1 {
			t.Errorf("%s: %d main, want 1", name, n)
		}
		ids := map[string]bool{}
		doc.Find("[id]").Each(func(_ int, s *goquery.Selection) {
			id := s.AttrOr("id", "")
			if ids[id] {
				t.Errorf("%s: id %q twice", name, id)
			}
			ids[id] = true
		})
		doc.Find("input:not([type=hidden]), select, textarea").Each(func(_ int, s *goquery.Selection) {
			if id := s.AttrOr("id", ""); doc.Find(`label[for="`+id+`"]`).Length() != 1 {
				t.Errorf("%s: input %q has no label", name, id)
			}
		})
		doc.Find("[aria-describedby], [aria-labelledby]").Each(func(_ int, s *goquery.Selection) {
			for _, id := range strings.Fields(s.AttrOr("aria-describedby", "") + " " + s.AttrOr("aria-labelledby", "")) {
				if !ids[id] {
					t.Errorf("%s: %q is pointed at but is not there", name, id)
				}
			}
		})
		doc.Find("svg").Each(func(_ int, s *goquery.Selection) {
			if s.AttrOr("aria-hidden", "") != "true" && s.ParentsFiltered("svg").Length() == 0 {
				t.Errorf("%s: a drawing that is read out", name)
			}
		})
		if got := doc.Find("html").AttrOr("lang", ""); !strings.Contains(name, "."+got+".") {
			t.Errorf("%s: lang is %q", name, got)
		}
	}
}

// Each class in the pages has a rule in the style sheet, or the list says why not.
func TestClassesHaveRules(t *testing.T) {
	file, _ := static.Lookup(strings.TrimPrefix(static.Path("app.css"), static.Prefix))
	css := string(file.Body)
	bare := map[string]bool{
		"frame-wide": true, "frame-narrow": true, "frame-document": true, // a hook for pages
		"entry-body": true, "message-neutral": true, "status-neutral": true, "trouble": true,
		"ribbon-item-event": true, "ribbon-item-today": true, "ribbon-item-planned": true, "ribbon-good": true,
		"ribbon-stem-event": true, "ribbon-text-event": true, "badge-number-event": true, "row": true, "tick": true, "fact": true, "choices": true, "person-name": true,
	}
	for name, html := range render(t) {
		parse(t, html).Find("[class]").Each(func(_ int, s *goquery.Selection) {
			for _, class := range strings.Fields(s.AttrOr("class", "")) {
				if !bare[class] && !regexp.MustCompile(`\.`+class+`[^\w-]`).MatchString(css) {
					t.Errorf("%s: no rule for .%s", name, class)
				}
			}
		})
	}
}

func parse(t *testing.T, html string) *goquery.Document {
	t.Helper()
	doc, err := goquery.NewDocumentFromReader(strings.NewReader(html))
	if err != nil {
		t.Fatal(err)
	}
	return doc
}
