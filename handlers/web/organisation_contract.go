package web

import (
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/views/language"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

// sections is the readable summary of terms, as the vocabulary orders them.
func (h house) sections(p *language.Printer, t agreements.Terms) []pages.Section {
	var all []pages.Section
	for _, line := range agreements.Summary(t) {
		name, _, _ := strings.Cut(string(line.Term), ".")
		if len(all) == 0 || all[len(all)-1].ID != name {
			all = append(all, pages.Section{ID: name, Name: line.Section.In(p.Tag())})
		}
		section := &all[len(all)-1]
		if n := len(section.Terms); n == 0 || section.Terms[n-1].ID != string(line.Term) {
			section.Terms = append(section.Terms, pages.Term{ID: string(line.Term), Name: line.Name.In(p.Tag())})
		}
		term := &section.Terms[len(section.Terms)-1]
		term.Rules = append(term.Rules, h.rule(p, line))
	}
	return all
}

func (h house) rule(p *language.Printer, line agreements.Line) pages.Rule {
	r := pages.Rule{Says: line.Says.In(p.Tag()), Note: line.Note.In(p.Tag()), Label: line.Label.In(p.Tag())}
	if line.Silent {
		law, _ := agreements.Law(line.Clause) // the vocabulary's test holds that it is known
		r.Law = &ui.Clause{Label: r.Label, Title: law.Name.In(p.Tag()), Does: law.Says.In(p.Tag()), Href: lawPath(line.Clause)}
	}
	return r
}

func (h house) silent(p *language.Printer, t agreements.Terms) string {
	if n := len(agreements.Silent(t)); n > 0 {
		return p.T("On %d terms the agreement says nothing. There the law applies, and it is named.", n)
	}
	return ""
}

func (h house) differences(p *language.Printer, a, b agreements.Terms) ([]pages.Difference, string) {
	rules := func(lines []agreements.Line) (all []pages.Rule) {
		for _, l := range lines {
			all = append(all, h.rule(p, l))
		}
		return all
	}
	var all []pages.Difference
	for _, d := range agreements.Compare(a, b) {
		all = append(all, pages.Difference{Section: d.Section.In(p.Tag()), Name: d.Name.In(p.Tag()), Same: d.SameRule, A: rules(d.A), B: rules(d.B)})
	}
	if len(all) == 0 {
		return nil, p.T("The terms are the same in both.")
	}
	return all, p.T("They differ on %d terms.", len(all))
}

// lines numbers the lines of a text.
func (h house) lines(source string) []pages.Line {
	var all []pages.Line
	for i, text := range strings.Split(strings.TrimRight(source, "\n"), "\n") {
		all = append(all, pages.Line{Number: strconv.Itoa(i + 1), Text: strings.TrimRight(text, "\r")})
	}
	return all
}

// faults says where in the text something is wrong, with the line itself.
func (h house) faults(p *language.Printer, source string, problems []agreements.Problem) []pages.Fault {
	lines := h.lines(source)
	var all []pages.Fault
	for _, problem := range problems {
		f := pages.Fault{Where: p.T("The whole text"), Why: p.T(problem.Text, translated(p, problem.Args)...)}
		if n := problem.Line; n > 0 {
			f.Where = p.T("Line %s", strconv.Itoa(n))
			if problem.Path != "" {
				f.Where = p.T("Line %s, at %s", strconv.Itoa(n), problem.Path)
			}
			if n <= len(lines) {
				f.Lines = slices.Clone(lines[max(0, n-2):min(len(lines), n+1)])
				for i := range f.Lines {
					f.Lines[i].Wrong = f.Lines[i].Number == strconv.Itoa(n)
				}
			}
		}
		all = append(all, f)
	}
	return all
}

// kindsOfValue are the words with which faults name what stands in a file.
var kindsOfValue = []string{"a group of names and values", "a list", "a whole number", "true or false", "text", "a number"}

// translated puts the words for kinds of values into the reader's language;
// what somebody typed stays as it is.
func translated(p *language.Printer, args []any) []any {
	out := slices.Clone(args)
	for i, a := range args {
		if text, ok := a.(string); ok && slices.Contains(kindsOfValue, text) {
			out[i] = p.T(text)
		}
	}
	return out
}

// lawPath is the page that explains a provision of law.
func lawPath(id string) string { return "/law/" + lawSlug(id) }

// lawSlug makes "12-3-gdpr" of "12(3) GDPR".
func lawSlug(id string) string {
	words := strings.FieldsFunc(strings.ToLower(id), func(r rune) bool { return (r < 'a' || r > 'z') && (r < '0' || r > '9') })
	return strings.Join(words, "-")
}

func (h house) laws(c *fiber.Ctx) error {
	p := h.page(c, "The law that the portal works by")
	v := pages.Laws{Lead: p.T("What each provision makes the portal do, in our own words. The law itself is what counts."), Laws: h.provisions(h.speech(c))}
	return respond.Page(c, fiber.StatusOK, pages.LawsPage(p, v))
}

func (h house) law(c *fiber.Ctx) error {
	p := h.page(c, "")
	for _, l := range h.provisions(h.speech(c)) {
		if l.Slug == c.Params("id") {
			p.Title = l.Label
			l.Label, l.Title = l.Title, ""
			return respond.Page(c, fiber.StatusOK, pages.LawsPage(p, pages.Laws{Back: ui.Link{Label: p.T("The law that the portal works by"), Href: "/law"}, Laws: []pages.Law{l}}))
		}
	}
	return document.ErrNotFound
}

// provisions are all provisions, in the order of their numbers.
func (h house) provisions(p *language.Printer) []pages.Law {
	ids := agreements.Laws()
	slices.SortFunc(ids, func(a, b string) int {
		if d := number(a) - number(b); d != 0 {
			return d
		}
		return strings.Compare(a, b)
	})
	var all []pages.Law
	for _, id := range ids {
		e, _ := agreements.Law(id) // it is from the list of what is known
		all = append(all, pages.Law{Slug: lawSlug(id), Label: e.Label.In(p.Tag()), Title: e.Name.In(p.Tag()), Says: e.Says.In(p.Tag())})
	}
	return all
}

// number is the article a provision begins with; other laws than the GDPR come after it.
func number(id string) int {
	digits := strings.IndexFunc(id, func(r rune) bool { return r < '0' || r > '9' })
	n, err := strconv.Atoi(id[:max(digits, 0)])
	if err != nil || !strings.HasSuffix(id, "GDPR") {
		return 1000
	}
	return n
}
