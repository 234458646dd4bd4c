package web

import (
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
		return c.Send(f.Body)
	})
}
