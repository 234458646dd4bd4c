package static_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"regexp"
	"strings"
	"testing"

	"inzage/views/static"
)

func TestFiles(t *testing.T) {
	for name, mediaType := range map[string]string{"app.css": "text/css; charset=utf-8", "app.js": "text/javascript; charset=utf-8", "icon.svg": "image/svg+xml; charset=utf-8"} {
		path := static.Path(name)
		file, ok := static.Lookup(strings.TrimPrefix(path, static.Prefix))
		if !ok || file.Type != mediaType || len(file.Body) == 0 || !strings.Contains(path, file.Hash) {
			t.Errorf("%s at %q: found %t, type %q, %d bytes, hash %q", name, path, ok, file.Type, len(file.Body), file.Hash)
		}
	}
	for _, name := range []string{"app.css", "../static.go", "", "app.0000000000000000.css"} {
		if _, ok := static.Lookup(name); ok {
			t.Errorf("Lookup(%q) found a file", name)
		}
	}
	if got := static.Path("none.css"); got != "" {
		t.Errorf("Path(none.css) = %q, want none", got)
	}
}

// The content security policy allows only our own files, and no data addresses.
func TestStyleSheetLoadsNothing(t *testing.T) {
	file, _ := static.Lookup(strings.TrimPrefix(static.Path("app.css"), static.Prefix))
	for _, banned := range []string{"url(", "@import", "gradient", "http:", "https:"} {
		if bytes.Contains(file.Body, []byte(banned)) {
			t.Errorf("the style sheet holds %q", banned)
		}
	}
	if open, shut := bytes.Count(file.Body, []byte("{")), bytes.Count(file.Body, []byte("}")); open != shut {
		t.Errorf("%d braces open and %d close", open, shut)
	}
}

// Every token that is used is there.
func TestTokensAreDefined(t *testing.T) {
	file, _ := static.Lookup(strings.TrimPrefix(static.Path("app.css"), static.Prefix))
	for _, m := range regexp.MustCompile(`var\((--[\w-]+)\)`).FindAllStringSubmatch(string(file.Body), -1) {
		if !bytes.Contains(file.Body, []byte(m[1]+":")) {
			t.Errorf("%s is used but not defined", m[1])
		}
	}
}

// pairs are the inks and the grounds on which they stand. Text needs 4.5 : 1
// (WCAG 2.2, 1.4.3), what is drawn needs 3 : 1 (1.4.11).
func pairs() map[string]float64 {
	need := map[string]float64{
		"on-accent/accent": 4.5, "on-accent/accent-strong": 4.5, "on-danger/danger": 4.5, "accent-strong/accent-tint": 4.5,
		"danger/surface": 4.5, "danger/paper": 4.5, "surface/ink": 4.5,
	}
	for _, ground := range []string{"paper", "surface", "sunken"} {
		for _, ink := range []string{"ink", "ink-soft", "accent", "accent-strong"} {
			need[ink+"/"+ground] = 4.5
		}
		need["edge/"+ground] = 3
	}
	for _, tone := range []string{"good", "warn", "danger", "info", "waiting", "accent"} {
		for _, ink := range []string{"ink", tone, "accent"} {
			need[ink+"/"+tone+"-tint"] = 4.5
		}
		need[tone+"/surface"] = 3
		need[tone+"/paper"] = 3
	}
	return need
}

func TestContrast(t *testing.T) {
	light, dark := schemes(t)
	for name, scheme := range map[string]map[string]string{"light": light, "dark": dark} {
		for pair, need := range pairs() {
			ink, ground, _ := strings.Cut(pair, "/")
			got := contrast(luminance(t, scheme, ink), luminance(t, scheme, ground))
			if got < need {
				t.Errorf("%s: %s has %.2f : 1, needs %.1f : 1", name, pair, got, need)
			}
		}
	}
}

// The measure itself is held against known values.
func TestContrastIsMeasuredRightly(t *testing.T) {
	known := map[string]string{"black": "#000000", "white": "#ffffff", "grey": "#777777"}
	for pair, want := range map[string]float64{"black/white": 21, "grey/white": 4.48} {
		a, b, _ := strings.Cut(pair, "/")
		if got := contrast(luminance(t, known, a), luminance(t, known, b)); math.Abs(got-want) > 0.01 {
			t.Errorf("%s = %.2f, want %.2f", pair, got, want)
		}
	}
}

// schemes reads the colours of both schemes from the tokens.
func schemes(t *testing.T) (light, dark map[string]string) {
	t.Helper()
	raw, err := os.ReadFile("tokens.css")
	if err != nil {
		t.Fatal(err)
	}
	first, second, found := strings.Cut(string(raw), "@media (prefers-color-scheme: dark)")
	if !found {
		t.Fatal("tokens.css has no dark scheme")
	}
	light, dark = colours(first), colours(second)
	if len(light) != len(dark) || len(light) < 20 {
		t.Fatalf("%d light colours and %d dark ones", len(light), len(dark))
	}
	return light, dark
}

func colours(css string) map[string]string {
	out := map[string]string{}
	for _, m := range regexp.MustCompile(`--([\w-]+): (#[0-9a-f]{6});`).FindAllStringSubmatch(css, -1) {
		out[m[1]] = m[2]
	}
	return out
}

// luminance is the relative luminance of WCAG 2.2.
func luminance(t *testing.T, scheme map[string]string, name string) float64 {
	t.Helper()
	var r, g, b uint8
	if _, err := fmt.Sscanf(scheme[name], "#%02x%02x%02x", &r, &g, &b); err != nil {
		t.Fatalf("colour %s: %v", name, err)
	}
	linear := func(c uint8) float64 {
		v := float64(c) / 255
		if v <= 0.04045 {
			return v / 12.92
		}
		return math.Pow((v+0.055)/1.055, 2.4)
	}
	return 0.2126*linear(r) + 0.7152*linear(g) + 0.0722*linear(b)
}

func contrast(a, b float64) float64 {
	return (math.Max(a, b) + 0.05) / (math.Min(a, b) + 0.05)
}

// TestScriptsMakeNothingOfText: no script of ours makes markup or code of text,
// writes to a name that data gives, keeps anything in the browser, listens to
// other windows or stops pasting (ASVS 3.2.2, 6.2.7, 15.3.6).
func TestScriptsMakeNothingOfText(t *testing.T) {
	for _, name := range []string{"app.js", "verify.js"} {
		script, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, banned := range []string{"innerHTML", "outerHTML", "insertAdjacentHTML", "document.write", "eval(", "new Function", "__proto__", "Object.assign", ".prototype", "localStorage", "sessionStorage", "indexedDB", "postMessage", "onmessage", "document.cookie", "paste"} {
			if bytes.Contains(script, []byte(banned)) {
				t.Errorf("%s uses %s", name, banned)
			}
		}
		if !bytes.Contains(script, []byte("textContent")) && !bytes.Contains(script, []byte("replaceWith")) {
			t.Errorf("%s was not read: it shows nothing", name)
		}
	}
}
