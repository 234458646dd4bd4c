package web

import (
	"strconv"
	"strings"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/audits"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/services/requests"
	"inzage/views/language"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

// endedShown is how many rows of what goes stand on one page.
const endedShown = 50

// retention shows how long an organisation keeps content, and what goes when.
func (h house) retention(c *fiber.Ctx) error {
	o, back, err := h.ownOrOperated(c)
	if err != nil {
		return err
	}
	by, words := session.Actor(c), h.speech(c)
	of := c.Query("of")
	list, path := h.Requests.Ended, c.Path()
	switch of {
	case "audits":
		list, path = h.Audits.Ended, c.Path()+"?of=audits"
	case "drafts":
		list, path = h.Audits.Forgotten, c.Path()+"?of=drafts"
	}
	rows, err := list(c.UserContext(), by, o, c.Query("after"), endedShown)
	if err != nil {
		return err
	}
	p := h.page(c, "How long content is kept")
	v := pages.Retention{Back: back, List: h.endedList(words, rows, of == "drafts"), Facts: h.keepFacts(words, o),
		Lead: p.T("When a request or audit has ended, its content is kept for a time as evidence. Then its key is destroyed, and nobody can read it any more. The bare facts and the sealed history stay."),
		Tabs: []ui.Tab{{Label: p.T("Requests"), Href: c.Path(), Current: path == c.Path()}, {Label: p.T("Audits"), Href: c.Path() + "?of=audits", Current: of == "audits"},
			{Label: p.T("Drafts of audits"), Href: c.Path() + "?of=drafts", Current: of == "drafts"}}}
	if by.IsStaffOf(o.ID, identity.Admin) {
		v.Change = &ui.Button{Label: p.T("Change the storage period"), Href: c.Path() + "/change", Look: ui.Secondary}
	}
	if c.Query("after") != "" {
		v.Paging.Newer = path
	}
	if rows.Next != "" {
		v.Paging.Older = c.Path() + "?after=" + rows.Next
		if path != c.Path() {
			v.Paging.Older = path + "&after=" + rows.Next
		}
	}
	return respond.Page(c, fiber.StatusOK, pages.RetentionPage(p, v))
}

func (h house) keepFacts(p *language.Printer, o identity.Organisation) []ui.Fact {
	whose := p.T("Chosen by this organisation. The portal's own is %s.", p.Duration(h.Requests.Keeps(identity.Organisation{})))
	if o.KeepDays == 0 {
		whose = p.T("The portal's own; this organisation chose none.")
	}
	return []ui.Fact{{Name: p.T("Organisation"), Value: o.Name},
		{Name: p.T("Content is kept after the end for"), Value: p.Duration(h.Requests.Keeps(o)), Note: whose, TestID: "period"},
		{Name: p.T("A draft of an audit is kept for"), Value: p.Duration(audits.DraftLife), Note: p.T("After somebody worked on it last. Nobody was sent anything of it yet; no organisation chooses another time.")}}
}

// endedList lists what goes; a draft goes after it was worked on last, for it has no end.
func (h house) endedList(p *language.Printer, rows document.Page[requests.Ended], drafts bool) ui.Listing {
	l := ui.Listing{Caption: p.T("What goes, and when"), TestID: "ended",
		Columns: []ui.Column{{Label: p.T("Reference")}, {Label: p.T("Ended on")}, {Label: p.T("Content goes on")}},
		Empty:   ui.Empty{Title: p.T("There is nothing that will go"), Text: p.T("What has ended, and whose content is still there, appears here.")}}
	if drafts {
		l.Columns[1].Label = p.T("Worked on last")
		l.Empty.Text = p.T("Drafts of audits appear here, until the notice is sent or they are called off.")
	}
	for _, x := range rows.Rows {
		goes := p.ShortDate(x.Goes)
		if !x.Goes.After(h.Now()) {
			goes = p.T("Within the hour")
		}
		l.Rows = append(l.Rows, ui.Row{TestID: "ended-row", Cells: []ui.Cell{{Text: x.Reference}, {Text: inOneLine(p.ShortDate(x.At))}, {Text: inOneLine(goes)}}})
	}
	return l
}

func (h house) keepForm(c *fiber.Ctx) error {
	o, _, err := h.ownOrOperated(c)
	if err != nil {
		return err
	}
	return h.keepPage(c, fiber.StatusOK, pages.Keep{Was: strconv.FormatInt(o.KeepDays, 10), Days: typedDays(o.KeepDays)})
}

func (h house) keepPage(c *fiber.Ctx, status int, v pages.Keep) error {
	p, words := h.frame(c, "Change the storage period", v.Errors), h.speech(c)
	v.Action, v.Back = c.Path(), ui.Link{Label: p.T("How long content is kept"), Href: strings.TrimSuffix(c.Path(), "/change")}
	v.Hint = p.T("From %d to %d days; 365 is a year. Leave it empty to follow the portal, which keeps %s.", identity.MinKeepDays, identity.MaxKeepDays, words.Duration(h.Requests.Keeps(identity.Organisation{})))
	return respond.Page(c, status, pages.KeepPage(p, v))
}

// typedDays is a period as it stands in its field.
func typedDays(days int64) string {
	if days == 0 {
		return ""
	}
	return strconv.FormatInt(days, 10)
}

// keep goes on from the form: to what the period does, and from there to the end.
func (h house) keep(c *fiber.Ctx) error {
	o, back, err := h.ownOrOperated(c)
	if err != nil {
		return err
	}
	was, err := strconv.ParseInt(c.FormValue("was"), 10, 32)
	if err != nil {
		was = -1 // nobody saw that
	}
	v := pages.Keep{Was: c.FormValue("was"), Days: c.FormValue("days"), Back: back}
	days, err := identity.ParseKeep(v.Days)
	if err == nil && c.FormValue("do") != "keep" {
		return h.keepCheck(c, o, v, days)
	}
	if err == nil {
		_, err = h.Identity.ChangeKeep(c.UserContext(), session.Actor(c), o.ID, was, days)
	}
	if errs, ok := h.refusals(c, err); ok {
		v.Errors = errs
		return h.keepPage(c, fiber.StatusUnprocessableEntity, v)
	}
	if err != nil {
		return err
	}
	return h.done(c, "/organisations/"+o.ID+"/retention", "saved")
}

// keepCheck shows what a period would do, before it is set.
func (h house) keepCheck(c *fiber.Ctx, o identity.Organisation, v pages.Keep, days int64) error {
	p, by, to := h.speech(c), session.Actor(c), o
	to.KeepDays = days
	asked, err := h.Requests.CountEnded(c.UserContext(), by, o, h.Requests.Keeps(to))
	if err != nil {
		return err
	}
	audited, err := h.Audits.CountEnded(c.UserContext(), by, o, h.Audits.Keeps(to))
	if err != nil {
		return err
	}
	now := p.T("Nothing goes at once: nothing that is still there ended so long ago.")
	if asked+audited > 0 {
		now = p.T("Within the hour the content of %s and %s is destroyed for good.",
			counted(asked, p.T("%d requests", asked), p.T("more than %d requests", asked-1)), counted(audited, p.T("%d audits", audited), p.T("more than %d audits", audited-1)))
	}
	v.Days = typedDays(days)
	v.Confirm = &ui.Confirmation{Title: p.T("Keep content for %s", p.Duration(h.Requests.Keeps(to))), Grave: asked+audited > 0,
		Facts: []ui.Fact{{Name: p.T("Now"), Value: p.Duration(h.Requests.Keeps(o))}, {Name: p.T("From now on"), Value: p.Duration(h.Requests.Keeps(to)), TestID: "new-period"}},
		Will: []string{now,
			p.T("The period holds for everything that has ended and is still there, and for all that ends from now on."),
			p.T("What is destroyed is gone for the processors, too. The bare facts and the sealed history stay."),
		},
		Confirm: ui.Button{Label: p.T("Set this period"), Name: "do", Value: "keep"}, Cancel: ui.Link{Label: p.T("Leave it as it is"), Href: "/organisations/" + o.ID + "/retention"}}
	return h.keepPage(c, fiber.StatusOK, v)
}

// counted is a number in words, or that it is more than was counted.
func counted(n int, exactly, more string) string {
	if n >= requests.CountCap {
		return more
	}
	return exactly
}
