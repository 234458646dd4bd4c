package web

import (
	"net/url"
	"strconv"

	"github.com/gofiber/fiber/v2"

	"inzage/services/agreements"
	"inzage/services/audits"
	"inzage/services/fault"
	pages "inzage/views/pages/audit"
	"inzage/views/ui"
)

func (s auditing) mountAuditor(app routes) {
	app.Post("/audits/:id/undertaking", post(s.at((*bench).sign)))
}

// threshold is what the auditor sees who has not signed: the parties and the
// undertaking, in the reader's language.
func (b *bench) threshold(o papers) error { return b.showThreshold(fiber.StatusOK, o, nil) }

func (b *bench) showThreshold(status int, o papers, bad ui.FieldErrors) error {
	text, err := b.Audits.Undertaking(b.ctx, b.by, o.a, b.p.Tag())
	if err != nil {
		return err
	}
	applied, err := b.Agreements.Applied(b.ctx, o.a.Agreement, o.a.Version)
	if err != nil {
		return err
	}
	page := b.frame("Sign the confidentiality undertaking")
	page.Path, page.Invalid = o.path(""), status >= 400
	m := pages.Threshold{Back: ui.Link{Label: b.p.T("All audits"), Href: "/audits"},
		Facts: []ui.Fact{{Name: b.p.T("Audit"), Value: o.a.Reference}, {Name: b.p.T("The controller, for whom you work"), Value: b.org(o.a.Controller)},
			{Name: b.p.T("The processor, whom you audit"), Value: b.org(o.a.Processor)}},
		Means: []string{b.p.T("You bind yourself to every sentence of the text below, also after the audit has ended."),
			b.p.T("Both parties see your name as you type it, the text, and the time. The portal seals them, so that nobody can change them later."),
			b.p.T("Then you see this audit: the notice, the answers of the processor, the findings. You do not see the costs, nor any other audit."),
			b.p.T("Your access ends at once when the audit is closed or cancelled, or when the controller withdraws your invitation.")},
		// Without a link to the terms: those are between the parties.
		Chip:   b.chip(agreements.Explain(applied.Terms, agreements.TermConfidentiality, ""), ""),
		Text:   pages.Undertaking{Lines: text.Lines, Lang: text.Language},
		Post:   ui.Post{Action: o.path("/undertaking"), TestID: "sign"},
		Hidden: []ui.Button{{Name: "version", Value: strconv.Itoa(text.Version)}, {Name: "language", Value: text.Language}},
		Name: ui.Field{Name: "name", Label: b.p.T("Your full name"), Hint: b.p.T("As it stands in your passport. This is your signature."), Value: b.field("name"), Autocomplete: "name",
			Error: bad.For("name"), MaxLength: 200},
		Agrees: ui.Field{Name: "agrees", Label: b.p.T("I have read this undertaking and bind myself to it."), Value: b.field("agrees"), Error: bad.For("agrees")},
		Sign:   ui.Button{Label: b.p.T("Sign the undertaking"), TestID: "do"}}
	// The wording is no field of the form: it is told above the text that is new.
	for _, e := range bad {
		if e.Name == "version" {
			m.Changed, m.Agrees.Value = e.Text, ""
			continue
		}
		m.Errors = append(m.Errors, e)
	}
	if !b.by.Strong(b.Now()) {
		m.Confirm = &ui.Link{Label: b.p.T("Confirm that it is you"), Href: "/account/confirm?to=" + url.QueryEscape(o.path(""))}
	}
	return b.show(status, pages.ThresholdPage(page, m))
}

// sign signs the undertaking as it was shown. A wording that changed meanwhile
// comes back to be read anew, with what was typed.
func (b *bench) sign() error {
	id := b.c.Params("id")
	version, err := strconv.Atoi(b.field("version"))
	if err != nil {
		version = 0 // no wording has it, so the text is shown again
	}
	_, err = b.Audits.SignUndertaking(b.ctx, b.by, id, audits.Signature{Name: b.field("name"), Version: version, Language: b.field("language"), Agrees: b.field("agrees") != ""})
	if err == nil {
		return b.Site.done(b.c, "/audits/"+id, "auditor-signed")
	}
	if fault.KindOf(err) == fault.StepUp {
		return b.stepUp("/audits/" + id)
	}
	bad, mine := b.wrong(err, "")
	if !mine {
		return err
	}
	o, operr := b.open()
	if operr != nil {
		return operr
	}
	if o.sight != audits.Threshold {
		return b.c.Redirect("/audits/"+id, fiber.StatusSeeOther) // signed already
	}
	return b.showThreshold(fiber.StatusUnprocessableEntity, o, bad)
}
