package web

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/api"
	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/identity"
	"inzage/services/requests"
	"inzage/views/language"
	pages "inzage/views/pages/developer"
	"inzage/views/ui"
)

const referenceAt = "/docs/api"

// mountDeveloper serves the reference of the JSON API. It is made of the
// document that programs read, which is public, too.
func (s *Site) mountDeveloper(app routes) {
	app.Get(referenceAt, s.reference)
	app.Get(referenceAt+"/:group", s.referenceGroup)
	app.Get(referenceAt+"/try/:operation", s.trial)
	app.Get(referenceAt+"/call/:operation", s.makeCall)
}

func (s *Site) reference(c *fiber.Ctx) error {
	p := s.speech(c)
	v := pages.Overview{Lead: p.T("Everything that the pages of this portal can do, programs can do as well, by the same rules. This is the reference of the calls; their own texts are in English."),
		Basics: []ui.Fact{
			{Name: p.T("Address"), Value: s.BaseURL.String() + api.Base},
			{Name: p.T("People"), Value: p.T("Sign in with POST /sessions and then /sessions/totp. The session is the cookie that the pages use.")},
			{Name: p.T("Machines"), Value: p.T("Send a token that an administrator made: Authorization: Bearer, and the token. It holds for the scopes it was made for.")},
			{Name: p.T("Refusals"), Value: p.T("A problem document (RFC 9457): kind says what is wrong, errors names the fields, request_id is the number to quote.")},
			{Name: p.T("Once only"), Value: p.T("Calls that make something take an Idempotency-Key. The same key with the same body makes it once; with another body it is refused.")},
			{Name: p.T("Rules"), Value: p.T("Who may do what"), Href: rulesAt},
			{Name: p.T("Lists"), Value: p.T("They come in pages. Send what next says as after, until next is absent.")},
			{Name: p.T("Bodies"), Value: p.T("JSON with the fields that are named and no others, or one file as it is.")},
		},
		Documents: []ui.File{{Name: "OpenAPI 3.1", Kind: "JSON", Href: api.Base + "/openapi.json"}, {Name: "OpenAPI 3.1", Kind: "YAML", Href: api.Base + "/openapi.yaml"},
			{Name: "OpenAPI 3.0", Kind: "JSON", Href: api.Base + "/openapi-3.0.json"}},
	}
	for _, g := range api.Reference() {
		v.Groups = append(v.Groups, pages.Link{Name: g.Name, Href: referenceAt + "/" + g.Slug, Count: p.T("%d calls", len(g.Operations))})
	}
	return respond.Page(c, fiber.StatusOK, pages.OverviewPage(s.page(c, "The portal for programs"), v))
}

func (s *Site) referenceGroup(c *fiber.Ctx) error {
	all, p := api.Reference(), s.speech(c)
	i := slices.IndexFunc(all, func(g api.Group) bool { return g.Slug == c.Params("group") })
	if i < 0 {
		return requests.ErrNotFound
	}
	v := pages.Group{Back: ui.Link{Label: p.T("The portal for programs"), Href: referenceAt}}
	for _, o := range all[i].Operations {
		v.Operations = append(v.Operations, s.described(p, o))
	}
	page := s.page(c, "")
	page.Title = all[i].Name
	return respond.Page(c, fiber.StatusOK, pages.GroupPage(page, v))
}

// described is one call for its reader.
func (s *Site) described(p *language.Printer, o api.Operation) pages.Operation {
	v := pages.Operation{ID: o.ID, Method: o.Method, Path: o.Path, Summary: o.Summary, About: o.About, Takes: o.Takes, Gives: o.Gives,
		Parameters: described(p, o.Parameters), Body: described(p, o.Body), Answer: described(p, o.Answer), Facts: callers(p, o)}
	var refusals []string
	for _, code := range o.Refusals {
		refusals = append(refusals, strconv.Itoa(code))
	}
	v.Facts = append(v.Facts, ui.Fact{Name: p.T("Status codes"), Value: strconv.Itoa(o.Success) + "; " + p.T("refusals: %s", strings.Join(refusals, ", "))})
	if o.Method == http.MethodGet {
		v.Try = &ui.Link{Label: p.T("Try it as yourself"), Href: referenceAt + "/try/" + o.ID}
	}
	return v
}

// callers say who may make a call.
func callers(p *language.Printer, o api.Operation) []ui.Fact {
	who := p.T("Everybody")
	switch {
	case len(o.Roles) > 0:
		var names []string
		for _, r := range o.Roles {
			names = append(names, p.T(roleNames[r]))
		}
		who = strings.Join(names, ", ")
	case o.Signed:
		who = p.T("Whoever has begun to sign in")
	}
	machine := p.T("No")
	if o.Scope != "" {
		machine = p.T("With the scope %s", o.Scope)
	}
	return []ui.Fact{{Name: p.T("Who may call"), Value: who, TestID: "who"}, {Name: p.T("Machines"), Value: machine}}
}

func described(p *language.Printer, all []api.Property) []pages.Part {
	var parts []pages.Part
	for _, one := range all {
		parts = append(parts, pages.Part{Name: one.Name, Type: one.Type, About: one.About, Required: one.Required, OneOf: one.OneOf, Parts: described(p, one.Parts)})
	}
	return parts
}

// readable finds a call that only reads.
func readable(id string) (g api.Group, o api.Operation, ok bool) {
	for _, g := range api.Reference() {
		for _, o := range g.Operations {
			if o.ID == id && o.Method == http.MethodGet {
				return g, o, true
			}
		}
	}
	return g, o, false
}

// trial shows the form with which a reader makes one call.
func (s *Site) trial(c *fiber.Ctx) error { return s.showTrial(c, fiber.StatusOK, nil) }

func (s *Site) showTrial(c *fiber.Ctx, status int, errs ui.FieldErrors) error {
	g, o, ok := readable(c.Params("operation"))
	if !ok {
		return requests.ErrNotFound
	}
	p := s.speech(c)
	call := s.described(p, o)
	call.Facts = callers(p, o)
	v := pages.Trial{Back: ui.Link{Label: g.Name, Href: referenceAt + "/" + g.Slug + "#" + o.ID}, Call: call, Action: referenceAt + "/call/" + o.ID, Errors: errs,
		Will: p.T("The portal answers you in JSON, with what you may see. What it shows of somebody is recorded, as on the pages."), Confirm: ui.Button{Label: p.T("Make this call")}}
	if o.Signed && session.Actor(c).Level == identity.Anonymous {
		v.Will = p.T("You are not signed in, so the portal will refuse this call.")
	}
	for _, one := range o.Parameters {
		v.Fields = append(v.Fields, s.asked(c, one, errs))
	}
	return respond.Page(c, status, pages.TrialPage(s.page(c, "Try a call"), v))
}

// asked is the field of a form for one parameter.
func (s *Site) asked(c *fiber.Ctx, one api.Property, errs ui.FieldErrors) ui.Field {
	f := ui.Field{Name: one.Name, Label: one.Name, Hint: one.About, Optional: !one.Required, Value: c.Query(one.Name), Error: errs.For(one.Name)}
	values := one.OneOf
	if one.Type == "true or false" {
		values = []string{"true", "false"}
	}
	if len(values) > 0 {
		f.Options = []ui.Option{{Label: "–"}}
	}
	for _, value := range values {
		f.Options = append(f.Options, ui.Option{Value: value, Label: value})
	}
	return f
}

// makeCall leads to the call that the form describes: the portal's own address,
// in the reader's own session, and one that only reads.
func (s *Site) makeCall(c *fiber.Ctx) error {
	_, o, ok := readable(c.Params("operation"))
	if !ok {
		return requests.ErrNotFound
	}
	path, query := o.Path, url.Values{}
	var missing ui.FieldErrors
	for _, one := range o.Parameters {
		value := strings.TrimSpace(c.Query(one.Name))
		switch {
		case one.In == "path" && strings.Trim(value, ".") == "", one.Required && value == "":
			missing = append(missing, ui.FieldError{Name: one.Name, Text: s.speech(c).T("Fill in %s.", one.Name)})
		case one.In == "path":
			path = strings.ReplaceAll(path, "{"+one.Name+"}", url.PathEscape(value))
		case one.In == "query" && value != "":
			query.Set(one.Name, value)
		}
	}
	if len(missing) > 0 {
		return s.showTrial(c, fiber.StatusUnprocessableEntity, missing)
	}
	if len(query) > 0 {
		path += "?" + query.Encode()
	}
	return c.Redirect(path, fiber.StatusSeeOther)
}
