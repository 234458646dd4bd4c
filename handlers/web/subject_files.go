package web

import (
	"context"
	"encoding/json"
	"errors"
	"net/url"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/fault"
	"inzage/services/requests"
	"inzage/views/language"
	"inzage/views/layout"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

func (s subject) mountFiles(app routes) {
	app.Get("/my/:id/files", s.filesPage)
	app.Post("/my/:id/renew", post(s.renew))
	app.Get("/my/:id/files/manifest.json", s.manifest)
	app.Get("/my/:id/files/answer", s.letter)
	app.Get("/my/:id/files/answer.pdf", func(c *fiber.Ctx) error { return s.strong(c, s.answerPDF(c)) })
	app.Get("/my/:id/files/answer.zip", func(c *fiber.Ctx) error { return s.strong(c, s.answerZIP(c)) })
	app.Get("/my/:id/files/:file", s.download)
	s.mountIdentify(app)
}

// strong sends somebody whose second factor is missing or too old to where
// they prove it, and back here after that.
func (s subject) strong(c *fiber.Ctx, err error) error {
	if fault.KindOf(err) != fault.StepUp {
		return err
	}
	return c.Redirect("/my/"+url.PathEscape(c.Params("id"))+"/identify?to="+url.QueryEscape(c.Path()), fiber.StatusSeeOther)
}

// filesPage lists the files of the answer, behind the second factor.
func (s subject) filesPage(c *fiber.Ctx) error {
	v, err := s.look(c)
	if fault.KindOf(err) == fault.Gone {
		return s.erased(c)
	}
	if err != nil {
		return err
	}
	p := s.speech(c)
	if v.answered() == nil && v.r.Answer == nil {
		return respond.Page(c, fiber.StatusOK, pages.PlainPage(s.page(c, "Your files"), pages.Plain{
			Lead: p.T("There are no files yet."), Lines: []string{p.T("You get an e-mail as soon as the answer is ready.")},
			Buttons: []ui.Button{{Label: p.T("Back to your request"), Href: "/my/" + v.r.ID, Look: ui.Secondary}}, TestID: "no-files"}))
	}
	if !s.actor(c).Strong(s.Now()) {
		return s.strong(c, requests.ErrStepUp)
	}
	if a := v.r.Answer; a != nil && a.Outside == nil && s.Now().After(a.Until) {
		return s.expired(c, v)
	}
	return s.showFiles(c, v)
}

func (s subject) showFiles(c *fiber.Ctx, v seen) error {
	p, at := s.speech(c), "/my/"+v.r.ID+"/files/"
	view := pages.Files{Lead: p.T("The answer of %s to your request %s.", v.who.desk, v.r.Reference),
		Chip: s.law(p, "15(3) GDPR"), WholeI: p.T("The answer itself"), FilesI: p.T("Your data"),
		Whole: []ui.File{{Name: p.T("The answer, to read and print"), Kind: p.T("Page"), Href: at + "answer"}, {Name: p.T("The answer as a document"), Kind: "PDF", Href: at + "answer.pdf"}},
		Empty: ui.Empty{Title: p.T("No files belong to this answer"), Text: p.T("The answer itself says everything.")}}
	if a := v.r.Answer; a != nil && a.Outside == nil {
		view.Until = p.T("You can download until %s. After that one click makes it possible again.", p.DateTime(a.Until))
		for _, f := range v.story.Files {
			one := s.file(p, f)
			one.Href = at + f.ID
			if f.For != "" {
				one.Note = s.asks(p, f.For)
			}
			if got := fetched(a, f.ID); got {
				one.State = &ui.State{Tone: ui.Good, Word: p.T("Downloaded")}
			}
			view.Files = append(view.Files, one)
		}
		if len(view.Files) > 0 {
			view.Whole = append(view.Whole, ui.File{Name: p.T("Everything in one package, to read and for other programs"), Kind: "ZIP", Href: at + "answer.zip"})
			view.Whole = append(view.Whole, ui.File{Name: p.T("List of the files, for a computer"), Kind: "JSON", Href: at + "manifest.json"})
		}
	} else if a != nil {
		view.Empty = ui.Empty{Title: p.T("The answer was delivered outside the portal"), Text: v.story.Outside}
	}
	page := s.page(c, "Your files")
	page.Sensitive = true
	return respond.Page(c, fiber.StatusOK, pages.FilesPage(page, view))
}

func fetched(a *requests.Delivery, file string) bool {
	return slices.ContainsFunc(a.Downloads, func(f requests.Fetched) bool { return f.File == file })
}

// expired says that the time to download is over, with the one click that
// opens it again.
func (s subject) expired(c *fiber.Ctx, v seen) error {
	p := s.speech(c)
	return respond.Page(c, fiber.StatusGone, pages.PlainPage(s.page(c, "The time to download is over"), pages.Plain{
		Lead:    p.T("Files can be downloaded for seven days, to keep them safe. They are still there."),
		Lines:   []string{p.T("With the button below you have seven days again.")},
		Post:    &ui.Post{Action: "/my/" + v.r.ID + "/renew"},
		Buttons: []ui.Button{{Label: p.T("Make my files available again"), TestID: "renew"}, {Label: p.T("Back to your request"), Href: "/my/" + v.r.ID, Look: ui.Quiet}}, TestID: "expired",
	}))
}

func (s subject) renew(c *fiber.Ctx) error {
	if _, err := s.Requests.RenewRelease(c.UserContext(), s.actor(c), c.Params("id")); err != nil {
		return err
	}
	return s.done(c, "/my/"+c.Params("id")+"/files", "renewed")
}

// download sends one file as a stream. The service wrote the entry before it
// gave the first byte. The deadline of the request ends with this handler, so
// the stream has a context of its own.
func (s subject) download(c *fiber.Ctx) error {
	f, body, err := s.Requests.FetchFrom(context.WithoutCancel(c.UserContext()), s.actor(c), c.Params("id"), c.Params("file"),
		func(f requests.NamedFile) (int64, error) { return storedOf(f).From(c) })
	if errors.Is(err, respond.ErrLook) {
		return storedOf(f).Show(c)
	}
	if fault.KindOf(err) == fault.Gone {
		v, lerr := s.look(c)
		if lerr != nil {
			return lerr
		}
		return s.expired(c, v)
	}
	if err != nil {
		return s.strong(c, err)
	}
	return storedOf(f).Send(c, body)
}

func storedOf(f requests.NamedFile) respond.Stored {
	return respond.Stored{Type: f.Type, Name: f.Name, SHA256: f.SHA256, Size: f.Size}
}

// attachmentHeaders make a browser keep a file instead of showing it, and
// leave it powerless if it is shown after all.
func (s subject) attachmentHeaders(c *fiber.Ctx, mediaType, name string) {
	c.Set(fiber.HeaderContentType, mediaType)
	c.Set(fiber.HeaderContentDisposition, attachment(name))
	c.Set(fiber.HeaderContentSecurityPolicy, sandboxed)
}

// Manifest is the list of an answer's files for a computer: portability asks
// for a structured form (art. 20(1) GDPR).
type Manifest struct {
	Reference string         `json:"reference"`
	By        string         `json:"controller"`
	At        string         `json:"released"`
	Files     []ManifestFile `json:"files"`
}

// ManifestFile is one file of a Manifest.
type ManifestFile struct {
	Name   string `json:"name"`
	Right  string `json:"right,omitempty"`
	Type   string `json:"type"`
	Bytes  int64  `json:"bytes"`
	SHA256 string `json:"sha256"`
}

func (s subject) manifest(c *fiber.Ctx) error {
	r, story, err := s.Requests.TakeAway(c.UserContext(), s.actor(c), c.Params("id"), "manifest")
	if err != nil {
		return s.strong(c, err)
	}
	if r.Answer == nil || r.Answer.Outside != nil {
		return requests.ErrNotFound
	}
	who, err := s.parties(c, r)
	if err != nil {
		return err
	}
	m := Manifest{Reference: r.Reference, By: who.desk, At: r.Answer.At.UTC().Format("2006-01-02T15:04:05Z"), Files: []ManifestFile{}}
	for _, f := range story.Files {
		m.Files = append(m.Files, ManifestFile{Name: f.Name, Right: string(f.For), Type: f.Type, Bytes: f.Size, SHA256: f.SHA256})
	}
	body, err := json.MarshalIndent(m, "", "  ")
	if err != nil {
		return err
	}
	s.attachmentHeaders(c, "application/json", "manifest-"+r.Reference+".json")
	return c.Send(body)
}

// answerOf is the whole answer as a letter: what was asked, what was decided,
// the information of art. 15, and where to turn.
func (s subject) answerOf(c *fiber.Ctx, form string) (missive, error) {
	r, story, err := s.Requests.TakeAway(c.UserContext(), s.actor(c), c.Params("id"), form)
	if err != nil {
		return missive{}, err
	}
	return s.answerIn(c, r, story)
}

func (s subject) answerIn(c *fiber.Ctx, r requests.Request, story requests.Story) (missive, error) {
	p, err := s.speech(c), error(nil)
	v := seen{r: r, story: story}
	if v.who, err = s.parties(c, r); err != nil {
		return missive{}, err
	}
	blocks := []pages.Block{{Text: p.T("On %s you sent a request to us. This is our answer to it.", p.Date(r.Received))}}
	for _, item := range r.Items {
		more, err := s.decidedBlocks(c, v, item)
		if err != nil {
			return missive{}, err
		}
		blocks = append(blocks, more...)
	}
	to := []string{story.Person.Name}
	if rep := story.Person.Representative; rep != nil {
		to = []string{rep.Name, p.T("on behalf of %s", story.Person.Name)}
	}
	date := r.Received
	if t := v.answered(); t != nil {
		date = *t
	}
	head := layout.Letter{From: []string{v.who.desk}, To: to, Back: &ui.Link{Label: p.T("Back to your files"), Href: "/my/" + r.ID + "/files"},
		Facts: []ui.Fact{{Name: p.T("Date"), Value: p.Date(date)}, {Name: p.T("Reference"), Value: r.Reference}}, Closing: []string{v.who.desk}}
	return missive{title: p.T("Answer to your request %s", r.Reference), about: r.Reference, head: head, body: blocks}, nil
}

func (s subject) decidedBlocks(c *fiber.Ctx, v seen, item requests.Item) ([]pages.Block, error) {
	p := s.speech(c)
	blocks := []pages.Block{{Kind: "heading", Text: s.asks(p, item.Right)}, {Kind: "facts", Items: s.asked(p, item.Right, v.story.Asked[item.Right])}}
	if item.Decision == nil {
		return append(blocks, pages.Block{Text: p.T("We have not decided about this yet.")}), nil
	}
	d, err := s.decisionOf(c, v, item)
	if err != nil {
		return nil, err
	}
	blocks = append(blocks, pages.Block{Text: d.Words, Law: s.label(p, s.provision(item.Right))})
	if d.Ground != "" {
		blocks = append(blocks, pages.Block{Text: p.T("Ground: %s", d.Ground), Law: d.Chip.Label})
	}
	if d.Reasons != "" {
		blocks = append(blocks, pages.Block{Kind: "quote", Items: []ui.Fact{{Value: d.Reasons}}})
	}
	if len(d.Information) > 0 {
		blocks = append(blocks, pages.Block{Kind: "heading", Text: p.T("What we do with your data")}, pages.Block{Kind: "facts", Items: d.Information})
	}
	if len(d.Recipients) > 0 {
		list := pages.Block{Kind: "list"}
		for _, name := range d.Recipients {
			list.Items = append(list.Items, ui.Fact{Value: name})
		}
		blocks = append(blocks, pages.Block{Text: d.RecipientIs + ":"}, list)
	}
	if len(d.Recourse) > 0 {
		blocks = append(blocks, pages.Block{Kind: "heading", Text: d.RecourseIs})
		for _, r := range d.Recourse {
			blocks = append(blocks, pages.Block{Text: r})
		}
		list := pages.Block{Kind: "list"}
		for _, line := range append(slices.Clone(d.Address), d.Website) {
			list.Items = append(list.Items, ui.Fact{Value: line})
		}
		blocks = append(blocks, list)
	}
	return blocks, nil
}

// label writes a provision the way the reader's language does: "art. 17 lid 3
// onder b AVG" for "17(3)(b) GDPR".
func (s subject) label(p *language.Printer, id string) string {
	if l := s.law(p, id); l != nil {
		return l.Label
	}
	if p.Tag() == "nl" {
		id = point.ReplaceAllString(id, "$1 onder $2")
		id = strings.ReplaceAll(paragraph.ReplaceAllString(id, "$1 lid $2"), "GDPR", "AVG")
	}
	return p.T("art. %s", id)
}

var (
	point     = regexp.MustCompile(`(\d+(?:\(\d+\))?)\(([a-z])\)`)
	paragraph = regexp.MustCompile(`(\d+)\((\d+)\)`)
)

func (s subject) letter(c *fiber.Ctx) error {
	l, err := s.answerOf(c, "page")
	if err != nil {
		return s.strong(c, err)
	}
	return s.onPage(c, l)
}

// answerPDF is the same answer as a document to keep.
func (s subject) answerPDF(c *fiber.Ctx) error {
	l, err := s.answerOf(c, "pdf")
	if err != nil {
		return err
	}
	return s.pdf(c, l, s.speech(c).T("answer"))
}
