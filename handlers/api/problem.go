package api

import (
	"bytes"
	"context"
	"errors"
	"math"
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/audits"
	"inzage/services/fault"
)

var errScope = fault.New(fault.Forbidden, "This token may not do this. Ask for one with the scope that the documentation names.")

// problem is a refusal on its way out through huma.
type problem struct {
	respond.Document
	retry int // seconds; 0 says nothing
}

// GetStatus implements huma.StatusError.
func (p *problem) GetStatus() int { return p.Status }

// Error implements error.
func (p *problem) Error() string { return p.Title }

// ContentType implements huma.ContentTypeFilter: RFC 9457.
func (p *problem) ContentType(string) string { return "application/problem+json" }

// GetHeaders implements huma.HeadersError.
func (p *problem) GetHeaders() http.Header {
	h := http.Header{}
	if p.retry > 0 {
		h.Set(fiber.HeaderRetryAfter, strconv.Itoa(p.retry))
	}
	if p.Status == http.StatusUnauthorized {
		h.Set(fiber.HeaderWWWAuthenticate, respond.Challenge)
	}
	return h
}

// refuse turns what a service returned into the answer. What is no refusal is
// logged with the request's number, and not told.
func (a *API) refuse(ctx context.Context, err error) *problem {
	number, status := callOf(ctx).number, respond.Status(err)
	if status >= http.StatusInternalServerError {
		a.Log.ErrorContext(ctx, "request failed", "request", number, "error", err.Error())
	}
	p := &problem{Document: respond.Describe(status, err, number)}
	var r *audits.Ruled
	if errors.As(err, &r) {
		p.cite(r.Lines)
	}
	var f *fault.Error
	if errors.As(err, &f) {
		p.retry = int(math.Ceil(f.RetryAfter.Seconds()))
	}
	return p
}

// cite names the clause of each rule that refused. A rule without a reason of
// its own says what its clause says.
func (p *problem) cite(rules []audits.Line) {
	for _, l := range rules {
		said := false
		for i := range p.Errors {
			if p.Errors[i].Name == l.Rule {
				p.Errors[i].Clause, said = l.Clause, true
			}
		}
		if !said {
			p.Errors = append(p.Errors, respond.Field{Name: l.Rule, Detail: l.Chip.Says.EN, Clause: l.Clause})
		}
	}
}

// failure is huma's own refusal of a body or a parameter: the field and what is
// wrong with it, never the value, which may be personal data.
func failure(ctx huma.Context, status int, _ string, errs ...error) huma.StatusError {
	if ready := (*problem)(nil); len(errs) == 1 && errors.As(errs[0], &ready) {
		return ready
	}
	if status == http.StatusBadRequest { // what is no JSON is a wrong body like any other
		status = http.StatusUnprocessableEntity
	}
	doc := respond.Document{Type: "about:blank", Title: http.StatusText(status), Status: status}
	if ctx != nil {
		doc.RequestID = callOf(ctx.Context()).number
	}
	if status < http.StatusInternalServerError {
		doc.Kind = string(fault.Invalid)
	}
	for _, err := range errs {
		var d huma.ErrorDetailer
		if errors.As(err, &d) {
			at, words, own := strings.Cut(d.ErrorDetail().Message, unreadMark)
			if !own {
				at, words = d.ErrorDetail().Location, d.ErrorDetail().Message
			}
			doc.Errors = append(doc.Errors, respond.Field{Name: at, Detail: words})
		}
	}
	return &problem{Document: doc}
}

var errKind = fault.New(fault.UnsupportedType, "This kind of content is not accepted here.")

var errContent = fault.New(fault.Invalid, "This call takes no content. Send it without.")

// isEmpty tells whether a call has no body, or the empty object that some clients
// always send.
func isEmpty(c *fiber.Ctx) bool {
	body := bytes.TrimSpace(c.Body())
	return len(body) == 0 || bytes.Equal(body, []byte("{}"))
}

// withBody gives huma a stream again where the middleware before it read the
// body whole. A body is JSON, or one file as it is, which each route knows: a
// form, which any page of the web could send in the name of who is signed in,
// is refused.
func withBody(c *fiber.Ctx) error {
	if isFile(c) {
		return c.Next()
	}
	kind, params, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if kind != "" && kind != fiber.MIMEApplicationJSON {
		return errKind
	}
	// JSON is UTF-8 (RFC 8259, 8.1); what calls itself otherwise would be read wrongly.
	if set := params["charset"]; set != "" && !strings.EqualFold(set, "utf-8") {
		return errKind
	}
	if c.Context().RequestBodyStream() == nil {
		body := c.Body()
		c.Request().SetBodyStream(bytes.NewReader(body), len(body))
	}
	return c.Next()
}
