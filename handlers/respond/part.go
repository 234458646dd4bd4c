package respond

import (
	"errors"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"
)

// Stored is a file that can be sent from any byte on. Its hash is its ETag:
// the same bytes, or another file.
type Stored struct {
	Type, Name, SHA256 string
	Size               int64
}

// ErrLook ends a download that only its headers were asked of (HEAD). Nothing of
// the file was given, so nothing is recorded as given.
var ErrLook = errors.New("only the headers were asked for")

var errRange = fiber.NewError(fiber.StatusRequestedRangeNotSatisfiable)

const headKey = "head"

// Head answers HEAD the way GET is answered, without the body, which the server
// leaves out: every page and every call is looked for among those of GET.
func Head(c *fiber.Ctx) error {
	if c.Method() != fiber.MethodHead {
		return c.Next()
	}
	c.Locals(headKey, true)
	c.Method(fiber.MethodGet)
	return c.RestartRouting()
}

// Looking tells whether only the headers are asked for.
func Looking(c *fiber.Ctx) bool { return c.Locals(headKey) == true }

// Part is which bytes of the file are asked for, to before to. A file is asked
// for whole when it is not, when several parts are, when the words cannot be
// read (RFC 9110, 14.2), or when If-Range names another file.
func (s Stored) Part(c *fiber.Ctx) (from, to int64, err error) {
	given, ok := strings.CutPrefix(c.Get(fiber.HeaderRange), "bytes=")
	if same := c.Get(fiber.HeaderIfRange); !ok || same != "" && same != s.tag() {
		return 0, s.Size, nil
	}
	first, last, ok := strings.Cut(strings.TrimSpace(given), "-")
	from, to = number(first), number(last)
	switch {
	case !ok || first != "" && from < 0 || last != "" && to < 0 || first == "" && last == "" || last != "" && first != "" && to < from:
		return 0, s.Size, nil
	case first == "": // the last so many
		from, to = max(s.Size-to, 0), s.Size
	case last == "" || to >= s.Size:
		to = s.Size
	default:
		to++
	}
	if from >= s.Size {
		c.Set(fiber.HeaderContentRange, "bytes */"+strconv.FormatInt(s.Size, 10))
		return 0, 0, errRange
	}
	return from, to, nil
}

// From is where what is asked for begins; ErrLook when nothing of it is.
func (s Stored) From(c *fiber.Ctx) (int64, error) {
	if Looking(c) {
		return 0, ErrLook
	}
	from, _, err := s.Part(c)
	return from, err
}

// number reads digits; anything else is -1.
func number(s string) int64 {
	n, err := strconv.ParseUint(s, 10, 63)
	if err != nil {
		return -1
	}
	return int64(n)
}

func (s Stored) tag() string { return `"` + s.SHA256 + `"` }

// Send sends what is asked of the file as a stream, and closes it.
func (s Stored) Send(c *fiber.Ctx, body io.ReadSeekCloser) error {
	from, to, err := s.Part(c)
	if err == nil && from > 0 {
		_, err = body.Seek(from, io.SeekStart)
	}
	if err != nil {
		return errors.Join(err, body.Close())
	}
	s.headers(c)
	if from > 0 || to < s.Size {
		c.Status(fiber.StatusPartialContent)
		c.Set(fiber.HeaderContentRange, fmt.Sprintf("bytes %d-%d/%d", from, to-1, s.Size))
	}
	return c.SendStream(part{io.LimitReader(body, to-from), body}, int(to-from))
}

// Show sends the headers alone.
func (s Stored) Show(c *fiber.Ctx) error {
	s.headers(c)
	c.Response().Header.SetContentLength(int(s.Size))
	return nil
}

func (s Stored) headers(c *fiber.Ctx) {
	keep(c, s.Type, s.Name)
	c.Set(fiber.HeaderAcceptRanges, "bytes")
	c.Set(fiber.HeaderETag, s.tag())
}

type part struct {
	io.Reader
	io.Closer
}
