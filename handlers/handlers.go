// Package handlers is the portal over HTTP: one app with its middleware in
// order, the pages and the API on top.
package handlers

import (
	"context"
	"crypto/rand"
	"fmt"
	"log/slog"
	"net/netip"
	"runtime"
	"runtime/debug"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/access"
	"inzage/handlers/api"
	"inzage/handlers/realip"
	"inzage/handlers/respond"
	"inzage/handlers/upload"
	"inzage/handlers/web"
)

// Deps is what the app is made of.
type Deps struct {
	Site           *web.Site
	API            api.Deps
	Log            *slog.Logger
	TrustedProxies []netip.Prefix
	RequestTimeout time.Duration
	UploadTimeout  time.Duration
	// Ready tells whether the portal can serve; nil when it can.
	Ready func(context.Context) error
	// Started is when the program started, for /readyz.
	Started time.Time
	// Answered counts an answer of the route with that pattern; nil counts none.
	Answered func(method, route string, status int, took time.Duration)
	HSTS     bool
}

// New builds the app. The order of the middleware is the order of trust: what
// could be read wrongly is refused before anything reads it.
func New(d Deps) *fiber.App {
	app := fiber.New(fiber.Config{
		AppName:               "Inzage",
		DisableStartupMessage: true,
		// Strings of the context are kept by services; without this fasthttp
		// would write the next request into them.
		Immutable:                    true,
		StreamRequestBody:            true,
		DisablePreParseMultipartForm: true,
		BodyLimit:                    upload.SmallLimit,
		CaseSensitive:                true,
		StrictRouting:                true,
		// Until the header is there; paced decides for the rest.
		ReadTimeout:    d.Pace().Header,
		WriteTimeout:   d.RequestTimeout,
		IdleTimeout:    idle,
		ReadBufferSize: 16 << 10,
		ErrorHandler:   respond.Handler(d.Log, d.Site.Trouble),
	})
	app.Server().HeaderReceived = d.paced
	d.door(app)
	app.Use(respond.Head, upload.Drain, d.number, recovered, d.address, d.headers, framed, d.deadline)
	app.Get("/livez", func(c *fiber.Ctx) error { return c.SendString("ok\n") })
	app.Get("/readyz", d.ready)
	app.Use(upload.Refuse, upload.Small, access.Watch, d.Site.Cookies.Identify, d.Site.Speak, d.Site.Cookies.Guard)
	guard := access.Guard{Evidence: d.Site.Journal, Now: d.Site.Now}
	d.Site.Pace = d.Pace()
	d.Site.Mount(app, access.Of(access.Pages()), guard)
	d.API.Papers, d.API.Pace = d.Site, d.Pace()
	api.Mount(app, d.API, guard)
	app.Use(func(*fiber.Ctx) error { return fiber.ErrNotFound })
	return app
}

// number gives the request a number and logs it when it is done: the route's
// pattern, never the address, which could hold what people typed.
func (d Deps) number(c *fiber.Ctx) error {
	start := time.Now()
	respond.SetNumber(c, rand.Text())
	err := c.Next()
	if err != nil {
		// The app's own handler answers; the log below then knows the status.
		if herr := c.App().ErrorHandler(c, err); herr != nil {
			return herr
		}
	}
	took := time.Since(start)
	d.Log.InfoContext(c.UserContext(), "request", "request", respond.Number(c), "method", string(c.Request().Header.Method()), "route", c.Route().Path,
		"status", c.Response().StatusCode(), "ms", took.Milliseconds())
	if d.Answered != nil {
		d.Answered(c.Method(), c.Route().Path, c.Response().StatusCode(), took)
	}
	return nil
}

// recovered turns a panic into an error: 500, with its place in the log.
func recovered(c *fiber.Ctx) (err error) {
	defer func() {
		if r := recover(); r != nil {
			err = panicked(r)
		}
	}()
	return c.Next()
}

const addressKey = "address"

func (d Deps) address(c *fiber.Ctx) error {
	peer, ok := netip.AddrFromSlice(c.Context().RemoteIP())
	if !ok {
		peer = netip.IPv4Unspecified()
	}
	c.Locals(addressKey, realip.From(peer, c.Get(fiber.HeaderXForwardedFor), d.TrustedProxies).String())
	return c.Next()
}

func (d Deps) headers(c *fiber.Ctx) error {
	d.dress(c)
	return c.Next()
}

// dress sets the headers of every answer. Nothing may be framed, kept or
// guessed; scripts run only with the nonce of their own response.
func (d Deps) dress(c *fiber.Ctx) {
	nonce := web.Nonce(c)
	for name, value := range map[string]string{
		"Content-Security-Policy": "default-src 'none'; script-src 'nonce-" + nonce + "'; style-src 'self'; img-src 'self' data:; font-src 'self'; " +
			"connect-src 'self'; form-action 'self'; base-uri 'none'; object-src 'none'; frame-ancestors 'none'",
		"X-Content-Type-Options":       "nosniff",
		"Referrer-Policy":              "same-origin",
		"Cross-Origin-Opener-Policy":   "same-origin",
		"Cross-Origin-Resource-Policy": "same-origin",
		"Permissions-Policy":           "camera=(), microphone=(), geolocation=(), publickey-credentials-get=(self), publickey-credentials-create=(self)",
		fiber.HeaderCacheControl:       "no-store",
	} {
		c.Set(name, value)
	}
	if d.HSTS {
		c.Set(fiber.HeaderStrictTransportSecurity, "max-age=63072000; includeSubDomains")
	}
}

// deadline ends what takes too long. Forms with files and downloads have longer.
func (d Deps) deadline(c *fiber.Ctx) error {
	limit := d.RequestTimeout
	if lengthy(c.Get(fiber.HeaderContentType), c.Path()) {
		limit = d.UploadTimeout
	}
	ctx, cancel := context.WithTimeout(c.UserContext(), limit)
	defer cancel()
	c.SetUserContext(ctx)
	return c.Next()
}

func (d Deps) ready(c *fiber.Ctx) error {
	if d.Ready != nil {
		if err := d.Ready(c.UserContext()); err != nil {
			d.Log.WarnContext(c.UserContext(), "not ready", "error", err.Error())
			return c.Status(fiber.StatusServiceUnavailable).JSON(fiber.Map{"ready": false})
		}
	}
	return c.JSON(fiber.Map{"ready": true, "started": d.Started.UTC().Format(time.RFC3339)})
}

// panicked says where a panic happened. Its value is left out, because it may
// hold what people typed; a runtime error holds none.
func panicked(v any) error {
	what := "panic"
	if err, ok := v.(runtime.Error); ok {
		what = err.Error()
	}
	return fmt.Errorf("%s at %s", what, debug.Stack())
}
