package web

import (
	"context"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/agreements"
	content "inzage/services/attachment"
	"inzage/services/audits"
	"inzage/services/identity"
	"inzage/services/requests"
	"inzage/services/vault"
	"inzage/views/ui"
)

// auditing is the pages of audits: for the two parties, and for the auditor
// who was invited to one.
type auditing struct{ *Site }

func (s *Site) mountAudits(app routes) {
	h := auditing{s}

	h.mountLists(app)
	h.mountBooking(app)
	h.mountCalendar(app)
	h.mountAuditor(app)
	h.mountDocuments(app)
	h.mountRecord(app)
	h.mountCosts(app)

	app.Get("/audits/:id", h.at((*bench).audit))
	app.Get("/audits/:id/dossier", h.at((*bench).dossier))
	app.Get("/audits/:id/proof/:number", h.at((*bench).proof))
	app.Get("/audits/:id/proof/:number/file", h.at((*bench).proofFile))
	app.Get("/audits/:id/do/:deed", h.at((*bench).deed))
	app.Post("/audits/:id/do/:deed", post(h.at((*bench).done)))
	app.Post("/audits/:id/files/:of", h.at((*bench).attach))
	app.Post("/audits/:id/files/:of/:file/remove", post(h.at((*bench).detach)))
	app.Get("/audits/:id/files/:file", h.at((*bench).openFile))
}

// bench is one request of somebody who takes part in an audit.
type bench struct{ desk }

// at makes a handler of a page.
func (s auditing) at(page func(*bench) error) fiber.Handler {
	return func(c *fiber.Ctx) error {
		return page(&bench{desk{staff: staff(s), c: c, ctx: c.UserContext(), by: session.Actor(c), p: s.speech(c), names: map[string]string{}}})
	}
}

// papers is an audit as the reader may see it, opened.
type papers struct {
	a     audits.Audit
	sight audits.Sight
	story audits.Story     // from audits.Asked on
	rules audits.Judgement // with audits.Content
}

// open reads an audit and, as far as the reader may see it, its content; the
// service leaves the entry of the reading. When its content was destroyed, the
// error is of kind Gone, and the bare facts come with it.
func (b *bench) open() (papers, error) {
	a, sight, err := b.Audits.Look(b.ctx, b.by, b.c.Params("id"))
	if err != nil {
		return papers{}, err
	}
	o := papers{a: a, sight: sight}
	if a.Shredded != nil {
		return o, vault.ErrGone
	}
	if sight >= audits.Asked {
		if o.story, err = b.Audits.Tell(b.ctx, b.by, a); err != nil {
			return o, err
		}
	}
	if sight == audits.Content {
		o.rules, err = b.Audits.Judge(b.ctx, b.by, a)
	}
	return o, err
}

func (o papers) path(more string) string { return "/audits/" + o.a.ID + more }

// party is the side that the reader is on; the auditor is on the controller's.
func (b *bench) party(o papers) audits.Party {
	if b.by.Organisation == o.a.Processor {
		return audits.Processor
	}
	return audits.Controller
}

// isAuditor tells whether the reader is here as the auditor.
func (b *bench) isAuditor() bool { return b.by.Is(identity.Auditor) }

// side names a party.
func (b *bench) side(o papers, p audits.Party) string {
	if p == audits.Processor {
		return b.org(o.a.Processor)
	}
	return b.org(o.a.Controller)
}

// chip is the chip of an explanation. Only the parties can read the agreement,
// so for the auditor it leads nowhere.
func (b *bench) chip(e agreements.Explanation, agreement string) *ui.Clause {
	if b.isAuditor() {
		agreement = ""
	}
	return b.desk.chip(e, agreement)
}

// sentences writes out the reasons of the booking engine.
func (b *bench) sentences(all []audits.Sentence) []string {
	var words []string
	for _, s := range all {
		words = append(words, b.p.T(s.Text, filled(b.p, s.Args)...))
	}
	return words
}

// attach takes files for one thing in the audit, as streams.
func (b *bench) attach() error {
	id, of := b.c.Params("id"), b.c.Params("of")
	errs, err := b.receive("file", func(_ map[string][]string, u requests.Upload) error {
		_, err := b.Audits.Attach(context.WithoutCancel(b.ctx), b.by, id, of, content.Upload{Name: u.Name, Size: u.Size, Body: u.Body})
		return err
	})
	if err != nil {
		return err
	}
	if errs == nil {
		return b.Site.done(b.c, "/audits/"+id+"#"+of, "files-added")
	}
	o, err := b.open()
	if err != nil {
		return err
	}
	return b.showAudit(fiber.StatusUnprocessableEntity, o, errs)
}

func (b *bench) detach() error {
	id, of := b.c.Params("id"), b.c.Params("of")
	if _, err := b.Audits.Detach(b.ctx, b.by, id, b.c.Params("file")); err != nil {
		return err
	}
	return b.Site.done(b.c, "/audits/"+id+"#"+of, "file-removed")
}

// openFile streams a file to who may see what it belongs to.
func (b *bench) openFile() error {
	f, body, err := b.Audits.Open(context.WithoutCancel(b.ctx), b.by, b.c.Params("id"), b.c.Params("file"))
	if err != nil {
		return err
	}
	return respond.Stored{Type: f.Type, Name: f.Name, SHA256: f.SHA256, Size: f.Size}.Send(b.c, body)
}

// files lists the files of one thing in the audit.
func (b *bench) files(o papers, of string) []ui.File {
	var all []ui.File
	for _, f := range o.story.Files {
		if f.Of == of {
			all = append(all, ui.File{Name: f.Name, Kind: b.fileKind(f.Type), Size: b.p.Bytes(f.Size), Href: o.path("/files/" + f.ID)})
		}
	}
	return all
}
