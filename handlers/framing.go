package handlers

import (
	"bytes"

	"github.com/gofiber/fiber/v2"
)

// framed refuses requests that another program on the way could read in another
// way than this one, and closes their connection: what follows on it might be
// somebody else's request (RFC 9112, 5.2, 6.1 and 11.2).
func framed(c *fiber.Ctx) error {
	h := &c.Request().Header
	if p := string(h.Protocol()); p != "HTTP/1.1" && p != "HTTP/1.0" || twoWays(h.RawHeaders()) {
		c.Context().SetConnectionClose()
		return fiber.ErrBadRequest
	}
	return c.Next()
}

// twoWays tells whether a header block has a line that goes on in the next one,
// a name with a space in it, a coding that tells no end of the body, or says in
// two ways where the body ends.
func twoWays(raw []byte) bool {
	var length, encoding bool
	for line := range bytes.Lines(raw) {
		if line[0] == ' ' || line[0] == '\t' {
			return true
		}
		name, value, _ := bytes.Cut(bytes.TrimRight(line, "\r\n"), []byte(":"))
		if bytes.ContainsAny(name, " \t") {
			return true
		}
		length = length || bytes.EqualFold(name, []byte(fiber.HeaderContentLength))
		if bytes.EqualFold(name, []byte(fiber.HeaderTransferEncoding)) && !bytes.EqualFold(bytes.TrimSpace(value), []byte("chunked")) {
			return true
		}
		encoding = encoding || bytes.EqualFold(name, []byte(fiber.HeaderTransferEncoding))
	}
	return length && encoding
}
