package web

import (
	"net/url"
	"slices"
	"strconv"
	"time"

	"github.com/gofiber/fiber/v2"

	"inzage/handlers/respond"
	"inzage/handlers/session"
	"inzage/services/agreements"
	"inzage/services/document"
	"inzage/services/identity"
	"inzage/views/language"
	pages "inzage/views/pages/organisation"
	"inzage/views/ui"
)

// agreements lists one shelf of the agreements of the own organisation, in each role.
func (h house) agreements(c *fiber.Ctx) error {
	by, p := session.Actor(c), h.page(c, "Agreements")
	shelf := agreements.Shelf(c.Query("show", string(agreements.InForce)))
	if !slices.Contains(agreements.Shelves(), shelf) {
		return document.ErrNotFound
	}
	v := pages.List{Lead: p.T("By these agreements the portal routes requests, counts days and divides costs. None has any effect before both parties have agreed to it.")}
	if by.Is(identity.Admin) {
		v.Buttons = []ui.Button{{Label: p.T("Add an agreement"), Href: "/agreements/new"}}
	}
	var err error
	if v.Tabs, err = h.shelves(c, shelf); err != nil {
		return err
	}
	sides := []struct {
		role           agreements.Party
		caption, other string
		list           *ui.Listing
		paging         *ui.Paging
	}{{agreements.Controller, p.T("You are the controller"), p.T("Processor"), &v.Main, &v.Paging}, {agreements.Processor, p.T("You are the processor"), p.T("Controller"), &v.More, &v.Further}}
	for _, side := range sides {
		page, err := h.Agreements.Of(c.UserContext(), by, shelf, side.role, c.Query(string(side.role)), agreementsPage)
		if err != nil {
			return err
		}
		if *side.list, err = h.agreementList(c, side.caption, side.other, page.Rows); err != nil {
			return err
		}
		if page.Next != "" {
			side.paging.Older = "/agreements?" + url.Values{"show": {string(shelf)}, string(side.role): {page.Next}}.Encode()
		}
	}
	v.Second = sides[1].caption
	if len(v.Main.Rows) == 0 && len(v.More.Rows) > 0 {
		v.Main, v.Paging, v.More, v.Further, v.Second = v.More, v.Further, ui.Listing{}, ui.Paging{}, ""
	} else if len(v.More.Rows) == 0 {
		v.Second = ""
	}
	v.Main.Title, v.Main.CSV = true, "/agreements.csv"
	if len(v.Main.Rows) == 0 {
		v.Main.Empty = ui.Empty{Title: p.T("There are no agreements here"), Text: p.T("An administrator of either party proposes one, and one of the other party accepts it. Until then the law alone decides how requests go.")}
	}
	return respond.Page(c, fiber.StatusOK, pages.ListPage(p, v))
}

// agreementsPage is how many agreements of a role one page shows.
const agreementsPage = 100

// shelves are the tabs of the list, each with what it holds; what waits for the
// reader's side stands first when there is any.
func (h house) shelves(c *fiber.Ctx, current agreements.Shelf) ([]ui.Tab, error) {
	by, p := session.Actor(c), h.speech(c)
	names := map[agreements.Shelf]string{agreements.InForce: p.T("In force"), agreements.Waiting: p.T("Waits for your answer"), agreements.NotAgreed: p.T("Not agreed"), agreements.Ended: p.T("Ended")}
	var tabs []ui.Tab
	for _, s := range agreements.Shelves() {
		n := 0
		for _, role := range []agreements.Party{agreements.Controller, agreements.Processor} {
			some, err := h.Agreements.CountOf(c.UserContext(), by, s, role, 1000)
			if err != nil {
				return nil, err
			}
			n += some
		}
		tab := ui.Tab{Label: names[s], Href: "/agreements?show=" + string(s), Current: s == current, Count: n, Counted: true}
		if n >= 1000 {
			tab.Words = p.T("%d or more", 1000)
		}
		if s == agreements.Waiting && n > 0 {
			tabs = slices.Insert(tabs, 0, tab)
		} else {
			tabs = append(tabs, tab)
		}
	}
	return tabs, nil
}

func (h house) agreementList(c *fiber.Ctx, caption, other string, all []agreements.Agreement) (ui.Listing, error) {
	p, name, by := h.speech(c), h.names(c), session.Actor(c)
	l := ui.Listing{Caption: caption, TestID: "agreements", Keys: true,
		Columns: []ui.Column{{Label: other}, {Label: p.T("Agreement")}, {Label: p.T("In force since")}, {Label: p.T("State")}, {Label: p.T("Version"), Numeric: true}}}
	for _, a := range all {
		id := a.Controller
		if id == by.Organisation {
			id = a.Processor
		}
		org, err := name(id)
		if err != nil {
			return l, err
		}
		state := h.inForce(p, a)
		l.Rows = append(l.Rows, ui.Row{Href: "/agreements/" + a.ID, Cells: []ui.Cell{{Text: org}, {Text: a.Key}, {Text: inOneLine(h.shortDay(p, a.From))}, {State: &state}, {Text: strconv.Itoa(len(a.Versions))}}})
	}
	return l, nil
}

// inForce says whether the agreement is in force today.
func (h house) inForce(p *language.Printer, a agreements.Agreement) ui.State {
	switch today := h.today(); {
	case a.Standing == agreements.Proposed:
		return ui.State{Tone: ui.Waiting, Word: p.T("Proposed"), Code: "proposed"}
	case a.Standing == agreements.Declined:
		return ui.State{Tone: ui.Neutral, Word: p.T("Declined"), Code: "declined"}
	case a.Standing == agreements.Withdrawn:
		return ui.State{Tone: ui.Neutral, Word: p.T("Withdrawn"), Code: "withdrawn"}
	case a.Standing == agreements.Disputed:
		return ui.State{Tone: ui.Warn, Word: p.T("Disputed"), Code: "disputed"}
	case a.Standing == agreements.Unconfirmed:
		return ui.State{Tone: ui.Warn, Word: p.T("Stated by one party"), Code: "unconfirmed"}
	case today < a.From:
		return ui.State{Tone: ui.Waiting, Word: p.T("From %s", h.shortDay(p, a.From)), Code: "coming"}
	case a.Until != "" && today > a.Until:
		return ui.State{Tone: ui.Neutral, Word: p.T("Ended on %s", h.shortDay(p, a.Until)), Code: "ended"}
	case a.Until != "":
		return ui.State{Tone: ui.Warn, Word: p.T("Until %s", h.shortDay(p, a.Until)), Code: "ending"}
	}
	return ui.State{Tone: ui.Good, Word: p.T("In force"), Code: "in_force"}
}

func (h house) today() string { return h.Now().In(amsterdam()).Format(time.DateOnly) }

// day writes a day of the calendar out; what is no date is shown as it is.
func (h house) day(p *language.Printer, date string) string {
	d, err := time.Parse(time.DateOnly, date)
	if err != nil {
		return date
	}
	return p.Day(d.Year(), d.Month(), d.Day())
}

func (h house) shortDay(p *language.Printer, date string) string {
	d, err := time.ParseInLocation(time.DateOnly, date, p.Location())
	if err != nil {
		return date
	}
	return p.ShortDate(d)
}

func (h house) agreementsCSV(c *fiber.Ctx) error {
	var all []agreements.Agreement
	for after := ""; ; {
		page, err := h.Agreements.BothRoles(c.UserContext(), session.Actor(c), agreements.All, after, 500)
		if err != nil {
			return err
		}
		all = append(all, page.Rows...)
		if after = page.Next; after == "" {
			break
		}
	}
	p, name := h.speech(c), h.names(c)
	table := [][]string{{p.T("Controller"), p.T("Processor"), p.T("Agreement"), p.T("Signed on"), p.T("In force from"), p.T("In force until"), p.T("State"), p.T("Version")}}
	for _, a := range all {
		controller, err := name(a.Controller)
		if err != nil {
			return err
		}
		processor, err := name(a.Processor)
		if err != nil {
			return err
		}
		table = append(table, []string{controller, processor, a.Key, a.SignedOn, a.From, a.Until, h.inForce(p, a).Word, strconv.Itoa(len(a.Versions))})
	}
	return sendSheet(c, "agreements.csv", table, "controller", "processor", "key", "signed_on", "from", "until", "state", "version")
}

// version is the version that the address asks for, or the last one.
func (h house) version(c *fiber.Ctx, a agreements.Agreement, name string, otherwise int) (agreements.Applied, error) {
	n := otherwise
	if text := c.Query(name); text != "" {
		var err error
		if n, err = strconv.Atoi(text); err != nil {
			return agreements.Applied{}, document.ErrNotFound
		}
	}
	return h.Agreements.Applied(c.UserContext(), a.ID, n)
}

// agreement shows an agreement as one reads a contract.
func (h house) agreement(c *fiber.Ctx) error {
	by := session.Actor(c)
	a, err := h.Agreements.Get(c.UserContext(), by, c.Params("id"))
	if err != nil {
		return err
	}
	applied, err := h.version(c, a, "version", a.Newest().Number)
	if err != nil {
		return err
	}
	facts, err := h.agreementFacts(c, a, applied)
	if err != nil {
		return err
	}
	words, p := h.speech(c), h.page(c, "")
	p.Title = applied.Terms.Title
	at := "/agreements/" + a.ID
	v := pages.Contract{Back: ui.Link{Label: p.T("Agreements"), Href: "/agreements"}, Facts: facts,
		Sections: h.sections(words, applied.Terms), Silent: h.silent(words, applied.Terms)}
	for _, one := range a.Versions {
		v.Versions = append(v.Versions, ui.Tab{Label: p.T("Version %s, from %s", strconv.Itoa(one.Number), h.shortDay(words, one.From)), Href: at + "?version=" + strconv.Itoa(one.Number), Current: one.Number == applied.Version})
	}
	if o := a.Proposal; o != nil && o.Version != nil {
		v.Versions = append(v.Versions, ui.Tab{Label: p.T("Version %s, proposed", strconv.Itoa(o.Version.Number)), Href: at + "?version=" + strconv.Itoa(o.Version.Number), Current: o.Version.Number == applied.Version})
	}
	if one, ok := a.Numbered(applied.Version); ok {
		v.Source = h.lines(one.Source)
	}
	if v.Standing, v.Answer, err = h.standing(c, a); err != nil {
		return err
	}
	if v.History, err = h.history(c, a); err != nil {
		return err
	}
	if by.Is(identity.Admin) && a.Standing == agreements.Agreed && a.Proposal == nil && h.today() <= a.Last {
		v.Buttons = append(v.Buttons, ui.Button{Label: p.T("Propose new terms"), Href: at + "/amend", Look: ui.Secondary}, ui.Button{Label: p.T("Propose the last day"), Href: at + "/end", Look: ui.Secondary})
	}
	if by.IsStaffOf(a.Controller, identity.PrivacyOfficer, identity.Admin) {
		v.Buttons = append(v.Buttons, ui.Button{Label: p.T("The record of this processor"), Href: "/processors/" + a.Processor + "/record", Look: ui.Secondary})
	}
	if n := len(a.Versions); n > 1 {
		v.Buttons = append(v.Buttons, ui.Button{Label: p.T("Compare versions"), Href: at + "/compare?from=" + strconv.Itoa(a.Versions[n-2].Number) + "&to=" + strconv.Itoa(a.Newest().Number), Look: ui.Secondary})
	}
	return respond.Page(c, fiber.StatusOK, pages.ContractPage(p, v))
}

func (h house) agreementFacts(c *fiber.Ctx, a agreements.Agreement, applied agreements.Applied) ([]ui.Fact, error) {
	p, name := h.speech(c), h.names(c)
	controller, err := name(a.Controller)
	if err != nil {
		return nil, err
	}
	processor, err := name(a.Processor)
	if err != nil {
		return nil, err
	}
	state := h.inForce(p, a)
	until := p.T("No end was agreed")
	if a.Until != "" {
		until = h.day(p, a.Until)
	}
	facts := []ui.Fact{
		{Name: p.T("Controller"), Value: controller}, {Name: p.T("Processor"), Value: processor},
		{Name: p.T("Signed on"), Value: h.day(p, a.SignedOn)}, {Name: p.T("In force from"), Value: h.day(p, a.From)},
		{Name: p.T("In force until"), Value: until}, {Name: p.T("State"), State: &state, TestID: "state"},
	}
	if i := slices.IndexFunc(a.Versions, func(v agreements.Version) bool { return v.Number == applied.Version }); len(a.Versions) > 1 && i >= 0 {
		facts = append(facts, ui.Fact{Name: p.T("Version"), Value: p.T("%s of %s, from %s", strconv.Itoa(applied.Version), strconv.Itoa(len(a.Versions)), h.day(p, a.Versions[i].From)),
			Note: p.T("A request or audit is judged by the version that was in force when it began.")})
	}
	return facts, nil
}

// compare shows on which terms two versions differ.
func (h house) compare(c *fiber.Ctx) error {
	a, err := h.Agreements.Get(c.UserContext(), session.Actor(c), c.Params("id"))
	if err != nil {
		return err
	}
	last := a.Newest().Number
	from, err := h.version(c, a, "from", a.Versions[max(0, len(a.Versions)-2)].Number)
	if err != nil {
		return err
	}
	to, err := h.version(c, a, "to", last)
	if err != nil {
		return err
	}
	p, words := h.page(c, "Compare versions"), h.speech(c)
	v := pages.Compared{Back: ui.Link{Label: to.Terms.Title, Href: "/agreements/" + a.ID}, Action: c.Path(), From: strconv.Itoa(from.Version), To: strconv.Itoa(to.Version),
		A: p.T("Version %s", strconv.Itoa(from.Version)), B: p.T("Version %s", strconv.Itoa(to.Version))}
	for _, one := range a.Versions {
		n := strconv.Itoa(one.Number)
		v.Versions = append(v.Versions, ui.Option{Value: n, Label: p.T("Version %s, from %s", n, h.shortDay(words, one.From))})
	}
	if o := a.Proposal; o != nil && o.Version != nil {
		v.Versions = append(v.Versions, ui.Option{Value: strconv.Itoa(o.Version.Number), Label: p.T("Version %s, proposed", strconv.Itoa(o.Version.Number))})
	}
	v.Differences, v.Lead = h.differences(words, from.Terms, to.Terms)
	return respond.Page(c, fiber.StatusOK, pages.ComparePage(p, v))
}
