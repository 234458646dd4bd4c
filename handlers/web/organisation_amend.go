package web

import (
	"strconv"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/agreements"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

func (h house) amendForm(c *fiber.Ctx) error {
	a, err := h.Agreements.Get(c.UserContext(), session.Actor(c), c.Params("id"))
	if err != nil {
		return err
	}
	return h.writePage(c, fiber.StatusOK, pages.Write{Amend: true, Back: h.toAgreement(c, a), Begins: h.today(), Source: a.Newest().Source})
}

func (h house) toAgreement(c *fiber.Ctx, a agreements.Agreement) ui.Link {
	return ui.Link{Label: h.speech(c).T("Back to the agreement"), Href: "/agreements/" + a.ID}
}

// amendStep goes on from the form: to what changes, back to it, or to the end.
func (h house) amendStep(c *fiber.Ctx) error {
	by, words := session.Actor(c), h.speech(c)
	a, err := h.Agreements.Get(c.UserContext(), by, c.Params("id"))
	if err != nil {
		return err
	}
	v := h.written(c)
	v.Amend, v.Back = true, h.toAgreement(c, a)
	if c.FormValue("do") == "change" {
		return h.writePage(c, fiber.StatusOK, v)
	}
	terms, problems := agreements.Parse([]byte(v.Source))
	errs, _ := h.refusals(c, h.Agreements.CheckAmendment(a, v.Begins, v.Source))
	if len(errs) > 0 || len(problems) > 0 {
		v.Faults = h.faults(words, v.Source, problems)
		v.Errors = h.oneForSource(c, errs, len(problems))
		return h.writePage(c, fiber.StatusUnprocessableEntity, v)
	}
	if c.FormValue("do") == "sign" {
		if _, err := h.Agreements.Amend(c.UserContext(), by, a.ID, v.Begins, v.Source); err != nil {
			return err
		}
		return h.done(c, "/agreements/"+a.ID, "agreement-amended")
	}
	last := a.Newest()
	before, err := h.Agreements.Applied(c.UserContext(), a.ID, last.Number)
	if err != nil {
		return err
	}
	p := h.page(c, "Is this what was agreed?")
	m := pages.Check{Action: c.Path(), Carried: h.carried(v), Sections: h.sections(words, terms), Silent: h.silent(words, terms), Amend: true,
		A: p.T("Version %s", strconv.Itoa(last.Number)), B: p.T("Version %s", strconv.Itoa(a.Numbers+1)),
		Confirm: ui.Confirmation{Title: p.T("Propose version %s", strconv.Itoa(a.Numbers+1)), Facts: []ui.Fact{{Name: p.T("In force from"), Value: h.day(words, v.Begins)}}, Will: []string{
			p.T("What begins on or after that day is judged by the new version."),
			p.T("What has begun before goes on under the version it began with."),
			p.T("It has no effect until an administrator of the other party has accepted it; you both get an e-mail at every step."),
		}, Confirm: ui.Button{Label: p.T("Propose this version"), Name: "do", Value: "sign"}, Cancel: ui.Link{Label: p.T("Stop, change nothing"), Href: "/agreements/" + a.ID}}}
	m.Differences, m.Lead = h.differences(words, before.Terms, terms)
	return respond.Page(c, fiber.StatusOK, pages.CheckPage(p, m))
}

func (h house) endForm(c *fiber.Ctx) error {
	a, err := h.Agreements.Get(c.UserContext(), session.Actor(c), c.Params("id"))
	if err != nil {
		return err
	}
	return h.endPage(c, fiber.StatusOK, a, a.Until, nil)
}

func (h house) endPage(c *fiber.Ctx, status int, a agreements.Agreement, until string, errs ui.FieldErrors) error {
	applied, err := h.Agreements.Applied(c.UserContext(), a.ID, a.Newest().Number)
	if err != nil {
		return err
	}
	facts, err := h.agreementFacts(c, a, applied)
	if err != nil {
		return err
	}
	p := h.frame(c, "Propose the last day", errs)
	back := h.toAgreement(c, a)
	return respond.Page(c, status, pages.EndPage(p, pages.End{Back: back, Action: c.Path(), Until: until, Min: max(a.From, h.today()), Errors: errs, Confirm: ui.Confirmation{
		Title: p.T("Propose to end this agreement after that day"), Facts: append([]ui.Fact{{Name: p.T("Agreement"), Value: applied.Terms.Title}}, facts[:4]...),
		Will: []string{
			p.T("Requests and audits that have begun go on under the agreement."),
			p.T("From the day after, the portal no longer sends new requests between these parties by itself; the law applies."),
			p.T("It has no effect until an administrator of the other party has accepted it. A last day that was agreed can be changed only by both."),
		}, Confirm: ui.Button{Label: p.T("Propose the last day")}, Cancel: ui.Link{Label: p.T("Leave it as it is"), Href: back.Href}}}))
}

func (h house) end(c *fiber.Ctx) error {
	by, id := session.Actor(c), c.Params("id")
	_, err := h.Agreements.End(c.UserContext(), by, id, c.FormValue("until"))
	if errs, ok := h.refusals(c, err); ok {
		a, err := h.Agreements.Get(c.UserContext(), by, id)
		if err != nil {
			return err
		}
		return h.endPage(c, fiber.StatusUnprocessableEntity, a, c.FormValue("until"), errs)
	}
	if err != nil {
		return err
	}
	return h.done(c, "/agreements/"+id, "agreement-ended")
}
