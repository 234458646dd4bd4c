// Package ui holds the portal's building blocks: templ components and the view
// models they show. A view model holds values that are already formatted,
// translated and decided; components only lay them out.
//
// Components that have words of their own take the Page first, for its T.
// Nothing here needs a script, and nothing uses an inline style, because the
// content security policy refuses both.
package ui

import (
	"net/url"
	"strings"
)

// Page is what every page knows about itself and its reader.
type Page struct {
	Lang  string                               // the language of the page: "nl"
	T     func(key string, args ...any) string // the printer of views/language
	Title string                               // translated; the heading and the window title
	Path  string                               // path and query of this page, so that the language switch keeps it
	Nonce string                               // of this response's content security policy
	CSRF  string                               // token for every form that posts; empty when none is needed

	User  *User     // nil when nobody is signed in
	Nav   []NavItem // the reader's main places
	Flash *Flash    // what has just happened, once
	Zone  string    // the zone of all times on the page: "Europe/Amsterdam"
	Demo  bool      // true when the installation holds made-up people only

	For       string // the organisation for which a data subject sees the portal
	Home      string // where the name in the header leads; empty means "/"
	Help      string // where the reader can ask a person for help; empty shows no link
	Invalid   bool   // true when a form was refused: the window title says so first
	Sensitive bool   // true when the page shows personal data: it says so in print
}

// User is the person who is signed in.
type User struct {
	Name         string
	Organisation string
	Roles        []string // translated
	Account      string   // address of the person's own settings
	SignOut      string   // address that the sign-out form posts to
}

// NavItem is one place in the main navigation.
type NavItem struct {
	Label   string
	Href    string
	Current bool
	Count   int // work waiting there; 0 shows nothing
}

// Tone says how a message or state is tinted. Each tone also has its own icon,
// so that colour never carries the meaning alone.
type Tone string

// The tones.
const (
	Neutral Tone = ""        // nothing to do
	Info    Tone = "info"    // good to know
	Good    Tone = "good"    // done, granted, in time
	Warn    Tone = "warn"    // soon, waiting, needs a look
	Danger  Tone = "danger"  // late, refused, cannot be undone
	Waiting Tone = "waiting" // somebody else is at work
)

// Flash is one message about what has just happened.
type Flash struct {
	Tone Tone
	Text string
}

// CSRFField is the name of the form field that carries the token.
const CSRFField = "csrf"

// In gives the address of this page in another language.
func (p Page) In(tag string) string {
	u, err := url.Parse(p.Path)
	if err != nil || u.IsAbs() || u.Host != "" || !strings.HasPrefix(u.Path, "/") {
		u = &url.URL{Path: "/"}
	}
	q := u.Query()
	q.Set("lang", tag)
	return (&url.URL{Path: u.Path, RawQuery: q.Encode()}).String()
}

// HomeHref is where the product's name leads.
func (p Page) HomeHref() string {
	if p.Home != "" {
		return p.Home
	}
	return "/"
}

// WindowTitle is the title of the browser window.
func (p Page) WindowTitle() string {
	title := "Inzage"
	if p.For != "" {
		title = p.For + " – Inzage"
	}
	if p.Title != "" {
		title = p.Title + " – " + title
	}
	if p.Invalid {
		return p.T("Please check: %s", title)
	}
	return title
}

// Link is a place and its name.
type Link struct {
	Label string
	Href  string
}

// ZoneCity names the zone as one says it: "Amsterdam" for "Europe/Amsterdam".
func (p Page) ZoneCity() string {
	_, city, found := strings.Cut(p.Zone, "/")
	if !found {
		city = p.Zone
	}
	return strings.ReplaceAll(city, "_", " ")
}
