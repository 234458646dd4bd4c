package upload

import (
	"io"

	"github.com/gofiber/fiber/v2"
)

// once is a body that is read until its first error. The server's own reader
// goes on after a malformed chunk, and takes what follows it for the next one.
type once struct {
	under io.Reader
	err   error
}

func (r *once) Read(p []byte) (int, error) {
	if r.err != nil {
		return 0, r.err
	}
	n, err := r.under.Read(p)
	r.err = err
	return n, err
}

const streamKey = "body"

// streamOf is the body of a request as a stream, the same for everybody who
// reads of it; nil when it was read whole.
func streamOf(c *fiber.Ctx) io.Reader {
	under := c.Context().RequestBodyStream()
	if under == nil {
		return nil
	}
	if kept, ok := c.Locals(streamKey).(*once); ok && kept.under == under {
		return kept
	}
	kept := &once{under: under}
	c.Locals(streamKey, kept)
	return kept
}
