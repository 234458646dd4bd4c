package attachment_test

import (
	"bytes"
	"path"
	"slices"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"inzage/services/attachment"
)

// FuzzType: whatever bytes and name arrive, no program and no web page is
// stored, and the type is one that no browser runs.
func FuzzType(f *testing.F) {
	for _, seed := range []string{"%PDF-1.7", "MZ\x90", "\x7fELF", "#!/bin/sh", "<html><script>", "\ufeff<!DOCTYPE html>", " \n<svg onload=x>", "PK\x03\x04", "a,b\n", "{}", "\x89PNG\r\n\x1a\n", "<?xml version=\"1.0\"?><svg/>"} {
		f.Add([]byte(seed), "a.csv")
		f.Add([]byte(seed), "a.html")
	}
	f.Fuzz(func(t *testing.T, head []byte, name string) {
		kind, err := attachment.Type(head, name)
		if (err == nil) != (kind != "") {
			t.Fatalf("Type = %q, %v", kind, err)
		}
		if slices.Contains([]string{"text/html", "image/svg+xml", "application/javascript", "text/javascript", "application/x-shockwave-flash"}, kind) {
			t.Errorf("%q is stored as %s", head, kind)
		}
		for _, program := range []string{"MZ", "\x7fELF", "#!"} {
			if bytes.HasPrefix(head, []byte(program)) && err == nil {
				t.Errorf("a program is stored as %s", kind)
			}
		}
	})
}

// FuzzName: a cleaned name is one part of a path, on every system, in one line.
func FuzzName(f *testing.F) {
	for _, seed := range []string{"../../etc/passwd", `C:\map\rapport.pdf`, "a\x00b\nc.txt", " .. ", "", "rap\u202efdp.exe", "con", "a/b/..", "\xff\xfe", strings.Repeat("é", 300), "a\r\nContent-Type: text/html"} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, name string) {
		clean := attachment.CleanName(name)
		if clean == "" || clean == "." || clean == ".." || path.Base(clean) != clean || strings.ContainsAny(clean, "\\/:\"<>|?*") || !utf8.ValidString(clean) || utf8.RuneCountInString(clean) > 150 {
			t.Errorf("CleanName(%q) = %q", name, clean)
		}
		if strings.ContainsFunc(clean, func(c rune) bool { return unicode.IsControl(c) || unicode.Is(unicode.Cf, c) }) {
			t.Errorf("CleanName(%q) = %q keeps what cannot be seen", name, clean)
		}
		if again := attachment.CleanName(clean); again != clean {
			t.Errorf("cleaning %q again gives %q", clean, again)
		}
	})
}
