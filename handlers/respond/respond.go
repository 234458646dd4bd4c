// Package respond turns what services return into HTTP: the only table from
// the kind of a refusal to a status, pages rendered whole before the first
// byte, and problem documents (RFC 9457).
package respond

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"math"
	"net/url"
	"strconv"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"inzage/services/fault"
)

// statuses is the one table from kind to status. NotFound and Forbidden look
// alike on pages; the API tells them apart only for objects that may be seen.
var statuses = map[fault.Kind]int{
	fault.Invalid:         fiber.StatusUnprocessableEntity,
	fault.Unauthenticated: fiber.StatusUnauthorized,
	fault.StepUp:          fiber.StatusForbidden,
	fault.Forbidden:       fiber.StatusForbidden,
	fault.NotFound:        fiber.StatusNotFound,
	fault.Conflict:        fiber.StatusConflict,
	fault.Gone:            fiber.StatusGone,
	fault.TooLarge:        fiber.StatusRequestEntityTooLarge,
	fault.UnsupportedType: fiber.StatusUnsupportedMediaType,
	fault.TooMany:         fiber.StatusTooManyRequests,
	fault.Unavailable:     fiber.StatusServiceUnavailable,
}

// Status gives the status of an error: that of its kind, of fiber's own
// refusals, or 500.
func Status(err error) int {
	if s, ok := statuses[fault.KindOf(err)]; ok {
		return s
	}
	var own *fiber.Error
	if errors.As(err, &own) && own.Code >= 400 && own.Code < 500 {
		return own.Code
	}
	return fiber.StatusInternalServerError
}

// Page renders a component whole and then sends it, so that a page is never
// half there. The context is kept for its values, not for its end: an error
// page must come out after a deadline, too.
func Page(c *fiber.Ctx, status int, page templ.Component) error {
	var b bytes.Buffer
	if err := page.Render(context.WithoutCancel(c.UserContext()), &b); err != nil {
		return err
	}
	c.Status(status).Type("html", "utf-8")
	return c.Send(b.Bytes())
}

// Trouble shows a refusal to a reader; handlers/web gives the page for it.
type Trouble func(c *fiber.Ctx, status int, err error, number string) error

// Handler is the app's error handler: what is not a refusal is logged with the
// request's number and never shown. Calls under /api/ get problem documents.
func Handler(log *slog.Logger, page Trouble) fiber.ErrorHandler {
	return func(c *fiber.Ctx, err error) error {
		status, number := Status(err), Number(c)
		if status >= 500 {
			log.ErrorContext(c.UserContext(), "request failed", "request", number, "route", c.Route().Path, "error", err.Error())
		}
		var f *fault.Error
		if errors.As(err, &f) && f.RetryAfter > 0 {
			c.Set(fiber.HeaderRetryAfter, strconv.Itoa(int(math.Ceil(f.RetryAfter.Seconds()))))
		}
		if strings.HasPrefix(c.Path(), "/api/") {
			return Problem(c, status, err)
		}
		if page == nil {
			return c.Status(status).SendString("")
		}
		if perr := page(c, status, err, number); perr != nil {
			log.ErrorContext(c.UserContext(), "error page failed", "request", number, "error", perr.Error())
			c.Status(status).Type("txt", "utf-8")
			return c.SendString("Something went wrong. Quote this number: " + number)
		}
		return nil
	}
}

// Problem sends a problem document. It names fields, never their values.
func Problem(c *fiber.Ctx, status int, err error) error {
	type field struct {
		Name   string `json:"name"`
		Detail string `json:"detail"`
	}
	doc := struct {
		Type      string  `json:"type"`
		Title     string  `json:"title"`
		Status    int     `json:"status"`
		Detail    string  `json:"detail,omitempty"`
		Kind      string  `json:"kind,omitempty"`
		Errors    []field `json:"errors,omitempty"`
		RequestID string  `json:"request_id"`
	}{Type: "about:blank", Title: statusText(status), Status: status, RequestID: Number(c)}
	var f *fault.Error
	if errors.As(err, &f) {
		doc.Kind, doc.Detail = string(f.Kind), sentence(f.Text, f.Args)
		for _, one := range f.Fields {
			doc.Errors = append(doc.Errors, field{one.Name, sentence(one.Text, one.Args)})
		}
	}
	if err := c.Status(status).JSON(doc); err != nil {
		return err
	}
	c.Set(fiber.HeaderContentType, "application/problem+json")
	return nil
}

func sentence(text string, args []any) string {
	return (&fault.Error{Text: text, Args: args}).Error()
}

func statusText(status int) string {
	if status >= 500 && status != fiber.StatusServiceUnavailable {
		return "Internal error"
	}
	return fiber.NewError(status).Message
}

const numberKey = "number"

// SetNumber gives the request its number.
func SetNumber(c *fiber.Ctx, number string) { c.Locals(numberKey, number) }

// Number is what a reader quotes and what stands in the log.
func Number(c *fiber.Ctx) string {
	n, _ := c.Locals(numberKey).(string)
	return n
}

// Local tells whether a return address stays on this portal: a path, without a
// host, that begins with exactly one slash.
func Local(path string) bool {
	u, err := url.Parse(path)
	return err == nil && u.Scheme == "" && u.Host == "" && strings.HasPrefix(path, "/") &&
		!strings.HasPrefix(path, "//") && !strings.ContainsAny(path, "\\\r\n\t")
}
