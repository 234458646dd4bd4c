package web

import (
	"bytes"
	"context"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	dossiers "inzage/services/dossier"
	"inzage/services/requests"
	pages "inzage/views/pages/dossier"
	"inzage/views/ui"
)

// mountDossiers serves the schemas of the files for machines, to everybody:
// they describe forms, and who reads a dossier may have no account.
func (s *Site) mountDossiers(app routes) {
	app.Get("/schemas/:name", func(c *fiber.Ctx) error {
		name, ok := strings.CutSuffix(c.Params("name"), ".json")
		kind, version, dashed := strings.Cut(name, "-")
		if !ok || !dashed {
			return requests.ErrNotFound
		}
		text, err := dossiers.Schema("inzage.dossier." + kind + "/" + version)
		if err != nil {
			return requests.ErrNotFound
		}
		c.Set(fiber.HeaderContentType, "application/schema+json")
		return c.Send(text)
	})
}

// withFiles reads whether the reader wants the files, or only their list.
func (d *desk) withFiles() dossiers.Files {
	if d.c.Query("files") == string(dossiers.WithoutFiles) {
		return dossiers.WithoutFiles
	}
	return dossiers.WithFiles
}

// sheaf collects the readable page of a dossier.
type sheaf struct {
	*desk
	pages.Page
	rules map[string]ui.Clause // named on the page
}

func (d *desk) newSheaf(title string, base dossiers.Base, head dossiers.Head) *sheaf {
	s := &sheaf{desk: d, rules: map[string]ui.Clause{}}
	s.Lang, s.Title, s.Contents = d.p.Tag(), title, d.p.T("On this page")
	s.Lead = []string{d.p.T("This is the whole file, as far as %s may see it. It was taken out of the portal on %s.", d.org(d.by.Organisation), d.p.DateTime(head.Made)),
		d.p.T("Beside this page stand the documents, the files, the same for machines, and the proofs that the history was not changed.")}
	if head.Shredded != nil {
		s.Lead = append(s.Lead, d.p.T("The content was destroyed on %s, when its storage period had ended. The bare facts and the sealed history remain.", d.p.DateTime(*head.Shredded)))
	}
	return s
}

// section begins a part of the page; one that stays empty is left out.
func (s *sheaf) section(title string, parts ...pages.Part) {
	parts = slices.DeleteFunc(parts, func(p pages.Part) bool { return len(p.Text)+len(p.Facts) == 0 && p.Table == nil && p.Title == "" })
	if len(parts) > 0 {
		s.Sections = append(s.Sections, pages.Section{Title: title, Parts: parts})
	}
}

// facts are facts of a page of the portal, without what can only be clicked there.
func (s *sheaf) facts(all []ui.Fact) []pages.Fact {
	var out []pages.Fact
	for _, f := range all {
		one := pages.Fact{Name: f.Name, Value: f.Value, Note: f.Note, Lang: f.Lang, Rule: s.rule(f.Chip)}
		if f.State != nil {
			one.Value = f.State.Word
		}
		if one.Value != "" || one.Note != "" {
			out = append(out, one)
		}
	}
	return out
}

// rule names a clause, and remembers to explain it at the end.
func (s *sheaf) rule(c *ui.Clause) string {
	if c == nil {
		return ""
	}
	s.rules[c.Label] = *c
	return c.Label
}

// told is a history as a table.
func (s *sheaf) told(caption string, all []ui.Entry) pages.Part {
	if len(all) == 0 {
		return pages.Part{}
	}
	t := &pages.Table{Caption: caption, Columns: []string{s.p.T("When"), s.p.T("What"), s.p.T("Who"), s.p.T("Entry")}}
	for _, e := range slices.Backward(all) { // the oldest first, as one reads a file
		number := s.p.T("not sealed yet")
		if e.Seal != nil && e.Seal.Number != "" {
			number = e.Seal.Number
		}
		t.Rows = append(t.Rows, []pages.Fact{{Value: e.When}, {Value: e.What, Note: e.Note, Lang: e.Lang, Rule: s.rule(e.Chip)}, {Value: e.Who}, {Value: number}})
	}
	return pages.Part{Table: t}
}

// filed lists the files, each leading to its place in the ZIP.
func (s *sheaf) filed(files []dossiers.File) {
	if len(files) == 0 {
		return
	}
	t := &pages.Table{Columns: []string{s.p.T("File"), s.p.T("Belongs to"), s.p.T("Size"), s.p.T("Fingerprint (SHA-256)")}}
	for _, f := range files {
		t.Rows = append(t.Rows, []pages.Fact{{Value: f.Name, Href: inZIP(f.Path), Note: s.p.DateTime(f.At)}, {Value: s.belongs(f.Of)}, {Value: s.p.Bytes(f.Size)}, {Value: f.SHA256, Exact: true}})
	}
	part := pages.Part{Table: t}
	if files[0].Path == "" {
		part.Text = []string{s.p.T("This dossier was taken without the files. By the fingerprints a copy can be known again.")}
	}
	s.section(s.p.T("Files"), part)
}

// inZIP is the address of a place in the ZIP.
func inZIP(place string) string {
	if place == "" {
		return ""
	}
	var parts []string
	for _, p := range strings.Split(place, "/") {
		parts = append(parts, url.PathEscape(p))
	}
	return strings.Join(parts, "/")
}

// papers lists the documents beside the page.
func (s *sheaf) papers(all []paperOf) []dossiers.Document {
	var docs []dossiers.Document
	var facts []pages.Fact
	for _, d := range all {
		docs = append(docs, dossiers.Document{Name: d.place, Body: d.body})
		facts = append(facts, pages.Fact{Value: d.title, Href: inZIP(d.place), Lang: d.lang})
	}
	s.section(s.p.T("Documents"), pages.Part{Facts: facts})
	return docs
}

// paperOf is a document with its title on the page.
type paperOf struct {
	place, title, lang string
	body               []byte
}

// proven says what the proofs are worth, and how to check them.
func (s *sheaf) proven(l dossiers.Ledgered) {
	c := l.Signed
	s.section(s.p.T("Proofs"), pages.Part{
		Text: []string{s.p.T("Every line of the history with a number is an entry of the portal's ledger, which nobody can change unseen. The proof of each stands in proofs/entries.jsonl; proofs/README.txt says, step by step, how anybody can check them without the portal."),
			s.p.T("Give proofs/checkpoint.txt a safe place: who holds it can tell at any time whether the ledger was rewritten since.")},
		Facts: []pages.Fact{{Name: s.p.T("Name of the ledger"), Value: c.Origin}, {Name: s.p.T("Entries when this was taken"), Value: strconv.FormatInt(c.Size, 10)},
			{Name: s.p.T("Signed on"), Value: s.p.DateTime(c.At)}, {Name: s.p.T("Entries proven here"), Value: strconv.Itoa(len(l.Sealed))}, {Name: s.p.T("Recorded, not sealed yet"), Value: strconv.Itoa(len(l.Waiting))}}})
}

// finish explains the rules that were named, and lays the page out.
func (s *sheaf) finish() ([]byte, error) {
	var labels []string
	for l := range s.rules {
		labels = append(labels, l)
	}
	slices.Sort(labels)
	var facts []pages.Fact
	for _, l := range labels {
		facts = append(facts, pages.Fact{Name: l, Value: s.rules[l].Does})
	}
	s.section(s.p.T("The rules that are named here"), pages.Part{Facts: facts})
	var out bytes.Buffer
	if err := pages.Whole(s.Page).Render(context.WithoutCancel(s.ctx), &out); err != nil {
		return nil, fmt.Errorf("lay out a dossier: %w", err)
	}
	return out.Bytes(), nil
}

// belongs says what a file belongs to.
func (s *sheaf) belongs(of string) string {
	switch of {
	case "attachment":
		return s.p.T("Sent by the person")
	case "answer":
		return s.p.T("The answer")
	case "help":
		return s.p.T("Help of a processor")
	case "inquiry":
		return s.p.T("A question and its answer")
	case "finding":
		return s.p.T("A finding")
	case "measure":
		return s.p.T("A measure")
	case "cost":
		return s.p.T("A line of costs")
	case "auditor":
		return s.p.T("The auditor")
	case "notice":
		return s.p.T("The notice")
	case "report":
		return s.p.T("The report")
	case "visit":
		return s.p.T("A visit or meeting")
	case "rules":
		return s.p.T("House rules")
	}
	return s.p.T("Something else in the file")
}
