// Package upload reads forms: small ones whole, forms with files as a stream
// that is never held in memory.
package upload

import (
	"bytes"
	"errors"
	"io"
	"mime"
	"mime/multipart"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/services/fault"
)

// SmallLimit bounds bodies without files: 1 MiB.
const SmallLimit = 1 << 20

// maxField bounds one text field of a form with files.
const maxField = 64 << 10

// The refusals of reading a body.
var (
	errLarge    = fault.New(fault.TooLarge, "This form is too large. Shorten the text, or add it as a file.")
	errEncoding = fault.New(fault.UnsupportedType, "Compressed requests are not accepted.")
	errType     = fault.New(fault.UnsupportedType, "This kind of content is not accepted here.")
	errChunks   = fiber.NewError(fiber.StatusBadRequest) // malformed framing: RFC 9112, 7.1
	errLength   = fiber.NewError(fiber.StatusLengthRequired)
	errName     = fault.New(fault.Invalid, "Some answers need another look.").At("Content-Disposition", "Name the file: attachment; filename*=UTF-8''name.pdf")
	errCut      = fault.New(fault.Invalid, "The upload was cut off. Please send the file again.")
)

// Refuse turns away compressed bodies (c.Body would inflate them past any
// limit) and content types that no route reads. It comes before anything that
// looks at a body.
func Refuse(c *fiber.Ctx) error {
	if c.Get(fiber.HeaderContentEncoding) != "" {
		return errEncoding
	}
	if c.Request().Header.ContentLength() == 0 && len(c.Request().Header.ContentType()) == 0 {
		return c.Next()
	}
	switch c.Method() {
	case fiber.MethodGet, fiber.MethodHead, fiber.MethodOptions:
		return c.Next()
	}
	switch kind, _, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType)); kind {
	case fiber.MIMEApplicationForm, fiber.MIMEMultipartForm, fiber.MIMEApplicationJSON:
		return c.Next()
	}
	if IsRaw(c) {
		return c.Next()
	}
	return errType
}

// IsRaw tells whether the body is one file as it is. Only the API takes such
// bodies: a page of another site cannot send one without asking first.
func IsRaw(c *fiber.Ctx) bool {
	kind, _, _ := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	return kind == fiber.MIMEOctetStream && strings.HasPrefix(c.Path(), "/api/")
}

// Raw reads a body that is one file, as a stream. The name is that of the
// Content-Disposition header; take gets the length that the header announced,
// which the body must have.
func Raw(c *fiber.Ctx, take func(f File, length int64) error) error {
	if !IsRaw(c) {
		return errType
	}
	length := c.Request().Header.ContentLength()
	if length < 0 {
		return errLength
	}
	_, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentDisposition))
	if err != nil || params["filename"] == "" {
		return errName
	}
	counted := &cut{under: body(c)}
	err = take(File{Name: params["filename"], Body: counted}, int64(length))
	if counted.broken {
		return errCut
	}
	return err
}

// Small reads a body without files whole, so that c.FormValue and c.Body work.
// Streaming bodies have no other limit. Forms with files and files as they are
// pass by; Form and Raw read them.
func Small(c *fiber.Ctx) error {
	stream := streamOf(c)
	if stream == nil || strings.HasPrefix(c.Get(fiber.HeaderContentType), fiber.MIMEMultipartForm) || IsRaw(c) {
		return c.Next()
	}
	body, err := io.ReadAll(io.LimitReader(stream, SmallLimit+1))
	if err != nil && c.Request().Header.ContentLength() < 0 {
		return errChunks
	}
	if err != nil {
		return errCut.Because(err)
	}
	if len(body) > SmallLimit {
		return errLarge
	}
	if n := c.Request().Header.ContentLength(); n >= 0 && n != len(body) {
		return errCut
	}
	c.Request().SetBody(body)
	return c.Next()
}

// drainLimit is how much of an unread body is read away to keep the connection.
const drainLimit = 256 << 10

// Drain is the outermost middleware: what a handler left unread of a body would
// be taken for the next request, so it is read away, or the connection closed.
// A body that could not be read has no known end.
func Drain(c *fiber.Ctx) error {
	err := c.Next()
	if stream := streamOf(c); stream != nil {
		if n, derr := io.Copy(io.Discard, io.LimitReader(stream, drainLimit+1)); derr != nil || n > drainLimit {
			Leave(c.Context())
		}
	}
	return err
}

// File is one file of a form, as a stream. It must be read before the next one.
type File struct {
	Field, Name string
	Body        io.Reader
}

// Form reads a form with files. take is called for each file that was chosen,
// with the text fields that came before it; so the form puts its text first.
// A body that ends early is refused, whatever was stored until then is up to take.
func Form(c *fiber.Ctx, take func(fields map[string][]string, f File) error) (map[string][]string, error) {
	kind, params, err := mime.ParseMediaType(c.Get(fiber.HeaderContentType))
	if err != nil || kind != fiber.MIMEMultipartForm || params["boundary"] == "" {
		return nil, errType
	}
	if c.Request().Header.ContentLength() < 0 {
		return nil, errLength
	}
	fields := map[string][]string{}
	parts := multipart.NewReader(body(c), params["boundary"])
	for {
		part, err := parts.NextRawPart()
		if errors.Is(err, io.EOF) {
			return fields, nil
		}
		if err != nil {
			return fields, errCut.Because(err)
		}
		if err := read(part, fields, take); err != nil {
			return fields, err
		}
	}
}

func body(c *fiber.Ctx) io.Reader {
	if stream := streamOf(c); stream != nil {
		return stream
	}
	return bytes.NewReader(c.Request().Body())
}

func read(part *multipart.Part, fields map[string][]string, take func(map[string][]string, File) error) error {
	if part.FileName() == "" {
		// A file field in which nothing was chosen comes as an empty part, too.
		_, params, _ := mime.ParseMediaType(part.Header.Get("Content-Disposition"))
		text, err := io.ReadAll(io.LimitReader(part, maxField+1))
		if err != nil {
			return errCut.Because(err)
		}
		if len(text) > maxField || len(fields) > 200 {
			return errLarge
		}
		if _, chosen := params["filename"]; !chosen {
			fields[part.FormName()] = append(fields[part.FormName()], string(text))
		}
		return nil
	}
	counted := &cut{under: part}
	err := take(fields, File{Field: part.FormName(), Name: part.FileName(), Body: counted})
	if counted.broken {
		return errCut
	}
	return err
}

// cut notices that the body ended inside a part.
type cut struct {
	under  io.Reader
	broken bool
}

func (r *cut) Read(p []byte) (int, error) {
	n, err := r.under.Read(p)
	if err != nil && !errors.Is(err, io.EOF) {
		r.broken = true
	}
	return n, err
}
