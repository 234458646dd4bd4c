package web

import (
	"github.com/gofiber/fiber/v2"

	"inzage/handlers/access"
	"inzage/handlers/session"
	"inzage/services/requests"
)

// routes mounts pages behind the guard of their row in the table of access. A
// page that the table lacks answers as one that is not there, to everybody.
type routes struct {
	app   *fiber.App
	table access.Table
	guard access.Guard
	// turned answers who was turned away at the door; nil passes the refusal on.
	turned func(*fiber.Ctx, error) error
}

// Get mounts a page; Post mounts what a form of it is sent to.
func (r routes) Get(path string, h ...fiber.Handler)  { r.add(fiber.MethodGet, path, h) }
func (r routes) Post(path string, h ...fiber.Handler) { r.add(fiber.MethodPost, path, h) }

func (r routes) add(method, path string, h []fiber.Handler) {
	row, ok := r.table[method+" "+path]
	if !ok {
		r.app.Add(method, path, func(*fiber.Ctx) error { return requests.ErrNotFound })
		return
	}
	last := h[len(h)-1]
	door := func(c *fiber.Ctx) error {
		err := r.guard.Check(c.UserContext(), row, session.Actor(c))
		if err != nil && r.turned != nil {
			return r.turned(c, err)
		}
		if err != nil {
			return err
		}
		return c.Next()
	}
	deed := func(c *fiber.Ctx) error { return r.guard.After(c.UserContext(), row, session.Actor(c), last(c)) }
	r.app.Add(method, path, append(append([]fiber.Handler{door}, h[:len(h)-1]...), deed)...)
}

// Deeds are the deeds that stand at one address with :deed, by their name, with
// the action in the table of the object that each of them is.
func Deeds(of access.Object) map[string]string {
	all := map[string]string{}
	switch of {
	case access.Request:
		for name, d := range deeds() {
			all[name] = string(d.action)
		}
	case access.Audit:
		for name, m := range moves() {
			all[name] = string(m.action)
		}
	}
	return all
}
