// Package respond turns what services return into HTTP: the only table from
// the kind of a refusal to a status, pages rendered whole before the first
// byte, and problem documents (RFC 9457).
package respond

import (
	"bytes"
	"context"
	"errors"
	"io"
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
		if strings.HasPrefix(c.Path()+"/", "/api/") {
			if status == fiber.StatusUnauthorized {
				c.Set(fiber.HeaderWWWAuthenticate, Challenge)
			}
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

// Challenge stands in WWW-Authenticate beside each 401 of the API (RFC 9110,
// 15.5.2; RFC 6750, 3): what machines send. Browsers ask nobody for it.
const Challenge = "Bearer"

// Document is a problem document (RFC 9457). It names fields, never their values.
type Document struct {
	Type      string  `json:"type" doc:"Always about:blank; kind tells problems apart"`
	Title     string  `json:"title" doc:"The words of the status"`
	Status    int     `json:"status"`
	Detail    string  `json:"detail,omitempty" doc:"What is wrong, and how to mend it"`
	Kind      string  `json:"kind,omitempty" doc:"invalid, unauthenticated, step_up, forbidden, not_found, conflict, gone, too_large, unsupported_type, too_many or unavailable"`
	Errors    []Field `json:"errors,omitempty" doc:"What is wrong with which field"`
	RequestID string  `json:"request_id" doc:"Quote it to the operator: it is in the log"`
}

// Field is what is wrong with one field, or with one rule of the agreement.
type Field struct {
	Name   string `json:"name"`
	Detail string `json:"detail"`
	Clause string `json:"clause,omitempty" doc:"The clause of the agreement, or of the law where it is silent, that refuses"`
}

// Describe makes the problem document of an error. What is not a refusal is
// told by its status alone.
func Describe(status int, err error, number string) Document {
	doc := Document{Type: "about:blank", Title: statusText(status), Status: status, RequestID: number}
	var f *fault.Error
	if errors.As(err, &f) {
		doc.Kind, doc.Detail = string(f.Kind), sentence(f.Text, f.Args)
		for _, one := range f.Fields {
			doc.Errors = append(doc.Errors, Field{Name: one.Name, Detail: sentence(one.Text, one.Args)})
		}
	}
	return doc
}

// Problem sends a problem document.
func Problem(c *fiber.Ctx, status int, err error) error {
	if err := c.Status(status).JSON(Describe(status, err, Number(c))); err != nil {
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

// File sends what is made on the way as a stream that a browser keeps instead of showing it, and
// that is powerless if it is shown after all.
func File(c *fiber.Ctx, mediaType, name string, size int64, body io.Reader) error {
	keep(c, mediaType, name)
	c.Set(fiber.HeaderAcceptRanges, "none")
	return c.SendStream(body, int(size))
}

// keep has a browser keep what follows.
func keep(c *fiber.Ctx, mediaType, name string) {
	if strings.HasPrefix(mediaType, "text/") && !strings.Contains(mediaType, "charset=") {
		mediaType += "; charset=utf-8" // said, so that nobody guesses
	}
	c.Set(fiber.HeaderContentType, mediaType)
	c.Set(fiber.HeaderContentDisposition, "attachment; filename*=UTF-8''"+url.PathEscape(name))
	c.Set(fiber.HeaderContentSecurityPolicy, "sandbox; default-src 'none'; frame-ancestors 'none'")
}

// ZIP sends an archive while write makes it. When write fails on the way the
// connection breaks off, so that nobody takes a part for the whole. Its entry in
// the ledger is written by now. what says in the log what broke off.
func ZIP(c *fiber.Ctx, log *slog.Logger, name, what string, write func(context.Context, io.Writer) error) error {
	from, to := io.Pipe()
	// The deadline of the request ends with its handler, the stream does not; it
	// ends when the reader goes or the connection's own time is up.
	ctx := context.WithoutCancel(c.UserContext())
	go func() {
		err := safely(func() error { return write(ctx, to) })
		if err != nil && !errors.Is(err, io.ErrClosedPipe) {
			log.ErrorContext(ctx, "a download broke off", "what", what, "error", err.Error())
		}
		to.CloseWithError(err)
	}()
	return File(c, "application/zip", name+".zip", -1, from)
}

// safely turns a panic into an error: beside the handler nobody else would.
func safely(do func() error) (err error) {
	defer func() {
		if recover() != nil {
			err = errors.New("panic while writing")
		}
	}()
	return do()
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
