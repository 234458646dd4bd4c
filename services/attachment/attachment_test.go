package attachment_test

import (
	"strings"
	"testing"

	"inzage/services/attachment"
	"inzage/services/fault"
)

func TestType(t *testing.T) {
	tests := []struct {
		name, head, want string
		refused          fault.Kind
	}{
		{"a.csv", "a,b\n", "text/csv", ""},
		{"A.JSON", "{}", "application/json", ""},
		{"a.pdf", "%PDF-1.7", "application/pdf", ""},
		{"a.csv", "%PDF-1.7", "", fault.UnsupportedType},
		{"a.txt", "a\x00b\x00", "application/octet-stream", ""},
		{"a", "%PDF-1.7", "application/pdf", ""},
		{"a.dat", "%PDF-1.7", "application/pdf", ""},
		{"a.PDF", "a text", "", fault.UnsupportedType},
		{"a.jpg", "\x89PNG\r\n\x1a\n", "", fault.UnsupportedType},
		{"a.png", "\x89PNG\r\n\x1a\n", "image/png", ""},
		{"a.docx", "PK\x03\x04", "application/zip", ""},
		{"a.zip", "a text", "", fault.UnsupportedType},
		{"a.html", "a text", "", fault.UnsupportedType},
		{"a.svg", "<svg xmlns='http://www.w3.org/2000/svg'/>", "", fault.UnsupportedType},
		{"a.pdf.exe. ", "%PDF-1.7", "", fault.UnsupportedType},
		{"a.j\u200bs", "a text", "", fault.UnsupportedType},
		{"a.pdf", "MZ\x90", "", fault.UnsupportedType},
		{"a.txt", "#!/bin/sh", "", fault.UnsupportedType},
		{"a.txt", "<html><script>", "", fault.UnsupportedType},
	}
	for _, tt := range tests {
		got, err := attachment.Type([]byte(tt.head), tt.name)
		if got != tt.want || fault.KindOf(err) != tt.refused {
			t.Errorf("Type(%q, %s) = %q, %v, want %q %s", tt.head, tt.name, got, err, tt.want, tt.refused)
		}
	}
}

func TestCleanName(t *testing.T) {
	for name, want := range map[string]string{
		"../../etc/passwd": "passwd", `C:\map\rapport.pdf`: "rapport.pdf", "a\x00b\nc.txt": "abc.txt", " .. ": "file", "": "file",
		"rap\u202efdp.exe": "rapfdp.exe", strings.Repeat("x", 200): strings.Repeat("x", 150),
	} {
		if got := attachment.CleanName(name); got != want {
			t.Errorf("CleanName(%q) = %q, want %q", name, got, want)
		}
	}
}
