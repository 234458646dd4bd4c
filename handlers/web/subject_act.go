package web

import (
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/services/fault"
	"inzage/services/requests"
	"inzage/views/layout"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// filesField is the field for files of the forms on a request's page.
func (s subject) filesField(c *fiber.Ctx, errs ui.FieldErrors) pages.Input {
	p := s.speech(c)
	return pages.Input{Kind: pages.Upload, Field: ui.Field{Name: "file", Label: p.T("Files"), Optional: true, Multiple: true, Error: errs.For("file"),
		Hint: p.T("Documents, pictures, recordings or data files, at most %d together. Programs and web pages are not accepted.", s.Requests.Limits.Files)}}
}

func (s subject) form(c *fiber.Ctx, status int, title string, v pages.Form) error {
	page := s.page(c, "")
	page.Title, page.Sensitive, page.Invalid = title, true, len(v.Errors) > 0
	return respond.Page(c, status, pages.FormPage(page, v))
}

// allowed reads a request on which something is to be done, and refuses what the
// table does not allow now, before a form is shown for it.
func (s subject) allowed(c *fiber.Ctx, a requests.Action) (seen, error) {
	v, err := s.look(c)
	if err == nil && !v.may(a) {
		err = requests.ErrMoved
	}
	return v, err
}

func (s subject) addForm(c *fiber.Ctx) error {
	v, err := s.allowed(c, requests.Add)
	if err != nil {
		return err
	}
	return s.showAdd(c, v, fiber.StatusOK, "", nil)
}

func (s subject) showAdd(c *fiber.Ctx, v seen, status int, text string, errs ui.FieldErrors) error {
	p, at := s.speech(c), "/my/"+v.r.ID
	return s.form(c, status, p.T("Add something to your request"), pages.Form{
		Lead: p.T("%s reads it together with your request.", v.who.desk), Errors: errs,
		Post: ui.Post{Action: at + "/add", Upload: true},
		Inputs: []pages.Input{{Kind: pages.Area, Field: ui.Field{Name: "text", Label: p.T("What do you want to add?"), Value: text, Optional: true, Error: errs.For("text")}},
			s.filesField(c, errs)},
		Will:    []string{p.T("%s hears that you added something.", v.who.desk), p.T("What you add cannot be taken back, but you can add again.")},
		Buttons: []ui.Button{{Label: p.T("Add this to my request"), TestID: "add"}, {Label: p.T("Back to your request"), Href: at, Look: ui.Quiet}},
	})
}

// add keeps words and files. A form that is refused keeps nothing.
func (s subject) add(c *fiber.Ctx) error {
	return s.take(c, "text", func(text string, files []requests.File) error {
		_, err := s.Requests.AddTo(c.UserContext(), s.actor(c), c.Params("id"), text, files)
		return err
	}, s.showAdd, "added")
}

// take reads a form with a text and files, and hands them to do.
func (s subject) take(c *fiber.Ctx, field string, do func(string, []requests.File) error,
	show func(*fiber.Ctx, seen, int, string, ui.FieldErrors) error, flash string) error {
	ctx, by, id := c.UserContext(), s.actor(c), c.Params("id")
	form, err := s.receive(c, "file", func(u requests.Upload) (requests.File, error) { return s.Requests.Receive(ctx, by, id, u) })
	text := strings.ReplaceAll(form.one(field), "\r\n", "\n")
	errs, status := form.refused, form.status
	if err == nil && len(errs) == 0 {
		if err = do(text, form.kept); err == nil {
			return s.done(c, "/my/"+id, flash)
		}
		if s.invalid(err) {
			errs, _ = s.errors(c, err, "file")
			status, err = respond.Status(err), nil
		}
	}
	if len(form.kept) > 0 {
		if derr := s.Requests.Discard(ctx, by, id, form.kept); derr != nil && err == nil {
			return derr
		}
	}
	if err != nil {
		return err
	}
	if len(form.kept) > 0 {
		errs = append(errs, ui.FieldError{Name: "file", Text: s.speech(c).T("Please choose the other files again as well.")})
	}
	v, err := s.look(c)
	if err != nil {
		return err
	}
	return show(c, v, status, text, errs)
}

func (s subject) replyForm(c *fiber.Ctx) error {
	v, err := s.allowed(c, requests.AnswerIdentity)
	if err != nil {
		return err
	}
	if !v.r.Waiting {
		return requests.ErrMoved
	}
	return s.showReply(c, v, fiber.StatusOK, "", nil)
}

func (s subject) showReply(c *fiber.Ctx, v seen, status int, text string, errs ui.FieldErrors) error {
	if len(v.story.Questions) == 0 {
		return requests.ErrMoved
	}
	p, at, q := s.speech(c), "/my/"+v.r.ID, v.story.Questions[len(v.story.Questions)-1]
	return s.form(c, status, p.T("Answer the question"), pages.Form{
		Lead: p.T("%s wants to be sure that it gives your data to you and to nobody else.", v.who.desk), Errors: errs,
		Quotes: []pages.Quote{{Title: p.T("Why it asks"), Text: q.Reason, Lang: v.r.Language}, {Title: p.T("What you can send"), Text: q.Least, Lang: v.r.Language}},
		Post:   ui.Post{Action: at + "/answer", Upload: true},
		Inputs: []pages.Input{{Kind: pages.Area, Field: ui.Field{Name: "reply", Label: p.T("Your answer"), Value: text, Optional: true, Error: errs.For("reply"),
			Hint: p.T("Send no more than is asked. On a copy of an identity document, make the photo and the citizen service number unreadable.")}}, s.filesField(c, errs)},
		Buttons: []ui.Button{{Label: p.T("Send my answer"), TestID: "reply"}, {Label: p.T("Back to your request"), Href: at, Look: ui.Quiet}},
	})
}

func (s subject) reply(c *fiber.Ctx) error {
	return s.take(c, "reply", func(text string, files []requests.File) error {
		_, err := s.Requests.Reply(c.UserContext(), s.actor(c), c.Params("id"), text, files)
		return err
	}, s.showReply, "answered")
}

func (s subject) withdrawForm(c *fiber.Ctx) error {
	v, err := s.allowed(c, requests.Withdraw)
	if err != nil {
		return err
	}
	p, at := s.speech(c), "/my/"+v.r.ID
	return s.form(c, fiber.StatusOK, p.T("Withdraw your request"), pages.Form{
		Post: ui.Post{Action: at + "/withdraw"},
		Confirm: &ui.Confirmation{Title: p.T("Withdraw request %s", v.r.Reference), Grave: true,
			Facts: []ui.Fact{{Name: p.T("You asked"), Value: s.rightsList(p, v.r)}, {Name: p.T("Who hears it"), Value: v.who.desk}},
			Will: append(s.withdrawsAlso(p, v), p.T("%s stops working on it, and you get no answer.", v.who.desk), p.T("You get an e-mail that confirms it."),
				p.T("You can send a new request at any time. Its 30 days then begin anew.")),
			Confirm: ui.Button{Label: p.T("Withdraw my request"), Look: ui.Grave, TestID: "withdraw"}, Cancel: ui.Link{Label: p.T("Keep my request"), Href: at}},
	})
}

func (s subject) withdraw(c *fiber.Ctx) error {
	if _, err := s.Requests.Retract(c.UserContext(), s.actor(c), c.Params("id")); err != nil {
		return err
	}
	return s.done(c, "/my/"+c.Params("id"), "retracted")
}

// complaint says where and how one can complain, and from when on.
func (s subject) complaint(c *fiber.Ctx) error {
	v, err := s.look(c)
	if err != nil {
		return err
	}
	authority, err := s.Requests.Recourse(c.UserContext(), v.r)
	if err != nil {
		return err
	}
	p, at := s.speech(c), "/my/"+v.r.ID
	view := pages.Plain{
		Lead: p.T("You can complain to %s. That costs nothing.", authority.Name),
		Facts: []ui.Fact{{Name: p.T("Authority"), Value: strings.Join(append([]string{authority.Name}, authority.Address...), "\n"), Chip: s.law(p, "77 GDPR")},
			{Name: p.T("Website"), Value: authority.Website, Href: authority.Website},
			{Name: p.T("Court"), Value: authority.Court.In(p.Tag()), Chip: s.law(p, "79 GDPR")}},
		Buttons: []ui.Button{{Label: p.T("Back to your request"), Href: at, Look: ui.Secondary}}, TestID: "complaint",
	}
	switch {
	case v.late(s.Now()):
		view.Lines = []string{p.T("The answer to your request was due on %s. It has not come.", p.Day(v.clock.Due.Year, v.clock.Due.Month, v.clock.Due.Day))}
	case v.unhappy():
		view.Lines = []string{p.T("%s has not given you everything that you asked. If you do not agree, you can complain.", v.who.desk)}
	case v.r.Open:
		view.Lines = []string{p.T("The answer is due on %s. As long as that day has not passed, the authority will ask you to wait. After it the letter below is ready for you.", p.Day(v.clock.Due.Year, v.clock.Due.Month, v.clock.Due.Day))}
	}
	if v.mayComplain(s.Now()) {
		view.Lines = append(view.Lines, p.T("We have prepared a letter with the facts. You can print it, change nothing or everything, and send it yourself. Your request goes on in the meantime."))
		view.Buttons = append([]ui.Button{{Label: p.T("See the letter"), Href: at + "/complaint/letter"}}, view.Buttons...)
	}
	return respond.Page(c, fiber.StatusOK, pages.PlainPage(s.page(c, "Complain"), view))
}

// complaintLetter is the prepared letter to the authority, to be printed.
func (s subject) complaintLetter(c *fiber.Ctx) error {
	l, err := s.complaintOf(c)
	if err != nil {
		return err
	}
	return s.onPage(c, l)
}

// complaintPDF is the same letter as a document to keep.
func (s subject) complaintPDF(c *fiber.Ctx) error {
	l, err := s.complaintOf(c)
	if err != nil {
		return err
	}
	return s.pdf(c, l, s.speech(c).T("complaint"))
}

func (s subject) complaintOf(c *fiber.Ctx) (missive, error) {
	v, err := s.look(c)
	if err != nil {
		return missive{}, err
	}
	if !v.mayComplain(s.Now()) {
		return missive{}, fault.New(fault.Conflict, "The day of the answer has not passed yet. After it you find the letter here.")
	}
	authority, err := s.Requests.Recourse(c.UserContext(), v.r)
	if err != nil {
		return missive{}, err
	}
	p := s.speech(c)
	name := v.story.Person.Name
	if r := v.story.Person.Representative; r != nil {
		name = r.Name
	}
	day := func(text string) pages.Block { return pages.Block{Text: text} }
	blocks := []pages.Block{day(p.T("Dear Sir or Madam,")),
		day(p.T("On %s I sent a request under the General Data Protection Regulation to %s. Its reference is %s.", p.Date(v.r.Received), v.who.desk, v.r.Reference)),
		day(p.T("I asked:"))}
	list := pages.Block{Kind: "list"}
	for _, right := range v.r.Rights() {
		list.Items = append(list.Items, ui.Fact{Value: s.asks(p, right) + " (" + s.label(p, s.provision(right)) + ")"})
	}
	blocks = append(blocks, list)
	if v.late(s.Now()) {
		blocks = append(blocks, pages.Block{Text: p.T("An answer was due within one month. By %s I should have had it. Until today, %s, it has not come.",
			p.Day(v.clock.Due.Year, v.clock.Due.Month, v.clock.Due.Day), p.Date(s.Now())), Law: s.label(p, "12(3) GDPR")})
	}
	for _, i := range v.r.Items {
		if d := i.Decision; d != nil && d.Outcome != requests.Granted {
			ground := ""
			if g, ok := s.Requests.Catalogue.Ground(string(i.Right), d.Ground); ok {
				ground = g.Text.In(p.Tag())
			}
			blocks = append(blocks, day(p.T("On %s the organisation decided about “%s”: %s. Its ground: %s I do not agree with it.", p.Date(d.At), s.asks(p, i.Right), strings.ToLower(s.outcome(p, d.Outcome).Word), ground)))
		}
	}
	blocks = append(blocks, pages.Block{Text: p.T("I ask you to look into this complaint, and to see to it that my request is answered as the law requires."), Law: s.label(p, "77 GDPR")},
		day(p.T("Yours faithfully,")))
	head := layout.Letter{From: []string{name, v.story.Person.Email}, To: append([]string{authority.Name}, authority.Address...),
		Facts: []ui.Fact{{Name: p.T("Date"), Value: p.Date(s.Now())}, {Name: p.T("About"), Value: v.who.desk}}, Back: &ui.Link{Label: p.T("Back"), Href: "/my/" + v.r.ID + "/complaint"}, Closing: []string{name}}
	return missive{title: p.T("Complaint about request %s", v.r.Reference), about: v.r.Reference, head: head, body: blocks}, nil
}
