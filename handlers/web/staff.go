package web

import (
	"context"
	"errors"
	"net/url"
	"strings"

	"github.com/a-h/templ"
	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/agreements"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/views/language"
	"inzage/views/ui"
)

// staff is the pages of the people who work on requests: privacy officers of
// controllers, agents of processors, and the administrators of both.
type staff struct{ *Site }

func (s *Site) mountStaff(app routes) {
	h := staff{s}

	app.Get("/queue", h.at((*desk).queue))
	app.Get("/queue.csv", h.at((*desk).queueCSV))
	app.Post("/queue/search", post(h.at((*desk).search)))

	app.Get("/requests/new", h.at((*desk).newEntry))
	app.Post("/requests/new", post(h.at((*desk).enter)))

	app.Get("/requests/:id", h.at((*desk).request))
	app.Get("/requests/:id/dossier", h.at((*desk).dossier))
	app.Get("/requests/:id/proof/:number", h.at((*desk).proof))
	app.Get("/requests/:id/proof/:number/file", h.at((*desk).proofFile))
	app.Get("/requests/:id/notices/:notice", h.at((*desk).notice))
	app.Get("/requests/:id/files/:file", h.at((*desk).download))
	app.Post("/requests/:id/files", h.at((*desk).addFile))
	app.Post("/requests/:id/files/use", post(h.at((*desk).useFile)))
	app.Post("/requests/:id/told", post(h.at((*desk).told)))
	app.Get("/requests/:id/decide/:right", h.at((*desk).decide))
	app.Post("/requests/:id/decide/:right", post(h.at((*desk).decided)))
	app.Get("/requests/:id/do/:deed", h.at((*desk).deed))
	app.Post("/requests/:id/do/:deed", post(h.at((*desk).done)))

	app.Get("/assists", h.at((*desk).assists))
	app.Get("/assists.csv", h.at((*desk).assistsCSV))
	app.Get("/assists/:id", h.at((*desk).task))
	app.Post("/assists/:id", post(h.at((*desk).answer)))
	app.Post("/assists/:id/files", h.at((*desk).addTaskFile))
	app.Post("/assists/:id/files/remove", post(h.at((*desk).removeTaskFile)))
	app.Get("/assists/:id/files/:file", h.at((*desk).downloadTask))
}

// desk is one request of a member of staff over HTTP: who asks, in which language.
type desk struct {
	staff
	c     *fiber.Ctx
	ctx   context.Context
	by    identity.Actor
	p     *language.Printer
	names map[string]string // of organisations, once looked up
}

// at makes a handler of a page.
func (s staff) at(page func(*desk) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return page(&desk{staff: s, c: c, ctx: c.UserContext(), by: session.Actor(c), p: s.speech(c), names: map[string]string{}})
	}
}

// frame is the page, with the place in the navigation that it belongs to.
func (d *desk) frame(title string, args ...any) ui.Page {
	page := d.page(d.c, title, args...)
	for i := range page.Nav {
		// A controller has no list of help of its own: it belongs to the request.
		elsewhere := strings.HasPrefix(d.c.Path(), "/requests") || strings.HasPrefix(d.c.Path(), "/assists") && !d.by.Is(identity.Agent)
		if page.Nav[i].Href == "/queue" && elsewhere {
			page.Nav[i].Current = true
		}
	}
	return page
}

// org names an organisation; "" for none.
func (d *desk) org(id string) string {
	if id == "" {
		return ""
	}
	if name, ok := d.names[id]; ok {
		return name
	}
	name := id
	if o, err := d.Identity.Organisation(d.ctx, id); err == nil {
		name = o.Name
	}
	d.names[id] = name
	return name
}

// law is the chip of a provision; nil when the portal has no words for it.
func (d *desk) law(id string) *ui.Clause {
	e, ok := agreements.Law(id)
	if !ok {
		return nil
	}
	return d.chip(e, "")
}

// chip is an explanation as a chip; agreement leads to its terms, when there is one.
func (d *desk) chip(e agreements.Explanation, agreement string) *ui.Clause {
	tag := d.p.Tag()
	c := &ui.Clause{Label: e.Label.In(tag), Title: e.Name.In(tag), Does: e.Says.In(tag)}
	if note := e.Note.In(tag); note != "" {
		c.Does += " " + note
	}
	if agreement != "" && !e.Silent && e.Term != "" {
		c.Href = "/agreements/" + agreement
	}
	return c
}

// terms are those of the agreement under which a request or help is judged;
// ok is false when there is none.
func (d *desk) terms(agreement string, version int) (agreements.Applied, bool) {
	if agreement == "" {
		return agreements.Applied{}, false
	}
	a, err := d.Agreements.Applied(d.ctx, agreement, version)
	return a, err == nil
}

// wrong translates a refusal for the page that asked. Fields are named; a
// refusal without fields stands under the name given. ok is false for what is
// no mistake of the reader's.
func (d *desk) wrong(err error, field string) (ui.FieldErrors, bool) {
	if all, ok := d.refusals(d.c, err); ok {
		return all, true
	}
	switch fault.KindOf(err) {
	case fault.Invalid, fault.TooLarge, fault.UnsupportedType:
		return ui.FieldErrors{{Name: field, Text: d.sentence(err)}}, true
	}
	return nil, false
}

// sentence is a refusal in the reader's language.
func (d *desk) sentence(err error) string {
	var f *fault.Error
	if !errors.As(err, &f) {
		return ""
	}
	return d.p.T(f.Text, filled(d.p, f.Args)...)
}

// stepUp sends the reader to prove the second factor again, and back here.
func (d *desk) stepUp(back string) error {
	return d.c.Redirect("/account/confirm?to="+url.QueryEscape(back), fiber.StatusSeeOther)
}

func (d *desk) show(status int, page templ.Component) error {
	return respond.Page(d.c, status, page)
}

// field reads what was typed into a form, without the space around it. It
// never reads the address: nobody fills in a form for somebody else by a link.
func (d *desk) field(name string) string {
	return strings.TrimSpace(string(d.c.Context().PostArgs().Peek(name)))
}

// fields reads every value of a form field.
func (d *desk) fields(name string) []string {
	var all []string
	for _, v := range d.c.Context().PostArgs().PeekMulti(name) {
		all = append(all, string(v))
	}
	return all
}

// refusalText is the English sentence of a refusal, its key; "" for trouble of our own.
func refusalText(err error) string {
	var f *fault.Error
	if errors.As(err, &f) {
		return f.Text
	}
	return ""
}
