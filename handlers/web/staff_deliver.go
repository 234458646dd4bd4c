package web

import (
	"context"
	"errors"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/session"
	"inzage/handlers/upload"
	"inzage/services/fault"
	"inzage/services/requests"
	pages "inzage/views/pages/staff"
	"inzage/views/ui"
)

func (d *desk) askDeliver(o dossier) (pages.Sheet, error) {
	m := pages.Sheet{Title: d.p.T("Release the files to %s", o.person())}
	if len(o.r.Files) == 0 {
		m.Note = d.p.T("There are no files yet. Add them first, or record a delivery outside the portal.")
		return m, nil
	}
	facts := d.goesTo(o, d.p.T("A message that the data are ready. The data themselves never travel by e-mail."))
	for _, f := range o.story.Files {
		facts = append(facts, ui.Fact{Name: d.p.T("File"), Value: f.Name, Note: d.fileKind(f.Type) + " · " + d.p.Bytes(f.Size)})
	}
	m.Confirm = ui.Confirmation{Title: d.p.T("These files go to the person"), Facts: facts, Grave: true, Will: []string{
		d.p.T("The person opens them with a passkey or an authenticator app, until %s.", d.p.DateTime(d.Now().Add(requests.ReleaseTime))),
		d.p.T("Each download leaves an entry in the history."), d.p.T("Files cannot be taken out of the answer any more.")},
		Chip: d.law("15(3) GDPR"), Confirm: d.button(d.p.T("Release these files"))}
	return m, nil
}

func (d *desk) doDeliver(s *requests.Service, id string) (string, error) {
	_, err := s.Release(d.ctx, d.by, id)
	return "request-delivered", err
}

func (d *desk) askOutside(o dossier) (pages.Sheet, error) {
	way := ui.Field{Name: "way", Label: d.p.T("How was it delivered?"), Value: d.field("way"), Options: []ui.Option{
		{Value: "post", Label: d.p.T("By post")}, {Value: "in_person", Label: d.p.T("In person")}}}
	return pages.Sheet{Title: d.p.T("Record a delivery outside the portal"), Lead: d.p.T("Only after the answer was handed over."),
		Asks: []pages.Ask{{Kind: "radio", Field: way}, {Kind: "area", Field: ui.Field{Name: "proof", Label: d.p.T("What proves it"), Rows: 3, Value: d.field("proof"), Hint: d.p.T("A tracking number, or who received it and when.")}}},
		Confirm: ui.Confirmation{Title: d.p.T("The answer counts as delivered"), Facts: d.goesTo(o, d.p.T("How and when the answer was delivered")), Grave: true,
			Will: []string{d.p.T("The proof is kept with the request."), d.p.T("Files in the portal are then not released; you can close the request.")}, Chip: d.law("12(1) GDPR"),
			Confirm: d.button(d.p.T("Record this delivery"))}}, nil
}

func (d *desk) doOutside(s *requests.Service, id string) (string, error) {
	_, err := s.ReleaseOutside(d.ctx, d.by, id, d.field("way"), d.field("proof"))
	return "request-delivered", err
}

func (d *desk) askRenew(o dossier) (pages.Sheet, error) {
	m := pages.Sheet{Title: d.p.T("Open the download again")}
	if o.r.Answer == nil || o.r.Answer.Outside != nil {
		m.Note = d.p.T("Nothing was released through the portal.")
		return m, nil
	}
	m.Confirm = ui.Confirmation{Title: d.p.T("Seven more days to download"), Facts: d.goesTo(o, d.p.T("That the files can be downloaded again")),
		Will: []string{d.p.T("The files can be downloaded until %s.", d.p.DateTime(d.Now().Add(requests.ReleaseTime)))}, Confirm: d.button(d.p.T("Open the download for seven days"))}
	return m, nil
}

func (d *desk) doRenew(s *requests.Service, id string) (string, error) {
	_, err := s.RenewRelease(d.ctx, d.by, id)
	return "request-renewed", err
}

func (d *desk) askRemove(o dossier) (pages.Sheet, error) {
	id := orElse(d.c.Query("file"), d.field("file"))
	for _, f := range o.story.Files {
		if f.ID != id {
			continue
		}
		will := []string{d.p.T("The file is erased. To send it after all, add it again.")}
		if f.Assist != "" {
			will = []string{d.p.T("The file stays with the processor's answer, so you can use it again.")}
		}
		return pages.Sheet{Title: d.p.T("Take a file out of the answer"), Hidden: []ui.Button{{Name: "file", Value: id}}, Confirm: ui.Confirmation{
			Title: f.Name, Facts: []ui.Fact{{Name: d.p.T("File"), Value: f.Name, Note: d.fileKind(f.Type) + " · " + d.p.Bytes(f.Size)}}, Will: will, Grave: f.Assist == "",
			Confirm: ui.Button{Label: d.p.T("Take this file out"), Look: ui.Grave, TestID: "do"}}}, nil
	}
	return pages.Sheet{}, requests.ErrNotFound
}

func (d *desk) doRemove(s *requests.Service, id string) (string, error) {
	_, err := s.RemoveAnswerFile(d.ctx, d.by, id, d.field("file"))
	return "file-removed", err
}

// told ticks off a recipient: told, or impossible to tell (art. 19 GDPR).
func (d *desk) told() error {
	n, err := strconv.Atoi(d.field("recipient"))
	if err != nil {
		return requests.ErrNotFound
	}
	result := d.field("result")
	if result != "told" && result != "spared" {
		return requests.ErrNotFound
	}
	if _, err := d.Requests.MarkTold(d.ctx, d.by, d.c.Params("id"), requests.Right(d.field("right")), n, result == "spared"); err != nil {
		return err
	}
	return d.Site.done(d.c, "/requests/"+d.c.Params("id"), "saved")
}

// download streams an attachment or a file of the answer to the desk.
func (d *desk) download() error {
	// The deadline of the request ends with this handler, the stream does not.
	f, body, err := d.Requests.View(context.WithoutCancel(d.ctx), d.by, d.c.Params("id"), d.c.Params("file"))
	if err != nil {
		return err
	}
	return storedOf(f).Send(d.c, body)
}

// addFile takes files for the answer, as streams: the text fields, the form
// token among them, come before the first byte.
func (d *desk) addFile() error {
	id := d.c.Params("id")
	errs, err := d.receive("file", func(fields map[string][]string, u requests.Upload) error {
		u.For = requests.Right(first(fields["for"]))
		if u.For != "" && !requests.Known(u.For) {
			u.For = ""
		}
		_, err := d.Requests.AddAnswerFile(d.ctx, d.by, id, u)
		return err
	})
	if err != nil {
		return err
	}
	if errs == nil {
		return d.Site.done(d.c, "/requests/"+id, "files-added")
	}
	o, err := d.open()
	if err != nil {
		return err
	}
	m, err := d.whole(o)
	if err != nil {
		return err
	}
	if m.Upload == nil {
		m.Upload = d.uploadForm(o)
	}
	m.Upload.Errors, m.Upload.File.Error = errs, errs.For("file")
	return d.showRequest(fiber.StatusUnprocessableEntity, o, m)
}

// receive reads a form with files and hands each to take. Mistakes of the
// reader come back as errors of the field.
func (d *desk) receive(field string, take func(map[string][]string, requests.Upload) error) (ui.FieldErrors, error) {
	proven, taken, name := false, 0, ""
	prove := func(fields map[string][]string) error {
		if proven {
			return nil
		}
		proven = true
		return session.Proven(d.c, first(fields[ui.CSRFField]))
	}
	fields, err := upload.Form(d.c, func(fields map[string][]string, f upload.File) error {
		if err := prove(fields); err != nil {
			return err
		}
		taken++
		name = requests.CleanName(f.Name)
		return take(fields, requests.Upload{Name: f.Name, Size: -1, Body: f.Body})
	})
	if err == nil {
		err = prove(fields)
	}
	if err == nil && taken == 0 {
		return ui.FieldErrors{{Name: field, Text: d.p.T("Choose a file first.")}}, nil
	}
	if err == nil {
		return nil, nil
	}
	var f *fault.Error
	if errors.As(err, &f) {
		if errs, mine := d.wrong(err, field); mine {
			for i := range errs {
				errs[i].Name, errs[i].Text = field, name+": "+errs[i].Text
			}
			return errs, nil
		}
	}
	return nil, err
}

func first(all []string) string {
	if len(all) == 0 {
		return ""
	}
	return all[0]
}
