package web

import (
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/access"
	"inzage/handlers/api"
	"inzage/handlers/respond"
	"inzage/services/identity"
	"inzage/services/requests"
	"inzage/views/language"
	pages "inzage/views/pages/developer"
	"inzage/views/ui"
)

const rulesAt = "/docs/access"

// mountRules serves the portal's own rules in words: the same tables that its
// guards and services follow, which GET /api/v1/access gives to programs.
func (s *Site) mountRules(app routes) {
	app.Get(rulesAt, s.rules)
	app.Get(rulesAt+"/:part", s.routesPart)
}

// everyRoute is the table of pages and calls, made once.
var everyRoute = sync.OnceValue(func() []access.Row {
	rows := slices.Concat(access.Pages(), api.Rows())
	slices.SortFunc(rows, func(a, b access.Row) int { return strings.Compare(a.Path+" "+a.Method, b.Path+" "+b.Method) })
	return rows
})

// published is the reference of this portal, with its own limits.
func (s *Site) published() access.Reference {
	return access.Publish(everyRoute(), access.Bounds{Identity: s.Identity.Limits, Requests: s.Requests.Limits, Audits: s.Audits.Limits, Pace: s.Pace})
}

// cut is a part of the table of routes.
type cut struct {
	name, title, lead string
	holds             func(access.PublishedRoute) bool
}

func cutsOf(p *language.Printer) []cut {
	call := func(r access.PublishedRoute) bool { return strings.Contains(r.Route, " "+api.Base+"/") }
	return []cut{
		{"pages", p.T("The pages"), p.T("Who may open each page, and send its form."), func(r access.PublishedRoute) bool { return !call(r) }},
		{"calls", p.T("The calls of programs"), p.T("Who may make each call, with a session or as a machine."), call},
		{"silent", p.T("What leaves no entry"), p.T("Using these leaves no entry in the ledger: they show nothing of anybody, or only what is one's own. A refusal leaves an entry all the same."),
			func(r access.PublishedRoute) bool { return r.Entry == "" }},
	}
}

func (s *Site) rules(c *fiber.Ctx) error {
	p, ref := s.speech(c), s.published()
	w := ruleWords{p}
	v := pages.Rules{Lead: p.T("What is written here is made of the tables that the portal itself follows. Whatever a table does not name is refused, and changes nothing."), Reading: w.reading(),
		Tables: []pages.Ruled{
			{ID: "requests", Title: p.T("Requests"), Lead: p.T("Who may do what with a request, and where it has to stand for that."), List: w.steps(ref.Requests, p.T("Requests"), w.requestActions(), w.requestStates())},
			{ID: "audits", Title: p.T("Audits"), Lead: p.T("Who may do what with an audit, and how far it has to be for that. The agreement can ask for more."), List: w.steps(ref.Audits, p.T("Audits"), w.auditActions(), w.auditStages())},
			{ID: "limits", Title: p.T("Limits and times"), Lead: p.T("As this portal is set."), List: w.limits(ref.Limits)},
		},
		Documents: []ui.File{{Name: p.T("All of it"), Kind: "JSON", Href: api.Base + "/access"}}}
	for _, x := range cutsOf(p) {
		n := 0
		for _, r := range ref.Routes {
			if x.holds(r) {
				n++
			}
		}
		v.Links = append(v.Links, pages.Link{Name: x.title, Href: rulesAt + "/" + x.name, Count: p.T("%d routes", n)})
	}
	return respond.Page(c, fiber.StatusOK, pages.RulesPage(s.page(c, "Who may do what"), v))
}

// routesPart lists the routes of one part.
func (s *Site) routesPart(c *fiber.Ctx) error {
	p := s.speech(c)
	all := cutsOf(p)
	i := slices.IndexFunc(all, func(x cut) bool { return x.name == c.Params("part") })
	if i < 0 {
		return requests.ErrNotFound
	}
	page := s.page(c, "")
	page.Title = all[i].title
	var chosen []access.PublishedRoute
	for _, r := range s.published().Routes {
		if all[i].holds(r) {
			chosen = append(chosen, r)
		}
	}
	return respond.Page(c, fiber.StatusOK, pages.RulesPage(page, pages.Rules{Back: &ui.Link{Label: p.T("Who may do what"), Href: rulesAt}, Lead: all[i].lead,
		Tables: []pages.Ruled{{ID: all[i].name, Title: p.T("%d routes", len(chosen)), List: ruleWords{p}.routes(chosen)}}}))
}

// ruleWords say the tables in the reader's language.
type ruleWords struct{ p *language.Printer }

// say translates names by a table of words; one without words stays as it is.
func say(names []string, words map[string]string) string {
	var all []string
	for _, n := range names {
		word, ok := words[n]
		if !ok {
			word = n
		}
		all = append(all, word)
	}
	return strings.Join(all, ", ")
}

// steps is the table of who may do what in which states.
func (w ruleWords) steps(all []access.Step, caption string, actions, states map[string]string) ui.Listing {
	p := w.p
	l := ui.Listing{Caption: caption, Columns: []ui.Column{{Label: p.T("What")}, {Label: p.T("Who")}, {Label: p.T("When it is")}, {Label: p.T("It is then")}}}
	for _, x := range all {
		to := p.T("as it was")
		if x.To != "" {
			to = states[x.To]
		}
		l.Rows = append(l.Rows, ui.Row{Cells: []ui.Cell{{Text: say([]string{x.Action}, actions), Note: x.Action}, {Text: say(x.By, w.relations())}, {Text: say(x.From, states)}, {Text: to}}})
	}
	return l
}

// limits is the table of limits and times.
func (w ruleWords) limits(all []access.Limit) ui.Listing {
	l := ui.Listing{Caption: w.p.T("Limits and times"), Columns: []ui.Column{{Label: w.p.T("What")}, {Label: w.p.T("How much"), Numeric: true}}}
	names := w.limitNames()
	for _, x := range all {
		value := strconv.FormatInt(x.Value, 10)
		if d, err := time.ParseDuration(x.Time); err == nil {
			value = w.p.Duration(d)
		} else if strings.HasPrefix(x.Name, "bytes ") {
			value = w.p.Bytes(x.Value)
		}
		l.Rows = append(l.Rows, ui.Row{Cells: []ui.Cell{{Text: say([]string{x.Name}, names)}, {Text: value}}})
	}
	return l
}

// routes is the table of pages or calls.
func (w ruleWords) routes(all []access.PublishedRoute) ui.Listing {
	p := w.p
	l := ui.Listing{Caption: p.T("Every page and call"), Columns: []ui.Column{{Label: p.T("Route")}, {Label: p.T("Who")}, {Label: p.T("About")}, {Label: p.T("Entry")}}}
	for _, r := range all {
		entry := ui.Cell{Text: p.T("none")}
		switch r.Entry {
		case "":
		case "*":
			entry.Text = p.T("that of what is done")
		default:
			entry = ui.Cell{Body: pages.Code(r.Entry)}
		}
		l.Rows = append(l.Rows, ui.Row{Cells: []ui.Cell{{Body: pages.Code(r.Route)}, w.who(r), {Text: w.objects()[string(r.Object)], Note: say(r.Relations, w.relations())}, entry}})
	}
	return l
}

// who says who may come to a route, with which proof.
func (w ruleWords) who(r access.PublishedRoute) ui.Cell {
	p := w.p
	var names, notes []string
	for _, role := range r.Roles {
		names = append(names, p.T(roleNames[role]))
	}
	who := ui.Cell{Text: strings.Join(names, ", ")}
	switch {
	case r.Door == access.Open:
		who.Text = p.T("Everybody")
	case r.Door == access.Here:
		who.Text = p.T("Whoever sits at the machine of a demonstration")
	case len(names) == 0 && r.Door == access.Begun:
		who.Text = p.T("Whoever has begun to sign in")
	case len(names) == 0:
		who.Text = p.T("Whoever is signed in")
	case r.Door == access.Begun:
		notes = append(notes, p.T("one factor is enough"))
	}
	if r.Fresh != access.Anytime {
		notes = append(notes, p.T("with a fresh second factor"))
	}
	if r.Scope != "" {
		notes = append(notes, p.T("machines with %s", r.Scope))
	}
	who.Note = strings.Join(notes, "; ")
	return who
}

// reading explains the columns.
func (w ruleWords) reading() []ui.Fact {
	p := w.p
	return []ui.Fact{
		{Name: p.T("Proof"), Value: p.T("Staff prove two factors for everything; a data subject follows a request with one and receives data with two.")},
		{Name: p.T("Role"), Value: p.T("%s. Nobody sees work of a role that is not theirs.", w.everyRole())},
		{Name: p.T("Relation"), Value: p.T("A role counts only for what one has a part in. What belongs to others answers as what does not exist.")},
		{Name: p.T("State"), Value: p.T("Each thing can be done only while the request or audit stands where the table says. Of two at once, one wins.")},
		{Name: p.T("Fresh factor"), Value: p.T("What gives data away, or changes factors and roles, asks for the second factor again when it is older than %s.", p.Duration(identity.StepUpAge))},
		{Name: p.T("Entry"), Value: p.T("What is done, refused, or read of somebody leaves one entry in the ledger. When it cannot be written, nothing happens.")},
	}
}

func (w ruleWords) everyRole() string {
	var names []string
	for _, r := range []identity.Role{identity.Subject, identity.Agent, identity.PrivacyOfficer, identity.Admin, identity.Auditor, identity.Operator} {
		names = append(names, w.p.T(roleNames[r]))
	}
	return strings.Join(names, ", ")
}
