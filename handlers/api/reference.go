package api

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/danielgtaylor/huma/v2"
	"github.com/gofiber/fiber/v2"

	"inzage/handlers/access"
	"inzage/handlers/session"
	"inzage/services/identity"
)

// Group is the operations of one subject, for readers.
type Group struct {
	Slug, Name string
	Operations []Operation
}

// Operation is one call of the API, for readers. Its texts are English.
type Operation struct {
	ID, Method, Path string
	Summary          string
	About            []string // paragraphs
	Roles            []identity.Role
	Signed           bool   // somebody has to be signed in
	Scope            string // of a token; "" is not for machines
	Parameters       []Property
	Takes, Gives     bool // the body, the answer is one file
	Body, Answer     []Property
	Success          int
	Refusals         []int
}

// Property is a parameter, or one part of a body.
type Property struct {
	Name, In string // In is path, query or header, of parameters
	Type     string // in words: "text", "list of number"
	Required bool
	About    string
	OneOf    []string
	Parts    []Property
}

// Reference is the document of the API for readers, in the order of its groups,
// read once.
var Reference = sync.OnceValue(func() []Group {
	doc := Mount(fiber.New(), Deps{Cookies: session.Cookies{Origin: &url.URL{}}}, access.Guard{}).huma.OpenAPI()
	read := reader{doc.Components.Schemas}
	var all []Group
	for _, t := range doc.Tags {
		g := Group{Name: t.Name, Slug: strings.ReplaceAll(strings.ToLower(t.Name), " ", "-")}
		for path, at := range doc.Paths {
			for _, op := range []*huma.Operation{at.Get, at.Post, at.Put, at.Delete} {
				if op != nil && slices.Contains(op.Tags, t.Name) {
					g.Operations = append(g.Operations, read.operation(path, op))
				}
			}
		}
		slices.SortFunc(g.Operations, func(a, b Operation) int {
			if a.Path != b.Path {
				return strings.Compare(a.Path, b.Path)
			}
			return strings.Compare(a.Method, b.Method)
		})
		all = append(all, g)
	}
	return all
})

// reader turns the document into what is shown of it.
type reader struct{ schemas huma.Registry }

func (r reader) operation(path string, op *huma.Operation) Operation {
	out := Operation{ID: op.OperationID, Method: op.Method, Path: Base + path, Summary: op.Summary, Signed: len(op.Security) > 0, Success: http.StatusOK}
	about := strings.Split(op.Description, "\n\n")
	out.About = about[:len(about)-1] // the last one says who may call, in English
	out.Roles, _ = op.Extensions["x-roles"].([]identity.Role)
	out.Scope, _ = op.Extensions["x-scope"].(string)
	for _, p := range op.Parameters {
		one := r.property(p.Name, p.Schema, p.Required, 0)
		one.In = p.In
		out.Parameters = append(out.Parameters, one)
	}
	if op.RequestBody != nil {
		out.Body, out.Takes = r.content(op.RequestBody.Content)
	}
	for status, answer := range op.Responses {
		code, err := strconv.Atoi(status)
		switch {
		case err != nil:
		case code < http.StatusMultipleChoices:
			out.Success = code
			out.Answer, out.Gives = r.content(answer.Content)
		default:
			out.Refusals = append(out.Refusals, code)
		}
	}
	slices.Sort(out.Refusals)
	return out
}

// content is what a body is made of, or that it is a file.
func (r reader) content(of map[string]*huma.MediaType) (parts []Property, file bool) {
	if of[fiber.MIMEApplicationJSON] == nil {
		return nil, len(of) > 0
	}
	return r.parts(of[fiber.MIMEApplicationJSON].Schema, 0), false
}

// deepest bounds how far parts of parts are shown.
const deepest = 5

func (r reader) parts(s *huma.Schema, depth int) []Property {
	s = r.named(s)
	if s.Items != nil {
		s = r.named(s.Items)
	}
	if depth >= deepest {
		return nil
	}
	var all []Property
	for name, part := range s.Properties {
		all = append(all, r.property(name, part, slices.Contains(s.Required, name), depth+1))
	}
	slices.SortFunc(all, func(a, b Property) int { return strings.Compare(a.Name, b.Name) })
	return all
}

func (r reader) property(name string, s *huma.Schema, required bool, depth int) Property {
	p := Property{Name: name, Required: required, About: s.Description, Type: r.words(s), Parts: r.parts(s, depth)}
	values := r.named(s)
	if values.Items != nil {
		values = r.named(values.Items)
	}
	for _, v := range values.Enum {
		if text, ok := v.(string); ok && text != "" {
			p.OneOf = append(p.OneOf, text)
		}
	}
	return p
}

// named follows a reference.
func (r reader) named(s *huma.Schema) *huma.Schema {
	if s.Ref != "" {
		return r.schemas.SchemaFromRef(s.Ref)
	}
	return s
}

// words say what type something has.
func (r reader) words(s *huma.Schema) string {
	s = r.named(s)
	switch s.Type {
	case huma.TypeArray:
		return "list of " + r.words(s.Items)
	case huma.TypeInteger, huma.TypeNumber:
		return "number"
	case huma.TypeBoolean:
		return "true or false"
	case huma.TypeObject:
		return "object"
	}
	if s.Format != "" {
		return "text, " + s.Format
	}
	return "text"
}
