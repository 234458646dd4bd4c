package web

import (
	"errors"
	"regexp"
	"slices"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/fault"
	"inzage/services/identity"
	"inzage/services/ledger"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

// ownStart is where an agreement begins that looks like no other.
const ownStart = `key: our-agreement
title: Our processing agreement
processor:
  name: Name of the processor
# Leave out what your agreement says nothing about; then the law applies.
requests:
  at_processor:
    - rights: [all]
      route: forward
      clause: "1"
`

func (h house) preset(c *fiber.Ctx) error {
	key := c.Params("key")
	source, err := agreements.PresetSource(key)
	if err != nil {
		return document.ErrNotFound
	}
	t, err := agreements.Preset(key)
	if err != nil {
		return err
	}
	words, p := h.speech(c), h.page(c, "")
	p.Title = t.Title
	v := pages.Contract{Back: ui.Link{Label: p.T("Agreements"), Href: "/agreements"}, Lead: t.Processes.In(words.Tag()),
		Sections: h.sections(words, t), Silent: h.silent(words, t), Source: h.lines(string(source))}
	if session.Actor(c).Is(identity.Admin) {
		v.Back = ui.Link{Label: p.T("Add an agreement"), Href: "/agreements/new"}
		v.Buttons = []ui.Button{{Label: p.T("Begin with this"), Href: "/agreements/new?from=" + key}}
	}
	return respond.Page(c, fiber.StatusOK, pages.ContractPage(p, v))
}

// newForm is the first step, or with a start chosen the second.
func (h house) newForm(c *fiber.Ctx) error {
	from := c.Query("from")
	if from == "" {
		return h.choosePage(c)
	}
	source := []byte(ownStart)
	if from != "own" {
		var err error
		if source, err = agreements.PresetSource(from); err != nil {
			return document.ErrNotFound
		}
	}
	return h.writePage(c, fiber.StatusOK, pages.Write{ID: ledger.NewID("agr"), From: from, Source: string(source)})
}

func (h house) choosePage(c *fiber.Ctx) error {
	words, p := h.speech(c), h.page(c, "Add an agreement")
	v := pages.Choose{Back: ui.Link{Label: p.T("Agreements"), Href: "/agreements"}}
	for _, key := range agreements.Keys() {
		t, err := agreements.Preset(key)
		if err != nil {
			return err
		}
		v.Presets = append(v.Presets, pages.Preset{Key: key, Title: t.Title, Processor: t.Processor.Name, Processes: t.Processes.In(words.Tag()),
			Silent: p.T("Silent on %d terms.", len(agreements.Silent(t)))})
	}
	return respond.Page(c, fiber.StatusOK, pages.ChoosePage(p, v))
}

func (h house) writePage(c *fiber.Ctx, status int, v pages.Write) error {
	title, p := "Write down the agreement", h.speech(c)
	v.Action = c.Path()
	if v.Amend {
		title = "A new version of the terms"
		v.Lead = p.T("Change what was agreed anew. The version before stays as it is; what began under it goes on under it.")
	} else {
		v.Back = ui.Link{Label: p.T("Choose another start"), Href: "/agreements/new"}
		v.Step = p.T("Step %s of %s", "2", "3")
		v.Lead = p.T("Fill in who agreed on what, and from when. Nothing is added before you have seen what the portal makes of it.")
		v.Roles = []ui.Option{
			{Value: "controller", Label: p.T("The controller"), Hint: p.T("You decide why and how the data are used.")},
			{Value: "processor", Label: p.T("The processor"), Hint: p.T("You work with the data for the other party.")},
		}
	}
	page := h.page(c, title)
	page.Invalid = len(v.Errors) > 0
	return respond.Page(c, status, pages.WritePage(page, v))
}

// written reads the form of an agreement.
func (h house) written(c *fiber.Ctx) pages.Write {
	return pages.Write{ID: c.FormValue("id"), From: c.FormValue("preset"), Role: c.FormValue("role"), Other: strings.TrimSpace(c.FormValue("other")),
		SignedOn: c.FormValue("signed_on"), Begins: c.FormValue("from"), Until: c.FormValue("until"),
		Source: strings.ReplaceAll(c.FormValue("source"), "\r\n", "\n")}
}

// agreementID is what the form carries, so that pressing twice adds one.
var agreementID = regexp.MustCompile(`^agr_[A-Z2-7]{26}$`)

// newStep goes on from the form: to the summary, back to the form, or to the end.
func (h house) newStep(c *fiber.Ctx) error {
	v := h.written(c)
	if !agreementID.MatchString(v.ID) {
		v.ID = ledger.NewID("agr")
	}
	if c.FormValue("do") == "change" {
		return h.writePage(c, fiber.StatusOK, v)
	}
	in, other, errs := h.signing(c, v)
	checked := in.Check()
	if all, ok := h.refusals(c, checked); ok {
		errs = append(errs, without(all, "controller")...)
	}
	terms, problems := agreements.Parse([]byte(v.Source))
	if len(errs) > 0 || len(problems) > 0 {
		v.Faults = h.faults(h.speech(c), v.Source, problems)
		v.Errors = h.oneForSource(c, errs, len(problems))
		return h.writePage(c, fiber.StatusUnprocessableEntity, v)
	}
	if c.FormValue("do") != "sign" {
		return h.checkPage(c, v, other, terms)
	}
	by := session.Actor(c)
	_, err := h.Agreements.Sign(c.UserContext(), by, v.ID, in)
	if errors.Is(err, document.ErrTaken) {
		// Pressed twice: it is there already, or the id is not ours to see.
		_, err = h.Agreements.Get(c.UserContext(), by, v.ID)
	}
	if err != nil {
		return err
	}
	return h.done(c, "/agreements/"+v.ID, "agreement-added")
}

// signing is what the form means: which organisation is which party.
func (h house) signing(c *fiber.Ctx, v pages.Write) (agreements.Signing, identity.Organisation, ui.FieldErrors) {
	by, p := session.Actor(c), h.speech(c)
	in := agreements.Signing{SignedOn: v.SignedOn, From: v.Begins, Until: v.Until, Source: v.Source}
	var errs ui.FieldErrors
	other, err := h.Identity.OrganisationAt(c.UserContext(), v.Other)
	switch {
	case fault.KindOf(err) == fault.NotFound || v.Other == "":
		errs = append(errs, ui.FieldError{Name: "other", Text: p.T("No organisation here has a start page with this name. Look at its address, or ask the operator of the portal to add it.")})
	case err != nil:
		errs = append(errs, ui.FieldError{Name: "other", Text: p.T("The other party could not be looked up just now. Please try again.")})
	case other.ID == by.Organisation:
		errs = append(errs, ui.FieldError{Name: "other", Text: p.T("This is your own organisation. Fill in the other party.")})
	}
	switch v.Role {
	case "controller":
		in.Controller, in.Processor = by.Organisation, other.ID
	case "processor":
		in.Controller, in.Processor = other.ID, by.Organisation
	default:
		errs = append(ui.FieldErrors{{Name: "role", Text: p.T("Choose what your organisation is in this agreement.")}}, errs...)
	}
	return in, other, errs
}

// without leaves out the errors of one field.
func without(errs ui.FieldErrors, field string) ui.FieldErrors {
	return slices.DeleteFunc(errs, func(e ui.FieldError) bool { return e.Name == field })
}

// oneForSource names the terms once among the errors; their faults stand
// beside the text, each with its line.
func (h house) oneForSource(c *fiber.Ctx, errs ui.FieldErrors, problems int) ui.FieldErrors {
	errs = without(errs, "source")
	if problems > 0 {
		errs = append(errs, ui.FieldError{Name: "source", Text: h.speech(c).T("%d things are wrong in the terms. Each is named with its line.", problems)})
	}
	return errs
}

func (h house) carried(v pages.Write) []pages.Carried {
	return []pages.Carried{{Name: "id", Value: v.ID}, {Name: "preset", Value: v.From}, {Name: "role", Value: v.Role}, {Name: "other", Value: v.Other}, {Name: "signed_on", Value: v.SignedOn},
		{Name: "from", Value: v.Begins}, {Name: "until", Value: v.Until}, {Name: "source", Value: v.Source}}
}

func (h house) checkPage(c *fiber.Ctx, v pages.Write, other identity.Organisation, t agreements.Terms) error {
	words, p := h.speech(c), h.page(c, "Is this what was agreed?")
	until := p.T("No end was agreed")
	if v.Until != "" {
		until = h.day(words, v.Until)
	}
	own := p.User.Organisation
	facts := []ui.Fact{{Name: p.T("Controller"), Value: own}, {Name: p.T("Processor"), Value: other.Name}}
	if v.Role == "processor" {
		facts[0].Value, facts[1].Value = other.Name, own
	}
	facts = append(facts, ui.Fact{Name: p.T("Signed on"), Value: h.day(words, v.SignedOn)}, ui.Fact{Name: p.T("In force from"), Value: h.day(words, v.Begins)}, ui.Fact{Name: p.T("In force until"), Value: until})
	return respond.Page(c, fiber.StatusOK, pages.CheckPage(p, pages.Check{
		Step: p.T("Step %s of %s", "3", "3"), Action: c.Path(), Carried: h.carried(v), Sections: h.sections(words, t), Silent: h.silent(words, t),
		Confirm: ui.Confirmation{Title: p.T("Propose “%s”", t.Title), Facts: facts, Will: []string{
			p.T("An administrator of %s is asked to accept it. Until then it has no effect on anybody.", other.Name),
			p.T("Once accepted, the portal works by it from its first day, but never from before the day it was accepted: it routes requests, counts days and divides costs as you read below."),
			p.T("It stays in the history. You change it by proposing a version, not by removing this one."),
		}, Confirm: ui.Button{Label: p.T("Propose the agreement"), Name: "do", Value: "sign"}, Cancel: ui.Link{Label: p.T("Stop, add nothing"), Href: "/agreements"}},
	}))
}
