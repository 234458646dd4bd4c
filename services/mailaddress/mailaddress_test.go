package mailaddress_test

import (
	"slices"
	"testing"

	"inzage/services/mailaddress"
)

// TestForms: one mailbox has one normal form, however its domain is written.
func TestForms(t *testing.T) {
	for address, want := range map[string]struct{ wire, shown, normal string }{
		"info@bücher.example":            {"info@xn--bcher-kva.example", "info@bücher.example", "info@xn--bcher-kva.example"},
		"Info@BÜCHER.Example":            {"Info@xn--bcher-kva.example", "Info@BÜCHER.Example", "info@xn--bcher-kva.example"},
		"info@bu\u0308cher.example":      {"info@xn--bcher-kva.example", "info@bu\u0308cher.example", "info@xn--bcher-kva.example"},
		" info@XN--BCHER-KVA.example":    {" info@XN--BCHER-KVA.example", " info@bücher.example", "info@xn--bcher-kva.example"},
		"Jan.Jansen@Example.nl":          {"Jan.Jansen@Example.nl", "Jan.Jansen@Example.nl", "jan.jansen@example.nl"},
		"ju\u0308rgen@example.nl":        {"ju\u0308rgen@example.nl", "ju\u0308rgen@example.nl", "jürgen@example.nl"},
		"用户@例子.example":                  {"用户@xn--fsqu00a.example", "用户@例子.example", "用户@xn--fsqu00a.example"},
		"info@xn--99zzzzzzzz-.example":   {"info@xn--99zzzzzzzz-.example", "info@xn--99zzzzzzzz-.example", "info@xn--99zzzzzzzz-.example"},
		"nobody":                         {"", "nobody", "nobody"},
		"info@bücher..example":           {"", "info@bücher..example", "info@bücher..example"},
		"info@ｂüｃher。example":            {"info@xn--bcher-kva.example", "info@ｂüｃher。example", "info@xn--bcher-kva.example"},
		"info@sub.bücher.example":        {"info@sub.xn--bcher-kva.example", "info@sub.bücher.example", "info@sub.xn--bcher-kva.example"},
		"info@straße.example":            {"info@xn--strae-oqa.example", "info@straße.example", "info@xn--strae-oqa.example"},
		"info@xn--bcher-kva.example.com": {"info@xn--bcher-kva.example.com", "info@bücher.example.com", "info@xn--bcher-kva.example.com"},
	} {
		wire, err := mailaddress.Wire(address)
		if wire != want.wire || (err != nil) != (want.wire == "") {
			t.Errorf("Wire(%q) = %q, %v, want %q", address, wire, err, want.wire)
		}
		if got := mailaddress.Shown(address); got != want.shown {
			t.Errorf("Shown(%q) = %q, want %q", address, got, want.shown)
		}
		if got := mailaddress.Normal(address); got != want.normal {
			t.Errorf("Normal(%q) = %q, want %q", address, got, want.normal)
		}
	}
}

// TestFormsOfBefore: who is known by the form that was kept before is found.
func TestFormsOfBefore(t *testing.T) {
	for address, want := range map[string][]string{
		"Jan@example.nl":             {"jan@example.nl"},
		"info@Bücher.example":        {"info@xn--bcher-kva.example", "info@bücher.example"},
		"info@xn--bcher-kva.example": {"info@xn--bcher-kva.example", "info@bücher.example"},
		"nobody":                     {"nobody"},
	} {
		if got := mailaddress.Forms(address); !slices.Equal(got, want) {
			t.Errorf("Forms(%q) = %q, want %q", address, got, want)
		}
	}
}

// TestOnlyTheMailboxNeedsMore: a domain goes as ASCII everywhere.
func TestOnlyTheMailboxNeedsMore(t *testing.T) {
	for address, want := range map[string]bool{"jürgen@example.nl": true, "info@bücher.example": false, "info@example.nl": false, "nobody": false} {
		if got := mailaddress.NeedsUTF8(address); got != want {
			t.Errorf("NeedsUTF8(%q) = %t, want %t", address, got, want)
		}
	}
}
