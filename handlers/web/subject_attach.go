package web

import (
	"io"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/handlers/upload"
	"inzage/services/fault"
	"inzage/services/requests"
	pages "inzage/views/pages/subject"
	"inzage/views/ui"
)

// sent is a form with files after it was read: what was kept, what was refused.
type sent struct {
	fields  map[string][]string
	kept    []requests.File
	refused ui.FieldErrors
	status  int // of the first refusal
}

func (f sent) one(name string) string {
	if all := f.fields[name]; len(all) > 0 {
		return all[0]
	}
	return ""
}

// receive reads a form with files. The form token comes first and is checked
// before a byte of a file is kept. A file that is refused does not stop the
// others; one that is too large ends the form, so that nobody waits for nothing.
func (s subject) receive(c *fiber.Ctx, field string, keep func(requests.Upload) (requests.File, error)) (sent, error) {
	p := s.speech(c)
	out := sent{status: fiber.StatusUnprocessableEntity}
	proven := false
	fields, err := upload.Form(c, func(fields map[string][]string, f upload.File) error {
		if !proven {
			if err := session.Proven(c, firstOf(fields[ui.CSRFField])); err != nil {
				return err
			}
			proven = true
		}
		file, err := keep(requests.Upload{Name: f.Name, Size: -1, Body: f.Body})
		if err == nil {
			out.kept = append(out.kept, file)
			return nil
		}
		if !s.invalid(err) {
			return err
		}
		reason := refusalOf(err)
		text := p.T(reason.Text, reason.Args...)
		for _, one := range reason.Fields {
			text = p.T(one.Text, one.Args...)
		}
		if len(out.refused) == 0 {
			out.status = respond.Status(err)
		}
		out.refused = append(out.refused, ui.FieldError{Name: field, Text: requests.CleanName(f.Name) + ": " + text})
		if reason.Kind == fault.TooLarge {
			return err
		}
		_, err = io.Copy(io.Discard, f.Body)
		return err
	})
	out.fields = fields
	if err != nil && (len(out.refused) == 0 || !s.invalid(err)) {
		return out, err
	}
	if !proven {
		if err := session.Proven(c, firstOf(fields[ui.CSRFField])); err != nil {
			return out, err
		}
	}
	return out, nil
}

func firstOf(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}

// attachments shows the files of the form.
func (s subject) attachments(c *fiber.Ctx, v filing, status int) error {
	p := s.speech(c)
	named, err := s.Requests.DraftFiles(c.UserContext(), v.draft)
	if err != nil {
		return err
	}
	step := s.stepOf(c, &v)
	step.Heading, step.Lead = true, p.T("Only if it helps: a letter, a screenshot, a bill. A copy of your identity document is not needed now. If there is doubt about who you are, you are asked for the least that settles it.")
	step.Inputs = []pages.Input{{Kind: pages.Upload, Field: ui.Field{Name: "file", Label: p.T("Choose files"), Optional: true, Multiple: true, Error: v.errs.For("file"),
		Hint: p.T("Documents, pictures, recordings or data files, at most %d together. Programs and web pages are not accepted.", s.Requests.Limits.Files)}}}
	view := pages.Attachments{Step: step, Remove: "/file/attachments/remove", Empty: p.T("You have not added a file. You need not.")}
	for _, f := range named {
		view.Files = append(view.Files, pages.Attached{File: s.file(p, f), ID: f.ID})
	}
	page := s.framed(c, v.org, "Do you want to add files?")
	page.Invalid = len(v.errs) > 0
	return respond.Page(c, status, pages.AttachmentsPage(page, view))
}

// attachTo keeps a file of somebody who has proven nothing yet.
func (s subject) attachTo(c *fiber.Ctx, draft string, u requests.Upload) (requests.File, error) {
	if err := s.Identity.MaySendFile(c.UserContext(), s.address(c)); err != nil {
		return requests.File{}, err
	}
	return s.Requests.AttachToDraft(c.UserContext(), draft, u)
}

// attach keeps the files that were chosen, and goes on or stays.
func (s subject) attach(c *fiber.Ctx) error {
	v, err := s.open(c, stepAttachments)
	if err != nil || v.id == "" {
		return err
	}
	form, err := s.receive(c, "file", func(u requests.Upload) (requests.File, error) {
		return s.attachTo(c, v.id, u)
	})
	if err != nil {
		return err
	}
	if form.one("then") == stepCheck {
		v.then = stepCheck
	}
	if len(form.refused) > 0 {
		again, err := s.load(c, stepAttachments)
		if err != nil {
			return err
		}
		again.then, again.errs = v.then, form.refused
		return s.attachments(c, again, form.status)
	}
	switch form.one("do") {
	case "back":
		if v.then != "" {
			return s.done(c, "/file/"+stepCheck, "")
		}
		return s.done(c, "/file/"+v.before(), "")
	case "next":
		return s.done(c, v.after(), "")
	}
	to := "/file/attachments"
	if v.then != "" {
		to += "?then=" + v.then
	}
	return s.done(c, to, "")
}

// open loads the form for a change. Where there is none, or it was sent, the
// answer is given already and the filing has no id.
func (s subject) open(c *fiber.Ctx, step string) (filing, error) {
	v, err := s.load(c, step)
	if fault.KindOf(err) == fault.Gone {
		return filing{}, s.noDraft(c, err)
	}
	if err != nil {
		return filing{}, err
	}
	if v.draft.Submitted {
		return filing{}, c.Redirect("/file/prove", fiber.StatusSeeOther)
	}
	return v, nil
}

func (s subject) detach(c *fiber.Ctx) error {
	v, err := s.open(c, stepAttachments)
	if err != nil || v.id == "" {
		return err
	}
	file := c.FormValue("file")
	known := false
	for _, f := range v.draft.Files {
		known = known || f.ID == file
	}
	if known {
		if err := s.Requests.DetachFromDraft(c.UserContext(), v.id, file); err != nil {
			return err
		}
		if r := v.f.Person.Representative; r != nil && r.Proof == file {
			r.Proof = ""
			if err := s.Requests.SaveDraft(c.UserContext(), v.id, v.f); err != nil {
				return err
			}
		}
	}
	to := "/file/attachments"
	if v.then != "" {
		to += "?then=" + v.then
	}
	return s.done(c, to, "")
}

// authorise takes for whom is asked, with the proof that one may.
func (s subject) authorise(c *fiber.Ctx) error {
	v, err := s.open(c, stepAuthority)
	if err != nil || v.id == "" {
		return err
	}
	form, err := s.receive(c, "file", func(u requests.Upload) (requests.File, error) {
		return s.attachTo(c, v.id, u)
	})
	if err != nil {
		return err
	}
	if form.one("then") == stepCheck {
		v.then = stepCheck
	}
	s.read(c, &v, func(name string) []string { return form.fields[name] })
	if n := len(form.kept); n > 0 && v.f.Person.Representative != nil {
		v.f.Person.Representative.Proof = form.kept[n-1].ID
	}
	v.errs = form.refused
	return s.goOn(c, v, form.one("do"))
}
