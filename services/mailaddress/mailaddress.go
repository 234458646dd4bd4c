// Package mailaddress knows the forms of one e-mail address: as people write it,
// as it goes over the wire, and as it is compared. The part after the @ is a name
// of the DNS, in letters (bücher.example) or as the DNS has it (xn--bcher-kva.example).
package mailaddress

import (
	"errors"
	"strings"
	"unicode"

	"golang.org/x/net/idna"
	"golang.org/x/text/unicode/norm"
)

// errForm never repeats the address.
var errForm = errors.New("the address is not one of a mailbox")

// names reads what people type (UTS 46: case, width, composed letters) and
// refuses what no registry gives out.
var names = idna.New(idna.MapForLookup(), idna.BidiRule(), idna.StrictDomainName(true), idna.VerifyDNSLength(true))

// Host is a host name as the DNS has it.
func Host(host string) (string, error) {
	name, err := names.ToASCII(host)
	if err != nil || name == "" {
		return "", errForm
	}
	return name, nil
}

func cut(address string) (local, domain string, err error) {
	at := strings.LastIndexByte(address, '@')
	if at < 1 {
		return "", "", errForm
	}
	return address[:at], address[at+1:], nil
}

// Wire is the address as a mail server takes it: the domain in ASCII, the rest as
// it was typed.
func Wire(address string) (string, error) {
	local, domain, err := cut(address)
	if err != nil {
		return "", err
	}
	if !wide(domain) {
		return address, nil
	}
	if domain, err = Host(domain); err != nil {
		return "", err
	}
	return local + "@" + domain, nil
}

// Shown is the address as people write it, with the domain in letters.
func Shown(address string) string {
	local, domain, err := cut(address)
	if err != nil || !strings.Contains(strings.ToLower(domain), "xn--") {
		return address
	}
	letters, err := names.ToUnicode(domain)
	if err != nil {
		return address
	}
	return local + "@" + letters
}

// Normal is the form in which two addresses are compared: one person has one,
// however the domain is written.
func Normal(address string) string {
	plain := strings.ToLower(strings.TrimSpace(address))
	wire, err := Wire(plain)
	if err != nil {
		return plain
	}
	return norm.NFC.String(wire)
}

// Forms are the forms under which somebody with this address may be known: the
// normal one first, then the one that was kept before domains were compared as
// the DNS has them. Most addresses have one.
func Forms(address string) []string {
	normal := Normal(address)
	forms := []string{normal}
	for _, earlier := range []string{strings.ToLower(strings.TrimSpace(address)), Shown(normal)} {
		if !contains(forms, earlier) {
			forms = append(forms, earlier)
		}
	}
	return forms
}

func contains(all []string, one string) bool {
	for _, s := range all {
		if s == one {
			return true
		}
	}
	return false
}

// NeedsUTF8 tells whether only a mail server with SMTPUTF8 takes the address:
// the part before the @ is not ASCII.
func NeedsUTF8(address string) bool {
	local, _, err := cut(address)
	return err == nil && wide(local)
}

// Possible tells whether the domain can be one of the DNS.
func Possible(address string) bool {
	_, err := Wire(address)
	return err == nil
}

func wide(s string) bool {
	return strings.ContainsFunc(s, func(r rune) bool { return r > unicode.MaxASCII })
}
