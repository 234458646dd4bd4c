package notify

import (
	"net/url"
	"strings"

	"inzage/services/requests"
	"inzage/services/vault"
)

// Links makes every address that a mail leads to, from the configured base URL only.
type Links struct {
	Base  string // without a path, e.g. "https://inzage.example"
	Vault vault.Keeper
}

// Follow is the private link to the page of a request. By itself it opens
// nothing: the page asks for a code that goes to the request's address.
func (l Links) Follow(reference, request string) string {
	return l.to("/r/", reference, l.FollowToken(request))
}

// FollowToken is the secret part of a request's private link: 256 bits that
// nobody can make without the master key, and that need no storing.
// requests.Service.Followed tells whether it is right.
func (l Links) FollowToken(request string) string {
	return l.Vault.Fingerprint(requests.FollowPurpose, request)
}

// Request is the page of a request for staff.
func (l Links) Request(id string) string { return l.to("/requests/", id) }

// Assist is the page of a question to a processor.
func (l Links) Assist(id string) string { return l.to("/assists/", id) }

// Audit is the page of an audit.
func (l Links) Audit(id string) string { return l.to("/audits/", id) }

// Audits is the list of audits, for who has no way into one any more.
func (l Links) Audits() string { return l.to("/audits") }

// Agreement is the page of an agreement.
func (l Links) Agreement(id string) string { return l.to("/agreements/", id) }

// Evidence is the page about the ledger.
func (l Links) Evidence() string { return l.to("/evidence") }

func (l Links) to(path string, parts ...string) string {
	for i, p := range parts {
		parts[i] = url.PathEscape(p)
	}
	return strings.TrimSuffix(l.Base, "/") + path + strings.Join(parts, "/")
}

// host is the right-hand side of a Message-ID.
func (l Links) host() string {
	u, err := url.Parse(l.Base)
	if err != nil || u.Hostname() == "" {
		return "inzage.invalid"
	}
	return strings.ToLower(u.Hostname())
}
