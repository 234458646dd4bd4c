// Package session ties a browser to an actor: the session cookie, the visit
// cookie of somebody who is not signed in, and the proof that a form was ours.
package session

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"errors"
	"net/url"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/services/fault"
	"inzage/services/identity"
)

// Resumer turns a token into who asks.
type Resumer interface {
	Resume(ctx context.Context, token string) (identity.Actor, identity.Session, error)
	CSRF(s identity.Session) string
}

// Fingerprinter makes keyed hashes, for the form token of a visit.
type Fingerprinter interface {
	Fingerprint(purpose, value string) string
}

// Cookies sets and reads the portal's cookies.
type Cookies struct {
	Sessions Resumer
	Hash     Fingerprinter
	// Origin is the configured base URL; unsafe requests must come from it.
	Origin *url.URL
}

// Errors of the form proof.
var (
	errForeign = fault.New(fault.Forbidden, "This form did not come from this portal, or it is too old. Open the page again and send it once more.")
)

type who struct {
	actor   identity.Actor
	session identity.Session
	token   string
	csrf    string
}

const whoKey = "who"

// DraftCookie holds the id of a half-done filing, for pages and API alike. It
// is the filer's secret and stands in no address.
const DraftCookie = "draft"

func (k Cookies) secure() bool { return k.Origin.Scheme == "https" }

// name adds the prefix that binds a cookie to this host, where HTTPS allows it.
func (k Cookies) name(plain string) string {
	if k.secure() {
		return "__Host-" + plain
	}
	return plain
}

// Identify puts the actor of the request in its place. A dead session is
// nobody; trouble of the store is an answer of its own, never nobody.
func (k Cookies) Identify(c *fiber.Ctx) error {
	w := who{token: c.Cookies(k.name("inzage"))}
	if w.token != "" {
		actor, sess, err := k.Sessions.Resume(c.UserContext(), w.token)
		switch {
		case err == nil:
			w.actor, w.session, w.csrf = actor, sess, k.Sessions.CSRF(sess)
		case errors.Is(err, identity.ErrSignedOut):
			w.token = ""
		default:
			return err
		}
	}
	if w.csrf == "" {
		w.csrf = k.Hash.Fingerprint("csrf", "visit:"+k.visit(c))
	}
	c.Locals(whoKey, w)
	return c.Next()
}

// visit returns the value of the visit cookie, and sets one on a first visit.
func (k Cookies) visit(c *fiber.Ctx) string {
	v := c.Cookies(k.name("visit"))
	if len(v) != 26 {
		if c.Method() != fiber.MethodGet && c.Method() != fiber.MethodHead {
			return rand.Text() // a form without a visit proves nothing
		}
		v = rand.Text()
		k.set(c, "visit", v, 0)
	}
	return v
}

// Guard refuses unsafe requests that do not come from the portal's own pages:
// by Sec-Fetch-Site and Origin first; the form token is checked by Proven once
// the form was read.
func (k Cookies) Guard(c *fiber.Ctx) error {
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	if site := c.Get("Sec-Fetch-Site"); site != "" && site != "same-origin" {
		return errForeign
	}
	if origin := c.Get(fiber.HeaderOrigin); origin != "" && origin != k.Origin.Scheme+"://"+k.Origin.Host {
		return errForeign
	}
	return c.Next()
}

// Proven checks the form token.
func Proven(c *fiber.Ctx, token string) error {
	w, _ := c.Locals(whoKey).(who)
	if token == "" || subtle.ConstantTimeCompare([]byte(token), []byte(w.csrf)) != 1 {
		return errForeign
	}
	return nil
}

// Actor is who asks; the zero Actor is nobody.
func Actor(c *fiber.Ctx) identity.Actor {
	w, _ := c.Locals(whoKey).(who)
	return w.actor
}

// Session is the actor's session.
func Session(c *fiber.Ctx) identity.Session {
	w, _ := c.Locals(whoKey).(who)
	return w.session
}

// Token is the session's own token, for what changes the session itself.
func Token(c *fiber.Ctx) string {
	w, _ := c.Locals(whoKey).(who)
	return w.token
}

// CSRF is the token for the forms of this response.
func CSRF(c *fiber.Ctx) string {
	w, _ := c.Locals(whoKey).(who)
	return w.csrf
}

// Start sets the cookie of a new session, or of one that has risen.
func (k Cookies) Start(c *fiber.Ctx, token string) { k.set(c, "inzage", token, 0) }

// End removes the session cookie.
func (k Cookies) End(c *fiber.Ctx) { k.set(c, "inzage", "", -1) }

// Set keeps a small value of the portal's own in a cookie; Get reads it. It
// lives as long as the browser runs, or for the time given.
func (k Cookies) Set(c *fiber.Ctx, name, value string, life time.Duration) {
	k.set(c, name, value, int(life.Seconds()))
}

// Get reads what Set kept.
func (k Cookies) Get(c *fiber.Ctx, name string) string { return c.Cookies(k.name(name)) }

// Drop removes what Set kept.
func (k Cookies) Drop(c *fiber.Ctx, name string) { k.set(c, name, "", -1) }

func (k Cookies) set(c *fiber.Ctx, name, value string, maxAge int) {
	cookie := &fiber.Cookie{Name: k.name(name), Value: value, Path: "/", HTTPOnly: true, Secure: k.secure(), SameSite: fiber.CookieSameSiteLaxMode}
	switch {
	case maxAge < 0:
		cookie.Expires = time.Unix(1, 0)
	case maxAge > 0:
		cookie.MaxAge = maxAge
	}
	c.Cookie(cookie)
}
