package web

import (
	"github.com/gofiber/fiber/v2"

	"inzage/services/agreements"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/views/language"
	"inzage/views/ui"
)

// subject are the pages of the data subject.
type subject struct{ *Site }

func (s *Site) mountSubject(app routes) {
	h := subject{s}
	app.Get("/", h.home)
	app.Get("/o/:slug", h.desk)
	app.Post("/o/:slug/file", post(h.begin))

	h.mountFiling(app)
	h.mountLink(app)
	app.turned = h.stranger
	h.mountRequest(app)
	h.mountFiles(app)
}

// address is the client's network address, for the limits on mails.
func (s subject) address(c *fiber.Ctx) string {
	a, _ := c.Locals("address").(string)
	return a
}

// actor is who asks, when it is a data subject.
func (s subject) actor(c *fiber.Ctx) identity.Actor { return actorOf(c) }

func (s subject) signedIn(c *fiber.Ctx) bool {
	by := s.actor(c)
	for _, r := range by.Roles {
		if r == identity.Subject {
			return by.Account != ""
		}
	}
	return false
}

// law is the chip of a provision of law.
func (s subject) law(p *language.Printer, id string) *ui.Clause {
	e, ok := agreements.Law(id)
	if !ok {
		return nil
	}
	return s.chip(p, e)
}

func (s subject) chip(p *language.Printer, e agreements.Explanation) *ui.Clause {
	return &ui.Clause{Label: e.Label.In(p.Tag()), Title: e.Name.In(p.Tag()), Does: e.Says.In(p.Tag())}
}

// laws are the chips of several provisions; one that is not explained is left out.
func (s subject) laws(p *language.Printer, ids ...string) []ui.Clause {
	var all []ui.Clause
	for _, id := range ids {
		if c := s.law(p, id); c != nil {
			all = append(all, *c)
		}
	}
	return all
}

// errors translates the fields of a refused form; a refusal without fields is
// put at the field named.
func (s subject) errors(c *fiber.Ctx, err error, field string) (ui.FieldErrors, bool) {
	if all, ok := s.refusals(c, err); ok {
		return all, true
	}
	f := refusalOf(err)
	if f == nil {
		return nil, false
	}
	return ui.FieldErrors{{Name: field, Text: s.speech(c).T(f.Text, f.Args...)}}, true
}

// invalid tells whether err is a refusal that the form itself can show.
func (s subject) invalid(err error) bool {
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge, fault.UnsupportedType:
		return true
	}
	return false
}
