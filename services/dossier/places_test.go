package dossier

import (
	"path"
	"strings"
	"testing"
	"unicode"
)

func TestPlaces(t *testing.T) {
	p := newPlaces()
	for _, c := range []struct{ name, want string }{
		{"antwoord.pdf", "files/answer/antwoord.pdf"},
		{"antwoord.pdf", "files/answer/antwoord (2).pdf"},
		{"ANTWOORD.PDF", "files/answer/ANTWOORD (2).PDF"}, // another name, the same file on many systems
		{"../../etc/passwd", "files/answer/passwd"},
		{`..\..\windows\win.ini`, "files/answer/win.ini"},
		{"/etc/cron.d/x", "files/answer/x"},
		{"..", "files/answer/file"},
		{"", "files/answer/file (2)"},
		{"a\x00b\n.txt", "files/answer/ab.txt"},
		{"verkoop\u202etxt.exe", "files/answer/verkooptxt.exe"},
		{"CON.txt", "files/answer/_CON.txt"},
		{"com1.tar.gz", "files/answer/_com1.tar.gz"},
		{"punt. . .", "files/answer/punt"},
		{".bashrc", "files/answer/bashrc"},
		{"naïef résumé 文書.docx", "files/answer/naïef résumé 文書.docx"},
	} {
		got := p.file("answer", c.name)
		if c.name == "ANTWOORD.PDF" {
			// Which number it gets says nothing; that it is no other's does.
			if strings.EqualFold(got, "files/answer/antwoord.pdf") || strings.EqualFold(got, "files/answer/antwoord (2).pdf") {
				t.Errorf("%q stands at %q, which is taken", c.name, got)
			}
			continue
		}
		if got != c.want {
			t.Errorf("%q stands at %q, want %q", c.name, got, c.want)
		}
	}
	if long := p.file("answer", strings.Repeat("文", 150)+".pdf"); len(path.Base(long)) > 220 || !strings.HasSuffix(long, ".pdf") {
		t.Errorf("a long name stands at %d bytes: %s", len(path.Base(long)), long)
	}
}

// FuzzPlaces gives names that people sent to three files each: all stand below
// their folder, under names of their own.
func FuzzPlaces(f *testing.F) {
	for _, name := range []string{"a.pdf", "../a", "..\\a", "/", ".", "..", " ", "NUL", "lpt9.x", "a\x00", "\u202e", "x/../../y", strings.Repeat("é", 300), "a (2).pdf", "c:\\x", "\xff\xfe"} {
		f.Add(name)
	}
	f.Fuzz(func(t *testing.T, name string) {
		p, seen := newPlaces(), map[string]bool{}
		for range 3 {
			place := p.file("answer", name)
			rest, ok := strings.CutPrefix(place, "files/answer/")
			if !ok || path.Clean(place) != place || rest == "" || rest == "." || rest == ".." || strings.ContainsAny(rest, `/\<>:"|?*`) || len(rest) > 255 {
				t.Fatalf("%q stands at %q", name, place)
			}
			if strings.ContainsFunc(rest, func(c rune) bool { return unicode.IsControl(c) || unicode.In(c, unicode.Cf) }) {
				t.Fatalf("%q keeps a control character: %q", name, place)
			}
			if strings.HasSuffix(rest, ".") || strings.HasSuffix(rest, " ") || strings.HasPrefix(rest, ".") {
				t.Fatalf("%q begins or ends so that systems drop or hide it: %q", name, place)
			}
			if key := strings.ToLower(place); seen[key] {
				t.Fatalf("%q stands twice at %q", name, place)
			} else {
				seen[key] = true
			}
			if stem, _, _ := strings.Cut(rest, "."); reserved(stem) {
				t.Fatalf("%q is the device %q", name, place)
			}
		}
	})
}

func TestNoOtherSchemas(t *testing.T) {
	for _, name := range []string{"", "inzage.dossier.", "inzage.dossier.../../dossier", "inzage.dossier.request/9", "request/1"} {
		if text, err := Schema(name); err == nil {
			t.Errorf("%q is %d bytes", name, len(text))
		}
	}
}
