package web

import (
	"bytes"
	"compress/gzip"
	"fmt"

	"github.com/gofiber/fiber/v2"

	"inzage/services/requests"
	"inzage/views/static"
)

// mountStatic serves the style sheet, the script and the icon. Their names hold
// a hash of their content, so browsers may keep them for ever.
func (s *Site) mountStatic(app routes) {
	app.Get(static.Prefix+":file", func(c *fiber.Ctx) error {
		f, ok := static.Lookup(c.Params("file"))
		if !ok {
			return requests.ErrNotFound
		}
		c.Set(fiber.HeaderCacheControl, "public, max-age=31536000, immutable")
		c.Set(fiber.HeaderContentType, f.Type)
		if f.Encoding == "" {
			return c.Send(f.Body)
		}
		return sendEncoded(c, f)
	})
}

// sendEncoded sends a file that is kept compressed, as it is to whoever can
// take it so, and unpacked to the others.
func sendEncoded(c *fiber.Ctx, f static.File) error {
	c.Vary(fiber.HeaderAcceptEncoding)
	if c.AcceptsEncodings(f.Encoding) == f.Encoding {
		c.Set(fiber.HeaderContentEncoding, f.Encoding)
		return c.Send(f.Body)
	}
	plain, err := gzip.NewReader(bytes.NewReader(f.Body))
	if err != nil {
		return fmt.Errorf("unpack a file: %w", err)
	}
	return c.SendStream(plain)
}
