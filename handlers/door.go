package handlers

import (
	"crypto/rand"
	"errors"
	"net"
	"slices"

	"github.com/gofiber/fiber/v2"
	"github.com/valyala/fasthttp"

	"inzage/handlers/respond"
	"inzage/handlers/upload"
)

// door stands before the middleware, which two kinds of requests never reach:
// what the server could not read as a request, and methods that fiber does not
// know, which it answers without a look at the body.
func (d Deps) door(app *fiber.App) {
	server := app.Server()
	inside := server.Handler
	server.Handler = func(ctx *fasthttp.RequestCtx) {
		if slices.Contains(fiber.DefaultMethods, string(ctx.Method())) {
			inside(ctx)
			return
		}
		d.turnAway(app, ctx, fiber.ErrNotFound)
	}
	server.ErrorHandler = func(ctx *fasthttp.RequestCtx, err error) { d.turnAway(app, ctx, unreadable(err)) }
}

// turnAway answers as the middleware would, with the headers and the number of
// every answer, and closes the connection: a body that nobody read would be
// taken for the next request. What was asked for is not logged.
func (d Deps) turnAway(app *fiber.App, ctx *fasthttp.RequestCtx, refusal error) {
	c := app.AcquireCtx(ctx)
	defer app.ReleaseCtx(c)
	respond.SetNumber(c, rand.Text())
	d.dress(c)
	upload.Leave(ctx)
	if err := app.ErrorHandler(c, refusal); err != nil {
		d.Log.ErrorContext(ctx, "refusal not sent", "request", respond.Number(c), "error", err.Error())
		return
	}
	d.Log.InfoContext(ctx, "turned away", "request", respond.Number(c), "status", c.Response().StatusCode())
}

// unreadable is the refusal for what the server could not read.
func unreadable(err error) error {
	var late net.Error
	switch {
	case errors.As(err, new(*fasthttp.ErrSmallBuffer)):
		return fiber.ErrRequestHeaderFieldsTooLarge
	case errors.As(err, &late) && late.Timeout():
		return fiber.ErrRequestTimeout
	case errors.Is(err, fasthttp.ErrBodyTooLarge):
		return fiber.ErrRequestEntityTooLarge
	}
	return fiber.ErrBadRequest
}
